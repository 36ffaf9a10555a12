/* SPDX-License-Identifier: MIT
 * Engines on PostgreSQL. A session's settings and objects must not be visible to the next session.
 * Other tests cover time limits, cancelling, and a server that stops answering (with a proxy). The
 * tests are skipped if FURROW_TEST_POSTGRESQL is not set. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <furrow/furrow.h>

#include "faults/proxy.h"

static const char *server_url;

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static furrow_engine *open_one(const char *url)
{
    furrow_engine *engine;
    furrow_error error;
    if (furrow_engine_open(&engine, url, &error, .pool_size = 1, .pre_ping = true,
                           .max_overflow = FURROW_NO_OVERFLOW, .close_timeout_ms = -1))
        fail_msg("%s", error.message);
    return engine;
}

static void run(furrow_session *s, const char *sql)
{
    if (furrow_unsafe_sql(s, NULL, sql, NULL, 0))
        fail_msg("%s: %s", sql, furrow_session_error(s)->message);
}

/* Runs a query in a new session, and returns its only value as a string. */
static const char *ask(furrow_engine *engine, const char *sql)
{
    static char answer[256];
    furrow_rows *rows;
    furrow_session *s = furrow_session_open(engine);
    if (furrow_unsafe_sql(s, &rows, sql, NULL, 0))
        fail_msg("%s: %s", sql, furrow_session_error(s)->message);
    assert_true(furrow_rows_next(rows));
    snprintf(answer, sizeof answer, "%s", furrow_row_text(rows, 0));
    furrow_session_close(s);
    return answer;
}

static void test_pool__a_dirty_return_leaks_nothing(void **state)
{
    static const struct {
        const char *dirty[3]; /* the statements that a session runs before it commits */
        const char *question;
        const char *clean;
    } kinds[] = {
        {{"SET statement_timeout = '77s'", "SET search_path = nowhere"},
         "SELECT current_setting('statement_timeout') || current_setting('search_path')",
         "0\"$user\", public"},
        {{"SELECT set_config('furrow.test', 'x', false)"},
         "SELECT coalesce(current_setting('furrow.test', true), '') = ''",
         "true"},
        {{"CREATE TEMP TABLE leftover (n integer)"},
         "SELECT to_regclass('pg_temp.leftover') IS NULL",
         "true"},
        {{"SELECT pg_advisory_lock(7), pg_advisory_lock_shared(8)"},
         "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()",
         "0"},
        {{"PREPARE leftover AS SELECT 1"},
         "SELECT count(*) FROM pg_prepared_statements WHERE name = 'leftover'",
         "0"},
        {{"DO $$BEGIN EXECUTE 'PREPARE leftover AS SELECT 1'; END$$"},
         "SELECT count(*) FROM pg_prepared_statements WHERE name = 'leftover'",
         "0"},
        {{"SET standard_conforming_strings = off", "SET datestyle = German"},
         "SELECT current_setting('standard_conforming_strings') || current_setting('datestyle')",
         "onISO, MDY"},
        {{"LISTEN furrow_test"}, "SELECT count(*) FROM pg_listening_channels()", "0"},
        {{"DECLARE leftover CURSOR WITH HOLD FOR SELECT 1"},
         "SELECT count(*) FROM pg_cursors WHERE name <> ''",
         "0"},
        {{"CREATE ROLE furrow_test_role", "SET ROLE furrow_test_role"},
         "SELECT current_user = session_user",
         "true"},
        {{"SET SESSION AUTHORIZATION furrow_test_role"}, "SELECT session_user", "furrow"},
    };
    (void)state;
    furrow_engine *engine = open_one(server_url);
    char pid[32];
    furrow_session *before = furrow_session_open(engine);
    run(before, /* if an earlier run failed, its role still exists */ "DROP ROLE IF EXISTS "
                                                                      "furrow_test_role");
    run(before, "DROP SEQUENCE IF EXISTS furrow_leftovers");
    assert_int_equal(furrow_commit(before), FURROW_OK);
    furrow_session_close(before);
    snprintf(pid, sizeof pid, "%s", ask(engine, "SELECT pg_backend_pid()"));
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        furrow_session *s = furrow_session_open(engine);
        for (int i = 0; i < 3 && kinds[k].dirty[i]; i++)
            run(s, kinds[k].dirty[i]);
        assert_int_equal(furrow_commit(s), FURROW_OK);
        furrow_session_close(s);
        assert_string_equal(ask(engine, kinds[k].question), kinds[k].clean);
    }
    assert_string_equal(ask(engine, "SELECT pg_backend_pid()"), pid); /* the server process is the
                                                                         same: the connection was
                                                                         cleaned and not replaced */
    furrow_session *s = furrow_session_open(engine);
    run(s, "DROP ROLE furrow_test_role");
    furrow_commit(s);
    /* currval, the last value of a sequence, must not be visible to the next session. */
    run(s, "CREATE SEQUENCE furrow_leftovers");
    run(s, "SELECT nextval('furrow_leftovers')");
    run(s, "SELECT lastval()");
    assert_int_equal(furrow_commit(s), FURROW_OK);
    assert_int_not_equal(furrow_unsafe_sql(s, NULL, "SELECT lastval()", NULL, 0), FURROW_OK);
    furrow_rollback(s);
    run(s, "DROP SEQUENCE furrow_leftovers");
    assert_int_equal(furrow_commit(s), FURROW_OK);
    /* An open transaction must not be visible to the next session either. */
    run(s, "CREATE TABLE furrow_leftover (n integer)");
    furrow_session_close(s);
    assert_string_equal(ask(engine, "SELECT to_regclass('furrow_leftover') IS NULL"), "true");
    furrow_engine_close(engine);
}

