/* SPDX-License-Identifier: MIT
 * The members of an engine and of its pools. Only src/pool and its tests include this header. */
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
    FURROW__POOL_SIZE_LIMIT = 1 << 16,       /* largest pool_size, max_overflow and readers */
    FURROW__STATEMENT_CACHE_LIMIT = 1 << 16, /* largest statement_cache */
    FURROW__IDLE_BEFORE_PING_S = 30,         /* a connection to a server that was idle for longer is
                                                pinged before use */
    FURROW__IDLE_BEFORE_PRE_PING_S = 1,      /* the same limit with .pre_ping */
    FURROW__MAX_ANSWER_MS = 5000,            /* longest wait for the answer to a ping; a quarter of
                                                pool_timeout_ms if that is less */
    FURROW__MAX_REPORTS = 8,                 /* leaks that one call reports */
    FURROW__OVERFLOW_IDLES_S = 1, /* a connection beyond pool_size is closed after being idle for
                                     that long */
};

typedef struct furrow__waiter furrow__waiter;

/* A thread that has borrowed a connection or waits for one. */
typedef struct furrow__borrower {
    pthread_t thread;
    furrow__call_site opened_at;
    furrow__subtransaction *subtransaction; /* of a session that writes; NULL for other sessions */
} furrow__borrower;

typedef struct furrow__member furrow__member;

/* The transactions that wait to be committed together by one COMMIT, oldest first; see README.md.
 * Only the thread that holds the connection appends a member or takes them all. */
typedef struct furrow__batch {
    furrow__member *first, *last;
    int count;
    int threads;     /* members with a thread that waits; the others are tickets */
    int rolled_back; /* subtransactions that were rolled back since the first member joined; only
                        for the thread that holds the connection */
    int last_count;  /* number of members of the previous batch */
    int expected;    /* number of sessions that wrote recently: members of the previous batch, and
                        sessions that waited for the connection then */
    furrow__condition condition; /* on which members with a thread sleep */
    atomic_uint arrivals;        /* members that ever joined */
    atomic_int returning;        /* threads whose commit was acknowledged but that have not run
                                    since */
    int64_t delay_limit_ns; /* latest time until which the commit may be delayed; 0: not decided */
    atomic_llong delay_until_ns; /* time until which it is delayed, once no thread is returning; 0:
                                    not decided */
    int64_t sync_ns;             /* average duration of a COMMIT */
    uint64_t commits, sizes[FURROW_BATCH_BUCKETS]; /* batches committed, and their sizes, for
                                                      statistics */
} furrow__batch;

/* A pool of interchangeable connections, and the queue of threads that wait for one. Whenever the
 * lock is free, a thread waits only if `limit` connections are open and none of them is idle. */
typedef struct furrow__pool {
    furrow__pooled *idle; /* last used first */
    furrow__pooled *lent; /* borrowed by sessions */
    bool has_holder;      /* a pool with limit 1: its connection is borrowed, by `holder` */
    furrow__borrower holder;
    furrow__waiter *first, *last; /* the queue: first come, first served */
    int open;                     /* connections, including those that a thread is opening */
    int busy;                     /* open connections that are not idle */
    int waiting;
    int64_t hold_ns; /* average time that a connection stays borrowed */
    int keep;        /* connections that stay open without a waiting thread */
    int limit;       /* largest `open` */
    bool read_only;
    furrow__batch batch;
    int64_t suspect_ns;   /* when a connection was last found broken: others not used since may be,
                             too */
    char last_error[256]; /* of the last attempt to connect; "" if that succeeded */
    /* counters for furrow_engine_stats */
    uint64_t opened, recycled, broken, timeouts, leaks, commits, syncs, wait_ns;
    uint64_t waits[FURROW_WAIT_BUCKETS];
} furrow__pool;

/* A bit of furrow_engine.references, set once the engine is being closed. */
enum { FURROW__CLOSING = 1 << 30 };

