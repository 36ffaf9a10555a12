/* SPDX-License-Identifier: MIT
 * What the files that work on changes share. */
#ifndef FURROW_MIGRATE_CHANGE_PARTS_H
#define FURROW_MIGRATE_CHANGE_PARTS_H

#include "migrate/catalog_parts.h"
#include "migrate/change.h"
#include "schema/name.h"

enum { FURROW__SHOWN_SIZE = 2 * FURROW__NAME_SIZE + 2 };

/* A table's name as messages show it: schema.name. Returns `out`. (change_parts.c) */
const char *furrow__table_shown(char out[FURROW__SHOWN_SIZE], furrow__table_name name);
/* Whether the expression names this column. */
bool furrow__expression_mentions(const furrow__expression *expression, const char *column);
/* Whether a list of columns has this one. */
bool furrow__names_have(const char *const *names, size_t count, const char *name);
/* Whether a foreign key can refer to these columns: a primary key, a unique constraint or a whole
 * unique index is on exactly them. `but`: the name of one that does not count; or NULL. */
bool furrow__columns_are_key(const furrow__catalog_table *table, const char *const *columns,
                             size_t count, const char *but);
bool furrow__type_is_integer(const furrow__catalog_type *type);
/* Whether values of the one can be compared with the other's by a foreign key: also while one side
 * is changed and the other is not yet. */
bool furrow__types_match(const furrow__catalog_type *a, const furrow__catalog_type *b);
/* Whether they are what models want of both sides of a foreign key: one type, but that texts may
 * differ in their lengths. */
bool furrow__types_are_one(const furrow__catalog_type *a, const furrow__catalog_type *b);
/* Whether both sides of every foreign key are of one type behind the changes; where none of these
 * can have changed that, nothing is looked at. FURROW_INVALID, and *place is of the change that did
 * it. `always`: look in any case. (change_keys.c) */
furrow_status furrow__changes_check_keys(const furrow__catalog *catalog,
                                         const furrow__change_list *list, bool always,
                                         furrow__place_in_file *place, furrow_error *error);
/* The name that models give a constraint of these columns, cut where it must be. */
void furrow__catalog_constraint_name(char out[FURROW__NAME_SIZE], furrow__table_name table,
                                     const char *const *columns, size_t count, const char *part,
                                     const char *suffix);

/* An expression that is written to a column: in UPDATE, INSERT and USING. `model` is what it is
 * over. NULL with *error filled. */
const furrow__expression *furrow__catalog_parse_value(const char *text, const furrow_model *model,
                                                      const furrow_column *column, const char *what,
                                                      furrow_arena *arena, furrow_error *error);

#endif
