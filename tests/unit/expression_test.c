/* SPDX-License-Identifier: MIT
 * Expressions: their SQL in each dialect, and the error messages for invalid expressions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "schema_models.h"
#include "sql/expression_sql.h"

static const furrow__expression *parse(const char *text, const furrow_column *column,
                                       furrow_arena *arena, furrow__expression_error *error)
{
    const furrow__expression_scope scope = furrow__model_scope(&item);
    const furrow__expression_source source = {.text = text,
                                              .scope = &scope,
                                              .column = column,
                                              .use = column ? FURROW__EXPRESSION_FOR_DEFAULT
                                                            : FURROW__EXPRESSION_FOR_CHECK};
    return furrow__expression_parse(&source, arena, error);
}

static void expect_rendered(const char *text, const furrow_column *column, const char *sqlite,
                            const char *postgresql)
{
    const furrow__dialect *dialects[] = {&furrow__dialect_sqlite, &furrow__dialect_postgresql};
    const char *expected[] = {sqlite, postgresql ? postgresql : sqlite};
    furrow_arena arena = {0};
    furrow__expression_error error;
    const furrow__expression *parsed = parse(text, column, &arena, &error);
    if (!parsed)
        fail_msg("%s: byte %zu: %s", text, error.position, error.message);
    for (int i = 0; i < 2; i++) {
        furrow__buffer out = {0};
        furrow__sql_expression(&out, dialects[i], parsed, column);
        assert_string_equal(furrow__buffer_text(&out), expected[i]);
        furrow__buffer_done(&out);
    }
    furrow__arena_done(&arena);
}

/* Checks the SQL of an expression. `postgresql` is NULL if the SQL is the same in both dialects. */
static void expect_sql(const char *text, const char *sqlite, const char *postgresql)
{
    expect_rendered(text, NULL, sqlite, postgresql);
}

static void expect_default_sql(const char *column, const char *text, const char *sqlite,
                               const char *postgresql)
{
    for (size_t i = 0; i < item.column_count; i++)
        if (strcmp(item_columns[i].name, column) == 0)
            expect_rendered(text, &item_columns[i], sqlite, postgresql);
}

static void expect_error_of(const char *text, const furrow_column *column, size_t position,
                            const char *message)
{
    furrow_arena arena = {0};
    furrow__expression_error error;
    assert_null(parse(text, column, &arena, &error));
    assert_string_equal(error.message, message);
    assert_int_equal(error.position, position);
    furrow__arena_done(&arena);
}

static void expect_mistake(const char *text, size_t position, const char *message)
{
    expect_error_of(text, NULL, position, message);
}

static void expect_default_error(const char *column, const char *text, const char *message)
{
    for (size_t i = 0; i < item.column_count; i++)
        if (strcmp(item_columns[i].name, column) == 0)
            expect_error_of(text, &item_columns[i], 0, message);
}

static void test_expression__precedence_is_that_of_sql(void **state)
{
    (void)state;
    expect_sql("fragile OR packed AND NOT count = 1",
               "\"fragile\" OR (\"packed\" AND NOT (\"count\" = 1))", NULL);
    expect_sql("(fragile or packed) and count!=1", "(\"fragile\" OR \"packed\") AND \"count\" <> 1",
               NULL);
    expect_sql("id + 2 * id - 1 > 0", "(\"id\" + (2 * \"id\")) - 1 > 0",
               "(\"id\" + (CAST(2 AS BIGINT) * \"id\")) - 1 > 0");
    expect_sql("count BETWEEN 1 AND 5 AND fragile", "\"count\" BETWEEN 1 AND 5 AND \"fragile\"",
               NULL);
    expect_sql("id - -5 > -(-3)", "\"id\" - (-5) > -(-3)", "\"id\" - (-5) > -CAST(-3 AS BIGINT)");
}

static void test_expression__columns_are_found_by_field_and_column_name(void **state)
{
    (void)state;
    expect_sql("\"count\" >= 0", "\"count\" >= 0", NULL);
    furrow_arena arena = {0};
    furrow__expression_error error;
    const furrow__expression_scope scope = furrow__model_scope(&select_);
    const furrow__expression_source source = {.text = "\"a \"\"b\"\" 'c'\" > 1 AND \"group\" <> ''",
                                              .scope = &scope,
                                              .use = FURROW__EXPRESSION_FOR_CHECK};
    const furrow__expression *parsed = furrow__expression_parse(&source, &arena, &error);
    assert_non_null(parsed);
    assert_ptr_equal(parsed->arguments[0]->arguments[0]->column, &select_columns[1]);
    furrow__arena_done(&arena);
}