struct furrow_engine {
    const furrow_driver *driver;
    const furrow__dialect *dialect;
    struct furrow_engine_options
        options;    /* with defaults applied; `url` is the engine's own copy */
    bool is_server; /* connections cost a round trip and can be lost */
    bool is_memory; /* SQLite in memory: the database exists in one connection only */
    bool groups;    /* group commit is possible */
    bool prepares;  /* statements are prepared on the server; false for statement_cache = -1 */
    atomic_int references; /* one for the program and one for each session; see FURROW__CLOSING */
    pthread_mutex_t lock;  /* of both pools; never held during I/O */
    pthread_cond_t
        drained;         /* signalled when a session was closed while the engine is being closed */
    furrow__owner owner; /* the process that opened the engine */
    bool was_reached;    /* a connection was opened at least once */
    atomic_llong due_at_ns;  /* when maintenance is due next; INT64_MAX: never */
    bool retry_lock_is_held; /* a transaction that is repeated holds the retry lock */
    pthread_t retry_lock_holder;
    pthread_cond_t retry_lock_is_free;
    furrow__pool writers;                       /* on a server, all connections */
    furrow__pool readers;                       /* SQLite files only */
    _Atomic(struct furrow__pattern *) patterns; /* compiled regular expressions; see pattern.c */
    uint8_t cursor_key[FURROW__SIPHASH_SIZE];   /* derived from .cursor_key, or random */
};

/* The answer is final if the caller has taken the lock once since: furrow_engine_close sets the bit
 * before it takes the lock. */
static inline bool furrow__engine_is_closing(const furrow_engine *engine)
{
    return atomic_load_explicit(&engine->references, memory_order_relaxed) & FURROW__CLOSING;
}

void furrow__patterns_done(furrow_engine *engine);

/* ---- maintenance.c ---- */

/* Closes connections that were idle for too long and reports transactions that are open for too
 * long, if that is due. The lock must be free. */
void furrow__engine_maintain(furrow_engine *engine);
/* Reports every session that is still open. The lock must be free. */
void furrow__engine_report_open(furrow_engine *engine);

/* ---- pool.c, for maintenance.c and group.c ---- */
void furrow__pooled_close(furrow__pooled *pooled);
/* Initializes a condition variable that uses the monotonic clock. Returns false when out of memory.
 */
bool furrow__cond_init(pthread_cond_t *cond);

/* Lends a connection to a session. The connection is in no list, or in the list of those lent. The
 * lock is held. */
void furrow__pool_lend(furrow__pool *pool, furrow__pooled *pooled,
                       const furrow__borrower *borrower);
/* Lends a connection to the thread that has waited longest, or returns false if none waits. The
 * caller must wake the thread after it has released the lock. The lock is held. */
bool furrow__pool_hand_over(furrow__pool *pool, furrow__pooled *pooled, furrow__wake *wake);
/* Adds the connection's syncs to the statistics. The lock is held. */
void furrow__pool_count_syncs(furrow__pool *pool, furrow__pooled *pooled);
/* Move a connection to the list of idle ones, and lend one from it. The lock is held. */
void furrow__pool_put_idle(furrow__pool *pool, furrow__pooled *pooled);
furrow__pooled *furrow__pool_take_idle(furrow__pool *pool, const furrow__borrower *borrower);

/* ---- group.c ---- */
/* Commits the batch, if the connection is idle. The lock must be free. */
void furrow__group_flush(furrow_engine *engine);

/* Like furrow_engine_open_, with the driver as an argument. A NULL driver is found by the URL's
 * scheme. */
furrow_status furrow__engine_open_with(const furrow_driver *driver, const furrow__dialect *dialect,
                                       size_t size, const struct furrow_engine_options *options);

/* Opens the first connection and keeps it as an idle one. */
furrow_status furrow__engine_connect(furrow_engine *engine, furrow_error *error);
/* The engine is being closed: every thread in a queue gets an error. */
void furrow__engine_refuse_waiters(furrow_engine *engine);
/* Closes every idle connection. */
void furrow__engine_disconnect(furrow_engine *engine);

typedef struct furrow__pool_statistics {
    int open, busy, idle, waiting;
} furrow__pool_statistics;
furrow__pool_statistics furrow__pool_stats(furrow_engine *engine, bool read_only);

/* Makes a cache for `capacity` statements; 0 means that none are kept. Returns NULL when out of
 * memory. */
struct furrow__statement_cache *furrow__cache_new(int capacity);
/* Frees the cache. The connection has already freed the statements. NULL is allowed. */
void furrow__cache_free(struct furrow__statement_cache *cache);
int furrow__cache_count(const furrow__pooled *pooled);

#endif
