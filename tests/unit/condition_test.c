/* SPDX-License-Identifier: MIT
 * Conditions: their SQL in both dialects, brackets, bound values, and rejected arguments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/calendar.h"
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

/* An array of conditions, as in a struct of options. The slots after the arguments are empty. */
#define EMPTY ((furrow_condition){0})
#define WHERE(...)                                                                                 \
    (const furrow_condition[FURROW_MAX_CONDITIONS + 1])                                            \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static furrow_status render(const furrow__dialect *dialect, const furrow_model *model,
                            const furrow_condition *where)
{
    furrow__select select = {.model = model,
                             .what = FURROW__SELECT_COUNT,
                             .where = where,
                             .where_count = FURROW_MAX_CONDITIONS + 1};
    return furrow__sql_select(&sql, dialect, &select, &error);
}

static void expect_on(const furrow__dialect *dialect, const furrow_model *model,
                      const furrow_condition *where, const char *text)
{
    if (render(dialect, model, where) != FURROW_OK)
        fail_msg("%s", error.message);
    const char *found = strstr(furrow__buffer_text(&sql.text), "WHERE ");
    assert_string_equal(found ? found + 6 : "", text);
}

static void expect(const furrow_condition *where, const char *lite, const char *postgres)
{
    expect_on(&furrow__dialect_postgresql, &thing_model, where, postgres);
    expect_on(&furrow__dialect_sqlite, &thing_model, where, lite);
}

static void refuse(const furrow_condition *where, const char *message, const char *hint)
{
    assert_int_equal(render(&furrow__dialect_postgresql, &thing_model, where), FURROW_INVALID);
    assert_int_equal(render(&furrow__dialect_sqlite, &thing_model, where), FURROW_INVALID);
    assert_string_equal(error.message, message);
    assert_string_equal(error.hint, hint);
}

static void test_condition__comparisons(void **state)
{
    (void)state;
    expect(WHERE(furrow_eq(ID, 1), EMPTY, furrow_ne(ID, 2), furrow_lt(ID, 3), furrow_le(ID, 4),
                 furrow_gt(ID, 5), furrow_ge(ID, 6)),
           "\"id\" = ?1 AND \"id\" <> ?2 AND \"id\" < ?3 AND \"id\" <= ?4 AND \"id\" > ?5 AND "
           "\"id\" >= ?6",
           "\"id\" = $1 AND \"id\" <> $2 AND \"id\" < $3 AND \"id\" <= $4 AND \"id\" > $5 AND "
           "\"id\" >= $6");
    assert_int_equal(sql.bind_count, 6);
    assert_ptr_equal(sql.binds[5].column, FURROW_COLUMN_(ID));
    assert_int_equal(sql.binds[5].value.as.integer, 6);
    assert_int_equal(sql.binds[5].value.op, 0);
    expect(WHERE(furrow_between(ID, 1, 9), furrow_is_null(NOTE), furrow_not_null(AGE)),
           "\"id\" BETWEEN ?1 AND ?2 AND \"note\" IS NULL AND \"age\" IS NOT NULL",
           "\"id\" BETWEEN $1 AND $2 AND \"note\" IS NULL AND \"age\" IS NOT NULL");
    expect(WHERE(furrow_lt_column(AT, SEEN)), "\"at\" < \"seen\"", "\"at\" < \"seen\"");
    expect(WHERE(EMPTY), "", "");
}

static void test_condition__text_operators(void **state)
{
    (void)state;
    expect(WHERE(furrow_like(TITLE, "a%")), "\"title\" GLOB ?1", "\"title\" LIKE $1 ESCAPE ''");
    expect(WHERE(furrow_ilike(TITLE, "a%")), "\"title\" LIKE ?1", "\"title\" ILIKE $1 ESCAPE ''");
    expect(WHERE(furrow_contains(TITLE, "a")), "instr(\"title\", ?1) > 0",
           "strpos(\"title\", $1) > 0");
    expect(WHERE(furrow_icontains(TITLE, "a")), "instr(lower(\"title\"), lower(?1)) > 0",
           "strpos(lower(\"title\"), lower(CAST($1 AS text) COLLATE \"C\")) > 0");
    expect(WHERE(furrow_starts_with(TITLE, "a")), "substr(\"title\", 1, length(?1)) = ?1",
           "starts_with(\"title\", $1)");
    expect(WHERE(furrow_ends_with(TITLE, "a")),
           "substr(\"title\", length(\"title\") - length(?1) + 1) = ?1",
           "right(\"title\", length(CAST($1 AS text))) = $1");
}

