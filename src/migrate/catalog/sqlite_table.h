/* SPDX-License-Identifier: MIT
 * Reads the CREATE TABLE and CREATE INDEX statements that SQLite keeps in sqlite_schema. */
#ifndef FURROW_MIGRATE_CATALOG_SQLITE_TABLE_H
#define FURROW_MIGRATE_CATALOG_SQLITE_TABLE_H

#include "migrate/catalog/catalog.h"

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

#endif
