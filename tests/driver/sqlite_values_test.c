/* SPDX-License-Identifier: MIT
 * The SQLite driver: writing and reading values of every type. */
#include "sqlite_fixture.h"

static void fill_rows(struct every rows[4], char *megabyte, size_t size, uint8_t bytes[256])
{
    memset(megabyte, 'x', size - 1);
    megabyte[size - 1] = '\0';
    for (int i = 0; i < 256; i++)
        bytes[i] = (uint8_t)i;
    rows[0] = (struct every){.id = 1, .decimal.scale = 4};
    rows[1] = (struct every){.id = INT64_MIN,
                             .flag = true,
                             .small = INT16_MIN,
                             .medium = INT32_MIN,
                             .large = INT64_MIN,
                             .single = -FLT_MAX,
                             .real = -DBL_MAX,
                             .text = "",
                             .chars = "1234567",
                             .blob = {"", 0},
                             .time = {FURROW__TIME_MIN},
                             .date = {FURROW__DATE_MIN},
                             .decimal = {-999999999999999999, 4},
                             .json = {"[]"},
                             .fruit = PLUM,
                             .maybe = {true, INT32_MIN},
                             .maybe_time = {true, {0}},
                             .maybe_real = furrow_some(-INFINITY)};
    rows[2] = (struct every){.id = INT64_MAX,
                             .flag = true,
                             .small = INT16_MAX,
                             .medium = INT32_MAX,
                             .large = INT64_MAX,
                             .single = FLT_TRUE_MIN,
                             .real = DBL_TRUE_MIN,
                             .text = megabyte,
                             .chars = "\xf0\x9f\x8d\x90",
                             .blob = {bytes, 256},
                             .time = {FURROW__TIME_MAX},
                             .date = {FURROW__DATE_MAX},
                             .decimal = {999999999999999999, 4},
                             .json = {"{\"\xf0\x9f\x8d\x90\": null}"},
                             .fruit = PEAR,
                             .maybe = furrow_some(0),
                             .maybe_time = {true, {FURROW__TIME_MAX - 1}},
                             .maybe_real = furrow_some(0.1)};
    rows[3] = (struct every){.id = 4,
                             .single = INFINITY,
                             .real = INFINITY,
                             .text = "a'; DROP TABLE every; -- \x01\x7f \xc3\xa9 \xe2\x82\xac",
                             .chars = "x",
                             .time = {-1},
                             .date = {-1},
                             .decimal = {1, 4},
                             .maybe_real = furrow_some(5.0)};
    for (int i = 0; i < 16; i++)
        rows[1].uuid.bytes[i] = 0xff;
    for (int i = 0; i < 16; i++)
        rows[2].uuid.bytes[i] = (uint8_t)(i * 16 + i);
}

static void round_trip(fixture *f, const char *ddl)
{
    static char megabyte[(1 << 20) + 1];
    uint8_t bytes[256];
    struct every rows[4], back;
    fill_rows(rows, megabyte, sizeof megabyte, bytes);
    must(f, ddl);
    for (int i = 0; i < 4; i++)
        insert(f, &rows[i]);
    connect_again(f, false); /* reads the rows from the file with a new connection */
    for (int i = 0; i < 4; i++) {
        if (get(f, rows[i].id, &back))
            fail_msg("row %d: %s", i, f->error.message);
        assert_same(&back, &rows[i]);
    }
}

static void test_sqlite__every_type_is_read_as_written(void **state)
{
    round_trip(*state, EVERY_DDL(" STRICT"));
}

static void test_sqlite__every_type_is_read_from_a_table_without_strict(void **state)
{
    round_trip(*state, EVERY_DDL(""));
}