static void test_pool__prepared_statements_survive_a_dirty_return(void **state)
{
    (void)state;
    furrow_engine *engine = open_one(server_url);
    ask(engine, "SELECT 41 + 1");
    ask(engine, "SELECT 41 + 1");
    assert_string_equal(ask(engine, "SELECT max(generic_plans + custom_plans) FROM "
                                    "pg_prepared_statements WHERE statement = 'SELECT 41 + 1'"),
                        "2");
    furrow_engine_close(engine);
}

static void test_pool__a_statement_that_takes_too_long_is_stopped(void **state)
{
    (void)state;
    furrow_engine *engine;
    furrow_error error;
    furrow_rows *rows;
    assert_int_equal(furrow_engine_open(&engine, server_url, &error, .statement_timeout_ms = 60),
                     FURROW_OK);
    furrow_session *s = furrow_session_open(engine);
    int64_t start = now_ms();
    assert_int_equal(furrow_query(s, &rows, "SELECT pg_sleep(60)"), FURROW_TIMEOUT);
    assert_true(now_ms() - start < 20000);
    assert_non_null(strstr(furrow_session_error(s)->message, "60 ms"));
    furrow_rollback(s);
    assert_int_equal(furrow_query(s, &rows, "SELECT 1"), FURROW_OK);
    furrow_session_close(s);
    assert_int_equal(furrow_engine_stats(engine).opened, 1);
    s = furrow_session_open(engine, .statement_timeout_ms = -1);
    assert_int_equal(furrow_query(s, &rows, "SELECT pg_sleep(0.2)"), FURROW_OK);
    furrow_session_close(s);
    furrow_engine_close(engine);
}

static atomic_bool over;

static void *cancel(void *context)
{
    while (!over)
        furrow_session_cancel(context);
    return NULL;
}

static void test_pool__cancel_never_meets_another_session(void **state)
{
    (void)state;
    pthread_t thread;
    furrow_rows *rows;
    furrow_engine *engine = open_one(server_url);
    furrow_session *s = furrow_session_open(engine);
    over = false;
    assert_int_equal(pthread_create(&thread, NULL, cancel, s), 0);
    for (int i = 0; i < 10; i++) {
        furrow_status status = furrow_query(s, &rows, "SELECT pg_sleep(60)");
        assert_true(status == FURROW_CANCELLED);
        furrow_rollback(s);
        ask(engine,
            "SELECT count(*) FROM generate_series(1, 20000)"); /* fails if the cancel request stops
                                                                  this session, too */
    }
    over = true;
    pthread_join(thread, NULL);
    furrow_session_close(s);
    furrow_engine_close(engine);
}

static void proxy_url(char *out, size_t size, const proxy *p)
{
    const char *at = strchr(server_url, '@');
    snprintf(out, size, "%.*s@127.0.0.1:%d/furrow?sslmode=disable&gssencmode=disable",
             (int)(at - server_url), server_url, proxy_port(p));
}

