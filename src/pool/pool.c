/* SPDX-License-Identifier: MIT
 * Lends connections to sessions, strictly first come, first served. A connection that is given back
 * is lent at once to the thread that has waited longest, so that no later thread can take it. Each
 * waiting thread has its own event, so that one connection wakes one thread. Connections are
 * opened, closed, reset and pinged without the lock.
 *
 * Waking a thread takes longer than a short transaction, especially on a core that is in a sleep
 * state. Therefore, while connections are lent only for short times, a thread whose turn will come
 * within half a millisecond spins. The first thread in the queue does not give up its core; the
 * others yield to threads that have work to do.
 *
 * SQLite allows one writer at a time, so its pool has one connection. Writers wait in the pool's
 * queue instead of failing with "database is locked". An in-memory database exists in one
 * connection, so readers wait in the same queue. */
#include "pool/engine.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

enum {
    SHORT_HOLD_NS = 50000,    /* waiting threads spin only if the average loan is not longer than
                                 this: about the time that it takes to wake a thread */
    LONGEST_SPIN_NS = 500000, /* maximum time for which a waiting thread spins */
    LONGEST_HOLD_NS = 200000, /* maximum that one loan adds to the moving average, so that a single
                                 slow COMMIT does not dominate it */
    AVERAGE_OF = 8,           /* approximate number of loans in the moving average */
};

/* A thread in the queue of a pool. The struct is on the stack of that thread. */
struct furrow__waiter {
    furrow__waiter *next;
    furrow__event event;
    furrow__pooled *pooled; /* the connection that was lent; NULL: none */
    bool is_queued;
    bool is_next; /* the thread was the first in the queue when it joined */
    int64_t spin_ns;
    bool may_connect; /* a connection was closed, and this thread may open a new one in its place */
    bool is_refused;  /* the engine is being closed */
    int64_t deadline_ns; /* deadline for waiting and connecting together; 0: not set yet */
    int64_t suspect_ns;  /* value of pool->suspect_ns when the connection was lent */
    furrow__borrower borrower;
};

bool furrow__cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes))
        return false;
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    bool good = pthread_cond_init(cond, &attributes) == 0;
    pthread_condattr_destroy(&attributes);
    return good;
}

static furrow__pool *pool_for(furrow_engine *engine, bool read_only)
{
    bool reads = read_only && !engine->is_server && !engine->is_memory;
    return reads ? &engine->readers : &engine->writers;
}

static furrow__pool *pool_of(furrow__pooled *pooled)
{
    return pooled->read_only ? &pooled->engine->readers : &pooled->engine->writers;
}

void furrow__pooled_close(furrow__pooled *pooled)
{
    pooled->engine->driver->close(pooled->connection);
    furrow__cache_free(pooled->cache);
    furrow__release(pooled);
}

/* The ping must leave enough of the timeout for a new connection. */
static int answer_timeout_ms(const furrow_engine *engine)
{
    int quarter = engine->options.pool_timeout_ms / 4 + 1;
    return quarter < FURROW__MAX_ANSWER_MS ? quarter : FURROW__MAX_ANSWER_MS;
}

/* The result is up to a tenth less than pool_recycle_s, depending on the connection's number, so
 * that connections that were opened together are not closed together. */
static int64_t lifetime_ns(const furrow_engine *engine, uint64_t number)
{
    int64_t longest = engine->options.pool_recycle_s * NS_PER_S;
    if (longest <= 0)
        return 0;
    return longest - (int64_t)(furrow__hash(&number, sizeof number) % (uint64_t)(longest / 10));
}

