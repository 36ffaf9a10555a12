/* SPDX-License-Identifier: MIT
 * Checks an array that is passed to furrow_in: the column must be able to hold each element. */
#include <math.h>
#include <string.h>

#include <furrow/driver.h>

#include "base/memory.h"
#include "base/text.h"
#include "sql/parts.h"

/* Returns the size in bytes of one element of an array that is passed to furrow_in. */
static size_t element_size(const furrow_column *column)
{
    switch ((furrow_type)column->type) {
    case FURROW_TYPE_BOOL:
        return sizeof(bool);
    case FURROW_TYPE_INT16:
        return sizeof(int16_t);
    case FURROW_TYPE_INT32:
        return sizeof(int32_t);
    case FURROW_TYPE_INT64:
        return sizeof(int64_t);
    case FURROW_TYPE_FLOAT:
        return sizeof(float);
    case FURROW_TYPE_DOUBLE:
        return sizeof(double);
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_CHARS:
        return sizeof(const char *);
    case FURROW_TYPE_BLOB:
        return sizeof(furrow_blob);
    case FURROW_TYPE_TIME:
        return sizeof(furrow_time);
    case FURROW_TYPE_DATE:
        return sizeof(furrow_date);
    case FURROW_TYPE_UUID:
        return sizeof(furrow_uuid);
    case FURROW_TYPE_DECIMAL:
        return sizeof(furrow_decimal);
    case FURROW_TYPE_ENUM:
        return sizeof(int); /* an unsigned int has the same size; an enum field of a row can be
                               narrower */
    case FURROW_TYPE_NULL:
    case FURROW_TYPE_JSON:
    case FURROW_TYPE_COUNT_:
        break;
    }
    return 0;
}

#define LOAD(T, at) (*(const T *)(const void *)(at))

/* Converts one element of an array to a furrow_value. */
static furrow_value element_value(const furrow_column *column, const char *at)
{
    switch ((furrow_type)column->type) {
    case FURROW_TYPE_BOOL:
        return furrow_value_integer_(LOAD(uint8_t, at));
    case FURROW_TYPE_INT16:
        return furrow_value_integer_(LOAD(int16_t, at));
    case FURROW_TYPE_INT32:
        return furrow_value_integer_(LOAD(int32_t, at));
    case FURROW_TYPE_INT64:
        return furrow_value_integer_(LOAD(int64_t, at));
    case FURROW_TYPE_ENUM:
        return furrow_value_integer_(column->flags & FURROW_COLUMN_UNSIGNED
                                         ? (int64_t)LOAD(unsigned, at)
                                         : (int64_t)LOAD(int, at));
    case FURROW_TYPE_FLOAT:
        return furrow_value_real_((double)LOAD(float, at));
    case FURROW_TYPE_DOUBLE:
        return furrow_value_real_(LOAD(double, at));
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_CHARS:
        return furrow_value_text_(LOAD(char *const, at));
    case FURROW_TYPE_BLOB:
        return furrow_value_blob_(LOAD(furrow_blob, at));
    case FURROW_TYPE_TIME:
        return furrow_value_time_(LOAD(furrow_time, at));
    case FURROW_TYPE_DATE:
        return furrow_value_date_(LOAD(furrow_date, at));
    case FURROW_TYPE_UUID:
        return furrow_value_uuid_(LOAD(furrow_uuid, at));
    case FURROW_TYPE_DECIMAL:
        return furrow_value_decimal_(LOAD(furrow_decimal, at));
    case FURROW_TYPE_NULL:
    case FURROW_TYPE_JSON:
    case FURROW_TYPE_COUNT_:
        break;
    }
    return (furrow_value){0};
}

/* An array that is passed to furrow_in, and a copy of it if elements had to be converted or left
 * out. */
typedef struct converted {
    const furrow_column *column;
    const furrow_value *array; /* the array that the caller passed */
    furrow_arena *arena;
    char *copy;   /* a copy of the array with converted elements; NULL until an element has been
                     converted or left out */
    size_t count; /* the number of elements that were not left out */
} converted;

/* Makes the copy of the array, and copies the elements before the i-th. */
static bool copy_array(converted *c)
{
    size_t size = c->array->element_size;
    if (c->copy)
        return true;
    c->copy = furrow_arena_allocate(c->arena, size * c->array->as.blob.size);
    if (c->copy)
        memcpy(c->copy, c->array->as.blob.bytes, size * c->count);
    return c->copy != NULL;
}

