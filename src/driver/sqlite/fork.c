/* SPDX-License-Identifier: MIT
 *
 * SQLite's mutexes across a fork. Those that are the process's, of its memory and of its list of
 * files, any thread may hold for a moment at any time; a child of a fork in that moment would find
 * them held by a thread that it has not, and wait for ever in its first call of SQLite, whatever
 * the file. The C library holds its own locks while it forks, and so do we for SQLite. */
#include <pthread.h>

#include "driver/sqlite/sqlite.h"

/* In the order in which SQLite nests them: memory is asked for under all others, the first random
 * number looks for a VFS (MAIN). Those of applications are not SQLite's to hold. */
static const int mutexes[] = {
    SQLITE_MUTEX_STATIC_OPEN, SQLITE_MUTEX_STATIC_PRNG, SQLITE_MUTEX_STATIC_MAIN,
    SQLITE_MUTEX_STATIC_VFS1, SQLITE_MUTEX_STATIC_VFS2, SQLITE_MUTEX_STATIC_VFS3,
    SQLITE_MUTEX_STATIC_LRU,  SQLITE_MUTEX_STATIC_PMEM, SQLITE_MUTEX_STATIC_MEM,
};
enum { MUTEXES = sizeof mutexes / sizeof *mutexes };

static void enter_all(void)
{
    for (int i = 0; i < MUTEXES; i++)
        sqlite3_mutex_enter(sqlite3_mutex_alloc(mutexes[i])); /* static: nothing is allocated */
}

static void leave_all(void)
{
    for (int i = MUTEXES; i-- > 0;)
        sqlite3_mutex_leave(sqlite3_mutex_alloc(mutexes[i]));
}

static void guard(void)
{
    if (sqlite3_initialize() == SQLITE_OK) /* before it, there are no mutexes */
        pthread_atfork(enter_all, leave_all, leave_all);
}

void furrow__sqlite_guard_forks(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, guard);
}
