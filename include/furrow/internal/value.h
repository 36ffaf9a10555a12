/* SPDX-License-Identifier: MIT
 *
 * Values that are sent to the database, and the macros that make a value from a C expression.
 *
 * _Generic selects a conversion by the type of the expression and, if the value is for a column, by
 * the type of the column. If the types do not match, _Generic selects an object that is not a
 * function, so the compiler reports: called object 'furrow_value_does_not_fit_column' is not a
 * function.
 */
#ifndef FURROW_INTERNAL_VALUE_H
#define FURROW_INTERNAL_VALUE_H

#pragma GCC system_header /* see internal/export.h */

#include <furrow/schema.h>
#include <furrow/internal/export.h>

/* A value of any type. Text, blobs and arrays are borrowed. Macros fill in this struct; programs
 * should not. */
typedef struct furrow_value {
    uint8_t type;          /* a furrow_type; integers and enums are FURROW_TYPE_INT64, float and
                              double are FURROW_TYPE_DOUBLE */
    uint8_t problem;       /* a furrow_value_problem_: the reason why the value cannot be used; 0
                              means none */
    uint8_t op;            /* the furrow_op_ of a condition or an assignment; otherwise 0 */
    uint8_t element;       /* the furrow_type of an array's elements */
    uint32_t element_size; /* the size of an array's elements, in bytes */
    union {
        int64_t integer; /* bool, integers, enums */
        double real;
        const char *text; /* text and JSON */
        furrow_blob blob; /* for an array: its first element and the number of elements */
        furrow_time time;
        furrow_date date;
        furrow_uuid uuid;
        furrow_decimal decimal;
        const furrow_column *column;
    } as;
    const furrow_column *column; /* a raw statement binds the value in the form that this column
                                    stores; NULL means that the value has no column */
} furrow_value;

enum furrow_value_problem_ {
    FURROW_VALUE_FINE_ = 0,
    FURROW_VALUE_TOO_LARGE_, /* an unsigned integer greater than INT64_MAX; `integer` has its
                                bits */
    FURROW_VALUE_NULL_,      /* a NULL pointer where a value is required */
    FURROW_VALUE_POINTER_,   /* a void pointer that is not NULL */
};

/* Typed columns */

/* Each column of a column table, such as USERS.id, is a struct whose type depends on the type of
 * the column's values. It is a struct and not a pointer, so that a column cannot initialize a
 * condition, and cannot be compared with == or used as a truth value. */
typedef struct furrow_bool_column {
    const furrow_column *untyped;
} furrow_bool_column;
typedef struct furrow_int16_column {
    const furrow_column *untyped;
} furrow_int16_column;
typedef struct furrow_int32_column {
    const furrow_column *untyped;
} furrow_int32_column;
typedef struct furrow_int64_column {
    const furrow_column *untyped;
} furrow_int64_column;
typedef struct furrow_float_column {
    const furrow_column *untyped;
} furrow_float_column;
typedef struct furrow_double_column {
    const furrow_column *untyped;
} furrow_double_column;
typedef struct furrow_text_column {
    const furrow_column *untyped;
} furrow_text_column;
typedef struct furrow_blob_column {
    const furrow_column *untyped;
} furrow_blob_column;
typedef struct furrow_time_column {
    const furrow_column *untyped;
} furrow_time_column;
typedef struct furrow_date_column {
    const furrow_column *untyped;
} furrow_date_column;
typedef struct furrow_uuid_column {
    const furrow_column *untyped;
} furrow_uuid_column;
typedef struct furrow_decimal_column {
    const furrow_column *untyped;
} furrow_decimal_column;
typedef struct furrow_json_column {
    const furrow_column *untyped;
} furrow_json_column;
typedef struct furrow_enum_column {
    const furrow_column *untyped;
} furrow_enum_column;

#define FURROW_COLUMN_(column_) ((column_).untyped)

