/* SPDX-License-Identifier: MIT
 *
 * Compares answers with the rows in memory. Both engines could give the same wrong answer, for
 * example sort enums by their names. */
#ifndef DIFFER_EXPECT_H
#define DIFFER_EXPECT_H

#include "differ.h"

/* The rows that a query must return, as text. They are in the order of the query or, without a
 * total order, sorted as text. `known` is false if the evaluation cannot determine the rows. */
typedef struct expectation {
    bool known, ordered;
    size_t count;
    text lines[MAX_EXPECTED];
} expectation;

void complain(runner *r, const char *what, const char *got, const char *expected);

/* Complains if the library refuses the query of a step without a reason. */
void expect_valid(runner *r, const step *s, const char *what, furrow_status status);
/* Whether the library must refuse the query. */
bool is_refused(const built *b, const query *q);
/* Finds the rows that match, in the order of the query, without its limits. */
size_t choose_rows(table *t, const query *q, char *chosen[MAX_EXPECTED]);
void expect_query(runner *r, const step *s, expectation *out);
/* Compares a result; `complete` is false if the caller has read only the first rows. */
void expect_rows(runner *r, expectation *e, const row_list *rows, bool complete);
void expect_count(runner *r, const expectation *e, int64_t count);
void expectation_free(expectation *e);
/* Compares a row with the expected one; NULL means no row. */
void expect_row(runner *r, const char *what, const void *got, const void *expected);
void expect_number(runner *r, const char *what, uint64_t got, uint64_t expected);
/* Compares two texts by their first line that differs. */
void expect_text(runner *r, const char *what, const text *got, const text *expected);
/* Compares the result of min or max. */
void expect_extreme(runner *r, const step *s, const char *described);
/* Returns the largest magnitude of the values of an aggregate. */
double largest_value(runner *r, const step *s);
/* Compares a whole table, unless the transaction has failed. */
void expect_contents(runner *r);

#endif
