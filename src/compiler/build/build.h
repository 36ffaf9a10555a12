/* SPDX-License-Identifier: MIT
 *
 * From what headers say to what it means: the furrow_model of every struct, checked, with the place
 * of everything beside it. build.c gives the order; each other build_*.c is one step of it.
 */
#ifndef FURROW_COMPILER_BUILD_BUILD_H
#define FURROW_COMPILER_BUILD_BUILD_H

#include "compiler/read/syntax.h"
#include "compiler/verbs.h"

/* A key, index or reference while it is built. */
typedef struct furrow__columns {
    uint16_t items[FURROW__MAX_KEY_COLUMNS];
    uint16_t count;
} furrow__columns;

typedef struct furrow__table {
    const furrow__struct *syntax;
    furrow_model model;
    furrow_column *columns;
    const furrow__field **fields; /* of each column */
    const char **members;         /* of each column: its name in the column table */
    furrow_foreign_key *foreign_keys;
    furrow__location *foreign_key_places;
    furrow_index *indexes;
    furrow__location *index_places;
    furrow_check *checks;
    furrow_relation *relations;
    const furrow__field **relation_fields;
    furrow__location key_place;   /* of the first primary_key */
    furrow__location table_place; /* of the text in table("…"), else of the struct's name */
    const char *generated;        /* prefix and the struct's name: what functions begin with */
    const char *object;           /* of the column table: TODO */
    furrow__location object_place;
    bool is_result;
    bool is_broken; /* columns are missing because of an error: do not complain of what is not there
                     */
} furrow__table;

/* Build and check everything; errors are in the compiler's messages. */
void furrow__build_schema(furrow__compiler *c);

/* ---- the steps ---- */

void furrow__build_columns(furrow__compiler *c, furrow__table *table);
void furrow__build_constraints(furrow__compiler *c, furrow__table *table);
void furrow__build_references(furrow__compiler *c, furrow__table *table);
void furrow__build_expressions(furrow__compiler *c, furrow__table *table);
void furrow__build_relations(furrow__compiler *c, furrow__table *table);
void furrow__build_names(furrow__compiler *c);
/* default(…) of a column, checked against its type. */
void furrow__build_default(furrow__compiler *c, furrow__table *table, furrow_column *column,
                           const furrow__field *field, const furrow__argument *annotation);
/* pattern("…"), refused where regcomp refuses it or it would take too much memory. */
void furrow__build_pattern(furrow__compiler *c, furrow_column *column,
                           const furrow__argument *annotation);
void furrow__build_range(furrow__compiler *c, furrow_column *column,
                         const furrow__argument *annotation);

/* ---- annotations ---- */

/* The field's or struct's annotation with this name, or NULL. */
const furrow__argument *furrow__annotation_find(const furrow__argument *annotations, size_t count,
                                                const char *name);
bool furrow__argument_is(const furrow__argument *argument, const char *name);
/* The text of the only argument, or NULL with a message. */
const char *furrow__annotation_text(furrow__compiler *c, const furrow__argument *annotation);
/* A name for the database: not empty, at most 63 bytes, no control characters; else false. */
bool furrow__check_name(furrow__compiler *c, furrow__location place, const char *name,
                        const char *what);
/* Name of a C identifier from text: false with a message if it is none. */
bool furrow__check_identifier(furrow__compiler *c, furrow__location place, const char *name);
/* Something of the form `example` was expected; says so. */
void furrow__annotation_misused(furrow__compiler *c, const furrow__argument *annotation,
                                const char *example);

/* ---- generated names ---- */

/* Whether verbs of this scope are generated for a model (relation is NULL) or a relationship. */
bool furrow__scope_has(furrow__scope scope, const furrow__table *table,
                       const furrow_relation *relation);
/* "author_find", "author_posts_count"; without the last part if name is "". */
const char *furrow__generated_name(furrow__compiler *c, const furrow__table *table,
                                   const furrow_relation *relation, const char *name);

/* ---- looking up ---- */

furrow__table *furrow__table_find(furrow__compiler *c, const char *name);
/* The table named, which must be a model; NULL with a message. */
furrow__table *furrow__table_named(furrow__compiler *c, furrow__location place, const char *name);
/* The index of a column by its field's name, or FURROW_NO_COLUMN. */
uint16_t furrow__column_find(const furrow__table *table, const char *field);
/* The same with a message if there is none; says nothing of a broken table. */
uint16_t furrow__column_named(furrow__compiler *c, const furrow__table *table,
                              furrow__location place, const char *field);
/* A copy of a list of columns in the arena. */
const uint16_t *furrow__columns_copy(furrow__compiler *c, const furrow__columns *columns);
bool furrow__columns_are(const uint16_t *a, size_t a_count, const uint16_t *b, size_t b_count);
/* The same columns in any order. */
bool furrow__columns_match(const uint16_t *a, size_t a_count, const uint16_t *b, size_t b_count);
/* Is this set of columns the primary key or a unique constraint of the table? */
bool furrow__columns_are_unique(const furrow__table *table, const uint16_t *columns, size_t count);
/* "post.author_id", "post.(a, b)": for messages. */
const char *furrow__columns_text(furrow__compiler *c, const furrow__table *table,
                                 const uint16_t *columns, size_t count);
/* "int64_t", "enum colour": a column's type as C writes it. */
const char *furrow__type_text(furrow__compiler *c, const furrow_column *column);

/* The same with its article: "an int64_t". */
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
