/* SPDX-License-Identifier: MIT
 * Must not compile: a count for each row without an array of counts.
 * Error: a required argument is missing */
#include "../blog.furrow.h"

furrow_status refuse(furrow_session *s, const struct author_list *authors);
furrow_status refuse(furrow_session *s, const struct author_list *authors)
{
    return author_posts_count(s, authors);
}
