/* SPDX-License-Identifier: MIT
 * Creates the new tables. Each table is created after the tables that its foreign keys refer to. */
#include "migrate/author/diff_parts.h"

static bool is_new(const furrow__differ *d, const furrow__catalog_table *table)
{
    for (size_t i = 0; i < d->matches.count; i++)
        if (d->matches.items[i].to == table)
            return false;
    return true;
}

static size_t creation_index(const furrow__differ *d, const furrow__catalog_table *table)
{
    for (size_t i = 0; i < d->new_count; i++)
        if (d->new_tables[i] == table)
            return i;
    return SIZE_MAX;
}

/* Returns a new table that must be created before this table. Returns NULL if there is none. */
static const furrow__catalog_table *waits_for(const furrow__differ *d,
                                              const furrow__catalog_table *table)
{
    for (size_t i = 0; i < table->constraint_count; i++) {
        const furrow__catalog_constraint *c = &table->constraints[i];
        if (c->kind != FURROW__CONSTRAINT_FOREIGN_KEY)
            continue;
        const furrow__catalog_table *target = furrow__catalog_table_named(d->to, c->target);
        if (target && target != table && is_new(d, target) && creation_index(d, target) == SIZE_MAX)
            return target;
    }
    return NULL;
}

/* Returns the next table to create, in the same order as furrow_create_all. This is the first table
 * whose foreign keys refer only to existing tables. If there is no such table, it is the first
 * table of a cycle of foreign keys. */
static const furrow__catalog_table *next_new(const furrow__differ *d)
{
    const furrow__catalog_table *first = NULL;
    for (size_t i = 0; i < d->to->count; i++) {
        const furrow__catalog_table *table = d->to->tables[i];
        if (!is_new(d, table) || creation_index(d, table) != SIZE_MAX)
            continue;
        if (!waits_for(d, table))
            return table;
        if (!first)
            first = table;
    }
    /* After as many steps as there are tables, `on` must be a table of a cycle. The second loop
     * then starts at `first` again, and returns the first table that is part of this cycle. */
    const furrow__catalog_table *on = first;
    for (size_t i = 0; on && i < d->to->count; i++)
        on = waits_for(d, on);
    const furrow__catalog_table *walk = first;
    while (on && walk) {
        const furrow__catalog_table *round = on;
        do {
            if (round == walk)
                return walk;
            round = waits_for(d, round);
        } while (round != on);
        walk = waits_for(d, walk);
    }
    return first;
}

/* Returns whether CREATE TABLE can contain the constraint. For a foreign key, the referenced table
 * must exist, and the key columns in it must already have their final types. */
static bool is_inline(const furrow__differ *d, const furrow__catalog_table *table,
                      const furrow__catalog_constraint *c)
{
    if (c->kind != FURROW__CONSTRAINT_FOREIGN_KEY ||
        furrow__table_names_are_equal(c->target, table->name))
        return true;
    const furrow__catalog_table *target = furrow__catalog_table_named(&d->now, c->target),
                                *final = furrow__catalog_table_named(d->to, c->target);
    if (!target || !final || !furrow__columns_are_key(target, c->target_columns, c->count, NULL))
        return false;
    for (size_t i = 0; i < c->count; i++) {
        const furrow__catalog_column *a =
                                         furrow__catalog_column_named(target, c->target_columns[i]),
                                     *b = furrow__catalog_column_named(final, c->target_columns[i]);
        if (!a || !b || !furrow__types_match(&a->type, &b->type))
            return false;
    }
    return true;
}

void furrow__differ_create_indexes(furrow__differ *d, const furrow__catalog_table *table,
                                   const bool *is_there)
{
    for (size_t i = 0; i < table->index_count; i++)
        if (!is_there || !is_there[i])
            furrow__differ_emit(d, &(furrow__change){.kind = FURROW__CREATE_INDEX,
                                                     .table = table->name,
                                                     .index = table->indexes[i]});
}

static void create_table(furrow__differ *d, const furrow__catalog_table *to)
{
    furrow__change change = {.kind = FURROW__CREATE_TABLE, .table = to->name};
    furrow__catalog_table *table =
        furrow__arena_aligned(d->arena, sizeof *table, _Alignof(furrow__catalog_table));
    if (!table) {
        furrow__differ_no_memory(d);
        return;
    }
    *table = *to;
    table->indexes = NULL;
    table->index_count = table->index_capacity = 0;
    if (!furrow__catalog_own_lists(table, d->arena)) {
        furrow__differ_no_memory(d);
        return;
    }
    size_t kept = 0;
    for (size_t i = 0; i < table->constraint_count; i++)
        if (is_inline(d, to, &table->constraints[i]))
            table->constraints[kept++] = table->constraints[i];
    table->constraint_count = kept;
    change.new_table = table;
    if (d->options.is_downgrade)
        change.comment =
            furrow__differ_comment(d, "cannot bring back: the rows of ", to->name, NULL);
    furrow__differ_emit(d, &change);
    furrow__differ_create_indexes(d, to, NULL);
}

void furrow__differ_create_tables(furrow__differ *d)
{
    const furrow__catalog_table *table;
    d->new_tables = furrow__arena_aligned(d->arena, (d->to->count + 1) * sizeof *d->new_tables,
                                          _Alignof(void *));
    if (!d->new_tables) {
        furrow__differ_no_memory(d);
        return;
    }
    while (d->status == FURROW_OK && (table = next_new(d)) != NULL) {
        create_table(d, table);
        d->new_tables[d->new_count++] = table;
    }
}
