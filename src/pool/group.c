/* SPDX-License-Identifier: MIT
 *
 * Group commit. README.md explains the states and gives an example.
 *
 * A session that commits adds a member to the pool's batch. The member is on the stack of the
 * waiting thread, or in a ticket. Only the thread that holds the connection adds members or commits
 * the batch, so that thread may read the list without the lock. A connection with a batch is always
 * in one of three states. It may be borrowed by a session whose transaction is a subtransaction. It
 * may be borrowed by the leader, which commits. Or it is idle and goes to the next session, or to
 * the first member that stops waiting.
 *
 * Waking a thread costs about as much as a small transaction, especially on a core that is in a
 * sleep state. Therefore all members sleep on one condition. The leader wakes them with one system
 * call, and their threads run as soon as a core is free. */
#include "pool/engine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/text.h"

enum {
    BATCH_LIMIT = 256,    /* maximum number of members of a batch */
    DELAY_SHARE = 4,      /* if a batch is smaller than expected, its commit is delayed by up to a
                             quarter of a sync */
    LONGEST_DELAY_MS = 2, /* maximum delay of a commit that waits for more members */
    SPIN_DELAY_US = 100,  /* the thread spins for at least this time before it sleeps, because
                             even the shortest sleep takes that long */
    RETURN_US = 500,      /* how long to wait, in addition to a sync, for threads whose commit was
                             just acknowledged */
    OVERDUE_MS = 20,      /* no session may join a batch that has waited for OVERDUE_MS and
                             OVERDUE_SYNCS syncs, if OVERDUE_ROLLBACKS subtransactions were rolled
                             back in that time */
    OVERDUE_SYNCS = 4,
    OVERDUE_ROLLBACKS = 3,
    AVERAGE_OF = 8, /* approximate number of syncs in the moving average */
};

struct furrow__member {
    furrow__member *next;
    int64_t since_ns;
    int channel;            /* the channel of the condition on which the thread sleeps */
    bool is_listed;         /* the member is in the batch; protected by the engine's lock */
    bool has_thread;        /* a thread waits for the commit; the lock also protects this member
                               while `is_listed` is set */
    bool is_returning;      /* the thread is counted in batch.returning */
    furrow__event event;    /* set when `pooled` or `status` is valid */
    furrow__pooled *pooled; /* not NULL: this member is the leader; NULL: the commit of this member
                               has finished */
    furrow_status status;
    furrow_error *error; /* receives the error if the commit fails; never NULL */
    furrow__borrower borrower;
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

static bool init_member(furrow__member *member, furrow_error *error, const furrow__pooled *pooled)
{
    *member = (furrow__member){.error = error, .borrower = {.thread = pthread_self()}};
    if (pooled)
        member->borrower.opened_at = pooled->opened_at;
    return furrow__event_init(&member->event);
}

static void done_member(furrow__member *member)
{
    furrow__event_done(&member->event);
}

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
                 "the transaction was rolled back: it made no call for %d ms while others waited "
                 "for it to commit",
                 engine->options.group_wait_ms);
    return furrow__hint(
        error,
        "repeat the transaction, as furrow_transact does; move slow work out of transactions, or "
        "increase group_wait_ms");
}

/* If a session's transaction has been idle for too long, takes the connection from the session and
 * returns it. Otherwise returns NULL and sets *retry_at_ns to the time of the next attempt. The
 * caller must hold the lock. */
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

static int size_bucket(int count)
{
    int bucket = 0;
    for (int bound = 1; count > bound && bucket < FURROW_BATCH_BUCKETS - 1; bound *= 2)
        bucket++;
    return bucket;
}

/* Appends a member to the batch. The caller must hold the lock. */
static void append(furrow__batch *batch, furrow__member *member)
{
    member->since_ns = furrow__now_ns();
    member->channel = batch->count % FURROW__CONDITION_CHANNELS;
    member->is_listed = true;
    if (batch->last)
        batch->last->next = member;
    else
        batch->first = member;
    batch->last = member;
    batch->count++;
    batch->threads += member->has_thread;
    atomic_fetch_add_explicit(&batch->arrivals, 1, memory_order_relaxed);
}

/* Removes all members from the batch after its commit or rollback. The caller must hold the lock.
 */
static furrow__member *take_all(furrow__batch *batch)
{
    furrow__member *first = batch->first;
    for (furrow__member *member = first; member; member = member->next)
        member->is_listed = false;
    batch->first = batch->last = NULL;
    batch->last_count = batch->count;
    batch->count = batch->threads = batch->rolled_back = 0;
    batch->delay_limit_ns = 0;
    atomic_store_explicit(&batch->delay_until_ns, 0, memory_order_relaxed);
    return first;
}