static void test_expression__bool_is_a_number_on_sqlite(void **state)
{
    (void)state;
    expect_sql("fragile = TRUE AND packed <> false", "\"fragile\" = 1 AND \"packed\" <> 0",
               "\"fragile\" = TRUE AND \"packed\" <> FALSE");
}

static void test_expression__like_is_case_sensitive_without_escape(void **state)
{
    (void)state;
    expect_sql("code LIKE 'A_%*?[]\\'", "\"code\" GLOB 'A?*[*][?][[]]\\'",
               "\"code\" LIKE 'A_%*?[]\\' ESCAPE ''");
    expect_sql("code NOT LIKE 'it''s%'", "\"code\" NOT GLOB 'it''s*'",
               "\"code\" NOT LIKE 'it''s%' ESCAPE ''");
}

static void test_expression__literals_take_the_type_of_the_column(void **state)
{
    (void)state;
    expect_sql("price > 1.5", "\"price\" > 150", "\"price\" > 1.50");
    expect_sql("-1 < cost", "-10000 < \"cost\"", "-1.0000 < \"cost\"");
    expect_sql("price IN (1, 2.50) OR price BETWEEN 0 AND 0.01",
               "\"price\" IN (100, 250) OR \"price\" BETWEEN 0 AND 1",
               "\"price\" IN (1.00, 2.50) OR \"price\" BETWEEN 0.00 AND 0.01");
    expect_sql("price * 2 + 0.5 > 1", "(\"price\" * 2) + 50 > 100",
               "(\"price\" * 2) + 0.50 > 1.00");
    expect_sql("made_at > '2021-02-03 05:06+01:00'", "\"made_at\" > '2021-02-03T04:06:00.000000Z'",
               NULL);
    expect_sql("bought = '2021-02-03'", "\"bought\" = '2021-02-03'", NULL);
    expect_sql("serial <> 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'",
               "\"serial\" <> 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", NULL);
    expect_sql("colour IN ('RED', 'BLUE')", "\"colour\" IN ('RED', 'BLUE')", NULL);
    expect_sql("coalesce(sold_at, '2021-02-03T00:00Z') < made_at",
               "coalesce(\"sold_at\", '2021-02-03T00:00:00.000000Z') < \"made_at\"", NULL);
}

static void test_expression__integers_are_calculated_in_64_bits(void **state)
{
    (void)state;
    expect_sql("count * 3000 > small", "\"count\" * 3000 > \"small\"",
               "CAST(\"count\" AS BIGINT) * 3000 > \"small\"");
    expect_sql("id * 3 > 0", "\"id\" * 3 > 0", NULL);
    expect_sql("ratio * 2 > 0.5", "\"ratio\" * 2 > 0.5",
               "CAST(\"ratio\" AS DOUBLE PRECISION) * 2 > 0.5");
    expect_sql("id = -9223372036854775808", "\"id\" = -9223372036854775808", NULL);
}

static void test_expression__division_by_zero_is_null(void **state)
{
    (void)state;
    expect_sql("id / id = 1", "\"id\" / \"id\" = 1", "\"id\" / NULLIF(\"id\", 0) = 1");
    expect_sql("id % 2 = 1", "\"id\" % 2 = 1", NULL);
}

static void test_expression__functions_are_translated(void **state)
{
    (void)state;
    expect_sql("LENGTH(code || 'x') > 3", "length(\"code\" || 'x') > 3",
               "char_length(\"code\" || 'x') > 3");
    expect_sql("lower(code) = trim(upper('a'))", "lower(\"code\") = trim(upper('a'))",
               "lower(\"code\") = trim(upper('a' COLLATE \"C\"))");
    expect_sql("coalesce(note, code, 'x') <> 'y'", "coalesce(\"note\", \"code\", 'x') <> 'y'",
               NULL);
    expect_sql("abs(price - 3) < 1", "abs(\"price\" - 300) < 100", "abs(\"price\" - 3.00) < 1.00");
    expect_sql("'a' < 'B'", "'a' < 'B'", "'a' COLLATE \"C\" < 'B'");
}

