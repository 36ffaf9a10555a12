/* SPDX-License-Identifier: MIT
 *
 * Keyset pages (page.c), and the text of their cursors (page_cursor.c). */
#ifndef FURROW_RUNTIME_QUERY_PAGE_H
#define FURROW_RUNTIME_QUERY_PAGE_H

#include "runtime/session/session.h"

enum { FURROW__MAX_CURSOR_SIZE = 1 << 16 }; /* bytes of a cursor before it is encoded as text */

/* A page: its complete order, and the position that its cursor holds. */
typedef struct furrow__page {
    const furrow_model *model;
    furrow__page_part part;
    furrow_ordering order[FURROW__MAX_KEYSET];
    size_t count;
    furrow_value position[FURROW__MAX_KEYSET];
} furrow__page;

/* Writes a position as text into the session's arena. A failure is kept in the session. */
furrow_status furrow__page_encode(furrow_session *s, const furrow__page *page,
                                  const furrow_value *position, bool inclusive, const char **out);
/* Reads a cursor into page->position, whose texts are in scratch memory. A cursor that this engine
 * did not make, or that was made for another order, is FURROW_INVALID; the failure is kept in the
 * session. */
furrow_status furrow__page_decode(furrow_session *s, furrow__page *page, const char *cursor);

/* Returns whether the options ask for a page. */
static inline bool furrow__is_page(const struct furrow_find_options *o)
{
    return o->page_size || o->after || o->before || o->page;
}
/* Renders a find or, if the options ask for it, a page, which is then described by *page. A failure
 * is kept in the session. */
furrow_status furrow__render_find(furrow_session *s, furrow__sql *sql, const furrow_model *model,
                                  const struct furrow_find_options *o, furrow__page *page);
/* Finds a page: writes its rows as a list, and its cursors into *o->page. A failure is kept in the
 * session. */
furrow_status furrow__find_page(const furrow_model *model, const struct furrow_find_options *o,
                                void *list);
/* Returns FURROW_INVALID, and keeps the failure, if the options of a verb without pages ask for a
 * page. */
furrow_status furrow__page_refuse(furrow_session *s, const furrow_model *model,
                                  const struct furrow_find_options *o, const char *verb);

#endif
