/* SPDX-License-Identifier: MIT
 * Adds a task to a list, and prints the list: todo [URL [TITLE]] */
#include <inttypes.h>
#include <stdio.h>

#include "todo.furrow.h"

static void add(furrow_session *s, const char *title)
{
    struct todo row = {.title = title};
    todo_insert(s, &row);
}

static void print_open(furrow_session *s)
{
    struct todo_list open = {0};
    todo_find(s, &open, .where = {furrow_eq(TODO.done, false)}, .order_by = {furrow_asc(TODO.id)});
    furrow_each (struct todo, t, open)
        printf("[%" PRId64 "] %s\n", t->id, t->title);
}

int main(int argc, char **argv)
{
    furrow_engine *engine;
    furrow_error error;
    if (furrow_engine_open(&engine, argc > 1 ? argv[1] : "sqlite:///todo.db", &error) !=
        FURROW_OK) {
        fprintf(stderr, "todo: %s\n", error.message);
        return 1;
    }
    furrow_session *s = furrow_session_open(engine);
    furrow_create_all(s, &todo_schema);
    add(s, argc > 2 ? argv[2] : "learn SQL");
    print_open(s);
    int failed = furrow_commit(s) != FURROW_OK;
    if (failed)
        fprintf(stderr, "todo: %s\n", furrow_session_error(s)->message);
    furrow_session_close(s);
    furrow_engine_close(engine);
    return failed;
}
