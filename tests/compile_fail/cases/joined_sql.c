/* SPDX-License-Identifier: MIT
 * Must not compile: SQL with a variable between two literals.
 * Error: expected */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, const char *from_user);
furrow_status refuse(furrow_session *s, const char *from_user)
{
    return furrow_exec(s, "SELECT 1" from_user "");
}
