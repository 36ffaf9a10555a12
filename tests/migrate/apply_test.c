/* SPDX-License-Identifier: MIT
 * Tests that revisions run correctly on both engines: locks, transactions, furrow_revision and
 * preflights. */
#include "migrate/apply/dialect.h"
#include "sql/dialect.h"
#include "steps.h"

static const furrow__migrator_options wait_5_s = {.lock_timeout_ms = 5000, .ignore_drift = true};

static furrow__plan plan_of(fixture *f, const furrow__action *actions, size_t count)
{
    return (furrow__plan){.dialect = f->dialect, .actions = actions, .count = count};
}

static bool has_table(fixture *f, const char *table)
{
    furrow_live_table found;
    OK(f->driver->describe_table(f->c, &found, (furrow_table_name){NULL, table}, &f->arena,
                                 &f->error));
    return found.columns != NULL;
}

static furrow__history history_of(fixture *f, furrow__revision **items, size_t count)
{
    return (furrow__history){.arena = &f->arena, .items = items, .count = count, .capacity = count};
}

static void test_apply__runs_up_and_down(void **state)
{
    fixture *f = *state;
    furrow__step_report report;
    furrow__revision *a = revision(f, "a", NULL), *b = revision(f, "b", "a");
    furrow__action up[] = {statement("CREATE TABLE t (id INTEGER NOT NULL)"),
                           statement("INSERT INTO t VALUES (1), (2), (3)")};
    up[1].is_data = true;
    furrow__action more = statement("ALTER TABLE t ADD COLUMN n INTEGER");
    furrow__action down = statement("DROP TABLE t");
    furrow__plan first = plan_of(f, up, 2), second = plan_of(f, &more, 1),
                 back = plan_of(f, &down, 1);
    IS(run_step(f, b, false, &second, wait_5_s, &report), FURROW_SCHEMA);
    assert_non_null(strstr(f->error.message, "revision a is not applied"));
    assert_false(has_table(f, "furrow_revision"));
    OK(run_step(f, a, false, &first, wait_5_s, &report));
    assert_false(report.was_done);
    assert_int_equal(report.rows_changed, 3);
    OK(run_step(f, a, false, &first, wait_5_s, &report));
    assert_true(report.was_done);
    assert_int_equal(report.rows_changed, 0);
    assert_int_equal(number(f, "SELECT count(*) FROM t"), 3);
    OK(run_step(f, b, false, &second, wait_5_s, &report));
    assert_string_equal(rows(f, "SELECT id, hash, steps_done FROM furrow_revision ORDER BY id"),
                        "a|a|-;b|b|-");
    assert_int_equal(number(f, "SELECT length(applied_at) FROM furrow_revision WHERE id = 'a'"),
                     27);
    assert_int_equal(number(f, "SELECT length(schema) FROM furrow_revision WHERE id = 'a'"), 32);

    furrow__revision *items[] = {a, b};
    furrow__history history = history_of(f, items, 2);
    const furrow__revision *half;
    bool applied[2];
    furrow__migrator *m = open_migrator(f, wait_5_s);
    OK(furrow__migrator_applied(m, &history, applied, &half, &f->error));
    assert_true(applied[0] && applied[1] && !half);
    history.count = 1;
    IS(furrow__migrator_applied(m, &history, applied, &half, &f->error), FURROW_SCHEMA);
    assert_non_null(strstr(f->error.message, "revision b is applied to this database"));
    history.count = 2;
    b->hash = "edited";
    IS(furrow__migrator_applied(m, &history, applied, &half, &f->error), FURROW_SCHEMA);
    assert_non_null(strstr(f->error.message, "revision b (b) was changed"));
    b->hash = "b";
    furrow__migrator_close(m);

    a->children = &b->id;
    a->child_count = 1;
    IS(run_step(f, a, true, &back, wait_5_s, &report), FURROW_SCHEMA);
    assert_string_equal(f->error.message, "revision b is applied, and depends on revision a");
    assert_string_equal(f->error.hint, "downgrade b first");
    assert_true(has_table(f, "t"));
    OK(run_step(f, b, true, &back, wait_5_s, &report));
    OK(run_step(f, b, true, &back, wait_5_s, &report));
    assert_true(report.was_done);
    assert_false(has_table(f, "t"));
    assert_string_equal(rows(f, "SELECT id FROM furrow_revision"), "a");
    run(f, "CREATE TABLE t (id INTEGER NOT NULL)");
    OK(run_step(f, a, true, &back, wait_5_s, &report));
    assert_int_equal(number(f, "SELECT count(*) FROM furrow_revision"), 0);
}

