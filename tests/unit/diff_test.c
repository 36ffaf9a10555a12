/* SPDX-License-Identifier: MIT
 * Differences between schemas. The tests check the text of the changes. They also check that the
 * changes turn the first schema into the second and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "migrate/author/diff.h"
#include "migrate/catalog/ddl.h"
#include "migrate_random.h"
#include "schema_models.h"

enum { PAIRS = 400 };

static void fingerprint(char out[FURROW__FINGERPRINT_SIZE], const furrow__catalog *catalog)
{
    furrow_error error = {0};
    if (furrow__catalog_fingerprint(out, catalog, &error) != FURROW_OK)
        fail_msg("%s", error.message);
}

/* Returns the changes from `a` to `b` as text. Checks that parsing and applying this text has the
 * same effect as the changes. */
static const char *go(const furrow__catalog *a, const furrow__catalog *b, bool is_downgrade,
                      furrow_arena *arena)
{
    furrow__diff diff;
    furrow_error error = {0};
    char wanted[FURROW__FINGERPRINT_SIZE], got[FURROW__FINGERPRINT_SIZE];
    if (furrow__diff_catalogs(
            &diff,
            &(furrow__diff_request){a, b, (furrow__diff_options){.is_downgrade = is_downgrade}},
            arena, &error) != FURROW_OK)
        fail_msg("%s (%s)\nfrom\n%s\nto\n%s", error.message, error.hint, catalog_text(a, arena),
                 catalog_text(b, arena));
    fingerprint(wanted, b);
    const char *text = changes_text(&diff.changes, arena);
    furrow__change_list again;
    read_changes(&again, text, arena);
    assert_int_equal(again.count, diff.changes.count);
    for (int i = 0; i < 2; i++) {
        furrow__catalog copy;
        assert_int_equal(furrow__catalog_copy(&copy, a, arena, &error), FURROW_OK);
        apply_changes(&copy, i ? &again : &diff.changes);
        fingerprint(got, &copy);
        if (strcmp(got, wanted) != 0)
            fail_msg("the changes\n%s\nlead to\n%s\ninstead of\n%s", text,
                     catalog_text(&copy, arena), catalog_text(b, arena));
    }
    return text;
}

static void test_diff__leads_from_any_schema_to_any_other_and_back(void **state)
{
    (void)state;
    size_t changes = 0;
    for (unsigned seed = 0; seed < PAIRS; seed++) {
        furrow_arena arena = {0};
        random_source r = {.state = seed, .related = seed % 3 == 0};
        furrow__catalog schemas[2];
        for (size_t i = 0; i < 2; i++) {
            furrow__buffer text = {0};
            random_schema(&r, &text);
            make_catalog(&schemas[i], text.size ? text.text : "", &arena);
            furrow__buffer_done(&text);
        }
        changes += strlen(go(&schemas[0], &schemas[1], false, &arena));
        go(&schemas[1], &schemas[0], true, &arena);
        assert_string_equal(go(&schemas[0], &schemas[0], false, &arena), "");
        furrow__arena_done(&arena);
    }
    assert_true(changes > 10000);
}

