/* SPDX-License-Identifier: MIT
 *
 * The rows of a table, as values and as strings. The strings are the same on every engine. Seeding
 * needs the keys that rows can refer to (seed.h); proving compares rows (prove.h). Values are read
 * in the same way as through a model, so a value that no model can read is an error.
 */
#ifndef FURROW_MIGRATE_PROVE_CONTENT_H
#define FURROW_MIGRATE_PROVE_CONTENT_H

#include <furrow/driver.h>

#include "migrate/catalog/catalog.h"

typedef struct furrow__content_row {
    const char *row_id; /* the rowid (SQLite) or ctid (PostgreSQL) as text; valid until the row is
                           updated */
    const char *key;    /* the values of the primary key, separated by "/", for messages */
    const furrow_value *values;
    const char *const *cells; /* the values as strings; NULL for SQL NULL */
} furrow__content_row;

typedef struct furrow__content {
    furrow__table_name name;
    const furrow__catalog_table *table;
    const furrow_model *model; /* a model with the columns of `values` and `cells` */
    furrow__content_row *rows; /* sorted by key */
    size_t count, capacity;
} furrow__content;

/* A database to read from, and how to read it. */
typedef struct furrow__content_source {
    furrow_connection *connection;
    const furrow__dialect *dialect;
    furrow_time since; /* times and dates that are not before this time are read as "now", because
                          they differ between two databases; 0 means that none are read as "now" */
} furrow__content_source;

/* Returns a model for reading the rows of a logical table. Returns NULL when out of memory. */
const furrow_model *furrow__content_model(const furrow__catalog_table *table, furrow_arena *arena);

/* Reads all rows of a table. */
furrow_status furrow__content_read(furrow__content *out, const furrow__content_source *source,
                                   const furrow__catalog_table *table, furrow_arena *arena,
                                   furrow_error *error);
/* Returns a value as a string: decimals without trailing zeros, reals with 17 digits, JSON without
 * blanks. Returns NULL for SQL NULL, and when out of memory. */
const char *furrow__content_text(const furrow_column *column, const furrow_value *value,
                                 furrow_arena *arena);
/* Returns the index of a column in the table, or SIZE_MAX if the table has no such column. */
size_t furrow__content_column(const furrow__content *content, const char *name);

#endif
