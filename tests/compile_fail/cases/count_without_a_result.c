/* SPDX-License-Identifier: MIT
 * Must not compile: a call to `count` without a variable for the result.
 * Error: a required argument is missing */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s);
furrow_status refuse(furrow_session *s)
{
    return todo_count(s);
}
