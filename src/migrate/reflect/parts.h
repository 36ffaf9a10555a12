/* SPDX-License-Identifier: MIT
 * What the files of raising share: an engine's expressions as furrow's (expression.c), what a
 * check says of its column's type (check.c), a physical catalog as a logical one (reflect.c),
 * and that as a header (models.c, names.c). */
#ifndef FURROW_MIGRATE_REFLECT_PARTS_H
#define FURROW_MIGRATE_REFLECT_PARTS_H

#include "migrate/revision/change_parts.h"
#include "migrate/reflect/reflect.h"

/* ---- expression.c ---- */

/* Read an engine's own words over a model's columns: a tree whose types are as far as they can be
 * told, not checked. NULL for what furrow's expressions cannot say, and when out of memory;
 * *no_memory tells which. */
const furrow__expression *furrow__reflect_parse(const char *text, const furrow__dialect *dialect,
                                                const furrow__expression_scope *scope,
                                                furrow_arena *arena, bool *no_memory);

/* ---- check.c ---- */

/* What a check may say of one column. */
typedef enum furrow__check_form_kind {
    FURROW__CHECK_FORM_OTHER = 0, /* of the type */
    FURROW__CHECK_FORM_BOOL,      /* IN (0, 1) */
    FURROW__CHECK_FORM_VALUES,    /* IN ('A', 'B') */
    FURROW__CHECK_FORM_BETWEEN,   /* two whole numbers: least, most */
    FURROW__CHECK_FORM_NOT_NAN,
    FURROW__CHECK_FORM_MAX_LENGTH, /* most, in code points */
    FURROW__CHECK_FORM_MIN_LENGTH, /* least */
    FURROW__CHECK_FORM_MAX_SIZE,   /* most, in bytes */
} furrow__check_form_kind;

typedef struct furrow__check_form {
    furrow__check_form_kind kind;
    const char *column;
    int64_t least, most;
    const furrow__expression *expression; /* of VALUES: the texts are its arguments from 1 on */
} furrow__check_form;

furrow__check_form furrow__reflect_check_form(const furrow__expression *check);
/* The only column that an expression names; NULL for none or several. */
const char *furrow__reflect_only_column(const furrow__expression *expression);
/* Whether a constraint's name is the one that models give, numbered or not. */
bool furrow__reflect_is_default_name(const char *name, furrow__table_name table, const char *column,
                                     const char *part, const char *suffix);

/* ---- type.c ---- */

/* A physical column's type by its engine's words. *note: what is lost, or NULL. What furrow has not
 * is `native`. */
furrow__catalog_type furrow__reflect_type(const furrow__dialect *dialect, const char *native,
                                          bool strict, const char **note, furrow_arena *arena);

/* ---- names.c: identifiers of C ---- */

/* Whether a text can be a member's or an enumerator's name: an identifier, no keyword, no macro of
 * the C library that models are likely to meet. */
bool furrow__c_name_is_fine(const char *name);
/* Whether an enumerator of this name would be in the way of a function of the C library. */
bool furrow__c_name_is_function(const char *name);
/* Whether the generated column table should not be called so. */
bool furrow__c_name_is_of_the_library(const char *name);
/* Whether generated functions have this name behind a model's: no relationship can have it. */
bool furrow__c_name_is_verb(const char *name);
/* Whether what is generated for two structs of these names would collide. */
bool furrow__c_names_collide(const char *a, const char *b);
/* An identifier that is like a text; never empty. NULL when out of memory. */
const char *furrow__c_name_make(furrow_arena *arena, const char *text, const char *prefix);

/* ---- writing headers: models.c, fields.c, keys.c ---- */

/* An enum of the header. */
typedef struct furrow__written_enum {
    const char *name;
    const char *const *values;
    size_t count;
} furrow__written_enum;

/* A column on its way to a field. */
typedef struct furrow__written_field {
    const furrow__catalog_column *column;
    const char *name;                  /* in C */
    bool is_left_out;                  /* no field can hold it */
    const furrow__written_enum *enum_; /* of an enum that is one in C */
    furrow__buffer annotations;        /* "primary_key, max_length(20)" */
    bool has_check, has_range, has_default;
} furrow__written_field;

/* A member that is rows of another model. */
typedef struct furrow__written_relation {
    const char *type, *name, *annotation; /* "struct author *", "author", "via(author_id)" */
} furrow__written_relation;

/* A table on its way to a struct. */
typedef struct furrow__written_table {
    const furrow__catalog_table *table;
    const char *name; /* of the struct */
    bool is_left_out;
    furrow__written_field *fields;         /* one a column of the table */
    const furrow__expression_scope *scope; /* the columns, by their names in the database */
    furrow__buffer annotations;            /* behind the brace */
    furrow__buffer notes;                  /* what is not said, a line each */
    furrow__written_relation *relations;
    size_t defaults, relation_count, relation_capacity;
    bool is_listed; /* another model has a list of it */
} furrow__written_table;

typedef struct furrow__writer {
    const furrow__catalog *catalog;
    furrow__written_table *tables;
    furrow__written_enum **enums;
    size_t enum_count, enum_capacity;
    furrow_arena *arena;
    furrow_error *error;
    furrow_status status; /* the first failure; everything after it does nothing */
} furrow__writer;

void furrow__writer_no_memory(furrow__writer *w);
void furrow__writer_note(furrow__written_table *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* ", " where there is something already, then the text. */
void furrow__writer_annotate(furrow__buffer *annotations, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A string literal of C. */
void furrow__writer_add_string(furrow__buffer *out, const char *text);
/* The same of an expression, with the columns' names in C. */
void furrow__writer_add_expression(furrow__writer *w, furrow__written_table *t, furrow__buffer *out,
                                   const furrow__expression *expression);
/* A logical expression over the table; NULL with the writer failed. */
const furrow__expression *furrow__writer_parse(furrow__writer *w, furrow__written_table *t,
                                               const char *text, const furrow_column *column,
                                               furrow__expression_use use);
furrow__written_field *furrow__writer_field(furrow__written_table *t, const char *column);
furrow__written_table *furrow__writer_table(furrow__writer *w, furrow__table_name name);
/* Whether all of these are fields. */
bool furrow__writer_has_fields(furrow__written_table *t, const char *const *columns, size_t count);

/* Types, defaults, lengths. (fields.c) */
void furrow__write_field_annotations(furrow__writer *w, furrow__written_table *t);
void furrow__write_fields(furrow__writer *w, furrow__written_table *t, furrow__buffer *out);
/* Keys, references, indexes, checks. (keys.c) */
void furrow__write_keys(furrow__writer *w, furrow__written_table *t);
/* Members that are rows of other models, where the way is plain. */
void furrow__write_relations(furrow__writer *w, furrow__written_table *t);

#endif
