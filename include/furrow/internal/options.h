/* SPDX-License-Identifier: MIT
 *
 * How a macro passes named arguments: as the size and the address of an options struct. The size
 * ends before the last member, so it covers no padding, and the library never reads a member that
 * the caller's headers do not have.
 */
#ifndef FURROW_INTERNAL_OPTIONS_H
#define FURROW_INTERNAL_OPTIONS_H

#include <stddef.h>

#define FURROW_OPTIONS_SIZE_(type) offsetof(type, end_)
#define FURROW_OPTIONS_(type, ...)                                                                 \
    FURROW_OPTIONS_SIZE_(type), &(const type)                                                      \
    {                                                                                              \
        __VA_ARGS__, .end_ = 0                                                                     \
    }

#endif