/* Each relationship of a column table, such as USERS.posts. */
typedef struct furrow_relation_ref {
    const furrow_relation *relation;
} furrow_relation_ref;

/* The objects that _Generic selects if the types do not match */

extern const struct furrow_value_does_not_fit_column furrow_value_does_not_fit_column;
extern const struct furrow_value_has_no_sql_type furrow_value_has_no_sql_type;

/* Conversions */

static inline furrow_value furrow_value_integer_(int64_t v)
{
    return (furrow_value){.type = FURROW_TYPE_INT64, .as = {.integer = v}};
}
static inline furrow_value furrow_value_unsigned_(uint64_t v)
{
    return (furrow_value){.type = FURROW_TYPE_INT64,
                          .problem = v > INT64_MAX ? FURROW_VALUE_TOO_LARGE_ : FURROW_VALUE_FINE_,
                          .as = {.integer = (int64_t)v}};
}
static inline furrow_value furrow_value_bool_(bool v)
{
    return (furrow_value){.type = FURROW_TYPE_BOOL, .as = {.integer = v}};
}
static inline furrow_value furrow_value_real_(double v)
{
    return (furrow_value){.type = FURROW_TYPE_DOUBLE, .as = {.real = v}};
}
static inline furrow_value furrow_value_text_(const char *v)
{
    return (furrow_value){.type = v ? FURROW_TYPE_TEXT : FURROW_TYPE_NULL, .as = {.text = v}};
}
static inline furrow_value furrow_value_blob_(furrow_blob v)
{
    return (furrow_value){.type = FURROW_TYPE_BLOB, .as = {.blob = v}};
}
static inline furrow_value furrow_value_time_(furrow_time v)
{
    return (furrow_value){.type = FURROW_TYPE_TIME, .as = {.time = v}};
}
static inline furrow_value furrow_value_date_(furrow_date v)
{
    return (furrow_value){.type = FURROW_TYPE_DATE, .as = {.date = v}};
}
static inline furrow_value furrow_value_uuid_(furrow_uuid v)
{
    return (furrow_value){.type = FURROW_TYPE_UUID, .as = {.uuid = v}};
}
static inline furrow_value furrow_value_decimal_(furrow_decimal v)
{
    return (furrow_value){.type = FURROW_TYPE_DECIMAL, .as = {.decimal = v}};
}
static inline furrow_value furrow_value_json_(furrow_json v)
{
    return (furrow_value){.type = v.text ? FURROW_TYPE_JSON : FURROW_TYPE_NULL,
                          .as = {.text = v.text}};
}
/* A NULL pointer means SQL's NULL. Any other void pointer is rejected when the statement runs. */
static inline furrow_value furrow_value_pointer_(const void *v)
{
    return (furrow_value){.type = FURROW_TYPE_NULL,
                          .problem = v ? FURROW_VALUE_POINTER_ : FURROW_VALUE_FINE_};
}
static inline furrow_value furrow_value_itself_(furrow_value v)
{
    return v;
}
#define FURROW_INTEGERS_                                                                           \
    char : furrow_value_integer_,                                                                  \
           signed char : furrow_value_integer_,                                                    \
                         unsigned char : furrow_value_integer_,                                    \
                                         short : furrow_value_integer_,                            \
                                                 unsigned short : furrow_value_integer_,           \
                                                                  int : furrow_value_integer_,     \
                                                                        long                       \
        : furrow_value_integer_,                                                                   \
          long long : furrow_value_integer_,                                                       \
                      unsigned int : furrow_value_unsigned_,                                       \
                                     unsigned long : furrow_value_unsigned_,                       \
                                                     unsigned long long : furrow_value_unsigned_
#define FURROW_REALS_ float : furrow_value_real_, double : furrow_value_real_
#define FURROW_TEXTS_ char * : furrow_value_text_, const char * : furrow_value_text_
#define FURROW_NO_FIT_                                                                             \
    default:                                                                                       \
        furrow_value_does_not_fit_column

