/* SPDX-License-Identifier: MIT
 * Implements the scanner of SQL text: see scan.h. */
#include "scan/scan.h"

#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_outside_ascii(char c)
{
    return (unsigned char)c >= 0x80;
}

static char to_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool has(const furrow__scanner *s, uint32_t flags)
{
    return s->syntax & flags;
}

/* Returns the byte at an offset, or NUL at the end of the text. */
static char byte_at(const furrow__scanner *s, size_t at)
{
    return at < s->size ? s->text[at] : '\0';
}

static bool is_blank(const furrow__scanner *s, char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' ||
           ((c == '\f' || c == '\v') && !has(s, FURROW__SCAN_ASCII_WORDS));
}

static bool starts_word(const furrow__scanner *s, char c)
{
    return is_letter(c) || (is_outside_ascii(c) && !has(s, FURROW__SCAN_ASCII_WORDS));
}

static bool continues_word(const furrow__scanner *s, char c)
{
    return starts_word(s, c) || is_digit(c) || (c == '$' && !has(s, FURROW__SCAN_ASCII_WORDS));
}

enum { NOT_CLOSED = 0 }; /* returned by the functions below if a quote or comment is not closed */

/* Returns the offset after the closing quote. A doubled quote is part of the contents, except in
 * [name]. A NUL is treated as the end of the text. */
static size_t skip_quoted(const furrow__scanner *s, size_t opening)
{
    char close = s->text[opening] == '[' ? ']' : s->text[opening];
    for (size_t at = opening + 1; byte_at(s, at); at++) {
        if (s->text[at] != close)
            continue;
        if (close == ']' || byte_at(s, at + 1) != close)
            return at + 1;
        at++;
    }
    return NOT_CLOSED;
}

static size_t skip_escape_string(const furrow__scanner *s, size_t opening)
{
    for (size_t at = opening + 1; byte_at(s, at); at++) {
        if (s->text[at] == '\\') {
            if (!byte_at(s, ++at))
                return NOT_CLOSED;
        } else if (s->text[at] == '\'') {
            if (byte_at(s, at + 1) != '\'')
                return at + 1;
            at++;
        }
    }
    return NOT_CLOSED;
}

static size_t skip_line_comment(const furrow__scanner *s, size_t at)
{
    while (at < s->size && s->text[at] != '\n' &&
           !(s->text[at] == '\r' && has(s, FURROW__SCAN_CARRIAGE_RETURNS)))
        at++;
    return at;
}

static size_t skip_block_comment(const furrow__scanner *s, size_t at)
{
    size_t depth = 1;
    at += 2;
    while (at < s->size) {
        char c = s->text[at], next = byte_at(s, at + 1);
        if (c == '*' && next == '/') {
            at += 2;
            if (!--depth)
                return at;
        } else if (c == '/' && next == '*' && has(s, FURROW__SCAN_NESTED_COMMENTS)) {
            at += 2;
            depth++;
        } else {
            at++;
        }
    }
    return NOT_CLOSED;
}

/* Returns the offset after an opening delimiter $tag$, or 0 if there is no such delimiter at this
 * offset. */
static size_t skip_dollar_tag(const furrow__scanner *s, size_t at)
{
    at++;
    if (starts_word(s, byte_at(s, at)))
        while (starts_word(s, byte_at(s, at)) || is_digit(byte_at(s, at)))
            at++;
    return byte_at(s, at) == '$' ? at + 1 : 0;
}

static size_t skip_dollar_string(const furrow__scanner *s, size_t opening, size_t body)
{
    size_t size = body - opening;
    for (size_t at = body; at + size <= s->size; at++)
        if (s->text[at] == '$' && memcmp(s->text + at, s->text + opening, size) == 0)
            return at + size;
    return NOT_CLOSED;
}

static size_t skip_word(const furrow__scanner *s, size_t at)
{
    while (continues_word(s, byte_at(s, at)))
        at++;
    return at;
}

