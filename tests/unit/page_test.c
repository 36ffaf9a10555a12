/* SPDX-License-Identifier: MIT
 * The SQL of keyset pages and of changes to links, and the SQL of conditions and orders that use
 * relations. All SQL is checked in both dialects. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
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
#define FROM_POST "SELECT \"id\", \"title\", \"parent\" FROM \"order\""
#define FROM_T0 "SELECT t0.\"id\", t0.\"title\", t0.\"parent\""

static void expect(const furrow__dialect *dialect, const furrow__select *select, const char *text)
{
    furrow_status status = furrow__sql_select(&sql, dialect, select, &error);
    if (status != FURROW_OK)
        fail_msg("%s", error.message);
    assert_string_equal(furrow__buffer_text(&sql.text), text);
}

static furrow_ordering order[FURROW_MAX_ORDERINGS + 1];

static furrow__select select_by(furrow_ordering a, furrow_ordering b, const furrow__page_part *page)
{
    memset(order, 0, sizeof order);
    order[0] = a;
    order[1] = b;
    return (furrow__select){
        .model = &post_model, .order_by = order, .order_count = COUNT(order), .page = page};
}

static const furrow_ordering none;

static void test_page__order_ends_with_the_key_and_limit_is_one_more(void **state)
{
    (void)state;
    furrow__page_part page = {.size = 10};
    furrow__select s = select_by(none, none, &page);
    expect(LITE, &s, FROM_POST " ORDER BY \"id\" LIMIT ?1");
    assert_int_equal(sql.binds[0].value.as.integer, 11);
    s = select_by(furrow_desc(POST_TITLE), none, &page);
    expect(POSTGRES, &s, FROM_POST " ORDER BY \"title\" DESC NULLS LAST, \"id\" DESC LIMIT $1");
    page.backwards = true;
    expect(POSTGRES, &s, FROM_POST " ORDER BY \"title\" NULLS FIRST, \"id\" LIMIT $1");
    /* If the order already contains the key, the key is not added again. */
    page.backwards = false;
    s = select_by(furrow_asc(POST_ID), furrow_desc(POST_ID), &page);
    expect(LITE, &s, FROM_POST " ORDER BY \"id\" LIMIT ?1");
}

static void test_page__compares_row_values_in_one_direction(void **state)
{
    (void)state;
    furrow_value position[2] = {furrow_value_integer_(7), furrow_value_integer_(8)};
    furrow__page_part page = {.size = 1, .position = position};
    furrow__select s = select_by(none, none, &page);
    expect(LITE, &s, FROM_POST " WHERE \"id\" > ?1 ORDER BY \"id\" LIMIT ?2");
    page.inclusive = true;
    expect(POSTGRES, &s, FROM_POST " WHERE \"id\" >= $1 ORDER BY \"id\" LIMIT $2");
    page.inclusive = false;
    s.model = &link_model;
    expect(
        POSTGRES, &s,
        "SELECT \"post_id\", \"tag_id\" FROM \"link\" WHERE (\"post_id\", \"tag_id\") > ($1, $2) "
        "ORDER BY \"post_id\", \"tag_id\" LIMIT $3");
    page.backwards = true;
    expect(
        LITE, &s,
        "SELECT \"post_id\", \"tag_id\" FROM \"link\" WHERE (\"post_id\", \"tag_id\") < (?1, ?2) "
        "ORDER BY \"post_id\" DESC, \"tag_id\" DESC LIMIT ?3");
}

