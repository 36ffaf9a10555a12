/* SPDX-License-Identifier: MIT
 * Those sides of the commit benchmarks that use furrow. They run on any engine. */
#include <stdlib.h>

#include "commits.h"
#include "sale.furrow.h"

static void *side_open(const char *url, int threads)
{
    furrow_engine *engine = NULL;
    furrow_error error = {0};
    (void)threads;
    /* The number of connections matters only on PostgreSQL. */
    if (furrow_engine_open(&engine, url, &error, .pool_size = COMMITS_CONNECTIONS,
                           .max_overflow = FURROW_NO_OVERFLOW))
        bench_fail("furrow: %s", error.message);
    return engine;
}

static void side_close(void *side)
{
    furrow_engine_close(side);
}

static int64_t side_run(void *side, int thread, int64_t number)
{
    int64_t begun = commits_now_ns();
    furrow_session *s = furrow_session_open(side);
    struct sale sale = {.customer = thread, .amount = number, .note = "one of many sales"};
    sale_insert(s, &sale);
    int64_t waited = commits_now_ns() - begun;
    if (furrow_commit(s))
        bench_fail("furrow: %s", furrow_session_error(s)->message);
    furrow_session_close(s);
    return waited;
}

const commits_side commits_furrow = {"furrow", side_open, side_close, side_run};

enum { MAX_PENDING = 256 };

struct async {
    furrow_engine *engine;
    furrow_session *session;
    furrow_ticket *tickets[MAX_PENDING];
};

static void *async_open(const char *url, int threads)
{
    struct async *a = calloc(1, sizeof *a);
    if (!a || threads != 1)
        bench_fail("an asynchronous commit is measured with one thread only");
    a->engine = side_open(url, threads);
    a->session = furrow_session_open(a->engine);
    return a;
}

static void settle(struct async *a, int64_t at)
{
    furrow_error error = {0};
    if (a->tickets[at] && furrow_commit_wait(a->tickets[at], &error))
        bench_fail("furrow: %s", error.message);
    a->tickets[at] = NULL;
}

static void async_close(void *side)
{
    struct async *a = side;
    for (int64_t at = 0; at < MAX_PENDING; at++)
        settle(a, at);
    furrow_session_close(a->session);
    furrow_engine_close(a->engine);
    free(a);
}

/* Writes a row and begins its commit. Before that, waits for the commit that began MAX_PENDING
 * calls ago. */
static int64_t async_run(void *side, int thread, int64_t number)
{
    struct async *a = side;
    struct sale sale = {.customer = thread, .amount = number, .note = "one of many sales"};
    settle(a, number % MAX_PENDING);
    sale_insert(a->session, &sale);
    if (furrow_commit_begin(a->session, &a->tickets[number % MAX_PENDING]))
        bench_fail("furrow: %s", furrow_session_error(a->session)->message);
    return 0;
}

const commits_side commits_async = {"async", async_open, async_close, async_run};
