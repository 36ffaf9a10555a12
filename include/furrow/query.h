/* SPDX-License-Identifier: MIT
 *
 * Queries: the named arguments of a model's functions, as in
 *
 *   post_find(s, &posts, .where = {furrow_eq(POST.author_id, 7), furrow_like(POST.title, "A%")},
 *             .order_by = {furrow_desc(POST.id)}, .limit = 10);
 *
 * A column's type decides which values and conditions it accepts; a mismatch does not compile.
 * Each argument of these macros is evaluated once. Text, blobs and arrays are borrowed
 * until the call returns.
 *
 * The last argument of a macro can be a compound literal with commas, such as furrow_eq(SALE.price,
 * (furrow_decimal){2499, 2}). Where any number of other arguments can follow, the preprocessor
 * cannot tell a comma of the literal from a comma between arguments. In such a place, write the
 * literal in parentheses, ((furrow_decimal){2499, 2}): in furrow_between and furrow_in, as a value
 * of furrow_exec and furrow_query, as the key of _get_with, in a key of several columns, as the row
 * or list of _load and _insert_with, and as the list of a relationship's _sum.
 *
 * An empty element of a list is skipped. Write (furrow_condition){0}: gcc with -Wextra warns about
 * a mere {0} between other elements of an array.
 */
#ifndef FURROW_QUERY_H
#define FURROW_QUERY_H

#pragma GCC system_header /* see internal/export.h */

#include <furrow/session.h>
#include <furrow/internal/query.h>
#include <furrow/internal/renamed.h>

/* Limits: a call with a longer list fails with FURROW_INVALID */

enum {
    FURROW_MAX_CONDITIONS = 32,     /* elements of .where; a bracket or furrow_between is two */
    FURROW_MAX_ORDERINGS = 8,       /* elements of .order_by */
    FURROW_MAX_ASSIGNMENTS = 32,    /* elements of .set */
    FURROW_MAX_COLUMN_REFS = 32,    /* elements of .only and .conflict */
    FURROW_MAX_PATHS = 4,           /* elements of .with */
    FURROW_MAX_STEPS = 6,           /* relationships of a path */
    FURROW_MAX_PATH_CONDITIONS = 8, /* elements of a path's .where */
    FURROW_MAX_PATH_ORDERINGS = 4,  /* elements of a path's .order_by */
    FURROW_MAX_LIKE_SIZE = 16384,   /* bytes of a pattern for furrow_like and furrow_ilike */
};

/* Conditions: elements of .where, which are combined with AND */

/* Compares a column with a value. A number may be outside the range of the column's type: no
 * int16_t equals 100000, and every int16_t is less. Enums are compared by their values in C. With a
 * NULL pointer for a text column, the call fails with FURROW_INVALID: use furrow_is_null. */
#define furrow_eq(column_, ...) FURROW_COMPARE_(column_, FURROW_OP_EQ_, __VA_ARGS__)
#define furrow_ne(column_, ...) FURROW_COMPARE_(column_, FURROW_OP_NE_, __VA_ARGS__)
#define furrow_lt(column_, ...) FURROW_COMPARE_(column_, FURROW_OP_LT_, __VA_ARGS__)
#define furrow_le(column_, ...) FURROW_COMPARE_(column_, FURROW_OP_LE_, __VA_ARGS__)
#define furrow_gt(column_, ...) FURROW_COMPARE_(column_, FURROW_OP_GT_, __VA_ARGS__)
#define furrow_ge(column_, ...) FURROW_COMPARE_(column_, FURROW_OP_GE_, __VA_ARGS__)

/* True if low <= column and column <= high. A bound that is a compound literal with a comma needs
 * parentheses: furrow_between(SALE.price, ((furrow_decimal){1, 2}), ((furrow_decimal){9, 2})). */
#define furrow_between(column_, low, high)                                                         \
    FURROW_COMPARE_(column_, FURROW_OP_BETWEEN_, low), FURROW_BETWEEN_HIGH_(column_, high)

