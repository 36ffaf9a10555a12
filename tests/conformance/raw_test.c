/* SPDX-License-Identifier: MIT
 *
 * Raw SQL: the recognition of `?` placeholders, values of every type, columns by index and by name,
 * result structs, and statements that are rejected. Also traces, statistics and query plans.
 */
#include "conformance.h"
#include "world.furrow.h"

static furrow_session *fresh_session(void)
{
    create_fresh(&world_schema);
    return open_session();
}

static void test_raw__question_marks_are_values_or_text(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    furrow_rows *rows = NULL;
    assert_ok(
        s, furrow_query(s, &rows,
                        "SELECT '?', \"text\" AS \"a?b\", ? /* ? ' */ -- ? \"\n, '?''?' FROM word"
                        " WHERE text <> ? -- ?",
                        "one", "two"));
    assert_int_equal(furrow_rows_count(rows), 0);
    assert_string_equal(furrow_rows_column_name(rows, 1), "a?b");
    assert_ok(s, furrow_query(s, &rows, "SELECT '?', '?\?', /* ?? */ CAST(? AS text)", "x"));
    assert_true(furrow_rows_next(rows));
    assert_string_equal(furrow_row_text(rows, 0), "?");
    assert_string_equal(furrow_row_text(rows, 1), "??");
    assert_string_equal(furrow_row_text(rows, 2), "x");
    if (is_postgresql()) {
        assert_ok(s, furrow_query(s, &rows,
                                  "SELECT $$?$$, $tag$ ? $$ ? $tag$, '{\"a\": 1}'::jsonb ?? 'a', "
                                  "E'\\'?', CAST(? AS int), /* /* ? */ ? */ U&'?'",
                                  5));
        assert_true(furrow_rows_next(rows));
        assert_string_equal(furrow_row_text(rows, 0), "?");
        assert_string_equal(furrow_row_text(rows, 1), " ? $$ ? ");
        assert_true(furrow_row_bool(rows, 2));
        assert_string_equal(furrow_row_text(rows, 3), "'?");
        assert_int_equal(furrow_row_int64(rows, 4), 5);
        assert_string_equal(furrow_row_text(rows, 5), "?");
    } else {
        assert_ok(s, furrow_query(s, &rows,
                                  "SELECT `text`, [count], '\\', ? AS `?`, x'3f' FROM word", 5));
        assert_string_equal(furrow_rows_column_name(rows, 3), "?");
    }
    close_session(s);
}

static void test_raw__refuses_a_wrong_number_of_values(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    furrow_rows *rows = NULL;
    assert_refused(s, FURROW_INVALID, "the statement has 1 parameter, but was given 0 values",
                   furrow_exec(s, "DELETE FROM word WHERE text = ?"));
    assert_refused(s, FURROW_INVALID, "the statement has 0 parameters, but was given 1 value",
                   furrow_query(s, &rows, "SELECT 1", 2));
    assert_null(rows);
    assert_refused(s, FURROW_INVALID, "the statement has 1 parameter, but was given 2 values",
                   furrow_exec(s, "DELETE FROM word WHERE text = ? -- ?", "a", "b"));
    close_session(s);
}

static void test_raw__takes_32_values_of_any_type(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    furrow_rows *rows = NULL;
    assert_ok(s,
              furrow_query(
                  s, &rows,
                  "SELECT count(*) FROM word WHERE count IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                  " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) OR text = ?",
                  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
                  24, 25, 26, 27, 28, 29, 30, (int16_t)31, "32"));
    assert_true(furrow_rows_next(rows));
    assert_int_equal(furrow_row_int64(rows, 0), 0);
    /* On PostgreSQL, every parameter has a type. A bound value that fits this type is converted to
     * it, and any other value is rejected. */
    assert_ok(
        s, furrow_exec(s, "INSERT INTO word (text, count) VALUES (?, ?)", "a", (unsigned char)7));
    assert_ok(s, furrow_exec(s, "INSERT INTO word (text, count) VALUES (?, ?)", "b", true));
    assert_status(s, FURROW_INVALID, furrow_exec(s, "UPDATE word SET count = ?", UINT64_MAX));
    furrow_rollback(s);
    assert_status(s, FURROW_INVALID,
                  furrow_exec(s, "UPDATE word SET count = ?", (double)(0.0 / 0.0)));
    furrow_rollback(s);
    assert_status(s, FURROW_INVALID, furrow_exec(s, "UPDATE word SET text = ?", "\xc3("));
    furrow_rollback(s);
    assert_status(s, FURROW_INVALID, furrow_exec(s, "UPDATE word SET text = ?", (void *)s));
    close_session(s);
}

