/* SPDX-License-Identifier: MIT
 *
 * Stored values that a field cannot hold: the error must name the table, the column and the row,
 * and its hint must be an UPDATE that makes the row readable. The tables have no checks, so that
 * they accept such values.
 */
#include "conformance.h"
#include "unreadable.furrow.h"

#define SECRET "s3cr3t"
#define SECRET_HEX "733363723374" /* the bytes of SECRET as hexadecimal digits */

static void create_tables(void)
{
    run_sql("DROP TABLE IF EXISTS sample");
    run_sql("DROP TABLE IF EXISTS by_uuid");
    run_sql("DROP TABLE IF EXISTS by_text");
    run_sql("DROP TABLE IF EXISTS by_two");
    if (is_postgresql()) {
        run_sql("CREATE TABLE sample (id bigint PRIMARY KEY, flag boolean, small bigint, middle"
                " bigint, large numeric, single double precision, real double precision, text text,"
                " chars text, time timestamptz, date date, uuid uuid, decimal numeric, shade text,"
                " maybe timestamptz)");
        run_sql("CREATE TABLE by_uuid (id uuid PRIMARY KEY, date date)");
        run_sql("CREATE TABLE by_text (code text PRIMARY KEY, date date)");
        run_sql("CREATE TABLE by_two (\"a \"\"b\"\"\" int, b uuid, date date,"
                " PRIMARY KEY (\"a \"\"b\"\"\", b))");
        return;
    }
    run_sql("CREATE TABLE sample (id INTEGER PRIMARY KEY, flag INTEGER, small INTEGER, middle"
            " INTEGER, large INTEGER, single REAL, real REAL, text TEXT, chars TEXT, time TEXT,"
            " date TEXT, uuid TEXT, decimal INTEGER, shade TEXT, maybe TEXT)");
    run_sql("CREATE TABLE by_uuid (id TEXT PRIMARY KEY, date TEXT)");
    run_sql("CREATE TABLE by_text (code TEXT PRIMARY KEY, date TEXT)");
    run_sql("CREATE TABLE by_two (\"a \"\"b\"\"\" INTEGER, b TEXT, date TEXT,"
            " PRIMARY KEY (\"a \"\"b\"\"\", b))");
}

/* A value that a field cannot hold, as SQL; NULL if the engine has no such value. */
static const struct bad {
    const char *column, *sqlite, *postgresql;
    const char *repaired; /* on SQLite: the column's value after the UPDATE; NULL: not checked */
} bads[] = {
    {"flag", "2", NULL, "1"},
    {"flag", "'" SECRET "'", NULL, "0"},
    {"flag", "NULL", "NULL", "0"},
    {"small", "32768", "32768", "0"},
    {"small", "'" SECRET "'", NULL, "0"},
    {"small", "2.5", NULL, "2"},
    {"middle", "-2147483649", "-2147483649", "0"},
    {"large", "1e300", "1e300", NULL},
    {"large", "NULL", "NULL", "0"},
    {"single", "1e300", "1e300", "0"},
    {"real", "'" SECRET "'", NULL, "0"},
    {"real", "NULL", "NULL", "0"},
    {"text", "NULL", "NULL", ""},
    {"text", "CAST(x'" SECRET_HEX "00' AS TEXT)", NULL, SECRET},
    {"text", "CAST(x'ff' AS TEXT)", NULL, ""},
    {"text", "x'00'", NULL, ""},
    {"chars", "'" SECRET "'", "'" SECRET "'", ""},
    {"time", "'" SECRET "'", NULL, "1970-01-01T00:00:00.000000Z"},
    {"time", "'2024-02-03 04:05:06'", NULL, "2024-02-03T04:05:06.000000Z"},
    {"time", "x'05'", NULL, NULL},
    {"time", "NULL", "NULL", "1970-01-01T00:00:00.000000Z"},
    {"time", NULL, "'infinity'", NULL},
    {"date", "'" SECRET "'", NULL, "1970-01-01"},
    {"time", "'2023-02-29T01:02:03.456789Z'", NULL, "1970-01-01T00:00:00.000000Z"},
    {"time", "'2023-02-28T23:59:59.999999Y'", NULL, "1970-01-01T00:00:00.000000Z"},
    {"time", "'0000-01-01T00:00:00.000000Z'", NULL, "1970-01-01T00:00:00.000000Z"},
    {"time", "'now'", NULL, "1970-01-01T00:00:00.000000Z"},
    {"time", "'12:30'", NULL, "1970-01-01T00:00:00.000000Z"},
    {"maybe", "'2460000.5'", NULL, ""},
    {"date", "'2023-02-29'", NULL, "1970-01-01"},
    {"date", "'9999-12-32'", NULL, "1970-01-01"},
    {"date", "'2460000'", NULL, "1970-01-01"},
    {"date", "'2024-02-03 04:05:06'", NULL, "1970-01-01"},
    {"date", "'2024-02-03 00:00:00'", NULL, "2024-02-03"},
    {"date", NULL, "'10000-01-01'", NULL},
    {"uuid", "'" SECRET "'", NULL, "00000000-0000-0000-0000-000000000000"},
    {"uuid", "NULL", "NULL", "00000000-0000-0000-0000-000000000000"},
    {"decimal", "1000000", NULL, "0"},
    {"decimal", "24.99", "24.999", "2499"},
    {"decimal", "'" SECRET "'", NULL, "0"},
    {"decimal", "NULL", "NULL", "0"},
    {"shade", "'" SECRET "'", "'" SECRET "'", "SHADE_NONE"},
    {"shade", "NULL", "NULL", "SHADE_NONE"},
    {"maybe", "'" SECRET "'", NULL, ""},
    {"maybe", NULL, "'infinity'", NULL},
};

