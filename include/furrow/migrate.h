/* SPDX-License-Identifier: MIT
 *
 * Tables: created from the models, or migrated by revisions that `furrow embed` compiled into the
 * program.
 */
#ifndef FURROW_MIGRATE_H
#define FURROW_MIGRATE_H

#include <furrow/schema.h>
#include <furrow/session.h>

/* ---- tables from models ---- */

/* Creates the tables, constraints and indexes of the schema that do not exist yet, in the session's
 * transaction. Concurrent calls wait for each other. An existing table is compared with its model;
 * if they differ, the call returns FURROW_SCHEMA, and the error names the difference. */
FURROW_API furrow_status furrow_create_all(furrow_session *s, const furrow_schema *schema);

/* Drops those tables of the schema that exist, with all their rows. */
FURROW_API furrow_status furrow_drop_all(furrow_session *s, const furrow_schema *schema);

/* ---- revisions ---- */

/* A file of a history. `furrow embed` writes these structs as constants. */
typedef struct furrow_history_file {
    const char *name, *text;
    size_t size; /* of the text, in bytes */
} furrow_history_file;

typedef struct furrow_history {
    uint32_t format; /* FURROW_HISTORY_FORMAT_VERSION */
    const char *name;
    const furrow_history_file *files; /* the revisions */
    size_t count;
    furrow_history_file sum; /* the file furrow.sum */
} furrow_history;

#define FURROW_HISTORY_FORMAT_VERSION 1

typedef enum furrow_migrate_mode {
    FURROW_MIGRATE_UPGRADE = 0, /* apply all revisions that have not been applied */
    FURROW_MIGRATE_WAIT,   /* wait up to `.timeout_ms` until another process has applied them */
    FURROW_MIGRATE_REFUSE, /* only check whether all revisions have been applied */
} furrow_migrate_mode;

/* Progress of furrow_migrate, passed to `.progress`. Valid during the call. */
typedef struct furrow_migrate_event {
    const char *revision, *message; /* the revision's id and message; "" while they are not known */
    const char *what; /* a long step whose rows are counted, such as "rebuild contact"; NULL after a
                         revision was applied: revisions are counted then */
    uint64_t done, total; /* rows or revisions */
    int64_t elapsed_ms;   /* since the step began, in milliseconds */
} furrow_migrate_event;

typedef void furrow_migrate_function(void *context, const furrow_migrate_event *event);

/* The arguments of furrow_migrate. */
struct furrow_migrate_options {
    furrow_engine *engine;
    const furrow_history *history;
    furrow_error *error; /* receives the failure; may be NULL */
    furrow_migrate_mode mode;
    int timeout_ms; /* how long to wait for another process that migrates or, on SQLite, writes;
                       default 60,000; -1 means not at all */
    bool allow_data_loss; /* also run steps that delete rows or values without declaring it */
    bool ignore_drift;    /* do not check whether the tables were changed without a revision */
    furrow_migrate_function *progress; /* called on this thread; must not use the engine */
    void *progress_context;
    size_t error_size_;
    char end_;
};

/* furrow_migrate(engine, &shop_history, &error, .mode = FURROW_MIGRATE_REFUSE, …)
 *
 * Brings the database to the newest revision of the history, or checks that it is there. A program
 * calls this when it starts; any number of processes may do so at once. Each revision runs in one
 * transaction, as with `furrow upgrade`; revisions that were applied before a failure stay applied.
 *
 * Returns
 *   FURROW_OK       if the database has the newest revision and the tables match the revisions
 *   FURROW_SCHEMA   if it does not have the newest revision (in mode REFUSE), has a revision that
 * is not in this history, if a revision's file differs from the one that was applied, or if the
 * tables were changed without a revision FURROW_TIMEOUT  if `.timeout_ms` expired FURROW_INVALID if
 * the history or an option cannot work, if existing rows prevent a revision, or if a session of
 * this thread holds SQLite's write lock another status  if the database reported an error; the
 * error names the revision
 *
 * The call opens a connection of its own, except for a database in memory. Sessions of the engine
 * may be open. On SQLite the call waits for the write lock as a session does. */
#define furrow_migrate(...)                                                                        \
    furrow_migrate_(FURROW_OPTIONS_(struct furrow_migrate_options, __VA_ARGS__,                    \
                                    .error_size_ = sizeof(furrow_error)))
FURROW_API furrow_status furrow_migrate_(size_t size, const struct furrow_migrate_options *options);

#endif
