/* SPDX-License-Identifier: MIT
 *
 * A macro with named arguments passes them as the size and the address of an options struct. The
 * size is the offset of the last member, `end_`, so it includes no padding, and the library never
 * reads a member that the caller's version of the struct does not have.
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
