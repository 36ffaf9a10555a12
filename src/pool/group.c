/* SPDX-License-Identifier: MIT
 *
 * Group commit; what it does is told in group.h, how, here.
 *
 * A unit that commits is parked in its line's batch: on the stack of the thread that waits, or in a
 * ticket. Who holds the connection, and nobody else, adds to the batch or settles it, so the
 * list is stable for the holder without the lock. A connection with a batch is always in one of
 * three states: with a session whose unit is joined, with a parked one that commits, or at rest in
 * the idle list, where the next session finds it, or a parked one that loses patience.
 *
 * To wake a thread costs about as much as a small transaction, above all on a core that sleeps
 * too. All that wait therefore sleep by one bell: whoever commits rings it once, and those that are
 * acknowledged come back to the line as the cores get to them, without a core falling asleep
 * between two of them, and none waits for what another does with its time. */
#include "pool/engine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/text.h"

enum {
    BATCH_LIMIT = 256,    /* transactions that wait for one sync */
    DELAY_SHARE = 4,      /* of a sync: for so long a batch smaller than expected waits for more */
    LONGEST_DELAY_MS = 2, /* whatever a sync takes */
    SPIN_DELAY_US = 100,  /* of it without sleeping: a timer takes that long itself */
    RETURN_US = 500,      /* and a sync: for those who are coming to get there */
    OVERDUE_MS = 20,      /* and that many syncs and units that were undone behind those who wait to
                              commit: then no more may join them */
    OVERDUE_SYNCS = 4,
    OVERDUE_ROLLBACKS = 3,
    AVERAGE_OF = 8, /* syncs, roughly */
};

struct furrow__member {
    furrow__member *next;
    int64_t since_ns;
    int channel;            /* its number by the bell */
    bool is_listed;         /* in the batch; under the engine's lock */
    bool has_thread;        /* that waits; likewise, until the batch is decided */
    bool is_returning;      /* counted so in the batch, once it is done */
    furrow__event event;    /* what is below is known */
    furrow__pooled *pooled; /* handed over, so that this one commits; else it is done */
    furrow_status status;
    furrow_error *error; /* where to say why; not NULL */
    furrow__borrower who;
};

struct furrow_ticket {
    furrow_engine *engine;
    furrow__member member;
    furrow_error error;
};

static furrow__pool *pool_of(const furrow__pooled *pooled)
{
    return &pooled->engine->writers;
}

static bool init_member(furrow__member *p, furrow_error *error, const furrow__pooled *pooled)
{
    *p = (furrow__member){.error = error, .who = {.thread = pthread_self()}};
    if (pooled)
        p->who.opened_at = pooled->opened_at;
    return furrow__event_init(&p->event);
}

static void done_member(furrow__member *p)
{
    furrow__event_done(&p->event);
}

/* ---- calls of a unit ---- */

bool furrow__subtransaction_enter_joined(furrow__subtransaction *subtransaction)
{
    long long since = atomic_load_explicit(&subtransaction->idle_since_ns, memory_order_relaxed);
    if (subtransaction->calls == 0 &&
        (since == FURROW__SUBTRANSACTION_EVICTED ||
         !atomic_compare_exchange_strong_explicit(&subtransaction->idle_since_ns, &since,
                                                  FURROW__SUBTRANSACTION_IN_CALL,
                                                  memory_order_acquire, memory_order_acquire)))
        return false;
    subtransaction->calls++;
    return true;
}

void furrow__subtransaction_leave_joined(furrow__subtransaction *subtransaction)
{
    if (--subtransaction->calls)
        return;
    atomic_store_explicit(&subtransaction->idle_since_ns, furrow__now_ns(), memory_order_release);
}

furrow_status furrow__subtransaction_evicted(const furrow_engine *engine, furrow_error *error)
{
    furrow__fail(error, FURROW_BUSY,
                 "the transaction was undone: it made no call for %d ms while others, whose commit "
                 "waited for it, were held up",
                 engine->options.group_wait_ms);
    return furrow__hint(error,
                        "run it again, as furrow_transact does; keep what is slow outside of "
                        "transactions, or raise group_wait_ms");
}

/* The lock is held. Take the connection from a session that sits idle; otherwise say when to look
 * again. */
