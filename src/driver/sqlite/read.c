/* SPDX-License-Identifier: MIT
 *
 * Reads result columns into fields. Any program can have written the database file, so the storage
 * class, the range and the text of each cell are checked.
 *
 * Each cell is read with one sqlite3_column_value and with sqlite3_value_… functions. This takes
 * half the time of calling sqlite3_column_… for type, value and size. SQLite allows these functions
 * only for protected values. The connection is open without a mutex, so there is no difference
 * between protected and unprotected values. */
#include <float.h>
#include <math.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/text.h"
#include "driver/sqlite/cell.h"
#include "driver/sqlite/sqlite.h"

typedef furrow__sqlite_problem problem;

static inline uint64_t load(const char *text)
{
    uint64_t word;
    memcpy(&word, text, sizeof word);
    return word;
}

/* Non-zero if a byte is 0 or has its top bit set. Only a byte that is 0 borrows from the next one.
 */
static inline uint64_t special_bytes(uint64_t word)
{
    return ((word - UINT64_C(0x0101010101010101)) | word) & UINT64_C(0x8080808080808080);
}

/* Whether the text is valid UTF-8 without NUL. Reads eight bytes at a time, the last ones
 * together with some that were read before, and checks in detail only if a byte is special. */
static inline problem check_text(const char *text, size_t size)
{
    uint64_t special = 0;
    if (size >= 8) {
        for (size_t i = 0; i + 8 < size; i += 8)
            special |= special_bytes(load(text + i));
        special |= special_bytes(load(text + size - 8));
    } else {
        for (size_t i = 0; i < size; i++)
            special |= (unsigned char)(text[i] - 1) >= 0x7f;
    }
    if (!special)
        return FURROW__SQLITE_READABLE;
    if (memchr(text, '\0', size))
        return FURROW__SQLITE_HOLDS_NUL;
    return furrow__utf8_is_valid(text, size) ? FURROW__SQLITE_READABLE : FURROW__SQLITE_NOT_UTF8;
}

/* Returns a copy of a TEXT value, or NULL when out of memory. */
static inline const char *text_of(sqlite3_value *value, size_t *size)
{
    const char *text = (const char *)sqlite3_value_text(value);
    *size = (size_t)sqlite3_value_bytes(value);
    return text;
}

static inline problem read_text(sqlite3_value *value, furrow_arena *arena, const char **out)
{
    size_t size;
    const char *text = text_of(value, &size);
    if (!text)
        return FURROW__SQLITE_NO_MEMORY;
    problem what = check_text(text, size);
    if (what)
        return what;
    *out = furrow__arena_text(arena, text, size);
    return *out ? FURROW__SQLITE_READABLE : FURROW__SQLITE_NO_MEMORY;
}

static problem read_chars(sqlite3_value *value, const furrow_column *column, char *out)
{
    size_t size;
    const char *text = text_of(value, &size);
    if (!text)
        return FURROW__SQLITE_NO_MEMORY;
    problem what = check_text(text, size);
    if (what)
        return what;
    if (size >= column->size)
        return FURROW__SQLITE_TOO_LONG;
    memcpy(out, text, size);
    memset(out + size, 0, column->size - size);
    return FURROW__SQLITE_READABLE;
}

static problem read_blob(sqlite3_value *value, furrow_arena *arena, furrow_blob *out)
{
    const void *bytes = sqlite3_value_blob(value);
    size_t size = (size_t)sqlite3_value_bytes(value);
    if (!bytes && size)
        return FURROW__SQLITE_NO_MEMORY;
    /* The copy is aligned, since the program can read numbers from the blob. */
    void *copy = furrow__arena_aligned(arena, size ? size : 1, 8);
    if (!copy)
        return FURROW__SQLITE_NO_MEMORY;
    if (size)
        memcpy(copy, bytes, size);
    *out = (furrow_blob){.bytes = copy, .size = size};
    return FURROW__SQLITE_READABLE;
}

static problem read_time(sqlite3_value *value, furrow_time *out)
{
    size_t size;
    const char *text = text_of(value, &size);
    if (!text)
        return FURROW__SQLITE_NO_MEMORY;
    if (size == FURROW__SQLITE_TIME_LENGTH && furrow__form_read_time(text, &out->us))
        return FURROW__SQLITE_READABLE;
    if (memchr(text, '\0', size) || !furrow_time_parse(text, out))
        return FURROW__SQLITE_MALFORMED;
    return FURROW__SQLITE_READABLE;
}

static problem read_date(sqlite3_value *value, furrow_date *out)
{
    size_t size;
    const char *text = text_of(value, &size);
    if (!text)
        return FURROW__SQLITE_NO_MEMORY;
    return size == FURROW__SQLITE_DATE_LENGTH && furrow__form_read_date(text, &out->days)
               ? FURROW__SQLITE_READABLE
               : FURROW__SQLITE_MALFORMED;
}

