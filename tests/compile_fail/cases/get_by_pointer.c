/* SPDX-License-Identifier: MIT
 * Must not compile: a call to `get` with the address of a key.
 * Error: furrow_value_does_not_fit_column */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, struct todo **row, const int64_t *id);
furrow_status refuse(furrow_session *s, struct todo **row, const int64_t *id)
{
    return todo_get(s, row, id);
}
