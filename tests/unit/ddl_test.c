/* SPDX-License-Identifier: MIT
 * The statements that create and drop a schema. The tests check the exact SQL for columns and
 * constraints of every kind, and the effect of the statements on a SQLite database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "schema_models.h"
#include "migrate/catalog/ddl.h"

static const furrow_model *const item_model[] = {&item};
static const furrow_model *const circle_models[] = {&bystander, &person, &team};
static const furrow_model *const odd_model[] = {&select_};
static const furrow_schema item_schema = {FURROW_FORMAT_VERSION, "item", item_model, 1};
static const furrow_schema circle_schema = {FURROW_FORMAT_VERSION, "circle", circle_models, 3};
static const furrow_schema odd_schema = {FURROW_FORMAT_VERSION, "odd", odd_model, 1};

typedef furrow_status render(furrow__statements *out, const furrow__dialect *dialect,
                             const furrow_schema *schema, furrow_arena *arena, furrow_error *error);

static void expect_statements(render *render_, const furrow__dialect *dialect,
                              const furrow_schema *schema, const char *const *expected,
                              size_t count)
{
    furrow_arena arena = {0};
    furrow_error error;
    furrow__statements out;
    assert_int_equal(render_(&out, dialect, schema, &arena, &error), FURROW_OK);
    for (size_t i = 0; i < out.count && i < count; i++)
        assert_string_equal(out.items[i], expected[i]);
    assert_int_equal(out.count, count);
    furrow__arena_done(&arena);
}

/* The checks of SQLite columns that contain times, dates, UUIDs and JSON. */
#define TIME(table, x)                                                                             \
    "    CONSTRAINT \"" table "_" x "_time_check\" CHECK (length(CAST(\"" x                        \
    "\" AS BLOB)) = 27 AND \"" x "\" GLOB '???\?-?\?-?\?T??:??:??.?????[0-9]Z' AND \"" x           \
    "\" >= '0001' AND (date(\"" x "\", '+0 days') IS substr(\"" x "\", 1, 10) OR (\"" x            \
    "\" GLOB '*T23:59:59.99[0-9][0-9][0-9][0-9]Z' AND date(substr(\"" x                            \
    "\", 1, 10), '+0 days') IS substr(\"" x "\", 1, 10)))),\n"
#define DATE(table, x)                                                                             \
    "    CONSTRAINT \"" table "_" x "_date_check\" CHECK (\"" x                                    \
    "\" BETWEEN '0001-01-01' AND '9999-12-31' AND date(\"" x "\", '+0 days') IS \"" x "\"),\n"
#define HEX4 "[0-9a-f][0-9a-f][0-9a-f][0-9a-f]"
#define UUID(table, x)                                                                             \
    "    CONSTRAINT \"" table "_" x "_uuid_check\" CHECK (length(CAST(\"" x                        \
    "\" AS BLOB)) = 36 AND \"" x "\" GLOB '" HEX4 HEX4 "-" HEX4 "-" HEX4 "-" HEX4                  \
    "-" HEX4 HEX4 HEX4 "')"
#define JSON(table, x)                                                                             \
    "    CONSTRAINT \"" table "_" x "_json_check\" CHECK ((\"" x "\" IS NULL OR json_valid(\"" x   \
    "\")) AND instr(CAST(\"" x "\" AS BLOB), x'00') = 0),\n"

