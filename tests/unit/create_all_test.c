/* SPDX-License-Identifier: MIT
 * furrow_create_all and furrow_drop_all, on an in-memory database of SQLite. If
 * FURROW_TEST_POSTGRESQL is set to the URL of a server, the tests also run on PostgreSQL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema_models.h"

static furrow_session *open_session(furrow_engine **engine, const char *url)
{
    furrow_error error;
    if (furrow_engine_open(engine, url, &error) != FURROW_OK)
        fail_msg("%s", error.message);
    furrow_session *s = furrow_session_open(*engine);
    assert_non_null(s);
    return s;
}

static void close_session(furrow_engine *engine, furrow_session *s)
{
    furrow_session_close(s);
    furrow_engine_close(engine);
}

static void expect_ok(furrow_session *s, furrow_status status)
{
    if (status != FURROW_OK)
        fail_msg("%s: %s", furrow_status_name(status), furrow_session_error(s)->message);
}

static int64_t count_tables(furrow_session *s, bool sqlite)
{
    furrow_rows *rows;
    if (sqlite)
        expect_ok(s, furrow_query(s, &rows,
                                  "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
                                  " AND name NOT GLOB 'sqlite_*'"));
    else
        expect_ok(s, furrow_query(s, &rows,
                                  "SELECT count(*) FROM information_schema.tables WHERE "
                                  "table_schema IN (current_schema(), 'sport')"));
    assert_true(furrow_rows_next(rows));
    return furrow_row_int64(rows, 0);
}

static void run_twice(const char *url)
{
    furrow_engine *engine;
    furrow_session *s = open_session(&engine, url);
    bool sqlite = strcmp(furrow_engine_dialect(engine), "sqlite") == 0;
    expect_ok(s, furrow_drop_all(s, &every_schema));
    expect_ok(s, furrow_create_all(s, &every_schema));
    expect_ok(s, furrow_commit(s));
    assert_int_equal(count_tables(s, sqlite), 6);
    expect_ok(s, furrow_create_all(s, &every_schema));
    expect_ok(s, furrow_commit(s));
    /* A table that was dropped is created again; the other tables are left unchanged. */
    expect_ok(s, furrow_exec(s, "INSERT INTO person (id) VALUES (1)"));
    expect_ok(s, furrow_exec(s, "DROP TABLE items"));
    expect_ok(s, furrow_create_all(s, &every_schema));
    assert_int_equal(count_tables(s, sqlite), 6);
    expect_ok(s, furrow_commit(s));
    expect_ok(s, furrow_exec(s, "UPDATE person SET boss_id = 1"));
    expect_ok(s, furrow_drop_all(s, &every_schema));
    assert_int_equal(count_tables(s, sqlite), 0);
    expect_ok(s, furrow_drop_all(s, &every_schema));
    expect_ok(s, furrow_commit(s));
    close_session(engine, s);
}

static void test_create_all__creates_missing_tables(void **state)
{
    (void)state;
    run_twice("sqlite://");
    const char *server = getenv("FURROW_TEST_POSTGRESQL");
    if (!server)
        return;
    /* These tests use their own schema, because other tests run on the same server. */
    char url[1024];
    furrow_engine *engine;
    furrow_session *s = open_session(&engine, server);
    expect_ok(s, furrow_exec(s, "CREATE SCHEMA IF NOT EXISTS create_all_test"));
    expect_ok(s, furrow_commit(s));
    close_session(engine, s);
    snprintf(url, sizeof url, "%s%soptions=-csearch_path%%3Dcreate_all_test", server,
             strchr(server, '?') ? "&" : "?");
    run_twice(url);
}

/* Changes a table and checks the difference that furrow_create_all reports. */
#define EXPECT_DIFFERENCE(column_, message_, ...)                                                  \
    do {                                                                                           \
        furrow_engine *engine_;                                                                    \
        furrow_session *s_ = open_session(&engine_, "sqlite://");                                  \
        expect_ok(s_, furrow_exec(s_, __VA_ARGS__));                                               \
        assert_int_equal(furrow_create_all(s_, &team_schema), FURROW_SCHEMA);                      \
        const furrow_error *error_ = furrow_session_error(s_);                                     \
        assert_string_equal(error_->message, message_);                                            \
        assert_string_equal(error_->table, "bystander");                                           \
        assert_string_equal(error_->column, column_);                                              \
        assert_true(error_->hint[0] != '\0');                                                      \
        close_session(engine_, s_);                                                                \
    } while (0)

