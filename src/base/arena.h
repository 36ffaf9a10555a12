/* SPDX-License-Identifier: MIT
 * An arena: allocations that are freed together. Blocks grow from 1 KiB to 1 MiB; an allocation
 * larger than a quarter of a block has one of its own. Zero is an empty arena. */
#ifndef FURROW_BASE_ARENA_H
#define FURROW_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct furrow__arena_block furrow__arena_block;

typedef struct furrow_arena {
    char *at, *end;              /* the free part of the current block */
    furrow__arena_block *blocks; /* newest first */
    size_t next_size;
    size_t used; /* bytes in blocks, for statistics and tests */
} furrow_arena;

/* Slow path of the functions below. */
void *furrow__arena_grow(furrow_arena *arena, size_t size, size_t alignment);

/* `size` bytes at a multiple of `alignment` (a power of two up to 16); NULL when out of memory. */
static inline void *furrow__arena_aligned(furrow_arena *arena, size_t size, size_t alignment)
{
    uintptr_t at = ((uintptr_t)arena->at + (alignment - 1)) & ~(uintptr_t)(alignment - 1);
    if (arena->at && at <= (uintptr_t)arena->end && size <= (uintptr_t)arena->end - at) {
        arena->at = (char *)at + size;
        return (void *)at;
    }
    return furrow__arena_grow(arena, size, alignment);
}

/* A copy of size bytes with a NUL behind them; NULL when out of memory. */
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

/* Room for one more item of `size` bytes behind the `count` at `items`, which lie in the arena and
 * are NULL at first: the items, moved if they had to be. NULL when out of memory; nothing changed.
 */
void *furrow__arena_room(furrow_arena *arena, void *items, size_t count, size_t *capacity,
                         size_t size);

/* Free everything but the first block, which is kept for reuse. */
void furrow__arena_clear(furrow_arena *arena);
/* Free everything; the arena is empty and usable. */
void furrow__arena_done(furrow_arena *arena);

/* Whether an address lies in the arena. */
bool furrow__arena_holds(const furrow_arena *arena, const void *address);

/* A place to go back to: frees what was allocated since. */
typedef struct furrow__arena_mark {
    furrow__arena_block *block;
    char *at;
} furrow__arena_mark;
furrow__arena_mark furrow__arena_mark_now(const furrow_arena *arena);
void furrow__arena_rewind(furrow_arena *arena, furrow__arena_mark mark);

#endif