static furrow_status open_pooled(furrow_engine *engine, furrow__pooled **out, bool read_only,
                                 int timeout_ms, furrow_error *error)
{
    *out = NULL;
    furrow__pooled *pooled = furrow__allocate_zeroed(1, sizeof *pooled);
    struct furrow__statement_cache *cache =
        furrow__cache_new(engine->prepares ? engine->options.statement_cache : 0);
    if (!pooled || !cache) {
        furrow__release(pooled);
        furrow__cache_free(cache);
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    }
    pthread_mutex_lock(&engine->lock);
    furrow_file file = engine->file;
    pthread_mutex_unlock(&engine->lock);
    struct furrow_connect_options options = {
        .url = engine->options.url,
        .file = file,
        .read_only = read_only,
        .busy_timeout_ms = engine->options.busy_timeout_ms,
        .prepare = engine->prepares,
        .is_pooled = true,
        .relaxed = engine->options.durability == FURROW_DURABILITY_RELAXED,
        .connect_timeout_ms = timeout_ms,
        .answer_timeout_ms = answer_timeout_ms(engine),
    };
    furrow_status status = engine->driver->open(&pooled->connection, &options, error);
    if (status != FURROW_OK) {
        furrow__release(pooled);
        furrow__cache_free(cache);
        return status;
    }
    pooled->engine = engine;
    pooled->schema_version = atomic_load_explicit(&engine->schema_version, memory_order_relaxed);
    pooled->cache = cache;
    pooled->read_only = read_only;
    pooled->opened_at_ns = pooled->used_at_ns = furrow__now_ns();
    *out = pooled;
    return FURROW_OK;
}

void furrow__pool_lend(furrow__pool *pool, furrow__pooled *pooled, const furrow__borrower *borrower)
{
    if (!pooled->back) {
        pooled->next = pool->lent;
        pooled->back = &pool->lent;
        if (pooled->next)
            pooled->next->back = &pooled->next;
        pool->lent = pooled;
    }
    pooled->opened_at = borrower->opened_at;
    pooled->reported = false;
    pooled->lent_at_ns = furrow__now_ns();
    pooled->began_ns = 0;
    pool->has_holder = pool->limit == 1;
    pool->holder = *borrower;
    atomic_store_explicit(&pooled->thread, borrower->thread, memory_order_relaxed);
    if (borrower->subtransaction) {
        borrower->subtransaction->joined = pool->batch.count > 0;
        borrower->subtransaction->calls = 1;
        atomic_store_explicit(&borrower->subtransaction->idle_since_ns,
                              FURROW__SUBTRANSACTION_IN_CALL, memory_order_relaxed);
    }
}

/* Removes a connection from the list of lent connections. */
static void take_away(furrow__pooled *pooled)
{
    *pooled->back = pooled->next;
    if (pooled->next)
        pooled->next->back = pooled->back;
    pooled->next = NULL;
    pooled->back = NULL;
}

/* Adds the duration of a finished loan to the moving average. */
static void count_hold(furrow__pool *pool, const furrow__pooled *pooled, int64_t now)
{
    if (!pooled->began_ns)
        return;
    int64_t held = now - pooled->began_ns;
    if (held > LONGEST_HOLD_NS)
        held = LONGEST_HOLD_NS;
    pool->hold_ns += (held - pool->hold_ns) / AVERAGE_OF;
}

static void count_wait(const furrow_engine *engine, furrow__pool *pool,
                       const furrow__waiter *waiter, int64_t now)
{
    int64_t waited_ns = now - (waiter->deadline_ns - engine->options.pool_timeout_ms * NS_PER_MS);
    int bucket = 0;
    for (int64_t bound = NS_PER_MS / 10; waited_ns > bound && bucket < FURROW_WAIT_BUCKETS - 1;
         bound *= 10)
        bucket++;
    pool->waits[bucket]++;
    pool->wait_ns += (uint64_t)waited_ns;
}

void furrow__pool_count_syncs(furrow__pool *pool, furrow__pooled *pooled)
{
    pool->syncs += pooled->connection->syncs - pooled->syncs;
    pooled->syncs = pooled->connection->syncs;
}

