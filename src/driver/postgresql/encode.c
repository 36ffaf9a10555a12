/* SPDX-License-Identifier: MIT
 *
 * Converts a value to the type that PostgreSQL reports for its parameter. Scalars are written into
 * the parameter's slot, and text and blobs are borrowed, so that binding allocates nothing.
 * Parameters are sent in binary, with two exceptions: JSONB and types that this driver does not
 * know are sent as text.
 */
#include "driver/postgresql/postgresql.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/calendar.h"
#include "base/real.h"
#include "base/text.h"

static furrow__pg_encoding binary(furrow__pg_encoded *out, const char *bytes, size_t size)
{
    if (size > FURROW__PG_MAX_VALUE)
        return FURROW__PG_TOO_LARGE;
    *out = (furrow__pg_encoded){bytes, (int)size, 1};
    return FURROW__PG_ENCODED;
}

static furrow__pg_encoding as_text(furrow__pg_encoded *out, const char *text)
{
    size_t size = strlen(text);
    if (size > FURROW__PG_MAX_VALUE)
        return FURROW__PG_TOO_LARGE;
    *out = (furrow__pg_encoded){text, (int)size, 0};
    return FURROW__PG_ENCODED;
}

/* Converts a value to an integer. Returns false if the value has a fraction. */
static furrow__pg_encoding whole(const furrow_value *value, int64_t *out)
{
    furrow_decimal decimal;
    switch (value->type) {
    case FURROW_TYPE_BOOL:
    case FURROW_TYPE_INT64:
        *out = value->as.integer;
        return FURROW__PG_ENCODED;
    case FURROW_TYPE_DOUBLE:
        if (!(value->as.real >= -0x1p63 && value->as.real < 0x1p63) ||
            value->as.real != trunc(value->as.real))
            return FURROW__PG_NO_FIT;
        *out = (int64_t)value->as.real;
        return FURROW__PG_ENCODED;
    case FURROW_TYPE_DECIMAL:
        if (!furrow_decimal_rescale(value->as.decimal, 0, &decimal))
            return FURROW__PG_NO_FIT;
        *out = decimal.unscaled;
        return FURROW__PG_ENCODED;
    default:
        return FURROW__PG_WRONG_TYPE;
    }
}

/* One of PostgreSQL's integer types. */
typedef struct integer_type {
    int64_t minimum, maximum;
    size_t width; /* in bytes */
} integer_type;

static const integer_type int2 = {INT16_MIN, INT16_MAX, 2}, int4 = {INT32_MIN, INT32_MAX, 4},
                          int8 = {INT64_MIN, INT64_MAX, 8}, oid_type = {0, UINT32_MAX, 4};

static furrow__pg_encoding integer(furrow__pg_encoded *out, char *slot, const furrow_value *value,
                                   const integer_type *type)
{
    int64_t number;
    furrow__pg_encoding answer = whole(value, &number);
    if (answer != FURROW__PG_ENCODED)
        return answer;
    if (number < type->minimum || number > type->maximum)
        return FURROW__PG_NO_FIT;
    if (type->width == 8)
        furrow__pg_put64(slot, (uint64_t)number);
    else if (type->width == 4)
        furrow__pg_put32(slot, (uint32_t)number);
    else
        furrow__pg_put16(slot, (uint16_t)number);
    return binary(out, slot, type->width);
}

static furrow__pg_encoding boolean(furrow__pg_encoded *out, char *slot, const furrow_value *value)
{
    /* before C23, `true` has the type int */
    if (value->type != FURROW_TYPE_BOOL && value->type != FURROW_TYPE_INT64)
        return FURROW__PG_WRONG_TYPE;
    if (value->as.integer != 0 && value->as.integer != 1)
        return FURROW__PG_NO_FIT;
    slot[0] = (char)value->as.integer;
    return binary(out, slot, 1);
}

/* Encodes a float or double. A floating-point value is rounded to the nearest value of the type. An
 * integer is rejected if the type cannot represent it exactly. */
