/* SPDX-License-Identifier: MIT
 * Reads a live SQLite database into a physical catalog. The table sqlite_schema contains each
 * definition as text. */
#include <string.h>

#include "base/text.h"
#include "dialect/sqlite/sqlite.h"
#include "migrate/apply/query.h"
#include "migrate/catalog/sqlite_table.h"
#include "schema/name.h"

static furrow_status no_memory(furrow_error *error)
{
    return furrow__fail(error, FURROW_NOMEM, "out of memory");
}

/* A row of sqlite_schema. */
typedef struct object {
    const char *type, *name, *table, *sql;
} object;

static furrow_status add_object(furrow__catalog *out, const object *o, furrow__object_kind kind,
                                furrow_error *error)
{
    furrow__catalog_object *added = furrow__catalog_add_object(out);
    if (!added)
        return no_memory(error);
    added->kind = kind;
    added->name = (furrow__table_name){NULL, o->name};
    added->source = o->sql;
    if (kind == FURROW__OBJECT_TRIGGER)
        added->table = (furrow__table_name){NULL, o->table};
    return FURROW_OK;
}

/* Adds a table. If the table's definition cannot be read, only its name is added. An example is the
 * definition of a virtual table. */
static furrow_status add_table(furrow__catalog *out, const object *o, furrow_error *error)
{
    furrow__catalog_table *table;
    furrow_error ignored;
    furrow_status status = furrow__sqlite_read_table(out, o->sql, strlen(o->sql), &table, &ignored);
    if (status == FURROW_NOMEM)
        return no_memory(error);
    return status == FURROW_OK ? FURROW_OK : add_object(out, o, FURROW__OBJECT_OTHER, error);
}

static furrow_status add_index(furrow__catalog *out, const object *o, furrow_error *error)
{
    furrow__catalog_table *table =
        furrow__catalog_table_named(out, (furrow__table_name){NULL, o->table});
    furrow__sqlite_live_index live;
    furrow_error ignored;
    furrow_status status =
        furrow__sqlite_read_index(&live, o->sql, strlen(o->sql), out->arena, &ignored);
    if (status == FURROW_NOMEM)
        return no_memory(error);
    if (!table || status != FURROW_OK)
        return add_object(out, o, FURROW__OBJECT_OTHER, error);
    furrow__catalog_index *added = furrow__catalog_add_index(out, table);
    if (!added)
        return no_memory(error);
    *added = live.index;
    added->name = o->name;
    return FURROW_OK;
}

static furrow_status add(furrow__catalog *out, const object *o, furrow_error *error)
{
    if (!o->name || !o->sql || furrow__name_is_own_table(o->name))
        return FURROW_OK;
    if (strcmp(o->type, "table") == 0)
        return add_table(out, o, error);
    if (strcmp(o->type, "index") == 0)
        return o->table && furrow__name_is_own_table(o->table) ? FURROW_OK
                                                               : add_index(out, o, error);
    if (strcmp(o->type, "view") == 0)
        return add_object(out, o, FURROW__OBJECT_VIEW, error);
    if (strcmp(o->type, "trigger") == 0)
        return add_object(out, o, FURROW__OBJECT_TRIGGER, error);
    return add_object(out, o, FURROW__OBJECT_OTHER, error);
}

/* Sorts tables before their indexes. The rowids usually have that order, but not in a file that was
 * repaired. The shadow tables of a virtual table, which hold its content, are left out. */
#define OBJECTS                                                                                    \
    "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%'"         \
    " ESCAPE '\\' AND tbl_name NOT IN (SELECT name FROM pragma_table_list WHERE schema = 'main'"   \
    " AND type = 'shadow') ORDER BY type <> 'table', rowid"

furrow_status furrow__sqlite_inspect(furrow__catalog *out, furrow_connection *connection,
                                     furrow_error *error)
{
    furrow__query q = furrow__query_begin(connection, OBJECTS, out->arena, error);
    while (furrow__query_next(&q)) {
        object o = {furrow__query_text(&q, 0), furrow__query_text(&q, 1), furrow__query_text(&q, 2),
                    furrow__query_text(&q, 3)};
        furrow_status status = add(out, &o, error);
        if (status != FURROW_OK)
            q.status = status;
    }
    return furrow__query_end(&q);
}
