/* SPDX-License-Identifier: MIT
 *
 * Values from small domains, so that equal values, conflicts and limits are common. */
#include "differ.h"

#include <float.h>
#include <string.h>

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof *(array)))

static const char *const texts[] = {
    "",
    "a",
    "A",
    "ab",
    "aB",
    "b",
    "a%",
    "%",
    "_",
    "a_b",
    "*",
    "[a]",
    "a\\",
    "'",
    "\"?",
    "\xC3\xA9",
    " a ",
    "a\nb",
    "\xC3\x84\xC3\xA4",
    "z",
    "\xF0\x9F\x98\x80",
    "10",
    "9",
    "NULL",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    "xx"
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    "xx"
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    "xx",
};

/* The documents are in the form in which JSONB prints them, because SQLite stores JSON as it is
 * given. */
static const char *const documents[] = {
    "{}",
    "[]",
    "null",
    "\"a\"",
    "1",
    "1.50",
    "true",
    "{\"a\": [1, null]}",
    "{\"a\": 1, \"b\": \"\xC3\xA9\"}",
};

static const struct {
    const char *bytes;
    size_t size;
} blobs[] = {{"", 0}, {"\0", 1}, {"\0\0", 2}, {"a", 1}, {"ab", 2}, {"\xFF\x00\x80", 3}, {"'", 1}};

static const int64_t integers[] = {0, 0, 1, 2, 3, 7, 10, -1, -2, 127};
static const double doubles[] = {
    0.0,
    -0.0,
    0.1,
    0.1f,
    0.3,
    1.0,
    1.5,
    -2.5,
    2.0,
    1e-7,
    1e15,
    1e16,
    -1e300,
    DBL_MAX,
    1e-320,
    DBL_MIN,
    9007199254740993.0,
    0.30000000000000004,
};
static const float floats[] = {0.0F,  -0.0F, 0.1F,    0.3F,   1.0F,        1.5F,   -2.5F,
                               1e-7F, 2.7F,  FLT_MAX, 1e-45F, 16777216.0F, 3.3e10F};
/* No time is near the present; see is_now. */
static const int64_t times[] = {INT64_C(-62135596800000000),
                                -1,
                                0,
                                1,
                                INT64_C(946684800000000),
                                INT64_C(946684800123456),
                                INT64_C(946684800100000),
                                INT64_C(253402300799999999)};
static const int64_t dates[] = {-719162, -1, 0, 1, 11016, 10957, 2932896};

static int64_t limit_of(const furrow_column *column)
{
    return column->type == FURROW_TYPE_INT16   ? INT16_MAX
           : column->type == FURROW_TYPE_INT32 ? INT32_MAX
                                               : INT64_MAX;
}

static int64_t random_integer(source *r, const furrow_column *column, enum purpose purpose)
{
    int64_t limit = limit_of(column);
    if (column->flags & FURROW_COLUMN_ASSIGNED)
        return chance(r, 60) ? 0 : -1 - (int64_t)below(r, 3);
    if (purpose == COMPARED && chance(r, 8))
        return chance(r, 50) ? INT64_C(40000) << below(r, 40) : -(INT64_C(40000) << below(r, 40));
    if (chance(r, 10))
        return chance(r, 50) ? limit : -limit - 1;
    return integers[below(r, COUNT(integers))];
}

static int64_t power_of_ten(int exponent)
{
    int64_t power = 1;
    while (exponent-- > 0)
        power *= 10;
    return power;
}

static cell random_decimal(source *r, const furrow_column *column, enum purpose purpose)
{
    int64_t most = power_of_ten(column->precision) - 1;
    const int64_t units[] = {0, 1, -1, 150, 2499, most, -most, power_of_ten(column->scale)};
    cell value = {.integer = units[below(r, COUNT(units))], .scale = column->scale};
    if (value.integer > most || value.integer < -most)
        value.integer = 1;
    if (purpose == COMPARED && chance(r, 15))
        value.scale = (int8_t)below(r, 5);
    return value;
}

static cell random_real(source *r, const furrow_column *column, enum purpose purpose)
{
    if (column->type == FURROW_TYPE_FLOAT && !(purpose == COMPARED && chance(r, 15)))
        return (cell){.real = (double)floats[below(r, COUNT(floats))]};
    return (cell){.real = doubles[below(r, COUNT(doubles))]};
}

