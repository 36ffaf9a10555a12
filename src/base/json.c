/* SPDX-License-Identifier: MIT
 * Checks whether a string is one JSON value (RFC 8259). The check does not recurse: a stack with
 * one bit for each level records the open objects and arrays. furrow_json_parse also rejects what
 * PostgreSQL's JSONB cannot store, so that every engine accepts the same values: the escape \u0000,
 * unpaired surrogate escapes, and numbers outside the range of NUMERIC. */
#include "base/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <furrow/furrow.h>

#include "base/text.h"

enum { PORTABLE_DEPTH = 512, DEPTH_LIMIT = 1000 };

/* The number of decimal digits that a NUMERIC may have before and after the decimal point. The
 * limit of the exponent is smaller, because PostgreSQL writes 1e16000 with all of its digits. */
enum { DIGITS_BEFORE = 131072, DIGITS_AFTER = 16383, EXPONENT_LIMIT = 16000 };

typedef struct scanner {
    const char *at;
    bool portable; /* whether to reject what PostgreSQL cannot store */
    bool too_deep; /* the text was refused because it has more than `limit` levels */
    int depth, limit;
    uint8_t is_object[DEPTH_LIMIT / 8]; /* one bit for each open level: 1 for an object, 0 for an
                                           array */
} scanner;

static void skip_blank(scanner *s)
{
    while (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r')
        s->at++;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool skip_digits(scanner *s)
{
    if (!is_digit(*s->at))
        return false;
    while (is_digit(*s->at))
        s->at++;
    return true;
}

/* Reads the exponent of a number; the "e" has already been read. Returns false if the exponent is
 * invalid or out of range. */
static bool scan_exponent(scanner *s, long *out)
{
    bool negative = *s->at == '-';
    if (*s->at == '+' || *s->at == '-')
        s->at++;
    if (!is_digit(*s->at))
        return false;
    for (; is_digit(*s->at); s->at++) {
        if (*out <= EXPONENT_LIMIT)
            *out = *out * 10 + (*s->at - '0');
        if (*out > EXPONENT_LIMIT && s->portable)
            return false;
    }
    *out = negative ? -*out : *out;
    return true;
}

static bool scan_number(scanner *s)
{
    long exponent = 0;
    if (*s->at == '-')
        s->at++;
    const char *start = s->at;
    if (*s->at == '0')
        s->at++;
    else if (!skip_digits(s))
        return false;
    ptrdiff_t before = s->at - start, after = 0;
    if (*s->at == '.') {
        start = ++s->at;
        if (!skip_digits(s))
            return false;
        after = s->at - start;
    }
    if (*s->at == 'e' || *s->at == 'E') {
        s->at++;
        if (!scan_exponent(s, &exponent))
            return false;
    }
    return !s->portable || (before + exponent <= DIGITS_BEFORE && after - exponent <= DIGITS_AFTER);
}

/* Reads the four hexadecimal digits of \uXXXX. Returns -1 if they are not hexadecimal digits. */
static int scan_hex4(scanner *s)
{
    int value = 0;
    for (int i = 0; i < 4; i++, s->at++) {
        int digit = furrow__hex_digit(*s->at);
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

/* Reads the rest of an escape sequence in a string; the backslash has already been read. */
static bool scan_escape(scanner *s)
{
    char c = *s->at;
    if (c != 'u') {
        if (c == '\0' || !strchr("\"\\/bfnrt", c))
            return false;
        s->at++;
        return true;
    }
    s->at++;
    int unit = scan_hex4(s);
    if (!s->portable)
        return unit >= 0;
    if (unit <= 0 || (unit >= 0xDC00 && unit <= 0xDFFF))
        return false;
    if (unit < 0xD800 || unit > 0xDBFF)
        return true;
    if (s->at[0] != '\\' || s->at[1] != 'u')
        return false;
    s->at += 2;
    int low = scan_hex4(s);
    return low >= 0xDC00 && low <= 0xDFFF;
}

/* Reads a string, including both quotes. */
static bool scan_string(scanner *s)
{
    if (*s->at != '"')
        return false;
    s->at++;
    while (*s->at != '"') {
        if ((unsigned char)*s->at < 0x20)
            return false;
        if (*s->at++ == '\\' && !scan_escape(s))
            return false;
    }
    s->at++;
    return true;
}

static bool scan_word(scanner *s, const char *word, size_t size)
{
    if (strncmp(s->at, word, size) != 0)
        return false;
    s->at += size;
    return true;
}

static bool scan_scalar(scanner *s)
{
    switch (*s->at) {
    case '"':
        return scan_string(s);
    case 't':
        return scan_word(s, "true", 4);
    case 'f':
        return scan_word(s, "false", 5);
    case 'n':
        return scan_word(s, "null", 4);
    default:
        return scan_number(s);
    }
}

static bool in_object(const scanner *s)
{
    int level = s->depth - 1;
    return s->is_object[level / 8] >> (level % 8) & 1;
}

static bool push(scanner *s, bool object)
{
    if (s->depth == s->limit) {
        s->too_deep = true;
        s->at--; /* back to the bracket */
        return false;
    }
    uint8_t bit = (uint8_t)(1u << (s->depth % 8));
    if (object)
        s->is_object[s->depth / 8] |= bit;
    else
        s->is_object[s->depth / 8] &= (uint8_t)~bit;
    s->depth++;
    return true;
}

/* Reads the name of an object's member and the colon after the name. */
static bool scan_name(scanner *s)
{
    skip_blank(s);
    if (!scan_string(s))
        return false;
    skip_blank(s);
    if (*s->at != ':')
        return false;
    s->at++;
    return true;
}

/* Reads what may follow a value: closing brackets and, if an object or array is still open, a
 * comma. */
static bool scan_after_value(scanner *s)
{
    for (;;) {
        skip_blank(s);
        if (!s->depth)
            return true;
        if (*s->at == ',') {
            s->at++;
            return !in_object(s) || scan_name(s);
        }
        if (*s->at != (in_object(s) ? '}' : ']'))
            return false;
        s->at++;
        s->depth--;
    }
}

static bool scan_document(scanner *s)
{
    do {
        skip_blank(s);
        char c = *s->at;
        if (c == '{' || c == '[') {
            s->at++;
            if (!push(s, c == '{'))
                return false;
            skip_blank(s);
            if (*s->at != (c == '{' ? '}' : ']')) {
                if (c == '{' && !scan_name(s))
                    return false;
                continue;
            }
        } else if (!scan_scalar(s)) {
            return false;
        }
        if (!scan_after_value(s))
            return false;
        if (!s->depth)
            return *s->at == '\0';
    } while (true);
}

bool furrow_json_parse(const char *text, furrow_json *out)
{
    *out = (furrow_json){0};
    if (!text || !furrow__utf8_is_valid(text, strlen(text)))
        return false;
    scanner s = {.at = text, .portable = true, .limit = PORTABLE_DEPTH};
    if (!scan_document(&s))
        return false;
    out->text = text;
    return true;
}

bool furrow__json_is_valid(const char *text)
{
    scanner s = {.at = text, .limit = DEPTH_LIMIT};
    return scan_document(&s);
}

furrow__json_fault furrow__json_scan(const char *text, int depth, size_t *offset)
{
    scanner s = {
        .at = text, .portable = true, .limit = depth < PORTABLE_DEPTH ? depth : PORTABLE_DEPTH};
    bool fine = scan_document(&s);
    *offset = (size_t)(s.at - text);
    return fine ? FURROW__JSON_FINE : s.too_deep ? FURROW__JSON_TOO_DEEP : FURROW__JSON_SYNTAX;
}