static problem read_uuid(sqlite3_value *value, furrow_uuid *out)
{
    size_t size;
    const char *text = text_of(value, &size);
    if (!text)
        return FURROW__SQLITE_NO_MEMORY;
    if (size == FURROW__SQLITE_UUID_LENGTH && furrow__form_read_uuid(text, out->bytes))
        return FURROW__SQLITE_READABLE;
    if (memchr(text, '\0', size) || !furrow_uuid_parse(text, out))
        return FURROW__SQLITE_MALFORMED;
    return FURROW__SQLITE_READABLE;
}

static problem read_enum(sqlite3_value *value, const furrow_column *column, void *at)
{
    size_t size;
    const char *text = text_of(value, &size);
    if (!text)
        return FURROW__SQLITE_NO_MEMORY;
    const furrow_enum *of = column->enumeration;
    for (size_t i = 0; i < of->count; i++) {
        const char *name = of->enumerators[i].name;
        if (strlen(name) != size || memcmp(name, text, size) != 0)
            continue;
        furrow__store_integer(at, column->size, of->enumerators[i].value);
        return FURROW__SQLITE_READABLE;
    }
    return FURROW__SQLITE_NO_ENUMERATOR;
}

/* Reads a REAL, or an INTEGER that a double can hold exactly. SQLite stores whole numbers as
 * integers in columns that were not declared REAL. */
static problem read_real(sqlite3_value *value, int storage, double *out)
{
    if (storage == SQLITE_FLOAT) {
        *out = sqlite3_value_double(value) + 0.0; /* -0.0 becomes 0.0 */
        return FURROW__SQLITE_READABLE;
    }
    if (storage != SQLITE_INTEGER)
        return FURROW__SQLITE_WRONG_TYPE;
    int64_t whole = sqlite3_value_int64(value);
    *out = (double)whole;
    if (*out >= 9223372036854775808.0 || (int64_t)*out != whole)
        return FURROW__SQLITE_NO_FIT;
    return FURROW__SQLITE_READABLE;
}

static problem read_decimal(sqlite3_value *value, const furrow_column *column, furrow_decimal *out)
{
    int64_t units = sqlite3_value_int64(value);
    if (column->precision && column->precision <= 18) {
        int64_t limit = furrow__power10[column->precision];
        if (units <= -limit || units >= limit)
            return FURROW__SQLITE_NO_FIT;
    }
    *out = (furrow_decimal){.unscaled = units, .scale = column->scale};
    return FURROW__SQLITE_READABLE;
}

/* Sets the field to NULL. Returns an error if the field cannot be NULL. */
static problem read_null(const furrow_column *column, char *row)
{
    if (!(column->flags & FURROW_COLUMN_NULLABLE))
        return FURROW__SQLITE_UNEXPECTED_NULL;
    if (column->flags & FURROW_COLUMN_OPT)
        memset(row + column->has_offset, 0, sizeof(bool));
    memset(row + column->offset, 0, column->size);
    return FURROW__SQLITE_READABLE;
}

static inline problem read_bool(sqlite3_value *value, bool *out)
{
    int64_t whole = sqlite3_value_int64(value);
    *out = whole != 0;
    return whole == 0 || whole == 1 ? FURROW__SQLITE_READABLE : FURROW__SQLITE_NO_FIT;
}

static inline problem read_int16(sqlite3_value *value, int16_t *out)
{
    int64_t whole = sqlite3_value_int64(value);
    *out = (int16_t)whole;
    return whole == *out ? FURROW__SQLITE_READABLE : FURROW__SQLITE_NO_FIT;
}

static inline problem read_int32(sqlite3_value *value, int32_t *out)
{
    int64_t whole = sqlite3_value_int64(value);
    *out = (int32_t)whole;
    return whole == *out ? FURROW__SQLITE_READABLE : FURROW__SQLITE_NO_FIT;
}

static problem read_float(sqlite3_value *value, int storage, float *out)
{
    double real;
    problem what = read_real(value, storage, &real);
    if (what)
        return what;
    if (fabs(real) > (double)FLT_MAX && !isinf(real))
        return FURROW__SQLITE_NO_FIT;
    *out = (float)real;
    return FURROW__SQLITE_READABLE;
}

/* The storage class that each type requires. 0 means that read_real checks the storage class. */
static const uint8_t storage_of[FURROW_TYPE_COUNT_] = {
    [FURROW_TYPE_BOOL] = SQLITE_INTEGER,    [FURROW_TYPE_INT16] = SQLITE_INTEGER,
    [FURROW_TYPE_INT32] = SQLITE_INTEGER,   [FURROW_TYPE_INT64] = SQLITE_INTEGER,
    [FURROW_TYPE_DECIMAL] = SQLITE_INTEGER, [FURROW_TYPE_TEXT] = SQLITE_TEXT,
    [FURROW_TYPE_JSON] = SQLITE_TEXT,       [FURROW_TYPE_CHARS] = SQLITE_TEXT,
    [FURROW_TYPE_TIME] = SQLITE_TEXT,       [FURROW_TYPE_DATE] = SQLITE_TEXT,
    [FURROW_TYPE_UUID] = SQLITE_TEXT,       [FURROW_TYPE_ENUM] = SQLITE_TEXT,
    [FURROW_TYPE_BLOB] = SQLITE_BLOB,
};

