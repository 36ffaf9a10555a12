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
    FURROW__POOL_SIZE_LIMIT = 1 << 16,       /* maximum of each of pool_size, max_overflow and
                                                readers */
    FURROW__STATEMENT_CACHE_LIMIT = 1 << 16, /* largest statement_cache */
    FURROW__IDLE_BEFORE_PING_S = 30,         /* a server connection that was idle for longer than
                                                this is pinged before it is used */
    FURROW__IDLE_BEFORE_PRE_PING_S = 1,      /* replaces FURROW__IDLE_BEFORE_PING_S if .pre_ping is
                                                set */
    FURROW__MAX_ANSWER_MS = 5000,            /* maximum time to wait for the answer to a ping; a
                                                quarter of pool_timeout_ms if that is less */
    FURROW__MAX_REPORTS = 8,                 /* maximum number of leaks that one call reports */
    FURROW__OVERFLOW_IDLES_S = 1, /* a connection beyond pool_size is closed after it has been idle
                                     for this time */
};

typedef struct furrow__waiter furrow__waiter;

/* A session that has borrowed a connection or waits for a connection, and the thread of the
 * session. */
typedef struct furrow__borrower {
    pthread_t thread;
    furrow__call_site opened_at;
    furrow__subtransaction *subtransaction; /* the subtransaction of a session that writes; NULL for
                                               other sessions */
} furrow__borrower;

typedef struct furrow__member furrow__member;

/* The batch: transactions that wait until one COMMIT commits them together, oldest first; see
 * README.md. Only the thread that holds the connection adds members or empties the batch. */
typedef struct furrow__batch {
    furrow__member *first, *last;
    int count;
    int threads;     /* number of members with a waiting thread; the other members are tickets */
    int rolled_back; /* subtransactions that were rolled back since the first member joined;
                        accessed only by the thread that holds the connection */
    int last_count;  /* number of members of the previous batch */
    int expected;    /* number of sessions that wrote recently: members of the previous batch, and
                        sessions that were waiting for the connection when it was committed */
    furrow__condition condition; /* members with a thread sleep on this condition */
    atomic_uint arrivals;   /* number of members that have joined since the engine was opened */
    atomic_int returning;   /* number of threads that have not run since their commit was
                               acknowledged */
    int64_t delay_limit_ns; /* latest end of the commit's delay; 0: not decided */
    atomic_llong delay_until_ns; /* end of the delay that begins when the last thread has returned;
                                    0: not decided */
    int64_t sync_ns;             /* moving average of the duration of a COMMIT */
    uint64_t commits, sizes[FURROW_BATCH_BUCKETS]; /* number of batches committed, and distribution
                                                      of their sizes, for statistics */
} furrow__batch;

/* A pool of interchangeable connections, and the queue of threads that wait for a connection.
 * Whenever the lock is free, threads wait only if `limit` connections are open and none of them is
 * idle. */
typedef struct furrow__pool {
    furrow__pooled *idle; /* idle connections, most recently used first */
    furrow__pooled *lent; /* connections that sessions have borrowed */
    bool has_holder;      /* only in a pool with limit 1: `holder` has borrowed the connection */
    furrow__borrower holder;
    furrow__waiter *first, *last; /* the queue of waiting threads: first come, first served */
    int open; /* number of connections, including those that a thread is opening */
    int busy; /* number of open connections that are not idle */
    int waiting;
    int64_t hold_ns; /* moving average of the time for which a connection is borrowed */
    int keep;        /* number of connections that stay open when no thread waits */
    int limit;       /* maximum of `open` */
    bool read_only;
    furrow__batch batch;
    int64_t suspect_ns;   /* time when a connection was last found broken; connections that have not
                             been used since may be broken too */
    char last_error[256]; /* error of the last attempt to connect; "" if that attempt succeeded */
    /* counters for furrow_engine_stats */
    uint64_t opened, recycled, broken, timeouts, leaks, commits, syncs, wait_ns;
    uint64_t waits[FURROW_WAIT_BUCKETS];
} furrow__pool;

/* A bit of furrow_engine.references, set when furrow_engine_close is called. */
enum { FURROW__CLOSING = 1 << 30 };

