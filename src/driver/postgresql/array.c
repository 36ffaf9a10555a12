/* SPDX-License-Identifier: MIT
 *
 * Arrays in PostgreSQL's binary format (array_recv in arrayfuncs.c). The arrays of a statement are
 * written one after the other into a buffer that the statement keeps:
 *
 *   dimensions | has nulls | element type | count | lower bound | (size | bytes) for each element
 */
#include "driver/postgresql/postgresql.h"

#include <string.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "base/text.h"

enum { HEADER = 20, EMPTY_HEADER = 12, SIZE_WORD = 4, FIRST_CAPACITY = 1024 };

/* Makes room for `size` more bytes. Returns false when out of memory. */
static bool reserve(furrow__pg_statement *s, size_t size)
{
    size_t wanted;
    if (!furrow__add_size(&wanted, s->arrays_size, size))
        return false;
    if (wanted <= s->arrays_capacity)
        return true;
    size_t capacity = s->arrays_capacity ? s->arrays_capacity : FIRST_CAPACITY;
    while (capacity < wanted)
        if (!furrow__multiply_size(&capacity, capacity, 2))
            return false;
    char *grown = furrow__reallocate(s->arrays, capacity);
    if (!grown)
        return false;
    s->arrays = grown;
    s->arrays_capacity = capacity;
    return true;
}

/* Appends an element. The caller must have reserved SIZE_WORD + size bytes. */
static void put(furrow__pg_statement *s, const char *bytes, size_t size)
{
    furrow__pg_put32(s->arrays + s->arrays_size, (uint32_t)size);
    memcpy(s->arrays + s->arrays_size + SIZE_WORD, bytes, size);
    s->arrays_size += SIZE_WORD + size;
}

static void put_null(furrow__pg_statement *s)
{
    furrow__pg_put32(s->arrays + s->arrays_size, UINT32_MAX);
    s->arrays_size += SIZE_WORD;
}

/* Appends an element with the encoder for scalars. JSONB needs a version byte before its text. A
 * float or double for NUMERIC is rejected: the encoder writes such a value as text, and a binary
 * array cannot contain text. */
static furrow__pg_encoding put_value(furrow__pg_statement *s, const furrow__pg_target *target,
                                     const furrow_value *value, bool *out_of_memory)
{
    Oid element = target->oid;
    char slot[FURROW__PG_SLOT_SIZE];
    furrow__pg_encoded encoded;
    furrow__pg_encoding answer = furrow__pg_encode(&encoded, slot, element, target->column, value);
    if (answer != FURROW__PG_ENCODED)
        return answer;
    bool is_json = element == PG_JSON || element == PG_JSONB;
    if (encoded.format == 0 && !is_json)
        return FURROW__PG_NO_FIT;
    size_t version = element == PG_JSONB, size = (size_t)encoded.length;
    *out_of_memory = !reserve(s, SIZE_WORD + size + version);
    if (*out_of_memory)
        return FURROW__PG_ENCODED;
    char *at = s->arrays + s->arrays_size;
    put(s, encoded.bytes, size);
    if (version) {
        memmove(at + SIZE_WORD + 1, at + SIZE_WORD, size);
        at[SIZE_WORD] = 1;
        furrow__pg_put32(at, (uint32_t)(size + 1));
        s->arrays_size++;
    }
    return FURROW__PG_ENCODED;
}

/* An array that is being written. */
typedef struct array_writer {
    furrow__pg_statement *s;
    const furrow_array *array;
    furrow__pg_target target; /* `oid` is the OID of the element type */
    bool has_nulls;
} array_writer;

static bool is_null(const char *at, ptrdiff_t has_offset)
{
    return has_offset && !*(const bool *)(at + has_offset);
}

/* How a field is converted to an element. BY_VALUE converts it to a furrow_value first, which works
 * for all types. */
enum form { BY_VALUE, BOOL, INT2, INT4, INT8, FLOAT4, FLOAT8, TIME, DATE, UUID, TEXT };

static enum form form_of(Oid element, const furrow_column *column)
{
    switch ((furrow_type)column->type) {
    case FURROW_TYPE_BOOL:
        return element == PG_BOOL ? BOOL : BY_VALUE;
    case FURROW_TYPE_INT16:
        return element == PG_INT2 ? INT2 : BY_VALUE;
    case FURROW_TYPE_INT32:
        return element == PG_INT4 ? INT4 : BY_VALUE;
    case FURROW_TYPE_INT64:
        return element == PG_INT8 ? INT8 : BY_VALUE;
    case FURROW_TYPE_FLOAT:
        return element == PG_FLOAT4 ? FLOAT4 : BY_VALUE;
    case FURROW_TYPE_DOUBLE:
        return element == PG_FLOAT8 ? FLOAT8 : BY_VALUE;
    case FURROW_TYPE_TIME:
        return element == PG_TIMESTAMPTZ || element == PG_TIMESTAMP ? TIME : BY_VALUE;
    case FURROW_TYPE_DATE:
        return element == PG_DATE ? DATE : BY_VALUE;
    case FURROW_TYPE_UUID:
        return element == PG_UUID ? UUID : BY_VALUE;
    case FURROW_TYPE_TEXT:
        return furrow__pg_type_is_text(element) ? TEXT : BY_VALUE;
    default:
        return BY_VALUE;
    }
}

