/* SPDX-License-Identifier: MIT
 * Drift: how a live database differs from the schema that its revisions made. */
#ifndef FURROW_MIGRATE_APPLY_DRIFT_H
#define FURROW_MIGRATE_APPLY_DRIFT_H

#include <furrow/driver.h>

#include "migrate/catalog/catalog.h"

typedef enum furrow__drift_kind {
    FURROW__DRIFT_MISSING = 1, /* a part of the expected schema that does not exist */
    FURROW__DRIFT_DIFFERS,     /* a part that exists in another form */
    FURROW__DRIFT_EXTRA,       /* an additional part of an expected table that can make furrow's
                                  statements fail: a NOT NULL column without a default, or a check,
                                  unique or key constraint. Additional tables, views, triggers and
                                  indexes, also unique indexes, are not drift */
} furrow__drift_kind;

typedef struct furrow__drift {
    furrow__drift_kind kind;
    furrow__table_name table;
    const char *part;     /* "column", "constraint" or "index"; NULL for the table itself */
    const char *name;     /* the name of the part; NULL for the table itself and for an unnamed
                             constraint */
    const char *expected; /* the definition as the engine writes it; NULL for EXTRA */
    const char *found;    /* the definition as the engine writes it; NULL for MISSING */
} furrow__drift;

typedef struct furrow__drift_list {
    const furrow__drift *items;
    size_t count;
} furrow__drift_list;

typedef struct furrow__drift_request {
    furrow_connection *connection; /* a connection that is in a transaction */
    const furrow__dialect *dialect;
    const furrow__catalog *expected; /* a logical catalog */
    bool every_column; /* also report additional columns that do not affect furrow's statements */
} furrow__drift_request;

/* Compares a live database with a logical catalog, both as the engine writes them. PostgreSQL
 * rewrites expressions, defaults and index definitions; there the expected tables are created as
 * temporary tables, within a savepoint that is rolled back, and read back. */
furrow_status furrow__drift_find(furrow__drift_list *out, const furrow__drift_request *request,
                                 furrow_arena *arena, furrow_error *error);
/* Whether furrow__drift_find creates temporary tables, so that its transaction must not be read
 * only. */
bool furrow__drift_find_writes(const furrow__dialect *dialect);
/* Reports how the live catalog `b` differs from the live catalog `a` of the same engine.
 * Constraints with equal definitions are equal under any name. Parts that only `b` has are reported
 * as by furrow__drift_find; to find all of them, compare in the other direction, too. */
furrow_status furrow__drift_between(furrow__drift_list *out, const furrow__catalog *a,
                                    const furrow__catalog *b, furrow_arena *arena,
                                    furrow_error *error);
/* Writes one difference: "column contact.phone: expected TEXT NOT NULL, found TEXT". */
void furrow__drift_write(furrow__buffer *out, const furrow__drift *drift);

#endif
