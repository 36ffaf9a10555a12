/* SPDX-License-Identifier: MIT
 * The statistics of an engine, as numbers and in Prometheus' text format (version 0.0.4).
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/memory.h"
#include "pool/engine.h"

static void add_pool(furrow_engine_statistics *stats, const furrow__pool *pool)
{
    stats->busy += pool->busy;
    stats->idle += pool->open - pool->busy;
    stats->waiting += pool->waiting;
    stats->opened += pool->opened;
    stats->recycled += pool->recycled;
    stats->broken += pool->broken;
    stats->timeouts += pool->timeouts;
    stats->leaks += pool->leaks;
    stats->commits += pool->commits + pool->batch.commits;
    stats->syncs += pool->syncs;
    for (int i = 0; i < FURROW_BATCH_BUCKETS; i++)
        stats->batches[i] += pool->batch.sizes[i];
    stats->wait_ns += pool->wait_ns;
    for (int i = 0; i < FURROW_WAIT_BUCKETS; i++)
        stats->waits[i] += pool->waits[i];
}

static furrow_engine_statistics read_stats(furrow_engine *engine)
{
    furrow_engine_statistics stats = {0};
    if (!engine || !furrow__engine_is_here(engine))
        return stats;
    pthread_mutex_lock(&engine->lock);
    add_pool(&stats, &engine->writers);
    add_pool(&stats, &engine->readers);
    uint64_t alone = engine->writers.commits + engine->readers.commits;
    pthread_mutex_unlock(&engine->lock);
    stats.batches[0] += alone;
    return stats;
}

void furrow_engine_stats_(furrow_engine *engine, furrow_engine_statistics *out, size_t size)
{
    furrow_engine_statistics stats = read_stats(engine);
    furrow__copy_struct(out, size, &stats, sizeof stats);
}

typedef struct output {
    char *buffer;
    size_t size, length;
} output;

static void add(output *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(output *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    bool room = out->length < out->size;
    int length = vsnprintf(room ? out->buffer + out->length : NULL,
                           room ? out->size - out->length : 0, format, arguments);
    va_end(arguments);
    if (length > 0)
        out->length += (size_t)length;
}

static void add_head(output *out, const char *name, const char *type, const char *help)
{
    add(out, "# HELP furrow_%s %s\n# TYPE furrow_%s %s\n", name, help, name, type);
}

static void add_number(output *out, const char *name, const char *type, const char *help,
                       uint64_t value)
{
    add_head(out, name, type, help);
    add(out, "furrow_%s %" PRIu64 "\n", name, value);
}

static void add_waits(output *out, const furrow_engine_statistics *stats)
{
    static const char *const bounds[FURROW_WAIT_BUCKETS] = {"0.0001", "0.001", "0.01", "0.1",
                                                            "1",      "10",    "+Inf"};
    uint64_t sum = 0;
    add_head(out, "wait_seconds", "histogram", "How long sessions waited for a connection.");
    for (int i = 0; i < FURROW_WAIT_BUCKETS; i++)
        add(out, "furrow_wait_seconds_bucket{le=\"%s\"} %" PRIu64 "\n", bounds[i],
            sum += stats->waits[i]);
    /* %f is not used, because it would write the decimal point of the program's locale. */
    add(out, "furrow_wait_seconds_sum %" PRIu64 ".%09" PRIu64 "\n", stats->wait_ns / 1000000000,
        stats->wait_ns % 1000000000);
    add(out, "furrow_wait_seconds_count %" PRIu64 "\n", sum);
}

static void add_batches(output *out, const furrow_engine_statistics *stats)
{
    static const char *const bounds[FURROW_BATCH_BUCKETS] = {"1",  "2",  "4",  "8",
                                                             "16", "32", "64", "+Inf"};
    uint64_t sum = 0;
    add_head(out, "commit_batch_size", "histogram", "Transactions that were committed together.");
    for (int i = 0; i < FURROW_BATCH_BUCKETS; i++)
        add(out, "furrow_commit_batch_size_bucket{le=\"%s\"} %" PRIu64 "\n", bounds[i],
            sum += stats->batches[i]);
    add(out, "furrow_commit_batch_size_sum %" PRIu64 "\n", stats->commits);
    add(out, "furrow_commit_batch_size_count %" PRIu64 "\n", sum);
}

size_t furrow_engine_stats_format_(const furrow_engine_statistics *stats, size_t stats_size,
                                   char *buffer, size_t size)
{
    furrow_engine_statistics copy, *s = &copy;
    output out = {buffer, buffer ? size : 0, 0};
    furrow__copy_struct(&copy, sizeof copy, stats, stats ? stats_size : 0);
    if (out.size)
        buffer[0] = '\0';
    add_number(&out, "connections_busy", "gauge", "Connections lent to sessions.",
               (uint64_t)s->busy);
    add_number(&out, "connections_idle", "gauge", "Connections not lent.", (uint64_t)s->idle);
    add_number(&out, "sessions_waiting", "gauge", "Sessions that wait for a connection.",
               (uint64_t)s->waiting);
    add_number(&out, "connections_opened_total", "counter", "Connections opened.", s->opened);
    add_number(&out, "connections_recycled_total", "counter",
               "Connections closed because of their age, idle time or number.", s->recycled);
    add_number(&out, "connections_broken_total", "counter",
               "Connections that were lost or could not be cleaned.", s->broken);
    add_number(&out, "timeouts_total", "counter", "Sessions that did not get a connection in time.",
               s->timeouts);
    add_number(&out, "leaks_total", "counter", "Transactions reported as open for too long.",
               s->leaks);
    add_waits(&out, s);
    add_number(&out, "commits_total", "counter", "Transactions committed.", s->commits);
    add_number(
        &out, "syncs_total", "counter",
        "COMMITs to a SQLite file that waited for the disk, each for one or more transactions.",
        s->syncs);
    add_batches(&out, s);
    return out.length;
}
