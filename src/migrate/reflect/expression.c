/* SPDX-License-Identifier: MIT
 *
 * Reads the expressions that SQLite stores and that PostgreSQL writes (pg_get_expr). Nothing is
 * guessed: if an expression contains a cast, an operator or a function that furrow does not have,
 * reading fails. The caller writes the result in the syntax of furrow, then parses and checks it.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "migrate/reflect/parts.h"
#include "migrate/reflect/reader.h"

typedef furrow__expression node;

/* Reads a comma-separated list of expressions, up to the symbol `close`. */
size_t furrow__read_list(furrow__reader *r, const node **out, const char *close)
{
    size_t count = 0;
    if (furrow__reader_take_symbol(r, close))
        return 0;
    do {
        const node *n = count < FURROW__READER_LIST ? furrow__read_expression(r) : NULL;
        if (!n)
            return 0;
        out[count++] = n;
    } while (furrow__reader_take_symbol(r, ","));
    return furrow__reader_take_symbol(r, close) ? count : 0;
}

static node *parse_call(furrow__reader *r, const char *name)
{
    const node *items[FURROW__READER_LIST];
    const furrow__reflect_function *function = NULL;
    for (size_t i = 0; i < r->engine->function_count && !function; i++)
        if (furrow__reader_keyword_is(name, r->engine->functions[i].name))
            function = &r->engine->functions[i];
    if (!function)
        return NULL;
    if (furrow__reader_take(r, "BOTH") && !furrow__reader_take(r, "FROM"))
        return NULL;
    size_t count = furrow__read_list(r, items, ")");
    if (!count || (count > 1 && strcmp(function->furrow, "coalesce") != 0))
        return NULL;
    bool is_text = items[0]->type == FURROW_TYPE_TEXT || items[0]->type == FURROW_TYPE_ENUM;
    if (function->type == FURROW_TYPE_INT64 && !is_text)
        return NULL;
    return furrow__node_with(
        r,
        (node){.kind = FURROW__EXPRESSION_CALL,
               .type = function->type == FURROW_TYPE_NULL ? items[0]->type : function->type,
               .operator_ = function->furrow,
               .argument_count = count},
        items);
}

static const node *parse_word(furrow__reader *r)
{
    const char *word = r->lexeme;
    bool quoted = r->kind == FURROW__LEXEME_NAME;
    if (!quoted && (furrow__reader_is(r, "TRUE") || furrow__reader_is(r, "FALSE"))) {
        node *n = furrow__node_make(r, FURROW__EXPRESSION_BOOL, FURROW_TYPE_BOOL);
        if (n)
            n->integer = furrow__reader_is(r, "TRUE");
        furrow__reader_next(r);
        return n;
    }
    furrow__reader_next(r);
    if (!quoted && furrow__reader_keyword_is(word, "NULL"))
        return furrow__node_make(r, FURROW__EXPRESSION_NULL, FURROW_TYPE_NULL);
    if (!quoted) {
        bool known = true;
        const node *n = r->engine->read_keyword(r, word, &known);
        if (known)
            return n;
    }
    if (!quoted && furrow__reader_take_symbol(r, "("))
        return parse_call(r, word);
    return furrow__node_column(r, word);
}

static const node *parse_primary(furrow__reader *r)
{
    if (r->kind == FURROW__LEXEME_TEXT || r->kind == FURROW__LEXEME_NUMBER) {
        const node *n = r->kind == FURROW__LEXEME_TEXT ? furrow__node_text(r, r->lexeme)
                                                       : furrow__node_number(r, r->lexeme);
        furrow__reader_next(r);
        return n;
    }
    if (r->kind == FURROW__LEXEME_WORD || r->kind == FURROW__LEXEME_NAME)
        return parse_word(r);
    if (!furrow__reader_take_symbol(r, "("))
        return NULL;
    const node *n = furrow__read_expression(r);
    return n && furrow__reader_take_symbol(r, ")") ? n : NULL;
}

/* Reads an operand, its collation, and suffixes that are specific to the engine. */
static const node *parse_postfix(furrow__reader *r)
{
    const node *n = parse_primary(r);
    while (n) {
        if (furrow__reader_take(r, "COLLATE")) {
            if (!r->engine->is_binary_collation(r))
                return NULL;
            furrow__reader_next(r);
            continue;
        }
        bool known = r->engine->read_suffix != NULL;
        const node *whole = known ? r->engine->read_suffix(r, n, &known) : NULL;
        if (!known)
            break;
        n = whole;
    }
    return n;
}

