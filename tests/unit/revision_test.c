/* SPDX-License-Identifier: MIT
 * Revision files, and the graph that the revisions form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "migrate/revision/revision.h"
#include "migrate_world.h"

/* A history that a test adds revisions to. Each revision is written as a file and read again. */
typedef struct world {
    furrow_arena arena;
    furrow__history history;
} world;

static void start(world *w)
{
    *w = (world){.arena = {0}};
    w->history.arena = &w->arena;
}

static void done(world *w)
{
    furrow__arena_done(&w->arena);
}

/* Computes the schema after the revisions with these ids. The history can be one that
 * furrow__history_link has not linked. */
static void state_of(world *w, furrow__catalog *out, const char *const *ids, size_t count)
{
    furrow_error error = {0};
    furrow__catalog_init(out, NULL, &w->arena);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < w->history.count; j++)
            if (strcmp(w->history.items[j]->id, ids[i]) == 0 &&
                furrow__changes_apply(out, &w->history.items[j]->upgrade, &error) != FURROW_OK)
                fail_msg("%s", error.message);
}

static const char *add(world *w, const char *id, const char *const *ancestors, size_t count,
                       const char *const *parents, size_t parent_count, const char *up,
                       const char *down)
{
    furrow_error error = {0};
    furrow__catalog before, after;
    furrow__revision revision = {.id = id, .message = "a change", .parent_count = parent_count};
    furrow__buffer text = {0};
    furrow__file_location place;
    char fingerprints[2][FURROW__FINGERPRINT_SIZE];
    for (size_t i = 0; i < parent_count; i++)
        revision.parents[i] = parents[i];
    state_of(w, &before, ancestors, count);
    state_of(w, &after, ancestors, count);
    read_changes(&revision.upgrade, up, &w->arena);
    if (down)
        read_changes(&revision.downgrade, down, &w->arena);
    revision.irreversible = !down;
    apply_changes(&after, &revision.upgrade);
    furrow__catalog_fingerprint(fingerprints[0], &before, &error);
    furrow__catalog_fingerprint(fingerprints[1], &after, &error);
    revision.before = fingerprints[0];
    revision.after = fingerprints[1];
    furrow__revision_write(&text, &revision, &before, &after);
    if (furrow__history_add(
            &w->history,
            &(furrow__source_text){.text = text.text, .size = text.size, .location = {.file = id}},
            &place, &error) != FURROW_OK)
        fail_msg("%u:%u: %s\n%s", place.line, place.column, error.message, text.text);
    const furrow__revision *read = w->history.items[w->history.count - 1];
    furrow__buffer again = {0};
    furrow__revision_write(&again, read, &before, &after);
    assert_string_equal(again.text, text.text);
    const char *copy = furrow__arena_text(&w->arena, text.text, text.size);
    furrow__buffer_done(&text);
    furrow__buffer_done(&again);
    return copy;
}

static const char A[] = "aaaaaaaaaaaa", B[] = "bbbbbbbbbbbb", C[] = "cccccccccccc",
                  D[] = "dddddddddddd";

/* Builds a history in which A is the first revision, B and C are two branches after A, and D merges
 * B and C. */
static void diamond(world *w)
{
    start(w);
    add(w, A, NULL, 0, NULL, 0, "CREATE TABLE t (id BIGINT PRIMARY KEY);", "DROP TABLE t;");
    add(w, C, (const char *const[]){A}, 1, (const char *const[]){A}, 1, "ALTER TABLE t ADD c TEXT;",
        "ALTER TABLE t DROP c;");
    add(w, B, (const char *const[]){A}, 1, (const char *const[]){A}, 1, "ALTER TABLE t ADD b TEXT;",
        "ALTER TABLE t DROP b;");
    add(w, D, (const char *const[]){A, B, C}, 3, (const char *const[]){C, B}, 2,
        "CREATE INDEX i ON t (b, c);", "DROP INDEX i;");
}

static void test_revision__is_written_as_documented(void **state)
{
    (void)state;
    world w;
    start(&w);
    const char *text =
        add(&w, A, NULL, 0, NULL, 0, "CREATE TABLE t (id BIGINT PRIMARY KEY);", "DROP TABLE t;");
    const char *fingerprint = w.history.items[0]->after;
    char expected[600];
    snprintf(expected, sizeof expected,
             "-- furrow revision aaaaaaaaaaaa\n-- parent: none\n-- message: a change\n"
             "-- before: %s\n-- after: %s\n\n"
             "-- upgrade\nCREATE TABLE t (\n    id BIGINT NOT NULL,\n    CONSTRAINT t_pkey PRIMARY "
             "KEY (id)\n);\n\n-- downgrade\nDROP TABLE t;\n",
             w.history.items[0]->before, fingerprint);
    assert_string_equal(text, expected);
    assert_int_equal(strlen(w.history.items[0]->hash), 32);
    done(&w);
}

