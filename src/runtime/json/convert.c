/* SPDX-License-Identifier: MIT
 *
 * Converts JSON values to fields. Numbers are converted from their digits, never through a double,
 * unless the field is a float or a double.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/json.h"
#include "base/real.h"
#include "runtime/json/json.h"
#include "runtime/session/field.h"

static const char TYPE[] = "type", NO_MEMORY[] = "memory";

/* A value on its way into a field. */
typedef struct conversion {
    const furrow_column *column;
    void *field;
    const char *text; /* the characters of a string or a number, with a NUL */
    bool is_string;
    const char *message; /* says why, if the conversion fails */
} conversion;

static const char *refuse(conversion *c, const char *rule, const char *message)
{
    c->message = message;
    return rule;
}

static bool is_number(char first)
{
    return first == '-' || (first >= '0' && first <= '9');
}

typedef enum size_of_number { FITS, TOO_LARGE, TOO_FINE } size_of_number;

/* Splits a number of JSON into its digits without zeros at both ends, and the power of ten that
 * they are multiplied with. Returns the number of digits; only the first `room` are copied. */
static size_t split_number(const char *text, char *digits, size_t room, long *power)
{
    size_t count = 0, zeros = 0;
    bool fraction = false;
    *power = 0;
    for (text += *text == '-'; *text && *text != 'e' && *text != 'E'; text++) {
        if (*text == '.') {
            fraction = true;
            continue;
        }
        *power -= fraction;
        if (*text == '0') {
            zeros++;
            continue;
        }
        for (; count && zeros; zeros--, count++)
            if (count < room)
                digits[count] = '0';
        zeros = 0;
        if (count < room)
            digits[count] = *text;
        count++;
    }
    *power += (long)zeros;
    if (*text)
        *power += strtol(text + 1, NULL, 10);
    return count;
}

/* Converts a number of JSON without rounding. */
static size_of_number parse_number(const char *text, furrow_decimal *out)
{
    enum { DIGITS = 19 };
    char digits[DIGITS + 2] = {0};
    long power;
    size_t count = split_number(text, digits + 1, DIGITS, &power);
    *out = (furrow_decimal){0};
    if (!count)
        return FITS;
    if (power < -18 || (count > DIGITS && power < 0))
        return TOO_FINE;
    digits[0] = *text == '-' ? '-' : '0';
    if (count > DIGITS || !furrow_decimal_parse(digits, out))
        return TOO_LARGE;
    for (; power > 0; power--)
        if (__builtin_mul_overflow(out->unscaled, 10, &out->unscaled))
            return TOO_LARGE;
    out->scale = (int8_t)-power;
    return FITS;
}

/* Whether the value is a number, or a string that contains nothing but a number of JSON. */
static bool has_number(const conversion *c)
{
    size_t offset;
    return is_number(*c->text) &&
           (!c->is_string || (!strpbrk(c->text, " \t\r\n") &&
                              furrow__json_scan(c->text, 1, &offset) == FURROW__JSON_FINE));
}

static const char *to_integer(conversion *c)
{
    furrow_decimal number, whole;
    size_of_number size = has_number(c) ? parse_number(c->text, &number) : TOO_FINE;
    if (size == TOO_LARGE)
        return refuse(c, "range", "must be an integer of at most 64 bits");
    if (size == TOO_FINE || !furrow_decimal_rescale(number, 0, &whole))
        return refuse(c, TYPE, "must be an integer");
    if ((c->column->type == FURROW_TYPE_INT16 && whole.unscaled != (int16_t)whole.unscaled) ||
        (c->column->type == FURROW_TYPE_INT32 && whole.unscaled != (int32_t)whole.unscaled))
        return refuse(c, "range",
                      c->column->type == FURROW_TYPE_INT16 ? "must fit in 16 bits"
                                                           : "must fit in 32 bits");
    if (c->column->type == FURROW_TYPE_INT16)
        *(int16_t *)c->field = (int16_t)whole.unscaled;
    else if (c->column->type == FURROW_TYPE_INT32)
        *(int32_t *)c->field = (int32_t)whole.unscaled;
    else
        *(int64_t *)c->field = whole.unscaled;
    return NULL;
}

static const char *to_decimal(conversion *c)
{
    furrow_decimal number, scaled;
    if (!has_number(c))
        return refuse(c, TYPE, "must be a number, or a number in a string");
    if (parse_number(c->text, &number) != FITS ||
        !furrow_decimal_rescale(number, c->column->scale, &scaled))
        return refuse(c, "decimal", "has more digits than the field");
    *(furrow_decimal *)c->field = scaled;
    return NULL;
}

