/* SPDX-License-Identifier: MIT
 * Must not compile: a call to `get` with named arguments, which furrow 0.1 allowed.
 * Error: expected expression */
#include "../blog.furrow.h"

furrow_status refuse(furrow_session *s, struct author **row);
furrow_status refuse(furrow_session *s, struct author **row)
{
    return author_get(s, row, 1, .with = {furrow_load(AUTHOR.posts)});
}