static const struct {
    const char *from, *to, *changes;
} cases[] = {
    {"CREATE TABLE contact (id BIGINT PRIMARY KEY);",
     "CREATE TABLE contact (id BIGINT PRIMARY KEY, phone VARCHAR(20));\n"
     "CREATE INDEX contact_phone_idx ON contact (phone) WHERE phone IS NOT NULL;",
     "ALTER TABLE contact ADD COLUMN phone VARCHAR(20);\n"
     "CREATE INDEX contact_phone_idx ON contact (phone) WHERE phone IS NOT NULL;\n"},
    {"CREATE TABLE a (id BIGINT PRIMARY KEY, x TEXT CHECK (x <> ''));",
     "CREATE TABLE a (id BIGINT PRIMARY KEY, x TEXT, CONSTRAINT full_x CHECK ('' <> x));",
     "ALTER TABLE a RENAME CONSTRAINT a_x_check TO full_x;\n"},
    {"CREATE TABLE a (id BIGINT PRIMARY KEY, c ENUM('A', 'B') NOT NULL DEFAULT 'A');",
     "CREATE TABLE a (id BIGINT PRIMARY KEY, c ENUM('B', 'A') NOT NULL DEFAULT 'A');", ""},
    {"CREATE TABLE a (id BIGINT PRIMARY KEY, x INTEGER NOT NULL DEFAULT 1);",
     "CREATE TABLE a (id BIGINT PRIMARY KEY, x TEXT DEFAULT '1');",
     "ALTER TABLE a ALTER COLUMN x DROP DEFAULT;\n"
     "ALTER TABLE a ALTER COLUMN x TYPE TEXT;\n"
     "ALTER TABLE a ALTER COLUMN x DROP NOT NULL;\n"
     "ALTER TABLE a ALTER COLUMN x SET DEFAULT '1';\n"},
    {"CREATE TABLE p (id BIGINT PRIMARY KEY);\n"
     "CREATE TABLE c (id BIGINT PRIMARY KEY, p BIGINT REFERENCES p (id));",
     "CREATE TABLE c (id BIGINT PRIMARY KEY);",
     "ALTER TABLE c DROP CONSTRAINT c_p_fkey;\n"
     "DROP TABLE p;\n"
     "ALTER TABLE c DROP COLUMN p;\n"},
    {"CREATE TABLE a (id BIGINT PRIMARY KEY, Word TEXT, n INTEGER);\n"
     "CREATE INDEX a_i ON a (Word);",
     "CREATE TABLE A (id BIGINT CONSTRAINT a_pkey PRIMARY KEY, word TEXT, N INTEGER);\n"
     "CREATE INDEX A_i ON A (word);",
     "ALTER TABLE a RENAME TO A;\n"
     "ALTER TABLE A RENAME COLUMN Word TO word;\n"
     "ALTER TABLE A RENAME COLUMN n TO N;\n"
     "ALTER INDEX a_i RENAME TO A_i;\n"},
};

static void test_diff__says_what_changed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        furrow_arena arena = {0};
        furrow__catalog a, b;
        make_catalog(&a, cases[i].from, &arena);
        make_catalog(&b, cases[i].to, &arena);
        assert_string_equal(go(&a, &b, false, &arena), cases[i].changes);
        furrow__arena_done(&arena);
    }
}

static const char *to_models(const char *from, furrow__catalog *b, furrow__diff *diff,
                             furrow_arena *arena)
{
    furrow_error error = {0};
    furrow__catalog a;
    make_catalog(&a, from, arena);
    if (furrow__diff_catalogs(
            diff, &(furrow__diff_request){&a, b, (furrow__diff_options){.to_is_models = true}},
            arena, &error) != FURROW_OK)
        fail_msg("%s", error.message);
    return changes_text(&diff->changes, arena);
}

static void test_diff__renamed_from_renames(void **state)
{
    (void)state;
    furrow_arena arena = {0};
    furrow__catalog b;
    furrow__diff diff;
    make_catalog(&b,
                 "CREATE TABLE person (id BIGINT PRIMARY KEY, email TEXT UNIQUE);\n"
                 "CREATE INDEX person_email_idx ON person (email);",
                 &arena);
    b.tables[0]->renamed_from = "contact";
    b.tables[0]->columns[1].renamed_from = "mail";
    assert_string_equal(
        to_models("CREATE TABLE contact (id BIGINT PRIMARY KEY, mail TEXT UNIQUE);\n"
                  "CREATE INDEX contact_mail_idx ON contact (mail);",
                  &b, &diff, &arena),
        "ALTER TABLE contact RENAME TO person;\n"
        "ALTER TABLE person RENAME COLUMN mail TO email;\n"
        "ALTER TABLE person RENAME CONSTRAINT contact_pkey TO person_pkey;\n"
        "ALTER TABLE person RENAME CONSTRAINT contact_mail_key TO "
        "person_email_key;\n"
        "ALTER INDEX contact_mail_idx RENAME TO person_email_idx;\n");
    /* If the rename was done in an earlier revision, the hint has no effect. */
    assert_string_equal(
        to_models("CREATE TABLE person (id BIGINT PRIMARY KEY, email TEXT UNIQUE);\n"
                  "CREATE INDEX person_email_idx ON person (email);",
                  &b, &diff, &arena),
        "");
    furrow__arena_done(&arena);
}

/* In a chain of renames, each rename frees the name that the next rename needs. A cycle of renames
 * is reported, because it cannot be distinguished from renames that were done earlier. */
