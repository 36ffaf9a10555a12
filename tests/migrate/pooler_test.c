/* SPDX-License-Identifier: MIT
 * Revisions that run through a pooler in transaction mode: pooler_test SCRIPT_SERVER. They must
 * exclude each other, and must leave neither a lock nor a setting on the pooler's connections. If
 * the pooler has only one connection to the server, ordinary revisions must not wait for a second
 * one. */
#include "fixture.h"
#include "kill.h"
#include "history.h"
#include "migrate/apply/dialect.h"
#include "migrate/apply/route.h"
#include "pool/pooler.h"

static pooler shared;
static int pooler_size;
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
    furrow_connection *c[POOLER_SIZE];
    assert_int_equal(number(f, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND "
                               "database = (SELECT oid FROM pg_database WHERE datname = "
                               "current_database())"),
                     0);
    for (int i = 0; i < pooler_size; i++) { /* open transactions occupy all connections of the
                                               pooler */
        int64_t limit = -1;
        struct furrow_connect_options options = {.url = f->url};
        OK(f->driver->open(&c[i], &options, &f->error));
        OK(f->driver->begin(c[i], FURROW_ISOLATION_DEFAULT, false, &f->error));
        OK(furrow__query_number(c[i], "SELECT (current_setting('lock_timeout') <> '0')::int",
                                &limit, &f->error));
        assert_int_equal(limit, 0);
    }
    for (int i = 0; i < pooler_size; i++)
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
    OK(one->engine->lock(one, &f->error)); /* as for a no-transaction revision */
    IS(furrow__migrator_begin(other, &f->error), FURROW_BUSY);
    assert_non_null(strstr(f->error.message, "another migration is running: process "));
    OK(furrow__migrator_begin(one, &f->error));
    OK(f->driver->rollback(furrow__migrator_connection(one), &f->error));
    one->engine->unlock(one);
    OK(furrow__migrator_begin(other, &f->error));
    furrow__migrator_close(other);
    furrow__migrator_close(one);
    assert_nothing_is_left(f);
}

enum { ORDINARY = 3, REVISIONS = 4, TEST_LOCK = 42 };

/* The second revision waits for the advisory lock TEST_LOCK. Only tests with several connections to
 * the server use the last one. */
static const char *const bodies[REVISIONS] = {
    "\n-- upgrade\nCREATE TABLE log (id BIGINT NOT NULL PRIMARY KEY, n BIGINT);\n"
    "INSERT INTO log (id, n) VALUES (1, 1);\n-- downgrade\nDROP TABLE log;\n",
    "\n-- upgrade postgresql\n-- effect: none\nINSERT INTO log (id, n) VALUES (2, 2);\n"
    "SELECT pg_advisory_xact_lock(42);\n-- downgrade\nDELETE FROM log WHERE id = 2;\n",
    "\n-- upgrade\nINSERT INTO log (id, n) VALUES (3, 3);\n"
    "-- downgrade\nDELETE FROM log WHERE id = 3;\n",
    "-- no-transaction\n\n-- upgrade\nINSERT INTO log (id, n) VALUES (4, 4);\n"
    "CREATE INDEX CONCURRENTLY log_n ON log (n);\n"
    "-- downgrade\nDROP INDEX CONCURRENTLY log_n;\nDELETE FROM log WHERE id = 4;\n",
};

static int revision_count(void)
{
    return pooler_size == 1 ? ORDINARY : REVISIONS;
}

static furrow_status go(fixture *f, const char *target, bool down, int lock_timeout_ms,
                        furrow__route_report *report)
{
    written w;
    begin_history(&w, &f->arena);
    for (int i = 0; i < revision_count(); i++)
        add_revision(&w, bodies[i]);
    end_history(&w);
    furrow__migrator *m = open_migrator(
        f, (furrow__migrator_options){.lock_timeout_ms = lock_timeout_ms, .allow_data_loss = true});
    furrow_status status = furrow__route_run(
        m, report, &(furrow__route_request){.history = &w.history, .target = target, .down = down},
        &f->arena, &f->error);
    furrow__migrator_close(m);
    return status;
}

/* Runs the child process, whose arguments are: --run URL SIZE. */
static int be_a_runner(const char *url, const char *size)
{
    fixture f = {.driver = &furrow_driver_postgresql, .dialect = &furrow__dialect_postgresql};
    furrow__route_report report;
    snprintf(f.url, sizeof f.url, "%s", url);
    pooler_size = (int)strtol(size, NULL, 10);
    furrow_status status = go(&f, "head", false, 60000, &report);
    return end_runner(&f, status, &report.step);
}

static pid_t start_runner(const fixture *f)
{
    char size[16];
    snprintf(size, sizeof size, "%d", pooler_size);
    pid_t child = fork();
    if (child == 0) {
        execl(self, "pooler", "--run", f->url, size, (char *)NULL);
        _exit(127);
    }
    return child;
}

static void assert_upgraded(fixture *f)
{
    assert_string_equal(rows(f, "SELECT id, n FROM log ORDER BY id"),
                        pooler_size == 1 ? "1|1;2|2;3|3" : "1|1;2|2;3|3;4|4");
    assert_int_equal(number(f, "SELECT count(*) FROM furrow_revision WHERE steps_done IS NULL"),
                     revision_count());
    assert_nothing_is_left(f);
}