static void test_sqlite__stored_values_are_readable_in_the_shell(void **state)
{
    fixture *f = *state;
    must(f, EVERY_DDL(" STRICT"));
    insert(f, &(struct every){.id = 1,
                              .flag = true,
                              .chars = "abc",
                              .time = {1700000000123456},
                              .date = {19000},
                              .decimal = {15000, 4},
                              .fruit = PEAR,
                              .real = -0.0,
                              .blob = {"", 0}});
    assert_int_equal(
        count_of(
            f, "SELECT count(*) FROM every WHERE flag = 1 AND chars = 'abc' AND "
               "time = '2023-11-14T22:13:20.123456Z' AND date = '2022-01-08' AND uuid = "
               "'00000000-0000-0000-0000-000000000000' AND decimal = 15000 AND fruit = 'PEAR' AND "
               "typeof(blob) = 'blob' AND length(blob) = 0 AND text IS NULL AND maybe IS NULL AND "
               "typeof(real) = 'real' AND json IS NULL"),
        1);
}

static void test_sqlite__dates_agree_with_sqlite(void **state)
{
    fixture *f = *state;
    furrow_statement *s = prepare(f, "SELECT julianday(?1) - 2440587.5, strftime('%Y-%m-%d', ?1)");
    for (int32_t day = FURROW__DATE_MIN; day <= FURROW__DATE_MAX; day += 97) {
        furrow_value value = {.type = FURROW_TYPE_DATE, .as.date = {day}};
        bool row;
        furrow_date back;
        const furrow_column column = {
            .name = "d", .model = &every_model, .type = FURROW_TYPE_DATE, .size = sizeof back};
        assert_int_equal(driver->bind(s, 0, NULL, &value, &f->error), FURROW_OK);
        assert_int_equal(driver->execute(s, &f->error), FURROW_OK);
        assert_int_equal(driver->step(s, &row, &f->error), FURROW_OK);
        assert_int_equal(driver->read_value(s, 0, &value, &f->arena, &f->error), FURROW_OK);
        assert_true(value.type == FURROW_TYPE_DOUBLE && value.as.real == (double)day);
        driver->reset_statement(s);
        (void)column;
    }
    driver->finalize(s);
}