static const node *parse_sign(furrow__reader *r)
{
    if (furrow__reader_take_symbol(r, "+"))
        return parse_sign(r);
    if (!furrow__reader_take_symbol(r, "-"))
        return parse_postfix(r);
    if (++r->depth > FURROW__EXPRESSION_DEPTH)
        return NULL;
    if (r->kind == FURROW__LEXEME_NUMBER) {
        char *text = furrow__arena_aligned(r->arena, strlen(r->lexeme) + 2, 1);
        if (!text) {
            r->no_memory = true;
            return NULL;
        }
        snprintf(text, strlen(r->lexeme) + 2, "-%s", r->lexeme);
        furrow__reader_next(r);
        r->depth--;
        return furrow__node_number(r, text);
    }
    const node *n = parse_sign(r);
    r->depth--;
    return n && furrow__node_type_is_number(n->type)
               ? furrow__node_with(r,
                                   (node){.kind = FURROW__EXPRESSION_UNARY,
                                          .type = n->type,
                                          .operator_ = "-",
                                          .argument_count = 1},
                                   (const node *const[]){n})
               : NULL;
}

static const node *parse_joined(furrow__reader *r)
{
    const node *n = parse_sign(r);
    while (n && furrow__reader_take_symbol(r, "||"))
        n = furrow__node_binary(r, FURROW_TYPE_TEXT, "||", n, parse_sign(r));
    return n;
}

static furrow_type wider(const node *a, const node *b)
{
    if (!a || !b)
        return FURROW_TYPE_NULL;
    if (a->type == FURROW_TYPE_DECIMAL || b->type == FURROW_TYPE_DECIMAL)
        return FURROW_TYPE_DECIMAL;
    return a->type == FURROW_TYPE_DOUBLE || b->type == FURROW_TYPE_DOUBLE ? FURROW_TYPE_DOUBLE
                                                                          : FURROW_TYPE_INT64;
}

static const node *parse_product(furrow__reader *r)
{
    static const char *const operators[] = {"*", "/", "%"};
    const node *n = parse_joined(r);
    for (size_t i = 0; n && i < 3; i++)
        if (furrow__reader_take_symbol(r, operators[i])) {
            const node *b = parse_joined(r);
            n = furrow__node_binary(r, wider(n, b), operators[i], n, b);
            i = SIZE_MAX; /* starts the search again with the first operator */
        }
    return n;
}

const node *furrow__read_sum(furrow__reader *r)
{
    const node *n = parse_product(r);
    for (;;) {
        const char *operator_ = furrow__reader_is_symbol(r, "+")   ? "+"
                                : furrow__reader_is_symbol(r, "-") ? "-"
                                                                   : NULL;
        if (!n || !operator_)
            return n;
        furrow__reader_next(r);
        const node *b = parse_product(r);
        n = furrow__node_binary(r, wider(n, b), operator_, n, b);
    }
}

/* Converts a number that is compared with the boolean `value` to TRUE or FALSE. */
static const node *as_operand_of(furrow__reader *r, const node *value, const node *n)
{
    return value && value->type == FURROW_TYPE_BOOL ? furrow__node_as_bool(r, n) : n;
}

static const node *parse_in(furrow__reader *r, const node *value, bool negated)
{
    const node *items[FURROW__READER_LIST + 1];
    size_t count = furrow__reader_take_symbol(r, "(") ? furrow__read_list(r, items + 1, ")") : 0;
    if (!count)
        return NULL;
    items[0] = value;
    for (size_t i = 1; i <= count; i++)
        items[i] = as_operand_of(r, value, items[i]);
    node *n = furrow__node_with(r,
                                (node){.kind = FURROW__EXPRESSION_IN,
                                       .type = FURROW_TYPE_BOOL,
                                       .argument_count = count + 1},
                                items);
    if (n)
        n->negated = negated;
    return n;
}

static const node *parse_between(furrow__reader *r, const node *value, bool negated)
{
    const node *low = furrow__read_sum(r),
               *high = low && furrow__reader_take(r, "AND") ? furrow__read_sum(r) : NULL;
    node *n = high ? furrow__node_with(r,
                                       (node){.kind = FURROW__EXPRESSION_BETWEEN,
                                              .type = FURROW_TYPE_BOOL,
                                              .argument_count = 3},
                                       (const node *const[]){value, low, high})
                   : NULL;
    if (n)
        n->negated = negated;
    return n;
}

static const node *parse_is(furrow__reader *r, const node *value)
{
    bool negated = furrow__reader_take(r, "NOT");
    if (!furrow__reader_take(r, "NULL"))
        return NULL;
    node *n = furrow__node_with(
        r,
        (node){.kind = FURROW__EXPRESSION_IS_NULL, .type = FURROW_TYPE_BOOL, .argument_count = 1},
        (const node *const[]){value});
    if (n)
        n->negated = negated;
    return n;
}

