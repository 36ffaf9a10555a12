/* SPDX-License-Identifier: MIT
 *
 * Runs revisions on a live database. A migrator has its own connections and never uses those of a
 * session.
 *
 *     furrow__migrator_open(&m, driver, dialect, &options, &error);
 *     furrow__migrator_lock(m, &error);
 *     furrow__migrator_applied(m, history, applied, &incomplete, &error);
 *     for each step: furrow__migrator_run(m, step, &plan, &report, &error);
 *     furrow__migrator_close(m);                       also unlocks
 *
 * The table furrow_revision has one row for each revision that is applied:
 *
 *     id          TEXT PRIMARY KEY
 *     hash        TEXT NOT NULL, the hash of the file that was applied
 *     schema      TEXT NOT NULL, the fingerprint of the whole schema after this revision
 *     applied_at  TEXT NOT NULL, in UTC, from the clock of the client
 *     steps_done  INTEGER; NULL if the revision is complete. Otherwise a no-transaction revision
 *                 was interrupted: n is the number of statements of its upgrade that are committed,
 *                 -1 - n the number of statements of its downgrade
 *
 * Invariants: the row is written or deleted in the transaction that changes the schema. A step that
 * fails leaves no temporary table, no changed setting and no lock. furrow's own tables are created
 * by run, stamp and accept only, never by reading.
 */
#ifndef FURROW_MIGRATE_APPLY_MIGRATOR_H
#define FURROW_MIGRATE_APPLY_MIGRATOR_H

#include <furrow/driver.h>

#include "migrate/apply/inspect.h"
#include "migrate/plan/plan.h"
#include "migrate/revision/revision.h"

typedef struct furrow__migrator furrow__migrator;

typedef struct furrow__migrator_progress {
    const char *what; /* "rebuild contact"; valid during the call */
    uint64_t done, total;
    int64_t elapsed_ms;
} furrow__migrator_progress;

typedef struct furrow__migrator_options {
    const char *url;
    int lock_timeout_ms;  /* for the migration lock; 0 means do not wait */
    int table_timeout_ms; /* for the lock of a table, where the engine has such locks; 0 means no
                             limit */
    bool allow_data_loss; /* run steps even if they delete values */
    bool ignore_drift;    /* do not compare the live schema with the history */
    bool create_database; /* create a SQLite file that does not exist */
    bool read_only;       /* SQLite: open the file for reading only */
    /* Called at most ten times a second while rows are copied. May be NULL. */
    void (*progress)(const furrow__migrator_progress *progress, void *context);
    void *context; /* passed to `progress` */
} furrow__migrator_options;

/* Connects. Locks nothing and writes nothing. */
furrow_status furrow__migrator_open(furrow__migrator **out, const furrow_driver *driver,
                                    const furrow__dialect *dialect,
                                    const furrow__migrator_options *options, furrow_error *error);
/* Uses a connection that belongs to the caller: a database in memory has only one. The connection
 * is not replaced if it breaks. options->url is ignored. */
furrow_status furrow__migrator_open_on(furrow__migrator **out, furrow_connection *connection,
                                       const furrow__dialect *dialect,
                                       const furrow__migrator_options *options,
                                       furrow_error *error);
/* Rolls back, unlocks and disconnects. NULL is allowed. */
void furrow__migrator_close(furrow__migrator *m);
furrow_connection *furrow__migrator_connection(furrow__migrator *m);
/* sqlite3_libversion_number(), or the version number of the server. */
int furrow__migrator_engine_version(const furrow__migrator *m);
/* Whether opening a SQLite file switched it from a rollback journal to a write-ahead log. The file
 * keeps the new mode. */
bool furrow__migrator_began_wal(const furrow__migrator *m);

/* Takes the migration lock, so that no other migrator runs revisions of this database. On
 * PostgreSQL it is an advisory lock, kept until unlock. On SQLite nothing is locked between steps:
 * each step takes the write lock and then reads furrow_revision again. FURROW_BUSY after
 * lock_timeout_ms; the message names the process that has the lock, if the engine reports it. */