static void test_rows__are_read_by_index_and_name(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    furrow_rows *rows = NULL;
    for (int i = 0; i < 130; i++) {
        char text[8];
        snprintf(text, sizeof text, "%03d", i);
        assert_ok(s, word_insert(s, &(struct word){.text = text, .count = i}));
    }
    assert_ok(s, furrow_commit(s));
    assert_ok(s, furrow_query(s, &rows,
                              "SELECT text, count AS \"the count\", NULL, count * 0.5 AS half, "
                              "count > 3 AS many FROM word ORDER BY text"));
    assert_int_equal(furrow_rows_count(rows), 130);
    assert_int_equal(furrow_rows_column_count(rows), 5);
    assert_int_equal(furrow_rows_column_index(rows, "the count"), 1);
    assert_int_equal(furrow_rows_column_index(rows, "nothing"), -1);
    assert_string_equal(furrow_rows_column_name(rows, 99), "");
    assert_string_equal(furrow_rows_column_name(rows, -1), "");
    for (int i = 0; i < 130; i++) {
        assert_true(furrow_rows_next(rows));
        assert_int_equal(strtol(furrow_row_text(rows, 0), NULL, 10), i);
        assert_int_equal(furrow_row_int64(rows, 1), i);
        assert_true(furrow_row_is_null(rows, 2) && !furrow_row_is_null(rows, 1) &&
                    furrow_row_is_null(rows, 9));
        assert_int_equal(furrow_row_int64(rows, 2), 0);
        assert_string_equal(furrow_row_text(rows, 2), "");
        assert_true(furrow_row_double(rows, 3) == i * 0.5);
        assert_int_equal(furrow_row_bool(rows, 4), i > 3);
    }
    assert_false(furrow_rows_next(rows));
    assert_false(furrow_rows_next(rows));
    assert_int_equal(furrow_session_status(s), FURROW_OK);
    furrow_row_int64(rows, 9);
    furrow_rollback(s);
    assert_ok(s, furrow_query(s, &rows, "SELECT text FROM word WHERE count = 7"));
    assert_true(furrow_rows_next(rows));
    assert_int_equal(furrow_row_int64(rows, 0), 7); /* the text "007" is read as a number */
    assert_ok(s, furrow_query(s, &rows, "SELECT 'x7', 1.5"));
    assert_true(furrow_rows_next(rows));
    assert_int_equal(furrow_row_int64(rows, 0), 0);
    assert_int_equal(furrow_session_status(s), FURROW_INVALID);
    furrow_rollback(s);
    assert_int_equal(furrow_row_int64(rows, 1), 0);
    assert_int_equal(furrow_session_status(s), FURROW_INVALID);
    furrow_rollback(s);
    furrow_row_bool(rows, 0);
    assert_int_equal(furrow_commit(s), FURROW_INVALID);
    assert_false(furrow_rows_next(NULL));
    assert_int_equal(furrow_rows_count(NULL), 0);
    assert_int_equal(furrow_rows_column_index(NULL, "a"), -1);
    close_session(s);
}

/* Returns the only row of a query: a value of each type, NULL, a string that cannot be converted to
 * any other type, and a floating-point number. */
static furrow_rows *row_of_every_type(furrow_session *s)
{
    furrow_rows *rows = NULL;
    if (is_postgresql())
        assert_ok(s, furrow_query(s, &rows,
                                  "SELECT TIMESTAMPTZ '2001-02-03 04:05:06.789+00' AS a_time,"
                                  " DATE '2001-02-03' AS a_date,"
                                  " UUID '00112233-4455-6677-8899-aabbccddeeff' AS a_uuid,"
                                  " NUMERIC '24.99' AS a_decimal, JSONB '[1]' AS some_json,"
                                  " NULL AS a_null, 'x' AS a_text, 1.5::float8 AS a_real"));
    else
        assert_ok(s, furrow_query(s, &rows,
                                  "SELECT '2001-02-03T04:05:06.789000Z' AS a_time,"
                                  " '2001-02-03' AS a_date,"
                                  " '00112233-4455-6677-8899-aabbccddeeff' AS a_uuid,"
                                  " '24.99' AS a_decimal, '[1]' AS some_json,"
                                  " NULL AS a_null, 'x' AS a_text, 1.5 AS a_real"));
    assert_true(furrow_rows_next(rows));
    return rows;
}

