/* SPDX-License-Identifier: MIT
 *
 * Random conditions and orders. */
#ifndef DIFFER_QUERIES_H
#define DIFFER_QUERIES_H

#include "differ.h"

/* Whether the column contains keys that the database assigns, of its own table or of the parent. */
bool is_key_of(const plan *p, uint16_t number);
/* Returns a value for a column of the plan. For a reference, this is often the key of a parent. */
cell random_value(source *r, const plan *p, uint16_t number, enum purpose purpose);

/* Append conditions and orders on the model with this index. */
void random_where(source *r, const plan plans[2], int which, query *q);
void random_orders(source *r, const plan plans[2], int which, query *q);
/* Makes a query of related rows, which has smaller limits. */
void random_related(source *r, const plan plans[2], int which, query *q);
/* Appends the key, so that the order is total. */
void order_by_key(source *r, const plan *p, query *q);
/* Removes orders by other values than the row's own columns, which a page cannot have. */
void remove_computed(query *q);

#endif
