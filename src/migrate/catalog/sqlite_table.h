/* SPDX-License-Identifier: MIT
 * Reads SQLite's CREATE TABLE and CREATE INDEX statements as parts of a physical catalog. */
#ifndef FURROW_MIGRATE_CATALOG_SQLITE_TABLE_H
#define FURROW_MIGRATE_CATALOG_SQLITE_TABLE_H

#include "migrate/catalog/catalog.h"

/* Reads a CREATE TABLE statement, as sqlite_schema stores it, and adds its table to the catalog.
 * Each part has its `source`. A column's type.native is the type as written, followed by COLLATE if
 * the column has a collation. If a foreign key names no columns, its target_columns are NULL. The
 * names of tables have no schema, even if they contain a dot.
 * Returns FURROW_SCHEMA if the statement cannot be read, and FURROW_NOMEM when out of memory. In
 * both cases *out is NULL and the catalog is unchanged. */
furrow_status furrow__sqlite_read_table(furrow__catalog *catalog, const char *sql, size_t size,
                                        furrow__catalog_table **out, furrow_error *error);
/* The index of a CREATE INDEX statement. */
typedef struct furrow__sqlite_live_index {
    furrow__catalog_index index;
    const char *table; /* the name of the table that the index belongs to */
} furrow__sqlite_live_index;

/* Reads a CREATE INDEX statement, but does not add the index to a table. On failure *out is zero.
 */
furrow_status furrow__sqlite_read_index(furrow__sqlite_live_index *out, const char *sql,
                                        size_t size, furrow_arena *arena, furrow_error *error);

/* Returns the column with this name in a live SQLite table; NULL if there is none. The case of
 * letters is ignored. */
furrow__catalog_column *furrow__sqlite_column_named(const furrow__catalog_table *table,
                                                    const char *name);
/* Returns the column that is an alias of the rowid; NULL if there is none. */
const furrow__catalog_column *furrow__sqlite_rowid_column(const furrow__catalog_table *table);

#endif
