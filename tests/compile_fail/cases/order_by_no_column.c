/* SPDX-License-Identifier: MIT
 * Must not compile: an order that names a column that the model does not have.
 * Error: no member named */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, struct todo_list *out);
furrow_status refuse(furrow_session *s, struct todo_list *out)
{
    return todo_find(s, out, .order_by = {furrow_asc(TODO.titel)});
}
