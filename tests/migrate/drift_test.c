/* SPDX-License-Identifier: MIT
 * Tests drift: a schema that furrow has just created has no drift, and every change that is made by
 * hand is reported. */
#include "steps.h"

#include "../unit/schema_models.h"
#include "migrate/apply/drift.h"
#include "migrate/catalog/ddl.h"

static const furrow_model *const models[] = {&item, &person, &team, &bystander};
static const furrow_schema schema = {FURROW_FORMAT_VERSION, "all", models, 4};

static void make_schema(fixture *f)
{
    furrow__statements statements;
    OK(furrow__ddl_create_schema(&statements, f->dialect, &schema, &f->arena, &f->error));
    if (f->dialect == &furrow__dialect_postgresql)
        run(f, "CREATE SCHEMA sport");
    for (size_t i = 0; i < statements.count; i++)
        run(f, statements.items[i]);
}

static const char *find_drift(fixture *f, bool every_column)
{
    furrow__catalog expected;
    furrow__drift_list found;
    furrow__buffer out = {0};
    OK(furrow__catalog_from_schema(&expected, &schema, &f->arena, &f->error));
    OK(f->driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    const furrow__drift_request request = {.connection = f->c,
                                           .dialect = f->dialect,
                                           .expected = &expected,
                                           .every_column = every_column};
    OK(furrow__drift_find(&found, &request, &f->arena, &f->error));
    OK(f->driver->rollback(f->c, &f->error));
    for (size_t i = 0; i < found.count; i++) {
        furrow__drift_write(&out, &found.items[i]);
        furrow__buffer_add_char(&out, '\n');
    }
    const char *text = furrow__arena_text(&f->arena, furrow__buffer_text(&out), out.size);
    furrow__buffer_done(&out);
    return text;
}

/* Returns all differences, one per line. */
static const char *drift(fixture *f)
{
    return find_drift(f, false);
}

static const char *every_drift(fixture *f)
{
    return find_drift(f, true);
}

static void test_drift__a_new_schema_has_none(void **state)
{
    fixture *f = *state;
    make_schema(f);
    assert_string_equal(drift(f), "");
}

static void test_drift__harmless_additions_are_not_drift(void **state)
{
    fixture *f = *state;
    make_schema(f);
    run(f, "CREATE TABLE other (id INTEGER)");
    run(f, "CREATE VIEW seen AS SELECT id FROM items");
    run(f, "CREATE INDEX mine ON items (note)");
    run(f, "CREATE UNIQUE INDEX once ON items (count)");
    run(f, "CREATE UNIQUE INDEX partly ON items (lower(note)) WHERE count > 0");
    run(f, "ALTER TABLE items ADD COLUMN additional TEXT");
    run(f, "ALTER TABLE items ADD COLUMN flag INTEGER NOT NULL DEFAULT 0");
    assert_string_equal(drift(f), "");
}

static void assert_says(const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        fail_msg("\"%s\" is not in:\n%s", part, text ? text : "");
}

static void test_drift__reports_each_change_on_sqlite(void **state)
{
    fixture *f = *state;
    make_schema(f);
    run(f, "DROP TABLE bystander");
    run(f, "ALTER TABLE items ADD COLUMN loud INTEGER CHECK (loud > 1)");
    run(f, "ALTER TABLE items DROP COLUMN ratio");
    const char *text = drift(f);
    assert_says(text, "column items.ratio is missing: expected REAL NOT NULL DEFAULT 0.5");
    assert_says(text, "\nconstraint items.(without a name) is not expected: found CHECK (loud "
                      "> 1)\ntable bystander is missing\n");
}

/* `furrow diff` also reports additional columns that do not affect furrow's statements. It does not
 * report the CHECK constraints of these columns. */
static void test_drift__reports_every_column_if_asked(void **state)
{
    fixture *f = *state;
    make_schema(f);
    run(f, "ALTER TABLE items ADD COLUMN additional INTEGER CHECK (additional > 1)");
    run(f, "ALTER TABLE items ADD COLUMN flag INTEGER NOT NULL DEFAULT 0");
    const char *text = every_drift(f);
    assert_says(text, "column items.additional is not expected: found ");
    assert_says(text, "\ncolumn items.flag is not expected: found ");
    assert_null(strstr(text, "constraint"));
}

/* Rebuilds every table of the models in one step, which compares the schema first. If `flipped` is
 * set, the plan describes each old column with the opposite nullability. Each rebuild then writes
 * the nullability of all columns anew. */
static void rebuild_all(fixture *f, bool flipped)
{
    furrow__catalog logical, before, after;
    furrow__step_report report;
    OK(furrow__catalog_from_schema(&logical, &schema, &f->arena, &f->error));
    OK(furrow__catalog_lower(&before, &logical, f->dialect, &f->arena, &f->error));
    OK(furrow__catalog_lower(&after, &logical, f->dialect, &f->arena, &f->error));
    furrow__action actions[4];
    assert_int_equal(after.count, 4);
    for (size_t i = 0; i < after.count; i++) {
        for (size_t k = 0; k < before.tables[i]->column_count; k++)
            before.tables[i]->columns[k].nullable ^= flipped;
        actions[i] = rebuild_of(f, before.tables[i], after.tables[i], NULL);
    }
    furrow__plan plan = {.dialect = f->dialect, .actions = actions, .count = 4};
    furrow__migrator *m = open_migrator(f, (furrow__migrator_options){.lock_timeout_ms = 5000});
    furrow__revision_step step = {revision(f, flipped ? "b" : "a", NULL), false, &logical,
                                  &logical};
    OK(furrow__migrator_run(m, &step, &plan, &report, &f->error));
    furrow__migrator_close(m);
}

static void test_drift__rebuilding_furrows_own_tables_changes_no_byte(void **state)
{
    fixture *f = *state;
    static const char all[] = "SELECT name, sql FROM sqlite_schema WHERE tbl_name <> "
                              "'furrow_revision' ORDER BY name";
    make_schema(f);
    const char *before = rows(f, all);
    rebuild_all(f, false);
    assert_string_equal(rows(f, all), before);
    rebuild_all(f, true);
    assert_string_equal(rows(f, all), before);
    assert_string_equal(drift(f), "");
}

static void test_drift__stops_a_step_before_its_first_change(void **state)
{
    fixture *f = *state;
    furrow__catalog logical;
    furrow__step_report report;
    make_schema(f);
    run(f, "DROP TABLE bystander");
    OK(furrow__catalog_from_schema(&logical, &schema, &f->arena, &f->error));
    furrow__action action = statement("CREATE TABLE t (a INTEGER)");
    furrow__plan plan = {.dialect = f->dialect, .actions = &action, .count = 1};
    furrow__migrator *m = open_migrator(f, (furrow__migrator_options){.lock_timeout_ms = 5000});
    furrow__revision_step step = {revision(f, "a", NULL), false, &logical, &logical};
    IS(furrow__migrator_run(m, &step, &plan, &report, &f->error), FURROW_SCHEMA);
    assert_string_equal(f->error.message,
                        "the database differs from the schema of its revisions: table "
                        "bystander is missing");
    furrow__migrator_close(m);
}

#ifdef FURROW_WITH_POSTGRESQL
static void test_drift__reports_each_change_on_postgresql(void **state)
{
    fixture *f = *state;
    make_schema(f);
    run(f, "DROP TABLE bystander");
    run(f, "ALTER TABLE items ALTER COLUMN note SET NOT NULL");
    run(f, "ALTER TABLE items ALTER COLUMN fragile SET DEFAULT true");
    run(f, "ALTER TABLE items ALTER COLUMN code TYPE VARCHAR(30)");
    run(f, "ALTER TABLE items ADD CONSTRAINT strange CHECK (count <> 7)");
    run(f, "ALTER TABLE items ADD COLUMN needed INTEGER NOT NULL");
    const char *text = drift(f);
    assert_says(text, "column items.note: expected text COLLATE \"C\", found text COLLATE \"C\" "
                      "NOT NULL\n");
    assert_says(text, "column items.fragile: expected boolean NOT NULL DEFAULT false, found "
                      "boolean NOT NULL DEFAULT true\n");
    assert_says(text, "column items.code: expected text COLLATE \"C\" NOT NULL, found character "
                      "varying(30)");
    assert_says(text, "column items.needed is not expected: found integer NOT NULL\n");
    assert_says(text, "constraint items.strange is not expected: found CHECK ((count <> "
                      "7))\n");
    assert_says(text, "table bystander is missing\n");
    assert_int_equal(number(f, "SELECT count(*) FROM pg_class WHERE relpersistence = 't'"), 0);
}
#endif

#define BOTH(test)                                                                                 \
    test(test_drift__a_new_schema_has_none), test(test_drift__harmless_additions_are_not_drift),   \
        test(test_drift__reports_every_column_if_asked),                                           \
        test(test_drift__stops_a_step_before_its_first_change)

int main(void)
{
    const struct CMUnitTest sqlite[] = {
        BOTH(SQLITE_TEST),
        SQLITE_TEST(test_drift__rebuilding_furrows_own_tables_changes_no_byte),
        SQLITE_TEST(test_drift__reports_each_change_on_sqlite),
    };
    int failed = cmocka_run_group_tests(sqlite, NULL, NULL);
#ifdef FURROW_WITH_POSTGRESQL
    const struct CMUnitTest postgresql[] = {
        BOTH(POSTGRESQL_TEST),
        POSTGRESQL_TEST(test_drift__reports_each_change_on_postgresql),
    };
    failed += RUN_ON_POSTGRESQL(postgresql);
#endif
    return failed;
}
