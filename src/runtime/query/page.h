/* SPDX-License-Identifier: MIT
 * Keyset pages (page.c) and the text of their cursors (page_cursor.c). */
#ifndef FURROW_RUNTIME_QUERY_PAGE_H
#define FURROW_RUNTIME_QUERY_PAGE_H

#include "runtime/session/session.h"

enum { FURROW__MAX_CURSOR_SIZE = 1 << 16 }; /* bytes of a cursor, before they are written as text */

/* A page that was asked for: its whole order, and the position that its cursor holds. */
typedef struct furrow__page {
    const furrow_model *model;
    furrow__page_part part;
    furrow_ordering order[FURROW__MAX_KEYSET];
    size_t count;
    furrow_value position[FURROW__MAX_KEYSET];
} furrow__page;

/* A position as text, in the session's arena. A failure is kept. */
furrow_status furrow__page_encode(furrow_session *s, const furrow__page *page,
                                  const furrow_value *position, bool inclusive, const char **out);
/* The position in a cursor into page->position; its texts are in scratch memory. FURROW_INVALID,
 * kept, for one that this engine has not made, or not for this order. */
furrow_status furrow__page_decode(furrow_session *s, furrow__page *page, const char *cursor);

/* Whether options ask for a page. */
static inline bool furrow__is_page(const struct furrow_find_options *o)
{
    return o->page_size || o->after || o->before || o->page;
}
/* Render a find or, into *page, a page. A failure is kept. */
furrow_status furrow__render_find(furrow_session *s, furrow__sql *sql, const furrow_model *model,
                                  const struct furrow_find_options *o, furrow__page *page);
/* Find a page: its rows as a list, its cursors into *o->page. A failure is kept. */
furrow_status furrow__find_page(const furrow_model *model, const struct furrow_find_options *o,
                                void *list);
/* FURROW_INVALID, kept, if options of a verb that does not go by pages ask for one. */
furrow_status furrow__page_refuse(furrow_session *s, const furrow_model *model,
                                  const struct furrow_find_options *o, const char *verb);

#endif