static void test_condition__pattern_is_rewritten_for_glob(void **state)
{
    (void)state;
    expect_on(&furrow__dialect_sqlite, &thing_model, WHERE(furrow_like(TITLE, "%_*?[]\\a")),
              "\"title\" GLOB ?1");
    assert_string_equal(sql.binds[0].value.as.text, "*?[*][?][[]]\\a");
    char pattern[FURROW_MAX_LIKE_SIZE + 2];
    memset(pattern, '*', sizeof pattern);
    pattern[FURROW_MAX_LIKE_SIZE] = '\0';
    expect_on(&furrow__dialect_sqlite, &thing_model, WHERE(furrow_like(TITLE, pattern)),
              "\"title\" GLOB ?1");
    assert_int_equal(strlen(sql.binds[0].value.as.text), 3 * FURROW_MAX_LIKE_SIZE);
    pattern[FURROW_MAX_LIKE_SIZE] = '*';
    pattern[FURROW_MAX_LIKE_SIZE + 1] = '\0';
    refuse(WHERE(furrow_ilike(TITLE, pattern)),
           "\"things\".\"title\" is compared with a pattern of more than 16384 bytes", "");
}

static void test_condition__in_binds_an_array(void **state)
{
    (void)state;
    int64_t ids[] = {1, 2};
    expect(WHERE(furrow_in(ID, ids, 2)), "\"id\" IN (SELECT value FROM furrow_array(?1))",
           "\"id\" = ANY($1)");
    assert_true(sql.binds[0].is_array);
    assert_ptr_equal(sql.binds[0].value.as.blob.bytes, ids);
    expect(WHERE(furrow_not_in(ID, ids, 2)), "\"id\" NOT IN (SELECT value FROM furrow_array(?1))",
           "NOT (\"id\" = ANY($1))");
    expect(WHERE(furrow_in(ID, ids, 0), furrow_not_in(ID, ids, 0)), "FALSE AND TRUE",
           "FALSE AND TRUE");
    assert_int_equal(sql.bind_count, 0);
}

static void test_condition__array_elements_are_checked(void **state)
{
    (void)state;
    const char *texts[] = {"ab", NULL};
    refuse(WHERE(furrow_in(TITLE, texts, 2)),
           "\"things\".\"title\" is compared with an array that has NULL at index 1",
           "remove NULL from the array, because nothing equals NULL, and use furrow_is_null");
    texts[1] = "\xC0\x80";
    refuse(WHERE(furrow_in(TITLE, texts, 2)), "\"things\".\"title\" is not valid UTF-8", "");
    double reals[] = {1, NAN};
    refuse(WHERE(furrow_in(WEIGHT, reals, 2)), "\"things\".\"weight\" must not be NaN", "");
    int hues[] = {HUE_BLUE, 3};
    refuse(WHERE(furrow_in(HUE, hues, 2)), "\"things\".\"hue\" is not a value of enum hue", "");
    int32_t counts[] = {1, 101};
    refuse(WHERE(furrow_in(AMOUNT, counts, 2)),
           "\"things\".\"count\" must be in the range 0 to 100", "");
    refuse(WHERE(furrow_in(ID, (int64_t *)NULL, 2)),
           "\"things\".\"id\" is compared with an array pointer that is NULL", "");
}

static void test_condition__array_is_converted_in_a_copy(void **state)
{
    (void)state;
    furrow_decimal prices[] = {{150, 2}, {15, 1}, {7, 0}};
    expect_on(&furrow__dialect_sqlite, &thing_model, WHERE(furrow_in(PRICE, prices, 3)),
              "\"price\" IN (SELECT value FROM furrow_array(?1))");
    const furrow_decimal *bound = sql.binds[0].value.as.blob.bytes;
    assert_ptr_not_equal(bound, prices);
    assert_int_equal(bound[0].unscaled, 150);
    assert_int_equal(bound[1].unscaled, 150);
    assert_int_equal(bound[2].unscaled, 700);
    assert_int_equal(bound[2].scale, 2);
    assert_int_equal(prices[2].scale, 0);
    double reals[] = {1, -0.0};
    expect_on(&furrow__dialect_sqlite, &thing_model, WHERE(furrow_in(WEIGHT, reals, 2)),
              "\"weight\" IN (SELECT value FROM furrow_array(?1))");
    assert_false(signbit(((const double *)sql.binds[0].value.as.blob.bytes)[1]));
    furrow_decimal finer[] = {{1, 3}};
    refuse(WHERE(furrow_in(PRICE, finer, 1)),
           "\"things\".\"price\" cannot hold this decimal exactly: the column is decimal(6, 2)",
           "");
}

