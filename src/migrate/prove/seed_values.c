/* SPDX-License-Identifier: MIT
 *
 * Values for columns: what a type can hold, less what checks of the forms `column < literal`,
 * BETWEEN, IN, `length(column) <= n` and LIKE 'x%' forbid. Other checks give hints, their literals,
 * and are tried. Pure, and the same for the same seed.
 */
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "migrate/catalog/parts.h"
#include "migrate/prove/seed_parts.h"

typedef furrow__seed_domain domain;
typedef furrow__expression node;

enum { LONG_TEXT = 1000, KEYED_TEXT = 400, USUAL_TEXT = 24 };
#define DAY_US INT64_C(86400000000)

/* splitmix64, by Sebastiano Vigna (public domain): every state gives another number. */
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

/* ---- values ---- */

static bool is_real(const domain *d)
{
    return d->as->type == FURROW_TYPE_FLOAT || d->as->type == FURROW_TYPE_DOUBLE;
}

static bool is_text(const domain *d)
{
    return d->as->type == FURROW_TYPE_TEXT && !d->column->type.native;
}

/* Types whose values are whole numbers in some unit. */
static bool is_number(const domain *d)
{
    switch ((furrow_type)d->as->type) {
    case FURROW_TYPE_INT16:
    case FURROW_TYPE_INT32:
    case FURROW_TYPE_INT64:
    case FURROW_TYPE_DECIMAL:
    case FURROW_TYPE_TIME:
    case FURROW_TYPE_DATE:
        return true;
    default:
        return false;
    }
}

static furrow_value number_value(const domain *d, int64_t number)
{
    switch ((furrow_type)d->as->type) {
    case FURROW_TYPE_DECIMAL:
        return (furrow_value){.type = FURROW_TYPE_DECIMAL,
                              .as.decimal = {.unscaled = number, .scale = d->as->scale}};
    case FURROW_TYPE_TIME:
        return (furrow_value){.type = FURROW_TYPE_TIME, .as.time = {number}};
    case FURROW_TYPE_DATE:
        return (furrow_value){.type = FURROW_TYPE_DATE, .as.date = {(int32_t)number}};
    default:
        return (furrow_value){.type = FURROW_TYPE_INT64, .as.integer = number};
    }
}

static furrow_value real_value(const domain *d, double real)
{
    if (d->as->type == FURROW_TYPE_FLOAT)
        real = (double)(float)real;
    return (furrow_value){.type = FURROW_TYPE_DOUBLE, .as.real = real + 0.0};
}

static bool add(furrow_value **items, size_t *count, size_t *capacity, furrow_value value,
                furrow_arena *arena)
{
    furrow_value *more = furrow__arena_room(arena, *items, *count, capacity, sizeof *more);
    if (!more)
        return false;
    *items = more;
    more[(*count)++] = value;
    return true;
}

static bool add_special(domain *d, furrow_value value, furrow_arena *arena)
{
    return add(&d->specials, &d->special_count, &d->special_capacity, value, arena);
}

/* ---- types ---- */

static void begin_numbers(domain *d)
{
    switch ((furrow_type)d->as->type) {
    case FURROW_TYPE_INT16:
        d->low = INT16_MIN;
        d->high = INT16_MAX;
        break;
    case FURROW_TYPE_INT32:
        d->low = INT32_MIN;
        d->high = INT32_MAX;
        break;
    case FURROW_TYPE_DECIMAL: {
        int digits = d->as->precision && d->as->precision <= 18 ? d->as->precision : 18;
        d->high = furrow__power10[digits] - 1;
        d->low = -d->high;
        break;
    }
    case FURROW_TYPE_TIME:
        d->low = FURROW__TIME_MIN;
        d->high = FURROW__TIME_MAX;
        break;
    case FURROW_TYPE_DATE:
        d->low = FURROW__DATE_MIN;
        d->high = FURROW__DATE_MAX;
        break;
    default:
        d->low = INT64_MIN;
        d->high = INT64_MAX;
    }
}

static bool begin(domain *d, furrow_arena *arena)
{
    const furrow__catalog_type *type = &d->column->type;
    begin_numbers(d);
    d->real_high = d->as->type == FURROW_TYPE_FLOAT ? (double)FLT_MAX : DBL_MAX;
    d->real_low = -d->real_high;
    d->max_length = type->max_length ? type->max_length : UINT32_MAX;
    d->max_size = type->max_size ? type->max_size : UINT32_MAX;
    bool fine = true;
    size_t listed = d->as->type == FURROW_TYPE_BOOL   ? 2
                    : d->as->type == FURROW_TYPE_ENUM ? type->value_count
                                                      : 0;
    for (size_t i = 0; i < listed && fine; i++)
        fine = add(&d->listed, &d->listed_count, &d->listed_capacity,
                   (furrow_value){.type = FURROW_TYPE_INT64, .as.integer = (int64_t)i}, arena);
    return fine;
}

