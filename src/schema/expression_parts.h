/* SPDX-License-Identifier: MIT
 *
 * Declarations shared by the files of the expression parser: tokens (expression_lexer.c), the
 * grammar (expression_parser.c) and types (expression_check.c). The first mistake is kept in
 * *error; after it, all functions do nothing.
 */
#ifndef FURROW_SCHEMA_EXPRESSION_PARTS_H
#define FURROW_SCHEMA_EXPRESSION_PARTS_H

#include "scan/scan.h"
#include "schema/expression.h"

/* The number of operators in one expression is limited. A chain such as a OR b OR … becomes a tree
 * that is as deep as the chain is long, and SQLite refuses trees deeper than 1,000. */
enum { FURROW__EXPRESSION_OPERATORS = 400 };

typedef enum furrow__lexeme_kind {
    FURROW__LEXEME_END,
    FURROW__LEXEME_WORD,       /* an identifier or keyword without quotes */
    FURROW__LEXEME_IDENTIFIER, /* a name in double quotes; `text` is without the quotes */
    FURROW__LEXEME_TEXT,       /* a literal in single quotes; `text` is without the quotes */
    FURROW__LEXEME_INTEGER,
    FURROW__LEXEME_NUMBER, /* a number with a fraction or exponent */
    FURROW__LEXEME_SYMBOL, /* an operator, a comma or a parenthesis; the text of != is "<>" */
} furrow__lexeme_kind;

typedef struct furrow__lexeme {
    furrow__lexeme_kind kind;
    const char *text; /* the text of the token, in the arena; "" at the end of the expression */
    size_t position;  /* byte offset of the token in the expression */
} furrow__lexeme;

typedef struct furrow__expression_context {
    furrow__scanner scanner;
    const furrow__expression_scope *scope;
    const furrow_column *column; /* the column that a default belongs to; NULL for other purposes */
    furrow__expression_use use;
    furrow_arena *arena;
    furrow__expression_error *error;
    bool failed;
    int depth, operators;
    furrow__lexeme token; /* the current token */
} furrow__expression_context;

/* Reports a mistake, unless one was reported already. Returns false. */
bool furrow__expression_fail(furrow__expression_context *context, size_t position,
                             const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Reports that memory ran out, by an empty message. Returns false. */
bool furrow__expression_no_memory(furrow__expression_context *context);

/* Reads the next token into context->token. */
bool furrow__expression_next(furrow__expression_context *context);
/* Returns how many bytes of a name or text fit into a message, as the precision of "%.*s". */
int furrow__expression_shown(const char *text);

/* Gives a node its type; its arguments have theirs already. Returns false if the types do not
 * match. */
bool furrow__expression_check(furrow__expression_context *context, furrow__expression *node);
/* Finds the column that a word or quoted name refers to. */
bool furrow__expression_resolve(furrow__expression_context *context, furrow__expression *node,
                                const char *name);
/* Checks that the finished tree fits the purpose of the expression. */
bool furrow__expression_check_use(furrow__expression_context *context, furrow__expression *root);

#endif
