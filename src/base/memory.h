/* SPDX-License-Identifier: MIT
 * All of furrow's heap memory, through the allocator that furrow_set_allocator may have replaced.
 */
#ifndef FURROW_BASE_MEMORY_H
#define FURROW_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* NULL when out of memory. A size of 0 is 1. */
void *furrow__allocate(size_t size);
/* Zeroed, for `count` elements; NULL also where count * size does not fit a size_t. */
void *furrow__allocate_zeroed(size_t count, size_t size);
void *furrow__reallocate(void *block, size_t size);
void furrow__release(void *block);
char *furrow__duplicate(const char *text);

/* Checked arithmetic on sizes: false where the result does not fit. */
static inline bool furrow__add_size(size_t *out, size_t a, size_t b)
{
    return !__builtin_add_overflow(a, b, out);
}
static inline bool furrow__multiply_size(size_t *out, size_t a, size_t b)
{
    return !__builtin_mul_overflow(a, b, out);
}

/* Copies a struct between versions of its type that differ in size: the smaller of both sizes, and
 * zero into the rest. */
static inline void furrow__copy_struct(void *to, size_t to_size, const void *from, size_t from_size)
{
    size_t shared = from_size < to_size ? from_size : to_size;
    if (shared)
        memcpy(to, from, shared);
    memset((char *)to + shared, 0, to_size - shared);
}

#endif
