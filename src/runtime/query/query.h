/* SPDX-License-Identifier: MIT
 * What finds and streams share. */
#ifndef FURROW_RUNTIME_QUERY_QUERY_H
#define FURROW_RUNTIME_QUERY_QUERY_H

#include "runtime/session/session.h"

/* The options' arrays are borrowed. */
furrow__select furrow__select_of(const furrow_model *model, const struct furrow_find_options *o);
/* Render into *sql, whose text the caller frees; a failure is kept. */
furrow_status furrow__render_select(furrow_session *s, furrow__sql *sql,
                                    const furrow__select *select);

/* Check `.with`, all slots, before anything is sent; a failure is kept. */
furrow_status furrow__check_with(furrow_session *s, const furrow_model *model,
                                 const furrow_path *paths, size_t slots);

#endif
