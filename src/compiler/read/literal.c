/* SPDX-License-Identifier: MIT
 * Reads C literals (C11 6.4.4 and 6.4.5): integers, characters and strings. */
#include <string.h>

#include "base/text.h"
#include "compiler/read/lexer.h"

static bool is_suffix(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!strchr("uUlL", text[i]))
            return false;
    return size <= 3;
}

/* Decodes the escape sequence that begins with the backslash at text[0]. Returns the size of the
 * sequence in the source, or 0 if C has no such escape sequence. If *is_point is set, *out is a
 * code point; otherwise it is a byte. */
static size_t read_escape(const char *text, size_t size, uint32_t *out, bool *is_point)
{
    static const char from[] = "abfnrtv\\'\"?", to[] = "\a\b\f\n\r\t\v\\'\"?";
    *is_point = false;
    if (size < 2)
        return 0;
    const char *simple = text[1] ? strchr(from, text[1]) : NULL;
    if (simple) {
        *out = (unsigned char)to[simple - from];
        return 2;
    }
    uint32_t value = 0, base = 8;
    size_t at = 1, most = 4;
    if (text[1] == 'x' || text[1] == 'u' || text[1] == 'U') {
        *is_point = text[1] != 'x';
        base = 16;
        at = 2;
        most = text[1] == 'x' ? 4 : text[1] == 'u' ? 6 : 10;
    }
    size_t start = at;
    while (at < size && at < most && (uint32_t)furrow__hex_digit(text[at]) < base)
        value = value * base + (uint32_t)furrow__hex_digit(text[at++]);
    if (at == start || (*is_point && at != most))
        return 0;
    if (value > (*is_point ? 0x10FFFFu : 255u) || (*is_point && value >= 0xD800 && value < 0xE000))
        return 0;
    *out = value;
    return at;
}

bool furrow__lexeme_integer(const furrow__lexemes *tokens, size_t index, int64_t *out)
{
    const furrow__lexeme *token = &tokens->items[index];
    const char *text = tokens->source->text + token->offset;
    *out = 0;
    if (token->kind == FURROW__LEXEME_CHAR) {
        uint32_t value = 0;
        bool is_point;
        if (token->size == 3 && text[1] != '\\') {
            *out = (signed char)text[1];
            return true;
        }
        if (token->size > 3 &&
            read_escape(text + 1, token->size - 2, &value, &is_point) == token->size - 2) {
            *out = (int64_t)value;
            return true;
        }
        return false;
    }
    if (token->kind != FURROW__LEXEME_NUMBER)
        return false;
    int base = 10;
    size_t at = 0, digits = 0;
    if (token->size > 1 && text[0] == '0') {
        base = text[1] == 'x' || text[1] == 'X' ? 16 : 8;
        at = base == 16 ? 2 : 1;
        digits = base == 8;
    }
    int64_t value = 0;
    for (; at < token->size && (unsigned)furrow__hex_digit(text[at]) < (unsigned)base;
         at++, digits++)
        if (__builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, furrow__hex_digit(text[at]), &value))
            return false;
    if (!digits || !is_suffix(text + at, token->size - at))
        return false;
    *out = value;
    return true;
}

static void add_point(furrow__buffer *out, uint32_t point)
{
    if (point < 0x80) {
        furrow__buffer_add_char(out, (char)point);
    } else if (point < 0x800) {
        furrow__buffer_add_char(out, (char)(0xC0 | point >> 6));
        furrow__buffer_add_char(out, (char)(0x80 | (point & 0x3F)));
    } else {
        if (point < 0x10000) {
            furrow__buffer_add_char(out, (char)(0xE0 | point >> 12));
        } else {
            furrow__buffer_add_char(out, (char)(0xF0 | point >> 18));
            furrow__buffer_add_char(out, (char)(0x80 | (point >> 12 & 0x3F)));
        }
        furrow__buffer_add_char(out, (char)(0x80 | (point >> 6 & 0x3F)));
        furrow__buffer_add_char(out, (char)(0x80 | (point & 0x3F)));
    }
}

bool furrow__lexeme_text(furrow__compiler *c, const furrow__lexemes *tokens, size_t index,
                         furrow__buffer *out)
{
    const furrow__lexeme *token = &tokens->items[index];
    const char *text = tokens->source->text + token->offset;
    for (size_t at = 1; at + 1 < token->size;) {
        if (text[at] != '\\') {
            furrow__buffer_add_char(out, text[at++]);
            continue;
        }
        uint32_t value = 0;
        bool is_point;
        size_t size = read_escape(text + at, token->size - 1 - at, &value, &is_point);
        furrow__location place = {tokens->source, token->offset + (uint32_t)at, 2};
        if (!size || !value) {
            furrow__compiler_error(
                c, place,
                size ? "text in a database cannot contain a NUL" : "write \\\\ for a backslash",
                size ? "the string contains a NUL" : "unknown escape sequence in string");
            return false;
        }
        if (is_point)
            add_point(out, value);
        else
            furrow__buffer_add_char(out, (char)value);
        at += size;
    }
    return true;
}

static size_t point_size(uint32_t point)
{
    return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

uint32_t furrow__lexeme_text_offset(const furrow__lexemes *tokens, size_t first, size_t position)
{
    for (size_t index = first; tokens->items[index].kind == FURROW__LEXEME_STRING; index++) {
        const furrow__lexeme *token = &tokens->items[index];
        const char *text = tokens->source->text + token->offset;
        bool is_last = tokens->items[index + 1].kind != FURROW__LEXEME_STRING;
        size_t at = 1;
        while (at + 1 < token->size && position) {
            uint32_t value = 0;
            bool is_point = false;
            size_t size = text[at] == '\\'
                              ? read_escape(text + at, token->size - 1 - at, &value, &is_point)
                              : 1;
            size_t decoded = is_point ? point_size(value) : 1;
            position -= decoded < position ? decoded : position;
            at += size ? size : 1;
        }
        if (at + 1 < token->size || is_last)
            return token->offset + (uint32_t)at;
    }
    return tokens->items[first].offset;
}
