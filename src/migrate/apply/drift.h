/* SPDX-License-Identifier: MIT
 * Finds drift: the differences between a live database and the schema that its revisions define. */
#ifndef FURROW_MIGRATE_APPLY_DRIFT_H
#define FURROW_MIGRATE_APPLY_DRIFT_H

#include <furrow/driver.h>

#include "migrate/catalog/catalog.h"

typedef enum furrow__drift_kind {
    FURROW__DRIFT_MISSING = 1, /* an expected part does not exist */
    FURROW__DRIFT_DIFFERS,     /* an expected part has another definition */
    FURROW__DRIFT_EXTRA,       /* an expected table has an additional part that can make furrow's
                                  statements fail: a NOT NULL column without a default, a check, or
                                  a unique or key constraint. Additional tables, views, triggers and
                                  indexes (including unique indexes) are not drift */
} furrow__drift_kind;

typedef struct furrow__drift {
    furrow__drift_kind kind;
    furrow__table_name table;
    const char *part;     /* "column", "constraint" or "index"; NULL for the table itself */
    const char *name;     /* the name of the part; NULL for the table itself and for an unnamed
                             constraint */
    const char *expected; /* the expected definition in the engine's own form; NULL for
                             FURROW__DRIFT_EXTRA */
    const char *found;    /* the live definition in the engine's own form; NULL for
                             FURROW__DRIFT_MISSING */
} furrow__drift;

typedef struct furrow__drift_list {
    const furrow__drift *items;
    size_t count;
} furrow__drift_list;

typedef struct furrow__drift_request {
    furrow_connection *connection; /* a connection with an open transaction */
    const furrow__dialect *dialect;
    const furrow__catalog *expected; /* a logical catalog */
    bool any_storage;  /* whether a table may have any storage version up to the version of
                          `expected`, because no history records the version of the table */
    bool every_column; /* whether additional columns that do not affect furrow's statements are also
                          reported */
} furrow__drift_request;

/* Compares a live database with a logical catalog. The definitions of both are compared in the
 * engine's own form. PostgreSQL rewrites expressions, defaults and index definitions. On
 * PostgreSQL, the expected tables are therefore created as temporary tables, and their definitions
 * are read back. This happens within a savepoint that is rolled back. */
furrow_status furrow__drift_find(furrow__drift_list *out, const furrow__drift_request *request,
                                 furrow_arena *arena, furrow_error *error);
/* Returns whether furrow__drift_find creates temporary tables. If so, its transaction must not be
 * read-only. */
bool furrow__drift_find_writes(const furrow__dialect *dialect);
/* Reports how the live catalog `b` differs from the live catalog `a` of the same engine.
 * Constraints with equal definitions are equal even if their names differ. A part that only `b` has
 * is reported only if furrow__drift_find would report it. To find all such parts, compare in the
 * other direction, too. */
furrow_status furrow__drift_between(furrow__drift_list *out, const furrow__catalog *a,
                                    const furrow__catalog *b, furrow_arena *arena,
                                    furrow_error *error);
/* Writes one difference, such as "column contact.phone: expected TEXT NOT NULL, found TEXT". A name
 * that is not a plain word is quoted. */
void furrow__drift_write(furrow__buffer *out, const furrow__drift *drift);
/* Writes one difference as earlier versions stored it in furrow_drift. */
void furrow__drift_write_without_quotes(furrow__buffer *out, const furrow__drift *drift);

#endif
