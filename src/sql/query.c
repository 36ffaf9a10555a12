/* SPDX-License-Identifier: MIT
 * Builds SELECT statements that return rows, count rows, test whether a row exists, or compute an
 * aggregate. */
#include "base/text.h"
#include "schema/type.h"
#include "sql/parts.h"

#define ADD(out, text) furrow__buffer_add((out), (text), sizeof(text) - 1)

static bool is_ordered(const furrow_column *column)
{
    return furrow__type_is_number(column->type) || column->type == FURROW_TYPE_TEXT ||
           column->type == FURROW_TYPE_CHARS || column->type == FURROW_TYPE_TIME ||
           column->type == FURROW_TYPE_DATE || column->type == FURROW_TYPE_ENUM;
}

static furrow_status write_aggregate(furrow__writer *w, const furrow__select *select)
{
    static const char *const words[] = {
        [FURROW_AGGREGATE_SUM] = "the sum of",
        [FURROW_AGGREGATE_MIN] = "the minimum of",
        [FURROW_AGGREGATE_MAX] = "the maximum of",
        [FURROW_AGGREGATE_AVG] = "the average of",
    };
    furrow_aggregate which = select->aggregate;
    if (which < FURROW_AGGREGATE_SUM || which > FURROW_AGGREGATE_AVG)
        return furrow__fail(w->error, FURROW_INVALID, "no such aggregate: %d", (int)which);
    furrow_status status = furrow__check_stored(select->column, w->model, words[which], w->error);
    if (status != FURROW_OK)
        return status;
    bool least_or_greatest = which == FURROW_AGGREGATE_MIN || which == FURROW_AGGREGATE_MAX;
    if (!(least_or_greatest ? is_ordered(select->column)
                            : furrow__type_is_number(select->column->type)))
        return furrow__fail_column(w->error, FURROW_INVALID, select->column,
                                   least_or_greatest ? "has a type that cannot be ordered"
                                                     : "is not a number");
    furrow__place place = furrow__place_of(select->column, w->alias);
    if (select->column->type == FURROW_TYPE_ENUM)
        status = furrow__enum_value_place(w, &place);
    if (status == FURROW_OK)
        w->dialect->aggregate(&w->sql->text, which, place);
    return status;
}

static furrow_status write_what(furrow__writer *w, const furrow__select *select)
{
    furrow__buffer *out = &w->sql->text;
    ADD(out, "SELECT ");
    switch (select->what) {
    case FURROW__SELECT_ROWS:
        furrow__write_all_columns(out, w->model, w->alias);
        return FURROW_OK;
    case FURROW__SELECT_COUNT:
        ADD(out, "count(*)");
        return FURROW_OK;
    case FURROW__SELECT_EXISTS:
        ADD(out, "EXISTS (SELECT 1");
        return FURROW_OK;
    case FURROW__SELECT_AGGREGATE:
        break;
    }
    return write_aggregate(w, select);
}

static furrow_status write_order(furrow__writer *w, const furrow_ordering *order, size_t count,
                                 bool by_key, bool first)
{
    furrow__term term;
    if (count && !furrow__is_empty_ordering(&order[count - 1]))
        return furrow__fail(w->error, FURROW_INVALID,
                            "more than %zu columns to order by in a query of model \"%s\"",
                            count - 1, w->model->name);
    for (size_t i = 0; i < count; i++) {
        if (furrow__is_empty_ordering(&order[i]))
            continue;
        furrow_status status = furrow__find_term(w, &order[i], w->alias, &term);
        if (status != FURROW_OK)
            return status;
        furrow__buffer_add_text(&w->sql->text, first ? " ORDER BY " : ", ");
        furrow__write_term(w, &term, false);
        first = false;
    }
    for (size_t i = 0; by_key && i < w->model->primary_key_count; i++) {
        const furrow_column *key = &w->model->columns[w->model->primary_key[i]];
        term = (furrow__term){.place = furrow__place_of(key, w->alias)};
        furrow__buffer_add_text(&w->sql->text, first ? " ORDER BY " : ", ");
        furrow__write_term(w, &term, false);
        first = false;
    }
    return FURROW_OK;
}