static furrow__pg_encoding real(const furrow_value *value, double *out)
{
    char text[FURROW_DECIMAL_SIZE];
    switch (value->type) {
    case FURROW_TYPE_DOUBLE:
        *out = value->as.real;
        return FURROW__PG_ENCODED;
    case FURROW_TYPE_INT64:
        *out = (double)value->as.integer;
        if (*out >= 0x1p63 || (int64_t)*out != value->as.integer)
            return FURROW__PG_NO_FIT;
        return FURROW__PG_ENCODED;
    case FURROW_TYPE_DECIMAL:
        furrow_decimal_format(value->as.decimal, text, sizeof text);
        return furrow__real_parse(text, out) ? FURROW__PG_ENCODED : FURROW__PG_NO_FIT;
    default:
        return FURROW__PG_WRONG_TYPE;
    }
}

static furrow__pg_encoding put_double(furrow__pg_encoded *out, char *slot, double number)
{
    uint64_t bits;
    number += 0.0; /* -0.0 + 0.0 is 0.0 (IEEE 754, 6.3) */
    memcpy(&bits, &number, sizeof bits);
    furrow__pg_put64(slot, bits);
    return binary(out, slot, 8);
}

static furrow__pg_encoding put_float(furrow__pg_encoded *out, char *slot, double number)
{
    if (isfinite(number) && fabs(number) > (double)FLT_MAX)
        return FURROW__PG_NO_FIT;
    float rounded = (float)number + 0.0f;
    uint32_t bits;
    memcpy(&bits, &rounded, sizeof bits);
    furrow__pg_put32(slot, bits);
    return binary(out, slot, 4);
}

static furrow__pg_encoding numeric(furrow__pg_encoded *out, char *slot, const furrow_value *value)
{
    furrow_decimal decimal = {0};
    switch (value->type) {
    case FURROW_TYPE_DECIMAL:
        decimal = value->as.decimal;
        if (decimal.scale < 0 || decimal.scale > 18)
            return FURROW__PG_NO_FIT;
        break;
    case FURROW_TYPE_BOOL:
        return FURROW__PG_WRONG_TYPE;
    case FURROW_TYPE_DOUBLE:
        if (!isfinite(value->as.real))
            return FURROW__PG_NO_FIT;
        furrow__real_format(value->as.real, slot, FURROW__PG_SLOT_SIZE);
        return as_text(out, slot);
    case FURROW_TYPE_INT64:
        decimal.unscaled = value->as.integer;
        break;
    default:
        return FURROW__PG_WRONG_TYPE;
    }
    return binary(out, slot, (size_t)furrow__pg_numeric_write(slot, decimal));
}

static const char *enumerator_name(const furrow_column *column, int64_t value)
{
    const furrow_enum *e = column->enumeration;
    for (size_t i = 0; e && i < e->count; i++)
        if (e->enumerators[i].value == value)
            return e->enumerators[i].name;
    return NULL;
}

static furrow__pg_encoding integer_text(char *slot, size_t *size, int64_t number)
{
    char digits[FURROW__PG_SLOT_SIZE];
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    size_t count = 0, at = 0;
    do
        digits[count++] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (number < 0)
        slot[at++] = '-';
    while (count)
        slot[at++] = digits[--count];
    slot[at] = '\0';
    *size = at;
    return FURROW__PG_ENCODED;
}

