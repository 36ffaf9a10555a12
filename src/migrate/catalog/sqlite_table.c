/* SPDX-License-Identifier: MIT
 *
 * Reads SQLite's CREATE TABLE and CREATE INDEX statements as parts of a physical catalog. Each part
 * keeps its original text, so that a rebuild can write it again unchanged.
 */
#include "migrate/catalog/sqlite_table.h"

#include <string.h>

#include "base/text.h"
#include "scan/compare.h"
#include "scan/sqlite_create.h"

_Static_assert((int)FURROW__SQLITE_PARTS <= (int)FURROW__CATALOG_PARTS,
               "a catalog holds what SQLite defines");

typedef struct converter {
    furrow__catalog *catalog;
    furrow__catalog_table *table;
    furrow_error *error;
    furrow_status status; /* status of the first failure */
} converter;

static bool no_memory(converter *c)
{
    c->status = furrow__fail(c->error, FURROW_NOMEM, "out of memory");
    return false;
}

static bool check_key_size(converter *c, const char *kind, const char *name, size_t count)
{
    if (count > FURROW__CATALOG_KEY)
        c->status = furrow__fail(c->error, FURROW_SCHEMA, "%s %s has a key of more than %d columns",
                                 kind, FURROW__QUOTED(name), FURROW__CATALOG_KEY);
    return c->status == FURROW_OK;
}

/* Returns the type with its collation. Columns without a collation have the collation BINARY. */
static const char *native_type(const furrow__sqlite_column *column, furrow_arena *arena)
{
    furrow__buffer text = {0};
    if (!column->collation || furrow__names_are_equal_in_any_case(column->collation, "BINARY"))
        return column->type;
    furrow__buffer_format(&text, "%s%sCOLLATE %s", column->type, *column->type ? " " : "",
                          column->collation);
    return furrow__buffer_take(&text, arena);
}

static bool add_column(converter *c, const furrow__sqlite_column *from)
{
    furrow__catalog_column *to = furrow__catalog_add_column(c->catalog, c->table);
    const char *type = native_type(from, c->catalog->arena);
    if (!to || !type)
        return no_memory(c);
    *to = (furrow__catalog_column){
        .name = from->name,
        .type = {.native = type},
        .nullable = from->is_nullable,
        .default_ = from->default_,
        .generated = from->generated,
        .stored = from->is_stored,
        .source = from->source,
    };
    return true;
}

static furrow__constraint_kind kind_of(const furrow__sqlite_constraint *constraint)
{
    switch (constraint->kind) {
    case FURROW__SQLITE_PRIMARY_KEY:
        return FURROW__CONSTRAINT_PRIMARY_KEY;
    case FURROW__SQLITE_UNIQUE:
        return FURROW__CONSTRAINT_UNIQUE;
    case FURROW__SQLITE_FOREIGN_KEY:
        return FURROW__CONSTRAINT_FOREIGN_KEY;
    default:
        return FURROW__CONSTRAINT_CHECK;
    }
}

static bool add_constraint(converter *c, const furrow__sqlite_constraint *from)
{
    if (!check_key_size(c, "table", c->table->name.name, from->column_count))
        return false;
    furrow__catalog_constraint *to = furrow__catalog_add_constraint(c->catalog, c->table);
    if (!to)
        return no_memory(c);
    *to = (furrow__catalog_constraint){
        .kind = kind_of(from),
        .name = from->name,
        .columns = from->columns,
        .count = from->column_count,
        .target = {NULL, from->target},
        .target_columns = from->target_columns,
        .on_delete = from->on_delete,
        .on_update = from->on_update,
        .deferrable = from->is_deferred,
        .expression = from->expression,
        .source = from->source,
        .inside = from->column,
    };
    return true;
}

furrow__catalog_column *furrow__sqlite_column_named(const furrow__catalog_table *table,
                                                    const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (furrow__names_are_equal_in_any_case(table->columns[i].name, name))
            return &table->columns[i];
    return NULL;
}

/* The column of a primary key is an alias of the rowid if the key has no other column and the type
 * of the column is exactly INTEGER. "INTEGER PRIMARY KEY DESC" in the definition of a column is an
 * exception that SQLite keeps for compatibility (lang_createtable.html, "ROWIDs and the INTEGER
 * PRIMARY KEY"). */