static cell random_text(source *r, const furrow_column *column, enum purpose purpose)
{
    const char *chosen = texts[below(r, COUNT(texts))];
    if (purpose == STORED && column->type == FURROW_TYPE_CHARS && strlen(chosen) >= CHARS_SIZE)
        chosen = texts[1];
    return (cell){.text = chosen};
}

static cell random_enum(source *r, const furrow_column *column, enum purpose purpose)
{
    const furrow_enum *e = column->enumeration;
    if (purpose == COMPARED && chance(r, 10))
        return (cell){.integer = 4};
    return (cell){.integer = e->enumerators[below(r, (uint32_t)e->count)].value};
}

cell cell_random(source *r, const furrow_column *column, enum purpose purpose)
{
    if ((column->flags & FURROW_COLUMN_NULLABLE) && purpose == STORED && chance(r, 25))
        return (cell){.null = true};
    switch (column->type) {
    case FURROW_TYPE_BOOL:
        return (cell){.integer = below(r, 2)};
    case FURROW_TYPE_FLOAT:
    case FURROW_TYPE_DOUBLE:
        return random_real(r, column, purpose);
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_CHARS:
        return random_text(r, column, purpose);
    case FURROW_TYPE_BLOB: {
        uint32_t i = below(r, COUNT(blobs));
        return (cell){.text = blobs[i].bytes, .size = blobs[i].size};
    }
    case FURROW_TYPE_TIME:
        return (cell){.integer = times[below(r, COUNT(times))]};
    case FURROW_TYPE_DATE:
        return (cell){.integer = dates[below(r, COUNT(dates))]};
    case FURROW_TYPE_UUID:
        return (cell){.integer = (int64_t[]){0, 0xFF, 0x11, 0x111, 0x80}[below(r, 5)]};
    case FURROW_TYPE_DECIMAL:
        return random_decimal(r, column, purpose);
    case FURROW_TYPE_JSON:
        return (cell){.text = documents[below(r, COUNT(documents))]};
    case FURROW_TYPE_ENUM:
        return random_enum(r, column, purpose);
    default:
        return (cell){.integer = random_integer(r, column, purpose)};
    }
}

static furrow_uuid uuid_of(const cell *value)
{
    furrow_uuid uuid;
    memset(uuid.bytes, (int)(value->integer & 0xFF), sizeof uuid.bytes);
    uuid.bytes[15] = (uint8_t)(uuid.bytes[15] ^ (value->integer >> 8));
    return uuid;
}

cell cell_kept(const furrow_column *column, const cell *value)
{
    cell out = *value;
    if (column->type == FURROW_TYPE_UUID) {
        unsigned char first = (unsigned char)value->text[0], last = (unsigned char)value->text[15];
        out = (cell){.integer = first | (first ^ last) << 8};
    }
    for (size_t i = 0; i < COUNT(texts) && column->type == FURROW_TYPE_CHARS; i++)
        if (strcmp(texts[i], value->text) == 0)
            out.text = texts[i];
    return out;
}

#define PUT(T, expression)                                                                         \
    do {                                                                                           \
        T copied = (expression);                                                                   \
        memcpy(element, &copied, sizeof copied);                                                   \
        return sizeof copied;                                                                      \
    } while (0)

size_t cell_element(const furrow_column *column, void *element, const cell *value)
{
    switch (column->type) {
    case FURROW_TYPE_BOOL:
        PUT(bool, value->integer != 0);
    case FURROW_TYPE_INT16:
        PUT(int16_t, (int16_t)value->integer);
    case FURROW_TYPE_INT32:
    case FURROW_TYPE_ENUM:
        PUT(int32_t, (int32_t)value->integer);
    case FURROW_TYPE_FLOAT:
        PUT(float, value->real > (double)FLT_MAX    ? FLT_MAX
                   : value->real < (double)-FLT_MAX ? -FLT_MAX
                                                    : (float)value->real);
    case FURROW_TYPE_DOUBLE:
        PUT(double, value->real);
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_CHARS:
        PUT(const char *, value->text);
    case FURROW_TYPE_BLOB:
        PUT(furrow_blob, ((furrow_blob){value->text, value->size}));
    case FURROW_TYPE_TIME:
        PUT(furrow_time, ((furrow_time){value->integer}));
    case FURROW_TYPE_DATE:
        PUT(furrow_date, ((furrow_date){(int32_t)value->integer}));
    case FURROW_TYPE_UUID:
        PUT(furrow_uuid, uuid_of(value));
    case FURROW_TYPE_DECIMAL:
        PUT(furrow_decimal, furrow_decimal_of(value->integer, value->scale));
    case FURROW_TYPE_JSON:
        PUT(furrow_json, ((furrow_json){value->text}));
    default:
        PUT(int64_t, value->integer);
    }
}