static void test_rows__are_read_as_every_value_type(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    furrow_rows *rows = row_of_every_type(s);
    furrow_time time;
    furrow_date date;
    furrow_uuid uuid;
    assert_true(furrow_time_parse("2001-02-03T04:05:06.789Z", &time));
    assert_true(furrow_date_parse("2001-02-03", &date));
    assert_true(furrow_uuid_parse("00112233-4455-6677-8899-aabbccddeeff", &uuid));
    assert_int_equal(furrow_row_time(rows, 0).us, time.us);
    assert_int_equal(furrow_row_date(rows, 1).days, date.days);
    furrow_uuid got = furrow_row_uuid(rows, 2);
    assert_memory_equal(got.bytes, uuid.bytes, sizeof uuid.bytes);
    furrow_decimal decimal = furrow_row_decimal(rows, 3);
    assert_int_equal(decimal.unscaled, 2499);
    assert_int_equal(decimal.scale, 2);
    assert_string_equal(furrow_row_json(rows, 4).text, "[1]");
    assert_int_equal(furrow_session_status(s), FURROW_OK);
    close_session(s);
}

static void test_rows__read_integers_and_text_as_decimals(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    furrow_rows *rows = NULL;
    assert_ok(s, furrow_query(s, &rows, "SELECT 7, '-1.50'"));
    assert_true(furrow_rows_next(rows));
    furrow_decimal seven = furrow_row_decimal(rows, 0), text = furrow_row_decimal(rows, 1);
    assert_int_equal(seven.unscaled, 7);
    assert_int_equal(seven.scale, 0);
    assert_int_equal(text.unscaled, -150);
    assert_int_equal(text.scale, 2);
    close_session(s);
}

static furrow_rows *row_of_text(furrow_session *s, const char *text)
{
    furrow_rows *rows = NULL;
    assert_ok(s, furrow_query(s, &rows, "SELECT CAST(? AS TEXT) AS n", text));
    assert_true(furrow_rows_next(rows));
    return rows;
}

/* Checks whether the text was read; it was not, if `refused` is set. */
static void end_read(furrow_session *s, const char *text, const char *refused)
{
    char message[128] = "";
    if (refused)
        snprintf(message, sizeof message,
                 "column \"n\" of the result cannot be read as %s: it holds text", refused);
    bool failed = furrow_session_status(s) != FURROW_OK;
    if (failed != (refused != NULL) ||
        (failed && strcmp(furrow_session_error(s)->message, message) != 0))
        fail_msg("\"%s\": \"%s\" != \"%s\"", text, furrow_session_error(s)->message, message);
    furrow_rollback(s);
}

/* strtoll and strtod accept many of these texts. */
static void test_rows__read_only_numbers_from_text(void **state)
{
    static const struct {
        const char *text;
        bool is_integer, is_real;
        double number;
    } cases[] = {
        {"0", true, true, 0},
        {"-17", true, true, -17},
        {"+5", true, true, 5},
        {"007", true, true, 7},
        {"9223372036854775807", true, true, 0x1p63},
        {"-9223372036854775808", true, true, -0x1p63},
        {"9223372036854775808", false, true, 0x1p63},
        {"1.5", false, true, 1.5},
        {"5.0", false, true, 5},
        {"-.5e+2", false, true, -50},
        {"2.E-1", false, true, 0.2},
        {"1e308", false, true, 1e308},
        {"1e-999", false, true, 0},
        {"1e309", false, false, 0},
        {"", false, false, 0},
        {" 1", false, false, 0},
        {"\t1", false, false, 0},
        {"1 ", false, false, 0},
        {"0x10", false, false, 0},
        {"0x1p3", false, false, 0},
        {"inf", false, false, 0},
        {"INFINITY", false, false, 0},
        {"nan", false, false, 0},
        {"nan(1)", false, false, 0},
        {"1,5", false, false, 0},
        {"1.5.5", false, false, 0},
        {".", false, false, 0},
        {"-", false, false, 0},
        {"--1", false, false, 0},
        {"1e", false, false, 0},
        {"1e+", false, false, 0},
        {"e5", false, false, 0},
    };
    (void)state;
    furrow_session *s = fresh_session();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double real = furrow_row_double(row_of_text(s, cases[i].text), 0);
        assert_memory_equal(&real, &cases[i].number, sizeof real);
        end_read(s, cases[i].text, cases[i].is_real ? NULL : "a number");
        furrow_row_int64(row_of_text(s, cases[i].text), 0);
        end_read(s, cases[i].text, cases[i].is_integer ? NULL : "an integer");
        assert_false(furrow_row_bool(row_of_text(s, cases[i].text), 0));
        end_read(s, cases[i].text, "a bool");
    }
    close_session(s);
}

