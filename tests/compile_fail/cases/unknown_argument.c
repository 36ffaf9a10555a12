/* SPDX-License-Identifier: MIT
 * Must not compile: a named argument that the function does not have (wher).
 * Error: wher */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, struct todo_list *out);
furrow_status refuse(furrow_session *s, struct todo_list *out)
{
    return todo_find(s, out, .wher = {furrow_eq(TODO.id, 1)});
}
