/* SPDX-License-Identifier: MIT
 *
 * Reads a value of a result in its own type. This is used for raw rows, and for fields that
 * decode.c cannot convert directly. If the type of any result column has no C equivalent, the whole
 * result is text; otherwise it is binary.
 */
#include "driver/postgresql/postgresql.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/calendar.h"
#include "base/real.h"
#include "base/text.h"

typedef enum answer { READ, NO_MEMORY, OUT_OF_RANGE, NOT_UTF8, MALFORMED } answer;

static answer copied(const char **out, const char *bytes, size_t size, furrow_arena *arena)
{
    *out = NULL;
    if (!furrow__utf8_is_valid(bytes, size) || furrow__has_nul(bytes, size))
        return NOT_UTF8;
    *out = furrow__arena_text(arena, bytes, size);
    return *out ? READ : NO_MEMORY;
}

static answer read_time(int64_t since, furrow_value *out)
{
    /* PostgreSQL sends infinity as INT64_MIN or INT64_MAX. Like every time outside the years 1 to
     * 9999, it is out of range. */
    if (since < FURROW__TIME_MIN - FURROW__PG_EPOCH_US ||
        since > FURROW__TIME_MAX - FURROW__PG_EPOCH_US)
        return OUT_OF_RANGE;
    out->as.time.us = since + FURROW__PG_EPOCH_US;
    return READ;
}

static answer read_date(int32_t since, furrow_value *out)
{
    if (since < FURROW__DATE_MIN - FURROW__PG_EPOCH_DAYS ||
        since > FURROW__DATE_MAX - FURROW__PG_EPOCH_DAYS)
        return OUT_OF_RANGE;
    out->as.date.days = since + FURROW__PG_EPOCH_DAYS;
    return READ;
}

static bool has_size(Oid oid, int size)
{
    switch (oid) {
    case PG_BOOL:
        return size == 1;
    case PG_INT2:
        return size == 2;
    case PG_INT4:
    case PG_OID:
    case PG_FLOAT4:
    case PG_DATE:
        return size == 4;
    case PG_INT8:
    case PG_FLOAT8:
    case PG_TIMESTAMP:
    case PG_TIMESTAMPTZ:
        return size == 8;
    case PG_UUID:
        return size == 16;
    default:
        return true;
    }
}

static answer read_real(Oid oid, const char *bytes, furrow_value *out)
{
    if (oid == PG_FLOAT4) {
        uint32_t bits = furrow__pg_get32(bytes);
        float number;
        memcpy(&number, &bits, sizeof number);
        out->as.real = (double)number;
    } else {
        uint64_t bits = furrow__pg_get64(bytes);
        memcpy(&out->as.real, &bits, sizeof bits);
    }
    return READ;
}

static answer read_blob(const char *bytes, size_t size, furrow_arena *arena, furrow_value *out)
{
    const char *copy = furrow__arena_text(arena, bytes, size);
    out->as.blob = (furrow_blob){copy, copy ? size : 0};
    return copy ? READ : NO_MEMORY;
}

static answer read_numeric(const char *bytes, int size, furrow_arena *arena, furrow_value *out)
{
    if (furrow__pg_numeric_read(bytes, size, -1, &out->as.decimal))
        return READ;
    out->type = FURROW_TYPE_TEXT; /* the number has more digits than the C type can hold */
    out->as.text = furrow__pg_numeric_text(bytes, size, arena);
    return out->as.text ? READ : NO_MEMORY;
}

