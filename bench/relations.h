/* SPDX-License-Identifier: MIT
 *
 * Used by the hand-written sides that load users with their posts. Declares the structs for the
 * rows, and functions that find the parent of each child. The children of one parent are adjacent.
 * A parent therefore needs no list of its children, only the address of the first child. On SQLite,
 * the index on the column that refers to the parent returns the children in this order. PostgreSQL
 * would have to sort them, so it is faster to read them in the order of their own keys and to group
 * them here.
 */
#ifndef BENCH_RELATIONS_H
#define BENCH_RELATIONS_H

#include <stdlib.h>

#include "bench.h"

enum {
    BENCH_USERS = 100,
    BENCH_POSTS_EACH = 10,
    BENCH_COMMENTS_EACH = 10,
};

struct raw_comment {
    int64_t id, post_id;
    const char *text;
};

struct raw_post {
    int64_t id, user_id;
    const char *title, *body;
    struct raw_comment *comments;
    size_t comment_count;
};

struct raw_user {
    int64_t id;
    const char *name, *hair_color;
    struct raw_post *posts;
    size_t post_count;
};

/* The rows of one table. The array grows while the rows are read. */
typedef struct bench_rows {
    char *items;
    size_t count, capacity;
} bench_rows;

static inline void *bench_row(bench_rows *rows, size_t size)
{
    if (rows->count == rows->capacity) {
        rows->capacity = rows->capacity ? rows->capacity * 2 : 64;
        rows->items = realloc(rows->items, rows->capacity * size);
        if (!rows->items)
            bench_fail("out of memory");
    }
    return rows->items + rows->count++ * size;
}

typedef struct bench_index {
    size_t *slots; /* the index of the row plus 1; 0 means that the slot is free */
    size_t mask;
} bench_index;

static inline size_t bench_index_start(int64_t key, size_t mask)
{
    return (size_t)((uint64_t)key * UINT64_C(0x9E3779B97F4A7C15) >> 32) & mask;
}

/* Makes a hash table of the rows. The key must be the first member of the row's struct. */
static inline bench_index bench_index_of(const bench_rows *rows, size_t size)
{
    size_t capacity = 16;
    while (capacity < rows->count * 2)
        capacity *= 2;
    bench_index index = {calloc(capacity, sizeof *index.slots), capacity - 1};
    if (!index.slots)
        bench_fail("out of memory");
    for (size_t i = 0; i < rows->count; i++) {
        int64_t key;
        memcpy(&key, rows->items + i * size, sizeof key);
        size_t at = bench_index_start(key, index.mask);
        while (index.slots[at])
            at = (at + 1) & index.mask;
        index.slots[at] = i + 1;
    }
    return index;
}

static inline size_t bench_index_find(const bench_index *index, const bench_rows *rows, size_t size,
                                      int64_t key)
{
    for (size_t at = bench_index_start(key, index->mask); index->slots[at];
         at = (at + 1) & index->mask) {
        int64_t found;
        memcpy(&found, rows->items + (index->slots[at] - 1) * size, sizeof found);
        if (found == key)
            return index->slots[at] - 1;
    }
    bench_fail("a row has no parent");
}

/* Connects users, posts and comments. Called after all rows have been read. The children of the
 * same parent must be in the required order. */
void bench_group(bench_rows *users, bench_rows *posts, bench_rows *comments);
/* Returns a checksum of everything that was read. The checksum depends on the order of the
 * children. */
uint64_t bench_sum_of_users(const bench_rows *users);

#endif
