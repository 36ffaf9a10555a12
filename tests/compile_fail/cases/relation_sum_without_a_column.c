/* SPDX-License-Identifier: MIT
 * Must not compile: a call that sums a column of related rows, without the name of the column.
 * Error: furrow_required_argument_is_missing */
#include "../blog.furrow.h"

furrow_status refuse(furrow_session *s, const struct author_list *authors, int64_t *sums);
furrow_status refuse(furrow_session *s, const struct author_list *authors, int64_t *sums)
{
    return author_posts_sum(s, authors, sums);
}
