/* SPDX-License-Identifier: MIT
 *
 * Random steps of a program. */
#include "queries.h"

#include <string.h>

static bool is_unique(const plan *p, uint16_t i)
{
    return p->unique[i] || (p->pair[0] != p->pair[1] && (p->pair[0] == i || p->pair[1] == i));
}

/* The value of an assignment. Columns with limits are incremented by small numbers: a large sum
 * could exceed both the column's limits and its type, and the engines would then report different
 * errors. */
static cell random_assigned(source *r, const plan *p, uint16_t number, enum furrow_op_ op)
{
    const furrow_column *c = &p->columns[number];
    bool limited = c->flags & (FURROW_COLUMN_HAS_MIN | FURROW_COLUMN_HAS_MAX);
    cell value;
    if (op == FURROW_OP_INCREMENT_ && limited)
        return (cell){.integer = (int64_t)below(r, 104) - 3, .real = 1.5, .scale = c->scale};
    do
        value = random_value(r, p, number, chance(r, 85) ? STORED : COMPARED);
    while (value.null);
    return value;
}

/* Columns with a UNIQUE constraint are not incremented: whether an intermediate state violates the
 * constraint depends on the order in which the engine updates the rows. */
static void random_set(source *r, const plan *p, step *s)
{
    uint32_t count = 1 + below(r, 3), used = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint16_t number = (uint16_t)below(r, p->count);
        const furrow_column *c = &p->columns[number];
        if (number < p->key_count || (used & (UINT32_C(1) << number)) ||
            (c->flags & FURROW_COLUMN_VERSION))
            continue;
        used |= UINT32_C(1) << number;
        assignment *a = &s->set[s->set_count++];
        *a = (assignment){.op = FURROW_OP_SET_, .column = number};
        if ((c->flags & FURROW_COLUMN_NULLABLE) && chance(r, 25))
            a->op = FURROW_OP_SET_NULL_;
        else if (is_number(c) && !is_unique(p, number) && !is_reference(p, number) && chance(r, 50))
            a->op = FURROW_OP_INCREMENT_;
        a->value = random_assigned(r, p, number, a->op);
    }
}

static void random_rows(source *r, const plan *p, step *s, size_t count)
{
    s->row_count = count;
    for (size_t i = 0; i < count; i++)
        for (uint16_t c = 0; c < p->count; c++)
            s->rows[i][c] = p->columns[c].flags & FURROW_COLUMN_VERSION
                                ? (cell){.integer = 0}
                                : random_value(r, p, c, STORED);
    /* The columns of a reference usually refer to the same parent. */
    uint16_t last = (uint16_t)(p->key_count + p->reference_count - 1);
    for (size_t i = 0; i < count && p->reference_count > 1; i++)
        if (!s->rows[i][last].null && chance(r, 80))
            s->rows[i][last].parent = s->rows[i][last - 1].parent;
    /* Makes some fields zero in C, so that their defaults apply. */
    for (size_t i = 0; i < count; i++)
        for (uint16_t c = p->key_count; c < p->count; c++)
            if (p->columns[c].default_ && chance(r, 40))
                s->rows[i][c] = (cell){.null = true};
}

static void random_conflict(source *r, const plan *p, step *s)
{
    if (p->pair[0] != p->pair[1] && chance(r, 40))
        s->conflict = UINT32_C(1) << p->pair[0] | UINT32_C(1) << p->pair[1];
    for (uint16_t i = 0; i < p->count; i++)
        if (p->unique[i] && chance(r, 50))
            s->conflict = UINT32_C(1) << i;
    if (chance(r, 25))
        random_set(r, p, s);
}

static void random_aggregate(source *r, const plan *p, step *s)
{
    for (int attempt = 0; attempt < 50; attempt++) {
        s->column = (uint16_t)below(r, p->count);
        const furrow_column *c = &p->columns[s->column];
        if (is_key_of(p, s->column))
            continue;
        s->aggregate = (furrow_aggregate)(FURROW_AGGREGATE_SUM + below(r, 4));
        bool extreme = s->aggregate == FURROW_AGGREGATE_MIN || s->aggregate == FURROW_AGGREGATE_MAX;
        if (is_number(c) ||
            (extreme && (is_text(c) || c->type == FURROW_TYPE_TIME || c->type == FURROW_TYPE_DATE ||
                         c->type == FURROW_TYPE_ENUM)))
            return;
    }
    s->kind = COUNT;
}

