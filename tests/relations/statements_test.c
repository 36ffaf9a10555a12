/* SPDX-License-Identifier: MIT
 *
 * A call that inserts any number of rows runs one statement for each table. Each row must receive
 * its own key, regardless of triggers and of the order of the rows. */
#include "cargo.furrow.h"
#include "conformance.h"

enum { MANY = 2000 };

static furrow_engine *own;
static int traced;

static void count_traced(void *context, const furrow_trace_event *event)
{
    (void)context, (void)event;
    traced++;
}

/* Opens a session that the test closes with close_own. */
static furrow_session *open_own(void)
{
    furrow_error error;
    create_fresh(&cargo_schema);
    assert_int_equal(furrow_engine_open(&own, database_url, &error, .trace = count_traced),
                     FURROW_OK);
    return furrow_session_open(own);
}

static void close_own(furrow_session *s)
{
    furrow_session_close(s);
    furrow_engine_close(own);
}

/* Resets the count of statements. */
static void start_counting(furrow_session *s)
{
    furrow_expect_statements(s, 0);
    traced = 0;
}

#define assert_statements(s, count)                                                                \
    do {                                                                                           \
        assert_ok(s, furrow_expect_statements(s, count));                                          \
        assert_int_equal(traced, (count));                                                         \
    } while (0)

static struct ship ships[MANY];
static struct hold holds[MANY], *holds_of[MANY];
static struct box boxes[MANY], *boxes_of[MANY];
static char names[MANY][24];

/* Makes `count` rows for each level. A row and its parent have different indexes, which are
 * computed with the factor 7. This factor is coprime to all counts that the tests use. */
static void build(size_t count, bool with_rank)
{
    for (size_t i = 0; i < count; i++) {
        size_t other = i * 7 % count;
        snprintf(names[i], sizeof names[i], "%zu", i);
        ships[i] = (struct ship){.name = names[i], .holds = {&holds_of[i], 1, false}};
        holds[i] = (struct hold){.name = names[i], .boxes = {&boxes_of[i], 1, false}};
        boxes[i] = (struct box){.name = names[i]};
        if (with_rank) {
            furrow_put(ships[i].rank, (int32_t)i);
            furrow_put(holds[i].rank, (int32_t)i);
            furrow_put(boxes[i].rank, (int32_t)i);
        }
        holds_of[i] = &holds[other];
        boxes_of[i] = &boxes[other];
    }
}

/* Checks that the database contains the rows in memory under their ids. */
static void assert_built(furrow_session *s, size_t count)
{
    struct ship_list list;
    int64_t ids[MANY] = {0};
    for (size_t i = 0; i < count; i++)
        ids[i] = ships[i].id;
    assert_ok(s, ship_get_many(s, &list, ids, count));
    assert_int_equal(list.count, count);
    assert_ok(s, ship_load(s, &list, furrow_load(SHIP.holds, HOLD.boxes)));
    for (size_t i = 0; i < count; i++) {
        const struct ship *got = list.items[i];
        assert_string_equal(got->name, ships[i].name);
        assert_int_equal(got->rank.value, ships[i].rank.value);
        assert_int_equal(got->holds.count, 1);
        const struct hold *hold = got->holds.items[0];
        assert_int_equal(hold->id, holds_of[i]->id);
        assert_string_equal(hold->name, holds_of[i]->name);
        assert_int_equal(hold->boxes.count, 1);
        const struct box *box = hold->boxes.items[0], *sent = holds_of[i]->boxes.items[0];
        assert_int_equal(box->id, sent->id);
        assert_string_equal(box->name, sent->name);
        assert_int_equal(box->rank.value, sent->rank.value);
    }
}

static void test_statements__run_once_for_each_table(void **state)
{
    (void)state;
    const size_t counts[] = {1, 2, MANY};
    for (int i = 0; i < 6; i++) {
        furrow_session *s = open_own();
        size_t count = counts[i % 3];
        build(count, i < 3); /* in half of the runs, the database chooses the values of "rank" */
        assert_ok(s, furrow_savepoint_begin(s));
        start_counting(s);
        assert_ok(s, ship_insert_many_with(s, ships, count, furrow_load(SHIP.holds, HOLD.boxes)));
        assert_statements(s, 3);
        assert_built(s, count);
        close_own(s);
    }
}

