/* SPDX-License-Identifier: MIT
 * Tests engine blocks whose actual effect differs from their declared effect. The step must be
 * rolled back, and the difference must be reported. */
#include "steps.h"

#include "history.h"
#include "migrate/apply/route.h"

static const char base[] =
    "\n-- upgrade\nCREATE TABLE par (id BIGINT PRIMARY KEY, name TEXT);\n"
    "INSERT INTO par (id, name) VALUES (1, 'a'), (2, 'b');\n-- downgrade\nDROP TABLE par;\n";

/* Runs two revisions. The second has an engine block for both engines with this body and this
 * declared effect. Sets *line to the line of the statement that the error names. */
static furrow_status run_block_as(fixture *f, const char *header, const char *effect,
                                  const char *body, unsigned *line)
{
    written h;
    furrow__buffer text = {0};
    furrow__route_report report;
    furrow__migrator *m;
    begin_history(&h, &f->arena);
    add_revision(&h, base);
    furrow__buffer_format(&text,
                          "%s\n-- upgrade sqlite\n-- effect: %s\n%s\n-- upgrade postgresql\n"
                          "-- effect: %s\n%s\n-- downgrade\n",
                          header, effect, body, effect, body);
    add_revision(&h, text.text);
    furrow__buffer_done(&text);
    end_history(&h);
    m = open_migrator(f, (furrow__migrator_options){.lock_timeout_ms = 5000});
    furrow_status status = furrow__route_run(
        m, &report,
        &(furrow__route_request){.history = &h.history, .target = "head", .down = false}, &f->arena,
        &f->error);
    *line = report.step.place.line;
    furrow__migrator_close(m);
    return status;
}

static furrow_status run_block(fixture *f, const char *effect, const char *body)
{
    unsigned line;
    return run_block_as(f, "", effect, body, &line);
}

static void assert_refused(fixture *f, const char *effect, const char *body, const char *part)
{
    unsigned line = 0;
    furrow_status status = run_block_as(f, "", effect, body, &line);
    assert_int_equal(status, FURROW_SCHEMA);
    if (!strstr(f->error.message, part))
        fail_msg("\"%s\" is not in: %s", part, f->error.message);
    if (strncmp(f->error.message, "the engine block has an effect that it does not declare", 55) !=
        0)
        fail_msg("%s", f->error.message);
    assert_true(line >= 7);
    assert_int_equal(number(f, "SELECT count(*) FROM furrow_revision"), 1);
    assert_string_equal(rows(f, "SELECT id, name FROM par ORDER BY id"), "1|a;2|b");
}

static void test_effect__an_undeclared_column_is_reported(void **state)
{
    assert_refused(*state, "none", "ALTER TABLE par ADD COLUMN liar TEXT;",
                   "column par.liar is not expected: found ");
}

static void test_effect__an_undeclared_drop_is_reported(void **state)
{
    assert_refused(*state, "none", "DROP TABLE par;", "table par is missing");
}

static void test_effect__a_declared_change_that_is_missing_is_reported(void **state)
{
    assert_refused(*state, "ALTER TABLE par ADD COLUMN q TEXT;", "SELECT 1;",
                   "column par.q is missing");
}

static void test_effect__a_column_of_another_type_is_reported(void **state)
{
    assert_refused(*state, "ALTER TABLE par ADD COLUMN q INTEGER;",
                   "ALTER TABLE par ADD COLUMN q TEXT;", "column par.q: expected ");
}

static void test_effect__the_location_is_the_statement(void **state)
{
    fixture *f = *state;
    unsigned line = 0;
    assert_int_equal(
        run_block_as(f, "", "none", "SELECT 1;\nALTER TABLE par ADD COLUMN l TEXT;", &line),
        FURROW_SCHEMA);
    assert_int_equal(line, f->dialect == &furrow__dialect_sqlite ? 10 : 14);
}

static void test_effect__a_block_that_does_what_it_declares_runs(void **state)
{
    fixture *f = *state;
    OK(run_block(f, "none",
                 "CREATE VIEW seen AS SELECT id FROM par;\nUPDATE par SET name = 'c';\n"
                 "CREATE UNIQUE INDEX once ON par (lower(name), id);\nCREATE TABLE own (a TEXT);"));
    assert_string_equal(rows(f, "SELECT name FROM par"), "c;c");
}

