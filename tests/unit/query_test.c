/* SPDX-License-Identifier: MIT
 * Queries: their SQL in both dialects, their bound values, and rejected arguments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sql/sql.h"
#include "sql_models.h"

static furrow_arena arena;
static furrow__sql sql;
static furrow_error error;

static int begin(void **state)
{
    (void)state;
    sql = (furrow__sql){.arena = &arena};
    error = (furrow_error){0};
    return 0;
}

static int end(void **state)
{
    (void)state;
    furrow__buffer_done(&sql.text);
    furrow__arena_done(&arena);
    return 0;
}

#define LITE &furrow__dialect_sqlite
#define POSTGRES &furrow__dialect_postgresql

static void expect(const furrow__dialect *dialect, const furrow__select *select, const char *text)
{
    furrow_status status = furrow__sql_select(&sql, dialect, select, &error);
    if (status != FURROW_OK)
        fail_msg("%s", error.message);
    assert_string_equal(furrow__buffer_text(&sql.text), text);
}

static void refuse(const furrow__select *select, const char *message)
{
    assert_int_equal(furrow__sql_select(&sql, LITE, select, &error), FURROW_INVALID);
    assert_string_equal(error.message, message);
    assert_int_equal(furrow__sql_select(&sql, POSTGRES, select, NULL), FURROW_INVALID);
}

#define FROM_POST "SELECT \"id\", \"title\", \"parent\" FROM \"order\""

static void test_query__selects_every_column(void **state)
{
    (void)state;
    furrow__select select = {.model = &post_model};
    expect(LITE, &select, FROM_POST);
    expect(POSTGRES, &select, FROM_POST);
    select.model = &tag_model;
    expect(LITE, &select, "SELECT \"id\", \"the \"\"name\"\"\" FROM \"my.tag\"");
    expect(POSTGRES, &select, "SELECT \"id\", \"the \"\"name\"\"\" FROM \"my\".\"tag\"");
}

static void test_query__null_orders_first(void **state)
{
    (void)state;
    furrow_ordering order[4] = {furrow_asc(POST_TITLE), (furrow_ordering){0},
                                furrow_desc(POST_TITLE)};
    furrow__select select = {.model = &post_model, .order_by = order, .order_count = 4};
    expect(LITE, &select, FROM_POST " ORDER BY \"title\", \"title\" DESC");
    expect(POSTGRES, &select,
           FROM_POST " ORDER BY \"title\" NULLS FIRST, \"title\" DESC NULLS LAST");
    /* A key is never NULL, so NULLS FIRST is left out. With NULLS FIRST, PostgreSQL could not use
     * the index of the key. */
    order[0] = furrow_desc(POST_ID);
    order[2] = (furrow_ordering){0};
    expect(POSTGRES, &select, FROM_POST " ORDER BY \"id\" DESC");
}

static void test_query__invalid_orders_are_refused(void **state)
{
    (void)state;
    furrow_ordering order[2] = {furrow_order(NULL, false)};
    furrow__select select = {.model = &post_model, .order_by = order, .order_count = 2};
    refuse(&select, "order by a column pointer that is NULL, in a query of model \"post\"");
    order[0] = furrow_asc(TITLE);
    refuse(&select, "order by column \"title\" of model \"thing\" in a query of model \"post\"");
    assert_string_equal(error.table, "things");
    assert_string_equal(error.column, "title");
    order[0] = order[1] = furrow_asc(POST_ID);
    refuse(&select, "more than 1 columns to order by in a query of model \"post\"");
    select.model = &thing_model;
    order[0] = furrow_asc(EXTRA);
    order[1] = (furrow_ordering){0};
    refuse(&select, "\"things\".\"extra\" is JSON, which has no order");
}

