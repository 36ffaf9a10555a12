/* SPDX-License-Identifier: MIT
 * insert_many: each row receives its own key, regardless of how many statements insert the rows,
 * and in which order. The tests run on SQLite. If FURROW_TEST_POSTGRESQL is set to the URL of a
 * server, they also run on PostgreSQL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <furrow/furrow.h>

struct thing {
    int64_t id;
    const char *name;
    int32_t count; /* a column with DEFAULT 7 */
};
struct small {
    int16_t id;
    const char *name;
};

static const furrow_model thing, small;
static const furrow_column thing_columns[] = {
    {.name = "id",
     .field = "id",
     .model = &thing,
     .type = FURROW_TYPE_INT64,
     .index = 0,
     .size = 8,
     .flags = FURROW_COLUMN_PRIMARY_KEY | FURROW_COLUMN_ASSIGNED,
     .offset = offsetof(struct thing, id)},
    {.name = "name",
     .field = "name",
     .model = &thing,
     .type = FURROW_TYPE_TEXT,
     .index = 1,
     .size = sizeof(char *),
     .offset = offsetof(struct thing, name)},
    {.name = "count",
     .field = "count",
     .model = &thing,
     .type = FURROW_TYPE_INT32,
     .index = 2,
     .size = 4,
     .offset = offsetof(struct thing, count),
     .default_ = "7"},
};
static const furrow_column small_columns[] = {
    {.name = "id",
     .field = "id",
     .model = &small,
     .type = FURROW_TYPE_INT16,
     .index = 0,
     .size = 2,
     .flags = FURROW_COLUMN_PRIMARY_KEY | FURROW_COLUMN_ASSIGNED,
     .offset = offsetof(struct small, id)},
    {.name = "name",
     .field = "name",
     .model = &small,
     .type = FURROW_TYPE_TEXT,
     .index = 1,
     .size = sizeof(char *),
     .offset = offsetof(struct small, name)},
};
static const uint16_t key[] = {0}, name_column[] = {1};
static const furrow_index thing_indexes[] = {
    {.name = "things_name_key", .columns = name_column, .count = 1, .unique = true},
};
static const furrow_model thing = {
    .format = FURROW_FORMAT_VERSION,
    .name = "thing",
    .table = "things",
    .size = sizeof(struct thing),
    .columns = thing_columns,
    .column_count = 3,
    .primary_key = key,
    .primary_key_count = 1,
    .indexes = thing_indexes,
    .index_count = 1,
    .assigned = 0,
    .version = FURROW_NO_COLUMN,
};
static const furrow_model small = {
    .format = FURROW_FORMAT_VERSION,
    .name = "small",
    .table = "smalls",
    .size = sizeof(struct small),
    .columns = small_columns,
    .column_count = 2,
    .primary_key = key,
    .primary_key_count = 1,
    .assigned = 0,
    .version = FURROW_NO_COLUMN,
};
static const furrow_model *const models[] = {&thing, &small};
static const furrow_schema schema = {FURROW_FORMAT_VERSION, "bulk", models, 2};

enum { MANY = 1300 }; /* more rows than a single `INSERT ... RETURNING` can contain */
static char names[MANY][16];

struct place {
    furrow_engine *engine;
    furrow_session *s;
};

static void assert_ok(furrow_session *s, furrow_status status)
{
    if (status)
        print_error("%s: %s\n", furrow_status_name(status), furrow_session_error(s)->message);
    assert_int_equal(status, FURROW_OK);
}

static int open_place(void **state, const char *url)
{
    struct place *p = calloc(1, sizeof *p);
    furrow_error error = {0};
    if (furrow_engine_open(&p->engine, url, &error)) {
        print_error("%s\n", error.message);
        return -1;
    }
    p->s = furrow_session_open(p->engine);
    furrow_drop_all(p->s, &schema);
    assert_ok(p->s, furrow_create_all(p->s, &schema));
    for (int i = 0; i < MANY; i++)
        snprintf(names[i], sizeof names[i], "name %d", i);
    *state = p;
    return 0;
}

