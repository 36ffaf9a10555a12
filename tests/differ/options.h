/* SPDX-License-Identifier: MIT
 *
 * Converts the lists of a step, without dropped columns, to the elements that the library takes. */
#ifndef DIFFER_OPTIONS_H
#define DIFFER_OPTIONS_H

#include "differ.h"

/* Memory of the arrays for furrow_in. */
typedef struct arrays {
    char bytes[MAX_ELEMENTS * 2][MAX_IN][FIELD_SIZE];
} arrays;

void options_where(const built *b, const step *s, arrays *a, furrow_condition *out);
void options_order(const built *b, const step *s, furrow_ordering *out);
void options_set(const built *b, const step *s, furrow_assignment *out);
void options_columns(const built *b, uint32_t columns, furrow_column_ref *out);
/* Fills a row with the step's values. */
void options_row(const built *b, const cell *cells, char *row);

#endif
