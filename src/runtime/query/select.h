/* SPDX-License-Identifier: MIT
 *
 * The SELECT that finds, pages and streams have in common.
 */
#ifndef FURROW_RUNTIME_QUERY_SELECT_H
#define FURROW_RUNTIME_QUERY_SELECT_H

#include "runtime/session/session.h"

/* Returns the SELECT of a find. It borrows the arrays of the options. */
furrow__select furrow__select_of(const furrow_model *model, const struct furrow_find_options *o);
/* Renders a SELECT into *sql, whose text the caller frees. A failure is kept in the session. */
furrow_status furrow__render_select(furrow_session *s, furrow__sql *sql,
                                    const furrow__select *select);

#endif
