/* SPDX-License-Identifier: MIT
 *
 * Tests that a value in a migration is stored as a program would store it, however it gets into its
 * column: as a default, as the default of an added column, by USING, INSERT, INSERT SELECT or
 * UPDATE, and by a change of the storage version. The numbers are many random decimals: SQLite has
 * no float, and its parser does not always read the nearest double. */
#include "fixture.h"

#include "../unit/migrate_world.h"
#include "base/real.h"
#include "sql/dialect.h"
#include "steps.h"

enum { COLUMNS = 150, TEXT = 40 };

typedef struct numbers {
    fixture *f;
    bool is_float;
    int storage;
    furrow__catalog schema;
    size_t steps;
    char texts[COLUMNS][TEXT];
    double wanted[COLUMNS]; /* for each text, the value that it must have in C */
} numbers;

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Numbers of 1 to 17 digits, between 1e-20 and 1e20, and a few near the limits of float. */
static void choose(numbers *n, uint64_t seed)
{
    static const char *const edges[] = {"0.1",       "0.002877",       "-0.1",     "16777217",
                                        "1e-40",     "3.4028234e38",   "1.4e-45",  "0.5",
                                        "-33554433", "7.038531e-26",   "1e10",     "0.0",
                                        "1.5e-39",   "1.17549435e-38", "123456.7", "0.300000012"};
    size_t count = sizeof edges / sizeof *edges;
    for (size_t i = 0; i < COLUMNS; i++) {
        char digits[24];
        float single;
        snprintf(digits, sizeof digits, "%llu", (unsigned long long)next_random(&seed));
        digits[1 + next_random(&seed) % 17] = '\0';
        if (i < count)
            snprintf(n->texts[i], TEXT, "%s", edges[i]);
        else
            snprintf(n->texts[i], TEXT, "%s%.1s.%s0e%d", next_random(&seed) % 2 ? "-" : "", digits,
                     digits + 1, (int)(next_random(&seed) % 40) - 20);
        assert_true(furrow__real_parse(n->texts[i], &n->wanted[i]));
        assert_true(furrow__float_parse(n->texts[i], &single));
        if (n->is_float)
            n->wanted[i] = (double)single;
    }
}

static void migrate(numbers *n, const char *sql)
{
    fixture *f = n->f;
    furrow__change_list changes;
    furrow__plan plan;
    furrow__step_report report;
    char id[16];
    snprintf(id, sizeof id, "%012zx", ++n->steps);
    read_changes(&changes, sql, &f->arena);
    changes.storage = n->storage;
    OK(furrow__plan_make(&plan, &(furrow__plan_input){f->dialect, &n->schema, &changes}, &f->arena,
                         &f->error));
    const char *kept = furrow__arena_text(&f->arena, id, strlen(id));
    OK(run_step(f, revision(f, kept, NULL), false, &plan,
                (furrow__migrator_options){.lock_timeout_ms = 5000}, &report));
    OK(furrow__changes_apply(&n->schema, &changes, &f->error));
    n->schema.storage = n->storage ? n->storage : n->schema.storage;
}

/* Writes text for each number. In the pattern, @ is the number of the column and # is the literal.
 */
static const char *for_each(numbers *n, const char *before, const char *pattern, const char *after)
{
    furrow__buffer out = {0};
    furrow__buffer_add_text(&out, before);
    for (size_t i = 0; i < COLUMNS; i++)
        for (const char *at = pattern; *at; at++) {
            if (*at == '@')
                furrow__buffer_format(&out, "%zu", i);
            else if (*at == '#')
                furrow__buffer_add_text(&out, n->texts[i]);
            else if (*at == '$')
                furrow__buffer_add_text(&out, n->is_float ? "REAL" : "DOUBLE PRECISION");
            else
                furrow__buffer_add_char(&out, *at);
        }
    furrow__buffer_add_text(&out, after);
    return furrow__buffer_take(&out, &n->f->arena);
}

/* Checks that each column of the table's only row has the expected value, and that this value is
 * equal to the same value bound by a program. */
