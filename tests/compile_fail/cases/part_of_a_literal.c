/* SPDX-License-Identifier: MIT
 * Must not compile: SQL that is a pointer into a literal.
 * Error: expected */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, int n);
furrow_status refuse(furrow_session *s, int n)
{
    return furrow_exec(s, "SELECT 1" + n);
}
