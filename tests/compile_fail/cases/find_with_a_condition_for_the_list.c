/* SPDX-License-Identifier: MIT
 * Must not compile: a find whose second argument is a named argument.
 * Error: expected expression */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s);
furrow_status refuse(furrow_session *s)
{
    return todo_find(s, .where = {furrow_eq(TODO.id, 1)});
}
