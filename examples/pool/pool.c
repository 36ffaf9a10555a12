/* SPDX-License-Identifier: MIT
 * Shows the options of an engine, its observers, and its statistics. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "visit.furrow.h"

enum { SLOW_NS = 200 * 1000 * 1000, VISITS = 20 };

/* Called after each statement. */
static void log_slow(void *context, const furrow_trace_event *event)
{
    int *statements = context;
    ++*statements;
    if (event->duration_ns > SLOW_NS)
        fprintf(stderr, "slow: %" PRIu64 " ms: %s\n", event->duration_ns / 1000000, event->sql);
}

/* Called if a session runs a statement more often than `.repeat_limit`. */
static void log_repeat(void *context, const furrow_repeat_event *event)
{
    (void)context;
    printf("%.6s ran %" PRIu64 " times in one session\n", event->sql, event->count);
}

static furrow_status open_engine(furrow_engine **engine, const char *url, int *statements,
                                 furrow_error *error)
{
    return furrow_engine_open(engine, url, error,
                              /* a server: at most 20 connections */
                              .pool_size = 10, .max_overflow = 10, .pool_timeout_ms = 2000,
                              .pool_recycle_s = 3600,
                              /* statements that take too long fail with FURROW_TIMEOUT */
                              .statement_timeout_ms = 10000,
                              /* observers */
                              .trace = log_slow, .trace_context = statements, .repeat_limit = 10,
                              .repeat = log_repeat, .leak_after_ms = 60000);
}

int main(int argc, char **argv)
{
    furrow_engine *engine;
    furrow_error error;
    int statements = 0;
    if (open_engine(&engine, argc > 1 ? argv[1] : "sqlite:///pool.db", &statements, &error)) {
        fprintf(stderr, "pool: %s\n", error.message);
        return 1;
    }
    furrow_session *s = furrow_session_open(engine);
    furrow_create_all(s, &visit_schema);
    for (int i = 0; i < VISITS; i++)
        visit_insert(s, &(struct visit){.page = "/", .count = i});
    furrow_commit(s);
    furrow_session_reset(s);

    /* This loop is a mistake: visit_get_many reads all of them with one statement. */
    struct visit *visit;
    for (int64_t id = 1; id <= VISITS; id++)
        visit_get(s, &visit, id);
    furrow_commit(s);
    furrow_session_close(s);

    furrow_engine_statistics stats = furrow_engine_stats(engine);
    printf("%d connection, %" PRIu64 " commits\n", stats.idle, stats.commits);

    char text[4096];
    furrow_engine_stats_format(&stats, text, sizeof text);
    const char *commits = strstr(text, "\nfurrow_commits_total");
    printf("%.*s\n", commits ? (int)strcspn(commits + 1, "\n") : 0, commits ? commits + 1 : "");
    furrow_engine_close(engine);
    return statements > VISITS ? 0 : 1;
}
