/* SPDX-License-Identifier: MIT
 *
 * The elements of queries (conditions, orders, assignments, column references), and how the macros
 * of query.h make them. The structs are plain values without pointers to each other, so a list of
 * them may be used after the block in which it was built.
 */
#ifndef FURROW_INTERNAL_QUERY_H
#define FURROW_INTERNAL_QUERY_H

#pragma GCC system_header /* see internal/export.h */

#include <furrow/internal/value.h>

/* The operation of an element, stored in the `op` member of the element's value. */
enum furrow_op_ {
    FURROW_OP_NONE_ = 0, /* an empty slot */
    FURROW_OP_EQ_,
    FURROW_OP_NE_,
    FURROW_OP_LT_,
    FURROW_OP_LE_,
    FURROW_OP_GT_,
    FURROW_OP_GE_,
    FURROW_OP_BETWEEN_,      /* column >= value; the next element is always a
                                FURROW_OP_BETWEEN_HIGH_ */
    FURROW_OP_BETWEEN_HIGH_, /* column <= value */
    FURROW_OP_IN_,
    FURROW_OP_NOT_IN_,
    FURROW_OP_LIKE_,
    FURROW_OP_ILIKE_,
    FURROW_OP_CONTAINS_,
    FURROW_OP_ICONTAINS_,
    FURROW_OP_STARTS_WITH_,
    FURROW_OP_ENDS_WITH_,
    FURROW_OP_IS_NULL_,
    FURROW_OP_NOT_NULL_,
    FURROW_OP_EQ_COLUMN_,
    FURROW_OP_NE_COLUMN_,
    FURROW_OP_LT_COLUMN_,
    FURROW_OP_LE_COLUMN_,
    FURROW_OP_GT_COLUMN_,
    FURROW_OP_GE_COLUMN_,
    FURROW_OP_ANY_, /* opens a bracket whose conditions are combined with OR */
    FURROW_OP_ALL_, /* opens a bracket whose conditions are combined with AND */
    FURROW_OP_NOT_, /* opens a bracket that negates the AND of its conditions */
    FURROW_OP_HAS_, /* opens a bracket: true if a row of the relationship meets the conditions */
    FURROW_OP_NONE_OF_,  /* opens a bracket: true if no row of the relationship meets the conditions
                          */
    FURROW_OP_EVERY_,    /* opens a bracket: true if every row of the relationship meets the
                            conditions */
    FURROW_OP_CLOSE_,    /* closes the innermost bracket */
    FURROW_OP_TOO_MANY_, /* furrow_add found no empty slot */
    FURROW_OP_SET_,
    FURROW_OP_SET_NULL_,
    FURROW_OP_SET_COLUMN_,
    FURROW_OP_INCREMENT_,
};

/* The first member of each element is zero. It has a type of its own, to which neither a column, a
 * relationship nor a pointer can be converted. In a list such as {furrow_eq(TODO.id, 1),
 * TODO.urgent}, the compiler tries to initialize the member with the column, and reports an error
 * that contains the name of the type. A number compiles, but a call rejects an element in which
 * this member is not zero. */
typedef float furrow_condition_expected;
typedef float furrow_assignment_expected;
typedef float furrow_order_expected;
typedef float furrow_column_ref_expected;
typedef float furrow_path_expected;

/* An element of `.where`. */
typedef struct furrow_condition {
    furrow_condition_expected number_;
    const void *subject; /* a furrow_column or a furrow_relation; NULL for a bracket */
    furrow_value value;
} furrow_condition;

/* An element of `.set`. */
typedef struct furrow_assignment {
    furrow_assignment_expected number_;
    const furrow_column *column;
    furrow_value value;
} furrow_assignment;

/* An element of `.order_by`. */
typedef struct furrow_ordering {
    furrow_order_expected number_;
    bool used, descending;
    const furrow_column *column;
    const furrow_relation
        *through; /* NULL: the column belongs to the model itself; otherwise the
                     to-one relationship to the model that the column belongs to */
} furrow_ordering;

/* An element of `.only` and `.conflict`. */
typedef struct furrow_column_ref {
    furrow_column_ref_expected number_;
    bool used;
    const furrow_column *column;
} furrow_column_ref;

/* The objects that _Generic selects if the types do not match */

extern const struct furrow_array_does_not_fit_column furrow_array_does_not_fit_column;
extern const struct furrow_column_has_no_such_condition furrow_column_has_no_such_condition;

/* Conditions */

static inline furrow_condition furrow_condition_(const void *subject, enum furrow_op_ op,
                                                 furrow_value value)
{
    value.op = (uint8_t)op;
    return (furrow_condition){.subject = subject, .value = value};
}
static inline furrow_condition furrow_condition_columns_(const furrow_column *a, enum furrow_op_ op,
                                                         const furrow_column *b)
{
    return (furrow_condition){.subject = a, .value = {.op = (uint8_t)op, .as = {.column = b}}};
}
static inline furrow_condition furrow_condition_plain_(const void *subject, enum furrow_op_ op)
{
    return (furrow_condition){.subject = subject, .value = {.op = (uint8_t)op}};
}

