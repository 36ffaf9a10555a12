/* SPDX-License-Identifier: MIT
 * Must not compile: text joined to a literal, which some macros let through.
 * Error: expected */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, const char *from_user);
furrow_status refuse(furrow_session *s, const char *from_user)
{
    return furrow_exec(s, "SELECT 1" from_user "");
}
