/* SPDX-License-Identifier: MIT
 *
 * The macros that generated code uses: named arguments, checks of required arguments and keys, load
 * paths, and static assertions that a model has not changed since its code was generated.
 */
#ifndef FURROW_INTERNAL_VERB_H
#define FURROW_INTERNAL_VERB_H

#pragma GCC system_header /* see internal/export.h */

#include <stddef.h>

#include <furrow/query.h>
#include <furrow/internal/aggregate.h>
#include <furrow/internal/options.h>

/* Named arguments */

/* Turns item_update_where(s, .set = …) into item_update_where_(size, &options). */
#define FURROW_VERB_1_(verb, ...)                                                                  \
    verb##_((FURROW_REQUIRE_(__VA_ARGS__), FURROW_OPTIONS_SIZE_(struct verb##_options)),           \
            &(const struct verb##_options){.s = __VA_ARGS__, .end_ = 0})
/* For calls like item_find(s, &list, .where = …). `result` is the name of the second member of the
 * options struct, "out". */
#define FURROW_VERB_2_(verb, result, session, ...)                                                 \
    verb##_((FURROW_REQUIRE_(session), FURROW_REQUIRE_(__VA_ARGS__),                               \
             FURROW_OPTIONS_SIZE_(struct verb##_options)),                                         \
            &(const struct verb##_options){.s = session, .result = __VA_ARGS__, .end_ = 0})
/* For calls like author_posts_count(s, &authors, counts, .where = …). `list` is the name of the
 * second member of the options struct, which is followed by the result. */
#define FURROW_VERB_3_(verb, list, session, ...)                                                   \
    verb##_((FURROW_REQUIRE_(session), FURROW_REQUIRE_2_(__VA_ARGS__),                             \
             FURROW_REQUIRE_RESULT_(__VA_ARGS__, , ),                                              \
             FURROW_OPTIONS_SIZE_(struct verb##_options)),                                         \
            &(const struct verb##_options){.s = session, .list = __VA_ARGS__, .end_ = 0})
/* For calls like author_from_json(s, &author, text, size, &problems, .ignore_unknown = true): four
 * arguments follow the session. `first` is the name of the second member of the options struct. */
#define FURROW_VERB_5_(verb, first, session, ...)                                                  \
    verb##_((FURROW_REQUIRE_(session),                                                             \
             FURROW_CHECK_TEXT_(__VA_ARGS__, FURROW_MISSING_, FURROW_MISSING_, FURROW_MISSING_,    \
                                FURROW_MISSING_, 0),                                               \
             FURROW_OPTIONS_SIZE_(struct verb##_options)),                                         \
            &(const struct verb##_options){.s = session, .first = __VA_ARGS__, .end_ = 0})
#define FURROW_CHECK_TEXT_(out, text, size, problems, ...)                                         \
    ((void)sizeof(((furrow_status(*)(const void *, const char *, size_t, furrow_problems *))0)(    \
        out, text, size, problems)))
/* Checks that the result is not a named argument, such as .where. If the list is a compound literal
 * with a comma, its second part may begin like a named argument: .items, .count or .loaded. */
#define FURROW_REQUIRE_RESULT_(list, result, ...)                                                  \
    FURROW_REQUIRE_RESULT_TEXT_(FURROW_TEXT_(result, 0))
#define FURROW_REQUIRE_RESULT_TEXT_(text)                                                          \
    FURROW_REQUIRE_POSITIONAL_(!FURROW_BEGINS_(text, ".") || FURROW_BEGINS_(text, ".i") ||         \
                               FURROW_BEGINS_(text, ".c") || FURROW_BEGINS_(text, ".l"))
#define FURROW_BEGINS_(text, prefix) (__builtin_strncmp(text, prefix, sizeof(prefix) - 1) == 0)
/* clang 14 rejects __builtin_strncmp in a static assertion, so on clang `diagnose_if` reports the
 * error; gcc does not have `diagnose_if`, so it uses the static assertion. */
#if defined __clang__
static inline int furrow_positional_(bool fine)
    __attribute__((diagnose_if(!fine, "furrow: a required argument is missing", "error")));
static inline int furrow_positional_(bool fine)
{
    return fine;
}
#define FURROW_REQUIRE_POSITIONAL_(fine) ((void)sizeof(furrow_positional_(fine)))
#else
#define FURROW_REQUIRE_POSITIONAL_(fine)                                                           \
    ((void)sizeof(struct {                                                                         \
        _Static_assert(fine, "furrow: a required argument is missing");                            \
        char member_;                                                                              \
    }))
#endif

/* Turns item_find_using(&options) into item_find_(size, &options). */
#define FURROW_USING_(verb, options) verb##_(FURROW_OPTIONS_SIZE_(struct verb##_options), (options))

/* Rejects item_find_with(&options), the name of item_find_using in version 0.1. */
#define FURROW_WITH_(verb) FURROW_RENAMED_(FURROW_OK, #verb "_with is now " #verb "_using")

/* Takes the place of a missing argument, so that the compiler reports an undeclared name. */
#define FURROW_MISSING_ furrow_required_argument_is_missing
/* For calls like item_sum(s, &total, ITEM.count, .where = …), in which the type of the result must
 * fit the column. */
#define FURROW_AGGREGATE_(fits, verb, ...)                                                         \
    verb##_(                                                                                       \
        (FURROW_FITS_2_(FURROW_##fits##_FITS_, __VA_ARGS__, FURROW_MISSING_, FURROW_MISSING_, 0),  \
         FURROW_OPTIONS_SIZE_(struct verb##_options)),                                             \
        &(const struct verb##_options){FURROW_SET_2_(__VA_ARGS__, )})
#define FURROW_FITS_2_(fits, session, result, column_, ...)                                        \
    ((void)sizeof(((furrow_status(*)(furrow_session *))0)(session)),                               \
     (void)sizeof(fits(result, column_)(sizeof *(result))))
#define FURROW_SET_2_(session, result, ...)                                                        \
    .s = session, .out = result, FURROW_SET_COLUMN_(__VA_ARGS__.end_ = 0)
#define FURROW_SET_COLUMN_(column_, ...) .column = furrow_col(column_), __VA_ARGS__
/* For calls like author_posts_sum(s, &authors, sums, POST.cents, .where = …). `T` is the type of
 * the list. */
#define FURROW_LIST_AGGREGATE_(fits, verb, T, ...)                                                 \
    verb##_((FURROW_FITS_3_(FURROW_##fits##_FITS_, T, __VA_ARGS__, FURROW_MISSING_,                \
                            FURROW_MISSING_, FURROW_MISSING_, 0),                                  \
             FURROW_OPTIONS_SIZE_(struct verb##_options)),                                         \
            &(const struct verb##_options){FURROW_SET_3_(__VA_ARGS__, )})
#define FURROW_FITS_3_(fits, T, session, list, result, column_, ...)                               \
    ((void)sizeof(((furrow_status(*)(furrow_session *, T))0)(session, list)),                      \
     (void)sizeof(fits(result, column_)(sizeof *(result))))
#define FURROW_SET_3_(session, list, result, ...)                                                  \
    .s = session, .rows = list, .out = result, FURROW_SET_COLUMN_(__VA_ARGS__.end_ = 0)

/* Makes a value for a key in the same way as a value for a condition. The library therefore checks
 * that the value is in the range of the column. NULL is rejected when the statement runs. */
#define FURROW_KEY_(column_, ...)                                                                  \
    _Generic((__VA_ARGS__),                                                                        \
        void *: _Generic((column_),                                                                \
            furrow_text_column: furrow_value_text_, FURROW_NO_FIT_),                       \
        default: FURROW_CONVERSION_FOR_(column_, (__VA_ARGS__)))(__VA_ARGS__)
/* Call furrow_model_get and furrow_model_get_with. `T` is the struct of the model, and the last
 * arguments are the values of its key. */
#define FURROW_GET_(T, model, s, out, ...)                                                         \
    (FURROW_CHECK_OUT_(T, s, out),                                                                 \
     furrow_model_get((s), (model), (out), (const furrow_value[]){__VA_ARGS__}))
#define FURROW_GET_WITH_(T, model, s, out, paths, ...)                                             \
    (FURROW_CHECK_OUT_(T, s, out),                                                                 \
     furrow_model_get_with((s), (model), (out), (const furrow_value[]){__VA_ARGS__}, paths))
#define FURROW_CHECK_OUT_(T, s, out)                                                               \
    ((void)sizeof(((furrow_status(*)(furrow_session *, T **))0)((s), (out))))

/* Check at compile time that the type of an array of keys fits the key. */
#define FURROW_KEYS_(column_, keys)                                                                \
    ((void)sizeof(_Generic((keys), void *: furrow_condition_in_,                                   \
        default : FURROW_ARRAY_FITS_(column_, _Generic((keys), void * : (char *)0,                 \
                                                       default : (keys))))(                        \
        FURROW_COLUMN_(column_), FURROW_OP_IN_, (keys), 0, 0)))
#define FURROW_KEY_STRUCTS_(T, keys)                                                               \
    ((void)sizeof(char[_Generic((keys), T * : 1, const T * : 1, void * : 1)]))

/* Pass load paths, or the rows of a list, as an array and its size. The size of a NULL list is 1,
 * so that the library rejects it. */
#define FURROW_PATHS_(...)                                                                         \
    (const furrow_path[]){__VA_ARGS__},                                                            \
        (FURROW_REQUIRE_(__VA_ARGS__),                                                             \
         sizeof((const furrow_path[]){__VA_ARGS__}) / sizeof(furrow_path))
#define FURROW_PATH_LIST_(...) ((furrow_path_list){FURROW_PATHS_(__VA_ARGS__)})
#define FURROW_ROWS_(list) (list) ? (void *const *)(list)->items : NULL, (list) ? (list)->count : 1

/* Static assertions of generated sources */

/* Check that a field has the type that it had when the code was generated, that an array of char
 * has the same size, and that two fields are still in the same order. If a field was added between
 * them, the gap is larger than the padding that the alignment of the second field needs. */
#define FURROW_CHECK_FIELD_(model, field, type)                                                    \
    _Static_assert(_Generic(((struct model *)0)->field, type : 1, default : 0),                    \
                   "the type of " #model "." #field " has changed: generate again")
#define FURROW_CHECK_CHARS_(model, field, chars)                                                   \
    _Static_assert(_Generic(&((struct model *)0)->field, char(*)[chars] : 1, default : 0),         \
                   "the size of " #model "." #field " has changed: generate again")
#define FURROW_CHECK_ORDER_(model, first, second)                                                  \
    _Static_assert(offsetof(struct model, first) < offsetof(struct model, second),                 \
                   "the order of " #model "." #first " and " #model "." #second                    \
                   " has changed: generate again");                                                \
    _Static_assert(offsetof(struct model, first) >= offsetof(struct model, second) ||              \
                       offsetof(struct model, second) - offsetof(struct model, first) -            \
                               sizeof((struct model *)0)->first <                                  \
                           __alignof__(((struct model *)0)->second),                               \
                   "a field was added between " #model "." #first " and " #model "." #second       \
                   ": generate again")

/* Checks that a field still has an enum type. An enum is compatible with an integer type, so
 * _Generic accepts both. With clang, the overload for the enum is a better match; with gcc,
 * generated code contains another check. */
#ifdef __clang__
__attribute__((overloadable)) char furrow_is_enum_(int *at);
__attribute__((overloadable)) char furrow_is_enum_(unsigned int *at);
#define FURROW_CHECK_ENUM_(model, field, enumeration)                                              \
    __attribute__((overloadable)) int furrow_is_enum_(enum enumeration *at);                       \
    _Static_assert(sizeof furrow_is_enum_(&((struct model *)0)->field) == sizeof(int),             \
                   "the type of " #model "." #field " has changed: generate again")
#else
#define FURROW_CHECK_ENUM_(model, field, enumeration)                                              \
    FURROW_CHECK_FIELD_(model, field, enum enumeration)
#endif
/* An enum of no field. */
enum furrow_no_enum_ { FURROW_NO_ENUM_ = -1 };

#endif