static void count_commits(furrow__pool *pool, furrow__pooled *pooled)
{
    furrow__pool_count_syncs(pool, pooled);
    pool->commits += pooled->committed;
    pooled->committed = 0;
}

static furrow__waiter *take_first(furrow__pool *pool)
{
    furrow__waiter *first = pool->first;
    if (!first)
        return NULL;
    pool->first = first->next;
    if (!pool->first)
        pool->last = NULL;
    pool->waiting--;
    return first;
}

static void leave_queue(furrow__pool *pool, const furrow__waiter *waiter)
{
    furrow__waiter *before = NULL;
    for (furrow__waiter *at = pool->first; at != waiter; at = at->next)
        before = at;
    if (before)
        before->next = waiter->next;
    else
        pool->first = waiter->next;
    if (pool->last == waiter)
        pool->last = before;
    pool->waiting--;
}

/* Called after a connection was closed. The thread that has waited longest may open a new
 * connection in its place. */
static void pass_on_place(const furrow_engine *engine, furrow__pool *pool, furrow__wake *wake)
{
    pool->has_holder = false;
    furrow__waiter *first = take_first(pool);
    if (first) {
        count_wait(engine, pool, first, furrow__now_ns());
        first->suspect_ns = pool->suspect_ns;
        first->may_connect = true;
        furrow__event_set(&first->event, wake);
        return;
    }
    pool->open--;
    pool->busy--;
}

bool furrow__pool_hand_over(furrow__pool *pool, furrow__pooled *pooled, furrow__wake *wake)
{
    furrow__waiter *first = take_first(pool);
    if (!first)
        return false;
    count_hold(pool, pooled, furrow__now_ns());
    furrow__pool_lend(pool, pooled, &first->borrower);
    count_wait(pooled->engine, pool, first, pooled->lent_at_ns);
    first->suspect_ns = pool->suspect_ns;
    first->pooled = pooled;
    furrow__event_set(&first->event, wake);
    return true;
}

void furrow__pool_put_idle(furrow__pool *pool, furrow__pooled *pooled)
{
    take_away(pooled);
    count_hold(pool, pooled, furrow__now_ns());
    pool->has_holder = false;
    pool->busy--;
    pooled->next = pool->idle;
    pool->idle = pooled;
}

furrow__pooled *furrow__pool_take_idle(furrow__pool *pool, const furrow__borrower *borrower)
{
    furrow__pooled *pooled = pool->idle;
    if (!pooled)
        return NULL;
    pool->idle = pooled->next;
    pool->busy++;
    furrow__pool_lend(pool, pooled, borrower);
    return pooled;
}

/* Lends the connection to the next thread, or makes it idle if no thread waits. A connection beyond
 * pool_size stays open for a moment, so that the next burst of sessions can use it. */
static void put_back(furrow__pool *pool, furrow__pooled *pooled, furrow__wake *wake)
{
    count_commits(pool, pooled);
    if (furrow__pool_hand_over(pool, pooled, wake))
        return;
    furrow__pool_put_idle(pool, pooled);
    atomic_llong *due = &pooled->engine->due_at_ns;
    int64_t at = pooled->used_at_ns + FURROW__OVERFLOW_IDLES_S * NS_PER_S;
    if (pool->open > pool->keep && at < atomic_load_explicit(due, memory_order_relaxed))
        atomic_store_explicit(due, at, memory_order_relaxed);
}

static furrow_status fail_self_deadlock(const furrow_engine *engine, const furrow__borrower *holder,
                                        furrow_error *error)
{
    furrow__fail(error, FURROW_INVALID,
                 "this thread would wait for itself: its session opened at %s:%d holds the %s",
                 holder->opened_at.file ? holder->opened_at.file : "?", holder->opened_at.line,
                 engine->is_memory ? "only connection to the in-memory database" : "writer");
    return furrow__hint(error, engine->is_memory
                                   ? "commit, roll back or close that session first"
                                   : "commit, roll back or close that session first, or open "
                                     "this one with .read_only = true if it only reads");
}

