/* SPDX-License-Identifier: MIT
 *
 * The calls of a step on one engine. Each function appends its answer to a text, and compares it
 * with the rows in memory. */
#ifndef DIFFER_VERBS_H
#define DIFFER_VERBS_H

#include "options.h"

/* Appends the status of a call, and the names in its error. */
void add_status(runner *r, text *out, const char *call, furrow_status status);
/* Appends the rows, sorted as text if the program has not asked for a total order. */
void add_rows(runner *r, text *out, const row_list *rows, bool ordered);

void find_options(runner *r, const step *s, arrays *a, struct furrow_find_options *o);

typedef furrow_status verb(runner *r, const step *s, text *out);

verb insert_one, insert_many, upsert, update, delete_one, update_where, delete_where;
verb get, get_many, refresh, find, pages, first, stream, count, exists, aggregate, load;

#endif