const furrow__catalog_column *furrow__sqlite_rowid_column(const furrow__catalog_table *table)
{
    const furrow__catalog_constraint *key = furrow__catalog_primary_key(table);
    if (!key || key->count != 1 || table->without_rowid)
        return NULL;
    if (key->inside && key->source &&
        furrow__text_mentions(key->source, "DESC", FURROW__SCAN_SQLITE))
        return NULL;
    const furrow__catalog_column *column = furrow__sqlite_column_named(table, key->columns[0]);
    bool is_integer = column && column->type.native &&
                      furrow__names_are_equal_in_any_case(column->type.native, "INTEGER");
    return is_integer ? column : NULL;
}

/* Marks the columns of a primary key as not nullable if SQLite itself keeps NULL out of them
 * (lang_createtable.html, "The PRIMARY KEY"). */
static bool settle_primary_key(converter *c)
{
    furrow__catalog_table *table = c->table;
    furrow__catalog_constraint *key = furrow__catalog_primary_key(table);
    for (size_t i = 0; key && i < key->count; i++) {
        furrow__catalog_column *column = furrow__sqlite_column_named(table, key->columns[i]);
        if (!column) {
            c->status = furrow__fail(
                c->error, FURROW_SCHEMA, "the primary key of table %s has an unknown column %s",
                FURROW__QUOTED(table->name.name), FURROW__QUOTED(key->columns[i]));
            return false;
        }
        if (table->strict || table->without_rowid || furrow__sqlite_rowid_column(table))
            column->nullable = false;
        if (table->autoincrement)
            column->assigned = true;
    }
    return true;
}

static bool fill_table(converter *c, const furrow__sqlite_table *from)
{
    c->table->strict = from->is_strict;
    c->table->without_rowid = from->is_without_rowid;
    c->table->autoincrement = from->has_autoincrement;
    for (size_t i = 0; i < from->column_count; i++)
        if (!add_column(c, &from->columns[i]))
            return false;
    for (size_t i = 0; i < from->constraint_count; i++)
        if (!add_constraint(c, &from->constraints[i]))
            return false;
    return settle_primary_key(c);
}

furrow_status furrow__sqlite_read_table(furrow__catalog *catalog, const char *sql, size_t size,
                                        furrow__catalog_table **out, furrow_error *error)
{
    converter c = {.catalog = catalog, .error = error};
    furrow__sqlite_table parsed;
    size_t count = catalog->count;
    *out = NULL;
    furrow_status status = furrow__sqlite_parse_table(&parsed, sql, size, catalog->arena, error);
    if (status != FURROW_OK)
        return status;
    const char *source = furrow__arena_text(catalog->arena, sql, size);
    if (source)
        c.table = furrow__catalog_add_table(catalog, (furrow__table_name){NULL, parsed.name});
    if (!c.table)
        no_memory(&c);
    else if (fill_table(&c, &parsed))
        c.table->source = source;
    if (c.status != FURROW_OK) {
        catalog->count = count;
        return c.status;
    }
    *out = c.table;
    return FURROW_OK;
}

static bool fill_index(converter *c, furrow__catalog_index *to, const furrow__sqlite_index *from,
                       furrow_arena *arena)
{
    if (!check_key_size(c, "index", from->name, from->part_count))
        return false;
    furrow__index_part *parts = furrow__arena_aligned(arena, from->part_count * sizeof *parts,
                                                      _Alignof(furrow__index_part));
    if (!parts)
        return no_memory(c);
    for (size_t i = 0; i < from->part_count; i++)
        parts[i] = (furrow__index_part){.column = from->parts[i].column,
                                        .expression = from->parts[i].expression,
                                        .descending = from->parts[i].is_descending};
    *to = (furrow__catalog_index){.name = from->name,
                                  .parts = parts,
                                  .count = from->part_count,
                                  .unique = from->is_unique,
                                  .where = from->where};
    return true;
}

furrow_status furrow__sqlite_read_index(furrow__sqlite_live_index *out, const char *sql,
                                        size_t size, furrow_arena *arena, furrow_error *error)
{
    converter c = {.error = error};
    furrow__sqlite_index parsed;
    *out = (furrow__sqlite_live_index){0};
    furrow_status status = furrow__sqlite_parse_index(&parsed, sql, size, arena, error);
    if (status != FURROW_OK || !fill_index(&c, &out->index, &parsed, arena))
        return status != FURROW_OK ? status : c.status;
    out->index.source = furrow__arena_text(arena, sql, size);
    if (!out->index.source) {
        *out = (furrow__sqlite_live_index){0};
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    }
    out->table = parsed.table;
    return FURROW_OK;
}
