/* SPDX-License-Identifier: MIT
 * Revisions that run through a pooler in transaction mode: pooler_test SCRIPT_SERVER. They must
 * exclude each other, and must leave neither a lock nor a setting on the pooler's connections. */
#include "fixture.h"
#include "steps.h"
#include "pool/pooler.h"

static pooler shared;
static const furrow__migrator_options wait_5_s = {
    .lock_timeout_ms = 5000, .table_timeout_ms = 4321, .ignore_drift = true};

/* Makes f->url lead through the pooler to the fixture's database. f->c stays connected to the
 * server. */
static void go_through_pooler(fixture *f)
{
    const char *database = strrchr(f->url, '/') + 1;
    char url[160];
    snprintf(url, sizeof url, "%.*s/%s", (int)(strrchr(shared.url, '/') - shared.url), shared.url,
             database);
    snprintf(f->url, sizeof f->url, "%s", url);
}

static void assert_nothing_is_left(fixture *f)
{
    furrow_connection *c[4];
    assert_int_equal(number(f, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND "
                               "database = (SELECT oid FROM pg_database WHERE datname = "
                               "current_database())"),
                     0);
    for (int i = 0; i < 4; i++) { /* open transactions occupy all connections of the pooler */
        int64_t limit = -1;
        struct furrow_connect_options options = {.url = f->url};
        OK(f->driver->open(&c[i], &options, &f->error));
        OK(f->driver->begin(c[i], FURROW_ISOLATION_DEFAULT, false, &f->error));
        OK(furrow__query_number(c[i], "SELECT (current_setting('lock_timeout') <> '0')::int",
                                &limit, &f->error));
        assert_int_equal(limit, 0);
    }
    for (int i = 0; i < 4; i++)
        f->driver->close(c[i]);
}

static void test_pooler__revisions_leave_no_lock_and_no_setting(void **state)
{
    fixture *f = *state;
    furrow__step_report report;
    go_through_pooler(f);
    furrow__action transaction[] = {
        statement("CREATE TABLE t (n integer)"),
        statement("INSERT INTO t VALUES (1)"),
    };
    furrow__action no_transaction[] = {
        statement("INSERT INTO t VALUES (2)"),
        statement("CREATE INDEX CONCURRENTLY \"t_n\" ON \"t\" (n)"),
        statement("INSERT INTO t VALUES (3)"),
    };
    furrow__plan first = {.dialect = f->dialect, .actions = transaction, .count = 2};
    furrow__plan second = {.dialect = f->dialect, .actions = no_transaction, .count = 3};
    OK(run_step(f, revision(f, "a", NULL), false, &first, wait_5_s, &report));
    furrow__revision *b = revision(f, "b", "a");
    b->no_transaction = true;
    OK(run_step(f, b, false, &second, wait_5_s, &report));
    assert_string_equal(rows(f, "SELECT sum(n) FROM t"), "6");
    assert_nothing_is_left(f);

    furrow__action failing = statement("INSERT INTO nowhere VALUES (1)");
    furrow__plan third = {.dialect = f->dialect, .actions = &failing, .count = 1};
    IS(run_step(f, revision(f, "c", "b"), false, &third, wait_5_s, &report), FURROW_SCHEMA);
    assert_nothing_is_left(f);
}

static void test_pooler__one_migrator_runs_at_a_time(void **state)
{
    fixture *f = *state;
    go_through_pooler(f);
    furrow__migrator *one = open_migrator(f, wait_5_s);
    furrow__migrator *other = open_migrator(f, (furrow__migrator_options){.lock_timeout_ms = 0});
    OK(furrow__migrator_lock(one, &f->error));
    IS(furrow__migrator_lock(other, &f->error), FURROW_BUSY);
    assert_non_null(strstr(f->error.message, "another migration is running: process "));
    furrow__migrator_unlock(one);
    OK(furrow__migrator_lock(other, &f->error));
    furrow__migrator_close(other);
    furrow__migrator_close(one);
    assert_nothing_is_left(f);
}

static int start(void **state)
{
    int answer = set_up_postgresql(state);
    return answer ? answer : pooler_start(&shared, shared.script) != POOLER_STARTED;
}

/* The pooler is stopped first, because its connections use the fixture's database. */
static int stop(void **state)
{
    pooler_stop(&shared);
    return tear_down_postgresql(state);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pooler__revisions_leave_no_lock_and_no_setting, start,
                                        stop),
        cmocka_unit_test_setup_teardown(test_pooler__one_migrator_runs_at_a_time, start, stop),
    };
    int started = pooler_start(&shared, argc > 1 ? argv[1] : "");
    if (started != POOLER_STARTED)
        return started;
    return pooler_stop(&shared) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