static int open_sqlite(void **state)
{
    return open_place(state, "sqlite://");
}

static int open_postgresql(void **state)
{
    return open_place(state, getenv("FURROW_TEST_POSTGRESQL"));
}

static int close_place(void **state)
{
    struct place *p = *state;
    furrow_rollback(p->s);
    furrow_session_close(p->s);
    furrow_engine_close(p->engine);
    free(p);
    return 0;
}

/* Checks the id of each row in memory: the row of the table with this id must have the same name
 * and count. */
static void assert_matched(furrow_session *s, const struct thing *rows, int count)
{
    for (int i = 0; i < count; i++) {
        struct thing *found = NULL;
        furrow_value id = {.type = FURROW_TYPE_INT64, .as.integer = rows[i].id};
        assert_int_not_equal(rows[i].id, 0);
        assert_ok(s, furrow_model_get(s, &thing, &found, &id));
        assert_string_equal(found->name, rows[i].name);
        assert_int_equal(found->count, rows[i].count);
    }
}

static void test_bulk__rows_with_the_same_columns(void **state)
{
    struct place *p = *state;
    struct thing rows[MANY] = {{0}};
    for (int i = 0; i < MANY; i++)
        rows[i] = (struct thing){.name = names[i], .count = i + 1};
    assert_ok(p->s, furrow_model_insert_many(p->s, &thing, rows, MANY));
    assert_matched(p->s, rows, MANY);
}

/* A few rows are inserted in one round trip, which also returns their keys. A statement that was
 * prepared for many rows must not be used for a few rows. */
static void test_bulk__few_rows_are_one_statement(void **state)
{
    struct place *p = *state;
    struct thing few[3], many[MANY];
    for (int round = 0; round < 2; round++) {
        assert_ok(p->s, furrow_exec(p->s, "DELETE FROM things"));
        for (int i = 0; i < MANY; i++)
            many[i] = (struct thing){.name = names[i], .count = i + 1};
        assert_ok(p->s, furrow_model_insert_many(p->s, &thing, many + 3, MANY - 3));
        for (int i = 0; i < 3; i++)
            few[i] = (struct thing){.name = names[i], .count = i + 1};
        uint64_t before = furrow_session_stats(p->s).statements;
        assert_ok(p->s, furrow_model_insert_many(p->s, &thing, few, 3));
        assert_int_equal(furrow_session_stats(p->s).statements - before, 1);
        assert_true(few[0].id < few[1].id && few[1].id < few[2].id);
        assert_matched(p->s, few, 3);
        assert_matched(p->s, many + 3, MANY - 3);
    }
}

static void test_bulk__defaults_come_back(void **state)
{
    struct place *p = *state;
    struct thing rows[MANY] = {{0}};
    for (int i = 0; i < MANY; i++)
        rows[i] = (struct thing){.name = names[i]};
    assert_ok(p->s, furrow_model_insert_many(p->s, &thing, rows, MANY));
    assert_int_equal(rows[MANY - 1].count, 7);
    assert_matched(p->s, rows, MANY);
}

static void test_bulk__rows_with_different_columns(void **state)
{
    struct place *p = *state;
    struct thing rows[MANY] = {{0}};
    for (int i = 0; i < MANY; i++)
        rows[i] =
            (struct thing){.name = names[i], .count = i / 11 % 3 ? i : 0, .id = i == 40 ? 9000 : 0};
    assert_ok(p->s, furrow_model_insert_many(p->s, &thing, rows, MANY));
    assert_int_equal(rows[40].id, 9000);
    assert_matched(p->s, rows, MANY);
}

/* The key of a deleted row is never used again. The database never assigns a key that the program
 * has already given to a row. */
