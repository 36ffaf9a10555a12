/* SPDX-License-Identifier: MIT
 * Raw SQL. Placeholders are found outside quotes and comments. SQL is rejected if it has more than
 * one statement, or if it begins or ends a transaction. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sql/sql.h"

static furrow__buffer out;
static furrow_error error;

static int end(void **state)
{
    (void)state;
    furrow__buffer_done(&out);
    return 0;
}

#define LITE (&furrow__dialect_sqlite)
#define POSTGRES (&furrow__dialect_postgresql)

static void expect(const furrow__dialect *dialect, const char *text, const char *rewritten,
                   size_t parameters)
{
    size_t count;
    furrow__buffer_clear(&out);
    if (furrow__sql_raw(&out, dialect, text, &count, &error) != FURROW_OK)
        fail_msg("%s: %s", text, error.message);
    assert_string_equal(furrow__buffer_text(&out), rewritten);
    assert_int_equal(count, parameters);
}

static void refuse(const furrow__dialect *dialect, const char *text, const char *message)
{
    size_t count;
    furrow__buffer_clear(&out);
    assert_int_equal(furrow__sql_raw(&out, dialect, text, &count, &error), FURROW_INVALID);
    assert_string_equal(error.message, message);
}

static void test_raw__parameters_are_numbered(void **state)
{
    (void)state;
    expect(LITE, "SELECT ?, ?", "SELECT ?1, ?2", 2);
    expect(POSTGRES, "SELECT ?, ?", "SELECT $1, $2", 2);
    expect(POSTGRES, "a=? AND b=?::int", "a=$1 AND b=$2::int", 2);
    expect(POSTGRES, "x ??| ? AND y ?? ?", "x ?| $1 AND y ? $2", 2);
    expect(POSTGRES, "SELECT 1 LIMIT?OFFSET?", "SELECT 1 LIMIT $1 OFFSET $2", 2);
}

static void test_raw__quotes_and_comments_are_unchanged(void **state)
{
    (void)state;
    expect(LITE, "'?''?' \"?\"\"?\" `?` [?] ?", "'?''?' \"?\"\"?\" `?` [?] ?1", 1);
    expect(LITE, "'\\' ?", "'\\' ?1", 1);
    expect(POSTGRES, "E'\\'?' ?", "E'\\'?' $1", 1);
    expect(POSTGRES, "e'''?\\\\' ?", "e'''?\\\\' $1", 1);
    expect(POSTGRES, "namE'?' ?", "namE'?' $1", 1);
    expect(POSTGRES, "$$?$$ $a$ ?$$? $a$ ?", "$$?$$ $a$ ?$$? $a$ $1", 1);
    expect(POSTGRES, "a[?] x$$ ?", "a[$1] x$$ $2", 2);
    expect(POSTGRES, "'?;' /* ?; */ ? -- ?;\n+ ?", "'?;' /* ?; */ $1 -- ?;\n+ $2", 2);
    expect(POSTGRES, "/* /* ? */ ? */ ?", "/* /* ? */ ? */ $1", 1);
    expect(LITE, "/* /* ? */ ?", "/* /* ? */ ?1", 1);
}

static void test_raw__several_statements_are_refused(void **state)
{
    (void)state;
    expect(LITE, "SELECT 1 ; -- done", "SELECT 1 ", 0);
    expect(LITE, "SELECT ';'", "SELECT ';'", 0);
    refuse(LITE, "SELECT 1; SELECT 2", "more than one statement in raw SQL");
    refuse(POSTGRES, "SELECT 1;/**/ ;", "more than one statement in raw SQL");
    refuse(LITE, " -- nothing", "raw SQL is empty");
    refuse(LITE, "", "raw SQL is empty");
    refuse(LITE, NULL, "raw SQL is NULL");
    refuse(LITE, "SELECT '\xFF'", "raw SQL is not valid UTF-8");
}

static void test_raw__a_trigger_may_contain_statements(void **state)
{
    (void)state;
    const char *trigger =
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; "
        "DELETE FROM b; END";
    expect(LITE, trigger, trigger, 0);
    refuse(LITE, "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END; DROP TABLE a",
           "more than one statement in raw SQL");
    refuse(POSTGRES, "CREATE TRIGGER t; DROP TABLE a", "more than one statement in raw SQL");
}

static void test_raw__open_quotes_and_comments_are_refused(void **state)
{
    (void)state;
    refuse(LITE, "SELECT 'a", "a quote in raw SQL does not end");
    refuse(LITE, "SELECT [a", "a quote in raw SQL does not end");
    refuse(POSTGRES, "SELECT E'\\'", "a quote in raw SQL does not end");
    refuse(POSTGRES, "SELECT $a$ $b$", "a dollar quote in raw SQL does not end");
    refuse(POSTGRES, "SELECT /* /* */", "a comment in raw SQL does not end");
}

static void test_raw__parameters_of_other_forms_are_refused(void **state)
{
    (void)state;
    refuse(LITE, "SELECT ?1", "a parameter in raw SQL begins with '?' and has a number or a name");
    refuse(LITE, "SELECT :a", "a parameter in raw SQL begins with ':' and has a number or a name");
    refuse(LITE, "SELECT @a", "a parameter in raw SQL begins with '@' and has a number or a name");
    refuse(LITE, "SELECT $a", "a parameter in raw SQL begins with '$' and has a number or a name");
    refuse(POSTGRES, "SELECT $1",
           "a parameter in raw SQL begins with '$' and has a number or a name");
    refuse(LITE, "SELECT a ?? b",
           "?? in raw SQL stands for an operator with a question mark, and SQLite has none");
    expect(POSTGRES, "SELECT x::int, a[1:2], @ -5 ", "SELECT x::int, a[1:2], @ -5 ", 0);
}

