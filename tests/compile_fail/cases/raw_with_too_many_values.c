/* SPDX-License-Identifier: MIT
 * Must not compile: a raw statement with 33 values.
 * Error: a raw statement takes at most 32 values */
#include "../blog.furrow.h"

furrow_status refuse(furrow_session *s, struct author **row, struct author_list *list);
furrow_status refuse(furrow_session *s, struct author **row, struct author_list *list)
{
    (void)s, (void)row, (void)list;
    return furrow_exec(s, "SELECT 1", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,
                       19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33);
}