#define EXPECT(render_, dialect, schema, expected)                                                 \
    expect_statements(render_, &furrow__dialect_##dialect, &schema, expected, COUNT(expected))

static void test_ddl__sqlite_has_every_type_and_constraint(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "CREATE TABLE \"items\" (\n"
        "    \"id\" INTEGER PRIMARY KEY AUTOINCREMENT,\n"
        "    \"code\" TEXT NOT NULL,\n"
        "    \"shelf\" TEXT NOT NULL DEFAULT '',\n"
        "    \"count\" INTEGER NOT NULL,\n"
        "    \"weight\" REAL NOT NULL,\n"
        "    \"fragile\" INTEGER NOT NULL DEFAULT 0,\n"
        "    \"colour\" TEXT NOT NULL DEFAULT 'RED',\n"
        "    \"lid\" TEXT,\n"
        "    \"note\" TEXT,\n"
        "    \"picture\" BLOB,\n"
        "    \"price\" INTEGER NOT NULL DEFAULT 150,\n"
        "    \"bought\" TEXT NOT NULL DEFAULT (date('now')),\n"
        "    \"serial\" TEXT,\n"
        "    \"extra\" TEXT NOT NULL DEFAULT '{}',\n"
        "    \"made_at\" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'),\n"
        "    \"small\" INTEGER NOT NULL DEFAULT -7,\n"
        "    \"ratio\" REAL NOT NULL DEFAULT 0.5,\n"
        "    \"sold_at\" TEXT,\n"
        "    \"cost\" INTEGER,\n"
        "    \"packed\" INTEGER,\n"
        "    CONSTRAINT \"items_code_key\" UNIQUE (\"code\"),\n"
        "    CONSTRAINT \"items_shelf_serial_key\" UNIQUE (\"shelf\", \"serial\"),\n"
        "    CONSTRAINT \"items_check\" CHECK (\"weight\" >= 0 AND \"count\" < 1000001),\n"
        "    CONSTRAINT \"items_code_min_length_check\" CHECK (length(\"code\") >= 1),\n"
        "    CONSTRAINT \"items_code_max_length_check\" CHECK (length(\"code\") <= 20),\n"
        "    CONSTRAINT \"items_shelf_size_check\" CHECK (length(CAST(\"shelf\" AS BLOB)) <= 7),\n"
        "    CONSTRAINT \"items_count_range_check\" CHECK (\"count\" BETWEEN 0 AND 1000000),\n"
        "    CONSTRAINT \"items_weight_range_check\" CHECK (\"weight\" >= -5),\n"
        "    CONSTRAINT \"items_fragile_bool_check\" CHECK (\"fragile\" IN (0, 1)),\n"
        "    CONSTRAINT \"items_colour_enum_check\" CHECK (\"colour\" IN ('RED', 'GREEN', "
        "'BLUE')),\n"
        "    CONSTRAINT \"items_lid_enum_check\" CHECK (\"lid\" IN ('RED', 'GREEN', 'BLUE')),\n"
        "    CONSTRAINT \"items_note_check\" CHECK (\"note\" <> ''),\n"
        "    CONSTRAINT \"items_price_range_check\" CHECK (\"price\" <= 100050),\n"
        "    CONSTRAINT \"items_price_width_check\" CHECK (\"price\" BETWEEN -999999999999 AND "
        "999999999999),\n" DATE("items", "bought") UUID("items", "serial") ",\n" JSON("items",
                                                                                      "extra")
            TIME("items", "made_at") "    CONSTRAINT \"items_small_width_check\" CHECK (\"small\" "
                                     "BETWEEN -32768 AND 32767),\n" TIME(
                                         "items",
                                         "sold_at") "    CONSTRAINT \"items_cost_width_check\" "
                                                    "CHECK (\"cost\" BETWEEN -999999999999999999 "
                                                    "AND "
                                                    "999999999999999999),\n"
                                                    "    CONSTRAINT \"items_packed_bool_check\" "
                                                    "CHECK (\"packed\" IN (0, 1))\n"
                                                    ") STRICT",
        "CREATE INDEX \"items_colour_price_idx\" ON \"items\" (\"colour\", \"price\" DESC)",
        ("CREATE UNIQUE INDEX \"items_lid_sold_at_key\" ON \"items\" (\"lid\", \"sold_at\" DESC) "
         "WHERE \"fragile\" AND \"code\" GLOB 'A[*]?*'"),
    };
    EXPECT(furrow__ddl_create_schema, sqlite, item_schema, expected);
}

