/* SPDX-License-Identifier: MIT
 * Must not compile: an increment of a text column.
 * Error: furrow_column_has_no_such_condition */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, void *context);
furrow_status refuse(furrow_session *s, void *context)
{
    return todo_update_where(s, .set = {furrow_increment(TODO.title, "1")},
                             .all_rows = context != NULL);
}
