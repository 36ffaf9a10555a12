/* SPDX-License-Identifier: MIT
 * Chooses values for a column: random values, and special values that at least one row should have.
 * The same seed gives the same values. */
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "migrate/catalog/parts.h"
#include "migrate/prove/seed_parts.h"

typedef furrow__seed_domain domain;

enum { LONG_TEXT = 1000, KEYED_TEXT = 400, USUAL_TEXT = 24 }; /* lengths in code points */
#define DAY_US INT64_C(86400000000)

/* Computes the next number with splitmix64, by Sebastiano Vigna (public domain). Each of the 2^64
 * states gives a different number. */
uint64_t furrow__seed_next(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static size_t below(uint64_t *state, size_t limit)
{
    return limit ? (size_t)(furrow__seed_next(state) % limit) : 0;
}

static const char *const letters[] = {"a",
                                      "B",
                                      "7",
                                      " ",
                                      "e",
                                      "n",
                                      "\xc3\xa9",
                                      "\xc3\x9f",
                                      "\xe6\xbc\xa2",
                                      "\xe5\xad\x97",
                                      "\xf0\x9f\x98\x80",
                                      "'",
                                      "\"",
                                      "%",
                                      "_",
                                      "\\"};
enum { LETTERS = sizeof letters / sizeof *letters, PLAIN_LETTERS = 6 };

/* Makes a string of `length` code points. If this string would have too many bytes, it is shorter.
 * `letter` is an index into `letters`; -1 means that each letter is chosen at random. */
static const char *make_text(const domain *d, size_t length, int letter,
                             const furrow__seed_choice *c)
{
    const char *prefix = d->prefix ? d->prefix : "";
    size_t begins = strlen(prefix), size = begins;
    size_t done = furrow__utf8_length(prefix, begins);
    size_t room = length > done ? length - done : 0;
    char *text = furrow__arena_aligned(c->arena, begins + 4 * room + 1, 1);
    if (!text)
        return NULL;
    memcpy(text, prefix, begins);
    for (size_t i = 0; i < room; i++) {
        size_t which = letter >= 0 ? (size_t)letter
                                   : below(c->state, c->plain ? PLAIN_LETTERS : (size_t)LETTERS);
        size_t more = strlen(letters[which]);
        if (size + more > d->max_size) {
            which = i % 2; /* the first two letters have one byte each */
            more = 1;
        }
        if (size + more > d->max_size)
            break;
        memcpy(text + size, letters[which], more);
        size += more;
    }
    text[size] = '\0';
    return text;
}

static size_t longest(const domain *d)
{
    size_t most = d->is_keyed ? KEYED_TEXT : LONG_TEXT;
    return d->max_length < most ? d->max_length : most;
}

static bool add_special(domain *d, furrow_value value, furrow_arena *arena)
{
    return furrow__seed_add_value(&d->specials, &d->special_count, &d->special_capacity, value,
                                  arena);
}

static bool fits(const domain *d, int64_t number)
{
    return number >= d->low && number <= d->high;
}

static bool special_numbers(domain *d, furrow_arena *arena)
{
    bool fine = add_special(d, furrow__seed_number(d, d->low), arena) &&
                (d->high == d->low || add_special(d, furrow__seed_number(d, d->high), arena));
    static const int64_t usual[] = {0, 1, -1, 951782400};
    for (size_t i = 0; i < 4 && fine; i++) {
        int64_t number = usual[i];
        if (i == 3) /* 2000-02-29, a leap day */
            number = d->as->type == FURROW_TYPE_TIME   ? usual[3] * 1000000 - 1
                     : d->as->type == FURROW_TYPE_DATE ? 11016
                                                       : 255;
        if (fits(d, number) && number != d->low && number != d->high)
            fine = add_special(d, furrow__seed_number(d, number), arena);
    }
    return fine;
}

static bool special_reals(domain *d, furrow_arena *arena)
{
    bool single = d->as->type == FURROW_TYPE_FLOAT;
    const double usual[] = {
        d->real_low, d->real_high, 0, -1.5, 0.1, 1e10, single ? (double)FLT_MIN : DBL_MIN};
    bool fine = true;
    for (size_t i = 0; i < sizeof usual / sizeof *usual && fine; i++)
        if (usual[i] >= d->real_low && usual[i] <= d->real_high &&
            !(d->factors && usual[i] > 0 && usual[i] < 1e-30)) /* a product would underflow */
            fine = add_special(d, furrow__seed_real(d, usual[i]), arena);
    return fine;
}

static bool add_text(domain *d, const char *text, furrow_arena *arena)
{
    furrow_value value = {.type = d->as->type, .as.text = text};
    return text && add_special(d, value, arena);
}

static bool special_texts(domain *d, furrow_arena *arena)
{
    static const char *const usual[] = {"O'Brien said \"\\n\" -- 100%_;", " \t\n ",
                                        "e\xcc\x81\xe2\x80\x8f\xd7\xa9", "NULL", "0"};
    uint64_t state = 1;
    const furrow__seed_choice choice = {&state, false, arena};
    bool fine = add_text(d, make_text(d, d->min_length, 0, &choice), arena) &&
                add_text(d, make_text(d, longest(d), 10, &choice), arena) &&
                add_text(d, make_text(d, longest(d), 0, &choice), arena);
    for (size_t i = 0; i < sizeof usual / sizeof *usual && fine; i++) {
        size_t length = furrow__utf8_length(usual[i], strlen(usual[i]));
        if (length >= d->min_length && length <= d->max_length && strlen(usual[i]) <= d->max_size &&
            !d->prefix)
            fine = add_text(d, usual[i], arena);
    }
    return fine;
}

static bool special_bytes(domain *d, furrow_arena *arena)
{
    static const unsigned char nuls[] = {0, 0xff, 0, '\'', '\\', 0x80};
    unsigned char *all = furrow__arena_aligned(arena, 256, 1);
    if (!all)
        return false;
    for (size_t i = 0; i < 256; i++)
        all[i] = (unsigned char)i;
    const furrow_blob blobs[] = {{"", 0}, {nuls, sizeof nuls}, {all, 256}};
    bool fine = true;
    for (size_t i = 0; i < 3 && fine; i++)
        fine = add_special(d, (furrow_value){.type = FURROW_TYPE_BLOB, .as.blob = blobs[i]}, arena);
    return fine;
}

static bool special_uuids(domain *d, furrow_arena *arena)
{
    furrow_value value = {.type = FURROW_TYPE_UUID};
    bool fine = add_special(d, value, arena);
    memset(value.as.uuid.bytes, 0xff, sizeof value.as.uuid.bytes);
    return fine && add_special(d, value, arena);
}

static bool special_json(domain *d, furrow_arena *arena)
{
    static const char *const usual[] = {"null",
                                        "{}",
                                        "[]",
                                        "true",
                                        "\"\"",
                                        "-1.5",
                                        "{\"a\":[1,2,{\"b\":null}],\"c\":\"\\\"\"}",
                                        "\"\xf0\x9f\x98\x80 \xe6\xbc\xa2\""};
    bool fine = true;
    for (size_t i = 0; i < sizeof usual / sizeof *usual && fine; i++)
        fine = add_text(d, usual[i], arena);
    return fine;
}

bool furrow__seed_add_specials(domain *d, bool plain, furrow_arena *arena)
{
    bool fine = !d->column->nullable || add_special(d, (furrow_value){0}, arena);
    for (size_t i = 0; i < d->listed_count && fine; i++)
        fine = add_special(d, d->listed[i], arena);
    if (d->listed_count || plain || d->column->assigned || !fine || d->column->type.native)
        return fine;
    if (furrow__seed_is_number(d))
        return special_numbers(d, arena);
    if (furrow__seed_is_real(d))
        return special_reals(d, arena);
    switch ((furrow_type)d->as->type) {
    case FURROW_TYPE_TEXT:
        return special_texts(d, arena);
    case FURROW_TYPE_BLOB:
        return special_bytes(d, arena);
    case FURROW_TYPE_UUID:
        return special_uuids(d, arena);
    case FURROW_TYPE_JSON:
        return special_json(d, arena);
    default:
        return true;
    }
}

static bool any_number(furrow_value *out, const domain *d, const furrow__seed_choice *c)
{
    int64_t low = d->low, high = d->high;
    /* Three out of four values are usual values: small numbers, and times from 1990 to 2019. */
    bool usual = c->plain || below(c->state, 4) != 0;
    int64_t from = d->as->type == FURROW_TYPE_TIME   ? INT64_C(631152000) * 1000000
                   : d->as->type == FURROW_TYPE_DATE ? 7305
                                                     : 0;
    int64_t to = d->as->type == FURROW_TYPE_TIME   ? INT64_C(1577836799) * 1000000
                 : d->as->type == FURROW_TYPE_DATE ? 18261
                                                   : 20000;
    if ((usual || d->as->type == FURROW_TYPE_TIME || d->as->type == FURROW_TYPE_DATE) &&
        from <= high && to >= low) {
        low = from > low ? from : low;
        high = to < high ? to : high;
    }
    uint64_t span = (uint64_t)high - (uint64_t)low + 1;
    uint64_t step = furrow__seed_next(c->state);
    *out = furrow__seed_number(d, (int64_t)((uint64_t)low + (span ? step % span : step)));
    return true;
}

static bool any_real(furrow_value *out, const domain *d, uint64_t *state)
{
    double low = d->real_low < -1000 ? -1000 : d->real_low;
    double high = d->real_high > 1000 ? 1000 : d->real_high;
    if (low > high) {
        low = d->real_low;
        high = d->real_high;
    }
    double part = (double)below(state, 4097) / 4096;
    double real = low + (high - low) * part;
    *out = furrow__seed_real(d, real < low ? low : real > high ? high : real);
    return true;
}

static bool any_text(furrow_value *out, const domain *d, const furrow__seed_choice *c)
{
    size_t most = longest(d), least = d->min_length;
    if (most > least + USUAL_TEXT)
        most = least + USUAL_TEXT;
    size_t length = least + below(c->state, most > least ? most - least + 1 : 1);
    const char *text = make_text(d, length, -1, c);
    *out = (furrow_value){.type = FURROW_TYPE_TEXT, .as.text = text};
    return text != NULL;
}

static bool any_bytes(furrow_value *out, uint64_t *state, furrow_arena *arena)
{
    size_t size = below(state, 40);
    unsigned char *bytes = furrow__arena_aligned(arena, size + 1, 1);
    for (size_t i = 0; bytes && i < size; i++)
        bytes[i] = (unsigned char)furrow__seed_next(state);
    *out = (furrow_value){.type = FURROW_TYPE_BLOB, .as.blob = {bytes, size}};
    return bytes != NULL;
}

static bool any_json(furrow_value *out, uint64_t *state, furrow_arena *arena)
{
    furrow__buffer text = {0};
    furrow__buffer_format(&text, "{\"n\":%zu,\"s\":\"\xc3\xa9%zu\"}", below(state, 100000),
                          below(state, 1000));
    *out = (furrow_value){.type = FURROW_TYPE_JSON};
    if (!text.failed)
        out->as.text = furrow__arena_text(arena, text.text, text.size);
    furrow__buffer_done(&text);
    return out->as.text != NULL;
}

bool furrow__seed_value(furrow_value *out, const furrow__seed_domain *d,
                        const furrow__seed_choice *c)
{
    *out = (furrow_value){0};
    if (d->column->nullable && below(c->state, 8) == 0)
        return true;
    if (d->listed_count) {
        *out = d->listed[below(c->state, d->listed_count)];
        return true;
    }
    if (d->hint_count && below(c->state, 4) == 0) {
        *out = d->hints[below(c->state, d->hint_count)];
        return true;
    }
    if (furrow__seed_is_number(d))
        return any_number(out, d, c);
    if (furrow__seed_is_real(d))
        return any_real(out, d, c->state);
    switch ((furrow_type)d->as->type) {
    case FURROW_TYPE_TEXT:
        return any_text(out, d, c);
    case FURROW_TYPE_BLOB:
        return any_bytes(out, c->state, c->arena);
    case FURROW_TYPE_JSON:
        return any_json(out, c->state, c->arena);
    case FURROW_TYPE_UUID:
        *out = (furrow_value){.type = FURROW_TYPE_UUID};
        for (size_t i = 0; i < sizeof out->as.uuid.bytes; i++)
            out->as.uuid.bytes[i] = (unsigned char)furrow__seed_next(c->state);
        return true;
    default:
        return true;
    }
}
