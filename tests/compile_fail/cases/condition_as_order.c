/* SPDX-License-Identifier: MIT
 * Must not compile: a condition where an order is expected.
 * Error: incompatible type */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, struct todo_list *out);
furrow_status refuse(furrow_session *s, struct todo_list *out)
{
    return todo_find(s, out, .order_by = {furrow_eq(TODO.id, 1)});
}
