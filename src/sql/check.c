/* SPDX-License-Identifier: MIT
 * Checks whether a column can hold a value. Engines differ in what they accept. Therefore every
 * field of a written row and every value of a condition is checked before anything is sent. A check
 * that succeeds allocates no memory and formats no message. An error names the column, but does not
 * contain the value. */
#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <furrow/driver.h>

#include "base/calendar.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "sql/parts.h"

/* The constraints of a column that a value must satisfy. */
enum demand {
    EVERYTHING,
    TYPE_ONLY, /* check only the type of the value, not its range and length */
};

static const char *table_of(const furrow_column *column)
{
    return column->model->table ? column->model->table : column->model->name;
}

furrow_status furrow__fail_column(furrow_error *error, furrow_status status,
                                  const furrow_column *column, const char *format, ...)
{
    if (!error)
        return status;
    char what[sizeof error->message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    furrow__fail(error, status, "%s.%s %s", FURROW__QUOTED(table_of(column)),
                 FURROW__QUOTED(column->name), what);
    furrow__copy_text(error->table, sizeof error->table, table_of(column));
    furrow__copy_text(error->column, sizeof error->column, column->name);
    return status;
}

furrow_status furrow__check_owner(const furrow_column *column, const furrow_model *model,
                                  const char *what, furrow_error *error)
{
    if (!column) {
        furrow__fail(error, FURROW_INVALID,
                     "%s a column pointer that is NULL, in a query of model \"%s\"", what,
                     model->name);
        furrow__hint(error, "%s_column returns NULL if the model has no column with this name",
                     model->name);
        return FURROW_INVALID;
    }
    if (column->model == model)
        return FURROW_OK;
    furrow__fail(error, FURROW_INVALID, "%s column %s of model \"%s\" in a query of model \"%s\"",
                 what, FURROW__QUOTED(column->name), column->model->name, model->name);
    if (error) {
        furrow__copy_text(error->table, sizeof error->table, table_of(column));
        furrow__copy_text(error->column, sizeof error->column, column->name);
    }
    return FURROW_INVALID;
}

furrow_status furrow__check_stored(const furrow_column *column, const furrow_model *model,
                                   const char *what, furrow_error *error)
{
    furrow_status status = furrow__check_owner(column, model, what, error);
    if (status == FURROW_OK && column->flags & FURROW_COLUMN_COUNT)
        return furrow__fail(error, FURROW_INVALID,
                            "%s the count of \"%s\", which model \"%s\" does not store as a column",
                            what, column->field, model->name);
    return status;
}

static furrow_status not_null(const furrow_column *column, furrow_error *error)
{
    return furrow__fail_column(error, FURROW_NOT_NULL, column, "must not be NULL");
}

furrow_status furrow__wrong_type(const furrow_column *column, furrow_error *error)
{
    return furrow__fail_column(error, FURROW_INVALID, column, "cannot hold a value of this type");
}

furrow_status furrow__out_of_range(const furrow_column *column, furrow_error *error)
{
    bool low = column->flags & FURROW_COLUMN_HAS_MIN, high = column->flags & FURROW_COLUMN_HAS_MAX;
    char minimum[FURROW_DECIMAL_SIZE], maximum[FURROW_DECIMAL_SIZE];
    int8_t scale = column->type == FURROW_TYPE_DECIMAL ? column->scale : 0;
    furrow_decimal_format((furrow_decimal){column->minimum, scale}, minimum, sizeof minimum);
    furrow_decimal_format((furrow_decimal){column->maximum, scale}, maximum, sizeof maximum);
    if (low && high)
        return furrow__fail_column(error, FURROW_INVALID, column, "must be in the range %s to %s",
                                   minimum, maximum);
    if (low)
        return furrow__fail_column(error, FURROW_INVALID, column, "must be at least %s", minimum);
    return furrow__fail_column(error, FURROW_INVALID, column, "must be at most %s", maximum);
}

static inline furrow_status check_range(const furrow_column *column, int64_t value,
                                        furrow_error *error)
{
    if ((column->flags & FURROW_COLUMN_HAS_MIN && value < column->minimum) ||
        (column->flags & FURROW_COLUMN_HAS_MAX && value > column->maximum))
        return furrow__out_of_range(column, error);
    return FURROW_OK;
}

static inline furrow_status check_integer(const furrow_column *column, int64_t value,
                                          enum demand demand, furrow_error *error)
{
    if ((column->type == FURROW_TYPE_INT16 && value != (int16_t)value) ||
        (column->type == FURROW_TYPE_INT32 && value != (int32_t)value))
        return furrow__fail_column(error, FURROW_INVALID, column, "does not fit in %s bits",
                                   column->type == FURROW_TYPE_INT16 ? "16" : "32");
    return demand == EVERYTHING ? check_range(column, value, error) : FURROW_OK;
}

static furrow_status check_enum(const furrow_column *column, int64_t value, furrow_error *error)
{
    const furrow_enum *e = column->enumeration;
    for (size_t i = 0; i < e->count; i++)
        if (e->enumerators[i].value == value)
            return FURROW_OK;
    return furrow__fail_column(error, FURROW_INVALID, column, "is not a value of enum %s", e->name);
}

static furrow_status check_real(const furrow_column *column, double value, enum demand demand,
                                furrow_error *error)
{
    if (isnan(value))
        return furrow__fail_column(error, FURROW_INVALID, column, "must not be NaN");
    if (demand == EVERYTHING &&
        ((column->flags & FURROW_COLUMN_HAS_MIN && value < (double)column->minimum) ||
         (column->flags & FURROW_COLUMN_HAS_MAX && value > (double)column->maximum)))
        return furrow__out_of_range(column, error);
    return FURROW_OK;
}

furrow_status furrow__check_text(const furrow_column *column, const char *text, furrow_error *error)
{
    if (!furrow__utf8_is_valid(text, strlen(text)))
        return furrow__fail_column(error, FURROW_INVALID, column, "is not valid UTF-8");
    return FURROW_OK;
}

/* Checks the length of a string. Counts the characters only if the number of bytes does not decide
 * the result. */
static furrow_status check_length(const furrow_column *column, const char *text, size_t size,
                                  furrow_error *error)
{
    uint32_t low = column->min_length, high = column->max_length;
    if (high && size > high && furrow__utf8_length(text, size) > high)
        return furrow__fail_column(error, FURROW_INVALID, column, "is longer than %u character%s",
                                   (unsigned)high, high == 1 ? "" : "s");
    if (low && (size < low || (size / 4 < low && furrow__utf8_length(text, size) < low)))
        return furrow__fail_column(error, FURROW_INVALID, column, "is shorter than %u character%s",
                                   (unsigned)low, low == 1 ? "" : "s");
    return FURROW_OK;
}

static inline furrow_status check_sized_text(const furrow_column *column, const char *text,
                                             size_t size, furrow_error *error)
{
    if (!furrow__utf8_is_valid(text, size))
        return furrow__fail_column(error, FURROW_INVALID, column, "is not valid UTF-8");
    if (column->type == FURROW_TYPE_CHARS && size >= column->size)
        return furrow__fail_column(error, FURROW_INVALID, column, "is longer than %u byte%s",
                                   (unsigned)column->size - 1, column->size == 2 ? "" : "s");
    if (column->min_length | column->max_length)
        return check_length(column, text, size, error);
    return FURROW_OK;
}

static inline furrow_status check_time(const furrow_column *column, furrow_time value,
                                       furrow_error *error)
{
    if (value.us < FURROW__TIME_MIN || value.us > FURROW__TIME_MAX)
        return furrow__fail_column(error, FURROW_INVALID, column, "is not in the years 1 to 9999");
    return FURROW_OK;
}

static inline furrow_status check_date(const furrow_column *column, furrow_date value,
                                       furrow_error *error)
{
    if (value.days < FURROW__DATE_MIN || value.days > FURROW__DATE_MAX)
        return furrow__fail_column(error, FURROW_INVALID, column, "is not in the years 1 to 9999");
    return FURROW_OK;
}

static furrow_status check_decimal(const furrow_column *column, furrow_decimal *value,
                                   enum demand demand, furrow_error *error)
{
    furrow_decimal scaled = *value;
    if (value->scale != column->scale && !furrow_decimal_rescale(*value, column->scale, &scaled)) {
        if (value->scale < 0 || value->scale > 18)
            return furrow__fail_column(error, FURROW_INVALID, column,
                                       "is a decimal whose scale is not between 0 and 18");
        return furrow__fail_column(
            error, FURROW_INVALID, column,
            "cannot hold this decimal exactly: the column is decimal(%d, %d)", column->precision,
            column->scale);
    }
    *value = scaled;
    int64_t limit = column->precision < 19 ? furrow__power10[column->precision] : INT64_MAX;
    if (column->precision && (scaled.unscaled >= limit || scaled.unscaled <= -limit))
        return furrow__fail_column(error, FURROW_INVALID, column,
                                   "has more than the %d digits of decimal(%d, %d)",
                                   column->precision, column->precision, column->scale);
    return demand == EVERYTHING ? check_range(column, scaled.unscaled, error) : FURROW_OK;
}

static furrow_status check_json(const furrow_column *column, const char *text, furrow_error *error)
{
    furrow_json json;
    if (furrow_json_parse(text, &json))
        return FURROW_OK;
    if (!furrow__utf8_is_valid(text, strlen(text)))
        return furrow__fail_column(error, FURROW_INVALID, column, "is not valid UTF-8");
    furrow__fail_column(error, FURROW_INVALID, column, "is not valid JSON");
    furrow__hint(error, FURROW__JSON_HINT);
    return FURROW_INVALID;
}

static furrow_status check_blob(const furrow_column *column, furrow_blob value, furrow_error *error)
{
    if (!value.bytes && value.size)
        return furrow__fail_column(error, FURROW_INVALID, column,
                                   "is a blob whose size is not 0 but whose bytes are NULL");
    return FURROW_OK;
}

static furrow_status check_real_value(const furrow_column *column, furrow_value *value,
                                      enum demand demand, furrow_error *error)
{
    if (value->type == FURROW_TYPE_INT64) {
        int64_t integer = value->as.integer;
        double real = (double)integer;
        /* A double of 2^63 or more exceeds INT64_MAX. Converting it to an integer would be
         * undefined behaviour. */
        if (real >= 0x1p63 || (int64_t)real != integer)
            return furrow__fail_column(error, FURROW_INVALID, column,
                                       "cannot hold this integer exactly");
        value->type = FURROW_TYPE_DOUBLE;
        value->as.real = real;
    } else if (value->type != FURROW_TYPE_DOUBLE) {
        return furrow__wrong_type(column, error);
    }
    furrow_status status = check_real(column, value->as.real, demand, error);
    if (status != FURROW_OK)
        return status;
    if (column->type == FURROW_TYPE_FLOAT) {
        float rounded = (float)value->as.real;
        if (isinf(rounded) && !isinf(value->as.real))
            return furrow__fail_column(error, FURROW_INVALID, column, "does not fit in a float");
        value->as.real = (double)rounded;
    }
    value->as.real += 0.0; /* adding 0.0 turns -0.0 into 0.0 (IEEE 754, section 6.3) */
    return FURROW_OK;
}

static furrow_status check_integer_value(const furrow_column *column, furrow_value *value,
                                         enum demand demand, furrow_error *error)
{
    if (value->type != FURROW_TYPE_INT64 &&
        !(value->type == FURROW_TYPE_BOOL && column->type == FURROW_TYPE_BOOL))
        return furrow__wrong_type(column, error);
    if (column->type == FURROW_TYPE_ENUM)
        return check_enum(column, value->as.integer, error);
    if (column->type != FURROW_TYPE_BOOL)
        return check_integer(column, value->as.integer, demand, error);
    if (value->as.integer != 0 && value->as.integer != 1)
        return furrow__fail_column(error, FURROW_INVALID, column, "must be 0 or 1");
    value->type = FURROW_TYPE_BOOL;
    return FURROW_OK;
}

static furrow_status check_decimal_value(const furrow_column *column, furrow_value *value,
                                         enum demand demand, furrow_error *error)
{
    if (value->type == FURROW_TYPE_INT64) {
        value->type = FURROW_TYPE_DECIMAL;
        value->as.decimal = (furrow_decimal){value->as.integer, 0};
    } else if (value->type != FURROW_TYPE_DECIMAL) {
        return furrow__wrong_type(column, error);
    }
    return check_decimal(column, &value->as.decimal, demand, error);
}

static furrow_status check_null(const furrow_column *column, const furrow_value *value,
                                furrow_error *error)
{
    if (value->problem == FURROW_VALUE_POINTER_)
        return furrow__fail_column(error, FURROW_INVALID, column, "cannot hold a pointer");
    return column->flags & FURROW_COLUMN_NULLABLE ? FURROW_OK : not_null(column, error);
}

static furrow_status check_value(const furrow_column *column, furrow_value *value,
                                 enum demand demand, furrow_error *error)
{
    if (value->problem == FURROW_VALUE_TOO_LARGE_)
        return furrow__fail_column(error, FURROW_INVALID, column, "does not fit in 64 bits");
    if (value->type == FURROW_TYPE_NULL)
        return check_null(column, value, error);
    switch ((furrow_type)column->type) {
    case FURROW_TYPE_BOOL:
    case FURROW_TYPE_INT16:
    case FURROW_TYPE_INT32:
    case FURROW_TYPE_INT64:
    case FURROW_TYPE_ENUM:
        return check_integer_value(column, value, demand, error);
    case FURROW_TYPE_FLOAT:
    case FURROW_TYPE_DOUBLE:
        return check_real_value(column, value, demand, error);
    case FURROW_TYPE_DECIMAL:
        return check_decimal_value(column, value, demand, error);
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_CHARS:
        if (value->type != FURROW_TYPE_TEXT)
            return furrow__wrong_type(column, error);
        if (!value->as.text)
            return check_null(column, value, error);
        return demand == EVERYTHING
                   ? check_sized_text(column, value->as.text, strlen(value->as.text), error)
                   : furrow__check_text(column, value->as.text, error);
    case FURROW_TYPE_JSON:
        if (value->type != FURROW_TYPE_JSON)
            return furrow__wrong_type(column, error);
        return value->as.text ? check_json(column, value->as.text, error)
                              : check_null(column, value, error);
    case FURROW_TYPE_BLOB:
        return value->type == FURROW_TYPE_BLOB ? check_blob(column, value->as.blob, error)
                                               : furrow__wrong_type(column, error);
    case FURROW_TYPE_TIME:
        return value->type == FURROW_TYPE_TIME ? check_time(column, value->as.time, error)
                                               : furrow__wrong_type(column, error);
    case FURROW_TYPE_DATE:
        return value->type == FURROW_TYPE_DATE ? check_date(column, value->as.date, error)
                                               : furrow__wrong_type(column, error);
    case FURROW_TYPE_UUID:
        return value->type == FURROW_TYPE_UUID ? FURROW_OK : furrow__wrong_type(column, error);
    case FURROW_TYPE_NULL:
    case FURROW_TYPE_COUNT_:
        break;
    }
    return furrow__wrong_type(column, error);
}

furrow_status furrow__check_value(const furrow_column *column, furrow_value *value,
                                  furrow_error *error)
{
    return check_value(column, value, EVERYTHING, error);
}

furrow_status furrow__check_key(const furrow_column *column, furrow_value *value,
                                furrow_error *error)
{
    bool is_null =
        value->type == FURROW_TYPE_TEXT ? !value->as.text : value->type == FURROW_TYPE_NULL;
    if (is_null && value->problem == FURROW_VALUE_FINE_)
        return furrow__fail_column(error, FURROW_INVALID, column,
                                   "is part of the primary key, which is never NULL");
    return check_value(column, value, EVERYTHING, error);
}

furrow_status furrow__check_summand(const furrow_column *column, furrow_value *value,
                                    furrow_error *error)
{
    return check_value(column, value, TYPE_ONLY, error);
}

/* Reads an integer of `size` bytes. An enum field can have any size, because the C compiler chooses
 * the size. */
static int64_t load_integer(const char *field, uint32_t size, bool is_unsigned)
{
    switch (size) {
    case 1: {
        uint8_t v;
        memcpy(&v, field, sizeof v);
        return is_unsigned ? v : (int8_t)v;
    }
    case 2: {
        uint16_t v;
        memcpy(&v, field, sizeof v);
        return is_unsigned ? v : (int16_t)v;
    }
    case 4: {
        uint32_t v;
        memcpy(&v, field, sizeof v);
        return is_unsigned ? (int64_t)v : (int32_t)v;
    }
    default: {
        int64_t v;
        memcpy(&v, field, sizeof v);
        return v;
    }
    }
}

static int64_t enum_of(const furrow_column *column, const char *field)
{
    return load_integer(field, column->size, column->flags & FURROW_COLUMN_UNSIGNED);
}

#define LOAD(T, field) (*(const T *)(const void *)(field))

static furrow_status check_chars(const furrow_column *column, const char *field,
                                 furrow_error *error)
{
    size_t size = strnlen(field, column->size);
    if (size == column->size)
        return furrow__fail_column(error, FURROW_INVALID, column,
                                   "has no terminating NUL within its %u bytes",
                                   (unsigned)column->size);
    return check_sized_text(column, field, size, error);
}

static furrow_status check_pointer(const furrow_column *column, const char *text,
                                   furrow_error *error)
{
    if (!text)
        return column->flags & FURROW_COLUMN_NULLABLE ? FURROW_OK : not_null(column, error);
    return column->type == FURROW_TYPE_JSON ? check_json(column, text, error)
                                            : check_sized_text(column, text, strlen(text), error);
}

static inline furrow_status check_field(const furrow_column *column, const char *row,
                                        furrow_error *error)
{
    const char *field = row + column->offset;
    if (column->flags & FURROW_COLUMN_OPT && !LOAD(bool, row + column->has_offset))
        return column->flags & FURROW_COLUMN_NULLABLE ? FURROW_OK : not_null(column, error);
    switch ((furrow_type)column->type) {
    case FURROW_TYPE_BOOL:
        /* Read a bool as a byte: reading a byte other than 0 and 1 as a bool would be undefined
         * behaviour. */
        if (LOAD(uint8_t, field) > 1)
            return furrow__fail_column(error, FURROW_INVALID, column, "must be 0 or 1");
        return FURROW_OK;
    case FURROW_TYPE_INT16:
        return check_range(column, LOAD(int16_t, field), error);
    case FURROW_TYPE_INT32:
        return check_range(column, LOAD(int32_t, field), error);
    case FURROW_TYPE_INT64:
        return check_range(column, LOAD(int64_t, field), error);
    case FURROW_TYPE_FLOAT:
        return check_real(column, (double)LOAD(float, field), EVERYTHING, error);
    case FURROW_TYPE_DOUBLE:
        return check_real(column, LOAD(double, field), EVERYTHING, error);
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_JSON:
        return check_pointer(column, LOAD(char *const, field), error);
    case FURROW_TYPE_CHARS:
        return check_chars(column, field, error);
    case FURROW_TYPE_BLOB:
        return check_blob(column, LOAD(furrow_blob, field), error);
    case FURROW_TYPE_TIME:
        return check_time(column, LOAD(furrow_time, field), error);
    case FURROW_TYPE_DATE:
        return check_date(column, LOAD(furrow_date, field), error);
    case FURROW_TYPE_UUID:
        return FURROW_OK;
    case FURROW_TYPE_DECIMAL: {
        furrow_decimal copy = LOAD(furrow_decimal, field);
        return check_decimal(column, &copy, EVERYTHING, error);
    }
    case FURROW_TYPE_ENUM:
        return check_enum(column, enum_of(column, field), error);
    case FURROW_TYPE_NULL:
    case FURROW_TYPE_COUNT_:
        break;
    }
    return furrow__wrong_type(column, error);
}

furrow_status furrow__check_row(const furrow_column *const *columns, size_t count, const void *row,
                                furrow_error *error)
{
    for (size_t i = 0; i < count; i++) {
        furrow_status status = check_field(columns[i], row, error);
        if (status != FURROW_OK)
            return status;
    }
    return FURROW_OK;
}

/* Returns whether a check of this column can fail. It cannot fail if the column can hold every
 * value of the field's C type. */
static bool needs_check(const furrow_column *column)
{
    if ((column->flags & (FURROW_COLUMN_OPT | FURROW_COLUMN_NULLABLE)) == FURROW_COLUMN_OPT)
        return true;
    switch ((furrow_type)column->type) {
    case FURROW_TYPE_INT16:
    case FURROW_TYPE_INT32:
    case FURROW_TYPE_INT64:
        return column->flags & (FURROW_COLUMN_HAS_MIN | FURROW_COLUMN_HAS_MAX);
    case FURROW_TYPE_UUID:
        return false;
    default:
        return true;
    }
}

size_t furrow__columns_to_check(const furrow_column *const *columns, size_t count,
                                const furrow_column **out)
{
    size_t needed = 0;
    for (size_t i = 0; i < count; i++)
        if (needs_check(columns[i]))
            out[needed++] = columns[i];
    return needed;
}

static furrow_value integer_value(furrow_type type, int64_t integer)
{
    return (furrow_value){.type = (uint8_t)type, .as = {.integer = integer}};
}

static furrow_value real_value(double real)
{
    return (furrow_value){.type = FURROW_TYPE_DOUBLE, .as = {.real = real + 0.0}};
}

static furrow_value text_value(furrow_type type, const char *text)
{
    return (furrow_value){.type = text ? (uint8_t)type : (uint8_t)FURROW_TYPE_NULL,
                          .as = {.text = text}};
}

static furrow_value blob_value(const furrow_column *column, furrow_blob blob)
{
    if (!blob.bytes && column->flags & FURROW_COLUMN_NULLABLE)
        return (furrow_value){0};
    return furrow_value_blob_(blob);
}

static furrow_value decimal_value(const furrow_column *column, furrow_decimal value)
{
    furrow_decimal scaled;
    return furrow_value_decimal_(furrow_decimal_rescale(value, column->scale, &scaled) ? scaled
                                                                                       : value);
}

furrow_value furrow__row_value(const furrow_column *column, const void *row)
{
    const char *field = (const char *)row + column->offset;
    if (column->flags & FURROW_COLUMN_OPT && !LOAD(bool, (const char *)row + column->has_offset))
        return (furrow_value){0};
    switch ((furrow_type)column->type) {
    case FURROW_TYPE_BOOL:
        return integer_value(FURROW_TYPE_INT64, LOAD(uint8_t, field));
    case FURROW_TYPE_INT16:
        return integer_value(FURROW_TYPE_INT64, LOAD(int16_t, field));
    case FURROW_TYPE_INT32:
        return integer_value(FURROW_TYPE_INT64, LOAD(int32_t, field));
    case FURROW_TYPE_INT64:
        return integer_value(FURROW_TYPE_INT64, LOAD(int64_t, field));
    case FURROW_TYPE_ENUM:
        return integer_value(FURROW_TYPE_INT64, enum_of(column, field));
    case FURROW_TYPE_FLOAT:
        return real_value((double)LOAD(float, field));
    case FURROW_TYPE_DOUBLE:
        return real_value(LOAD(double, field));
    case FURROW_TYPE_TEXT:
        return text_value(FURROW_TYPE_TEXT, LOAD(char *const, field));
    case FURROW_TYPE_JSON:
        return text_value(FURROW_TYPE_JSON, LOAD(char *const, field));
    case FURROW_TYPE_CHARS:
        return text_value(FURROW_TYPE_TEXT, field);
    case FURROW_TYPE_BLOB:
        return blob_value(column, LOAD(furrow_blob, field));
    case FURROW_TYPE_TIME:
        return furrow_value_time_(LOAD(furrow_time, field));
    case FURROW_TYPE_DATE:
        return furrow_value_date_(LOAD(furrow_date, field));
    case FURROW_TYPE_UUID:
        return furrow_value_uuid_(LOAD(furrow_uuid, field));
    case FURROW_TYPE_DECIMAL:
        return decimal_value(column, LOAD(furrow_decimal, field));
    case FURROW_TYPE_NULL:
    case FURROW_TYPE_COUNT_:
        break;
    }
    return (furrow_value){0};
}
