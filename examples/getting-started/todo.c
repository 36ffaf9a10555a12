/* SPDX-License-Identifier: MIT
 * A list of tasks: todo [URL [TITLE]] adds a task and prints those that are not done. */
#include <inttypes.h>
#include <stdio.h>

#include "todo.furrow.h"

static void print_error(const furrow_error *error)
{
    fprintf(stderr, "todo: %s\n", error->message);
    if (error->hint[0])
        fprintf(stderr, "help: %s\n", error->hint);
}

static void add_and_print(furrow_session *s, const char *title)
{
    struct todo row = {.title = title};
    todo_insert(s, &row);

    struct todo_list open;
    todo_find(s, &open, .where = {furrow_eq(TODO.done, false)}, .order_by = {furrow_asc(TODO.id)});
    furrow_each (struct todo, t, open)
        printf("[%" PRId64 "] %s\n", t->id, t->title);
}

int main(int argc, char **argv)
{
    const char *url = argc > 1 ? argv[1] : "sqlite:///todo.db";
    furrow_engine *engine;
    furrow_error error;
    if (furrow_engine_open(&engine, url, &error) != FURROW_OK) {
        print_error(&error);
        return 1;
    }

    furrow_session *s = furrow_session_open(engine);
    furrow_create_all(s, &todo_schema);
    add_and_print(s, argc > 2 ? argv[2] : "learn SQL");
    int failed = furrow_commit(s) != FURROW_OK;
    if (failed)
        print_error(furrow_session_error(s));

    furrow_session_close(s);
    furrow_engine_close(engine);
    return failed;
}
