/* SPDX-License-Identifier: MIT
 *
 * Single fields of a row: tests, integers, and the current time. */
#ifndef FURROW_RUNTIME_SESSION_FIELD_H
#define FURROW_RUNTIME_SESSION_FIELD_H

#include "runtime/session/session.h"

/* Returns whether the bytes of a field are all zero, as in a zero-initialized struct. An INSERT
 * leaves out such a field if its column has a default. */
static inline bool furrow__field_is_zero(const furrow_column *c, const void *row)
{
    const char *field = (const char *)row + c->offset;
    if (c->flags & FURROW_COLUMN_OPT) {
        bool has;
        memcpy(&has, (const char *)row + c->has_offset, sizeof has);
        return !has;
    }
    switch (c->type) {
    case FURROW_TYPE_CHARS:
        return *field == '\0';
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_JSON:
    case FURROW_TYPE_BLOB: {
        const void *pointer;
        memcpy(&pointer, field, sizeof pointer);
        return !pointer;
    }
    case FURROW_TYPE_FLOAT: {
        float v;
        memcpy(&v, field, sizeof v);
        return v == 0;
    }
    case FURROW_TYPE_DOUBLE: {
        double v;
        memcpy(&v, field, sizeof v);
        return v == 0;
    }
    case FURROW_TYPE_DECIMAL: {
        furrow_decimal v;
        memcpy(&v, field, sizeof v);
        return v.unscaled == 0;
    }
    case FURROW_TYPE_INT64: {
        int64_t v;
        memcpy(&v, field, sizeof v);
        return v == 0;
    }
    default:
        for (uint32_t i = 0; i < c->size; i++)
            if (field[i])
                return false;
        return true;
    }
}

static inline int64_t furrow__field_integer(const furrow_column *c, const void *row)
{
    const char *field = (const char *)row + c->offset;
    int16_t small;
    int32_t medium;
    int64_t large;
    switch (c->type) {
    case FURROW_TYPE_INT16:
        memcpy(&small, field, sizeof small);
        return small;
    case FURROW_TYPE_INT32:
        memcpy(&medium, field, sizeof medium);
        return medium;
    default:
        memcpy(&large, field, sizeof large);
        return large;
    }
}

/* Stores an integer in an integer field. Returns false if the integer is out of the field's range.
 */
static inline bool furrow__field_set_integer(const furrow_column *c, void *row, int64_t value)
{
    char *field = (char *)row + c->offset;
    int16_t small = (int16_t)value;
    int32_t medium = (int32_t)value;
    switch (c->type) {
    case FURROW_TYPE_INT16:
        memcpy(field, &small, sizeof small);
        return small == value;
    case FURROW_TYPE_INT32:
        memcpy(field, &medium, sizeof medium);
        return medium == value;
    default:
        memcpy(field, &value, sizeof value);
        return true;
    }
}

/* Copies a key field to the field of another row that refers to it. Returns false, and copies
 * nothing, if the value is NULL or does not fit. */
bool furrow__field_carry(const furrow_column *to, void *to_row, const furrow_column *from,
                         const void *from_row);

/* Stores the transaction's time in a time or date field. */
void furrow__field_set_now(const furrow_column *c, void *row, furrow_time now);

#endif