static void test_diff__a_rename_can_free_a_name(void **state)
{
    (void)state;
    furrow_arena arena = {0};
    furrow__catalog a, b;
    furrow__diff diff;
    make_catalog(&b, "CREATE TABLE t (id BIGINT PRIMARY KEY, c TEXT, b TEXT);", &arena);
    b.tables[0]->columns[1].renamed_from = "b";
    b.tables[0]->columns[2].renamed_from = "a";
    assert_string_equal(
        to_models("CREATE TABLE t (id BIGINT PRIMARY KEY, a TEXT, b TEXT);", &b, &diff, &arena),
        "ALTER TABLE t RENAME COLUMN b TO c;\n"
        "ALTER TABLE t RENAME COLUMN a TO b;\n");
    assert_int_equal(diff.cycle_count, 0);
    assert_string_equal(
        to_models("CREATE TABLE t (id BIGINT PRIMARY KEY, c TEXT, b TEXT);", &b, &diff, &arena),
        "");
    make_catalog(&a, "CREATE TABLE t (id BIGINT PRIMARY KEY, a TEXT, b TEXT);", &arena);
    assert_string_equal(go(&b, &a, true, &arena), "ALTER TABLE t RENAME COLUMN b TO a;\n"
                                                  "ALTER TABLE t RENAME COLUMN c TO b;\n");
    make_catalog(&b,
                 "CREATE TABLE x (id BIGINT PRIMARY KEY, b TEXT, a TEXT);\n"
                 "CREATE TABLE y (id BIGINT PRIMARY KEY);",
                 &arena);
    b.tables[0]->columns[1].renamed_from = "a";
    b.tables[0]->columns[2].renamed_from = "b";
    b.tables[0]->renamed_from = "y";
    b.tables[1]->renamed_from = "x";
    assert_string_equal(to_models("CREATE TABLE x (id BIGINT PRIMARY KEY, a TEXT, b TEXT);\n"
                                  "CREATE TABLE y (id BIGINT PRIMARY KEY);",
                                  &b, &diff, &arena),
                        "");
    assert_int_equal(diff.cycle_count, 4);
    assert_true(diff.cycles[0].is_table && !diff.cycles[3].is_table);
    furrow__arena_done(&arena);
}

/* A renamed_from hint that cannot be followed is reported only if its table or column is new. */
static void test_diff__an_unused_hint_is_reported(void **state)
{
    (void)state;
    static const char from[] = "CREATE TABLE t (id BIGINT PRIMARY KEY, a TEXT, c TEXT, d TEXT);\n"
                               "CREATE TABLE u (id BIGINT PRIMARY KEY);";
    static const char to[] =
        "CREATE TABLE t (id BIGINT PRIMARY KEY, a TEXT, c TEXT, m TEXT, n TEXT, o TEXT, p TEXT);\n"
        "CREATE TABLE u (id BIGINT PRIMARY KEY);\n"
        "CREATE TABLE v (id BIGINT PRIMARY KEY, x TEXT);\n"
        "CREATE TABLE w (id BIGINT PRIMARY KEY);";
    furrow_arena arena = {0};
    furrow__catalog b;
    furrow__diff diff;
    make_catalog(&b, to, &arena);
    b.tables[0]->renamed_from = "old";          /* ignored: the table already existed */
    b.tables[0]->columns[1].renamed_from = "z"; /* ignored: the column already existed */
    b.tables[0]->columns[3].renamed_from = "d"; /* followed: column "d" is renamed */
    b.tables[0]->columns[4].renamed_from = "d"; /* reported: another column has the same hint */
    b.tables[0]->columns[5].renamed_from = "c"; /* reported: column "c" still exists */
    b.tables[0]->columns[6].renamed_from = "nowhere"; /* reported: there was no such column */
    b.tables[2]->renamed_from = "u";                  /* reported: table "u" still exists */
    b.tables[2]->columns[1].renamed_from = "y";       /* ignored: the whole table is new */
    b.tables[3]->renamed_from = "nothing";            /* reported: there was no such table */
    to_models(from, &b, &diff, &arena);
    assert_int_equal(diff.unused_hint_count, 5);
    static const furrow__unused_hint wanted[] = {
        {FURROW__HINT_TAKEN, {NULL, "t"}, "n", "d", "m"},
        {FURROW__HINT_IN_USE, {NULL, "t"}, "o", "c", NULL},
        {FURROW__HINT_UNKNOWN, {NULL, "t"}, "p", "nowhere", NULL},
        {FURROW__HINT_IN_USE, {NULL, "v"}, NULL, "u", NULL},
        {FURROW__HINT_UNKNOWN, {NULL, "w"}, NULL, "nothing", NULL},
    };
    for (size_t i = 0; i < diff.unused_hint_count; i++) {
        assert_int_equal(diff.unused_hints[i].reason, wanted[i].reason);
        assert_string_equal(diff.unused_hints[i].table.name, wanted[i].table.name);
        assert_string_equal(diff.unused_hints[i].from, wanted[i].from);
        assert_true(!diff.unused_hints[i].column == !wanted[i].column);
        if (wanted[i].column)
            assert_string_equal(diff.unused_hints[i].column, wanted[i].column);
        if (wanted[i].by)
            assert_string_equal(diff.unused_hints[i].by, wanted[i].by);
    }
    /* No hint is reported as unused in the first revision. The same is true after all renames have
     * been done. */
    to_models("", &b, &diff, &arena);
    assert_int_equal(diff.unused_hint_count, 0);
    to_models(to, &b, &diff, &arena);
    assert_int_equal(diff.changes.count, 0);
    assert_int_equal(diff.unused_hint_count, 0);
    furrow__arena_done(&arena);
}