static enum kind random_kind(source *r)
{
    static const uint8_t weights[KINDS] = {
        [INSERT] = 16, [INSERT_MANY] = 6, [UPSERT] = 10, [GET] = 3,          [GET_MANY] = 3,
        [REFRESH] = 2, [UPDATE] = 8,      [DELETE] = 2,  [FIND] = 12,        [PAGES] = 6,
        [FIRST] = 3,   [STREAM] = 4,      [COUNT] = 4,   [EXISTS] = 1,       [AGGREGATE] = 6,
        [BEGIN] = 2,   [END] = 2,         [UNDO] = 1,    [UPDATE_WHERE] = 6, [DELETE_WHERE] = 3,
        [COMMIT] = 3,  [ROLLBACK] = 1,    [LOAD] = 9,
    };
    uint32_t total = 0;
    for (int i = 0; i < KINDS; i++)
        total += weights[i];
    uint32_t at = below(r, total);
    int kind = 0;
    while (at >= weights[kind])
        at -= weights[kind++];
    return (enum kind)kind;
}

static void random_query(source *r, const plan plans[2], step *s, bool total)
{
    random_orders(r, plans, s->table, &s->query);
    if (!total)
        return;
    order_by_key(r, &plans[s->table], &s->query);
    if (chance(r, 40)) {
        s->query.limit = 1 + below(r, 4);
        s->query.offset = below(r, 3);
    }
}

static void random_stream(source *r, const plan plans[2], step *s)
{
    static const enum kind writes[] = {INSERT, UPDATE_WHERE, DELETE_WHERE, UPSERT, KINDS};
    random_query(r, plans, s, true);
    s->inner = writes[below(r, 5)];
    random_rows(r, &plans[s->table], s, 1);
    random_set(r, &plans[s->table], s);
}

static void random_load(source *r, const plan plans[2], step *s)
{
    random_query(r, plans, s, true);
    s->loading = (enum loading)below(r, LOADINGS);
    if (s->loading == COUNT_RELATED && (s->table == 1 || !plans[0].counted))
        s->loading = WITH;
    s->back = s->loading < LOAD_EACH && chance(r, 30);
    if (!s->back && s->loading != LOAD_EACH)
        random_related(r, plans, 1 - s->table, &s->related);
}

static void random_columns(source *r, const plan *p, step *s)
{
    for (uint16_t i = p->key_count; i < p->count; i++)
        if (chance(r, 40) && !(p->columns[i].flags & FURROW_COLUMN_VERSION))
            s->only |= UINT32_C(1) << i;
}

void step_make(step *s, const plan plans[2], source made, int number)
{
    source *r = &made;
    memset(s, 0, sizeof *s);
    s->table = number < 2 ? 0 : number == 2 || chance(r, 55);
    const plan *p = &plans[s->table];
    s->kind = number < 3 ? INSERT : random_kind(r);
    s->inner = KINDS;
    s->guarded = chance(r, 80);
    s->slot = s->table * SLOTS + (int)below(r, SLOTS);
    s->partial = chance(r, 50);
    random_columns(r, p, s);
    if (s->kind == INSERT || s->kind == GET || s->kind == UPSERT || s->kind == UPDATE)
        random_rows(r, p, s, 1);
    if (s->kind == INSERT_MANY || s->kind == GET_MANY)
        random_rows(r, p, s, 1 + below(r, MAX_ROWS));
    if (s->kind == UPSERT)
        random_conflict(r, p, s);
    if (s->kind >= FIND && s->kind <= DELETE_WHERE)
        random_where(r, plans, s->table, &s->query);
    if (s->kind == STREAM)
        random_stream(r, plans, s);
    if (s->kind == LOAD)
        random_load(r, plans, s);
    if (s->kind == AGGREGATE)
        random_aggregate(r, p, s);
    if (s->kind == UPDATE_WHERE)
        random_set(r, p, s);
    if (s->kind == FIND || s->kind == PAGES || s->kind == FIRST)
        random_query(r, plans, s, s->kind != FIND || chance(r, 60));
    if (s->kind == PAGES) {
        remove_computed(&s->query);
        s->query.limit = s->query.offset = 0;
        s->page_size = 1 + below(r, 4);
    }
    s->all_rows = s->query.where_count == 0 && chance(r, 70);
}

void program_make(program *p, uint64_t seed, uint64_t number)
{
    memset(p, 0, sizeof *p);
    p->seed = seed;
    p->number = number;
    plans_make(p->plans, seed, number);
    source r = source_make(seed, number, 1001);
    p->count = 8 + (int)below(&r, MAX_STEPS - 8);
    for (int i = 0; i < p->count; i++)
        step_make(&p->steps[i], p->plans, source_make(seed, number, (uint64_t)i), i);
}