static void test_expression__defaults_are_translated(void **state)
{
    (void)state;
    expect_default_sql("made_at", "now", "strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'",
                       "CURRENT_TIMESTAMP");
    expect_default_sql("bought", "NOW", "date('now')",
                       "CAST(CURRENT_TIMESTAMP AT TIME ZONE 'UTC' AS DATE)");
    expect_default_sql("colour", "BLUE", "'BLUE'", NULL);
    expect_default_sql("colour", "'BLUE'", "'BLUE'", NULL);
    expect_default_sql("price", "-0.1", "-10", "-0.10");
    expect_default_sql("note", "NULL", "NULL", NULL);
    expect_default_sql("extra", "'[1]'", "'[1]'", NULL);
    expect_default_sql("weight", "3", "3", NULL);
    expect_default_sql("id", "1 + 2", "1 + 2", "CAST(1 AS BIGINT) + 2");
}

static void test_expression__mistakes_have_a_location_and_a_hint(void **state)
{
    (void)state;
    expect_mistake("", 0, "an expression is expected");
    expect_mistake("  ", 0, "an expression is expected");
    expect_mistake("cuont > 0", 0, "unknown column \"cuont\"; did you mean \"count\"?");
    expect_mistake("zzz > 0", 0, "unknown column \"zzz\"");
    expect_mistake("count > RED", 8, "unknown column \"RED\"; write the value of an enum as 'RED'");
    expect_mistake("lenght(code) > 1", 0, "unknown function \"lenght\"; did you mean \"length\"?");
    expect_mistake("count >", 7, "a value expected at the end");
    expect_mistake("count > AND", 8, "a value expected before \"AND\"");
    expect_mistake("count > 1 1", 10, "an operator or the end expected before \"1\"");
    expect_mistake("(count > 1", 10, ") expected at the end");
    expect_mistake("count > 1)", 9, ") without a (");
    expect_mistake("count == 1", 6, "unknown operator ==; use =");
    expect_mistake("fragile && packed", 8, "unknown operator &&; use AND");
    expect_mistake("code = 'x", 7, "the text does not end; close it with '");
    expect_mistake("\"code", 0, "the quoted name does not end; close it with \"");
    expect_mistake("count > 1; DROP TABLE items", 9, "unexpected character ';'");
    expect_mistake("count > 1 -- x", 10, "comments are not allowed here");
    expect_mistake("count \x01 1", 6, "unexpected byte 0x01");
    expect_mistake("gr\xc3\xb6\xc3\x9f"
                   "e > 1",
                   2, "unexpected character; write a name outside ASCII in double quotes");
    expect_mistake("count > \xff", 0, "the expression is not valid UTF-8");
    expect_mistake("1 < count < 3", 10, "comparisons cannot be chained; use AND");
    expect_mistake("count NOT 3", 10, "BETWEEN, IN or LIKE expected before \"3\"");
    expect_mistake("count > 12abc", 8, "not a number; digits are followed by a letter or point");
    expect_mistake("count > 1.", 8, "a digit must follow the decimal point");
    expect_mistake("count > 9223372036854775808", 8, "the integer does not fit in 64 bits");
    expect_mistake("weight > 1e400", 9, "number out of range");
    expect_mistake("weight > 1e-400", 9, "number out of range");
    expect_mistake("weight > 1e99999999999999999999", 9, "number out of range");
}

