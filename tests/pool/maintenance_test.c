/* SPDX-License-Identifier: MIT
 * Maintenance of the pool, closing an engine, and statistics, with the counting driver. No test
 * sleeps: instead, a test sets back the times that the connections have recorded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/counting_driver.h"

#define S INT64_C(1000000000)

static struct {
    int count;
    furrow_report_event events[32];
} reports;

static void tell(void *context, const furrow_report_event *event)
{
    assert_ptr_equal(context, &reports);
    reports.events[reports.count++ % 32] = *event;
}

/* Sets the recorded times of all connections back by `ns` nanoseconds. */
static void let_pass(furrow_engine *engine, int64_t ns)
{
    furrow__pool *pools[] = {&engine->writers, &engine->readers};
    for (int i = 0; i < 2; i++) {
        for (furrow__pooled *pooled = pools[i]->idle; pooled; pooled = pooled->next)
            pooled->used_at_ns -= ns, pooled->opened_at_ns -= ns;
        for (furrow__pooled *pooled = pools[i]->lent; pooled; pooled = pooled->next)
            pooled->lent_at_ns -= ns, pooled->opened_at_ns -= ns;
    }
    engine->due_at_ns -= ns;
}

static void test_pool__closes_idle_connections_at_the_next_call(void **state)
{
    (void)state;
    furrow_engine *engine = SERVER(.idle_timeout_s = 10);
    furrow__pooled *borrowed[4];
    for (int i = 0; i < 4; i++)
        borrowed[i] = borrow(engine, false, i);
    for (int i = 0; i < 3; i++)
        furrow__pool_release(borrowed[i], false);
    let_pass(engine, 9 * S);
    furrow__pool_release(borrowed[3], false);
    assert_int_equal(counts.open, 4);
    let_pass(engine, 2 * S);
    furrow__pooled *pooled = borrow(engine, false, 5);
    assert_ptr_equal(pooled, borrowed[3]);
    assert_int_equal(counts.open, 1);
    assert_int_equal(furrow__pool_stats(engine, false).open, 1);
    assert_int_equal(furrow_engine_stats(engine).recycled, 3);
    furrow__pool_release(pooled, false);
    furrow_engine_close(engine);
    assert_int_equal(counts.open, 0);
}

static void test_pool__pings_after_a_second(void **state)
{
    (void)state;
    furrow_engine *engine = SERVER(.pre_ping = true);
    furrow__pool_release(borrow(engine, false, 1), false);
    furrow__pool_release(borrow(engine, false, 1), false);
    assert_int_equal(counts.pings,
                     0); /* the connection was used just before, so it needs no ping */
    let_pass(engine, 2 * S);
    furrow__pool_release(borrow(engine, false, 1), false);
    assert_int_equal(counts.pings, 1);
    let_pass(engine, 2 * S);
    counts.dead = true;
    furrow__pool_release(borrow(engine, false, 1), false);
    assert_int_equal(counts.pings, 2);
    assert_int_equal(counts.opened, 2);
    assert_int_equal(furrow_engine_stats(engine).broken, 1);
    furrow_engine_close(engine);

    engine = SERVER(0);
    let_pass(engine, 2 * S);
    furrow__pool_release(borrow(engine, false, 1), false);
    assert_int_equal(counts.pings, 0);
    furrow_engine_close(engine);
}

static void test_pool__lifetimes_differ_by_at_most_a_tenth(void **state)
{
    (void)state;
    enum { LINKS = 15 };
    furrow_engine *engine = SERVER(.pool_recycle_s = 1000, .pool_size = LINKS);
    furrow__pooled *borrowed[LINKS];
    int64_t shortest = INT64_MAX, longest = 0;
    for (int i = 0; i < LINKS; i++) {
        borrowed[i] = borrow(engine, false, i);
        shortest = borrowed[i]->lifetime_ns < shortest ? borrowed[i]->lifetime_ns : shortest;
        longest = borrowed[i]->lifetime_ns > longest ? borrowed[i]->lifetime_ns : longest;
    }
    assert_true(shortest > 900 * S && longest <= 1000 * S && longest - shortest > 50 * S);
    for (int i = 0; i < LINKS; i++)
        furrow__pool_release(borrowed[i], false);
    furrow_engine_close(engine);
}

