/* SPDX-License-Identifier: MIT
 *
 * Runs hand-written transactions on SQLite in three ways:
 *
 *     own      one connection per thread; threads wait for each other inside SQLite
 *     mutex    one connection, protected by a mutex
 *     group    one connection; transactions that wait at the same time share a sync
 */
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "commits.h"
#include "raw_sqlite.h"

typedef struct connection {
    sqlite3 *db;
    sqlite3_stmt *begin, *commit, *insert, *savepoint, *release;
} connection;

static void connect_to(connection *c, const char *path)
{
    c->db = raw_connect(path);
    c->begin = raw_prepare(c->db, "BEGIN IMMEDIATE");
    c->commit = raw_prepare(c->db, "COMMIT");
    c->savepoint = raw_prepare(c->db, "SAVEPOINT unit");
    c->release = raw_prepare(c->db, "RELEASE unit");
    c->insert = raw_prepare(c->db, "INSERT INTO sale (customer, amount, note) VALUES (?, ?, ?)");
}

static void disconnect(connection *c)
{
    sqlite3_finalize(c->begin);
    sqlite3_finalize(c->commit);
    sqlite3_finalize(c->savepoint);
    sqlite3_finalize(c->release);
    sqlite3_finalize(c->insert);
    sqlite3_close(c->db);
}

static inline void insert(connection *c, int thread, int64_t number)
{
    sqlite3_bind_int64(c->insert, 1, thread);
    sqlite3_bind_int64(c->insert, 2, number);
    sqlite3_bind_text(c->insert, 3, "one of many sales", -1, SQLITE_STATIC);
    raw_run(c->insert);
}

static inline void transact(connection *c, int thread, int64_t number)
{
    raw_run(c->begin);
    insert(c, thread, number);
    raw_run(c->commit);
}

static void *own_open(const char *path, int threads)
{
    connection *all = calloc((size_t)threads + 1, sizeof *all);
    if (!all)
        bench_fail("out of memory");
    for (int i = 0; i < threads; i++)
        connect_to(&all[i], path);
    return all;
}

static void own_close(void *side)
{
    for (connection *c = side; c->db; c++)
        disconnect(c);
    free(side);
}

static int64_t own_run(void *side, int thread, int64_t number)
{
    transact((connection *)side + thread, thread, number);
    return 0;
}

const commits_side commits_own = {"own", own_open, own_close, own_run};

typedef struct locked {
    pthread_mutex_t lock;
    connection connection;
} locked;

static void *mutex_open(const char *path, int threads)
{
    locked *side = calloc(1, sizeof *side);
    (void)threads;
    if (!side || pthread_mutex_init(&side->lock, NULL))
        bench_fail("out of memory");
    connect_to(&side->connection, path);
    return side;
}

static void mutex_close(void *at)
{
    locked *side = at;
    disconnect(&side->connection);
    pthread_mutex_destroy(&side->lock);
    free(side);
}

static int64_t mutex_run(void *at, int thread, int64_t number)
{
    locked *side = at;
    pthread_mutex_lock(&side->lock);
    transact(&side->connection, thread, number);
    pthread_mutex_unlock(&side->lock);
    return 0;
}

const commits_side commits_mutex = {"mutex", mutex_open, mutex_close, mutex_run};

/* Group commit on one connection that is protected by a lock. The lock has no queue: a running
 * thread can take it before a sleeping thread does. The connection therefore never waits for a
 * thread to wake up.
 *
 * The thread with the lock runs its transaction in a savepoint. It then releases the lock and waits
 * on a futex until the batch is durable. If no other thread waits for the lock, the thread commits
 * the whole batch. Before the commit, it waits for the threads of the last batch, because they will
 * soon return. This wait ends when as many threads have joined as in the last batch, or after a
 * quarter of a sync. */

enum { SPIN_NS = 50000, PAUSES = 20 };

