/* SPDX-License-Identifier: MIT
 * Buffers: growth, formatted strings of any size, and failing allocations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <furrow/furrow.h>

#include "base/arena.h"
#include "base/buffer.h"

static void test_buffer__text_of_an_empty_buffer_is_empty(void **state)
{
    (void)state;
    furrow__buffer buffer = {0};
    assert_string_equal(furrow__buffer_text(&buffer), "");
    furrow__buffer_add(&buffer, "", 0);
    assert_string_equal(furrow__buffer_text(&buffer), "");
    furrow__buffer_done(&buffer);
}

static void test_buffer__grows_without_losing_text(void **state)
{
    (void)state;
    furrow__buffer buffer = {0};
    for (int i = 0; i < 10000; i++) {
        furrow__buffer_add_text(&buffer, "ab");
        furrow__buffer_add_char(&buffer, 'c');
    }
    assert_int_equal(buffer.size, 30000);
    assert_int_equal(strlen(furrow__buffer_text(&buffer)), 30000);
    for (size_t i = 0; i < buffer.size; i++)
        assert_int_equal(buffer.text[i], "abc"[i % 3]);
    furrow__buffer_clear(&buffer);
    assert_string_equal(furrow__buffer_text(&buffer), "");
    furrow__buffer_done(&buffer);
    assert_null(buffer.text);
}

static void test_buffer__formats_texts_of_any_size(void **state)
{
    (void)state;
    furrow__buffer buffer = {0};
    /* Sizes near three limits: the size of the stack buffer, the first capacity, and twice the
     * first capacity. */
    static const int sizes[] = {0, 1, 126, 127, 128, 129, 254, 255, 256, 257, 5000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        furrow__buffer_done(&buffer);
        furrow__buffer_format(&buffer, "%*d%s", sizes[i], 7, "x");
        int digits = sizes[i] > 1 ? sizes[i] : 1;
        assert_int_equal(buffer.size, digits + 1);
        assert_int_equal(strlen(buffer.text), digits + 1);
        assert_string_equal(buffer.text + digits - 1, "7x");
    }
    furrow__buffer_done(&buffer);
}

static void *no_memory(size_t size, void *context)
{
    (void)size, (void)context;
    return NULL;
}

static void *no_more_memory(void *block, size_t size, void *context)
{
    (void)block, (void)size, (void)context;
    return NULL;
}

static void release(void *block, void *context)
{
    (void)context;
    free(block);
}

static void test_buffer__stays_failed_after_a_failure(void **state)
{
    (void)state;
    furrow__buffer buffer = {0};
    furrow__buffer_add_text(&buffer, "a");
    furrow_set_allocator(&(furrow_allocator){no_memory, no_more_memory, release, NULL});
    char many[1000] = {0};
    furrow__buffer_add(&buffer, many, sizeof many);
    furrow_set_allocator(NULL);
    furrow__buffer_add_text(&buffer, "b");
    assert_true(buffer.failed);
    assert_null(furrow__buffer_text(&buffer));
    furrow__buffer_clear(&buffer);
    furrow__buffer_add_text(&buffer, "c");
    assert_string_equal(furrow__buffer_text(&buffer), "c");
    furrow__buffer_done(&buffer);
}

static void test_buffer__moves_its_text_into_an_arena(void **state)
{
    furrow_arena arena = {0};
    furrow__buffer b = {0};
    (void)state;
    assert_string_equal(furrow__buffer_take(&b, &arena), "");
    furrow__buffer_add_text(&b, "kept");
    const char *kept = furrow__buffer_take(&b, &arena);
    assert_string_equal(kept, "kept");
    assert_true(furrow__arena_holds(&arena, kept));
    assert_null(b.text);
    b.failed = true;
    assert_null(furrow__buffer_take(&b, &arena));
    assert_false(b.failed);
    furrow__arena_done(&arena);
}

static void test_buffer__has_a_limit(void **state)
{
    (void)state;
    furrow__buffer buffer = {0};
    furrow__buffer_add(&buffer, "", FURROW__BUFFER_LIMIT);
    assert_true(buffer.failed);
    furrow__buffer_clear(&buffer);
    furrow__buffer_add(&buffer, "", SIZE_MAX);
    assert_true(buffer.failed);
    furrow__buffer_done(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buffer__text_of_an_empty_buffer_is_empty),
        cmocka_unit_test(test_buffer__grows_without_losing_text),
        cmocka_unit_test(test_buffer__formats_texts_of_any_size),
        cmocka_unit_test(test_buffer__stays_failed_after_a_failure),
        cmocka_unit_test(test_buffer__moves_its_text_into_an_arena),
        cmocka_unit_test(test_buffer__has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