static void test_ddl__postgresql_has_every_type_and_constraint(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "CREATE TABLE \"items\" (\n"
        "    \"id\" BIGINT NOT NULL GENERATED BY DEFAULT AS IDENTITY,\n"
        "    \"code\" TEXT COLLATE \"C\" NOT NULL,\n"
        "    \"shelf\" TEXT COLLATE \"C\" NOT NULL DEFAULT '',\n"
        "    \"count\" INTEGER NOT NULL,\n"
        "    \"weight\" DOUBLE PRECISION NOT NULL,\n"
        "    \"fragile\" BOOLEAN NOT NULL DEFAULT FALSE,\n"
        "    \"colour\" TEXT COLLATE \"C\" NOT NULL DEFAULT 'RED',\n"
        "    \"lid\" TEXT COLLATE \"C\",\n"
        "    \"note\" TEXT COLLATE \"C\",\n"
        "    \"picture\" BYTEA,\n"
        "    \"price\" NUMERIC(12, 2) NOT NULL DEFAULT 1.50,\n"
        "    \"bought\" DATE NOT NULL DEFAULT CAST(CURRENT_TIMESTAMP AT TIME ZONE 'UTC' AS DATE),\n"
        "    \"serial\" UUID,\n"
        "    \"extra\" JSONB NOT NULL DEFAULT '{}',\n"
        "    \"made_at\" TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,\n"
        "    \"small\" SMALLINT NOT NULL DEFAULT -7,\n"
        "    \"ratio\" REAL NOT NULL DEFAULT 0.5,\n"
        "    \"sold_at\" TIMESTAMP WITH TIME ZONE,\n"
        "    \"cost\" NUMERIC(18, 4),\n"
        "    \"packed\" BOOLEAN,\n"
        "    CONSTRAINT \"items_pkey\" PRIMARY KEY (\"id\"),\n"
        "    CONSTRAINT \"items_code_key\" UNIQUE (\"code\"),\n"
        "    CONSTRAINT \"items_shelf_serial_key\" UNIQUE (\"shelf\", \"serial\"),\n"
        "    CONSTRAINT \"items_check\" CHECK (\"weight\" >= 0 AND \"count\" < 1000001),\n"
        "    CONSTRAINT \"items_code_min_length_check\" CHECK (char_length(\"code\") >= 1),\n"
        "    CONSTRAINT \"items_code_max_length_check\" CHECK (char_length(\"code\") <= 20),\n"
        "    CONSTRAINT \"items_shelf_size_check\" CHECK (octet_length(\"shelf\") <= 7),\n"
        "    CONSTRAINT \"items_count_range_check\" CHECK (\"count\" BETWEEN 0 AND 1000000),\n"
        "    CONSTRAINT \"items_weight_range_check\" CHECK (\"weight\" >= -5),\n"
        "    CONSTRAINT \"items_weight_nan_check\" CHECK (\"weight\" <> 'NaN'),\n"
        "    CONSTRAINT \"items_colour_enum_check\" CHECK (\"colour\" IN ('RED', 'GREEN', "
        "'BLUE')),\n"
        "    CONSTRAINT \"items_lid_enum_check\" CHECK (\"lid\" IN ('RED', 'GREEN', 'BLUE')),\n"
        "    CONSTRAINT \"items_note_check\" CHECK (\"note\" <> ''),\n"
        "    CONSTRAINT \"items_price_range_check\" CHECK (\"price\" <= 1000.50),\n"
        "    CONSTRAINT \"items_ratio_nan_check\" CHECK (\"ratio\" <> 'NaN')\n"
        ")",
        "CREATE INDEX \"items_colour_price_idx\" ON \"items\" (\"colour\", \"price\" DESC)",
        ("CREATE UNIQUE INDEX \"items_lid_sold_at_key\" ON \"items\" (\"lid\" NULLS FIRST, "
         "\"sold_at\" DESC NULLS LAST) WHERE \"fragile\" AND \"code\" LIKE 'A*_%' ESCAPE ''"),
    };
    EXPECT(furrow__ddl_create_schema, postgresql, item_schema, expected);
}

