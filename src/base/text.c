/* SPDX-License-Identifier: MIT
 * Implements UTF-8 as RFC 3629 defines it, a hash that is the same on every machine, and functions
 * that fill furrow_error. Most text is ASCII, so the functions first test eight bytes at a time for
 * ASCII. */
#include "base/memory.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define HIGH_BITS UINT64_C(0x8080808080808080)

static uint64_t load64(const void *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

static uint32_t load32(const void *bytes)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

static bool is_continuation(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* Returns the size of the code point at `at`, or 0 if the code point is invalid. The first byte is
 * not ASCII. The limits of the second byte exclude overlong forms, surrogates and everything above
 * U+10FFFF. */
static size_t sequence_size(const unsigned char *at, size_t left)
{
    unsigned char c = at[0];
    unsigned char low = 0x80, high = 0xBF;
    size_t size;
    if (c >= 0xC2 && c <= 0xDF) {
        size = 2;
    } else if (c >= 0xE0 && c <= 0xEF) {
        size = 3;
        if (c == 0xE0)
            low = 0xA0;
        else if (c == 0xED)
            high = 0x9F;
    } else if (c >= 0xF0 && c <= 0xF4) {
        size = 4;
        if (c == 0xF0)
            low = 0x90;
        else if (c == 0xF4)
            high = 0x8F;
    } else {
        return 0;
    }
    if (left < size || at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < size; i++)
        if (!is_continuation(at[i]))
            return 0;
    return size;
}

/* Returns how many bytes at the beginning of a string are ASCII. If not all bytes are ASCII, the
 * result is rounded down to a multiple of eight. The last eight bytes may overlap the eight bytes
 * before them, because testing them together is faster than testing the remaining bytes one by one.
 */
static inline size_t ascii_prefix(const unsigned char *text, size_t size)
{
    size_t i = 0;
    if (size < 8) {
        bool ascii = size >= 4 && !((load32(text) | load32(text + size - 4)) & (uint32_t)HIGH_BITS);
        return ascii ? size : 0;
    }
    for (; size - i >= 8; i += 8)
        if (load64(text + i) & HIGH_BITS)
            return i;
    return load64(text + size - 8) & HIGH_BITS ? i : size;
}

bool furrow__utf8_is_valid(const char *text, size_t size)
{
    const unsigned char *at = (const unsigned char *)text;
    const unsigned char *end = size ? at + size : at;
    if (size)
        at += ascii_prefix(at, size);
    while (at != end) {
        while (end - at >= 8 && !(load64(at) & HIGH_BITS))
            at += 8;
        if (at == end)
            break;
        if (*at < 0x80) {
            at++;
            continue;
        }
        size_t step = sequence_size(at, (size_t)(end - at));
        if (!step)
            return false;
        at += step;
    }
    return true;
}

size_t furrow__utf8_valid_size(const char *text, size_t size)
{
    size_t at = 0;
    if (furrow__utf8_is_valid(text, size))
        return size;
    for (size_t step = 1; step; at += step) {
        const unsigned char *next = (const unsigned char *)text + at;
        step = *next < 0x80 ? 1 : sequence_size(next, size - at);
    }
    return at;
}

size_t furrow__utf8_length(const char *text, size_t size)
{
    size_t length = size, i = 0;
    for (; size - i >= 8; i += 8) {
        uint64_t word = load64(text + i);
        /* In a continuation byte, the top bit is set and the next bit is clear. */
        uint64_t continuations = word & ~(word << 1) & HIGH_BITS;
        length -= (size_t)__builtin_popcountll(continuations);
    }
    for (; i < size; i++)
        length -= is_continuation((unsigned char)text[i]);
    return length;
}

size_t furrow__utf8_cut(const char *text, size_t size)
{
    for (size_t back = 1; back <= 4 && back <= size; back++) {
        unsigned char c = (unsigned char)text[size - back];
        if (is_continuation(c))
            continue;
        size_t whole = c < 0xC0 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
        return whole > back ? size - back : size;
    }
    return size;
}

unsigned furrow__utf8_bidirectional(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    if (at[0] == 0xD8 && at[1] == 0x9C)
        return 0x061C;
    if (at[0] != 0xE2 || (at[1] != 0x80 && at[1] != 0x81))
        return 0;
    unsigned point = 0x2000u + (at[1] & 0x3Fu) * 0x40u + (at[2] & 0x3Fu);
    bool is_mark = point == 0x200E || point == 0x200F;
    return is_mark || (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069)
               ? point
               : 0;
}

bool furrow__has_nul(const char *text, size_t size)
{
    return size && memchr(text, '\0', size) != NULL;
}

static uint64_t load64_little(const unsigned char *bytes)
{
    uint64_t word = load64(bytes);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static uint64_t mix(uint64_t h)
{
    h ^= h >> 32;
    h *= UINT64_C(0x9E3779B97F4A7C15);
    h ^= h >> 29;
    return h;
}

bool furrow__ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);
    return size > end_size && strcmp(text + size - end_size, end) == 0;
}

bool furrow__is_one_of(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], text) == 0)
            return true;
    return false;
}

