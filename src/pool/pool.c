/* SPDX-License-Identifier: MIT
 * Lending connections. Strictly first come, first served: a connection that is given back goes
 * straight into the hands of whoever waits longest, so that nobody who comes later can take it, and
 * each waiter stands before a gate of its own, so that one hand-off wakes one thread. Connecting,
 * closing, resetting and pinging happen outside the lock.
 *
 * To wake a thread takes longer than a short transaction does, above all on a core that has gone to
 * sleep too. So while connections are lent for shorter than that, those stay awake in line whose
 * turn will come within half a millisecond: the next one on its core, ready to take what it is
 * handed, all others giving way to who has something to do.
 *
 * SQLite takes one writer at a time, so its line has one connection, and waiting in it replaces
 * "database is locked". A database in memory is its connection: readers wait in the same line. */
#include "pool/engine.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

enum {
    SHORT_HOLD_NS = 50000,     /* a loan; about what waking takes */
    LONGEST_AWAKE_NS = 500000, /* in line, before it sleeps */
    LONGEST_HOLD_NS = 200000, /* as far as the average is concerned: one COMMIT in it is no trend */
    AVERAGE_OF = 8,           /* loans, roughly */
};

/* Somebody in the line: on the stack of the thread that waits. */
struct furrow__waiter {
    furrow__waiter *next;
    furrow__gate gate;
    furrow__link *link;  /* handed over, or NULL */
    bool is_next;        /* nobody was in line before it */
    bool may_connect;    /* a connection went away: the right to open another is handed over */
    bool is_sent_away;   /* the engine is being closed */
    int64_t deadline_ns; /* for all of it: waiting, trying, connecting; 0: not asked for yet */
    int64_t suspect_ns;  /* the line's, when it got its connection */
    furrow__borrower who;
};

bool furrow__init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes))
        return false;
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    bool good = pthread_cond_init(condition, &attributes) == 0;
    pthread_condattr_destroy(&attributes);
    return good;
}

static furrow__line *line_for(furrow_engine *engine, bool read_only)
{
    bool reads = read_only && !engine->is_server && !engine->is_memory;
    return reads ? &engine->readers : &engine->writers;
}

static furrow__line *line_of(furrow__link *link)
{
    return link->read_only ? &link->engine->readers : &link->engine->writers;
}

/* ---- links ---- */

void furrow__close_link(furrow__link *link)
{
    link->engine->driver->close(link->connection);
    furrow__cache_free(link->cache);
    furrow__release(link);
}

/* A sign of life must not use up the time that connecting anew will need. */
static int answer_timeout_ms(const furrow_engine *engine)
{
    int quarter = engine->options.pool_timeout_ms / 4 + 1;
    return quarter < FURROW__MAX_ANSWER_MS ? quarter : FURROW__MAX_ANSWER_MS;
}

/* Up to a tenth less than pool_recycle_s, by the connection's number, so that connections that were
 * opened together do not end together. */
static int64_t lifetime_ns(const furrow_engine *engine, uint64_t number)
{
    int64_t longest = engine->options.pool_recycle_s * NS_PER_S;
    if (longest <= 0)
        return 0;
    return longest - (int64_t)(furrow__hash(&number, sizeof number) % (uint64_t)(longest / 10));
}

static furrow_status open_link(furrow_engine *engine, furrow__link **out, bool read_only,
                               int timeout_ms, furrow_error *error)
{
    *out = NULL;
    furrow__link *link = furrow__allocate_zeroed(1, sizeof *link);
    struct furrow__statement_cache *cache =
        furrow__cache_new(engine->prepares ? engine->options.statement_cache : 0);
    if (!link || !cache) {
        furrow__release(link);
        furrow__cache_free(cache);
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    }
    struct furrow_connect_options options = {
        .url = engine->options.url,
        .read_only = read_only,
        .busy_timeout_ms = engine->options.busy_timeout_ms,
        .prepare = engine->prepares,
        .relaxed = engine->options.durability == FURROW_DURABILITY_RELAXED,
        .connect_timeout_ms = timeout_ms,
        .answer_timeout_ms = answer_timeout_ms(engine),
    };
    furrow_status status = engine->driver->open(&link->connection, &options, error);
    if (status != FURROW_OK) {
        furrow__release(link);
        furrow__cache_free(cache);
        return status;
    }
    link->engine = engine;
    link->cache = cache;
    link->read_only = read_only;
    link->opened_at_ns = link->used_at_ns = furrow__now_ns();
    *out = link;
    return FURROW_OK;
}

