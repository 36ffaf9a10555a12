/* SPDX-License-Identifier: MIT
 * Reads the tokens of expressions, and makes their nodes. See reader.h. */
#include "migrate/reflect/reader.h"

#include <stdlib.h>
#include <string.h>

#include "migrate/apply/dialect.h"
#include "schema/type.h"

typedef furrow__expression node;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void give(furrow__reader *r, furrow__lexeme_kind kind, furrow__token token)
{
    r->kind = kind;
    r->lexeme = furrow__token_copy(token, r->arena);
    if (!r->lexeme) {
        r->no_memory = true;
        r->kind = FURROW__LEXEME_BAD;
    }
}

/* Returns whether every escape sequence in a string is an escaped backslash. PostgreSQL escapes
 * nothing else in the strings that it writes. */
static bool has_only_escaped_backslashes(furrow__token token)
{
    for (size_t i = 1; i < furrow__token_size(token); i++)
        if (token.text[i] == '\\' && token.text[++i] != '\\')
            return false;
    return true;
}

static furrow__lexeme_kind string_kind(furrow__token token)
{
    bool is_plain = *token.text == '\'';
    bool is_escape_string = *token.text == 'E' || *token.text == 'e';
    return is_plain || (is_escape_string && has_only_escaped_backslashes(token))
               ? FURROW__LEXEME_TEXT
               : FURROW__LEXEME_BAD;
}

/* Returns whether a number consists of digits, optionally followed by a fraction and an
 * exponent. */
static bool is_well_formed(furrow__token token)
{
    const char *at = token.text, *end = at + furrow__token_size(token);
    while (at < end && (is_digit(*at) || *at == '.'))
        at++;
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        at += at < end && (*at == '-' || *at == '+');
        while (at < end && is_digit(*at))
            at++;
    }
    return at == end;
}

/* Reads the next token. A comment becomes FURROW__LEXEME_BAD, because its text would be lost. */
void furrow__reader_next(furrow__reader *r)
{
    furrow__token token = furrow__scanner_next(&r->scanner);
    switch (token.kind) {
    case FURROW__TOKEN_END:
        r->kind = FURROW__LEXEME_END;
        r->lexeme = "";
        break;
    case FURROW__TOKEN_WORD:
        give(r, FURROW__LEXEME_WORD, token);
        break;
    case FURROW__TOKEN_NAME:
        give(r, FURROW__LEXEME_NAME, token);
        break;
    case FURROW__TOKEN_STRING:
        give(r, string_kind(token), token);
        break;
    case FURROW__TOKEN_NUMBER:
        give(r, is_well_formed(token) ? FURROW__LEXEME_NUMBER : FURROW__LEXEME_BAD, token);
        break;
    case FURROW__TOKEN_SYMBOL:
        give(r, FURROW__LEXEME_SYMBOL, token);
        break;
    default:
        r->kind = FURROW__LEXEME_BAD;
        break;
    }
}

bool furrow__reader_keyword_is(const char *word, const char *keyword)
{
    for (; *word && *keyword; word++, keyword++)
        if ((*word >= 'a' && *word <= 'z' ? *word - 'a' + 'A' : *word) != *keyword)
            return false;
    return !*word && !*keyword;
}

/* Returns whether the current token is this keyword. The keyword is given in upper case. */
bool furrow__reader_is(const furrow__reader *r, const char *keyword)
{
    return r->kind == FURROW__LEXEME_WORD && furrow__reader_keyword_is(r->lexeme, keyword);
}

bool furrow__reader_is_symbol(const furrow__reader *r, const char *text)
{
    return r->kind == FURROW__LEXEME_SYMBOL && strcmp(r->lexeme, text) == 0;
}

bool furrow__reader_take(furrow__reader *r, const char *keyword)
{
    bool there = furrow__reader_is(r, keyword);
    if (there)
        furrow__reader_next(r);
    return there;
}

bool furrow__reader_take_symbol(furrow__reader *r, const char *text)
{
    bool there = furrow__reader_is_symbol(r, text);
    if (there)
        furrow__reader_next(r);
    return there;
}

node *furrow__node_make(furrow__reader *r, furrow__expression_kind kind, furrow_type type)
{
    node *n = furrow__arena_aligned(r->arena, sizeof *n, _Alignof(node));
    if (!n || ++r->nodes > FURROW__EXPRESSION_SIZE) {
        r->no_memory |= !n;
        return NULL;
    }
    *n = (node){.kind = kind, .type = type};
    return n;
}

