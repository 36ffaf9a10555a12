/* SPDX-License-Identifier: MIT
 *
 * Rows as JSON: every type is read as it was written, each rule is reported with its place, patches
 * change what they contain, and nothing of this uses the transaction.
 */
#include <math.h>

#include "conformance.h"
#include "world.furrow.h"

/* Reads a person from JSON, and writes the rules of all problems to `out`: "/name: null;…". */
static furrow_status read_person(furrow_session *s, const char *text, char *out, size_t size)
{
    struct person *person;
    furrow_problems problems;
    furrow_status status = person_from_json(s, &person, text, strlen(text), &problems);
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < problems.count && at < size; i++) {
        at += (size_t)snprintf(out + at, size - at, "%s: %s;", problems.items[i].path,
                               problems.items[i].rule);
        assert_true(problems.items[i].message[0] != '\0');
        assert_true(problems.items[i].offset <= strlen(text));
    }
    assert_int_equal(status == FURROW_REJECTED, problems.count > 0);
    assert_int_equal(person == NULL, status != FURROW_OK);
    return status;
}

static const struct refused {
    const char *text, *problems;
} refused[] = {
    {"", ": syntax;"},
    {"{", ": syntax;"},
    {"{\"name\": \"a\"} x", ": syntax;"},
    {"{\"name\": \"\\ud800\"}", ": syntax;"},
    {"{\"name\": \"\\u0000\"}", ": syntax;"},
    {"{\"name\": \"\xff\"}", ": utf8;"},
    {"[]", ": type;"},
    {"null", ": type;"},
    {"{}", "/name: required;/age: required;/code: required;/level: required;/weight: required;"
           "/pay: required;"},
    {"{\"name\": null, \"age\": null, \"code\": null, \"level\": null, \"weight\": null, \"pay\": "
     "null}",
     "/name: null;/age: null;/code: null;/level: null;/weight: null;/pay: null;"},
    {"{\"name\": 1, \"age\": \"x\", \"code\": [1], \"level\": 2, \"weight\": \"heavy\", \"pay\": "
     "{}}",
     "/name: type;/age: type;/code: type;/level: type;/weight: type;/pay: type;"},
    {"{\"name\": \"\", \"age\": 151, \"code\": \"12345\", \"level\": \"HIGH\", \"weight\": 1e999, "
     "\"pay\": 1.005}",
     "/name: min_length;/age: range;/code: max_length;/level: enum;/weight: range;/pay: decimal;"},
    {"{\"name\": \"12345678901\", \"age\": 99999999999, \"code\": \"a\", \"level\": \"LEVEL_LOW\", "
     "\"weight\": 1, \"pay\": 1001}",
     "/name: max_length;/age: range;/pay: range;"},
    {"{\"name\": \"a\", \"age\": 99999999999999999999, \"code\": \"a\", \"level\": \"LEVEL_LOW\", "
     "\"weight\": 1, \"pay\": 99999999999999999999}",
     "/age: range;/pay: decimal;"},
    {"{\"name\": \"a\", \"age\": 1.5, \"code\": \"a\", \"level\": \"LEVEL_LOW\", \"weight\": true, "
     "\"pay\": \"1,0\"}",
     "/age: type;/weight: type;/pay: type;"},
    {"{\"name\": \"a\", \"age\": \"1-2\", \"code\": \"\", \"level\": \"LEVEL_LOW\", \"weight\": "
     "\"1\", \"pay\": \" 1\"}",
     "/age: type;/weight: type;/pay: type;"},
    {"{\"name\": \"a\", \"name\": \"b\", \"age\": 1, \"code\": \"\", \"level\": \"LEVEL_LOW\", "
     "\"weight\": 1, \"pay\": 1, \"a/b~c\": 1}",
     "/name: duplicate;/a~1b~0c: unknown;"},
};

static void test_json__each_rule_is_reported_with_its_place(void **state)
{
    (void)state;
    furrow_session *s = open_session();
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char out[512];
        furrow_status status = read_person(s, refused[i].text, out, sizeof out);
        if (status != FURROW_REJECTED || strcmp(out, refused[i].problems) != 0)
            fail_msg("%s\nwanted: %s\ngot:    %s", refused[i].text, refused[i].problems, out);
        assert_ok(s, furrow_session_status(s));
    }
    close_session(s);
}

static void test_json__limits_are_options(void **state)
{
    (void)state;
    static const char deep[] = "{\"x\": [[[1]]]}", long_text[] = "{                    }";
    furrow_session *s = open_session();
    struct note *note;
    furrow_problems problems;
    assert_int_equal(note_from_json(s, &note, deep, strlen(deep), &problems, .max_depth = 3),
                     FURROW_REJECTED);
    assert_string_equal(problems.items[0].rule, "depth");
    assert_int_equal(note_from_json(s, &note, deep, strlen(deep), &problems, .max_depth = 4,
                                    .ignore_unknown = true),
                     FURROW_REJECTED);
    assert_string_equal(problems.items[0].rule, "required");
    assert_int_equal(
        note_from_json(s, &note, long_text, strlen(long_text), &problems, .max_size = 20),
        FURROW_REJECTED);
    assert_string_equal(problems.items[0].rule, "size");
    struct person *person;
    assert_int_equal(person_from_json(s, &person, "{}", 2, &problems, .max_problems = 2),
                     FURROW_REJECTED);
    assert_int_equal(problems.count, 2);
    close_session(s);
}

