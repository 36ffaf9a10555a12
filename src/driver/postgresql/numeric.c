/* SPDX-License-Identifier: MIT
 *
 * NUMERIC in PostgreSQL's binary format (numeric_send in numeric.c): four 16-bit words, followed by
 * digits in base 10,000, most significant first.
 *
 *   number of digits | weight: exponent of the first digit | sign | display scale
 */
#include "driver/postgresql/postgresql.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/calendar.h"

enum { HEADER = 8, GROUP = 4, BASE = 10000, NEGATIVE = 0x4000, POSITIVE = 0, MAX_SCALE = 18 };

/* Returns the k-th group of four digits after the decimal point, for a fraction of `scale` digits.
 */
static unsigned fraction_group(uint64_t fraction, int scale, int k)
{
    int below = scale - GROUP * (k + 1);
    if (below >= 0)
        return (unsigned)(fraction / (uint64_t)furrow__power10[below] % BASE);
    uint64_t rest = fraction % (uint64_t)furrow__power10[scale - GROUP * k];
    return (unsigned)(rest * (uint64_t)furrow__power10[-below]);
}

int furrow__pg_numeric_write(char *out, furrow_decimal value)
{
    unsigned digits[16];
    int count = 0, weight = -1, scale = value.scale;
    uint64_t magnitude =
        value.unscaled < 0 ? 0 - (uint64_t)value.unscaled : (uint64_t)value.unscaled;
    uint64_t whole = magnitude / (uint64_t)furrow__power10[scale];
    uint64_t fraction = magnitude % (uint64_t)furrow__power10[scale];
    unsigned reversed[8];
    int whole_count = 0;
    for (; whole; whole /= BASE)
        reversed[whole_count++] = (unsigned)(whole % BASE);
    while (whole_count) {
        digits[count++] = reversed[--whole_count];
        weight++;
    }
    for (int k = 0; k * GROUP < scale; k++) {
        unsigned digit = fraction_group(fraction, scale, k);
        if (count == 0 && digit == 0)
            weight--;
        else
            digits[count++] = digit;
    }
    while (count && digits[count - 1] == 0)
        count--;
    furrow__pg_put16(out, (uint16_t)count);
    furrow__pg_put16(out + 2, (uint16_t)(count ? weight : 0));
    furrow__pg_put16(out + 4, value.unscaled < 0 ? NEGATIVE : POSITIVE);
    furrow__pg_put16(out + 6, (uint16_t)scale);
    for (int i = 0; i < count; i++)
        furrow__pg_put16(out + HEADER + 2 * i, (uint16_t)digits[i]);
    return HEADER + 2 * count;
}

typedef struct numeric {
    int count, weight, scale;
    unsigned sign;
    const char *digits;
} numeric;

static bool take(numeric *out, const char *bytes, int size)
{
    if (size < HEADER)
        return false;
    out->count = furrow__pg_get16(bytes);
    out->weight = (int16_t)furrow__pg_get16(bytes + 2);
    out->sign = furrow__pg_get16(bytes + 4);
    out->scale = furrow__pg_get16(bytes + 6);
    out->digits = bytes + HEADER;
    return size == HEADER + 2 * out->count;
}

/* Computes the number times 10^scale. Returns false if the result is not an integer or does not fit
 * in 64 bits. */
static bool scaled(const numeric *n, int scale, uint64_t *magnitude)
{
    uint64_t sum = 0;
    for (int i = 0; i < n->count; i++) {
        uint64_t digit = furrow__pg_get16(n->digits + 2 * i);
        if (digit == 0)
            continue;
        int power = (n->weight - i) * GROUP + scale;
        if (power > MAX_SCALE)
            return false;
        if (power < 0) {
            uint64_t part = power > -GROUP ? (uint64_t)furrow__power10[-power] : BASE;
            if (digit % part)
                return false;
            digit /= part;
            power = 0;
        }
        if (__builtin_mul_overflow(digit, (uint64_t)furrow__power10[power], &digit) ||
            __builtin_add_overflow(sum, digit, &sum))
            return false;
    }
    *magnitude = sum;
    return sum <= (uint64_t)INT64_MAX + (n->sign == NEGATIVE);
}

bool furrow__pg_numeric_read(const char *bytes, int size, int scale, furrow_decimal *out)
{
    numeric n;
    uint64_t magnitude;
    *out = (furrow_decimal){0};
    if (!take(&n, bytes, size) || (n.sign != POSITIVE && n.sign != NEGATIVE))
        return false;
    int wanted = scale >= 0 ? scale : n.scale < MAX_SCALE ? n.scale : MAX_SCALE;
    bool fits = scaled(&n, wanted, &magnitude);
    /* avg() returns trailing zeros. Without the trailing zeros, the number may fit. */
    while (!fits && scale < 0 && wanted > 0)
        fits = scaled(&n, --wanted, &magnitude);
    if (!fits)
        return false;
    out->unscaled = n.sign == NEGATIVE ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    out->scale = (int8_t)wanted;
    return true;
}

static unsigned group_at(const numeric *n, int weight)
{
    int i = n->weight - weight;
    return i >= 0 && i < n->count ? furrow__pg_get16(n->digits + 2 * i) : 0;
}

char *furrow__pg_numeric_text(const char *bytes, int size, furrow_arena *arena)
{
    numeric n;
    if (!take(&n, bytes, size))
        return furrow__arena_text(arena, "", 0);
    if (n.sign != POSITIVE && n.sign != NEGATIVE) {
        const char *name = n.sign == 0xD000 ? "Infinity" : n.sign == 0xF000 ? "-Infinity" : "NaN";
        return furrow__arena_text(arena, name, strlen(name));
    }
    int whole = n.weight >= 0 ? n.weight + 1 : 0, after = (n.scale + GROUP - 1) / GROUP;
    char *text = furrow__arena_aligned(arena, (size_t)(whole + after) * GROUP + 4, 1);
    if (!text)
        return NULL;
    char *at = text;
    if (n.sign == NEGATIVE)
        *at++ = '-';
    char *first = at;
    for (int w = whole - 1; w >= 0; w--)
        for (unsigned group = group_at(&n, w), power = BASE / 10; power; power /= 10)
            *at++ = (char)('0' + group / power % 10);
    char *start = first; /* removes leading zeros, but keeps a single zero */
    while (start + 1 < at && *start == '0')
        start++;
    memmove(first, start, (size_t)(at - start));
    at -= start - first;
    if (at == first)
        *at++ = '0';
    if (n.scale > 0) {
        *at++ = '.';
        char *end = at + n.scale;
        for (int w = -1; w >= -after; w--)
            for (unsigned group = group_at(&n, w), power = BASE / 10; power; power /= 10)
                *at++ = (char)('0' + group / power % 10);
        at = end;
    }
    *at = '\0';
    return text;
}
