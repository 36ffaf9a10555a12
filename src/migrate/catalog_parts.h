/* SPDX-License-Identifier: MIT
 * What the files of the catalog share. */
#ifndef FURROW_MIGRATE_CATALOG_PARTS_H
#define FURROW_MIGRATE_CATALOG_PARTS_H

#include "migrate/catalog.h"

/* A name as furrow DDL and furrow's expressions have it: bare where it reads as one word that is no
 * keyword of theirs, else in double quotes. (catalog_text.c) */
void furrow__catalog_write_name(furrow__buffer *out, const char *name);
/* The same with its schema; names in brackets; the rules of a foreign key. */
void furrow__catalog_write_table_name(furrow__buffer *out, furrow__table_name name);
void furrow__catalog_write_names(furrow__buffer *out, const char *const *names, size_t count);
void furrow__catalog_write_rules(furrow__buffer *out, const furrow__catalog_constraint *key);
/* Whether a word, as it is, is a keyword of furrow DDL or of its expressions. */
bool furrow__catalog_is_keyword(const char *name);

/* Give a table, a struct copied from another, lists of its own. False when out of memory.
 * (catalog.c) */
bool furrow__catalog_own_lists(furrow__catalog_table *to, furrow_arena *arena);

/* Parse an expression over a model; `what` and the table go into the error: "check
 * \"contact_check\"". (catalog_models.c) */
const furrow__expression *furrow__catalog_parse(const char *text, const furrow_model *model,
                                                const furrow_column *column,
                                                furrow__expression_use use, const char *what,
                                                furrow_arena *arena, furrow_error *error);
/* Its canonical text, in the arena; "" for DEFAULT NULL. NULL with *error filled. */
const char *furrow__catalog_canonical(const char *text, const furrow_model *model,
                                      const furrow_column *column, furrow__expression_use use,
                                      const char *what, furrow_arena *arena, furrow_error *error);

#endif
