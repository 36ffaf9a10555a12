/* SPDX-License-Identifier: MIT
 * Must not compile: a call to `get` with one value for a key that has two columns.
 * Error: arguments */
#include "../blog.furrow.h"

furrow_status refuse(furrow_session *s, struct post_tag **row);
furrow_status refuse(furrow_session *s, struct post_tag **row)
{
    return post_tag_get(s, row, 1);
}
