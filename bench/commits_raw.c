/* SPDX-License-Identifier: MIT
 *
 * Hand-written transactions on SQLite, from what everybody writes to what nobody does: a connection
 * a thread, which wait for each other inside SQLite; one connection behind a mutex; and a group
 * commit, where transactions that wait at the same time share one sync. */
#include <pthread.h>
#include <semaphore.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "commits.h"

#define NS_PER_S INT64_C(1000000000)

typedef struct connection {
    sqlite3 *db;
    sqlite3_stmt *begin, *commit, *insert, *savepoint, *release;
} connection;

static sqlite3_stmt *prepare(connection *c, const char *text)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v3(c->db, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL))
        bench_fail("sqlite: %s", sqlite3_errmsg(c->db));
    return statement;
}

static void connect_to(connection *c, const char *path)
{
    if (sqlite3_open_v2(path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL))
        bench_fail("sqlite: could not open %s", path);
    sqlite3_busy_timeout(c->db, 600000);
    /* The same settings that furrow makes. */
    if (sqlite3_exec(c->db,
                     "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                     "PRAGMA cell_size_check=ON; PRAGMA cache_size=-16384",
                     NULL, NULL, NULL))
        bench_fail("sqlite: %s", sqlite3_errmsg(c->db));
    c->begin = prepare(c, "BEGIN IMMEDIATE");
    c->commit = prepare(c, "COMMIT");
    c->savepoint = prepare(c, "SAVEPOINT unit");
    c->release = prepare(c, "RELEASE unit");
    c->insert = prepare(c, "INSERT INTO sale (customer, amount, note) VALUES (?, ?, ?)");
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

static inline void step(connection *c, sqlite3_stmt *statement)
{
    if (sqlite3_step(statement) != SQLITE_DONE)
        bench_fail("sqlite: %s", sqlite3_errmsg(c->db));
    sqlite3_reset(statement);
}

static inline void insert(connection *c, int thread, int64_t number)
{
    sqlite3_bind_int64(c->insert, 1, thread);
    sqlite3_bind_int64(c->insert, 2, number);
    sqlite3_bind_text(c->insert, 3, "one of many sales", -1, SQLITE_STATIC);
    step(c, c->insert);
}

static inline void transact(connection *c, int thread, int64_t number)
{
    step(c, c->begin);
    insert(c, thread, number);
    step(c, c->commit);
}

/* ---- a connection a thread ---- */

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

/* ---- one connection and a mutex ---- */

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

/* ---- a group commit ----
 * The connection goes from hand to hand. Whoever has it runs a unit within a savepoint and hands it
 * to who waits longest. When nobody waits, the last one commits for all of them, but first gives
 * those a moment who were in the last batch and are on their way back: until as many have joined,
 * or for a quarter of a sync. Everybody sleeps on a semaphore of its own, which is posted outside
 * the lock. */

typedef struct member {
    struct member *next;
    sem_t wake;
    bool has_turn, is_done;
} member;

typedef struct group {
    pthread_mutex_t lock;
    connection connection;
    bool busy;             /* somebody has the connection */
    member *first, *last;  /* wait for it */
    member *batch;         /* whose units are in the transaction */
    int joined, last_size; /* of this batch and the one before */
    int64_t sync_ns;       /* of the last commit */
    int64_t until_ns;      /* the moment that this batch gives; 0: not begun */
    member members[COMMITS_MAX_THREADS];
} group;

static void *group_open(const char *path, int threads)
{
    group *g = calloc(1, sizeof *g);
    if (!g || pthread_mutex_init(&g->lock, NULL))
        bench_fail("out of memory");
    for (int i = 0; i < threads; i++)
        if (sem_init(&g->members[i].wake, 0, 0))
            bench_fail("out of memory");
    connect_to(&g->connection, path);
    return g;
}

static void group_close(void *side)
{
    group *g = side;
    disconnect(&g->connection);
    for (int i = 0; i < COMMITS_MAX_THREADS; i++)
        sem_destroy(&g->members[i].wake);
    pthread_mutex_destroy(&g->lock);
    free(g);
}

static void sleep_until_woken(member *me)
{
    while (sem_wait(&me->wake))
        ;
}

/* Whoever waits longest has the connection next, or nobody. The lock is held. */
static member *hand_on(group *g)
{
    member *next = g->first;
    g->busy = next != NULL;
    if (!next)
        return NULL;
    g->first = next->next;
    if (!g->first)
        g->last = NULL;
    next->has_turn = true;
    return next;
}

static void take_turn(group *g, member *me)
{
    pthread_mutex_lock(&g->lock);
    me->has_turn = me->is_done = false;
    me->next = NULL;
    if (!g->busy) {
        g->busy = true;
        pthread_mutex_unlock(&g->lock);
        return;
    }
    if (g->last)
        g->last->next = me;
    else
        g->first = me;
    g->last = me;
    pthread_mutex_unlock(&g->lock);
    sleep_until_woken(me);
}

/* The lock is held, the connection is the caller's; neither is at return. */
static void commit_for_all(group *g, const member *me)
{
    member *batch = g->batch;
    g->last_size = g->joined;
    g->batch = NULL;
    g->joined = 0;
    g->until_ns = 0;
    pthread_mutex_unlock(&g->lock);
    int64_t begun = commits_now_ns();
    step(&g->connection, g->connection.commit);
    int64_t took = commits_now_ns() - begun;
    pthread_mutex_lock(&g->lock);
    g->sync_ns = took;
    for (member *m = batch; m; m = m->next)
        m->is_done = true;
    member *next = hand_on(g);
    pthread_mutex_unlock(&g->lock);
    if (next)
        sem_post(&next->wake);
    for (member *m = batch, *after; m; m = after) {
        after = m->next; /* gone once it is awake */
        if (m != me)
            sem_post(&m->wake);
    }
}

/* Nobody waits for the connection: give those a moment who may come. False when the commit is
 * another's business, and done. The lock is held, and at return if true; then the connection is the
 * caller's. */
static bool give_a_moment(group *g, member *me)
{
    int64_t now = commits_now_ns();
    if (!g->until_ns)
        g->until_ns = now + g->sync_ns / 4;
    int64_t left = g->until_ns - now;
    if (g->joined >= g->last_size || left <= 0)
        return true;
    g->busy = false;
    pthread_mutex_unlock(&g->lock);
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    left += until.tv_nsec;
    until.tv_sec += (time_t)(left / NS_PER_S);
    until.tv_nsec = (long)(left % NS_PER_S);
    bool woken = sem_timedwait(&me->wake, &until) == 0;
    if (woken)
        return false; /* only who is done is woken */
    pthread_mutex_lock(&g->lock);
    if (!g->busy && !me->is_done && me == g->batch) {
        g->busy = true;
        return true;
    }
    pthread_mutex_unlock(&g->lock);
    sleep_until_woken(me);
    return false;
}

static int64_t group_run(void *side, int thread, int64_t number)
{
    group *g = side;
    connection *c = &g->connection;
    member *me = &g->members[thread];
    take_turn(g, me);
    if (!g->batch)
        step(c, c->begin);
    step(c, c->savepoint);
    insert(c, thread, number);
    step(c, c->release);
    pthread_mutex_lock(&g->lock);
    me->next = g->batch;
    g->batch = me;
    g->joined++;
    member *next = hand_on(g);
    if (next) {
        pthread_mutex_unlock(&g->lock);
        sem_post(&next->wake);
        sleep_until_woken(me);
        return 0;
    }
    g->busy = true;
    if (give_a_moment(g, me))
        commit_for_all(g, me);
    return 0;
}

const commits_side commits_group = {"group", group_open, group_close, group_run};