/* ---- checks ---- */

static bool decimal_units(const domain *d, const char *text, int64_t *out)
{
    furrow_decimal parsed, scaled;
    if (!furrow_decimal_parse(text, &parsed) ||
        !furrow_decimal_rescale(parsed, d->as->scale, &scaled))
        return false;
    *out = scaled.unscaled;
    return true;
}

/* A literal as a number in the column's unit. */
static bool literal_number(const domain *d, const node *n, int64_t *out)
{
    furrow_time time;
    furrow_date date;
    switch ((furrow_type)d->as->type) {
    case FURROW_TYPE_DECIMAL:
        if (n->kind == FURROW__EXPRESSION_NUMBER)
            return decimal_units(d, n->text, out);
        if (n->kind != FURROW__EXPRESSION_INTEGER || n->integer > INT32_MAX ||
            n->integer < INT32_MIN || d->as->scale > 9 || d->as->scale < 0)
            return false;
        *out = n->integer * furrow__power10[d->as->scale];
        return true;
    case FURROW_TYPE_TIME:
        if (n->kind != FURROW__EXPRESSION_TEXT || !furrow_time_parse(n->text, &time))
            return false;
        *out = time.us;
        return true;
    case FURROW_TYPE_DATE:
        if (n->kind != FURROW__EXPRESSION_TEXT || !furrow_date_parse(n->text, &date))
            return false;
        *out = date.days;
        return true;
    default:
        *out = n->integer;
        return n->kind == FURROW__EXPRESSION_INTEGER;
    }
}

static bool literal_real(const node *n, double *out)
{
    *out = n->kind == FURROW__EXPRESSION_NUMBER ? strtod(n->text, NULL) : (double)n->integer;
    return n->kind == FURROW__EXPRESSION_NUMBER || n->kind == FURROW__EXPRESSION_INTEGER;
}

/* A literal as a value of the column; false where it is none. */
static bool literal_value(const domain *d, const node *n, furrow_value *out)
{
    int64_t number;
    double real;
    furrow_uuid uuid;
    if (is_number(d) && literal_number(d, n, &number)) {
        *out = number_value(d, number);
        return true;
    }
    if (is_real(d) && literal_real(n, &real)) {
        *out = real_value(d, real);
        return true;
    }
    if (d->as->type == FURROW_TYPE_BOOL && n->kind == FURROW__EXPRESSION_BOOL) {
        *out = (furrow_value){.type = FURROW_TYPE_INT64, .as.integer = n->integer};
        return true;
    }
    if (n->kind != FURROW__EXPRESSION_TEXT)
        return false;
    if (d->as->type == FURROW_TYPE_UUID && furrow_uuid_parse(n->text, &uuid)) {
        *out = (furrow_value){.type = FURROW_TYPE_UUID, .as.uuid = uuid};
        return true;
    }
    for (size_t i = 0; d->as->type == FURROW_TYPE_ENUM && i < d->column->type.value_count; i++)
        if (strcmp(d->column->type.values[i], n->text) == 0) {
            *out = (furrow_value){.type = FURROW_TYPE_INT64, .as.integer = (int64_t)i};
            return true;
        }
    *out = (furrow_value){.type = FURROW_TYPE_TEXT, .as.text = n->text};
    return is_text(d);
}

typedef struct checker {
    domain *domains;
    const furrow_model *model;
    furrow_arena *arena;
    bool failed; /* out of memory */
} checker;

static domain *domain_of(const checker *c, const node *n)
{
    return n->kind == FURROW__EXPRESSION_COLUMN ? &c->domains[n->column->index] : NULL;
}

static bool says(const node *n, const char *operator_)
{
    return n->operator_ && strcmp(n->operator_, operator_) == 0;
}

/* No less than a bound; `strict`: more. */
static void raise_minimum(domain *d, const node *bound, bool strict)
{
    int64_t number;
    double real;
    if (is_number(d) && literal_number(d, bound, &number) && number < INT64_MAX) {
        number += strict;
        d->low = number > d->low ? number : d->low;
    } else if (is_real(d) && literal_real(bound, &real)) {
        double gap = strict ? (real < 0 ? -real : real) / 1024 + 0.0078125 : 0;
        d->real_low = real + gap > d->real_low ? real + gap : d->real_low;
    }
}