static void test_statements__run_once_for_each_level_of_a_tree(void **state)
{
    (void)state;
    static struct route routes[3 * MANY], *parts[2 * MANY];
    const size_t counts[] = {1, 2, MANY};
    for (int n = 0; n < 3; n++) {
        furrow_session *s = open_own();
        size_t count = counts[n];
        for (size_t i = 0; i < 3 * count; i++) {
            routes[i] = (struct route){.name = "r"};
            furrow_put(routes[i].rank, (int32_t)i);
            if (i < 2 * count) {
                parts[i] = &routes[i + count];
                routes[i].parts = (struct route_list){&parts[i], 1, false};
            }
        }
        start_counting(s);
        assert_ok(s,
                  route_insert_many_with(s, routes, count, furrow_load(ROUTE.parts, ROUTE.parts)));
        assert_statements(s, 3);
        for (size_t i = 0; i<3 * count; i += count> 99 ? 97 : 1) {
            struct route *got;
            assert_ok(s, route_get(s, &got, routes[i].id));
            assert_int_equal(got->rank.value, i);
            assert_int_equal(got->whole_id.value, i < count ? 0 : routes[i - count].id);
        }
        close_own(s);
    }
}

/* Some rows have given keys, the others assigned keys. Some have given values, the others defaults.
 * One statement must run for each of the four combinations. The given keys are in descending order.
 */
static void test_statements__run_once_for_each_shape(void **state)
{
    (void)state;
    static struct ship rows[MANY];
    furrow_session *s = open_own();
    for (int i = 0; i < MANY; i++) {
        rows[i] = (struct ship){.name = names[i]};
        snprintf(names[i], sizeof names[i], "%d", i);
        if (i % 2)
            rows[i].id = 100000 - i;
        if (i / 2 % 2)
            furrow_put(rows[i].rank, i);
    }
    start_counting(s);
    assert_ok(s, ship_insert_many(s, rows, MANY));
    assert_statements(s, 4);
    for (int i = 0; i < MANY; i += 13) {
        struct ship *got;
        assert_ok(s, ship_get(s, &got, rows[i].id));
        assert_string_equal(got->name, rows[i].name);
        assert_int_equal(got->rank.value, i / 2 % 2 ? i : 5);
        assert_int_equal(rows[i].rank.value, got->rank.value);
    }
    close_own(s);
}

static void test_statements__insert_rows_that_have_only_a_key(void **state)
{
    (void)state;
    static struct ticket rows[MANY];
    furrow_session *s = open_own();
    memset(rows, 0, sizeof rows);
    start_counting(s);
    assert_ok(s, ticket_insert_many(s, rows, MANY));
    assert_statements(s, 1);
    for (int i = 1; i < MANY; i++)
        assert_true(rows[i].id > rows[i - 1].id);
    int64_t count;
    assert_ok(s, ticket_count(s, &count));
    assert_int_equal(count, MANY);
    close_own(s);
}

static void create_trigger(furrow_session *s, const char *table, const char *when, const char *what)
{
    char sql[512];
    if (!is_postgresql()) {
        snprintf(sql, sizeof sql, "CREATE TRIGGER more_%s %s INSERT ON %s BEGIN %s; END", table,
                 when, table, what);
        assert_ok(s, furrow_unsafe_sql(s, NULL, sql, NULL, 0));
        return;
    }
    snprintf(
        sql, sizeof sql,
        "CREATE FUNCTION more_%s() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN %s; RETURN new; "
        "END $$",
        table, what);
    assert_ok(s, furrow_unsafe_sql(s, NULL, sql, NULL, 0));
    snprintf(sql, sizeof sql,
             "CREATE TRIGGER more_%s %s INSERT ON %s FOR EACH ROW EXECUTE FUNCTION more_%s()",
             table, when, table, table);
    assert_ok(s, furrow_unsafe_sql(s, NULL, sql, NULL, 0));
}

/* Before or after each row, a trigger inserts another row, into the same table or another table.
 * The triggers are created after the statement was prepared. */