/* Converts any value to NUL-terminated text, which is either written to the slot or borrowed. */
static furrow__pg_encoding text(const char **out, size_t *size, char *slot,
                                const furrow_column *column, const furrow_value *value)
{
    *out = slot;
    switch (value->type) {
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_JSON:
        *out = value->as.text;
        *size = strlen(*out);
        break;
    case FURROW_TYPE_BOOL:
        *out = value->as.integer ? "true" : "false";
        *size = strlen(*out);
        break;
    case FURROW_TYPE_INT64:
        if (!column || column->type != FURROW_TYPE_ENUM)
            return integer_text(slot, size, value->as.integer);
        *out = enumerator_name(column, value->as.integer);
        if (!*out)
            return FURROW__PG_NO_FIT;
        *size = strlen(*out);
        break;
    case FURROW_TYPE_DOUBLE:
        *size = (size_t)furrow__real_format(value->as.real, slot, FURROW__PG_SLOT_SIZE);
        break;
    case FURROW_TYPE_TIME:
        *size = furrow_time_format(value->as.time, slot, FURROW__PG_SLOT_SIZE);
        break;
    case FURROW_TYPE_DATE:
        *size = furrow_date_format(value->as.date, slot, FURROW__PG_SLOT_SIZE);
        break;
    case FURROW_TYPE_UUID:
        *size = furrow_uuid_format(value->as.uuid, slot, FURROW__PG_SLOT_SIZE);
        break;
    case FURROW_TYPE_DECIMAL:
        *size = furrow_decimal_format(value->as.decimal, slot, FURROW__PG_SLOT_SIZE);
        break;
    default:
        return FURROW__PG_WRONG_TYPE;
    }
    return *size || *out != slot ? FURROW__PG_ENCODED : FURROW__PG_NO_FIT;
}

/* Converts a time, a date (to the midnight at which it begins) or a string. A string without a time
 * zone is accepted only if PostgreSQL's type has no time zone. */
static furrow__pg_encoding time_of(const furrow_value *value, bool zoned, furrow_time *out)
{
    char with_zone[64];
    switch (value->type) {
    case FURROW_TYPE_TIME:
        *out = value->as.time;
        break;
    case FURROW_TYPE_DATE:
        if (value->as.date.days < FURROW__DATE_MIN || value->as.date.days > FURROW__DATE_MAX)
            return FURROW__PG_NO_FIT;
        out->us = value->as.date.days * INT64_C(86400000000);
        break;
    case FURROW_TYPE_TEXT:
        if (furrow_time_parse(value->as.text, out))
            break;
        size_t size = strlen(value->as.text);
        if (zoned || size > sizeof with_zone - 2)
            return FURROW__PG_NO_FIT;
        memcpy(with_zone, value->as.text, size);
        memcpy(with_zone + size, "Z", 2);
        if (!furrow_time_parse(with_zone, out))
            return FURROW__PG_NO_FIT;
        break;
    default:
        return FURROW__PG_WRONG_TYPE;
    }
    return out->us < FURROW__TIME_MIN || out->us > FURROW__TIME_MAX ? FURROW__PG_NO_FIT
                                                                    : FURROW__PG_ENCODED;
}

static furrow__pg_encoding date_of(const furrow_value *value, furrow_date *out)
{
    switch (value->type) {
    case FURROW_TYPE_DATE:
        *out = value->as.date;
        break;
    case FURROW_TYPE_TEXT:
        if (!furrow_date_parse(value->as.text, out))
            return FURROW__PG_NO_FIT;
        break;
    default:
        return FURROW__PG_WRONG_TYPE;
    }
    return out->days < FURROW__DATE_MIN || out->days > FURROW__DATE_MAX ? FURROW__PG_NO_FIT
                                                                        : FURROW__PG_ENCODED;
}

static furrow__pg_encoding uuid(furrow__pg_encoded *out, char *slot, const furrow_value *value)
{
    furrow_uuid parsed;
    if (value->type == FURROW_TYPE_UUID)
        parsed = value->as.uuid;
    else if (value->type != FURROW_TYPE_TEXT)
        return FURROW__PG_WRONG_TYPE;
    else if (!furrow_uuid_parse(value->as.text, &parsed))
        return FURROW__PG_NO_FIT;
    memcpy(slot, parsed.bytes, sizeof parsed.bytes);
    return binary(out, slot, sizeof parsed.bytes);
}

static furrow__pg_encoding json(furrow__pg_encoded *out, const furrow_value *value)
{
    furrow_json parsed;
    if (value->type != FURROW_TYPE_JSON && value->type != FURROW_TYPE_TEXT)
        return FURROW__PG_WRONG_TYPE;
    if (value->type == FURROW_TYPE_TEXT && !furrow_json_parse(value->as.text, &parsed))
        return FURROW__PG_NO_FIT;
    return as_text(out, value->as.text);
}

