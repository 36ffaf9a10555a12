/* SPDX-License-Identifier: MIT
 *
 * Converts the lists of a step to the elements that the library takes. */
#include "options.h"

#include <string.h>

static furrow_condition array_condition(const furrow_column *column, const condition *c,
                                        char (*bytes)[FIELD_SIZE])
{
    char *at = bytes[0];
    size_t size = cell_element(column, at, &(cell){.scale = 0}); /* also of an empty array */
    for (size_t i = 0; i < c->count; i++, at += size)
        size = cell_element(column, at, &c->values[i]);
    furrow_value value = furrow_value_array_(column, bytes[0], size, c->count);
    return furrow_condition_(column, c->op, value);
}

bool is_bracket(const condition *c)
{
    return c->op >= FURROW_OP_ANY_ && c->op <= FURROW_OP_CLOSE_;
}

bool is_relation(const condition *c)
{
    return c->op >= FURROW_OP_HAS_ && c->op <= FURROW_OP_EVERY_;
}

static bool compares_columns(const condition *c)
{
    return c->op >= FURROW_OP_EQ_COLUMN_ && c->op <= FURROW_OP_GE_COLUMN_;
}

bool is_kept(const built *b, const condition *c)
{
    return b->by_number[c->column] && (!compares_columns(c) || b->by_number[c->other]);
}

void options_models(const built *b, const query *q, const built **out)
{
    const built *outer[MAX_CONDITIONS];
    size_t depth = 0;
    for (size_t i = 0; i < q->where_count; i++) {
        const condition *c = &q->where[i];
        if (c->op == FURROW_OP_CLOSE_)
            b = outer[--depth];
        out[i] = b;
        if (!is_bracket(c) || c->op == FURROW_OP_CLOSE_)
            continue;
        outer[depth++] = b;
        b = is_relation(c) ? b->other : b;
    }
}

static size_t add_condition(const furrow_column *column, const furrow_column *other,
                            const condition *c, furrow_condition *out)
{
    if (compares_columns(c))
        out[0] = furrow_condition_columns_(column, c->op, other);
    else if (c->op == FURROW_OP_IS_NULL_ || c->op == FURROW_OP_NOT_NULL_)
        out[0] = furrow_condition_plain_(column, c->op);
    else
        out[0] = furrow_condition_(column, c->op, cell_value(column, &c->values[0]));
    if (c->op == FURROW_OP_BETWEEN_)
        out[1] =
            furrow_condition_(NULL, FURROW_OP_BETWEEN_HIGH_, cell_value(column, &c->values[1]));
    return c->op == FURROW_OP_BETWEEN_ ? 2 : 1;
}

void options_where(const built *b, const query *q, arrays *a, furrow_condition *out)
{
    const built *models[MAX_CONDITIONS];
    options_models(b, q, models);
    for (size_t i = 0; i < q->where_count; i++) {
        const condition *c = &q->where[i];
        const furrow_column *column = models[i]->by_number[c->column];
        if (is_bracket(c))
            *out++ = furrow_condition_plain_(is_relation(c) ? &models[i]->relation : NULL, c->op);
        else if (!is_kept(models[i], c))
            continue;
        else if (c->op == FURROW_OP_IN_ || c->op == FURROW_OP_NOT_IN_)
            *out++ = array_condition(column, c, a->bytes[i]);
        else
            out += add_condition(column, models[i]->by_number[c->other], c, out);
    }
}

void options_order(const built *b, const query *q, furrow_ordering *out)
{
    size_t count = 0;
    for (size_t i = 0; i < q->order_count && count < FURROW_MAX_ORDERINGS; i++) {
        const sorting *order = &q->orders[i];
        const furrow_column *column = (order->through ? b->other : b)->by_number[order->column];
        if (column && order->through)
            out[count++] = furrow_order_through_(&b->relation, column, order->descending);
        else if (column)
            out[count++] = furrow_order_(column, order->descending);
    }
}

void options_set(const built *b, const step *s, furrow_assignment *out)
{
    size_t count = 0;
    for (size_t i = 0; i < s->set_count; i++) {
        const assignment *a = &s->set[i];
        const furrow_column *column = b->by_number[a->column];
        if (column)
            out[count++] = furrow_assignment_(
                column, a->op,
                a->op == FURROW_OP_SET_NULL_ ? (furrow_value){0} : cell_value(column, &a->value));
    }
}

void options_columns(const built *b, uint32_t columns, furrow_column_ref *out)
{
    size_t count = 0;
    for (int i = 0; i < MAX_COLUMNS; i++)
        if ((columns & (UINT32_C(1) << i)) && b->by_number[i])
            out[count++] = furrow_col_(b->by_number[i]);
}

void options_row(const built *b, const cell *cells, char *row)
{
    memset(row, 0, ROW_SIZE);
    for (int i = 0; i < MAX_COLUMNS; i++)
        if (b->by_number[i])
            cell_store(b->by_number[i], row, &cells[i]);
}
