/* SPDX-License-Identifier: MIT
 * Must not compile: a plan without a pointer to receive it.
 * Error: a required argument is missing */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s);
furrow_status refuse(furrow_session *s)
{
    return todo_explain(s);
}