static void test_apply__a_failure_changes_nothing(void **state)
{
    fixture *f = *state;
    furrow__step_report report;
    furrow__action actions[] = {statement("CREATE TABLE t (id INTEGER NOT NULL)"),
                                statement("INSERT INTO t VALUES (1)"),
                                statement("INSERT INTO nowhere VALUES (1)")};
    actions[2].place = (furrow__file_location){.line = 12, .column = 3};
    furrow__plan plan = plan_of(f, actions, 3);
    furrow_status status = run_step(f, revision(f, "a", NULL), false, &plan, wait_5_s, &report);
    assert_int_not_equal(status, FURROW_OK);
    assert_int_equal(report.place.line, 12);
    assert_string_equal(f->error.sql, "INSERT INTO nowhere VALUES (1)");
    assert_false(has_table(f, "t"));
    assert_false(has_table(f, "furrow_revision"));
}

static void test_apply__reading_creates_no_tables(void **state)
{
    fixture *f = *state;
    furrow__history history = history_of(f, NULL, 0);
    const furrow__revision *half;
    furrow__migrator *m = open_migrator(f, wait_5_s);
    int64_t version = 0;
    OK(furrow__query_number(furrow__migrator_connection(m),
                            f->dialect->is_serverless
                                ? "SELECT 1000000 * substr(sqlite_version(), 1, 1)"
                                : "SELECT current_setting('server_version_num')::int",
                            &version, &f->error));
    assert_true(version > 100000);
    OK(furrow__migrator_applied(m, &history, NULL, &half, &f->error));
    furrow__migrator_close(m);
    assert_false(has_table(f, "furrow_revision"));
}

static void test_apply__preflight_reports_counts_and_keys(void **state)
{
    fixture *f = *state;
    furrow__step_report report;
    run(f, "CREATE TABLE t (id INTEGER NOT NULL, k TEXT)");
    run(f, "INSERT INTO t VALUES (1, 'x'), (2, NULL), (3, NULL), (4, 'y'), (5, NULL), (6, NULL), "
           "(7, NULL), (8, NULL)");
    furrow__preflight questions[] = {
        {.place = {.line = 4, .column = 1},
         .count_sql = "SELECT count(*) FROM t WHERE k IS NULL",
         .sample_sql = "SELECT id, k FROM t WHERE k IS NULL ORDER BY id",
         .message = {" row of \"t\" has no \"k\"", " rows of \"t\" have no \"k\""},
         .hint = "give them one first"},
        {.count_sql = "SELECT count(*) FROM t",
         .message = {" row of \"t\" would be lost", " rows of \"t\" would be lost"},
         .is_loss = true},
        {.count_sql = "SELECT 0", .message = {" of nothing", " of nothing"}},
    };
    furrow__action action = statement("DELETE FROM t");
    furrow__plan plan = plan_of(f, &action, 1);
    plan.preflights = questions;
    plan.preflight_count = 3;
    IS(run_step(f, revision(f, "a", NULL), false, &plan, wait_5_s, &report), FURROW_INVALID);
    assert_string_equal(f->error.message,
                        "6 rows of \"t\" have no \"k\" (first keys: 2/NULL, 3/NULL, 5/NULL, 6/NULL,"
                        " 7/NULL); 8 rows of \"t\" would be lost");
    assert_string_equal(f->error.hint, "give them one first");
    assert_int_equal(report.place.line, 4);
    assert_int_equal(number(f, "SELECT count(*) FROM t"), 8);
    run(f, "UPDATE t SET k = 'z' WHERE k IS NULL");
    IS(run_step(f, revision(f, "a", NULL), false, &plan, wait_5_s, &report), FURROW_INVALID);
    furrow__migrator_options allowed = wait_5_s;
    allowed.allow_data_loss = true;
    OK(run_step(f, revision(f, "a", NULL), false, &plan, allowed, &report));
    assert_int_equal(number(f, "SELECT count(*) FROM t"), 0);
}

static void test_apply__stamp_writes_rows_and_runs_nothing(void **state)
{
    fixture *f = *state;
    furrow__revision *items[] = {revision(f, "a", NULL), revision(f, "b", "a"),
                                 revision(f, "c", "b")};
    furrow__history history = history_of(f, items, 3);
    const furrow__revision *half;
    bool wanted[] = {true, true, false}, applied[3];
    const furrow__stamp stamp = {&history, wanted, NULL};
    size_t accepted;
    furrow__migrator *m = open_migrator(f, wait_5_s);
    OK(furrow__migrator_stamp(m, &stamp, &accepted, &f->error));
    OK(furrow__migrator_applied(m, &history, applied, &half, &f->error));
    assert_memory_equal(applied, wanted, sizeof wanted);
    wanted[1] = false;
    OK(furrow__migrator_stamp(m, &stamp, &accepted, &f->error));
    OK(furrow__migrator_applied(m, &history, applied, &half, &f->error));
    assert_memory_equal(applied, wanted, sizeof wanted);
    furrow__migrator_close(m);
    assert_string_equal(rows(f, "SELECT id, schema FROM furrow_revision"), "a|after");
}

