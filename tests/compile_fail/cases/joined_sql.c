/* SPDX-License-Identifier: MIT
 * Must not compile: SQL that is a variable joined to literals, which some macros accept.
 * Error: expected */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, const char *from_user);
furrow_status refuse(furrow_session *s, const char *from_user)
{
    return furrow_exec(s, "SELECT 1" from_user "");
}
