/* SPDX-License-Identifier: MIT
 *
 * Reads rows into structs. A value goes from libpq's buffer to the field in one step. How a field
 * is read depends on the type of its column in the model and on the type of the result column. The
 * statement stores this decision, which is made only once. For types without a direct conversion,
 * the value is first read as a furrow_value (HOW_VALUE).
 */
#include "driver/postgresql/postgresql.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/calendar.h"
#include "base/memory.h"
#include "base/real.h"
#include "base/text.h"
#include "base/unreadable.h"

enum { SAMPLE_SIZE = 256 };

enum how {
    HOW_UNDECIDED = 0,
    HOW_BOOL,
    HOW_INT16, /* PostgreSQL's type has the same width as the field */
    HOW_INT32,
    HOW_INT64,
    HOW_DOUBLE,
    HOW_TEXT,
    HOW_CHARS,
    HOW_BLOB,
    HOW_TIME,
    HOW_UUID,
    HOW_ENUM,
    HOW_NUMERIC,         /* NUMERIC, read as a decimal of the column's scale */
    HOW_NUMERIC_INTEGER, /* NUMERIC, such as the sum of integers, read as an integer */
    HOW_NUMERIC_REAL,
    HOW_VALUE,
};

typedef enum answer {
    READ,
    NO_MEMORY,
    IS_NULL,
    NO_FIT,
    TOO_LONG,
    NOT_UTF8,
    NO_ENUMERATOR,
    OUT_OF_RANGE,
    REPORTED, /* *error is already filled in */
} answer;

/* Whether a value of this PostgreSQL type can be read into a field of the column's type. */
static bool is_possible(furrow_type type, Oid oid)
{
    furrow_type read_as = furrow__pg_type_of(oid);
    switch (type) {
    case FURROW_TYPE_INT16:
    case FURROW_TYPE_INT32:
    case FURROW_TYPE_INT64:
    case FURROW_TYPE_DECIMAL:
        return read_as == FURROW_TYPE_INT64 || read_as == FURROW_TYPE_DECIMAL;
    case FURROW_TYPE_FLOAT:
    case FURROW_TYPE_DOUBLE:
        return read_as == FURROW_TYPE_DOUBLE || read_as == FURROW_TYPE_DECIMAL ||
               read_as == FURROW_TYPE_INT64;
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_CHARS:
    case FURROW_TYPE_ENUM:
        return read_as == FURROW_TYPE_TEXT;
    default:
        return read_as == type;
    }
}

static int decide_numeric(furrow_type type)
{
    return type == FURROW_TYPE_DECIMAL                               ? HOW_NUMERIC
           : type == FURROW_TYPE_DOUBLE || type == FURROW_TYPE_FLOAT ? HOW_NUMERIC_REAL
                                                                     : HOW_NUMERIC_INTEGER;
}

static int decide(furrow_type type, Oid oid)
{
    if (oid == PG_NUMERIC)
        return decide_numeric(type);
    switch (type) {
    case FURROW_TYPE_BOOL:
        return HOW_BOOL;
    case FURROW_TYPE_INT16:
        return oid == PG_INT2 ? HOW_INT16 : HOW_VALUE;
    case FURROW_TYPE_INT32:
        return oid == PG_INT4 ? HOW_INT32 : HOW_VALUE;
    case FURROW_TYPE_INT64:
        return oid == PG_INT8 ? HOW_INT64 : HOW_VALUE;
    case FURROW_TYPE_DOUBLE:
        return oid == PG_FLOAT8 ? HOW_DOUBLE : HOW_VALUE;
    case FURROW_TYPE_TEXT:
        return HOW_TEXT;
    case FURROW_TYPE_CHARS:
        return HOW_CHARS;
    case FURROW_TYPE_ENUM:
        return HOW_ENUM;
    case FURROW_TYPE_BLOB:
        return HOW_BLOB;
    case FURROW_TYPE_TIME:
        return HOW_TIME;
    case FURROW_TYPE_UUID:
        return HOW_UUID;
    default:
        return HOW_VALUE;
    }
}