/* Returns the size of an element in bytes, without its size word. For types of variable size, the
 * result is an estimate. */
static inline size_t width_of(enum form form)
{
    switch (form) {
    case BOOL:
        return 1;
    case INT2:
        return 2;
    case INT4:
    case FLOAT4:
    case DATE:
        return 4;
    case UUID:
        return 16;
    default:
        return 8;
    }
}

/* Writes a value of a fixed size. Returns false for a time that PostgreSQL's type cannot hold. */
static inline bool put_fixed(char *to, enum form form, const char *at)
{
    uint16_t small;
    uint32_t middle;
    uint64_t large;
    furrow_time time;
    furrow_date date;
    switch (form) {
    case BOOL:
        *to = *at != 0;
        return true;
    case INT2:
        memcpy(&small, at, sizeof small);
        furrow__pg_put16(to, small);
        return true;
    case INT4:
    case FLOAT4:
        memcpy(&middle, at, sizeof middle);
        if (form == FLOAT4 && middle == UINT32_C(1) << 31)
            middle = 0; /* the bits of -0.0 */
        furrow__pg_put32(to, middle);
        return true;
    case INT8:
    case FLOAT8:
        memcpy(&large, at, sizeof large);
        if (form == FLOAT8 && large == UINT64_C(1) << 63)
            large = 0;
        furrow__pg_put64(to, large);
        return true;
    case TIME:
        memcpy(&time, at, sizeof time);
        furrow__pg_put64(to, (uint64_t)time.us - (uint64_t)FURROW__PG_EPOCH_US);
        return time.us >= FURROW__TIME_MIN && time.us <= FURROW__TIME_MAX;
    case DATE:
        memcpy(&date, at, sizeof date);
        furrow__pg_put32(to, (uint32_t)date.days - (uint32_t)FURROW__PG_EPOCH_DAYS);
        return date.days >= FURROW__DATE_MIN && date.days <= FURROW__DATE_MAX;
    case UUID:
        memcpy(to, at, 16);
        return true;
    default:
        return false;
    }
}

/* Appends a field as an element. The caller must have reserved the space. The callers pass a
 * constant `form`, so that the compiler generates a loop for each type. */
__attribute__((always_inline)) static inline size_t put_all_fixed(array_writer *w, enum form form)
{
    furrow__pg_statement *s = w->s;
    const furrow_array *array = w->array;
    const char *at = array->first;
    char *to = s->arrays + s->arrays_size;
    size_t stride = array->stride, count = array->count, i = 0;
    ptrdiff_t has_offset = array->has_offset;
    for (; i < count; i++, at += stride) {
        if (is_null(at, has_offset)) {
            furrow__pg_put32(to, UINT32_MAX);
            to += SIZE_WORD;
            w->has_nulls = true;
            continue;
        }
        if (!put_fixed(to + SIZE_WORD, form, at))
            break;
        furrow__pg_put32(to, (uint32_t)width_of(form));
        to += SIZE_WORD + width_of(form);
    }
    s->arrays_size = (size_t)(to - s->arrays);
    return i;
}

static size_t put_all_text(array_writer *w)
{
    furrow__pg_statement *s = w->s;
    const furrow_array *array = w->array;
    const char *at = array->first;
    char *to = s->arrays + s->arrays_size, *end = s->arrays + s->arrays_capacity;
    size_t i = 0;
    for (; i < array->count; i++, at += array->stride) {
        const char *text = NULL;
        if (!is_null(at, array->has_offset))
            memcpy(&text, at, sizeof text);
        size_t size = text ? strlen(text) : 0;
        if ((size_t)(end - to) < SIZE_WORD + size) {
            s->arrays_size = (size_t)(to - s->arrays);
            if (size > FURROW__PG_MAX_VALUE || !reserve(s, SIZE_WORD + size))
                return i;
            to = s->arrays + s->arrays_size;
            end = s->arrays + s->arrays_capacity;
        }
        furrow__pg_put32(to, text ? (uint32_t)size : UINT32_MAX);
        if (text)
            memcpy(to + SIZE_WORD, text, size);
        else
            w->has_nulls = true;
        to += SIZE_WORD + size;
    }
    s->arrays_size = (size_t)(to - s->arrays);
    return i;
}