furrow_status furrow__write_order(furrow__writer *w, const furrow_ordering *order, size_t count,
                                  bool by_key)
{
    return write_order(w, order, count, by_key, true);
}

furrow_status furrow__write_order_within(furrow__writer *w, const furrow__place *group,
                                         size_t group_count, const furrow_ordering *order,
                                         size_t count)
{
    for (size_t i = 0; i < group_count; i++) {
        furrow__buffer_add_text(&w->sql->text, i ? ", " : " ORDER BY ");
        furrow__write_place(&w->sql->text, group[i]);
    }
    return write_order(w, order, count, true, !group_count);
}

static furrow_status write_range(furrow__writer *w, int64_t limit, int64_t offset)
{
    furrow__buffer *out = &w->sql->text;
    if (limit < 0 || offset < 0)
        return furrow__fail(w->error, FURROW_INVALID, "%s is negative in a query of model \"%s\"",
                            limit < 0 ? "limit" : "offset", w->model->name);
    furrow_status status = FURROW_OK;
    if (limit) {
        ADD(out, " LIMIT ");
        furrow_value value = furrow_value_integer_(limit);
        status = furrow__bind_write(w, NULL, &value);
    } else if (offset && w->dialect->needs_limit) {
        ADD(out, " LIMIT -1");
    }
    if (status == FURROW_OK && offset) {
        ADD(out, " OFFSET ");
        furrow_value value = furrow_value_integer_(offset);
        status = furrow__bind_write(w, NULL, &value);
    }
    return status;
}

static furrow_status write_lock(furrow__writer *w, furrow_lock lock, furrow_if_locked if_locked)
{
    if ((unsigned)lock > FURROW_LOCK_FOR_UPDATE)
        return furrow__fail(w->error, FURROW_INVALID, "no such lock: %d", (int)lock);
    if ((unsigned)if_locked > FURROW_IF_LOCKED_FAIL)
        return furrow__fail(w->error, FURROW_INVALID, "no such if_locked: %d", (int)if_locked);
    if (if_locked && !lock)
        return furrow__fail(w->error, FURROW_INVALID, "if_locked needs a lock");
    if (!lock || !w->dialect->has_row_locks)
        return FURROW_OK;
    furrow__buffer *out = &w->sql->text;
    ADD(out, " FOR UPDATE");
    if (if_locked == FURROW_IF_LOCKED_SKIP)
        ADD(out, " SKIP LOCKED");
    else if (if_locked == FURROW_IF_LOCKED_FAIL)
        ADD(out, " NOWAIT");
    return FURROW_OK;
}

furrow_status furrow__sql_select(furrow__sql *sql, const furrow__dialect *dialect,
                                 const furrow__select *select, furrow_error *error)
{
    furrow__writer w = furrow__writer_start(sql, dialect, select->model, error);
    if (furrow__conditions_have_relation(select->where, select->where_count) ||
        furrow__orders_have_relation(select->order_by, select->order_count))
        w.alias = FURROW__ALIAS_TARGET;
    furrow__page_terms page;
    furrow_status status = select->page ? furrow__page_find(&w, select, &page) : FURROW_OK;
    if (status == FURROW_OK)
        status = write_what(&w, select);
    if (status != FURROW_OK)
        return status;
    if (select->page)
        furrow__page_write_columns(&w, &page);
    ADD(&sql->text, " FROM ");
    furrow__write_table_as(&sql->text, dialect, select->model, w.alias);
    size_t found;
    status = furrow__write_where(&w, select->where, select->where_count, &found);
    if (status == FURROW_OK && select->page) {
        status = furrow__page_write(&w, select->page, &page, found > 0);
        if (status == FURROW_OK)
            status = write_lock(&w, select->lock, select->if_locked);
    } else if (status == FURROW_OK && select->what == FURROW__SELECT_ROWS) {
        status = furrow__write_order(&w, select->order_by, select->order_count, false);
        if (status == FURROW_OK)
            status = write_range(&w, select->limit, select->offset);
        if (status == FURROW_OK)
            status = write_lock(&w, select->lock, select->if_locked);
    }
    if (status != FURROW_OK)
        return status;
    if (select->what == FURROW__SELECT_EXISTS)
        ADD(&sql->text, ")");
    return furrow__writer_end(&w);
}