furrow_status furrow__migrator_lock(furrow__migrator *m, furrow_error *error);
void furrow__migrator_unlock(furrow__migrator *m);

/* Sets applied[i] for each revision of the history. FURROW_SCHEMA for a row whose revision is not
 * in the history, or whose file has changed since. *incomplete is the no-transaction revision that
 * was interrupted, or NULL: an interrupted downgrade counts as applied, an interrupted upgrade as
 * not applied. */
furrow_status furrow__migrator_applied(furrow__migrator *m, const furrow__history *history,
                                       bool *applied, const furrow__revision **incomplete,
                                       furrow_error *error);

/* One question of the preflight that found rows. */
typedef struct furrow__step_problem {
    furrow__file_location place;
    char message[240];
    const char *hint; /* valid as long as the plan; or NULL */
} furrow__step_problem;

enum { FURROW__STEP_PROBLEMS = 8 }; /* the most problems that are reported one by one */

typedef struct furrow__step_report {
    bool was_done;               /* another process had run the step; this call ran nothing */
    uint64_t rows_changed;       /* rows that data statements changed */
    uint64_t rows_moved;         /* rows that rebuilds copied */
    int64_t elapsed_ms;          /* duration of the whole step */
    furrow__file_location place; /* the place of the statement that failed */
    furrow__step_problem
        problems[FURROW__STEP_PROBLEMS]; /* the problems that the preflight found */
    size_t problem_count;
    /* Statements of a no-transaction revision that are committed, also after a failure, and their
     * total. Both are 0 for revisions that run in one transaction. */
    size_t steps_kept, steps_total;
} furrow__step_report;

/* Runs one revision up or down. On engines with a migration lock the caller must hold it. In one
 * transaction: reads furrow_revision again, compares the live schema with the history, asks the
 * questions of the preflight, runs the actions, compares the schema again if the revision has an
 * engine block, and writes the row of the revision. A no-transaction revision on PostgreSQL is
 * committed statement by statement, and continues where an earlier attempt stopped.
 * FURROW_SCHEMA: the live schema differs from what the history or the step says. FURROW_INVALID:
 * the preflight found rows; the message has their number and some of their keys. FURROW_BUSY: a
 * table was locked for longer than table_timeout_ms; the message names the process. */
furrow_status furrow__migrator_run(furrow__migrator *m, const furrow__revision_step *step,
                                   const furrow__plan *plan, furrow__step_report *report,
                                   furrow_error *error);
/* Replaces the rows of furrow_revision by those of the revisions that are marked in `applied`. Runs
 * no revision. */
furrow_status furrow__migrator_stamp(furrow__migrator *m, const furrow__history *history,
                                     const bool *applied, furrow_error *error);

/* What furrow__script_write writes. */
typedef struct furrow__script_request {
    const furrow__dialect *dialect;
    const furrow__revision_step *step;
    const furrow__plan *plan;
    bool creates_table; /* begin with CREATE TABLE furrow_revision */
} furrow__script_request;

/* Writes the statements of a step as a script for people. A rebuild is shown as the CREATE TABLE of
 * the new table. */
furrow_status furrow__script_write(furrow__buffer *out, const furrow__script_request *request,
                                   furrow_error *error);

/* ---- drift (accepted_drift.c) ---- */

/* FURROW_SCHEMA if the live schema differs from `expected`, except for differences that were
 * accepted; the message names some of them. Uses the open transaction. */
furrow_status furrow__migrator_check_drift(furrow__migrator *m, const furrow__catalog *expected,
                                           furrow_error *error);
/* Accepts the live schema as it is: what differs from `expected` now is not drift from now on. The
 * differences are written to the table furrow_drift, one row each; *count is their number. */
furrow_status furrow__migrator_accept(furrow__migrator *m, const furrow__catalog *expected,
                                      size_t *count, furrow_error *error);

#endif
