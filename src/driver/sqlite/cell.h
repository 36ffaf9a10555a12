/* SPDX-License-Identifier: MIT
 * A cell: the value that SQLite stores for a field of a struct. The functions are inline because
 * they run once for each cell, for parameters (bind.c) and for the table-valued functions
 * (array.c). */
#ifndef FURROW_DRIVER_SQLITE_CELL_H
#define FURROW_DRIVER_SQLITE_CELL_H

#include <string.h>

#include <furrow/furrow.h>

#include "driver/sqlite/form.h"

typedef enum furrow__cell_kind {
    FURROW__CELL_NULL,
    FURROW__CELL_INTEGER,
    FURROW__CELL_REAL,
    FURROW__CELL_TEXT,
    FURROW__CELL_BLOB,
    FURROW__CELL_BAD_DECIMAL, /* the value has more digits than the column's scale allows */
    FURROW__CELL_BAD_ENUM,
    FURROW__CELL_BAD_TIME,
} furrow__cell_kind;

typedef struct furrow__cell {
    furrow__cell_kind kind;
    int64_t integer;
    double real;
    const void *bytes;
    size_t size;
} furrow__cell;

static inline int64_t furrow__cell_enum_value(const furrow_column *column, const void *at)
{
    bool is_unsigned = column->flags & FURROW_COLUMN_UNSIGNED;
    switch (column->size) {
    case 1: {
        uint8_t value;
        memcpy(&value, at, sizeof value);
        return is_unsigned ? (int64_t)value : (int64_t)(int8_t)value;
    }
    case 2: {
        uint16_t value;
        memcpy(&value, at, sizeof value);
        return is_unsigned ? (int64_t)value : (int64_t)(int16_t)value;
    }
    case 4: {
        uint32_t value;
        memcpy(&value, at, sizeof value);
        return is_unsigned ? (int64_t)value : (int64_t)(int32_t)value;
    }
    default: {
        int64_t value;
        memcpy(&value, at, sizeof value);
        return value;
    }
    }
}

static inline furrow__cell furrow__cell_integer(int64_t value)
{
    return (furrow__cell){.kind = FURROW__CELL_INTEGER, .integer = value};
}
static inline furrow__cell furrow__cell_text(const char *text, size_t size)
{
    return (furrow__cell){.kind = FURROW__CELL_TEXT, .bytes = text, .size = size};
}
/* Adding zero turns -0.0 into 0.0. */
static inline furrow__cell furrow__cell_real(double value)
{
    return (furrow__cell){.kind = FURROW__CELL_REAL, .real = value + 0.0};
}
static inline furrow__cell furrow__cell_bad(furrow__cell_kind kind)
{
    return (furrow__cell){.kind = kind};
}

static inline furrow__cell furrow__cell_enum(const furrow_column *column, int64_t value)
{
    const furrow_enum *of = column->enumeration;
    for (size_t i = 0; i < of->count; i++)
        if (of->enumerators[i].value == value)
            return furrow__cell_text(of->enumerators[i].name, strlen(of->enumerators[i].name));
    return furrow__cell_bad(FURROW__CELL_BAD_ENUM);
}

static inline furrow__cell furrow__cell_time(furrow_time value, char *text)
{
    if (value.us < FURROW__TIME_MIN || value.us > FURROW__TIME_MAX)
        return furrow__cell_bad(FURROW__CELL_BAD_TIME);
    furrow__form_write_time(text, value.us);
    return furrow__cell_text(text, FURROW__SQLITE_TIME_LENGTH);
}

static inline furrow__cell furrow__cell_date(furrow_date value, char *text)
{
    if (value.days < FURROW__DATE_MIN || value.days > FURROW__DATE_MAX)
        return furrow__cell_bad(FURROW__CELL_BAD_TIME);
    furrow__form_write_date(text, value.days);
    return furrow__cell_text(text, FURROW__SQLITE_DATE_LENGTH);
}

static inline furrow__cell furrow__cell_uuid(furrow_uuid value, char *text)
{
    furrow__form_write_uuid(text, value.bytes);
    return furrow__cell_text(text, FURROW__SQLITE_UUID_LENGTH);
}

/* A decimal is stored as an integer, in units of the column's scale. */
static inline furrow__cell furrow__cell_decimal(furrow_decimal value, int scale)
{
    if (value.scale != scale && !furrow_decimal_rescale(value, scale, &value))
        return furrow__cell_bad(FURROW__CELL_BAD_DECIMAL);
    return furrow__cell_integer(value.unscaled);
}

/* Only a NULL pointer in a nullable column is stored as NULL. An empty blob is not stored as NULL.
 */
