/* SPDX-License-Identifier: MIT
 *
 * Functions shared by the files that write a model header. They make names in C (names.c), and
 * write small parts of the text (header.c), fields (fields.c), keys, indexes, checks and
 * relationships (keys.c), and the whole header (models.c). */
#ifndef FURROW_MIGRATE_REFLECT_HEADER_H
#define FURROW_MIGRATE_REFLECT_HEADER_H

#include "migrate/reflect/parts.h"

/* Names in C (names.c) */

/* Returns whether a member or an enumerator can have this name. The name must be an identifier. It
 * cannot be a keyword, or a macro of a C library header that models are likely to include. */
bool furrow__c_name_is_fine(const char *name);
/* Returns whether an enumerator with this name would hide a function of the C library. */
bool furrow__c_name_is_function(const char *name);
/* Returns whether the C library defines this name. If so, the table of a model's columns cannot
 * have this name. */
bool furrow__c_name_is_of_the_library(const char *name);
/* Returns whether the name of a generated function ends in this name. If so, a relationship cannot
 * have this name. */
bool furrow__c_name_is_verb(const char *name);
/* Returns whether two structs with these names would lead to equal names in the generated code. */
bool furrow__c_names_collide(const char *a, const char *b);
/* Returns an identifier that is similar to `text`. It is never empty. Returns NULL when out of
 * memory. */
const char *furrow__c_name_make(furrow_arena *arena, const char *text, const char *prefix);

/* The header in progress */

typedef struct furrow__header_enum {
    const char *name;
    const char *const *values;
    size_t count;
} furrow__header_enum;

/* A column, and the field for its value in the struct. */
typedef struct furrow__header_field {
    const furrow__catalog_column *column;
    const char *name;                 /* the name in C */
    bool is_left_out;                 /* true if no field can hold the column */
    const furrow__header_enum *enum_; /* the enum in C; NULL if the type is not an enum */
    furrow__buffer annotations;       /* such as "primary_key, max_length(20)" */
    bool has_check, has_range, has_default;
} furrow__header_field;

/* A member of a struct that holds rows of another model. */
typedef struct furrow__header_relation {
    const char *type, *name,
        *annotation; /* such as "struct author *", "author", "via(author_id)" */
} furrow__header_relation;

/* A table, and the struct that describes its rows. */
typedef struct furrow__header_table {
    const furrow__catalog_table *table;
    const char *name; /* the name of the struct */
    bool is_left_out;
    furrow__header_field *fields;          /* one entry for each column of the table */
    const furrow__expression_scope *scope; /* the columns, under their names in the database */
    furrow__buffer annotations;            /* the annotations after the closing brace */
    furrow__buffer notes;                  /* what the struct cannot express, one line each */
    furrow__header_relation *relations;
    size_t defaults, relation_count, relation_capacity;
    bool is_listed; /* whether a struct of another model has a list of this table's rows */
} furrow__header_table;

typedef struct furrow__header {
    const furrow__catalog *catalog;
    furrow__header_table *tables;
    furrow__header_enum **enums;
    size_t enum_count, enum_capacity;
    furrow_arena *arena;
    furrow_error *error;
    furrow_status status; /* the first failure; after a failure, the functions do nothing */
} furrow__header;

/* Parts of the text (header.c) */

void furrow__header_no_memory(furrow__header *h);
/* Adds a line to a comment. If the line contains the characters that begin or end a comment, a
 * blank is inserted between them. */
void furrow__header_add_line(furrow__buffer *out, const char *text);
void furrow__header_note(furrow__header_table *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Adds an annotation. If there are other annotations, ", " is added before it. */
void furrow__header_annotate(furrow__buffer *annotations, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Adds a C string literal. */
void furrow__header_add_string(furrow__buffer *out, const char *text);
/* Adds an expression as a C string literal. In the literal, columns have the names of their
 * fields. */
void furrow__header_add_expression(furrow__header *h, furrow__header_table *t, furrow__buffer *out,
                                   const furrow__expression *expression);
/* Parses an expression over the columns of the table. On failure, returns NULL and sets h->status.
 */
const furrow__expression *furrow__header_parse(furrow__header *h, furrow__header_table *t,
                                               const char *text, const furrow_column *column,
                                               furrow__expression_use use);
/* These functions return NULL for a column or table that is left out of the header. */
furrow__header_field *furrow__header_field_named(furrow__header_table *t, const char *column);
furrow__header_table *furrow__header_table_named(furrow__header *h, furrow__table_name name);
/* Returns whether all of these columns have fields. */
bool furrow__header_has_fields(furrow__header_table *t, const char *const *columns, size_t count);

/* Fields (fields.c) */

/* Adds the annotations for the type, the default value and the lengths of each field. */
void furrow__write_field_annotations(furrow__header *h, furrow__header_table *t);
void furrow__write_fields(furrow__header *h, furrow__header_table *t, furrow__buffer *out);

/* Keys (keys.c) */

/* Adds the annotations for keys, references, indexes and checks. */
void furrow__write_keys(furrow__header *h, furrow__header_table *t);
/* Adds members that hold rows of other models. A foreign key of one column gets a member in its own
 * struct. It also gets a member in the struct that it refers to, if the key is not unique and no
 * other foreign key connects the two tables. A member is left out if its name is already used. */
void furrow__write_relations(furrow__header *h, furrow__header_table *t);

#endif
