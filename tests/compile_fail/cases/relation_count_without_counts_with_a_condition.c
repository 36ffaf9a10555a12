/* SPDX-License-Identifier: MIT
 * Must not compile: a condition in place of the array for the counts of related rows.
 * Error: a required argument is missing */
#include "../blog.furrow.h"

furrow_status refuse(furrow_session *s, const struct author_list *authors);
furrow_status refuse(furrow_session *s, const struct author_list *authors)
{
    return author_posts_count(s, authors, .where = {furrow_eq(POST.id, 1)});
}
