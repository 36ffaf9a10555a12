/* SPDX-License-Identifier: MIT
 * Tests conversions of values to text and back: every day of the calendar, the limits of every
 * range, and text that is not a valid value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <furrow/furrow.h>

#include "base/calendar.h"

/* The expected dates come from the calendar of the C library. */
static void test_values__every_day_formats_and_parses(void **state)
{
    (void)state;
    for (int32_t days = FURROW__DATE_MIN; days <= FURROW__DATE_MAX; days++) {
        char text[FURROW_DATE_SIZE];
        assert_int_equal(furrow_date_format((furrow_date){days}, text, sizeof text), 10);
        furrow_date back;
        if (!furrow_date_parse(text, &back) || back.days != days)
            fail_msg("%d: %s", days, text);
        if (days % 7)
            continue;
        time_t seconds = (time_t)days * 86400;
        struct tm tm;
        char expected[16];
        gmtime_r(&seconds, &tm);
        expected[strftime(expected, sizeof expected, "-%m-%d", &tm)] = '\0';
        assert_string_equal(text + 4, expected);
        assert_int_equal(strtol(text, NULL, 10), tm.tm_year + 1900);
    }
}

static void expect_time(const char *text, const char *formatted)
{
    furrow_time value;
    char out[FURROW_TIME_SIZE];
    if (!furrow_time_parse(text, &value))
        fail_msg("%s", text);
    assert_int_equal(furrow_time_format(value, out, sizeof out), 27);
    assert_string_equal(out, formatted);
}

static void test_values__times_are_parsed_and_formatted(void **state)
{
    (void)state;
    expect_time("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z");
    expect_time("0001-01-01 00:00:00.000000+00", "0001-01-01T00:00:00.000000Z");
    expect_time("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z");
    expect_time("2024-02-29T23:59:59.5-00:30", "2024-03-01T00:29:59.500000Z");
    expect_time("2000-01-01 00:00+05:45", "1999-12-31T18:15:00.000000Z");
    expect_time("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z");
    static const char *const bad[] = {
        "",
        "1970-01-01",
        "1970-01-01T00:00:00",
        "1970-01-01T24:00:00Z",
        "1970-01-01T00:60Z",
        "1970-01-01T00:00:60Z",
        "1970-01-01T00:00:00.Z",
        "1970-01-01T00:00:00.1234567Z",
        "1970-01-01T00:00:00Zx",
        "1970-01-01t00:00:00Z",
        "1970-1-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "0000-12-31T00:00:00Z",
        "1970-01-01T00:00:00+24:00",
        "1970-01-01T00:00:00+1",
        " 1970-01-01T00:00:00Z",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        furrow_time value = {7};
        if (furrow_time_parse(bad[i], &value))
            fail_msg("%s", bad[i]);
        assert_int_equal(value.us, 0);
    }
}

static void test_values__invalid_dates_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",           "0000-01-01", "10000-01-01", "1970-13-01",
                                      "1970-00-01", "1970-01-32", "1970-01-00",  "2023-02-29",
                                      "1900-02-29", "1970-04-31", "1970/01/01",  "1970-01-01 ",
                                      "-970-01-01"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        furrow_date value = {7};
        if (furrow_date_parse(bad[i], &value))
            fail_msg("%s", bad[i]);
        assert_int_equal(value.days, 0);
    }
}

static void test_values__formats_like_snprintf(void **state)
{
    (void)state;
    char text[8] = "xxxxxxx";
    assert_int_equal(furrow_date_format((furrow_date){0}, text, 5), 10);
    assert_string_equal(text, "1970");
    assert_int_equal(furrow_date_format((furrow_date){0}, NULL, 0), 10);
    assert_int_equal(furrow_date_format((furrow_date){FURROW__DATE_MAX + 1}, text, 5), 0);
    assert_string_equal(text, "");
    assert_int_equal(furrow_time_format((furrow_time){INT64_MIN}, text, 5), 0);
    assert_int_equal(furrow_decimal_format((furrow_decimal){1, 19}, text, 5), 0);
}

