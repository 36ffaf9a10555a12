/* SPDX-License-Identifier: MIT
 * Must not compile: named arguments for get, as before interface 0.2.
 * Error: expected expression */
#include "../blog.furrow.h"

furrow_status refuse(furrow_session *s, struct author **row);
furrow_status refuse(furrow_session *s, struct author **row)
{
    return author_get(s, row, 1, .with = {furrow_load(AUTHOR.posts)});
}
