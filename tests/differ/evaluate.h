/* SPDX-License-Identifier: MIT
 *
 * Evaluates conditions and orders on rows in memory, without the library. */
#ifndef DIFFER_EVALUATE_H
#define DIFFER_EVALUATE_H

#include "differ.h"

/* Returns the value of a field. For a UUID, the member `text` points to the UUID's bytes. */
cell field_cell(const furrow_column *column, const char *row);
/* Compares two values that are not NULL. Returns a number less than, equal to or greater than 0. */
int cells_compare(const furrow_column *column, const cell *a, const cell *b);
/* Whether the column's enumerators, range, lengths and digits permit a value that is not NULL. */
bool is_within_limits(const furrow_column *column, const cell *value);
/* The sum that furrow_increment stores. */
cell cells_add(const furrow_column *column, const cell *a, const cell *b);
/* Whether a row of the other table is a child or the parent of the row. */
bool is_related(const table *t, const char *row, const char *other);
/* Returns the parent of a child, or NULL. */
const char *find_parent(const table *t, const char *row);
bool row_matches(const table *t, const query *q, const char *row);
/* Compares two rows by the orders of the query. Returns a number less than, equal to or greater
 * than 0. */
int rows_compare(const table *t, const query *q, const char *x, const char *y);

#endif
