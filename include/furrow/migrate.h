/* SPDX-License-Identifier: MIT
 *
 * Two ways to create the tables: from the models, or with revisions that `furrow embed` compiled
 * into the program.
 */
#ifndef FURROW_MIGRATE_H
#define FURROW_MIGRATE_H

#pragma GCC system_header /* see internal/export.h */

#include <furrow/schema.h>
#include <furrow/session.h>

/* Tables from models */

/* Creates the tables, constraints and indexes of the schema that do not exist yet, in the session's
 * transaction. Concurrent calls wait for each other. An existing table is compared with its model;
 * if they differ, the call returns FURROW_SCHEMA, and the error names the difference. */
FURROW_API furrow_status furrow_create_all(furrow_session *s, const furrow_schema *schema);

/* Drops the tables of the schema, with all their rows. Tables that do not exist are skipped. */
FURROW_API furrow_status furrow_drop_all(furrow_session *s, const furrow_schema *schema);

/* Revisions */

/* A file of a migration history. `furrow embed` writes these structs as constants. */
typedef struct furrow_history_file {
    const char *name, *text;
    size_t size; /* size of the text, in bytes */
} furrow_history_file;

/* A migration history, as `furrow embed` writes it. */
typedef struct furrow_history {
    uint32_t format; /* FURROW_HISTORY_FORMAT_VERSION */
    const char *name;
    const furrow_history_file *files; /* the revision files */
    size_t count;
    furrow_history_file sum; /* the file furrow.sum, with the checksums of the revisions */
} furrow_history;

/* The version of the layout and meaning of furrow_history. */
#define FURROW_HISTORY_FORMAT_VERSION 1

/* What furrow_migrate does with a database that does not have the newest revision. */
typedef enum furrow_migrate_mode {
    FURROW_MIGRATE_UPGRADE = 0, /* apply all revisions that have not been applied */
    FURROW_MIGRATE_WAIT,   /* wait up to `.timeout_ms` for another process to apply all revisions */
    FURROW_MIGRATE_REFUSE, /* only check whether all revisions have been applied */
} furrow_migrate_mode;

/* The progress of furrow_migrate, passed to `.progress`. The struct is valid during the call. */
typedef struct furrow_migrate_event {
    const char *revision, *message; /* the revision's id and message; "" until a revision is read */
    const char *what; /* if rows are counted: the step in progress, such as "rebuild contact"; if
                         revisions are counted: NULL */
    uint64_t done, total; /* number of rows or revisions done, and their total number */
    int64_t elapsed_ms;   /* time since the step began, in milliseconds */
} furrow_migrate_event;

/* The type of `.progress`. `context` is `.progress_context`. */
typedef void furrow_migrate_function(void *context, const furrow_migrate_event *event);

/* The arguments of furrow_migrate. */
struct furrow_migrate_options {
    furrow_engine *engine;
    const furrow_history *history;
    furrow_error *error; /* receives the failure; may be NULL */
    furrow_migrate_mode mode;
    int timeout_ms;       /* how long to wait for another process that is migrating the database (on
                             SQLite, also for one that is writing); default 60,000; -1 means that the
                             call does not wait */
    bool allow_data_loss; /* run a step that deletes rows or values even if the revision does not
                             declare the deletion */
    bool ignore_drift;    /* do not check whether the tables were changed without a revision */
    furrow_migrate_function *progress; /* called on the thread that called furrow_migrate; must not
                                          use the engine */
    void *progress_context;
    size_t error_size_;
    char end_;
};

/* furrow_migrate(engine, &shop_history, &error, .mode = FURROW_MIGRATE_REFUSE, …)
 *
 * Migrates the database to the newest revision of the history. With FURROW_MIGRATE_REFUSE, the call
 * only checks whether the database has that revision; with FURROW_MIGRATE_WAIT, it waits until the
 * database has it. A program makes this call when it starts; any number of processes may do so at
 * the same time. Each revision runs in one transaction, as with `furrow upgrade`; revisions that
 * were applied before a failure stay applied.
 *
 * Returns
 *   FURROW_OK       if the database has the newest revision and the tables match the revisions
 *   FURROW_SCHEMA   if the database does not have the newest revision (mode REFUSE); if it has a
 *                   revision that is not in this history; if its tables were changed without a
 *                   revision; if a revision's file differs from the file that was applied
 *   FURROW_TIMEOUT  if `.timeout_ms` expired
 *   FURROW_INVALID  if the history or an option cannot work, if existing rows prevent a revision,
 *                   or if a session of this thread holds SQLite's write lock
 *   another status  if the database reported an error; the error names the revision
 *
 * The call opens a connection of its own, except for an in-memory database. Sessions of the engine
 * may be open. On SQLite the call waits for the write lock, as a session does. */
#define furrow_migrate(...)                                                                        \
    furrow_migrate_(FURROW_OPTIONS_(FURROW_REQUIRE_2_(__VA_ARGS__), struct furrow_migrate_options, \
                                    __VA_ARGS__, .error_size_ = sizeof(furrow_error)))
FURROW_API furrow_status furrow_migrate_(size_t size, const struct furrow_migrate_options *options);

#endif