static void test_rows__read_a_number_as_its_shortest_text(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    furrow_rows *rows = NULL;
    assert_ok(s, furrow_query(s, &rows,
                              "SELECT CAST(0.1 AS DOUBLE PRECISION), CAST(1e100 AS DOUBLE "
                              "PRECISION)"));
    assert_true(furrow_rows_next(rows));
    assert_string_equal(furrow_row_text(rows, 0), "0.1");
    assert_string_equal(furrow_row_text(rows, 1), "1e+100");
    close_session(s);
}

static void test_rows__read_null_as_an_empty_value_of_every_type(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    furrow_rows *rows = row_of_every_type(s);
    const furrow_uuid zero = {0};
    assert_int_equal(furrow_row_time(rows, 5).us, 0);
    assert_int_equal(furrow_row_date(rows, 5).days, 0);
    furrow_uuid uuid = furrow_row_uuid(rows, 5);
    assert_memory_equal(uuid.bytes, zero.bytes, sizeof zero.bytes);
    assert_int_equal(furrow_row_decimal(rows, 5).unscaled, 0);
    assert_string_equal(furrow_row_json(rows, 5).text, "");
    assert_int_equal(furrow_session_status(s), FURROW_OK);
    assert_int_equal(furrow_row_time(NULL, 0).us, 0);
    assert_string_equal(furrow_row_json(NULL, 0).text, "");
    close_session(s);
}

static void test_rows__refuse_a_value_of_another_type(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    furrow_rows *rows = row_of_every_type(s);
#define NOT_READ(column, form, held)                                                               \
    "column \"" column "\" of the result cannot be read as " form ": it holds " held
#define CANNOT_BE_READ(wanted, zero, read)                                                         \
    do {                                                                                           \
        assert_true((zero) == (read));                                                             \
        assert_string_equal(furrow_session_error(s)->message, (wanted));                           \
        assert_int_equal(furrow_commit(s), FURROW_INVALID);                                        \
    } while (0)
    CANNOT_BE_READ(NOT_READ("a_text", "a time", "text"), 0, furrow_row_time(rows, 6).us);
    CANNOT_BE_READ(NOT_READ("a_real", "a time", "a real"), 0, furrow_row_time(rows, 7).us);
    CANNOT_BE_READ(is_postgresql() ? NOT_READ("a_date", "a time", "a date")
                                   : NOT_READ("a_date", "a time", "text"),
                   0, furrow_row_time(rows, 1).us);
    CANNOT_BE_READ(is_postgresql() ? NOT_READ("a_time", "a date", "a time")
                                   : NOT_READ("a_time", "a date", "text"),
                   0, furrow_row_date(rows, 0).days);
    CANNOT_BE_READ(is_postgresql() ? NOT_READ("a_date", "a UUID", "a date")
                                   : NOT_READ("a_date", "a UUID", "text"),
                   0, furrow_row_uuid(rows, 1).bytes[0]);
    CANNOT_BE_READ(NOT_READ("a_text", "a decimal", "text"), 0,
                   furrow_row_decimal(rows, 6).unscaled);
    CANNOT_BE_READ(NOT_READ("a_real", "a decimal", "a real"), 0,
                   furrow_row_decimal(rows, 7).unscaled);
    CANNOT_BE_READ(NOT_READ("a_text", "JSON", "text"), '\0', *furrow_row_json(rows, 6).text);
    CANNOT_BE_READ("the result has no column 8", 0, furrow_row_time(rows, 8).us);
    CANNOT_BE_READ("the result has no column -1", 0, furrow_row_decimal(rows, -1).unscaled);
#undef CANNOT_BE_READ
#undef NOT_READ
    close_session(s);
}

static void test_raw__checks_a_value_for_its_column(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct person ann = {
        .name = "ann", .age = 30, .code = "a", .level = LEVEL_HIGH, .pay = FURROW_DECIMAL(2499, 2)};
    furrow_rows *rows = NULL;
    assert_ok(s, person_insert(s, &ann));
    assert_ok(s, furrow_commit(s));
    assert_ok(s, furrow_query(s, &rows, "SELECT name FROM person WHERE pay = ? AND level = ?",
                              furrow_value_of(PERSON.pay, furrow_decimal_of(249900, 4)),
                              furrow_value_of(PERSON.level, LEVEL_HIGH)));
    assert_int_equal(furrow_rows_count(rows), 1);
    assert_refused(
        s, FURROW_INVALID,
        "\"person\".\"pay\" cannot hold this decimal exactly: the column is decimal(6, 2)",
        furrow_exec(s, "UPDATE person SET pay = ?",
                    furrow_value_of(PERSON.pay, furrow_decimal_of(1, 3))));
    assert_status(s, FURROW_INVALID,
                  furrow_exec(s, "UPDATE person SET age = ?", furrow_value_of(PERSON.age, 151)));
    furrow_rollback(s);
    assert_status(s, FURROW_INVALID,
                  furrow_exec(s, "UPDATE person SET level = ?", furrow_value_of(PERSON.level, 9)));
    furrow_rollback(s);
    assert_status(s, FURROW_INVALID,
                  furrow_exec(s, "UPDATE person SET pay = ?",
                              furrow_value_of(PERSON.pay, furrow_decimal_of(1, 19))));
    close_session(s);
}

