/* SPDX-License-Identifier: MIT
 *
 * Declarations shared by the files of the expression parser: tokens (expression_lexer.c), grammar
 * (expression_parser.c) and types (expression_check.c). The first mistake is recorded in *error;
 * all later calls do nothing.
 */
#ifndef FURROW_SCHEMA_EXPRESSION_PARTS_H
#define FURROW_SCHEMA_EXPRESSION_PARTS_H

#include "scan/scan.h"
#include "schema/expression.h"

/* The limit for the number of operators in an expression. A chain such as a OR b OR … becomes a
 * tree whose depth is the length of the chain, and SQLite refuses trees that are deeper than 1,000
 * levels. */
enum { FURROW__EXPRESSION_OPERATORS = 400 };

typedef enum furrow__lexeme_kind {
    FURROW__LEXEME_END,
    FURROW__LEXEME_WORD,       /* an unquoted identifier or a keyword */
    FURROW__LEXEME_IDENTIFIER, /* a name in double quotes; `text` does not contain the quotes */
    FURROW__LEXEME_TEXT,       /* a string literal in single quotes; `text` does not contain the
                                  quotes */
    FURROW__LEXEME_INTEGER,
    FURROW__LEXEME_NUMBER, /* a number with a fraction or exponent */
    FURROW__LEXEME_SYMBOL, /* an operator, a comma or a parenthesis; for != the text is "<>" */
} furrow__lexeme_kind;

typedef struct furrow__lexeme {
    furrow__lexeme_kind kind;
    const char *text; /* the text of the token, allocated in the arena; "" at the end of the
                         expression */
    size_t position;  /* byte offset of the token in the expression */
} furrow__lexeme;

typedef struct furrow__expression_context {
    furrow__scanner scanner;
    const furrow__expression_scope *scope;
    const furrow_column *column; /* the column that a default belongs to; NULL for other purposes */
    furrow__expression_use use;
    bool is_statement;
    furrow_arena *arena;
    furrow__expression_error *error;
    bool failed;
    int depth, operators;
    furrow__lexeme token; /* the current token */
} furrow__expression_context;

/* Reports a mistake, unless an earlier mistake was reported. Returns false. */
bool furrow__expression_fail(furrow__expression_context *context, size_t position,
                             const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Reports that memory ran out by setting an empty message. Returns false. */
bool furrow__expression_no_memory(furrow__expression_context *context);

/* Reads the next token into context->token. */
bool furrow__expression_next(furrow__expression_context *context);
/* Returns how many bytes of a string fit into a message. The result is used as the precision of
 * "%.*s". */
int furrow__expression_shown(const char *text);

/* Determines the type of a node from the types of its arguments. Returns false after reporting an
 * error if the types do not match. */
bool furrow__expression_check(furrow__expression_context *context, furrow__expression *node);
/* Finds the column that a word or quoted name refers to. */
bool furrow__expression_resolve(furrow__expression_context *context, furrow__expression *node,
                                const char *name);
/* Checks that the finished tree is valid for the purpose of the expression. */
bool furrow__expression_check_use(furrow__expression_context *context, furrow__expression *root);

#endif
