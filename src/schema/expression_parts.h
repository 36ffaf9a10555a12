/* SPDX-License-Identifier: MIT
 *
 * What the three files of the expression parser share: tokens (expression_lexer.c), the grammar
 * (expression_parser.c) and the types (expression_check.c). The first mistake is kept in *error,
 * and every function after it does nothing.
 */
#ifndef FURROW_SCHEMA_EXPRESSION_PARTS_H
#define FURROW_SCHEMA_EXPRESSION_PARTS_H

#include "scan/scan.h"
#include "schema/expression.h"

/* Operators in one expression. A chain (a OR b OR …) is a tree as deep as it is long, and SQLite
 * refuses trees deeper than 1,000. */
enum { FURROW__EXPRESSION_OPERATORS = 400 };

typedef enum furrow__lexeme_kind {
    FURROW__LEXEME_END,
    FURROW__LEXEME_WORD,       /* an identifier or keyword without quotes */
    FURROW__LEXEME_IDENTIFIER, /* in double quotes, unescaped */
    FURROW__LEXEME_TEXT,       /* in single quotes, unescaped */
    FURROW__LEXEME_INTEGER,
    FURROW__LEXEME_NUMBER, /* with a fraction or exponent */
    FURROW__LEXEME_SYMBOL, /* ( ) , and operators; "!=" is given as "<>" */
} furrow__lexeme_kind;

typedef struct furrow__lexeme {
    furrow__lexeme_kind kind;
    const char *text; /* in the arena; "" at the end */
    size_t position;  /* in bytes */
} furrow__lexeme;

typedef struct furrow__expression_context {
    furrow__scanner scanner;
    const furrow__expression_scope *scope;
    const furrow_column *column; /* of a default */
    furrow__expression_use use;
    furrow_arena *arena;
    furrow__expression_error *error;
    bool failed;
    int depth, operators;
    furrow__lexeme token; /* the one to look at */
} furrow__expression_context;

/* Keep the first mistake; returns false. */
bool furrow__expression_fail(furrow__expression_context *context, size_t position,
                             const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same when out of memory: the message is empty. */
bool furrow__expression_no_memory(furrow__expression_context *context);

/* Read the next token into context->token. */
bool furrow__expression_next(furrow__expression_context *context);
/* How many bytes of a name or text fit into a message, for "%.*s". */
int furrow__expression_shown(const char *text);

/* Give a node its type once its arguments have theirs, or fail. */
bool furrow__expression_check(furrow__expression_context *context, furrow__expression *node);
/* Find the column that a word or quoted identifier names. */
bool furrow__expression_resolve(furrow__expression_context *context, furrow__expression *node,
                                const char *name);
/* Check the whole tree against what it is for. */
bool furrow__expression_check_use(furrow__expression_context *context, furrow__expression *root);

#endif