/* Test whether a column is NULL: furrow_is_null(column), furrow_not_null(column). */
#define furrow_is_null(...)                                                                        \
    FURROW_IS_NULL_PICK_(__VA_ARGS__, FURROW_IS_NULL_ROW_, FURROW_IS_NULL_COLUMN_, 0)(__VA_ARGS__)
#define furrow_not_null(column_)                                                                   \
    furrow_condition_plain_(FURROW_COLUMN_(column_), FURROW_OP_NOT_NULL_)

/* Tests whether the column equals one of the `count` elements of an array. The elements have the
 * column's C type (for text, const char *). The array is borrowed until the call returns. An empty
 * array matches no row with furrow_in, and every row with furrow_not_in. An array that is a
 * compound literal needs parentheses: furrow_in(SALE.id, ((int64_t[]){1, 2}), 2). */
#define furrow_in(column_, array, count_) FURROW_IN_(column_, FURROW_OP_IN_, array, count_)
#define furrow_not_in(column_, array, count_) FURROW_IN_(column_, FURROW_OP_NOT_IN_, array, count_)

/* Matches a text column with a pattern, in which `%` stands for any number of characters and `_`
 * for one character. A backslash is an ordinary character. furrow_ilike ignores the case of ASCII
 * letters. */
#define furrow_like(column_, ...) FURROW_TEXT_CONDITION_(column_, FURROW_OP_LIKE_, __VA_ARGS__)
#define furrow_ilike(column_, ...) FURROW_TEXT_CONDITION_(column_, FURROW_OP_ILIKE_, __VA_ARGS__)

/* Tests whether a text column starts with, ends with or contains a string, in which no character is
 * special. furrow_icontains ignores the case of ASCII letters. */
#define furrow_contains(column_, ...)                                                              \
    FURROW_TEXT_CONDITION_(column_, FURROW_OP_CONTAINS_, __VA_ARGS__)
#define furrow_icontains(column_, ...)                                                             \
    FURROW_TEXT_CONDITION_(column_, FURROW_OP_ICONTAINS_, __VA_ARGS__)
#define furrow_starts_with(column_, ...)                                                           \
    FURROW_TEXT_CONDITION_(column_, FURROW_OP_STARTS_WITH_, __VA_ARGS__)
#define furrow_ends_with(column_, ...)                                                             \
    FURROW_TEXT_CONDITION_(column_, FURROW_OP_ENDS_WITH_, __VA_ARGS__)

/* Compares two columns of the same model. Their types must be comparable; two enum columns must
 * have the same enum type.
 */
#define furrow_eq_column(a, b) FURROW_COLUMNS_(a, FURROW_OP_EQ_COLUMN_, b)
#define furrow_ne_column(a, b) FURROW_COLUMNS_(a, FURROW_OP_NE_COLUMN_, b)
#define furrow_lt_column(a, b) FURROW_COLUMNS_(a, FURROW_OP_LT_COLUMN_, b)
#define furrow_le_column(a, b) FURROW_COLUMNS_(a, FURROW_OP_LE_COLUMN_, b)
#define furrow_gt_column(a, b) FURROW_COLUMNS_(a, FURROW_OP_GT_COLUMN_, b)
#define furrow_ge_column(a, b) FURROW_COLUMNS_(a, FURROW_OP_GE_COLUMN_, b)

/* Brackets around one or more conditions; they can be nested. furrow_any combines the conditions
 * with OR, furrow_all with AND. furrow_not is true unless all of its conditions are true. */
#define furrow_any(...) FURROW_BRACKET_(NULL, FURROW_OP_ANY_, __VA_ARGS__)
#define furrow_all(...) FURROW_BRACKET_(NULL, FURROW_OP_ALL_, __VA_ARGS__)
#define furrow_not(...) FURROW_BRACKET_(NULL, FURROW_OP_NOT_, __VA_ARGS__)

