/* SPDX-License-Identifier: MIT
 * Must not compile: a fraction as the value of an integer column.
 * Error: furrow_value_does_not_fit_column */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, struct todo_list *out);
furrow_status refuse(furrow_session *s, struct todo_list *out)
{
    return todo_find(s, out, .where = {furrow_lt(TODO.id, 1.5)});
}
