/* SPDX-License-Identifier: MIT
 *
 * Migrates between pairs of schemas that contain rows, on both engines. The difference is computed,
 * written, read and planned. It is then run as an upgrade, as a downgrade, and as an upgrade again.
 * pairs.h describes what must be true. FURROW_TEST_SCALE=full runs 300 random pairs instead of 25;
 * FURROW_TEST_SEED runs only the random pair with that seed. The pairs that were written by hand
 * always run. At the end, every kind of change must have run. */
#include "pairs_picked.h"
#include "pairs_random.h"

static cover covered;

static bool is_full(void)
{
    const char *scale = getenv("FURROW_TEST_SCALE");
    return scale && strcmp(scale, "full") == 0;
}

static void test_pairs__picked_pairs_keep_their_values(void **state)
{
    fixture *f = *state;
    const char *one = getenv("FURROW_TEST_PAIR");
    covered = (cover){.count = 0};
    for (size_t i = 0; i < sizeof picked / sizeof *picked; i++) {
        if (one && strcmp(one, picked[i].name) != 0)
            continue;
        size_t kept = try_pair(f, &picked[i], &covered);
        if (!kept && !picked[i].refused && !picked[i].by_hand)
            fail_msg("pair \"%s\" keeps no value", picked[i].name);
        make_empty(f);
    }
    printf("%zu pairs that were written by hand\n", sizeof picked / sizeof *picked);
}

static void test_pairs__random_pairs_keep_their_values(void **state)
{
    fixture *f = *state;
    const char *one = getenv("FURROW_TEST_SEED");
    unsigned long begin = one ? strtoul(one, NULL, 10) : 1, count = one ? 1 : is_full() ? 300 : 25;
    size_t kept = 0, changes = 0;
    for (unsigned long seed = begin; seed < begin + count; seed++) {
        furrow_arena arena = {0};
        random_pair r;
        char name[40];
        pair p = make_random_pair(&r, seed, &arena);
        snprintf(name, sizeof name, "seed %lu", seed);
        p.name = name;
        kept += try_pair(f, &p, &covered);
        changes += r.changes.count;
        random_done(&r);
        furrow__arena_done(&arena);
        make_empty(f);
    }
    printf("%lu random pairs, beginning with seed %lu, %zu changes, %zu values kept\n", count,
           begin, changes, kept);
    assert_true(one || (changes > 2 * count && kept > 20 * count));
}

static void test_pairs__cover_every_kind_of_change(void **state)
{
    (void)state;
    if (getenv("FURROW_TEST_PAIR") || getenv("FURROW_TEST_SEED"))
        skip();
    if (cover_misses(&covered, getenv("FURROW_TEST_VERBOSE") != NULL))
        fail_msg("the kinds of change above were never run");
}

int main(void)
{
    const struct CMUnitTest sqlite[] = {
        SQLITE_TEST(test_pairs__picked_pairs_keep_their_values),
        SQLITE_TEST(test_pairs__random_pairs_keep_their_values),
        cmocka_unit_test(test_pairs__cover_every_kind_of_change),
    };
    int failed = cmocka_run_group_tests_name("pairs on SQLite", sqlite, NULL, NULL);
#ifdef FURROW_WITH_POSTGRESQL
    const struct CMUnitTest postgresql[] = {
        POSTGRESQL_TEST(test_pairs__picked_pairs_keep_their_values),
        POSTGRESQL_TEST(test_pairs__random_pairs_keep_their_values),
        cmocka_unit_test(test_pairs__cover_every_kind_of_change),
    };
    if (has_server())
        failed += cmocka_run_group_tests_name("pairs on PostgreSQL", postgresql, NULL, NULL);
    else
        puts("skipped: FURROW_TEST_POSTGRESQL names no server");
#endif
    return failed;
}
