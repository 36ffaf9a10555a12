/* SPDX-License-Identifier: MIT
 * Must not compile: SQL in an array, which a program can change.
 * Error: expected string literal */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, char *text);
furrow_status refuse(furrow_session *s, char *text)
{
    return furrow_query(s, NULL, (char[]){"SELECT 1"}) + (text == 0);
}