/* SQLite stores a decimal in units of its column's scale, so a decimal without a column has no
 * meaning there, not even one without digits after the point. */
static void test_raw__refuses_a_decimal_without_its_column(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct person ann = {.name = "ann", .age = 30, .code = "a", .pay = FURROW_DECIMAL(200, 2)};
    furrow_rows *rows = NULL;
    assert_ok(s, person_insert(s, &ann));
    assert_ok(s, furrow_commit(s));
    for (int scale = 0; scale <= 18; scale += 2) {
        furrow_decimal two = {2, 0};
        assert_true(scale == 18 || furrow_decimal_rescale(two, scale, &two));
        furrow_status status = furrow_query(s, &rows, "SELECT name FROM person WHERE pay = ?", two);
        if (is_postgresql()) {
            assert_ok(s, status);
            assert_int_equal(furrow_rows_count(rows), 1);
            continue;
        }
        assert_status(s, FURROW_INVALID, status);
        assert_string_equal(furrow_session_error(s)->hint,
                            "write furrow_value_of(MODEL.column, value), with the column that the "
                            "value is compared with or assigned to");
        furrow_rollback(s);
        assert_status(s, FURROW_INVALID, furrow_exec(s, "UPDATE person SET pay = ?", two));
        furrow_rollback(s);
    }
    close_session(s);
}

/* What docs/sql.md says about values without a column. */
static void test_raw__values_without_a_column_have_the_type_of_the_parameter(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct person ann = {.name = "Ann", .age = 30, .code = "a", .level = LEVEL_HIGH};
    furrow_rows *rows = NULL;
    assert_ok(s, person_insert(s, &ann));
    assert_ok(s, furrow_commit(s));
    /* An enumerator is a number in C. For a text column, a number is converted to text. */
    assert_ok(s, furrow_query(s, &rows, "SELECT 1 FROM person WHERE level = ?", LEVEL_HIGH));
    assert_int_equal(furrow_rows_count(rows), 0);
    assert_status(s, FURROW_CHECK, furrow_exec(s, "UPDATE person SET level = ?", LEVEL_HIGH));
    furrow_rollback(s);
    const char *const ages[] = {"thirty", "30"};
    for (int i = 0; i < 2; i++) {
        furrow_status status =
            furrow_query(s, &rows, "SELECT 1 FROM person WHERE age = ?", ages[i]);
        assert_status(s, is_postgresql() ? FURROW_INVALID : FURROW_OK, status);
        assert_int_equal(furrow_rows_count(rows), is_postgresql() ? 0 : i);
        furrow_rollback(s);
    }
    assert_int_not_equal(furrow_exec(s, "UPDATE person SET age = ?", "thirty"), FURROW_OK);
    furrow_rollback(s);
    assert_ok(s, furrow_query(s, &rows, "SELECT 1 FROM person WHERE name LIKE ?", "a%"));
    assert_int_equal(furrow_rows_count(rows), is_postgresql() ? 0 : 1);
    close_session(s);
}

static bool is_plain_zero(double value)
{
    const double zero = 0.0;
    return memcmp(&value, &zero, sizeof zero) == 0;
}

static void test_raw__reads_negative_zero_as_zero(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct person ann = {.name = "ann", .age = 30, .code = "a", .weight = 1}, *got;
    struct tally_list list;
    furrow_rows *rows;
    assert_ok(s, person_insert(s, &ann));
    assert_ok(s, furrow_exec(s, "UPDATE person SET weight = CAST('-0.0' AS double precision)"));
    assert_ok(s, person_first(s, &got, .where = {furrow_eq(PERSON.weight, 0.0)}));
    assert_true(is_plain_zero(got->weight));
    assert_ok(s, furrow_query(s, &rows, "SELECT weight * -1 FROM person"));
    assert_true(furrow_rows_next(rows));
    assert_true(is_plain_zero(furrow_row_double(rows, 0)));
    assert_ok(s, tally_query(s, &list,
                             "SELECT 1 AS count, 'a' AS word, CAST('-0.0' AS double precision) * 1"
                             " AS mean"));
    assert_true(list.items[0]->mean.has && is_plain_zero(list.items[0]->mean.value));
    close_session(s);
}