static furrow__pooled *evict_idle(furrow_engine *engine, furrow__pool *pool, int64_t now,
                                  int64_t *retry_at_ns)
{
    furrow__subtransaction *subtransaction = pool->has_holder ? pool->holder.subtransaction : NULL;
    int64_t timeout_ns = engine->options.group_wait_ms * NS_PER_MS;
    *retry_at_ns = now + timeout_ns;
    if (!subtransaction)
        return NULL;
    long long since = atomic_load_explicit(&subtransaction->idle_since_ns, memory_order_relaxed);
    if (since == FURROW__SUBTRANSACTION_IN_CALL)
        return NULL;
    if (now - since < timeout_ns) {
        *retry_at_ns = since + timeout_ns;
        return NULL;
    }
    pthread_mutex_lock(subtransaction->cancelling);
    bool evicted = atomic_compare_exchange_strong_explicit(
        &subtransaction->idle_since_ns, &since, FURROW__SUBTRANSACTION_EVICTED,
        memory_order_acq_rel, memory_order_relaxed);
    pthread_mutex_unlock(subtransaction->cancelling);
    return evicted ? pool->lent : NULL;
}

/* ---- the batch ---- */

static int size_bucket(int count)
{
    int bucket = 0;
    for (int bound = 1; count > bound && bucket < FURROW_BATCH_BUCKETS - 1; bound *= 2)
        bucket++;
    return bucket;
}

/* The lock is held. */
static void append(furrow__batch *batch, furrow__member *p)
{
    p->since_ns = furrow__now_ns();
    p->channel = batch->count % FURROW__CONDITION_CHANNELS;
    p->is_listed = true;
    if (batch->last)
        batch->last->next = p;
    else
        batch->first = p;
    batch->last = p;
    batch->count++;
    batch->threads += p->has_thread;
    atomic_fetch_add_explicit(&batch->arrivals, 1, memory_order_relaxed);
}

/* The batch is decided: nothing of it is in the list any more. The lock is held. */
static furrow__member *take_all(furrow__batch *batch)
{
    furrow__member *first = batch->first;
    for (furrow__member *p = first; p; p = p->next)
        p->is_listed = false;
    batch->first = batch->last = NULL;
    batch->last_count = batch->count;
    batch->count = batch->threads = batch->rolled_back = 0;
    batch->delay_limit_ns = 0;
    atomic_store_explicit(&batch->delay_until_ns, 0, memory_order_relaxed);
    return first;
}

/* If it sleeps it does so by the bell, not before the gate. */
static void complete(furrow__member *p)
{
    furrow__event_set(&p->event, &(furrow__wake){NULL});
}

/* Tell all, each of which may then be gone; `me` is the caller's own, if it has one. */
static void acknowledge(furrow_engine *engine, furrow__member *first, const furrow__member *me,
                        furrow_status status, const furrow_error *error)
{
    furrow__batch *batch = &engine->writers.batch;
    int returning = 0;
    if (!first)
        return;
    for (furrow__member *p = first; p; p = p->next)
        returning += p->is_returning = p->has_thread && p != me;
    atomic_fetch_add_explicit(&batch->returning, returning, memory_order_relaxed);
    for (furrow__member *p = first, *next; p; p = next) {
        next = p->next;
        p->status = status;
        if (status)
            *p->error = *error;
        complete(p);
    }
    furrow__condition_wake(&batch->condition, FURROW__CONDITION_ALL);
}

/* Run COMMIT for all that wait; the connection stays with the caller. Returns those to be told. */
static furrow__member *commit_all(furrow__pooled *pooled, furrow_status *status,
                                  furrow_error *error)
{
    furrow_engine *engine = pooled->engine;
    furrow__batch *batch = &pool_of(pooled)->batch;
    int64_t started = furrow__now_ns();
    *status = engine->driver->commit(pooled->connection, error);
    if (*status) {
        furrow__copy_text(error->sql, sizeof error->sql, "COMMIT");
        if (batch->count > 1 && !error->hint[0])
            furrow__hint(error, "%d transactions were to be committed together; none is kept",
                         batch->count);
    }
    int64_t took = furrow__now_ns() - started;
    pooled->began_ns = 0;
    pthread_mutex_lock(&engine->lock);
    batch->sync_ns += (took - batch->sync_ns) / (batch->sync_ns ? AVERAGE_OF : 1);
    if (*status == FURROW_OK) {
        batch->commits += (uint64_t)batch->count;
        batch->sizes[size_bucket(batch->count)]++;
    }
    furrow__pool_count_syncs(pool_of(pooled), pooled);
    furrow__member *all = take_all(batch);
    batch->expected = batch->last_count + pool_of(pooled)->waiting;
    pthread_mutex_unlock(&engine->lock);
    return all;
}

