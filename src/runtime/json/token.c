/* SPDX-License-Identifier: MIT
 * Reads the tokens of a JSON text that is known to be valid. */
#include <string.h>

#include "runtime/json/json.h"

char furrow__json_peek(furrow__json_reader *reader)
{
    while (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\n' || *reader->at == '\r')
        reader->at++;
    return *reader->at;
}

void furrow__json_take(furrow__json_reader *reader)
{
    furrow__json_peek(reader);
    reader->at++;
}

furrow__json_token furrow__json_scalar(furrow__json_reader *reader)
{
    furrow__json_token token = {NULL, 0};
    bool is_string = furrow__json_peek(reader) == '"';
    token.text = reader->at;
    if (is_string) {
        for (reader->at++; *reader->at != '"'; reader->at++)
            reader->at += *reader->at == '\\';
        reader->at++;
    } else {
        reader->at += strcspn(reader->at, " \t\n\r,:]}");
    }
    token.size = (size_t)(reader->at - token.text);
    return token;
}

furrow__json_token furrow__json_value(furrow__json_reader *reader)
{
    char first = furrow__json_peek(reader);
    const char *start = reader->at;
    if (first != '{' && first != '[')
        return furrow__json_scalar(reader);
    int depth = 0;
    do {
        char c = furrow__json_peek(reader);
        if (c == '"') {
            furrow__json_scalar(reader);
            continue;
        }
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        reader->at++;
    } while (depth);
    return (furrow__json_token){start, (size_t)(reader->at - start)};
}

static unsigned hex4(const char *text)
{
    unsigned value = 0;
    for (int i = 0; i < 4; i++)
        value = value << 4 | (unsigned)furrow__hex_digit(text[i]);
    return value;
}

static char *put_utf8(char *out, unsigned point)
{
    if (point < 0x80) {
        *out++ = (char)point;
    } else if (point < 0x800) {
        *out++ = (char)(0xC0 | point >> 6);
        *out++ = (char)(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        *out++ = (char)(0xE0 | point >> 12);
        *out++ = (char)(0x80 | (point >> 6 & 0x3F));
        *out++ = (char)(0x80 | (point & 0x3F));
    } else {
        *out++ = (char)(0xF0 | point >> 18);
        *out++ = (char)(0x80 | (point >> 12 & 0x3F));
        *out++ = (char)(0x80 | (point >> 6 & 0x3F));
        *out++ = (char)(0x80 | (point & 0x3F));
    }
    return out;
}

/* Reads the rest of an escape sequence; *at points after the backslash. */
static char *unescape(char *out, const char **at)
{
    static const char names[] = "bfnrt", values[] = "\b\f\n\r\t";
    char c = *(*at)++;
    if (c != 'u') {
        const char *found = strchr(names, c);
        *out++ = found ? values[found - names] : c;
        return out;
    }
    unsigned point = hex4(*at);
    *at += 4;
    if (point >= 0xD800 && point <= 0xDBFF) { /* a surrogate pair: \uD83D\uDE00 */
        point = 0x10000 + ((point - 0xD800) << 10) + (hex4(*at + 2) - 0xDC00);
        *at += 6;
    }
    return put_utf8(out, point);
}

const char *furrow__json_string(furrow__json_token token, furrow_arena *arena)
{
    char *copy =
        furrow__arena_aligned(arena, token.size, 1); /* an escape is longer than its text */
    if (!copy)
        return NULL;
    char *out = copy;
    for (const char *at = token.text + 1, *end = token.text + token.size - 1; at < end;) {
        size_t plain = (size_t)(end - at);
        const char *escape = memchr(at, '\\', plain);
        if (escape)
            plain = (size_t)(escape - at);
        memcpy(out, at, plain);
        out += plain;
        at += plain;
        if (escape) {
            at++;
            out = unescape(out, &at);
        }
    }
    *out = '\0';
    return copy;
}