/* A column that was added by hand is not an effect of the block, even if the block renames the
 * table of the column. */
static void test_effect__accepted_drift_is_not_an_effect(void **state)
{
    fixture *f = *state;
    written h;
    furrow__route_report report;
    begin_history(&h, &f->arena);
    add_revision(&h, base);
    end_history(&h);
    furrow__migrator *m = open_migrator(f, (furrow__migrator_options){.lock_timeout_ms = 5000});
    OK(furrow__route_run(
        m, &report,
        &(furrow__route_request){.history = &h.history, .target = "head", .down = false}, &f->arena,
        &f->error));
    furrow__migrator_close(m);
    run(f, "ALTER TABLE par ADD COLUMN hand TEXT");
    OK(run_block(f, "ALTER TABLE par RENAME TO pair;", "ALTER TABLE par RENAME TO pair;"));
    assert_string_equal(rows(f, "SELECT id, name, hand FROM pair ORDER BY id"), "1|a|-;2|b|-");
}

#ifdef FURROW_WITH_POSTGRESQL
static void test_effect__is_checked_in_a_no_transaction_revision(void **state)
{
    fixture *f = *state;
    unsigned line = 0;
    IS(run_block_as(f, "-- no-transaction\n", "none",
                    "UPDATE par SET name = 'c' WHERE id = 1;\nALTER TABLE par ADD COLUMN l TEXT;",
                    &line),
       FURROW_SCHEMA);
    assert_true(line > 0);
    /* The last statement is rolled back and is not counted as done. */
    assert_string_equal(rows(f, "SELECT id, name FROM par ORDER BY id"), "1|c;2|b");
    assert_int_equal(number(f, "SELECT steps_done FROM furrow_revision WHERE steps_done >= 0"), 1);
}
#endif

#define BOTH(test)                                                                                 \
    test(test_effect__an_undeclared_column_is_reported),                                           \
        test(test_effect__an_undeclared_drop_is_reported),                                         \
        test(test_effect__a_declared_change_that_is_missing_is_reported),                          \
        test(test_effect__a_column_of_another_type_is_reported),                                   \
        test(test_effect__the_location_is_the_statement),                                          \
        test(test_effect__a_block_that_does_what_it_declares_runs),                                \
        test(test_effect__accepted_drift_is_not_an_effect)

#ifdef FURROW_WITH_POSTGRESQL
static void test_effect__a_block_can_create_a_trigger(void **state)
{
    fixture *f = *state;
    written h;
    furrow__route_report report;
    begin_history(&h, &f->arena);
    add_revision(&h, base);
    add_revision(&h, "\n-- upgrade postgresql\n-- effect: none\n"
                     "CREATE FUNCTION name_it() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n"
                     "    NEW.name := 'named; it'; RETURN NEW;\nEND $$;\n"
                     "CREATE TRIGGER names BEFORE INSERT ON par FOR EACH ROW EXECUTE FUNCTION "
                     "name_it();\n-- downgrade\n");
    end_history(&h);
    furrow__migrator *m = open_migrator(f, (furrow__migrator_options){.lock_timeout_ms = 5000});
    OK(furrow__route_run(m, &report,
                         &(furrow__route_request){.history = &h.history, .target = "head"},
                         &f->arena, &f->error));
    furrow__migrator_close(m);
    run(f, "INSERT INTO par (id) VALUES (3)");
    assert_string_equal(rows(f, "SELECT name FROM par WHERE id = 3"), "named; it");
}
#endif

int main(void)
{
    const struct CMUnitTest sqlite[] = {BOTH(SQLITE_TEST)};
    int failed = cmocka_run_group_tests(sqlite, NULL, NULL);
#ifdef FURROW_WITH_POSTGRESQL
    const struct CMUnitTest postgresql[] = {
        BOTH(POSTGRESQL_TEST),
        POSTGRESQL_TEST(test_effect__a_block_can_create_a_trigger),
        POSTGRESQL_TEST(test_effect__is_checked_in_a_no_transaction_revision),
    };
    failed += RUN_ON_POSTGRESQL(postgresql);
#endif
    return failed;
}
