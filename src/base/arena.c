/* SPDX-License-Identifier: MIT
 * Implements arenas. The blocks of an arena form a list, newest first. Small allocations are taken
 * from the current block. A large allocation gets its own block, which is added to the list but
 * does not become the current block, so the rest of the current block remains usable. A mark
 * contains the head of the list and a position in the current block. */
#include "base/arena.h"

#include <assert.h>

#include <furrow/driver.h>

#include "base/memory.h"

enum { FIRST_SIZE = 1 << 10, LARGEST_SIZE = 1 << 20, ALIGNMENT = 16 };

struct furrow__arena_block {
    furrow__arena_block
        *next;   /* the block that was added before this block; NULL in the first block */
    size_t size; /* size of the memory after the header, in bytes */
    bool single; /* whether the block was made for a single large allocation */
};

/* The memory after the header begins at a multiple of ALIGNMENT. On 32-bit machines, the address of
 * the block may be a multiple of 8 only. */
#define HEADER_SIZE                                                                                \
    (((sizeof(furrow__arena_block) + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1)) +                  \
     (_Alignof(max_align_t) < ALIGNMENT ? ALIGNMENT - _Alignof(max_align_t) : 0))

static char *block_start(furrow__arena_block *block)
{
    char *start = (char *)(block + 1);
    return start + (-(uintptr_t)start & (ALIGNMENT - 1));
}

static char *block_end(furrow__arena_block *block)
{
    return block_start(block) + block->size;
}

static furrow__arena_block *add_block(furrow_arena *arena, size_t size, bool single)
{
    size_t total;
    if (!furrow__add_size(&total, HEADER_SIZE, size))
        return NULL;
    furrow__arena_block *block = furrow__allocate(total);
    if (!block)
        return NULL;
    block->next = arena->blocks;
    block->size = size;
    block->single = single;
    arena->blocks = block;
    arena->used += size;
    if (arena->next_size < LARGEST_SIZE)
        arena->next_size *= 2;
    return block;
}

void *furrow__arena_grow(furrow_arena *arena, size_t size, size_t alignment)
{
    assert(alignment && alignment <= ALIGNMENT && (alignment & (alignment - 1)) == 0);
    (void)alignment; /* a new block begins at a multiple of the largest alignment */
    if (!arena->next_size)
        arena->next_size = FIRST_SIZE;
    if (size > arena->next_size / 4) {
        furrow__arena_block *block = add_block(arena, size, true);
        return block ? block_start(block) : NULL;
    }
    furrow__arena_block *block = add_block(arena, arena->next_size, false);
    if (!block)
        return NULL;
    arena->at = block_start(block) + size;
    arena->end = block_end(block);
    return block_start(block);
}

void *furrow_arena_allocate(furrow_arena *arena, size_t size)
{
    return furrow__arena_aligned(arena, size, ALIGNMENT);
}

static void drop_newest(furrow_arena *arena)
{
    furrow__arena_block *block = arena->blocks;
    arena->blocks = block->next;
    arena->used -= block->size;
    furrow__release(block);
}

void *furrow__arena_room(furrow_arena *arena, void *items, size_t count, size_t *capacity,
                         size_t size)
{
    enum { FIRST = 8 };
    size_t bytes, wanted = *capacity ? *capacity * 2 : FIRST;
    if (count < *capacity)
        return items;
    void *moved = furrow__multiply_size(&bytes, wanted, size)
                      ? furrow__arena_aligned(arena, bytes, 16)
                      : NULL;
    if (!moved)
        return NULL;
    if (count)
        memcpy(moved, items, count * size);
    *capacity = wanted;
    return moved;
}

void furrow__arena_clear(furrow_arena *arena)
{
    furrow__arena_block *first = NULL;
    for (furrow__arena_block *block = arena->blocks; block; block = block->next)
        if (!block->single)
            first = block;
    if (!first) {
        furrow__arena_done(arena);
        return;
    }
    while (arena->blocks != first)
        drop_newest(arena);
    /* After the first ordinary block, the list contains only blocks for large allocations. */
    furrow__arena_block *older = first->next;
    first->next = NULL;
    while (older) {
        furrow__arena_block *next = older->next;
        arena->used -= older->size;
        furrow__release(older);
        older = next;
    }
    arena->at = block_start(first);
    arena->end = block_end(first);
    arena->next_size = first->size < LARGEST_SIZE ? first->size * 2 : LARGEST_SIZE;
}

void furrow__arena_done(furrow_arena *arena)
{
    while (arena->blocks)
        drop_newest(arena);
    *arena = (furrow_arena){0};
}

bool furrow__arena_holds(const furrow_arena *arena, const void *address)
{
    for (furrow__arena_block *block = arena->blocks; block; block = block->next)
        if ((uintptr_t)address >= (uintptr_t)block_start(block) &&
            (uintptr_t)address < (uintptr_t)block_end(block))
            return true;
    return false;
}

furrow__arena_mark furrow__arena_mark_now(const furrow_arena *arena)
{
    return (furrow__arena_mark){arena->blocks, arena->at};
}

void furrow__arena_rewind(furrow_arena *arena, furrow__arena_mark mark)
{
    while (arena->blocks && arena->blocks != mark.block)
        drop_newest(arena);
    arena->at = arena->end = NULL;
    if (!mark.at)
        return;
    for (furrow__arena_block *block = arena->blocks; block; block = block->next) {
        if (!block->single && mark.at >= block_start(block) && mark.at <= block_end(block)) {
            arena->at = mark.at;
            arena->end = block_end(block);
            return;
        }
    }
    assert(false && "the mark belongs to another arena, or the arena was cleared after the mark");
}
