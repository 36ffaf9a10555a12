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
    BATCH_LIMIT = 256,   /* transactions that wait for one sync */
    REST_SHARE = 4,      /* of a sync: for so long a batch smaller than expected waits for more */
    LONGEST_REST_MS = 2, /* whatever a sync takes */
    AWAKE_REST_US = 100, /* of it without sleeping: a timer takes that long itself */
    COMING_US = 500,     /* and a sync: for those who are coming to get there */
    PATIENCE_MS = 20,    /* and that many syncs and units that were undone behind those who wait to
                            commit: then no more may join them */
    PATIENCE_SYNCS = 4,
    PATIENCE_UNITS = 3,
    AVERAGE_OF = 8, /* syncs, roughly */
};

struct furrow__parked {
    furrow__parked *next;
    int64_t since_ns;
    int listener;       /* its number by the bell */
    bool is_listed;     /* in the batch; under the engine's lock */
    bool has_thread;    /* that waits; likewise, until the batch is decided */
    bool is_coming;     /* counted so in the batch, once it is done */
    furrow__gate gate;  /* what is below is known */
    furrow__link *link; /* handed over, so that this one commits; else it is done */
    furrow_status status;
    furrow_error *error; /* where to say why; not NULL */
    furrow__borrower who;
};

struct furrow_ticket {
    furrow_engine *engine;
    furrow__parked parked;
    furrow_error error;
};

static furrow__line *line_of(const furrow__link *link)
{
    return &link->engine->writers;
}

static bool init_parked(furrow__parked *p, furrow_error *error, const furrow__link *link)
{
    *p = (furrow__parked){
        .error = error,
        .who = {pthread_self(), link ? link->file : NULL, link ? link->line : 0, NULL}};
    return furrow__gate_init(&p->gate);
}

static void done_parked(furrow__parked *p)
{
    furrow__gate_done(&p->gate);
}

/* ---- calls of a unit ---- */

bool furrow__unit_enter_joined(furrow__unit *unit)
{
    long long since = atomic_load_explicit(&unit->idle_since_ns, memory_order_relaxed);
    if (unit->calls == 0 &&
        (since == FURROW__UNIT_EVICTED || !atomic_compare_exchange_strong_explicit(
                                              &unit->idle_since_ns, &since, FURROW__UNIT_IN_CALL,
                                              memory_order_acquire, memory_order_acquire)))
        return false;
    unit->calls++;
    return true;
}

void furrow__unit_leave_joined(furrow__unit *unit)
{
    if (--unit->calls)
        return;
    atomic_store_explicit(&unit->idle_since_ns, furrow__now_ns(), memory_order_release);
}

