/* SPDX-License-Identifier: MIT
 *
 * Loads related rows, or counts them. */
#include "evaluate.h"
#include "expect.h"
#include "verbs.h"

#include <string.h>

/* Returns the related rows in the member of a row. A pointer is stored in `single`. */
static row_list related_rows(const built *b, const void *row, void **single)
{
    row_list list = {0};
    const char *member = (const char *)row + RELATION_OFFSET;
    if (b->relation.kind == FURROW_RELATION_TO_MANY) {
        memcpy(&list, member, sizeof list);
        return list;
    }
    memcpy((void *)single, member, sizeof *single);
    return (row_list){.items = single, .count = *single != NULL};
}

/* Appends a row, and the rows that are related to it. */
static void add_loaded(runner *r, const step *s, text *out, const void *row)
{
    void *single, *back;
    row_list related = related_rows(r->b, row, &single);
    row_describe(r, out, r->b, row);
    for (size_t i = 0; i < related.count; i++) {
        text_add(out, "    ");
        row_describe(r, out, r->b->other, related.items[i]);
        if (!s->back)
            continue;
        row_list again = related_rows(r->b->other, related.items[i], &back);
        for (size_t n = 0; n < again.count; n++) {
            text_add(out, "        %s ", again.items[n] == row ? "the row itself:" : "");
            row_describe(r, out, r->b, again.items[n]);
        }
    }
}

/* Finds the rows that must be loaded for a row. */
static size_t choose_related(table *t, const query *q, const char *row, char *out[MAX_EXPECTED])
{
    char *chosen[MAX_EXPECTED];
    query ordered = *q;
    size_t count = choose_rows(t->other, q, chosen), related = 0;
    for (uint16_t i = 0; i < t->other->b->model.primary_key_count && !q->order_count; i++)
        ordered.orders[ordered.order_count++] = (sorting){.column = i};
    if (!q->order_count)
        count = choose_rows(t->other, &ordered, chosen);
    for (size_t i = 0; i < count; i++)
        if (is_related(t, row, chosen[i]) && (!q->limit || related < (size_t)q->limit))
            out[related++] = chosen[i];
    return related;
}

/* Appends what add_loaded must append for a row in memory. */
static void add_expected(runner *r, const step *s, text *out, const char *row)
{
    static const query all;
    char *related[MAX_EXPECTED], *back[MAX_EXPECTED];
    table *t = r->table;
    size_t count = choose_related(t, &s->related, row, related);
    row_describe(r, out, r->b, row);
    for (size_t i = 0; i < count; i++) {
        text_add(out, "    ");
        row_describe(r, out, r->b->other, related[i]);
        size_t again = s->back ? choose_related(t->other, &all, related[i], back) : 0;
        for (size_t n = 0; n < again; n++) {
            text_add(out, "        %s ", back[n] == row ? "the row itself:" : "");
            row_describe(r, out, r->b, back[n]);
        }
    }
}

static size_t choose_page(runner *r, const step *s, char *chosen[MAX_EXPECTED])
{
    const query *q = &s->query;
    size_t count = choose_rows(r->table, q, chosen), offset = (size_t)q->offset;
    count = count > offset ? count - offset : 0;
    memmove(chosen, chosen + offset, count * sizeof *chosen);
    return q->limit && count > (size_t)q->limit ? (size_t)q->limit : count;
}

static void expect_loaded(runner *r, const step *s, const text *got)
{
    char *chosen[MAX_EXPECTED];
    text expected = {0};
    size_t count = choose_page(r, s, chosen);
    text_add(&expected, "%s", "");
    for (size_t i = 0; i < count; i++)
        if (s->loading == COUNT_RELATED) {
            char *related[MAX_EXPECTED];
            query unlimited = s->related;
            unlimited.limit = 0;
            text_add(&expected, "%zu related\n",
                     choose_related(r->table, &unlimited, chosen[i], related));
        } else {
            add_expected(r, s, &expected, chosen[i]);
        }
    expect_text(r, "load", got, &expected);
    text_free(&expected);
}

/* Loads the relationship of each row of a result. */
static furrow_status load_rows(runner *r, const step *s, const row_list *rows,
                               const furrow_path *path)
{
    furrow_path_list paths = {path, 1};
    if (s->loading == LOAD_LATER)
        return furrow_rows_load(r->s, &r->b->model, rows->items, rows->count, paths);
    for (size_t i = 0; i < rows->count && s->loading == LOAD_EACH; i++)
        furrow_relation_load(r->s, &r->b->relation, rows->items[i]);
    return furrow_session_status(r->s);
}

static furrow_status load_list(runner *r, const step *s, struct furrow_find_options *o,
                               const furrow_path *path, text *out)
{
    row_list list = {0};
    o->out = &list;
    furrow_status status = furrow_model_find(&r->b->model, sizeof *o, o);
    if (status == FURROW_OK)
        status = load_rows(r, s, &list, path);
    for (size_t i = 0; i < list.count && status == FURROW_OK; i++)
        add_loaded(r, s, out, list.items[i]);
    return status;
}

static furrow_status load_stream(runner *r, const step *s, struct furrow_find_options *o, text *out)
{
    furrow_cursor *cursor = NULL;
    const void *row;
    o->out = (void *)&cursor;
    furrow_status status = furrow_model_stream(&r->b->model, sizeof *o, o);
    while (status == FURROW_OK && (row = furrow_cursor_next(cursor)))
        add_loaded(r, s, out, row);
    furrow_cursor_close(cursor);
    return status == FURROW_OK ? furrow_session_status(r->s) : status;
}

static furrow_status count_related(runner *r, const step *s, struct furrow_find_options *o,
                                   text *out)
{
    arrays a;
    row_list list = {0};
    int64_t counts[MAX_EXPECTED] = {0};
    struct furrow_relation_count_options c = {.s = r->s, .rows = &list, .out = counts};
    o->out = &list;
    options_where(r->b->other, &s->related, &a, c.where);
    furrow_status status = furrow_model_find(&r->b->model, sizeof *o, o);
    if (status == FURROW_OK)
        status = furrow_relation_count(&r->b->relation, sizeof c, &c);
    for (size_t i = 0; i < list.count && status == FURROW_OK; i++)
        text_add(out, "%lld related\n", (long long)counts[i]);
    return status;
}

furrow_status load(runner *r, const step *s, text *out)
{
    arrays a, b;
    text loaded = {0};
    struct furrow_find_options o;
    furrow_path path = {.steps = {{&r->b->relation}}, .limit = s->related.limit};
    find_options(r, s, &a, &o);
    options_where(r->b->other, &s->related, &b, path.where);
    options_order(r->b->other, &s->related, path.order_by);
    if (s->back)
        path.steps[1].relation = &r->b->other->relation;
    if (s->loading == WITH || s->loading == WITH_STREAM)
        o.with[0] = path;
    text_add(&loaded, "%s", "");
    furrow_status status = s->loading == WITH_STREAM     ? load_stream(r, s, &o, &loaded)
                           : s->loading == COUNT_RELATED ? count_related(r, s, &o, &loaded)
                                                         : load_list(r, s, &o, &path, &loaded);
    add_status(r, out, "load", status);
    text_add(out, "%s", loaded.bytes);
    if (!is_refused(r->b->other, &s->related))
        expect_valid(r, s, "load", status);
    if (status == FURROW_OK)
        expect_loaded(r, s, &loaded);
    text_free(&loaded);
    return status;
}
