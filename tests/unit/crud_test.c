/* SPDX-License-Identifier: MIT
 * The SQL of inserts, updates, deletes and upserts, for one row and for many rows. The checks of a
 * row before it is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
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

#define LITE (&furrow__dialect_sqlite)
#define POSTGRES (&furrow__dialect_postgresql)

static void expect(const char *text)
{
    assert_string_equal(furrow__buffer_text(&sql.text), text);
    furrow__buffer_clear(&sql.text);
}

static void test_crud__insert(void **state)
{
    (void)state;
    const furrow_column *columns[] = {&tag_columns[0], &tag_columns[1]};
    furrow__sql_insert(&sql.text, POSTGRES,
                       &(furrow__insert){&tag_model, {columns, 2}, {columns, 1}, NULL});
    expect("INSERT INTO \"my\".\"tag\" (\"id\", \"the \"\"name\"\"\") VALUES ($1, $2) RETURNING "
           "\"id\"");
    furrow__sql_insert(&sql.text, LITE,
                       &(furrow__insert){&tag_model, {columns, 1}, {NULL, 0}, NULL});
    expect("INSERT INTO \"my.tag\" (\"id\") VALUES (?1)");
    furrow__sql_insert(&sql.text, LITE,
                       &(furrow__insert){&tag_model, {NULL, 0}, {columns, 2}, NULL});
    expect("INSERT INTO \"my.tag\" DEFAULT VALUES RETURNING \"id\", \"the \"\"name\"\"\"");
}

static void test_crud__get(void **state)
{
    (void)state;
    furrow__sql_get(&sql.text, POSTGRES, &link_model);
    expect(
        "SELECT \"post_id\", \"tag_id\" FROM \"link\" WHERE \"post_id\" = $1 AND \"tag_id\" = $2");
    furrow__sql_get_many(&sql.text, POSTGRES, &post_model);
    expect("SELECT \"id\", \"title\", \"parent\" FROM \"order\" WHERE \"id\" = ANY($1)");
    furrow__sql_get_many(&sql.text, LITE, &post_model);
    expect("SELECT \"id\", \"title\", \"parent\" FROM \"order\" WHERE \"id\" IN (SELECT value FROM "
           "furrow_array(?1))");
}

static void test_crud__update_increments_the_version(void **state)
{
    (void)state;
    const furrow_column *columns[] = {&thing_columns[1], &thing_columns[4]};
    furrow__sql_update(&sql.text, POSTGRES, &thing_model, columns, 2);
    expect("UPDATE \"things\" SET \"title\" = $1, \"count\" = $2, \"version\" = \"version\" + 1 "
           "WHERE \"id\" = $3 AND \"version\" = $4 RETURNING \"version\"");
    columns[0] = &post_columns[1];
    furrow__sql_update(&sql.text, LITE, &post_model, columns, 1);
    expect("UPDATE \"order\" SET \"title\" = ?1 WHERE \"id\" = ?2");
    furrow__sql_update(&sql.text, LITE, &post_model, columns, 0);
    expect("UPDATE \"order\" SET \"id\" = \"id\" WHERE \"id\" = ?1");
}

static void test_crud__delete(void **state)
{
    (void)state;
    furrow__sql_delete(&sql.text, LITE, &thing_model);
    expect("DELETE FROM \"things\" WHERE \"id\" = ?1 AND \"version\" = ?2");
    furrow__sql_delete(&sql.text, POSTGRES, &link_model);
    expect("DELETE FROM \"link\" WHERE \"post_id\" = $1 AND \"tag_id\" = $2");
}

#define SET(...)                                                                                   \
    (const furrow_assignment[FURROW_MAX_ASSIGNMENTS + 1])                                          \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define WHERE(...)                                                                                 \
    (const furrow_condition[FURROW_MAX_CONDITIONS + 1])                                            \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
static const furrow_time now = {1000000};

static furrow_status update(const furrow__dialect *dialect, const furrow_assignment *set,
                            const furrow_condition *where, bool all_rows)
{
    furrow__change_where change = {.model = &thing_model,
                                   .set = set,
                                   .set_count = FURROW_MAX_ASSIGNMENTS + 1,
                                   .where = where,
                                   .where_count = FURROW_MAX_CONDITIONS + 1,
                                   .all_rows = all_rows,
                                   .now = now};
    return furrow__sql_update_where(&sql, dialect, &change, &error);
}

static void refuse_set(const furrow_assignment *set, const char *message, const char *hint)
{
    assert_int_equal(update(LITE, set, WHERE(furrow_eq(ID, 1)), false), FURROW_INVALID);
    assert_string_equal(error.message, message);
    assert_string_equal(error.hint, hint);
}

static void test_crud__update_where(void **state)
{
    (void)state;
    assert_int_equal(update(POSTGRES,
                            SET(furrow_set(TITLE, "abc"), (furrow_assignment){0},
                                furrow_set_null(NOTE), furrow_increment(AMOUNT, -1)),
                            WHERE(furrow_eq(ID, 1)), false),
                     FURROW_OK);
    expect("UPDATE \"things\" SET \"title\" = $1, \"note\" = NULL, \"count\" = \"count\" + $2, "
           "\"version\" = \"version\" + 1, \"seen\" = $3 WHERE \"id\" = $4");
    assert_int_equal(sql.bind_count, 4);
    assert_int_equal(sql.binds[1].value.as.integer, -1);
    assert_int_equal(sql.binds[2].value.as.time.us, now.us);
    assert_int_equal(
        update(LITE, SET(furrow_set(VERSION, 5), furrow_set(SEEN, now)), WHERE({0}), true),
        FURROW_OK);
    expect("UPDATE \"things\" SET \"version\" = ?1, \"seen\" = ?2");
}

static void test_crud__invalid_assignments_are_refused(void **state)
{
    (void)state;
    const char *nothing = NULL;
    refuse_set(SET({0}), "nothing to set in an update of model \"thing\"",
               "give .set = {furrow_set(column, value)}");
    refuse_set(SET(furrow_set(ID, 1), furrow_set(ID, 2)), "\"things\".\"id\" is set twice", "");
    refuse_set(SET(furrow_set_null(TITLE)),
               "\"things\".\"title\" is not nullable and cannot be set to NULL", "");
    refuse_set(SET(furrow_set(NOTE, nothing)), "\"things\".\"note\" is set to a NULL pointer",
               "use furrow_set_null");
    refuse_set(SET(furrow_set(POST_ID, 1)),
               "an assignment to column \"id\" of model \"post\" in a query of model \"thing\"",
               "");
    refuse_set(SET(furrow_set(AMOUNT, 101)), "\"things\".\"count\" must be in the range 0 to 100",
               "");
    refuse_set(SET(furrow_assignment_(FURROW_COLUMN_(TITLE), FURROW_OP_INCREMENT_,
                                      furrow_value_integer_(1))),
               "\"things\".\"title\" is not a number and cannot be incremented", "");
    furrow_assignment set[FURROW_MAX_ASSIGNMENTS + 1] = {{0}};
    set[FURROW_MAX_ASSIGNMENTS] = furrow_set(ID, 1);
    refuse_set(set, "more than 32 assignments to model \"thing\"", "");
}

static void test_crud__changing_all_rows_must_be_explicit(void **state)
{
    (void)state;
    furrow__change_where change = {
        .model = &thing_model, .where = WHERE({0}), .where_count = FURROW_MAX_CONDITIONS + 1};
    assert_int_equal(
        update(LITE, SET(furrow_set(ID, 1)), WHERE(furrow_all((furrow_condition){0})), false),
        FURROW_INVALID);
    assert_string_equal(error.message,
                        "a condition is missing: this would update every row of model \"thing\"");
    assert_string_equal(error.hint, "give .where, or set .all_rows = true in thing_update_where");
    change.all_rows = false;
    assert_int_equal(furrow__sql_delete_where(&sql, LITE, &change, &error), FURROW_INVALID);
    assert_string_equal(error.message,
                        "a condition is missing: this would delete every row of model \"thing\"");
    change.all_rows = true;
    assert_int_equal(furrow__sql_delete_where(&sql, LITE, &change, &error), FURROW_OK);
    expect("DELETE FROM \"things\"");
}

static const struct thing upserted = {.title = "abc"};

static furrow_status upsert(const furrow_column *const *columns, size_t count,
                            const furrow_column *const *conflict, size_t conflict_count,
                            const furrow_assignment *set)
{
    furrow__upsert u = {.model = &thing_model,
                        .row = &upserted,
                        .sent = {columns, count},
                        .written = {columns, count},
                        .conflict = {conflict, conflict_count},
                        .set = set,
                        .set_count = FURROW_MAX_ASSIGNMENTS + 1,
                        .now = now};
    return furrow__sql_upsert(&sql, LITE, &u, &error);
}

/* Checks the part of the generated SQL from ON CONFLICT to RETURNING. */
static void expect_conflict(const char *text)
{
    const char *from = strstr(furrow__buffer_text(&sql.text), " ON CONFLICT ");
    const char *to = strstr(furrow__buffer_text(&sql.text), " RETURNING ");
    assert_non_null(from);
    assert_non_null(to);
    assert_int_equal(to - from, strlen(text));
    assert_memory_equal(from, text, strlen(text));
}