static void test_pool__a_stalled_server_is_not_waited_for_past_the_deadline(void **state)
{
    (void)state;
    char url[512];
    furrow_engine *engine;
    furrow_error error;
    furrow_rows *rows;
    const char *colon = strrchr(server_url, ':');
    proxy *p = proxy_open("127.0.0.1", (int)strtol(colon + 1, NULL, 10));
    proxy_url(url, sizeof url, p);
    if (furrow_engine_open(&engine, url, &error, .pool_size = 1, .statement_timeout_ms = 100,
                           .max_overflow = FURROW_NO_OVERFLOW, .pool_timeout_ms = 1000,
                           .close_timeout_ms = -1))
        fail_msg("%s", error.message);
    furrow_session *s = furrow_session_open(engine);
    assert_int_equal(furrow_query(s, &rows, "SELECT 1"), FURROW_OK);
    proxy_stall(p);
    int64_t start = now_ms();
    assert_int_equal(furrow_query(s, &rows, "SELECT 2"), FURROW_TIMEOUT);
    furrow_rollback(s);
    assert_true(now_ms() - start < 10000);
    /* The connection has been lost, and a new connection cannot be opened. */
    start = now_ms();
    assert_int_equal(furrow_query(s, &rows, "SELECT 3"), FURROW_TIMEOUT);
    assert_true(now_ms() - start >= 900 && now_ms() - start < 10000);
    assert_non_null(strstr(furrow_session_error(s)->message, "1 busy, 0 waiting"));
    assert_non_null(strstr(furrow_session_error(s)->message, "did not answer"));
    furrow_rollback(s);
    proxy_heal(p);
    assert_int_equal(furrow_query(s, &rows, "SELECT 4"), FURROW_OK);
    assert_int_equal(furrow_exec(s, "CREATE TEMP TABLE IF NOT EXISTS t AS SELECT 1"),
                     FURROW_INVALID); /* raw SQL cannot create a temporary table, so the transaction
                                         has failed */
    furrow_rollback(s);
    /* If COMMIT is not answered, the transaction may have been committed. */
    assert_int_equal(furrow_query(s, &rows, "SELECT 5"), FURROW_OK);
    proxy_stall(p);
    assert_int_equal(furrow_commit(s), FURROW_COMMIT_UNKNOWN);
    proxy_heal(p);
    assert_int_equal(furrow_query(s, &rows, "SELECT 6"), FURROW_OK);
    /* The time limits also apply to a rollback and to the return of a connection to the pool. */
    proxy_stall(p);
    start = now_ms();
    furrow_session_close(s);
    assert_true(now_ms() - start < 10000);
    proxy_heal(p);
    s = furrow_session_open(engine);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(furrow_query(s, &rows, "SELECT 7"), FURROW_OK);
        assert_int_equal(furrow_commit(s), FURROW_OK);
    }
    furrow_session_close(s);
    furrow_engine_close(engine);
    proxy_close(p);
}

struct lost {
    furrow_engine *killer;
    int calls;
    int64_t pid;      /* the server process to terminate; 0: the session's own server process */
    bool runs_before; /* a statement runs before the server process is terminated */
};

static void terminate(furrow_engine *killer, int64_t pid)
{
    char sql[80];
    snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%lld, 5000)", (long long)pid);
    assert_string_equal(ask(killer, sql), "true");
}

static furrow_status lose_once(furrow_session *s, void *context)
{
    struct lost *lost = context;
    furrow_rows *rows;
    if (++lost->calls == 1 && lost->runs_before)
        furrow_query(s, &rows, "SELECT 1");
    if (lost->calls == 1)
        terminate(lost->killer, lost->pid);
    furrow_query(s, &rows, "SELECT 2");
    return furrow_session_status(s);
}

static void test_pool__a_connection_that_was_lost_unused_is_replaced_by_transact(void **state)
{
    (void)state;
    furrow_engine *engine = open_one(server_url);
    furrow_error error;
    struct lost lost = {.killer = open_one(server_url)};
    lost.pid = strtol(ask(engine, "SELECT pg_backend_pid()"), NULL, 10);
    assert_int_equal(furrow_transact(engine, lose_once, &lost, &error), FURROW_OK);
    assert_int_equal(lost.calls, 2);
    lost = (struct lost){.killer = lost.killer, .runs_before = true};
    lost.pid = strtol(ask(engine, "SELECT pg_backend_pid()"), NULL, 10);
    assert_int_equal(furrow_transact(engine, lose_once, &lost, &error), FURROW_DISCONNECTED);
    assert_int_equal(lost.calls, 1);
    furrow_engine_close(engine);
    furrow_engine_close(lost.killer);
}

/* Two connections with the same history have statements with different names, as they can share a
 * server process through a pooler. */
static void test_pool__no_two_connections_name_a_statement_alike(void **state)
{
    (void)state;
    char names[2][256];
    for (int i = 0; i < 2; i++) {
        furrow_engine *engine = open_one(server_url);
        ask(engine, "SELECT 41 + 1");
        snprintf(names[i], sizeof names[i], "%s",
                 ask(engine, "SELECT string_agg(name, ' ' ORDER BY name) FROM "
                             "pg_prepared_statements WHERE statement = 'SELECT 41 + 1'"));
        assert_true(strncmp(names[i], "furrow_", 7) == 0);
        furrow_engine_close(engine);
    }
    assert_string_not_equal(names[0], names[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pool__a_dirty_return_leaks_nothing),
        cmocka_unit_test(test_pool__prepared_statements_survive_a_dirty_return),
        cmocka_unit_test(test_pool__a_statement_that_takes_too_long_is_stopped),
        cmocka_unit_test(test_pool__cancel_never_meets_another_session),
        cmocka_unit_test(test_pool__a_connection_that_was_lost_unused_is_replaced_by_transact),
        cmocka_unit_test(test_pool__no_two_connections_name_a_statement_alike),
        cmocka_unit_test(test_pool__a_stalled_server_is_not_waited_for_past_the_deadline),
    };
    server_url = getenv("FURROW_TEST_POSTGRESQL");
    if (server_url && *server_url)
        return cmocka_run_group_tests(tests, NULL, NULL);
    puts("skipped: FURROW_TEST_POSTGRESQL is not set");
    return 77;
}
