/* SPDX-License-Identifier: MIT
 *
 * Moves through the rows of a raw statement, and returns the values of the current row.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/real.h"
#include "runtime/query/raw.h"
#include "runtime/session/use.h"

bool furrow_rows_next(furrow_rows *rows)
{
    FURROW__USE(rows ? rows->s : NULL, false);
    if (!rows || rows->row >= rows->row_count) {
        if (rows)
            rows->row = rows->row_count + 1;
        return false;
    }
    if (rows->row > 0 && ++rows->row_in_chunk == rows->current->count) {
        rows->current = rows->current->next;
        rows->row_in_chunk = 0;
    }
    rows->row++;
    return true;
}

size_t furrow_rows_count(const furrow_rows *rows)
{
    return rows ? rows->row_count : 0;
}

size_t furrow_rows_column_count(const furrow_rows *rows)
{
    return rows ? rows->column_count : 0;
}

const char *furrow_rows_column_name(const furrow_rows *rows, int i)
{
    return rows && i >= 0 && (size_t)i < rows->column_count ? rows->names[i] : "";
}

int furrow_rows_column_index(const furrow_rows *rows, const char *name)
{
    for (size_t i = 0; rows && name && i < rows->column_count; i++)
        if (strcmp(rows->names[i], name) == 0)
            return (int)i;
    return -1;
}

static bool has_current_row(const furrow_rows *rows)
{
    return rows->row && rows->row <= rows->row_count;
}

static void no_such_value(furrow_rows *rows, int i)
{
    if (rows->s->status != FURROW_OK)
        return;
    if (i < 0 || (size_t)i >= rows->column_count)
        furrow__session_failf(rows->s, FURROW_INVALID, "the result has no column %d", i);
    else
        furrow__session_failf(rows->s, FURROW_INVALID, "column %s was read %s",
                              FURROW__QUOTED(rows->names[i]),
                              rows->row ? "after the last row of the result"
                                        : "before furrow_rows_next moved to the first row");
}

/* Returns the value of a column of the current row. If there is no such column or no current row,
 * the transaction fails. */
static const furrow_value *value_of(furrow_rows *rows, int i)
{
    static const furrow_value null = {.type = FURROW_TYPE_NULL};
    if (!rows)
        return &null;
    if (furrow__session_is_in_use(rows->s)) {
        furrow__session_report_use(rows->s, atomic_load(&rows->s->user));
        return &null;
    }
    if (has_current_row(rows) && i >= 0 && (size_t)i < rows->column_count)
        return &rows->current->values[rows->row_in_chunk * rows->column_count + (size_t)i];
    no_such_value(rows, i);
    return &null;
}

/* The transaction fails because a value has another form. Errors do not contain values. */
static void no_such_form(furrow_rows *rows, int i, const char *form)
{
    static const char *const names[FURROW_TYPE_COUNT_] = {
        "NULL", "a bool", "an integer", "an integer", "an integer", "a real",    "a real", "text",
        "text", "a blob", "a time",     "a date",     "a UUID",     "a decimal", "JSON",   "text",
    };
    if (rows->s->status == FURROW_OK)
        furrow__session_failf(
            rows->s, FURROW_INVALID, "column %s of the result cannot be read as %s: it holds %s",
            FURROW__QUOTED(furrow_rows_column_name(rows, i)), form, names[value_of(rows, i)->type]);
}

static bool text_to_integer(const char *text, int64_t *out)
{
    furrow_decimal decimal;
    bool is_integer = furrow_decimal_parse(text, &decimal) && decimal.scale == 0;
    *out = decimal.unscaled;
    return is_integer;
}

/* A number that is too large for a double is refused, but PostgreSQL has numerics that are infinite
 * or NaN. */
static bool text_to_real(const char *text, double *out)
{
    return furrow__real_parse(text, out) && (isfinite(*out) || !strpbrk(text, "0123456789"));
}

int64_t furrow_row_int64(furrow_rows *rows, int i)
{
    const furrow_value *v = value_of(rows, i);
    furrow_decimal whole;
    int64_t result;
    switch (v->type) {
    case FURROW_TYPE_NULL:
        return 0;
    case FURROW_TYPE_BOOL:
    case FURROW_TYPE_INT64:
        return v->as.integer;
    case FURROW_TYPE_DOUBLE:
        if (v->as.real >= -0x1p63 && v->as.real < 0x1p63 && v->as.real == trunc(v->as.real))
            return (int64_t)v->as.real;
        break;
    case FURROW_TYPE_DECIMAL:
        if (furrow_decimal_rescale(v->as.decimal, 0, &whole))
            return whole.unscaled;
        break;
    case FURROW_TYPE_TEXT:
        if (text_to_integer(v->as.text, &result))
            return result;
        break;
    default:
        break;
    }
    no_such_form(rows, i, "an integer");
    return 0;
}

double furrow_row_double(furrow_rows *rows, int i)
{
    const furrow_value *v = value_of(rows, i);
    char text[FURROW_DECIMAL_SIZE];
    double result;
    switch (v->type) {
    case FURROW_TYPE_NULL:
        return 0;
    case FURROW_TYPE_BOOL:
    case FURROW_TYPE_INT64:
        return (double)v->as.integer;
    case FURROW_TYPE_DOUBLE:
        return v->as.real;
    case FURROW_TYPE_DECIMAL:
        furrow_decimal_format(v->as.decimal, text, sizeof text);
        if (text_to_real(text, &result))
            return result;
        break;
    case FURROW_TYPE_TEXT:
        if (text_to_real(v->as.text, &result))
            return result;
        break;
    default:
        break;
    }
    no_such_form(rows, i, "a number");
    return 0;
}

