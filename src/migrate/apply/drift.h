/* SPDX-License-Identifier: MIT
 * How a live database differs from what the history made of it. */
#ifndef FURROW_MIGRATE_APPLY_DRIFT_H
#define FURROW_MIGRATE_APPLY_DRIFT_H

#include <furrow/driver.h>

#include "migrate/catalog/catalog.h"

typedef enum furrow__drift_kind {
    FURROW__DRIFT_MISSING = 1, /* the history made it, and it is not there */
    FURROW__DRIFT_DIFFERS,
    FURROW__DRIFT_EXTRA, /* a column, constraint of a table that the history made, in its way: a
                            NOT NULL column without a default, a check, a unique or key constraint.
                            Extra tables, views, triggers, indexes (unique ones, too) are no drift
                          */
} furrow__drift_kind;

typedef struct furrow__drift {
    furrow__drift_kind kind;
    furrow__table_name table;
    const char *part;     /* "column", "constraint", "index"; NULL for the table itself */
    const char *name;     /* of the part */
    const char *expected; /* in the engine's words, or NULL */
    const char *found;    /* in the engine's words, or NULL */
} furrow__drift;

typedef struct furrow__drift_list {
    const furrow__drift *items;
    size_t count;
} furrow__drift_list;

typedef struct furrow__drift_request {
    furrow_connection *connection; /* in a transaction */
    const furrow__dialect *dialect;
    const furrow__catalog *expected; /* logical */
    bool every_column; /* also report additional columns that do not affect furrow's statements */
} furrow__drift_request;

/* Compares a live database with a logical catalog, both as the engine writes them. PostgreSQL
 * rewrites expressions, defaults and index definitions; there the expected tables are created as
 * temporary tables, within a savepoint that is rolled back, and read back. */
furrow_status furrow__drift_find(furrow__drift_list *out, const furrow__drift_request *request,
                                 furrow_arena *arena, furrow_error *error);
/* Compare two live catalogs of one engine: parts of `b` that are not those of `a`, or not there.
 * Names of constraints do not matter here where one says the same. Ask both ways for what only one
 * of them has. */
furrow_status furrow__drift_between(furrow__drift_list *out, const furrow__catalog *a,
                                    const furrow__catalog *b, furrow_arena *arena,
                                    furrow_error *error);
/* "column contact.phone: expected TEXT NOT NULL, found TEXT". */
void furrow__drift_write(furrow__buffer *out, const furrow__drift *drift);

#endif