static inline furrow__cell furrow__cell_blob(furrow_blob value, bool nullable)
{
    if (!value.bytes && nullable)
        return furrow__cell_bad(FURROW__CELL_NULL);
    return (furrow__cell){.kind = FURROW__CELL_BLOB,
                          .bytes = value.bytes ? value.bytes : "",
                          .size = value.bytes ? value.size : 0};
}

/* Whether furrow__cell_at writes to its `text` buffer for this type. */
static inline bool furrow__cell_needs_text(int type)
{
    return type == FURROW_TYPE_TIME || type == FURROW_TYPE_DATE || type == FURROW_TYPE_UUID;
}

/* Defines a function that loads a field, which need not be aligned. */
#define LOAD(type, name)                                                                           \
    static inline type furrow__cell_load_##name(const void *at)                                    \
    {                                                                                              \
        type value;                                                                                \
        memcpy(&value, at, sizeof value);                                                          \
        return value;                                                                              \
    }
LOAD(unsigned char, bool)
LOAD(int16_t, int16)
LOAD(int32_t, int32)
LOAD(int64_t, int64)
LOAD(float, float)
LOAD(double, double)
LOAD(const char *, text)
LOAD(furrow_blob, blob)
LOAD(furrow_time, time)
LOAD(furrow_date, date)
LOAD(furrow_uuid, uuid)
LOAD(furrow_decimal, decimal)
#undef LOAD

static inline furrow__cell furrow__cell_text_or_null(const char *text)
{
    return text ? furrow__cell_text(text, strlen(text)) : furrow__cell_bad(FURROW__CELL_NULL);
}

/* Makes the cell of the field at `at`, which need not be aligned. If furrow__cell_needs_text is
 * true for the type, the text is written to text[FURROW__SQLITE_TEXT_SIZE]. The cell borrows from
 * the struct and from `text`. */
static inline furrow__cell furrow__cell_at(const furrow_column *column, const void *at, char *text)
{
    switch ((furrow_type)column->type) {
    case FURROW_TYPE_BOOL:
        return furrow__cell_integer(furrow__cell_load_bool(at) != 0);
    case FURROW_TYPE_INT16:
        return furrow__cell_integer(furrow__cell_load_int16(at));
    case FURROW_TYPE_INT32:
        return furrow__cell_integer(furrow__cell_load_int32(at));
    case FURROW_TYPE_INT64:
        return furrow__cell_integer(furrow__cell_load_int64(at));
    case FURROW_TYPE_FLOAT:
        return furrow__cell_real((double)furrow__cell_load_float(at));
    case FURROW_TYPE_DOUBLE:
        return furrow__cell_real(furrow__cell_load_double(at));
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_JSON:
        return furrow__cell_text_or_null(furrow__cell_load_text(at));
    case FURROW_TYPE_CHARS:
        return furrow__cell_text(at, strnlen(at, column->size));
    case FURROW_TYPE_BLOB:
        return furrow__cell_blob(furrow__cell_load_blob(at),
                                 column->flags & FURROW_COLUMN_NULLABLE);
    case FURROW_TYPE_TIME:
        return furrow__cell_time(furrow__cell_load_time(at), text);
    case FURROW_TYPE_DATE:
        return furrow__cell_date(furrow__cell_load_date(at), text);
    case FURROW_TYPE_UUID:
        return furrow__cell_uuid(furrow__cell_load_uuid(at), text);
    case FURROW_TYPE_DECIMAL:
        return furrow__cell_decimal(furrow__cell_load_decimal(at), column->scale);
    case FURROW_TYPE_ENUM:
        return furrow__cell_enum(column, furrow__cell_enum_value(column, at));
    case FURROW_TYPE_NULL:
    case FURROW_TYPE_COUNT_:
        break;
    }
    return furrow__cell_bad(FURROW__CELL_NULL);
}

/* Makes the cell of a column of a row. */
static inline furrow__cell furrow__cell_of_row(const furrow_column *column, const void *row,
                                               char *text)
{
    if (column->flags & FURROW_COLUMN_OPT && !((const bool *)row)[column->has_offset])
        return furrow__cell_bad(FURROW__CELL_NULL);
    return furrow__cell_at(column, (const char *)row + column->offset, text);
}

/* Returns the name of the column's table for messages. For a column of a result struct, returns the
 * name of the struct. */
static inline const char *furrow__cell_owner(const furrow_column *column)
{
    return column->model->table ? column->model->table : column->model->name;
}

/* Fills *error for a cell of one of the BAD kinds. Defined in bind.c. */
furrow_status furrow__cell_fail(furrow__cell_kind kind, const furrow_column *column,
                                furrow_error *error);

#endif