static void insert_rows(void)
{
    furrow_session *s = open_session();
    struct sample rows[2] = {{.id = 7, .text = "a", .decimal = FURROW_DECIMAL(1, 2)},
                             {.id = 41, .text = "b", .decimal = FURROW_DECIMAL(2, 2)}};
    assert_ok(s, sample_delete_where(s, .all_rows = true));
    assert_ok(s, sample_insert_many(s, rows, 2));
    assert_ok(s, furrow_commit(s));
    close_session(s);
}

/* Checks an error, and returns the UPDATE in its hint. */
static const char *check_error(const furrow_error *e, const char *column, const char *row)
{
    const char *update = strstr(e->hint, "UPDATE ");
    if (!strstr(e->message, row) || !update || strcmp(e->column, column) != 0)
        fail_msg("%s: %s\nhint: %s", column, e->message, e->hint);
    assert_null(strstr(e->message, SECRET));
    assert_null(strstr(e->hint, SECRET));
    return update;
}

static furrow_status read_next(struct sample_cursor *cursor, furrow_session *s)
{
    while (sample_next(cursor))
        ;
    return furrow_session_status(s);
}

/* Calls each verb that reads rows. */
static furrow_status read_with(furrow_session *s, int verb)
{
    struct sample_list list;
    struct sample_cursor *cursor;
    furrow_page page;
    struct sample *one, row = {.id = 41};
    switch (verb) {
    case 0:
        return sample_find(s, &list);
    case 1:
        return sample_get(s, &one, 41);
    case 2:
        return sample_get_many(s, &list, &(int64_t){41}, 1);
    case 3:
        return sample_first(s, &one, .order_by = {furrow_desc(SAMPLE.id)});
    case 4:
        return sample_stream(s, &cursor) ? furrow_session_status(s) : read_next(cursor, s);
    case 5:
        return sample_find(s, &list, .page_size = 5, .page = &page);
    case 6:
        return sample_refresh(s, &row);
    case 7:
        return sample_query(s, &list, "SELECT * FROM sample WHERE id = ?", 41);
    default:
        return -1;
    }
}

