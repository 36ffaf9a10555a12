/* SPDX-License-Identifier: MIT
 * An arena provides memory that is freed all at once. The size of its blocks grows from 1 KiB to 1
 * MiB; an allocation larger than a quarter of a block gets its own block. A zeroed struct is an
 * empty arena. */
#ifndef FURROW_BASE_ARENA_H
#define FURROW_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct furrow__arena_block furrow__arena_block;

typedef struct furrow_arena {
    char *at, *end;              /* start and end of the unused part of the current block; NULL in
                                    an empty arena */
    furrow__arena_block *blocks; /* list of all blocks, newest first */
    size_t next_size;
    size_t used; /* total size of all blocks in bytes, for statistics and tests */
} furrow_arena;

/* Allocates memory in a new block. Called by the inline functions below when the current block is
 * full. */
void *furrow__arena_grow(furrow_arena *arena, size_t size, size_t alignment);

/* Allocates `size` bytes at a multiple of `alignment`, which is a power of two up to 16. Returns
 * NULL when out of memory. */
static inline void *furrow__arena_aligned(furrow_arena *arena, size_t size, size_t alignment)
{
    uintptr_t at = ((uintptr_t)arena->at + (alignment - 1)) & ~(uintptr_t)(alignment - 1);
    if (arena->at && at <= (uintptr_t)arena->end && size <= (uintptr_t)arena->end - at) {
        arena->at = (char *)at + size;
        return (void *)at;
    }
    return furrow__arena_grow(arena, size, alignment);
}

/* Copies `size` bytes into the arena and appends a NUL. Returns NULL when out of memory. */
static inline char *furrow__arena_text(furrow_arena *arena, const char *text, size_t size)
{
    if (size == SIZE_MAX)
        return NULL;
    char *copy = furrow__arena_aligned(arena, size + 1, 1);
    if (copy) {
        memcpy(copy, text, size);
        copy[size] = '\0';
    }
    return copy;
}

/* Makes room for one more item in a list that grows in the arena. `items` is the list: `count`
 * items of `size` bytes each, or NULL if the list is empty. Returns the list, which may have been
 * moved. Returns NULL when out of memory; the list is then unchanged. */
void *furrow__arena_room(furrow_arena *arena, void *items, size_t count, size_t *capacity,
                         size_t size);

/* Frees all memory except the first block, which is kept for reuse. */
void furrow__arena_clear(furrow_arena *arena);
/* Frees all memory. The arena is then empty and can be used again. */
void furrow__arena_done(furrow_arena *arena);

/* Returns whether an address is in the arena's memory. */
bool furrow__arena_holds(const furrow_arena *arena, const void *address);

/* A position in an arena. furrow__arena_rewind frees everything that was allocated after the mark.
 */
typedef struct furrow__arena_mark {
    furrow__arena_block *block;
    char *at;
} furrow__arena_mark;
furrow__arena_mark furrow__arena_mark_now(const furrow_arena *arena);
void furrow__arena_rewind(furrow_arena *arena, furrow__arena_mark mark);

#endif
