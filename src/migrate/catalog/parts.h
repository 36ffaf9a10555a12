/* SPDX-License-Identifier: MIT
 * What the files of the catalog share. */
#ifndef FURROW_MIGRATE_CATALOG_PARTS_H
#define FURROW_MIGRATE_CATALOG_PARTS_H

#include "migrate/catalog/catalog.h"
#include "schema/name.h"

/* A name as furrow DDL and furrow's expressions have it: bare where it reads as one word that is no
 * keyword of theirs, else in double quotes. (text.c) */
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

/* Parses an expression. `what` begins the message of an error, before the table's name: "check
 * \"contact_check\"". (models.c) */
const furrow__expression *furrow__catalog_parse(const furrow__expression_source *source,
                                                const char *what, furrow_arena *arena,
                                                furrow_error *error);
/* The canonical text of an expression, in the arena; "" for DEFAULT NULL. NULL with *error filled.
 */
const char *furrow__catalog_canonical(const furrow__expression_source *source, const char *what,
                                      furrow_arena *arena, furrow_error *error);

/* ---- questions about parts (parts.c) ---- */

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
/* What the name of a constraint is made of; see furrow__constraint_name. */
typedef struct furrow__name_parts {
    const char *const *columns;
    size_t count;
    const char *part;   /* "range"; or NULL */
    const char *suffix; /* "check" */
} furrow__name_parts;
/* The name that models give to a constraint, shortened if it is too long for an identifier. */
void furrow__catalog_constraint_name(char out[FURROW__NAME_SIZE], furrow__table_name table,
                                     const furrow__name_parts *parts);

/* Parses a value that is written to source->column by UPDATE, INSERT or USING; source->use is
 * ignored. NULL with *error filled. */
const furrow__expression *furrow__catalog_parse_value(const furrow__expression_source *source,
                                                      const char *what, furrow_arena *arena,
                                                      furrow_error *error);

#endif