static void test_expression__types_are_checked(void **state)
{
    (void)state;
    expect_mistake("count = 'x'", 8,
                   "column \"count\" is an integer; write a number without quotes");
    expect_mistake("code = 5", 7, "column \"code\" is text; put the literal in single quotes");
    expect_mistake("code = count", 5, "text and an integer cannot be combined");
    expect_mistake("fragile = 1", 10, "column \"fragile\" is a bool; write TRUE or FALSE");
    expect_mistake("count", 0, "a check must be true or false, but this is an integer");
    expect_mistake("count AND fragile", 0, "AND needs a condition, but this is an integer");
    expect_mistake("NOT count", 4, "NOT needs a condition, but this is an integer");
    expect_mistake(
        "note = NULL", 7,
        "NULL must be the whole default; write a comparison with it as IS NULL or IS NOT NULL");
    expect_mistake("made_at > now", 10,
                   "now can only be used in a default, because its value changes");
    expect_mistake("made_at > 'yesterday'", 10,
                   "column \"made_at\" is a time; 'yesterday' is not one; write it as "
                   "'2026-12-31T23:59:59Z'");
    expect_mistake(
        "bought > '2021-02-30'", 9,
        "column \"bought\" is a date; '2021-02-30' is not one; write it as '2026-12-31'");
    expect_mistake(
        "serial = 'x'", 9,
        "column \"serial\" is a UUID; write it as '00000000-0000-0000-0000-000000000000'");
    expect_mistake("colour = 'GREAN'", 9,
                   "unknown value of enum colour \"GREAN\"; did you mean \"GREEN\"?");
    expect_mistake("colour = 1", 9,
                   "column \"colour\" is an enum; write the name of one of its values in quotes");
    expect_mistake("colour < 'RED'", 7,
                   "an enum can be compared only with =, <> and IN in an expression");
    expect_mistake("price > 1.505", 8,
                   "column \"price\" is a decimal; the number does not fit in 12 digits, 2 of them "
                   "after the point");
    expect_mistake("price = cost", 6, "decimals of different scales (2 and 4) cannot be combined");
    expect_mistake("price / 2 > 1", 6, "a decimal cannot be divided");
    expect_mistake("price * 1.5 > 1", 6, "a decimal can only be multiplied by an integer");
    expect_mistake("price > weight", 6, "a decimal and a real cannot be combined");
    expect_mistake("weight % 2 = 0", 7, "% needs integers");
    expect_mistake("code + 1 > 2", 0, "+ needs a number, but this is text");
    expect_mistake("code || 1 = 'x'", 8, "|| needs text, but this is an integer");
    expect_mistake("code LIKE note", 10, "the pattern of LIKE must be a literal");
    expect_mistake("extra = '{}'", 6, "JSON cannot be compared");
    expect_mistake("length(code, note) > 1", 0, "length takes one argument");
    expect_mistake("length() > 1", 0, "length takes one argument");
    expect_mistake("coalesce(code) = 'x'", 0, "coalesce takes at least two arguments");
}

static void test_expression__defaults_fit_their_column(void **state)
{
    (void)state;
    expect_default_error("count", "code", "a default cannot contain columns; write text as 'code'");
    expect_default_error("count", "1.5",
                         "column \"count\" is an integer; write a number without a fraction");
    expect_default_error("count", "NULL", "column \"count\" is not nullable");
    expect_default_error("count", "-1", "the default is outside the limits of the column");
    expect_default_error("small", "40000", "the default is outside the limits of the column");
    expect_default_error("price", "1000.51", "the default is outside the limits of the column");
    expect_default_error("ratio", "3.5e38", "the number is outside the range of float");
    expect_default_error("ratio", "-1e300", "the number is outside the range of float");
    expect_default_error("ratio", "1e-46", "the number is outside the range of float");
    expect_default_error("code", "''",
                         "the length of the default is outside the limits of the column");
    expect_default_error("shelf", "'12345678'",
                         "the length of the default is outside the limits of the column");
    expect_default_error(
        "code", "now", "column \"code\" is text; now can only be the default of a time or a date");
    expect_default_error("fragile", "0", "column \"fragile\" is a bool; write TRUE or FALSE");
    expect_default_error("code", "TRUE", "column \"code\" is text; this default is a bool");
    expect_default_error("extra", "'{'",
                         "column \"extra\" is JSON; write a JSON value in quotes, as '{}'");
    expect_default_error("colour", "PINK", "unknown value of enum colour \"PINK\"");
    expect_default_error("picture", "'x'",
                         "column \"picture\" is a blob; there is no literal of that type");
}

static char *repeat(const char *before, const char *part, int count, const char *after)
{
    furrow__buffer out = {0};
    furrow__buffer_add_text(&out, before);
    for (int i = 0; i < count; i++)
        furrow__buffer_add_text(&out, part);
    furrow__buffer_add_text(&out, after);
    return out.text;
}

static void expect_limit(char *text, const char *message)
{
    furrow_arena arena = {0};
    furrow__expression_error error;
    assert_non_null(text);
    if (message) {
        assert_null(parse(text, NULL, &arena, &error));
        assert_string_equal(error.message, message);
    } else {
        assert_non_null(parse(text, NULL, &arena, &error));
    }
    furrow__arena_done(&arena);
    furrow__buffer_done(&(furrow__buffer){.text = text});
}

