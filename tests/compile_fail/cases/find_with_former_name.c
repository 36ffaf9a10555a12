/* SPDX-License-Identifier: MIT
 * Must not compile: a call to `find_using` by its former name.
 * Error: author_find_with is now author_find_using */
#include "../blog.furrow.h"

furrow_status refuse(furrow_session *s, struct author **row, struct author_list *list);
furrow_status refuse(furrow_session *s, struct author **row, struct author_list *list)
{
    (void)s, (void)row, (void)list;
    struct author_find_options o = {.s = s, .out = list};
    return author_find_with(&o);
}
