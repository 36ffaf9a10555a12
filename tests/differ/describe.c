/* SPDX-License-Identifier: MIT
 *
 * Rows and values as text, in which equal values have equal texts. */
#include "differ.h"

#include <inttypes.h>
#include <string.h>

#define READ(T, name)                                                                              \
    T name;                                                                                        \
    memcpy(&name, value, sizeof name)

static void describe_key(key_list *keys, text *out, int64_t key)
{
    size_t i = 0;
    if (key <= 0) {
        text_add(out, "%" PRId64, key);
        return;
    }
    while (i < keys->count && keys->items[i] != key)
        i++;
    if (i == keys->count && i < MAX_KEYS)
        keys->items[keys->count++] = key;
    text_add(out, "#%zu", i + 1);
}

static void describe_integer(runner *r, text *out, const furrow_column *column, const void *value)
{
    int64_t integer = 0;
    if (column->size == sizeof(int16_t)) {
        READ(int16_t, n);
        integer = n;
    } else if (column->size == sizeof(int32_t)) {
        READ(int32_t, n);
        integer = n;
    } else {
        READ(int64_t, n);
        integer = n;
    }
    if (is_assigned_key(column))
        describe_key(&r->keys[key_table(column)], out, integer);
    else
        text_add(out, "%" PRId64, integer);
}

static void describe_text(text *out, const char *bytes)
{
    if (bytes)
        text_add_quoted(out, bytes, strlen(bytes));
    else
        text_add(out, "NULL");
}

/* The program's own values are before 2025 or in the year 9999. */
static bool is_present(int64_t us)
{
    return us > INT64_C(1735689600000000) && us < INT64_C(221845392000000000);
}

static void describe_time(text *out, int64_t us)
{
    if (is_present(us))
        text_add(out, "now");
    else
        text_add(out, "%" PRId64 "us", us);
}

void field_describe(runner *r, text *out, const furrow_column *column, const void *value)
{
    switch (column->type) {
    case FURROW_TYPE_BOOL: {
        READ(unsigned char, b);
        text_add(out, "%d", b);
        break;
    }
    case FURROW_TYPE_FLOAT: {
        READ(float, f);
        READ(uint32_t, bits);
        text_add(out, "%.9g (%08" PRIx32 ")", (double)f, bits);
        break;
    }
    case FURROW_TYPE_DOUBLE: {
        READ(double, d);
        READ(uint64_t, bits);
        text_add(out, "%.17g (%016" PRIx64 ")", d, bits);
        break;
    }
    case FURROW_TYPE_CHARS:
        describe_text(out, value);
        break;
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_JSON: {
        READ(const char *, t);
        describe_text(out, t);
        break;
    }
    case FURROW_TYPE_BLOB: {
        READ(furrow_blob, b);
        if (b.bytes)
            text_add_quoted(out, b.bytes, b.size);
        else
            text_add(out, "NULL");
        break;
    }
    case FURROW_TYPE_TIME: {
        READ(furrow_time, t);
        describe_time(out, t.us);
        break;
    }
    case FURROW_TYPE_DATE: {
        READ(furrow_date, d);
        text_add(out, "%" PRId32 "d", d.days);
        break;
    }
    case FURROW_TYPE_UUID: {
        READ(furrow_uuid, u);
        for (size_t i = 0; i < sizeof u.bytes; i++)
            text_add(out, "%02x", u.bytes[i]);
        break;
    }
    case FURROW_TYPE_DECIMAL: {
        READ(furrow_decimal, d);
        text_add(out, "%" PRId64 "e-%d", d.unscaled, d.scale);
        break;
    }
    default:
        describe_integer(r, out, column, value);
        break;
    }
}

void row_describe(runner *r, text *out, const built *b, const void *row)
{
    if (!row) {
        text_add(out, "no row\n");
        return;
    }
    for (uint16_t i = 0; i < b->model.column_count; i++) {
        const furrow_column *c = &b->columns[i];
        const char *bytes = row;
        bool has = true;
        if (c->flags & FURROW_COLUMN_OPT)
            memcpy(&has, bytes + c->has_offset, sizeof has);
        text_add(out, "%s%s=", i ? " " : "", c->name);
        if (has)
            field_describe(r, out, c, bytes + c->offset);
        else
            text_add(out, "NULL");
    }
    text_add(out, "\n");
}
