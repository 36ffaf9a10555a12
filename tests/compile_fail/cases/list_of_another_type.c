/* SPDX-License-Identifier: MIT
 * Must not compile: an array of values that do not have the type of the column.
 * Error: furrow_array_does_not_fit_column */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, const int32_t *ids);
furrow_status refuse(furrow_session *s, const int32_t *ids)
{
    return todo_find(s, NULL, .where = {furrow_in(TODO.id, ids, 3)});
}