static void test_condition__brackets_nest(void **state)
{
    (void)state;
    expect(WHERE(furrow_any(furrow_eq(ID, 1), furrow_all(furrow_eq(ID, 2), furrow_eq(ID, 3))),
                 furrow_not(furrow_eq(ID, 4), EMPTY, furrow_eq(ID, 5))),
           "(\"id\" = ?1 OR (\"id\" = ?2 AND \"id\" = ?3)) AND NOT (\"id\" = ?4 AND \"id\" = ?5)",
           "(\"id\" = $1 OR (\"id\" = $2 AND \"id\" = $3)) AND NOT (\"id\" = $4 AND \"id\" = $5)");
    expect(WHERE(furrow_any(EMPTY), furrow_all(EMPTY), furrow_not(EMPTY)),
           "(FALSE) AND (TRUE) AND NOT (TRUE)", "(FALSE) AND (TRUE) AND NOT (TRUE)");
}

static void test_condition__brackets_must_match(void **state)
{
    (void)state;
    furrow_condition open = furrow_condition_plain_(NULL, FURROW_OP_ANY_);
    furrow_condition close = furrow_condition_plain_(NULL, FURROW_OP_CLOSE_);
    refuse(WHERE(furrow_eq(ID, 1), open, furrow_eq(ID, 2)),
           "condition 2 opens a bracket that is not closed, in a query of model \"thing\"", "");
    refuse(WHERE(furrow_eq(ID, 1), close),
           "condition 2 closes a bracket that was not opened, in a query of model \"thing\"", "");
    furrow_condition where[FURROW_MAX_CONDITIONS + 1] = {{0}};
    for (int depth = 0; depth < 16; depth++) {
        where[depth] = open;
        where[31 - depth] = close;
    }
    assert_int_equal(render(&furrow__dialect_sqlite, &thing_model, where), FURROW_OK);
    for (int depth = 0; depth < 17; depth++)
        where[depth] = open;
    refuse(where,
           "condition 17 opens a bracket that is nested more than 16 levels deep, in a query of "
           "model \"thing\"",
           "");
}

static void test_condition__between_needs_two_ends(void **state)
{
    (void)state;
    furrow_condition pair[] = {furrow_between(ID, 1, 2)};
    refuse(WHERE(pair[0]),
           "condition 1 is the low end of a furrow_between without its high end, in a query of "
           "model \"thing\"",
           "");
    refuse(WHERE(pair[0], EMPTY, pair[1]),
           "condition 1 is the low end of a furrow_between without its high end, in a query of "
           "model \"thing\"",
           "");
    refuse(WHERE(pair[1]),
           "condition 1 is the high end of a furrow_between without its low end, in a query of "
           "model \"thing\"",
           "");
}

static void test_condition__too_many_are_refused(void **state)
{
    (void)state;
    furrow_condition where[FURROW_MAX_CONDITIONS + 1];
    for (size_t i = 0; i <= FURROW_MAX_CONDITIONS; i++)
        where[i] = furrow_eq(ID, 1);
    refuse(where, "more than 32 conditions in a query of model \"thing\"",
           "use furrow_in for a list of values");
    where[FURROW_MAX_CONDITIONS] = (furrow_condition){0};
    assert_int_equal(render(&furrow__dialect_sqlite, &thing_model, where), FURROW_OK);
    assert_int_equal(sql.bind_count, 32);
    refuse(WHERE(furrow_condition_plain_(NULL, FURROW_OP_TOO_MANY_)),
           "more conditions were added than a list can hold, in a query of model \"thing\"", "");
    refuse(WHERE(furrow_condition_plain_(FURROW_COLUMN_(ID), FURROW_OP_SET_)),
           "condition 1 is an assignment, not a condition, in a query of model \"thing\"", "");
}

