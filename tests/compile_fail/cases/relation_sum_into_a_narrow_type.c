/* SPDX-License-Identifier: MIT
 * Must not compile: an array of int32_t for sums of integers.
 * Error: furrow_result_does_not_fit_column */
#include "../blog.furrow.h"

furrow_status refuse(furrow_session *s, const struct author_list *authors, int32_t *sums);
furrow_status refuse(furrow_session *s, const struct author_list *authors, int32_t *sums)
{
    return author_posts_sum(s, authors, sums, POST.id);
}
