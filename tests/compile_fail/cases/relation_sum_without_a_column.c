/* SPDX-License-Identifier: MIT
 * Must not compile: a sum for each row that does not name the column to sum.
 * Error: furrow_required_argument_is_missing */
#include "../blog.furrow.h"

furrow_status refuse(furrow_session *s, const struct author_list *authors, int64_t *sums);
furrow_status refuse(furrow_session *s, const struct author_list *authors, int64_t *sums)
{
    return author_posts_sum(s, authors, sums);
}