static inline furrow_value furrow_value_of_(const furrow_column *column, furrow_value v)
{
    v.column = column;
    return v;
}

/* Makes a value that is bound to a parameter of a raw SQL statement. */
#define FURROW_VALUE_(v)                                                                           \
    _Generic((v), _Bool: furrow_value_bool_, FURROW_INTEGERS_, FURROW_REALS_, FURROW_TEXTS_,       \
        void *: furrow_value_pointer_, furrow_blob: furrow_value_blob_,                            \
        furrow_time: furrow_value_time_, furrow_date: furrow_value_date_,                          \
        furrow_uuid: furrow_value_uuid_, furrow_decimal: furrow_value_decimal_,                    \
        furrow_json: furrow_value_json_, furrow_value: furrow_value_itself_,                       \
        default: furrow_value_has_no_sql_type)(v)

/* Makes a value for a column. All arguments after the column together are the value, because the
 * value can be a compound literal with commas; with two values, the call to the conversion function
 * has too many arguments. In C11 `true` is an int, so a bool column also takes an int; the library
 * checks that the int is 0 or 1.
 */
#define FURROW_VALUE_FOR_(column_, ...) FURROW_CONVERSION_FOR_(column_, __VA_ARGS__)(__VA_ARGS__)
#define FURROW_CONVERSION_FOR_(column_, ...)                                                       \
    _Generic((column_), furrow_bool_column                                                         \
             : _Generic((__VA_ARGS__), _Bool                                                       \
                        : furrow_value_bool_, int                                                  \
                        : furrow_value_integer_, FURROW_NO_FIT_),                                  \
               furrow_int16_column                                                                 \
             : _Generic((__VA_ARGS__), FURROW_INTEGERS_, FURROW_NO_FIT_), furrow_int32_column      \
             : _Generic((__VA_ARGS__), FURROW_INTEGERS_, FURROW_NO_FIT_), furrow_int64_column      \
             : _Generic((__VA_ARGS__), FURROW_INTEGERS_, FURROW_NO_FIT_), furrow_enum_column       \
             : _Generic((__VA_ARGS__), FURROW_INTEGERS_, FURROW_NO_FIT_), furrow_float_column      \
             : _Generic((__VA_ARGS__), FURROW_REALS_, FURROW_INTEGERS_, FURROW_NO_FIT_),           \
               furrow_double_column                                                                \
             : _Generic((__VA_ARGS__), FURROW_REALS_, FURROW_INTEGERS_, FURROW_NO_FIT_),           \
               furrow_decimal_column                                                               \
             : _Generic((__VA_ARGS__), furrow_decimal                                              \
                        : furrow_value_decimal_, FURROW_INTEGERS_, FURROW_NO_FIT_),                \
               furrow_text_column                                                                  \
             : _Generic((__VA_ARGS__), FURROW_TEXTS_, FURROW_NO_FIT_), furrow_blob_column          \
             : _Generic((__VA_ARGS__), furrow_blob                                                 \
                        : furrow_value_blob_, FURROW_NO_FIT_),                                     \
               furrow_time_column                                                                  \
             : _Generic((__VA_ARGS__), furrow_time                                                 \
                        : furrow_value_time_, FURROW_NO_FIT_),                                     \
               furrow_date_column                                                                  \
             : _Generic((__VA_ARGS__), furrow_date                                                 \
                        : furrow_value_date_, FURROW_NO_FIT_),                                     \
               furrow_uuid_column                                                                  \
             : _Generic((__VA_ARGS__), furrow_uuid                                                 \
                        : furrow_value_uuid_, FURROW_NO_FIT_),                                     \
               furrow_json_column                                                                  \
             : _Generic((__VA_ARGS__), furrow_json                                                 \
                        : furrow_value_json_, FURROW_NO_FIT_),                                     \
               FURROW_NO_FIT_)

#endif
