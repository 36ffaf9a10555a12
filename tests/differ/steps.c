/* SPDX-License-Identifier: MIT
 *
 * Random steps of a program. */
#include "differ.h"

#include <string.h>

static uint16_t random_column(source *r, const plan *p)
{
    return (uint16_t)below(r, p->count);
}

static bool is_assigned(const furrow_column *c)
{
    return c->flags & FURROW_COLUMN_ASSIGNED;
}

/* Whether the library can compare the columns, and both engines have the same values in them. */
static bool are_comparable(const furrow_column *a, const furrow_column *b)
{
    if (!is_ordered(a) || !is_ordered(b) || is_assigned(a) || is_assigned(b))
        return false;
    if (is_text(a) && is_text(b))
        return true;
    if (a->type >= FURROW_TYPE_INT16 && a->type <= FURROW_TYPE_INT64)
        return b->type >= FURROW_TYPE_INT16 && b->type <= FURROW_TYPE_INT64;
    if (a->type == FURROW_TYPE_FLOAT || a->type == FURROW_TYPE_DOUBLE)
        return b->type == FURROW_TYPE_FLOAT || b->type == FURROW_TYPE_DOUBLE;
    return a->type == b->type && a->enumeration == b->enumeration && a->scale == b->scale;
}

static bool random_text_condition(source *r, const plan *p, condition *c)
{
    if (!is_text(&p->columns[c->column]) || !chance(r, 35))
        return false;
    c->op = (enum furrow_op_)(FURROW_OP_LIKE_ + below(r, 6));
    c->values[c->count++] = cell_random(r, &p->columns[c->column], COMPARED);
    return true;
}

static bool random_column_condition(source *r, const plan *p, condition *c)
{
    c->other = random_column(r, p);
    if (!chance(r, 60) || c->other == c->column ||
        !are_comparable(&p->columns[c->column], &p->columns[c->other]))
        return false;
    c->op = (enum furrow_op_)(FURROW_OP_EQ_COLUMN_ + below(r, 6));
    return true;
}

static void random_condition(source *r, const plan *p, step *s)
{
    condition *c = &s->query.where[s->query.where_count++];
    c->column = random_column(r, p);
    const furrow_column *column = &p->columns[c->column];
    if (chance(r, 12) || column->type == FURROW_TYPE_JSON) {
        c->op = chance(r, 50) ? FURROW_OP_IS_NULL_ : FURROW_OP_NOT_NULL_;
        return;
    }
    if (random_text_condition(r, p, c) || random_column_condition(r, p, c))
        return;
    uint32_t which = below(r, 10);
    c->op = which < 6   ? (enum furrow_op_)(FURROW_OP_EQ_ + which)
            : which < 7 ? FURROW_OP_BETWEEN_
            : which < 8 ? FURROW_OP_IN_
            : which < 9 ? FURROW_OP_NOT_IN_
                        : FURROW_OP_EQ_;
    bool array = c->op == FURROW_OP_IN_ || c->op == FURROW_OP_NOT_IN_;
    size_t count = array ? below(r, MAX_IN + 1) : c->op == FURROW_OP_BETWEEN_ ? 2 : 1;
    while (c->count < count) /* the elements of an array have the column's type */
        c->values[c->count++] = cell_random(r, column, COMPARED);
    for (size_t i = 0; array && i < c->count; i++)
        if (column->type >= FURROW_TYPE_INT16 && column->type <= FURROW_TYPE_INT32)
            c->values[i].integer = (int16_t)c->values[i].integer;
}

static void random_where(source *r, const plan *p, step *s)
{
    uint32_t count = below(r, 4);
    while (count-- > 0) {
        enum furrow_op_ bracket = (enum furrow_op_)(FURROW_OP_ANY_ + below(r, 3));
        bool bracketed = chance(r, 25);
        if (bracketed)
            s->query.where[s->query.where_count++].op = bracket;
        random_condition(r, p, s);
        if (!bracketed)
            continue;
        if (bracket != FURROW_OP_NOT_ || chance(r, 50))
            random_condition(r, p, s);
        s->query.where[s->query.where_count++].op = FURROW_OP_CLOSE_;
    }
}

static void random_orders(source *r, const plan *p, step *s, bool total)
{
    uint32_t count = below(r, 4);
    for (uint32_t i = 0; i < count; i++) {
        uint16_t column = random_column(r, p);
        if (is_ordered(&p->columns[column]))
            s->query.orders[s->query.order_count++] = (sorting){column, chance(r, 50)};
    }
    s->query.total = total;
    for (uint16_t i = 0; i < p->key_count && total; i++)
        s->query.orders[s->query.order_count++] = (sorting){i, chance(r, 30)};
    if (total && chance(r, 40)) {
        s->query.limit = 1 + below(r, 4);
        s->query.offset = below(r, 3);
    }
}

