/* SPDX-License-Identifier: MIT
 *
 * The end of a load step: stores the rows that were found for a parent's key in the parent's
 * member.
 */
#include "runtime/query/load_step.h"
#include "runtime/query/member.h"

/* Returns the target's to-one relation that leads back to the parent through the same columns, or
 * NULL. */
static const furrow_relation *inverse_of(const furrow_relation *r)
{
    if (r->link)
        return NULL;
    for (size_t i = 0; i < r->target->relation_count; i++) {
        const furrow_relation *other = &r->target->relations[i];
        bool same = other->target == r->model && other->count == r->count && !other->link &&
                    other->kind == FURROW_RELATION_TO_ONE;
        for (size_t k = 0; same && k < r->count; k++)
            same = other->columns[k] == r->target_columns[k] &&
                   other->target_columns[k] == r->columns[k];
        if (same)
            return other;
    }
    return NULL;
}

/* Empties the members of all parents. */
static void clear_members(const furrow__parents *p)
{
    const furrow__list empty = {NULL, 0, true};
    for (size_t i = 0; i < p->count; i++)
        if (furrow__member_is_list(p->relation))
            furrow__member_set_list(p->relation, p->rows[i], &empty);
        else
            furrow__member_set_pointer(p->relation, p->rows[i], NULL);
}

/* Assigns to the parents of each key their part of `items`. On entry, counts[k] is the number of
 * rows of key k; on return, it is the index of the first item of key k. */
static void divide_items(const furrow__parents *p, void **items, size_t *counts)
{
    size_t at = 0;
    for (size_t k = 0; k < p->key_count; k++) {
        size_t count = counts[k];
        furrow__list list = {count ? items + at : NULL, count, true};
        for (size_t i = p->first[k] + 1; i; i = p->next[i - 1])
            furrow__member_set_list(p->relation, p->rows[i - 1], &list);
        counts[k] = at;
        at += count;
    }
}

static furrow_status hand_out_lists(furrow__step *step)
{
    const furrow__parents *p = &step->parents;
    const furrow_relation *inverse = inverse_of(p->relation);
    size_t bytes, total = step->found.count;
    void **items = NULL;
    if (total && furrow__multiply_size(&bytes, total, sizeof *items))
        items = furrow__arena_aligned(step->l->arena, bytes, 16);
    size_t *counts = furrow__allocate_zeroed(p->key_count + 1, sizeof *counts);
    if ((total && !items) || !counts) {
        furrow__release(counts);
        return furrow__fail(&step->l->error, FURROW_NOMEM, "out of memory");
    }
    for (size_t i = 0; i < total; i++)
        counts[step->found.items[i].key]++;
    divide_items(p, items, counts);
    for (size_t i = 0; i < total; i++) {
        const furrow__found *f = &step->found.items[i];
        items[counts[f->key]++] = f->row;
        if (inverse)
            furrow__member_set_pointer(inverse, f->row, furrow__parents_row(p, f->key));
    }
    furrow__release(counts);
    return FURROW_OK;
}

static furrow_status hand_out_pointers(furrow__step *step)
{
    const furrow__parents *p = &step->parents;
    const furrow_relation *r = p->relation;
    const furrow_relation *inverse = r->kind == FURROW_RELATION_ONE_TO_ONE ? inverse_of(r) : NULL;
    for (size_t i = 0; i < step->found.count; i++) {
        const furrow__found *f = &step->found.items[i];
        for (size_t k = p->first[f->key] + 1; k; k = p->next[k - 1])
            furrow__member_set_pointer(r, p->rows[k - 1], f->row);
        if (inverse)
            furrow__member_set_pointer(inverse, f->row, furrow__parents_row(p, f->key));
    }
    for (size_t i = 0; i < p->count; i++)
        if (!furrow__member_pointer(r, p->rows[i]) &&
            !furrow__key_has_null(r->model, r->columns, r->count, p->rows[i]) &&
            !furrow__row_note_none(&step->l->s->results, r, p->rows[i]))
            return furrow__fail(&step->l->error, FURROW_NOMEM, "out of memory");
    return FURROW_OK;
}

/* Adds every row that was found, once, to the step's children. A row can be found for several keys
 * only if there is a link. */
static furrow_status collect_children(furrow__step *step)
{
    furrow__identity seen = {0};
    const furrow_relation *r = step->parents.relation;
    const furrow_model *target = r->target;
    bool has_memory = true;
    for (size_t i = 0; step->children && i < step->found.count && has_memory; i++) {
        void *row = step->found.items[i].row;
        if (r->link && furrow__identity_find(&seen, target, target, target->primary_key, row))
            continue;
        has_memory = (!r->link || furrow__identity_add(&seen, target, row)) &&
                     furrow__row_set_add(step->children, row);
    }
    furrow__identity_done(&seen);
    return has_memory ? FURROW_OK : furrow__fail(&step->l->error, FURROW_NOMEM, "out of memory");
}

furrow_status furrow__step_hand_out(furrow__step *step)
{
    clear_members(&step->parents);
    furrow_status status = furrow__member_is_list(step->parents.relation) ? hand_out_lists(step)
                                                                          : hand_out_pointers(step);
    return status ? status : collect_children(step);
}
