/* SPDX-License-Identifier: MIT
 * Must not compile: a call to `get` with two values for a key that has one column.
 * Error: too many arguments */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, struct todo **row);
furrow_status refuse(furrow_session *s, struct todo **row)
{
    return todo_get(s, row, 1, 2);
}
