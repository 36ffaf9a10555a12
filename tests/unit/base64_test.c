/* SPDX-License-Identifier: MIT
 * Base64: the test vectors of RFC 4648, section 10, and texts that are not canonical. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"

static const char *const vectors[][2] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xfb\xff", "+/8="},
};

static void test_base64__the_texts_of_the_standard(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const char *bytes = vectors[i][0], *wanted = vectors[i][1];
        char text[32];
        uint8_t read[32];
        size_t size;
        assert_int_equal(furrow__base64_write(FURROW__BASE64, bytes, strlen(bytes), text),
                         strlen(wanted));
        assert_string_equal(text, wanted);
        assert_true(furrow__base64_read(FURROW__BASE64, text, strlen(text), read, &size));
        assert_int_equal(size, strlen(bytes));
        assert_memory_equal(read, bytes, size);
        size_t length = furrow__base64_write(FURROW__BASE64_URL, bytes, strlen(bytes), text);
        assert_int_equal(length, strcspn(wanted, "="));
        assert_null(strpbrk(text, "+/="));
        assert_true(furrow__base64_read(FURROW__BASE64_URL, text, length, read, &size));
        assert_int_equal(size, strlen(bytes));
        assert_memory_equal(read, bytes, size);
    }
}

static void test_base64__other_texts_are_refused(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "Zg", "Zg=", "Zh==", "Zm9=", "Zm9v=", "A===", "====", "Z-==", "Zg==Zg==", "Zm 9", "=Zm9"};
    uint8_t read[32];
    size_t size;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_false(
            furrow__base64_read(FURROW__BASE64, refused[i], strlen(refused[i]), read, &size));
    assert_false(furrow__base64_read(FURROW__BASE64_URL, "Zg==", 4, read, &size));
    assert_false(furrow__base64_read(FURROW__BASE64_URL, "Zh", 2, read, &size));
    assert_false(furrow__base64_read(FURROW__BASE64_URL, "+/8", 3, read, &size));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base64__the_texts_of_the_standard),
        cmocka_unit_test(test_base64__other_texts_are_refused),
    };
    return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}