void cell_store(const furrow_column *column, char *row, const cell *value)
{
    bool has = !value->null;
    char *field = row + column->offset;
    memset(field, 0, HAS_OFFSET);
    if (column->flags & FURROW_COLUMN_OPT)
        memcpy(row + column->has_offset, &has, sizeof has);
    if (!has)
        return;
    if (column->type == FURROW_TYPE_CHARS)
        memcpy(field, value->text, strnlen(value->text, CHARS_SIZE - 1));
    else
        cell_element(column, field, value);
}

furrow_value cell_value(const furrow_column *column, const cell *value)
{
    switch (column->type) {
    case FURROW_TYPE_BOOL:
        return furrow_value_bool_(value->integer != 0);
    case FURROW_TYPE_FLOAT:
    case FURROW_TYPE_DOUBLE:
        return furrow_value_real_(value->real);
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_CHARS:
        return furrow_value_text_(value->text);
    case FURROW_TYPE_BLOB:
        return furrow_value_blob_((furrow_blob){value->text, value->size});
    case FURROW_TYPE_TIME:
        return furrow_value_time_((furrow_time){value->integer});
    case FURROW_TYPE_DATE:
        return furrow_value_date_((furrow_date){(int32_t)value->integer});
    case FURROW_TYPE_UUID:
        return furrow_value_uuid_(uuid_of(value));
    case FURROW_TYPE_DECIMAL:
        return furrow_value_decimal_(furrow_decimal_of(value->integer, value->scale));
    case FURROW_TYPE_JSON:
        return furrow_value_json_((furrow_json){value->text});
    default:
        return furrow_value_integer_(value->integer);
    }
}

static void add_time(text *t, const cell *value)
{
    char buffer[FURROW_TIME_SIZE];
    furrow_time_format((furrow_time){value->integer}, buffer, sizeof buffer);
    text_add(t, "time(\"%s\")", buffer);
}

void text_add_cell(text *t, const furrow_column *column, const cell *value)
{
    char buffer[FURROW_UUID_SIZE];
    if (value->null) {
        text_add(t, "NULL");
        return;
    }
    switch (column->type) {
    case FURROW_TYPE_FLOAT:
    case FURROW_TYPE_DOUBLE:
        text_add(t, "%.17g%s", value->real,
                 column->type == FURROW_TYPE_FLOAT && (double)(float)value->real == value->real
                     ? "f"
                     : "");
        break;
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_CHARS:
    case FURROW_TYPE_JSON:
        text_add_quoted(t, value->text, strlen(value->text));
        break;
    case FURROW_TYPE_BLOB:
        text_add_quoted(t, value->text, value->size);
        break;
    case FURROW_TYPE_TIME:
        add_time(t, value);
        break;
    case FURROW_TYPE_DATE:
        furrow_date_format((furrow_date){(int32_t)value->integer}, buffer, sizeof buffer);
        text_add(t, "date(\"%s\")", buffer);
        break;
    case FURROW_TYPE_UUID:
        furrow_uuid_format(uuid_of(value), buffer, sizeof buffer);
        text_add(t, "uuid(\"%s\")", buffer);
        break;
    case FURROW_TYPE_DECIMAL:
        text_add(t, "furrow_decimal_of(%lld, %d)", (long long)value->integer, value->scale);
        break;
    case FURROW_TYPE_ENUM:
        for (size_t i = 0; i < column->enumeration->count; i++)
            if (column->enumeration->enumerators[i].value == value->integer) {
                text_add(t, "%s", column->enumeration->enumerators[i].name);
                return;
            }
        text_add(t, "%lld", (long long)value->integer);
        break;
    default:
        text_add(t, "%lld", (long long)value->integer);
        break;
    }
}