bool furrow_row_bool(furrow_rows *rows, int i)
{
    const furrow_value *v = value_of(rows, i);
    if (v->type == FURROW_TYPE_NULL)
        return false;
    if ((v->type == FURROW_TYPE_BOOL || v->type == FURROW_TYPE_INT64) &&
        (v->as.integer == 0 || v->as.integer == 1))
        return v->as.integer == 1;
    no_such_form(rows, i, "a bool");
    return false;
}

static size_t format_value(const furrow_value *v, char *out, size_t size)
{
    switch (v->type) {
    case FURROW_TYPE_BOOL:
        return (size_t)snprintf(out, size, "%s", v->as.integer ? "true" : "false");
    case FURROW_TYPE_INT64:
        return (size_t)snprintf(out, size, "%" PRId64, v->as.integer);
    case FURROW_TYPE_DOUBLE:
        return (size_t)furrow__real_format(v->as.real, out, size);
    case FURROW_TYPE_TIME:
        return furrow_time_format(v->as.time, out, size);
    case FURROW_TYPE_DATE:
        return furrow_date_format(v->as.date, out, size);
    case FURROW_TYPE_UUID:
        return furrow_uuid_format(v->as.uuid, out, size);
    case FURROW_TYPE_DECIMAL:
        return furrow_decimal_format(v->as.decimal, out, size);
    default:
        return 0;
    }
}

const char *furrow_row_text(furrow_rows *rows, int i)
{
    const furrow_value *v = value_of(rows, i);
    char text[64];
    size_t size;
    switch (v->type) {
    case FURROW_TYPE_NULL:
        return "";
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_JSON:
        return v->as.text;
    case FURROW_TYPE_BLOB:
        no_such_form(rows, i, "text");
        return "";
    default:
        break;
    }
    size = format_value(v, text, sizeof text);
    const char *copy = furrow__arena_text(&rows->s->arena, text, size);
    if (!copy)
        furrow__session_no_memory(rows->s);
    return copy ? copy : "";
}

furrow_blob furrow_row_blob(furrow_rows *rows, int i)
{
    const furrow_value *v = value_of(rows, i);
    if (v->type == FURROW_TYPE_BLOB)
        return v->as.blob;
    if (v->type == FURROW_TYPE_TEXT || v->type == FURROW_TYPE_JSON)
        return (furrow_blob){v->as.text, strlen(v->as.text)};
    if (v->type != FURROW_TYPE_NULL)
        no_such_form(rows, i, "bytes");
    return (furrow_blob){NULL, 0};
}

furrow_time furrow_row_time(furrow_rows *rows, int i)
{
    const furrow_value *v = value_of(rows, i);
    furrow_time time = {0};
    if (v->type == FURROW_TYPE_TIME)
        return v->as.time;
    if (v->type != FURROW_TYPE_NULL &&
        !(v->type == FURROW_TYPE_TEXT && furrow_time_parse(v->as.text, &time)))
        no_such_form(rows, i, "a time");
    return time;
}

furrow_date furrow_row_date(furrow_rows *rows, int i)
{
    const furrow_value *v = value_of(rows, i);
    furrow_date date = {0};
    if (v->type == FURROW_TYPE_DATE)
        return v->as.date;
    if (v->type != FURROW_TYPE_NULL &&
        !(v->type == FURROW_TYPE_TEXT && furrow_date_parse(v->as.text, &date)))
        no_such_form(rows, i, "a date");
    return date;
}

furrow_uuid furrow_row_uuid(furrow_rows *rows, int i)
{
    const furrow_value *v = value_of(rows, i);
    furrow_uuid uuid = {0};
    if (v->type == FURROW_TYPE_UUID)
        return v->as.uuid;
    if (v->type != FURROW_TYPE_NULL &&
        !(v->type == FURROW_TYPE_TEXT && furrow_uuid_parse(v->as.text, &uuid)))
        no_such_form(rows, i, "a UUID");
    return uuid;
}

furrow_decimal furrow_row_decimal(furrow_rows *rows, int i)
{
    const furrow_value *v = value_of(rows, i);
    furrow_decimal decimal = {0};
    switch (v->type) {
    case FURROW_TYPE_NULL:
        return decimal;
    case FURROW_TYPE_DECIMAL:
        return v->as.decimal;
    case FURROW_TYPE_INT64:
        return furrow_decimal_of(v->as.integer, 0);
    case FURROW_TYPE_TEXT:
        if (furrow_decimal_parse(v->as.text, &decimal))
            return decimal;
        break;
    default:
        break;
    }
    no_such_form(rows, i, "a decimal");
    return decimal;
}

furrow_json furrow_row_json(furrow_rows *rows, int i)
{
    const furrow_value *v = value_of(rows, i);
    furrow_json json = {NULL};
    if (v->type == FURROW_TYPE_JSON)
        return (furrow_json){v->as.text};
    if (v->type != FURROW_TYPE_NULL &&
        !(v->type == FURROW_TYPE_TEXT && furrow_json_parse(v->as.text, &json)))
        no_such_form(rows, i, "JSON");
    return json.text ? json : (furrow_json){""};
}

bool furrow_row_is_null(furrow_rows *rows, int i)
{
    bool has_column = rows && i >= 0 && (size_t)i < rows->column_count;
    return !has_column || value_of(rows, i)->type == FURROW_TYPE_NULL;
}
