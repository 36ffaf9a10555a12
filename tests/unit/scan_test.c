/* SPDX-License-Identifier: MIT
 * The SQL scanner: where tokens and statements end in the syntax of each engine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "scan/compare.h"
#include "scan/location.h"
#include "scan/statement.h"

/* The letter that stands for each kind of token in the expected results. */
static const char letters[] = {
    [FURROW__TOKEN_WORD] = 'w',       [FURROW__TOKEN_NAME] = 'n',
    [FURROW__TOKEN_STRING] = 's',     [FURROW__TOKEN_BLOB] = 'b',
    [FURROW__TOKEN_NUMBER] = '1',     [FURROW__TOKEN_SYMBOL] = '+',
    [FURROW__TOKEN_PARAMETER] = 'p',  [FURROW__TOKEN_QUESTION] = 'q',
    [FURROW__TOKEN_COMMENT] = 'c',    [FURROW__TOKEN_FOREIGN_PARAMETER] = 'f',
    [FURROW__TOKEN_OPEN_QUOTE] = '!', [FURROW__TOKEN_OPEN_COMMENT] = '#',
};

/* Returns the tokens of the SQL text in the form "w:select n:\"a\"". */
static const char *tokens_of(const char *text, uint32_t syntax)
{
    static furrow__buffer out;
    furrow__scanner scanner = furrow__scanner_begin(text, strlen(text), syntax);
    furrow__buffer_clear(&out);
    for (;;) {
        furrow__token token = furrow__scanner_next(&scanner);
        if (token.kind == FURROW__TOKEN_END)
            return furrow__buffer_text(&out);
        assert_ptr_equal(token.text, text + token.start);
        furrow__buffer_add_text(&out, out.size ? " " : "");
        furrow__buffer_format(&out, "%c:", letters[token.kind]);
        furrow__buffer_add(&out, token.text, furrow__token_size(token));
    }
}