static void test_result__is_filled_by_name_and_checked(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct tally_list list = {0};
    struct narrow_list narrow = {0};
    assert_ok(s, word_insert_many(s, (struct word[]){{"a", 1}, {"b", 2}}, 2));
    assert_ok(s,
              tally_query(s, &list,
                          "SELECT CAST(avg(count) AS double precision) AS mean, 'unused' AS extra, "
                          "count(*) AS count, min(text) AS word FROM word WHERE count >= ?",
                          1));
    assert_int_equal(list.count, 1);
    assert_int_equal(list.items[0]->count, 2);
    assert_string_equal(list.items[0]->word, "a");
    assert_true(list.items[0]->mean.has && list.items[0]->mean.value == 1.5);
    assert_status(s, FURROW_SCHEMA,
                  tally_query(s, &list, "SELECT count(*) AS count, min(text) AS word FROM word"));
    assert_string_equal(furrow_session_error(s)->column, "mean");
    assert_int_equal(list.count, 0);
    furrow_rollback(s);
    assert_refused(
        s, FURROW_SCHEMA, "the statement has two columns \"count\" for tally",
        tally_query(s, &list, "SELECT 1 AS count, 2 AS count, 'a' AS word, 1.5 AS mean"));
    assert_ok(s, word_insert_many(s, (struct word[]){{"a", 1}, {"b", 2}}, 2));
    assert_status(
        s, FURROW_SCHEMA,
        tally_query(s, &list, "SELECT text AS count, text AS word, NULL AS mean FROM word"));
    assert_string_equal(furrow_session_error(s)->column, "count");
    furrow_rollback(s);
    assert_ok(s,
              word_insert_many(s, (struct word[]){{"LEVEL_HIGH", 32767}, {"no level", 32768}}, 2));
    assert_ok(s, furrow_savepoint_begin(s));
    furrow_status status =
        narrow_query(s, &narrow,
                     "SELECT count AS small, text AS level, 'ab' AS code FROM word"
                     " WHERE count = ?",
                     32767);
    if (status == FURROW_OK) { /* a column of a wider type is accepted as long as each value fits
                                  into the field */
        assert_int_equal(narrow.items[0]->small, 32767);
        assert_int_equal(narrow.items[0]->level, LEVEL_HIGH);
        assert_string_equal(narrow.items[0]->code, "ab");
    }
    furrow_savepoint_rollback(s);
    assert_int_not_equal(
        narrow_query(s, &narrow,
                     "SELECT count AS small, 'LEVEL_LOW' AS level, 'ab' AS code FROM"
                     " word WHERE count = ?",
                     32768),
        FURROW_OK);
    assert_int_equal(narrow.count, 0);
    close_session(s);
}

/* A raw statement can fill the structs of a model. All functions of the model accept these structs.
 */
static void test_query__fills_rows_of_a_table(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct person p[] = {{.name = "a", .age = 1, .code = "x", .pay = {1250, 2}},
                         {.name = "b", .age = 2, .code = "y", .level = LEVEL_HIGH}};
    struct person_list list;
    assert_ok(s, person_insert_many(s, p, 2));
    assert_ok(s, person_query(s, &list, "SELECT * FROM person WHERE age < ? ORDER BY id DESC", 3));
    assert_int_equal(list.count, 2);
    assert_int_equal(list.items[0]->id, p[1].id);
    assert_int_equal(list.items[0]->level, LEVEL_HIGH);
    assert_string_equal(list.items[1]->code, "x");
    assert_int_equal(list.items[1]->pay.unscaled, 1250);
    assert_int_equal(list.items[1]->pay.scale, 2);
    list.items[1]->age = 9;
    assert_ok(s, person_update(s, list.items[1]));
    assert_ok(s, person_query(s, &list, "SELECT * FROM person WHERE age = ?", 9));
    assert_int_equal(list.count, 1);
    assert_status(s, FURROW_SCHEMA, person_query(s, &list, "SELECT id, name FROM person"));
    assert_string_equal(furrow_session_error(s)->column, "age");
    assert_int_equal(list.count, 0);
}

