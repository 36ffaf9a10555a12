/* SPDX-License-Identifier: MIT
 *
 * Threads run transactions. Each transaction writes one row, and the thread waits until the row is
 * durable. Each side is a different way to do this. If an operation fails, the functions print a
 * message and exit. */
#ifndef BENCH_COMMITS_H
#define BENCH_COMMITS_H

#include <stddef.h>
#include <stdint.h>

enum {
    COMMITS_MAX_THREADS = 32,
    COMMITS_CONNECTIONS = 8 /* size of the connection pool on PostgreSQL */
};

typedef struct commits_side {
    const char *name;
    /* For a side that uses furrow, `target` is a furrow URL. For a hand-written side, it is a path
     * or a libpq URL. */
    void *(*open)(const char *target, int threads);
    void (*close)(void *side);
    /* Runs one transaction in thread number `thread`. The transaction is durable when the function
     * returns. Returns the time until the thread has a connection and its first answer, in
     * nanoseconds. Returns 0 if the side does not measure this. */
    int64_t (*run)(void *side, int thread, int64_t number);
} commits_side;

extern const commits_side commits_furrow;
extern const commits_side commits_async; /* SQLite, one thread, commits with furrow_commit_begin */
extern const commits_side commits_own;   /* SQLite, one connection per thread */
extern const commits_side commits_mutex; /* SQLite, one connection, protected by a mutex */
extern const commits_side commits_group; /* SQLite, one connection; several transactions share one
                                            sync */
#ifdef FURROW_WITH_POSTGRESQL
extern const commits_side commits_pool; /* PostgreSQL, libpq with a hand-written pool */
#endif

int64_t commits_now_ns(void);
_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
