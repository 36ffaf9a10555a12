/* SPDX-License-Identifier: MIT
 *
 * A live database as a physical catalog, and how it differs from what the history made. All I/O
 * goes through the driver's vtable; the text that is asked is SQL over each engine's own catalog
 * (sqlite_schema, pragma functions; pg_catalog).
 */
#ifndef FURROW_MIGRATE_INSPECT_H
#define FURROW_MIGRATE_INSPECT_H

#include <furrow/driver.h>

#include "migrate/catalog.h"

/* Read everything that is not the engine's own: tables with columns, constraints and indexes;
 * views, triggers and the rest by name. PostgreSQL: all schemas but pg_* and information_schema;
 * "public" (more exactly, the first of the search path) is NULL. SQLite: "a.b" is schema "a", name
 * "b", as furrow__sql_table writes it. furrow_revision, furrow_drift and furrow_lock are left out.
 * Temporary tables are no tables. Runs in the connection's transaction, if there is one. */
furrow_status furrow__inspect(furrow__catalog *out, furrow_connection *connection,
                              const furrow__dialect *dialect, furrow_arena *arena,
                              furrow_error *error);

/* SQLite: a CREATE TABLE as the shell shows it, taken apart; each part keeps its `source`.
 * Pure, and fuzzed. A type's `native` is what was written, with COLLATE behind it. A foreign key
 * that names no columns has target_columns NULL. FURROW_SCHEMA for what cannot be read whole, by
 * the table's name; *out is then NULL and the catalog as it was. */
furrow_status furrow__sqlite_read_table(furrow__catalog *catalog, const char *sql, size_t size,
                                        furrow__catalog_table **out, furrow_error *error);
/* The same for a CREATE INDEX; it is not added to any table. *table: the one it is on. */
furrow_status furrow__sqlite_read_index(furrow__catalog_index *out, const char **table,
                                        const char *sql, size_t size, furrow_arena *arena,
                                        furrow_error *error);

/* A column of a live SQLite table by its name, in any case; NULL if there is none. */
furrow__catalog_column *furrow__sqlite_column_named(const furrow__catalog_table *table,
                                                    const char *name);
/* The column that is another name of the rowid, or NULL. */
const furrow__catalog_column *furrow__sqlite_rowid_column(const furrow__catalog_table *table);

/* ---- drift ---- */

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

/* Compare a live database with a logical catalog as the engine renders both: `expected` is lowered;
 * where PostgreSQL's words for an expression, default or index differ, the expected one is made in
 * a temporary table within a savepoint that is rolled back, and read again. Needs a transaction. */
furrow_status furrow__drift_find(furrow__drift_list *out, furrow_connection *connection,
                                 const furrow__catalog *expected, const furrow__dialect *dialect,
                                 furrow_arena *arena, furrow_error *error);
/* The same, and columns that are in nobody's way are told as extra, too. */
furrow_status furrow__drift_find_all(furrow__drift_list *out, furrow_connection *connection,
                                     const furrow__catalog *expected,
                                     const furrow__dialect *dialect, furrow_arena *arena,
                                     furrow_error *error);
/* Compare two live catalogs of one engine: parts of `b` that are not those of `a`, or not there.
 * Names of constraints do not matter here where one says the same. Ask both ways for what only one
 * of them has. */
furrow_status furrow__drift_between(furrow__drift_list *out, const furrow__catalog *a,
                                    const furrow__catalog *b, furrow_arena *arena,
                                    furrow_error *error);
/* "column contact.phone: expected TEXT NOT NULL, found TEXT". */
void furrow__drift_write(furrow__buffer *out, const furrow__drift *drift);

/* ---- the way in ---- */

/* The logical catalog that best says what a physical one holds, for `furrow models` and `stamp`: a
 * type furrow has not is `native`; what cannot be said is listed in *left_out, a line each. */
furrow_status furrow__catalog_raise(furrow__catalog *out, furrow__buffer *left_out,
                                    const furrow__catalog *physical, furrow_arena *arena,
                                    furrow_error *error);
/* SQLite: take text columns for times, dates or UUIDs where all of their first rows are (a hint in
 * the physical column's type.type, which raise then follows and tells). Nothing on other engines.
 */
furrow_status furrow__raise_look(furrow__catalog *physical, furrow_connection *connection,
                                 furrow_error *error);
/* A logical catalog as a model header. What models cannot say is told in comments there. */
furrow_status furrow__catalog_write_models(furrow__buffer *out, const furrow__catalog *logical,
                                           furrow_error *error);
typedef struct furrow__write_models_options {
    bool has_relations;   /* members for the rows that keys refer to, and back */
    const char *left_out; /* raise's lines, for a comment on top; or NULL */
} furrow__write_models_options;
furrow_status furrow__catalog_write_models_with(furrow__buffer *out, const furrow__catalog *logical,
                                                furrow__write_models_options options,
                                                furrow_error *error);

#endif