/* Commit, hand the connection on, tell all. `me` is the caller's own, if it has one. */
static furrow_status lead(furrow__pooled *pooled, const furrow__member *me, furrow_error *error)
{
    furrow_status status;
    furrow_engine *engine = pooled->engine;
    furrow__member *all = commit_all(pooled, &status, error);
    bool first_tell = pooled->connection->has_idle_work; /* what else is done then takes long */
    if (first_tell)
        acknowledge(engine, all, me, status, error);
    furrow__pool_release(pooled, false);
    if (!first_tell)
        acknowledge(engine, all, me, status, error);
    return status;
}

/* SQLite rolled everything back: what ended a disk's or the memory's turn ends it for all; else
 * they can run again. */
static void fail_all(furrow__pooled *pooled, const furrow_error *cause)
{
    furrow_engine *engine = pooled->engine;
    furrow_error error = {0};
    if (cause && (cause->status == FURROW_DATABASE || cause->status == FURROW_NOMEM)) {
        furrow__fail(&error, cause->status, "%s", cause->message);
        error.native_code = cause->native_code;
        furrow__hint(&error, "it happened in a transaction that was to be committed together with "
                             "this one; none is kept");
    } else {
        furrow__fail(&error, FURROW_BUSY,
                     "another transaction that was to be committed together with this one was "
                     "rolled back as a whole");
        furrow__hint(&error, "run it again, as furrow_transact does");
    }
    pthread_mutex_lock(&engine->lock);
    furrow__member *all = take_all(&pool_of(pooled)->batch);
    pthread_mutex_unlock(&engine->lock);
    acknowledge(engine, all, NULL, error.status, &error);
}

/* ---- handing on ---- */

/* The oldest that has a thread is to commit. Returns for whom the bell is to be rung. The lock is
 * held. */
static int appoint_leader(furrow__pool *pool, furrow__pooled *pooled)
{
    furrow__member *p = pool->batch.first;
    while (!p->has_thread)
        p = p->next;
    furrow__pool_lend(pool, pooled, &p->who);
    p->pooled = pooled;
    int channel = p->channel;
    complete(p);
    return channel;
}

enum { NOBODY = -2 }; /* the bell is to be rung for */

static void wake(furrow__pool *pool, furrow__wake *woken, int channel)
{
    furrow__wake_up(woken);
    if (channel != NOBODY)
        furrow__condition_wake(&pool->batch.condition, channel);
}

/* The transaction is open still, with those that wait in it. */
static void pass_on(furrow__pooled *pooled)
{
    furrow__wake woken = {NULL};
    furrow_engine *engine = pooled->engine;
    furrow__pool *pool = pool_of(pooled);
    int channel = NOBODY;
    bool stays = false;
    if (pooled->connection->altered) { /* it goes to nobody any more */
        lead(pooled, NULL, &(furrow_error){0});
        return;
    }
    pthread_mutex_lock(&engine->lock);
    if (!furrow__pool_hand_over(pool, pooled, &woken)) {
        if (pool->batch.threads)
            channel = appoint_leader(pool, pooled);
        else if (furrow__engine_is_closing(engine))
            stays = true;
        else
            furrow__pool_put_idle(pool, pooled);
    }
    pthread_mutex_unlock(&engine->lock);
    wake(pool, &woken, channel);
    if (stays) /* nobody comes for it any more */
        lead(pooled, NULL, &(furrow_error){0});
}

/* Undo a unit, and tell the others if they went with it; true if they are there still. */
static bool undo(furrow__pooled *pooled, const furrow_error *cause)
{
    pooled->engine->driver->subtransaction_rollback(pooled->connection);
    pool_of(pooled)->batch.rolled_back++;
    if (pooled->connection->in_transaction && !pooled->connection->broken)
        return true;
    fail_all(pooled, cause);
    return false;
}

void furrow__group_abandon(furrow__pooled *pooled, furrow__subtransaction *subtransaction,
                           const furrow_error *cause)
{
    subtransaction->joined = false;
    if (undo(pooled, cause))
        pass_on(pooled);
    else
        furrow__pool_release(pooled, false);
}

/* ---- waiting ---- */

/* Whether a batch should wait for more: as many as wrote lately, most likely, since those that were
 * just acknowledged go on. The lock is held. */
