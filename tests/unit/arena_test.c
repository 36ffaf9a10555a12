/* SPDX-License-Identifier: MIT
 * Arenas: alignment, growth, marks, and memory that runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <furrow/driver.h>

#include "base/arena.h"
#include "base/memory.h"

/* A counting allocator. `live` is the number of allocations that have not been freed. `left` is the
 * number of allocations that still succeed; -1 means no limit. */
static long live, left = -1;

static void *count_allocate(size_t size, void *context)
{
    (void)context;
    if (left == 0)
        return NULL;
    if (left > 0)
        left--;
    live++;
    return malloc(size);
}

static void *count_reallocate(void *block, size_t size, void *context)
{
    (void)context;
    return left == 0 ? NULL : realloc(block, size);
}

static void count_release(void *block, void *context)
{
    (void)context;
    live--;
    free(block);
}

static int count(void **state)
{
    (void)state;
    live = 0;
    left = -1;
    furrow_set_allocator(
        &(furrow_allocator){count_allocate, count_reallocate, count_release, NULL});
    return 0;
}

static int stop_counting(void **state)
{
    (void)state;
    furrow_set_allocator(NULL);
    return live == 0 ? 0 : -1;
}

static void test_arena__allocations_are_aligned_and_do_not_overlap(void **state)
{
    (void)state;
    furrow_arena arena = {0};
    char *blocks[300];
    for (size_t i = 0; i < 300; i++) {
        size_t alignment = (size_t)1 << (i % 5);
        blocks[i] = furrow__arena_aligned(&arena, i, alignment);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % alignment, 0);
        memset(blocks[i], (int)(i % 251), i);
    }
    for (size_t i = 0; i < 300; i++)
        for (size_t j = 0; j < i; j++)
            assert_int_equal((unsigned char)blocks[i][j], i % 251);
    assert_int_equal((uintptr_t)furrow_arena_allocate(&arena, 3) % 16, 0);
    furrow__arena_done(&arena);
    assert_null(arena.blocks);
}

static void test_arena__clear_keeps_first_block(void **state)
{
    (void)state;
    furrow_arena arena = {0};
    char *large = furrow__arena_aligned(&arena, 5000, 1);
    char *first = furrow__arena_aligned(&arena, 8, 8);
    assert_non_null(large);
    for (int i = 0; i < 100; i++)
        assert_non_null(furrow__arena_aligned(&arena, 500, 8));
    furrow__arena_clear(&arena);
    assert_int_equal(live, 1);
    assert_ptr_equal(furrow__arena_aligned(&arena, 8, 8), first);
    furrow__arena_done(&arena);
}

static void test_arena__large_allocations_keep_the_current_block(void **state)
{
    (void)state;
    furrow_arena arena = {0};
    char *a = furrow__arena_aligned(&arena, 1, 1);
    assert_non_null(furrow__arena_aligned(&arena, 1 << 20, 1));
    assert_ptr_equal(furrow__arena_aligned(&arena, 1, 1), a + 1);
    furrow__arena_done(&arena);
}

static void test_arena__rewind_frees_later_allocations(void **state)
{
    (void)state;
    furrow_arena arena = {0};
    furrow__arena_mark nothing = furrow__arena_mark_now(&arena);
    char *kept = furrow__arena_text(&arena, "kept", 4);
    furrow__arena_aligned(&arena, 100000, 1);
    furrow__arena_mark mark = furrow__arena_mark_now(&arena);
    size_t used = arena.used;
    char *after = furrow__arena_aligned(&arena, 1, 1);
    for (size_t i = 0; i < 200; i++)
        furrow__arena_aligned(&arena, i * 10, 1);
    furrow__arena_rewind(&arena, mark);
    assert_int_equal(arena.used, used);
    assert_string_equal(kept, "kept");
    assert_ptr_equal(furrow__arena_aligned(&arena, 1, 1), after);
    furrow__arena_rewind(&arena, nothing);
    assert_int_equal(live, 0);
    assert_int_equal(arena.used, 0);
}

static void test_arena__is_usable_after_a_failure(void **state)
{
    (void)state;
    furrow_arena arena = {0};
    assert_non_null(furrow__arena_aligned(&arena, 1, 1));
    assert_null(furrow__arena_aligned(&arena, SIZE_MAX, 1));
    assert_null(furrow__arena_aligned(&arena, SIZE_MAX - 8, 1));
    assert_null(furrow__arena_text(&arena, "", SIZE_MAX));
    left = 0;
    assert_null(furrow__arena_aligned(&arena, 5000, 1));
    left = -1;
    assert_non_null(furrow__arena_aligned(&arena, 5000, 1));
    furrow__arena_done(&arena);
}

static void test_memory__sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    assert_null(furrow__allocate_zeroed(SIZE_MAX / 2, 3));
    char *block = furrow__allocate_zeroed(3, 5);
    for (int i = 0; i < 15; i++)
        assert_int_equal(block[i], 0);
    furrow__release(block);
    furrow__release(NULL);
    char *empty = furrow__allocate(0);
    assert_non_null(empty);
    furrow__release(empty);
    char *copy = furrow__duplicate("x");
    assert_string_equal(copy, "x");
    furrow__release(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_arena__allocations_are_aligned_and_do_not_overlap,
                                        count, stop_counting),
        cmocka_unit_test_setup_teardown(test_arena__clear_keeps_first_block, count, stop_counting),
        cmocka_unit_test_setup_teardown(test_arena__large_allocations_keep_the_current_block, count,
                                        stop_counting),
        cmocka_unit_test_setup_teardown(test_arena__rewind_frees_later_allocations, count,
                                        stop_counting),
        cmocka_unit_test_setup_teardown(test_arena__is_usable_after_a_failure, count,
                                        stop_counting),
        cmocka_unit_test_setup_teardown(test_memory__sizes_that_overflow_are_refused, count,
                                        stop_counting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
