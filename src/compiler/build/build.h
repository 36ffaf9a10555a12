/* SPDX-License-Identifier: MIT
 *
 * Builds a checked furrow_model for every struct of the syntax tree, and keeps the source location
 * of each part of a model for error messages. build.c runs the steps; every other file of this
 * folder contains one step.
 */
#ifndef FURROW_COMPILER_BUILD_BUILD_H
#define FURROW_COMPILER_BUILD_BUILD_H

#include "compiler/read/syntax.h"
#include "compiler/verbs.h"

/* A list of columns: those of a key, an index or a reference that is being built. */
typedef struct furrow__columns {
    uint16_t items[FURROW__MAX_KEY_COLUMNS];
    uint16_t count;
} furrow__columns;

typedef struct furrow__table {
    const furrow__struct *syntax;
    furrow_model model;
    furrow_column *columns;
    const furrow__field **fields; /* the field that each column was built from */
    const char **members;         /* each column's member name in the generated column table */
    furrow_foreign_key *foreign_keys;
    furrow__location *foreign_key_places;
    furrow_index *indexes;
    furrow__location *index_places;
    furrow_check *checks;
    furrow_relation *relations;
    const furrow__field **relation_fields;
    furrow__location key_place;   /* location of the first primary_key annotation */
    furrow__location table_place; /* location of table("…"), or of the struct's name */
    const char *generated;        /* the beginning of the names of generated functions: the prefix
                                     and the struct's name */
    const char *object;           /* the name of the generated column table, such as TODO */
    furrow__location object_place;
    bool is_result;
    bool is_broken; /* Some columns are missing because of an error. Errors that would only follow
                       from the missing columns are not reported. */
} furrow__table;

/* Builds and checks all models. Errors are added to the compiler's messages. */
void furrow__build_schema(furrow__compiler *c);

/* The steps */

void furrow__build_columns(furrow__compiler *c, furrow__table *table);
void furrow__build_constraints(furrow__compiler *c, furrow__table *table);
void furrow__build_references(furrow__compiler *c, furrow__table *table);
void furrow__build_expressions(furrow__compiler *c, furrow__table *table);
void furrow__build_relations(furrow__compiler *c, furrow__table *table);
void furrow__build_names(furrow__compiler *c);
/* Reads the annotation default(…) of a column and checks that the value has the column's type. */
void furrow__build_default(furrow__compiler *c, furrow__table *table, furrow_column *column,
                           const furrow__field *field, const furrow__argument *annotation);
/* Reads the annotation pattern("…"). Reports a pattern that regcomp rejects or that would need too
 * much memory. */
void furrow__build_pattern(furrow__compiler *c, furrow_column *column,
                           const furrow__argument *annotation);
void furrow__build_range(furrow__compiler *c, furrow_column *column,
                         const furrow__argument *annotation);

/* Annotations */

/* Returns the annotation with this name, or NULL if there is none. */
const furrow__argument *furrow__annotation_find(const furrow__argument *annotations, size_t count,
                                                const char *name);
bool furrow__argument_is(const furrow__argument *argument, const char *name);
/* Returns the annotation's only argument, which must be a string. Otherwise reports an error and
 * returns NULL. */
const char *furrow__annotation_text(furrow__compiler *c, const furrow__argument *annotation);
/* Returns whether a name is valid in a database: not empty, at most 63 bytes, no control
 * characters. Reports an error if the name is not valid. */
bool furrow__check_name(furrow__compiler *c, furrow__location place, const char *name,
                        const char *what);
/* Returns whether a name is a valid C identifier. Reports an error if not. */
bool furrow__check_identifier(furrow__compiler *c, furrow__location place, const char *name);
/* Reports that an annotation has the wrong form. `example` shows the correct form. */
void furrow__annotation_misused(furrow__compiler *c, const furrow__argument *annotation,
                                const char *example);

/* Generated names */

/* Returns whether functions of this scope are generated for the model (if `relation` is NULL) or
 * for the relationship. */
bool furrow__scope_has(furrow__scope scope, const furrow__table *table,
                       const furrow_relation *relation);
/* Returns the name of a generated function, such as "author_find" or "author_posts_count". If
 * `name` is "", the last part and its underscore are left out. */
const char *furrow__generated_name(furrow__compiler *c, const furrow__table *table,
                                   const furrow_relation *relation, const char *name);

/* Looking up */

furrow__table *furrow__table_find(furrow__compiler *c, const char *name);
/* Returns the model with this name. Reports an error and returns NULL if there is no such model, or
 * if the model is a result, which has no table. */
furrow__table *furrow__table_named(furrow__compiler *c, furrow__location place, const char *name);
/* Returns the index of the column whose field has this name, or FURROW_NO_COLUMN if there is none.
 */
uint16_t furrow__column_find(const furrow__table *table, const char *field);
/* Like furrow__column_find, but also reports an error if there is no such column, unless the model
 * is marked as broken. */
uint16_t furrow__column_named(furrow__compiler *c, const furrow__table *table,
                              furrow__location place, const char *field);
/* Copies a list of columns into the arena. */
const uint16_t *furrow__columns_copy(furrow__compiler *c, const furrow__columns *columns);
bool furrow__columns_are(const uint16_t *a, size_t a_count, const uint16_t *b, size_t b_count);
/* Returns whether two lists contain the same columns, in any order. */
bool furrow__columns_match(const uint16_t *a, size_t a_count, const uint16_t *b, size_t b_count);
/* Returns whether these columns are the primary key or a unique constraint of the table. */
bool furrow__columns_are_unique(const furrow__table *table, const uint16_t *columns, size_t count);
/* Returns a list of columns in the form that messages use: "post.author_id" or "post.(a, b)". */
const char *furrow__columns_text(furrow__compiler *c, const furrow__table *table,
                                 const uint16_t *columns, size_t count);
/* Returns the C type of a column, such as "int64_t" or "enum colour". */
const char *furrow__type_text(furrow__compiler *c, const furrow_column *column);

/* Returns the C type of a column with an article, such as "an int64_t". */
const char *furrow__a_type_text(furrow__compiler *c, const furrow_column *column);

static inline bool furrow__is_integer(const furrow_column *column)
{
    return column->type == FURROW_TYPE_INT16 || column->type == FURROW_TYPE_INT32 ||
           column->type == FURROW_TYPE_INT64;
}
static inline bool furrow__is_text(const furrow_column *column)
{
    return column->type == FURROW_TYPE_TEXT || column->type == FURROW_TYPE_CHARS;
}

#endif
