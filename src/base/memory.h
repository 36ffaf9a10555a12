/* SPDX-License-Identifier: MIT
 * Heap memory, from the allocator that furrow_set_allocator may have replaced.
 */
#ifndef FURROW_BASE_MEMORY_H
#define FURROW_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Allocates `size` bytes; a size of 0 is treated as 1. Returns NULL when out of memory. */
void *furrow__allocate(size_t size);
/* Allocates zeroed memory for `count` elements. Returns NULL when out of memory, or if count * size
 * overflows. */
void *furrow__allocate_zeroed(size_t count, size_t size);
void *furrow__reallocate(void *block, size_t size);
void furrow__release(void *block);
char *furrow__duplicate(const char *text);

/* Checked arithmetic on sizes: the functions return false if the result overflows. */
static inline bool furrow__add_size(size_t *out, size_t a, size_t b)
{
    return !__builtin_add_overflow(a, b, out);
}
static inline bool furrow__multiply_size(size_t *out, size_t a, size_t b)
{
    return !__builtin_mul_overflow(a, b, out);
}

/* Copies a struct between two versions of its type that differ in size: the smaller size is copied,
 * and the rest of the destination is zeroed. */
static inline void furrow__copy_struct(void *to, size_t to_size, const void *from, size_t from_size)
{
    size_t shared = from_size < to_size ? from_size : to_size;
    if (shared)
        memcpy(to, from, shared);
    memset((char *)to + shared, 0, to_size - shared);
}

#endif
