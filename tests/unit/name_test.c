/* SPDX-License-Identifier: MIT
 * Names of constraints. The hashes below must never change, because the names in existing databases
 * contain them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/text.h"
#include "schema/name.h"

static const uint16_t both[] = {0, 1};

static void expect_name(const char *table, const char *a, const char *b, size_t count,
                        const char *part, const char *suffix, const char *expected)
{
    char name[FURROW__NAME_SIZE];
    const furrow_column columns[] = {{.name = a, .field = "other"}, {.name = b, .field = "other"}};
    const furrow_model model = {.table = table, .columns = columns, .column_count = 2};
    furrow__constraint_name(name, &model, &(furrow__constraint_parts){both, count, part, suffix});
    assert_string_equal(name, expected);
    assert_true(strlen(name) < FURROW__NAME_SIZE);
    assert_true(furrow__utf8_is_valid(name, strlen(name)));
}

static void test_name__consists_of_table_columns_part_and_suffix(void **state)
{
    (void)state;
    expect_name("todo", "title", "", 1, "max_length", "check", "todo_title_max_length_check");
    expect_name("items", "shelf", "serial", 2, NULL, "key", "items_shelf_serial_key");
    expect_name("items", "", "", 0, NULL, "pkey", "items_pkey");
}

#define TEN "0123456789"

static void test_name__may_have_63_bytes(void **state)
{
    (void)state;
    expect_name("t", TEN TEN TEN TEN TEN "01234567", "", 1, NULL, "ix",
                "t_" TEN TEN TEN TEN TEN "01234567_ix");
    expect_name("t", TEN TEN TEN TEN TEN "012345678", "", 1, NULL, "ix",
                "t_" TEN TEN TEN TEN TEN "01_2a6dc68c");
}

static void test_name__of_long_names_differ_if_only_their_ends_do(void **state)
{
    (void)state;
    expect_name("t", TEN TEN TEN TEN TEN TEN, "a", 2, NULL, "idx",
                "t_" TEN TEN TEN TEN TEN "01_d5fd3c37");
    expect_name("t", TEN TEN TEN TEN TEN TEN, "b", 2, NULL, "idx",
                "t_" TEN TEN TEN TEN TEN "01_7a21f45e");
    expect_name("t", TEN TEN TEN TEN TEN TEN, "a", 2, NULL, "key",
                "t_" TEN TEN TEN TEN TEN "01_b0a3f8b7");
}

static void test_name__is_cut_at_a_code_point(void **state)
{
    (void)state;
    /* The limit falls between the two bytes of the letter ä, which follows 53 other bytes. */
    expect_name("t", TEN TEN TEN TEN TEN "0\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", "", 1, NULL,
                "idx", "t_" TEN TEN TEN TEN TEN "0_760cfeef");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_name__consists_of_table_columns_part_and_suffix),
        cmocka_unit_test(test_name__may_have_63_bytes),
        cmocka_unit_test(test_name__of_long_names_differ_if_only_their_ends_do),
        cmocka_unit_test(test_name__is_cut_at_a_code_point),
    };
    return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