static const struct naughty {
    const char *set;
    furrow_status status;
    const char *column, *message;
} naughty[] = {
    {"flag = 2", FURROW_INVALID, "flag", "\"every\".\"flag\": the value does not fit in the field"},
    {"flag = 'x'", FURROW_SCHEMA, "flag",
     "\"every\".\"flag\": holds TEXT where the model has a bool"},
    {"small = 32768", FURROW_INVALID, "small", NULL},
    {"small = -32769", FURROW_INVALID, "small", NULL},
    {"medium = 2147483648", FURROW_INVALID, "medium", NULL},
    {"large = 1e300", FURROW_SCHEMA, "large", NULL},
    {"large = 'secret'", FURROW_SCHEMA, "large", NULL},
    {"single = 1e39", FURROW_INVALID, "single", NULL},
    {"real = 'x'", FURROW_SCHEMA, "real", NULL},
    {"text = x'00'", FURROW_SCHEMA, "text", NULL},
    {"text = CAST(x'ff' AS TEXT)", FURROW_INVALID, "text",
     "\"every\".\"text\": the text is not valid UTF-8"},
    {"text = CAST(x'eda080' AS TEXT)", FURROW_INVALID, "text", NULL},
    {"text = CAST(x'6162636465666768690061' AS TEXT)", FURROW_INVALID, "text",
     "\"every\".\"text\": the text contains a NUL"},
    {"text = CAST(x'61626364656667686900ff' AS TEXT)", FURROW_INVALID, "text", NULL},
    {"chars = '12345678'", FURROW_INVALID, "chars",
     "\"every\".\"chars\": the text is longer than the 7 bytes of its field"},
    {"chars = CAST(x'6100' AS TEXT)", FURROW_INVALID, "chars", NULL},
    {"blob = 'text'", FURROW_SCHEMA, "blob", NULL},
    {"time = 'tomorrow'", FURROW_INVALID, "time", "\"every\".\"time\": the text is not a time"},
    {"time = '2023-02-29T00:00:00.000000Z'", FURROW_INVALID, "time", NULL},
    {"time = '2023-13-01T00:00:00.000000Z'", FURROW_INVALID, "time", NULL},
    {"time = '0000-01-01T00:00:00.000000Z'", FURROW_INVALID, "time", NULL},
    {"time = CAST(x'323032332d30312d30315430303a30303a30305a00' AS TEXT)", FURROW_INVALID, "time",
     NULL},
    {"time = x'05'", FURROW_SCHEMA, "time", NULL},
    {"date = '2023-1-1'", FURROW_INVALID, "date", NULL},
    {"date = '2023-04-31'", FURROW_INVALID, "date", NULL},
    {"uuid = 'g0000000-0000-0000-0000-000000000000'", FURROW_INVALID, "uuid", NULL},
    {"uuid = '0'", FURROW_INVALID, "uuid", NULL},
    {"decimal = 1000000000000000000", FURROW_INVALID, "decimal", NULL},
    {"decimal = 1.5", FURROW_SCHEMA, "decimal", NULL},
    {"fruit = 'MELON'", FURROW_INVALID, "fruit",
     "\"every\".\"fruit\": the text is not a value of enum fruit"},
    {"fruit = 'PEA'", FURROW_INVALID, "fruit", NULL},
    {"fruit = 'PEARS'", FURROW_INVALID, "fruit", NULL},
    {"fruit = CAST(x'5045415200' AS TEXT)", FURROW_INVALID, "fruit", NULL},
    {"maybe = 4294967296", FURROW_INVALID, "maybe", NULL},
    /* valid, although furrow would store the same value in another form */
    {"real = 5", FURROW_OK, NULL, NULL},
    {"maybe_real = 7", FURROW_OK, NULL, NULL},
    {"time = '2023-01-01 10:00:00+02:00'", FURROW_OK, NULL, NULL},
    {"time = '2023-01-01T10:00Z'", FURROW_OK, NULL, NULL},
    {"uuid = 'ABCDEF00-0000-0000-0000-00000000000F'", FURROW_OK, NULL, NULL},
};

static void test_sqlite__invalid_stored_data_is_refused_with_the_columns_name(void **state)
{
    fixture *f = *state;
    must(f, EVERY_DDL(""));
    for (size_t i = 0; i < sizeof naughty / sizeof *naughty; i++) {
        const struct naughty *n = &naughty[i];
        char text[200];
        struct every back;
        must(f, "DELETE FROM every");
        insert(f, &(struct every){.id = 1});
        snprintf(text, sizeof text, "UPDATE every SET %s", n->set);
        must(f, text);
        furrow_status status = get(f, 1, &back);
        if (status != n->status)
            fail_msg("%s: %s, %s", n->set, furrow_status_name(status), f->error.message);
        if (!status)
            continue;
        assert_string_equal(f->error.table, "every");
        assert_string_equal(f->error.column, n->column);
        if (n->message)
            assert_string_equal(f->error.message, n->message);
        assert_null(strstr(f->error.message, "secret"));
    }
}

static void test_sqlite__null_is_refused_for_a_field_that_cannot_be_null(void **state)
{
    fixture *f = *state;
    const furrow_column *flag = &every_columns[FLAG], *maybe = &every_columns[MAYBE_INT];
    struct every row;
    bool more;
    furrow_statement *s = prepare(f, "SELECT NULL");
    assert_int_equal(driver->execute(s, &f->error), FURROW_OK);
    assert_int_equal(driver->step(s, &more, &f->error), FURROW_OK);
    assert_int_equal(
        driver->read_row(s, (furrow_column_list){&flag, 1}, &row, &f->arena, &f->error),
        FURROW_INVALID);
    assert_string_equal(f->error.message,
                        "\"every\".\"flag\": is NULL, but its field cannot be NULL");
    memset(&row, 0xff, sizeof row);
    assert_int_equal(
        driver->read_row(s, (furrow_column_list){&maybe, 1}, &row, &f->arena, &f->error),
        FURROW_OK);
    assert_false(row.maybe.has);
    assert_int_equal(row.maybe.value, 0);
    assert_int_equal(
        driver->read_row(s, (furrow_column_list){f->all, 2}, &row, &f->arena, &f->error),
        FURROW_SCHEMA);
    driver->finalize(s);
}