static void test_values__uuids_are_parsed_and_formatted(void **state)
{
    (void)state;
    furrow_uuid value;
    char text[FURROW_UUID_SIZE];
    assert_true(furrow_uuid_parse("00112233-4455-6677-8899-AABBCCddeeff", &value));
    for (int i = 0; i < 16; i++)
        assert_int_equal(value.bytes[i], i * 0x11);
    assert_int_equal(furrow_uuid_format(value, text, sizeof text), 36);
    assert_string_equal(text, "00112233-4455-6677-8899-aabbccddeeff");
    static const char *const bad[] = {"",
                                      "00112233445566778899aabbccddeeff",
                                      "{0112233-4455-6677-8899-aabbccddeeff}",
                                      "00112233-4455-6677-8899-aabbccddeef",
                                      "00112233-4455-6677-8899-aabbccddeefg",
                                      "00112233-4455-6677-8899-aabbccddeeff0"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (furrow_uuid_parse(bad[i], &value))
            fail_msg("%s", bad[i]);
}

static void expect_decimal(const char *text, int64_t unscaled, int scale, const char *formatted)
{
    furrow_decimal value;
    char out[FURROW_DECIMAL_SIZE];
    if (!furrow_decimal_parse(text, &value))
        fail_msg("%s", text);
    assert_true(value.unscaled == unscaled);
    assert_int_equal(value.scale, scale);
    assert_int_equal(furrow_decimal_format(value, out, sizeof out), strlen(formatted));
    assert_string_equal(out, formatted);
}

static void test_values__decimals_are_parsed_and_formatted(void **state)
{
    (void)state;
    expect_decimal("-1.50", -150, 2, "-1.50");
    expect_decimal("+007", 7, 0, "7");
    expect_decimal("0.000000000000000001", 1, 18, "0.000000000000000001");
    expect_decimal("-0.01", -1, 2, "-0.01");
    expect_decimal("-9.223372036854775808", INT64_MIN, 18, "-9.223372036854775808");
    expect_decimal("9223372036854775807", INT64_MAX, 0, "9223372036854775807");
    static const char *const bad[] = {"",
                                      "-",
                                      ".5",
                                      "1.",
                                      "1e5",
                                      "1 ",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "0.0000000000000000001",
                                      "--1",
                                      "NaN"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        furrow_decimal value = {7, 7};
        if (furrow_decimal_parse(bad[i], &value))
            fail_msg("%s", bad[i]);
        assert_int_equal(value.unscaled, 0);
        assert_int_equal(value.scale, 0);
    }
}

static void test_values__decimal_rescales_exactly(void **state)
{
    (void)state;
    furrow_decimal value;
    assert_true(furrow_decimal_rescale((furrow_decimal){-15, 1}, 3, &value));
    assert_int_equal(value.unscaled, -1500);
    assert_true(furrow_decimal_rescale((furrow_decimal){-1500, 3}, 1, &value));
    assert_int_equal(value.unscaled, -15);
    assert_false(furrow_decimal_rescale((furrow_decimal){-1501, 3}, 1, &value));
    assert_false(furrow_decimal_rescale((furrow_decimal){INT64_MAX / 9, 0}, 1, &value));
    assert_false(furrow_decimal_rescale((furrow_decimal){0, 0}, 19, &value));
    assert_false(furrow_decimal_rescale((furrow_decimal){0, -1}, 0, &value));
    assert_true(furrow_decimal_rescale((furrow_decimal){INT64_MIN, 18}, 18, &value));
}

static void test_values__json_is_checked(void **state)
{
    (void)state;
    static const char *const good[] = {
        "null",
        " true\n",
        "-0",
        "0.5e+10",
        "[]",
        "{}",
        "[[],{},\"\"]",
        "{\"a\":[1,{\"b\":null}] , \"\":\"\\u00e9\\ud83d\\ude00\\n\"}",
        "\"\xF0\x9F\x98\x80\""};
    static const char *const bad[] = {"",
                                      " ",
                                      "nul",
                                      "True",
                                      "01",
                                      "+1",
                                      "1.",
                                      ".5",
                                      "1e",
                                      "-",
                                      "[1,]",
                                      "[,1]",
                                      "[1 2]",
                                      "{\"a\"}",
                                      "{\"a\":1,}",
                                      "{a:1}",
                                      "{1:1}",
                                      "[}",
                                      "{]",
                                      "[",
                                      "]",
                                      "1 2",
                                      "\"",
                                      "\"\n\"",
                                      "\"\\x\"",
                                      "\"\\u12\"",
                                      "\"\\u0000\"",
                                      "\"\\ud800\"",
                                      "\"\\ud800\\u0041\"",
                                      "\"\\udc00\"",
                                      "\"\xFF\"",
                                      "[1]//",
                                      "'a'",
                                      "NaN"};
    furrow_json value;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!furrow_json_parse(good[i], &value) || value.text != good[i])
            fail_msg("%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (furrow_json_parse(bad[i], &value) || value.text)
            fail_msg("%s", bad[i]);
    assert_false(furrow_json_parse(NULL, &value));
}

static void test_values__json_numbers_have_a_limit(void **state)
{
    (void)state;
    static const char *const good[] = {"1e16000", "[1e-16000]", "-0.1E+16000",
                                       "0e16000", "1e0016000",  "1e0"};
    static const char *const bad[] = {"1e16001",    "1e-16001",
                                      "[1e200000]", "{\"a\":-1E-200000}",
                                      "0e200000",   "1e99999999999999999999999999",
                                      "1e+",        "1e-"};
    furrow_json value;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!furrow_json_parse(good[i], &value))
            fail_msg("%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (furrow_json_parse(bad[i], &value))
            fail_msg("%s", bad[i]);
    static char digits[131072 + 8];
    memset(digits, '1', 131073);
    assert_false(furrow_json_parse(digits, &value));
    digits[131072] = '\0';
    assert_true(furrow_json_parse(digits, &value));
    digits[1] = '.';
    digits[16385] = '\0'; /* one digit, the decimal point, and 16,383 digits, which is the most that
                             PostgreSQL allows */
    assert_true(furrow_json_parse(digits, &value));
    digits[16385] = '1', digits[16386] = '\0';
    assert_false(furrow_json_parse(digits, &value));
    memcpy(digits + 16386, "e1", 3);
    assert_true(furrow_json_parse(digits, &value));
    /* An exponent moves the decimal point. Here the result is just within the limits or just beyond
     * them. */
    memcpy(digits + 16385, "e-1", 4);
    assert_false(furrow_json_parse(digits, &value));
    memset(digits, '1', 131073);
    memcpy(digits + 131073, "e-1", 4);
    assert_true(furrow_json_parse(digits, &value));
    memcpy(digits + 131072, "e1", 3);
    assert_false(furrow_json_parse(digits, &value));
}

static void test_values__json_depth_has_a_limit(void **state)
{
    (void)state;
    char text[2 * 513 + 1];
    furrow_json value;
    for (size_t depth = 512; depth <= 513; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        text[2 * depth] = '\0';
        assert_int_equal(furrow_json_parse(text, &value), depth == 512);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values__every_day_formats_and_parses),
        cmocka_unit_test(test_values__times_are_parsed_and_formatted),
        cmocka_unit_test(test_values__invalid_dates_are_refused),
        cmocka_unit_test(test_values__formats_like_snprintf),
        cmocka_unit_test(test_values__uuids_are_parsed_and_formatted),
        cmocka_unit_test(test_values__decimals_are_parsed_and_formatted),
        cmocka_unit_test(test_values__decimal_rescales_exactly),
        cmocka_unit_test(test_values__json_is_checked),
        cmocka_unit_test(test_values__json_numbers_have_a_limit),
        cmocka_unit_test(test_values__json_depth_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