static void test_bulk__keys_continue_after_sent_ones(void **state)
{
    struct place *p = *state;
    struct thing one = {.id = 100, .name = "one", .count = 1}, rows[9] = {{0}};
    assert_ok(p->s, furrow_model_insert(p->s, &thing, &one));
    assert_ok(p->s, furrow_model_delete(p->s, &thing, &one));
    for (int i = 0; i < 9; i++)
        rows[i] = (struct thing){.name = names[i], .count = 1};
    assert_ok(p->s, furrow_model_insert_many(p->s, &thing, rows, 9));
    for (int i = 0; i < 9; i++)
        assert_true(rows[i].id > 100);
    assert_matched(p->s, rows, 9);
    one = (struct thing){.name = "two", .count = 2};
    assert_ok(p->s, furrow_model_insert(p->s, &thing, &one));
    assert_matched(p->s, &one, 1);
}

static void test_bulk__negative_keys(void **state)
{
    struct place *p = *state;
    struct thing one = {.id = -5, .name = "one", .count = 1}, rows[9] = {{0}};
    assert_ok(p->s, furrow_model_insert(p->s, &thing, &one));
    for (int i = 0; i < 9; i++)
        rows[i] = (struct thing){.name = names[i], .count = 1};
    assert_ok(p->s, furrow_model_insert_many(p->s, &thing, rows, 9));
    assert_matched(p->s, rows, 9);
}

static void test_bulk__key_beyond_the_field_is_refused(void **state)
{
    struct place *p = *state;
    struct small one = {.id = 32760, .name = "one"}, rows[20] = {{0}};
    assert_ok(p->s, furrow_model_insert(p->s, &small, &one));
    for (int i = 0; i < 20; i++)
        rows[i].name = "many";
    assert_int_not_equal(furrow_model_insert_many(p->s, &small, rows, 20), FURROW_OK);
    for (int i = 0; i < 20; i++)
        assert_int_equal(rows[i].id, 0);
}

/* Every function must reject a model that was generated for another format version. It must do so
 * before it reads the rest of the model. */
static void test_bulk__model_of_another_format_is_refused(void **state)
{
    struct place *p = *state;
    struct thing rows[9] = {{0}}, *found = NULL;
    struct {
        struct thing **items;
        size_t count;
        bool loaded;
    } list = {NULL, 0, false};
    furrow_cursor *cursor = NULL;
    int64_t count = 0, id = 1;
    const uint32_t offsets[] = {0};
    furrow_value key_value = {.type = FURROW_TYPE_INT64, .as.integer = 1};
    furrow_model old = thing;
    old.format = FURROW_FORMAT_VERSION + 1;
    for (int i = 0; i < 9; i++)
        rows[i] = (struct thing){.name = names[i], .count = 1};
#define REFUSED(call)                                                                              \
    do {                                                                                           \
        assert_int_equal((call), FURROW_SCHEMA);                                                   \
        assert_non_null(strstr(furrow_session_error(p->s)->message, "generate the code again"));   \
        furrow_rollback(p->s);                                                                     \
    } while (0)
    REFUSED(furrow_model_insert(p->s, &old, rows));
    REFUSED(furrow_model_insert_many(p->s, &old, rows, 9));
    REFUSED(furrow_rows_insert(p->s, &old, rows, 9, (furrow_path_list){NULL, 0}));
    REFUSED(furrow_model_get(p->s, &old, &found, &key_value));
    REFUSED(
        furrow_model_get_many(p->s, &old, &list, &(furrow_key_list){&id, sizeof id, 1, offsets}));
    REFUSED(furrow_model_refresh(p->s, &old, rows));
    REFUSED(furrow_model_delete(p->s, &old, rows));
    struct furrow_update_options update = {.s = p->s, .row = rows};
    REFUSED(furrow_model_update(&old, sizeof update, &update));
    struct furrow_upsert_options upsert = {.s = p->s, .row = rows};
    REFUSED(furrow_model_upsert(&old, sizeof upsert, &upsert));
    struct furrow_find_options find = {.s = p->s, .out = &list};
    REFUSED(furrow_model_find(&old, sizeof find, &find));
    find.out = &found;
    REFUSED(furrow_model_first(&old, sizeof find, &find));
    find.out = &cursor;
    REFUSED(furrow_model_stream(&old, sizeof find, &find));
    struct furrow_count_options counted = {.s = p->s, .out = &count};
    REFUSED(furrow_model_count(&old, sizeof counted, &counted));
    struct furrow_delete_where_options where = {.s = p->s, .all_rows = true};
    REFUSED(furrow_model_delete_where(&old, sizeof where, &where));
    REFUSED(furrow_model_query(p->s, &old, &list, "SELECT * FROM things",
                               (furrow_value_list){NULL, 0}));
#undef REFUSED
}

