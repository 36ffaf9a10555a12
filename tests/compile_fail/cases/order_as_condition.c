/* SPDX-License-Identifier: MIT
 * Must not compile: an order where a condition is expected.
 * Error: incompatible type */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, struct todo_list *out);
furrow_status refuse(furrow_session *s, struct todo_list *out)
{
    return todo_find(s, out, .where = {furrow_asc(TODO.id)});
}
