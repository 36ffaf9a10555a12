/* SPDX-License-Identifier: MIT
 * Must not compile: a condition on a member that is not a column of the target.
 * Error: no member named */
#include "../blog.furrow.h"

furrow_status refuse(furrow_session *s, const struct author_list *authors, int64_t *counts);
furrow_status refuse(furrow_session *s, const struct author_list *authors, int64_t *counts)
{
    return author_posts_count(s, authors, counts, .where = {furrow_eq(POST.no_column, 1)});
}