static void test_revision__has_blocks_for_engines(void **state)
{
    (void)state;
    static const char text[] =
        "-- furrow revision aaaaaaaaaaaa\n-- parent: none\n-- message: engines\n"
        "-- before: 00000000000000000000000000000000\n"
        "-- after: 00000000000000000000000000000000\n-- no-transaction\n\n"
        "-- upgrade sqlite\n"
        "-- effect: CREATE TABLE t (id BIGINT PRIMARY KEY);\n"
        "-- mine\n"
        "CREATE TABLE t (id INTEGER PRIMARY KEY); -- a; b\n"
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN\n"
        "    SELECT CASE WHEN 1 THEN 2 END;\n    SELECT 'x;';\nEND;\n"
        "-- upgrade postgresql\n"
        "-- effect: CREATE TABLE t (id BIGINT PRIMARY KEY);\n"
        "CREATE TABLE t (id BIGINT PRIMARY KEY);\n"
        "DO $x$ BEGIN PERFORM 1; END; $x$;\n"
        "-- upgrade\n"
        "CREATE INDEX CONCURRENTLY i ON t (id);\n"
        "-- upgrade sqlite\n-- effect: none\nPRAGMA x;\n"
        "-- downgrade\nDROP TABLE t;\n";
    world w;
    furrow_error error = {0};
    furrow__file_location place;
    start(&w);
    if (furrow__history_add(
            &w.history,
            &(furrow__source_text){.text = text, .size = strlen(text), .location = {.file = "f"}},
            &place, &error) != FURROW_OK)
        fail_msg("%u:%u: %s", place.line, place.column, error.message);
    const furrow__change_list *up = &w.history.items[0]->upgrade;
    assert_true(w.history.items[0]->no_transaction);
    assert_int_equal(up->count, 3);
    assert_int_equal(up->items[0].kind, FURROW__ENGINE);
    assert_int_equal(up->items[0].engine_count, 2);
    assert_int_equal(up->items[0].effect.count, 1);
    assert_int_equal(up->items[0].engines[0].count, 2);
    assert_string_equal(up->items[0].engines[0].statements[1],
                        "CREATE TRIGGER g AFTER INSERT ON t BEGIN\n"
                        "    SELECT CASE WHEN 1 THEN 2 END;\n    SELECT 'x;';\nEND");
    assert_int_equal(up->items[0].engines[0].places[0].line, 11);
    assert_string_equal(up->items[0].engines[1].statements[1], "DO $x$ BEGIN PERFORM 1; END; $x$");
    assert_int_equal(up->items[1].kind, FURROW__CREATE_INDEX);
    assert_int_equal(up->items[2].engine_count, 1);
    assert_int_equal(up->items[2].effect.count, 0);
    furrow__buffer again = {0};
    furrow__revision_write(&again, w.history.items[0], NULL, NULL);
    assert_int_equal(furrow__history_add(&w.history,
                                         &(furrow__source_text){.text = again.text,
                                                                .size = again.size,
                                                                .location = {.file = "g"}},
                                         &place, &error),
                     FURROW_OK);
    assert_int_equal(w.history.items[1]->upgrade.count, 3);
    furrow__buffer_done(&again);
    done(&w);
}

#define HEADER                                                                                     \
    "-- furrow revision aaaaaaaaaaaa\n-- parent: none\n-- message: m\n"                            \
    "-- before: 00000000000000000000000000000000\n-- after: 00000000000000000000000000000000\n"