/* Returns the offset after a number: digits, letters, points, and the sign of an exponent. */
static size_t skip_number(const furrow__scanner *s, size_t start)
{
    bool is_hexadecimal = to_upper(byte_at(s, start + 1)) == 'X';
    size_t at = start;
    for (;; at++) {
        char c = byte_at(s, at);
        bool is_sign = (c == '+' || c == '-') && to_upper(s->text[at - 1]) == 'E';
        if (!is_digit(c) && c != '.' && !starts_word(s, c) && !(is_sign && !is_hexadecimal))
            return at;
    }
}

/* Returns the offset after the longest operator that begins here. Any other character, including a
 * character of several bytes, is a symbol by itself. */
static size_t skip_symbol(const furrow__scanner *s, size_t start)
{
    static const char *const operators[] = {
        "!~~*", "!~~", "~~*", "<>", "<=", ">=", "!=", "==", "||", "::", "~~", "&&"};
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        size_t size = 0;
        while (operators[i][size] && byte_at(s, start + size) == operators[i][size])
            size++;
        if (!operators[i][size])
            return start + size;
    }
    size_t at = start + 1;
    while (is_outside_ascii(s->text[start]) && (byte_at(s, at) & 0xC0) == 0x80)
        at++;
    return at;
}

static furrow__token make(furrow__scanner *s, furrow__token_kind kind, size_t start, size_t end)
{
    s->at = end;
    return (furrow__token){kind, s->text + start, start, end};
}

static furrow__token make_quoted(furrow__scanner *s, furrow__token_kind kind, size_t start,
                                 size_t end)
{
    if (end == NOT_CLOSED)
        return make(s, FURROW__TOKEN_OPEN_QUOTE, start, s->size);
    return make(s, kind, start, end);
}

static furrow__token make_word(furrow__scanner *s, size_t start)
{
    char first = to_upper(s->text[start]);
    if (byte_at(s, start + 1) == '\'') {
        if (first == 'E' && has(s, FURROW__SCAN_ESCAPE_STRINGS))
            return make_quoted(s, FURROW__TOKEN_STRING, start, skip_escape_string(s, start + 1));
        if (first == 'X' && has(s, FURROW__SCAN_BLOBS))
            return make_quoted(s, FURROW__TOKEN_BLOB, start, skip_quoted(s, start + 1));
    }
    return make(s, FURROW__TOKEN_WORD, start, skip_word(s, start));
}

static furrow__token make_foreign_parameter(furrow__scanner *s, size_t start)
{
    return make(s, FURROW__TOKEN_FOREIGN_PARAMETER, start, skip_word(s, start + 1));
}

static furrow__token make_dollar(furrow__scanner *s, size_t start)
{
    size_t body = has(s, FURROW__SCAN_DOLLAR_QUOTES) ? skip_dollar_tag(s, start) : 0;
    char next = byte_at(s, start + 1);
    if (body)
        return make_quoted(s, FURROW__TOKEN_STRING, start, skip_dollar_string(s, start, body));
    if ((has(s, FURROW__SCAN_NUMBERED_PARAMETERS) && is_digit(next)) ||
        (has(s, FURROW__SCAN_NAMED_PARAMETERS) && continues_word(s, next)))
        return make_foreign_parameter(s, start);
    return make(s, FURROW__TOKEN_SYMBOL, start, start + 1);
}

static furrow__token make_question(furrow__scanner *s, size_t start)
{
    char next = byte_at(s, start + 1);
    if (!has(s, FURROW__SCAN_PARAMETERS))
        return make(s, FURROW__TOKEN_SYMBOL, start, start + 1);
    if (next == '?')
        return make(s, FURROW__TOKEN_QUESTION, start, start + 2);
    if (is_digit(next))
        return make_foreign_parameter(s, start);
    return make(s, FURROW__TOKEN_PARAMETER, start, start + 1);
}

static furrow__token make_comment(furrow__scanner *s, size_t start)
{
    size_t end = s->text[start] == '-' ? skip_line_comment(s, start) : skip_block_comment(s, start);
    if (end == NOT_CLOSED)
        return make(s, FURROW__TOKEN_OPEN_COMMENT, start, s->size);
    return make(s, FURROW__TOKEN_COMMENT, start, end);
}