/* The member's thread sleeps on the condition, so setting the event wakes no thread yet. */
static void complete(furrow__member *member)
{
    furrow__event_set(&member->event, &(furrow__wake){NULL});
}

/* Sets the outcome of every member. A member may be freed as soon as its outcome is set. `own` is
 * the member of the calling thread, or NULL. */
static void acknowledge(furrow_engine *engine, furrow__member *first, const furrow__member *own,
                        furrow_status status, const furrow_error *error)
{
    furrow__batch *batch = &engine->writers.batch;
    int returning = 0;
    if (!first)
        return;
    for (furrow__member *member = first; member; member = member->next)
        returning += member->is_returning = member->has_thread && member != own;
    atomic_fetch_add_explicit(&batch->returning, returning, memory_order_relaxed);
    for (furrow__member *member = first, *next; member; member = next) {
        next = member->next;
        member->status = status;
        if (status)
            *member->error = *error;
        complete(member);
    }
    furrow__condition_wake(&batch->condition, FURROW__CONDITION_ALL);
}

/* Runs COMMIT for all members. The caller keeps the connection and must pass the returned members
 * to `acknowledge`. */
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
            furrow__hint(
                error, "%d transactions were to be committed together; all of them are rolled back",
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

/* Commits as the leader: runs COMMIT, gives the connection back and acknowledges all members. `own`
 * is the member of the calling thread, or NULL. */
static furrow_status lead(furrow__pooled *pooled, const furrow__member *own, furrow_error *error)
{
    furrow_status status;
    furrow_engine *engine = pooled->engine;
    furrow__member *all = commit_all(pooled, &status, error);
    bool acknowledge_first = pooled->connection->has_idle_work; /* idle work can take a long time,
                                                                   so the members are acknowledged
                                                                   first */
    if (acknowledge_first)
        acknowledge(engine, all, own, status, error);
    furrow__pool_release(pooled, false);
    if (!acknowledge_first)
        acknowledge(engine, all, own, status, error);
    return status;
}

/* SQLite rolled the outer transaction back, so every member fails. If the disk or the memory was
 * the cause, the members fail with that error; otherwise they fail with FURROW_BUSY, so that their
 * transactions can be repeated. */
static void fail_all(furrow__pooled *pooled, const furrow_error *cause)
{
    furrow_engine *engine = pooled->engine;
    furrow_error error = {0};
    if (cause && (cause->status == FURROW_DATABASE || cause->status == FURROW_NOMEM)) {
        furrow__fail(&error, cause->status, "%s", cause->message);
        error.native_code = cause->native_code;
        furrow__hint(&error, "the error occurred in another transaction, which was to be committed "
                             "together with this one; both were rolled back");
    } else {
        furrow__fail(&error, FURROW_BUSY,
                     "another transaction that was to be committed together with this one was "
                     "rolled back as a whole");
        furrow__hint(&error, "repeat the transaction, as furrow_transact does");
    }
    pthread_mutex_lock(&engine->lock);
    furrow__member *all = take_all(&pool_of(pooled)->batch);
    pthread_mutex_unlock(&engine->lock);
    acknowledge(engine, all, NULL, error.status, &error);
}

/* Makes the oldest member with a thread the leader. Returns the channel on which to wake that
 * thread. The caller must hold the lock. */
static int appoint_leader(furrow__pool *pool, furrow__pooled *pooled)
{
    furrow__member *member = pool->batch.first;
    while (!member->has_thread)
        member = member->next;
    furrow__pool_lend(pool, pooled, &member->borrower);
    member->pooled = pooled;
    int channel = member->channel;
    complete(member);
    return channel;
}

enum { NO_CHANNEL = -2 }; /* the channel if no thread has to be woken */

static void wake(furrow__pool *pool, furrow__wake *woken, int channel)
{
    furrow__wake_up(woken);
    if (channel != NO_CHANNEL)
        furrow__condition_wake(&pool->batch.condition, channel);
}

/* Passes on a connection whose transaction is still open and contains the batch. */
static void pass_on(furrow__pooled *pooled)
{
    furrow__wake woken = {NULL};
    furrow_engine *engine = pooled->engine;
    furrow__pool *pool = pool_of(pooled);
    int channel = NO_CHANNEL;
    bool must_commit = false;
    if (pooled->connection->altered) { /* the connection must not be lent to another session */
        lead(pooled, NULL, &(furrow_error){0});
        return;
    }
    pthread_mutex_lock(&engine->lock);
    if (!furrow__pool_hand_over(pool, pooled, &woken)) {
        if (pool->batch.threads)
            channel = appoint_leader(pool, pooled);
        else if (furrow__engine_is_closing(engine))
            must_commit = true;
        else
            furrow__pool_put_idle(pool, pooled);
    }
    pthread_mutex_unlock(&engine->lock);
    wake(pool, &woken, channel);
    if (must_commit) /* no other session will borrow the connection */
        lead(pooled, NULL, &(furrow_error){0});
}

/* Rolls a subtransaction back. Returns false if that ended the outer transaction; in that case all
 * members have failed. */
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

/* Returns whether the commit should be delayed until more members join. The expected number of
 * members is the number of sessions that wrote recently, since the threads of the previous batch
 * usually write again. The caller must hold the lock. */
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

/* Called when all returning threads have run. Decides how long to wait for sessions that have not
 * written yet. The wait can save a sync, so it is limited to a fraction of the time that a sync
 * takes. */
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

/* Delays the commit while the connection is idle. The member that joined last watches the
 * connection and spins at first. Returns the time until which that thread then sleeps. */
static int64_t delay_commit(furrow_engine *engine, const furrow__member *member, unsigned arrival,
                            int64_t sync_ns, int64_t limit_ns)
{
    furrow__batch *batch = &engine->writers.batch;
    bool awake = furrow__can_yield();
    int64_t until = awake ? limit_ns : delay_until(batch, sync_ns, furrow__now_ns());
    int tries = 0;
    while (awake && !furrow__event_is_set(&member->event)) {
        if (atomic_load_explicit(&batch->arrivals, memory_order_relaxed) != arrival)
            return member->since_ns + engine->options.group_wait_ms * NS_PER_MS;
        int64_t now = furrow__now_ns();
        if (atomic_load_explicit(&batch->returning, memory_order_relaxed) <= 0) {
            until = delay_until(batch, sync_ns, now);
            if (now >= member->since_ns + SPIN_DELAY_US * 1000)
                break;
        }
        if (now >= until)
            break;
        furrow__spin(&tries);
    }
    return until < limit_ns ? until : limit_ns;
}

/* Called after the deadline. Takes the connection if it is idle. If a session has been idle for too
 * long, takes the connection from that session and sets *evicted. Otherwise returns NULL and sets
 * *retry_at_ns to the time of the next attempt. */
static furrow__pooled *take_or_evict(furrow_engine *engine, furrow__member *member, bool *evicted,
                                     int64_t *retry_at_ns)
{
    furrow__pool *pool = &engine->writers;
    int64_t now = furrow__now_ns();
    furrow__pooled *pooled = NULL;
    *evicted = false;
    pthread_mutex_lock(&engine->lock);
    *retry_at_ns = now + NS_PER_MS;
    if (member->is_listed) {
        pooled = furrow__pool_take_idle(pool, &member->borrower);
        if (!pooled && (pooled = evict_idle(engine, pool, now, retry_at_ns)) != NULL) {
            *evicted = true;
            furrow__pool_lend(pool, pooled, &member->borrower);
        }
    }
    pthread_mutex_unlock(&engine->lock);
    return pooled;
}

/* Waits until the member's commit has finished, as a follower or as the leader. */
static void wait_for_commit(furrow_engine *engine, furrow__member *member, int64_t deadline_ns)
{
    for (;;) {
        bool evicted = false;
        furrow__pooled *pooled = NULL;
        if (furrow__condition_wait(&engine->writers.batch.condition, &member->event,
                                   member->channel, deadline_ns)) {
            pooled = member->pooled;
            if (!pooled)
                break;
            member->pooled = NULL;
            furrow__event_reset(&member->event);
        } else {
            pooled = take_or_evict(engine, member, &evicted, &deadline_ns);
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
        lead(pooled, member, &(furrow_error){0});
    }
    if (member->is_returning)
        atomic_fetch_sub_explicit(&engine->writers.batch.returning, 1, memory_order_relaxed);
}

/* Commits the batch. The caller keeps the connection. */
static void commit_batch(furrow__pooled *pooled)
{
    furrow_status status;
    furrow_error error = {0};
    furrow__member *all = commit_all(pooled, &status, &error);
    acknowledge(pooled->engine, all, NULL, status, &error);
}

/* Returns whether the members have waited for so long that no other session may join the batch.
 * Without this limit, sessions that roll back one after the other could delay the members forever.
 * Tickets have no thread, so they can wait. */
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

/* Keeps the changes of a subtransaction. If that fails, passes the connection on. */
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

/* Decides what happens to the connection after a member has joined the batch. */
enum next { HANDED_OVER, IS_IDLE, MUST_COMMIT };

static enum next join_batch(furrow__pooled *pooled, furrow__member *member, bool may_wait,
                            int64_t *deadline_ns)
{
    furrow__wake woken = {NULL};
    furrow_engine *engine = pooled->engine;
    furrow__pool *pool = pool_of(pooled);
    furrow__batch *batch = &pool->batch;
    enum next next = MUST_COMMIT;
    int channel = NO_CHANNEL;
    pthread_mutex_lock(&engine->lock);
    append(batch, member);
    unsigned arrival = atomic_load_explicit(&batch->arrivals, memory_order_relaxed);
    *deadline_ns = member->since_ns + engine->options.group_wait_ms * NS_PER_MS;
    if (!may_wait || batch->count >= BATCH_LIMIT || furrow__engine_is_closing(engine)) {
        next = MUST_COMMIT;
    } else if (furrow__pool_hand_over(pool, pooled, &woken)) {
        next = HANDED_OVER;
    } else if (member->has_thread ? should_delay(batch) : !batch->threads) {
        furrow__pool_put_idle(pool, pooled);
        next = IS_IDLE;
    } else if (!member->has_thread) {
        channel = appoint_leader(pool, pooled);
        next = HANDED_OVER;
    }
    int64_t limit_ns = batch->delay_limit_ns, sync_ns = batch->sync_ns;
    bool has_thread = member->has_thread;
    pthread_mutex_unlock(&engine->lock);
    wake(pool, &woken, channel);
    if (next == IS_IDLE && has_thread)
        *deadline_ns = delay_commit(engine, member, arrival, sync_ns, limit_ns);
    return next;
}

furrow_status furrow__group_commit(furrow__pooled *pooled, furrow__subtransaction *subtransaction,
                                   furrow_ticket *ticket, furrow_error *error)
{
    furrow_engine *engine = pooled->engine;
    furrow__member own, *member = ticket ? &ticket->member : &own;
    int64_t deadline_ns;
    if (subtransaction->joined && end_subtransaction(pooled, subtransaction, error))
        return error->status;
    bool may_wait = engine->driver->can_share_commit(pooled->connection) &&
                    !pooled->connection->broken && !pooled->connection->altered;
    if (!ticket && !init_member(&own, error, pooled))
        return lead(pooled, NULL,
                    error); /* this session cannot wait, so it commits for all members */
    member->has_thread = !ticket;
    enum next next = join_batch(pooled, member, may_wait, &deadline_ns);
    if (next == MUST_COMMIT)
        lead(pooled, member, &(furrow_error){0});
    if (ticket)
        return FURROW_OK;
    wait_for_commit(engine, member, deadline_ns);
    furrow_status status = member->status;
    done_member(member);
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
    ticket->member.borrower.opened_at = opened_at;
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

/* Makes the calling thread wait for the commit of a ticket. Before this call, no thread was waiting
 * for that commit. */
static void join_waiting(furrow_engine *engine, furrow__member *member)
{
    pthread_mutex_lock(&engine->lock);
    member->borrower.thread = pthread_self();
    if (member->is_listed && !member->has_thread) {
        member->has_thread = true;
        engine->writers.batch.threads++;
    }
    pthread_mutex_unlock(&engine->lock);
}

furrow_status furrow_commit_wait_(furrow_ticket *ticket, furrow_error *error, size_t error_size)
{
    furrow_error failure = {0};
    furrow_status status = FURROW_INVALID;
    if (!ticket) {
        furrow__fail(&failure, FURROW_INVALID, "the ticket is NULL");
        furrow__hint(&failure, "check the status that furrow_commit_begin returned");
    } else if (!furrow__event_is_set(&ticket->member.event) &&
               !furrow__engine_is_here(ticket->engine)) {
        status = furrow__engine_not_here(&failure);
    } else {
        furrow_engine *engine = ticket->engine;
        if (!furrow__event_is_set(&ticket->member.event)) {
            furrow__engine_retain(engine); /* the engine's last session may be closed in the
                                              meantime */
            join_waiting(engine, &ticket->member);
            wait_for_commit(engine, &ticket->member, 0);
            furrow__engine_release(engine);
        }
        status = ticket->member.status;
        failure = ticket->error;
        furrow__ticket_free(ticket);
    }
    furrow__copy_error(error, error_size, &failure);
    return status;
}
