/* SPDX-License-Identifier: MIT
 *
 * Converts an engine's expressions to furrow's expressions. The grammar that all engines share is
 * in expression.c. The table of each engine adds the engine's own forms (engine.h). Functions that
 * return a node return NULL if furrow cannot express the text, or if an operand is NULL. They also
 * return NULL when out of memory; no_memory is then true.
 */
#ifndef FURROW_MIGRATE_REFLECT_READER_H
#define FURROW_MIGRATE_REFLECT_READER_H

#include "migrate/reflect/engine.h"
#include "scan/scan.h"

typedef enum furrow__lexeme_kind {
    FURROW__LEXEME_END,
    FURROW__LEXEME_WORD, /* a keyword, or a name without quotes */
    FURROW__LEXEME_NAME, /* a name in quotes */
    FURROW__LEXEME_TEXT,
    FURROW__LEXEME_NUMBER,
    FURROW__LEXEME_SYMBOL,
    FURROW__LEXEME_BAD,
} furrow__lexeme_kind;

typedef struct furrow__reader {
    furrow__scanner scanner;
    const furrow__reflect_engine *engine;
    const furrow__expression_scope *scope; /* the columns that the expression can name */
    furrow_arena *arena;
    furrow__lexeme_kind kind; /* the kind of the current token */
    const char *lexeme;       /* the current token, without quotes */
    int depth, nodes;         /* nesting depth, and number of nodes; both are limited */
    bool no_memory;
} furrow__reader;

enum { FURROW__READER_LIST = 1000 }; /* the maximum number of elements in a list */

/* Tokens (reader.c) */

void furrow__reader_next(furrow__reader *r);
/* Returns whether a word is this keyword. The keyword is given in upper case. */
bool furrow__reader_keyword_is(const char *word, const char *keyword);
/* Returns whether the current token is this keyword or symbol. */
bool furrow__reader_is(const furrow__reader *r, const char *keyword);
bool furrow__reader_is_symbol(const furrow__reader *r, const char *text);
/* If the current token is this keyword or symbol, these functions skip it and return true. */
bool furrow__reader_take(furrow__reader *r, const char *keyword);
bool furrow__reader_take_symbol(furrow__reader *r, const char *text);

/* Nodes (reader.c) */

furrow__expression *furrow__node_make(furrow__reader *r, furrow__expression_kind kind,
                                      furrow_type type);
/* Makes a copy of `node` with node.argument_count arguments. */
furrow__expression *furrow__node_with(furrow__reader *r, furrow__expression node,
                                      const furrow__expression *const *arguments);
furrow__expression *furrow__node_binary(furrow__reader *r, furrow_type type, const char *operator_,
                                        const furrow__expression *a, const furrow__expression *b);
/* Makes LIKE or NOT LIKE with a pattern in furrow's form. */
furrow__expression *furrow__node_like(furrow__reader *r, const furrow__expression *value,
                                      const char *pattern, bool negated);
furrow__expression *furrow__node_text(furrow__reader *r, const char *text);
furrow__expression *furrow__node_number(furrow__reader *r, const char *text);
furrow__expression *furrow__node_column(furrow__reader *r, const char *name);
/* If the engine stores booleans as integers, returns TRUE for the integer 1 and FALSE for the
 * integer 0. Returns any other node unchanged. */
const furrow__expression *furrow__node_as_bool(furrow__reader *r, const furrow__expression *node);
bool furrow__node_is_literal(const furrow__expression *node);
/* Returns whether nodes of this type are numbers. */
bool furrow__node_type_is_number(furrow_type type);

/* The grammar (expression.c) */

const furrow__expression *furrow__read_expression(furrow__reader *r);
/* Reads an operand of a comparison. */
const furrow__expression *furrow__read_sum(furrow__reader *r);
/* Reads a comma-separated list of expressions and the symbol `close` after it. When called, the
 * current token must be the first token of the first expression. Returns the number of expressions,
 * or 0 on failure. */
size_t furrow__read_list(furrow__reader *r, const furrow__expression **out, const char *close);

#endif
