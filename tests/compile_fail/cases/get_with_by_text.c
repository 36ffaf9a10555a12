/* SPDX-License-Identifier: MIT
 * Must not compile: a call to `get_with` with text for an integer key.
 * Error: furrow_value_does_not_fit_column */
#include "../blog.furrow.h"

furrow_status refuse(furrow_session *s, struct author **row);
furrow_status refuse(furrow_session *s, struct author **row)
{
    return author_get_with(s, row, "1", furrow_load(AUTHOR.posts));
}
