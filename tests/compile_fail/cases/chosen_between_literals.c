/* SPDX-License-Identifier: MIT
 * Must not compile: SQL that `?:` chooses between literals, between two empty literals.
 * Error: expected */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, int c);
furrow_status refuse(furrow_session *s, int c)
{
    return furrow_exec(s, "" c ? "SELECT 1"
                               : "SELECT 2"
                                 "");
}