static void test_condition__comparison_with_null_is_refused(void **state)
{
    (void)state;
    const char *nothing = NULL;
    refuse(WHERE(furrow_eq(NOTE, nothing)), "\"things\".\"note\" is compared with NULL",
           "use furrow_is_null");
    refuse(WHERE(furrow_like(NOTE, nothing)), "\"things\".\"note\" is compared with NULL",
           "use furrow_is_null");
    refuse(WHERE(furrow_eq(PICTURE, (furrow_blob){0})),
           "\"things\".\"picture\" is compared with NULL", "use furrow_is_null");
    assert_string_equal(error.table, "things");
    assert_string_equal(error.column, "picture");
}

static void test_condition__columns_of_other_models_are_refused(void **state)
{
    (void)state;
    refuse(WHERE(furrow_eq(POST_TITLE, "a")),
           "a condition on column \"title\" of model \"post\" in a query of model \"thing\"", "");
    refuse(WHERE(furrow_eq_column(ID, POST_ID)),
           "a condition on column \"id\" of model \"post\" in a query of model \"thing\"", "");
    refuse(WHERE(furrow_condition_(NULL, FURROW_OP_EQ_, furrow_value_integer_(1))),
           "a condition on a column pointer that is NULL, in a query of model \"thing\"",
           "thing_column returns NULL if the model has no column with this name");
    refuse(WHERE(furrow_has(POST_TAGS, furrow_eq(TAG_NAME, "x"))),
           "a condition on relation \"tags\" of model \"post\" in a query of model \"thing\"", "");
}

static void test_condition__values_are_checked(void **state)
{
    (void)state;
    refuse(WHERE(furrow_eq(DONE, 2)), "\"things\".\"done\" must be 0 or 1", "");
    refuse(WHERE(furrow_eq(WEIGHT, NAN)), "\"things\".\"weight\" must not be NaN", "");
    refuse(WHERE(furrow_lt(AMOUNT, INT64_MAX)),
           "\"things\".\"count\" must be in the range 0 to 100", "");
    refuse(WHERE(furrow_gt(WEIGHT, INT64_MIN + 1)), "\"things\".\"weight\" must be at least -1",
           "");
    refuse(WHERE(furrow_eq(AT, (furrow_time){FURROW__TIME_MAX + 1})),
           "\"things\".\"at\" is not in the years 1 to 9999", "");
    refuse(WHERE(furrow_eq(PRICE, ((furrow_decimal){1, 3}))),
           "\"things\".\"price\" cannot hold this decimal exactly: the column is decimal(6, 2)",
           "");
    refuse(WHERE(furrow_condition_(FURROW_COLUMN_(EXTRA), FURROW_OP_EQ_, furrow_value_text_("1"))),
           "\"things\".\"extra\" is JSON, which cannot be compared", "");
    refuse(WHERE(furrow_condition_(FURROW_COLUMN_(ID), FURROW_OP_EQ_, furrow_value_text_("1"))),
           "\"things\".\"id\" cannot hold a value of this type", "");
}

static void test_condition__numbers_beyond_the_column_are_replaced(void **state)
{
    (void)state;
    expect(WHERE(furrow_lt(SMALL, 32768), furrow_gt(SMALL, 32768), furrow_eq(AGE, INT64_MAX),
                 furrow_ne(ID, UINT64_MAX)),
           "\"small\" <= ?1 AND \"small\" < ?2 AND \"age\" < ?3 AND \"id\" >= ?4",
           "\"small\" <= $1 AND \"small\" < $2 AND \"age\" < $3 AND \"id\" >= $4");
    assert_int_equal(sql.binds[0].value.as.integer, INT16_MAX);
    assert_int_equal(sql.binds[1].value.as.integer, INT16_MIN);
    assert_int_equal(sql.binds[2].value.as.integer, INT32_MIN);
    assert_int_equal(sql.binds[3].value.as.integer, INT64_MIN);
    expect(WHERE(furrow_ge(RATIO, 1e300), furrow_lt(WEIGHT, INT64_MAX), furrow_le(PRICE, 10000)),
           "\"ratio\" >= ?1 AND \"weight\" <= ?2 AND \"price\" <= ?3",
           "\"ratio\" >= $1 AND \"weight\" <= $2 AND \"price\" <= $3");
    assert_true(isinf(sql.binds[0].value.as.real));
    assert_true(sql.binds[1].value.as.real == 0x1.fffffffffffffp62);
    assert_int_equal(sql.binds[2].value.as.decimal.unscaled, 999999);
    expect(WHERE(furrow_between(SMALL, -7, 40000), furrow_between(SMALL, 40000, 50000)),
           "\"small\" BETWEEN ?1 AND ?2 AND (\"small\" < ?3 AND \"small\" <= ?4)",
           "\"small\" BETWEEN $1 AND $2 AND (\"small\" < $3 AND \"small\" <= $4)");
    assert_int_equal(sql.binds[1].value.as.integer, INT16_MAX);
    furrow_decimal prices[] = {{1000000, 2}, {1, 1}, {INT64_MAX, 0}, {2, 2}};
    expect_on(&furrow__dialect_sqlite, &thing_model, WHERE(furrow_in(PRICE, prices, 4)),
              "\"price\" IN (SELECT value FROM furrow_array(?1))");
    assert_int_equal(sql.binds[0].value.as.blob.size, 2);
    const furrow_decimal *bound = sql.binds[0].value.as.blob.bytes;
    assert_int_equal(bound[0].unscaled, 10);
    assert_int_equal(bound[1].unscaled, 2);
    expect(WHERE(furrow_in(PRICE, prices, 1), furrow_not_in(PRICE, prices, 1)),
           "\"price\" < ?1 AND \"price\" >= ?2", "\"price\" < $1 AND \"price\" >= $2");
}