static furrow_status fail_closed(furrow_error *error)
{
    return furrow__fail(error, FURROW_INVALID, "the engine was closed");
}

static furrow_status fail_timeout(const furrow_engine *engine, furrow__pool *pool,
                                  furrow_error *error)
{
    char holder[320] = "";
    pool->timeouts++;
    if (pool->has_holder)
        snprintf(holder, sizeof holder, "; the session opened at %s:%d holds it",
                 pool->holder.opened_at.file ? pool->holder.opened_at.file : "?",
                 pool->holder.opened_at.line);
    furrow__fail(error, FURROW_TIMEOUT, "%s became free within %d ms: %d busy, %d waiting%s%s%s",
                 engine->is_server   ? "no connection"
                 : engine->is_memory ? "the only connection to the in-memory database never"
                 : pool->read_only   ? "no reader"
                                     : "the writer never",
                 engine->options.pool_timeout_ms, pool->busy, pool->waiting, holder,
                 pool->last_error[0] ? "; the last attempt to connect failed: " : "",
                 pool->last_error);
    return furrow__hint(
        error, engine->is_server ? "end sessions sooner, or increase pool_size, max_overflow or "
                                   "pool_timeout_ms"
               : pool->read_only ? "end sessions sooner, or increase readers or pool_timeout_ms"
                                 : "end that session sooner, or increase pool_timeout_ms");
}

/* Appends the thread to the queue and decides how long it spins. The caller must hold the lock. */
static void join_queue(furrow__pool *pool, furrow__waiter *waiter)
{
    if (pool->last)
        pool->last->next = waiter;
    else
        pool->first = waiter;
    pool->last = waiter;
    waiter->is_next = pool->waiting == 0;
    bool is_soon =
        pool->hold_ns <= SHORT_HOLD_NS && pool->waiting * pool->hold_ns <= LONGEST_SPIN_NS;
    pool->waiting++;
    waiter->spin_ns = is_soon ? LONGEST_SPIN_NS : 0;
    waiter->is_queued = true;
}

/* Waits until the thread has a connection, or may open one. The caller must not hold the lock. */
static furrow_status wait_in_queue(furrow_engine *engine, furrow__pool *pool,
                                   furrow__waiter *waiter, furrow_error *error)
{
    if (furrow__event_wait(&waiter->event, waiter->spin_ns, waiter->is_next, waiter->deadline_ns))
        return waiter->is_refused ? fail_closed(error) : FURROW_OK;
    furrow_status status = FURROW_OK;
    pthread_mutex_lock(&engine->lock);
    if (waiter->is_refused) {
        status = fail_closed(error);
    } else if (!waiter->pooled && !waiter->may_connect) {
        status = fail_timeout(engine, pool, error);
        leave_queue(pool, waiter);
    }
    pthread_mutex_unlock(&engine->lock);
    return status;
}

static void set_deadline(const furrow_engine *engine, furrow__waiter *waiter)
{
    if (!waiter->deadline_ns)
        waiter->deadline_ns = furrow__now_ns() + engine->options.pool_timeout_ms * NS_PER_MS;
}

/* Opens a connection that is already counted in pool->open. */
static furrow_status connect_counted(furrow_engine *engine, furrow__pool *pool,
                                     furrow__pooled **out, furrow__waiter *waiter,
                                     furrow_error *error)
{
    set_deadline(engine, waiter);
    int64_t left_ms = (waiter->deadline_ns - furrow__now_ns()) / NS_PER_MS;
    furrow_status status =
        open_pooled(engine, out, pool->read_only, left_ms > 1 ? (int)left_ms : 1, error);
    furrow__wake wake = {NULL};
    pthread_mutex_lock(&engine->lock);
    if (status == FURROW_OK) {
        pool->last_error[0] = '\0';
        (*out)->lifetime_ns = lifetime_ns(engine, pool->opened++);
        furrow__pool_lend(pool, *out, &waiter->borrower);
        engine->was_reached = true;
        if (!engine->file.inode)
            engine->file = (*out)->connection->file;
    } else {
        furrow__copy_text(pool->last_error, sizeof pool->last_error, error->message);
        if (status == FURROW_TIMEOUT && engine->was_reached)
            status = fail_timeout(engine, pool, error);
        else if (status == FURROW_TIMEOUT) /* no connection has ever been opened: the server
                                              probably does not exist */
            status = error->status = FURROW_DISCONNECTED;
        pass_on_place(engine, pool, &wake);
    }
    pthread_mutex_unlock(&engine->lock);
    furrow__wake_up(&wake);
    return status;
}

