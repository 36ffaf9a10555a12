/* SPDX-License-Identifier: MIT
 * Fills errors for rows that violate a constraint. The messages are the same on every engine. A
 * driver determines the table, the columns and the constraint, as far as its engine reports them,
 * and calls one of these functions.
 *
 * Each function clears *error, sets status, table, column, constraint and message, and returns the
 * status. After the call, the driver sets native_code and sqlstate. A name that is not known is
 * NULL or "". Names are passed without quotes. Messages contain names, but not values. */
#ifndef FURROW_BASE_VIOLATION_H
#define FURROW_BASE_VIOLATION_H

#include <furrow/furrow.h>

/* A constraint that a row violates, as far as the driver knows it. */
typedef struct furrow__broken_constraint {
    const char *name;
    const char *table; /* the table that the constraint belongs to */
    const char *const *columns;
    size_t count; /* number of columns; 0 if the columns are not known */
} furrow__broken_constraint;

/* Reports that a row with the same unique key exists: `"items": a row with this "shelf", "serial"
 * already exists`. */
furrow_status furrow__violation_unique(furrow_error *error, const furrow__broken_constraint *key);
/* Reports that the row that a foreign key refers to does not exist: `"post": "author_id" refers to
 * a row of "author" that does not exist`. `parent` is the table that the key refers to. */
furrow_status furrow__violation_missing(furrow_error *error, const furrow__broken_constraint *key,
                                        const char *parent);
/* Reports that a row cannot be deleted or changed, because another row refers to it: `"author": a
 * row of "post" still refers to this row`. The constraint belongs to the table of the other row,
 * `child`. */
furrow_status furrow__violation_referred(furrow_error *error, const char *table, const char *child,
                                         const char *constraint);
/* Reports that the engine cannot assign a key to a new row, because all keys are in use: `"post":
 * the range of keys is exhausted`. If the driver does not know the table, the runtime sets it
 * later. */
furrow_status furrow__violation_keys(furrow_error *error, const char *table);
/* Reports a violation of a foreign key. Used if the driver knows neither of the two tables. */
furrow_status furrow__violation_foreign_key(furrow_error *error, const char *table);
/* Reports that a column that must not be NULL is NULL: `"todo": "title" must not be NULL`. */
furrow_status furrow__violation_not_null(furrow_error *error, const char *table,
                                         const char *column);
/* Reports that a row does not satisfy a check constraint: `"account": the row violates check
 * "account_cents_check"`, or, if the check has no name, `"account": the row violates a check of
 * "cents"`. `column` can be a list: `a, b`. */
furrow_status furrow__violation_check(furrow_error *error, const char *table, const char *column,
                                      const char *constraint);

#endif
