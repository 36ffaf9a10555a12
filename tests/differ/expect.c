/* SPDX-License-Identifier: MIT
 *
 * Compares answers with an evaluation in memory of the whole table. Both engines could give the
 * same wrong answer, for example sort enums by their names. */
#include "evaluate.h"

#include <stdlib.h>
#include <string.h>

row_list all_rows(runner *r)
{
    row_list list = {0};
    struct furrow_find_options o = {.s = r->s, .out = &list};
    for (uint16_t i = 0; i < r->b->model.primary_key_count; i++)
        o.order_by[i] = furrow_order_(&r->b->columns[i], false);
    furrow_model_find(&r->b->model, sizeof o, &o);
    return list;
}

void expectation_free(expectation *e)
{
    for (size_t i = 0; i < e->count; i++)
        text_free(&e->lines[i]);
    e->count = 0;
    e->known = false;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(((const text *)a)->bytes, ((const text *)b)->bytes);
}

/* The library refuses brackets without conditions. */
static bool has_empty_bracket(const built *b, const step *s)
{
    bool empty = false;
    for (size_t i = 0; i < s->where_count; i++) {
        const condition *c = &s->where[i];
        if (c->op >= FURROW_OP_ANY_ && c->op <= FURROW_OP_NOT_)
            empty = true;
        else if (c->op == FURROW_OP_CLOSE_ && empty)
            return true;
        else if (c->op == FURROW_OP_CLOSE_ ||
                 (b->by_number[c->column] &&
                  (c->op < FURROW_OP_EQ_COLUMN_ || b->by_number[c->other])))
            empty = false;
    }
    return false;
}

void expect_query(runner *r, const step *s, expectation *out)
{
    bool known = r->checks && furrow_session_status(r->s) == FURROW_OK;
    *out = (expectation){.known = known && !has_empty_bracket(r->b, s), .ordered = s->total};
    if (!out->known)
        return;
    row_list all = all_rows(r);
    char *chosen[MAX_EXPECTED];
    size_t count = 0;
    for (size_t i = 0; i < all.count && count < MAX_EXPECTED; i++) {
        if (!row_matches(r->b, s, all.items[i]))
            continue;
        size_t at = count++;
        for (; at > 0 && rows_compare(r->b, s, chosen[at - 1], all.items[i]) > 0; at--)
            chosen[at] = chosen[at - 1];
        chosen[at] = all.items[i];
    }
    for (size_t i = (size_t)s->offset; i < count; i++)
        if (s->limit == 0 || out->count < (size_t)s->limit)
            row_describe(r, &out->lines[out->count++], chosen[i]);
    if (!s->total)
        qsort(out->lines, out->count, sizeof out->lines[0], compare_texts);
}

static void complain(runner *r, const char *what, const char *got, const char *expected)
{
    if (r->wrong->length == 0)
        text_add(r->wrong, "%s: got      %s\n%s: expected %s\n", what, got, what, expected);
}

void expect_rows(runner *r, expectation *e, const row_list *rows, bool complete)
{
    text lines[MAX_EXPECTED] = {{0}};
    if (!e->known)
        return;
    for (size_t i = 0; i < rows->count && i < MAX_EXPECTED; i++)
        row_describe(r, &lines[i], rows->items[i]);
    if ((complete && rows->count != e->count) || rows->count > e->count)
        expect_count(r, e, (int64_t)rows->count);
    if (!e->ordered)
        qsort(lines, rows->count, sizeof lines[0], compare_texts);
    for (size_t i = 0; i < rows->count && i < e->count; i++)
        if (strcmp(lines[i].bytes, e->lines[i].bytes) != 0)
            complain(r, "row", lines[i].bytes, e->lines[i].bytes);
    for (size_t i = 0; i < rows->count && i < MAX_EXPECTED; i++)
        text_free(&lines[i]);
}

void expect_count(runner *r, const expectation *e, int64_t count)
{
    char got[32], wanted[32];
    if (!e->known || (uint64_t)count == e->count)
        return;
    snprintf(got, sizeof got, "%lld rows", (long long)count);
    snprintf(wanted, sizeof wanted, "%zu rows", e->count);
    complain(r, "result", got, wanted);
}

