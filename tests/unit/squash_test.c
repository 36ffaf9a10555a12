/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../migrate/history.h"
#include "migrate_world.h"
#include "migrate/author/squash.h"

static const char begin[] = "\n-- upgrade\nCREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);\n"
                            "-- downgrade\n-- furrow: allow-data-loss\nDROP TABLE t;\n";
static const char add_b[] = "\n-- upgrade\nALTER TABLE t ADD COLUMN b INTEGER;\n"
                            "-- downgrade\n-- furrow: allow-data-loss\n"
                            "ALTER TABLE t DROP COLUMN b;\n";
static const char add_row[] = "\n-- upgrade\nINSERT INTO t (id, b) VALUES (1, 2);\n"
                              "-- downgrade\nDELETE FROM t WHERE id = 1;\n";

static void make_history(written *w, furrow_arena *arena)
{
    begin_history(w, arena);
    add_revision(w, begin);
    add_revision(w, add_b);
    add_revision(w, add_row);
    end_history(w);
}

/* Writes the revision that squashes all revisions up to number `to`. */
static void write_squash(furrow__buffer *out, const written *w, size_t to)
{
    furrow_error error = {0};
    furrow__squash squash;
    furrow__catalog nothing;
    char before[FURROW__FINGERPRINT_SIZE], after[FURROW__FINGERPRINT_SIZE];
    furrow__catalog_init(&nothing, NULL, w->arena);
    assert_int_equal(
        furrow__squash_make(&squash, &w->history, w->history.items[to], w->arena, &error),
        FURROW_OK);
    assert_int_equal(furrow__catalog_fingerprint(before, &nothing, &error), FURROW_OK);
    assert_int_equal(furrow__catalog_fingerprint(after, &squash.after, &error), FURROW_OK);
    const furrow__revision revision = {.id = "aaaaaaaaaaaa",
                                       .message = "all",
                                       .before = before,
                                       .after = after,
                                       .squashes = squash.squashes,
                                       .squash_count = squash.squash_count,
                                       .upgrade = squash.upgrade,
                                       .downgrade = squash.downgrade};
    furrow__revision_write(out, &revision, &nothing, &squash.after);
}

static furrow_status add_text(furrow__history *history, const char *file, const char *text,
                              furrow_error *error)
{
    furrow__file_location place;
    return furrow__history_add(
        history,
        &(furrow__source_text){.text = text, .size = strlen(text), .location = {.file = file}},
        &place, error);
}

static void test_squash__replaces_all_revisions_up_to_it(void **state)
{
    furrow_arena arena = {0};
    furrow_error error = {0};
    furrow__buffer text = {0};
    furrow__catalog replayed;
    written w;
    const bool applied[] = {true, true};
    (void)state;
    make_history(&w, &arena);
    write_squash(&text, &w, 1);
    assert_non_null(strstr(text.text, "-- squashes: 000000000002, 000000000001\n"));
    furrow__history history = {.arena = &arena};
    assert_int_equal(add_text(&history, "s.sql", text.text, &error), FURROW_OK);
    assert_int_equal(add_text(&history, "03.sql", w.history.items[2]->text, &error), FURROW_OK);
    /* The file of a squashed revision can still exist. It is skipped. */
    assert_int_equal(add_text(&history, "01.sql", w.history.items[0]->text, &error), FURROW_OK);
    assert_int_equal(furrow__history_link(&history, &error), FURROW_OK);
    assert_int_equal(history.count, 2);
    assert_int_equal(history.superseded_count, 1);
    assert_string_equal(history.superseded[0]->file, "01.sql");
    assert_string_equal(history.items[0]->id, "aaaaaaaaaaaa");
    assert_string_equal(history.items[1]->parents[0], "aaaaaaaaaaaa");
    assert_int_equal(furrow__history_replay(&replayed, &history, applied, &arena, &error),
                     FURROW_OK);
    assert_null(furrow__history_find(&history, "000000000002", &error));
    assert_string_equal(error.message, "revision 000000000002 is squashed into aaaaaaaaaaaa");
    furrow__buffer_done(&text);
    furrow__arena_done(&arena);
}

static void test_squash__names_what_it_would_lose(void **state)
{
    furrow_arena arena = {0};
    furrow_error error = {0};
    furrow__squash squash;
    written w;
    (void)state;
    make_history(&w, &arena);
    assert_int_equal(furrow__squash_make(&squash, &w.history, w.history.items[2], &arena, &error),
                     FURROW_OK);
    assert_int_equal(squash.loss_count, 1);
    assert_string_equal(squash.losses[0].revision->file, "03.sql");
    assert_int_equal(squash.losses[0].change->place.line, 8);
    assert_int_equal(furrow__squash_make(&squash, &w.history, w.history.items[0], &arena, &error),
                     FURROW_INVALID);
    assert_string_equal(error.message, "cannot squash a single revision: 000000000001");
    furrow__arena_done(&arena);
}

static void test_squash__refuses_an_impossible_squash(void **state)
{
    furrow_arena arena = {0};
    furrow_error error = {0};
    furrow__buffer text = {0};
    written w;
    (void)state;
    make_history(&w, &arena);
    write_squash(&text, &w, 1);
    furrow__history history = {.arena = &arena};
    assert_int_equal(add_text(&history, "s.sql", text.text, &error), FURROW_OK);
    memcpy(text.text + sizeof "-- furrow revision " - 1, "bbbbbbbbbbbb", 12);
    assert_int_equal(add_text(&history, "t.sql", text.text, &error), FURROW_OK);
    assert_int_equal(furrow__history_link(&history, &error), FURROW_INVALID);
    assert_string_equal(error.message, "t.sql:6:14: error: s.sql also squashes 000000000002");
    /* Only a revision without parents can squash other revisions. */
    char *parent = strstr(text.text, "none");
    furrow__buffer child = {0};
    furrow__buffer_format(&child, "%.*s000000000009%s", (int)(parent - text.text), text.text,
                          parent + 4);
    assert_int_equal(add_text(&history, "u.sql", child.text, &error), FURROW_INVALID);
    assert_string_equal(error.message, "a revision that squashes others is a base");
    furrow__buffer_done(&child);
    furrow__buffer_done(&text);
    furrow__arena_done(&arena);
}

static void test_squash__survives_each_failed_allocation(void **state)
{
    furrow_arena arena = {0};
    written w;
    furrow_status status = FURROW_NOMEM;
    int failed = -1;
    (void)state;
    make_history(&w, &arena);
    for (int k = 0; status != FURROW_OK; k++, failed++) {
        furrow_arena own = {0};
        furrow_error error = {0};
        furrow__squash squash;
        allocations_left = k;
        status = furrow__squash_make(&squash, &w.history, w.history.items[2], &own, &error);
        allocations_left = -1;
        if (status == FURROW_OK)
            assert_int_equal(squash.file_count, 3);
        else
            assert_int_equal(status, FURROW_NOMEM);
        furrow__arena_done(&own);
    }
    assert_true(failed > 1);
    furrow__arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_squash__replaces_all_revisions_up_to_it),
        cmocka_unit_test(test_squash__names_what_it_would_lose),
        cmocka_unit_test(test_squash__refuses_an_impossible_squash),
        cmocka_unit_test_setup_teardown(test_squash__survives_each_failed_allocation,
                                        use_failing_allocator, use_own_allocator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