static void test_condition__enums_are_compared_by_value(void **state)
{
    (void)state;
    expect(WHERE(furrow_eq(HUE, HUE_RED), furrow_lt(HUE, HUE_BLUE)),
           "\"hue\" = ?1 AND \"hue\" IN (?2)", "\"hue\" = $1 AND \"hue\" = ANY($2)");
    expect(WHERE(furrow_ge(HUE, HUE_RED), furrow_gt(HUE, HUE_BLUE)),
           "\"hue\" IN (?1, ?2) AND \"hue\" < ''", "\"hue\" = ANY($1) AND \"hue\" < ''");
    expect(WHERE(furrow_between(HUE, HUE_BLUE, HUE_RED)), "\"hue\" < ''", "\"hue\" < ''");
    refuse(WHERE(furrow_lt(HUE, 3)), "\"things\".\"hue\" is not a value of enum hue", "");
    const char *in_order = "CASE \"hue\" WHEN 'RED' THEN 0 WHEN 'BLUE' THEN 7 END <= "
                           "CASE \"hue\" WHEN 'RED' THEN 0 WHEN 'BLUE' THEN 7 END";
    expect(WHERE(furrow_le_column(HUE, HUE)), in_order, in_order);
    expect(WHERE(furrow_ne_column(HUE, HUE)), "\"hue\" <> \"hue\"", "\"hue\" <> \"hue\"");
}

static void test_condition__goes_through_relations(void **state)
{
    (void)state;
    expect_on(&furrow__dialect_postgresql, &post_model,
              WHERE(furrow_has(POST_TAGS, furrow_eq(TAG_NAME, "x")), furrow_eq(POST_ID, 1)),
              "EXISTS (SELECT 1 FROM \"link\" AS t1 JOIN \"my\".\"tag\" AS t2 ON t2.\"id\" = "
              "t1.\"tag_id\" WHERE t1.\"post_id\" = t0.\"id\" AND (t2.\"the \"\"name\"\"\" = $1)) "
              "AND t0.\"id\" = $2");
    expect_on(&furrow__dialect_sqlite, &post_model,
              WHERE(furrow_none(POST_REPLIES, furrow_every(POST_REPLIES, furrow_eq(POST_ID, 1)))),
              "NOT EXISTS (SELECT 1 FROM \"order\" AS t1 WHERE t1.\"parent\" = t0.\"id\" AND (NOT "
              "EXISTS (SELECT 1 FROM \"order\" AS t2 WHERE t2.\"parent\" = t1.\"id\" AND "
              "(t2.\"id\" = ?1) IS NOT TRUE)))");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_condition__##name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(comparisons),
        TEST(text_operators),
        TEST(pattern_is_rewritten_for_glob),
        TEST(in_binds_an_array),
        TEST(array_elements_are_checked),
        TEST(array_is_converted_in_a_copy),
        TEST(brackets_nest),
        TEST(brackets_must_match),
        TEST(between_needs_two_ends),
        TEST(too_many_are_refused),
        TEST(comparison_with_null_is_refused),
        TEST(columns_of_other_models_are_refused),
        TEST(values_are_checked),
        TEST(numbers_beyond_the_column_are_replaced),
        TEST(enums_are_compared_by_value),
        TEST(goes_through_relations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
