/* SPDX-License-Identifier: MIT
 *
 * A benchmark compares two sides that do the same work. One side is hand-written C on a client
 * library. The other side is C that uses furrow. Each side runs the jobs below on its own table.
 * furrow creates both tables.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "item.furrow.h"

enum {
    BENCH_ROWS = 10000,     /* number of rows in the table that the read jobs use */
    BENCH_INSERTED = 100000 /* number of rows that one insert job writes */
};

typedef enum bench_job {
    BENCH_GET,    /* read `count` rows by key, one by one, in one transaction */
    BENCH_LOAD,   /* read the whole table `count` times */
    BENCH_INSERT, /* insert `count` rows in one transaction, and read the ids that the database
                     assigned */
    /* The following jobs use the tables of blog.h (see relations.c). They repeat their work `count`
     * times. */
    BENCH_POSTS,    /* load 100 users with their 1,000 posts */
    BENCH_COMMENTS, /* load 100 users with their 1,000 posts and the 10,000 comments on these posts
                     */
} bench_job;

/* The functions of one side. If an operation fails, they print a message and exit. */
typedef struct bench_side {
    const char *name;
    /* For furrow's side, `target` is a furrow URL. For a hand-written side, it is a path or a libpq
     * URL. */
    void *(*open)(const char *target);
    void (*close)(void *connection);
    /* Runs a job. Returns a checksum of everything that was read. The checksums of both sides must
     * be equal. */
    uint64_t (*run)(void *connection, bench_job job, struct item *rows, int count);
} bench_side;

extern const bench_side bench_raw_sqlite;        /* inserts many rows per statement */
extern const bench_side bench_raw_sqlite_single; /* inserts one row per statement */
extern const bench_side bench_raw_sqlite_blog;   /* loads posts and comments with one statement per
                                                    table */
extern const bench_side bench_raw_sqlite_loop;   /* loads posts and comments with one statement per
                                                    user */
extern const bench_side bench_furrow;
#ifdef FURROW_WITH_POSTGRESQL
extern const bench_side bench_raw_postgresql;
extern const bench_side bench_raw_postgresql_blog;
extern const bench_side bench_raw_postgresql_loop;
#endif

void bench_fill_blog(const char *url);
/* Runs the job BENCH_POSTS or BENCH_COMMENTS once, with furrow. Returns the checksum. */
uint64_t bench_load_blog(furrow_session *s, bench_job job);

_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Returns the key of the i-th row that BENCH_GET reads. */
static inline int64_t bench_key(int i)
{
    return 1 + (int64_t)((uint32_t)i * 2654435761u % BENCH_ROWS);
}

/* Returns a cheap checksum of an item. */
static inline uint64_t bench_sum(const struct item *item)
{
    return (uint64_t)item->id + (unsigned char)item->name[0] + (unsigned char)item->email[1] +
           (uint64_t)item->quantity + (uint64_t)item->price + item->active +
           (uint64_t)item->created.us + (item->note ? (unsigned char)item->note[0] : 0);
}

struct bench_block;
typedef struct bench_arena {
    char *at, *end;
    struct bench_block *blocks;
} bench_arena;

void *bench_arena_grow(bench_arena *arena, size_t size);
static inline void *bench_allocate(bench_arena *arena, size_t size)
{
    size_t gap = -(uintptr_t)arena->at & 7;
    if (size + gap <= (size_t)(arena->end - arena->at)) {
        char *at = arena->at + gap;
        arena->at = at + size;
        return at;
    }
    return bench_arena_grow(arena, size);
}
static inline char *bench_text(bench_arena *arena, const char *text, size_t size)
{
    char *copy;
    if (size < (size_t)(arena->end - arena->at)) {
        copy = arena->at;
        arena->at += size + 1;
    } else {
        copy = bench_arena_grow(arena, size + 1);
    }
    memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}
void bench_arena_done(bench_arena *arena);

#endif
