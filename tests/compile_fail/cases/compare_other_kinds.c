/* SPDX-License-Identifier: MIT
 * Must not compile: a text column compared with a number.
 * Error: furrow: these two columns cannot be compared */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, struct todo_list *out);
furrow_status refuse(furrow_session *s, struct todo_list *out)
{
    return todo_find(s, out, .where = {furrow_eq_column(TODO.id, TODO.title)});
}