static void test_unreadable__names_the_row_and_how_to_fix_it(void **state)
{
    (void)state;
    create_tables();
    for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
        const struct bad *bad = &bads[i];
        const char *value = is_postgresql() ? bad->postgresql : bad->sqlite;
        char sql[512];
        if (!value)
            continue;
        insert_rows();
        snprintf(sql, sizeof sql, "UPDATE sample SET %s = %s WHERE id = 41", bad->column, value);
        run_sql(sql);
        furrow_status status;
        for (int verb = 0;; verb++) {
            furrow_session *s = open_session();
            status = read_with(s, verb);
            if ((int)status == -1) {
                close_session(s);
                break;
            }
            if (status != FURROW_INVALID && status != FURROW_SCHEMA)
                fail_msg("%s, verb %d: %s", sql, verb, furrow_status_name(status));
            const furrow_error *e = furrow_session_error(s);
            assert_string_equal(e->table, "sample");
            const char *update = check_error(e, bad->column, ", in the row whose \"id\" is 41");
            snprintf(sql, sizeof sql, "%s", update);
            close_session(s);
        }
        run_sql(sql);
        furrow_session *s = open_session();
        struct sample_list list;
        assert_ok(s, sample_find(s, &list));
        assert_int_equal(list.count, 2);
        close_session(s);
        snprintf(sql, sizeof sql, "SELECT %s FROM sample WHERE id = 41", bad->column);
        if (!is_postgresql() && bad->repaired)
            assert_string_equal(value_of_sql(sql), bad->repaired);
    }
}

static void test_unreadable__says_that_the_program_may_be_old(void **state)
{
    static const struct {
        const char *set;
        bool may_be_old;
    } cases[] = {
        {"shade = 'SHADE_NEW'", true},  {"chars = 'longer'", true}, {"small = 32768", true},
        {"middle = -2147483649", true}, {"single = 1e300", true},   {"shade = NULL", false},
        {"large = NULL", false},
    };
    (void)state;
    create_tables();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char sql[128];
        struct sample_list list;
        insert_rows();
        snprintf(sql, sizeof sql, "UPDATE sample SET %s WHERE id = 41", cases[i].set);
        run_sql(sql);
        furrow_session *s = open_session();
        assert_status(s, FURROW_INVALID, sample_find(s, &list));
        const char *hint = furrow_session_error(s)->hint;
        bool says = strstr(hint, "if this program is older than the database, run furrow generate "
                                 "and build it again; otherwise correct the row, for example: "
                                 "UPDATE \"sample\" SET ") == hint;
        if (says != cases[i].may_be_old)
            fail_msg("%s: %s", cases[i].set, hint);
        close_session(s);
    }
}

/* The advice is more important than the UPDATE, which would delete what a newer program wrote. */
static void test_unreadable__leaves_out_an_update_that_is_too_long(void **state)
{
    (void)state;
    struct table_with_a_name_of_nearly_sixty_three_bytes_list list;
    run_sql("DROP TABLE IF EXISTS table_with_a_name_of_nearly_sixty_three_bytes");
    run_sql("CREATE TABLE table_with_a_name_of_nearly_sixty_three_bytes (id bigint PRIMARY KEY, "
            "shade_in_a_column_with_a_name_of_many_bytes text)");
    run_sql("INSERT INTO table_with_a_name_of_nearly_sixty_three_bytes VALUES (7, 'SHADE_NEW')");
    furrow_session *s = open_session();
    assert_status(s, FURROW_INVALID, table_with_a_name_of_nearly_sixty_three_bytes_find(s, &list));
    assert_string_equal(furrow_session_error(s)->hint,
                        "if this program is older than the database, run furrow generate and build "
                        "it again; otherwise correct the row");
    close_session(s);
}

static const char bad_date[] = "'10000-01-01'";

static void test_unreadable__shows_keys_of_uuids_and_several_columns(void **state)
{
    (void)state;
    char sql[512];
    struct by_uuid_list uuids;
    struct by_two_list twos;
    create_tables();
    snprintf(sql, sizeof sql, "INSERT INTO by_uuid VALUES ('%s', %s)",
             "00112233-4455-6677-8899-aabbccddeeff", bad_date);
    run_sql(sql);
    furrow_session *s = open_session();
    assert_status(s, FURROW_INVALID, by_uuid_find(s, &uuids));
    snprintf(sql, sizeof sql, "%s",
             check_error(furrow_session_error(s), "date",
                         ", in the row whose \"id\" is '00112233-4455-6677-8899-aabbccddeeff'"));
    close_session(s);
    run_sql(sql);
    s = open_session();
    assert_ok(s, by_uuid_find(s, &uuids));
    close_session(s);
    snprintf(sql, sizeof sql, "INSERT INTO by_two VALUES (-5, '%s', %s)",
             "00112233-4455-6677-8899-aabbccddeeff", bad_date);
    run_sql(sql);
    s = open_session();
    assert_status(s, FURROW_INVALID, by_two_find(s, &twos));
    snprintf(sql, sizeof sql, "%s",
             check_error(furrow_session_error(s), "date",
                         ", in the row whose \"a \"\"b\"\"\" is -5 and \"b\" is "
                         "'00112233-4455-6677-8899-aabbccddeeff'"));
    close_session(s);
    run_sql(sql);
    s = open_session();
    assert_ok(s, by_two_find(s, &twos));
    close_session(s);
}

