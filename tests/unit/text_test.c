/* SPDX-License-Identifier: MIT
 * UTF-8 validation (RFC 3629), the hash function, and error messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/text.h"

/* Encodes a code point as UTF-8. A test decodes a string with the table of RFC 3629, section 3, and
 * encodes the result again. If this gives the same string, the string is valid. */
static size_t encode(uint32_t c, unsigned char *out)
{
    if (c < 0x80)
        return out[0] = (unsigned char)c, 1;
    if (c < 0x800)
        return out[0] = (unsigned char)(0xC0 | c >> 6), out[1] = (unsigned char)(0x80 | (c & 63)),
               2;
    if (c < 0x10000)
        return out[0] = (unsigned char)(0xE0 | c >> 12),
               out[1] = (unsigned char)(0x80 | (c >> 6 & 63)),
               out[2] = (unsigned char)(0x80 | (c & 63)), 3;
    return out[0] = (unsigned char)(0xF0 | c >> 18),
           out[1] = (unsigned char)(0x80 | (c >> 12 & 63)),
           out[2] = (unsigned char)(0x80 | (c >> 6 & 63)),
           out[3] = (unsigned char)(0x80 | (c & 63)), 4;
}

static void test_text__every_code_point_is_valid(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 0x120000; c++) {
        unsigned char bytes[4];
        size_t size = encode(c, bytes);
        bool is_character = c < 0x110000 && !(c >= 0xD800 && c < 0xE000);
        if (furrow__utf8_is_valid((char *)bytes, size) != is_character)
            fail_msg("U+%04X", c);
        if (is_character && furrow__utf8_length((char *)bytes, size) != 1)
            fail_msg("wrong length of U+%04X", c);
        if (size > 1 && furrow__utf8_is_valid((char *)bytes, size - 1))
            fail_msg("cut U+%04X", c);
    }
}

static void test_text__overlong_and_stray_bytes_are_invalid(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\xC0\x80", "\xC1\xBF",         "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\x80",
        "\xFF",     "\xF5\x80\x80\x80", "12345678\xC3", "\xC3\xC3\xA9",     "\xE2\x82 "};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (furrow__utf8_is_valid(bad[i], strlen(bad[i])))
            fail_msg("%zu", i);
    assert_true(furrow__utf8_is_valid("a\0b", 3));
    assert_true(furrow__has_nul("a\0b", 3));
    assert_false(furrow__has_nul("ab", 2));
    assert_true(furrow__utf8_is_valid(NULL, 0));
}

/* The validation reads eight bytes at a time. It must find an invalid byte at each of the eight
 * positions. */
static void test_text__invalid_bytes_are_found_at_every_position(void **state)
{
    (void)state;
    char text[40];
    for (size_t i = 0; i < sizeof text; i++) {
        memset(text, 'a', sizeof text);
        text[i] = '\x80';
        assert_false(furrow__utf8_is_valid(text, sizeof text));
        assert_int_equal(furrow__utf8_length(text, sizeof text), sizeof text - 1);
    }
}

static void test_text__cut_keeps_code_points_whole(void **state)
{
    (void)state;
    const char *text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z";
    static const size_t cut[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11};
    for (size_t i = 0; i < sizeof cut / sizeof *cut; i++)
        assert_int_equal(furrow__utf8_cut(text, i), cut[i]);
    char field[6];
    furrow__copy_text(field, sizeof field, text);
    assert_string_equal(field, "a\xC3\xA9");
    furrow__copy_text(field, sizeof field, NULL);
    assert_string_equal(field, "");
}

/* Names of constraints in existing databases contain this hash, so it must never change. */
static void test_text__hash_never_changes(void **state)
{
    (void)state;
    assert_true(furrow__hash("", 0) == UINT64_C(0xCA79AC5E2A02E019));
    assert_true(furrow__hash("furrow", 6) == UINT64_C(0xF6C5ACD276CFCF8E));
    assert_true(furrow__hash("a name of more than eight bytes", 31) ==
                UINT64_C(0x28077768040DF4BC));
}

static void test_text__error_is_filled_and_cut(void **state)
{
    (void)state;
    furrow_error error = {.status = FURROW_BUSY, .table = "old", .hint = "old"};
    assert_int_equal(furrow__fail(&error, FURROW_INVALID, "no %s", error.table), FURROW_INVALID);
    assert_string_equal(error.message, "no old");
    assert_string_equal(error.table, "");
    assert_string_equal(error.hint, "");
    assert_int_equal(furrow__hint(&error, "do %d", 2), FURROW_INVALID);
    assert_string_equal(error.hint, "do 2");
    char many[1025];
    for (size_t i = 0; i < 1024; i += 2)
        memcpy(many + i, "\xC3\xA9", 2);
    many[1024] = '\0';
    furrow__fail(&error, FURROW_INVALID, "%s", many);
    assert_int_equal(strlen(error.message), 510);
    furrow__hint(&error, "x%s", many);
    assert_int_equal(strlen(error.hint), 255);
    assert_int_equal(furrow__fail(NULL, FURROW_NOMEM, "x"), FURROW_NOMEM);
}

static void test_text__quotes_in_names_are_doubled(void **state)
{
    static const char *const parts[] = {"\"", "\303\244"};
    (void)state;
    assert_string_equal(FURROW__QUOTED("todo"), "\"todo\"");
    assert_string_equal(FURROW__QUOTED(""), "\"\"");
    assert_string_equal(FURROW__QUOTED("a\"b\""), "\"a\"\"b\"\"\"");
    assert_string_equal(FURROW__QUOTED_IN("s\"", "a\"b"), "\"s\"\".a\"\"b\"");
    /* Long names are cut, but not within two quotes or within a code point. */
    for (size_t i = 0; i < 8; i++) {
        furrow__buffer name = {0};
        for (size_t k = 0; k < i / 2; k++)
            furrow__buffer_add_char(&name, 'a');
        while (name.size < 2 * FURROW__QUOTED_SIZE)
            furrow__buffer_add_text(&name, parts[i % 2]);
        const char *out = FURROW__QUOTED(name.text);
        size_t size = strlen(out);
        assert_in_range(size, FURROW__QUOTED_SIZE - 4, FURROW__QUOTED_SIZE - 1);
        assert_int_equal(out[size - 1], '"');
        assert_int_equal((size - i / 2) % 2, 0);
        assert_true(furrow__utf8_is_valid(out, size));
        furrow__buffer_done(&name);
    }
}

static void test_text__every_status_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < FURROW_STATUS_COUNT_; i++) {
        assert_non_null(furrow_status_name((furrow_status)i));
        for (int j = 0; j < i; j++)
            assert_string_not_equal(furrow_status_name((furrow_status)i),
                                    furrow_status_name((furrow_status)j));
    }
    assert_string_equal(furrow_status_name(FURROW_UNIQUE), "unique");
    assert_string_equal(furrow_status_name(FURROW_STATUS_COUNT_), "?");
    assert_string_equal(furrow_status_name((furrow_status)-1), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text__every_code_point_is_valid),
        cmocka_unit_test(test_text__overlong_and_stray_bytes_are_invalid),
        cmocka_unit_test(test_text__invalid_bytes_are_found_at_every_position),
        cmocka_unit_test(test_text__cut_keeps_code_points_whole),
        cmocka_unit_test(test_text__hash_never_changes),
        cmocka_unit_test(test_text__error_is_filled_and_cut),
        cmocka_unit_test(test_text__quotes_in_names_are_doubled),
        cmocka_unit_test(test_text__every_status_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