/* furrow_has(AUTHOR.posts, conditions on POST…)
 *
 * Conditions on the rows of a relationship: at least one row (furrow_has), no row (furrow_none), or
 * every row (furrow_every) meets all of the conditions. The conditions may be left out:
 * furrow_has(POST.tags) matches posts with at least one tag, and furrow_none(POST.tags) matches
 * posts without tags. */
#define furrow_has(...) FURROW_THROUGH_(FURROW_OP_HAS_, __VA_ARGS__, FURROW_CLOSE_)
#define furrow_none(...) FURROW_THROUGH_(FURROW_OP_NONE_OF_, __VA_ARGS__, FURROW_CLOSE_)
#define furrow_every(...) FURROW_THROUGH_(FURROW_OP_EVERY_, __VA_ARGS__, FURROW_CLOSE_)

/* The number of rows of a to-many relationship, as a column for conditions and orders:
 * furrow_gt(furrow_count_of(AUTHOR.posts), 10). */
#define furrow_count_of(relation_) furrow_count_of_(relation_)

/* Orders: elements of .order_by; NULL comes first in ascending order */

/* Order by a column, ascending or descending. */
#define furrow_asc(column_) furrow_order_(FURROW_COLUMN_(column_), false)
#define furrow_desc(column_) furrow_order_(FURROW_COLUMN_(column_), true)

/* An order whose column is chosen at run time: furrow_order(todo_column(name), descending). If the
 * column is NULL, the call fails with FURROW_INVALID. */
#define furrow_order(column_, descending_) furrow_order_((column_), (descending_))

/* Orders by a column of the row that a to-one relationship refers to; if that row does not exist,
 * the column counts as NULL. */
#define furrow_asc_through(relation_, column_)                                                     \
    furrow_order_through_(FURROW_RELATION_(relation_), FURROW_COLUMN_(column_), false)
#define furrow_desc_through(relation_, column_)                                                    \
    furrow_order_through_(FURROW_RELATION_(relation_), FURROW_COLUMN_(column_), true)

/* Columns: elements of .only and .conflict */

/* A column: furrow_col(TODO.title). */
#define furrow_col(column_) furrow_col_(FURROW_COLUMN_(column_))

/* A column chosen at run time: furrow_col_of(todo_column(name)). */
#define furrow_col_of(column_) furrow_col_(column_)

/* Assignments: elements of .set */

/* Assign a value, or NULL, to a column. The value has the type of the column, as in furrow_eq. */
#define furrow_set(column_, ...)                                                                   \
    furrow_assignment_(FURROW_COLUMN_(column_), FURROW_OP_SET_,                                    \
                       FURROW_VALUE_FOR_(column_, __VA_ARGS__))
#define furrow_set_null(column_)                                                                   \
    furrow_assignment_(FURROW_COLUMN_(column_), FURROW_OP_SET_NULL_, (furrow_value){0})

/* Adds a value, which may be negative, to a numeric column. */
#define furrow_increment(column_, ...)                                                             \
    _Generic((column_), furrow_int16_column                                                        \
             : furrow_assignment_, furrow_int32_column                                             \
             : furrow_assignment_, furrow_int64_column                                             \
             : furrow_assignment_, furrow_float_column                                             \
             : furrow_assignment_, furrow_double_column                                            \
             : furrow_assignment_, furrow_decimal_column                                           \
             : furrow_assignment_, default                                                         \
             : furrow_column_has_no_such_condition)(FURROW_COLUMN_(column_), FURROW_OP_INCREMENT_, \
                                                    FURROW_VALUE_FOR_(column_, __VA_ARGS__))

/* Relationships to load: elements of .with */

/* A path of relationships, each of which starts at the model where the previous one ends. */
typedef struct furrow_path {
    furrow_path_expected number_;
    furrow_relation_ref steps[FURROW_MAX_STEPS + 1];
    furrow_condition where[FURROW_MAX_PATH_CONDITIONS + 1];  /* conditions on the rows of the last
                                                                relationship */
    furrow_ordering order_by[FURROW_MAX_PATH_ORDERINGS + 1]; /* order of the rows of the last
                                                                relationship */
    int64_t limit; /* maximum number of rows of the last relationship for each parent; 0 means no
                      limit */
} furrow_path;

