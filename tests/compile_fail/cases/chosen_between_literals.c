/* SPDX-License-Identifier: MIT
 * Must not compile: SQL that `?:` chooses from two literals, with an empty literal before and after
 * this expression.
 * Error: expected */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, int c);
furrow_status refuse(furrow_session *s, int c)
{
    return furrow_exec(s, "" c ? "SELECT 1"
                               : "SELECT 2"
                                 "");
}