/* ---- the line; the engine's lock is held ---- */

void furrow__line_give(furrow__line *line, furrow__link *link, const furrow__borrower *who)
{
    if (!link->back) {
        link->next = line->lent;
        link->back = &line->lent;
        if (link->next)
            link->next->back = &link->next;
        line->lent = link;
    }
    link->file = who->file;
    link->line = who->line;
    link->reported = false;
    link->lent_at_ns = furrow__now_ns();
    link->began_ns = 0;
    line->has_holder = line->limit == 1;
    line->holder = *who;
    atomic_store_explicit(&link->thread, who->thread, memory_order_relaxed);
    if (who->unit) {
        who->unit->joined = line->batch.count > 0;
        who->unit->calls = 1;
        atomic_store_explicit(&who->unit->idle_since_ns, FURROW__UNIT_IN_CALL,
                              memory_order_relaxed);
    }
}

/* Out of the list of those lent. */
static void take_away(furrow__link *link)
{
    *link->back = link->next;
    if (link->next)
        link->next->back = link->back;
    link->next = NULL;
    link->back = NULL;
}

/* The link is given back, or on. */
static void count_hold(furrow__line *line, const furrow__link *link, int64_t now)
{
    if (!link->began_ns)
        return;
    int64_t held = now - link->began_ns;
    if (held > LONGEST_HOLD_NS)
        held = LONGEST_HOLD_NS;
    line->hold_ns += (held - line->hold_ns) / AVERAGE_OF;
}

static void count_wait(const furrow_engine *engine, furrow__line *line,
                       const furrow__waiter *waiter, int64_t now)
{
    int64_t waited_ns = now - (waiter->deadline_ns - engine->options.pool_timeout_ms * NS_PER_MS);
    int bucket = 0;
    for (int64_t bound = NS_PER_MS / 10; waited_ns > bound && bucket < FURROW_WAIT_BUCKETS - 1;
         bound *= 10)
        bucket++;
    line->waits[bucket]++;
    line->wait_ns += (uint64_t)waited_ns;
}

void furrow__line_count_syncs(furrow__line *line, furrow__link *link)
{
    line->syncs += link->connection->syncs - link->syncs;
    link->syncs = link->connection->syncs;
}

static void count_commits(furrow__line *line, furrow__link *link)
{
    furrow__line_count_syncs(line, link);
    line->commits += link->committed;
    link->committed = 0;
}

static furrow__waiter *take_first(furrow__line *line)
{
    furrow__waiter *first = line->first;
    if (!first)
        return NULL;
    line->first = first->next;
    if (!line->first)
        line->last = NULL;
    line->waiting--;
    return first;
}

static void leave_line(furrow__line *line, const furrow__waiter *waiter)
{
    furrow__waiter *before = NULL;
    for (furrow__waiter *at = line->first; at != waiter; at = at->next)
        before = at;
    if (before)
        before->next = waiter->next;
    else
        line->first = waiter->next;
    if (line->last == waiter)
        line->last = before;
    line->waiting--;
}

/* A connection is gone: whoever waits longest may open another in its place. */
static void vacate(const furrow_engine *engine, furrow__line *line, furrow__wake *wake)
{
    line->has_holder = false;
    furrow__waiter *first = take_first(line);
    if (first) {
        count_wait(engine, line, first, furrow__now_ns());
        first->suspect_ns = line->suspect_ns;
        first->may_connect = true;
        furrow__gate_open(&first->gate, wake);
        return;
    }
    line->open--;
    line->busy--;
}