static answer from_binary(Oid oid, const char *bytes, int size, furrow_arena *arena,
                          furrow_value *out)
{
    if (!has_size(oid, size))
        return MALFORMED;
    switch (oid) {
    case PG_BOOL:
        out->as.integer = *bytes != 0;
        return READ;
    case PG_INT2:
        out->as.integer = (int16_t)furrow__pg_get16(bytes);
        return READ;
    case PG_INT4:
        out->as.integer = (int32_t)furrow__pg_get32(bytes);
        return READ;
    case PG_OID:
        out->as.integer = furrow__pg_get32(bytes);
        return READ;
    case PG_INT8:
        out->as.integer = (int64_t)furrow__pg_get64(bytes);
        return READ;
    case PG_FLOAT4:
    case PG_FLOAT8:
        return read_real(oid, bytes, out);
    case PG_TIMESTAMP:
    case PG_TIMESTAMPTZ:
        return read_time((int64_t)furrow__pg_get64(bytes), out);
    case PG_DATE:
        return read_date((int32_t)furrow__pg_get32(bytes), out);
    case PG_UUID:
        memcpy(out->as.uuid.bytes, bytes, 16);
        return READ;
    case PG_NUMERIC:
        return read_numeric(bytes, size, arena, out);
    case PG_BYTEA:
        return read_blob(bytes, (size_t)size, arena, out);
    case PG_JSONB:
        if (size < 1 || *bytes != 1)
            return MALFORMED;
        return copied(&out->as.text, bytes + 1, (size_t)size - 1, arena);
    default:
        return copied(&out->as.text, bytes, (size_t)size, arena);
    }
}

static answer text_integer(const char *text, furrow_value *out)
{
    bool negative = *text == '-';
    int64_t sum = 0;
    for (text += negative; *text; text++) {
        if (*text < '0' || *text > '9' || __builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_sub_overflow(sum, *text - '0', &sum))
            return MALFORMED;
    }
    if (!negative && sum == INT64_MIN)
        return MALFORMED;
    out->as.integer = negative ? sum : -sum;
    return READ;
}

/* Reads a time in the ISO style, such as 2024-01-02 03:04:05.678+05:30. The driver sets this style
 * for the connection. Offsets of early years have seconds. TIMESTAMP has no offset. */
static answer text_time(const char *text, bool zoned, furrow_value *out)
{
    char copy[64];
    size_t size = strlen(text);
    if (size > sizeof copy - 2)
        return OUT_OF_RANGE;
    memcpy(copy, text, size + 1);
    int seconds = 0;
    if (!zoned) {
        memcpy(copy + size, "Z", 2);
    } else if (size > 9 && copy[size - 3] == ':' && copy[size - 6] == ':' &&
               (copy[size - 9] == '+' || copy[size - 9] == '-')) {
        seconds = (copy[size - 2] - '0') * 10 + (copy[size - 1] - '0');
        if (copy[size - 9] == '-')
            seconds = -seconds;
        copy[size - 3] = '\0';
    }
    if (!furrow_time_parse(copy, &out->as.time))
        return OUT_OF_RANGE;
    out->as.time.us -= seconds * INT64_C(1000000);
    return out->as.time.us < FURROW__TIME_MIN || out->as.time.us > FURROW__TIME_MAX ? OUT_OF_RANGE
                                                                                    : READ;
}

/* Reads a blob. Its form is \x and hexadecimal digits; with bytea_output = escape, it is text with
 * the escapes \\ and \ooo. */
static answer text_blob(const char *text, size_t size, furrow_arena *arena, furrow_value *out)
{
    char *bytes = furrow__arena_text(arena, text, size), *to = bytes;
    if (!bytes)
        return NO_MEMORY;
    bool is_hex = text[0] == '\\' && text[1] == 'x';
    for (const char *at = text + (is_hex ? 2 : 0), *end = text + size; at < end;) {
        if (is_hex) {
            if (end - at < 2 || furrow__hex_digit(at[0]) < 0 || furrow__hex_digit(at[1]) < 0)
                return MALFORMED;
            *to++ = (char)(furrow__hex_digit(at[0]) * 16 + furrow__hex_digit(at[1]));
            at += 2;
        } else if (*at != '\\') {
            *to++ = *at++;
        } else if (end - at >= 2 && at[1] == '\\') {
            *to++ = '\\';
            at += 2;
        } else if (end - at >= 4) {
            *to++ = (char)((at[1] - '0') * 64 + (at[2] - '0') * 8 + (at[3] - '0'));
            at += 4;
        } else {
            return MALFORMED;
        }
    }
    out->as.blob = (furrow_blob){bytes, (size_t)(to - bytes)};
    return READ;
}

