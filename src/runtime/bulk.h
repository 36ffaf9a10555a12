/* SPDX-License-Identifier: MIT
 * Shapes of inserts, and many rows as arrays in one statement for dialects with UNNEST. */
#ifndef FURROW_RUNTIME_BULK_H
#define FURROW_RUNTIME_BULK_H

#include "runtime/session.h"

enum { FURROW__SHAPE_BITS = 48 }; /* columns of a model that may be left out of an INSERT */

/* Which columns of an INSERT are sent and which come back. Large: do not copy it. */
typedef struct furrow__shape {
    const furrow_model *model;
    uint64_t zeros; /* a bit for each column that may be left out: its field is C zero */
    size_t sent_count, returned_count;
    const furrow_column *sent[FURROW__MAX_COLUMNS];
    const furrow_column *returned[FURROW__MAX_COLUMNS];
} furrow__shape;

furrow_status furrow__shape_check(furrow_session *s, const furrow_model *model);
uint64_t furrow__shape_of(const furrow_model *model, const void *row);
void furrow__shape_columns(furrow__shape *shape, const furrow_model *model, uint64_t zeros);

/* Check and insert one row of this shape; the shape's `returned` may be emptied. */
furrow_status furrow__insert_row(furrow_session *s, furrow__shape *shape, void *row);

bool furrow__bulk_is_possible(const furrow_session *s);
/* Insert rows of any shapes (zeros: one a row), and write what the database chose into them. */
furrow_status furrow__bulk_insert(furrow_session *s, const furrow_model *model, char *rows,
                                  const uint64_t *zeros, size_t count);

#endif