static const node *parse_compared(furrow__reader *r, const node *value)
{
    static const char *const signs[] = {"<=", ">=", "<>", "!=", "==", "=", "<", ">"};
    static const char *const canonical[] = {"<=", ">=", "<>", "<>", "=", "=", "<", ">"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (!furrow__reader_take_symbol(r, signs[i]))
            continue;
        bool equal = strcmp(canonical[i], "=") == 0, differs = strcmp(canonical[i], "<>") == 0;
        bool known = (equal || differs) && r->engine->read_quantifier;
        const node *whole =
            known ? r->engine->read_quantifier(r, value, canonical[i], &known) : NULL;
        if (known)
            return whole;
        const node *other = furrow__read_sum(r);
        if (!other)
            return NULL;
        return furrow__node_binary(r, FURROW_TYPE_BOOL, canonical[i],
                                   as_operand_of(r, other, value), as_operand_of(r, value, other));
    }
    return value;
}

static const node *parse_comparison(furrow__reader *r)
{
    const node *n = furrow__read_sum(r);
    if (!n)
        return NULL;
    bool negated = furrow__reader_take(r, "NOT");
    if (furrow__reader_take(r, "IN"))
        return parse_in(r, n, negated);
    if (furrow__reader_take(r, "BETWEEN"))
        return parse_between(r, n, negated);
    bool known = true;
    const node *whole = r->engine->read_operator(r, n, negated, &known);
    if (known)
        return whole;
    if (negated)
        return NULL;
    return furrow__reader_take(r, "IS") ? parse_is(r, n) : parse_compared(r, n);
}

static const node *parse_not(furrow__reader *r)
{
    if (!furrow__reader_take(r, "NOT"))
        return parse_comparison(r);
    if (++r->depth > FURROW__EXPRESSION_DEPTH)
        return NULL;
    const node *n = furrow__node_as_bool(r, parse_not(r));
    r->depth--;
    return n ? furrow__node_with(r,
                                 (node){.kind = FURROW__EXPRESSION_UNARY,
                                        .type = FURROW_TYPE_BOOL,
                                        .operator_ = "NOT",
                                        .argument_count = 1},
                                 (const node *const[]){n})
             : NULL;
}

static bool is_comparison(const node *n, const char *operator_)
{
    return n->kind == FURROW__EXPRESSION_BINARY && strcmp(n->operator_, operator_) == 0 &&
           n->arguments[0]->kind == FURROW__EXPRESSION_COLUMN &&
           furrow__node_is_literal(n->arguments[1]);
}

/* Restores BETWEEN from x >= a AND x <= b, if the engine stores BETWEEN in this form. The engine
 * adds parentheses around the two comparisons, so this AND has no other operands. */
static const node *make_between(furrow__reader *r, const node *a, const node *b)
{
    if (!r->engine->splits_between || !is_comparison(a, ">=") || !is_comparison(b, "<=") ||
        a->arguments[0]->column != b->arguments[0]->column)
        return NULL;
    return furrow__node_with(
        r,
        (node){.kind = FURROW__EXPRESSION_BETWEEN, .type = FURROW_TYPE_BOOL, .argument_count = 3},
        (const node *const[]){a->arguments[0], a->arguments[1], b->arguments[1]});
}

static const node *parse_and(furrow__reader *r)
{
    const node *n = parse_not(r), *between = NULL;
    for (int count = 1; n && furrow__reader_take(r, "AND"); count++) {
        const node *b = parse_not(r);
        between = b && count == 1 ? make_between(r, n, b) : NULL;
        n = b ? furrow__node_binary(r, FURROW_TYPE_BOOL, "AND", furrow__node_as_bool(r, n),
                                    furrow__node_as_bool(r, b))
              : NULL;
    }
    return n && between ? between : n;
}

const node *furrow__read_expression(furrow__reader *r)
{
    if (++r->depth > FURROW__EXPRESSION_DEPTH)
        return NULL;
    const node *n = parse_and(r);
    while (n && furrow__reader_take(r, "OR")) {
        const node *b = parse_and(r);
        n = b ? furrow__node_binary(r, FURROW_TYPE_BOOL, "OR", furrow__node_as_bool(r, n),
                                    furrow__node_as_bool(r, b))
              : NULL;
    }
    r->depth--;
    return n;
}

const furrow__expression *furrow__reflect_parse(const char *text, const furrow__dialect *dialect,
                                                const furrow__expression_scope *scope,
                                                furrow_arena *arena, bool *no_memory)
{
    size_t size = strlen(text);
    uint32_t syntax = furrow__dialect_syntax(dialect) | FURROW__SCAN_COMMENTS;
    furrow__reader r = {.scanner = furrow__scanner_begin(text, size, syntax),
                        .engine = furrow__reflect_engine_of(dialect),
                        .scope = scope,
                        .arena = arena};
    const node *n = NULL;
    *no_memory = false;
    if (size > FURROW__EXPRESSION_SIZE * 4 || !furrow__utf8_is_valid(text, size))
        return NULL;
    furrow__reader_next(&r);
    n = furrow__read_expression(&r);
    *no_memory = r.no_memory;
    return r.kind == FURROW__LEXEME_END && !r.no_memory ? n : NULL;
}