static void test_ddl__sqlite_key_can_refer_to_a_later_table(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "CREATE TABLE \"sport.team\" (\n"
        "    \"id\" INTEGER PRIMARY KEY AUTOINCREMENT,\n"
        "    \"lead_id\" INTEGER NOT NULL,\n"
        "    CONSTRAINT \"team_lead_id_fkey\" FOREIGN KEY (\"lead_id\") REFERENCES \"person\" "
        "(\"id\")\n"
        ") STRICT",
        "CREATE TABLE \"bystander\" (\n"
        "    \"id\" TEXT NOT NULL,\n"
        "    \"team_id\" INTEGER NOT NULL,\n"
        "    CONSTRAINT \"bystander_pkey\" PRIMARY KEY (\"id\"),\n"
        "    CONSTRAINT \"bystander_team_id_fkey\" FOREIGN KEY (\"team_id\") REFERENCES "
        "\"sport.team\" (\"id\"),\n" UUID("bystander", "id") "\n) STRICT",
        "CREATE TABLE \"person\" (\n"
        "    \"id\" INTEGER PRIMARY KEY AUTOINCREMENT,\n"
        "    \"team_id\" INTEGER,\n"
        "    \"boss_id\" INTEGER,\n"
        "    CONSTRAINT \"person_team_id_fkey\" FOREIGN KEY (\"team_id\") REFERENCES "
        "\"sport.team\" (\"id\") ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,\n"
        "    CONSTRAINT \"person_boss_id_fkey\" FOREIGN KEY (\"boss_id\") REFERENCES \"person\" "
        "(\"id\") ON DELETE RESTRICT ON UPDATE CASCADE\n"
        ") STRICT",
    };
    EXPECT(furrow__ddl_create_schema, sqlite, circle_schema, expected);
}

static void test_ddl__postgresql_adds_the_keys_of_a_cycle_last(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "CREATE SCHEMA IF NOT EXISTS \"sport\"",
        "CREATE TABLE \"sport\".\"team\" (\n"
        "    \"id\" BIGINT NOT NULL GENERATED BY DEFAULT AS IDENTITY,\n"
        "    \"lead_id\" BIGINT NOT NULL,\n"
        "    CONSTRAINT \"team_pkey\" PRIMARY KEY (\"id\")\n"
        ")",
        "CREATE TABLE \"bystander\" (\n"
        "    \"id\" UUID NOT NULL,\n"
        "    \"team_id\" BIGINT NOT NULL,\n"
        "    CONSTRAINT \"bystander_pkey\" PRIMARY KEY (\"id\"),\n"
        "    CONSTRAINT \"bystander_team_id_fkey\" FOREIGN KEY (\"team_id\") REFERENCES "
        "\"sport\".\"team\" (\"id\")\n"
        ")",
        "CREATE TABLE \"person\" (\n"
        "    \"id\" BIGINT NOT NULL GENERATED BY DEFAULT AS IDENTITY,\n"
        "    \"team_id\" BIGINT,\n"
        "    \"boss_id\" BIGINT,\n"
        "    CONSTRAINT \"person_pkey\" PRIMARY KEY (\"id\"),\n"
        "    CONSTRAINT \"person_team_id_fkey\" FOREIGN KEY (\"team_id\") REFERENCES "
        "\"sport\".\"team\" (\"id\") ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,\n"
        "    CONSTRAINT \"person_boss_id_fkey\" FOREIGN KEY (\"boss_id\") REFERENCES \"person\" "
        "(\"id\") ON DELETE RESTRICT ON UPDATE CASCADE\n"
        ")",
        "ALTER TABLE \"sport\".\"team\"\n"
        "    ADD CONSTRAINT \"team_lead_id_fkey\" FOREIGN KEY (\"lead_id\") REFERENCES \"person\" "
        "(\"id\")",
    };
    EXPECT(furrow__ddl_create_schema, postgresql, circle_schema, expected);
}

static void test_ddl__sqlite_drops_a_cycle_with_its_rows(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "PRAGMA defer_foreign_keys = ON",  "DROP TABLE \"person\"",
        "DROP TABLE \"bystander\"",        "DROP TABLE \"sport.team\"",
        "PRAGMA defer_foreign_keys = OFF",
    };
    EXPECT(furrow__ddl_drop_schema, sqlite, circle_schema, expected);
}

static void test_ddl__postgresql_drops_the_keys_of_a_cycle_first(void **state)
{
    (void)state;
    static const char *const expected[] = {
        ("ALTER TABLE \"sport\".\"team\"\n"
         "    DROP CONSTRAINT IF EXISTS \"team_lead_id_fkey\""),
        "DROP TABLE \"person\"",
        "DROP TABLE \"bystander\"",
        "DROP TABLE \"sport\".\"team\"",
    };
    EXPECT(furrow__ddl_drop_schema, postgresql, circle_schema, expected);
}

