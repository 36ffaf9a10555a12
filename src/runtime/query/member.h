/* SPDX-License-Identifier: MIT
 *
 * The struct member in which a relationship stores its rows: a list or a pointer.
 */
#ifndef FURROW_RUNTIME_QUERY_MEMBER_H
#define FURROW_RUNTIME_QUERY_MEMBER_H

#include "runtime/session/results.h"

static inline bool furrow__member_is_list(const furrow_relation *r)
{
    return r->kind == FURROW_RELATION_TO_MANY || r->kind == FURROW_RELATION_THROUGH;
}

static inline furrow__list furrow__member_list(const furrow_relation *r, const void *row)
{
    furrow__list list;
    memcpy(&list, (const char *)row + r->offset, sizeof list);
    return list;
}
static inline void furrow__member_set_list(const furrow_relation *r, void *row,
                                           const furrow__list *list)
{
    memcpy((char *)row + r->offset, list, sizeof *list);
}

static inline void *furrow__member_pointer(const furrow_relation *r, const void *row)
{
    void *target;
    memcpy(&target, (const char *)row + r->offset, sizeof target);
    return target;
}
static inline void furrow__member_set_pointer(const furrow_relation *r, void *row, void *target)
{
    memcpy((char *)row + r->offset, &target, sizeof target);
}

#endif
