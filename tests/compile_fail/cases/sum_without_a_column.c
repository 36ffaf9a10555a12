/* SPDX-License-Identifier: MIT
 * Must not compile: a sum without a column.
 * Error: furrow_required_argument_is_missing */
#include "../bank.furrow.h"

furrow_status refuse(furrow_session *s, int64_t *sum);
furrow_status refuse(furrow_session *s, int64_t *sum)
{
    return account_sum(s, sum);
}
