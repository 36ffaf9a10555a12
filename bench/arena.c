/* SPDX-License-Identifier: MIT
 * The arena of the hand-written code. It consists of blocks that are freed together. Each block is
 * twice as large as the previous one, up to 1 MiB. */
#include <stdlib.h>

#include "bench.h"

struct bench_block {
    struct bench_block *next;
    size_t size;
    _Alignas(16) char bytes[];
};

void *bench_arena_grow(bench_arena *arena, size_t size)
{
    size_t wanted = arena->blocks ? arena->blocks->size * 2 : 1024;
    if (wanted > 1 << 20)
        wanted = 1 << 20;
    if (wanted < size)
        wanted = size;
    struct bench_block *block = malloc(sizeof *block + wanted);
    if (!block)
        bench_fail("out of memory");
    block->next = arena->blocks;
    block->size = wanted;
    arena->blocks = block;
    arena->at = block->bytes + size;
    arena->end = block->bytes + wanted;
    return block->bytes;
}

void bench_arena_done(bench_arena *arena)
{
    while (arena->blocks) {
        struct bench_block *block = arena->blocks;
        arena->blocks = block->next;
        free(block);
    }
    *arena = (bench_arena){0};
}
