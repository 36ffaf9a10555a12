/* SPDX-License-Identifier: MIT
 *
 * What a table holds, in words that are the same on every engine: for seeding (seed.h), which needs
 * the keys that rows can refer to, and for proving that rows are kept (prove.h). Values are read as
 * a model reads them, so that one that no model could read is an error.
 */
#ifndef FURROW_MIGRATE_PROVE_CONTENT_H
#define FURROW_MIGRATE_PROVE_CONTENT_H

#include <furrow/driver.h>

#include "migrate/catalog/catalog.h"

typedef struct furrow__content_row {
    const char *place; /* rowid or ctid, as text: of the row until it is written to */
    const char *key;   /* for people: the primary key's values, with "/" between */
    const furrow_value *values;
    const char *const *cells; /* the values' texts; NULL for NULL */
} furrow__content_row;

typedef struct furrow__content {
    furrow__table_name name;
    const furrow__catalog_table *table;
    const furrow_model *model; /* its columns are those of `values` and `cells` */
    furrow__content_row *rows; /* sorted by their texts */
    size_t count, capacity;
} furrow__content;

/* A model of a logical table that rows can be read into: furrow__catalog_model's, laid out. */
const furrow_model *furrow__content_model(const furrow__catalog_table *table, furrow_arena *arena);

/* Read a table. `since`: a time or date from then on is "now", since no two databases have the same
 * one; 0 for none. */
furrow_status furrow__content_read(furrow__content *out, furrow_connection *connection,
                                   const furrow__dialect *dialect,
                                   const furrow__catalog_table *table, furrow_time since,
                                   furrow_arena *arena, furrow_error *error);
/* A value's text: decimals without zeros behind, reals with 17 digits, JSON without blanks. NULL
 * for NULL, and when out of memory. */
const char *furrow__content_text(const furrow_column *column, const furrow_value *value,
                                 furrow_arena *arena);
/* The place of a column in the table, or SIZE_MAX. */
size_t furrow__content_column(const furrow__content *content, const char *name);

#endif