#define assert_tokens(text, syntax, expected)                                                      \
    assert_string_equal(tokens_of(text, FURROW__SCAN_##syntax), expected)

static void test_scan__quotes_may_be_doubled(void **state)
{
    (void)state;
    assert_tokens("'it''s' \"a\"\"b\"", SQLITE, "s:'it''s' n:\"a\"\"b\"");
    assert_tokens("`a``b`[c]]", SQLITE, "n:`a``b` n:[c] +:]");
    assert_tokens("[c]`d`", POSTGRESQL, "+:[ w:c +:] +:` w:d +:`");
}

static void test_scan__open_quotes_and_comments_extend_to_the_end(void **state)
{
    (void)state;
    assert_tokens("a 'b c''", SQLITE, "w:a !:'b c''");
    assert_tokens("a [b", SQLITE, "w:a !:[b");
    assert_tokens("a /* b", SQLITE, "w:a #:/* b");
    assert_tokens("$$a$", POSTGRESQL, "!:$$a$");
    assert_tokens("E'a\\'", POSTGRESQL, "!:E'a\\'");
    assert_tokens("/* /* */", POSTGRESQL, "#:/* /* */");
}

static void test_scan__comments_are_skipped_unless_requested(void **state)
{
    (void)state;
    assert_tokens("a -- 'b\nc /* ; */ d", SQLITE, "w:a w:c w:d");
    assert_tokens("a -- 'b\nc", FURROW, "w:a c:-- 'b w:c");
    assert_tokens("/* a /* b */ c */", POSTGRESQL, "");
    assert_tokens("/* a /* b */ c", SQLITE, "w:c");
    assert_tokens("--a\rb", POSTGRESQL, "w:b");
    assert_tokens("--a\rb", SQLITE, "");
}

static void test_scan__strings_have_the_forms_of_the_engine(void **state)
{
    (void)state;
    assert_tokens("E'a\\'b' e'c'", POSTGRESQL, "s:E'a\\'b' s:e'c'");
    assert_tokens("E'a\\'", SQLITE, "w:E s:'a\\'");
    assert_tokens("$$a'b$$ $x$ $$ $x$ $xy", POSTGRESQL, "s:$$a'b$$ s:$x$ $$ $x$ +:$ w:xy");
    assert_tokens("x'00' X''", SQLITE, "b:x'00' b:X''");
    assert_tokens("x'00'", POSTGRESQL, "w:x s:'00'");
}

static void test_scan__parameters_have_the_forms_of_the_engine(void **state)
{
    (void)state;
    assert_tokens("? ?? ?1", SQLITE, "p:? q:?? f:?1");
    assert_tokens(":a @b #c $d :", SQLITE, "f::a f:@b f:#c f:$d +::");
    assert_tokens("$1 a::b @c", POSTGRESQL, "f:$1 w:a +::: w:b +:@ w:c");
    assert_tokens("?", FURROW, "+:?");
}

static void test_scan__numbers_include_their_exponents(void **state)
{
    (void)state;
    assert_tokens("1.5e-3+2 .5 0xE+1", SQLITE, "1:1.5e-3 +:+ 1:2 1:.5 1:0xE +:+ 1:1");
    assert_tokens("12ab 1e", FURROW, "1:12ab 1:1e");
    assert_tokens("1-?", SQLITE, "1:1 +:- p:?");
}

static void test_scan__words_of_furrow_are_ascii(void **state)
{
    (void)state;
    assert_tokens("\xc3\xa4$b", SQLITE, "w:\xc3\xa4$b");
    assert_tokens("\xc3\xa4$b", FURROW, "+:\xc3\xa4 +:$ w:b");
}

static void test_scan__operators_are_one_token(void **state)
{
    (void)state;
    assert_tokens("a<=b!~~*c||d<>e", POSTGRESQL, "w:a +:<= w:b +:!~~* w:c +:|| w:d +:<> w:e");
}

static void test_scan__a_nul_is_a_symbol(void **state)
{
    (void)state;
    furrow__scanner scanner = furrow__scanner_begin("\0'", 2, FURROW__SCAN_SQLITE);
    furrow__token token = furrow__scanner_next(&scanner);
    assert_true(furrow__token_is(token, '\0'));
    token = furrow__scanner_next(&scanner);
    assert_int_equal(token.kind, FURROW__TOKEN_OPEN_QUOTE);
    for (int i = 0; i < 2; i++) {
        token = furrow__scanner_next(&scanner);
        assert_int_equal(token.kind, FURROW__TOKEN_END);
        assert_int_equal(token.start, 2);
    }
}

static const char *copy_of(const char *text, uint32_t syntax, furrow_arena *arena)
{
    furrow__scanner scanner = furrow__scanner_begin(text, strlen(text), syntax);
    return furrow__token_copy(furrow__scanner_next(&scanner), arena);
}

static void test_scan__copies_are_without_quotes(void **state)
{
    (void)state;
    furrow_arena arena = {0};
    assert_string_equal(copy_of("\"a\"\"b\"", FURROW__SCAN_SQLITE, &arena), "a\"b");
    assert_string_equal(copy_of("[a b]", FURROW__SCAN_SQLITE, &arena), "a b");
    assert_string_equal(copy_of("'it''s'", FURROW__SCAN_SQLITE, &arena), "it's");
    assert_string_equal(copy_of("E'a\\\\b\\'c'", FURROW__SCAN_POSTGRESQL, &arena), "a\\b'c");
    assert_string_equal(copy_of("$x$a$b$x$", FURROW__SCAN_POSTGRESQL, &arena), "a$b");
    assert_string_equal(copy_of("abc", FURROW__SCAN_SQLITE, &arena), "abc");
    furrow__arena_done(&arena);
}

static void test_scan__names_are_found_in_any_case_and_quotes(void **state)
{
    (void)state;
    assert_true(furrow__text_mentions("a + [B c]", "b C", FURROW__SCAN_SQLITE));
    assert_false(furrow__text_mentions("a + 'b' -- b\n", "b", FURROW__SCAN_SQLITE));
    assert_true(furrow__text_mentions("DO $$BEGIN UPDATE B SET c = 1; END$$", "b",
                                      FURROW__SCAN_POSTGRESQL));
    assert_true(furrow__text_mentions("a[b] > 0", "b", FURROW__SCAN_POSTGRESQL));
    assert_false(furrow__text_mentions("a > E'\\' b' -- b", "b", FURROW__SCAN_POSTGRESQL));
    assert_true(furrow__names_are_equal_in_any_case("Abc", "aBC"));
    assert_false(furrow__names_are_equal_in_any_case("a", NULL));
}

/* Returns the first statement without its semicolon; NULL if no semicolon ends it. */
static const char *first_statement(const char *text, uint32_t syntax)
{
    static char out[200];
    furrow__scanner scanner = furrow__scanner_begin(text, strlen(text), syntax);
    furrow__statement_state statement = {0};
    for (;;) {
        furrow__token token = furrow__scanner_next(&scanner);
        if (token.kind == FURROW__TOKEN_END)
            return NULL;
        if (!furrow__statement_follow(&statement, token, syntax))
            continue;
        memcpy(out, text, token.start);
        out[token.start] = '\0';
        return out;
    }
}

static void test_scan__a_body_may_contain_semicolons(void **state)
{
    (void)state;
    static const char trigger[] =
        "CREATE TEMP TRIGGER t BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; END";
    static const char function[] = "CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; END";
    char text[200];
    snprintf(text, sizeof text, "%s; SELECT 2;", trigger);
    assert_string_equal(first_statement(text, FURROW__SCAN_SQLITE), trigger);
    snprintf(text, sizeof text, "%s; SELECT 2;", function);
    assert_string_equal(first_statement(text, FURROW__SCAN_POSTGRESQL), function);
    assert_string_equal(first_statement("SELECT ';'; x", FURROW__SCAN_SQLITE), "SELECT ';'");
    assert_null(first_statement("SELECT 1", FURROW__SCAN_SQLITE));
}

static void test_scan__a_trigger_of_postgresql_has_no_body(void **state)
{
    (void)state;
    static const char trigger[] = "CREATE TRIGGER t BEFORE INSERT ON a EXECUTE FUNCTION f()";
    char text[200];
    snprintf(text, sizeof text, "%s; SELECT 2;", trigger);
    assert_string_equal(first_statement(text, FURROW__SCAN_POSTGRESQL), trigger);
}

static void test_scan__the_first_statement_may_follow_comments(void **state)
{
    (void)state;
    static const char text[] = " ; /* a */ -- b\n copy t";
    furrow__token token =
        furrow__statement_first_token(text, strlen(text), FURROW__SCAN_POSTGRESQL);
    assert_true(furrow__token_is_keyword(token, "COPY"));
    token = furrow__statement_first_token("; /* a", 6, FURROW__SCAN_SQLITE);
    assert_int_equal(token.kind, FURROW__TOKEN_END);
}

static void test_scan__locations_count_lines_and_bytes(void **state)
{
    (void)state;
    furrow__locator locator =
        furrow__locator_begin("ab\nc\n\nd", (furrow__file_location){.line = 3, .column = 5});
    furrow__file_location at = furrow__locate(&locator, 1);
    assert_true(at.line == 3 && at.column == 6);
    at = furrow__locate(&locator, 6);
    assert_true(at.line == 6 && at.column == 1);
    at = furrow__locate(&locator, 3);
    assert_true(at.line == 4 && at.column == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scan__quotes_may_be_doubled),
        cmocka_unit_test(test_scan__open_quotes_and_comments_extend_to_the_end),
        cmocka_unit_test(test_scan__comments_are_skipped_unless_requested),
        cmocka_unit_test(test_scan__strings_have_the_forms_of_the_engine),
        cmocka_unit_test(test_scan__parameters_have_the_forms_of_the_engine),
        cmocka_unit_test(test_scan__numbers_include_their_exponents),
        cmocka_unit_test(test_scan__words_of_furrow_are_ascii),
        cmocka_unit_test(test_scan__operators_are_one_token),
        cmocka_unit_test(test_scan__a_nul_is_a_symbol),
        cmocka_unit_test(test_scan__copies_are_without_quotes),
        cmocka_unit_test(test_scan__names_are_found_in_any_case_and_quotes),
        cmocka_unit_test(test_scan__a_body_may_contain_semicolons),
        cmocka_unit_test(test_scan__a_trigger_of_postgresql_has_no_body),
        cmocka_unit_test(test_scan__the_first_statement_may_follow_comments),
        cmocka_unit_test(test_scan__locations_count_lines_and_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
