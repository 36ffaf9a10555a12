/* SPDX-License-Identifier: MIT
 *
 * Runs revisions on a live database. A migrator has its own connections and never uses those of a
 * session.
 *
 *     furrow__migrator_open(&m, driver, dialect, &options, &error);
 *     furrow__migrator_applied(m, history, applied, &incomplete, &error);
 *     for each step: furrow__migrator_run(m, step, &plan, &report, &error);
 *     furrow__migrator_close(m);
 *
 * The table furrow_revision has one row for each revision that is applied:
 *
 *     id          TEXT PRIMARY KEY
 *     hash        TEXT NOT NULL, the hash of the file that was applied
 *     schema      TEXT NOT NULL, the fingerprint of the whole schema after this revision
 *     applied_at  TEXT NOT NULL, in UTC, from the clock of the client; followed by " stamped" if
 * the revision was recorded without being run steps_done  INTEGER; NULL if the revision is
 * complete. Otherwise a no-transaction revision was interrupted: the value is n if n statements of
 * its upgrade are committed, and -1 - n if n statements of its downgrade are committed
 *
 * Invariants: the row is written or deleted in the transaction that changes the schema. A failed
 * step leaves no temporary table, no changed setting and no lock. Only furrow__migrator_run and
 * furrow__migrator_stamp create furrow's own tables. Functions that only read never create them.
 */
#ifndef FURROW_MIGRATE_APPLY_MIGRATOR_H
#define FURROW_MIGRATE_APPLY_MIGRATOR_H

#include <furrow/driver.h>

#include "migrate/apply/inspect.h"
#include "migrate/plan/plan.h"
#include "migrate/revision/revision.h"

typedef struct furrow__migrator furrow__migrator;

typedef struct furrow__migrator_progress {
    const char *what; /* a description such as "rebuild contact"; valid during the call */
    uint64_t done, total;
    int64_t elapsed_ms;
} furrow__migrator_progress;

typedef struct furrow__migrator_options {
    const char *url;
    int lock_timeout_ms;  /* how long to wait for the migration lock, and for a pooler that has no
                             free connection; 0 means not at all, but at least 2 seconds for a
                             pooler */
    int table_timeout_ms; /* how long to wait for the lock of a table, if the engine has such locks;
                             0 means no limit */
    bool allow_data_loss; /* run steps even if they delete values */
    bool ignore_drift;    /* run steps without comparing the live schema with the history */
    bool create_database; /* create the SQLite file if it does not exist */
    bool read_only;       /* open the SQLite file read-only */
    /* Called at most ten times a second while rows are copied. Can be NULL. */
    void (*progress)(const furrow__migrator_progress *progress, void *context);
    void *context; /* passed to `progress` */
} furrow__migrator_options;

/* Opens a migrator on a new connection. Takes no lock and writes nothing. */
furrow_status furrow__migrator_open(furrow__migrator **out, const furrow_driver *driver,
                                    const furrow__dialect *dialect,
                                    const furrow__migrator_options *options, furrow_error *error);
/* Opens a migrator on a connection that belongs to the caller. An in-memory database needs this,
 * because it has only one connection. If the connection breaks, the migrator does not replace it.
 * options->url is ignored. */
furrow_status furrow__migrator_open_on(furrow__migrator **out, furrow_connection *connection,
                                       const furrow__dialect *dialect,
                                       const furrow__migrator_options *options,
                                       furrow_error *error);
/* Rolls back and closes the migrator's own connections. `m` can be NULL. */
void furrow__migrator_close(furrow__migrator *m);
furrow_connection *furrow__migrator_connection(furrow__migrator *m);
/* Returns whether opening the SQLite file has switched it from a rollback journal to a write-ahead
 * log. The file keeps the new mode. */
bool furrow__migrator_began_wal(const furrow__migrator *m);

/* Sets applied[i] to whether revision i of the history is applied. *incomplete is the
 * no-transaction revision that was interrupted, or NULL. An interrupted downgrade counts as
 * applied, an interrupted upgrade as not applied. Returns FURROW_SCHEMA if a row of furrow_revision
 * belongs to a revision that is not in the history, or if the revision's file has changed since the
 * revision was applied. If other migrators apply or undo revisions after this call, then
 * furrow__migrator_run fails. */