static void check_row(numbers *n, const char *table)
{
    fixture *f = n->f;
    char sql[120];
    for (size_t i = 0; i < COLUMNS; i++) {
        bool row = false;
        furrow_statement *s = NULL;
        furrow_value value = {.type = FURROW_TYPE_DOUBLE, .as.real = n->wanted[i]};
        const furrow_column column = {.name = "v",
                                      .type = n->is_float ? FURROW_TYPE_FLOAT : FURROW_TYPE_DOUBLE};
        snprintf(sql, sizeof sql, "SELECT c%zu FROM %s WHERE c%zu = %c1", i, table, i,
                 f->dialect->parameter_sign);
        OK(f->driver->prepare(f->c, &s, &(furrow_statement_text){.text = sql, .size = strlen(sql)},
                              &f->error));
        OK(f->driver->bind(s, 0, &column, &value, &f->error));
        OK(f->driver->execute(s, &f->error));
        OK(f->driver->step(s, &row, &f->error));
        if (!row)
            fail_msg("%s: %s is not found", table, n->texts[i]);
        OK(f->driver->read_value(s, 0, &value, &f->arena, &f->error));
        double real = value.type == FURROW_TYPE_INT64 ? (double)value.as.integer : value.as.real;
        if (real != n->wanted[i])
            fail_msg("%s: %s is %.17g, not %.17g", table, n->texts[i], real, n->wanted[i]);
        f->driver->finalize(s);
    }
}

static void start(numbers *n, fixture *f, bool is_float, int storage)
{
    *n = (numbers){.f = f, .is_float = is_float};
    choose(n, is_float ? 88172645463325252u : 1181783497276652981u);
    furrow__catalog_init(&n->schema, NULL, &f->arena);
    n->schema.storage = storage;
}

#define NEWEST FURROW__STORAGE_NEWEST

static void every_way(fixture *f, bool is_float)
{
    numbers n;
    start(&n, f, is_float, NEWEST);
    migrate(&n, for_each(&n, "CREATE TABLE a (id BIGINT PRIMARY KEY", ", c@ $ DEFAULT #",
                         "); INSERT INTO a (id) VALUES (1);"));
    check_row(&n, "a");
    migrate(&n, "CREATE TABLE b (id BIGINT PRIMARY KEY); INSERT INTO b (id) VALUES (1);");
    migrate(&n, for_each(&n, "", "ALTER TABLE b ADD COLUMN c@ $ DEFAULT #;", ""));
    check_row(&n, "b");
    migrate(&n, "CREATE TABLE d (id BIGINT PRIMARY KEY); INSERT INTO d (id) VALUES (1);");
    migrate(&n, for_each(&n, "", "ALTER TABLE d ADD COLUMN c@ $ USING (#);", ""));
    check_row(&n, "d");
    migrate(&n, for_each(&n, "CREATE TABLE e (id BIGINT PRIMARY KEY", ", c@ $",
                         "); INSERT INTO e (id) VALUES (1);"));
    migrate(&n, for_each(&n, "UPDATE e SET id = 1", ", c@ = #", ";"));
    check_row(&n, "e");
    migrate(&n, for_each(&n, "CREATE TABLE g (id BIGINT PRIMARY KEY", ", c@ DOUBLE PRECISION",
                         "); INSERT INTO g (id) VALUES (1);"));
    migrate(&n, for_each(&n, "UPDATE g SET id = 1", ", c@ = #", ";"));
    migrate(&n, for_each(&n, "", "ALTER TABLE g ALTER COLUMN c@ TYPE $ USING (#);", ""));
    check_row(&n, "g");
    migrate(&n, for_each(&n, "CREATE TABLE h (id BIGINT PRIMARY KEY", ", c@ $", ");"));
    furrow__buffer insert = {0};
    furrow__buffer_add_text(&insert, for_each(&n, "INSERT INTO h (id", ", c@", ") VALUES (1"));
    furrow__buffer_add_text(&insert, for_each(&n, "", ", #", ");"));
    migrate(&n, furrow__buffer_take(&insert, &f->arena));
    check_row(&n, "h");
}