static void test_query__limit_and_offset_are_bound(void **state)
{
    (void)state;
    furrow__select select = {.model = &post_model, .limit = 10, .offset = 5};
    expect(LITE, &select, FROM_POST " LIMIT ?1 OFFSET ?2");
    expect(POSTGRES, &select, FROM_POST " LIMIT $1 OFFSET $2");
    assert_int_equal(sql.bind_count, 2);
    assert_int_equal(sql.binds[0].value.as.integer, 10);
    assert_int_equal(sql.binds[1].value.as.integer, 5);
    assert_null(sql.binds[0].column);
    select.limit = 0;
    expect(LITE, &select, FROM_POST " LIMIT -1 OFFSET ?1");
    expect(POSTGRES, &select, FROM_POST " OFFSET $1");
    select.limit = -1;
    refuse(&select, "limit is negative in a query of model \"post\"");
    select.limit = 0;
    select.offset = INT64_MIN;
    refuse(&select, "offset is negative in a query of model \"post\"");
}

static void test_query__rows_are_locked_on_a_server(void **state)
{
    (void)state;
    furrow__select select = {
        .model = &post_model, .lock = FURROW_LOCK_FOR_UPDATE, .if_locked = FURROW_IF_LOCKED_SKIP};
    expect(LITE, &select, FROM_POST);
    expect(POSTGRES, &select, FROM_POST " FOR UPDATE SKIP LOCKED");
    select.if_locked = FURROW_IF_LOCKED_FAIL;
    expect(POSTGRES, &select, FROM_POST " FOR UPDATE NOWAIT");
    select.if_locked = FURROW_IF_LOCKED_WAIT;
    expect(POSTGRES, &select, FROM_POST " FOR UPDATE");
    select.if_locked = (furrow_if_locked)9;
    refuse(&select, "no such if_locked: 9");
    select.lock = FURROW_LOCK_NONE;
    select.if_locked = FURROW_IF_LOCKED_FAIL;
    refuse(&select, "if_locked needs a lock");
    select.lock = (furrow_lock)9;
    refuse(&select, "no such lock: 9");
}

static void test_query__count_and_exists(void **state)
{
    (void)state;
    furrow_condition where[2] = {furrow_eq(POST_ID, 7)};
    furrow__select select = {
        .model = &post_model, .what = FURROW__SELECT_COUNT, .where = where, .where_count = 2};
    expect(LITE, &select, "SELECT count(*) FROM \"order\" WHERE \"id\" = ?1");
    select.what = FURROW__SELECT_EXISTS;
    expect(POSTGRES, &select, "SELECT EXISTS (SELECT 1 FROM \"order\" WHERE \"id\" = $1)");
}

static void expect_aggregate(furrow_aggregate which, const furrow_column *column, const char *lite,
                             const char *postgres)
{
    furrow__select select = {.model = &thing_model,
                             .what = FURROW__SELECT_AGGREGATE,
                             .aggregate = which,
                             .column = column};
    char text[512];
    snprintf(text, sizeof text, "SELECT %s FROM \"things\"", lite);
    expect(LITE, &select, text);
    snprintf(text, sizeof text, "SELECT %s FROM \"things\"", postgres);
    expect(POSTGRES, &select, text);
}

static void test_query__aggregates_have_the_same_type_on_both_engines(void **state)
{
    (void)state;
    expect_aggregate(FURROW_AGGREGATE_SUM, FURROW_COLUMN_(ID), "furrow_sum(\"id\")",
                     "CAST(sum(\"id\") AS int8)");
    expect_aggregate(FURROW_AGGREGATE_SUM, FURROW_COLUMN_(AMOUNT), "furrow_sum(\"count\")",
                     "sum(\"count\")");
    expect_aggregate(FURROW_AGGREGATE_SUM, FURROW_COLUMN_(RATIO), "furrow_sum_real(\"ratio\")",
                     "CASE WHEN sum(CAST(\"ratio\" AS float8)) = CAST('NaN' AS float8) THEN "
                     "count(\"ratio\") * CAST('1e308' AS float8) ELSE "
                     "sum(CAST(\"ratio\" AS float8)) END");
    expect_aggregate(FURROW_AGGREGATE_SUM, FURROW_COLUMN_(PRICE), "furrow_sum(\"price\")",
                     "CAST(sum(\"price\") * 1e2 AS int8) * 0.01");
    expect_aggregate(FURROW_AGGREGATE_AVG, FURROW_COLUMN_(AMOUNT), "furrow_avg(\"count\")",
                     "avg(CAST(\"count\" AS float8))");
    expect_aggregate(FURROW_AGGREGATE_AVG, FURROW_COLUMN_(PRICE), "furrow_avg(\"price\") / 1e2",
                     "avg(CAST(\"price\" * 1e2 AS float8)) / CAST(1e2 AS float8)");
    expect_aggregate(FURROW_AGGREGATE_MIN, FURROW_COLUMN_(TITLE), "min(\"title\")",
                     "min(\"title\")");
    expect_aggregate(FURROW_AGGREGATE_MAX, FURROW_COLUMN_(AT), "max(\"at\")", "max(\"at\")");
    const char *hue = "min((CASE \"hue\" WHEN 'RED' THEN 0 WHEN 'BLUE' THEN 7 END))";
    expect_aggregate(FURROW_AGGREGATE_MIN, FURROW_COLUMN_(HUE), hue, hue);
}