static void lower_maximum(domain *d, const node *bound, bool strict)
{
    int64_t number;
    double real;
    if (is_number(d) && literal_number(d, bound, &number) && number > INT64_MIN) {
        number -= strict;
        d->high = number < d->high ? number : d->high;
    } else if (is_real(d) && literal_real(bound, &real)) {
        double gap = strict ? (real < 0 ? -real : real) / 1024 + 0.0078125 : 0;
        d->real_high = real - gap < d->real_high ? real - gap : d->real_high;
    }
}

static void bound_length(domain *d, const char *operator_, int64_t length)
{
    bool strict = operator_[1] != '=';
    if (length < 0 || length > INT32_MAX)
        return;
    if (operator_[0] == '>' || strcmp(operator_, "=") == 0) {
        uint32_t least = (uint32_t)length + (operator_[0] == '>' && strict);
        d->min_length = least > d->min_length ? least : d->min_length;
    }
    if (operator_[0] == '<' || strcmp(operator_, "=") == 0) {
        uint32_t most = (uint32_t)length - (operator_[0] == '<' && strict && length > 0);
        d->max_length = most < d->max_length ? most : d->max_length;
    }
    if (strcmp(operator_, "<>") == 0 && length == 0 && !d->min_length)
        d->min_length = 1;
}

/* `a > b` as `b < a`. */
static const char *turned(const char *operator_)
{
    static const char *const pairs[][2] = {{"<", ">"}, {"<=", ">="}, {">", "<"}, {">=", "<="}};
    for (size_t i = 0; i < 4; i++)
        if (strcmp(operator_, pairs[i][0]) == 0)
            return pairs[i][1];
    return operator_;
}

static void list_one(checker *c, domain *d, const node *literal)
{
    furrow_value value;
    if (literal_value(d, literal, &value) &&
        !add(&d->listed, &d->listed_count, &d->listed_capacity, value, c->arena))
        c->failed = true;
}

static void compare(checker *c, const node *left, const char *operator_, const node *right)
{
    domain *d = domain_of(c, left);
    bool length =
        left->kind == FURROW__EXPRESSION_CALL && says(left, "length") && left->argument_count == 1;
    if (length && (d = domain_of(c, left->arguments[0])) != NULL && is_text(d)) {
        if (right->kind == FURROW__EXPRESSION_INTEGER)
            bound_length(d, operator_, right->integer);
        return;
    }
    if (!d)
        return;
    if (strcmp(operator_, "=") == 0) {
        d->listed_count = 0;
        list_one(c, d, right);
    } else if (strcmp(operator_, "<>") == 0 && is_text(d) &&
               right->kind == FURROW__EXPRESSION_TEXT && !right->text[0] && !d->min_length) {
        d->min_length = 1;
    } else if (operator_[0] == '>') {
        raise_minimum(d, right, operator_[1] != '=');
    } else if (operator_[0] == '<' && operator_[1] != '>') {
        lower_maximum(d, right, operator_[1] != '=');
    }
}

/* 'ab%' alone is understood: a text that begins so. */
static void like(checker *c, const node *n)
{
    domain *d = domain_of(c, n->arguments[0]);
    const node *pattern = n->arguments[1];
    if (!d || pattern->kind != FURROW__EXPRESSION_TEXT)
        return;
    char *made = furrow__arena_text(c->arena, pattern->text, strlen(pattern->text));
    if (!made) {
        c->failed = true;
        return;
    }
    size_t size = 0, kept = 0;
    for (const char *at = pattern->text; *at; at++) {
        if (*at != '%')
            made[size++] = *at == '_' ? 'a' : *at;
        kept += *at != '%' && *at != '_';
    }
    made[size] = '\0';
    furrow_value value = {.type = FURROW_TYPE_TEXT, .as.text = made};
    if (!add(&d->hints, &d->hint_count, &d->hint_capacity, value, c->arena))
        c->failed = true;
    size_t whole = strlen(pattern->text);
    if (kept == size && whole == size + 1 && pattern->text[whole - 1] == '%')
        d->prefix = made;
}

static void in_list(checker *c, const node *n)
{
    domain *d = domain_of(c, n->arguments[0]);
    if (!d)
        return;
    d->listed_count = 0;
    for (size_t i = 1; i < n->argument_count; i++)
        list_one(c, d, n->arguments[i]);
}

