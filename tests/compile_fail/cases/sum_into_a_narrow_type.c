/* SPDX-License-Identifier: MIT
 * Must not compile: an int32_t variable for a sum of integers.
 * Error: furrow_result_does_not_fit_column */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, int32_t *n);
furrow_status refuse(furrow_session *s, int32_t *n)
{
    return todo_sum(s, n, TODO.id);
}