/* Reads a value that is not NULL into the field at `at`. */
static inline problem read_cell(sqlite3_value *value, int storage, const furrow_column *column,
                                void *at, furrow_arena *arena)
{
    if (storage_of[column->type] && storage_of[column->type] != storage)
        return FURROW__SQLITE_WRONG_TYPE;
    switch ((furrow_type)column->type) {
    case FURROW_TYPE_BOOL:
        return read_bool(value, at);
    case FURROW_TYPE_INT16:
        return read_int16(value, at);
    case FURROW_TYPE_INT32:
        return read_int32(value, at);
    case FURROW_TYPE_INT64:
        *(int64_t *)at = sqlite3_value_int64(value);
        return FURROW__SQLITE_READABLE;
    case FURROW_TYPE_FLOAT:
        return read_float(value, storage, at);
    case FURROW_TYPE_DOUBLE:
        return read_real(value, storage, at);
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_JSON:
        return read_text(value, arena, at);
    case FURROW_TYPE_CHARS:
        return read_chars(value, column, at);
    case FURROW_TYPE_BLOB:
        return read_blob(value, arena, at);
    case FURROW_TYPE_TIME:
        return read_time(value, at);
    case FURROW_TYPE_DATE:
        return read_date(value, at);
    case FURROW_TYPE_UUID:
        return read_uuid(value, at);
    case FURROW_TYPE_DECIMAL:
        return read_decimal(value, column, at);
    case FURROW_TYPE_ENUM:
        return read_enum(value, column, at);
    case FURROW_TYPE_NULL:
    case FURROW_TYPE_COUNT_:
        break;
    }
    return FURROW__SQLITE_WRONG_TYPE;
}

furrow_status furrow__sqlite_read_row(furrow_statement *base, furrow_column_list columns, void *row,
                                      furrow_arena *arena, furrow_error *error)
{
    furrow__sqlite_statement *statement = (furrow__sqlite_statement *)base;
    if (columns.count > (size_t)statement->base.column_count)
        return furrow__fail(error, FURROW_SCHEMA,
                            "the result has %d columns, but %zu were expected",
                            statement->base.column_count, columns.count);
    sqlite3_stmt *handle = statement->handle;
    const furrow__sqlite_spill *spill = statement->spill;
    for (size_t i = 0; i < columns.count; i++) {
        const furrow_column *column = columns.columns[i];
        if (!column)
            continue; /* the caller skips this result column */
        sqlite3_value *value = furrow__sqlite_value_of(handle, spill, (int)i);
        int storage = sqlite3_value_type(value);
        problem what;
        if (storage == SQLITE_NULL) {
            what = read_null(column, row);
        } else {
            if (column->flags & FURROW_COLUMN_OPT)
                ((bool *)row)[column->has_offset] = true;
            what = read_cell(value, storage, column, (char *)row + column->offset, arena);
        }
        if (what)
            return furrow__sqlite_unreadable(
                &(furrow__sqlite_bad_cell){statement, columns, i, what}, error);
    }
    return FURROW_OK;
}

furrow_status furrow__sqlite_read_value(furrow_statement *base, int i, furrow_value *out,
                                        furrow_arena *arena, furrow_error *error)
{
    furrow__sqlite_statement *statement = (furrow__sqlite_statement *)base;
    *out = (furrow_value){.type = FURROW_TYPE_NULL};
    if (i < 0 || i >= statement->base.column_count)
        return furrow__fail(error, FURROW_INVALID,
                            "the result has %d columns, so there is no column %d",
                            statement->base.column_count, i);
    sqlite3_value *value = furrow__sqlite_value(statement, i);
    problem what = FURROW__SQLITE_READABLE;
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        out->type = FURROW_TYPE_INT64;
        out->as.integer = sqlite3_value_int64(value);
        return FURROW_OK;
    case SQLITE_FLOAT:
        out->type = FURROW_TYPE_DOUBLE;
        out->as.real = sqlite3_value_double(value) + 0.0;
        return FURROW_OK;
    case SQLITE_TEXT:
        what = read_text(value, arena, &out->as.text);
        out->type = what ? FURROW_TYPE_NULL : FURROW_TYPE_TEXT;
        break;
    case SQLITE_BLOB:
        what = read_blob(value, arena, &out->as.blob);
        out->type = what ? FURROW_TYPE_NULL : FURROW_TYPE_BLOB;
        break;
    default:
        return FURROW_OK;
    }
    if (what == FURROW__SQLITE_READABLE)
        return FURROW_OK;
    *out = (furrow_value){.type = FURROW_TYPE_NULL};
    if (what == FURROW__SQLITE_NO_MEMORY)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    const char *name = furrow__sqlite_column_name(base, i);
    if (!name)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    furrow__fail(error, FURROW_INVALID, "column %s of the result: the text %s",
                 FURROW__QUOTED(name),
                 what == FURROW__SQLITE_HOLDS_NUL ? "contains a NUL" : "is not valid UTF-8");
    furrow__copy_text(error->column, sizeof error->column, name);
    return FURROW_INVALID;
}
