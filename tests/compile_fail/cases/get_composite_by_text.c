/* SPDX-License-Identifier: MIT
 * Must not compile: a call to `get` with text for an integer column of a composite key.
 * Error: furrow_value_does_not_fit_column */
#include "../blog.furrow.h"

furrow_status refuse(furrow_session *s, struct post_tag **row);
furrow_status refuse(furrow_session *s, struct post_tag **row)
{
    return post_tag_get(s, row, 1, "2");
}
