/* SPDX-License-Identifier: MIT
 *
 * What the hand-written sides that load users with their posts have in common: the structs they
 * fill, and how children find their parent. Children of one parent lie side by side, so that a
 * parent needs no list, only where they begin: SQLite gives them so by an index on their parent's
 * key; PostgreSQL would have to sort for it, and is faster in the order of their own keys, with a
 * pass over them here.
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

/* Rows of one table while they come. */
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

/* ---- from a key to the index of its row: open addressing ---- */

typedef struct bench_index {
    size_t *slots; /* 1 + index */
    size_t mask;
} bench_index;

static inline size_t bench_index_start(int64_t key, size_t mask)
{
    return (size_t)((uint64_t)key * UINT64_C(0x9E3779B97F4A7C15) >> 32) & mask;
}

/* The key comes first in a row. */
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
    bench_fail("a row without its parent");
}

/* Posts and comments have been read, each of one parent in the order wanted. */
void bench_group(bench_rows *users, bench_rows *posts, bench_rows *comments);
/* A sum over all that was read, which depends on the order of children. */
uint64_t bench_sum_of_users(const bench_rows *users);

#endif