static furrow__pg_encoding moment(furrow__pg_encoded *out, char *slot, Oid oid,
                                  const furrow_value *value)
{
    furrow_time time;
    furrow_date date;
    furrow__pg_encoding answer =
        oid == PG_DATE ? date_of(value, &date) : time_of(value, oid == PG_TIMESTAMPTZ, &time);
    if (answer != FURROW__PG_ENCODED)
        return answer;
    if (oid == PG_DATE) {
        furrow__pg_put32(slot, (uint32_t)(date.days - FURROW__PG_EPOCH_DAYS));
        return binary(out, slot, 4);
    }
    furrow__pg_put64(slot, (uint64_t)(time.us - FURROW__PG_EPOCH_US));
    return binary(out, slot, 8);
}

furrow__pg_encoding furrow__pg_encode(furrow__pg_encoded *out, char slot[FURROW__PG_SLOT_SIZE],
                                      Oid oid, const furrow_column *column,
                                      const furrow_value *value)
{
    *out = (furrow__pg_encoded){0};
    double number;
    const char *bytes;
    size_t size;
    furrow__pg_encoding answer;
    switch (oid) {
    case PG_BOOL:
        return boolean(out, slot, value);
    case PG_INT2:
        return integer(out, slot, value, &int2);
    case PG_INT4:
        return integer(out, slot, value, &int4);
    case PG_OID:
        return integer(out, slot, value, &oid_type);
    case PG_INT8:
        return integer(out, slot, value, &int8);
    case PG_FLOAT4:
    case PG_FLOAT8:
        answer = real(value, &number);
        if (answer != FURROW__PG_ENCODED)
            return answer;
        return oid == PG_FLOAT4 ? put_float(out, slot, number) : put_double(out, slot, number);
    case PG_NUMERIC:
        return numeric(out, slot, value);
    case PG_BYTEA:
        if (value->type != FURROW_TYPE_BLOB)
            return FURROW__PG_WRONG_TYPE;
        return binary(out, value->as.blob.bytes ? value->as.blob.bytes : "", value->as.blob.size);
    case PG_TIMESTAMPTZ:
    case PG_TIMESTAMP:
    case PG_DATE:
        return moment(out, slot, oid, value);
    case PG_UUID:
        return uuid(out, slot, value);
    case PG_JSON:
    case PG_JSONB:
        return json(out, value);
    default:
        /* For an unknown type, only text is accepted, and PostgreSQL parses it. */
        if (!furrow__pg_type_is_text(oid) && value->type != FURROW_TYPE_TEXT &&
            !(column && column->type == FURROW_TYPE_ENUM))
            return FURROW__PG_WRONG_TYPE;
        answer = text(&bytes, &size, slot, column, value);
        if (answer != FURROW__PG_ENCODED)
            return answer;
        return furrow__pg_type_is_text(oid) ? binary(out, bytes, size) : as_text(out, bytes);
    }
}

static const char *kind_of(const furrow_value *value)
{
    switch (value->type) {
    case FURROW_TYPE_BOOL:
        return "a bool";
    case FURROW_TYPE_INT64:
        return "an integer";
    case FURROW_TYPE_DOUBLE:
        return "a real";
    case FURROW_TYPE_TEXT:
        return "text";
    case FURROW_TYPE_BLOB:
        return "a blob";
    case FURROW_TYPE_TIME:
        return "a time";
    case FURROW_TYPE_DATE:
        return "a date";
    case FURROW_TYPE_UUID:
        return "a UUID";
    case FURROW_TYPE_DECIMAL:
        return "a decimal";
    case FURROW_TYPE_JSON:
        return "JSON";
    default:
        return "of an unknown kind";
    }
}

