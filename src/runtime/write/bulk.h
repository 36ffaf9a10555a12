/* SPDX-License-Identifier: MIT
 * Shapes of inserts, and many rows as arrays in one statement for dialects with UNNEST. */
#ifndef FURROW_RUNTIME_WRITE_BULK_H
#define FURROW_RUNTIME_WRITE_BULK_H

#include "runtime/session/rows.h"

enum { FURROW__SHAPE_BITS = 48 }; /* columns of a model that may be left out of an INSERT */

/* Which columns of an INSERT are sent and which come back. Large: do not copy it. */
typedef struct furrow__shape {
    const furrow_model *model;
    uint64_t zeros; /* a bit for each column that may be left out: its field is C zero */
    size_t sent_count, returned_count;
    bool has_patterns; /* some column sent has a pattern */
    const furrow_column *sent[FURROW__MAX_COLUMNS];
    const furrow_column *returned[FURROW__MAX_COLUMNS];
} furrow__shape;

/* Checks the fields of a row that is about to be written. A failure is kept in the session. */
furrow_status furrow__check_written(furrow_session *s, const furrow_column *const *columns,
                                    size_t count, const void *row);
/* Check the fields of a row that are sent; a failure is kept. */
furrow_status furrow__shape_check(furrow_session *s, const furrow__shape *shape, const void *row);
/* The same for rows that follow each other. */
furrow_status furrow__shape_check_rows(furrow_session *s, const furrow__shape *shape,
                                       const char *rows, size_t count);
void furrow__shape_columns(furrow__shape *shape, const furrow_model *model, uint64_t zeros);
/* Does the database assign the row's key? Such rows go last, so that none takes a key that another
 * row of the same call is given. */
bool furrow__assigns_key(const furrow_model *model, const void *row);

/* Rows of one shape, an even stride apart; index[i] is the place of the i-th among all rows, or i
 * itself if index is NULL. */
struct furrow__group {
    const furrow__shape *shape;
    char *rows; /* all of the caller's, to be written */
    char *sent; /* those of the group: among `rows`, or a copy */
    const size_t *index;
    size_t first, count;
};
static inline char *furrow__group_row(const struct furrow__group *group, size_t i)
{
    size_t place = group->index ? group->index[group->first + i] : group->first + i;
    return group->rows + place * group->shape->model->size;
}

/* Check and insert the rows of a group one by one, which counts as one statement; the shape's
 * `returned` may be emptied. */
furrow_status furrow__insert_each(furrow_session *s, furrow__shape *shape,
                                  const struct furrow__group *group);

/* Write what came back into the row that its first result column names: a number, `base` more than
 * the row's place in the group, from 1. */
furrow_status furrow__bulk_read(furrow__run *run, const struct furrow__group *group, int64_t base);

bool furrow__bulk_is_possible(const furrow_session *s);
/* Insert rows of any shapes (zeros: one a row), and write what the database chose into them. */
furrow_status furrow__bulk_insert(furrow_session *s, const furrow_model *model, char *rows,
                                  const uint64_t *zeros, size_t count);

/* ---- rows read from the program's memory (memory.c), for drivers that can ---- */

/* Whether rows of this shape can go that way. */
bool furrow__memory_is_possible(const furrow_session *s, const furrow__shape *shape);
/* Insert a group, which is checked, by one statement, and write what the database chose into its
 * rows. *done is false where the table must be written row by row; nothing has then happened. */
furrow_status furrow__memory_insert(furrow_session *s, const struct furrow__group *group,
                                    bool *done);

#endif