/* What must be true narrows. */
static void narrow(checker *c, const node *n)
{
    if (n->kind == FURROW__EXPRESSION_BINARY && says(n, "AND")) {
        narrow(c, n->arguments[0]);
        narrow(c, n->arguments[1]);
    } else if (n->kind == FURROW__EXPRESSION_BINARY && says(n, "LIKE")) {
        if (!n->negated)
            like(c, n);
    } else if (n->kind == FURROW__EXPRESSION_BINARY && n->type == FURROW_TYPE_BOOL &&
               !says(n, "OR")) {
        compare(c, n->arguments[0], n->operator_, n->arguments[1]);
        compare(c, n->arguments[1], turned(n->operator_), n->arguments[0]);
    } else if (n->kind == FURROW__EXPRESSION_BETWEEN && !n->negated) {
        compare(c, n->arguments[0], ">=", n->arguments[1]);
        compare(c, n->arguments[0], "<=", n->arguments[2]);
    } else if (n->kind == FURROW__EXPRESSION_IN && !n->negated) {
        in_list(c, n);
    } else if (n->kind == FURROW__EXPRESSION_COLUMN && domain_of(c, n)->listed_count == 2) {
        domain_of(c, n)->listed[0] = domain_of(c, n)->listed[1]; /* a bool that must be true */
        domain_of(c, n)->listed_count = 1;
    }
}

static void hint(checker *c, const node *n)
{
    furrow_value value;
    if (n->beside && n->beside->model == c->model) {
        domain *d = &c->domains[n->beside->index];
        if (literal_value(d, n, &value) &&
            !add(&d->hints, &d->hint_count, &d->hint_capacity, value, c->arena))
            c->failed = true;
    }
    for (size_t i = 0; i < n->argument_count; i++)
        hint(c, n->arguments[i]);
}

static void read_check(checker *c, const furrow__catalog_table *table, const char *text)
{
    const furrow_model *model = furrow__catalog_model(table, c->arena);
    furrow__expression_error problem;
    const node *parsed =
        model ? furrow__expression_parse(text, model, NULL, FURROW__EXPRESSION_FOR_CHECK, c->arena,
                                         &problem)
              : NULL;
    c->failed |= !model;
    c->model = model;
    if (!parsed)
        return;
    narrow(c, parsed);
    hint(c, parsed);
}

/* ---- texts ---- */

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

/* A text of `length` code points, or of fewer where it would have too many bytes. `letter`: always
 * this one, or -1 for any. */