static void test_ddl__names_are_quoted_and_equal_names_are_numbered(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "CREATE TABLE \"order \"\"select\"\"\" (\n"
        "    \"group\" TEXT NOT NULL,\n"
        "    \"a \"\"b\"\" 'c'\" INTEGER NOT NULL,\n"
        "    \"x\" INTEGER NOT NULL,\n"
        "    \"x_range\" INTEGER NOT NULL,\n"
        "    CONSTRAINT \"order \"\"select\"\"_pkey\" PRIMARY KEY (\"group\", \"a \"\"b\"\" "
        "'c'\"),\n"
        "    CONSTRAINT \"order \"\"select\"\"_group_check\" CHECK (\"group\" <> 'it''s'),\n"
        "    CONSTRAINT \"order \"\"select\"\"_a \"\"b\"\" 'c'_width_check\" CHECK (\"a \"\"b\"\" "
        "'c'\" "
        "BETWEEN -2147483648 AND 2147483647),\n"
        "    CONSTRAINT \"order \"\"select\"\"_x_range_check\" CHECK (\"x\" >= 0),\n"
        "    CONSTRAINT \"order \"\"select\"\"_x_range_2_check\" CHECK (\"x_range\" > 0)\n"
        ") STRICT",
    };
    EXPECT(furrow__ddl_create_schema, sqlite, odd_schema, expected);
}

static void test_ddl__each_statement_has_its_model(void **state)
{
    (void)state;
    furrow_arena arena = {0};
    furrow_error error;
    furrow__statements out;
    assert_int_equal(furrow__ddl_create_schema(&out, &furrow__dialect_postgresql, &circle_schema,
                                               &arena, &error),
                     FURROW_OK);
    const furrow_model *const expected[] = {&team, &team, &bystander, &person, &team};
    assert_int_equal(out.count, COUNT(expected));
    for (size_t i = 0; i < out.count; i++)
        assert_ptr_equal(out.models[i], expected[i]);
    furrow__arena_done(&arena);
}

static void test_ddl__a_broken_expression_is_named(void **state)
{
    (void)state;
    furrow_column column = item_columns[8];
    furrow_model model = {.format = FURROW_FORMAT_VERSION,
                          .name = "m",
                          .table = "m",
                          .columns = &column,
                          .column_count = 1,
                          .assigned = FURROW_NO_COLUMN,
                          .version = FURROW_NO_COLUMN};
    const furrow_model *const models[] = {&model};
    const furrow_schema schema = {FURROW_FORMAT_VERSION, "broken", models, 1};
    furrow_arena arena = {0};
    furrow_error error;
    furrow__statements out;
    column.model = &model;
    column.index = 0;
    column.check = "note > 5";
    assert_int_equal(
        furrow__ddl_create_schema(&out, &furrow__dialect_sqlite, &schema, &arena, &error),
        FURROW_INVALID);
    assert_string_equal(error.message, "check \"m_note_check\" of table \"m\", at \"5\": column "
                                       "\"note\" is text; put the literal in single quotes");
    assert_int_equal(out.count, 0);
    furrow__arena_done(&arena);
}

static void test_ddl__types_have_the_names_that_engines_report(void **state)
{
    (void)state;
    static const char *const expected[] = {"bigint",
                                           "text",
                                           "text",
                                           "integer",
                                           "double precision",
                                           "boolean",
                                           "text",
                                           "text",
                                           "text",
                                           "bytea",
                                           "numeric(12,2)",
                                           "date",
                                           "uuid",
                                           "jsonb",
                                           "timestamp with time zone",
                                           "smallint",
                                           "real",
                                           "timestamp with time zone",
                                           "numeric(18,4)",
                                           "boolean"};
    furrow_arena arena = {0};
    for (size_t i = 0; i < COUNT(item_columns); i++) {
        furrow__catalog_type type = furrow__catalog_type_of(&item_columns[i]);
        assert_string_equal(furrow__dialect_postgresql.ddl->reported_type(&type, &arena),
                            expected[i]);
    }
    furrow__catalog_type price = furrow__catalog_type_of(&item_columns[10]);
    assert_string_equal(furrow__dialect_sqlite.ddl->reported_type(&price, &arena), "INTEGER");
    furrow__arena_done(&arena);
}