static void test_pool__reports_a_leak_once(void **state)
{
    (void)state;
    memset(&reports, 0, sizeof reports);
    furrow_engine *engine =
        SERVER(.leak_after_ms = 1000, .report = tell, .report_context = &reports);
    furrow__pooled *leaky = borrow(engine, false, 77);
    furrow__pool_release(borrow(engine, false, 1), false);
    assert_int_equal(reports.count, 0);
    let_pass(engine, 2 * S);
    furrow__pooled *other = borrow(engine, false, 2); /* the leak is reported during the next call
                                                         on any session */
    assert_int_equal(reports.count, 1);
    assert_int_equal(reports.events[0].kind, FURROW_REPORT_LEAK);
    assert_string_equal(reports.events[0].file, "pool_test.c");
    assert_int_equal(reports.events[0].line, 77);
    assert_true(reports.events[0].held_ms >= 2000 && reports.events[0].held_ms < 60000);
    furrow__pool_release(other, false);
    let_pass(engine, 2 * S);
    furrow__pool_release(borrow(engine, false, 2), false);
    assert_int_equal(reports.count, 1);
    furrow__pool_release(leaky, false);
    leaky = borrow(engine, false, 78); /* the connection is borrowed again, so another leak is
                                          reported */
    let_pass(engine, 2 * S);
    furrow__pool_release(borrow(engine, false, 3), false);
    assert_int_equal(reports.count, 2);
    assert_int_equal(reports.events[1].line, 78);
    assert_int_equal(furrow_engine_stats(engine).leaks, 2);
    furrow__pool_release(leaky, false);
    furrow_engine_close(engine);
    assert_int_equal(reports.count, 2);
}

static furrow_status begin(furrow_connection *connection, furrow_isolation isolation,
                           bool read_only, furrow_error *error)
{
    (void)isolation, (void)read_only, (void)error;
    connection->in_transaction = true;
    return FURROW_OK;
}

static furrow_status rollback(furrow_connection *connection, furrow_error *error)
{
    (void)error;
    connection->in_transaction = false;
    return FURROW_OK;
}

static furrow_status savepoint(furrow_connection *connection, int depth, furrow_error *error)
{
    (void)connection, (void)depth, (void)error;
    return FURROW_OK;
}

static int cancelled;
static void count_cancel(furrow_connection *connection)
{
    (void)connection;
    cancelled++;
}

/* A request to cancel can arrive after the statement has ended. The connection is reset before
 * another session borrows it, so a late request can only affect the reset. */
static void test_pool__resets_a_connection_after_a_request_to_cancel(void **state)
{
    (void)state;
    furrow_driver driver = server_driver;
    driver.begin = begin;
    driver.rollback = rollback;
    driver.savepoint = savepoint;
    driver.cancel = count_cancel;
    furrow_engine *engine = open_engine(&driver, (struct furrow_engine_options){.pool_size = 1});
    furrow_session *s = furrow_session_open(engine);
    cancelled = 0;
    for (int round = 0; round < 3; round++) {
        assert_int_equal(furrow_savepoint_begin(s), FURROW_OK);
        if (round == 1)
            furrow_session_cancel(s);
        furrow_rollback(s);
        assert_int_equal(counts.resets, round > 0);
    }
    furrow_session_cancel(s); /* has no effect, since the session has no connection */
    assert_int_equal(cancelled, 1);
    furrow_session_close(s);
    furrow_engine_close(engine);
}

static void test_engine__close_reports_open_sessions_and_frees_nothing_in_use(void **state)
{
    (void)state;
    memset(&reports, 0, sizeof reports);
    furrow_engine *engine =
        SERVER(.report = tell, .report_context = &reports, .close_timeout_ms = 1);
    for (int i = 0; i < 4; i++)
        furrow__engine_retain(engine); /* four sessions; two of them have borrowed a connection */
    furrow__pooled *a = borrow(engine, false, 31), *b = borrow(engine, false, 32);
    furrow_engine_close(engine);
    assert_int_equal(reports.count, 3);
    int lines = 0;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(reports.events[i].kind, FURROW_REPORT_STILL_OUT);
        lines += reports.events[i].line;
    }
    assert_int_equal(lines, 63);
    assert_int_equal(reports.events[2].kind, FURROW_REPORT_STILL_OPEN);
    assert_int_equal(reports.events[2].sessions, 2);
    assert_false(a->connection->broken || b->connection->broken);
    furrow_error error;
    furrow__pooled *late;
    assert_int_equal(
        furrow__pool_acquire(engine, &late, false, (furrow__call_site){"f.c", 1}, &error),
        FURROW_INVALID);
    assert_null(late);
    furrow__pool_release(a, false);
    furrow__pool_release(b, false);
    for (int i = 0; i < 4; i++)
        furrow__engine_release(engine);
    assert_int_equal(counts.open, 0);
}

