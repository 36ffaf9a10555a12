/* SPDX-License-Identifier: MIT
 *
 * Converts the lists of a step, without dropped columns, to the elements that the library takes. */
#ifndef DIFFER_OPTIONS_H
#define DIFFER_OPTIONS_H

#include "differ.h"

/* Memory of the arrays for furrow_in. */
typedef struct arrays {
    char bytes[MAX_CONDITIONS][MAX_IN][FIELD_SIZE];
} arrays;

/* Finds the model of each condition of a query: within a bracket of a relationship, the other. */
void options_models(const built *b, const query *q, const built **out);
bool is_bracket(const condition *c);
/* Whether the bracket is a condition on the rows of a relationship. */
bool is_relation(const condition *c);
/* Whether the condition's columns exist; see `dropped`. */
bool is_kept(const built *b, const condition *c);
void options_where(const built *b, const query *q, arrays *a, furrow_condition *out);
void options_order(const built *b, const query *q, furrow_ordering *out);
void options_set(const built *b, const step *s, furrow_assignment *out);
void options_columns(const built *b, uint32_t columns, furrow_column_ref *out);
/* Fills a row with the step's values. */
void options_row(const built *b, const cell *cells, char *row);

#endif