static const char *table_of(const furrow_column *column)
{
    const furrow_model *model = column->model;
    return !model ? "" : model->table ? model->table : model->name ? model->name : "";
}

static furrow_status name_column(furrow_error *error, const furrow_column *column)
{
    furrow__copy_text(error->table, sizeof error->table, table_of(column));
    furrow__copy_text(error->column, sizeof error->column, column->name);
    return error->status;
}

static const char *type_phrase(furrow_type type)
{
    static const char *const phrases[FURROW_TYPE_COUNT_] = {
        "nothing",  "a bool",    "an int16_t", "an int32_t", "an int64_t", "a float",
        "a double", "text",      "text",       "a blob",     "a time",     "a date",
        "a UUID",   "a decimal", "JSON",       "an enum"};
    return phrases[type];
}

static furrow_status decide_reader(furrow__pg_statement *s, int i, const furrow_column *column,
                                   furrow_error *error)
{
    Oid oid = s->column_oids[i];
    char buffer[64];
    if (!is_possible((furrow_type)column->type, oid)) {
        furrow__fail(error, FURROW_SCHEMA, "%s.%s: holds %s where the model has %s",
                     FURROW__QUOTED(table_of(column)), FURROW__QUOTED(column->name),
                     furrow__pg_type_name(oid, buffer, sizeof buffer),
                     type_phrase((furrow_type)column->type));
        return name_column(error, column);
    }
    bool text_only = s->result_format == 0;
    s->readers[i].how = text_only ? HOW_VALUE : decide((furrow_type)column->type, oid);
    s->readers[i].column = column;
    return FURROW_OK;
}

static answer store_integer(const furrow_column *column, char *field, int64_t number)
{
    int16_t small = (int16_t)number;
    int32_t middle = (int32_t)number;
    switch (column->type) {
    case FURROW_TYPE_INT16:
        memcpy(field, &small, sizeof small);
        return small == number ? READ : NO_FIT;
    case FURROW_TYPE_INT32:
        memcpy(field, &middle, sizeof middle);
        return middle == number ? READ : NO_FIT;
    default:
        memcpy(field, &number, sizeof number);
        return READ;
    }
}

static answer store_real(const furrow_column *column, char *field, double number)
{
    number += 0.0; /* -0.0 becomes 0.0 */
    if (column->type == FURROW_TYPE_DOUBLE) {
        memcpy(field, &number, sizeof number);
        return READ;
    }
    float single = (float)number;
    memcpy(field, &single, sizeof single);
    return (double)single == number || isnan(number) ? READ : NO_FIT;
}

static answer store_enum(const furrow_column *column, char *field, const char *text, size_t size)
{
    const furrow_enum *e = column->enumeration;
    for (size_t i = 0; e && i < e->count; i++) {
        const char *name = e->enumerators[i].name;
        if (strncmp(name, text, size) != 0 || name[size])
            continue;
        furrow__store_integer(field, column->size, e->enumerators[i].value);
        return READ;
    }
    return NO_ENUMERATOR;
}

static answer store_chars(const furrow_column *column, char *field, const char *text, size_t size)
{
    if (size >= column->size)
        return TOO_LONG;
    if (!furrow__utf8_is_valid(text, size) || furrow__has_nul(text, size))
        return NOT_UTF8;
    memcpy(field, text, size);
    memset(field + size, 0, column->size - size);
    return READ;
}

static answer store_decimal(const furrow_column *column, char *field, furrow_decimal value)
{
    furrow_decimal scaled;
    if (!furrow_decimal_rescale(value, column->scale, &scaled))
        return NO_FIT;
    memcpy(field, &scaled, sizeof scaled);
    return READ;
}