static const char *make_text(const domain *d, size_t length, int letter, bool plain,
                             uint64_t *state, furrow_arena *arena)
{
    const char *prefix = d->prefix ? d->prefix : "";
    size_t begins = strlen(prefix), size = begins;
    size_t done = furrow__utf8_length(prefix, begins);
    size_t room = length > done ? length - done : 0;
    char *text = furrow__arena_aligned(arena, begins + 4 * room + 1, 1);
    if (!text)
        return NULL;
    memcpy(text, prefix, begins);
    for (size_t i = 0; i < room; i++) {
        size_t which =
            letter >= 0 ? (size_t)letter : below(state, plain ? PLAIN_LETTERS : (size_t)LETTERS);
        size_t more = strlen(letters[which]);
        if (size + more > d->max_size) {
            which = i % 2; /* one byte each */
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

/* ---- specials ---- */

static bool fits(const domain *d, int64_t number)
{
    return number >= d->low && number <= d->high;
}

static bool special_numbers(domain *d, furrow_arena *arena)
{
    bool fine = add_special(d, number_value(d, d->low), arena) &&
                (d->high == d->low || add_special(d, number_value(d, d->high), arena));
    static const int64_t usual[] = {0, 1, -1, 951782400};
    for (size_t i = 0; i < 4 && fine; i++) {
        int64_t number = usual[i];
        if (i == 3) /* a leap day: 2000-02-29 */
            number = d->as->type == FURROW_TYPE_TIME   ? usual[3] * 1000000 - 1
                     : d->as->type == FURROW_TYPE_DATE ? 11016
                                                       : 255;
        if (fits(d, number) && number != d->low && number != d->high)
            fine = add_special(d, number_value(d, number), arena);
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
        if (usual[i] >= d->real_low && usual[i] <= d->real_high)
            fine = add_special(d, real_value(d, usual[i]), arena);
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
    bool fine = add_text(d, make_text(d, d->min_length, 0, false, &state, arena), arena) &&
                add_text(d, make_text(d, longest(d), 10, false, &state, arena), arena) &&
                add_text(d, make_text(d, longest(d), 0, false, &state, arena), arena);
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

static bool add_specials(domain *d, bool plain, furrow_arena *arena)
{
    bool fine = !d->column->nullable || add_special(d, (furrow_value){0}, arena);
    for (size_t i = 0; i < d->listed_count && fine; i++)
        fine = add_special(d, d->listed[i], arena);
    if (d->listed_count || plain || d->column->assigned || !fine || d->column->type.native)
        return fine;
    if (is_number(d))
        return special_numbers(d, arena);
    if (is_real(d))
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

/* ---- any value ---- */

static bool any_number(furrow_value *out, const domain *d, bool plain, uint64_t *state)
{
    int64_t low = d->low, high = d->high;
    /* Mostly such as people have: small numbers, times of 1990 to 2019. */
    bool usual = plain || below(state, 4) != 0;
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
    uint64_t step = furrow__seed_next(state);
    *out = number_value(d, (int64_t)((uint64_t)low + (span ? step % span : step)));
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
    *out = real_value(d, real < low ? low : real > high ? high : real);
    return true;
}

static bool any_text(furrow_value *out, const domain *d, bool plain, uint64_t *state,
                     furrow_arena *arena)
{
    size_t most = longest(d), least = d->min_length;
    if (most > least + USUAL_TEXT)
        most = least + USUAL_TEXT;
    size_t length = least + below(state, most > least ? most - least + 1 : 1);
    const char *text = make_text(d, length, -1, plain, state, arena);
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

bool furrow__seed_value(furrow_value *out, const furrow__seed_domain *d, bool plain,
                        uint64_t *state, furrow_arena *arena)
{
    *out = (furrow_value){0};
    if (d->column->nullable && below(state, 8) == 0)
        return true;
    if (d->listed_count) {
        *out = d->listed[below(state, d->listed_count)];
        return true;
    }
    if (d->hint_count && below(state, 4) == 0) {
        *out = d->hints[below(state, d->hint_count)];
        return true;
    }
    if (is_number(d))
        return any_number(out, d, plain, state);
    if (is_real(d))
        return any_real(out, d, state);
    switch ((furrow_type)d->as->type) {
    case FURROW_TYPE_TEXT:
        return any_text(out, d, plain, state, arena);
    case FURROW_TYPE_BLOB:
        return any_bytes(out, state, arena);
    case FURROW_TYPE_JSON:
        return any_json(out, state, arena);
    case FURROW_TYPE_UUID:
        *out = (furrow_value){.type = FURROW_TYPE_UUID};
        for (size_t i = 0; i < sizeof out->as.uuid.bytes; i++)
            out->as.uuid.bytes[i] = (unsigned char)furrow__seed_next(state);
        return true;
    default:
        return true;
    }
}

/* ---- all columns ---- */

static bool is_keyed(const furrow__catalog_table *table, const char *column)
{
    for (size_t i = 0; i < table->constraint_count; i++)
        for (size_t k = 0; k < table->constraints[i].count; k++)
            if (strcmp(table->constraints[i].columns[k], column) == 0)
                return true;
    for (size_t i = 0; i < table->index_count; i++)
        for (size_t k = 0; k < table->indexes[i].count; k++) {
            const furrow__index_part *part = &table->indexes[i].parts[k];
            if (!part->column || strcmp(part->column, column) == 0)
                return true;
        }
    return false;
}

furrow__seed_domain *furrow__seed_domains(const furrow__catalog_table *table,
                                          const furrow_model *model, bool plain,
                                          furrow_arena *arena)
{
    size_t count = table->column_count;
    domain *domains = furrow__arena_aligned(arena, (count + 1) * sizeof *domains, _Alignof(domain));
    checker c = {.domains = domains, .arena = arena};
    if (!domains)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        domains[i] = (domain){.column = &table->columns[i],
                              .as = &model->columns[i],
                              .is_keyed = is_keyed(table, table->columns[i].name)};
        if (!begin(&domains[i], arena))
            return NULL;
    }
    for (size_t i = 0; i < table->constraint_count && !c.failed; i++)
        if (table->constraints[i].kind == FURROW__CONSTRAINT_CHECK)
            read_check(&c, table, table->constraints[i].expression);
    for (size_t i = 0; i < count && !c.failed; i++) {
        if (domains[i].low > domains[i].high) /* contradicting checks: the engine will say so */
            begin_numbers(&domains[i]);
        c.failed = !add_specials(&domains[i], plain, arena);
    }
    return c.failed ? NULL : domains;
}