static void test_crud__upsert(void **state)
{
    (void)state;
    const furrow_column *columns[] = {&thing_columns[0], &thing_columns[1], &thing_columns[4],
                                      &thing_columns[17]};
    assert_int_equal(upsert(columns, 4, NULL, 0, SET({0})), FURROW_OK);
    expect_conflict(
        " ON CONFLICT (\"id\") DO UPDATE SET \"title\" = excluded.\"title\", \"count\" = "
        "excluded.\"count\", \"version\" = t0.\"version\" + 1, \"seen\" = ?5");
    const furrow_column *title[] = {&thing_columns[1]};
    assert_int_equal(upsert(columns, 4, title, 1, SET(furrow_increment(AMOUNT, 2))), FURROW_OK);
    expect_conflict(" ON CONFLICT (\"title\") DO UPDATE SET \"count\" = t0.\"count\" + ?5, "
                    "\"version\" = t0.\"version\" + 1, \"seen\" = ?6");
    assert_int_equal(sql.bind_count, 2);
    assert_int_equal(upsert(columns, 1, columns + 2, 1, SET({0})), FURROW_INVALID);
    assert_string_equal(error.message,
                        "\"things\".\"count\" has no unique constraint in model \"thing\"");
}

/* `excluded` has the default of a column that is not sent, so its value is a parameter. */
static void test_crud__upsert_binds_values_that_the_insert_leaves_out(void **state)
{
    (void)state;
    const furrow_column *columns[] = {&thing_columns[0], &thing_columns[1], &thing_columns[4],
                                      &thing_columns[8], &thing_columns[18]};
    furrow__upsert u = {.model = &thing_model,
                        .row = &upserted,
                        .sent = {columns, 2},
                        .written = {columns, 5},
                        .now = now};
    assert_int_equal(furrow__sql_upsert(&sql, POSTGRES, &u, &error), FURROW_OK);
    expect_conflict(
        " ON CONFLICT (\"id\") DO UPDATE SET \"title\" = excluded.\"title\", \"count\" = "
        "$3, \"age\" = NULL, \"seen\" = $4, \"version\" = t0.\"version\" + 1");
    assert_int_equal(sql.bind_count, 2);
    assert_ptr_equal(sql.binds[0].column, &thing_columns[4]);
    assert_int_equal(sql.binds[0].value.as.integer, 0);
}

