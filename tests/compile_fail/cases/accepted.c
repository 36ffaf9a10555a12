/* SPDX-License-Identifier: MIT
 * Correct uses of the functions that the other files in this folder misuse. These uses must compile
 * without a warning.
 */
#include "../todo.furrow.h"

furrow_status accept(furrow_session *s, struct todo_list *out, const char *from_user);
furrow_status accept(furrow_session *s, struct todo_list *out, const char *from_user)
{
    int64_t n = 0;
    const int64_t ids[] = {1, 2, 3};
    furrow_rows *rows = NULL;

    furrow_exec(s, "SELECT 1");
    furrow_exec(s, "DELETE FROM todo WHERE title = ?", from_user);
    furrow_query(s, &rows,
                 "SELECT "
                 "1");
    todo_find(s, out, .where = {furrow_eq(TODO.completed, out != NULL)});
    todo_find(s, out,
              .where = {furrow_lt(TODO.id, 1), furrow_eq(TODO.title, "1"),
                        furrow_like(TODO.title, "1%"), furrow_in(TODO.id, ids, 3),
                        furrow_eq_column(TODO.title, TODO.description)});
    todo_find(s, out, .order_by = {furrow_asc(TODO.title)});
    todo_update_where(s, .set = {furrow_set(TODO.completed, true)}, .all_rows = true);
    todo_update_where(s, .set = {furrow_increment(TODO.id, 1)},
                      .where = {furrow_eq(TODO.id, ids[0])});
    return todo_sum(s, &n, TODO.id);
}
