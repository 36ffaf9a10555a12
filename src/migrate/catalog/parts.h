/* SPDX-License-Identifier: MIT
 * Declarations that the files of the catalog share. */
#ifndef FURROW_MIGRATE_CATALOG_PARTS_H
#define FURROW_MIGRATE_CATALOG_PARTS_H

#include "migrate/catalog/catalog.h"
#include "schema/name.h"

/* Writes a name as in furrow DDL and in furrow's expressions: in double quotes if it is not a plain
 * word, or if it is a keyword (text.c). */
void furrow__catalog_write_name(furrow__buffer *out, const char *name);
/* These functions write a table's name with its schema, a list of names in parentheses, and the
 * actions of a foreign key. */
void furrow__catalog_write_table_name(furrow__buffer *out, furrow__table_name name);
void furrow__catalog_write_names(furrow__buffer *out, const char *const *names, size_t count);
void furrow__catalog_write_rules(furrow__buffer *out, const furrow__catalog_constraint *key);
/* Whether a word is a keyword of furrow DDL or of furrow's expressions. */
bool furrow__catalog_is_keyword(const char *name);

/* Copies the lists that a copied table shares with the original, so that parts can be added.
 * Returns false when out of memory (catalog.c). */
bool furrow__catalog_own_lists(furrow__catalog_table *to, furrow_arena *arena);

/* Parses an expression. If this fails, the message begins with `what`, such as "check
 * \"contact_check\"", and the table's name (models.c). */
const furrow__expression *furrow__catalog_parse(const furrow__expression_source *source,
                                                const char *what, furrow_arena *arena,
                                                furrow_error *error);
/* Returns the canonical text of an expression, in the arena; "" for DEFAULT NULL. On failure
 * returns NULL and fills in *error. */
const char *furrow__catalog_canonical(const furrow__expression_source *source, const char *what,
                                      furrow_arena *arena, furrow_error *error);

/* Functions about parts (parts.c) */

enum { FURROW__SHOWN_SIZE = 2 * FURROW__NAME_SIZE + 2 };

/* Formats a table's name for messages, as schema.name without quotes. Returns `out`. */
const char *furrow__table_shown(char out[FURROW__SHOWN_SIZE], furrow__table_name name);
/* Returns a table's name in double quotes: see FURROW__QUOTED. */
#define FURROW__QUOTED_TABLE(table) FURROW__QUOTED_IN((table).schema, (table).name)
/* Whether the expression refers to this column. */
bool furrow__expression_mentions(const furrow__expression *expression, const char *column);
/* Whether a list of names contains this name. */
bool furrow__names_have(const char *const *names, size_t count, const char *name);
/* Whether a foreign key can refer to these columns: a primary key, a unique constraint or a unique
 * index over all rows consists of exactly these columns. `but` is the name of a constraint or index
 * that is ignored, or NULL. */
bool furrow__columns_are_key(const furrow__catalog_table *table, const char *const *columns,
                             size_t count, const char *but);
bool furrow__type_is_integer(const furrow__catalog_type *type);
/* Whether a foreign key can compare values of the two types: they are the same, or differ only in
 * their size, as int32 and int64 do. The sizes differ while only one side of the key has been
 * changed.
 */
bool furrow__types_match(const furrow__catalog_type *a, const furrow__catalog_type *b);
/* Whether models accept a foreign key between columns of the two types. The types must be equal,
 * but the lengths of text types may differ. */
bool furrow__types_are_one(const furrow__catalog_type *a, const furrow__catalog_type *b);
/* The parts of a constraint's name; see furrow__constraint_name. */
typedef struct furrow__name_parts {
    const char *const *columns;
    size_t count;
    const char *part;   /* the part before the suffix, such as "range"; NULL if there is none */
    const char *suffix; /* such as "check" */
} furrow__name_parts;
/* Returns the name that models give to a constraint, shortened if it is too long for an identifier.
 */
void furrow__catalog_constraint_name(char out[FURROW__NAME_SIZE], furrow__table_name table,
                                     const furrow__name_parts *parts);

/* Parses a value that UPDATE, INSERT or USING writes to source->column. source->use is ignored. On
 * failure, returns NULL and fills in *error. */
const furrow__expression *furrow__catalog_parse_value(const furrow__expression_source *source,
                                                      const char *what, furrow_arena *arena,
                                                      furrow_error *error);

#endif
