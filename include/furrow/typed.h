/* SPDX-License-Identifier: MIT
 *
 * How furrow.h's macros choose by type. A column's type and a value's type select a function with
 * _Generic; what does not fit selects an object that is no function, so that the compiler's error
 * reads: called object 'furrow_value_does_not_fit_column' is not a function. Part of furrow.h; do
 * not include it alone.
 */
#ifndef FURROW_TYPED_H
#define FURROW_TYPED_H

/* ---- a column, typed: what TODO.id points to ---- */

typedef struct furrow_bool_column {
    furrow_column column;
} furrow_bool_column;
typedef struct furrow_int16_column {
    furrow_column column;
} furrow_int16_column;
typedef struct furrow_int32_column {
    furrow_column column;
} furrow_int32_column;
typedef struct furrow_int64_column {
    furrow_column column;
} furrow_int64_column;
typedef struct furrow_float_column {
    furrow_column column;
} furrow_float_column;
typedef struct furrow_double_column {
    furrow_column column;
} furrow_double_column;
typedef struct furrow_text_column {
    furrow_column column;
} furrow_text_column;
typedef struct furrow_blob_column {
    furrow_column column;
} furrow_blob_column;
typedef struct furrow_time_column {
    furrow_column column;
} furrow_time_column;
typedef struct furrow_date_column {
    furrow_column column;
} furrow_date_column;
typedef struct furrow_uuid_column {
    furrow_column column;
} furrow_uuid_column;
typedef struct furrow_decimal_column {
    furrow_column column;
} furrow_decimal_column;
typedef struct furrow_json_column {
    furrow_column column;
} furrow_json_column;
typedef struct furrow_enum_column {
    furrow_column column;
} furrow_enum_column;

/* What is selected where nothing fits. */
extern const struct furrow_value_does_not_fit_column furrow_value_does_not_fit_column;
extern const struct furrow_array_does_not_fit_column furrow_array_does_not_fit_column;
extern const struct furrow_result_does_not_fit_column furrow_result_does_not_fit_column;
extern const struct furrow_column_has_no_such_condition furrow_column_has_no_such_condition;
extern const struct furrow_value_has_no_sql_type furrow_value_has_no_sql_type;

#define FURROW_COLUMN_(column_) (&(column_)->column)

/* ---- values ---- */

