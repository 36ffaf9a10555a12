/* SPDX-License-Identifier: MIT
 *
 * Explains statements to people: writes bound values as text for a trace with `.trace_values`, and
 * completes errors with what the model knows. */
#ifndef FURROW_RUNTIME_SESSION_EXPLAIN_H
#define FURROW_RUNTIME_SESSION_EXPLAIN_H

#include "runtime/session/session.h"

/* Returns values as text, such as "1, 'text', NULL", in scratch memory. The text is cut at 1 KiB.
 * Returns NULL when out of memory. */
const char *furrow__describe_binds(furrow_session *s, const furrow__bind *binds, size_t count);
const char *furrow__describe_row(furrow_session *s, const furrow_column *const *columns,
                                 size_t count, const void *row);
const char *furrow__describe_values(furrow_session *s, const furrow_value *values, size_t count);

/* Completes the error of a statement on this model. Adds the columns of the violated constraint. If
 * the engine does not report which foreign key is violated, finds it. `row` is the row that was
 * written, or NULL. */
void furrow__explain_failure(furrow_session *s, const furrow_model *model, const void *row,
                             furrow_error *error);

#endif
