/* SPDX-License-Identifier: MIT
 * Must not compile: a struct as a bound value.
 * Error: furrow_value_has_no_sql_type */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, struct todo *t);
furrow_status refuse(furrow_session *s, struct todo *t)
{
    return furrow_exec(s, "SELECT ?", *t);
}
