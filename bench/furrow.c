/* SPDX-License-Identifier: MIT
 * furrow's side of the benchmarks, on any engine. */
#include "bench.h"

static void *side_open(const char *url)
{
    furrow_engine *engine = NULL;
    furrow_error error = {0};
    if (furrow_engine_open(&engine, url, &error))
        bench_fail("furrow: %s", error.message);
    return engine;
}

static void side_close(void *connection)
{
    furrow_engine_close(connection);
}

static uint64_t get(furrow_session *s, int count)
{
    uint64_t sum = 0;
    for (int i = 0; i < count; i++) {
        struct item *item = NULL;
        if (item_get(s, &item, bench_key(i)) == FURROW_OK)
            sum += bench_sum(item);
    }
    return sum;
}

static uint64_t load(furrow_session *s)
{
    struct item_list list = {0};
    uint64_t sum = 0;
    item_find(s, &list);
    furrow_each (struct item, item, list)
        sum += bench_sum(item);
    return sum;
}

static uint64_t side_run(void *connection, bench_job job, struct item *rows, int count)
{
    furrow_engine *engine = connection;
    uint64_t sum = 0;
    furrow_session *s = furrow_session_open(engine);
    switch (job) {
    case BENCH_GET:
        sum = get(s, count);
        break;
    case BENCH_LOAD:
        for (int i = 0; i < count; i++) {
            if (i)
                furrow_session_reset(s);
            sum += load(s);
            furrow_commit(s);
        }
        break;
    case BENCH_INSERT:
        item_insert_many(s, rows, (size_t)count);
        sum = (uint64_t)rows[count - 1].id;
        break;
    case BENCH_POSTS:
    case BENCH_COMMENTS:
        for (int i = 0; i < count; i++) {
            if (i)
                furrow_session_reset(s);
            sum += bench_load_blog(s, job);
            furrow_commit(s);
        }
        break;
    }
    if (furrow_commit(s))
        bench_fail("furrow: %s", furrow_session_error(s)->message);
    furrow_session_close(s);
    return sum;
}

const bench_side bench_furrow = {"furrow", side_open, side_close, side_run};
