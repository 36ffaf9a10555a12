/* SPDX-License-Identifier: MIT
 *
 * Evaluates conditions and orders on rows in memory, without the library. */
#ifndef DIFFER_EVALUATE_H
#define DIFFER_EVALUATE_H

#include "differ.h"

/* The value of a field. The text of a UUID is its bytes. */
cell field_cell(const furrow_column *column, const char *row);
/* Less than, equal to or greater than 0; neither is NULL. */
int cells_compare(const furrow_column *column, const cell *a, const cell *b);
bool row_matches(const built *b, const step *s, const char *row);
/* Whether a row comes before another one: less than, equal to or greater than 0. */
int rows_compare(const built *b, const step *s, const char *x, const char *y);

#endif