static bool should_delay(furrow__batch *batch)
{
    if (batch->last_count < 2 || batch->count >= batch->expected)
        return false;
    int64_t now = furrow__now_ns();
    if (!batch->delay_limit_ns)
        batch->delay_limit_ns = now + batch->sync_ns + RETURN_US * 1000;
    int64_t until = atomic_load_explicit(&batch->delay_until_ns, memory_order_relaxed);
    return now < batch->delay_limit_ns && (!until || now < until);
}

/* Nobody is coming any more: how long to wait for those who came and did not write yet. Never for
 * longer than a part of the sync that is saved. */
static int64_t delay_until(furrow__batch *batch, int64_t sync_ns, int64_t now)
{
    long long until = atomic_load_explicit(&batch->delay_until_ns, memory_order_relaxed);
    if (until)
        return until;
    int64_t rest = sync_ns / DELAY_SHARE;
    if (rest > LONGEST_DELAY_MS * NS_PER_MS)
        rest = LONGEST_DELAY_MS * NS_PER_MS;
    atomic_compare_exchange_strong(&batch->delay_until_ns, &until, now + rest);
    return now + rest;
}

/* The connection rests; who came last looks after it, for a while without sleeping. Returns until
 * when to sleep. */
static int64_t delay_commit(furrow_engine *engine, const furrow__member *p, unsigned arrival,
                            int64_t sync_ns, int64_t limit_ns)
{
    furrow__batch *batch = &engine->writers.batch;
    bool awake = furrow__can_yield();
    int64_t until = awake ? limit_ns : delay_until(batch, sync_ns, furrow__now_ns());
    int tries = 0;
    while (awake && !furrow__event_is_set(&p->event)) {
        if (atomic_load_explicit(&batch->arrivals, memory_order_relaxed) != arrival)
            return p->since_ns + engine->options.group_wait_ms * NS_PER_MS;
        int64_t now = furrow__now_ns();
        if (atomic_load_explicit(&batch->returning, memory_order_relaxed) <= 0) {
            until = delay_until(batch, sync_ns, now);
            if (now >= p->since_ns + SPIN_DELAY_US * 1000)
                break;
        }
        if (now >= until)
            break;
        furrow__spin(&tries);
    }
    return until < limit_ns ? until : limit_ns;
}

/* The time came: take the connection if it rests, or if whoever has it sits idle for too long.
 * *evicted is then true. Otherwise NULL, and when to look again. */
static furrow__pooled *take_or_evict(furrow_engine *engine, furrow__member *p, bool *evicted,
                                     int64_t *retry_at_ns)
{
    furrow__pool *pool = &engine->writers;
    int64_t now = furrow__now_ns();
    furrow__pooled *pooled = NULL;
    *evicted = false;
    pthread_mutex_lock(&engine->lock);
    *retry_at_ns = now + NS_PER_MS;
    if (p->is_listed) {
        pooled = furrow__pool_take_idle(pool, &p->who);
        if (!pooled && (pooled = evict_idle(engine, pool, now, retry_at_ns)) != NULL) {
            *evicted = true;
            furrow__pool_lend(pool, pooled, &p->who);
        }
    }
    pthread_mutex_unlock(&engine->lock);
    return pooled;
}

/* Wait for the commit, or make it. */
static void wait_for_commit(furrow_engine *engine, furrow__member *p, int64_t deadline_ns)
{
    for (;;) {
        bool evicted = false;
        furrow__pooled *pooled = NULL;
        if (furrow__condition_wait(&engine->writers.batch.condition, &p->event, p->channel,
                                   deadline_ns)) {
            pooled = p->pooled;
            if (!pooled)
                break;
            p->pooled = NULL;
            furrow__event_reset(&p->event);
        } else {
            pooled = take_or_evict(engine, p, &evicted, &deadline_ns);
        }
        if (!pooled)
            continue;
        if (evicted) {
            furrow__cache_drop_active(pooled);
            if (!undo(pooled, NULL)) {
                furrow__pool_release(pooled, false);
                continue;
            }
        }
        lead(pooled, p, &(furrow_error){0});
    }
    if (p->is_returning)
        atomic_fetch_sub_explicit(&engine->writers.batch.returning, 1, memory_order_relaxed);
}

/* ---- what sessions call ---- */

/* Commit all that waits in it; the connection stays with the caller. */
static void commit_batch(furrow__pooled *pooled)
{
    furrow_status status;
    furrow_error error = {0};
    furrow__member *all = commit_all(pooled, &status, &error);
    acknowledge(pooled->engine, all, NULL, status, &error);
}