bool furrow__line_hand_over(furrow__line *line, furrow__link *link, furrow__wake *wake)
{
    furrow__waiter *first = take_first(line);
    if (!first)
        return false;
    count_hold(line, link, furrow__now_ns());
    furrow__line_give(line, link, &first->who);
    count_wait(link->engine, line, first, link->lent_at_ns);
    first->suspect_ns = line->suspect_ns;
    first->link = link;
    furrow__gate_open(&first->gate, wake);
    return true;
}

void furrow__line_rest(furrow__line *line, furrow__link *link)
{
    take_away(link);
    count_hold(line, link, furrow__now_ns());
    line->has_holder = false;
    line->busy--;
    link->next = line->idle;
    line->idle = link;
}

furrow__link *furrow__line_take_idle(furrow__line *line, const furrow__borrower *who)
{
    furrow__link *link = line->idle;
    if (!link)
        return NULL;
    line->idle = link->next;
    line->busy++;
    furrow__line_give(line, link, who);
    return link;
}

/* Hand the connection on, or keep it: one too many for a moment only, so that a crowd that comes
 * and goes does not connect each time. */
static void put_back(furrow__line *line, furrow__link *link, furrow__wake *wake)
{
    count_commits(line, link);
    if (furrow__line_hand_over(line, link, wake))
        return;
    furrow__line_rest(line, link);
    atomic_llong *due = &link->engine->due_at_ns;
    int64_t at = link->used_at_ns + FURROW__OVERFLOW_IDLES_S * NS_PER_S;
    if (line->open > line->keep && at < atomic_load_explicit(due, memory_order_relaxed))
        atomic_store_explicit(due, at, memory_order_relaxed);
}

/* ---- failures; the engine's lock is held ---- */

static furrow_status waits_for_itself(const furrow_engine *engine, const furrow__borrower *holder,
                                      furrow_error *error)
{
    furrow__fail(error, FURROW_INVALID,
                 "this thread would wait for itself: its session opened at %s:%d holds the %s",
                 holder->file ? holder->file : "?", holder->line,
                 engine->is_memory ? "one connection of a database in memory" : "writer");
    return furrow__hint(error, engine->is_memory
                                   ? "commit, roll back or close that session first"
                                   : "commit, roll back or close that session first, or open the "
                                     "one that only reads with .read_only = true");
}

static furrow_status is_closed(furrow_error *error)
{
    return furrow__fail(error, FURROW_INVALID, "the engine was closed");
}

static furrow_status waited_too_long(const furrow_engine *engine, furrow__line *line,
                                     furrow_error *error)
{
    char holder[320] = "";
    line->timeouts++;
    if (line->has_holder)
        snprintf(holder, sizeof holder, "; the session opened at %s:%d holds it",
                 line->holder.file ? line->holder.file : "?", line->holder.line);
    furrow__fail(error, FURROW_TIMEOUT, "%s became free within %d ms: %d busy, %d waiting%s%s%s",
                 engine->is_server   ? "no connection"
                 : engine->is_memory ? "the one connection of a database in memory never"
                 : line->read_only   ? "no reader"
                                     : "the writer never",
                 engine->options.pool_timeout_ms, line->busy, line->waiting, holder,
                 line->last_error[0] ? "; the last attempt to connect failed: " : "",
                 line->last_error);
    return furrow__hint(
        error, engine->is_server ? "end sessions sooner, or raise pool_size, max_overflow or "
                                   "pool_timeout_ms"
               : line->read_only ? "end sessions sooner, or raise readers or pool_timeout_ms"
                                 : "end that session sooner, or raise pool_timeout_ms");
}

/* ---- borrowing ---- */

