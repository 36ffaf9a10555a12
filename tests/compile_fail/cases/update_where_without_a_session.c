/* SPDX-License-Identifier: MIT
 * Must not compile: a call to `update_where` without a session.
 * Error: expected expression */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s);
furrow_status refuse(furrow_session *s)
{
    return todo_update_where(.all_rows = true);
}