static void test_sqlite__array_of_structs_members_with_nulls(void **state)
{
    fixture *f = *state;
    struct every rows[3] = {{.maybe = furrow_some(5), .time = {1}},
                            {.time = {2}},
                            {.maybe = furrow_some(7), .time = {3}}};
    must(f, "CREATE TABLE t (x INTEGER, at TEXT)");
    must(f, "INSERT INTO t VALUES (5, '1970-01-01T00:00:00.000001Z'), (6, ''), (7, ''), (NULL, "
            "'1970-01-01T00:00:00.000003Z')");
    furrow_statement *s =
        prepare(f, "SELECT 1 FROM t WHERE x IN (SELECT value FROM furrow_array(?1))");
    ptrdiff_t has = (ptrdiff_t)offsetof(struct every, maybe.has) -
                    (ptrdiff_t)offsetof(struct every, maybe.value);
    assert_int_equal(driver->bind_array(s, 0,
                                        &(furrow_array){.column = &every_columns[MAYBE_INT],
                                                        .first = &rows[0].maybe.value,
                                                        .stride = sizeof rows[0],
                                                        .has_offset = has,
                                                        .count = 3},
                                        &f->error),
                     FURROW_OK);
    assert_int_equal(rows_of(f, s), 2);
    driver->reset_statement(s);
    assert_int_equal(driver->bind_array(s, 0,
                                        &(furrow_array){.column = &every_columns[MAYBE_INT],
                                                        .first = NULL,
                                                        .stride = 0,
                                                        .count = 0},
                                        &f->error),
                     FURROW_OK);
    assert_int_equal(rows_of(f, s), 0);
    driver->reset_statement(s);
    assert_int_equal(rows_of(f, s), 0); /* resetting the statement has removed the bound array */
    driver->finalize(s);
    s = prepare(f, "SELECT 1 FROM t WHERE at IN (SELECT value FROM furrow_array(?1))");
    assert_int_equal(driver->bind_array(s, 0,
                                        &(furrow_array){.column = &every_columns[TIME],
                                                        .first = &rows[0].time,
                                                        .stride = sizeof rows[0],
                                                        .count = 3},
                                        &f->error),
                     FURROW_OK);
    assert_int_equal(rows_of(f, s), 2);
    driver->finalize(s);
    assert_int_equal(run(f, "SELECT * FROM furrow_array", false), FURROW_INVALID);
}

static void test_sqlite__arrays_of_a_key_are_joined_by_place(void **state)
{
    fixture *f = *state;
    int64_t a[3] = {1, 2, 3}, b[3] = {10, 20, 30};
    must(f, "CREATE TABLE t (a INTEGER, b INTEGER, PRIMARY KEY (a, b))");
    must(f, "INSERT INTO t VALUES (1, 10), (2, 10), (3, 30), (1, 30)");
    furrow_statement *s = prepare(
        f, "SELECT 1 FROM t WHERE (a, b) IN (SELECT k0.value, k1.value "
           "FROM furrow_array(?1) AS k0 JOIN furrow_array(?2) AS k1 ON k1.rowid = k0.rowid)");
    assert_int_equal(
        driver->bind_array(
            s, 0,
            &(furrow_array){.column = &every_columns[ID], .first = a, .stride = 8, .count = 3},
            &f->error),
        FURROW_OK);
    assert_int_equal(
        driver->bind_array(
            s, 1,
            &(furrow_array){.column = &every_columns[ID], .first = b, .stride = 8, .count = 3},
            &f->error),
        FURROW_OK);
    assert_int_equal(rows_of(f, s), 2);
    driver->finalize(s);
}