static const struct {
    const char *text;
    unsigned line, column;
    const char *message;
} mistakes[] = {
    {"", 1, 1, "this is not a revision file: the first line is not -- furrow revision ID"},
    {"CREATE TABLE t (id BIGINT);", 1, 1,
     "this is not a revision file: the first line is not -- furrow revision ID"},
    {"-- furrow revision 12\n", 1, 20, "an id is 12 hex digits"},
    {"-- furrow revision aaaaaaaaaaaa\n-- message: m\n", 2, 1,
     "the header has no line \"-- parent:\""},
    {"-- furrow revision aaaaaaaaaaaa\n-- parent: 12\n", 2, 12, "a parent is 12 hex digits"},
    {HEADER, 5, 1, "the section -- upgrade is missing"},
    {HEADER "DROP TABLE t;\n-- upgrade\n-- downgrade\n", 6, 1,
     "this statement is not in a section"},
    {HEADER "-- upgrade\n", 6, 1, "the section -- downgrade is missing"},
    {HEADER "-- irreversible\n-- upgrade\n-- downgrade\n", 8, 1,
     "an irreversible revision has no downgrade"},
    {HEADER "-- upgrade\n-- downgrade\n-- irreversible\n", 8, 1, "this word has no meaning here"},
    {HEADER "-- upgrade oracle\n-- downgrade\n", 6, 12,
     "the name of an engine expected: sqlite or postgresql"},
    {HEADER "-- upgrade sqlite\nPRAGMA x;\n-- downgrade\n", 6, 1,
     "this block does not declare its effect on the schema"},
    {HEADER "-- upgrade sqlite\n-- effect: none\nSELECT 1; /* ; */ COMMIT;\n-- downgrade\n", 8, 19,
     "this would end the revision's transaction, or outlive it"},
    {HEADER "-- upgrade sqlite\n-- effect: none\nPRAGMA x\n-- downgrade\n", 8, 1,
     "this statement has no semicolon at its end"},
    {HEADER "-- upgrade sqlite\n-- effect: DROP TABEL x;\nPRAGMA x;\n-- downgrade\n", 7, 17,
     "TABLE or INDEX expected, not TABEL"},
    {HEADER "-- upgrade sqlite\n-- effect: none\nPRAGMA x;\n-- upgrade postgresql\n"
            "-- effect: DROP TABLE x;\nDROP TABLE x;\n-- downgrade\n",
     9, 1, "the effect of this block differs from that of the block before it"},
    {HEADER "-- upgrade\n\nDROP TABEL x;\n-- downgrade\n", 8, 6,
     "TABLE or INDEX expected, not TABEL"},
    {HEADER "-- upgrade\nDROP INDEX CONCURRENTLY i;\n-- downgrade\n", 7, 1,
     "CONCURRENTLY does not work within a transaction"},
};

static void test_revision__mistakes_have_a_location(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        world w;
        furrow_error error = {0};
        furrow__file_location place;
        start(&w);
        assert_int_equal(
            furrow__history_add(&w.history,
                                &(furrow__source_text){.text = mistakes[i].text,
                                                       .size = strlen(mistakes[i].text),
                                                       .location = {.file = "f"}},
                                &place, &error),
            FURROW_INVALID);
        assert_string_equal(error.message, mistakes[i].message);
        assert_int_equal(place.line, mistakes[i].line);
        assert_int_equal(place.column, mistakes[i].column);
        assert_int_equal(w.history.count, 0);
        done(&w);
    }
}

/* Editors and version control on Windows can change the line endings and add a byte order mark. */
static void test_revision__line_ends_and_byte_order_mark_do_not_matter(void **state)
{
    (void)state;
    static const char text[] = HEADER "-- upgrade\n-- upgrade sqlite\n-- effect: none\n"
                                      "SELECT 1,\n2;\n-- downgrade\n";
    world w;
    furrow_error error = {0};
    furrow__file_location place;
    furrow__buffer other = {0};
    start(&w);
    furrow__buffer_add_text(&other, "\xEF\xBB\xBF");
    for (const char *c = text; *c; c++)
        furrow__buffer_add_text(&other, *c == '\n' ? "\r\n" : (char[]){*c, '\0'});
    assert_int_equal(furrow__history_add(&w.history,
                                         &(furrow__source_text){.text = text,
                                                                .size = sizeof text - 1,
                                                                .location = {.file = "f"}},
                                         &place, &error),
                     FURROW_OK);
    assert_int_equal(furrow__history_add(&w.history,
                                         &(furrow__source_text){.text = other.text,
                                                                .size = other.size,
                                                                .location = {.file = "g"}},
                                         &place, &error),
                     FURROW_OK);
    const furrow__revision *const *read = (const furrow__revision *const *)w.history.items;
    assert_string_equal(read[1]->hash, read[0]->hash);
    assert_string_equal(read[1]->text, text);
    assert_string_equal(read[1]->upgrade.items[0].engines[0].statements[0], "SELECT 1,\n2");
    furrow__buffer_done(&other);
    done(&w);
}