furrow_status furrow__migrator_applied(furrow__migrator *m, const furrow__history *history,
                                       bool *applied, const furrow__revision **incomplete,
                                       furrow_error *error);

/* The result of a preflight check that found rows. */
typedef struct furrow__step_problem {
    furrow__file_location place;
    char message[240];
    const char *hint; /* valid as long as the plan; NULL if there is no hint */
} furrow__step_problem;

enum { FURROW__STEP_PROBLEMS = 8 }; /* at most this many problems are reported one by one */

typedef struct furrow__step_report {
    bool was_done;               /* whether this call ran nothing, because another process had
                                    already run the step */
    uint64_t rows_changed;       /* number of rows that data statements changed */
    uint64_t rows_moved;         /* number of rows that rebuilds copied */
    int64_t elapsed_ms;          /* duration of the whole step */
    furrow__file_location place; /* location of the statement that failed */
    furrow__step_problem
        problems[FURROW__STEP_PROBLEMS]; /* the problems that the preflight found */
    size_t problem_count;
    /* The number of committed statements of a no-transaction revision (also set after a failure),
     * and the total number of its statements. Both are 0 for a revision that runs in one
     * transaction. */
    size_t steps_kept, steps_total;
} furrow__step_report;

/* Runs the upgrade or the downgrade of one revision. In one transaction, the function takes the
 * migration lock, reads furrow_revision again, compares the live schema with the history, runs the
 * preflight checks, runs the actions, and writes the row of the revision. If the revision has SQL
 * for this engine only (an engine block), the schema is compared again after the actions. On
 * PostgreSQL, each statement of a no-transaction revision is committed separately, and the revision
 * continues where an earlier attempt stopped. Returns FURROW_SCHEMA if the live schema differs from
 * what the history or the step requires. Returns FURROW_INVALID if the preflight found rows; the
 * message contains the number of these rows and some of their keys. Returns FURROW_BUSY if the
 * migration lock is not free after lock_timeout_ms, or if a table was locked for longer than
 * table_timeout_ms; the message names the process that holds the lock. Also returns FURROW_BUSY if
 * another migrator has applied or undone revisions since furrow__migrator_applied was called; but
 * if that migrator ran the same steps as this one, report->was_done is set instead. */
furrow_status furrow__migrator_run(furrow__migrator *m, const furrow__revision_step *step,
                                   const furrow__plan *plan, furrow__step_report *report,
                                   furrow_error *error);
/* The parameters of furrow__migrator_stamp. */
typedef struct furrow__stamp {
    const furrow__history *history;
    const bool *applied;             /* one element for each revision, in the history's order */
    const furrow__catalog *accepted; /* the schema of these revisions; the live schema's present
                                        differences from it no longer count as drift. NULL: no
                                        difference is accepted */
} furrow__stamp;

/* Replaces the rows of furrow_revision: afterwards, it has a row for each revision that is marked
 * in `applied`. Runs no revision. Each accepted difference is written as a row of the table
 * furrow_drift, in the same transaction. *accepted is set to their number. */
furrow_status furrow__migrator_stamp(furrow__migrator *m, const furrow__stamp *stamp,
                                     size_t *accepted, furrow_error *error);

/* The parameters of furrow__script_write. */
typedef struct furrow__script_request {
    const furrow__dialect *dialect;
    const furrow__revision_step *step;
    const furrow__plan *plan;
    bool creates_table; /* begin the script with CREATE TABLE furrow_revision */
} furrow__script_request;

/* Writes the statements of a step as a script for the engine's shell. Fails with FURROW_INVALID,
 * and sets *place, if a table must be rebuilt: what a rebuild must keep is known only from the live
 * table, and a script without the rebuild would record a revision that it has not applied. */
furrow_status furrow__script_write(furrow__buffer *out, const furrow__script_request *request,
                                   furrow__file_location *place, furrow_error *error);

/* Drift (accepted_drift.c) */

/* Returns FURROW_SCHEMA if the live schema differs from `expected`; the message names some of the
 * differences. Accepted differences are ignored. If a transaction is open, it is used. */
furrow_status furrow__migrator_check_drift(furrow__migrator *m, const furrow__catalog *expected,
                                           furrow_error *error);

#endif