static void test_unreadable__does_not_show_text_in_a_key(void **state)
{
    (void)state;
    char sql[128];
    struct by_text_list list;
    create_tables();
    snprintf(sql, sizeof sql, "INSERT INTO by_text VALUES ('" SECRET "', %s)", bad_date);
    run_sql(sql);
    furrow_session *s = open_session();
    assert_status(s, FURROW_INVALID, by_text_find(s, &list));
    const char *update =
        check_error(furrow_session_error(s), "date", ", in a row with the key \"code\"");
    assert_non_null(strstr(update, " WHERE \"code\" = ?"));
    close_session(s);
}

static void test_unreadable__names_a_row_of_a_relationship(void **state)
{
    (void)state;
    struct owner_list owners;
    char sql[512];
    run_sql("DROP TABLE IF EXISTS owned");
    run_sql("DROP TABLE IF EXISTS owner");
    run_sql("CREATE TABLE owner (id bigint PRIMARY KEY)");
    run_sql(is_postgresql()
                ? "CREATE TABLE owned (id bigint PRIMARY KEY, owner_id bigint, date date)"
                : "CREATE TABLE owned (id INTEGER PRIMARY KEY, owner_id INTEGER,"
                  " date TEXT)");
    run_sql("INSERT INTO owner VALUES (3)");
    run_sql("INSERT INTO owned VALUES (8, 3, '2024-01-01')");
    snprintf(sql, sizeof sql, "INSERT INTO owned VALUES (9, 3, %s)", bad_date);
    run_sql(sql);
    furrow_session *s = open_session();
    assert_status(s, FURROW_INVALID, owner_find(s, &owners, .with = {furrow_load(OWNER.things)}));
    assert_string_equal(furrow_session_error(s)->table, "owned");
    snprintf(sql, sizeof sql, "%s",
             check_error(furrow_session_error(s), "date", ", in the row whose \"id\" is 9"));
    furrow_rollback(s);
    assert_ok(s, owner_find(s, &owners));
    assert_int_equal(owner_things(s, owners.items[0])->count, 0);
    assert_int_equal(furrow_session_status(s), FURROW_INVALID);
    check_error(furrow_session_error(s), "date", ", in the row whose \"id\" is 9");
    close_session(s);
    run_sql(sql);
    s = open_session();
    assert_ok(s, owner_find(s, &owners, .with = {furrow_load(OWNER.things)}));
    assert_int_equal(owners.items[0]->things.count, 2);
    close_session(s);
}

static void test_unreadable__needs_no_key(void **state)
{
    (void)state;
    char sql[128];
    struct dated_list list;
    create_tables();
    snprintf(sql, sizeof sql, "INSERT INTO sample (id, date) VALUES (1, %s)", bad_date);
    run_sql(sql);
    furrow_session *s = open_session();
    assert_status(s, FURROW_INVALID, dated_query(s, &list, "SELECT id, date FROM sample"));
    assert_string_equal(furrow_session_error(s)->column, "date");
    assert_null(strstr(furrow_session_error(s)->hint, "UPDATE"));
    furrow_rollback(s);
    furrow_date least;
    assert_status(s, FURROW_INVALID, sample_max(s, &least, SAMPLE.date));
    assert_string_equal(furrow_session_error(s)->column, "date");
    close_session(s);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unreadable__names_the_row_and_how_to_fix_it),
        cmocka_unit_test(test_unreadable__says_that_the_program_may_be_old),
        cmocka_unit_test(test_unreadable__leaves_out_an_update_that_is_too_long),
        cmocka_unit_test(test_unreadable__shows_keys_of_uuids_and_several_columns),
        cmocka_unit_test(test_unreadable__does_not_show_text_in_a_key),
        cmocka_unit_test(test_unreadable__names_a_row_of_a_relationship),
        cmocka_unit_test(test_unreadable__needs_no_key),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