/* A file that is not a revision causes a single error, not an error for each line of the missing
 * header. */
static void test_revision__a_file_without_header_is_refused(void **state)
{
    (void)state;
    world w;
    furrow_error error = {0};
    furrow__problem_list problems;
    start(&w);
    assert_int_equal(
        furrow__history_add_all(
            &w.history,
            &(furrow__source_text){.text = "SELECT 1;\n", .size = 10, .location = {.file = "f"}},
            &problems, &error),
        FURROW_INVALID);
    assert_int_equal(problems.count, 1);
    assert_string_equal(problems.items[0].message,
                        "this is not a revision file: the first line is not -- furrow revision ID");
    done(&w);
}

static void test_revision__history_is_ordered_and_replayed(void **state)
{
    (void)state;
    world w;
    furrow_error error = {0};
    furrow__catalog catalog;
    furrow__revision *heads[4];
    diamond(&w);
    if (furrow__history_link(&w.history, &error) != FURROW_OK)
        fail_msg("%s", error.message);
    const char *const order[] = {A, B, C, D};
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(w.history.items[i]->id, order[i]);
    assert_int_equal(w.history.items[0]->child_count, 2);
    assert_string_equal(w.history.items[2]->children[0], D);
    assert_int_equal(w.history.items[3]->child_count, 0);
    assert_int_equal(furrow__history_heads(&w.history, heads, 4), 1);
    assert_ptr_equal(heads[0], w.history.items[3]);
    if (furrow__history_replay(&catalog, &w.history, (const bool[]){true, true, true, true},
                               &w.arena, &error) != FURROW_OK)
        fail_msg("%s", error.message);
    assert_non_null(strstr(catalog_text(&catalog, &w.arena), "index i (b, c)"));
    assert_int_equal(furrow__history_replay(&catalog, &w.history,
                                            (const bool[]){true, true, true, false}, &w.arena,
                                            &error),
                     FURROW_OK);
    assert_int_equal(furrow__history_replay(&catalog, &w.history,
                                            (const bool[]){true, true, false, true}, &w.arena,
                                            &error),
                     FURROW_INVALID);
    assert_string_equal(error.message,
                        "revision dddddddddddd is applied, but its parent cccccccccccc is not");
    assert_ptr_equal(furrow__history_find(&w.history, "b", &error), w.history.items[1]);
    assert_null(furrow__history_find(&w.history, "e", &error));
    w.history.items[2]->after = w.history.items[2]->before;
    assert_int_equal(furrow__history_replay(&catalog, &w.history,
                                            (const bool[]){true, true, true, true}, &w.arena,
                                            &error),
                     FURROW_INVALID);
    assert_non_null(
        strstr(error.message, "cccccccccccc:5:11: error: the schema after this revision is "));
    done(&w);
}

static void test_revision__wrong_parents_are_refused(void **state)
{
    (void)state;
    world w;
    furrow_error error = {0};
    start(&w);
    add(&w, A, NULL, 0, (const char *const[]){B}, 1, "CREATE TABLE t (id BIGINT);", NULL);
    assert_int_equal(furrow__history_link(&w.history, &error), FURROW_INVALID);
    assert_string_equal(error.message,
                        "aaaaaaaaaaaa:2:12: error: the parent bbbbbbbbbbbb is missing");
    add(&w, B, NULL, 0, (const char *const[]){A}, 1, "CREATE TABLE u (id BIGINT);", NULL);
    assert_int_equal(furrow__history_link(&w.history, &error), FURROW_INVALID);
    assert_string_equal(error.message,
                        "aaaaaaaaaaaa:2:12: error: this revision is its own ancestor");
    add(&w, A, NULL, 0, NULL, 0, "CREATE TABLE v (id BIGINT);", NULL);
    assert_int_equal(furrow__history_link(&w.history, &error), FURROW_INVALID);
    assert_string_equal(error.message,
                        "aaaaaaaaaaaa:1:20: error: aaaaaaaaaaaa is also revision aaaaaaaaaaaa");
    done(&w);
}

