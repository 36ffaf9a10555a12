/* SPDX-License-Identifier: MIT
 * Must not compile: a call to `get_many` with keys of another model.
 * Error: not compatible with any */
#include "../blog.furrow.h"

furrow_status refuse(furrow_session *s, struct post_tag_list *rows, const int64_t *ids);
furrow_status refuse(furrow_session *s, struct post_tag_list *rows, const int64_t *ids)
{
    return post_tag_get_many(s, rows, ids, 2);
}
