/* SPDX-License-Identifier: MIT
 * Must not compile: a call to `get` with a fraction for an integer key.
 * Error: furrow_value_does_not_fit_column */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, struct todo **row);
furrow_status refuse(furrow_session *s, struct todo **row)
{
    return todo_get(s, row, 1.5);
}
