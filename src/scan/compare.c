/* SPDX-License-Identifier: MIT
 * Compares tokens: see compare.h. Characters are compared one by one, without making copies. */
#include "scan/compare.h"

#include <string.h>

/* The characters of a token without its quotes. */
typedef struct content {
    const char *at, *end;
    char quote;   /* the quote character, which is doubled inside the token; NUL if the token has no
                     quotes */
    bool escapes; /* whether a backslash escapes the next character */
} content;

static content content_of(furrow__token token)
{
    content c = {token.text, token.text + furrow__token_size(token), '\0', false};
    if (token.kind == FURROW__TOKEN_NAME || token.kind == FURROW__TOKEN_STRING) {
        if (*c.at == '$') {
            const char *body = memchr(c.at + 1, '$', (size_t)(c.end - c.at) - 1);
            size_t delimiter = body ? (size_t)(body - c.at) + 1 : 0;
            return (content){c.at + delimiter, c.end - delimiter, '\0', false};
        }
        c.escapes = *c.at == 'E' || *c.at == 'e';
        c.at += c.escapes;
        c.quote = *c.at == '[' ? '\0' : *c.at;
        c.at++;
        c.end--;
    }
    return c;
}

/* Returns the next character, or -1 at the end of the token. */
static int next_character(content *c)
{
    if (c->at >= c->end)
        return -1;
    char character = *c->at++;
    if (c->escapes && character == '\\' && c->at < c->end)
        character = *c->at++;
    else if (c->quote && character == c->quote)
        c->at++;
    return (unsigned char)character;
}

static int to_upper(int c)
{
    return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

static bool contents_are_equal(content a, content b, bool ignore_case)
{
    for (;;) {
        int x = next_character(&a), y = next_character(&b);
        if (x != y && !(ignore_case && to_upper(x) == to_upper(y)))
            return false;
        if (x < 0)
            return true;
    }
}

static content content_of_text(const char *text)
{
    return (content){text, text + strlen(text), '\0', false};
}

bool furrow__token_is_name(furrow__token token, const char *name)
{
    return furrow__token_names(token) &&
           contents_are_equal(content_of(token), content_of_text(name), true);
}

const char *furrow__token_copy(furrow__token token, furrow_arena *arena)
{
    char *copy = furrow__arena_aligned(arena, furrow__token_size(token) + 1, 1);
    content c = content_of(token);
    size_t size = 0;
    for (int character; copy && (character = next_character(&c)) >= 0;)
        copy[size++] = (char)character;
    if (copy)
        copy[size] = '\0';
    return copy;
}

bool furrow__names_are_equal_in_any_case(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    return contents_are_equal(content_of_text(a), content_of_text(b), true);
}

bool furrow__text_mentions(const char *text, const char *name, uint32_t syntax)
{
    /* Without this flag, the bodies of DO and CREATE FUNCTION are read as code, not as strings. */
    syntax &= ~(uint32_t)FURROW__SCAN_DOLLAR_QUOTES;
    furrow__scanner scanner = furrow__scanner_begin(text, strlen(text), syntax);
    for (;;) {
        furrow__token token = furrow__scanner_next(&scanner);
        if (token.kind == FURROW__TOKEN_END)
            return false;
        if (furrow__token_is_name(token, name))
            return true;
    }
}

/* Returns a cursor at the first token of the text. Parentheses that enclose the whole text are
 * skipped. */
static furrow__cursor without_parentheses(const char *text)
{
    furrow__cursor c = furrow__cursor_begin(text, strlen(text), FURROW__SCAN_SQLITE);
    while (furrow__token_is(c.token, '(')) {
        furrow__cursor after = c;
        if (!furrow__cursor_skip_list(&after) || after.token.kind != FURROW__TOKEN_END)
            break;
        const char *inside = c.token.text + 1;
        size_t size = after.last_end - 1 - c.token.end;
        c = furrow__cursor_begin(inside, size, FURROW__SCAN_SQLITE);
    }
    return c;
}

bool furrow__sqlite_tokens_are_equal(furrow__token a, furrow__token b)
{
    bool are_names = furrow__token_names(a) && furrow__token_names(b);
    if (!are_names && a.kind != b.kind)
        return false;
    return contents_are_equal(content_of(a), content_of(b), a.kind != FURROW__TOKEN_STRING);
}

bool furrow__sqlite_texts_are_equal(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    furrow__cursor x = without_parentheses(a), y = without_parentheses(b);
    for (;; furrow__cursor_next(&x), furrow__cursor_next(&y)) {
        if (!furrow__sqlite_tokens_are_equal(x.token, y.token))
            return false;
        if (x.token.kind == FURROW__TOKEN_END)
            return true;
    }
}