static void test_crud__upsert_of_a_key_alone_returns_the_row(void **state)
{
    (void)state;
    const furrow_column *columns[] = {&link_columns[0], &link_columns[1]};
    furrow__upsert u = {
        .model = &link_model, .sent = {columns, 2}, .written = {columns, 2}, .now = now};
    assert_int_equal(furrow__sql_upsert(&sql, POSTGRES, &u, &error), FURROW_OK);
    expect("INSERT INTO \"link\" AS t0 (\"post_id\", \"tag_id\") VALUES ($1, $2) ON CONFLICT "
           "(\"post_id\", \"tag_id\") DO UPDATE SET \"post_id\" = excluded.\"post_id\" RETURNING "
           "\"post_id\", \"tag_id\"");
}

static struct thing good(void)
{
    return (struct thing){.id = 1, .title = "abc", .code = "x"};
}

static furrow_status check(const struct thing *row)
{
    const furrow_column *columns[COUNT(thing_columns)];
    for (size_t i = 0; i < COUNT(thing_columns); i++)
        columns[i] = &thing_columns[i];
    return furrow__check_row(columns, COUNT(thing_columns), row, &error);
}

#define REFUSE_ROW(status_, message_, ...)                                                         \
    do {                                                                                           \
        struct thing row = good();                                                                 \
        __VA_ARGS__;                                                                               \
        assert_int_equal(check(&row), status_);                                                    \
        assert_string_equal(error.message, message_);                                              \
        assert_string_equal(error.table, "things");                                                \
    } while (0)

