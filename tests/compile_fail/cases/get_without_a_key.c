/* SPDX-License-Identifier: MIT
 * Must not compile: a call to `get` without a key.
 * Error: expected expression */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, struct todo **row);
furrow_status refuse(furrow_session *s, struct todo **row)
{
    return todo_get(s, row);
}