static void test_raw__cannot_end_the_transaction_or_outlive_its_statement(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    assert_ok(s, furrow_commit(s));
#define REFUSED(text)                                                                              \
    do {                                                                                           \
        assert_ok(s, note_insert(s, &(struct note){.body = "not kept"}));                          \
        if (furrow_exec(s, text) != FURROW_INVALID)                                                \
            fail_msg("%s: %s", text, furrow_session_error(s)->message);                            \
        assert_true(*furrow_session_error(s)->message);                                            \
        assert_int_equal(furrow_commit(s), FURROW_INVALID);                                        \
    } while (0)
    REFUSED("COMMIT");
    REFUSED("commit");
    REFUSED("  \n\t COMMIT");
    REFUSED("/* a */ -- b\n COMMIT");
    REFUSED("END");
    REFUSED("ROLLBACK");
    REFUSED("ROLLBACK TO SAVEPOINT x");
    REFUSED("BEGIN");
    REFUSED("SAVEPOINT x");
    REFUSED("RELEASE x");
    REFUSED("RELEASE SAVEPOINT x");
    REFUSED("INSERT INTO note (body) VALUES ('a'); COMMIT");
    REFUSED("SELECT 1; SELECT 2");
    REFUSED("SELECT 1; COMMIT; --");
    REFUSED("");
    REFUSED("  -- nothing\n");
    REFUSED(";");
    REFUSED("SELEC 1");
    if (is_postgresql()) {
        REFUSED("ABORT");
        REFUSED("START TRANSACTION");
        REFUSED("COMMIT AND CHAIN");
        REFUSED("PREPARE TRANSACTION 'x'");
        REFUSED("SET search_path = nowhere");
        REFUSED("SET SESSION search_path = nowhere");
        REFUSED("SET ROLE nobody");
        REFUSED("RESET ALL");
        REFUSED("DISCARD ALL");
        REFUSED("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY");
        REFUSED("LISTEN x");
        REFUSED("PREPARE x AS SELECT 1");
        REFUSED("DEALLOCATE ALL");
    } else {
        REFUSED("ATTACH ':memory:' AS other");
        REFUSED("DETACH main");
        REFUSED("PRAGMA foreign_keys = OFF");
        REFUSED("PRAGMA journal_mode = DELETE");
        REFUSED("PRAGMA synchronous = 0");
        REFUSED("VACUUM");
    }
    int64_t count = -1;
    assert_ok(s, note_count(s, &count));
    assert_int_equal(count, 0);
    close_session(s);
#undef REFUSED
}

static void test_raw__counts_changed_rows(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    assert_ok(s,
              furrow_exec(s, "INSERT INTO word (text, count) VALUES ('a', 1), ('b', 1), ('c', 2)"));
    assert_int_equal(furrow_session_changed(s), 3);
    assert_ok(s, furrow_exec(s, "UPDATE word SET count = 5 WHERE count = ?", 1));
    assert_int_equal(furrow_session_changed(s), 2);
    assert_ok(s, furrow_exec(s, "DELETE FROM word WHERE count = 77"));
    assert_int_equal(furrow_session_changed(s), 0);
    assert_ok(s, furrow_exec(s, "CREATE TABLE of_raw (id INTEGER)"));
    assert_int_equal(furrow_session_changed(s), 0);
    close_session(s);
}

struct log {
    int events;
    uint64_t rows, duration_ns;
    furrow_status status;
    char sql[2000], values[2000], file[200];
};

static void write_log(void *context, const furrow_trace_event *event)
{
    struct log *log = context;
    log->events++;
    log->rows = event->rows;
    log->status = event->status;
    log->duration_ns += event->duration_ns;
    snprintf(log->sql, sizeof log->sql, "%s", event->sql);
    snprintf(log->values, sizeof log->values, "%s", event->values ? event->values : "(none)");
    snprintf(log->file, sizeof log->file, "%s", event->file);
}

static furrow_engine *traced_engine(struct log *log, bool values)
{
    furrow_engine *traced = NULL;
    furrow_error error = {0};
    if (furrow_engine_open(&traced, database_url, &error, .trace = write_log, .trace_context = log,
                           .trace_values = values))
        fail_msg("%s", error.message);
    return traced;
}

