/* SPDX-License-Identifier: MIT
 * Creates, searches and copies catalogs; see catalog.h. Lists grow by doubling. When a list is
 * replaced by a larger one, its old memory stays in the arena until the arena is freed. */
#include "migrate/catalog/parts.h"

#include <string.h>

#include "base/text.h"
#include "schema/name.h"

void furrow__catalog_init(furrow__catalog *catalog, const furrow__dialect *dialect,
                          furrow_arena *arena)
{
    *catalog =
        (furrow__catalog){.dialect = dialect, .arena = arena, .storage = FURROW__STORAGE_FIRST};
}

/* Makes room in an array for one more column, index or constraint. Returns the array, which may
 * have moved. Returns NULL when out of memory, or if the array has reached the limit of a table. */
static void *grow(furrow_arena *arena, void *items, size_t count, size_t *capacity, size_t size)
{
    return count < FURROW__CATALOG_PARTS ? furrow__arena_room(arena, items, count, capacity, size)
                                         : NULL;
}

furrow__catalog_table *furrow__catalog_add_table(furrow__catalog *catalog, furrow__table_name name)
{
    furrow__catalog_table *table =
        furrow__arena_aligned(catalog->arena, sizeof *table, _Alignof(furrow__catalog_table));
    furrow__catalog_table **tables =
        catalog->count < FURROW__CATALOG_TABLES
            ? furrow__arena_room(catalog->arena, catalog->tables, catalog->count,
                                 &catalog->capacity, sizeof *tables)
            : NULL;
    if (!table || !tables)
        return NULL;
    *table = (furrow__catalog_table){.name = name};
    catalog->names = NULL;
    catalog->tables = tables;
    catalog->tables[catalog->count++] = table;
    return table;
}

furrow__catalog_column *furrow__catalog_add_column(furrow__catalog *catalog,
                                                   furrow__catalog_table *table)
{
    furrow__catalog_column *columns = grow(catalog->arena, table->columns, table->column_count,
                                           &table->column_capacity, sizeof *columns);
    if (!columns)
        return NULL;
    table->columns = columns;
    columns[table->column_count] = (furrow__catalog_column){0};
    return &columns[table->column_count++];
}

furrow__catalog_constraint *furrow__catalog_add_constraint(furrow__catalog *catalog,
                                                           furrow__catalog_table *table)
{
    furrow__catalog_constraint *constraints =
        grow(catalog->arena, table->constraints, table->constraint_count,
             &table->constraint_capacity, sizeof *constraints);
    if (!constraints)
        return NULL;
    catalog->names = NULL;
    table->constraints = constraints;
    constraints[table->constraint_count] = (furrow__catalog_constraint){0};
    return &constraints[table->constraint_count++];
}

furrow__catalog_index *furrow__catalog_add_index(furrow__catalog *catalog,
                                                 furrow__catalog_table *table)
{
    furrow__catalog_index *indexes = grow(catalog->arena, table->indexes, table->index_count,
                                          &table->index_capacity, sizeof *indexes);
    if (!indexes)
        return NULL;
    catalog->names = NULL;
    table->indexes = indexes;
    indexes[table->index_count] = (furrow__catalog_index){0};
    return &indexes[table->index_count++];
}

furrow__catalog_object *furrow__catalog_add_object(furrow__catalog *catalog)
{
    furrow__catalog_object *objects =
        catalog->object_count < (size_t)FURROW__CATALOG_TABLES * 4
            ? furrow__arena_room(catalog->arena, catalog->objects, catalog->object_count,
                                 &catalog->object_capacity, sizeof *objects)
            : NULL;
    if (!objects)
        return NULL;
    catalog->objects = objects;
    objects[catalog->object_count] = (furrow__catalog_object){0};
    return &objects[catalog->object_count++];
}

