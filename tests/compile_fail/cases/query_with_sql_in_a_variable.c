/* SPDX-License-Identifier: MIT
 * Must not compile: a query of a model whose SQL is not a literal.
 * Error: expected string literal */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, struct todo_list *rows, const char *sql);
furrow_status refuse(furrow_session *s, struct todo_list *rows, const char *sql)
{
    return todo_query(s, rows, sql);
}
