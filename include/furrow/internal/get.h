/* SPDX-License-Identifier: MIT
 *
 * author_get(s, &row, id) is a plain call. With more arguments, author_get(s, &row, id, .with = …),
 * it takes an options struct. The number of arguments decides; a comma in braces counts, up to 80.
 * `keys` is the number of key columns, as digits.
 */
#ifndef FURROW_INTERNAL_GET_H
#define FURROW_INTERNAL_GET_H

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

/* The argument after the first 96. */
#define FURROW_PICK_(...) FURROW_PICK_96_(__VA_ARGS__)
#define FURROW_PICK_96_(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16,     \
                        a17, a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, \
                        a32, a33, a34, a35, a36, a37, a38, a39, a40, a41, a42, a43, a44, a45, a46, \
                        a47, a48, a49, a50, a51, a52, a53, a54, a55, a56, a57, a58, a59, a60, a61, \
                        a62, a63, a64, a65, a66, a67, a68, a69, a70, a71, a72, a73, a74, a75, a76, \
                        a77, a78, a79, a80, a81, a82, a83, a84, a85, a86, a87, a88, a89, a90, a91, \
                        a92, a93, a94, a95, a96, n, ...)                                           \
    n
/* Padding: together with the columns of a key, there are 17 of these. */
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

#endif
