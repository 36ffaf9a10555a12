/* SPDX-License-Identifier: MIT
 *
 * The header that models include. It defines the annotation FURROW(...), lists, nullable scalars
 * and the value types, and is valid C11 and C++11. `furrow generate` reads the annotations; for the
 * compiler they are empty.
 */
#ifndef FURROW_MODEL_H
#define FURROW_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An annotation of a field, or of a struct after its closing brace. The manual page
 * furrow_model(3) lists all of them. */
#define FURROW(...)

/* A field that may be NULL, for any scalar type T. If the field is zero-initialized, it is NULL.
 * Each use declares a type of its own, so such a field cannot be assigned to another: copy the
 * members. */
#define furrow_opt(T)                                                                              \
    struct {                                                                                       \
        bool has;                                                                                  \
        T value;                                                                                   \
    }
/* Initializes a furrow_opt: struct author a = {.age = furrow_some(30)}; */
#define furrow_some(v)                                                                             \
    {                                                                                              \
        true, (v)                                                                                  \
    }
/* Assign a value, or NULL, to a furrow_opt. furrow_put evaluates x twice. */
#define furrow_put(x, v) ((void)((x).value = (v), (x).has = true))
#define furrow_null(x) ((void)((x).has = false))

/* A list of rows: the result of a query, or a to-many relationship. The items and the array belong
 * to the session that filled the list. `loaded` distinguishes an empty list from a relationship
 * that has not been loaded. */
#define FURROW_LIST(model)                                                                         \
    struct model;                                                                                  \
    struct model##_list {                                                                          \
        struct model **items;                                                                      \
        size_t count;                                                                              \
        bool loaded;                                                                               \
    }

/* A point in time: microseconds since 1970-01-01T00:00:00Z, in the years 1 to 9999. */
typedef struct furrow_time {
    int64_t us;
} furrow_time;

/* A day of the proleptic Gregorian calendar: days since 1970-01-01, in the years 1 to 9999. */
typedef struct furrow_date {
    int32_t days;
} furrow_date;

/* A UUID (RFC 9562); the bytes are in the order of its text. */
typedef struct furrow_uuid {
    uint8_t bytes[16];
} furrow_uuid;

/* An exact number: unscaled * 10^-scale, where the scale is from 0 to 18. */
typedef struct furrow_decimal {
    int64_t unscaled;
    int8_t scale;
} furrow_decimal;
#define FURROW_DECIMAL(unscaled_, scale_)                                                          \
    {                                                                                              \
        (unscaled_), (scale_)                                                                      \
    }

/* A sequence of `size` bytes. In a nullable column, a NULL pointer in `bytes` means NULL. */
typedef struct furrow_blob {
    const void *bytes;
    size_t size;
} furrow_blob;

/* A JSON value as UTF-8 text (RFC 8259). In a nullable column, a NULL pointer in `text` means NULL.
 */
typedef struct furrow_json {
    const char *text;
} furrow_json;

#endif
