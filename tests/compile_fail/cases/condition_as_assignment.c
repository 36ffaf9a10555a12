/* SPDX-License-Identifier: MIT
 * Must not compile: a condition where an assignment is expected.
 * Error: incompatible type */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, void *context);
furrow_status refuse(furrow_session *s, void *context)
{
    return todo_update_where(s, .set = {furrow_eq(TODO.id, 1)}, .all_rows = context != NULL);
}