#define FURROW_COMPARE_(column_, op, ...)                                                          \
    furrow_condition_(_Generic((column_), furrow_json_column                                       \
                               : furrow_column_has_no_such_condition, default                      \
                               : furrow_column_itself_)(FURROW_COLUMN_(column_)),                  \
                      op, FURROW_VALUE_FOR_(column_, __VA_ARGS__))
static inline const furrow_column *furrow_column_itself_(const furrow_column *column)
{
    return column;
}

/* The upper bound applies to the same column as the lower bound, which is the previous element of
 * the list. */
#define FURROW_BETWEEN_HIGH_(column_, v)                                                           \
    furrow_condition_(NULL, FURROW_OP_BETWEEN_HIGH_, FURROW_VALUE_FOR_(column_, v))

static inline furrow_value furrow_value_array_(const furrow_column *column, const void *elements,
                                               size_t size, size_t count)
{
    return (furrow_value){.type = FURROW_TYPE_BLOB,
                          .element =
                              column->type == FURROW_TYPE_CHARS ? FURROW_TYPE_TEXT : column->type,
                          .element_size = (uint32_t)size,
                          .as = {.blob = {elements, count}}};
}

static inline furrow_condition furrow_condition_in_(const furrow_column *column, enum furrow_op_ op,
                                                    const void *elements, size_t size, size_t count)
{
    return furrow_condition_(column, op, furrow_value_array_(column, elements, size, count));
}

#define FURROW_IN_(column_, op, array, count_)                                                     \
    FURROW_ARRAY_FITS_(column_, array)                                                             \
    (FURROW_COLUMN_(column_), op, (array), sizeof *(array), (count_))
/* The array for an enum column is matched by its element type, because clang 14 does not match a
 * pointer to const enum with a pointer to const int. */
#define FURROW_NO_ARRAY_                                                                           \
    default:                                                                                       \
        furrow_array_does_not_fit_column
#define FURROW_ARRAY_OF_(array, T)                                                                 \
    _Generic((array), T * : furrow_condition_in_, const T * : furrow_condition_in_, FURROW_NO_ARRAY_)
#define FURROW_ARRAY_FITS_(column_, array)                                                         \
    _Generic((column_),                                                                            \
        furrow_bool_column: FURROW_ARRAY_OF_(array, _Bool),                                \
        furrow_int16_column: FURROW_ARRAY_OF_(array, int16_t),                             \
        furrow_int32_column: FURROW_ARRAY_OF_(array, int32_t),                             \
        furrow_int64_column: _Generic((array), long *: furrow_condition_in_,                \
            const long *: furrow_condition_in_, long long *: furrow_condition_in_,                   \
            const long long *: furrow_condition_in_, FURROW_NO_ARRAY_),                             \
        furrow_enum_column: _Generic(*(array), int: furrow_condition_in_,                   \
            unsigned int: furrow_condition_in_, FURROW_NO_ARRAY_),                                  \
        furrow_float_column: FURROW_ARRAY_OF_(array, float),                               \
        furrow_double_column: FURROW_ARRAY_OF_(array, double),                             \
        furrow_decimal_column: FURROW_ARRAY_OF_(array, furrow_decimal),                    \
        furrow_text_column: _Generic((array), char **: furrow_condition_in_,                \
            const char **: furrow_condition_in_, char *const *: furrow_condition_in_,                \
            const char *const *: furrow_condition_in_, FURROW_NO_ARRAY_),                           \
        furrow_blob_column: FURROW_ARRAY_OF_(array, furrow_blob),                          \
        furrow_time_column: FURROW_ARRAY_OF_(array, furrow_time),                          \
        furrow_date_column: FURROW_ARRAY_OF_(array, furrow_date),                          \
        furrow_uuid_column: FURROW_ARRAY_OF_(array, furrow_uuid), FURROW_NO_ARRAY_)

#define FURROW_TEXT_CONDITION_(column_, op, ...)                                                   \
    _Generic((column_), furrow_text_column                                                         \
             : furrow_condition_, default                                                          \
             : furrow_column_has_no_such_condition)(                                               \
        FURROW_COLUMN_(column_), op,                                                               \
        _Generic((__VA_ARGS__), FURROW_TEXTS_, FURROW_NO_FIT_)(__VA_ARGS__))

