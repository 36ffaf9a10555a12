/* SPDX-License-Identifier: MIT
 * Must not compile: a column compared with ==.
 * Error: invalid operands to binary */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, struct todo_list *out);
furrow_status refuse(furrow_session *s, struct todo_list *out)
{
    return todo_find(s, out, .where = {TODO.id == 1});
}
