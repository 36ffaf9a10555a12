/* SPDX-License-Identifier: MIT
 * Must not compile: a get_with (a get that also loads relationships) with text for an integer key.
 * Error: furrow_value_does_not_fit_column */
#include "../blog.furrow.h"

furrow_status refuse(furrow_session *s, struct author **row);
furrow_status refuse(furrow_session *s, struct author **row)
{
    return author_get_with(s, row, "1", furrow_load(AUTHOR.posts));
}