static answer store_number(const furrow_column *column, char *field, const furrow_value *value)
{
    furrow_decimal decimal = {0};
    if (value->type == FURROW_TYPE_DECIMAL)
        decimal = value->as.decimal;
    else if (value->type == FURROW_TYPE_INT64)
        decimal.unscaled = value->as.integer;
    else
        return NO_FIT; /* the number has more digits than a furrow_decimal can hold */
    if (column->type == FURROW_TYPE_DECIMAL)
        return store_decimal(column, field, decimal);
    if (column->type == FURROW_TYPE_FLOAT || column->type == FURROW_TYPE_DOUBLE) {
        char text[FURROW_DECIMAL_SIZE];
        double number;
        furrow_decimal_format(decimal, text, sizeof text);
        return furrow__real_parse(text, &number) ? store_real(column, field, number) : NO_FIT;
    }
    return furrow_decimal_rescale(decimal, 0, &decimal)
               ? store_integer(column, field, decimal.unscaled)
               : NO_FIT;
}

static answer store_value(const furrow_column *column, char *field, const furrow_value *value)
{
    switch (column->type) {
    case FURROW_TYPE_BOOL:
        *(bool *)field = value->as.integer != 0;
        return READ;
    case FURROW_TYPE_INT16:
    case FURROW_TYPE_INT32:
    case FURROW_TYPE_INT64:
    case FURROW_TYPE_DECIMAL:
        return store_number(column, field, value);
    case FURROW_TYPE_FLOAT:
    case FURROW_TYPE_DOUBLE:
        return value->type == FURROW_TYPE_DOUBLE ? store_real(column, field, value->as.real)
                                                 : store_number(column, field, value);
    case FURROW_TYPE_CHARS:
        return store_chars(column, field, value->as.text, strlen(value->as.text));
    case FURROW_TYPE_ENUM:
        return store_enum(column, field, value->as.text, strlen(value->as.text));
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_JSON:
        memcpy(field, &value->as.text, sizeof value->as.text);
        return READ;
    default:
        memcpy(field, &value->as, column->size);
        return READ;
    }
}

/* PostgreSQL never stores NUL in text. It sends only valid text unless the encoding is SQL_ASCII
 * (manual, 24.3). */
static answer read_text(furrow__pg_statement *s, char *field, const char *bytes, size_t size,
                        furrow_arena *arena)
{
    if (furrow__pg_owner(s)->any_bytes && !furrow__utf8_is_valid(bytes, size))
        return NOT_UTF8;
    const char *text = furrow__arena_text(arena, bytes, size);
    memcpy(field, &text, sizeof text);
    return text ? READ : NO_MEMORY;
}

static answer read_blob(char *field, const char *bytes, size_t size, furrow_arena *arena)
{
    furrow_blob blob = {furrow__arena_text(arena, bytes, size), size};
    memcpy(field, &blob, sizeof blob);
    return blob.bytes ? READ : NO_MEMORY;
}

static answer read_time(char *field, const char *bytes)
{
    int64_t us = (int64_t)furrow__pg_get64(bytes);
    if (us < FURROW__TIME_MIN - FURROW__PG_EPOCH_US || us > FURROW__TIME_MAX - FURROW__PG_EPOCH_US)
        return OUT_OF_RANGE;
    us += FURROW__PG_EPOCH_US;
    memcpy(field, &us, sizeof us);
    return READ;
}

/* The arguments of read_row, which all functions below need. */
typedef struct row_reader {
    furrow__pg_statement *s;
    furrow_arena *arena;
    furrow_error *error;
} row_reader;

static answer read_numeric(const row_reader *r, const furrow__pg_reader *reader, char *field,
                           const char *bytes, int size)
{
    const furrow_column *column = reader->column;
    furrow_decimal decimal;
    if (reader->how == HOW_NUMERIC_REAL) {
        double number;
        const char *text = furrow__pg_numeric_text(bytes, size, r->arena);
        if (!text)
            return NO_MEMORY;
        return furrow__real_parse(text, &number) ? store_real(column, field, number) : NO_FIT;
    }
    int scale = reader->how == HOW_NUMERIC ? column->scale : 0;
    if (!furrow__pg_numeric_read(bytes, size, scale, &decimal))
        return NO_FIT;
    if (reader->how == HOW_NUMERIC_INTEGER)
        return store_integer(column, field, decimal.unscaled);
    memcpy(field, &decimal, sizeof decimal);
    return READ;
}