static void test_triggers__do_not_mix_up_keys(void **state)
{
    (void)state;
    static const char *const when[] = {"BEFORE", "AFTER"};
    const size_t counts[] = {1, 2, 200};
    for (int i = 0; i < 12; i++) {
        furrow_session *s = open_own();
        size_t count = counts[i % 3];
        build(3, i < 6);
        assert_ok(s, ship_insert_many_with(s, ships, 3, furrow_load(SHIP.holds, HOLD.boxes)));
        create_trigger(s, "ship", when[i / 3 % 2],
                       "INSERT INTO route (name) VALUES ('by trigger')");
        create_trigger(s, "hold", when[i / 3 % 2],
                       is_postgresql()
                           ? "IF new.name <> 'extra' THEN INSERT INTO hold (name, ship_id) SELECT "
                             "'extra', min(id) FROM ship; END IF"
                           : "INSERT INTO hold (name, ship_id) SELECT 'extra', min(id) FROM ship "
                             "WHERE new.name <> 'extra'");
        build(count, i < 6);
        assert_ok(s, ship_insert_many_with(s, ships, count, furrow_load(SHIP.holds, HOLD.boxes)));
        assert_built(s, count);
        int64_t extra;
        assert_ok(s, route_count(s, &extra));
        assert_int_equal(extra, count);
        furrow_rollback(s);
        close_own(s);
    }
}

/* A trigger cancels the insert of one row. No row keeps a key of the failed transaction. */
static void test_triggers__cannot_cancel_rows_unnoticed(void **state)
{
    (void)state;
    static struct route routes[600];
    const size_t counts[] = {2, 600};
    for (int i = 0; i < 4; i++) {
        furrow_session *s = open_own();
        create_trigger(s, "route", "BEFORE",
                       is_postgresql() ? "IF new.name = '1' THEN RETURN NULL; END IF"
                                       : "SELECT RAISE(IGNORE) WHERE new.name = '1'");
        for (size_t n = 0; n < counts[i % 2]; n++) {
            snprintf(names[n], sizeof names[n], "%zu", n);
            routes[n] = (struct route){.name = names[n]};
            if (i < 2)
                furrow_put(routes[n].rank, 1);
        }
        assert_refused(s, FURROW_CHECK, "\"route\": a row was not inserted",
                       route_insert_many(s, routes, counts[i % 2]));
        for (size_t n = 0; n < counts[i % 2]; n++)
            assert_int_equal(routes[n].id, 0);
        close_own(s);
    }
}

/* If another connection creates a trigger, the library must notice it. */
static void test_triggers__of_another_connection_are_noticed(void **state)
{
    (void)state;
    furrow_session *s = open_own();
    build(3, true);
    assert_ok(s, ship_insert_many_with(s, ships, 3, furrow_load(SHIP.holds, HOLD.boxes)));
    assert_ok(s, furrow_commit(s));
    furrow_session *other = open_session();
    create_trigger(
        other, "box", "BEFORE",
        is_postgresql()
            ? "IF new.name <> 'extra' THEN INSERT INTO box (name, hold_id) VALUES ('extra', "
              "new.hold_id); END IF"
            : "INSERT INTO box (name, hold_id) SELECT 'extra', new.hold_id WHERE new.name "
              "<> 'extra'");
    assert_ok(other, furrow_commit(other));
    for (int round = 0; round < 2; round++) {
        build(50, true);
        assert_ok(s, ship_insert_many_with(s, ships, 50, furrow_load(SHIP.holds, HOLD.boxes)));
        for (int i = 0; i < 50; i++) {
            struct box *got;
            assert_ok(s, box_get(s, &got, boxes[i].id));
            assert_string_equal(got->name, boxes[i].name);
        }
    }
    /* After the trigger was dropped, there is again one statement for each table. */
    assert_ok(s, furrow_commit(s));
    assert_ok(other, furrow_unsafe_sql(other, NULL,
                                       is_postgresql() ? "DROP TRIGGER more_box ON box"
                                                       : "DROP TRIGGER more_box",
                                       NULL, 0));
    assert_ok(other, furrow_commit(other));
    build(50, true);
    assert_ok(s, ship_insert_many_with(s, ships, 1, furrow_load(SHIP.holds, HOLD.boxes)));
    start_counting(s);
    build(50, true);
    assert_ok(s, ship_insert_many_with(s, ships, 50, furrow_load(SHIP.holds, HOLD.boxes)));
    assert_statements(s, 3);
    close_session(other);
    close_own(s);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statements__run_once_for_each_table),
        cmocka_unit_test(test_statements__run_once_for_each_level_of_a_tree),
        cmocka_unit_test(test_statements__run_once_for_each_shape),
        cmocka_unit_test(test_statements__insert_rows_that_have_only_a_key),
        cmocka_unit_test(test_triggers__do_not_mix_up_keys),
        cmocka_unit_test(test_triggers__cannot_cancel_rows_unnoticed),
        cmocka_unit_test(test_triggers__of_another_connection_are_noticed),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