struct furrow_engine {
    const furrow_driver *driver;
    const furrow__dialect *dialect;
    struct furrow_engine_options
        options;    /* the options, with defaults applied; `url` is a copy that the engine owns */
    bool is_server; /* connections cost a round trip and can be lost */
    bool is_memory; /* SQLite in memory: the database exists only in its one connection */
    bool groups;    /* group commit is possible for this database */
    bool prepares;  /* statements are prepared on the server; false for statement_cache = -1 */
    atomic_int references; /* one reference for the program and one for each session; see
                              FURROW__CLOSING */
    pthread_mutex_t lock;  /* protects both pools; never held during I/O */
    pthread_cond_t
        drained;         /* signalled when a session is closed while the engine is being closed */
    furrow__owner owner; /* the process that opened the engine */
    atomic_uint schema_version; /* how many times a connection has detected that another program
                                   changed a table */
    bool was_reached;           /* at least one connection was opened */
    furrow_file file;           /* SQLite: the file of the first connection; later connections must
                                   open the same file. Set at the first open, and never changed */
    atomic_llong due_at_ns;     /* time when maintenance is due next; INT64_MAX: never */
    bool retry_lock_is_held;    /* a repeated transaction holds the retry lock */
    pthread_t retry_lock_holder;
    pthread_cond_t retry_lock_is_free;
    furrow__pool writers;                       /* for a server: all connections */
    furrow__pool readers;                       /* for a SQLite file: connections of read-only
                                                   sessions */
    _Atomic(struct furrow__pattern *) patterns; /* compiled regular expressions; see pattern.c */
    uint8_t cursor_key[FURROW__SIPHASH_SIZE];   /* derived from .cursor_key, or random without it */
};

/* Returns whether furrow_engine_close was called. furrow_engine_close sets the bit and then takes
 * the lock, so a result of false can be out of date unless the caller holds the lock. */
static inline bool furrow__engine_is_closing(const furrow_engine *engine)
{
    return atomic_load_explicit(&engine->references, memory_order_relaxed) & FURROW__CLOSING;
}

void furrow__patterns_done(furrow_engine *engine);

/* Functions of maintenance.c */

/* If maintenance is due, closes connections that have been idle for too long and reports
 * transactions that have been open for too long. The caller must not hold the lock. */
void furrow__engine_maintain(furrow_engine *engine);
/* Reports every session that is still open. The caller must not hold the lock. */
void furrow__engine_report_open(furrow_engine *engine);

/* Functions of pool.c that maintenance.c and group.c use */
void furrow__pooled_close(furrow__pooled *pooled);
/* Initializes a condition variable that uses the monotonic clock. Returns false when out of memory.
 */
bool furrow__cond_init(pthread_cond_t *cond);

/* Lends a connection to a session. Before the call, the connection is either in no list or in the
 * list of lent connections. The caller must hold the lock. */
void furrow__pool_lend(furrow__pool *pool, furrow__pooled *pooled,
                       const furrow__borrower *borrower);
/* Lends a connection to the thread that has waited longest, or returns false if no thread waits.
 * The caller must hold the lock, and must wake the thread after releasing the lock. */
bool furrow__pool_hand_over(furrow__pool *pool, furrow__pooled *pooled, furrow__wake *wake);
/* Adds the connection's syncs to the statistics. The caller must hold the lock. */
void furrow__pool_count_syncs(furrow__pool *pool, furrow__pooled *pooled);
/* The first of these functions adds a connection to the list of idle connections. The second
 * function lends the most recently used idle connection to a session. The caller must hold the
 * lock. */
void furrow__pool_put_idle(furrow__pool *pool, furrow__pooled *pooled);
furrow__pooled *furrow__pool_take_idle(furrow__pool *pool, const furrow__borrower *borrower);

/* Functions of group.c */
/* Commits the batch, if the connection is idle. The caller must not hold the lock. */
void furrow__group_flush(furrow_engine *engine);

/* Like furrow_engine_open_, but with the driver as an argument. If `driver` is NULL, the URL's
 * scheme selects the driver. */
furrow_status furrow__engine_open_with(const furrow_driver *driver, const furrow__dialect *dialect,
                                       size_t size, const struct furrow_engine_options *options);

/* Opens the first connection and adds it to the idle connections. */
furrow_status furrow__engine_connect(furrow_engine *engine, furrow_error *error);
/* Makes the call of every waiting thread fail. Used when the engine is being closed. */
void furrow__engine_refuse_waiters(furrow_engine *engine);
/* Closes every idle connection. */
void furrow__engine_disconnect(furrow_engine *engine);

typedef struct furrow__pool_statistics {
    int open, busy, idle, waiting;
} furrow__pool_statistics;
furrow__pool_statistics furrow__pool_stats(furrow_engine *engine, bool read_only);

/* Makes a cache for `capacity` statements; with 0, no statement is kept after its use. Returns NULL
 * when out of memory. */
struct furrow__statement_cache *furrow__cache_new(int capacity);
/* Frees the cache. Its statements must have been freed already, by closing the connection. NULL is
 * allowed. */
void furrow__cache_free(struct furrow__statement_cache *cache);
int furrow__cache_count(const furrow__pooled *pooled);

#endif