static void test_pooler__ordinary_revisions_need_one_connection(void **state)
{
    fixture *f = *state;
    furrow__route_report report;
    go_through_pooler(f);
    OK(go(f, "head", false, 5000, &report));
    assert_int_equal(report.done, ORDINARY);
    assert_upgraded(f);
    OK(go(f, "base", true, 5000, &report));
    assert_int_equal(number(f, "SELECT count(*) FROM furrow_revision"), 0);
    assert_nothing_is_left(f);
}

static void test_pooler__migrators_share_connections(void **state)
{
    enum { RUNNERS = 5 };
    fixture *f = *state;
    pid_t children[RUNNERS];
    go_through_pooler(f);
    for (int i = 0; i < RUNNERS; i++)
        children[i] = start_runner(f);
    for (int i = 0; i < RUNNERS; i++) {
        int code = end_of(children[i]);
        assert_true(code == 0 || code == WAS_DONE);
    }
    assert_upgraded(f);
}

/* Waits until a process waits for TEST_LOCK. */
static void wait_for_runner(fixture *f, pid_t child)
{
    while (!number(f, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))
        assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
}

/* The server continues with the statement of a process that was killed. */
static void test_pooler__a_killed_migrator_keeps_the_lock_until_its_statement_ends(void **state)
{
    fixture *f = *state;
    furrow__route_report report;
    char sql[64];
    go_through_pooler(f);
    run(f, "BEGIN");
    snprintf(sql, sizeof sql, "SELECT pg_advisory_xact_lock(%d)", TEST_LOCK);
    run(f, sql);
    pid_t child = start_runner(f);
    wait_for_runner(f, child);
    kill(child, SIGKILL);
    assert_int_equal(end_of(child), -SIGKILL);
    IS(go(f, "head", false, 0, &report), FURROW_BUSY);
    assert_non_null(strstr(f->error.message, "another migration is running: process "));
    run(f, "COMMIT");
    OK(go(f, "head", false, 60000, &report));
    assert_int_equal(report.done, ORDINARY - 1);
    assert_upgraded(f);
}

static void test_pooler__a_no_transaction_revision_needs_two_connections(void **state)
{
    fixture *f = *state;
    furrow__step_report report;
    furrow__action action = statement("CREATE TABLE t (n integer)");
    furrow__plan plan = {.dialect = f->dialect, .actions = &action, .count = 1};
    furrow__revision *a = revision(f, "a", NULL);
    a->no_transaction = true;
    go_through_pooler(f);
    IS(run_step(f, a, false, &plan, (furrow__migrator_options){.lock_timeout_ms = 2500}, &report),
       FURROW_BUSY);
    assert_string_equal(f->error.message, "could not use a second connection within 2500 ms");
    assert_non_null(strstr(f->error.hint, "default_pool_size"));
    assert_int_equal(number(f, "SELECT count(*) FROM pg_class WHERE relname IN ('t', "
                               "'furrow_revision')"),
                     0);
    assert_nothing_is_left(f);
}

/* The transaction of another program has the pooler's only connection. */
static void test_pooler__waiting_for_the_pooler_ends(void **state)
{
    fixture *f = *state;
    furrow__route_report report;
    furrow_connection *other;
    int64_t one;
    go_through_pooler(f);
    connect_to(f, &other);
    OK(f->driver->begin(other, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(furrow__query_number(other, "SELECT 1", &one, &f->error));
    IS(go(f, "head", false, 0, &report), FURROW_BUSY);
    assert_string_equal(f->error.message, "the server or its pooler did not answer within 2000 ms");
    f->driver->close(other);
    OK(go(f, "head", false, 60000, &report));
    assert_upgraded(f);
}

static int start_of_size(void **state, int size)
{
    int answer = set_up_postgresql(state);
    pooler_size = size;
    return answer ? answer : pooler_start(&shared, shared.script, size) != POOLER_STARTED;
}

static int start(void **state)
{
    return start_of_size(state, POOLER_SIZE);
}

static int start_with_two(void **state)
{
    return start_of_size(state, 2);
}

static int start_with_one(void **state)
{
    return start_of_size(state, 1);
}

/* The pooler is stopped first, because its connections use the fixture's database. */
static int stop(void **state)
{
    pooler_stop(&shared);
    return tear_down_postgresql(state);
}

#define TEST(name, start) cmocka_unit_test_setup_teardown(name, start, stop)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_pooler__revisions_leave_no_lock_and_no_setting, start),
        TEST(test_pooler__revisions_leave_no_lock_and_no_setting, start_with_two),
        TEST(test_pooler__one_migrator_runs_at_a_time, start),
        TEST(test_pooler__ordinary_revisions_need_one_connection, start_with_one),
        TEST(test_pooler__migrators_share_connections, start_with_one),
        TEST(test_pooler__migrators_share_connections, start_with_two),
        TEST(test_pooler__a_killed_migrator_keeps_the_lock_until_its_statement_ends,
             start_with_one),
        TEST(test_pooler__a_no_transaction_revision_needs_two_connections, start_with_one),
        TEST(test_pooler__waiting_for_the_pooler_ends, start_with_one),
    };
    if (argc == 4 && strcmp(argv[1], "--run") == 0)
        return be_a_runner(argv[2], argv[3]);
    self = "/proc/self/exe";
    int started = pooler_start(&shared, argc > 1 ? argv[1] : "", POOLER_SIZE);
    if (started != POOLER_STARTED)
        return started;
    return pooler_stop(&shared) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