static void test_crud__row_is_checked(void **state)
{
    (void)state;
    struct thing fine = good();
    assert_int_equal(check(&fine), FURROW_OK);
    REFUSE_ROW(FURROW_NOT_NULL, "\"things\".\"title\" must not be NULL", row.title = NULL);
    assert_string_equal(error.column, "title");
    REFUSE_ROW(FURROW_INVALID, "\"things\".\"title\" is longer than 5 characters",
               row.title = "abcdef");
    REFUSE_ROW(FURROW_INVALID, "\"things\".\"title\" is shorter than 2 characters",
               row.title = "\xF0\x9F\x98\x80");
    REFUSE_ROW(FURROW_INVALID, "\"things\".\"title\" is not valid UTF-8", row.title = "ab\xFF");
    REFUSE_ROW(FURROW_INVALID, "\"things\".\"code\" has no terminating NUL within its 4 bytes",
               memcpy(row.code, "abcd", 4));
    REFUSE_ROW(FURROW_INVALID, "\"things\".\"count\" must be in the range 0 to 100",
               row.count = -1);
    REFUSE_ROW(FURROW_INVALID, "\"things\".\"done\" must be 0 or 1", memset(&row.done, 2, 1));
    REFUSE_ROW(FURROW_INVALID, "\"things\".\"ratio\" must not be NaN", row.ratio = NAN);
    REFUSE_ROW(FURROW_INVALID, "\"things\".\"weight\" must be at least -1", row.weight = -1.5);
    REFUSE_ROW(FURROW_INVALID,
               "\"things\".\"picture\" is a blob whose size is not 0 but whose bytes are NULL",
               row.picture.size = 1);
    REFUSE_ROW(FURROW_INVALID, "\"things\".\"at\" is not in the years 1 to 9999",
               row.at.us = FURROW__TIME_MIN - 1);
    REFUSE_ROW(FURROW_INVALID, "\"things\".\"day\" is not in the years 1 to 9999",
               row.day.days = FURROW__DATE_MAX + 1);
    REFUSE_ROW(FURROW_INVALID,
               "\"things\".\"price\" cannot hold this decimal exactly: the column is decimal(6, 2)",
               row.price = ((furrow_decimal){1, 3}));
    REFUSE_ROW(FURROW_INVALID, "\"things\".\"extra\" is not valid JSON", row.extra.text = "{");
    REFUSE_ROW(FURROW_INVALID, "\"things\".\"hue\" is not a value of enum hue",
               row.hue = (enum hue)1);
}

static void test_crud__lengths_count_code_points(void **state)
{
    (void)state;
    struct thing row = good();
    row.title = "\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80";
    assert_int_equal(check(&row), FURROW_OK);
}

static void test_crud__row_value(void **state)
{
    (void)state;
    struct thing row = good();
    row.age.has = true;
    row.age.value = -3;
    row.price = (furrow_decimal){15, 1};
    row.weight = -0.0;
    row.hue = HUE_BLUE;
    assert_int_equal(furrow__row_value(FURROW_COLUMN_(AGE), &row).as.integer, -3);
    assert_int_equal(furrow__row_value(FURROW_COLUMN_(PRICE), &row).as.decimal.unscaled, 150);
    assert_false(signbit(furrow__row_value(FURROW_COLUMN_(WEIGHT), &row).as.real));
    assert_int_equal(furrow__row_value(FURROW_COLUMN_(HUE), &row).as.integer, HUE_BLUE);
    assert_string_equal(furrow__row_value(FURROW_COLUMN_(CODE), &row).as.text, "x");
    assert_int_equal(furrow__row_value(FURROW_COLUMN_(NOTE), &row).type, FURROW_TYPE_NULL);
    assert_int_equal(furrow__row_value(FURROW_COLUMN_(PICTURE), &row).type, FURROW_TYPE_NULL);
    row.age.has = false;
    assert_int_equal(furrow__row_value(FURROW_COLUMN_(AGE), &row).type, FURROW_TYPE_NULL);
}

static void test_crud__value_is_converted_to_the_columns_form(void **state)
{
    (void)state;
    const float tenth =
        0.1f; /* some machines evaluate a constant with more digits than a float has */
    furrow_value value = furrow_value_real_(0.1);
    assert_int_equal(furrow__check_value(FURROW_COLUMN_(RATIO), &value, &error), FURROW_OK);
    assert_true(value.as.real == (double)tenth);
    value = furrow_value_integer_(3);
    assert_int_equal(furrow__check_value(FURROW_COLUMN_(PRICE), &value, &error), FURROW_OK);
    assert_int_equal(value.type, FURROW_TYPE_DECIMAL);
    assert_int_equal(value.as.decimal.unscaled, 300);
    value = furrow_value_real_(-0.0);
    assert_int_equal(furrow__check_value(FURROW_COLUMN_(WEIGHT), &value, &error), FURROW_OK);
    assert_false(signbit(value.as.real));
    value = (furrow_value){0};
    assert_int_equal(furrow__check_value(FURROW_COLUMN_(NOTE), &value, &error), FURROW_OK);
    assert_int_equal(furrow__check_value(FURROW_COLUMN_(TITLE), &value, &error), FURROW_NOT_NULL);
    value = furrow_value_pointer_(&now);
    assert_int_equal(furrow__check_value(FURROW_COLUMN_(NOTE), &value, &error), FURROW_INVALID);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_crud__##name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(insert),
        TEST(get),
        TEST(update_increments_the_version),
        TEST(delete),
        TEST(update_where),
        TEST(invalid_assignments_are_refused),
        TEST(changing_all_rows_must_be_explicit),
        TEST(upsert),
        TEST(upsert_binds_values_that_the_insert_leaves_out),
        TEST(upsert_of_a_key_alone_returns_the_row),
        TEST(row_is_checked),
        TEST(lengths_count_code_points),
        TEST(row_value),
        TEST(value_is_converted_to_the_columns_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
