/* SPDX-License-Identifier: MIT
 * Lending connections. Strictly first come, first served: a connection that is given back goes
 * straight into the hands of whoever waits longest, so that nobody who comes later can take it, and
 * each waiter sleeps on a condition of its own, so that one hand-off wakes one thread. Connecting,
 * closing, resetting and pinging happen outside the lock.
 *
 * SQLite takes one writer at a time, so its line has one connection, and waiting in it replaces
 * "database is locked". A database in memory is its connection: readers wait in the same line. */
#include "pool/engine.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/text.h"

#define NS_PER_S INT64_C(1000000000)

/* Somebody in the line: on the stack of the thread that waits. */
struct furrow__waiter {
    furrow__waiter *next;
    pthread_cond_t condition;
    furrow__link *link; /* handed over, or NULL */
    bool may_connect;   /* a connection went away: the right to open another is handed over */
    furrow__borrower who;
};

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
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

static void close_link(furrow__link *link)
{
    link->engine->driver->close(link->connection);
    furrow__cache_free(link->cache);
    furrow__release(link);
}

static furrow_status open_link(furrow_engine *engine, furrow__link **out, bool read_only,
                               furrow_error *error)
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
    link->opened_at_ns = link->used_at_ns = now_ns();
    *out = link;
    return FURROW_OK;
}

/* ---- the line; the engine's lock is held ---- */

static void give(furrow__line *line, furrow__link *link, const furrow__borrower *who)
{
    link->next = NULL;
    link->file = who->file;
    link->line = who->line;
    line->has_holder = line->limit == 1;
    line->holder = *who;
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
static void vacate(furrow__line *line)
{
    line->has_holder = false;
    furrow__waiter *first = take_first(line);
    if (first) {
        first->may_connect = true;
        pthread_cond_signal(&first->condition);
        return;
    }
    line->open--;
    line->busy--;
}

/* Hand the connection on, or keep it; false if it is one too many and to be closed. */
static bool put_back(furrow__line *line, furrow__link *link)
{
    furrow__waiter *first = take_first(line);
    if (first) {
        give(line, link, &first->who);
        first->link = link;
        pthread_cond_signal(&first->condition);
        return true;
    }
    if (line->open > line->keep)
        return false;
    line->has_holder = false;
    line->busy--;
    link->next = line->idle;
    line->idle = link;
    return true;
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

static furrow_status waited_too_long(const furrow_engine *engine, const furrow__line *line,
                                     furrow_error *error)
{
    char holder[320] = "";
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
    return furrow__hint(error, engine->is_server
                                   ? "end sessions sooner, or raise pool_size, max_overflow or "
                                     "pool_timeout_ms"
                               : line->read_only
                                   ? "end sessions sooner, or raise readers or pool_timeout_ms"
                                   : "end that session sooner, or raise pool_timeout_ms");
}

/* ---- borrowing ---- */

/* Wait until a connection, or the right to open one, was handed over. The lock is held at entry and
 * at return. */
static furrow_status wait_in_line(furrow_engine *engine, furrow__line *line,
                                  furrow__waiter *waiter, furrow_error *error)
{
    int64_t deadline = now_ns() + engine->options.pool_timeout_ms * INT64_C(1000000);
    struct timespec until = {.tv_sec = (time_t)(deadline / NS_PER_S),
                             .tv_nsec = (long)(deadline % NS_PER_S)};
    if (line->last)
        line->last->next = waiter;
    else
        line->first = waiter;
    line->last = waiter;
    line->waiting++;
    while (!waiter->link && !waiter->may_connect) {
        int code = pthread_cond_timedwait(&waiter->condition, &engine->lock, &until);
        if (code == ETIMEDOUT && !waiter->link && !waiter->may_connect) {
            furrow_status status = waited_too_long(engine, line, error);
            leave_line(line, waiter);
            return status;
        }
    }
    return FURROW_OK;
}

static furrow_status stand_in_line(furrow_engine *engine, furrow__line *line,
                                   furrow__waiter *waiter, furrow_error *error)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes))
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    int code = pthread_cond_init(&waiter->condition, &attributes);
    pthread_condattr_destroy(&attributes);
    if (code)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    furrow_status status = wait_in_line(engine, line, waiter, error);
    pthread_cond_destroy(&waiter->condition);
    return status;
}

