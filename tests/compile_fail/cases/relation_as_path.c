/* SPDX-License-Identifier: MIT
 * Must not compile: a relationship where a path is expected.
 * Error: incompatible type */
#include "../blog.furrow.h"

furrow_status refuse(furrow_session *s, struct author_list *out);
furrow_status refuse(furrow_session *s, struct author_list *out)
{
    return author_find(s, out, .with = {AUTHOR.posts});
}
