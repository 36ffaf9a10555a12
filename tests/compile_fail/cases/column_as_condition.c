/* SPDX-License-Identifier: MIT
 * Must not compile: a column after a condition, as if the column itself were a condition.
 * Error: incompatible type */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s);
furrow_status refuse(furrow_session *s)
{
    return todo_delete_where(s, .where = {furrow_eq(TODO.id, 1), TODO.completed});
}