static void test_diff__a_downgrade_undoes_renames(void **state)
{
    (void)state;
    furrow_arena arena = {0};
    furrow__catalog a, b;
    furrow__change_list renames;
    make_catalog(&a,
                 "CREATE TABLE contact (id BIGINT PRIMARY KEY, mail TEXT UNIQUE);\n"
                 "CREATE TABLE call (of BIGINT REFERENCES contact (id));",
                 &arena);
    make_catalog(&b,
                 "CREATE TABLE contact (id BIGINT PRIMARY KEY, mail TEXT UNIQUE);\n"
                 "CREATE TABLE call (of BIGINT REFERENCES contact (id));",
                 &arena);
    read_changes(&renames,
                 "ALTER TABLE contact RENAME TO person;\n"
                 "ALTER TABLE person RENAME COLUMN mail TO email;\n"
                 "ALTER TABLE call RENAME COLUMN of TO person;\n",
                 &arena);
    apply_changes(&b, &renames);
    assert_string_equal(go(&b, &a, true, &arena),
                        "ALTER TABLE person RENAME TO contact;\n"
                        "ALTER TABLE contact RENAME COLUMN email TO mail;\n"
                        "ALTER TABLE call RENAME COLUMN person TO of;\n");
    /* A hint has no effect if a new table or column has taken the old name. */
    read_changes(&renames, "ALTER TABLE call ADD COLUMN of BIGINT;", &arena);
    apply_changes(&b, &renames);
    assert_null(strstr(go(&b, &a, true, &arena), "TO of"));
    furrow__arena_done(&arena);
}

static void test_diff__suggests_likely_renames(void **state)
{
    (void)state;
    furrow_arena arena = {0};
    furrow__catalog b;
    furrow__diff diff;
    make_catalog(&b, "CREATE TABLE a (id BIGINT PRIMARY KEY, mobile TEXT);", &arena);
    assert_string_equal(
        to_models("CREATE TABLE a (id BIGINT PRIMARY KEY, phone TEXT);", &b, &diff, &arena),
        "ALTER TABLE a ADD COLUMN mobile TEXT;\n"
        "-- if this was renamed, keep its values: instead of adding and dropping it, write\n"
        "--     ALTER TABLE a RENAME COLUMN phone TO mobile;\n"
        "ALTER TABLE a DROP COLUMN phone;\n");
    assert_int_equal(diff.likely_count, 1);
    assert_string_equal(diff.likely[0].to, "mobile");
    to_models("CREATE TABLE z (id BIGINT PRIMARY KEY, mobile TEXT);", &b, &diff, &arena);
    assert_int_equal(diff.likely_count, 1);
    assert_true(diff.likely[0].is_table);
    furrow__arena_done(&arena);
}

static void test_diff__keeps_what_models_cannot_express(void **state)
{
    (void)state;
    furrow_arena arena = {0};
    furrow__catalog b;
    furrow__diff diff;
    make_catalog(&b, "CREATE TABLE a (id BIGINT PRIMARY KEY);", &arena);
    assert_string_equal(
        to_models("CREATE TABLE a (id BIGINT PRIMARY KEY, x NATIVE 'TEXT' UNIQUE, y TEXT);\n"
                  "CREATE INDEX low ON a ((lower(x)));\n"
                  "CREATE INDEX gone ON a ((lower(y)));",
                  &b, &diff, &arena),
        "DROP INDEX gone;\nALTER TABLE a DROP COLUMN y;\n");
    furrow__arena_done(&arena);
}

