/* SPDX-License-Identifier: MIT
 * What an engine is made of; seen only by src/pool and its tests. */
#ifndef FURROW_POOL_ENGINE_H
#define FURROW_POOL_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/siphash.h"
#include "pool/event.h"
#include "pool/group.h"
#include "pool/owner.h"
#include "pool/pool.h"

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

enum {
    FURROW__POOL_SIZE_LIMIT = 1 << 16,       /* of pool_size, max_overflow and readers */
    FURROW__STATEMENT_CACHE_LIMIT = 1 << 16, /* of statement_cache */
    FURROW__IDLE_BEFORE_PING_S = 30,         /* a server's connection is asked for a sign of life */
    FURROW__IDLE_BEFORE_PRE_PING_S = 1,      /* with .pre_ping */
    FURROW__MAX_ANSWER_MS =
        5000,                /* for a sign of life; a quarter of pool_timeout_ms if that is less */
    FURROW__MAX_REPORTS = 8, /* told of at one call */
    FURROW__OVERFLOW_IDLES_S = 1, /* a connection beyond pool_size, before it is closed */
};

typedef struct furrow__waiter furrow__waiter;

/* Who has, or waits for, a connection: a thread, and where its session was opened. */
typedef struct furrow__borrower {
    pthread_t thread;
    furrow__call_site opened_at;
    furrow__subtransaction *subtransaction; /* of a session that writes, or NULL */
} furrow__borrower;

typedef struct furrow__member furrow__member;

/* The transactions that wait to commit in the one that is open, oldest first; see group.c. Only who
 * holds the connection adds one, or takes them all. */
typedef struct furrow__batch {
    furrow__member *first, *last;
    int count;
    int threads;     /* of those, with a thread that waits */
    int rolled_back; /* units behind them that did not stay; for who holds the connection */
    int last_count;  /* of the batch before */
    int expected;    /* as many wrote lately: those of the last batch, and who waited behind it */
    furrow__condition condition; /* by which those with a thread sleep */
    atomic_uint arrivals;        /* how many have joined, ever */
    atomic_int returning;        /* acknowledged, but its thread did not get to run yet */
    int64_t delay_limit_ns; /* until when the connection may rest at most, for others to join */
    atomic_llong delay_until_ns; /* and until when it does, since nobody was returning; both 0: not
                                   yet said */
    int64_t sync_ns;             /* what a COMMIT takes, on average */
    uint64_t commits, sizes[FURROW_BATCH_BUCKETS]; /* made together, for statistics */
} furrow__batch;

/* Interchangeable connections, and those who wait for one. Whoever waits, waits because `limit`
 * connections are open and none is idle: that always holds while the lock is free. */
typedef struct furrow__pool {
    furrow__pooled *idle; /* used last first */
    furrow__pooled *lent; /* to sessions */
    bool has_holder;      /* somebody has the one connection of a line with limit 1 */
    furrow__borrower holder;
    furrow__waiter *first, *last; /* first come, first served */
    int open;                     /* connected, or with somebody who is connecting */
    int busy;                     /* of those, not idle */
    int waiting;
    int64_t hold_ns; /* for how long a connection is lent, on average */
    int keep;        /* kept when nobody waits */
    int limit;       /* open at once */
    bool read_only;
    furrow__batch batch;
    int64_t suspect_ns;   /* connections not used since may be dead: one broke then */
    char last_error[256]; /* of the last attempt to connect, if that failed; else "" */
    /* for furrow_engine_stats */
    uint64_t opened, recycled, broken, timeouts, leaks, commits, syncs, wait_ns;
    uint64_t waits[FURROW_WAIT_BUCKETS];
} furrow__pool;

/* The count of an engine's references, and, once it is being closed, a bit beside it. */
enum { FURROW__CLOSING = 1 << 30 };