static answer read_as_value(const row_reader *r, int i, char *field)
{
    furrow_value value;
    if (furrow__pg_read_value(&r->s->base, i, &value, r->arena, r->error) != FURROW_OK)
        return REPORTED;
    return store_value(r->s->readers[i].column, field, &value);
}

static answer read_field(const row_reader *r, int i, char *field, int size)
{
    furrow__pg_statement *s = r->s;
    const furrow__pg_reader *reader = &s->readers[i];
    const char *bytes = PQgetvalue(s->result, s->row, i);
    uint64_t bits;
    double number;
    switch (reader->how) {
    case HOW_BOOL:
        *(bool *)field = *bytes != 0;
        return READ;
    case HOW_INT16:
        memcpy(field, &(uint16_t){furrow__pg_get16(bytes)}, sizeof(uint16_t));
        return READ;
    case HOW_INT32:
        memcpy(field, &(uint32_t){furrow__pg_get32(bytes)}, sizeof(uint32_t));
        return READ;
    case HOW_DOUBLE:
        bits = furrow__pg_get64(bytes);
        memcpy(&number, &bits, sizeof number);
        number += 0.0; /* -0.0 becomes 0.0 (IEEE 754, 6.3) */
        memcpy(field, &number, sizeof number);
        return READ;
    case HOW_INT64:
        memcpy(field, &(uint64_t){furrow__pg_get64(bytes)}, sizeof(uint64_t));
        return READ;
    case HOW_TEXT:
        return read_text(s, field, bytes, (size_t)size, r->arena);
    case HOW_CHARS:
        return store_chars(reader->column, field, bytes, (size_t)size);
    case HOW_ENUM:
        return store_enum(reader->column, field, bytes, (size_t)size);
    case HOW_BLOB:
        return read_blob(field, bytes, (size_t)size, r->arena);
    case HOW_TIME:
        return read_time(field, bytes);
    case HOW_UUID:
        memcpy(field, bytes, sizeof(furrow_uuid));
        return READ;
    case HOW_NUMERIC:
    case HOW_NUMERIC_INTEGER:
    case HOW_NUMERIC_REAL:
        return read_numeric(r, reader, field, bytes, size);
    default:
        return read_as_value(r, i, field);
    }
}

/* Adds the key of the row to the error, if the result contains the key. */
static furrow_status name_row(const row_reader *r, furrow_column_list columns,
                              const furrow_column *column)
{
    char sample[SAMPLE_SIZE];
    furrow__row_key key = {0};
    if (r->error->status == FURROW_NOMEM)
        return FURROW_NOMEM;
    for (size_t i = 0; i < columns.count; i++) {
        furrow_value value = {.type = FURROW_TYPE_NULL};
        furrow_error ignored;
        if (!columns.columns[i] || !(columns.columns[i]->flags & FURROW_COLUMN_PRIMARY_KEY))
            continue;
        furrow__pg_read_value(&r->s->base, (int)i, &value, r->arena, &ignored);
        furrow__row_key_add(&key, column, columns.columns[i], &value);
    }
    furrow__write_sample(sample, sizeof sample, column, false);
    if (column->type == FURROW_TYPE_BOOL && !(column->flags & FURROW_COLUMN_NULLABLE))
        furrow__copy_text(sample, sizeof sample, "FALSE");
    return furrow__explain_unreadable(
        r->error, column, &key, &(furrow__repair){.replacement = sample, .has_schemas = true});
}