static void test_bulk__failure_leaves_fields_zero(void **state)
{
    struct place *p = *state;
    struct thing rows[10] = {{0}};
    for (int i = 0; i < 10; i++)
        rows[i] = (struct thing){.name = i == 7 ? names[0] : names[i]};
    assert_int_equal(furrow_model_insert_many(p->s, &thing, rows, 10), FURROW_UNIQUE);
    assert_string_equal(furrow_session_error(p->s)->table, "things");
    for (int i = 0; i < 10; i++) {
        assert_int_equal(rows[i].id, 0);
        assert_int_equal(rows[i].count, 0);
    }
}

/* With the settings below, `INSERT ... RETURNING` returns the rows in the order of a join, from the
 * last row to the first. */
static void test_bulk__postgresql_matches_rows_in_any_order(void **state)
{
    struct place *p = *state;
    struct thing rows[10] = {{0}};
    assert_ok(p->s,
              furrow_exec(p->s, "ALTER TABLE things ALTER id SET INCREMENT BY -1 SET MINVALUE 1 "
                                "SET MAXVALUE 1000 RESTART WITH 900"));
    assert_ok(p->s, furrow_unsafe_sql(p->s, NULL, "SET LOCAL enable_hashjoin = off", NULL, 0));
    assert_ok(p->s, furrow_unsafe_sql(p->s, NULL, "SET LOCAL enable_nestloop = off", NULL, 0));
    for (int i = 0; i < 10; i++)
        rows[i] = (struct thing){.name = names[i]};
    assert_ok(p->s, furrow_model_insert_many(p->s, &thing, rows, 10));
    assert_int_equal(rows[0].id, 900);
    assert_int_equal(rows[9].id, 891);
    assert_matched(p->s, rows, 10);
}

/* ON CONFLICT IGNORE makes SQLite skip a row silently. In this case, furrow must not compute the
 * keys of the other rows from the last key. */
static void test_bulk__sqlite_does_not_guess_keys_of_skipped_rows(void **state)
{
    struct place *p = *state;
    struct thing rows[10] = {{0}};
    assert_ok(p->s, furrow_exec(p->s, "DROP TABLE things"));
    assert_ok(p->s,
              furrow_exec(p->s, "CREATE TABLE things (id INTEGER PRIMARY KEY AUTOINCREMENT, name "
                                "TEXT UNIQUE ON CONFLICT IGNORE, count INTEGER)"));
    for (int i = 0; i < 10; i++)
        rows[i] = (struct thing){.name = i == 6 ? names[0] : names[i], .count = i + 1};
    assert_int_equal(furrow_model_insert_many(p->s, &thing, rows, 10), FURROW_CHECK);
    for (int i = 0; i < 10; i++)
        assert_int_equal(rows[i].id, 0);
}

/* Triggers insert rows into the same table, before and after each inserted row. */
static void test_bulk__sqlite_keys_are_right_with_triggers(void **state)
{
    struct place *p = *state;
    struct thing rows[10] = {{0}};
    assert_ok(p->s,
              furrow_exec(p->s, "CREATE TRIGGER more BEFORE INSERT ON things WHEN NEW.name NOT "
                                "LIKE 'x%' BEGIN INSERT INTO things (name, count) VALUES ('x' || "
                                "NEW.name, 1); END"));
    for (int i = 0; i < 10; i++)
        rows[i] = (struct thing){.name = names[i], .count = i + 1};
    assert_ok(p->s, furrow_model_insert_many(p->s, &thing, rows, 10));
    assert_matched(p->s, rows, 10);
}

/* A row whose insert a trigger cancels must not receive a key, least of all the key of another
 * row. */
