/* SPDX-License-Identifier: MIT
 * Determines the order in which tables are filled: each table comes after the tables that it refers
 * to, except where foreign keys form a cycle. */
#include <string.h>

#include "migrate/revision/change_parts.h"
#include "migrate/prove/seed_parts.h"

size_t furrow__seed_table_index(const furrow__catalog *catalog, furrow__table_name name)
{
    for (size_t i = 0; i < catalog->count; i++)
        if (furrow__table_names_are_equal(catalog->tables[i]->name, name))
            return i;
    return SIZE_MAX;
}

/* A nullable column makes the foreign key optional, because a foreign key that contains a NULL is
 * satisfied. */
bool furrow__seed_key_is_optional(const furrow__catalog_table *table,
                                  const furrow__catalog_constraint *key)
{
    for (size_t i = 0; i < key->count; i++) {
        const furrow__catalog_column *column = furrow__catalog_column_named(table, key->columns[i]);
        if (column && column->nullable)
            return true;
    }
    return false;
}

static bool is_ready(const furrow__catalog *catalog, size_t index, const bool *done, bool strictly)
{
    const furrow__catalog_table *table = catalog->tables[index];
    for (size_t i = 0; i < table->constraint_count; i++) {
        const furrow__catalog_constraint *key = &table->constraints[i];
        if (key->kind != FURROW__CONSTRAINT_FOREIGN_KEY ||
            (!strictly && furrow__seed_key_is_optional(table, key)))
            continue;
        size_t target = furrow__seed_table_index(catalog, key->target);
        if (target != SIZE_MAX && target != index && !done[target])
            return false;
    }
    return true;
}

static size_t next(const furrow__catalog *catalog, const bool *done)
{
    for (int strictly = 1; strictly >= 0; strictly--)
        for (size_t i = 0; i < catalog->count; i++)
            if (!done[i] && is_ready(catalog, i, done, strictly))
                return i;
    return SIZE_MAX;
}

size_t *furrow__seed_order(const furrow__catalog *catalog, size_t *cycle, furrow_arena *arena)
{
    size_t count = catalog->count, placed = 0, index;
    size_t *order = furrow__arena_aligned(arena, (count + 1) * sizeof *order, _Alignof(size_t));
    bool *done = furrow__arena_aligned(arena, count + 1, 1);
    *cycle = 0;
    if (!order || !done)
        return NULL;
    memset(done, 0, count + 1);
    while (placed < count && (index = next(catalog, done)) != SIZE_MAX) {
        done[index] = true;
        order[placed++] = index;
    }
    *cycle = count - placed;
    for (size_t i = 0; i < count; i++)
        if (!done[i])
            order[placed++] = i;
    return order;
}
