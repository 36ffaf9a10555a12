/* SPDX-License-Identifier: MIT
 * Must not compile: a call that counts related rows, without an array for the counts.
 * Error: a required argument is missing */
#include "../blog.furrow.h"

furrow_status refuse(furrow_session *s, const struct author_list *authors);
furrow_status refuse(furrow_session *s, const struct author_list *authors)
{
    return author_posts_count(s, authors);
}
