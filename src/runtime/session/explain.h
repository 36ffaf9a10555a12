/* SPDX-License-Identifier: MIT
 *
 * Information about a statement for people: bound values as text for a trace with `.trace_values`,
 * and errors that are completed from the model. */
#ifndef FURROW_RUNTIME_SESSION_EXPLAIN_H
#define FURROW_RUNTIME_SESSION_EXPLAIN_H

#include "runtime/session/session.h"

/* Returns values as text, such as "1, 'text', NULL", in scratch memory. The text is cut at 1 KiB.
 * Returns NULL when out of memory. */
const char *furrow__describe_binds(furrow_session *s, const furrow__bind *binds, size_t count);
const char *furrow__describe_row(furrow_session *s, const furrow_column *const *columns,
                                 size_t count, const void *row);
const char *furrow__describe_values(furrow_session *s, const furrow_value *values, size_t count);

/* Completes the error of a statement on this model: adds the columns of the violated constraint,
 * and finds the violated foreign key if the engine does not report it. `row` is the row that was
 * written, or NULL. */
void furrow__explain_failure(furrow_session *s, const furrow_model *model, const void *row,
                             furrow_error *error);

#endif