static void test_json__numbers_are_exact(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } counts[] = {
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
        {"\"9007199254740993\"", INT64_C(9007199254740993)},
        {"1e3", 1000},
        {"1.0", 1},
        {"-0", 0},
    };
    furrow_session *s = open_session();
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        char text[96];
        struct word *word;
        furrow_problems problems;
        snprintf(text, sizeof text, "{\"text\": \"x\", \"count\": %s}", counts[i].text);
        assert_ok(s, word_from_json(s, &word, text, strlen(text), &problems));
        assert_int_equal(word->count, counts[i].value);
    }
    close_session(s);
}

static void test_json__a_patch_changes_what_it_contains(void **state)
{
    (void)state;
    static const char change[] = "{\"age\": 31, \"nick\": null}",
                      wrong[] = "{\"age\": 31, \"name\": \"\"}";
    furrow_session *s = open_session();
    struct person person = {.name = "n", .age = 30, .nick = "old", .pay = FURROW_DECIMAL(150, 2)};
    furrow_problems problems;
    assert_int_equal(person_patch_json(s, &person, wrong, strlen(wrong), &problems),
                     FURROW_REJECTED);
    assert_int_equal(person.age, 30);
    assert_ok(s, person_patch_json(s, &person, change, strlen(change), &problems));
    assert_int_equal(person.age, 31);
    assert_null(person.nick);
    assert_string_equal(person.name, "n");
    close_session(s);
}

static void test_json__validate_checks_a_row(void **state)
{
    (void)state;
    furrow_session *s = open_session();
    struct person person = {.name = NULL, .age = 200, .pay = FURROW_DECIMAL(10005, 3)};
    furrow_problems problems;
    assert_int_equal(person_validate(s, &person, &problems), FURROW_REJECTED);
    assert_int_equal(problems.count, 3);
    assert_string_equal(problems.items[0].rule, "null");
    assert_string_equal(problems.items[1].rule, "range");
    assert_string_equal(problems.items[2].path, "/pay");
    assert_string_equal(problems.items[2].rule, "decimal");
    person = (struct person){.name = "n", .age = 20, .pay = FURROW_DECIMAL(10, 0)};
    assert_ok(s, person_validate(s, &person, &problems));
    close_session(s);
}

static void test_json__a_row_that_json_cannot_hold_is_refused(void **state)
{
    (void)state;
    const struct person fine = {.name = "n", .pay = FURROW_DECIMAL(1, 0)};
    struct person rows[] = {fine, fine, fine, fine};
    struct page page = {.title = "t", .made_at = {INT64_MAX}};
    rows[0].name = "\xff";
    rows[1].weight = NAN;
    rows[2].level = (enum level)7;
    rows[3].pay.scale = 40;
    furrow_session *s = open_session();
    const char *text;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(person_to_json(s, &text, &rows[i]), FURROW_INVALID);
        assert_string_equal(text, "");
        furrow_rollback(s);
    }
    assert_refused(s, FURROW_INVALID, "\"page\".\"made_at\" has a value that JSON cannot hold",
                   page_to_json(s, &text, &page));
    close_session(s);
}

static void test_json__failures_of_the_transaction_come_first(void **state)
{
    (void)state;
    furrow_session *s = open_session();
    struct note *note;
    const char *text;
    furrow_problems problems;
    struct note row = {.body = "x"};
    assert_true(furrow_exec(s, "SELECT * FROM no_such_table") != FURROW_OK);
    assert_int_equal(note_from_json(s, &note, "{}", 2, &problems), FURROW_ABORTED);
    assert_null(note);
    assert_int_equal(problems.count, 0);
    assert_int_equal(note_to_json(s, &text, &row), FURROW_ABORTED);
    assert_string_equal(text, "");
    furrow_rollback(s);
    assert_ok(s, note_to_json(s, &text, &row));
    assert_string_equal(text, "{\"id\":0,\"body\":\"x\"}");
    assert_int_equal(note_from_json(NULL, &note, "{}", 2, &problems), FURROW_NOMEM);
    close_session(s);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json__each_rule_is_reported_with_its_place),
        cmocka_unit_test(test_json__limits_are_options),
        cmocka_unit_test(test_json__numbers_are_exact),
        cmocka_unit_test(test_json__a_patch_changes_what_it_contains),
        cmocka_unit_test(test_json__validate_checks_a_row),
        cmocka_unit_test(test_json__a_row_that_json_cannot_hold_is_refused),
        cmocka_unit_test(test_json__failures_of_the_transaction_come_first),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
