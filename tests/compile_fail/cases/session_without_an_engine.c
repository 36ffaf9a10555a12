/* SPDX-License-Identifier: MIT
 * Must not compile: a session without an engine.
 * Error: expected expression */
#include "../blog.furrow.h"

furrow_status refuse(furrow_session *s, struct author **row, struct author_list *list);
furrow_status refuse(furrow_session *s, struct author **row, struct author_list *list)
{
    (void)s, (void)row, (void)list;
    return furrow_session_open(.read_only = true) == NULL;
}
