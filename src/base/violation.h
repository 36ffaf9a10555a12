/* SPDX-License-Identifier: MIT
 * Errors for rows that break a constraint, in the same words on every engine. A driver finds out
 * which table, columns and constraint it was, as far as its server tells; these fill the rest.
 *
 * Each clears *error first, fills status, table, column, constraint and message, and returns the
 * status: a driver sets native_code and sqlstate behind the call. NULL or "" is what is not known;
 * names are unquoted. Names alone go in: never a value. */
#ifndef FURROW_BASE_VIOLATION_H
#define FURROW_BASE_VIOLATION_H

#include <furrow/furrow.h>

/* `"items": a row with this "shelf", "serial" exists already` */
furrow_status furrow__violation_unique(furrow_error *error, const char *table,
                                       const char *const *columns, size_t count,
                                       const char *constraint);
/* `"post": "author_id" refers to a row of "author" that is not there` */
furrow_status furrow__violation_missing(furrow_error *error, const char *table,
                                        const char *const *columns, size_t count,
                                        const char *parent, const char *constraint);
/* `"author": a row of "post" still refers to this one`. The constraint is the child's. */
furrow_status furrow__violation_referred(furrow_error *error, const char *table, const char *child,
                                         const char *constraint);
/* `"post": the keys are used up`: the engine has no number left to assign. A driver mostly knows no
 * table; the runtime then adds the model's. */
furrow_status furrow__violation_keys(furrow_error *error, const char *table);
bool furrow__violation_is_keys(const furrow_error *error);
/* A foreign key of which neither side is known. */
furrow_status furrow__violation_foreign_key(furrow_error *error, const char *table);
/* `"todo": "title" must not be NULL` */
furrow_status furrow__violation_not_null(furrow_error *error, const char *table,
                                         const char *column);
/* `"account": check "account_cents_check" does not hold` */
furrow_status furrow__violation_check(furrow_error *error, const char *table, const char *column,
                                      const char *constraint);

#endif
