/* SPDX-License-Identifier: MIT
 *
 * A macro with named arguments passes them as the size and the address of an options struct. The
 * size is the offset of the last member, `end_`, so it includes no padding, and the library never
 * reads a member that the caller's version of the struct does not have.
 */
#ifndef FURROW_INTERNAL_OPTIONS_H
#define FURROW_INTERNAL_OPTIONS_H

#pragma GCC system_header /* see internal/export.h */

#include <stddef.h>

/* Checks that a required argument is not missing. Required arguments come first. If one is missing,
 * the static assertion fails, so the call does not compile. The assertion is inside sizeof, so that
 * the argument is not evaluated twice. */
#define FURROW_TEXT_(argument, ...) #argument
#define FURROW_REQUIRE_(...) FURROW_REQUIRE_TEXT_(FURROW_TEXT_(__VA_ARGS__, 0))
#define FURROW_REQUIRE_TEXT_(text)                                                                 \
    ((void)sizeof(struct {                                                                         \
        _Static_assert(sizeof(text) > 1, "furrow: a required argument is missing");                \
        char member_;                                                                              \
    }))
/* Check the first, or the first two, of several arguments. */
#define FURROW_REQUIRE_1_(...) FURROW_REQUIRE_FIRST_(__VA_ARGS__, )
#define FURROW_REQUIRE_FIRST_(first, ...) FURROW_REQUIRE_(first)
#define FURROW_REQUIRE_2_(...) FURROW_REQUIRE_BOTH_(__VA_ARGS__, , )
#define FURROW_REQUIRE_BOTH_(first, second, ...) (FURROW_REQUIRE_(first), FURROW_REQUIRE_(second))

#define FURROW_OPTIONS_SIZE_(type) offsetof(type, end_)
/* `check` is an expression that checks the required arguments. */
#define FURROW_OPTIONS_(check, type, ...)                                                          \
    (check, FURROW_OPTIONS_SIZE_(type)), &(const type)                                             \
    {                                                                                              \
        __VA_ARGS__, .end_ = 0                                                                     \
    }

#endif