static void test_apply__creates_a_file_only_if_asked(void **state)
{
    fixture *f = *state;
    furrow__migrator *m;
    char url[192], path[160];
    snprintf(url, sizeof url, "sqlite:///%s/new.db", f->folder);
    snprintf(path, sizeof path, "%s/new.db", f->folder);
    furrow__migrator_options options = {.url = url};
    assert_int_not_equal(furrow__migrator_open(&m, f->driver, f->dialect, &options, &f->error),
                         FURROW_OK);
    assert_null(m);
    assert_int_not_equal(access(path, F_OK), 0);
    options.create_database = true;
    OK(furrow__migrator_open(&m, f->driver, f->dialect, &options, &f->error));
    furrow__migrator_close(m);
    assert_int_equal(access(path, F_OK), 0);
}

static void test_apply__waits_for_a_locked_file_and_reports_it(void **state)
{
    fixture *f = *state;
    furrow__step_report report;
    furrow__action action = statement("CREATE TABLE t (a)");
    furrow__plan plan = plan_of(f, &action, 1);
    OK(f->driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    run(f, "CREATE TABLE other (a)");
    furrow__migrator_options hasty = {.lock_timeout_ms = 30, .ignore_drift = true};
    IS(run_step(f, revision(f, "a", NULL), false, &plan, hasty, &report), FURROW_BUSY);
    OK(f->driver->rollback(f->c, &f->error));
    OK(run_step(f, revision(f, "a", NULL), false, &plan, hasty, &report));
}

static void test_apply__dropping_a_parent_table_deletes_no_child_rows(void **state)
{
    fixture *f = *state;
    furrow__step_report report;
    run(f, "CREATE TABLE p (id INTEGER PRIMARY KEY)");
    run(f, "CREATE TABLE c (p INTEGER REFERENCES p ON DELETE CASCADE)");
    run(f, "INSERT INTO p VALUES (1)");
    run(f, "INSERT INTO c VALUES (1)");
    furrow__action action = statement("DROP TABLE p");
    furrow__plan plan = plan_of(f, &action, 1);
    IS(run_step(f, revision(f, "a", NULL), false, &plan, wait_5_s, &report), FURROW_FOREIGN_KEY);
    assert_int_equal(number(f, "SELECT count(*) FROM c, p"), 1);
    action.table.name = "P"; /* if the action names a table, only the foreign keys of this table and
                                the foreign keys that refer to it are checked */
    IS(run_step(f, revision(f, "a", NULL), false, &plan, wait_5_s, &report), FURROW_FOREIGN_KEY);
    assert_int_equal(number(f, "SELECT count(*) FROM c, p"), 1);
    run(f, "DELETE FROM c");
    OK(run_step(f, revision(f, "a", NULL), false, &plan, wait_5_s, &report));
}

static void test_apply__a_broken_key_of_another_table_hides_no_violation(void **state)
{
    fixture *f = *state;
    furrow__step_report report;
    run(f, "CREATE TABLE p (id INTEGER PRIMARY KEY)");
    run(f, "INSERT INTO p VALUES (1)");
    run(f, "CREATE TABLE c (p INTEGER REFERENCES p ON DELETE CASCADE)");
    run(f, "INSERT INTO c VALUES (1)");
    run(f, "CREATE TABLE q (id INTEGER)");
    run(f, "CREATE TABLE d (q INTEGER REFERENCES q (id))"); /* SQLite cannot check this foreign key,
                                                               because column q is not a key */
    furrow__action action = statement("DROP TABLE p");
    action.table.name = "p";
    furrow__plan plan = plan_of(f, &action, 1);
    IS(run_step(f, revision(f, "a", NULL), false, &plan, wait_5_s, &report), FURROW_FOREIGN_KEY);
    run(f, "DELETE FROM c");
    OK(run_step(f, revision(f, "a", NULL), false, &plan, wait_5_s, &report));
}

#ifdef FURROW_WITH_POSTGRESQL
/* Returns whether another migrator can begin a transaction. If not, the error must say why. */
static bool another_can_run(fixture *f)
{
    furrow_status status = FURROW_OK;
    for (int timeout = 0; timeout < 100; timeout += 50) {
        furrow__migrator *m =
            open_migrator(f, (furrow__migrator_options){.lock_timeout_ms = timeout});
        status = furrow__migrator_begin(m, &f->error);
        assert_int_equal(furrow__migrator_connection(m)->in_transaction, status == FURROW_OK);
        furrow__migrator_close(m);
        assert_true(status == FURROW_OK || status == FURROW_BUSY);
    }
    if (status == FURROW_BUSY)
        assert_non_null(strstr(f->error.message, "another migration is running: process "));
    return status == FURROW_OK;
}

static void test_apply__one_migrator_runs_at_a_time(void **state)
{
    fixture *f = *state;
    furrow__migrator *m = open_migrator(f, wait_5_s);
    furrow_connection *connection = furrow__migrator_connection(m);
    assert_true(another_can_run(f));
    OK(furrow__migrator_begin(m, &f->error));
    assert_false(another_can_run(f));
    OK(f->driver->rollback(connection, &f->error));
    assert_true(another_can_run(f));

    OK(m->engine->lock(m, &f->error)); /* as for a no-transaction revision */
    assert_false(another_can_run(f));
    OK(furrow__migrator_begin(m, &f->error));
    assert_false(another_can_run(f));
    OK(f->driver->commit(connection, &f->error));
    assert_false(another_can_run(f));
    m->engine->unlock(m);
    assert_true(another_can_run(f));
    furrow__migrator_close(m);
}

/* If a process is killed during a no-transaction revision, its second connection ends at once. */
static void test_apply__the_statement_of_a_killed_process_excludes_others(void **state)
{
    fixture *f = *state;
    furrow__migrator *m = open_migrator(f, wait_5_s);
    OK(m->engine->lock(m, &f->error));
    OK(furrow__migrator_begin(m, &f->error));
    m->engine->unlock(m);
    assert_false(another_can_run(f));
    furrow__migrator_close(m);
    assert_true(another_can_run(f));
}

static void test_apply__an_interrupted_no_transaction_revision_continues(void **state)
{
    fixture *f = *state;
    furrow__step_report report;
    furrow__revision *a = revision(f, "a", NULL);
    a->no_transaction = true;
    run(f, "CREATE TABLE t (a INTEGER)");
    run(f, "INSERT INTO t VALUES (1), (1)");
    furrow__action actions[] = {
        statement("INSERT INTO t VALUES (2)"),
        statement("CREATE UNIQUE INDEX CONCURRENTLY \"t_a\" ON \"t\" (a)"),
        statement("INSERT INTO t VALUES (3)"),
    };
    furrow__plan plan = plan_of(f, actions, 3);
    IS(run_step(f, a, false, &plan, wait_5_s, &report), FURROW_UNIQUE);
    assert_string_equal(rows(f, "SELECT steps_done FROM furrow_revision"), "1");
    assert_true(report.steps_kept == 1 && report.steps_total == 3);

    furrow__history history = history_of(f, &a, 1);
    const furrow__revision *half;
    bool applied;
    furrow__migrator *m = open_migrator(f, wait_5_s);
    OK(furrow__migrator_applied(m, &history, &applied, &half, &f->error));
    assert_true(!applied && half == a);
    furrow__migrator_close(m);
    IS(run_step(f, a, true, &plan, wait_5_s, &report), FURROW_SCHEMA);
    assert_string_equal(f->error.message, "revision a is only partly applied");

    run(f, "DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t WHERE a = 1)");
    OK(run_step(f, a, false, &plan, wait_5_s, &report));
    assert_string_equal(rows(f, "SELECT a FROM t ORDER BY a"), "1;2;3");
    assert_string_equal(rows(f, "SELECT steps_done FROM furrow_revision"), "-");
    assert_int_equal(number(f, "SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass AND "
                               "indisvalid"),
                     1);
    /* The database is now put into the state that a process leaves if it is killed after CREATE
     * INDEX and before it writes the number of completed statements. */
    run(f, "DELETE FROM t WHERE a = 3");
    run(f, "UPDATE furrow_revision SET steps_done = 1");
    OK(run_step(f, a, false, &plan, wait_5_s, &report));
    assert_string_equal(rows(f, "SELECT a FROM t ORDER BY a"), "1;2;3");
    furrow__action down[] = {statement("DROP INDEX CONCURRENTLY \"t_a\""),
                             statement("DELETE FROM t WHERE a = 3")};
    furrow__plan back = plan_of(f, down, 2);
    run(f, "UPDATE furrow_revision SET steps_done = -1");
    run(f, "DROP INDEX t_a");
    OK(run_step(f, a, true, &back, wait_5_s, &report));
    assert_string_equal(rows(f, "SELECT a FROM t ORDER BY a"), "1;2");
    assert_int_equal(number(f, "SELECT count(*) FROM furrow_revision"), 0);
}

/* While an upgrade waits for the lock of a table, other statements on that table wait, too. The
 * upgrade must therefore stop waiting after a time limit. */
static void test_apply__waiting_for_a_locked_table_ends(void **state)
{
    fixture *f = *state;
    furrow__step_report report;
    furrow_connection *other;
    const furrow__migrator_options hasty = {.lock_timeout_ms = 5000, .table_timeout_ms = 50};
    run(f, "CREATE TABLE t (id INTEGER NOT NULL)");
    connect_to(f, &other);
    OK(furrow__execute(other, "BEGIN", NULL, &f->error));
    OK(furrow__execute(other, "LOCK TABLE t IN ACCESS SHARE MODE", NULL, &f->error));
    furrow__action actions[] = {statement("CREATE TABLE u (id INTEGER NOT NULL)"),
                                statement("ALTER TABLE t ADD COLUMN n INTEGER")};
    actions[1].table.name = "t";
    furrow__plan plan = plan_of(f, actions, 2);
    furrow__revision *a = revision(f, "a", NULL);
    IS(run_step(f, a, false, &plan, hasty, &report), FURROW_BUSY);
    if (!strstr(f->error.message,
                "could not get a lock within 50 ms: table t is locked by process "))
        fail_msg("%s", f->error.message);
    assert_false(has_table(f, "u"));
    assert_false(has_table(f, "furrow_revision"));
    OK(furrow__execute(other, "COMMIT", NULL, &f->error));
    OK(run_step(f, a, false, &plan, hasty, &report));
    f->driver->close(other);
}

static void test_apply__furrow_revision_is_in_the_schema_of_the_tables(void **state)
{
    fixture *f = *state;
    furrow__step_report report;
    furrow__action action = statement("CREATE TABLE t (id INTEGER NOT NULL)");
    furrow__plan plan = plan_of(f, &action, 1);
    OK(run_step(f, revision(f, "a", NULL), false, &plan, wait_5_s, &report));
    run(f, "CREATE SCHEMA app");
    run(f, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = app, public', "
           "current_database()); END $$");
    IS(run_step(f, revision(f, "b", "a"), false, &plan, wait_5_s, &report), FURROW_SCHEMA);
    assert_string_equal(f->error.message,
                        "furrow_revision is in schema \"public\", but tables are created in "
                        "\"app\", the first schema of the search path app, public");
    run(f, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = nosuch', "
           "current_database()); END $$");
    IS(run_step(f, revision(f, "b", "a"), false, &plan, wait_5_s, &report), FURROW_SCHEMA);
    assert_string_equal(f->error.message, "search_path nosuch names no schema that exists");
}
#endif

#define BOTH(test)                                                                                 \
    test(test_apply__runs_up_and_down), test(test_apply__a_failure_changes_nothing),               \
        test(test_apply__reading_creates_no_tables),                                               \
        test(test_apply__preflight_reports_counts_and_keys),                                       \
        test(test_apply__stamp_writes_rows_and_runs_nothing)

int main(void)
{
    const struct CMUnitTest sqlite[] = {
        BOTH(SQLITE_TEST),
        SQLITE_TEST(test_apply__creates_a_file_only_if_asked),
        SQLITE_TEST(test_apply__waits_for_a_locked_file_and_reports_it),
        SQLITE_TEST(test_apply__dropping_a_parent_table_deletes_no_child_rows),
        SQLITE_TEST(test_apply__a_broken_key_of_another_table_hides_no_violation),
    };
    int failed = cmocka_run_group_tests(sqlite, NULL, NULL);
#ifdef FURROW_WITH_POSTGRESQL
    const struct CMUnitTest postgresql[] = {
        BOTH(POSTGRESQL_TEST),
        POSTGRESQL_TEST(test_apply__one_migrator_runs_at_a_time),
        POSTGRESQL_TEST(test_apply__the_statement_of_a_killed_process_excludes_others),
        POSTGRESQL_TEST(test_apply__an_interrupted_no_transaction_revision_continues),
        POSTGRESQL_TEST(test_apply__waiting_for_a_locked_table_ends),
        POSTGRESQL_TEST(test_apply__furrow_revision_is_in_the_schema_of_the_tables),
    };
    failed += RUN_ON_POSTGRESQL(postgresql);
#endif
    return failed;
}