static void test_sqlite__a_bad_element_names_its_column(void **state)
{
    fixture *f = *state;
    enum fruit bad = (enum fruit)3;
    bool row;
    furrow_statement *s = prepare(f, "SELECT value FROM furrow_array(?1)");
    assert_int_equal(driver->bind_array(s, 0,
                                        &(furrow_array){.column = &every_columns[FRUIT],
                                                        .first = &bad,
                                                        .stride = sizeof bad,
                                                        .count = 1},
                                        &f->error),
                     FURROW_OK);
    furrow_status status = driver->execute(s, &f->error);
    if (status == FURROW_OK)
        status = driver->step(s, &row, &f->error);
    assert_int_equal(status, FURROW_INVALID);
    assert_string_equal(f->error.message,
                        "\"every\".\"fruit\": the value is not one of the values of the enum");
    driver->finalize(s);
}

static void test_sqlite__raw_values_are_bound_in_their_own_type(void **state)
{
    fixture *f = *state;
    furrow_statement *s = prepare(f, "SELECT ?1");
    static const struct {
        furrow_value value;
        furrow_type back;
    } cases[] = {
        {{.type = FURROW_TYPE_NULL}, FURROW_TYPE_NULL},
        {{.type = FURROW_TYPE_BOOL, .as.integer = 1}, FURROW_TYPE_INT64},
        {{.type = FURROW_TYPE_INT64, .as.integer = INT64_MIN}, FURROW_TYPE_INT64},
        {{.type = FURROW_TYPE_DOUBLE, .as.real = 1.5}, FURROW_TYPE_DOUBLE},
        {{.type = FURROW_TYPE_TEXT, .as.text = "x"}, FURROW_TYPE_TEXT},
        {{.type = FURROW_TYPE_BLOB, .as.blob = {"x", 1}}, FURROW_TYPE_BLOB},
        {{.type = FURROW_TYPE_TIME, .as.time = {0}}, FURROW_TYPE_TEXT},
        {{.type = FURROW_TYPE_UUID}, FURROW_TYPE_TEXT},
    };
    furrow_value back;
    bool row;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(driver->bind(s, 0, NULL, &cases[i].value, &f->error), FURROW_OK);
        assert_int_equal(driver->execute(s, &f->error), FURROW_OK);
        assert_int_equal(driver->step(s, &row, &f->error), FURROW_OK);
        assert_int_equal(driver->read_value(s, 0, &back, &f->arena, &f->error), FURROW_OK);
        assert_int_equal(back.type, cases[i].back);
        driver->reset_statement(s);
    }
    for (int8_t scale = 0; scale <= 18; scale++) {
        furrow_value decimal = {.type = FURROW_TYPE_DECIMAL, .as.decimal = {5, scale}};
        assert_int_equal(driver->bind(s, 0, NULL, &decimal, &f->error), FURROW_INVALID);
        assert_non_null(strstr(f->error.hint, "furrow_value_of(MODEL.column, value)"));
        assert_int_equal(driver->bind(s, 1, NULL, &decimal, &f->error), FURROW_INVALID);
    }
    driver->finalize(s);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_sqlite__##name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_type_is_read_as_written),
        TEST(every_type_is_read_from_a_table_without_strict),
        TEST(stored_values_are_readable_in_the_shell),
        TEST(dates_agree_with_sqlite),
        TEST(invalid_stored_data_is_refused_with_the_columns_name),
        TEST(null_is_refused_for_a_field_that_cannot_be_null),
        TEST(array_of_structs_members_with_nulls),
        TEST(arrays_of_a_key_are_joined_by_place),
        TEST(a_bad_element_names_its_column),
        TEST(raw_values_are_bound_in_their_own_type),
    };
    return cmocka_run_group_tests_name("driver/sqlite values", tests, NULL, NULL);
}