static void test_raw__transaction_control_is_refused(void **state)
{
    (void)state;
    static const char *const both[] = {
        "COMMIT",
        "begin",
        " /* a */ RollBack",
        "-- a\nEND",
        "(COMMIT)",
        "START TRANSACTION",
        "ABORT",
        "SAVEPOINT a",
        "RELEASE a",
        "PREPARE TRANSACTION 'a'",
        "EXPLAIN ANALYZE EXECUTE a",
        "EXPLAIN (ANALYZE, VERBOSE) CALL f()",
        "ATTACH 'a' AS b",
        "DETACH b",
        "VACUUM",
        "RESET ALL",
        "SET search_path = a",
        "SET SESSION x = 1",
        "DISCARD ALL",
        "LISTEN a",
        "UNLISTEN a",
        "LOAD 'a'",
        "DEALLOCATE a",
        "DECLARE c CURSOR FOR SELECT 1",
        "FETCH c",
        "MOVE c",
        "CLOSE c",
        "COPY a TO STDOUT",
        "DO $$ $$",
        "CALL f()",
        "CREATE TEMP TABLE a (b int)",
        "CREATE OR REPLACE TEMPORARY VIEW a AS SELECT 1",
        "SELECT 1 INTO TEMP a",
        "PRAGMA journal_mode",
        "PRAGMA main.table_info = 1",
    };
    for (size_t i = 0; i < sizeof both / sizeof *both; i++) {
        if (furrow__sql_refuse_control(LITE, both[i], &error) != FURROW_INVALID ||
            furrow__sql_refuse_control(POSTGRES, both[i], &error) != FURROW_INVALID)
            fail_msg("allowed: %s", both[i]);
        assert_string_not_equal(error.hint, "");
    }
    furrow__sql_refuse_control(LITE, "commit", &error);
    assert_string_equal(error.message, "COMMIT in raw SQL would end the session's transaction");
    assert_string_equal(error.hint, "use furrow_commit");
}

static void test_raw__transaction_control_of_one_engine_is_refused(void **state)
{
    (void)state;
    static const char *const lite[] = {
        "INSERT OR ROLLBACK INTO a VALUES (1)",
        "CREATE TABLE a (b UNIQUE ON CONFLICT ROLLBACK)",
        "CREATE TABLE temp.a (b)",
        "CREATE TRIGGER a AFTER INSERT ON b BEGIN SELECT RAISE(ROLLBACK, 'x'); END",
    };
    for (size_t i = 0; i < sizeof lite / sizeof *lite; i++)
        if (furrow__sql_refuse_control(LITE, lite[i], &error) != FURROW_INVALID)
            fail_msg("allowed: %s", lite[i]);
    static const char *const postgres[] = {
        "SELECT set_config('a', 'b', false)",
        "SELECT pg_catalog.\"set_config\"('a', f(true), false)",
        "SELECT pg_advisory_lock(1)",
        "SELECT PG_TRY_ADVISORY_LOCK_SHARED(1)",
        "CREATE TABLE pg_temp.a (b int)",
    };
    for (size_t i = 0; i < sizeof postgres / sizeof *postgres; i++)
        if (furrow__sql_refuse_control(POSTGRES, postgres[i], &error) != FURROW_INVALID)
            fail_msg("allowed: %s", postgres[i]);
}

static void test_raw__effects_that_end_with_the_transaction_are_allowed(void **state)
{
    (void)state;
    static const char *const fine[] = {
        "SELECT 'COMMIT'",
        "SELECT \"commit\" FROM a -- ROLLBACK",
        "SET LOCAL x = 1",
        "SET CONSTRAINTS ALL DEFERRED",
        "PRAGMA table_info(a)",
        "PRAGMA main.foreign_key_check",
        "UPDATE a SET begin = 1",
        "SELECT set_config('a', ?, true)",
        "REPLACE INTO a VALUES (1)",
        "SELECT pg_advisory_xact_lock(1)",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "CREATE TABLE temporal (a int)",
        "SELECT temp.a FROM temp",
        "EXPLAIN QUERY PLAN SELECT 1",
        "SELECT 1 WHERE a = 1 OR (rollback)",
        "NOTIFY a",
    };
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        if (furrow__sql_refuse_control(LITE, fine[i], &error) != FURROW_OK ||
            furrow__sql_refuse_control(POSTGRES, fine[i], &error) != FURROW_OK)
            fail_msg("refused: %s: %s", fine[i], error.message);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(test_raw__##name, end)
    const struct CMUnitTest tests[] = {
        TEST(parameters_are_numbered),
        TEST(quotes_and_comments_are_unchanged),
        TEST(several_statements_are_refused),
        TEST(a_trigger_may_contain_statements),
        TEST(open_quotes_and_comments_are_refused),
        TEST(parameters_of_other_forms_are_refused),
        TEST(transaction_control_is_refused),
        TEST(transaction_control_of_one_engine_is_refused),
        TEST(effects_that_end_with_the_transaction_are_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