static bool texts_are_equal(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool furrow__table_names_are_equal(furrow__table_name a, furrow__table_name b)
{
    return texts_are_equal(a.name, b.name) && texts_are_equal(a.schema, b.schema);
}

furrow__catalog_table *furrow__catalog_table_named(const furrow__catalog *catalog,
                                                   furrow__table_name name)
{
    for (size_t i = 0; i < catalog->count; i++)
        if (furrow__table_names_are_equal(catalog->tables[i]->name, name))
            return catalog->tables[i];
    return NULL;
}

furrow__catalog_column *furrow__catalog_column_named(const furrow__catalog_table *table,
                                                     const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (texts_are_equal(table->columns[i].name, name))
            return &table->columns[i];
    return NULL;
}

furrow__catalog_constraint *furrow__catalog_constraint_named(const furrow__catalog_table *table,
                                                             const char *name)
{
    for (size_t i = 0; name && i < table->constraint_count; i++)
        if (texts_are_equal(table->constraints[i].name, name))
            return &table->constraints[i];
    return NULL;
}

furrow__catalog_index *furrow__catalog_index_named(const furrow__catalog_table *table,
                                                   const char *name)
{
    for (size_t i = 0; i < table->index_count; i++)
        if (texts_are_equal(table->indexes[i].name, name))
            return &table->indexes[i];
    return NULL;
}

furrow__catalog_index *furrow__catalog_find_index(const furrow__catalog *catalog,
                                                  furrow__table_name name,
                                                  furrow__catalog_table **table)
{
    for (size_t i = 0; i < catalog->count; i++) {
        if (!texts_are_equal(catalog->tables[i]->name.schema, name.schema))
            continue;
        furrow__catalog_index *index = furrow__catalog_index_named(catalog->tables[i], name.name);
        if (index) {
            *table = catalog->tables[i];
            return index;
        }
    }
    *table = NULL;
    return NULL;
}

furrow__catalog_constraint *furrow__catalog_primary_key(const furrow__catalog_table *table)
{
    for (size_t i = 0; i < table->constraint_count; i++)
        if (table->constraints[i].kind == FURROW__CONSTRAINT_PRIMARY_KEY)
            return &table->constraints[i];
    return NULL;
}

/* Copies a list, so that parts can be added to the copy. The memory that the parts point to never
 * changes, so both lists share it. */
static bool copy_list(furrow_arena *arena, const void *items, size_t size, void **out)
{
    *out = NULL;
    if (size == 0)
        return true;
    *out = furrow__arena_aligned(arena, size, 16);
    if (*out)
        memcpy(*out, items, size);
    return *out != NULL;
}

bool furrow__catalog_own_lists(furrow__catalog_table *to, furrow_arena *arena)
{
    void *columns, *constraints, *indexes;
    if (!copy_list(arena, to->columns, to->column_count * sizeof *to->columns, &columns) ||
        !copy_list(arena, to->constraints, to->constraint_count * sizeof *to->constraints,
                   &constraints) ||
        !copy_list(arena, to->indexes, to->index_count * sizeof *to->indexes, &indexes))
        return false;
    to->column_capacity = to->column_count;
    to->constraint_capacity = to->constraint_count;
    to->index_capacity = to->index_count;
    to->columns = columns;
    to->constraints = constraints;
    to->indexes = indexes;
    return true;
}

furrow_status furrow__catalog_copy(furrow__catalog *out, const furrow__catalog *of,
                                   furrow_arena *arena, furrow_error *error)
{
    furrow__catalog copy;
    furrow__catalog_init(&copy, of->dialect, arena);
    copy.storage = of->storage;
    furrow__catalog_init(out, of->dialect, arena);
    for (size_t i = 0; i < of->count; i++) {
        furrow__catalog_table *table = furrow__catalog_add_table(&copy, of->tables[i]->name);
        if (!table)
            return furrow__fail(error, FURROW_NOMEM, "out of memory");
        *table = *of->tables[i];
        if (!furrow__catalog_own_lists(table, arena))
            return furrow__fail(error, FURROW_NOMEM, "out of memory");
    }
    void *objects;
    if (!copy_list(arena, of->objects, of->object_count * sizeof *of->objects, &objects))
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    copy.objects = objects;
    copy.object_count = copy.object_capacity = of->object_count;
    *out = copy;
    return FURROW_OK;
}
