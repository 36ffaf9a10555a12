/* SPDX-License-Identifier: MIT
 *
 * Keyset pages (page.c), and cursors as text (page_cursor.c). */
#ifndef FURROW_RUNTIME_QUERY_PAGE_H
#define FURROW_RUNTIME_QUERY_PAGE_H

#include "runtime/session/session.h"

enum {
    FURROW__MAX_CURSOR_SIZE = 1 << 16
}; /* size of a cursor in bytes, before it is encoded as
      text */

/* A page: its complete order, and the position that the cursor contains. */
typedef struct furrow__page {
    const furrow_model *model;
    furrow__page_part part;
    furrow_ordering order[FURROW__MAX_KEYSET];
    size_t count;
    furrow_value position[FURROW__MAX_KEYSET];
} furrow__page;

/* Writes a position as text into the session's arena. Keeps a failure in the session. */
furrow_status furrow__page_encode(furrow_session *s, const furrow__page *page,
                                  const furrow_value *position, bool inclusive, const char **out);
/* Decodes a cursor into page->position, whose strings are in scratch memory. Fails with
 * FURROW_INVALID if another engine made the cursor, or if it was made for another order. Keeps the
 * failure in the session. */
furrow_status furrow__page_decode(furrow_session *s, furrow__page *page, const char *cursor);

/* Returns whether the options ask for a page. */
static inline bool furrow__is_page(const struct furrow_find_options *o)
{
    return o->page_size || o->after || o->before || o->page;
}
/* Renders a find into *sql. If the options ask for a page, renders only that page and describes it
 * in *page. Keeps a failure in the session. */
furrow_status furrow__render_find(furrow_session *s, furrow__sql *sql, const furrow_model *model,
                                  const struct furrow_find_options *o, furrow__page *page);
/* Finds a page: writes its rows as a list, and its cursors into *o->page. Keeps a failure in the
 * session. */
furrow_status furrow__find_page(const furrow_model *model, const struct furrow_find_options *o,
                                void *list);
/* Rejects the page options of a verb that has no pages. If the options ask for a page, keeps a
 * failure in the session and returns FURROW_INVALID. */
furrow_status furrow__page_refuse(furrow_session *s, const furrow_model *model,
                                  const struct furrow_find_options *o, const char *verb);

#endif