/* A double is rounded to float if it is stored in a float column: by INSERT SELECT, UPDATE, USING,
 * and by a default that is calculated. */
static void calculated(fixture *f)
{
    numbers n;
    start(&n, f, true, NEWEST);
    for (size_t i = 0; i < COLUMNS; i++) {
        double real;
        furrow__real_parse(n.texts[i], &real);
        n.wanted[i] = (double)(float)(real * 0.75);
    }
    migrate(&n, for_each(&n, "CREATE TABLE a (id BIGINT PRIMARY KEY", ", c@ $ DEFAULT # * 0.75",
                         "); INSERT INTO a (id) VALUES (1);"));
    check_row(&n, "a");
    migrate(&n, for_each(&n, "CREATE TABLE d (id BIGINT PRIMARY KEY",
                         ", c@ DOUBLE PRECISION DEFAULT #", "); INSERT INTO d (id) VALUES (1);"));
    migrate(&n, for_each(&n, "CREATE TABLE b (id BIGINT PRIMARY KEY", ", c@ $, d@ DOUBLE PRECISION",
                         "); INSERT INTO b (id) VALUES (1);"));
    migrate(&n, for_each(&n, "UPDATE b SET id = 1", ", d@ = #", ";"));
    migrate(&n, for_each(&n, "UPDATE b SET id = 1", ", c@ = d@ * 0.75", ";"));
    check_row(&n, "b");
    migrate(&n, for_each(&n, "CREATE TABLE e (id BIGINT PRIMARY KEY", ", c@ $", ");"));
    furrow__buffer insert = {0};
    furrow__buffer_add_text(&insert, for_each(&n, "INSERT INTO e (id", ", c@", ") SELECT id"));
    furrow__buffer_add_text(&insert, for_each(&n, "", ", c@ * 0.75", " FROM d;"));
    migrate(&n, furrow__buffer_take(&insert, &f->arena));
    check_row(&n, "e");
    migrate(&n, for_each(&n, "", "ALTER TABLE d ALTER COLUMN c@ TYPE $ USING (c@ * 0.75);", ""));
    check_row(&n, "d");
}

static void test_values__of_migrations_are_those_of_programs(void **state)
{
    every_way(*state, true);
}

static void test_values__doubles_of_migrations_are_those_of_programs(void **state)
{
    every_way(*state, false);
}

static void test_values__that_are_calculated_are_rounded_to_float(void **state)
{
    calculated(*state);
}

/* A value outside the range of floats causes an error on both engines, and is not stored. */
static void test_values__outside_the_range_of_floats_are_refused(void **state)
{
    fixture *f = *state;
    numbers n;
    furrow__change_list changes;
    furrow__plan plan;
    furrow__step_report report;
    start(&n, f, true, NEWEST);
    migrate(&n, "CREATE TABLE t (id BIGINT PRIMARY KEY, f REAL, d DOUBLE PRECISION);"
                "INSERT INTO t (id, f, d) VALUES (1, 1, 1e39);");
    read_changes(&changes, "UPDATE t SET f = d;", &f->arena);
    OK(furrow__plan_make(&plan, &(furrow__plan_input){f->dialect, &n.schema, &changes}, &f->arena,
                         &f->error));
    assert_int_not_equal(run_step(f, revision(f, "00000000ffff", NULL), false, &plan,
                                  (furrow__migrator_options){.lock_timeout_ms = 5000}, &report),
                         FURROW_OK);
    assert_string_equal(rows(f, "SELECT CAST(f AS INTEGER) FROM t"), "1");
}

/* A number in a condition means the same on both engines. In a comparison with a float column,
 * PostgreSQL treats a number as a double, except in a list of numbers and in coalesce. */