/* Returns the ids of a route as one string. */
static const char *route(world *w, const bool *applied, const char *target, bool down)
{
    furrow_error error = {0};
    furrow__revision_steps steps;
    furrow__buffer out = {0};
    if (furrow__history_route(
            &steps, &w->history,
            &(furrow__history_target){.applied = applied, .name = target, .down = down}, &w->arena,
            &error) != FURROW_OK)
        return furrow__arena_text(&w->arena, error.message, strlen(error.message));
    for (size_t i = 0; i < steps.count; i++) {
        furrow__buffer_add(&out, steps.items[i].revision->id, 1);
        assert_int_equal(steps.items[i].down, down);
        assert_non_null(steps.items[i].before);
        if (i)
            assert_ptr_equal(steps.items[i].before, steps.items[i - 1].after);
    }
    const char *text = furrow__arena_text(&w->arena, furrow__buffer_text(&out), out.size);
    furrow__buffer_done(&out);
    return text;
}

static void test_revision__routes_lead_to_targets(void **state)
{
    (void)state;
    static const bool none[4] = {false}, all[4] = {true, true, true, true},
                      branch[4] = {true, false, true, false};
    world w;
    furrow_error error = {0};
    diamond(&w);
    assert_int_equal(furrow__history_link(&w.history, &error), FURROW_OK);
    assert_string_equal(route(&w, none, "head", false), "abcd");
    assert_string_equal(route(&w, none, "+2", false), "ab");
    assert_string_equal(route(&w, none, "ccc", false), "ac");
    assert_string_equal(route(&w, branch, "heads", false), "bd");
    assert_string_equal(route(&w, all, "head", false), "");
    assert_string_equal(route(&w, all, "base", true), "dcba");
    assert_string_equal(route(&w, all, "-1", true), "d");
    assert_string_equal(route(&w, all, "b", true), "dc");
    assert_string_equal(route(&w, all, "x", true), "there is no revision \"x\"");
    assert_string_equal(route(&w, all, "-5", true),
                        "\"-5\" asks for too many revisions: only 4 are applied");
    assert_string_equal(
        route(&w, all, "-99999999999999999999", true),
        "\"-99999999999999999999\" asks for too many revisions: only 4 are applied");
    assert_string_equal(route(&w, branch, "+3", false),
                        "\"+3\" asks for too many revisions: only 2 are left to apply");
    assert_string_equal(route(&w, all, "+1", false),
                        "\"+1\" asks for too many revisions: only 0 are left to apply");
    w.history.items[3]->irreversible = true;
    assert_string_equal(route(&w, all, "-2", true), "revision dddddddddddd is irreversible");
    done(&w);
}

static void test_revision__sum_detects_differences(void **state)
{
    (void)state;
    world w;
    furrow_error error = {0};
    furrow__buffer sum = {0};
    bool differs;
    diamond(&w);
    assert_int_equal(furrow__history_link(&w.history, &error), FURROW_OK);
    assert_int_equal(furrow__sum_write(&sum, &w.history, &error), FURROW_OK);
    assert_int_equal(furrow__sum_check(&w.history, sum.text, sum.size, &differs, &error),
                     FURROW_OK);
    /* A revision file was edited. */
    const char *hash = w.history.items[1]->hash;
    w.history.items[1]->hash = w.history.items[0]->hash;
    assert_int_equal(furrow__sum_check(&w.history, sum.text, sum.size, &differs, &error),
                     FURROW_INVALID);
    assert_string_equal(error.message,
                        "bbbbbbbbbbbb: error: this file was edited since it was written");
    assert_true(differs);
    w.history.items[1]->hash = hash;
    /* The statements of a revision have changed. */
    char *last = strrchr(sum.text, ' ') + 1;
    *last = *last == '0' ? '1' : '0';
    assert_int_equal(furrow__sum_check(&w.history, sum.text, sum.size, &differs, &error),
                     FURROW_INVALID);
    assert_non_null(
        strstr(error.message, "dddddddddddd: error: this file produces different statements"));
    /* One revision is not in furrow.sum, and furrow.sum has an entry without a revision file. */
    *strstr(sum.text, "dddd") = 'e';
    assert_int_equal(furrow__sum_check(&w.history, sum.text, sum.size, &differs, &error),
                     FURROW_INVALID);
    assert_string_equal(error.message,
                        "revision eddddddddddd is in furrow.sum, but its file is missing");
    *strstr(sum.text, "eddd") = '#';
    assert_int_equal(furrow__sum_check(&w.history, sum.text, sum.size, &differs, &error),
                     FURROW_INVALID);
    assert_string_equal(error.message, "dddddddddddd: error: this file is not in furrow.sum");
    furrow__buffer_done(&sum);
    done(&w);
}