static void test_page__chains_nulls_and_mixed_directions(void **state)
{
    (void)state;
    furrow_value position[2] = {furrow_value_text_("x"), furrow_value_integer_(8)};
    furrow__page_part page = {.size = 1, .position = position};
    furrow__select s = select_by(furrow_asc(POST_TITLE), furrow_desc(POST_ID), &page);
    expect(LITE, &s,
           FROM_POST
           " WHERE \"title\" >= ?1 AND (\"title\" > ?1 OR \"title\" = ?1 AND (\"id\" < ?2)) "
           "ORDER BY \"title\", \"id\" DESC LIMIT ?3");
    page.backwards = true;
    expect(LITE, &s,
           FROM_POST " WHERE ((\"title\" < ?1 OR \"title\" IS NULL) OR \"title\" = ?1 AND "
                     "(\"id\" > ?2)) ORDER BY \"title\" DESC, \"id\" LIMIT ?3");
    position[0] = (furrow_value){0};
    expect(LITE, &s,
           FROM_POST " WHERE \"title\" IS NULL AND (FALSE OR \"title\" IS NULL AND (\"id\" > ?1)) "
                     "ORDER BY \"title\" DESC, \"id\" LIMIT ?2");
    page.backwards = false;
    page.inclusive = true;
    expect(POSTGRES, &s,
           FROM_POST " WHERE (\"title\" IS NOT NULL OR \"title\" IS NULL AND (\"id\" < $1 OR "
                     "\"id\" = $1)) ORDER BY \"title\" NULLS FIRST, \"id\" DESC LIMIT $2");
}

static const furrow_column replies = {.name = "replies",
                                      .field = "replies",
                                      .model = &post_model,
                                      .type = FURROW_TYPE_INT64,
                                      .flags = FURROW_COLUMN_COUNT,
                                      .index = 1,
                                      .size = 8};

#define COUNT_REPLIES(alias)                                                                       \
    "(SELECT count(*) FROM \"order\" AS " alias " WHERE " alias ".\"parent\" = t0.\"id\")"

static const furrow_relation up = {.field = "up",
                                   .model = &post_model,
                                   .target = &post_model,
                                   .columns = only_parent,
                                   .target_columns = only_id,
                                   .count = 1,
                                   .kind = FURROW_RELATION_TO_ONE};

static furrow_model with_relations(void)
{
    furrow_model m = post_model;
    m.relations = post_relations;
    m.relation_count = 2;
    return m;
}

static void test_relation__counts_and_columns_are_subselects(void **state)
{
    (void)state;
    /* post_model has no list of relations. This model has the same columns and also a list of
     * relations. */
    static furrow_model model;
    static furrow_column number;
    static furrow_relation to_one;
    model = with_relations();
    number = replies;
    number.model = &model;
    to_one = up;
    to_one.model = &model;
    furrow_column columns[3];
    memcpy(columns, post_columns, sizeof columns);
    for (int i = 0; i < 3; i++)
        columns[i].model = &model;
    model.columns = columns;
    furrow_int64_column count = {&number};
    furrow_condition where[3] = {furrow_gt(count, 2)};
    furrow__page_part page = {.size = 1};
    furrow__select s = select_by(
        furrow_desc(count), furrow_asc_through((furrow_relation_ref){&to_one}, POST_TITLE), NULL);
    s.model = &model;
    s.where = where;
    s.where_count = COUNT(where);
    expect(POSTGRES, &s,
           FROM_T0
           " FROM \"order\" AS t0 WHERE " COUNT_REPLIES("t1") " > $1 ORDER BY " COUNT_REPLIES(
               "t2") " DESC, (SELECT t3.\"title\" FROM \"order\" AS t3 WHERE t3.\"id\" = "
                     "t0.\"parent\") NULLS FIRST");
    /* The SELECT of a page returns the model's columns, followed by the values that the cursor
     * needs. */
    s = select_by(furrow_desc(count), none, &page);
    s.model = &model;
    expect(LITE, &s,
           FROM_T0 ", " COUNT_REPLIES("t1") " FROM \"order\" AS t0 ORDER BY " COUNT_REPLIES(
               "t1") " DESC, t0.\"id\" DESC LIMIT ?1");
}