/* Reads the token at s->at, which must not be a blank. */
static furrow__token make_token(furrow__scanner *s)
{
    size_t start = s->at;
    char c = byte_at(s, start), next = byte_at(s, start + 1);
    if (start >= s->size)
        return make(s, FURROW__TOKEN_END, s->size, s->size);
    if (starts_word(s, c))
        return make_word(s, start);
    if (is_digit(c) || (c == '.' && is_digit(next)))
        return make(s, FURROW__TOKEN_NUMBER, start, skip_number(s, start));
    if ((c == '-' && next == '-') || (c == '/' && next == '*'))
        return make_comment(s, start);
    switch (c) {
    case '\'':
        return make_quoted(s, FURROW__TOKEN_STRING, start, skip_quoted(s, start));
    case '"':
        return make_quoted(s, FURROW__TOKEN_NAME, start, skip_quoted(s, start));
    case '`':
    case '[':
        if (has(s, c == '[' ? FURROW__SCAN_BRACKET_NAMES : FURROW__SCAN_BACKQUOTES))
            return make_quoted(s, FURROW__TOKEN_NAME, start, skip_quoted(s, start));
        break;
    case '$':
        return make_dollar(s, start);
    case '?':
        return make_question(s, start);
    case ':':
    case '@':
    case '#':
        if (has(s, FURROW__SCAN_NAMED_PARAMETERS) && continues_word(s, next))
            return make_foreign_parameter(s, start);
        break;
    default:
        break;
    }
    return make(s, FURROW__TOKEN_SYMBOL, start, skip_symbol(s, start));
}

furrow__scanner furrow__scanner_begin(const char *text, size_t size, uint32_t syntax)
{
    return (furrow__scanner){text, size, 0, syntax};
}

furrow__token furrow__scanner_next(furrow__scanner *s)
{
    furrow__token token;
    do {
        while (s->at < s->size && is_blank(s, s->text[s->at]))
            s->at++;
        token = make_token(s);
    } while (token.kind == FURROW__TOKEN_COMMENT && !has(s, FURROW__SCAN_COMMENTS));
    return token;
}

furrow__cursor furrow__cursor_begin(const char *text, size_t size, uint32_t syntax)
{
    furrow__cursor cursor = {.scanner = furrow__scanner_begin(text, size, syntax)};
    cursor.token = furrow__scanner_next(&cursor.scanner);
    cursor.last_end = cursor.token.start;
    return cursor;
}

void furrow__cursor_next(furrow__cursor *cursor)
{
    cursor->last_end = cursor->token.end;
    cursor->token = furrow__scanner_next(&cursor->scanner);
}

static bool is_last(furrow__token token)
{
    return token.kind == FURROW__TOKEN_END || token.kind == FURROW__TOKEN_OPEN_QUOTE ||
           token.kind == FURROW__TOKEN_OPEN_COMMENT;
}

bool furrow__cursor_skip_list(furrow__cursor *cursor)
{
    size_t depth = 0;
    do {
        if (is_last(cursor->token))
            return false;
        if (furrow__token_is(cursor->token, '('))
            depth++;
        else if (furrow__token_is(cursor->token, ')'))
            depth--;
        furrow__cursor_next(cursor);
    } while (depth > 0);
    return true;
}

bool furrow__token_is(furrow__token token, char symbol)
{
    return token.kind == FURROW__TOKEN_SYMBOL && *token.text == symbol &&
           furrow__token_size(token) == 1;
}

bool furrow__token_is_keyword(furrow__token token, const char *keyword)
{
    if (token.kind != FURROW__TOKEN_WORD)
        return false;
    size_t size = furrow__token_size(token);
    for (size_t i = 0; i < size; i++)
        if (!keyword[i] || to_upper(token.text[i]) != keyword[i])
            return false;
    return keyword[size] == '\0';
}