/* Inserts `more` before `at` in the text of a furrow.sum and checks this text. Returns the number
 * of the line that is reported as invalid. */
static size_t wrong_line(const furrow__buffer *sum, const char *at, const char *more,
                         furrow_error *error)
{
    furrow__buffer text = {0};
    const char *place = strstr(sum->text, at);
    assert_non_null(place);
    furrow__buffer_add(&text, sum->text, (size_t)(place - sum->text));
    furrow__buffer_add_text(&text, more);
    furrow__buffer_add_text(&text, place);
    size_t line = furrow__sum_wrong_line(furrow__buffer_text(&text), text.size, error);
    furrow__buffer_done(&text);
    return line;
}

/* Builds a history with two branches. B changes both columns of a foreign key to a narrower type. C
 * adds a table with a foreign key of the old, wider type. */
static void keys_diamond(world *w, const char *up, const char *down)
{
    start(w);
    add(w, A, NULL, 0, NULL, 0,
        "CREATE TABLE p (id BIGINT PRIMARY KEY);\nCREATE TABLE c (p BIGINT REFERENCES p (id));",
        "DROP TABLE c;\nDROP TABLE p;");
    add(w, B, (const char *const[]){A}, 1, (const char *const[]){A}, 1,
        "ALTER TABLE p ALTER COLUMN id TYPE INTEGER;\nALTER TABLE c ALTER COLUMN p TYPE INTEGER;",
        "ALTER TABLE c ALTER COLUMN p TYPE BIGINT;\nALTER TABLE p ALTER COLUMN id TYPE BIGINT;");
    add(w, C, (const char *const[]){A}, 1, (const char *const[]){A}, 1,
        "CREATE TABLE d (p BIGINT REFERENCES p (id));", "DROP TABLE d;");
    add(w, D, (const char *const[]){A, B, C}, 3, (const char *const[]){B, C}, 2, up, down);
}

/* If a foreign key has columns of different types because of two branches, the revision that merges
 * the branches must correct the types. */
static void test_revision__a_merge_resolves_types_of_a_foreign_key(void **state)
{
    (void)state;
    furrow_error error = {0};
    furrow__catalog catalog;
    const bool all[] = {true, true, true, true}, branches[] = {true, true, true, false};
    world w;
    keys_diamond(&w, "ALTER TABLE d ALTER COLUMN p TYPE INTEGER;",
                 "ALTER TABLE d ALTER COLUMN p TYPE BIGINT;");
    assert_int_equal(furrow__history_link(&w.history, &error), FURROW_OK);
    if (furrow__history_replay(&catalog, &w.history, all, &w.arena, &error) != FURROW_OK)
        fail_msg("%s", error.message);
    assert_string_equal(route(&w, branches, "head", false), "d");
    assert_string_equal(route(&w, all, "base", true), "dcba");
    assert_int_equal(furrow__history_check(&w.history, 3, &error), FURROW_OK);
    done(&w);
    keys_diamond(&w, "CREATE TABLE e (id BIGINT PRIMARY KEY);", "DROP TABLE e;");
    assert_int_equal(furrow__history_link(&w.history, &error), FURROW_OK);
    assert_int_equal(furrow__history_replay(&catalog, &w.history, all, &w.arena, &error),
                     FURROW_INVALID);
    assert_string_equal(error.message,
                        "dddddddddddd:8:1: error: column \"p\" of table \"d\" refers to "
                        "\"p.id\", which has another type");
    done(&w);
}

