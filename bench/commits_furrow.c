/* SPDX-License-Identifier: MIT
 * The same by furrow, on any engine. */
#include "commits.h"
#include "sale.furrow.h"

static void *side_open(const char *url, int threads)
{
    furrow_engine *engine = NULL;
    furrow_error error = {0};
    (void)threads;
    /* The two numbers are for servers. */
    if (furrow_engine_open(&engine, url, &error, .pool_size = 8,
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
    furrow_session *s = furrow_session_open(side);
    struct sale sale = {.customer = thread, .amount = number, .note = "one of many sales"};
    sale_insert(s, &sale);
    if (furrow_commit(s))
        bench_fail("furrow: %s", furrow_last_error(s)->message);
    furrow_session_close(s);
    return 0;
}

const commits_side commits_furrow = {"furrow", side_open, side_close, side_run};
