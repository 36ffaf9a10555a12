/* SPDX-License-Identifier: MIT
 *
 * Converts the options of a find to a SELECT, and renders it.
 */
#include "runtime/query/select.h"

#define SLOTS(array) (sizeof(array) / sizeof *(array))

furrow__select furrow__select_of(const furrow_model *model, const struct furrow_find_options *o)
{
    return (furrow__select){
        .model = model,
        .what = FURROW__SELECT_ROWS,
        .where = o->where,
        .where_count = SLOTS(o->where),
        .order_by = o->order_by,
        .order_count = SLOTS(o->order_by),
        .limit = o->limit,
        .offset = o->offset,
        .lock = o->lock,
        .if_locked = o->if_locked,
    };
}

furrow_status furrow__render_select(furrow_session *s, furrow__sql *sql,
                                    const furrow__select *select)
{
    furrow_error error = {0};
    *sql = (furrow__sql){.arena = &s->scratch};
    s->skips_locked = s->skips_locked || select->if_locked == FURROW_IF_LOCKED_SKIP;
    if (furrow__sql_select(sql, s->dialect, select, &error)) {
        furrow__buffer_done(&sql->text);
        return furrow__session_fail(s, &error);
    }
    return FURROW_OK;
}