static void test_revision__sum_refuses_marks_of_a_merge_conflict(void **state)
{
    (void)state;
    world w;
    bool differs = true;
    furrow_error error = {0};
    furrow__buffer sum = {0}, other = {0};
    diamond(&w);
    assert_int_equal(furrow__history_link(&w.history, &error), FURROW_OK);
    assert_int_equal(furrow__sum_write(&sum, &w.history, &error), FURROW_OK);
    assert_int_equal(wrong_line(&sum, "bbbb", "", &error), 0);
    assert_int_equal(wrong_line(&sum, "bbbb", "# a remark\r\n\n\r\n", &error), 0);
    /* line 1 is the heading, line 2 the first revision */
    assert_int_equal(wrong_line(&sum, "bbbb", "<<<<<<< HEAD\n", &error), 3);
    assert_string_equal(error.message, "unresolved merge conflict: \"<<<<<<<\"");
    assert_non_null(strstr(error.hint, "furrow sum --accept ID"));
    assert_int_equal(wrong_line(&sum, "cccc", "=======\n", &error), 4);
    assert_int_equal(wrong_line(&sum, "dddd", ">>>>>>> theirs\r\n", &error), 5);
    assert_int_equal(wrong_line(&sum, "bbbb", "||||||| base\n", &error), 3);
    assert_int_equal(wrong_line(&sum, "bbbb", "what\n", &error), 3);
    assert_int_equal(wrong_line(&sum, "bbbb", "eeeeeeeeeeee 00 - -\n", &error), 3);
    assert_string_equal(error.message, "expected a revision and its hashes");
    /* A line that occurs twice counts as one line. Two different lines for the same revision are a
     * conflict. */
    const char *line = strstr(sum.text, "bbbb");
    furrow__buffer_add(&other, line, strcspn(line, "\n") + 1);
    assert_int_equal(wrong_line(&sum, "cccc", furrow__buffer_text(&other), &error), 0);
    other.text[20] = other.text[20] == '0' ? '1' : '0';
    assert_int_equal(wrong_line(&sum, "cccc", furrow__buffer_text(&other), &error), 4);
    assert_string_equal(error.message, "revision bbbbbbbbbbbb already has a line above");
    /* If furrow.sum is malformed, furrow__sum_check returns FURROW_INVALID and sets `differs` to
     * false. */
    furrow__buffer_add_text(&sum, "=======\n");
    assert_int_equal(furrow__sum_check(&w.history, sum.text, sum.size, &differs, &error),
                     FURROW_INVALID);
    assert_false(differs);
    assert_string_equal(error.message,
                        "furrow.sum:6:1: error: unresolved merge conflict: \"=======\"");
    furrow__buffer_done(&sum);
    furrow__buffer_done(&other);
    done(&w);
}

static void test_revision__survives_each_failed_allocation(void **state)
{
    (void)state;
    world own;
    diamond(&own);
    bool whole = false;
    for (int k = 0; !whole; k++) {
        world w;
        furrow_error error = {0};
        furrow__file_location place;
        furrow__revision_steps steps;
        furrow_status status = FURROW_OK;
        start(&w);
        allocations_left = k;
        for (size_t i = 0; i < 4 && status == FURROW_OK; i++)
            status = furrow__history_add(&w.history,
                                         &(furrow__source_text){.text = own.history.items[i]->text,
                                                                .size = own.history.items[i]->size,
                                                                .location = {.file = "f"}},
                                         &place, &error);
        if (status == FURROW_OK)
            status = furrow__history_link(&w.history, &error);
        if (status == FURROW_OK)
            status = furrow__history_route(
                &steps, &w.history,
                &(furrow__history_target){
                    .applied = (const bool[4]){false}, .name = "head", .down = false},
                &w.arena, &error);
        furrow__buffer sum = {0};
        if (status == FURROW_OK)
            status = furrow__sum_write(&sum, &w.history, &error);
        furrow__buffer_done(&sum);
        allocations_left = -1;
        whole = status == FURROW_OK;
        if (!whole && status != FURROW_NOMEM)
            fail_msg("%s", error.message);
        done(&w);
    }
    done(&own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_revision__is_written_as_documented),
        cmocka_unit_test(test_revision__has_blocks_for_engines),
        cmocka_unit_test(test_revision__mistakes_have_a_location),
        cmocka_unit_test(test_revision__line_ends_and_byte_order_mark_do_not_matter),
        cmocka_unit_test(test_revision__a_file_without_header_is_refused),
        cmocka_unit_test(test_revision__history_is_ordered_and_replayed),
        cmocka_unit_test(test_revision__wrong_parents_are_refused),
        cmocka_unit_test(test_revision__routes_lead_to_targets),
        cmocka_unit_test(test_revision__sum_detects_differences),
        cmocka_unit_test(test_revision__a_merge_resolves_types_of_a_foreign_key),
        cmocka_unit_test(test_revision__sum_refuses_marks_of_a_merge_conflict),
        cmocka_unit_test_setup_teardown(test_revision__survives_each_failed_allocation,
                                        use_failing_allocator, use_own_allocator),
    };
    return cmocka_run_group_tests_name("revision", tests, NULL, NULL);
}
