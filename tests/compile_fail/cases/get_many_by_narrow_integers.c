/* SPDX-License-Identifier: MIT
 * Must not compile: a call to `get_many` with integers of a narrower type than the key.
 * Error: furrow_array_does_not_fit_column */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, struct todo_list *rows, const int32_t *ids);
furrow_status refuse(furrow_session *s, struct todo_list *rows, const int32_t *ids)
{
    return todo_get_many(s, rows, ids, 2);
}