static void test_query__invalid_aggregates_are_refused(void **state)
{
    (void)state;
    furrow__select select = {.model = &thing_model,
                             .what = FURROW__SELECT_AGGREGATE,
                             .aggregate = FURROW_AGGREGATE_SUM,
                             .column = FURROW_COLUMN_(TITLE)};
    refuse(&select, "\"things\".\"title\" is not a number");
    select.column = FURROW_COLUMN_(POST_ID);
    refuse(&select, "the sum of column \"id\" of model \"post\" in a query of model \"thing\"");
    select.column = NULL;
    refuse(&select, "the sum of a column pointer that is NULL, in a query of model \"thing\"");
    select.aggregate = FURROW_AGGREGATE_MAX;
    select.column = FURROW_COLUMN_(DONE);
    refuse(&select, "\"things\".\"done\" has a type that cannot be ordered");
    select.aggregate = (furrow_aggregate)0;
    refuse(&select, "no such aggregate: 0");
}

static long left;

static void *fail_allocate(size_t size, void *context)
{
    (void)context;
    return left-- > 0 ? malloc(size) : NULL;
}

static void *fail_reallocate(void *block, size_t size, void *context)
{
    (void)context;
    return left-- > 0 ? realloc(block, size) : NULL;
}

static void fail_release(void *block, void *context)
{
    (void)context;
    free(block);
}

static void test_query__every_allocation_may_fail(void **state)
{
    (void)state;
    furrow_decimal prices[300] = {{1, 0}};
    furrow_condition where[FURROW_MAX_CONDITIONS + 1] = {furrow_in(PRICE, prices, 300),
                                                         furrow_like(TITLE, "%a%")};
    for (size_t i = 2; i < FURROW_MAX_CONDITIONS; i++)
        where[i] = furrow_eq(ID, 1);
    furrow__select select = {
        .model = &thing_model, .where = where, .where_count = FURROW_MAX_CONDITIONS + 1};
    furrow_set_allocator(&(furrow_allocator){fail_allocate, fail_reallocate, fail_release, NULL});
    furrow_status status = FURROW_NOMEM;
    long tries = 0;
    for (; status != FURROW_OK && tries < 100; tries++) {
        end(NULL);
        begin(NULL);
        left = tries;
        status = furrow__sql_select(&sql, LITE, &select, &error);
        if (status != FURROW_OK)
            assert_int_equal(status, FURROW_NOMEM);
    }
    end(NULL);
    furrow_set_allocator(NULL);
    assert_int_equal(status, FURROW_OK);
    assert_true(tries > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_query__selects_every_column, begin, end),
        cmocka_unit_test_setup_teardown(test_query__null_orders_first, begin, end),
        cmocka_unit_test_setup_teardown(test_query__invalid_orders_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(test_query__limit_and_offset_are_bound, begin, end),
        cmocka_unit_test_setup_teardown(test_query__rows_are_locked_on_a_server, begin, end),
        cmocka_unit_test_setup_teardown(test_query__count_and_exists, begin, end),
        cmocka_unit_test_setup_teardown(test_query__aggregates_have_the_same_type_on_both_engines,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_query__invalid_aggregates_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(test_query__every_allocation_may_fail, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
