/* SPDX-License-Identifier: MIT
 *
 * Builds a checked furrow_model for every struct of the syntax tree, and keeps the location of each
 * of its parts for messages. build.c runs the steps; every other file of this folder is one step.
 */
#ifndef FURROW_COMPILER_BUILD_BUILD_H
#define FURROW_COMPILER_BUILD_BUILD_H

#include "compiler/read/syntax.h"
#include "compiler/verbs.h"

/* The columns of a key, an index or a reference that is being built. */
typedef struct furrow__columns {
    uint16_t items[FURROW__MAX_KEY_COLUMNS];
    uint16_t count;
} furrow__columns;

typedef struct furrow__table {
    const furrow__struct *syntax;
    furrow_model model;
    furrow_column *columns;
    const furrow__field **fields; /* the field of each column */
    const char **members;         /* the name of each column in the column table */
    furrow_foreign_key *foreign_keys;
    furrow__location *foreign_key_places;
    furrow_index *indexes;
    furrow__location *index_places;
    furrow_check *checks;
    furrow_relation *relations;
    const furrow__field **relation_fields;
    furrow__location key_place;   /* location of the first primary_key */
    furrow__location table_place; /* location of the text in table("…"), or of the struct's name */
    const char *generated;        /* what the names of generated functions begin with: the prefix
                                     and the struct's name */
    const char *object;           /* the name of the column table, such as TODO */
    furrow__location object_place;
    bool is_result;
    bool is_broken; /* Columns are missing because of an error. Errors that would only follow from
                       that are not reported. */
} furrow__table;

/* Build and check all models. Errors are added to the compiler's messages. */
void furrow__build_schema(furrow__compiler *c);

/* ---- the steps ---- */

void furrow__build_columns(furrow__compiler *c, furrow__table *table);
void furrow__build_constraints(furrow__compiler *c, furrow__table *table);
void furrow__build_references(furrow__compiler *c, furrow__table *table);
void furrow__build_expressions(furrow__compiler *c, furrow__table *table);
void furrow__build_relations(furrow__compiler *c, furrow__table *table);
void furrow__build_names(furrow__compiler *c);
/* Read default(…) of a column and check that its value has the column's type. */
void furrow__build_default(furrow__compiler *c, furrow__table *table, furrow_column *column,
                           const furrow__field *field, const furrow__argument *annotation);
/* Read pattern("…"). Reports a pattern that regcomp rejects or that would need too much memory. */
void furrow__build_pattern(furrow__compiler *c, furrow_column *column,
                           const furrow__argument *annotation);
void furrow__build_range(furrow__compiler *c, furrow_column *column,
                         const furrow__argument *annotation);

/* ---- annotations ---- */

/* Returns the annotation with this name, or NULL if there is none. */
const furrow__argument *furrow__annotation_find(const furrow__argument *annotations, size_t count,
                                                const char *name);
bool furrow__argument_is(const furrow__argument *argument, const char *name);
/* Returns the annotation's only argument, which must be a string. Otherwise reports an error and
 * returns NULL. */
const char *furrow__annotation_text(furrow__compiler *c, const furrow__argument *annotation);
/* Whether a name is valid in a database: not empty, at most 63 bytes, no control characters.
 * Reports an error if it is not. */
bool furrow__check_name(furrow__compiler *c, furrow__location place, const char *name,
                        const char *what);
/* Whether a name is an identifier of C. Reports an error if it is not. */
bool furrow__check_identifier(furrow__compiler *c, furrow__location place, const char *name);
/* Report that an annotation has the wrong form; `example` shows the right one. */
void furrow__annotation_misused(furrow__compiler *c, const furrow__argument *annotation,
                                const char *example);

/* ---- generated names ---- */

/* Whether verbs of this scope are generated for a model (relation is NULL) or for a relationship.
 */
bool furrow__scope_has(furrow__scope scope, const furrow__table *table,
                       const furrow_relation *relation);
/* The name of a generated function: "author_find" or "author_posts_count". If `name` is "", the
 * last part is left out. */
const char *furrow__generated_name(furrow__compiler *c, const furrow__table *table,
                                   const furrow_relation *relation, const char *name);

/* ---- looking up ---- */

furrow__table *furrow__table_find(furrow__compiler *c, const char *name);
/* Find the model with this name. Reports an error and returns NULL if there is none, or if it is a
 * result. */
furrow__table *furrow__table_named(furrow__compiler *c, furrow__location place, const char *name);
/* The index of the column whose field has this name, or FURROW_NO_COLUMN. */
uint16_t furrow__column_find(const furrow__table *table, const char *field);
/* Like furrow__column_find, but reports an error if there is no such column, unless the table is
 * broken. */
uint16_t furrow__column_named(furrow__compiler *c, const furrow__table *table,
                              furrow__location place, const char *field);
/* Copy a list of columns into the arena. */
const uint16_t *furrow__columns_copy(furrow__compiler *c, const furrow__columns *columns);
bool furrow__columns_are(const uint16_t *a, size_t a_count, const uint16_t *b, size_t b_count);
/* Whether two lists hold the same columns, in any order. */
bool furrow__columns_match(const uint16_t *a, size_t a_count, const uint16_t *b, size_t b_count);
/* Whether these columns are the primary key or a unique constraint of the table. */
bool furrow__columns_are_unique(const furrow__table *table, const uint16_t *columns, size_t count);
/* A list of columns as messages write it: "post.author_id" or "post.(a, b)". */
const char *furrow__columns_text(furrow__compiler *c, const furrow__table *table,
                                 const uint16_t *columns, size_t count);
/* A column's type as C writes it: "int64_t", "enum colour". */
const char *furrow__type_text(furrow__compiler *c, const furrow_column *column);

/* A column's type with an article: "an int64_t". */
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
