/* SPDX-License-Identifier: MIT
 *
 * Makes a failing program smaller. */
#include "differ.h"

#include <string.h>

/* Removes up to `size` steps, starting at `first`, if the engines still differ without them. */
static bool remove_steps(program *p, furrow_engine *const engines[2], int first, int size)
{
    bool before[MAX_STEPS], any = false;
    difference ignored;
    memcpy(before, p->removed, sizeof before);
    for (int i = first; i < first + size && i < p->count; i++) {
        any |= !p->removed[i];
        p->removed[i] = true;
    }
    if (any && !program_compare(p, engines, &ignored))
        return true;
    memcpy(p->removed, before, sizeof before);
    return false;
}

static bool shrink_steps(program *p, furrow_engine *const engines[2])
{
    bool smaller = false;
    for (int size = p->count / 2; size >= 1; size /= 2)
        for (int first = p->count - size; first > -size; first -= size)
            smaller |= remove_steps(p, engines, first < 0 ? 0 : first, size);
    return smaller;
}

static bool shrink_columns(program *p, furrow_engine *const engines[2], int which)
{
    bool smaller = false;
    difference ignored;
    const plan *from = &p->plans[which];
    for (int i = from->count - 1; i >= from->key_count + from->reference_count; i--) {
        uint32_t bit = UINT32_C(1) << i;
        if (p->dropped[which] & bit)
            continue;
        p->dropped[which] |= bit;
        if (program_compare(p, engines, &ignored))
            p->dropped[which] &= ~bit;
        else
            smaller = true;
    }
    return smaller;
}

/* Removes a condition, or the two ends of a bracket that contains nothing. */
static bool remove_condition(query *q, size_t i)
{
    size_t size = 1;
    if (q->where[i].op >= FURROW_OP_ANY_ && q->where[i].op <= FURROW_OP_CLOSE_)
        size = q->where[i].op != FURROW_OP_CLOSE_ && q->where[i + 1].op == FURROW_OP_CLOSE_ ? 2 : 0;
    memmove(&q->where[i], &q->where[i + size], (q->where_count - i - size) * sizeof q->where[0]);
    q->where_count -= size;
    return size > 0;
}

/* Removes conditions, orders, assignments and rows of the remaining steps. */
static bool shrink_elements(program *p, furrow_engine *const engines[2])
{
    bool smaller = false;
    difference ignored;
    for (int n = 0; n < p->count; n++) {
        step *s = &p->steps[n];
        for (size_t i = 0; i < MAX_ELEMENTS * 4 && !p->removed[n]; i++) {
            step before = *s;
            size_t at = i % MAX_ELEMENTS;
            bool changed = false;
            if (i < MAX_ELEMENTS && at < s->query.where_count)
                changed = remove_condition(&s->query, at);
            else if (i / MAX_ELEMENTS == 1 && s->set_count > 1 && at < s->set_count)
                s->set[at] = s->set[--s->set_count], changed = true;
            else if (i / MAX_ELEMENTS == 2 && s->row_count > 1)
                s->row_count--, changed = true;
            else if (i == MAX_ELEMENTS * 3 && s->guarded)
                s->guarded = false, changed = true;
            if (changed && program_compare(p, engines, &ignored))
                *s = before;
            else
                smaller |= changed;
        }
    }
    return smaller;
}

void program_shrink(program *p, furrow_engine *const engines[2], difference *out)
{
    for (int round = 0; round < 4; round++) {
        bool smaller = shrink_steps(p, engines);
        smaller |= shrink_columns(p, engines, 0);
        smaller |= shrink_columns(p, engines, 1);
        smaller |= shrink_elements(p, engines);
        if (!smaller)
            break;
    }
    program_compare(p, engines, out);
}
