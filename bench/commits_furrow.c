/* SPDX-License-Identifier: MIT
 * The same by furrow, on any engine. */
#include "commits.h"
#include "sale.furrow.h"

static void *side_open(const char *url, int threads)
{
    furrow_engine *engine = NULL;
    furrow_error error = {0};
    (void)threads;
    /* How many connections is for servers. */
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
        bench_fail("furrow: %s", furrow_last_error(s)->message);
    furrow_session_close(s);
    return waited;
}

const commits_side commits_furrow = {"furrow", side_open, side_close, side_run};
