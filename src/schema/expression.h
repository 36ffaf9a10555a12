/* SPDX-License-Identifier: MIT
 *
 * The subset of SQL expressions that `check`, `where` and `default` take: parsed and checked
 * against a model, never passed through. One grammar for the compiler (which reports mistakes) and
 * for DDL (which renders the tree for a dialect). docs/expressions.md is its manual:
 *
 *   literals   'text' (quote doubled), 12, -1.50, 1e3, TRUE, FALSE, NULL, now
 *   columns    name or "name", by the name in C or in the database
 *   operators  OR AND NOT  = <> != < <= > >=  IS [NOT] NULL  [NOT] BETWEEN  [NOT] IN (…)
 *              [NOT] LIKE  + - * / %  ||  ( )
 *   functions  length(text) in code points, lower, upper (ASCII), trim, abs, coalesce
 *
 * Types are checked: a comparison's sides must be of one family; a text literal beside a column of
 * type time, date, UUID or enum must parse as one; a number beside a decimal must fit its scale.
 */
#ifndef FURROW_SCHEMA_EXPRESSION_H
#define FURROW_SCHEMA_EXPRESSION_H

#include <furrow/schema.h>

#include "base/arena.h"

enum {
    FURROW__EXPRESSION_DEPTH = 64,
    FURROW__EXPRESSION_SIZE = 4096,
    FURROW__EXPRESSION_LONGEST = 1 << 20
};

typedef enum furrow__expression_kind {
    FURROW__EXPRESSION_NULL,
    FURROW__EXPRESSION_BOOL,
    FURROW__EXPRESSION_INTEGER,
    FURROW__EXPRESSION_NUMBER, /* with a fraction or exponent: `text` as written */
    FURROW__EXPRESSION_TEXT,
    FURROW__EXPRESSION_NOW,
    FURROW__EXPRESSION_COLUMN,
    FURROW__EXPRESSION_UNARY,   /* NOT, - */
    FURROW__EXPRESSION_BINARY,  /* AND OR = <> < <= > >= LIKE + - * / % || */
    FURROW__EXPRESSION_IS_NULL, /* negated: IS NOT NULL */
    FURROW__EXPRESSION_BETWEEN, /* arguments: value, low, high */
    FURROW__EXPRESSION_IN,      /* arguments: value, then the list */
    FURROW__EXPRESSION_CALL,    /* operator is the function's lower-case name */
} furrow__expression_kind;

typedef struct furrow__expression {
    furrow__expression_kind kind;
    const char *operator_; /* upper case; "<>" for both spellings */
    bool negated;          /* NOT LIKE, NOT IN, NOT BETWEEN, IS NOT NULL */
    int64_t integer;       /* also 0 or 1 of BOOL */
    const char *text;      /* unescaped; of NUMBER as written */
    const furrow_column *column;
    const furrow_column *beside; /* of a literal: the column whose type it takes, or NULL */
    const struct furrow__expression **arguments;
    size_t argument_count;
    furrow_type
        type; /* of the result: BOOL, INT64, DOUBLE, DECIMAL, TEXT, TIME, DATE, UUID, ENUM, … */
    size_t position; /* byte offset in the source text */
} furrow__expression;

typedef struct furrow__expression_error {
    size_t position; /* byte offset in the source text */
    char message[256];
} furrow__expression_error;

/* What the expression is for: a check and a where must be boolean; a default has no columns and
 * must be of the column's type; what is indexed may be of any type. */
typedef enum furrow__expression_use {
    FURROW__EXPRESSION_FOR_CHECK,
    FURROW__EXPRESSION_FOR_WHERE,
    FURROW__EXPRESSION_FOR_DEFAULT,
    FURROW__EXPRESSION_FOR_INDEX,
} furrow__expression_use;

/* The columns that an expression can name. */
typedef struct furrow__expression_scope {
    const char *table;   /* the name of their table, for messages */
    const void *context; /* what the two functions read */
    /* The column of this name; NULL if there is none. */
    const furrow_column *(*find)(const void *context, const char *name);
    /* The column at this index; NULL after the last one. */
    const furrow_column *(*column_at)(const void *context, size_t index);
} furrow__expression_scope;

/* The columns of a model, by the name of the field or of the column. The model may be NULL: there
 * are then no columns. */
furrow__expression_scope furrow__model_scope(const furrow_model *model);
static inline const furrow_column *furrow__scope_column(const furrow__expression_scope *scope,
                                                        size_t index)
{
    return scope->column_at(scope->context, index);
}

typedef struct furrow__expression_source {
    const char *text;
    const furrow__expression_scope *scope;
    furrow__expression_use use;
    const furrow_column *column; /* the column that a default belongs to; NULL for other uses */
} furrow__expression_source;

/* Parses and checks an expression. The tree belongs to the arena, except for its columns, which
 * belong to the scope. NULL with *error filled if the text is not an expression of this use; the
 * message is empty when out of memory. */
const furrow__expression *furrow__expression_parse(const furrow__expression_source *source,
                                                   furrow_arena *arena,
                                                   furrow__expression_error *error);

#endif
