/* SPDX-License-Identifier: MIT
 * The value of a condition must have the type of its column. */
#include "todo.furrow.h"

void find(furrow_session *s);

void find(furrow_session *s)
{
    struct todo_list found;
    todo_find(s, &found, .where = {furrow_eq(TODO.id, "1")});
}
