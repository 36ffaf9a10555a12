/* SPDX-License-Identifier: MIT
 *
 * The internals of raw.h: macros that check the SQL text and collect the values.
 */
#ifndef FURROW_INTERNAL_RAW_H
#define FURROW_INTERNAL_RAW_H

#pragma GCC system_header /* see internal/export.h */

#include <furrow/internal/value.h>

/* Requires the SQL text to be a string literal: the text is the message of a static assertion,
 * which must be a string literal (C11 6.7.10). */
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

/* Passes the values as an array and its size. The last argument is a filler, so that the list of
 * arguments is never empty. */
#define FURROW_VALUES_(...)                                                                        \
    (const furrow_value[]){FURROW_MAP_(FURROW_COUNT_(__VA_ARGS__), __VA_ARGS__)},                  \
        FURROW_COUNT_(__VA_ARGS__) - 1
#define FURROW_MAP_(count, ...) FURROW_MAP_EXPAND_(count, __VA_ARGS__)
#define FURROW_MAP_EXPAND_(count, ...) FURROW_MAP_##count##_(__VA_ARGS__)
/* Counts up to 33 arguments. For 34 to 66 arguments the result is 34. */
#define FURROW_COUNT_(...)                                                                         \
    FURROW_COUNT_PICK_(__VA_ARGS__, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34,    \
                       34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 33, \
                       32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, \
                       13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define FURROW_COUNT_PICK_(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16,  \
                           a17, a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29, a30,   \
                           a31, a32, a33, a34, a35, a36, a37, a38, a39, a40, a41, a42, a43, a44,   \
                           a45, a46, a47, a48, a49, a50, a51, a52, a53, a54, a55, a56, a57, a58,   \
                           a59, a60, a61, a62, a63, a64, a65, a66, n, ...)                         \
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
#define FURROW_MAP_34_(...)                                                                        \
    furrow_value_bool_(sizeof(struct {                                                             \
                           _Static_assert(0, "furrow: a raw statement takes at most 32 values");   \
                           char member_;                                                           \
                       }) != 0)

#endif
