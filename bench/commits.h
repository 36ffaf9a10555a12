/* SPDX-License-Identifier: MIT
 *
 * Transactions of one row each, by many threads, each of which waits until its transaction is
 * durable. A side is one way to do that. Every function exits with a message if anything fails. */
#ifndef BENCH_COMMITS_H
#define BENCH_COMMITS_H

#include <stddef.h>
#include <stdint.h>

enum {
    COMMITS_MAX_THREADS = 32,
    COMMITS_CONNECTIONS = 8 /* connections in the pool of a server */
};

typedef struct commits_side {
    const char *name;
    /* `target` is a path or a libpq URL for a hand-written side, and furrow's URL for furrow. */
    void *(*open)(const char *target, int threads);
    void (*close)(void *side);
    /* Run one transaction of thread `thread`; it is durable at return. Returns how long the thread
     * waited for a connection and its first answer, in nanoseconds, or 0 if the side does not
     * measure it. */
    int64_t (*run)(void *side, int thread, int64_t number);
} commits_side;

extern const commits_side commits_furrow;
extern const commits_side commits_async; /* SQLite, one thread, with furrow_commit_begin */
extern const commits_side commits_own;   /* SQLite, one connection per thread */
extern const commits_side commits_mutex; /* SQLite, one connection protected by a mutex */
extern const commits_side commits_group; /* SQLite, one connection and shared syncs */
#ifdef FURROW_WITH_POSTGRESQL
extern const commits_side commits_pool; /* libpq with a hand-written pool */
#endif

int64_t commits_now_ns(void);
_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
