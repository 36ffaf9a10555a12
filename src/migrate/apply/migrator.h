/* SPDX-License-Identifier: MIT
 *
 * Running revisions on a live database: lock, look, ask (preflight), change, write the revision's
 * row, commit. A migrator has connections of its own and is no session's.
 *
 *     furrow__migrator_open(&m, driver, dialect, &options, &error);
 *     furrow__migrator_lock(m, &error);
 *     furrow__migrator_applied(m, history, &applied, …);
 *     for each step: furrow__migrator_run(m, step, &plan, &report, &error);
 *     furrow__migrator_close(m);                       also unlocks
 *
 * The state is the table furrow_revision, a row each applied revision:
 *
 *     id TEXT PRIMARY KEY, hash TEXT NOT NULL, schema TEXT NOT NULL (the fingerprint of the whole
 *     schema behind it), applied_at TEXT NOT NULL (UTC, by the client's clock), steps_done INTEGER
 *     (NULL: whole; else how many statements of a no-transaction revision are committed: n of its
 *     upgrade, or -1 - n of its downgrade; on SQLite there is no such thing)
 *
 * What always holds: the row is written, or deleted, in the transaction of the changes; a failed
 * step leaves no temporary table, no changed pragma, no lock; a table of furrow's is made only by
 * run and stamp, never by looking.
 */
#ifndef FURROW_MIGRATE_APPLY_MIGRATOR_H
#define FURROW_MIGRATE_APPLY_MIGRATOR_H

#include <furrow/driver.h>

#include "migrate/apply/inspect.h"
#include "migrate/plan/plan.h"
#include "migrate/revision/revision.h"

typedef struct furrow__migrator furrow__migrator;

typedef struct furrow__migrator_progress {
    const char *what; /* "rebuild contact", valid during the call */
    uint64_t done, total;
    int64_t elapsed_ms;
} furrow__migrator_progress;

typedef struct furrow__migrator_options {
    const char *url;
    int lock_timeout_ms;  /* 0: do not wait */
    int table_timeout_ms; /* PostgreSQL: for a table that a transaction holds; 0: for ever */
    bool allow_data_loss;
    bool ignore_drift;
    bool create_database; /* a SQLite file that is not there yet */
    bool read_only;       /* to look alone: SQLite files that cannot be written can be read */
    /* Called at most ten times a second; may be NULL. */
    void (*progress)(const furrow__migrator_progress *progress, void *context);
    void *context;
} furrow__migrator_options;

/* Connect; nothing is locked or written. */
furrow_status furrow__migrator_open(furrow__migrator **out, const furrow_driver *driver,
                                    const furrow__dialect *dialect,
                                    const furrow__migrator_options *options, furrow_error *error);
/* On a connection that is somebody else's, and stays so: a database in memory has but one. One that
 * breaks is not renewed. *options' url is not looked at. SQLite alone. */
furrow_status furrow__migrator_open_on(furrow__migrator **out, furrow_connection *connection,
                                       const furrow__dialect *dialect,
                                       const furrow__migrator_options *options,
                                       furrow_error *error);
/* NULL is allowed. Rolls back, unlocks. */
void furrow__migrator_close(furrow__migrator *m);
furrow_connection *furrow__migrator_connection(furrow__migrator *m);
/* The version of the engine: sqlite3_libversion_number(), or the server's version number. */
typedef struct furrow__engine_facts {
    int version;
} furrow__engine_facts;
furrow__engine_facts furrow__migrator_facts(const furrow__migrator *m);
/* SQLite: whether opening a file that kept a rollback journal gave it a write-ahead log, which
 * stays with the file. */
bool furrow__migrator_began_wal(const furrow__migrator *m);

/* Be the only runner. PostgreSQL: an advisory lock (key from the database's name) on a second
 * connection, kept until unlock. SQLite: nothing is held between steps; each step takes the write
 * lock and reads the revisions again behind it. FURROW_BUSY past the deadline, naming the holder
 * where the engine knows it. */
furrow_status furrow__migrator_lock(furrow__migrator *m, furrow_error *error);
void furrow__migrator_unlock(furrow__migrator *m);

