/* SPDX-License-Identifier: MIT
 * Applies revisions to PostgreSQL. The longer functions are in inspect.c, render.c,
 * migration_lock.c and concurrent_index.c. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "dialect/postgresql/apply.h"
#include "dialect/postgresql/postgresql.h"
#include "migrate/apply/query.h"

static bool texts_are_equal(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Returns the part of a CREATE INDEX statement that follows the names of the index and the table:
 * the method, the columns with their order, and WHERE. */
static const char *index_definition(const char *source)
{
    return strstr(source, " USING ");
}

static furrow_status open(furrow__migrator *m, furrow_error *error)
{
    return furrow__migrator_connect(m, &m->connection, false, error);
}

static furrow_status inspect(furrow__catalog *out, furrow_connection *connection,
                             furrow_error *error)
{
    return furrow__postgresql_inspect(out, connection, NULL, error);
}

static furrow_status fail_without_schema(const char *path, furrow_error *error)
{
    furrow__fail(error, FURROW_SCHEMA, "search_path %s names no schema that exists",
                 path && *path ? path : "\"\"");
    return furrow__hint(error,
                        "create the schema first, or set search_path for this user or database");
}

/* Fails if furrow_revision exists, but not in the first schema of the search path. Tables are
 * created in the first schema, but furrow_revision is found in any schema of the path, so its rows
 * could describe the tables of another schema. */
static furrow_status check_location(furrow_connection *connection, furrow_error *error)
{
    furrow_arena arena = {0};
    const char *schema = NULL, *elsewhere = NULL, *path = "";
    furrow__query q = furrow__query_begin(
        connection,
        "SELECT current_schema()::text, (SELECT n.nspname::text FROM pg_catalog.pg_class c JOIN"
        " pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid ="
        " pg_catalog.to_regclass('furrow_revision') AND n.nspname <> current_schema()),"
        " pg_catalog.current_setting('search_path')",
        &arena, error);
    if (furrow__query_next(&q)) {
        schema = furrow__query_text(&q, 0);
        elsewhere = furrow__query_text(&q, 1);
        path = furrow__query_text(&q, 2);
    }
    furrow_status status = furrow__query_end(&q);
    if (status == FURROW_OK && !schema) {
        status = fail_without_schema(path, error);
    } else if (status == FURROW_OK && elsewhere) {
        status = furrow__fail(error, FURROW_SCHEMA,
                              "furrow_revision is in schema %s, but tables are created in "
                              "%s, the first schema of the search path %s",
                              FURROW__QUOTED(elsewhere), FURROW__QUOTED(schema), path);
        furrow__hint(error,
                     "make %s the first schema of search_path, with ALTER DATABASE or ALTER "
                     "ROLE",
                     FURROW__QUOTED(elsewhere));
    }
    furrow__arena_done(&arena);
    return status;
}

const furrow__apply_dialect furrow__postgresql_apply = {
    .commits_statements = true,
    .begin = "BEGIN",
    .stop_at_error = "\\set ON_ERROR_STOP on",
    .current_time = "to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
    /* ALTER TABLE fails while deferred checks of the table's constraints have not run yet. */
    .before_schema_change = "SET CONSTRAINTS ALL IMMEDIATE",
    .names_constraints = true,
    .names_are_equal = texts_are_equal,
    .definitions_are_equal = texts_are_equal,
    .tables_are_equal = furrow__table_names_are_equal,
    .index_definition = index_definition,
    .inspect = inspect,
    .render = furrow__postgresql_render,
    .check_location = check_location,
    .open = open,
    .lock = furrow__postgresql_lock,
    .unlock = furrow__postgresql_unlock,
    .begin_transaction = furrow__postgresql_begin,
    .explain_lock_wait = furrow__postgresql_explain_lock_wait,
    .runs_alone = furrow__postgresql_runs_alone,
    .run_alone = furrow__postgresql_run_alone,
};