/* Appends elements with the loop for their form, and returns how many were appended. After a
 * failure, put_values continues with the next element, or reports the error. */
static size_t put_by_form(array_writer *w, enum form form)
{
    switch (form) {
    case BOOL:
        return put_all_fixed(w, BOOL);
    case INT2:
        return put_all_fixed(w, INT2);
    case INT4:
        return put_all_fixed(w, INT4);
    case INT8:
        return put_all_fixed(w, INT8);
    case FLOAT4:
        return put_all_fixed(w, FLOAT4);
    case FLOAT8:
        return put_all_fixed(w, FLOAT8);
    case TIME:
        return put_all_fixed(w, TIME);
    case DATE:
        return put_all_fixed(w, DATE);
    case UUID:
        return put_all_fixed(w, UUID);
    case TEXT:
        return put_all_text(w);
    default:
        return 0;
    }
}

static furrow_status put_values(array_writer *w, size_t i, furrow_error *error)
{
    furrow__pg_statement *s = w->s;
    const furrow_array *array = w->array;
    for (; i < array->count; i++) {
        const char *at = (const char *)array->first + i * array->stride;
        furrow_value value = {0};
        if (!is_null(at, array->has_offset))
            value = furrow__pg_field_value(array->column, at);
        bool out_of_memory = false;
        furrow__pg_encoding answer = FURROW__PG_ENCODED;
        if (value.type == FURROW_TYPE_NULL) {
            w->has_nulls = true;
            out_of_memory = !reserve(s, SIZE_WORD);
            if (!out_of_memory)
                put_null(s);
        } else {
            answer = put_value(s, &w->target, &value, &out_of_memory);
        }
        if (out_of_memory)
            return furrow__fail(error, FURROW_NOMEM, "out of memory");
        if (answer != FURROW__PG_ENCODED)
            return furrow__pg_encode_fail(error, answer, &w->target, &value);
    }
    return FURROW_OK;
}

static void put_header(char *header, const array_writer *w)
{
    size_t count = w->array->count;
    furrow__pg_put32(header, count ? 1 : 0);
    furrow__pg_put32(header + 4, w->has_nulls);
    furrow__pg_put32(header + 8, w->target.oid);
    if (count) {
        furrow__pg_put32(header + 12, (uint32_t)count);
        furrow__pg_put32(header + 16, 1);
    }
}

/* Appends the array to the statement's buffer. Sets *size to its size in bytes. */
static furrow_status put_array(array_writer *w, size_t *size, furrow_error *error)
{
    furrow__pg_statement *s = w->s;
    const furrow_array *array = w->array;
    enum form form = form_of(w->target.oid, array->column);
    size_t start = s->arrays_size, least;
    if (array->count > FURROW__PG_MAX_VALUE ||
        !furrow__multiply_size(&least, array->count, SIZE_WORD + width_of(form)) ||
        !reserve(s, HEADER + least))
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    s->arrays_size += array->count ? HEADER : EMPTY_HEADER;
    furrow_status status = put_values(w, put_by_form(w, form), error);
    *size = s->arrays_size - start;
    if (status == FURROW_OK && *size > FURROW__PG_MAX_VALUE)
        status = furrow__fail(error, FURROW_INVALID,
                              "value %d is an array that is larger than the server accepts",
                              w->target.index + 1);
    if (status == FURROW_OK)
        put_header(s->arrays + start, w);
    else
        s->arrays_size = start;
    return status;
}

furrow_status furrow__pg_bind_array(furrow_statement *statement, int index,
                                    const furrow_array *array, furrow_error *error)
{
    furrow__pg_statement *s = (furrow__pg_statement *)statement;
    if (s->stale && furrow__pg_renew(s, error))
        return error->status;
    if (index < 0 || index >= s->base.parameter_count)
        return furrow__fail(error, FURROW_INVALID, "the statement takes %d values, not %d",
                            s->base.parameter_count, index + 1);
    char name[64];
    Oid element = furrow__pg_element_of(s->parameters[index].oid);
    if (!element)
        return furrow__fail(error, FURROW_INVALID,
                            "value %d is an array, but the server expects %s", index + 1,
                            furrow__pg_type_name(s->parameters[index].oid, name, sizeof name));
    array_writer w = {.s = s, .array = array, .target = {index, element, array->column}};
    size_t start = s->arrays_size, size;
    if (put_array(&w, &size, error))
        return error->status;
    s->array_count++;
    s->parameters[index].array = true;
    s->parameters[index].offset = start;
    s->lengths[index] = (int)size;
    s->formats[index] = 1;
    return FURROW_OK;
}