static const char *to_real(conversion *c)
{
    double value = 0;
    float narrow = 0;
    bool is_infinity =
        c->is_string && (!strcmp(c->text, "Infinity") || !strcmp(c->text, "-Infinity"));
    if (!is_infinity && (c->is_string || !has_number(c)))
        return refuse(c, TYPE, "must be a number");
    if (!furrow__real_parse(c->text, &value) || !furrow__float_parse(c->text, &narrow))
        return refuse(c, TYPE, "must be a number");
    bool is_float = c->column->type == FURROW_TYPE_FLOAT;
    if (!is_infinity && (is_float ? isinf(narrow) : isinf(value)))
        return refuse(c, "range", "is too large");
    if (is_float)
        *(float *)c->field = narrow + 0.0f; /* -0.0 becomes 0.0 */
    else
        *(double *)c->field = value + 0.0;
    return NULL;
}

static const char *to_enum(conversion *c)
{
    const furrow_enumerator *e = c->is_string ? furrow__enumerator_named(c->column, c->text) : NULL;
    if (e) {
        furrow__store_integer(c->field, c->column->size, e->value);
        return NULL;
    }
    return refuse(c, c->is_string ? "enum" : TYPE, "must be the name of an enumerator");
}

static const char *to_bool(conversion *c)
{
    if (c->is_string || (c->text[0] != 't' && c->text[0] != 'f'))
        return refuse(c, TYPE, "must be true or false");
    *(bool *)c->field = c->text[0] == 't';
    return NULL;
}

static const char *to_text(conversion *c)
{
    if (!c->is_string)
        return refuse(c, TYPE, "must be a string");
    if (c->column->type == FURROW_TYPE_TEXT) {
        *(const char **)c->field = c->text;
        return NULL;
    }
    if (strlen(c->text) >= c->column->size)
        return refuse(c, "max_length", "is longer than the field");
    memset(c->field, 0, c->column->size);
    memcpy(c->field, c->text, strlen(c->text));
    return NULL;
}

static const char *to_blob(conversion *c, furrow_arena *arena)
{
    size_t length = strlen(c->text), size;
    if (!c->is_string)
        return refuse(c, TYPE, "must be a string in Base64");
    uint8_t *bytes = furrow__arena_aligned(arena, furrow__base64_byte_size(length), 8);
    if (!bytes)
        return refuse(c, NO_MEMORY, NULL);
    if (!furrow__base64_read(FURROW__BASE64, c->text, length, bytes, &size))
        return refuse(c, TYPE, "must be a string in Base64");
    *(furrow_blob *)c->field = (furrow_blob){bytes, size};
    return NULL;
}

/* The texts of times, dates, UUIDs and blobs. */
static const char *to_parsed(conversion *c, furrow_arena *arena)
{
    switch ((furrow_type)c->column->type) {
    case FURROW_TYPE_TIME:
        if (c->is_string && furrow_time_parse(c->text, c->field))
            return NULL;
        return refuse(c, TYPE, "must be a time, such as 2026-01-31T08:00:00Z");
    case FURROW_TYPE_DATE:
        if (c->is_string && furrow_date_parse(c->text, c->field))
            return NULL;
        return refuse(c, TYPE, "must be a date, such as 2026-01-31");
    case FURROW_TYPE_UUID:
        if (c->is_string && furrow_uuid_parse(c->text, c->field))
            return NULL;
        return refuse(c, TYPE, "must be a UUID");
    default:
        return to_blob(c, arena);
    }
}

static const char *convert(conversion *c, furrow_arena *arena)
{
    switch ((furrow_type)c->column->type) {
    case FURROW_TYPE_BOOL:
        return to_bool(c);
    case FURROW_TYPE_INT16:
    case FURROW_TYPE_INT32:
    case FURROW_TYPE_INT64:
        return to_integer(c);
    case FURROW_TYPE_FLOAT:
    case FURROW_TYPE_DOUBLE:
        return to_real(c);
    case FURROW_TYPE_DECIMAL:
        return to_decimal(c);
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_CHARS:
        return to_text(c);
    case FURROW_TYPE_ENUM:
        return to_enum(c);
    default:
        return to_parsed(c, arena);
    }
}

const char *furrow__json_convert(const furrow_column *column, void *row, furrow__json_token token,
                                 furrow_arena *arena, const char **message)
{
    conversion c = {
        .column = column, .field = (char *)row + column->offset, .is_string = token.text[0] == '"'};
    bool is_json = column->type == FURROW_TYPE_JSON;
    if (!is_json && (token.text[0] == '{' || token.text[0] == '['))
        c.text = "";
    else if (c.is_string && !is_json)
        c.text = furrow__json_string(token, arena);
    else
        c.text = furrow__arena_text(arena, token.text, token.size);
    if (!c.text)
        return *message = NULL, NO_MEMORY;
    if (column->flags & FURROW_COLUMN_OPT)
        ((bool *)row)[column->has_offset] = true;
    const char *rule = NULL;
    if (is_json)
        *(furrow_json *)c.field = (furrow_json){c.text};
    else
        rule = convert(&c, arena);
    *message = c.message;
    return rule;
}

void furrow__json_clear(const furrow_column *column, void *row)
{
    if (column->flags & FURROW_COLUMN_OPT)
        ((bool *)row)[column->has_offset] = false;
    memset((char *)row + column->offset, 0, column->size);
}