/* Pings a connection that has been idle for a long time, or that has not been used since another
 * connection broke. */
static bool is_alive(furrow_engine *engine, furrow__pooled *pooled, int64_t suspect_ns)
{
    furrow_error ignored;
    if (!engine->is_server)
        return true;
    int64_t trusted_s =
        engine->options.pre_ping ? FURROW__IDLE_BEFORE_PRE_PING_S : FURROW__IDLE_BEFORE_PING_S;
    bool suspect = pooled->used_at_ns <= suspect_ns ||
                   furrow__now_ns() - pooled->used_at_ns > trusted_s * NS_PER_S;
    return !suspect || (engine->driver->ping(pooled->connection, &ignored) == FURROW_OK &&
                        !pooled->connection->broken);
}

/* Closes a connection that failed the ping. The calling thread may open another connection in its
 * place. */
static void discard_dead(furrow_engine *engine, furrow__pool *pool, furrow__pooled *pooled)
{
    pthread_mutex_lock(&engine->lock);
    take_away(pooled);
    pool->broken++;
    pthread_mutex_unlock(&engine->lock);
    furrow__pooled_close(pooled);
}

/* Returns whether the only connection of the pool is lent to a session that this thread used last.
 * The caller must hold the lock. */
static bool is_held_by(const furrow_engine *engine, const furrow__pool *pool, pthread_t thread)
{
    return pool->has_holder && pool->lent && !engine->is_server &&
           pthread_equal(atomic_load_explicit(&pool->lent->thread, memory_order_relaxed), thread);
}

/* Takes an idle connection, reserves the right to open one, or joins the queue. The caller must
 * hold the lock. */
static furrow_status take_or_join(furrow_engine *engine, furrow__pool *pool, furrow__waiter *waiter,
                                  furrow_error *error)
{
    if (furrow__engine_is_closing(engine)) { /* the engine may have been closed since the caller
                                                checked */
        return fail_closed(error);
    } else if (pool->idle) {
        waiter->pooled = furrow__pool_take_idle(pool, &waiter->borrower);
        waiter->suspect_ns = pool->suspect_ns;
    } else if (pool->open < pool->limit) {
        pool->open++;
        pool->busy++;
        waiter->may_connect = true;
    } else if (is_held_by(engine, pool, waiter->borrower.thread)) {
        return fail_self_deadlock(engine, &pool->holder, error);
    } else {
        set_deadline(engine, waiter);
        if (!furrow__event_init(&waiter->event))
            return furrow__fail(error, FURROW_NOMEM, "out of memory");
        join_queue(pool, waiter);
        return FURROW_OK;
    }
    pool->waits[0]++;
    return FURROW_OK;
}

static furrow_status take_or_wait(furrow_engine *engine, furrow__pool *pool, furrow__waiter *waiter,
                                  furrow_error *error)
{
    pthread_mutex_lock(&engine->lock);
    furrow_status status = take_or_join(engine, pool, waiter, error);
    pthread_mutex_unlock(&engine->lock);
    if (!waiter->is_queued)
        return status;
    status = wait_in_queue(engine, pool, waiter, error);
    furrow__event_done(&waiter->event);
    return status;
}

