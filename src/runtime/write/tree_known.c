/* SPDX-License-Identifier: MIT
 *
 * The rows and links of one insert_with. Each row is identified by its address.
 */
#include "runtime/write/tree.h"

static size_t hash_pointer(const void *pointer)
{
    return (size_t)((uint64_t)(uintptr_t)pointer * UINT64_C(0x9E3779B97F4A7C15) >> 32);
}

static furrow__known_row *place_in(furrow__known_row *table, size_t capacity, const void *row)
{
    size_t at = hash_pointer(row) & (capacity - 1);
    while (table[at].row && table[at].row != row)
        at = (at + 1) & (capacity - 1);
    return &table[at];
}

furrow__known_row *furrow__tree_find(const furrow__tree *t, const void *row)
{
    furrow__known_row *place =
        t->known.capacity ? place_in(t->known.table, t->known.capacity, row) : NULL;
    return place && place->row ? place : NULL;
}

bool furrow__tree_is_done(const furrow__tree *t, const void *row)
{
    const furrow__known_row *known = furrow__tree_find(t, row);
    return known && known->is_done;
}

static bool grow_known(furrow__known_rows *known)
{
    size_t capacity = known->capacity ? known->capacity * 2 : 64;
    furrow__known_row *table = furrow__allocate_zeroed(capacity, sizeof *table);
    if (!table)
        return false;
    for (size_t i = 0; i < known->capacity; i++)
        if (known->table[i].row)
            *place_in(table, capacity, known->table[i].row) = known->table[i];
    furrow__release(known->table);
    known->table = table;
    known->capacity = capacity;
    return true;
}

bool furrow__tree_enter(furrow__tree *t, const furrow_model *model, void *row, bool *is_new)
{
    furrow__known_rows *known = &t->known;
    *is_new = false;
    if (furrow__tree_find(t, row))
        return true;
    void *before = furrow__arena_aligned(&t->saved, model->size, 16);
    if (!before || ((known->count + 1) * 2 > known->capacity && !grow_known(known)))
        return false;
    memcpy(before, row, model->size);
    *place_in(known->table, known->capacity, row) =
        (furrow__known_row){.row = row, .before = before, .size = model->size};
    known->count++;
    return *is_new = true;
}

void furrow__tree_restore(const furrow__tree *t)
{
    for (size_t i = 0; i < t->known.capacity; i++)
        if (t->known.table[i].row)
            memcpy(t->known.table[i].row, t->known.table[i].before, t->known.table[i].size);
}

bool furrow__batch_add(furrow__batch *batch, void *row)
{
    if (batch->count == batch->capacity) {
        size_t size, capacity = batch->capacity ? batch->capacity * 2 : 64;
        void **rows = NULL;
        if (furrow__multiply_size(&size, capacity, sizeof *rows))
            rows = furrow__reallocate(batch->rows, size);
        if (!rows)
            return false;
        batch->rows = rows;
        batch->capacity = capacity;
    }
    batch->rows[batch->count++] = row;
    return true;
}

void furrow__gathered_done(furrow__gathered *found)
{
    furrow__release(found->fresh.rows);
    furrow__release(found->again.rows);
}

static furrow__pair *pair_place(furrow__pair *table, size_t capacity, const furrow__pair *pair)
{
    size_t at = (hash_pointer(pair->first) * 31 ^ hash_pointer(pair->second)) & (capacity - 1);
    while (table[at].link &&
           (table[at].link != pair->link || table[at].first != pair->first ||
            table[at].second != pair->second || table[at].first_column != pair->first_column ||
            table[at].second_column != pair->second_column))
        at = (at + 1) & (capacity - 1);
    return &table[at];
}

static bool grow_pairs(furrow__pairs *pairs)
{
    size_t capacity = pairs->capacity ? pairs->capacity * 2 : 64;
    furrow__pair *table = furrow__allocate_zeroed(capacity, sizeof *table);
    if (!table)
        return false;
    for (size_t i = 0; i < pairs->capacity; i++)
        if (pairs->table[i].link)
            *pair_place(table, capacity, &pairs->table[i]) = pairs->table[i];
    furrow__release(pairs->table);
    pairs->table = table;
    pairs->capacity = capacity;
    return true;
}

bool furrow__tree_enter_pair(furrow__tree *t, const furrow_relation *r, const void *row,
                             const void *target, bool *is_new)
{
    uint16_t near = r->link_columns[r->count - 1];
    uint16_t far = r->link_target_columns[r->link_target_count - 1];
    furrow__pair pair = {r->link, near, far, row, target};
    if (near > far)
        pair = (furrow__pair){r->link, far, near, target, row};
    if ((t->pairs.count + 1) * 2 > t->pairs.capacity && !grow_pairs(&t->pairs))
        return false;
    furrow__pair *place = pair_place(t->pairs.table, t->pairs.capacity, &pair);
    *is_new = !place->link;
    t->pairs.count += *is_new;
    *place = pair;
    return true;
}