/* The lock is held. Returns for how long to stay awake there. */
static int64_t join_line(furrow__line *line, furrow__waiter *waiter)
{
    if (line->last)
        line->last->next = waiter;
    else
        line->first = waiter;
    line->last = waiter;
    waiter->is_next = line->waiting == 0;
    bool is_soon =
        line->hold_ns <= SHORT_HOLD_NS && line->waiting * line->hold_ns <= LONGEST_AWAKE_NS;
    line->waiting++;
    return is_soon ? LONGEST_AWAKE_NS : 0;
}

/* Wait until a connection, or the right to open one, was handed over. The lock is free. */
static furrow_status wait_in_line(furrow_engine *engine, furrow__line *line, furrow__waiter *waiter,
                                  int64_t awake_ns, furrow_error *error)
{
    if (furrow__gate_wait(&waiter->gate, awake_ns, waiter->is_next, waiter->deadline_ns))
        return waiter->is_sent_away ? is_closed(error) : FURROW_OK;
    furrow_status status = FURROW_OK;
    pthread_mutex_lock(&engine->lock);
    if (waiter->is_sent_away) {
        status = is_closed(error);
    } else if (!waiter->link && !waiter->may_connect) {
        status = waited_too_long(engine, line, error);
        leave_line(line, waiter);
    }
    pthread_mutex_unlock(&engine->lock);
    return status;
}

static void set_deadline(const furrow_engine *engine, furrow__waiter *me)
{
    if (!me->deadline_ns)
        me->deadline_ns = furrow__now_ns() + engine->options.pool_timeout_ms * NS_PER_MS;
}

/* Open a connection that the line already counts. */
static furrow_status connect_counted(furrow_engine *engine, furrow__line *line, furrow__link **out,
                                     furrow__waiter *me, furrow_error *error)
{
    set_deadline(engine, me);
    int64_t left_ms = (me->deadline_ns - furrow__now_ns()) / NS_PER_MS;
    furrow_status status =
        open_link(engine, out, line->read_only, left_ms > 1 ? (int)left_ms : 1, error);
    furrow__wake wake = {NULL};
    pthread_mutex_lock(&engine->lock);
    if (status == FURROW_OK) {
        line->last_error[0] = '\0';
        (*out)->lifetime_ns = lifetime_ns(engine, line->opened++);
        furrow__line_give(line, *out, &me->who);
        engine->was_reached = true;
    } else {
        furrow__copy_text(line->last_error, sizeof line->last_error, error->message);
        if (status == FURROW_TIMEOUT && engine->was_reached)
            status = waited_too_long(engine, line, error);
        else if (status == FURROW_TIMEOUT) /* to who opens an engine the server is not there */
            status = error->status = FURROW_DISCONNECTED;
        vacate(engine, line, &wake);
    }
    pthread_mutex_unlock(&engine->lock);
    furrow__wake_up(&wake);
    return status;
}

/* A connection that idled long, or since another one broke, may be dead. */
static bool is_alive(furrow_engine *engine, furrow__link *link, int64_t suspect_ns)
{
    furrow_error ignored;
    if (!engine->is_server)
        return true;
    int64_t trusted_s =
        engine->options.pre_ping ? FURROW__IDLE_BEFORE_PRE_PING_S : FURROW__IDLE_BEFORE_PING_S;
    bool suspect = link->used_at_ns <= suspect_ns ||
                   furrow__now_ns() - link->used_at_ns > trusted_s * NS_PER_S;
    return !suspect || (engine->driver->ping(link->connection, &ignored) == FURROW_OK &&
                        !link->connection->broken);
}

/* Not alive: it goes, and the place that it had stays with who found out. */
static void bury(furrow_engine *engine, furrow__line *line, furrow__link *link)
{
    pthread_mutex_lock(&engine->lock);
    take_away(link);
    line->broken++;
    pthread_mutex_unlock(&engine->lock);
    furrow__close_link(link);
}

/* Whether the one connection of the line is with a session that this thread used last. The lock is
 * held. */