furrow_status furrow__pg_encode_fail(furrow_error *error, furrow__pg_encoding why,
                                     const furrow__pg_target *target, const furrow_value *value)
{
    const furrow_column *column = target->column;
    int number = target->index + 1;
    char buffer[64];
    const char *type = furrow__pg_type_name(target->oid, buffer, sizeof buffer);
    if (why == FURROW__PG_TOO_LARGE)
        furrow__fail(error, FURROW_INVALID, "value %d is larger than the server accepts", number);
    else if (why == FURROW__PG_NO_FIT)
        furrow__fail(error, FURROW_INVALID, "value %d is %s that cannot be converted to %s", number,
                     kind_of(value), type);
    else if (column)
        furrow__fail(error, FURROW_SCHEMA, "the column is %s in the model and %s in the database",
                     kind_of(value), type);
    else
        furrow__fail(error, FURROW_INVALID, "value %d is %s, but the server expects %s", number,
                     kind_of(value), type);
    if (column) {
        const char *table = column->model && column->model->table ? column->model->table : "";
        char message[sizeof error->message];
        memcpy(message, error->message, sizeof message);
        furrow__fail(error, error->status, "%s.%s: %.400s", table, column->name, message);
        furrow__copy_text(error->table, sizeof error->table, table);
        furrow__copy_text(error->column, sizeof error->column, column->name);
    }
    return error->status;
}

static furrow_status check_index(const furrow__pg_statement *s, int index, size_t count,
                                 furrow_error *error)
{
    if (index >= 0 && index <= s->base.parameter_count &&
        count <= (size_t)(s->base.parameter_count - index))
        return FURROW_OK;
    return furrow__fail(error, FURROW_INVALID, "the statement takes %d values, not %zu",
                        s->base.parameter_count, (size_t)(index < 0 ? 0 : index) + count);
}

static furrow_status bind_value(furrow__pg_statement *s, int index, const furrow_column *column,
                                const furrow_value *value, furrow_error *error)
{
    furrow__pg_encoded encoded = {0};
    Oid oid = s->parameters[index].oid;
    if (value->type != FURROW_TYPE_NULL) {
        bool missing =
            (value->type == FURROW_TYPE_TEXT || value->type == FURROW_TYPE_JSON) && !value->as.text;
        furrow__pg_encoding answer =
            missing ? FURROW__PG_ENCODED
                    : furrow__pg_encode(&encoded, s->slots[index], oid, column, value);
        if (answer != FURROW__PG_ENCODED)
            return furrow__pg_encode_fail(error, answer, &(furrow__pg_target){index, oid, column},
                                          value);
    }
    s->parameters[index].array = false;
    s->values[index] = encoded.bytes;
    s->lengths[index] = encoded.length;
    s->formats[index] = encoded.format;
    return FURROW_OK;
}

furrow_status furrow__pg_bind(furrow_statement *statement, int index, const furrow_column *column,
                              const furrow_value *value, furrow_error *error)
{
    furrow__pg_statement *s = (furrow__pg_statement *)statement;
    if (s->stale && furrow__pg_renew(s, error))
        return error->status;
    furrow_status status = check_index(s, index, 1, error);
    if (status != FURROW_OK)
        return status;
    static const furrow_value null = {0};
    if (value && value->type == FURROW_TYPE_INT64 && s->parameters[index].oid == PG_INT8) {
        furrow__pg_put64(s->slots[index],
                         (uint64_t)value->as.integer); /* the most common case: a key */
        s->parameters[index].array = false;
        s->values[index] = s->slots[index];
        s->lengths[index] = 8;
        s->formats[index] = 1;
        return FURROW_OK;
    }
    return bind_value(s, index, column, value ? value : &null, error);
}

/* Reads an integer. An enum can have any size, and only an enum can be unsigned. */
static int64_t integer_at(const furrow_column *column, const void *at)
{
    uint8_t tiny;
    uint16_t small;
    uint32_t middle;
    int64_t large;
    bool is_unsigned = column->flags & FURROW_COLUMN_UNSIGNED;
    switch (column->size) {
    case 1:
        memcpy(&tiny, at, sizeof tiny);
        return is_unsigned ? tiny : (int8_t)tiny;
    case 2:
        memcpy(&small, at, sizeof small);
        return is_unsigned ? small : (int16_t)small;
    case 4:
        memcpy(&middle, at, sizeof middle);
        return is_unsigned ? (int64_t)middle : (int32_t)middle;
    default:
        memcpy(&large, at, sizeof large);
        return large;
    }
}

