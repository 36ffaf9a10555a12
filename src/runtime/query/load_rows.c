/* SPDX-License-Identifier: MIT
 *
 * The rows of one load, and the identity map that finds them by primary key.
 */
#include "runtime/query/load.h"

bool furrow__row_set_add(furrow__row_set *set, void *row)
{
    if (set->count == set->capacity) {
        size_t size, capacity = set->capacity ? set->capacity * 2 : 64;
        void **items = NULL;
        if (furrow__multiply_size(&size, capacity, sizeof *items))
            items = furrow__reallocate(set->items, size);
        if (!items)
            return false;
        set->items = items;
        set->capacity = capacity;
    }
    set->items[set->count++] = row;
    return true;
}

furrow_status furrow__load_add_group(furrow__load *l, const furrow__load_group *what)
{
    furrow__load_group *group = furrow__arena_aligned(&l->s->scratch, sizeof *group, 16);
    if (!group)
        return furrow__fail(&l->error, FURROW_NOMEM, "out of memory");
    *group = *what;
    group->next = l->groups;
    l->groups = group;
    return FURROW_OK;
}

bool furrow__load_has_model(const furrow__load *l, const furrow_model *model)
{
    for (const furrow__load_group *g = l->groups; g; g = g->next)
        if (g->model == model)
            return true;
    return false;
}

/* If the program passed several objects for one row, the map contains the first object. */
static bool enter(furrow__load *l, const furrow_model *model, void *row)
{
    return furrow__identity_find(&l->identity, model, model, model->primary_key, row) ||
           furrow__identity_add(&l->identity, model, row);
}

static bool enter_group(furrow__load *l, furrow__load_group *g)
{
    for (size_t i = 0; i < g->count; i++)
        if (!enter(l, g->model, g->rows[i]))
            return false;
    for (const furrow__store_block *b = g->blocks; b; b = b->next)
        for (size_t i = 0; i < b->count; i++)
            if (!enter(l, g->model, b->rows + i * g->model->size))
                return false;
    return g->entered = true;
}

furrow_status furrow__load_enter_model(furrow__load *l, const furrow_model *model)
{
    for (furrow__load_group *g = l->groups; g; g = g->next)
        if (g->model == model && !g->entered && !enter_group(l, g))
            return furrow__fail(&l->error, FURROW_NOMEM, "out of memory");
    return FURROW_OK;
}
