/* SPDX-License-Identifier: MIT
 * Must not compile: a number as the value of a text column.
 * Error: furrow_value_does_not_fit_column */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, struct todo_list *out);
furrow_status refuse(furrow_session *s, struct todo_list *out)
{
    return todo_find(s, out, .where = {furrow_eq(TODO.title, 1)});
}