/* Open a connection that the line already counts. */
static furrow_status connect_counted(furrow_engine *engine, furrow__line *line, furrow__link **out,
                                     const furrow__borrower *who, furrow_error *error)
{
    furrow_status status = open_link(engine, out, line->read_only, error);
    pthread_mutex_lock(&engine->lock);
    if (status == FURROW_OK) {
        line->last_error[0] = '\0';
        give(line, *out, who);
    } else {
        furrow__copy_text(line->last_error, sizeof line->last_error, error->message);
        vacate(line);
    }
    pthread_mutex_unlock(&engine->lock);
    return status;
}

/* A connection that idled long, or since another one broke, may be dead. */
static bool is_alive(furrow_engine *engine, furrow__link *link, int64_t suspect_ns)
{
    furrow_error ignored;
    if (!engine->is_server)
        return true;
    bool suspect = link->used_at_ns <= suspect_ns ||
                   now_ns() - link->used_at_ns > FURROW__IDLE_BEFORE_PING_S * NS_PER_S;
    return !suspect || (engine->driver->ping(link->connection, &ignored) == FURROW_OK &&
                        !link->connection->broken);
}

furrow_status furrow__pool_acquire(furrow_engine *engine, furrow__link **out, bool read_only,
                                   const char *file, int source_line, furrow_error *error)
{
    furrow__line *line = line_for(engine, read_only);
    furrow__waiter me = {.who = {pthread_self(), file, source_line}};
    furrow_status status = FURROW_OK;
    *out = NULL;
    pthread_mutex_lock(&engine->lock);
    int64_t suspect_ns = line->suspect_ns;
    if (line->idle) {
        me.link = line->idle;
        line->idle = me.link->next;
        line->busy++;
        give(line, me.link, &me.who);
    } else if (line->open < line->limit) {
        line->open++;
        line->busy++;
        me.may_connect = true;
    } else if (line->has_holder && !engine->is_server &&
               pthread_equal(line->holder.thread, me.who.thread)) {
        status = waits_for_itself(engine, &line->holder, error);
    } else {
        status = stand_in_line(engine, line, &me, error);
        suspect_ns = line->suspect_ns;
    }
    pthread_mutex_unlock(&engine->lock);
    if (status != FURROW_OK)
        return status;
    if (me.link && !is_alive(engine, me.link, suspect_ns)) {
        close_link(me.link);
        me.link = NULL;
    }
    if (!me.link)
        return connect_counted(engine, line, out, &me.who, error);
    *out = me.link;
    return FURROW_OK;
}

/* ---- giving back ---- */

/* Whether the connection can serve another session; cleans it where needed. */
static bool is_fit(furrow__link *link, bool dirty)
{
    const furrow_engine *engine = link->engine;
    furrow_connection *connection = link->connection;
    furrow_error ignored;
    if (connection->broken)
        return false;
    if ((dirty || connection->in_transaction) &&
        (engine->driver->reset(connection, &ignored) != FURROW_OK || connection->broken))
        return false;
    int recycle_s = engine->options.pool_recycle_s;
    /* A database in memory ends with its connection. */
    return recycle_s < 0 || engine->is_memory ||
           now_ns() - link->opened_at_ns < recycle_s * NS_PER_S;
}

void furrow__pool_release(furrow__link *link, bool dirty)
{
    if (!link)
        return;
    furrow_engine *engine = link->engine;
    furrow__line *line = line_of(link);
    bool fit = is_fit(link, dirty);
    bool broken = link->connection->broken;
    if (engine->is_server)
        link->used_at_ns = now_ns();
    if (fit) {
        pthread_mutex_lock(&engine->lock);
        bool kept = put_back(line, link);
        pthread_mutex_unlock(&engine->lock);
        if (kept)
            return;
    }
    close_link(link);
    pthread_mutex_lock(&engine->lock);
    if (broken)
        line->suspect_ns = now_ns();
    vacate(line);
    pthread_mutex_unlock(&engine->lock);
}

/* ---- begin, end, look ---- */

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
        close_link(link);
    }
}

void furrow__pool_done(furrow_engine *engine)
{
    /* Readers first: SQLite checkpoints when its last connection closes, which only a writer may. */
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