furrow_status furrow__unit_evicted(const furrow_engine *engine, furrow_error *error)
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
static furrow__link *evict(furrow_engine *engine, furrow__line *line, int64_t now,
                           int64_t *look_again_ns)
{
    furrow__unit *unit = line->has_holder ? line->holder.unit : NULL;
    int64_t patience_ns = engine->options.group_wait_ms * NS_PER_MS;
    *look_again_ns = now + patience_ns;
    if (!unit)
        return NULL;
    long long since = atomic_load_explicit(&unit->idle_since_ns, memory_order_relaxed);
    if (since == FURROW__UNIT_IN_CALL)
        return NULL;
    if (now - since < patience_ns) {
        *look_again_ns = since + patience_ns;
        return NULL;
    }
    pthread_mutex_lock(unit->cancelling);
    bool evicted =
        atomic_compare_exchange_strong_explicit(&unit->idle_since_ns, &since, FURROW__UNIT_EVICTED,
                                                memory_order_acq_rel, memory_order_relaxed);
    pthread_mutex_unlock(unit->cancelling);
    return evicted ? line->lent : NULL;
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
static void append(furrow__batch *batch, furrow__parked *p)
{
    p->since_ns = furrow__now_ns();
    p->listener = batch->count % FURROW__BELL_LISTENERS;
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
static furrow__parked *take_all(furrow__batch *batch)
{
    furrow__parked *first = batch->first;
    for (furrow__parked *p = first; p; p = p->next)
        p->is_listed = false;
    batch->first = batch->last = NULL;
    batch->last_count = batch->count;
    batch->count = batch->threads = batch->undone = 0;
    batch->rest_limit_ns = 0;
    atomic_store_explicit(&batch->rest_until_ns, 0, memory_order_relaxed);
    return first;
}

/* If it sleeps it does so by the bell, not before the gate. */
static void open_gate(furrow__parked *p)
{
    furrow__gate_open(&p->gate, &(furrow__wake){NULL});
}

/* Tell all, each of which may then be gone; `me` is the caller's own, if it has one. */
static void tell_all(furrow_engine *engine, furrow__parked *first, const furrow__parked *me,
                     furrow_status status, const furrow_error *error)
{
    furrow__batch *batch = &engine->writers.batch;
    int coming = 0;
    if (!first)
        return;
    for (furrow__parked *p = first; p; p = p->next)
        coming += p->is_coming = p->has_thread && p != me;
    atomic_fetch_add_explicit(&batch->coming, coming, memory_order_relaxed);
    for (furrow__parked *p = first, *next; p; p = next) {
        next = p->next;
        p->status = status;
        if (status)
            *p->error = *error;
        open_gate(p);
    }
    furrow__bell_ring(&batch->bell, FURROW__BELL_FOR_ALL);
}

/* Run COMMIT for all that wait; the connection stays with the caller. Returns those to be told. */
static furrow__parked *commit_all(furrow__link *link, furrow_status *status, furrow_error *error)
{
    furrow_engine *engine = link->engine;
    furrow__batch *batch = &line_of(link)->batch;
    int64_t started = furrow__now_ns();
    *status = engine->driver->commit(link->connection, error);
    if (*status) {
        furrow__copy_text(error->sql, sizeof error->sql, "COMMIT");
        if (batch->count > 1 && !error->hint[0])
            furrow__hint(error, "%d transactions were to be committed together; none is kept",
                         batch->count);
    }
    int64_t took = furrow__now_ns() - started;
    link->began_ns = 0;
    pthread_mutex_lock(&engine->lock);
    batch->sync_ns += (took - batch->sync_ns) / (batch->sync_ns ? AVERAGE_OF : 1);
    if (*status == FURROW_OK) {
        batch->commits += (uint64_t)batch->count;
        batch->sizes[size_bucket(batch->count)]++;
    }
    furrow__line_count_syncs(line_of(link), link);
    furrow__parked *all = take_all(batch);
    batch->expected = batch->last_count + line_of(link)->waiting;
    pthread_mutex_unlock(&engine->lock);
    return all;
}

/* Commit, hand the connection on, tell all. `me` is the caller's own, if it has one. */
static furrow_status lead(furrow__link *link, const furrow__parked *me, furrow_error *error)
{
    furrow_status status;
    furrow_engine *engine = link->engine;
    furrow__parked *all = commit_all(link, &status, error);
    bool first_tell = link->connection->untidy; /* what else is done then takes long */
    if (first_tell)
        tell_all(engine, all, me, status, error);
    furrow__pool_release(link, false);
    if (!first_tell)
        tell_all(engine, all, me, status, error);
    return status;
}

/* SQLite rolled everything back: what ended a disk's or the memory's turn ends it for all; else
 * they can run again. */
static void lose_all(furrow__link *link, const furrow_error *cause)
{
    furrow_engine *engine = link->engine;
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
    furrow__parked *all = take_all(&line_of(link)->batch);
    pthread_mutex_unlock(&engine->lock);
    tell_all(engine, all, NULL, error.status, &error);
}

/* ---- handing on ---- */

/* The oldest that has a thread is to commit. Returns for whom the bell is to be rung. The lock is
 * held. */
static int appoint(furrow__line *line, furrow__link *link)
{
    furrow__parked *p = line->batch.first;
    while (!p->has_thread)
        p = p->next;
    furrow__line_give(line, link, &p->who);
    p->link = link;
    int listener = p->listener;
    open_gate(p);
    return listener;
}

enum { NOBODY = -2 }; /* the bell is to be rung for */

static void wake(furrow__line *line, furrow__wake *woken, int listener)
{
    furrow__wake_up(woken);
    if (listener != NOBODY)
        furrow__bell_ring(&line->batch.bell, listener);
}

/* The transaction is open still, with those that wait in it. */
static void hand_on(furrow__link *link)
{
    furrow__wake woken = {NULL};
    furrow_engine *engine = link->engine;
    furrow__line *line = line_of(link);
    int listener = NOBODY;
    bool stays = false;
    if (link->connection->unclean) { /* it goes to nobody any more */
        lead(link, NULL, &(furrow_error){0});
        return;
    }
    pthread_mutex_lock(&engine->lock);
    if (!furrow__line_hand_over(line, link, &woken)) {
        if (line->batch.threads)
            listener = appoint(line, link);
        else if (furrow__engine_is_closing(engine))
            stays = true;
        else
            furrow__line_rest(line, link);
    }
    pthread_mutex_unlock(&engine->lock);
    wake(line, &woken, listener);
    if (stays) /* nobody comes for it any more */
        lead(link, NULL, &(furrow_error){0});
}

/* Undo a unit, and tell the others if they went with it; true if they are there still. */
static bool undo(furrow__link *link, const furrow_error *cause)
{
    link->engine->driver->unit_undo(link->connection);
    line_of(link)->batch.undone++;
    if (link->connection->in_transaction && !link->connection->broken)
        return true;
    lose_all(link, cause);
    return false;
}

void furrow__group_abandon(furrow__link *link, furrow__unit *unit, const furrow_error *cause)
{
    unit->joined = false;
    if (undo(link, cause))
        hand_on(link);
    else
        furrow__pool_release(link, false);
}

/* ---- waiting ---- */

/* Whether a batch should wait for more: as many as wrote lately, most likely, since those that were
 * just acknowledged go on. The lock is held. */
static bool should_rest(furrow__batch *batch)
{
    if (batch->last_count < 2 || batch->count >= batch->expected)
        return false;
    int64_t now = furrow__now_ns();
    if (!batch->rest_limit_ns)
        batch->rest_limit_ns = now + batch->sync_ns + COMING_US * 1000;
    int64_t until = atomic_load_explicit(&batch->rest_until_ns, memory_order_relaxed);
    return now < batch->rest_limit_ns && (!until || now < until);
}

/* Nobody is coming any more: how long to wait for those who came and did not write yet. Never for
 * longer than a part of the sync that is saved. */
static int64_t rest_until(furrow__batch *batch, int64_t sync_ns, int64_t now)
{
    long long until = atomic_load_explicit(&batch->rest_until_ns, memory_order_relaxed);
    if (until)
        return until;
    int64_t rest = sync_ns / REST_SHARE;
    if (rest > LONGEST_REST_MS * NS_PER_MS)
        rest = LONGEST_REST_MS * NS_PER_MS;
    atomic_compare_exchange_strong(&batch->rest_until_ns, &until, now + rest);
    return now + rest;
}

/* The connection rests; who came last looks after it, for a while without sleeping. Returns until
 * when to sleep. */
static int64_t rest(furrow_engine *engine, const furrow__parked *p, unsigned arrival,
                    int64_t sync_ns, int64_t limit_ns)
{
    furrow__batch *batch = &engine->writers.batch;
    bool awake = furrow__gives_way();
    int64_t until = awake ? limit_ns : rest_until(batch, sync_ns, furrow__now_ns());
    int tries = 0;
    while (awake && !furrow__gate_is_open(&p->gate)) {
        if (atomic_load_explicit(&batch->arrivals, memory_order_relaxed) != arrival)
            return p->since_ns + engine->options.group_wait_ms * NS_PER_MS;
        int64_t now = furrow__now_ns();
        if (atomic_load_explicit(&batch->coming, memory_order_relaxed) <= 0) {
            until = rest_until(batch, sync_ns, now);
            if (now >= p->since_ns + AWAKE_REST_US * 1000)
                break;
        }
        if (now >= until)
            break;
        furrow__stay_awake(&tries);
    }
    return until < limit_ns ? until : limit_ns;
}

/* The time came: take the connection if it rests, or if whoever has it sits idle for too long.
 * *evicted is then true. Otherwise NULL, and when to look again. */
static furrow__link *look(furrow_engine *engine, furrow__parked *p, bool *evicted,
                          int64_t *look_again_ns)
{
    furrow__line *line = &engine->writers;
    int64_t now = furrow__now_ns();
    furrow__link *link = NULL;
    *evicted = false;
    pthread_mutex_lock(&engine->lock);
    *look_again_ns = now + NS_PER_MS;
    if (p->is_listed) {
        link = furrow__line_take_idle(line, &p->who);
        if (!link && (link = evict(engine, line, now, look_again_ns)) != NULL) {
            *evicted = true;
            furrow__line_give(line, link, &p->who);
        }
    }
    pthread_mutex_unlock(&engine->lock);
    return link;
}

/* Wait for the commit, or make it. */
static void wait_for_commit(furrow_engine *engine, furrow__parked *p, int64_t deadline_ns)
{
    for (;;) {
        bool evicted = false;
        furrow__link *link = NULL;
        if (furrow__bell_wait(&engine->writers.batch.bell, &p->gate, p->listener, deadline_ns)) {
            link = p->link;
            if (!link)
                break;
            p->link = NULL;
            furrow__gate_close(&p->gate);
        } else {
            link = look(engine, p, &evicted, &deadline_ns);
        }
        if (!link)
            continue;
        if (evicted) {
            furrow__cache_drop_active(link);
            if (!undo(link, NULL)) {
                furrow__pool_release(link, false);
                continue;
            }
        }
        lead(link, p, &(furrow_error){0});
    }
    if (p->is_coming)
        atomic_fetch_sub_explicit(&engine->writers.batch.coming, 1, memory_order_relaxed);
}

/* ---- what sessions call ---- */

/* Commit all that waits in it; the connection stays with the caller. */
static void settle(furrow__link *link)
{
    furrow_status status;
    furrow_error error = {0};
    furrow__parked *all = commit_all(link, &status, &error);
    tell_all(link->engine, all, NULL, status, &error);
}

/* Whether who waits to commit has waited long enough for others to join. Those that roll back, one
 * after the other, would keep it waiting; and tickets only wait for others. */
static bool is_overdue(const furrow__link *link)
{
    furrow_engine *engine = link->engine;
    furrow__batch *batch = &line_of(link)->batch;
    int64_t waited = furrow__now_ns() - batch->first->since_ns;
    if (waited > engine->options.group_wait_ms * NS_PER_MS)
        return true;
    if (batch->undone < PATIENCE_UNITS || waited < PATIENCE_MS * NS_PER_MS ||
        waited < PATIENCE_SYNCS * batch->sync_ns)
        return false;
    pthread_mutex_lock(&engine->lock);
    bool overdue = batch->threads > 0;
    pthread_mutex_unlock(&engine->lock);
    return overdue;
}

furrow_status furrow__group_begin(furrow__link *link, furrow__unit *unit,
                                  furrow_isolation isolation, furrow_error *error)
{
    const furrow_driver *driver = link->engine->driver;
    if (unit->joined && is_overdue(link)) {
        unit->joined = false;
        settle(link);
    }
    if (!unit->joined)
        return driver->begin(link->connection, isolation, false, error);
    return driver->unit_begin(link->connection, error);
}

furrow_status furrow__group_part(furrow__link *link, furrow__unit *unit, furrow_error *error)
{
    if (!unit->joined || unit->ran)
        return FURROW_OK;
    const furrow_driver *driver = link->engine->driver;
    if (driver->unit_end(link->connection, error)) {
        if (!link->connection->in_transaction)
            lose_all(link, error);
        return error->status;
    }
    unit->joined = false;
    settle(link);
    return driver->begin(link->connection, FURROW_ISOLATION_DEFAULT, false, error);
}

bool furrow__group_is_possible(const furrow__link *link)
{
    return link->engine->groups && !link->read_only;
}

bool furrow__group_is_wanted(furrow__link *link)
{
    furrow_engine *engine = link->engine;
    furrow__line *line = line_of(link);
    if (!furrow__group_is_possible(link))
        return false;
    pthread_mutex_lock(&engine->lock);
    bool wanted = line->first || line->batch.last_count > 1;
    pthread_mutex_unlock(&engine->lock);
    return wanted;
}

/* Keep a unit's work, or undo it. */
static furrow_status end_unit(furrow__link *link, furrow__unit *unit, furrow_error *error)
{
    furrow_status status = link->engine->driver->unit_end(link->connection, error);
    unit->joined = false;
    if (status == FURROW_OK)
        return FURROW_OK;
    furrow__copy_text(error->sql, sizeof error->sql, "COMMIT");
    if (link->connection->in_transaction && !link->connection->broken) {
        hand_on(link);
    } else {
        lose_all(link, error);
        furrow__pool_release(link, false);
    }
    return status;
}

/* Where the connection goes when a unit was parked. */
enum next { TO_SOMEBODY, AT_REST, STAYS };

static enum next park(furrow__link *link, furrow__parked *p, bool may_wait, int64_t *deadline_ns)
{
    furrow__wake woken = {NULL};
    furrow_engine *engine = link->engine;
    furrow__line *line = line_of(link);
    furrow__batch *batch = &line->batch;
    enum next next = STAYS;
    int listener = NOBODY;
    pthread_mutex_lock(&engine->lock);
    append(batch, p);
    unsigned arrival = atomic_load_explicit(&batch->arrivals, memory_order_relaxed);
    *deadline_ns = p->since_ns + engine->options.group_wait_ms * NS_PER_MS;
    if (!may_wait || batch->count >= BATCH_LIMIT || furrow__engine_is_closing(engine)) {
        next = STAYS;
    } else if (furrow__line_hand_over(line, link, &woken)) {
        next = TO_SOMEBODY;
    } else if (p->has_thread ? should_rest(batch) : !batch->threads) {
        furrow__line_rest(line, link);
        next = AT_REST;
    } else if (!p->has_thread) {
        listener = appoint(line, link);
        next = TO_SOMEBODY;
    }
    int64_t limit_ns = batch->rest_limit_ns, sync_ns = batch->sync_ns;
    bool has_thread = p->has_thread;
    pthread_mutex_unlock(&engine->lock);
    wake(line, &woken, listener);
    if (next == AT_REST && has_thread)
        *deadline_ns = rest(engine, p, arrival, sync_ns, limit_ns);
    return next;
}

furrow_status furrow__group_commit(furrow__link *link, furrow__unit *unit, furrow_ticket *ticket,
                                   furrow_error *error)
{
    furrow_engine *engine = link->engine;
    furrow__parked mine, *p = ticket ? &ticket->parked : &mine;
    int64_t deadline_ns;
    if (unit->joined && end_unit(link, unit, error))
        return error->status;
    bool may_wait = engine->driver->unit_may_wait(link->connection) && !link->connection->broken &&
                    !link->connection->unclean;
    if (!ticket && !init_parked(&mine, error, link))
        return lead(link, NULL, error); /* without the means to wait it commits for all */
    p->has_thread = !ticket;
    enum next next = park(link, p, may_wait, &deadline_ns);
    if (next == STAYS)
        lead(link, p, &(furrow_error){0});
    if (ticket)
        return FURROW_OK;
    wait_for_commit(engine, p, deadline_ns);
    furrow_status status = p->status;
    done_parked(p);
    return status;
}

void furrow__group_flush(furrow_engine *engine)
{
    furrow__line *line = &engine->writers;
    pthread_mutex_lock(&engine->lock);
    furrow__link *link =
        line->batch.count
            ? furrow__line_take_idle(line, &(furrow__borrower){.thread = pthread_self()})
            : NULL;
    pthread_mutex_unlock(&engine->lock);
    if (link)
        lead(link, NULL, &(furrow_error){0});
}

/* ---- tickets ---- */

furrow_ticket *furrow__ticket_new(furrow_engine *engine, const char *file, int line)
{
    furrow_ticket *ticket = furrow__allocate_zeroed(1, sizeof *ticket);
    if (!ticket)
        return NULL;
    ticket->engine = engine;
    if (!init_parked(&ticket->parked, &ticket->error, NULL)) {
        furrow__release(ticket);
        return NULL;
    }
    ticket->parked.who.file = file;
    ticket->parked.who.line = line;
    return ticket;
}

void furrow__ticket_settle(furrow_ticket *ticket, furrow_status status, const furrow_error *error)
{
    ticket->parked.status = status;
    if (status)
        ticket->error = *error;
    open_gate(&ticket->parked);
}

void furrow__ticket_free(furrow_ticket *ticket)
{
    if (!ticket)
        return;
    done_parked(&ticket->parked);
    furrow__release(ticket);
}

/* Take part in the waiting: until now nobody did, for this one. */
static void join_waiting(furrow_engine *engine, furrow__parked *p)
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
    } else if (!furrow__gate_is_open(&ticket->parked.gate) &&
               !furrow__engine_is_here(ticket->engine)) {
        status = furrow__engine_not_here(&failure);
    } else {
        furrow_engine *engine = ticket->engine;
        if (!furrow__gate_is_open(&ticket->parked.gate)) {
            furrow__engine_retain(engine); /* its last session may close meanwhile */
            join_waiting(engine, &ticket->parked);
            wait_for_commit(engine, &ticket->parked, 0);
            furrow__engine_release(engine);
        }
        status = ticket->parked.status;
        failure = ticket->error;
        furrow__ticket_free(ticket);
    }
    if (error)
        *error = failure;
    return status;
}
