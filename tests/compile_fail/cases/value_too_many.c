/* SPDX-License-Identifier: MIT
 * Must not compile: a condition with two values.
 * Error: too many arguments to function */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, struct todo_list *out);
furrow_status refuse(furrow_session *s, struct todo_list *out)
{
    return todo_find(s, out, .where = {furrow_eq(TODO.id, 1, 2)});
}
