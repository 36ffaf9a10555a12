/* SPDX-License-Identifier: MIT
 * Must not compile: SQL in an array, because a program can change the array.
 * Error: expected string literal */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, char *text);
furrow_status refuse(furrow_session *s, char *text)
{
    return furrow_query(s, NULL, (char[]){"SELECT 1"}) + (text == 0);
}