static void test_expression__limits_are_errors(void **state)
{
    (void)state;
    expect_limit(repeat("", "(", 63,
                        "fragile)))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))"),
                 NULL);
    expect_limit(repeat("", "(", 2000, ""), "the expression is nested more than 64 levels deep");
    expect_limit(repeat("", "NOT ", 500, "fragile"),
                 "the expression is nested more than 64 levels deep");
    expect_limit(repeat("0 > ", "- ", 500, "count"),
                 "the expression is nested more than 64 levels deep");
    expect_limit(repeat("", "abs(", 500, "count"),
                 "the expression is nested more than 64 levels deep");
    expect_limit(repeat("fragile", " OR packed", 400, ""), NULL);
    expect_limit(repeat("fragile", " OR packed", 401, ""),
                 "more than 400 operators in one expression");
    expect_limit(repeat("count IN (1", ",2", 1500, ")"), NULL);
    expect_limit(repeat("fragile", " ", 5000, ""), "the expression is longer than 4096 bytes");
    expect_limit(repeat("code = '", "it''s ", 20000, "'"), NULL);
    expect_limit(repeat("code = '", "x", 1 << 20, "'"),
                 "the expression is longer than 1048576 bytes");
}

/* For any bytes, the parser must return an expression or an error message. Random sequences of
 * valid tokens reach more of the parser than random bytes. */
static void test_expression__any_bytes_give_a_tree_or_a_message(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "count",   "price",     "colour",      "made_at", "fragile", "code", "extra",  "'RED'",
        "'x'",     "1",         "1.5",         "1e9",     "-",       "+",    "*",      "/",
        "%",       "||",        "(",           ")",       ",",       "=",    "<>",     "<",
        " AND ",   " OR ",      " NOT ",       " IS ",    " NULL ",  " IN ", " LIKE ", " BETWEEN ",
        "length(", "coalesce(", "abs(",        "now",     "TRUE",    "\"",   "'",      "\xc3",
        "\xff",    "\n",        "\"picture\"", " serial "};
    uint32_t seed = 12345;
    for (int round = 0; round < 20000; round++) {
        furrow__buffer text = {0}, out = {0};
        furrow_arena arena = {0};
        furrow__expression_error error;
        for (uint32_t i = 0; i < 1 + (seed >> 16) % 12; i++) {
            seed = seed * 1664525u + 1013904223u;
            furrow__buffer_add_text(&text, pieces[(seed >> 8) % (sizeof pieces / sizeof *pieces)]);
        }
        seed = seed * 1664525u + 1013904223u;
        const furrow_column *column =
            seed & 256 ? &item_columns[(seed >> 12) % item.column_count] : NULL;
        const furrow__expression *parsed = parse(text.text, column, &arena, &error);
        if (parsed) {
            furrow__sql_expression(&out, &furrow__dialect_sqlite, parsed, column);
            furrow__sql_expression(&out, &furrow__dialect_postgresql, parsed, column);
            assert_non_null(furrow__buffer_text(&out));
        } else {
            assert_true(error.message[0] != '\0' && error.position <= text.size);
        }
        furrow__buffer_done(&out);
        furrow__buffer_done(&text);
        furrow__arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expression__precedence_is_that_of_sql),
        cmocka_unit_test(test_expression__columns_are_found_by_field_and_column_name),
        cmocka_unit_test(test_expression__bool_is_a_number_on_sqlite),
        cmocka_unit_test(test_expression__like_is_case_sensitive_without_escape),
        cmocka_unit_test(test_expression__literals_take_the_type_of_the_column),
        cmocka_unit_test(test_expression__integers_are_calculated_in_64_bits),
        cmocka_unit_test(test_expression__division_by_zero_is_null),
        cmocka_unit_test(test_expression__functions_are_translated),
        cmocka_unit_test(test_expression__defaults_are_translated),
        cmocka_unit_test(test_expression__mistakes_have_a_location_and_a_hint),
        cmocka_unit_test(test_expression__types_are_checked),
        cmocka_unit_test(test_expression__defaults_fit_their_column),
        cmocka_unit_test(test_expression__limits_are_errors),
        cmocka_unit_test(test_expression__any_bytes_give_a_tree_or_a_message),
    };
    return cmocka_run_group_tests_name("expression", tests, NULL, NULL);
}