static inline furrow_value furrow_value_integer_(int64_t v)
{
    return (furrow_value){.type = FURROW_TYPE_INT64, .as = {.integer = v}};
}
static inline furrow_value furrow_value_unsigned_(uint64_t v)
{
    return (furrow_value){.type = FURROW_TYPE_INT64,
                          .problem = v > INT64_MAX ? FURROW_VALUE_TOO_LARGE_ : FURROW_VALUE_FINE_,
                          .as = {.integer = v > INT64_MAX ? 0 : (int64_t)v}};
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
/* NULL, the value of SQL; any other void pointer is none. */
static inline furrow_value furrow_value_pointer_(const void *v)
{
    return (furrow_value){.type = FURROW_TYPE_NULL,
                          .problem = v ? FURROW_VALUE_POINTER_ : FURROW_VALUE_FINE_};
}
static inline furrow_value furrow_value_itself_(furrow_value v)
{
    return v;
}
static inline furrow_value furrow_value_array_(const furrow_column *column, const void *elements,
                                               size_t size, size_t count)
{
    return (furrow_value){.type = FURROW_TYPE_BLOB,
                          .element =
                              column->type == FURROW_TYPE_CHARS ? FURROW_TYPE_TEXT : column->type,
                          .element_size = (uint32_t)size,
                          .as = {.blob = {elements, count}}};
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

/* A value of a raw statement. */
#define FURROW_VALUE_(v)                                                                           \
    _Generic((v), _Bool: furrow_value_bool_, FURROW_INTEGERS_, FURROW_REALS_, FURROW_TEXTS_,       \
        void *: furrow_value_pointer_, furrow_blob: furrow_value_blob_,                            \
        furrow_time: furrow_value_time_, furrow_date: furrow_value_date_,                          \
        furrow_uuid: furrow_value_uuid_, furrow_decimal: furrow_value_decimal_,                    \
        furrow_json: furrow_value_json_, furrow_value: furrow_value_itself_,                       \
        default: furrow_value_has_no_sql_type)(v)

/* A value for a column. `true` is an int in C11, so a bool column takes int too: 0 or 1, checked.
 */
#define FURROW_VALUE_FOR_(column_, v)                                                              \
    _Generic((column_),                                                                            \
        const furrow_bool_column *: _Generic((v), _Bool: furrow_value_bool_,                       \
            int: furrow_value_integer_, FURROW_NO_FIT_),                                           \
        const furrow_int16_column *: _Generic((v), FURROW_INTEGERS_, FURROW_NO_FIT_),              \
        const furrow_int32_column *: _Generic((v), FURROW_INTEGERS_, FURROW_NO_FIT_),              \
        const furrow_int64_column *: _Generic((v), FURROW_INTEGERS_, FURROW_NO_FIT_),              \
        const furrow_enum_column *: _Generic((v), FURROW_INTEGERS_, FURROW_NO_FIT_),               \
        const furrow_float_column *: _Generic((v), FURROW_REALS_, FURROW_INTEGERS_,                \
            FURROW_NO_FIT_),                                                                       \
        const furrow_double_column *: _Generic((v), FURROW_REALS_, FURROW_INTEGERS_,               \
            FURROW_NO_FIT_),                                                                       \
        const furrow_decimal_column *: _Generic((v), furrow_decimal: furrow_value_decimal_,        \
            FURROW_INTEGERS_, FURROW_NO_FIT_),                                                     \
        const furrow_text_column *: _Generic((v), FURROW_TEXTS_, FURROW_NO_FIT_),                  \
        const furrow_blob_column *: _Generic((v), furrow_blob: furrow_value_blob_,                 \
            FURROW_NO_FIT_),                                                                       \
        const furrow_time_column *: _Generic((v), furrow_time: furrow_value_time_,                 \
            FURROW_NO_FIT_),                                                                       \
        const furrow_date_column *: _Generic((v), furrow_date: furrow_value_date_,                 \
            FURROW_NO_FIT_),                                                                       \
        const furrow_uuid_column *: _Generic((v), furrow_uuid: furrow_value_uuid_,                 \
            FURROW_NO_FIT_),                                                                       \
        const furrow_json_column *: _Generic((v), furrow_json: furrow_value_json_,                 \
            FURROW_NO_FIT_),                                                                       \
        FURROW_NO_FIT_)(v)

/* ---- conditions ---- */

static inline furrow_condition furrow_condition_(const void *subject, enum furrow_op_ op,
                                                 furrow_value value)
{
    value.op = (uint8_t)op;
    return (furrow_condition){subject, value};
}
static inline furrow_condition furrow_condition_columns_(const furrow_column *a, enum furrow_op_ op,
                                                         const furrow_column *b)
{
    return (furrow_condition){a, {.op = (uint8_t)op, .as = {.column = b}}};
}
static inline furrow_condition furrow_condition_plain_(const void *subject, enum furrow_op_ op)
{
    return (furrow_condition){subject, {.op = (uint8_t)op}};
}

#define FURROW_COMPARE_(column_, op, v)                                                            \
    furrow_condition_(_Generic((column_),                                                          \
                          const furrow_json_column *: furrow_column_has_no_such_condition,         \
                          default: furrow_column_itself_)(FURROW_COLUMN_(column_)),                \
                      op, FURROW_VALUE_FOR_(column_, v))
static inline const furrow_column *furrow_column_itself_(const furrow_column *column)
{
    return column;
}

/* The column compared with a value. With a NULL pointer for text: FURROW_INVALID, use
 * furrow_is_null. */
#define furrow_eq(column_, v) FURROW_COMPARE_(column_, FURROW_OP_EQ_, v)
#define furrow_ne(column_, v) FURROW_COMPARE_(column_, FURROW_OP_NE_, v)
#define furrow_lt(column_, v) FURROW_COMPARE_(column_, FURROW_OP_LT_, v)
#define furrow_le(column_, v) FURROW_COMPARE_(column_, FURROW_OP_LE_, v)
#define furrow_gt(column_, v) FURROW_COMPARE_(column_, FURROW_OP_GT_, v)
#define furrow_ge(column_, v) FURROW_COMPARE_(column_, FURROW_OP_GE_, v)
/* low <= column AND column <= high */
#define furrow_between(column_, low, high)                                                         \
    FURROW_COMPARE_(column_, FURROW_OP_BETWEEN_, low),                                             \
        FURROW_COMPARE_(column_, FURROW_OP_BETWEEN_HIGH_, high)

/* The column is one of `count` elements of an array of its C type (text: of const char *), borrowed
 * until the call returns. An empty array matches nothing; with furrow_not_in, everything. */
#define furrow_in(column_, array, count_) FURROW_IN_(column_, FURROW_OP_IN_, array, count_)
#define furrow_not_in(column_, array, count_) FURROW_IN_(column_, FURROW_OP_NOT_IN_, array, count_)
#define FURROW_IN_(column_, op, array, count_)                                                     \
    furrow_condition_(FURROW_COLUMN_(column_), op,                                                 \
                      FURROW_ARRAY_FITS_(column_, array)(FURROW_COLUMN_(column_), (array),         \
                                                         sizeof *(array), (count_)))
/* An enum's array is judged by its element: clang 14 matches const enum * with no const int *. */
#define FURROW_NO_ARRAY_                                                                           \
    default:                                                                                       \
        furrow_array_does_not_fit_column
#define FURROW_ARRAY_OF_(array, T)                                                                 \
    _Generic((array), T * : furrow_value_array_, const T * : furrow_value_array_, FURROW_NO_ARRAY_)
#define FURROW_ARRAY_FITS_(column_, array)                                                         \
    _Generic((column_),                                                                            \
        const furrow_bool_column *: FURROW_ARRAY_OF_(array, _Bool),                                \
        const furrow_int16_column *: FURROW_ARRAY_OF_(array, int16_t),                             \
        const furrow_int32_column *: FURROW_ARRAY_OF_(array, int32_t),                             \
        const furrow_int64_column *: _Generic((array), long *: furrow_value_array_,                \
            const long *: furrow_value_array_, long long *: furrow_value_array_,                   \
            const long long *: furrow_value_array_, FURROW_NO_ARRAY_),                             \
        const furrow_enum_column *: _Generic(*(array), int: furrow_value_array_,                   \
            unsigned int: furrow_value_array_, FURROW_NO_ARRAY_),                                  \
        const furrow_float_column *: FURROW_ARRAY_OF_(array, float),                               \
        const furrow_double_column *: FURROW_ARRAY_OF_(array, double),                             \
        const furrow_decimal_column *: FURROW_ARRAY_OF_(array, furrow_decimal),                    \
        const furrow_text_column *: _Generic((array), char **: furrow_value_array_,                \
            const char **: furrow_value_array_, char *const *: furrow_value_array_,                \
            const char *const *: furrow_value_array_, FURROW_NO_ARRAY_),                           \
        const furrow_blob_column *: FURROW_ARRAY_OF_(array, furrow_blob),                          \
        const furrow_time_column *: FURROW_ARRAY_OF_(array, furrow_time),                          \
        const furrow_date_column *: FURROW_ARRAY_OF_(array, furrow_date),                          \
        const furrow_uuid_column *: FURROW_ARRAY_OF_(array, furrow_uuid), FURROW_NO_ARRAY_)

/* Text: `%` is any run of characters and `_` any one; a backslash is a backslash. The i forms
 * ignore the case of ASCII letters. contains, starts_with and ends_with take literal text. */
#define furrow_like(column_, v) FURROW_TEXT_CONDITION_(column_, FURROW_OP_LIKE_, v)
#define furrow_ilike(column_, v) FURROW_TEXT_CONDITION_(column_, FURROW_OP_ILIKE_, v)
#define furrow_contains(column_, v) FURROW_TEXT_CONDITION_(column_, FURROW_OP_CONTAINS_, v)
#define furrow_icontains(column_, v) FURROW_TEXT_CONDITION_(column_, FURROW_OP_ICONTAINS_, v)
#define furrow_starts_with(column_, v) FURROW_TEXT_CONDITION_(column_, FURROW_OP_STARTS_WITH_, v)
#define furrow_ends_with(column_, v) FURROW_TEXT_CONDITION_(column_, FURROW_OP_ENDS_WITH_, v)
#define FURROW_TEXT_CONDITION_(column_, op, v)                                                     \
    _Generic((column_), const furrow_text_column *: furrow_condition_,                             \
        default: furrow_column_has_no_such_condition)(                                             \
        FURROW_COLUMN_(column_), op,                                                               \
        _Generic((v), FURROW_TEXTS_, FURROW_NO_FIT_)(v))

#define furrow_is_null(column_) furrow_condition_plain_(FURROW_COLUMN_(column_), FURROW_OP_IS_NULL_)
#define furrow_not_null(column_)                                                                   \
    furrow_condition_plain_(FURROW_COLUMN_(column_), FURROW_OP_NOT_NULL_)

/* Two columns of one model and of one kind of type. */
#define furrow_eq_column(a, b) FURROW_COLUMNS_(a, FURROW_OP_EQ_COLUMN_, b)
#define furrow_ne_column(a, b) FURROW_COLUMNS_(a, FURROW_OP_NE_COLUMN_, b)
#define furrow_lt_column(a, b) FURROW_COLUMNS_(a, FURROW_OP_LT_COLUMN_, b)
#define furrow_le_column(a, b) FURROW_COLUMNS_(a, FURROW_OP_LE_COLUMN_, b)
#define furrow_gt_column(a, b) FURROW_COLUMNS_(a, FURROW_OP_GT_COLUMN_, b)
#define furrow_ge_column(a, b) FURROW_COLUMNS_(a, FURROW_OP_GE_COLUMN_, b)
#define FURROW_FAMILY_(column_)                                                                    \
    _Generic((column_), const furrow_bool_column * : 1, const furrow_int16_column * : 2,           \
             const furrow_int32_column * : 2, const furrow_int64_column * : 2,                     \
             const furrow_float_column * : 3, const furrow_double_column * : 3,                    \
             const furrow_text_column * : 4, const furrow_blob_column * : 5,                       \
             const furrow_time_column * : 6, const furrow_date_column * : 7,                       \
             const furrow_uuid_column * : 8, const furrow_decimal_column * : 9,                    \
             const furrow_enum_column * : 10, default : 0)
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

/* Brackets: several elements of the list. A list is AND; these nest. */
#define furrow_any(...) FURROW_BRACKET_(NULL, FURROW_OP_ANY_, __VA_ARGS__)
#define furrow_all(...) FURROW_BRACKET_(NULL, FURROW_OP_ALL_, __VA_ARGS__)
#define furrow_not(...) FURROW_BRACKET_(NULL, FURROW_OP_NOT_, __VA_ARGS__)
#define FURROW_BRACKET_(subject, op, ...)                                                          \
    furrow_condition_plain_((subject), (op)), __VA_ARGS__,                                         \
        furrow_condition_plain_(NULL, FURROW_OP_CLOSE_)

/* Through a relationship: some row of it matches all of the conditions; none does; every one does.
 * Without conditions: there is a row, furrow_has(POST.tags); there is none, furrow_none(POST.tags).
 */
#define furrow_has(...) FURROW_THROUGH_(FURROW_OP_HAS_, __VA_ARGS__, FURROW_CLOSE_)
#define furrow_none(...) FURROW_THROUGH_(FURROW_OP_NONE_OF_, __VA_ARGS__, FURROW_CLOSE_)
#define furrow_every(...) FURROW_THROUGH_(FURROW_OP_EVERY_, __VA_ARGS__, FURROW_CLOSE_)
#define FURROW_THROUGH_(op, relation_, ...)                                                        \
    furrow_condition_plain_(FURROW_RELATION_(relation_), (op)), __VA_ARGS__
#define FURROW_CLOSE_ furrow_condition_plain_(NULL, FURROW_OP_CLOSE_)
static inline const furrow_relation *furrow_relation_itself_(const furrow_relation *relation)
{
    return relation;
}
#define FURROW_RELATION_(relation_) furrow_relation_itself_(relation_)

/* ---- orders, columns, paths ---- */

static inline furrow_ordering furrow_order_(const furrow_column *column, bool descending)
{
    return (furrow_ordering){column, true, descending, NULL};
}
#define furrow_asc(column_) furrow_order_(FURROW_COLUMN_(column_), false)
#define furrow_desc(column_) furrow_order_(FURROW_COLUMN_(column_), true)
/* A column chosen at run time: furrow_order(todo_column(name), descending). */
#define furrow_order(column_, descending_) furrow_order_((column_), (descending_))

static inline furrow_column_ref furrow_col_(const furrow_column *column)
{
    return (furrow_column_ref){column, true};
}
#define furrow_col(column_) furrow_col_(FURROW_COLUMN_(column_))
/* The same of a column chosen at run time: furrow_col_of(todo_column(name)). */
#define furrow_col_of(column_) furrow_col_(column_)

/* A path of relationships, each starting where the one before ends. */
#define furrow_load(...)                                                                           \
    {                                                                                              \
        .steps = { __VA_ARGS__ }                                                                   \
    }
/* The same with some of the last step's rows, or in an order: furrow_load_some((AUTHOR.posts),
 * .where = {…}, .order_by = {furrow_desc(POST.id)}, .limit = 3). The limit is for each parent. */
#define furrow_load_some(path, ...)                                                                \
    {                                                                                              \
        .steps = {FURROW_STEPS_ path}, __VA_ARGS__                                                 \
    }
#define FURROW_STEPS_(...) __VA_ARGS__

/* How many rows a relationship has: a number, for conditions and orders alike. */
#define furrow_count_of(relation_)                                                                 \
    ((const furrow_int64_column *)(const void *)FURROW_RELATION_(relation_)->count_column)

/* Order by a column of the row that a to-one relationship leads to: no such row is NULL. */
static inline furrow_ordering furrow_order_through_(const furrow_relation *relation,
                                                    const furrow_column *column, bool descending)
{
    return (furrow_ordering){column, true, descending, relation};
}
#define furrow_asc_through(relation_, column_)                                                     \
    furrow_order_through_(FURROW_RELATION_(relation_), FURROW_COLUMN_(column_), false)
#define furrow_desc_through(relation_, column_)                                                    \
    furrow_order_through_(FURROW_RELATION_(relation_), FURROW_COLUMN_(column_), true)

/* ---- assignments ---- */

static inline furrow_assignment furrow_assignment_(const furrow_column *column, enum furrow_op_ op,
                                                   furrow_value value)
{
    value.op = (uint8_t)op;
    return (furrow_assignment){column, value};
}
#define furrow_set(column_, v)                                                                     \
    furrow_assignment_(FURROW_COLUMN_(column_), FURROW_OP_SET_, FURROW_VALUE_FOR_(column_, v))
#define furrow_set_null(column_)                                                                   \
    furrow_assignment_(FURROW_COLUMN_(column_), FURROW_OP_SET_NULL_, (furrow_value){0})
/* Add to a number; a negative value subtracts. */
#define furrow_increment(column_, v)                                                               \
    _Generic((column_), const furrow_int16_column *: furrow_assignment_,                           \
        const furrow_int32_column *: furrow_assignment_,                                           \
        const furrow_int64_column *: furrow_assignment_,                                           \
        const furrow_float_column *: furrow_assignment_,                                           \
        const furrow_double_column *: furrow_assignment_,                                          \
        const furrow_decimal_column *: furrow_assignment_,                                         \
        default: furrow_column_has_no_such_condition)(                                             \
        FURROW_COLUMN_(column_), FURROW_OP_INCREMENT_, FURROW_VALUE_FOR_(column_, v))

/* ---- lists built at run time ---- */

/* furrow_add(options.where, furrow_eq(…)): append, in the first slot behind the last one used. No
 * room makes the query FURROW_INVALID. `array` must be an array, not a pointer. */
#define furrow_add(array, ...)                                                                     \
    furrow_add_conditions_(                                                                        \
        (array), sizeof(array) / sizeof *(array), (const furrow_condition[]){__VA_ARGS__},         \
        sizeof((const furrow_condition[]){__VA_ARGS__}) / sizeof(furrow_condition))
FURROW_API void furrow_add_conditions_(furrow_condition *array, size_t size,
                                       const furrow_condition *added, size_t count);
/* The same for .order_by and .set. */
#define furrow_add_order(array, ordering)                                                          \
    furrow_add_ordering_((array), sizeof(array) / sizeof *(array), (ordering))
FURROW_API void furrow_add_ordering_(furrow_ordering *array, size_t size, furrow_ordering added);
#define furrow_add_set(array, assignment)                                                          \
    furrow_add_assignment_((array), sizeof(array) / sizeof *(array), (assignment))
FURROW_API void furrow_add_assignment_(furrow_assignment *array, size_t size,
                                       furrow_assignment added);

/* ---- aggregates: the result's type follows the column's ---- */

typedef enum furrow_aggregate {
    FURROW_AGGREGATE_SUM = 1,
    FURROW_AGGREGATE_MIN,
    FURROW_AGGREGATE_MAX,
    FURROW_AGGREGATE_AVG,
} furrow_aggregate;
static inline size_t furrow_result_fits_(size_t size)
{
    return size;
}
#define FURROW_NO_RESULT_                                                                          \
    default:                                                                                       \
        furrow_result_does_not_fit_column
#define FURROW_RESULT_OF_(out_, T) _Generic((out_), T * : furrow_result_fits_, FURROW_NO_RESULT_)
#define FURROW_RESULT_INT64_(out_)                                                                 \
    _Generic((out_), long *: furrow_result_fits_, long long *: furrow_result_fits_,                \
        FURROW_NO_RESULT_)
#define FURROW_SUM_FITS_(out_, column_)                                                            \
    _Generic((column_), const furrow_int16_column *: FURROW_RESULT_INT64_(out_),                   \
        const furrow_int32_column *: FURROW_RESULT_INT64_(out_),                                   \
        const furrow_int64_column *: FURROW_RESULT_INT64_(out_),                                   \
        const furrow_float_column *: FURROW_RESULT_OF_(out_, double),                              \
        const furrow_double_column *: FURROW_RESULT_OF_(out_, double),                             \
        const furrow_decimal_column *: FURROW_RESULT_OF_(out_, furrow_decimal),                    \
        FURROW_NO_RESULT_)
#define FURROW_AVG_FITS_(out_, column_)                                                            \
    _Generic((column_), const furrow_int16_column *: FURROW_RESULT_OF_(out_, double),              \
        const furrow_int32_column *: FURROW_RESULT_OF_(out_, double),                              \
        const furrow_int64_column *: FURROW_RESULT_OF_(out_, double),                              \
        const furrow_float_column *: FURROW_RESULT_OF_(out_, double),                              \
        const furrow_double_column *: FURROW_RESULT_OF_(out_, double),                             \
        const furrow_decimal_column *: FURROW_RESULT_OF_(out_, double), FURROW_NO_RESULT_)
#define FURROW_MIN_FITS_(out_, column_)                                                            \
    _Generic((column_), const furrow_int16_column *: FURROW_RESULT_OF_(out_, int16_t),             \
        const furrow_int32_column *: FURROW_RESULT_OF_(out_, int32_t),                             \
        const furrow_int64_column *: FURROW_RESULT_INT64_(out_),                                   \
        const furrow_float_column *: FURROW_RESULT_OF_(out_, float),                               \
        const furrow_double_column *: FURROW_RESULT_OF_(out_, double),                             \
        const furrow_decimal_column *: FURROW_RESULT_OF_(out_, furrow_decimal),                    \
        const furrow_text_column *: FURROW_RESULT_OF_(out_, const char *),                         \
        const furrow_time_column *: FURROW_RESULT_OF_(out_, furrow_time),                          \
        const furrow_date_column *: FURROW_RESULT_OF_(out_, furrow_date), FURROW_NO_RESULT_)
#define FURROW_MAX_FITS_ FURROW_MIN_FITS_

/* item_sum(s, &total, ITEM.count, .where = …): checks the result's type, then calls. */
#define FURROW_AGGREGATE_(fits, function, options, ...)                                            \
    function(fits(FURROW_ARG2_(__VA_ARGS__, 0, 0),                                                 \
                  FURROW_ARG3_(__VA_ARGS__, 0, 0))(sizeof(struct options)),                        \
             &(const struct options){__VA_ARGS__, .end_ = 0})

/* ---- get ---- */

/* author_get(s, &row, id) is a plain call; with more, author_get(s, &row, id, .with = …), it takes
 * an options struct. Which it is follows from the number of arguments, counting a comma in braces
 * too: room for 80. `keys` is the number of key columns, as digits. */
#define FURROW_GET_(keys, plain, with, options, ...)                                               \
    FURROW_GET_FORM_(FURROW_PICK_(FURROW_PAD_##keys##_, __VA_ARGS__, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, \
                                  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,   \
                                  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,   \
                                  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,   \
                                  1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,   \
                                  0, 0, 0),                                                        \
                     plain, with, options, __VA_ARGS__)
#define FURROW_GET_FORM_(form, ...) FURROW_GET_CHOSEN_(form, __VA_ARGS__)
#define FURROW_GET_CHOSEN_(form, ...) FURROW_GET_##form##_(__VA_ARGS__)
#define FURROW_GET_0_(plain, with, options, ...) plain(__VA_ARGS__)
#define FURROW_GET_1_(plain, with, options, ...)                                                   \
    with(&(const struct options){__VA_ARGS__, .end_ = 0})

/* The argument behind the first 96. */
#define FURROW_PICK_(...) FURROW_PICK_96_(__VA_ARGS__)
#define FURROW_PICK_96_(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16,     \
                        a17, a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, \
                        a32, a33, a34, a35, a36, a37, a38, a39, a40, a41, a42, a43, a44, a45, a46, \
                        a47, a48, a49, a50, a51, a52, a53, a54, a55, a56, a57, a58, a59, a60, a61, \
                        a62, a63, a64, a65, a66, a67, a68, a69, a70, a71, a72, a73, a74, a75, a76, \
                        a77, a78, a79, a80, a81, a82, a83, a84, a85, a86, a87, a88, a89, a90, a91, \
                        a92, a93, a94, a95, a96, n, ...)                                           \
    n
/* So many that with a key's columns they are 17. */
#define FURROW_PAD_1_ 0, FURROW_PAD_2_
#define FURROW_PAD_2_ 0, FURROW_PAD_3_
#define FURROW_PAD_3_ 0, FURROW_PAD_4_
#define FURROW_PAD_4_ 0, FURROW_PAD_5_
#define FURROW_PAD_5_ 0, FURROW_PAD_6_
#define FURROW_PAD_6_ 0, FURROW_PAD_7_
#define FURROW_PAD_7_ 0, FURROW_PAD_8_
#define FURROW_PAD_8_ 0, FURROW_PAD_9_
#define FURROW_PAD_9_ 0, FURROW_PAD_10_
#define FURROW_PAD_10_ 0, FURROW_PAD_11_
#define FURROW_PAD_11_ 0, FURROW_PAD_12_
#define FURROW_PAD_12_ 0, FURROW_PAD_13_
#define FURROW_PAD_13_ 0, FURROW_PAD_14_
#define FURROW_PAD_14_ 0, FURROW_PAD_15_
#define FURROW_PAD_15_ 0, FURROW_PAD_16_
#define FURROW_PAD_16_ 0

/* ---- raw statements ---- */

#define FURROW_ARG2_(a, b, ...) b
#define FURROW_ARG3_(a, b, c, ...) c

/* Only a string literal can be the message of a static assertion (C11 6.7.10). */
#define FURROW_LITERAL_(text)                                                                      \
    ((void)sizeof(struct {                                                                         \
         _Static_assert(1, text);                                                                  \
         char member_;                                                                             \
     }),                                                                                           \
     text)

#define FURROW_EXEC_(function, ...) FURROW_EXEC_CALL_(function, __VA_ARGS__, 0)
#define FURROW_EXEC_CALL_(function, s, sql, ...)                                                   \
    function((s), FURROW_LITERAL_(sql), FURROW_VALUES_(__VA_ARGS__))
#define FURROW_QUERY_(function, ...) FURROW_QUERY_CALL_(function, __VA_ARGS__, 0)
#define FURROW_QUERY_CALL_(function, s, out, sql, ...)                                             \
    function((s), (out), FURROW_LITERAL_(sql), FURROW_VALUES_(__VA_ARGS__))

/* An array of the values and their count; the last argument is a filler, so that there is one. */

#define FURROW_VALUES_(...)                                                                        \
    (const furrow_value[]){FURROW_MAP_(FURROW_COUNT_(__VA_ARGS__), __VA_ARGS__)},                  \
        FURROW_COUNT_(__VA_ARGS__) - 1
#define FURROW_MAP_(count, ...) FURROW_MAP_EXPAND_(count, __VA_ARGS__)
#define FURROW_MAP_EXPAND_(count, ...) FURROW_MAP_##count##_(__VA_ARGS__)
#define FURROW_COUNT_(...)                                                                         \
    FURROW_COUNT_PICK_(__VA_ARGS__, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19,    \
                       18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define FURROW_COUNT_PICK_(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16,  \
                           a17, a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29, a30,   \
                           a31, a32, a33, n, ...)                                                  \
    n
#define FURROW_MAP_1_(a) FURROW_VALUE_(a)
#define FURROW_MAP_2_(a, ...) FURROW_VALUE_(a), FURROW_MAP_1_(__VA_ARGS__)
#define FURROW_MAP_3_(a, ...) FURROW_VALUE_(a), FURROW_MAP_2_(__VA_ARGS__)
#define FURROW_MAP_4_(a, ...) FURROW_VALUE_(a), FURROW_MAP_3_(__VA_ARGS__)
#define FURROW_MAP_5_(a, ...) FURROW_VALUE_(a), FURROW_MAP_4_(__VA_ARGS__)
#define FURROW_MAP_6_(a, ...) FURROW_VALUE_(a), FURROW_MAP_5_(__VA_ARGS__)
#define FURROW_MAP_7_(a, ...) FURROW_VALUE_(a), FURROW_MAP_6_(__VA_ARGS__)
#define FURROW_MAP_8_(a, ...) FURROW_VALUE_(a), FURROW_MAP_7_(__VA_ARGS__)
#define FURROW_MAP_9_(a, ...) FURROW_VALUE_(a), FURROW_MAP_8_(__VA_ARGS__)
#define FURROW_MAP_10_(a, ...) FURROW_VALUE_(a), FURROW_MAP_9_(__VA_ARGS__)
#define FURROW_MAP_11_(a, ...) FURROW_VALUE_(a), FURROW_MAP_10_(__VA_ARGS__)
#define FURROW_MAP_12_(a, ...) FURROW_VALUE_(a), FURROW_MAP_11_(__VA_ARGS__)
#define FURROW_MAP_13_(a, ...) FURROW_VALUE_(a), FURROW_MAP_12_(__VA_ARGS__)
#define FURROW_MAP_14_(a, ...) FURROW_VALUE_(a), FURROW_MAP_13_(__VA_ARGS__)
#define FURROW_MAP_15_(a, ...) FURROW_VALUE_(a), FURROW_MAP_14_(__VA_ARGS__)
#define FURROW_MAP_16_(a, ...) FURROW_VALUE_(a), FURROW_MAP_15_(__VA_ARGS__)
#define FURROW_MAP_17_(a, ...) FURROW_VALUE_(a), FURROW_MAP_16_(__VA_ARGS__)
#define FURROW_MAP_18_(a, ...) FURROW_VALUE_(a), FURROW_MAP_17_(__VA_ARGS__)
#define FURROW_MAP_19_(a, ...) FURROW_VALUE_(a), FURROW_MAP_18_(__VA_ARGS__)
#define FURROW_MAP_20_(a, ...) FURROW_VALUE_(a), FURROW_MAP_19_(__VA_ARGS__)
#define FURROW_MAP_21_(a, ...) FURROW_VALUE_(a), FURROW_MAP_20_(__VA_ARGS__)
#define FURROW_MAP_22_(a, ...) FURROW_VALUE_(a), FURROW_MAP_21_(__VA_ARGS__)
#define FURROW_MAP_23_(a, ...) FURROW_VALUE_(a), FURROW_MAP_22_(__VA_ARGS__)
#define FURROW_MAP_24_(a, ...) FURROW_VALUE_(a), FURROW_MAP_23_(__VA_ARGS__)
#define FURROW_MAP_25_(a, ...) FURROW_VALUE_(a), FURROW_MAP_24_(__VA_ARGS__)
#define FURROW_MAP_26_(a, ...) FURROW_VALUE_(a), FURROW_MAP_25_(__VA_ARGS__)
#define FURROW_MAP_27_(a, ...) FURROW_VALUE_(a), FURROW_MAP_26_(__VA_ARGS__)
#define FURROW_MAP_28_(a, ...) FURROW_VALUE_(a), FURROW_MAP_27_(__VA_ARGS__)
#define FURROW_MAP_29_(a, ...) FURROW_VALUE_(a), FURROW_MAP_28_(__VA_ARGS__)
#define FURROW_MAP_30_(a, ...) FURROW_VALUE_(a), FURROW_MAP_29_(__VA_ARGS__)
#define FURROW_MAP_31_(a, ...) FURROW_VALUE_(a), FURROW_MAP_30_(__VA_ARGS__)
#define FURROW_MAP_32_(a, ...) FURROW_VALUE_(a), FURROW_MAP_31_(__VA_ARGS__)
#define FURROW_MAP_33_(a, ...) FURROW_VALUE_(a), FURROW_MAP_32_(__VA_ARGS__)

#endif