#define FURROW_FAMILY_(column_)                                                                    \
    _Generic((column_), furrow_bool_column : 1, furrow_int16_column : 2, furrow_int32_column : 2,  \
             furrow_int64_column : 2, furrow_float_column : 3, furrow_double_column : 3,           \
             furrow_text_column : 4, furrow_blob_column : 5, furrow_time_column : 6,               \
             furrow_date_column : 7, furrow_uuid_column : 8, furrow_decimal_column : 9,            \
             furrow_enum_column : 10, default : 0)
#define FURROW_COLUMNS_(a, op, b)                                                                  \
    furrow_condition_columns_(FURROW_COLUMN_(a), op,                                               \
                              (sizeof(struct {                                                     \
                                  _Static_assert(FURROW_FAMILY_(a) &&                              \
                                                     FURROW_FAMILY_(a) == FURROW_FAMILY_(b),       \
                                                 "furrow: these two columns cannot be compared");  \
                                  char member_;                                                    \
                              })                                                                   \
                                   ? FURROW_COLUMN_(b)                                             \
                                   : NULL))

#define FURROW_BRACKET_(subject, op, ...)                                                          \
    furrow_condition_plain_((subject), (op)), __VA_ARGS__,                                         \
        furrow_condition_plain_(NULL, FURROW_OP_CLOSE_)

#define FURROW_THROUGH_(op, relation_, ...)                                                        \
    furrow_condition_plain_(FURROW_RELATION_(relation_), (op)), __VA_ARGS__
#define FURROW_CLOSE_ furrow_condition_plain_(NULL, FURROW_OP_CLOSE_)
static inline const furrow_relation *furrow_relation_of_(furrow_relation_ref ref)
{
    return ref.relation;
}
#define FURROW_RELATION_(relation_) furrow_relation_of_(relation_)
static inline furrow_int64_column furrow_count_of_(furrow_relation_ref ref)
{
    return (furrow_int64_column){ref.relation->count_column};
}

#define FURROW_IS_NULL_PICK_(a, b, form, ...) form
#define FURROW_IS_NULL_COLUMN_(column_)                                                            \
    furrow_condition_plain_(FURROW_COLUMN_(column_), FURROW_OP_IS_NULL_)

/* Orders and column references */

static inline furrow_ordering furrow_order_(const furrow_column *column, bool descending)
{
    return (furrow_ordering){.used = true, .descending = descending, .column = column};
}
static inline furrow_ordering furrow_order_through_(const furrow_relation *relation,
                                                    const furrow_column *column, bool descending)
{
    return (furrow_ordering){
        .used = true, .descending = descending, .column = column, .through = relation};
}
static inline furrow_column_ref furrow_col_(const furrow_column *column)
{
    return (furrow_column_ref){.used = true, .column = column};
}
/* Assignments */

static inline furrow_assignment furrow_assignment_(const furrow_column *column, enum furrow_op_ op,
                                                   furrow_value value)
{
    value.op = (uint8_t)op;
    return (furrow_assignment){.column = column, .value = value};
}

/* Paths */

static inline furrow_relation_ref furrow_step_(furrow_relation_ref step)
{
    return step;
}
/* Passes each step of a path through furrow_step_, so that anything but a relationship is an error.
 */
#define FURROW_STEPS_(...)                                                                         \
    FURROW_STEPS_PICK_(__VA_ARGS__, FURROW_STEPS_7_, FURROW_STEPS_7_, FURROW_STEPS_7_,             \
                       FURROW_STEPS_7_, FURROW_STEPS_7_, FURROW_STEPS_7_, FURROW_STEPS_6_,         \
                       FURROW_STEPS_5_, FURROW_STEPS_4_, FURROW_STEPS_3_, FURROW_STEPS_2_,         \
                       FURROW_STEPS_1_, 0)                                                         \
    (__VA_ARGS__)
#define FURROW_STEPS_PICK_(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, steps, ...) steps
#define FURROW_STEPS_1_(a) furrow_step_(a)
#define FURROW_STEPS_2_(a, ...) furrow_step_(a), FURROW_STEPS_1_(__VA_ARGS__)
#define FURROW_STEPS_3_(a, ...) furrow_step_(a), FURROW_STEPS_2_(__VA_ARGS__)
#define FURROW_STEPS_4_(a, ...) furrow_step_(a), FURROW_STEPS_3_(__VA_ARGS__)
#define FURROW_STEPS_5_(a, ...) furrow_step_(a), FURROW_STEPS_4_(__VA_ARGS__)
#define FURROW_STEPS_6_(a, ...) furrow_step_(a), FURROW_STEPS_5_(__VA_ARGS__)
#define FURROW_STEPS_7_(...)                                                                       \
    {                                                                                              \
        sizeof(struct {                                                                            \
            _Static_assert(0, "furrow: a path has at most 6 steps");                               \
            char member_;                                                                          \
        })                                                                                         \
            ? NULL                                                                                 \
            : NULL                                                                                 \
    }

#endif