static void *end_session(void *context)
{
    furrow_engine *engine = context;
    while (!(engine->references & FURROW__CLOSING))
        ;
    furrow__pool_release(engine->writers.lent, false);
    furrow__engine_release(engine);
    return NULL;
}

static void test_engine__close_waits_for_sessions_that_are_about_to_end(void **state)
{
    (void)state;
    pthread_t thread;
    memset(&reports, 0, sizeof reports);
    furrow_engine *engine =
        SERVER(.report = tell, .report_context = &reports, .close_timeout_ms = 60000);
    furrow__engine_retain(engine);
    borrow(engine, false, 1);
    assert_int_equal(pthread_create(&thread, NULL, end_session, engine), 0);
    furrow_engine_close(engine);
    assert_int_equal(counts.open, 0); /* furrow_engine_close has closed all connections */
    pthread_join(thread, NULL);
    assert_int_equal(reports.count, 0);
}

static bool has_line(const char *text, const char *line)
{
    const char *at = strstr(text, line);
    return at && (at == text || at[-1] == '\n') && at[strlen(line)] == '\n';
}

static void test_engine__counts_what_it_does(void **state)
{
    (void)state;
    furrow_error error;
    furrow__pooled *late;
    char text[8192], cut[64];
    furrow_engine *engine =
        SERVER(.pool_size = 1, .max_overflow = FURROW_NO_OVERFLOW, .pool_timeout_ms = 1);
    furrow__pooled *pooled = borrow(engine, false, 1);
    assert_int_equal(
        furrow__pool_acquire(engine, &late, false, (furrow__call_site){"f.c", 1}, &error),
        FURROW_TIMEOUT);
    pooled->committed = 3;
    pooled->connection->broken = true;
    furrow__pool_release(pooled, false);
    pooled = borrow(engine, false, 1);
    furrow_engine_statistics stats = furrow_engine_stats(engine);
    assert_true(stats.busy == 1 && stats.idle == 0 && stats.waiting == 0);
    assert_true(stats.opened == 2 && stats.broken == 1 && stats.timeouts == 1);
    assert_true(stats.commits == 3 && stats.batches[0] == 3);
    assert_int_equal(stats.waits[0], 3); /* connections that were available at once: when the engine
                                            was opened, and for two sessions */
    size_t size = furrow_engine_stats_format(&stats, text, sizeof text);
    assert_int_equal(size, strlen(text));
    assert_true(has_line(text, "furrow_connections_busy 1"));
    assert_true(has_line(text, "furrow_timeouts_total 1"));
    assert_true(has_line(text, "# TYPE furrow_wait_seconds histogram"));
    assert_true(has_line(text, "furrow_wait_seconds_bucket{le=\"+Inf\"} 3"));
    assert_true(has_line(text, "furrow_wait_seconds_count 3"));
    assert_true(has_line(text, "furrow_commit_batch_size_sum 3"));
    assert_int_equal(furrow_engine_stats_format(&stats, cut, sizeof cut), size);
    assert_int_equal(strlen(cut), sizeof cut - 1);
    assert_int_equal(furrow_engine_stats_format(&stats, NULL, 0), size);
    furrow__pool_release(pooled, false);
    furrow_engine_close(engine);
}

static void test_engine__refuses_negative_times(void **state)
{
    (void)state;
    furrow_engine *engine;
    furrow_error error;
    assert_int_equal(furrow_engine_open(&engine, "sqlite://", &error, .leak_after_ms = -1),
                     FURROW_INVALID);
    assert_non_null(strstr(error.message, "leak_after_ms"));
    assert_int_equal(furrow_engine_open(&engine, "sqlite://", &error, .close_timeout_ms = -2),
                     FURROW_INVALID);
    assert_int_equal(furrow_engine_open(&engine, "sqlite://", &error, .durability = 7),
                     FURROW_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pool__closes_idle_connections_at_the_next_call),
        cmocka_unit_test(test_pool__pings_after_a_second),
        cmocka_unit_test(test_pool__lifetimes_differ_by_at_most_a_tenth),
        cmocka_unit_test(test_pool__reports_a_leak_once),
        cmocka_unit_test(test_pool__resets_a_connection_after_a_request_to_cancel),
        cmocka_unit_test(test_engine__close_reports_open_sessions_and_frees_nothing_in_use),
        cmocka_unit_test(test_engine__close_waits_for_sessions_that_are_about_to_end),
        cmocka_unit_test(test_engine__counts_what_it_does),
        cmocka_unit_test(test_engine__refuses_negative_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