/* The result must not depend on the byte order, because `furrow prove` generates rows from the hash
 * and must generate the same rows on every machine. */
uint64_t furrow__hash(const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    uint64_t h = UINT64_C(0x6A09E667F3BCC909) ^ (uint64_t)size;
    size_t left = size;
    for (; left >= 8; at += 8, left -= 8)
        h = mix((h ^ load64_little(at)) * UINT64_C(0xD6E8FEB86659FD93));
    uint64_t tail = 0;
    for (size_t i = 0; i < left; i++)
        tail |= (uint64_t)at[i] << (8 * i);
    return mix(mix((h ^ tail) * UINT64_C(0xD6E8FEB86659FD93)));
}

void furrow__copy_text(char *field, size_t size, const char *text)
{
    if (!size)
        return;
    size_t length = text ? strlen(text) : 0;
    if (length >= size)
        length = furrow__utf8_cut(text, size - 1);
    if (length)
        memcpy(field, text, length);
    field[length] = '\0';
}

/* Formats a string into a field of `size` bytes. A string that is too long is cut at a code point.
 */
__attribute__((format(printf, 3, 0))) static void
format_field(char *field, size_t size, const char *format, va_list arguments)
{
    int length = vsnprintf(field, size, format, arguments);
    if (length < 0)
        field[0] = '\0';
    else if ((size_t)length >= size)
        field[furrow__utf8_cut(field, size - 1)] = '\0';
}

/* Appends a name to out[FURROW__QUOTED_SIZE] and doubles its quotes. Leaves room for one more
 * quote. Returns the new size. */
static size_t add_quoted(char *out, size_t size, const char *name)
{
    size_t begin = size;
    for (; *name && size + 2 + (*name == '"') < FURROW__QUOTED_SIZE; name++) {
        if (*name == '"')
            out[size++] = '"';
        out[size++] = *name;
    }
    return *name ? begin + furrow__utf8_cut(out + begin, size - begin) : size;
}

const char *furrow__quote_name(char out[FURROW__QUOTED_SIZE], const char *schema, const char *name)
{
    size_t size = 0;
    out[size++] = '"';
    if (schema) {
        size = add_quoted(out, size, schema);
        size = add_quoted(out, size, ".");
    }
    size = add_quoted(out, size, name ? name : "");
    out[size++] = '"';
    out[size] = '\0';
    return out;
}

furrow_status furrow__fail(furrow_error *error, furrow_status status, const char *format, ...)
{
    if (error) {
        furrow_error filled = {.status = status};
        va_list arguments;
        va_start(arguments, format);
        format_field(filled.message, sizeof filled.message, format, arguments);
        va_end(arguments);
        /* The struct is overwritten after formatting, because an argument may point to a string in
         * the struct. */
        *error = filled;
    }
    return status;
}

furrow_status furrow__hint(furrow_error *error, const char *format, ...)
{
    if (!error)
        return FURROW_OK;
    char hint[sizeof error->hint] = {0};
    va_list arguments;
    va_start(arguments, format);
    format_field(hint, sizeof hint, format, arguments);
    va_end(arguments);
    memcpy(error->hint, hint, sizeof hint);
    return error->status;
}

void furrow__copy_error(furrow_error *out, size_t size, const furrow_error *error)
{
    if (out)
        furrow__copy_struct(out, size, error, sizeof *error);
}

const char *furrow_status_name(furrow_status status)
{
    static const char *const names[FURROW_STATUS_COUNT_] = {
        [FURROW_OK] = "ok",
        [FURROW_NOT_FOUND] = "not_found",
        [FURROW_UNIQUE] = "unique",
        [FURROW_FOREIGN_KEY] = "foreign_key",
        [FURROW_NOT_NULL] = "not_null",
        [FURROW_CHECK] = "check",
        [FURROW_STALE] = "stale",
        [FURROW_BUSY] = "busy",
        [FURROW_TIMEOUT] = "timeout",
        [FURROW_CANCELLED] = "cancelled",
        [FURROW_DISCONNECTED] = "disconnected",
        [FURROW_COMMIT_UNKNOWN] = "commit_unknown",
        [FURROW_INVALID] = "invalid",
        [FURROW_SCHEMA] = "schema",
        [FURROW_ABORTED] = "aborted",
        [FURROW_NOMEM] = "nomem",
        [FURROW_DATABASE] = "database",
        [FURROW_REJECTED] = "rejected",
    };
    return (unsigned)status < FURROW_STATUS_COUNT_ ? names[status] : "?";
}