typedef struct group {
    atomic_uint lock; /* 0: free, 1: locked, 2: locked, and a thread may be asleep */
    atomic_uint batch;
    atomic_int waiting; /* number of threads that wait for the lock */
    connection connection;
    atomic_int
        joined; /* number of transactions in the batch; the lock protects the members below */
    int last_size;
    int64_t sync_ns; /* average duration of a sync, in nanoseconds */
} group;

static void futex(atomic_uint *at, int operation, unsigned value)
{
    syscall(SYS_futex, at, operation, value, NULL, NULL, 0);
}

static void *group_open(const char *path, int threads)
{
    group *g = calloc(1, sizeof *g);
    (void)threads;
    if (!g)
        bench_fail("out of memory");
    connect_to(&g->connection, path);
    return g;
}

static void group_close(void *side)
{
    group *g = side;
    disconnect(&g->connection);
    free(g);
}

static bool try_lock(group *g)
{
    unsigned free = 0;
    return atomic_load_explicit(&g->lock, memory_order_relaxed) == 0 &&
           atomic_compare_exchange_strong(&g->lock, &free, 1);
}

static bool spin(group *g)
{
    int64_t until = commits_now_ns() + SPIN_NS;
    do {
        for (int i = 0; i < PAUSES; i++)
            if (try_lock(g))
                return true;
    } while (commits_now_ns() < until);
    return false;
}

static void take(group *g)
{
    if (try_lock(g))
        return;
    atomic_fetch_add(&g->waiting, 1);
    if (!spin(g))
        while (atomic_exchange(&g->lock, 2) != 0)
            futex(&g->lock, FUTEX_WAIT_PRIVATE, 2);
    atomic_fetch_sub(&g->waiting, 1);
}

static void give(group *g)
{
    if (atomic_exchange(&g->lock, 0) == 2)
        futex(&g->lock, FUTEX_WAKE_PRIVATE, 1);
}

/* Commits the batch of all threads. The caller must hold the lock; this function releases it. */
static void commit_for_all(group *g)
{
    int64_t begun = commits_now_ns();
    raw_run(g->connection.commit);
    g->sync_ns += (commits_now_ns() - begun - g->sync_ns) / 8;
    g->last_size = atomic_exchange(&g->joined, 0);
    atomic_fetch_add(&g->batch, 1);
    give(g);
    futex(&g->batch, FUTEX_WAKE_PRIVATE, INT_MAX);
}

static bool is_last(group *g, unsigned batch, int joined)
{
    return atomic_load(&g->batch) == batch && atomic_load(&g->joined) == joined;
}

/* Waits a moment for other threads to join the batch. Then commits the batch, unless another thread
 * has joined or has committed it. */
static void give_a_moment(group *g, unsigned batch, int joined, int64_t moment_ns)
{
    int64_t until = commits_now_ns() + moment_ns;
    while (is_last(g, batch, joined) && commits_now_ns() < until)
        sched_yield();
    while (is_last(g, batch, joined)) {
        if (!try_lock(g)) {
            sched_yield();
        } else if (is_last(g, batch, joined)) {
            commit_for_all(g);
        } else {
            give(g);
        }
    }
}

static int64_t group_run(void *side, int thread, int64_t number)
{
    group *g = side;
    connection *c = &g->connection;
    take(g);
    if (atomic_load(&g->joined) == 0)
        raw_run(c->begin);
    raw_run(c->savepoint);
    insert(c, thread, number);
    raw_run(c->release);
    unsigned batch = atomic_load(&g->batch);
    int joined = atomic_fetch_add(&g->joined, 1) + 1;
    bool alone = atomic_load(&g->waiting) == 0;
    int64_t moment_ns = g->sync_ns / 4;
    if (alone && joined >= g->last_size) {
        commit_for_all(g);
        return 0;
    }
    give(g);
    if (alone)
        give_a_moment(g, batch, joined, moment_ns);
    while (atomic_load(&g->batch) == batch)
        futex(&g->batch, FUTEX_WAIT_PRIVATE, batch);
    return 0;
}

const commits_side commits_group = {"group", group_open, group_close, group_run};