static const furrow_model *const team_models[] = {&bystander, &team, &person};
static const furrow_schema team_schema = {FURROW_FORMAT_VERSION, "team", team_models, 3};

static void test_create_all__names_the_difference(void **state)
{
    (void)state;
    EXPECT_DIFFERENCE(
        "team_id", "table \"bystander\" has no column \"team_id\", which model \"bystander\" has",
        "CREATE TABLE bystander (id TEXT NOT NULL PRIMARY KEY)");
    EXPECT_DIFFERENCE(
        "team_id",
        "column \"team_id\" of table \"bystander\" is of type TEXT, but model \"bystander\" says "
        "INTEGER",
        "CREATE TABLE bystander (id TEXT NOT NULL PRIMARY KEY, team_id TEXT NOT NULL)");
    EXPECT_DIFFERENCE("team_id",
                      "column \"team_id\" of table \"bystander\" is nullable, but model "
                      "\"bystander\" says NOT NULL",
                      "CREATE TABLE bystander (id TEXT NOT NULL PRIMARY KEY, team_id INTEGER)");
    EXPECT_DIFFERENCE(
        "id",
        "column \"id\" of table \"bystander\" is not part of the primary key, but model "
        "\"bystander\" says it is",
        "CREATE TABLE bystander (id TEXT NOT NULL, team_id INTEGER NOT NULL)");
    EXPECT_DIFFERENCE("more",
                      "table \"bystander\" has a column \"more\" that needs a value, but model "
                      "\"bystander\" does not have this column",
                      "CREATE TABLE bystander (id TEXT NOT NULL PRIMARY KEY, team_id INTEGER NOT "
                      "NULL, more TEXT NOT NULL)");
}

static void test_create_all__accepts_unknown_columns_with_defaults(void **state)
{
    (void)state;
    furrow_engine *engine;
    furrow_session *s = open_session(&engine, "sqlite://");
    expect_ok(
        s, furrow_exec(
               s, "CREATE TABLE bystander (a TEXT, id text NOT NULL PRIMARY KEY, b TEXT NOT NULL "
                  "DEFAULT 'x', team_id INTEGER NOT NULL, c INTEGER AS (team_id + 1))"));
    expect_ok(s, furrow_create_all(s, &team_schema));
    close_session(engine, s);
}

static void test_create_all__refuses_invalid_schemas(void **state)
{
    (void)state;
    furrow_engine *engine;
    furrow_session *s = open_session(&engine, "sqlite://");
    furrow_model old = bystander;
    old.format = 77;
    const furrow_model *const models[] = {&old};
    const furrow_schema old_model = {FURROW_FORMAT_VERSION, "x", models, 1};
    const furrow_schema old_schema = {77, "x", models, 1};
    assert_int_equal(furrow_create_all(s, &old_model), FURROW_SCHEMA);
    assert_non_null(strstr(furrow_session_error(s)->hint, "generate the code again"));
    assert_int_equal(furrow_create_all(s, &old_model), FURROW_ABORTED);
    furrow_rollback(s);
    assert_int_equal(furrow_drop_all(s, &old_schema), FURROW_SCHEMA);
    furrow_rollback(s);
    assert_int_equal(furrow_create_all(s, NULL), FURROW_INVALID);
    furrow_session_close(s);
    s = furrow_session_open(engine, .read_only = true);
    assert_int_equal(furrow_create_all(s, &every_schema), FURROW_INVALID);
    furrow_rollback(s);
    assert_int_equal(furrow_drop_all(s, &every_schema), FURROW_INVALID);
    assert_int_equal(furrow_create_all(NULL, &every_schema), FURROW_NOMEM);
    close_session(engine, s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create_all__creates_missing_tables),
        cmocka_unit_test(test_create_all__names_the_difference),
        cmocka_unit_test(test_create_all__accepts_unknown_columns_with_defaults),
        cmocka_unit_test(test_create_all__refuses_invalid_schemas),
    };
    return cmocka_run_group_tests_name("create_all", tests, NULL, NULL);
}
