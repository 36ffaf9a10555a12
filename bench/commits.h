/* SPDX-License-Identifier: MIT
 *
 * Transactions of one row, by many threads, each of which waits until its own is durable: a side is
 * a way to do that. Every function exits with a message if anything fails. */
#ifndef BENCH_COMMITS_H
#define BENCH_COMMITS_H

#include <stddef.h>
#include <stdint.h>

enum { COMMITS_MAX_THREADS = 32, COMMITS_CONNECTIONS = 8 /* of a server's pool */ };

typedef struct commits_side {
    const char *name;
    /* `target` is a path or a libpq URL for hand-written sides, furrow's URL for its own. */
    void *(*open)(const char *target, int threads);
    void (*close)(void *side);
    /* One transaction of thread `thread`, durable at return. Returns how long it waited for a
     * connection and its first answer, in nanoseconds, where the side can tell; else 0. */
    int64_t (*run)(void *side, int thread, int64_t number);
} commits_side;

extern const commits_side commits_furrow;
extern const commits_side commits_async; /* SQLite, one thread: furrow_commit_begin */
extern const commits_side commits_own;   /* SQLite: a connection a thread */
extern const commits_side commits_mutex; /* SQLite: one connection and a mutex */
extern const commits_side commits_group; /* SQLite: one connection, and shared syncs */
#ifdef FURROW_WITH_POSTGRESQL
extern const commits_side commits_pool; /* libpq and a pool by hand */
#endif

int64_t commits_now_ns(void);
_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
