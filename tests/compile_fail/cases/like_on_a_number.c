/* SPDX-License-Identifier: MIT
 * Must not compile: a LIKE condition on a number.
 * Error: furrow_column_has_no_such_condition */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, struct todo_list *out);
furrow_status refuse(furrow_session *s, struct todo_list *out)
{
    return todo_find(s, out, .where = {furrow_like(TODO.id, "1%")});
}