static void expect_links(const furrow__dialect *dialect, furrow__links_verb verb, const char *text)
{
    int64_t ids[] = {1, 2};
    furrow_value near = furrow_value_integer_(5);
    furrow_value far = furrow_value_array_(&tag_columns[0], ids, sizeof *ids, 2);
    furrow_status status = furrow__sql_links(
        &sql, dialect,
        &(furrow__link_change){
            .relation = POST_TAGS.relation, .verb = verb, .near = &near, .far = &far},
        &error);
    if (status)
        fail_msg("%s", error.message);
    assert_string_equal(furrow__buffer_text(&sql.text), text);
    assert_int_equal(sql.bind_count, 2);
    assert_true(!sql.binds[0].is_array && sql.binds[1].is_array);
}

static void test_links__change_in_one_statement(void **state)
{
    (void)state;
    expect_links(LITE, FURROW__LINKS_ADD,
                 "INSERT INTO \"link\" (\"post_id\", \"tag_id\") SELECT ?1, u.c0 FROM (SELECT "
                 "k0.value AS c0 FROM furrow_array(?2) AS k0) AS u WHERE TRUE ON CONFLICT "
                 "(\"post_id\", \"tag_id\") DO NOTHING");
    expect_links(
        POSTGRES, FURROW__LINKS_ADD,
        "INSERT INTO \"link\" (\"post_id\", \"tag_id\") SELECT CAST($1 AS int8), u.c0 FROM "
        "unnest(CAST($2 AS int8[])) AS u (c0) ON CONFLICT (\"post_id\", \"tag_id\") DO "
        "NOTHING");
    expect_links(LITE, FURROW__LINKS_REMOVE,
                 "DELETE FROM \"link\" WHERE \"post_id\" = ?1 AND \"tag_id\" IN (SELECT value FROM "
                 "furrow_array(?2))");
    expect_links(
        POSTGRES, FURROW__LINKS_SET,
        "WITH gone AS (DELETE FROM \"link\" WHERE \"post_id\" = $1 AND NOT (\"tag_id\" = "
        "ANY($2))) INSERT INTO \"link\" (\"post_id\", \"tag_id\") SELECT CAST($1 AS int8), "
        "u.c0 FROM unnest(CAST($2 AS int8[])) AS u (c0) ON CONFLICT (\"post_id\", "
        "\"tag_id\") DO NOTHING");
}

static void test_group__counts_each_parent(void **state)
{
    (void)state;
    int64_t ids[] = {1, 2};
    furrow_value keys = furrow_value_array_(&post_columns[0], ids, sizeof *ids, 2);
    furrow__tally counted = {.relation = POST_REPLIES.relation, .keys = &keys};
    assert_int_equal(furrow__sql_tally(&sql, POSTGRES, &counted, &error), FURROW_OK);
    assert_string_equal(furrow__buffer_text(&sql.text),
                        "SELECT t1.\"parent\", count(*) FROM \"order\" AS t1 WHERE t1.\"parent\" = "
                        "ANY($1) GROUP BY t1.\"parent\"");
    furrow__tally summed = {
        .relation = POST_TAGS.relation, .summed = &tag_columns[0], .keys = &keys};
    assert_int_equal(furrow__sql_tally(&sql, LITE, &summed, &error), FURROW_OK);
    assert_string_equal(
        furrow__buffer_text(&sql.text),
        "SELECT t1.\"post_id\", furrow_sum(t2.\"id\") FROM \"link\" AS t1 JOIN \"my.tag\" AS t2 ON "
        "t2.\"id\" = t1.\"tag_id\" WHERE t1.\"post_id\" IN (SELECT value FROM furrow_array(?1)) "
        "GROUP "
        "BY t1.\"post_id\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_page__order_ends_with_the_key_and_limit_is_one_more,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_page__compares_row_values_in_one_direction, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_page__chains_nulls_and_mixed_directions, begin, end),
        cmocka_unit_test_setup_teardown(test_relation__counts_and_columns_are_subselects, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_links__change_in_one_statement, begin, end),
        cmocka_unit_test_setup_teardown(test_group__counts_each_parent, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
