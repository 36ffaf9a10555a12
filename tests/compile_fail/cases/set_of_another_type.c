/* SPDX-License-Identifier: MIT
 * Must not compile: an assignment with a value of the wrong type.
 * Error: furrow_value_does_not_fit_column */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, void *context);
furrow_status refuse(furrow_session *s, void *context)
{
    return todo_update_where(s, .set = {furrow_set(TODO.completed, "yes")},
                             .all_rows = context != NULL);
}
