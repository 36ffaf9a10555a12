/* SPDX-License-Identifier: MIT
 * Must not compile: a sum of a text column.
 * Error: furrow_result_does_not_fit_column */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, int64_t *n);
furrow_status refuse(furrow_session *s, int64_t *n)
{
    return todo_sum(s, n, TODO.title);
}