static bool is_held_by(const furrow_engine *engine, const furrow__line *line, pthread_t thread)
{
    return line->has_holder && line->lent && !engine->is_server &&
           pthread_equal(atomic_load_explicit(&line->lent->thread, memory_order_relaxed), thread);
}

/* Take what is there, or stand in line. The lock is held. */
static furrow_status take_or_join(furrow_engine *engine, furrow__line *line, furrow__waiter *me,
                                  bool *waits, int64_t *awake_ns, furrow_error *error)
{
    *waits = false;
    *awake_ns = 0;
    if (furrow__engine_is_closing(engine)) { /* since it was asked for */
        return is_closed(error);
    } else if (line->idle) {
        me->link = furrow__line_take_idle(line, &me->who);
        me->suspect_ns = line->suspect_ns;
    } else if (line->open < line->limit) {
        line->open++;
        line->busy++;
        me->may_connect = true;
    } else if (is_held_by(engine, line, me->who.thread)) {
        return waits_for_itself(engine, &line->holder, error);
    } else {
        set_deadline(engine, me);
        if (!furrow__gate_init(&me->gate))
            return furrow__fail(error, FURROW_NOMEM, "out of memory");
        *waits = true;
        *awake_ns = join_line(line, me);
        return FURROW_OK;
    }
    line->waits[0]++;
    return FURROW_OK;
}

static furrow_status take_or_wait(furrow_engine *engine, furrow__line *line, furrow__waiter *me,
                                  furrow_error *error)
{
    bool waits;
    int64_t awake_ns;
    pthread_mutex_lock(&engine->lock);
    furrow_status status = take_or_join(engine, line, me, &waits, &awake_ns, error);
    pthread_mutex_unlock(&engine->lock);
    if (!waits)
        return status;
    status = wait_in_line(engine, line, me, awake_ns, error);
    furrow__gate_done(&me->gate);
    return status;
}

static furrow_status acquire(furrow_engine *engine, furrow__link **out, bool read_only,
                             furrow__borrower who, furrow_error *error)
{
    *out = NULL;
    if (!furrow__engine_is_here(engine))
        return furrow__engine_not_here(error);
    if (furrow__engine_is_closing(engine))
        return is_closed(error);
    furrow__pool_notice(engine);
    furrow__line *line = line_for(engine, read_only);
    furrow__waiter me = {.who = who};
    furrow_status status = take_or_wait(engine, line, &me, error);
    if (status != FURROW_OK) {
        furrow__pool_notice(engine);
        return status;
    }
    if (me.link && !is_alive(engine, me.link, me.suspect_ns)) {
        bury(engine, line, me.link);
        me.link = NULL;
    }
    if (!me.link)
        return connect_counted(engine, line, out, &me, error);
    me.link->began_ns = furrow__now_ns();
    *out = me.link;
    return FURROW_OK;
}

furrow_status furrow__pool_acquire(furrow_engine *engine, furrow__link **out, bool read_only,
                                   const char *file, int line, furrow_error *error)
{
    return acquire(engine, out, read_only, (furrow__borrower){pthread_self(), file, line, NULL},
                   error);
}

furrow_status furrow__pool_acquire_unit(furrow_engine *engine, furrow__link **out,
                                        furrow__unit *unit, const char *file, int line,
                                        furrow_error *error)
{
    unit->joined = unit->ran = false;
    return acquire(engine, out, false, (furrow__borrower){pthread_self(), file, line, unit}, error);
}

/* ---- giving back ---- */

/* Whether the connection can serve another session; cleans it where needed. */
static bool is_clean(furrow__link *link, bool dirty)
{
    const furrow_engine *engine = link->engine;
    furrow_connection *connection = link->connection;
    furrow_error ignored;
    if (connection->broken)
        return false;
    return (!dirty && !connection->in_transaction) ||
           (engine->driver->reset(connection, &ignored) == FURROW_OK && !connection->broken);
}

static bool may_stay(const furrow__link *link)
{
    if (link->engine->is_memory) /* the database ends with its connection */
        return true;
    return !link->connection->unclean &&
           (!link->lifetime_ns || furrow__now_ns() - link->opened_at_ns < link->lifetime_ns);
}