static void test_diff__downgrade_says_what_is_lost(void **state)
{
    (void)state;
    furrow_arena arena = {0};
    furrow__catalog a, b;
    make_catalog(&a, "CREATE TABLE a (id BIGINT PRIMARY KEY, x TEXT);\nCREATE TABLE b (id BIGINT);",
                 &arena);
    make_catalog(&b, "CREATE TABLE a (id BIGINT PRIMARY KEY, y DATE);", &arena);
    assert_string_equal(go(&a, &b, true, &arena), "-- loses: every row of b\n"
                                                  "DROP TABLE b;\n"
                                                  "-- cannot bring back: the values of a.y\n"
                                                  "ALTER TABLE a ADD COLUMN y DATE;\n"
                                                  "-- loses: every value of a.x\n"
                                                  "ALTER TABLE a DROP COLUMN x;\n");
    furrow__arena_done(&arena);
}

static void test_diff__downgrade_says_which_schema_is_meant(void **state)
{
    (void)state;
    furrow_arena arena = {0};
    furrow__catalog a, b;
    make_catalog(&a,
                 "CREATE TABLE app.a (id BIGINT PRIMARY KEY, x TEXT);\n"
                 "CREATE TABLE app.b (id BIGINT);",
                 &arena);
    make_catalog(&b,
                 "CREATE TABLE app.a (id BIGINT PRIMARY KEY, y DATE);\n"
                 "CREATE TABLE app.c (id BIGINT);",
                 &arena);
    const char *text = go(&a, &b, true, &arena);
    assert_non_null(strstr(text, "-- loses: every row of app.b\n"));
    assert_non_null(strstr(text, "-- cannot bring back: the rows of app.c\n"));
    assert_non_null(strstr(text, "-- cannot bring back: the values of app.a.y\n"));
    assert_non_null(strstr(text, "-- loses: every value of app.a.x\n"));
    furrow__arena_done(&arena);
}

static void test_diff__from_an_empty_schema_has_the_order_of_create_all(void **state)
{
    (void)state;
    static const furrow_model *const models[] = {&person, &item, &bystander, &team};
    static const furrow_schema schema = {FURROW_FORMAT_VERSION, "all", models, 4};
    furrow_arena arena = {0};
    furrow_error error = {0};
    furrow__catalog nothing, b;
    furrow__diff diff;
    furrow__statements statements;
    size_t found = 0;
    furrow__catalog_init(&nothing, NULL, &arena);
    nothing.storage = FURROW__STORAGE_NEWEST;
    assert_int_equal(furrow__catalog_from_schema(&b, &schema, &arena, &error), FURROW_OK);
    go(&nothing, &b, false, &arena);
    assert_int_equal(furrow__diff_catalogs(
                         &diff, &(furrow__diff_request){&nothing, &b, (furrow__diff_options){0}},
                         &arena, &error),
                     FURROW_OK);
    assert_int_equal(
        furrow__ddl_create_schema(&statements, &furrow__dialect_sqlite, &schema, &arena, &error),
        FURROW_OK);
    const char *created[4] = {0};
    for (size_t i = 0; i < statements.count; i++)
        if (strncmp(statements.items[i], "CREATE TABLE", 12) == 0)
            created[found++] = statements.models[i]->table;
    found = 0;
    for (size_t i = 0; i < diff.changes.count; i++)
        if (diff.changes.items[i].kind == FURROW__CREATE_TABLE)
            assert_string_equal(diff.changes.items[i].table.name, created[found++]);
    assert_int_equal(found, 4);
    furrow__arena_done(&arena);
}

static void expect_remarks(const char *from, const char *text, bool is_downgrade,
                           const char *expected)
{
    furrow_arena arena = {0};
    furrow_error error = {0};
    furrow__catalog before;
    furrow__change_list changes;
    furrow__buffer out = {0};
    make_catalog(&before, from, &arena);
    read_changes(&changes, text, &arena);
    assert_int_equal(furrow__diff_remark(&changes, &before, is_downgrade, &arena, &error),
                     FURROW_OK);
    for (size_t i = 0; i < changes.count; i++)
        if (changes.items[i].comment)
            furrow__buffer_format(&out, "%s\n", changes.items[i].comment);
    assert_string_equal(out.size ? furrow__buffer_text(&out) : "", expected);
    furrow__buffer_done(&out);
    furrow__arena_done(&arena);
}

