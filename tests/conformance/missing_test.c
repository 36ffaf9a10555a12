/* SPDX-License-Identifier: MIT
 *
 * A program that is newer than its database: a table or a column does not exist. Each verb reports
 * which, in the same members of the error and with the same hint on every engine.
 */
#include "conformance.h"
#include "odd_names.furrow.h"
#include "world.furrow.h"

static struct person a_person(void)
{
    return (struct person){.name = "n", .age = 1, .code = "c", .pay = FURROW_DECIMAL(1, 0)};
}

static furrow_status insert_one(furrow_session *s)
{
    struct person row = a_person();
    return person_insert(s, &row);
}

static furrow_status insert_many(furrow_session *s)
{
    struct person rows[2] = {a_person(), a_person()};
    return person_insert_many(s, rows, 2);
}

static furrow_status upsert(furrow_session *s)
{
    struct person row = a_person();
    return person_upsert(s, &row, .conflict = {furrow_col(PERSON.name)});
}

static furrow_status get(furrow_session *s)
{
    struct person *row;
    return person_get(s, &row, 1);
}

static furrow_status find(furrow_session *s)
{
    struct person_list rows;
    return person_find(s, &rows);
}

static furrow_status stream(furrow_session *s)
{
    struct person_cursor *rows;
    return person_stream(s, &rows);
}

static furrow_status count(furrow_session *s)
{
    int64_t n;
    return person_count(s, &n, .where = {furrow_eq(PERSON.name, "n")});
}

static furrow_status update_where(furrow_session *s)
{
    return person_update_where(s, .set = {furrow_set(PERSON.name, "m")},
                               .where = {furrow_eq(PERSON.id, 1)});
}

static furrow_status delete_where(furrow_session *s)
{
    return person_delete_where(s, .where = {furrow_eq(PERSON.name, "n")});
}

static furrow_status minimum(furrow_session *s)
{
    int32_t least;
    return person_min(s, &least, PERSON.age, .where = {furrow_eq(PERSON.name, "n")});
}

static const struct verb {
    const char *name;
    furrow_status (*run)(furrow_session *s);
} verbs[] = {
    {"insert", insert_one}, {"insert_many", insert_many},
    {"upsert", upsert},     {"get", get},
    {"find", find},         {"stream", stream},
    {"count", count},       {"update_where", update_where},
    {"min", minimum},       {"delete_where", delete_where},
};

static void check_missing(furrow_session *s, const struct verb *verb, const char *column)
{
    furrow_status status = verb->run(s);
    const furrow_error *error = furrow_session_error(s);
    if (status != FURROW_SCHEMA || strcmp(error->table, "person") != 0 ||
        strcmp(error->column, column) != 0 ||
        strcmp(error->hint, *column ? "migrate the database, or correct the name"
                                    : "call furrow_create_all, or migrate the database") != 0)
        fail_msg("%s: %s: %s (%s)\ntable \"%s\", column \"%s\"", verb->name,
                 furrow_status_name(status), error->message, error->hint, error->table,
                 error->column);
    furrow_rollback(s);
}

static void check_verbs(const char *column)
{
    furrow_session *s = open_session();
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        check_missing(s, &verbs[i], column);
    close_session(s);
}

static void test_missing__every_verb_names_the_column(void **state)
{
    (void)state;
    create_fresh(&world_schema);
    run_sql("ALTER TABLE person RENAME COLUMN name TO title");
    check_verbs("name");
}

static void test_missing__every_verb_names_the_table(void **state)
{
    (void)state;
    create_fresh(&world_schema);
    run_sql("DROP TABLE visit");
    run_sql("DROP TABLE person");
    check_verbs("");
}

static void test_missing__names_can_contain_any_character(void **state)
{
    (void)state;
    create_fresh(&odd_names_schema);
    run_sql("ALTER TABLE \"odd child\" RENAME COLUMN \"n.n\" TO m");
    furrow_session *s = open_session();
    struct odd_child_list rows;
    assert_status(s, FURROW_SCHEMA, odd_child_find(s, &rows));
    assert_string_equal(furrow_session_error(s)->table, "odd child");
    assert_string_equal(furrow_session_error(s)->column, "n.n");
    close_session(s);
}

static void check_raw(const char *sql, const char *table, const char *column)
{
    furrow_session *s = open_session();
    furrow_rows *rows;
    assert_status(s, FURROW_SCHEMA, furrow_unsafe_sql(s, &rows, sql, NULL, 0));
    assert_string_equal(furrow_session_error(s)->table, table);
    assert_string_equal(furrow_session_error(s)->column, column);
    close_session(s);
}

static void test_missing__raw_sql_names_what_the_statement_says(void **state)
{
    (void)state;
    create_fresh(&world_schema);
    check_raw("SELECT 'é', 1 FROM nowhere", "nowhere", "");
    check_raw("SELECT 'é', note.lost FROM note", "note", "lost");
    check_raw("SELECT 'é', \"note\" . \"no thing\" FROM note", "note", "no thing");
    check_raw("SELECT lost FROM note", "", "lost");
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_missing__every_verb_names_the_column),
        cmocka_unit_test(test_missing__every_verb_names_the_table),
        cmocka_unit_test(test_missing__names_can_contain_any_character),
        cmocka_unit_test(test_missing__raw_sql_names_what_the_statement_says),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