/* furrow_load(AUTHOR.posts, POST.tags) loads the posts and their tags. */
#define furrow_load(...)                                                                           \
    {                                                                                              \
        .steps = { FURROW_STEPS_(__VA_ARGS__) }                                                    \
    }

/* furrow_load_some((AUTHOR.posts), .where = {…}, .order_by = {furrow_desc(POST.id)}, .limit = 3)
 *
 * Loads only those rows of a path's last relationship that meet the conditions, in the given order.
 * The limit applies to each parent. */
#define furrow_load_some(path, ...)                                                                \
    {                                                                                              \
        .steps = {FURROW_STEPS_ path}, __VA_ARGS__                                                 \
    }

/* Locks and pages */

/* Whether a query locks the rows that it returns. */
typedef enum furrow_lock {
    FURROW_LOCK_NONE = 0,
    FURROW_LOCK_FOR_UPDATE, /* lock the rows until the transaction ends */
} furrow_lock;

/* What a query with `.lock` does with rows that another transaction has locked. */
typedef enum furrow_if_locked {
    FURROW_IF_LOCKED_WAIT = 0,
    FURROW_IF_LOCKED_SKIP, /* leave the locked rows out of the result */
    FURROW_IF_LOCKED_FAIL, /* fail with FURROW_BUSY */
} furrow_if_locked;

/* The cursors of the pages before and after a page, for `.before` and `.after`. They are opaque
 * strings that belong to the session; NULL means that there is no such page. */
typedef struct furrow_page {
    const char *next, *previous;
} furrow_page;

/* Lists built at run time */

/* furrow_add(options.where, furrow_eq(…)) appends conditions after the last slot in use. `array`
 * must be an array, not a pointer. If it has too few slots, the query returns FURROW_INVALID. */
#define furrow_add(array, ...)                                                                     \
    furrow_add_conditions_(                                                                        \
        (array), sizeof(array) / sizeof *(array), (const furrow_condition[]){__VA_ARGS__},         \
        sizeof((const furrow_condition[]){__VA_ARGS__}) / sizeof(furrow_condition))
FURROW_API void furrow_add_conditions_(furrow_condition *array, size_t size,
                                       const furrow_condition *added, size_t count);

/* Appends an order to `.order_by`. */
#define furrow_add_order(array, ordering)                                                          \
    furrow_add_ordering_((array), sizeof(array) / sizeof *(array), (ordering))
FURROW_API void furrow_add_ordering_(furrow_ordering *array, size_t size, furrow_ordering added);

/* Appends an assignment to `.set`. */
#define furrow_add_set(array, assignment)                                                          \
    furrow_add_assignment_((array), sizeof(array) / sizeof *(array), (assignment))
FURROW_API void furrow_add_assignment_(furrow_assignment *array, size_t size,
                                       furrow_assignment added);

/* Results */

/* furrow_each (struct todo, t, list) { … } runs the block for each row of a list; `t` points to the
 * row. The list is a struct todo_list, which is read once, before the first row. Its members are
 * `.items`, an array of pointers to the rows, and `.count`: list.items[0]->title. */
#define furrow_each(type, name, ...)                                                               \
    for (type##_list name##_list_ = (__VA_ARGS__), *name##_once_ = &name##_list_; name##_once_;    \
         name##_once_ = NULL)                                                                      \
        for (type **name##_at_ = name##_list_.items,                                               \
                  **name##_end_ = name##_at_ ? name##_at_ + name##_list_.count : name##_at_,       \
                  *name = NULL;                                                                    \
             name##_at_ != name##_end_ && ((name = *name##_at_), true); name##_at_++)

/* A result that is read row by row, such as the result of todo_stream. */
typedef struct furrow_cursor furrow_cursor;

/* Ends a stream before its last row. A stream also ends after its last row, and when the session is
 * closed or reset. NULL is allowed. */
FURROW_API void furrow_cursor_close(furrow_cursor *cursor);

#endif
