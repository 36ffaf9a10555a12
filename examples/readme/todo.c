/* SPDX-License-Identifier: MIT
 * Adds a task, and prints all that are not done. */
#include <inttypes.h>
#include <stdio.h>

#include "todo.furrow.h"

int main(void)
{
    furrow_engine *engine;
    furrow_error error;
    if (furrow_engine_open(&engine, "sqlite:///todo.db", &error) != FURROW_OK) {
        fprintf(stderr, "todo: %s\n", error.message);
        return 1;
    }
    furrow_session *s = furrow_session_open(engine);
    furrow_create_all(s, &todo_schema);

    struct todo learn = {.title = "Learn SQL"};
    todo_insert(s, &learn);

    struct todo_list open;
    todo_find(s, &open, .where = {furrow_eq(TODO.done, false)}, .order_by = {furrow_asc(TODO.id)});
    furrow_each (struct todo, t, open)
        printf("[%" PRId64 "] %s\n", t->id, t->title);

    furrow_status status = furrow_commit(s); /* the first failure of the calls above, if any */
    if (status != FURROW_OK)
        fprintf(stderr, "todo: %s\n", furrow_session_error(s)->message);
    furrow_session_close(s);
    furrow_engine_close(engine);
    return status != FURROW_OK;
}
