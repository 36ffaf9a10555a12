/* SPDX-License-Identifier: MIT
 *
 * Declares the parser for expressions: the subset of SQL that `check`, `where` and `default`
 * accept. An expression is parsed and checked against the columns of a table; its text is never
 * copied into a statement. The compiler uses the parser to report mistakes, and DDL uses the tree
 * to write the expression for an engine. docs/expressions.md is the manual:
 *
 *   literals   'text' (quote doubled), 12, -1.50, 1e3, TRUE, FALSE, NULL, now
 *   columns    name or "name", where the name is that of the field or of the column
 *   operators  OR AND NOT  = <> != < <= > >=  IS [NOT] NULL  [NOT] BETWEEN  [NOT] IN (…)
 *              [NOT] LIKE  + - * / %  ||  ( )
 *   functions  length(text) in code points, lower, upper (ASCII), trim, abs, coalesce
 *   in statements of revisions: CAST(x AS type), CASE WHEN … THEN … ELSE … END
 *
 * Types are checked. Both sides of a comparison must have types that can be compared. A string
 * literal that is compared with a time, date, UUID or enum column must be a valid value of that
 * type, and a number that is compared with a decimal column must fit the column's scale.
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
    FURROW__EXPRESSION_NUMBER, /* a number with a fraction or exponent; `text` is the number as
                                  written */
    FURROW__EXPRESSION_TEXT,
    FURROW__EXPRESSION_NOW,
    FURROW__EXPRESSION_COLUMN,
    FURROW__EXPRESSION_UNARY,   /* the operators NOT and - */
    FURROW__EXPRESSION_BINARY,  /* the operators AND OR = <> < <= > >= LIKE + - * / % || */
    FURROW__EXPRESSION_IS_NULL, /* IS NULL, or IS NOT NULL if `negated` is set */
    FURROW__EXPRESSION_BETWEEN, /* BETWEEN; the arguments are the value, the lower bound and the
                                   upper bound */
    FURROW__EXPRESSION_IN,      /* IN; the first argument is the value, the others are the list */
    FURROW__EXPRESSION_CALL, /* a function call; `operator_` is the function's name in lower case */
    FURROW__EXPRESSION_CAST, /* CAST(x AS type); `type` is INT64, DOUBLE or TEXT */
    FURROW__EXPRESSION_CASE, /* CASE; the arguments are pairs of a condition and a value, and the
                                value of ELSE if there is one. CASE x WHEN a is read as CASE WHEN
                                x = a */
} furrow__expression_kind;

typedef struct furrow__expression {
    furrow__expression_kind kind;
    const char *operator_; /* the operator in upper case; "<>" also stands for != */
    bool negated;          /* NOT precedes the operator, or the operator is IS NOT NULL */
    int64_t integer;       /* the value of an integer literal; 0 or 1 for FALSE and TRUE */
    const char *text; /* the contents of a string literal; for a number with a fraction, the number
                         as written */
    const furrow_column *column;
    const furrow_column *beside; /* for a literal: the column whose type the literal takes; NULL if
                                    there is none */
    const struct furrow__expression **arguments;
    size_t argument_count;
    furrow_type type; /* the type of the result: BOOL, INT64, DOUBLE, DECIMAL, TEXT, TIME, DATE,
                         UUID, ENUM, … */
    size_t position;  /* byte offset of the expression in the source text */
} furrow__expression;

typedef struct furrow__expression_error {
    size_t position; /* byte offset of the mistake in the source text */
    char message[256];
} furrow__expression_error;

/* The purpose of an expression. An expression in `check` or `where` must be boolean. A default
 * contains no columns and has the type of its column. An indexed expression may have any type. */
typedef enum furrow__expression_use {
    FURROW__EXPRESSION_FOR_CHECK,
    FURROW__EXPRESSION_FOR_WHERE,
    FURROW__EXPRESSION_FOR_DEFAULT,
    FURROW__EXPRESSION_FOR_INDEX,
} furrow__expression_use;

/* The columns that an expression can refer to. */
typedef struct furrow__expression_scope {
    const char *table;   /* the name of the table, which messages mention */
    const void *context; /* the first argument of `find` and `column_at` */
    /* Returns the column with this name, or NULL if there is none. */
    const furrow_column *(*find)(const void *context, const char *name);
    /* Returns the column at this index, or NULL after the last column. */
    const furrow_column *(*column_at)(const void *context, size_t index);
} furrow__expression_scope;

/* Returns a scope that contains the columns of a model. A column is found by the name of its field
 * and by its own name. If the model is NULL, the scope is empty. */
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
    const furrow_column *column; /* the column that a default belongs to; NULL for other purposes */
    bool is_statement; /* the expression is part of a statement of a revision, which runs once. It
                          can contain CAST and CASE. If `column` is set, the statement writes the
                          value of the expression to that column */
} furrow__expression_source;

/* Parses and checks an expression. The tree belongs to the arena, and the columns in the tree
 * belong to the scope. If the text is not a valid expression for this purpose, returns NULL and
 * fills *error. When out of memory, the message in *error is empty. */
const furrow__expression *furrow__expression_parse(const furrow__expression_source *source,
                                                   furrow_arena *arena,
                                                   furrow__expression_error *error);

#endif
