/* SPDX-License-Identifier: MIT
 *
 * Shapes of inserts, and inserting many rows of one shape. */
#ifndef FURROW_RUNTIME_WRITE_BULK_H
#define FURROW_RUNTIME_WRITE_BULK_H

#include "runtime/session/rows.h"

enum {
    FURROW__SHAPE_BITS = 48
}; /* largest number of columns of a model that an INSERT can leave out */

/* The columns that an INSERT sends, and the columns that it returns. The struct is large and should
 * not be copied. */
typedef struct furrow__shape {
    const furrow_model *model;
    uint64_t zeros; /* one bit for each column that can be left out: 1 if the bytes of the field are
                       all zero */
    size_t sent_count, returned_count;
    bool has_patterns; /* one of the sent columns has a pattern */
    const furrow_column *sent[FURROW__MAX_COLUMNS];
    const furrow_column *returned[FURROW__MAX_COLUMNS];
} furrow__shape;

/* Checks the fields of a row before it is written. A failure is kept in the session. */
furrow_status furrow__check_written(furrow_session *s, const furrow_column *const *columns,
                                    size_t count, const void *row);
/* In one row, checks the fields that the shape sends. A failure is kept in the session. */
furrow_status furrow__shape_check(furrow_session *s, const furrow__shape *shape, const void *row);
/* In adjacent rows, checks the fields that the shape sends. A failure is kept in the session. */
furrow_status furrow__shape_check_rows(furrow_session *s, const furrow__shape *shape,
                                       const char *rows, size_t count);
#define FURROW__CANCELLED_HINT                                                                     \
    "a trigger, a rule or ON CONFLICT IGNORE of the table cancelled the row: change the row or "   \
    "the table"
/* Makes a run fail because a row was cancelled, although the statement succeeded. `what` says what
 * did not happen, such as "not inserted". Returns FURROW_CHECK. */
furrow_status furrow__fail_cancelled(furrow__run *run, const furrow_model *model, const char *what);
void furrow__shape_columns(furrow__shape *shape, const furrow_model *model, uint64_t zeros);
/* Returns whether the database assigns the row's key. Such rows are written last, so that the
 * database does not assign a key that another row of the same call already has. */
bool furrow__assigns_key(const furrow_model *model, const void *row);

/* Called after the statement of `run` was executed. Fails unless the database has assigned the key
 * that the statement leaves out. Returns run->status. */
furrow_status furrow__check_key_is_assigned(furrow__run *run, const furrow_model *model);

/* Rows of one shape at equal distances. index[i] is the position of the i-th row among all rows of
 * the call; if `index` is NULL, the position is i. */
struct furrow__group {
    const furrow__shape *shape;
    char *rows; /* all rows of the call */
    char *sent; /* the rows of the group: a part of `rows`, or a copy */
    const size_t *index;
    size_t first, count;
};
static inline char *furrow__group_row(const struct furrow__group *group, size_t i)
{
    size_t place = group->index ? group->index[group->first + i] : group->first + i;
    return group->rows + place * group->shape->model->size;
}

/* Checks and inserts the rows of a group one by one. They count as one statement. May clear the
 * shape's list `returned`. */
furrow_status furrow__insert_each(furrow_session *s, furrow__shape *shape,
                                  const struct furrow__group *group);

/* Reads the result rows into the rows of the group. The first result column is `base` plus the
 * row's position in the group, starting at 1. */
furrow_status furrow__bulk_read(furrow__run *run, const struct furrow__group *group, int64_t base);
/* Fails the run if fewer rows of the group were inserted than were sent. */
furrow_status furrow__bulk_check(furrow__run *run, const struct furrow__group *group,
                                 uint64_t inserted);

bool furrow__bulk_is_possible(const furrow_session *s);
/* Inserts rows of any shapes. Stores in the rows the values that the database chose. zeros[i] is
 * the member `zeros` of the shape of row i. */
furrow_status furrow__bulk_insert(furrow_session *s, const furrow_model *model, char *rows,
                                  const uint64_t *zeros, size_t count);

/* Rows that the driver reads from the program's memory (memory.c) */

/* Returns whether the driver can read rows of this shape from memory. */
bool furrow__memory_is_possible(const furrow_session *s, const furrow__shape *shape);
/* Uses one statement to insert a group that has been checked. Stores in its rows the values that
 * the database chose. If rows of this table must be written one by one, sets *done to false and
 * inserts nothing. */
furrow_status furrow__memory_insert(furrow_session *s, const struct furrow__group *group,
                                    bool *done);

#endif