/* If a table was changed since the connection was used last, its statements may be out of date. */
static void expire_statements(furrow__pooled *pooled)
{
    unsigned version = atomic_load_explicit(&pooled->engine->schema_version, memory_order_relaxed);
    if (version == pooled->schema_version)
        return;
    pooled->schema_version = version;
    if (pooled->engine->driver->expire)
        pooled->engine->driver->expire(pooled->connection);
}

/* If the borrower found that another program has changed a table, the statements of all other
 * connections may be out of date. */
static void note_schema_change(furrow__pooled *pooled)
{
    if (!pooled->connection->schema_changed)
        return;
    pooled->connection->schema_changed = false;
    pooled->schema_version =
        1 + atomic_fetch_add_explicit(&pooled->engine->schema_version, 1, memory_order_relaxed);
}

static furrow_status acquire(furrow_engine *engine, furrow__pooled **out, bool read_only,
                             furrow__borrower borrower, furrow_error *error)
{
    *out = NULL;
    if (!furrow__engine_is_here(engine))
        return furrow__engine_not_here(error);
    if (furrow__engine_is_closing(engine))
        return fail_closed(error);
    furrow__engine_maintain(engine);
    furrow__pool *pool = pool_for(engine, read_only);
    furrow__waiter waiter = {.borrower = borrower};
    furrow_status status = take_or_wait(engine, pool, &waiter, error);
    if (status != FURROW_OK) {
        furrow__engine_maintain(engine);
        return status;
    }
    if (waiter.pooled && !is_alive(engine, waiter.pooled, waiter.suspect_ns)) {
        discard_dead(engine, pool, waiter.pooled);
        waiter.pooled = NULL;
    }
    if (!waiter.pooled)
        return connect_counted(engine, pool, out, &waiter, error);
    waiter.pooled->began_ns = furrow__now_ns();
    expire_statements(waiter.pooled);
    *out = waiter.pooled;
    return FURROW_OK;
}

furrow_status furrow__pool_acquire(furrow_engine *engine, furrow__pooled **out, bool read_only,
                                   furrow__call_site opened_at, furrow_error *error)
{
    return acquire(engine, out, read_only, (furrow__borrower){pthread_self(), opened_at, NULL},
                   error);
}

furrow_status furrow__pool_acquire_writer(furrow_engine *engine, furrow__pooled **out,
                                          furrow__subtransaction *subtransaction,
                                          furrow__call_site opened_at, furrow_error *error)
{
    subtransaction->joined = subtransaction->ran = false;
    return acquire(engine, out, false,
                   (furrow__borrower){pthread_self(), opened_at, subtransaction}, error);
}

bool furrow__pooled_was_used(const furrow__pooled *pooled)
{
    return pooled->used_at_ns != pooled->opened_at_ns;
}

/* Cleans the connection if necessary. Returns false if it cannot serve another session. */
static bool is_clean(furrow__pooled *pooled, bool dirty)
{
    const furrow_engine *engine = pooled->engine;
    furrow_connection *connection = pooled->connection;
    furrow_error ignored;
    if (connection->broken)
        return false;
    return (!dirty && !connection->in_transaction && !connection->may_be_dirty) ||
           (engine->driver->reset(connection, &ignored) == FURROW_OK && !connection->broken);
}

static bool may_stay(const furrow__pooled *pooled)
{
    if (pooled->engine->is_memory) /* closing the connection would delete the database */
        return true;
    return !pooled->connection->altered &&
           (!pooled->lifetime_ns || furrow__now_ns() - pooled->opened_at_ns < pooled->lifetime_ns);
}

/* Lets the driver do its idle work if no thread waits for a connection. */
static void tidy(furrow_engine *engine, const furrow__pool *pool, furrow__pooled *pooled)
{
    pthread_mutex_lock(&engine->lock);
    bool wanted = pool->first != NULL;
    pthread_mutex_unlock(&engine->lock);
    if (!wanted)
        engine->driver->run_idle_work(pooled->connection);
}

