/* SPDX-License-Identifier: MIT
 *
 * Finds out how PostgreSQL writes the definitions of an expected schema. PostgreSQL stores
 * expressions and definitions in parsed form, and writes them in its own way. For the comparison of
 * an expected schema with the live schema, the expected tables are therefore created as temporary
 * tables and read back. This happens within a savepoint, which is then rolled back. Foreign keys
 * contain no expressions, so they need not be read back.
 */
#include <string.h>

#include "base/text.h"
#include "dialect/postgresql/apply.h"
#include "migrate/apply/query.h"

enum { SAVEPOINT_DEPTH = 1 };

typedef struct renderer {
    furrow__catalog *expected;
    furrow_connection *connection;
    furrow_error *error;
} renderer;

static furrow_status no_memory(renderer *r)
{
    return furrow__fail(r->error, FURROW_NOMEM, "out of memory");
}

static furrow_status create_temporary(renderer *r, const furrow__catalog_table *table)
{
    furrow__buffer sql = {0};
    furrow__catalog_table temporary = *table;
    temporary.name.schema = "pg_temp";
    furrow__physical_write_table(&sql, r->expected, &temporary,
                                 &(furrow__table_form){.without_foreign_keys = true});
    furrow_status status = furrow__execute_buffer(r->connection, &sql, r->error);
    for (size_t i = 0; i < table->index_count && status == FURROW_OK; i++) {
        furrow__physical_write_index(&sql, r->expected, &temporary, &table->indexes[i]);
        status = furrow__execute_buffer(r->connection, &sql, r->error);
    }
    return status;
}

static furrow_status read_temporary(renderer *r, furrow__catalog *out)
{
    const char *schema = NULL;
    furrow_arena *arena = r->expected->arena;
    furrow__query q =
        furrow__query_begin(r->connection,
                            "SELECT nspname::text FROM pg_catalog.pg_namespace WHERE oid ="
                            " pg_catalog.pg_my_temp_schema()",
                            arena, r->error);
    if (furrow__query_next(&q))
        schema = furrow__query_text(&q, 0);
    furrow_status status = furrow__query_end(&q);
    furrow__catalog_init(out, r->expected->dialect, arena);
    if (status == FURROW_OK && schema)
        status = furrow__postgresql_inspect(out, r->connection, schema, r->error);
    return status;
}

/* Replaces an expected table with the table that was read back. Some parts are kept from the
 * expected table, because a temporary table cannot have them or does not show them: the schema, the
 * foreign keys, and which checks belong to a type. */
static furrow_status take_definitions(renderer *r, furrow__catalog_table *expected,
                                      const furrow__catalog_table *read)
{
    furrow__catalog_table made = *read;
    made.name = expected->name;
    made.constraints = NULL;
    made.constraint_count = made.constraint_capacity = 0;
    for (size_t i = 0; i < expected->constraint_count; i++) {
        const furrow__catalog_constraint *old = &expected->constraints[i];
        const furrow__catalog_constraint *found = furrow__catalog_constraint_named(read, old->name);
        furrow__catalog_constraint *added = furrow__catalog_add_constraint(r->expected, &made);
        if (!added)
            return no_memory(r);
        *added = found && old->kind != FURROW__CONSTRAINT_FOREIGN_KEY ? *found : *old;
        added->of_column = old->of_column;
    }
    *expected = made;
    return FURROW_OK;
}

static bool schemas_are_equal(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static furrow_status render_schema(renderer *r, const char *schema)
{
    furrow__catalog read = {0};
    furrow__catalog *expected = r->expected;
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < expected->count && status == FURROW_OK; i++)
        if (schemas_are_equal(expected->tables[i]->name.schema, schema))
            status = create_temporary(r, expected->tables[i]);
    if (status == FURROW_OK)
        status = read_temporary(r, &read);
    for (size_t i = 0; i < expected->count && status == FURROW_OK; i++) {
        furrow__catalog_table *table = expected->tables[i];
        furrow__table_name temporary = {NULL, table->name.name};
        const furrow__catalog_table *found = furrow__catalog_table_named(&read, temporary);
        if (found && schemas_are_equal(table->name.schema, schema))
            status = take_definitions(r, table, found);
    }
    return status;
}

static furrow_status render_in_savepoint(renderer *r, const char *schema)
{
    furrow_error undo_error;
    const furrow_driver *driver = r->connection->driver;
    furrow_status status = driver->savepoint(r->connection, SAVEPOINT_DEPTH, r->error);
    if (status != FURROW_OK)
        return status;
    status = render_schema(r, schema);
    furrow_status undone = driver->rollback_to(r->connection, SAVEPOINT_DEPTH, &undo_error);
    if (undone == FURROW_OK)
        undone = driver->release(r->connection, SAVEPOINT_DEPTH, &undo_error);
    if (status == FURROW_OK && undone != FURROW_OK) {
        *r->error = undo_error;
        status = undone;
    }
    return status;
}

static bool is_first_of_schema(const furrow__catalog *catalog, size_t place)
{
    for (size_t i = 0; i < place; i++)
        if (schemas_are_equal(catalog->tables[i]->name.schema, catalog->tables[place]->name.schema))
            return false;
    return true;
}

/* Renders the tables of one schema at a time, because tables of two schemas can have the same name.
 */
furrow_status furrow__postgresql_render(furrow__catalog *expected, furrow_connection *connection,
                                        furrow_error *error)
{
    renderer r = {expected, connection, error};
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < expected->count && status == FURROW_OK; i++)
        if (is_first_of_schema(expected, i))
            status = render_in_savepoint(&r, expected->tables[i]->name.schema);
    return status;
}
