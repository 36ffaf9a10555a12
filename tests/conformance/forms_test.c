/* SPDX-License-Identifier: MIT
 *
 * A value has one form in the database, however it is stored in its column: as a default, or by an
 * insert, an upsert, an update, an assignment or an increment. Every condition then finds the
 * value, it is on only one page, and it equals the same value in the keys of other rows and in
 * links. forms.py
 * has the list of types and values, form_template.h the tests.
 */
#include <float.h>

#include "conformance.h"
#include "forms.furrow.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define TEXT_OF_(a) #a
#define TEXT_OF(a) TEXT_OF_(a)

typedef const char *form_text;

#define SAME_BYTES(name, T)                                                                        \
    static bool same_##name(T a, T b)                                                              \
    {                                                                                              \
        return memcmp(&a, &b, sizeof a) == 0;                                                      \
    }
#define SAME_VALUE(name, T)                                                                        \
    static bool same_##name(T a, T b)                                                              \
    {                                                                                              \
        return a == b;                                                                             \
    }
SAME_BYTES(float, float)
SAME_BYTES(double, double)
SAME_VALUE(int16, int16_t)
SAME_VALUE(int32, int32_t)
SAME_VALUE(int64, int64_t)
SAME_VALUE(bool, bool)
SAME_VALUE(mood, enum mood)
SAME_BYTES(time, furrow_time)
SAME_BYTES(date, furrow_date)
SAME_BYTES(uuid, furrow_uuid)

static bool same_text(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}
static bool same_decimal(furrow_decimal a, furrow_decimal b)
{
    return a.unscaled == b.unscaled && a.scale == b.scale;
}
static bool same_json(furrow_json a, furrow_json b)
{
    return a.text && b.text && strlen(a.text) > 2;
}

#include "forms_cases.h"

#define TEST_OF(number, name) cmocka_unit_test(test_case##number##__##name)
#define TESTS_OF_CASE(number, ordered, key)                                                        \
    TEST_OF(number, is_read_as_it_was_written),                                                    \
        JOIN(ORDERED_, ordered)(number) JOIN(KEY_, key)(number)
#define ORDERED_0(number)
#define ORDERED_1(number)                                                                          \
    TEST_OF(number, is_found_in_every_way), TEST_OF(number, is_on_one_page_only),                  \
        TEST_OF(number, is_unique),
#define KEY_0(number)
#define KEY_1(number) TEST_OF(number, is_a_key_of_its_rows), TEST_OF(number, is_a_key_of_its_links),

static void test_forms__are_created(void **state)
{
    (void)state;
    create_fresh(&forms_schema);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_forms__are_created), ALL_TESTS};
    return RUN_CONFORMANCE(argc, argv, tests);
}