static answer text_decimal(const char *text, size_t size, furrow_arena *arena, furrow_value *out)
{
    if (furrow_decimal_parse(text, &out->as.decimal))
        return READ;
    out->type = FURROW_TYPE_TEXT;
    return copied(&out->as.text, text, size, arena);
}

static answer from_text(Oid oid, const char *text, size_t size, furrow_arena *arena,
                        furrow_value *out)
{
    switch (out->type) {
    case FURROW_TYPE_BOOL:
        out->as.integer = *text == 't';
        return READ;
    case FURROW_TYPE_INT64:
        return text_integer(text, out);
    case FURROW_TYPE_DOUBLE:
        if (!furrow__real_parse(text, &out->as.real))
            return MALFORMED;
        if (oid == PG_FLOAT4)
            out->as.real = (double)(float)out->as.real;
        out->as.real += 0.0;
        return READ;
    case FURROW_TYPE_TIME:
        return text_time(text, oid == PG_TIMESTAMPTZ, out);
    case FURROW_TYPE_DATE:
        return furrow_date_parse(text, &out->as.date) ? READ : OUT_OF_RANGE;
    case FURROW_TYPE_UUID:
        return furrow_uuid_parse(text, &out->as.uuid) ? READ : MALFORMED;
    case FURROW_TYPE_DECIMAL:
        return text_decimal(text, size, arena, out);
    case FURROW_TYPE_BLOB:
        return text_blob(text, size, arena, out);
    default:
        return copied(&out->as.text, text, size, arena);
    }
}

static furrow_status fail(furrow_error *error, answer why, const char *column)
{
    furrow_status status = FURROW_INVALID;
    if (why == NO_MEMORY)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    if (why == NOT_UTF8)
        furrow__fail(error, status, "\"%.63s\" holds text that is not valid UTF-8", column);
    else if (why == OUT_OF_RANGE)
        furrow__fail(error, status, "\"%.63s\" holds a time outside the years 1 to 9999", column);
    else
        furrow__fail(error, FURROW_DATABASE, "\"%.63s\" holds a value of an unknown form", column);
    furrow__copy_text(error->column, sizeof error->column, column);
    return error->status;
}

furrow_status furrow__pg_read_value(furrow_statement *statement, int i, furrow_value *out,
                                    furrow_arena *arena, furrow_error *error)
{
    furrow__pg_statement *s = (furrow__pg_statement *)statement;
    *out = (furrow_value){0};
    if (!s->result || s->row < 0 || i < 0 || i >= s->base.column_count)
        return furrow__fail(error, FURROW_INVALID, "there is no value %d to read", i + 1);
    if (PQgetisnull(s->result, s->row, i))
        return FURROW_OK;
    Oid oid = s->column_oids[i];
    const char *bytes = PQgetvalue(s->result, s->row, i);
    int size = PQgetlength(s->result, s->row, i);
    out->type = (uint8_t)furrow__pg_type_of(oid);
    answer got = s->result_format ? from_binary(oid, bytes, size, arena, out)
                                  : from_text(oid, bytes, (size_t)size, arena, out);
    if (got == READ)
        return FURROW_OK;
    *out = (furrow_value){0};
    return fail(error, got, furrow__pg_column_name(statement, i));
}

furrow_type furrow__pg_column_type(furrow_statement *statement, int i)
{
    furrow__pg_statement *s = (furrow__pg_statement *)statement;
    return i >= 0 && i < s->base.column_count ? furrow__pg_type_of(s->column_oids[i])
                                              : FURROW_TYPE_NULL;
}