static void test_diff__comments_on_changes_that_rows_can_prevent(void **state)
{
    (void)state;
    static const char t[] = "CREATE TABLE t (id BIGINT PRIMARY KEY, e ENUM('A', 'B'), b BOOLEAN);";
    expect_remarks(t, "ALTER TABLE t ADD x TEXT NOT NULL;", false,
                   "existing rows need a value: write USING ('') before the "
                   "semicolon\n");
    expect_remarks(t, "ALTER TABLE t ADD x BLOB NOT NULL;", true,
                   "fails if the table has rows: they need a value; write USING "
                   "(expression) before the semicolon\n");
    expect_remarks(t, "ALTER TABLE t ADD x TEXT NOT NULL DEFAULT '', ADD y TEXT;", false, "");
    expect_remarks(t, "ALTER TABLE t ALTER b TYPE DATE;", false,
                   "TODO: values cannot be converted automatically: write USING (expression) "
                   "before the semicolon\n");
    expect_remarks(t, "ALTER TABLE t ALTER b TYPE DATE USING ('2026-01-01');", false, "");
    expect_remarks(t, "ALTER TABLE t ALTER e TYPE ENUM('A', 'B', 'C');", false, "");
    expect_remarks(t, "ALTER TABLE t ALTER e TYPE ENUM('C');", false,
                   "fails if rows have 'A'; to keep these rows with another value, write above "
                   "this statement\n"
                   "    ALTER TABLE t ALTER COLUMN e TYPE ENUM ('C', 'A', 'B');\n"
                   "    UPDATE t SET e = 'C' WHERE e = 'A';\n"
                   "    UPDATE t SET e = 'C' WHERE e = 'B';\n");
    expect_remarks(t, "DROP TABLE t;\nCREATE TABLE s.t (id BIGINT PRIMARY KEY);", false,
                   "a table cannot move to another schema: its rows are lost here, and s.t is "
                   "created empty\n");
}

static void test_diff__survives_each_failed_allocation(void **state)
{
    (void)state;
    bool done = false;
    random_source r = {.state = 7};
    furrow_arena own = {0};
    furrow__catalog schemas[2];
    for (size_t i = 0; i < 2; i++) {
        furrow__buffer text = {0};
        random_schema(&r, &text);
        make_catalog(&schemas[i], text.text, &own);
        furrow__buffer_done(&text);
    }
    for (int k = 0; !done; k++) {
        furrow_arena arena = {0};
        furrow_error error = {0};
        furrow__diff diff;
        allocations_left = k;
        furrow_status status = furrow__diff_catalogs(
            &diff,
            &(furrow__diff_request){&schemas[0], &schemas[1],
                                    (furrow__diff_options){.to_is_models = true}},
            &arena, &error);
        if (status == FURROW_OK)
            status = furrow__diff_remark(&diff.changes, &schemas[0], false, &arena, &error);
        allocations_left = -1;
        done = status == FURROW_OK;
        if (!done && status != FURROW_NOMEM)
            fail_msg("%s", error.message);
        furrow__arena_done(&arena);
    }
    furrow__arena_done(&own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_diff__leads_from_any_schema_to_any_other_and_back),
        cmocka_unit_test(test_diff__says_what_changed),
        cmocka_unit_test(test_diff__renamed_from_renames),
        cmocka_unit_test(test_diff__a_rename_can_free_a_name),
        cmocka_unit_test(test_diff__an_unused_hint_is_reported),
        cmocka_unit_test(test_diff__a_downgrade_undoes_renames),
        cmocka_unit_test(test_diff__suggests_likely_renames),
        cmocka_unit_test(test_diff__keeps_what_models_cannot_express),
        cmocka_unit_test(test_diff__downgrade_says_what_is_lost),
        cmocka_unit_test(test_diff__downgrade_says_which_schema_is_meant),
        cmocka_unit_test(test_diff__comments_on_changes_that_rows_can_prevent),
        cmocka_unit_test(test_diff__from_an_empty_schema_has_the_order_of_create_all),
        cmocka_unit_test_setup_teardown(test_diff__survives_each_failed_allocation,
                                        use_failing_allocator, use_own_allocator),
    };
    return cmocka_run_group_tests_name("diff", tests, NULL, NULL);
}