static furrow_status fail(furrow_error *error, const furrow_column *column, answer why)
{
    if (why == NO_MEMORY)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    static const char *const phrases[] = {
        [IS_NULL] = "is NULL, but its field cannot be NULL",
        [NO_FIT] = "the value does not fit in the field",
        [NOT_UTF8] = "the text is not valid UTF-8",
        [OUT_OF_RANGE] = "the time is outside the years 1 to 9999",
    };
    const char *table = table_of(column), *name = column->name;
    char message[sizeof error->message];
    switch (why) {
    case REPORTED:
        memcpy(message, error->message, sizeof message);
        furrow__fail(error, error->status, "%s.%s: %.350s", FURROW__QUOTED(table),
                     FURROW__QUOTED(name), message);
        break;
    case TOO_LONG:
        furrow__fail(error, FURROW_INVALID,
                     "%s.%s: the text is longer than the %u bytes of its field",
                     FURROW__QUOTED(table), FURROW__QUOTED(name), (unsigned)column->size - 1);
        break;
    case NO_ENUMERATOR:
        furrow__fail(error, FURROW_INVALID, "%s.%s: the text is not a value of enum %s",
                     FURROW__QUOTED(table), FURROW__QUOTED(name),
                     column->enumeration ? column->enumeration->name : "");
        break;
    default:
        furrow__fail(error, FURROW_INVALID, "%s.%s: %s", FURROW__QUOTED(table),
                     FURROW__QUOTED(name), phrases[why]);
    }
    if (why == IS_NULL)
        furrow__hint(error,
                     "declare the field as furrow_opt(…) or FURROW(nullable), or correct the row");
    if (why == NO_ENUMERATOR || why == TOO_LONG || why == NO_FIT)
        furrow__hint(error, FURROW__OLD_PROGRAM_HINT);
    return name_column(error, column);
}

/* Stores NULL in a field: as a furrow_opt without a value, or as a NULL pointer. */
static answer read_null(const furrow_column *column, char *row)
{
    if (column->flags & FURROW_COLUMN_OPT)
        *(bool *)(row + column->has_offset) = false;
    else if (!(column->flags & FURROW_COLUMN_NULLABLE) ||
             (column->type != FURROW_TYPE_TEXT && column->type != FURROW_TYPE_JSON &&
              column->type != FURROW_TYPE_BLOB))
        return IS_NULL;
    memset(row + column->offset, 0, column->size);
    return READ;
}

/* Decides how to read result column `i` into a column's field, unless this is already decided. If
 * the value is NULL and the result column has the type text, decides nothing yet: the result column
 * could be a NULL literal, whose type is always text. */
static furrow_status prepare_reader(const row_reader *r, int i, const furrow_column *column,
                                    bool is_null)
{
    furrow__pg_statement *s = r->s;
    if (s->readers[i].column == column || (is_null && furrow__pg_type_is_text(s->column_oids[i])))
        return FURROW_OK;
    return decide_reader(s, i, column, r->error);
}

furrow_status furrow__pg_read_row(furrow_statement *statement, furrow_column_list columns,
                                  void *row, furrow_arena *arena, furrow_error *error)
{
    furrow__pg_statement *s = (furrow__pg_statement *)statement;
    row_reader r = {s, arena, error};
    if (!s->result || s->row < 0)
        return furrow__fail(error, FURROW_INVALID, "there is no row to read");
    if (columns.count > (size_t)s->base.column_count)
        return furrow__fail(error, FURROW_SCHEMA,
                            "the result has %d columns, but %zu were expected",
                            s->base.column_count, columns.count);
    for (int i = 0; i < (int)columns.count; i++) {
        const furrow_column *column = columns.columns[i];
        if (!column)
            continue;
        answer got;
        int size = PQgetlength(s->result, s->row, i); /* `size` is 0 if the value is NULL */
        bool is_null = size == 0 && PQgetisnull(s->result, s->row, i);
        if (prepare_reader(&r, i, column, is_null))
            return error->status;
        if (is_null) {
            got = read_null(column, row);
        } else {
            if (column->flags & FURROW_COLUMN_OPT)
                *((bool *)row + column->has_offset) = true;
            got = read_field(&r, i, (char *)row + column->offset, size);
        }
        if (got == NO_MEMORY)
            return fail(error, column, got);
        if (got != READ) {
            fail(error, column, got);
            return name_row(&r, columns, column);
        }
    }
    return FURROW_OK;
}
