/* SPDX-License-Identifier: MIT
 *
 * A hash table of keys; rows with the same key form a chain.
 */
#include "runtime/query/parents.h"

/* Returns the table's entry that holds this key or, if there is none, the empty entry in which to
 * store the key. */
static size_t *find_entry(const furrow__parents *p, const furrow__key_columns *key, const void *row)
{
    uint64_t hash = furrow__key_hash(key->model, key->columns, key->count, row);
    size_t at = (size_t)hash & (p->capacity - 1);
    while (p->table[at] && !furrow__keys_are_equal(
                               &p->parent_key, furrow__parents_row(p, p->table[at] - 1), key, row))
        at = (at + 1) & (p->capacity - 1);
    return &p->table[at];
}

static void add_row(furrow__parents *p, size_t row)
{
    size_t *entry = find_entry(p, &p->parent_key, p->rows[row]);
    if (!*entry) {
        p->first[p->key_count] = row;
        *entry = ++p->key_count;
        return;
    }
    size_t first = p->first[*entry - 1];
    p->next[row] = p->next[first];
    p->next[first] = row + 1;
}

bool furrow__parents_group(furrow__parents *p, const furrow_relation *relation, void *const *rows,
                           size_t count)
{
    *p = (furrow__parents){.relation = relation,
                           .parent_key = furrow__near_key(relation),
                           .found_key = furrow__far_key(relation),
                           .rows = rows,
                           .count = count,
                           .capacity = 16};
    if (relation->link)
        p->found_key =
            (furrow__key_columns){relation->link, relation->link_columns, relation->count};
    while (p->capacity < count * 2)
        p->capacity *= 2;
    p->table = furrow__allocate_zeroed(p->capacity, sizeof *p->table);
    p->first = furrow__allocate_zeroed(count + 1, sizeof *p->first);
    p->next = furrow__allocate_zeroed(count + 1, sizeof *p->next);
    if (!p->table || !p->first || !p->next)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!furrow__key_has_null(relation->model, relation->columns, relation->count, rows[i]))
            add_row(p, i);
    return true;
}

void furrow__parents_done(furrow__parents *p)
{
    furrow__release(p->table);
    furrow__release(p->first);
    furrow__release(p->next);
}

size_t furrow__parents_find(const furrow__parents *p, const void *row)
{
    const size_t *entry = find_entry(p, &p->found_key, row);
    return *entry ? *entry - 1 : p->key_count;
}