static void test_bulk__sqlite_cancelled_row_gets_no_key(void **state)
{
    struct place *p = *state;
    struct thing a = {.name = "a", .count = 1}, b = {.name = "b", .count = 1};
    assert_ok(p->s,
              furrow_exec(p->s, "CREATE TRIGGER no BEFORE INSERT ON things WHEN NEW.name = 'b' "
                                "BEGIN SELECT RAISE(IGNORE); END"));
    assert_ok(p->s, furrow_model_insert(p->s, &thing, &a));
    assert_int_equal(furrow_model_insert(p->s, &thing, &b), FURROW_CHECK);
    assert_int_not_equal(a.id, 0);
    assert_int_equal(b.id, 0);
}

/* The table was not created by furrow and has no AUTOINCREMENT. */
static void test_bulk__sqlite_key_without_autoincrement(void **state)
{
    struct place *p = *state;
    struct thing rows[10] = {{0}};
    assert_ok(p->s, furrow_exec(p->s, "DROP TABLE things"));
    assert_ok(p->s, furrow_exec(p->s, "DROP TABLE smalls"));
    assert_ok(p->s,
              furrow_exec(
                  p->s, "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, count INTEGER)"));
    assert_ok(p->s, furrow_exec(p->s, "INSERT INTO things VALUES (41, 'x', 1)"));
    for (int i = 0; i < 10; i++)
        rows[i] = (struct thing){.name = names[i], .count = i + 1};
    assert_ok(p->s, furrow_model_insert_many(p->s, &thing, rows, 10));
    assert_int_equal(rows[0].id, 42);
    assert_matched(p->s, rows, 10);
}

static void test_bulk__sqlite_largest_key_is_not_exceeded(void **state)
{
    struct place *p = *state;
    struct thing one = {.id = INT64_MAX - 3, .name = "one", .count = 1}, rows[10] = {{0}};
    assert_ok(p->s, furrow_model_insert(p->s, &thing, &one));
    for (int i = 0; i < 10; i++)
        rows[i] = (struct thing){.name = names[i], .count = 1};
    assert_int_equal(furrow_model_insert_many(p->s, &thing, rows, 10), FURROW_DATABASE);
    assert_int_equal(rows[0].id, 0);
}

#define ON(engine, test) cmocka_unit_test_setup_teardown(test, open_##engine, close_place)
#define EVERYWHERE(engine)                                                                         \
    ON(engine, test_bulk__rows_with_the_same_columns), ON(engine, test_bulk__defaults_come_back),  \
        ON(engine, test_bulk__rows_with_different_columns),                                        \
        ON(engine, test_bulk__keys_continue_after_sent_ones),                                      \
        ON(engine, test_bulk__few_rows_are_one_statement), ON(engine, test_bulk__negative_keys),   \
        ON(engine, test_bulk__key_beyond_the_field_is_refused),                                    \
        ON(engine, test_bulk__failure_leaves_fields_zero),                                         \
        ON(engine, test_bulk__model_of_another_format_is_refused)

int main(void)
{
    const struct CMUnitTest sqlite[] = {
        EVERYWHERE(sqlite),
        ON(sqlite, test_bulk__sqlite_keys_are_right_with_triggers),
        ON(sqlite, test_bulk__sqlite_cancelled_row_gets_no_key),
        ON(sqlite, test_bulk__sqlite_does_not_guess_keys_of_skipped_rows),
        ON(sqlite, test_bulk__sqlite_key_without_autoincrement),
        ON(sqlite, test_bulk__sqlite_largest_key_is_not_exceeded),
    };
    const struct CMUnitTest postgresql[] = {
        EVERYWHERE(postgresql),
        ON(postgresql, test_bulk__postgresql_matches_rows_in_any_order),
    };
    int failed = cmocka_run_group_tests(sqlite, NULL, NULL);
    if (getenv("FURROW_TEST_POSTGRESQL"))
        failed += cmocka_run_group_tests(postgresql, NULL, NULL);
    return failed;
}
