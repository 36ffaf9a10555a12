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

/* A list of columns. It belongs to a key, an index or a reference that is being built. */
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
    const char *generated;        /* the start of every generated function's name: the prefix and
                                     the struct's name */
    const char *object;           /* the name of the generated column table, such as TODO */
    furrow__location object_place;
    bool is_result;
    bool is_broken; /* whether columns are missing because of an error; errors that only result from
                       the missing columns are not reported */
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
/* Reads the annotation pattern("…"). Reports an error if regcomp rejects the pattern, or if the
 * pattern would need too much memory. */
void furrow__build_pattern(furrow__compiler *c, furrow_column *column,
                           const furrow__argument *annotation);
void furrow__build_range(furrow__compiler *c, furrow_column *column,
                         const furrow__argument *annotation);
/* Builds json(...): the name in JSON and the flags. */
void furrow__build_json(furrow__compiler *c, furrow_column *column,
                        const furrow__argument *annotation);
/* Reports a name in JSON that another field of the model has. */
void furrow__check_json_name(furrow__compiler *c, const furrow__table *table,
                             const furrow_column *column, furrow__location place);

/* Annotations */

/* Returns the annotation with this name, or NULL if there is no such annotation. */
const furrow__argument *furrow__annotation_find(const furrow__argument *annotations, size_t count,
                                                const char *name);
bool furrow__argument_is(const furrow__argument *argument, const char *name);
/* Returns the only argument of the annotation, which must be a string. For any other arguments,
 * reports an error and returns NULL. */
const char *furrow__annotation_text(furrow__compiler *c, const furrow__argument *annotation);
/* Returns whether a name is valid in a database. A valid name has 1 to 63 bytes and contains no
 * control characters. Reports an error if the name is not valid. */
bool furrow__check_name(furrow__compiler *c, furrow__location place, const char *name,
                        const char *what);
/* Returns whether a name is a valid C identifier. Reports an error if the name is not valid. */
bool furrow__check_identifier(furrow__compiler *c, furrow__location place, const char *name);
/* Reports that an annotation has the wrong form. `example` shows the correct form. */
void furrow__annotation_misused(furrow__compiler *c, const furrow__argument *annotation,
                                const char *example);

/* Generated names */

/* Returns whether functions with this scope are generated for a relationship. If `relation` is
 * NULL, returns whether they are generated for the model. */
bool furrow__scope_has(furrow__scope scope, const furrow__table *table,
                       const furrow_relation *relation);
/* Returns the name of a generated function, such as "author_find" or "author_posts_count". If
 * `name` is "", the last part of the name and the underscore before it are left out. */
const char *furrow__generated_name(furrow__compiler *c, const furrow__table *table,
                                   const furrow_relation *relation, const char *name);

/* Looking up */

furrow__table *furrow__table_find(furrow__compiler *c, const char *name);
/* Returns the model with this name. If there is no such model, or if the model is a result and
 * therefore has no table, reports an error and returns NULL. */
furrow__table *furrow__table_named(furrow__compiler *c, furrow__location place, const char *name);
/* Finds the column that was built from the field with this name. Returns the column's index, or
 * FURROW_NO_COLUMN if there is no such column. */
uint16_t furrow__column_find(const furrow__table *table, const char *field);
/* Like furrow__column_find, but reports an error if there is no such column. The error is not
 * reported if the model is marked as broken. */
uint16_t furrow__column_named(furrow__compiler *c, const furrow__table *table,
                              furrow__location place, const char *field);
/* Copies a list of columns into the arena. */
const uint16_t *furrow__columns_copy(furrow__compiler *c, const furrow__columns *columns);
bool furrow__columns_are(const uint16_t *a, size_t a_count, const uint16_t *b, size_t b_count);
/* Returns whether two lists contain the same columns, in any order. */
bool furrow__columns_match(const uint16_t *a, size_t a_count, const uint16_t *b, size_t b_count);
/* Returns whether these columns are the primary key of the table or one of its unique constraints.
 */
bool furrow__columns_are_unique(const furrow__table *table, const uint16_t *columns, size_t count);
/* Returns a list of columns in the form that messages use: "post.author_id" or "post.(a, b)". */
const char *furrow__columns_text(furrow__compiler *c, const furrow__table *table,
                                 const uint16_t *columns, size_t count);
/* Returns the C type of a column, such as "int64_t" or "enum colour". */
const char *furrow__type_text(furrow__compiler *c, const furrow_column *column);

/* Returns the C type of a column after an article: "an int64_t". */
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
