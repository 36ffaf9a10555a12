/* SPDX-License-Identifier: MIT
 *
 * Maintenance: closes connections that have been idle for too long and reports transactions that
 * have been open for too long. No thread is needed for this. If an option asks for maintenance,
 * every call to the pool checks whether maintenance is due. The check reads the clock once.
 * Connections are taken out of the pool under the lock. They are closed, and leaks are reported,
 * without the lock. */
#include "pool/engine.h"

typedef struct due {
    furrow__pooled *expired;
    furrow_report_event events[FURROW__MAX_REPORTS];
    int event_count;
    int64_t next_ns; /* when maintenance may be due again */
} due;

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void add_event(due *d, furrow_report_kind kind, const furrow__pooled *pooled, int64_t now)
{
    d->events[d->event_count++] = (furrow_report_event){
        .kind = kind,
        .file = pooled->opened_at.file ? pooled->opened_at.file : "?",
        .line = pooled->opened_at.line,
        .sessions = 1,
        .held_ms = (now - pooled->lent_at_ns) / NS_PER_MS,
    };
}

/* The list of idle connections starts with the most recently used connection. */
static void take_expired(due *d, furrow__pool *pool, int64_t timeout_ns, int64_t now)
{
    furrow__pooled **at = &pool->idle;
    while (*at && now - (*at)->used_at_ns < timeout_ns) {
        d->next_ns = earlier(d->next_ns, (*at)->used_at_ns + timeout_ns);
        at = &(*at)->next;
    }
    furrow__pooled **last = at;
    for (; *last; last = &(*last)->next) {
        pool->open--;
        pool->recycled++;
    }
    *last = d->expired;
    d->expired = *at;
    *at = NULL;
}

/* Takes connections beyond pool_size that have been idle for longer than FURROW__OVERFLOW_IDLES_S,
 * least recently used first. */
static void take_overflow(due *d, furrow__pool *pool, int64_t now)
{
    const int64_t moment_ns = FURROW__OVERFLOW_IDLES_S * NS_PER_S;
    while (pool->open > pool->keep && pool->idle) {
        furrow__pooled **last = &pool->idle;
        while ((*last)->next)
            last = &(*last)->next;
        furrow__pooled *pooled = *last;
        if (now - pooled->used_at_ns < moment_ns) {
            d->next_ns = earlier(d->next_ns, pooled->used_at_ns + moment_ns);
            return;
        }
        *last = NULL;
        pool->open--;
        pool->recycled++;
        pooled->next = d->expired;
        d->expired = pooled;
    }
}

static void take_leaks(due *d, furrow__pool *pool, int64_t after_ns, int64_t now)
{
    for (furrow__pooled *pooled = pool->lent; pooled; pooled = pooled->next) {
        if (pooled->reported)
            continue;
        int64_t at = pooled->lent_at_ns + after_ns;
        if (at > now || d->event_count == FURROW__MAX_REPORTS) {
            d->next_ns = earlier(d->next_ns, at > now ? at : now);
            continue;
        }
        pooled->reported = true;
        pool->leaks++;
        add_event(d, FURROW_REPORT_LEAK, pooled, now);
    }
}

static void collect(due *d, furrow_engine *engine, int64_t now)
{
    int64_t idle_ns = engine->options.idle_timeout_s * NS_PER_S;
    int64_t leak_ns = engine->options.leak_after_ms * NS_PER_MS;
    d->next_ns = INT64_MAX;
    if (idle_ns)
        d->next_ns = now + idle_ns;
    if (leak_ns)
        d->next_ns = earlier(d->next_ns, now + leak_ns);
    /* SQLite's writer stays open: closing it may checkpoint, which must not happen while another
     * connection writes. */
    if (idle_ns && !engine->is_memory)
        take_expired(d, engine->is_server ? &engine->writers : &engine->readers, idle_ns, now);
    if (engine->is_server)
        take_overflow(d, &engine->writers, now);
    if (leak_ns) {
        take_leaks(d, &engine->writers, leak_ns, now);
        take_leaks(d, &engine->readers, leak_ns, now);
    }
    atomic_store_explicit(&engine->due_at_ns, d->next_ns, memory_order_relaxed);
}

static void report(const furrow_engine *engine, const due *d)
{
    const struct furrow_engine_options *o = &engine->options;
    for (int i = 0; i < d->event_count && o->report; i++)
        o->report(o->report_context, &d->events[i]);
}

void furrow__engine_maintain(furrow_engine *engine)
{
    int64_t due_at_ns = atomic_load_explicit(&engine->due_at_ns, memory_order_relaxed);
    if (due_at_ns == INT64_MAX)
        return;
    int64_t now = furrow__now_ns();
    if (now < due_at_ns)
        return;
    due d = {.event_count = 0};
    pthread_mutex_lock(&engine->lock);
    collect(&d, engine, now);
    pthread_mutex_unlock(&engine->lock);
    while (d.expired) {
        furrow__pooled *pooled = d.expired;
        d.expired = pooled->next;
        furrow__pooled_close(pooled);
    }
    report(engine, &d);
}

/* Reports all lent connections and returns how many there are. The caller must hold the lock. The
 * lock is released while the program's callback runs, so the list may change; reported connections
 * are therefore marked. */
static int report_pool(furrow_engine *engine, furrow__pool *pool)
{
    int count = 0;
    for (furrow__pooled *pooled = pool->lent; pooled; pooled = pooled->next) {
        pooled->reported = false;
        count++;
    }
    for (furrow__pooled *pooled = pool->lent; pooled;) {
        if (pooled->reported) {
            pooled = pooled->next;
            continue;
        }
        due d = {.event_count = 0};
        pooled->reported = true;
        add_event(&d, FURROW_REPORT_STILL_OUT, pooled, furrow__now_ns());
        pthread_mutex_unlock(&engine->lock);
        report(engine, &d);
        pthread_mutex_lock(&engine->lock);
        pooled = pool->lent;
    }
    return count;
}

void furrow__engine_report_open(furrow_engine *engine)
{
    if (!engine->options.report)
        return;
    pthread_mutex_lock(&engine->lock);
    int lent = report_pool(engine, &engine->writers) + report_pool(engine, &engine->readers);
    pthread_mutex_unlock(&engine->lock);
    int sessions = (atomic_load(&engine->references) & ~FURROW__CLOSING) - 1 - lent;
    if (sessions <= 0)
        return;
    due d = {.event_count = 1};
    d.events[0] = (furrow_report_event){.kind = FURROW_REPORT_STILL_OPEN, .sessions = sessions};
    report(engine, &d);
}
