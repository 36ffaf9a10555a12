/* SPDX-License-Identifier: MIT
 * Must not compile: a call to `find` without a list.
 * Error: a required argument is missing */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s);
furrow_status refuse(furrow_session *s)
{
    return todo_find(s);
}
