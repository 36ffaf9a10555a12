/* SPDX-License-Identifier: MIT
 *
 * Reads the rows of a statement as structs of a model.
 */
#ifndef FURROW_RUNTIME_SESSION_ROWS_H
#define FURROW_RUNTIME_SESSION_ROWS_H

#include "runtime/session/run.h"

/* Reads the remaining rows of a run into the session's arena and fills the list. `columns` are the
 * result's columns in their order; if a column is NULL, it is not read. On failure the list is
 * empty. */
furrow_status furrow__read_list(furrow__run *run, void *list, const furrow_model *model,
                                const furrow_column *const *columns, size_t column_count);

/* Returns pointers to all columns of the model, in scratch memory; NULL when out of memory. */
const furrow_column *const *furrow__all_columns(furrow_session *s, const furrow_model *model);

/* Empties a caller's list, or sets a caller's pointer to NULL. NULL is allowed. */
void furrow__clear_list(void *list);
void furrow__clear_pointer(void *out);

#endif