/* Closes the connection instead of making it idle. It is removed from the list of lent connections
 * first, so that it is no longer reported as open. */
static void discard(furrow_engine *engine, furrow__pool *pool, furrow__pooled *pooled,
                    bool is_broken)
{
    bool is_lost = pooled->connection->broken;
    furrow__wake wake = {NULL};
    pthread_mutex_lock(&engine->lock);
    take_away(pooled);
    count_commits(pool, pooled);
    if (is_broken)
        pool->broken++;
    else
        pool->recycled++;
    pthread_mutex_unlock(&engine->lock);
    furrow__pooled_close(pooled);
    pthread_mutex_lock(&engine->lock);
    if (is_lost)
        pool->suspect_ns = furrow__now_ns();
    pass_on_place(engine, pool, &wake);
    pthread_mutex_unlock(&engine->lock);
    furrow__wake_up(&wake);
}

void furrow__pool_release(furrow__pooled *pooled, bool dirty)
{
    if (!pooled || !furrow__engine_is_here(pooled->engine))
        return;
    furrow_engine *engine = pooled->engine;
    furrow__pool *pool = pool_of(pooled);
    note_schema_change(pooled);
    bool clean = is_clean(pooled, dirty);
    bool kept = false;
    if (clean && pooled->connection->has_idle_work && engine->driver->run_idle_work)
        tidy(engine, pool, pooled);
    if (engine->is_server || engine->options.idle_timeout_s)
        pooled->used_at_ns = furrow__now_ns();
    if (clean && may_stay(pooled)) {
        furrow__wake wake = {NULL};
        pthread_mutex_lock(&engine->lock);
        put_back(pool, pooled, &wake);
        kept = true;
        pthread_mutex_unlock(&engine->lock);
        furrow__wake_up(&wake);
    }
    if (!kept)
        discard(engine, pool, pooled, !clean);
    furrow__engine_maintain(engine);
}

/* Rejects the first thread of either queue. Returns false if both queues are empty. */
static bool refuse_one_waiter(furrow_engine *engine)
{
    furrow__wake wake = {NULL};
    pthread_mutex_lock(&engine->lock);
    furrow__waiter *first = take_first(&engine->writers);
    if (!first)
        first = take_first(&engine->readers);
    if (first) {
        first->is_refused = true;
        furrow__event_set(&first->event, &wake);
    }
    pthread_mutex_unlock(&engine->lock);
    furrow__wake_up(&wake);
    return first != NULL;
}

void furrow__engine_refuse_waiters(furrow_engine *engine)
{
    while (refuse_one_waiter(engine))
        ;
}

furrow_status furrow__engine_connect(furrow_engine *engine, furrow_error *error)
{
    furrow__pooled *pooled = NULL;
    furrow_status status =
        furrow__pool_acquire(engine, &pooled, false, (furrow__call_site){0}, error);
    furrow__pool_release(pooled, false);
    return status;
}

static void close_idle(furrow__pool *pool)
{
    assert(pool->busy == 0 && !pool->first);
    while (pool->idle) {
        furrow__pooled *pooled = pool->idle;
        pool->idle = pooled->next;
        furrow__pooled_close(pooled);
    }
}

void furrow__engine_disconnect(furrow_engine *engine)
{
    furrow__group_flush(engine);
    /* Readers are closed first: SQLite checkpoints when the last connection is closed, and only the
     * writer may checkpoint. */
    close_idle(&engine->readers);
    close_idle(&engine->writers);
}

furrow__pool_statistics furrow__pool_stats(furrow_engine *engine, bool read_only)
{
    pthread_mutex_lock(&engine->lock);
    const furrow__pool *pool = pool_for(engine, read_only);
    furrow__pool_statistics now = {pool->open, pool->busy, pool->open - pool->busy, pool->waiting};
    pthread_mutex_unlock(&engine->lock);
    return now;
}