/* What the driver can do while nobody wants the connection. */
static void tidy(furrow_engine *engine, const furrow__line *line, furrow__link *link)
{
    pthread_mutex_lock(&engine->lock);
    bool wanted = line->first != NULL;
    pthread_mutex_unlock(&engine->lock);
    if (!wanted)
        engine->driver->tidy(link->connection);
}

/* It is to be closed: out of the list first, so that nobody tells of it any more. */
static void part_from(furrow_engine *engine, furrow__line *line, furrow__link *link, bool is_broken)
{
    bool is_lost = link->connection->broken;
    furrow__wake wake = {NULL};
    pthread_mutex_lock(&engine->lock);
    take_away(link);
    count_commits(line, link);
    if (is_broken)
        line->broken++;
    else
        line->recycled++;
    pthread_mutex_unlock(&engine->lock);
    furrow__close_link(link);
    pthread_mutex_lock(&engine->lock);
    if (is_lost)
        line->suspect_ns = furrow__now_ns();
    vacate(engine, line, &wake);
    pthread_mutex_unlock(&engine->lock);
    furrow__wake_up(&wake);
}

void furrow__pool_release(furrow__link *link, bool dirty)
{
    if (!link || !furrow__engine_is_here(link->engine))
        return;
    furrow_engine *engine = link->engine;
    furrow__line *line = line_of(link);
    bool clean = is_clean(link, dirty);
    bool kept = false;
    if (clean && link->connection->untidy && engine->driver->tidy)
        tidy(engine, line, link);
    if (engine->is_server || engine->options.idle_timeout_s)
        link->used_at_ns = furrow__now_ns();
    if (clean && may_stay(link)) {
        furrow__wake wake = {NULL};
        pthread_mutex_lock(&engine->lock);
        put_back(line, link, &wake);
        kept = true;
        pthread_mutex_unlock(&engine->lock);
        furrow__wake_up(&wake);
    }
    if (!kept)
        part_from(engine, line, link, !clean);
    furrow__pool_notice(engine);
}

/* ---- begin, end, look ---- */

/* Whoever stands first in either line is told; false if nobody does. */
static bool send_one_away(furrow_engine *engine)
{
    furrow__wake wake = {NULL};
    pthread_mutex_lock(&engine->lock);
    furrow__waiter *first = take_first(&engine->writers);
    if (!first)
        first = take_first(&engine->readers);
    if (first) {
        first->is_sent_away = true;
        furrow__gate_open(&first->gate, &wake);
    }
    pthread_mutex_unlock(&engine->lock);
    furrow__wake_up(&wake);
    return first != NULL;
}

void furrow__pool_send_away(furrow_engine *engine)
{
    while (send_one_away(engine))
        ;
}

furrow_status furrow__pool_first(furrow_engine *engine, furrow_error *error)
{
    furrow__link *link = NULL;
    furrow_status status = furrow__pool_acquire(engine, &link, false, NULL, 0, error);
    furrow__pool_release(link, false);
    return status;
}

static void close_idle(furrow__line *line)
{
    assert(line->busy == 0 && !line->first);
    while (line->idle) {
        furrow__link *link = line->idle;
        line->idle = link->next;
        furrow__close_link(link);
    }
}

void furrow__pool_done(furrow_engine *engine)
{
    furrow__group_flush(engine);
    /* Readers first: SQLite checkpoints when its last connection closes, which only a writer may.
     */
    close_idle(&engine->readers);
    close_idle(&engine->writers);
}

furrow__pool_statistics furrow__pool_stats(furrow_engine *engine, bool read_only)
{
    pthread_mutex_lock(&engine->lock);
    const furrow__line *line = line_for(engine, read_only);
    furrow__pool_statistics now = {line->open, line->busy, line->open - line->busy, line->waiting};
    pthread_mutex_unlock(&engine->lock);
    return now;
}
