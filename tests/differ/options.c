/* SPDX-License-Identifier: MIT
 *
 * Converts the lists of a step to the elements that the library takes. */
#include "options.h"

#include <string.h>

static furrow_condition array_condition(const furrow_column *column, const condition *c,
                                        char (*memory)[FIELD_SIZE])
{
    char *at = memory[0];
    size_t size = cell_element(column, at, &(cell){.scale = 0}); /* also of an empty array */
    for (size_t i = 0; i < c->count; i++, at += size)
        size = cell_element(column, at, &c->values[i]);
    furrow_value value = furrow_value_array_(column, memory[0], size, c->count);
    return furrow_condition_(column, c->op, value);
}

void options_where(const built *b, const step *s, arrays *a, furrow_condition *out)
{
    size_t count = 0;
    for (size_t i = 0; i < s->query.where_count; i++) {
        const condition *c = &s->query.where[i];
        const furrow_column *column = b->by_number[c->column], *other = b->by_number[c->other];
        if (c->op >= FURROW_OP_ANY_ && c->op <= FURROW_OP_CLOSE_)
            out[count++] = furrow_condition_plain_(NULL, c->op);
        else if (!column)
            continue;
        else if (c->op == FURROW_OP_IS_NULL_ || c->op == FURROW_OP_NOT_NULL_)
            out[count++] = furrow_condition_plain_(column, c->op);
        else if (c->op >= FURROW_OP_EQ_COLUMN_ && c->op <= FURROW_OP_GE_COLUMN_) {
            if (other)
                out[count++] = furrow_condition_columns_(column, c->op, other);
        } else if (c->op == FURROW_OP_IN_ || c->op == FURROW_OP_NOT_IN_)
            out[count++] = array_condition(column, c, a->bytes[i]);
        else
            out[count++] = furrow_condition_(column, c->op, cell_value(column, &c->values[0]));
        if (c->op == FURROW_OP_BETWEEN_)
            out[count++] =
                furrow_condition_(NULL, FURROW_OP_BETWEEN_HIGH_, cell_value(column, &c->values[1]));
    }
}

void options_order(const built *b, const step *s, furrow_ordering *out)
{
    size_t count = 0;
    for (size_t i = 0; i < s->query.order_count && count < FURROW_MAX_ORDERINGS; i++) {
        const furrow_column *column = b->by_number[s->query.orders[i].column];
        if (column)
            out[count++] = furrow_order_(column, s->query.orders[i].descending);
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
