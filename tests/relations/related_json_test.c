/* SPDX-License-Identifier: MIT
 *
 * Relationships in JSON: read with the row, written along paths, and loaded where they are missing,
 * in one statement for each step. Writing does not change what a row holds already.
 */
#include "cargo.furrow.h"
#include "conformance.h"

static struct ship *read_ship(furrow_session *s, const char *text)
{
    struct ship *ship = NULL;
    furrow_problems problems;
    furrow_status status = ship_from_json(s, &ship, text, strlen(text), &problems);
    for (size_t i = 0; i < problems.count; i++)
        print_message("%s: %s %s\n", problems.items[i].path, problems.items[i].rule,
                      problems.items[i].message);
    assert_ok(s, status);
    return ship;
}

/* Ships with two holds each, which have two boxes each. */
static void insert_ships(furrow_session *s, int count)
{
    create_fresh(&cargo_schema);
    for (int i = 0; i < count; i++) {
        struct ship *ship =
            read_ship(s, "{\"name\": \"s\", \"holds\": ["
                         "{\"name\": \"a\", \"boxes\": [{\"name\": \"1\"}, {\"name\": \"2\"}]}, "
                         "{\"name\": \"b\", \"boxes\": [{\"name\": \"3\"}, {\"name\": \"4\"}]}]}");
        assert_ok(s, ship_insert_with(s, ship, furrow_load(SHIP.holds, HOLD.boxes)));
    }
    assert_ok(s, furrow_commit(s));
    furrow_session_reset(s);
}

/* Counts how often `part` occurs in a text. */
static int count_of(const char *text, const char *part)
{
    int count = 0;
    for (; (text = strstr(text, part)); text++)
        count++;
    return count;
}

static void test_json__each_step_is_one_statement(void **state)
{
    (void)state;
    furrow_session *s = open_session();
    struct ship *ships[5];
    struct ship_list list = {.items = ships, .count = 5};
    const char *text;
    insert_ships(s, 5);
    for (int i = 0; i < 5; i++)
        assert_ok(s, ship_get(s, &ships[i], i + 1));
    furrow_expect_statements(s, furrow_session_stats(s).statements);
    assert_ok(s, ship_list_to_json(s, &text, &list, .with = {furrow_load(SHIP.holds, HOLD.boxes)}));
    assert_ok(s, furrow_expect_statements(s, 2));
    assert_int_equal(count_of(text, "\"boxes\":[{"), 10);
    assert_ok(s, ship_list_to_json(s, &text, &list, .with = {furrow_load(SHIP.holds, HOLD.boxes)}));
    assert_ok(s, furrow_expect_statements(s, 0));
    close_session(s);
}

static void test_json__paths_can_select_rows(void **state)
{
    (void)state;
    furrow_session *s = open_session();
    struct ship *ship;
    const char *text;
    insert_ships(s, 1);
    assert_ok(s, ship_get(s, &ship, 1));
    assert_ok(s, ship_to_json(s, &text, ship,
                              .with = {furrow_load_some((SHIP.holds),
                                                        .where = {{0}, furrow_eq(HOLD.name, "b")}),
                                       furrow_load_some((SHIP.holds, HOLD.boxes), .limit = 1)}));
    assert_int_equal(count_of(text, "\"boxes\""), 1);
    assert_int_equal(count_of(text, "\"name\":\"3\""), 1);
    assert_int_equal(count_of(text, "\"name\":\"4\""), 0);
    close_session(s);
}

static void test_json__rows_that_were_read_are_written_as_they_are(void **state)
{
    (void)state;
    furrow_session *s = open_session();
    const char *text;
    create_fresh(&cargo_schema);
    struct ship *ship = read_ship(s, "{\"name\": \"s\", \"holds\": [{\"name\": \"a\"}]}");
    assert_ok(s, ship_to_json(s, &text, ship, .with = {furrow_load(SHIP.holds)}));
    assert_int_equal(count_of(text, "\"holds\":[{"), 1);
    assert_int_equal(ship->holds.count, 1);
    close_session(s);
}

static void test_json__wrong_elements_are_problems(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\"name\": \"s\", \"holds\": [1, 2]}",
                                        "{\"name\": \"s\", \"holds\": [null, {\"name\": 1}]}"};
    furrow_session *s = open_session();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct ship *ship;
        furrow_problems problems;
        assert_int_equal(ship_from_json(s, &ship, texts[i], strlen(texts[i]), &problems),
                         FURROW_REJECTED);
        assert_int_equal(problems.count, 2);
        assert_string_equal(problems.items[0].path, "/holds/0");
        assert_string_equal(problems.items[1].path, i ? "/holds/1/name" : "/holds/1");
        assert_ok(s, furrow_session_status(s));
    }
    close_session(s);
}

static void test_json__a_null_row_is_refused(void **state)
{
    (void)state;
    furrow_session *s = open_session();
    struct ship ship = {.name = "s"}, *ships[] = {&ship, NULL};
    const char *text;
    assert_refused(s, FURROW_INVALID, "JSON of model \"ship\": row 2 is NULL",
                   ship_list_to_json(s, &text, &(struct ship_list){ships, 2, true}));
    close_session(s);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json__each_step_is_one_statement),
        cmocka_unit_test(test_json__paths_can_select_rows),
        cmocka_unit_test(test_json__rows_that_were_read_are_written_as_they_are),
        cmocka_unit_test(test_json__wrong_elements_are_problems),
        cmocka_unit_test(test_json__a_null_row_is_refused),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