furrow_value furrow__pg_field_value(const furrow_column *column, const void *at)
{
    furrow_value value = {.type = column->type};
    float single;
    switch (column->type) {
    case FURROW_TYPE_INT16:
    case FURROW_TYPE_INT32:
    case FURROW_TYPE_INT64:
    case FURROW_TYPE_ENUM:
        value.type = FURROW_TYPE_INT64;
        value.as.integer = integer_at(column, at);
        break;
    case FURROW_TYPE_BOOL:
        value.as.integer = *(const bool *)at;
        break;
    case FURROW_TYPE_FLOAT:
        memcpy(&single, at, sizeof single);
        value.type = FURROW_TYPE_DOUBLE;
        value.as.real = (double)single;
        break;
    case FURROW_TYPE_CHARS:
        value.type = FURROW_TYPE_TEXT;
        value.as.text = at;
        break;
    case FURROW_TYPE_BLOB:
        memcpy(&value.as.blob, at, sizeof value.as.blob);
        if (!value.as.blob.bytes && (column->flags & FURROW_COLUMN_NULLABLE))
            value.type = FURROW_TYPE_NULL;
        break;
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_JSON:
        memcpy(&value.as.text, at, sizeof value.as.text);
        if (!value.as.text)
            value.type = FURROW_TYPE_NULL;
        break;
    default:
        memcpy(&value.as, at, column->size <= sizeof value.as ? column->size : sizeof value.as);
    }
    return value;
}

/* Writes a field of a common type into its slot. Returns false for all other types, which are bound
 * as a furrow_value. */
static bool bind_field(furrow__pg_statement *s, int index, const furrow_column *column,
                       const char *at)
{
    char *slot = s->slots[index];
    Oid oid = s->parameters[index].oid;
    const char *bytes = slot;
    size_t size = 8;
    int64_t number;
    switch (column->type) {
    case FURROW_TYPE_INT64:
        if (oid != PG_INT8)
            return false;
        memcpy(&number, at, sizeof number);
        furrow__pg_put64(slot, (uint64_t)number);
        break;
    case FURROW_TYPE_INT32:
        if (oid != PG_INT4)
            return false;
        furrow__pg_put32(slot, (uint32_t)integer_at(column, at));
        size = 4;
        break;
    case FURROW_TYPE_DOUBLE:
        if (oid != PG_FLOAT8)
            return false;
        memcpy(&number, at, sizeof number);
        furrow__pg_put64(slot, number == INT64_MIN ? 0 : (uint64_t)number); /* the bits of -0.0 */
        break;
    case FURROW_TYPE_TEXT:
        memcpy(&bytes, at, sizeof bytes);
        if ((oid != PG_TEXT && oid != PG_VARCHAR) || !bytes ||
            (size = strlen(bytes)) > FURROW__PG_MAX_VALUE)
            return false;
        break;
    case FURROW_TYPE_BOOL:
        if (oid != PG_BOOL)
            return false;
        slot[0] = *at != 0;
        size = 1;
        break;
    default:
        return false;
    }
    s->parameters[index].array = false;
    s->values[index] = bytes;
    s->lengths[index] = (int)size;
    s->formats[index] = 1;
    return true;
}

furrow_status furrow__pg_bind_row(furrow_statement *statement, int index,
                                  furrow_column_list columns, const void *row, furrow_error *error)
{
    furrow__pg_statement *s = (furrow__pg_statement *)statement;
    if (s->stale && furrow__pg_renew(s, error))
        return error->status;
    furrow_status status = check_index(s, index, columns.count, error);
    for (size_t i = 0; i < columns.count && status == FURROW_OK; i++) {
        const furrow_column *column = columns.columns[i];
        const char *at = (const char *)row + column->offset;
        int place = index + (int)i;
        bool null =
            (column->flags & FURROW_COLUMN_OPT) && !*((const bool *)row + column->has_offset);
        if (!null && bind_field(s, place, column, at))
            continue;
        furrow_value value = {0};
        if (!null)
            value = furrow__pg_field_value(column, at);
        status = bind_value(s, place, column, &value, error);
    }
    return status;
}