static void test_values__in_conditions_mean_the_same(void **state)
{
    static const struct {
        const char *condition;
        bool wanted;
    } cases[] = {
        {"f = 0.1", false},
        {"f IN (0.1)", false},
        {"f IN (0.1, 0.2)", true},
        {"f NOT IN (0.1, 0.2)", false},
        {"f IN (0.1, d)", false},
        {"abs(f) IN (0.1, 0.2)", false},
        {"f + 0 IN (0.1, 0.2)", false},
        {"f BETWEEN 0.1 AND 0.1", false},
        {"f = coalesce(e, 0.1)", true},
        {"coalesce(e, 0.1) = 0.1", false},
        {"coalesce(e, 16777217) = 16777216", true},
        {"coalesce(e, d, 0.1) = 0.1", false},
        {"d = 0.002877", true},
        {"d IN (0.002877, 1)", true},
        {"d BETWEEN 0.002877 AND 0.002877", true},
        {"coalesce(h, 0.002877) = d", true},
        {"d * 1 = 0.002877", true},
    };
    fixture *f = *state;
    numbers n;
    start(&n, f, true, NEWEST);
    migrate(&n, "CREATE TABLE t (id BIGINT PRIMARY KEY, yes BOOLEAN, f REAL DEFAULT 0.1, e REAL,"
                " d DOUBLE PRECISION DEFAULT 0.002877, h DOUBLE PRECISION);"
                "INSERT INTO t (id) VALUES (1);");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char sql[160];
        snprintf(sql, sizeof sql, "UPDATE t SET yes = coalesce(%s, FALSE);", cases[i].condition);
        migrate(&n, sql);
        bool is_true = number(f, "SELECT count(*) FROM t WHERE yes") == 1;
        if (is_true != cases[i].wanted)
            fail_msg("%s is %s", cases[i].condition, is_true ? "true" : "false");
    }
}

/* In the first storage version, a default of a float column was stored as a double on SQLite. The
 * change to the newest version rounds the values, and a table without floats is not rebuilt. */
static void test_values__are_rounded_by_the_newest_storage_version(void **state)
{
    fixture *f = *state;
    numbers n;
    start(&n, f, true, FURROW__STORAGE_FIRST);
    migrate(&n, for_each(&n, "CREATE TABLE a (id BIGINT PRIMARY KEY", ", c@ $ DEFAULT #",
                         "); CREATE TABLE other (id BIGINT PRIMARY KEY, n BIGINT);"
                         "INSERT INTO a (id) VALUES (1);"));
    n.storage = NEWEST;
    migrate(&n, "CREATE TABLE last (id BIGINT PRIMARY KEY);");
    double rounded_once[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++) {
        double real;
        rounded_once[i] = n.wanted[i];
        furrow__real_parse(n.texts[i], &real);
        if (f->dialect == &furrow__dialect_sqlite)
            n.wanted[i] = (double)(float)real; /* programs read this value before the change */
    }
    check_row(&n, "a");
    memcpy(n.wanted, rounded_once, sizeof rounded_once);
    n.storage = 0;
    migrate(&n, "DELETE FROM a; INSERT INTO a (id) VALUES (2);");
    check_row(&n, "a");
}

#define TESTS(TEST)                                                                                \
    TEST(test_values__of_migrations_are_those_of_programs),                                        \
        TEST(test_values__doubles_of_migrations_are_those_of_programs),                            \
        TEST(test_values__that_are_calculated_are_rounded_to_float),                               \
        TEST(test_values__outside_the_range_of_floats_are_refused),                                \
        TEST(test_values__in_conditions_mean_the_same),                                            \
        TEST(test_values__are_rounded_by_the_newest_storage_version)

int main(void)
{
    const struct CMUnitTest sqlite[] = {TESTS(SQLITE_TEST)};
    int failed = cmocka_run_group_tests_name("values on SQLite", sqlite, NULL, NULL);
#ifdef FURROW_WITH_POSTGRESQL
    const struct CMUnitTest postgresql[] = {TESTS(POSTGRESQL_TEST)};
    failed += RUN_ON_POSTGRESQL(postgresql);
#endif
    return failed;
}