/* Which revisions are applied: one bool a revision of the history. FURROW_SCHEMA for a row that the
 * history does not know, or whose file has changed since. *half: a no-transaction revision that did
 * not finish, or NULL; one that is half undone counts as applied, one half done as not. */
furrow_status furrow__migrator_applied(furrow__migrator *m, const furrow__history *history,
                                       bool *applied, const furrow__revision **half,
                                       furrow_error *error);

/* One thing that is in the way of a step. */
typedef struct furrow__step_problem {
    furrow__file_location place;
    char message[240];
    const char *hint; /* or NULL; lives as long as the plan */
} furrow__step_problem;

enum { FURROW__STEP_PROBLEMS = 8 }; /* more are counted, not kept */

typedef struct furrow__step_report {
    bool was_done;         /* by somebody else meanwhile: nothing was run */
    uint64_t rows_changed; /* by data statements */
    uint64_t rows_moved;   /* by rebuilds */
    int64_t elapsed_ms;
    furrow__file_location place;                          /* of what failed */
    furrow__step_problem problems[FURROW__STEP_PROBLEMS]; /* what the preflight found */
    size_t problem_count;
    /* Of a no-transaction revision on PostgreSQL: how many of its statements are committed,
     * whatever happened then. Else 0. */
    size_t steps_kept, steps_total;
} furrow__step_report;

/* One revision, up or down, in one transaction (but for no-transaction ones on PostgreSQL, which
 * are taken up where they were left): behind the lock, which PostgreSQL's caller must have, the
 * revisions are read again, drift is looked for, the preflight asked, then the actions run, the row
 * is written and all is committed. Behind an engine block the live schema must be what the step
 * says. FURROW_SCHEMA: drift, or such a block. FURROW_INVALID: preflight; the message has counts
 * and sample keys. FURROW_BUSY: a table was locked for longer than table_timeout_ms; the message
 * says by whom. */
furrow_status furrow__migrator_run(furrow__migrator *m, const furrow__revision_step *step,
                                   const furrow__plan *plan, furrow__step_report *report,
                                   furrow_error *error);
/* Write rows without running anything: `applied` is what shall be. */
furrow_status furrow__migrator_stamp(furrow__migrator *m, const furrow__history *history,
                                     const bool *applied, furrow_error *error);

/* What running a step would send, as a script for people: a rebuild is shown by its new table.
 * creates: the table furrow_revision, too. */
furrow_status furrow__migrator_write_script(furrow__buffer *out, const furrow__dialect *dialect,
                                            const furrow__revision_step *step,
                                            const furrow__plan *plan, bool creates,
                                            furrow_error *error);

/* ---- drift (accepted_drift.c) ---- */

/* FURROW_SCHEMA, naming what differs, for drift that was not accepted. In the transaction at hand.
 */
furrow_status furrow__migrator_check_drift(furrow__migrator *m, const furrow__catalog *expected,
                                           furrow_error *error);
/* Take the database as it is: what differs from `expected` now is no drift from now on. *count: how
 * many differences. It is written to the table furrow_drift, a line each. */
furrow_status furrow__migrator_accept(furrow__migrator *m, const furrow__catalog *expected,
                                      size_t *count, furrow_error *error);

/* ---- SQLite's rebuild (rebuild.c) ---- */

/* Before BEGIN: foreign keys off, read back; and after the end, on every path, both as they were. A
 * connection that cannot be restored is broken, and the migrator connects anew. */
typedef struct furrow__rebuild_pragmas {
    int foreign_keys, legacy_alter_table;
    bool changed;
} furrow__rebuild_pragmas;
furrow_status furrow__rebuild_prepare(furrow_connection *connection,
                                      furrow__rebuild_pragmas *pragmas, furrow_error *error);
furrow_status furrow__rebuild_restore(furrow_connection *connection,
                                      const furrow__rebuild_pragmas *pragmas, furrow_error *error);
/* Rebuild one table within a transaction; README.md has the steps. */
furrow_status furrow__rebuild_run(furrow_connection *connection, const furrow__action *action,
                                  const furrow__migrator_options *options,
                                  furrow__step_report *report, furrow_error *error);

#endif
