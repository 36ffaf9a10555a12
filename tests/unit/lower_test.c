/* SPDX-License-Identifier: MIT
 * Logical catalogs as engines hold them: what is written is what furrow_create_all runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "migrate_world.h"
#include "schema_models.h"

static const furrow_model *const models[] = {&item, &person, &team, &bystander};
static const furrow_schema schema = {FURROW_FORMAT_VERSION, "all", models, 4};
static const furrow__dialect *const dialects[] = {&furrow__dialect_sqlite,
                                                  &furrow__dialect_postgresql};

static bool is_person(const furrow__catalog_table *table, const furrow__catalog_constraint *key,
                      const void *context)
{
    return context != &furrow__dialect_sqlite && strcmp(table->name.name, "person") == 0 &&
           strcmp(key->target.name, "team") == 0;
}

static void test_lower__written_is_what_create_all_runs(void **state)
{
    (void)state;
    for (size_t d = 0; d < 2; d++) {
        furrow_arena arena = {0};
        furrow_error error = {0};
        furrow__catalog logical, physical;
        furrow__statements statements;
        furrow__buffer text = {0};
        size_t found = 0;
        assert_int_equal(furrow__catalog_from_schema(&logical, &schema, &arena, &error), FURROW_OK);
        assert_int_equal(
            furrow__sql_create_schema(&statements, dialects[d], &schema, &arena, &error),
            FURROW_OK);
        if (furrow__catalog_lower(&physical, &logical, dialects[d], &arena, &error) != FURROW_OK)
            fail_msg("%s", error.message);
        for (size_t i = 0; i < physical.count; i++) {
            const furrow__catalog_table *table = physical.tables[i];
            for (size_t j = 0; j <= table->index_count; j++) {
                furrow__buffer_clear(&text);
                if (j == 0)
                    furrow__physical_write_table(&text, &physical, table, NULL, is_person,
                                                 dialects[d]);
                else
                    furrow__physical_write_index(&text, &physical, table, &table->indexes[j - 1]);
                bool is_there = false;
                for (size_t k = 0; k < statements.count; k++)
                    is_there |= strcmp(statements.items[k], furrow__buffer_text(&text)) == 0;
                if (!is_there)
                    for (size_t k = 0; k < statements.count; k++)
                        if (strncmp(statements.items[k], text.text, 20) == 0)
                            assert_string_equal(text.text, statements.items[k]);
                assert_true(is_there);
                found++;
            }
        }
        assert_int_equal(found, 6);
        furrow__buffer_done(&text);
        furrow__arena_done(&arena);
    }
}

static const char *lowered(const char *ddl, const furrow__dialect *dialect, furrow_arena *arena)
{
    furrow_error error = {0};
    furrow__catalog logical, physical;
    furrow__buffer text = {0};
    make_catalog(&logical, ddl, arena);
    if (furrow__catalog_lower(&physical, &logical, dialect, arena, &error) != FURROW_OK)
        return furrow__arena_text(arena, error.message, strlen(error.message));
    const furrow__catalog_table *table = physical.tables[physical.count - 1];
    furrow__physical_write_table(&text, &physical, table, &(furrow__table_name){"other", "name"},
                                 NULL, NULL);
    for (size_t i = 0; i < table->index_count; i++) {
        furrow__buffer_add_char(&text, '\n');
        furrow__physical_write_index(&text, &physical, table, &table->indexes[i]);
    }
    const char *copy = furrow__arena_text(arena, text.text, text.size);
    furrow__buffer_done(&text);
    return copy;
}

static void test_lower__what_models_cannot_say(void **state)
{
    (void)state;
    furrow_arena arena = {0};
    static const char text[] =
        "CREATE TABLE t (a INTEGER CHECK (a BETWEEN -1 AND 5), b INTEGER NOT NULL DEFAULT (1 + "
        "2),\n"
        "    c DATE DEFAULT now, parent INTEGER UNIQUE REFERENCES t (parent),\n"
        "    n NATIVE 'TEXT', CONSTRAINT t_b_width_check CHECK (b > 1));\n"
        "CREATE INDEX i ON t ((a + 1) DESC, b, a) WHERE b > 2;";
    assert_string_equal(
        lowered(text, &furrow__dialect_sqlite, &arena),
        "CREATE TABLE \"other.name\" (\n"
        "    \"a\" INTEGER,\n"
        "    \"b\" INTEGER NOT NULL DEFAULT (1 + 2),\n"
        "    \"c\" TEXT DEFAULT (date('now')),\n"
        "    \"parent\" INTEGER,\n"
        "    \"n\" TEXT,\n"
        "    CONSTRAINT \"t_parent_key\" UNIQUE (\"parent\"),\n"
        "    CONSTRAINT \"t_parent_fkey\" FOREIGN KEY (\"parent\") REFERENCES \"t\" "
        "(\"parent\"),\n"
        "    CONSTRAINT \"t_b_width_check\" CHECK (\"b\" > 1),\n"
        "    CONSTRAINT \"t_a_check\" CHECK (\"a\" BETWEEN -1 AND 5),\n"
        "    CONSTRAINT \"t_b_width_2_check\" CHECK (\"b\" BETWEEN -2147483648 AND "
        "2147483647),\n"
        "    CONSTRAINT \"t_parent_width_check\" CHECK (\"parent\" BETWEEN "
        "-2147483648 AND 2147483647)\n"
        ") STRICT\n"
        "CREATE INDEX \"i\" ON \"t\" ((\"a\" + 1) DESC, \"b\", \"a\") WHERE \"b\" > 2");
    assert_string_equal(
        lowered(text, &furrow__dialect_postgresql, &arena),
        "CREATE TABLE \"other\".\"name\" (\n"
        "    \"a\" INTEGER,\n"
        "    \"b\" INTEGER NOT NULL DEFAULT (CAST(1 AS BIGINT) + 2),\n"
        "    \"c\" DATE DEFAULT CAST(CURRENT_TIMESTAMP AT TIME ZONE 'UTC' AS DATE),\n"
        "    \"parent\" INTEGER,\n"
        "    \"n\" TEXT,\n"
        "    CONSTRAINT \"t_parent_key\" UNIQUE (\"parent\"),\n"
        "    CONSTRAINT \"t_parent_fkey\" FOREIGN KEY (\"parent\") REFERENCES \"t\" (\"parent\"),\n"
        "    CONSTRAINT \"t_b_width_check\" CHECK (\"b\" > 1),\n"
        "    CONSTRAINT \"t_a_check\" CHECK (\"a\" BETWEEN -1 AND 5)\n"
        ")\n"
        "CREATE INDEX \"i\" ON \"t\" ((CAST(\"a\" AS BIGINT) + 1) DESC NULLS LAST, \"b\", \"a\" "
        "NULLS "
        "FIRST) WHERE \"b\" > 2");
    assert_string_equal(
        lowered("CREATE TABLE t (a NATIVE 'tsvector');", &furrow__dialect_sqlite, &arena),
        "column \"t.a\" is of a type that SQLite does not have");
    furrow__arena_done(&arena);
}

static void test_lower__survives_each_failed_allocation(void **state)
{
    (void)state;
    bool done = false;
    furrow_arena own = {0};
    furrow_error error = {0};
    furrow__catalog logical;
    assert_int_equal(furrow__catalog_from_schema(&logical, &schema, &own, &error), FURROW_OK);
    for (int k = 0; !done; k++) {
        furrow_arena arena = {0};
        furrow__catalog physical;
        allocations_left = k;
        furrow_status status =
            furrow__catalog_lower(&physical, &logical, &furrow__dialect_sqlite, &arena, &error);
        allocations_left = -1;
        done = status == FURROW_OK;
        assert_true(done || status == FURROW_NOMEM);
        furrow__arena_done(&arena);
    }
    furrow__arena_done(&own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lower__written_is_what_create_all_runs),
        cmocka_unit_test(test_lower__what_models_cannot_say),
        cmocka_unit_test_setup_teardown(test_lower__survives_each_failed_allocation,
                                        use_failing_allocator, use_own_allocator),
    };
    return cmocka_run_group_tests_name("lower", tests, NULL, NULL);
}