/* Appends an element that was checked. `at` is the element in the caller's array. `changed` is true
 * if the check converted the element. */
static bool keep_element(converted *c, const char *at, const furrow_value *checked, bool changed)
{
    const furrow_column *column = c->column;
    size_t size = c->array->element_size;
    if (changed && !copy_array(c))
        return false;
    char *to = c->copy ? c->copy + c->count * size : NULL;
    if (to && !changed) {
        memcpy(to, at, size);
    } else if (to && column->type == FURROW_TYPE_DECIMAL) {
        memcpy(to, &checked->as.decimal, size);
    } else if (to && column->type == FURROW_TYPE_FLOAT) {
        float real = (float)checked->as.real;
        memcpy(to, &real, size);
    } else if (to) {
        memcpy(to, &checked->as.real, size);
    }
    c->count++;
    return true;
}

static bool is_converted(const furrow_column *column, const furrow_value *before,
                         const furrow_value *after)
{
    if (column->type == FURROW_TYPE_DECIMAL)
        return before->as.decimal.scale != after->as.decimal.scale;
    if (column->type == FURROW_TYPE_FLOAT || column->type == FURROW_TYPE_DOUBLE)
        return signbit(before->as.real) != signbit(after->as.real);
    return false;
}

static furrow_status null_element(const furrow_column *column, size_t i, furrow_error *error)
{
    furrow__fail_column(error, FURROW_INVALID, column,
                        "is compared with an array that has NULL at index %zu", i);
    furrow__hint(error,
                 "remove NULL from the array, because nothing equals NULL, and use furrow_is_null");
    return FURROW_INVALID;
}

/* Copies an array for an enum whose size in C differs from the size of an int. */
static furrow_status resize_enums(const furrow_column *column, furrow_value *value,
                                  furrow_arena *arena, furrow_error *error)
{
    const char *from = value->as.blob.bytes;
    size_t count = value->as.blob.size;
    char *copy = furrow__arena_aligned(arena, count * column->size + 1, 8);
    if (!copy)
        return furrow__no_memory(error);
    for (size_t i = 0; i < count; i++)
        furrow__store_integer(copy + i * column->size, column->size,
                              element_value(column, from + i * sizeof(int)).as.integer);
    value->as.blob.bytes = copy;
    value->element_size = column->size;
    return FURROW_OK;
}

furrow_status furrow__check_array(const furrow_column *column, furrow_value *value,
                                  furrow_arena *arena, furrow_error *error)
{
    size_t size = element_size(column), count = value->as.blob.size, total;
    if (!size || value->type != FURROW_TYPE_BLOB || value->element_size != size)
        return furrow__wrong_type(column, error);
    if (count && !value->as.blob.bytes)
        return furrow__fail_column(error, FURROW_INVALID, column,
                                   "is compared with an array pointer that is NULL");
    if (!furrow__multiply_size(&total, size, count))
        return furrow__fail_column(error, FURROW_INVALID, column,
                                   "is compared with an array of an impossible size");
    const char *first = value->as.blob.bytes;
    converted c = {column, value, arena, NULL, 0};
    for (size_t i = 0; i < count; i++) {
        const char *at = first + i * size;
        furrow_value before = element_value(column, at), after = before;
        if (before.type == FURROW_TYPE_NULL ||
            (before.type == FURROW_TYPE_BLOB && !before.as.blob.bytes &&
             column->flags & FURROW_COLUMN_NULLABLE))
            return null_element(column, i, error);
        if (furrow__is_beyond(column, &before)) {
            if (!copy_array(&c))
                return furrow__no_memory(error);
            continue;
        }
        furrow_status status = furrow__check_value(column, &after, error);
        if (status != FURROW_OK)
            return status;
        if (!keep_element(&c, at, &after, is_converted(column, &before, &after)))
            return furrow__no_memory(error);
    }
    if (c.copy)
        value->as.blob = (furrow_blob){c.copy, c.count};
    if (column->type == FURROW_TYPE_ENUM && column->size != sizeof(int))
        return resize_enums(column, value, arena, error);
    return FURROW_OK;
}
