/* SPDX-License-Identifier: MIT
 *
 * Random conditions and orders. */
#include "queries.h"

static uint16_t random_column(source *r, const plan *p)
{
    return (uint16_t)below(r, p->count);
}

bool is_key_of(const plan *p, uint16_t number)
{
    return (p->columns[number].flags & FURROW_COLUMN_ASSIGNED) ||
           (p->refers_to_assigned && is_reference(p, number));
}

cell random_value(source *r, const plan *p, uint16_t number, enum purpose purpose)
{
    cell value = cell_random(r, &p->columns[number], purpose);
    if (!is_reference(p, number) || value.null)
        return value;
    if (p->refers_to_assigned)
        value.integer = -1 - (int64_t)below(r, 4);
    if (chance(r, 75))
        value.parent = (uint16_t)(1 + below(r, chance(r, 60) ? 2 : 100)); /* many siblings */
    return value;
}

/* Whether the library can compare the columns, and both engines have the same values in them. */
static bool are_comparable(const furrow_column *a, const furrow_column *b)
{
    if (!is_ordered(a) || !is_ordered(b))
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
    if (!chance(r, 60) || c->other == c->column || c->column == COUNTED ||
        is_key_of(p, c->column) || is_key_of(p, c->other) ||
        !are_comparable(&p->columns[c->column], &p->columns[c->other]))
        return false;
    c->op = (enum furrow_op_)(FURROW_OP_EQ_COLUMN_ + below(r, 6));
    return true;
}

static void random_condition(source *r, const plan *p, query *q)
{
    condition *c = &q->where[q->where_count++];
    c->column = p->counted && chance(r, 8) ? COUNTED : random_column(r, p);
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
        c->values[c->count++] = random_value(r, p, c->column, COMPARED);
    for (size_t i = 0; array && i < c->count; i++)
        if (column->type >= FURROW_TYPE_INT16 && column->type <= FURROW_TYPE_INT32)
            c->values[i].integer = (int16_t)c->values[i].integer;
}

/* Appends one to two conditions, or none if the bracket may be empty. */
static void random_list(source *r, const plan *p, query *q, bool may_be_empty)
{
    if (may_be_empty && chance(r, 25))
        return;
    random_condition(r, p, q);
    if (chance(r, 50))
        random_condition(r, p, q);
}

static void random_relation(source *r, const plan plans[2], int which, query *q)
{
    q->where[q->where_count++].op = (enum furrow_op_)(FURROW_OP_HAS_ + below(r, 3));
    random_list(r, &plans[1 - which], q, true);
    if (chance(r, 20)) {
        q->where[q->where_count++].op = (enum furrow_op_)(FURROW_OP_HAS_ + below(r, 3));
        random_condition(r, &plans[which], q);
        q->where[q->where_count++].op = FURROW_OP_CLOSE_;
    }
    q->where[q->where_count++].op = FURROW_OP_CLOSE_;
}

void random_where(source *r, const plan plans[2], int which, query *q)
{
    uint32_t count = below(r, 4);
    while (count-- > 0) {
        enum furrow_op_ bracket = (enum furrow_op_)(FURROW_OP_ANY_ + below(r, 3));
        if (chance(r, 20)) {
            random_relation(r, plans, which, q);
        } else if (chance(r, 25)) {
            q->where[q->where_count++].op = bracket;
            random_list(r, &plans[which], q, false);
            q->where[q->where_count++].op = FURROW_OP_CLOSE_;
        } else {
            random_condition(r, &plans[which], q);
        }
    }
}

void random_related(source *r, const plan plans[2], int which, query *q)
{
    if (chance(r, 30))
        random_list(r, &plans[which], q, true);
    else if (chance(r, 20)) {
        q->where[q->where_count++].op = FURROW_OP_NOT_;
        random_list(r, &plans[which], q, false);
        q->where[q->where_count++].op = FURROW_OP_CLOSE_;
    }
    if (which == 0 || !plans[0].counted || chance(r, 40))
        return;
    random_orders(r, plans, which, q);
    q->order_count = q->order_count > 2 ? 2 : q->order_count;
    order_by_key(r, &plans[which], q);
    if (chance(r, 50))
        q->limit = 1 + below(r, 2);
}

void random_orders(source *r, const plan plans[2], int which, query *q)
{
    uint32_t count = below(r, 4);
    for (uint32_t i = 0; i < count; i++) {
        const plan *p = &plans[which];
        bool through = p->is_child && chance(r, 20);
        if (through)
            p = &plans[0];
        bool counted = p->counted && !through && chance(r, 10);
        uint16_t column = counted ? COUNTED : random_column(r, p);
        if (is_ordered(&p->columns[column]))
            q->orders[q->order_count++] = (sorting){column, chance(r, 50), through};
    }
}

void order_by_key(source *r, const plan *p, query *q)
{
    q->total = true;
    for (uint16_t i = 0; i < p->key_count; i++)
        q->orders[q->order_count++] = (sorting){i, chance(r, 30), false};
}

void remove_computed(query *q)
{
    size_t kept = 0;
    for (size_t i = 0; i < q->order_count; i++)
        if (!q->orders[i].through && q->orders[i].column != COUNTED)
            q->orders[kept++] = q->orders[i];
    q->order_count = kept;
}
