/* SPDX-License-Identifier: MIT
 * Must not compile: a call to `find` with a named argument in place of the list.
 * Error: expected expression */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s);
furrow_status refuse(furrow_session *s)
{
    return todo_find(s, .where = {furrow_eq(TODO.id, 1)});
}