/* Whether who waits to commit has waited long enough for others to join. Those that roll back, one
 * after the other, would keep it waiting; and tickets only wait for others. */
static bool is_overdue(const furrow__pooled *pooled)
{
    furrow_engine *engine = pooled->engine;
    furrow__batch *batch = &pool_of(pooled)->batch;
    int64_t waited = furrow__now_ns() - batch->first->since_ns;
    if (waited > engine->options.group_wait_ms * NS_PER_MS)
        return true;
    if (batch->rolled_back < OVERDUE_ROLLBACKS || waited < OVERDUE_MS * NS_PER_MS ||
        waited < OVERDUE_SYNCS * batch->sync_ns)
        return false;
    pthread_mutex_lock(&engine->lock);
    bool overdue = batch->threads > 0;
    pthread_mutex_unlock(&engine->lock);
    return overdue;
}

furrow_status furrow__group_begin(furrow__pooled *pooled, furrow__subtransaction *subtransaction,
                                  furrow_isolation isolation, furrow_error *error)
{
    const furrow_driver *driver = pooled->engine->driver;
    if (subtransaction->joined && is_overdue(pooled)) {
        subtransaction->joined = false;
        commit_batch(pooled);
    }
    if (!subtransaction->joined)
        return driver->begin(pooled->connection, isolation, false, error);
    return driver->subtransaction_begin(pooled->connection, error);
}

furrow_status furrow__group_detach(furrow__pooled *pooled, furrow__subtransaction *subtransaction,
                                   furrow_error *error)
{
    if (!subtransaction->joined || subtransaction->ran)
        return FURROW_OK;
    const furrow_driver *driver = pooled->engine->driver;
    if (driver->subtransaction_end(pooled->connection, error)) {
        if (!pooled->connection->in_transaction)
            fail_all(pooled, error);
        return error->status;
    }
    subtransaction->joined = false;
    commit_batch(pooled);
    return driver->begin(pooled->connection, FURROW_ISOLATION_DEFAULT, false, error);
}

bool furrow__group_is_possible(const furrow__pooled *pooled)
{
    return pooled->engine->groups && !pooled->read_only;
}

bool furrow__group_is_wanted(furrow__pooled *pooled)
{
    furrow_engine *engine = pooled->engine;
    furrow__pool *pool = pool_of(pooled);
    if (!furrow__group_is_possible(pooled))
        return false;
    pthread_mutex_lock(&engine->lock);
    bool wanted = pool->first || pool->batch.last_count > 1;
    pthread_mutex_unlock(&engine->lock);
    return wanted;
}

/* Keep a unit's work, or undo it. */
static furrow_status end_subtransaction(furrow__pooled *pooled,
                                        furrow__subtransaction *subtransaction, furrow_error *error)
{
    furrow_status status = pooled->engine->driver->subtransaction_end(pooled->connection, error);
    subtransaction->joined = false;
    if (status == FURROW_OK)
        return FURROW_OK;
    furrow__copy_text(error->sql, sizeof error->sql, "COMMIT");
    if (pooled->connection->in_transaction && !pooled->connection->broken) {
        pass_on(pooled);
    } else {
        fail_all(pooled, error);
        furrow__pool_release(pooled, false);
    }
    return status;
}

/* Where the connection goes when a unit was parked. */
enum next { TO_SOMEBODY, IS_IDLE, STAYS };

static enum next join_batch(furrow__pooled *pooled, furrow__member *p, bool may_wait,
                            int64_t *deadline_ns)
{
    furrow__wake woken = {NULL};
    furrow_engine *engine = pooled->engine;
    furrow__pool *pool = pool_of(pooled);
    furrow__batch *batch = &pool->batch;
    enum next next = STAYS;
    int channel = NOBODY;
    pthread_mutex_lock(&engine->lock);
    append(batch, p);
    unsigned arrival = atomic_load_explicit(&batch->arrivals, memory_order_relaxed);
    *deadline_ns = p->since_ns + engine->options.group_wait_ms * NS_PER_MS;
    if (!may_wait || batch->count >= BATCH_LIMIT || furrow__engine_is_closing(engine)) {
        next = STAYS;
    } else if (furrow__pool_hand_over(pool, pooled, &woken)) {
        next = TO_SOMEBODY;
    } else if (p->has_thread ? should_delay(batch) : !batch->threads) {
        furrow__pool_put_idle(pool, pooled);
        next = IS_IDLE;
    } else if (!p->has_thread) {
        channel = appoint_leader(pool, pooled);
        next = TO_SOMEBODY;
    }
    int64_t limit_ns = batch->delay_limit_ns, sync_ns = batch->sync_ns;
    bool has_thread = p->has_thread;
    pthread_mutex_unlock(&engine->lock);
    wake(pool, &woken, channel);
    if (next == IS_IDLE && has_thread)
        *deadline_ns = delay_commit(engine, p, arrival, sync_ns, limit_ns);
    return next;
}

