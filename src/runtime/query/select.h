/* SPDX-License-Identifier: MIT
 *
 * The SELECT statements of finds, pages and streams.
 */
#ifndef FURROW_RUNTIME_QUERY_SELECT_H
#define FURROW_RUNTIME_QUERY_SELECT_H

#include "runtime/session/session.h"

/* Makes the SELECT of a find. The SELECT borrows the arrays of the options. */
furrow__select furrow__select_of(const furrow_model *model, const struct furrow_find_options *o);
/* Renders a SELECT into *sql, whose text the caller must free. Keeps a failure in the session. */
furrow_status furrow__render_select(furrow_session *s, furrow__sql *sql,
                                    const furrow__select *select);

#endif
