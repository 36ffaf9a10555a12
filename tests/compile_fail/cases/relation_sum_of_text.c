/* SPDX-License-Identifier: MIT
 * Must not compile: the sums of a text column, one for each parent row.
 * Error: furrow_result_does_not_fit_column */
#include "../blog.furrow.h"

furrow_status refuse(furrow_session *s, const struct author_list *authors, int64_t *sums);
furrow_status refuse(furrow_session *s, const struct author_list *authors, int64_t *sums)
{
    return author_posts_sum(s, authors, sums, POST.title);
}
