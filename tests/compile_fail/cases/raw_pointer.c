/* SPDX-License-Identifier: MIT
 * Must not compile: a bound value that is a pointer but not a string.
 * Error: furrow_value_has_no_sql_type */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, int64_t *id);
furrow_status refuse(furrow_session *s, int64_t *id)
{
    return furrow_exec(s, "DELETE FROM todo WHERE id = ?", id);
}