static void run(sqlite3 *database, const char *sql)
{
    char *message = NULL;
    if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
}

static void run_all(sqlite3 *database, render *render_)
{
    furrow_arena arena = {0};
    furrow_error error;
    furrow__statements out;
    assert_int_equal(render_(&out, &furrow__dialect_sqlite, &every_schema, &arena, &error),
                     FURROW_OK);
    for (size_t i = 0; i < out.count; i++)
        run(database, out.items[i]);
    furrow__arena_done(&arena);
}

/* The rows refer to each other in a cycle, so no order exists in which they can be deleted one by
 * one. */
static void test_ddl__sqlite_creates_and_drops_every_model(void **state)
{
    (void)state;
    sqlite3 *database;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(":memory:", &database), SQLITE_OK);
    run(database, "PRAGMA foreign_keys = ON");
    run_all(database, furrow__ddl_create_schema);
    run(database, "BEGIN; INSERT INTO person (id, team_id) VALUES (1, 1);"
                  "INSERT INTO person (id, team_id, boss_id) VALUES (2, 1, 1);"
                  "INSERT INTO \"sport.team\" (id, lead_id) VALUES (1, 2); COMMIT;"
                  "INSERT INTO items (code, count, weight) VALUES ('x', 1, 2)");
    assert_int_equal(sqlite3_exec(database,
                                  "INSERT INTO items (code, count, weight) VALUES ('y', -1, 2)",
                                  NULL, NULL, NULL),
                     SQLITE_CONSTRAINT);
    run(database, "BEGIN");
    run_all(database, furrow__ddl_drop_schema);
    run(database, "COMMIT");
    sqlite3_prepare_v2(database, "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'",
                       -1, &statement, NULL);
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    sqlite3_finalize(statement);
    sqlite3_close(database);
}

static int allocations_left;

static void *failing_allocate(size_t size, void *context)
{
    (void)context;
    return allocations_left-- > 0 ? malloc(size) : NULL;
}

static void *failing_reallocate(void *block, size_t size, void *context)
{
    (void)context;
    return allocations_left-- > 0 ? realloc(block, size) : NULL;
}

static void release(void *block, void *context)
{
    (void)context;
    free(block);
}

static void test_ddl__every_allocation_may_fail(void **state)
{
    (void)state;
    furrow_status status = FURROW_NOMEM;
    furrow_set_allocator(&(furrow_allocator){failing_allocate, failing_reallocate, release, NULL});
    for (int k = 0; status != FURROW_OK; k++) {
        furrow_arena arena = {0};
        furrow_error error;
        furrow__statements out;
        assert_true(k < 1000);
        allocations_left = k;
        status = furrow__ddl_create_schema(&out, &furrow__dialect_postgresql, &every_schema, &arena,
                                           &error);
        assert_true(status == FURROW_OK || status == FURROW_NOMEM);
        assert_true(status == FURROW_OK ? out.count > 0 : out.count == 0);
        furrow__arena_done(&arena);
    }
    allocations_left = INT32_MAX;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ddl__sqlite_has_every_type_and_constraint),
        cmocka_unit_test(test_ddl__postgresql_has_every_type_and_constraint),
        cmocka_unit_test(test_ddl__sqlite_key_can_refer_to_a_later_table),
        cmocka_unit_test(test_ddl__postgresql_adds_the_keys_of_a_cycle_last),
        cmocka_unit_test(test_ddl__sqlite_drops_a_cycle_with_its_rows),
        cmocka_unit_test(test_ddl__postgresql_drops_the_keys_of_a_cycle_first),
        cmocka_unit_test(test_ddl__names_are_quoted_and_equal_names_are_numbered),
        cmocka_unit_test(test_ddl__each_statement_has_its_model),
        cmocka_unit_test(test_ddl__a_broken_expression_is_named),
        cmocka_unit_test(test_ddl__types_have_the_names_that_engines_report),
        cmocka_unit_test(test_ddl__sqlite_creates_and_drops_every_model),
        cmocka_unit_test(test_ddl__every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("ddl", tests, NULL, NULL);
}