static bool is_unique(const plan *p, uint16_t i)
{
    return p->unique[i] || (p->pair[0] != p->pair[1] && (p->pair[0] == i || p->pair[1] == i));
}

/* The value of an assignment. Columns with limits are incremented by small numbers: a large sum
 * could exceed both the column's limits and its type, and the engines would then report different
 * errors. */
static cell random_assigned(source *r, const furrow_column *c, enum furrow_op_ op)
{
    bool limited = c->flags & (FURROW_COLUMN_HAS_MIN | FURROW_COLUMN_HAS_MAX);
    cell value;
    if (op == FURROW_OP_INCREMENT_ && limited)
        return (cell){.integer = (int64_t)below(r, 104) - 3, .real = 1.5, .scale = c->scale};
    do
        value = cell_random(r, c, chance(r, 85) ? STORED : COMPARED);
    while (value.null);
    return value;
}

/* Columns with a UNIQUE constraint are not incremented: whether an intermediate state violates the
 * constraint depends on the order in which the engine updates the rows. */
static void random_set(source *r, const plan *p, step *s)
{
    uint32_t count = 1 + below(r, 3), used = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint16_t number = random_column(r, p);
        const furrow_column *c = &p->columns[number];
        if (number < p->key_count || (used & (UINT32_C(1) << number)) ||
            (c->flags & FURROW_COLUMN_VERSION))
            continue;
        used |= UINT32_C(1) << number;
        assignment *a = &s->set[s->set_count++];
        *a = (assignment){.op = FURROW_OP_SET_, .column = number};
        if ((c->flags & FURROW_COLUMN_NULLABLE) && chance(r, 25))
            a->op = FURROW_OP_SET_NULL_;
        else if (is_number(c) && !is_unique(p, number) && chance(r, 50))
            a->op = FURROW_OP_INCREMENT_;
        a->value = random_assigned(r, c, a->op);
    }
}

static void random_rows(source *r, const plan *p, step *s, size_t count)
{
    s->row_count = count;
    for (size_t i = 0; i < count; i++)
        for (uint16_t c = 0; c < p->count; c++)
            s->rows[i][c] = p->columns[c].flags & FURROW_COLUMN_VERSION
                                ? (cell){.integer = 0}
                                : cell_random(r, &p->columns[c], STORED);
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
        s->column = random_column(r, p);
        const furrow_column *c = &p->columns[s->column];
        if (is_assigned(c))
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
        [COMMIT] = 3,  [ROLLBACK] = 1,
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

static void random_stream(source *r, const plan *p, step *s)
{
    static const enum kind writes[] = {INSERT, UPDATE_WHERE, DELETE_WHERE, UPSERT, KINDS};
    random_where(r, p, s);
    random_orders(r, p, s, true);
    s->inner = writes[below(r, 5)];
    random_rows(r, p, s, 1);
    random_set(r, p, s);
}

void step_make(step *s, const plan *p, uint64_t seed, uint64_t program_number, int number)
{
    source made = source_make(seed, program_number, (uint64_t)number), *r = &made;
    memset(s, 0, sizeof *s);
    s->kind = number < 3 ? INSERT : random_kind(r);
    s->inner = KINDS;
    s->guarded = chance(r, 80);
    s->slot = (int)below(r, SLOTS);
    s->partial = chance(r, 50);
    for (uint16_t i = p->key_count; i < p->count; i++)
        if (chance(r, 40) && !(p->columns[i].flags & FURROW_COLUMN_VERSION))
            s->only |= UINT32_C(1) << i;
    if (s->kind == INSERT || s->kind == GET || s->kind == UPSERT || s->kind == UPDATE)
        random_rows(r, p, s, 1);
    if (s->kind == INSERT_MANY || s->kind == GET_MANY)
        random_rows(r, p, s, 1 + below(r, MAX_ROWS));
    if (s->kind == UPSERT)
        random_conflict(r, p, s);
    if (s->kind == STREAM)
        random_stream(r, p, s);
    if (s->kind == AGGREGATE)
        random_aggregate(r, p, s);
    if (s->kind == UPDATE_WHERE)
        random_set(r, p, s);
    if ((s->kind >= FIND && s->kind <= DELETE_WHERE) && s->kind != STREAM)
        random_where(r, p, s);
    if (s->kind == FIND || s->kind == PAGES || s->kind == FIRST)
        random_orders(r, p, s, s->kind != FIND || chance(r, 60));
    if (s->kind == PAGES) {
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
    plan_make(&p->plan, seed, number);
    source r = source_make(seed, number, 1001);
    p->count = 8 + (int)below(&r, MAX_STEPS - 8);
    for (int i = 0; i < p->count; i++)
        step_make(&p->steps[i], &p->plan, seed, number, i);
}