void expect_extreme(runner *r, const step *s, const char *described)
{
    const furrow_column *column = r->b->by_number[s->column];
    const char *best = NULL;
    text line = {0};
    if (!r->checks || has_empty_bracket(r->b, s) || furrow_session_status(r->s) != FURROW_OK)
        return;
    row_list all = all_rows(r);
    for (size_t i = 0; i < all.count; i++) {
        const char *row = all.items[i];
        cell value = field_cell(column, row);
        if (value.null || !row_matches(r->b, s, row))
            continue;
        cell so_far = best ? field_cell(column, best) : value;
        int order = cells_compare(column, &value, &so_far);
        if (!best || (s->aggregate == FURROW_AGGREGATE_MIN ? order < 0 : order > 0))
            best = row;
    }
    if (best)
        field_describe(r, &line, column, best + column->offset);
    if (best && strcmp(line.bytes, described) != 0)
        complain(r, "aggregate", described, line.bytes);
    text_free(&line);
}

static bool is_empty(const furrow_column *column, const char *row)
{
    static const char zero[FIELD_SIZE];
    if (column->flags & FURROW_COLUMN_OPT)
        return field_cell(column, row).null;
    return memcmp(row + column->offset, zero, column->size) == 0;
}

/* Whether the upsert keeps the column's stored value; see the table in docs/models.md. */
static bool keeps(const built *b, const step *s, const furrow_column *column, const char *row)
{
    cell value = field_cell(column, row);
    if (column->flags & FURROW_COLUMN_PRIMARY_KEY)
        return true;
    for (int i = 0; i < MAX_COLUMNS; i++)
        if (b->by_number[i] == column && (s->conflict & (UINT32_C(1) << i)))
            return true;
    if (!column->default_ || (column->flags & FURROW_COLUMN_TOUCH))
        return false;
    if (is_now(column) && is_empty(column, row))
        return true;
    return !(column->flags & FURROW_COLUMN_NULLABLE) && value.null;
}

static bool same_key(const built *b, const step *s, const char *x, const char *y)
{
    bool same = true, any = false;
    for (int i = 0; i < MAX_COLUMNS; i++) {
        const furrow_column *c = b->by_number[i];
        if (!c || !(s->conflict ? s->conflict & (UINT32_C(1) << i)
                                : c->flags & FURROW_COLUMN_PRIMARY_KEY))
            continue;
        cell v = field_cell(c, x), w = field_cell(c, y);
        same &= !v.null && !w.null && cells_compare(c, &v, &w) == 0;
        any = true;
    }
    return any && same;
}

/* Removes the values of version and touch columns, which the evaluation does not know, and the sign
 * of zero, which is not stored. */
static void blank(const built *b, char *row)
{
    for (uint16_t i = 0; i < b->model.column_count; i++) {
        const furrow_column *c = &b->columns[i];
        bool real = c->type == FURROW_TYPE_FLOAT || c->type == FURROW_TYPE_DOUBLE;
        if (c->flags & (FURROW_COLUMN_VERSION | FURROW_COLUMN_TOUCH))
            memset(row + c->offset, 0, FIELD_SIZE);
        else if (real && field_cell(c, row).real == 0)
            memset(row + c->offset, 0, c->size);
    }
}

void expect_upsert(runner *r, const step *s, const char *row, expectation *out)
{
    *out = (expectation){.known = false};
    if (!r->checks || s->set_count || furrow_session_status(r->s) != FURROW_OK)
        return;
    row_list all = all_rows(r);
    for (size_t i = 0; i < all.count && !out->known; i++) {
        char expected[ROW_SIZE];
        if (!same_key(r->b, s, all.items[i], row))
            continue;
        memcpy(expected, row, ROW_SIZE);
        for (uint16_t c = 0; c < r->b->model.column_count; c++) {
            const furrow_column *column = &r->b->columns[c];
            const char *stored = all.items[i];
            if (keeps(r->b, s, column, row))
                memcpy(expected + column->offset, stored + column->offset, FIELD_SIZE);
        }
        blank(r->b, expected);
        out->known = true;
        out->count = 1;
        row_describe(r, &out->lines[0], expected);
    }
}

void expect_stored(runner *r, const expectation *e, const void *row)
{
    text line = {0};
    char stored[ROW_SIZE];
    if (!e->known)
        return;
    memcpy(stored, row, ROW_SIZE);
    blank(r->b, stored);
    row_describe(r, &line, stored);
    if (strcmp(line.bytes, e->lines[0].bytes) != 0)
        complain(r, "upsert", line.bytes, e->lines[0].bytes);
    text_free(&line);
}
