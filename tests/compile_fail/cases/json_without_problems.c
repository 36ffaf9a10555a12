/* SPDX-License-Identifier: MIT
 * Must not compile: `from_json` without a variable for the problems.
 * Error: furrow_required_argument_is_missing */
#include "../todo.furrow.h"

furrow_status refuse(furrow_session *s, const char *text);
furrow_status refuse(furrow_session *s, const char *text)
{
    struct todo *todo;
    return todo_from_json(s, &todo, text, 2);
}