static void test_trace__receives_each_statement(void **state)
{
    (void)state;
    close_session(fresh_session());
    for (int with_values = 0; with_values < 2; with_values++) {
        struct log log = {0};
        furrow_engine *traced = traced_engine(&log, with_values);
        furrow_session *s = furrow_session_open(traced);
        struct note_list list = {0};
        if (is_memory()) /* each engine on sqlite:// has its own in-memory database, so the tables
                            do not exist yet */
            assert_ok(s, furrow_create_all(s, &world_schema));
        log.events = 0;
        assert_ok(s, note_insert(s, &(struct note){.body = "s3cret"}));
        assert_int_equal(log.events, 1);
        assert_non_null(strstr(log.sql, "INSERT INTO \"note\""));
        assert_int_equal(log.rows, 1);
        assert_int_equal(log.status, FURROW_OK);
        assert_non_null(strstr(log.file, "raw_test.c"));
        assert_int_equal(strstr(log.values, "s3cret") != NULL, with_values);
        assert_ok(s, note_find(s, &list, .where = {furrow_eq(NOTE.body, "s3cret")}));
        assert_int_equal(log.events, 2);
        assert_int_equal(log.rows, 1);
        assert_null(strstr(log.sql, "s3cret"));
        assert_int_equal(strstr(log.values, "s3cret") != NULL, with_values);
        assert_ok(s, furrow_exec(s, "UPDATE note SET body = ?", "t0p"));
        assert_int_equal(log.rows, 1);
        assert_int_equal(strstr(log.values, "t0p") != NULL, with_values);
        assert_int_equal(visit_insert(s, &(struct visit){.person_id = 1}), FURROW_FOREIGN_KEY);
        assert_int_equal(log.status, FURROW_FOREIGN_KEY);
        assert_true(log.duration_ns > 0 && log.duration_ns < UINT64_C(60000000000));
        furrow_session_close(s);
        furrow_engine_close(traced);
    }
}

static void test_stats__count_statements_and_rows(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    struct note_list list = {0};
    struct note_cursor *cursor = NULL;
    struct note many[50];
    for (int i = 0; i < 50; i++)
        many[i] = (struct note){.body = "x"};
    assert_int_equal(furrow_session_stats(s).statements, 0);
    assert_ok(s, note_insert(s, &(struct note){.body = "a"}));
    assert_int_equal(furrow_session_stats(s).statements, 1);
    assert_ok(s, furrow_savepoint_begin(s));
    assert_ok(s, furrow_savepoint_end(s));
    assert_ok(s, furrow_commit(s));
    assert_int_equal(furrow_session_stats(s).statements, 1);
    assert_ok(s, note_insert_many(s, many, 50));
    furrow_session_statistics before = furrow_session_stats(s);
    assert_ok(s, note_find(s, &list));
    assert_int_equal(furrow_session_stats(s).statements, before.statements + 1);
    assert_int_equal(furrow_session_stats(s).rows, before.rows + 51);
    assert_ok(s, note_stream(s, &cursor));
    while (note_next(cursor))
        continue;
    assert_int_equal(furrow_session_stats(s).statements, before.statements + 2);
    assert_int_equal(furrow_session_stats(s).rows, before.rows + 102);
    close_session(s);
}

static void test_explain__gives_the_plan_as_text(void **state)
{
    (void)state;
    furrow_session *s = fresh_session();
    const char *plan = NULL;
    assert_ok(s, note_explain(s, &plan, .where = {furrow_eq(NOTE.id, 1)}));
    assert_non_null(strstr(plan, "note"));
    plan = NULL;
    struct note_explain_options o = {.s = s, .out = &plan, .where = {furrow_eq(NOTE.id, 1)}};
    assert_ok(s, note_explain_using(&o));
    assert_non_null(strstr(plan, "note"));
    assert_int_equal(note_explain(s, &plan, .where = {furrow_eq(WORD.count, 1)}), FURROW_INVALID);
    assert_string_equal(plan, "");
    close_session(s);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_raw__question_marks_are_values_or_text),
        cmocka_unit_test(test_raw__refuses_a_wrong_number_of_values),
        cmocka_unit_test(test_raw__takes_32_values_of_any_type),
        cmocka_unit_test(test_rows__are_read_by_index_and_name),
        cmocka_unit_test(test_rows__are_read_as_every_value_type),
        cmocka_unit_test(test_rows__read_integers_and_text_as_decimals),
        cmocka_unit_test(test_rows__read_only_numbers_from_text),
        cmocka_unit_test(test_rows__read_a_number_as_its_shortest_text),
        cmocka_unit_test(test_rows__read_null_as_an_empty_value_of_every_type),
        cmocka_unit_test(test_rows__refuse_a_value_of_another_type),
        cmocka_unit_test(test_raw__checks_a_value_for_its_column),
        cmocka_unit_test(test_raw__reads_negative_zero_as_zero),
        cmocka_unit_test(test_raw__refuses_a_decimal_without_its_column),
        cmocka_unit_test(test_raw__values_without_a_column_have_the_type_of_the_parameter),
        cmocka_unit_test(test_result__is_filled_by_name_and_checked),
        cmocka_unit_test(test_query__fills_rows_of_a_table),
        cmocka_unit_test(test_raw__cannot_end_the_transaction_or_outlive_its_statement),
        cmocka_unit_test(test_raw__counts_changed_rows),
        cmocka_unit_test(test_trace__receives_each_statement),
        cmocka_unit_test(test_stats__count_statements_and_rows),
        cmocka_unit_test(test_explain__gives_the_plan_as_text),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
