/* SPDX-License-Identifier: MIT
 * Errors for rows that break a constraint, with the same messages on every engine. A driver finds
 * the table, columns and constraint as far as its engine reports them; the functions here fill the
 * error.
 *
 * Each function clears *error, fills status, table, column, constraint and message, and returns the
 * status. A driver sets native_code and sqlstate after the call. Unknown names are NULL or "".
 * Names are unquoted. Messages contain names, never values. */
#ifndef FURROW_BASE_VIOLATION_H
#define FURROW_BASE_VIOLATION_H

#include <furrow/furrow.h>

/* A row with the same key exists: `"items": a row with this "shelf", "serial" exists already`. */
furrow_status furrow__violation_unique(furrow_error *error, const char *table,
                                       const char *const *columns, size_t count,
                                       const char *constraint);
/* The row that a foreign key refers to is missing: `"post": "author_id" refers to a row of "author"
 * that is not there`. */
furrow_status furrow__violation_missing(furrow_error *error, const char *table,
                                        const char *const *columns, size_t count,
                                        const char *parent, const char *constraint);
/* A row cannot be deleted or changed: `"author": a row of "post" still refers to this one`. The
 * constraint belongs to the table whose row refers to it. */
furrow_status furrow__violation_referred(furrow_error *error, const char *table, const char *child,
                                         const char *constraint);
/* The engine has no number left for a new row: `"post": the keys are used up`. A driver often does
 * not know the table; the runtime then fills it in. */
furrow_status furrow__violation_keys(furrow_error *error, const char *table);
/* A foreign key is broken, and neither of its tables is known. */
furrow_status furrow__violation_foreign_key(furrow_error *error, const char *table);
/* A column is NULL that must not be: `"todo": "title" must not be NULL`. */
furrow_status furrow__violation_not_null(furrow_error *error, const char *table,
                                         const char *column);
/* A row does not satisfy a check: `"account": check "account_cents_check" does not hold`. */
furrow_status furrow__violation_check(furrow_error *error, const char *table, const char *column,
                                      const char *constraint);

#endif