node *furrow__node_with(furrow__reader *r, node made, const node *const *arguments)
{
    node *n = furrow__node_make(r, made.kind, made.type);
    const node **copy =
        furrow__arena_aligned(r->arena, (made.argument_count + 1) * sizeof *copy, _Alignof(node *));
    if (!n || !copy) {
        r->no_memory |= !copy;
        return NULL;
    }
    for (size_t i = 0; i < made.argument_count; i++) {
        if (!arguments[i])
            return NULL;
        copy[i] = arguments[i];
    }
    *n = made;
    n->arguments = copy;
    return n;
}

node *furrow__node_binary(furrow__reader *r, furrow_type type, const char *operator_, const node *a,
                          const node *b)
{
    return a && b ? furrow__node_with(r,
                                      (node){.kind = FURROW__EXPRESSION_BINARY,
                                             .type = type,
                                             .operator_ = operator_,
                                             .argument_count = 2},
                                      (const node *const[]){a, b})
                  : NULL;
}

bool furrow__node_type_is_number(furrow_type type)
{
    return type == FURROW_TYPE_INT64 || type == FURROW_TYPE_DOUBLE || type == FURROW_TYPE_DECIMAL;
}

bool furrow__node_is_literal(const node *n)
{
    return n->kind == FURROW__EXPRESSION_INTEGER || n->kind == FURROW__EXPRESSION_NUMBER ||
           n->kind == FURROW__EXPRESSION_TEXT;
}

/* If the engine stores booleans as integers, replaces the integers 0 and 1 with FALSE and TRUE. */
const node *furrow__node_as_bool(furrow__reader *r, const node *n)
{
    if (!n || !r->engine->bools_are_integers || n->kind != FURROW__EXPRESSION_INTEGER ||
        n->integer < 0 || n->integer > 1)
        return n;
    node *b = furrow__node_make(r, FURROW__EXPRESSION_BOOL, FURROW_TYPE_BOOL);
    if (b)
        b->integer = n->integer;
    return b;
}

node *furrow__node_number(furrow__reader *r, const char *text)
{
    bool whole = *text != '\0';
    for (const char *c = text + (*text == '-'); *c; c++)
        whole &= is_digit(*c);
    if (whole && strlen(text) < 19) {
        node *n = furrow__node_make(r, FURROW__EXPRESSION_INTEGER, FURROW_TYPE_INT64);
        if (n)
            n->integer = strtoll(text, NULL, 10);
        return n;
    }
    furrow_decimal ignored;
    char *end;
    if (whole && !furrow_decimal_parse(text, &ignored)) {
        /* furrow_decimal_parse rejects the two limits of a 64-bit integer, although they are valid
         */
        if (strcmp(text, "9223372036854775807") != 0 && strcmp(text, "-9223372036854775808") != 0)
            return NULL;
    }
    if (whole) {
        node *n = furrow__node_make(r, FURROW__EXPRESSION_INTEGER, FURROW_TYPE_INT64);
        if (n)
            n->integer = strtoll(text, &end, 10);
        return n;
    }
    bool digits = false;
    for (const char *c = text + (*text == '-'); *c; c++) {
        digits |= is_digit(*c);
        if (!is_digit(*c) && !strchr(".eE+-", *c))
            return NULL;
    }
    node *n = digits ? furrow__node_make(r, FURROW__EXPRESSION_NUMBER, FURROW_TYPE_DOUBLE) : NULL;
    if (n)
        n->text = text;
    return n;
}

node *furrow__node_text(furrow__reader *r, const char *text)
{
    node *n = furrow__node_make(r, FURROW__EXPRESSION_TEXT, FURROW_TYPE_TEXT);
    if (n)
        n->text = text;
    return n;
}

node *furrow__node_like(furrow__reader *r, const node *value, const char *pattern, bool negated)
{
    node *n =
        furrow__node_binary(r, FURROW_TYPE_BOOL, "LIKE", value, furrow__node_text(r, pattern));
    if (n)
        n->negated = negated;
    return n;
}

node *furrow__node_column(furrow__reader *r, const char *name)
{
    const furrow_column *column;
    for (size_t i = 0; (column = furrow__scope_column(r->scope, i)); i++) {
        if (!r->engine->dialect->apply->names_are_equal(column->name, name))
            continue;
        node *n =
            furrow__node_make(r, FURROW__EXPRESSION_COLUMN, furrow__type_family(column->type));
        if (n)
            n->column = column;
        return n;
    }
    return NULL;
}
