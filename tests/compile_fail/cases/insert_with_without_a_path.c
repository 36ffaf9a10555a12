/* SPDX-License-Identifier: MIT
 * Must not compile: a call to `insert_with` without a path.
 * Error: a required argument is missing */
#include "../blog.furrow.h"

furrow_status refuse(furrow_session *s, struct author **row, struct author_list *list);
furrow_status refuse(furrow_session *s, struct author **row, struct author_list *list)
{
    (void)s, (void)row, (void)list;
    return author_insert_with(s, *row);
}