furrow_status furrow__group_commit(furrow__pooled *pooled, furrow__subtransaction *subtransaction,
                                   furrow_ticket *ticket, furrow_error *error)
{
    furrow_engine *engine = pooled->engine;
    furrow__member mine, *p = ticket ? &ticket->member : &mine;
    int64_t deadline_ns;
    if (subtransaction->joined && end_subtransaction(pooled, subtransaction, error))
        return error->status;
    bool may_wait = engine->driver->can_share_commit(pooled->connection) &&
                    !pooled->connection->broken && !pooled->connection->altered;
    if (!ticket && !init_member(&mine, error, pooled))
        return lead(pooled, NULL, error); /* without the means to wait it commits for all */
    p->has_thread = !ticket;
    enum next next = join_batch(pooled, p, may_wait, &deadline_ns);
    if (next == STAYS)
        lead(pooled, p, &(furrow_error){0});
    if (ticket)
        return FURROW_OK;
    wait_for_commit(engine, p, deadline_ns);
    furrow_status status = p->status;
    done_member(p);
    return status;
}

void furrow__group_flush(furrow_engine *engine)
{
    furrow__pool *pool = &engine->writers;
    pthread_mutex_lock(&engine->lock);
    furrow__pooled *pooled =
        pool->batch.count
            ? furrow__pool_take_idle(pool, &(furrow__borrower){.thread = pthread_self()})
            : NULL;
    pthread_mutex_unlock(&engine->lock);
    if (pooled)
        lead(pooled, NULL, &(furrow_error){0});
}

/* ---- tickets ---- */

furrow_ticket *furrow__ticket_new(furrow_engine *engine, furrow__call_site opened_at)
{
    furrow_ticket *ticket = furrow__allocate_zeroed(1, sizeof *ticket);
    if (!ticket)
        return NULL;
    ticket->engine = engine;
    if (!init_member(&ticket->member, &ticket->error, NULL)) {
        furrow__release(ticket);
        return NULL;
    }
    ticket->member.who.opened_at = opened_at;
    return ticket;
}

void furrow__ticket_settle(furrow_ticket *ticket, furrow_status status, const furrow_error *error)
{
    ticket->member.status = status;
    if (status)
        ticket->error = *error;
    complete(&ticket->member);
}

void furrow__ticket_free(furrow_ticket *ticket)
{
    if (!ticket)
        return;
    done_member(&ticket->member);
    furrow__release(ticket);
}

/* Take part in the waiting: until now nobody did, for this one. */
static void join_waiting(furrow_engine *engine, furrow__member *p)
{
    pthread_mutex_lock(&engine->lock);
    p->who.thread = pthread_self();
    if (p->is_listed && !p->has_thread) {
        p->has_thread = true;
        engine->writers.batch.threads++;
    }
    pthread_mutex_unlock(&engine->lock);
}

furrow_status furrow_commit_wait(furrow_ticket *ticket, furrow_error *error)
{
    furrow_error failure = {0};
    furrow_status status = FURROW_INVALID;
    if (!ticket) {
        furrow__fail(&failure, FURROW_INVALID, "furrow_commit_wait: the ticket is NULL");
        furrow__hint(&failure, "furrow_commit_begin gave none, and returned why");
    } else if (!furrow__event_is_set(&ticket->member.event) &&
               !furrow__engine_is_here(ticket->engine)) {
        status = furrow__engine_not_here(&failure);
    } else {
        furrow_engine *engine = ticket->engine;
        if (!furrow__event_is_set(&ticket->member.event)) {
            furrow__engine_retain(engine); /* its last session may close meanwhile */
            join_waiting(engine, &ticket->member);
            wait_for_commit(engine, &ticket->member, 0);
            furrow__engine_release(engine);
        }
        status = ticket->member.status;
        failure = ticket->error;
        furrow__ticket_free(ticket);
    }
    if (error)
        *error = failure;
    return status;
}
