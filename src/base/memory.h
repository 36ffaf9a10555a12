/* SPDX-License-Identifier: MIT
 * Allocates memory. Uses malloc and free, or the allocator that furrow_set_allocator has set.
 */
#ifndef FURROW_BASE_MEMORY_H
#define FURROW_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Allocates `size` bytes, or 1 byte if `size` is 0. Returns NULL when out of memory. The memory is
 * freed by furrow__free. */
void *furrow__allocate(size_t size);
/* Allocates zeroed memory for `count` elements. Returns NULL when out of memory, or if count * size
 * overflows. */
void *furrow__allocate_zeroed(size_t count, size_t size);
void *furrow__reallocate(void *block, size_t size);
void furrow__release(void *block);
char *furrow__duplicate(const char *text);

/* Adds two sizes. Returns false if the sum overflows. */
static inline bool furrow__add_size(size_t *out, size_t a, size_t b)
{
    return !__builtin_add_overflow(a, b, out);
}
/* Multiplies two sizes. Returns false if the product overflows. */
static inline bool furrow__multiply_size(size_t *out, size_t a, size_t b)
{
    return !__builtin_mul_overflow(a, b, out);
}

/* Copies a struct whose type may have a different size in another version of the library. Copies as
 * many bytes as the smaller of the two sizes, and zeroes the rest of the destination. If `from` is
 * NULL, nothing is copied. */
static inline void furrow__copy_struct(void *to, size_t to_size, const void *from, size_t from_size)
{
    size_t shared = !from ? 0 : from_size < to_size ? from_size : to_size;
    if (shared)
        memcpy(to, from, shared);
    memset((char *)to + shared, 0, to_size - shared);
}

/* Stores the low bytes of an integer in a field of 1, 2, 4 or 8 bytes, in either byte order. */
static inline void furrow__store_integer(void *field, size_t size, int64_t value)
{
    switch (size) {
    case 1:
        memcpy(field, &(uint8_t){(uint8_t)value}, 1);
        break;
    case 2:
        memcpy(field, &(uint16_t){(uint16_t)value}, 2);
        break;
    case 4:
        memcpy(field, &(uint32_t){(uint32_t)value}, 4);
        break;
    default:
        memcpy(field, &value, sizeof value);
    }
}

#endif
