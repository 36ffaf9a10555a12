/* SPDX-License-Identifier: MIT
 * What the files of proving share: the walk (prove.c), what rows were (data.c), what a step
 * may change (track.c), live schemas (schema.c), rows in the way of a step
 * (rows.c). */
#ifndef FURROW_MIGRATE_PROVE_PARTS_H
#define FURROW_MIGRATE_PROVE_PARTS_H

#include "migrate/prove/content.h"
#include "migrate/prove/prove.h"

/* ---- what rows were (data.c) ---- */

typedef struct furrow__digest_row {
    const char *key;       /* for people */
    const uint64_t *cells; /* a hash each; 0 for NULL */
} furrow__digest_row;

typedef struct furrow__digest {
    furrow__table_name name;
    const char *const *columns;
    size_t column_count;
    const size_t *key; /* places of the primary key's columns */
    size_t key_count;
    size_t assigned; /* the place of the key that the engine assigns, or SIZE_MAX */
    furrow__digest_row *rows;
    size_t count;
} furrow__digest;

typedef struct furrow__digests {
    furrow__digest *items; /* one a table of the catalog */
    size_t count, rows;
} furrow__digests;

/* Read every table of a logical catalog. */
furrow_status furrow__digests_read(furrow__digests *out, furrow_connection *connection,
                                   const furrow__dialect *dialect, const furrow__catalog *catalog,
                                   furrow_time since, furrow_arena *arena, furrow_error *error);
const furrow__digest *furrow__digest_named(const furrow__digests *digests, furrow__table_name name);

typedef struct furrow__digest_difference {
    size_t column; /* of a; SIZE_MAX: rows that are missing; SIZE_MAX - 1: rows that came */
    size_t count;
    const char *key; /* of the first */
} furrow__digest_difference;
enum { FURROW__DIGEST_ROOM = 64 };

/* Compare rows. map[i]: the place in b of column i of a, or SIZE_MAX for one that does not matter.
 * Rows are the same by their primary key where it matters, else by all that does. Returns how many
 * differences there are, of which `room` are written; SIZE_MAX when out of memory. */
size_t furrow__digest_compare(furrow__digest_difference *out, size_t room, const furrow__digest *a,
                              const furrow__digest *b, const size_t *map);

/* ---- what a step may change (track.c) ---- */

/* What a table of `before` is behind a list of changes. */
typedef struct furrow__step_table {
    furrow__table_name name; /* behind; its name is NULL for a table that goes */
    const char **columns;    /* one a column before: its name behind; NULL: it goes, or is written
                                anew */
    bool rows_go, rows_come; /* by data statements */
} furrow__step_table;

/* One a table of `before`. NULL when out of memory. */
furrow__step_table *furrow__step_tables(const furrow__catalog *before,
                                        const furrow__change_list *changes,
                                        const furrow__dialect *dialect, furrow_arena *arena);

/* What may differ from what was, when the way down is back at a schema: values that a file says are
 * lost, and rows that were put out of a step's way. By names of the schema at hand. */
typedef struct furrow__allowance {
    furrow__table_name table;
    const char *column; /* NULL: rows */
    size_t count;       /* SIZE_MAX: any number */
} furrow__allowance;

typedef struct furrow__allowance_list {
    furrow__allowance *items;
    size_t count, capacity;
    furrow_arena *arena;
} furrow__allowance_list;

bool furrow__allowances_add(furrow__allowance_list *list, furrow__table_name table,
                            const char *column, size_t count);
size_t furrow__allowances_find(const furrow__allowance_list *list, furrow__table_name table,
                               const char *column);
/* Names change with a step. */
bool furrow__allowances_rename(furrow__allowance_list *list, const furrow__change_list *changes);
/* What going down a revision loses, as far as its file says so. */
bool furrow__allowances_add_step(furrow__allowance_list *list, const furrow__revision_step *step,
                                 furrow_arena *scratch);

/* Whether the comment above the statement at this place says what it loses. */
bool furrow__loss_is_documented(const furrow__revision *revision, furrow__file_location place);

/* ---- live schemas (schema.c) ---- */

/* A live database beside a logical catalog, both ways, a line each difference. Needs no
 * transaction. */
typedef struct furrow__schema_differences {
    const char **items;
    furrow__table_name *tables;
    const char **columns;
    size_t count, capacity, table_capacity, column_capacity;
} furrow__schema_differences;
furrow_status furrow__prove_schema(furrow__schema_differences *out, furrow_connection *connection,
                                   const furrow__catalog *expected, const furrow__dialect *dialect,
                                   furrow_arena *arena, furrow_error *error);
/* Two live schemas of one engine, both ways: `now` should be `then`. */
furrow_status furrow__prove_same(furrow__schema_differences *out, const furrow__catalog *then,
                                 const furrow__catalog *now, furrow_arena *arena,
                                 furrow_error *error);
/* Inspect, in a transaction of its own. */
furrow_status furrow__prove_inspect(furrow__catalog *out, furrow_connection *connection,
                                    const furrow__dialect *dialect, furrow_arena *arena,
                                    furrow_error *error);

/* ---- rows in the way (rows.c) ---- */

typedef void furrow__rows_removed(const furrow__preflight *why, size_t count, void *context);

/* Rows that stay in any case: those that have the key of one in `rows`, whose tables are called as
 * `tables` says. */
typedef struct furrow__rows_kept {
    const furrow__digests *rows;
    const furrow__step_table *tables; /* one a table of the catalog */
} furrow__rows_kept;

/* Remove the rows that the preflights count, and those that must refer to them; what may refer to
 * them is set to NULL. All of it is added to `loose`. `kept` and `told` may be NULL. */
furrow_status furrow__rows_clear(furrow_connection *connection, const furrow__dialect *dialect,
                                 const furrow__catalog *catalog,
                                 const furrow__preflight *preflights, size_t count,
                                 const furrow__rows_kept *kept, furrow__allowance_list *loose,
                                 furrow__rows_removed *told, void *context, furrow_error *error);

#endif
