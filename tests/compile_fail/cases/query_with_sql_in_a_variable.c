/* SPDX-License-Identifier: MIT
 * Must not compile: a query that fills structs of a model, with SQL that is not a literal.
 * Error: expected string literal */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, struct todo_list *rows, const char *sql);
furrow_status refuse(furrow_session *s, struct todo_list *rows, const char *sql)
{
    return todo_query(s, rows, sql);
}
