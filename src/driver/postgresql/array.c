/* SPDX-License-Identifier: MIT
 *
 * Arrays in binary (array_recv in the server's arrayfuncs.c), written one behind the other into a
 * buffer that the statement keeps:
 *
 *   dimensions | has nulls | element type | count | lower bound | (size | bytes) for each element
 */
#include "driver/postgresql/postgresql.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"

enum { HEADER = 20, EMPTY_HEADER = 12, SIZE_WORD = 4, FIRST_CAPACITY = 1024 };

/* Room for `size` more bytes, or false. */
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

/* Behind the caller's reserve of SIZE_WORD + size. */
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

/* One element through the encoder for scalars. JSONB has a version before its text, and NUMERIC
 * from a real comes as text, which an array in binary cannot hold. */
static furrow__pg_encoding put_value(furrow__pg_statement *s, Oid element,
                                     const furrow_column *column, const furrow_value *value,
                                     bool *out_of_memory)
{
    char slot[FURROW__PG_SLOT_SIZE];
    furrow__pg_encoded encoded;
    furrow__pg_encoding answer = furrow__pg_encode(&encoded, slot, element, column, value);
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

/* Integers and reals of the array's own width: the bytes turned round. False: one by one. */
static bool put_plain(furrow__pg_statement *s, Oid element, const furrow_column *column,
                      const char *at, size_t stride, size_t count)
{
    bool real = column->type == FURROW_TYPE_DOUBLE || column->type == FURROW_TYPE_FLOAT;
    bool eight = (element == PG_INT8 && column->type == FURROW_TYPE_INT64) ||
                 (element == PG_FLOAT8 && column->type == FURROW_TYPE_DOUBLE);
    bool four = (element == PG_INT4 && column->type == FURROW_TYPE_INT32) ||
                (element == PG_FLOAT4 && column->type == FURROW_TYPE_FLOAT);
    if (!eight && !four)
        return false;
    char *to = s->arrays + s->arrays_size; /* reserved: a size word and eight bytes an element */
    for (size_t i = 0; i < count; i++, at += stride) {
        uint64_t large;
        uint32_t small;
        furrow__pg_put32(to, eight ? 8 : 4);
        if (eight) {
            memcpy(&large, at, sizeof large);
            if (real && large == UINT64_C(1) << 63)
                large = 0; /* the bits of -0.0 */
            furrow__pg_put64(to + SIZE_WORD, large);
        } else {
            memcpy(&small, at, sizeof small);
            if (real && small == UINT32_C(1) << 31)
                small = 0;
            furrow__pg_put32(to + SIZE_WORD, small);
        }
        to += eight ? 12 : 8;
    }
    s->arrays_size = (size_t)(to - s->arrays);
    return true;
}

static furrow_status put_elements(furrow__pg_statement *s, int index, Oid element,
                                  const furrow_column *column, const char *at, size_t stride,
                                  ptrdiff_t has, size_t count, bool *nulls, furrow_error *error)
{
    bool plain_text = element == PG_TEXT && column->type == FURROW_TYPE_TEXT;
    for (size_t i = 0; i < count; i++, at += stride) {
        furrow_value value = {0};
        if (!has || *(const bool *)(at + has))
            value = furrow__pg_field_value(column, at);
        bool out_of_memory = false;
        furrow__pg_encoding answer = FURROW__PG_ENCODED;
        if (value.type == FURROW_TYPE_NULL) {
            *nulls = true;
            out_of_memory = !reserve(s, SIZE_WORD);
            if (!out_of_memory)
                put_null(s);
        } else if (plain_text) {
            size_t size = strlen(value.as.text);
            if (size > FURROW__PG_MAX_VALUE)
                answer = FURROW__PG_TOO_LARGE;
            else if (!(out_of_memory = !reserve(s, SIZE_WORD + size)))
                put(s, value.as.text, size);
        } else {
            answer = put_value(s, element, column, &value, &out_of_memory);
        }
        if (out_of_memory)
            return furrow__fail(error, FURROW_NOMEM, "out of memory");
        if (answer != FURROW__PG_ENCODED)
            return furrow__pg_encode_fail(error, answer, index, element, column, &value);
    }
    return FURROW_OK;
}

furrow_status furrow__pg_bind_array(furrow_statement *statement, int index,
                                    const furrow_column *column, const void *first, size_t stride,
                                    ptrdiff_t has, size_t count, furrow_error *error)
{
    furrow__pg_statement *s = (furrow__pg_statement *)statement;
    if (index < 0 || index >= s->base.parameter_count)
        return furrow__fail(error, FURROW_INVALID, "the statement takes %d values, not %d",
                            s->base.parameter_count, index + 1);
    char name[64];
    Oid element = furrow__pg_element_of(s->parameters[index].oid);
    if (!element)
        return furrow__fail(error, FURROW_INVALID, "value %d is an array, the server expects %s",
                            index + 1,
                            furrow__pg_type_name(s->parameters[index].oid, name, sizeof name));
    size_t start = s->arrays_size, least;
    if (count > FURROW__PG_MAX_VALUE || !furrow__multiply_size(&least, count, SIZE_WORD + 8) ||
        !reserve(s, HEADER + least))
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    s->arrays_size += count ? HEADER : EMPTY_HEADER;
    bool nulls = false;
    furrow_status status = FURROW_OK;
    if (has || !put_plain(s, element, column, first, stride, count))
        status = put_elements(s, index, element, column, first, stride, has, count, &nulls, error);
    size_t size = s->arrays_size - start;
    if (status == FURROW_OK && size > FURROW__PG_MAX_VALUE)
        status = furrow__fail(error, FURROW_INVALID,
                              "value %d is an array larger than the server takes", index + 1);
    if (status != FURROW_OK) {
        s->arrays_size = start;
        return status;
    }
    char *header = s->arrays + start;
    furrow__pg_put32(header, count ? 1 : 0);
    furrow__pg_put32(header + 4, nulls);
    furrow__pg_put32(header + 8, element);
    if (count) {
        furrow__pg_put32(header + 12, (uint32_t)count);
        furrow__pg_put32(header + 16, 1);
    }
    s->array_count++;
    s->parameters[index].array = true;
    s->parameters[index].offset = start;
    s->lengths[index] = (int)size;
    s->formats[index] = 1;
    return FURROW_OK;
}