struct furrow_engine {
    const furrow_driver *driver;
    const furrow__dialect *dialect;
    struct furrow_engine_options
        options;            /* with defaults applied; `url` is the engine's own copy */
    bool is_server;         /* connections cost a round trip and can go away */
    bool is_memory;         /* SQLite in memory: one connection is the database */
    bool groups;            /* commits of its writer can be made together */
    bool prepares;          /* false for statement_cache = -1 */
    int cores;              /* of the machine, at least 1 */
    atomic_int references;  /* the program's one, and one a session; FURROW__CLOSING */
    pthread_mutex_t lock;   /* of both lines; never held during I/O */
    pthread_cond_t drained; /* while it is being closed: a session was */
    furrow__owner owner;    /* the process it belongs to */
    bool was_reached;       /* the first connection stood */
    atomic_llong
        due_at_ns; /* nothing is due before; INT64_MAX: nothing will be; see maintenance.c */
    bool retry_lock_is_held; /* by the one transaction that runs again */
    pthread_t retry_lock_holder;
    pthread_cond_t retry_lock_is_free;
    furrow__pool writers;                       /* on a server all connections */
    furrow__pool readers;                       /* SQLite files alone */
    _Atomic(struct furrow__pattern *) patterns; /* compiled; see pattern.c */
    uint8_t cursor_key[FURROW__SIPHASH_SIZE];   /* of .cursor_key, or random */
};

/* Once the lock was taken it is certain: who closes takes it after saying so. */
static inline bool furrow__engine_is_closing(const furrow_engine *engine)
{
    return atomic_load_explicit(&engine->references, memory_order_relaxed) & FURROW__CLOSING;
}

void furrow__patterns_done(furrow_engine *engine);

/* ---- maintenance.c: what is due, noticed at a call of the pool ---- */

/* Close what idled too long and tell of transactions that are open too long. The lock is free. */
void furrow__engine_maintain(furrow_engine *engine);
/* Tell of every session that is still open. The lock is free. */
void furrow__engine_report_open(furrow_engine *engine);

/* ---- pool.c, for maintenance.c and group.c ---- */
void furrow__pooled_close(furrow__pooled *pooled);
/* A condition that waits by the monotonic clock; false when out of memory. */
bool furrow__cond_init(pthread_cond_t *cond);

/* The lock is held. Into the hands of a session; the link is in no list, or in that of those lent.
 */
void furrow__pool_lend(furrow__pool *pool, furrow__pooled *pooled, const furrow__borrower *who);
/* To whoever waits longest; false if nobody does. Who sleeps is to be woken without the lock. */
bool furrow__pool_hand_over(furrow__pool *pool, furrow__pooled *pooled, furrow__wake *wake);
/* What the connection waited for the disk, for statistics. */
void furrow__pool_count_syncs(furrow__pool *pool, furrow__pooled *pooled);
/* Into the list of those idle, and out of it. */
void furrow__pool_put_idle(furrow__pool *pool, furrow__pooled *pooled);
furrow__pooled *furrow__pool_take_idle(furrow__pool *pool, const furrow__borrower *who);

/* ---- group.c ---- */
/* Commit what waits in a connection that nobody uses. The lock is free. */
void furrow__group_flush(furrow_engine *engine);

/* As furrow_engine_open_, with a driver in place of the one that the URL's scheme names. */
furrow_status furrow__engine_open_with(const furrow_driver *driver, const furrow__dialect *dialect,
                                       size_t size, const struct furrow_engine_options *options);

/* Connect once and keep the connection, idle. */
furrow_status furrow__engine_connect(furrow_engine *engine, furrow_error *error);
/* The engine is being closed: who stands in line is told so. */
void furrow__engine_refuse_waiters(furrow_engine *engine);
/* Close every idle connection. */
void furrow__engine_disconnect(furrow_engine *engine);

typedef struct furrow__pool_statistics {
    int open, busy, idle, waiting;
} furrow__pool_statistics;
furrow__pool_statistics furrow__pool_stats(furrow_engine *engine, bool read_only);

/* A cache for `capacity` statements, 0 for none kept; NULL when out of memory. */
struct furrow__statement_cache *furrow__cache_new(int capacity);
/* Forget the statements, which the connection has freed, and free the cache. NULL is allowed. */
void furrow__cache_free(struct furrow__statement_cache *cache);
int furrow__cache_count(const furrow__pooled *pooled);

#endif
