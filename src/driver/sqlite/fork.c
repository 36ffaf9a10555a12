/* SPDX-License-Identifier: MIT
 *
 * Holds SQLite's global mutexes during a fork. At any time, a thread can hold one of these mutexes
 * for a moment, for example to allocate memory. If the process forks at that moment, the mutex
 * stays locked in the child, but the thread that locked it does not exist there. The child's first
 * call into SQLite would then wait forever. The C library protects its own locks in the same
 * way. */
#include <pthread.h>

#include "driver/sqlite/sqlite.h"

/* The mutexes are in the order in which SQLite nests them. SQLite can allocate memory (MEM) while
 * it holds any of the other mutexes. When it makes the first random number (PRNG), it looks for a
 * VFS (MAIN). The mutexes for applications are left out, since SQLite does not use them. */
static const int mutexes[] = {
    SQLITE_MUTEX_STATIC_OPEN, SQLITE_MUTEX_STATIC_PRNG, SQLITE_MUTEX_STATIC_MAIN,
    SQLITE_MUTEX_STATIC_VFS1, SQLITE_MUTEX_STATIC_VFS2, SQLITE_MUTEX_STATIC_VFS3,
    SQLITE_MUTEX_STATIC_LRU,  SQLITE_MUTEX_STATIC_PMEM, SQLITE_MUTEX_STATIC_MEM,
};
enum { MUTEXES = sizeof mutexes / sizeof *mutexes };

static void enter_all(void)
{
    for (int i = 0; i < MUTEXES; i++)
        sqlite3_mutex_enter(sqlite3_mutex_alloc(mutexes[i])); /* sqlite3_mutex_alloc allocates no
                                                                 memory for static mutexes */
}

static void leave_all(void)
{
    for (int i = MUTEXES; i-- > 0;)
        sqlite3_mutex_leave(sqlite3_mutex_alloc(mutexes[i]));
}

static void guard(void)
{
    if (sqlite3_initialize() == SQLITE_OK) /* the mutexes do not exist before sqlite3_initialize */
        pthread_atfork(enter_all, leave_all, leave_all);
}

void furrow__sqlite_guard_forks(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, guard);
}
