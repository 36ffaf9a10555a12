/* SPDX-License-Identifier: MIT
 *
 * Compares answers with the rows in memory. */
#include "expect.h"
#include "evaluate.h"
#include "options.h"

#include <stdlib.h>
#include <string.h>

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

/* The library refuses brackets without conditions, except for relationships. */
static bool has_empty_bracket(const built *b, const query *q)
{
    const built *models[MAX_CONDITIONS];
    bool empty = false;
    options_models(b, q, models);
    for (size_t i = 0; i < q->where_count; i++) {
        const condition *c = &q->where[i];
        if (c->op >= FURROW_OP_ANY_ && c->op <= FURROW_OP_NOT_)
            empty = true;
        else if (c->op == FURROW_OP_CLOSE_ && empty)
            return true;
        else if (is_bracket(c) || is_kept(models[i], c))
            empty = false;
    }
    return false;
}

static bool has_conditions(const built *b, const query *q)
{
    const built *models[MAX_CONDITIONS];
    bool found = false;
    options_models(b, q, models);
    for (size_t i = 0; i < q->where_count; i++)
        found |= is_relation(&q->where[i]) ||
                 (!is_bracket(&q->where[i]) && is_kept(models[i], &q->where[i]));
    return found;
}

/* Whether a condition refuses to compare the column with a value that a row cannot have. */
static bool has_refused_value(const built *b, const query *q)
{
    const built *models[MAX_CONDITIONS];
    bool found = false;
    options_models(b, q, models);
    for (size_t i = 0; i < q->where_count; i++) {
        const condition *c = &q->where[i];
        const furrow_column *column = models[i]->by_number[c->column];
        bool pattern = c->op >= FURROW_OP_LIKE_ && c->op <= FURROW_OP_ENDS_WITH_;
        for (size_t v = 0; v < c->count && column && !pattern; v++)
            found |= !is_within_limits(column, &c->values[v]);
    }
    return found;
}

bool is_refused(const built *b, const query *q)
{
    return has_empty_bracket(b, q) || has_refused_value(b, q);
}

void expect_valid(runner *r, const step *s, const char *what, furrow_status status)
{
    bool changes = s->kind == UPDATE_WHERE || s->kind == DELETE_WHERE;
    if (status != FURROW_INVALID || is_refused(r->b, &s->query))
        return;
    if (!changes || s->all_rows || has_conditions(r->b, &s->query))
        complain(r, what, furrow_session_error(r->s)->message, "an answer");
}

size_t choose_rows(table *t, const query *q, char *chosen[MAX_EXPECTED])
{
    size_t count = 0;
    for (size_t i = 0; i < t->count; i++) {
        if (!row_matches(t, q, t->rows[i]))
            continue;
        size_t at = count++;
        for (; at > 0 && rows_compare(t, q, chosen[at - 1], t->rows[i]) > 0; at--)
            chosen[at] = chosen[at - 1];
        chosen[at] = t->rows[i];
    }
    return count;
}

void expect_query(runner *r, const step *s, expectation *out)
{
    const query *q = &s->query;
    char *chosen[MAX_EXPECTED];
    bool known = furrow_session_status(r->s) == FURROW_OK && !has_empty_bracket(r->b, q);
    *out = (expectation){.known = known, .ordered = q->total};
    if (!known)
        return;
    size_t count = choose_rows(r->table, q, chosen);
    for (size_t i = (size_t)q->offset; i < count; i++)
        if (q->limit == 0 || out->count < (size_t)q->limit)
            row_describe(r, &out->lines[out->count++], r->b, chosen[i]);
    if (!q->total)
        qsort(out->lines, out->count, sizeof out->lines[0], compare_texts);
}

void complain(runner *r, const char *what, const char *got, const char *expected)
{
    if (r->wrong->length == 0)
        text_add(r->wrong, "%s: got      %s\n%s: expected %s\n", what, got, what, expected);
}

void expect_number(runner *r, const char *what, uint64_t got, uint64_t expected)
{
    char texts[2][32];
    if (got == expected)
        return;
    snprintf(texts[0], sizeof texts[0], "%llu rows", (unsigned long long)got);
    snprintf(texts[1], sizeof texts[1], "%llu rows", (unsigned long long)expected);
    complain(r, what, texts[0], texts[1]);
}

static void expect_lines(runner *r, const char *what, const expectation *e, const row_list *rows)
{
    text lines[MAX_EXPECTED] = {{0}};
    for (size_t i = 0; i < rows->count && i < MAX_EXPECTED; i++)
        row_describe(r, &lines[i], r->b, rows->items[i]);
    if (!e->ordered)
        qsort(lines, rows->count, sizeof lines[0], compare_texts);
    for (size_t i = 0; i < rows->count && i < e->count; i++)
        if (strcmp(lines[i].bytes, e->lines[i].bytes) != 0)
            complain(r, what, lines[i].bytes, e->lines[i].bytes);
    for (size_t i = 0; i < rows->count && i < MAX_EXPECTED; i++)
        text_free(&lines[i]);
}

void expect_rows(runner *r, expectation *e, const row_list *rows, bool complete)
{
    if (!e->known)
        return;
    if ((complete && rows->count != e->count) || rows->count > e->count)
        expect_count(r, e, (int64_t)rows->count);
    expect_lines(r, "row", e, rows);
}

void expect_count(runner *r, const expectation *e, int64_t count)
{
    if (e->known)
        expect_number(r, "result", (uint64_t)count, e->count);
}

void expect_row(runner *r, const char *what, const void *got, const void *expected)
{
    text lines[2] = {{0}};
    row_describe(r, &lines[0], r->b, got);
    row_describe(r, &lines[1], r->b, expected);
    if (strcmp(lines[0].bytes, lines[1].bytes) != 0)
        complain(r, what, lines[0].bytes, lines[1].bytes);
    text_free(&lines[0]);
    text_free(&lines[1]);
}

void expect_text(runner *r, const char *what, const text *got, const text *expected)
{
    const char *lines[2] = {got->bytes, expected->bytes};
    size_t same = 0;
    while (lines[0][same] && lines[0][same] == lines[1][same])
        same++;
    if (lines[0][same] == lines[1][same])
        return;
    while (same > 0 && lines[0][same - 1] != '\n')
        same--;
    text first[2] = {{0}};
    for (int i = 0; i < 2; i++)
        text_add(&first[i], "%.*s", (int)strcspn(lines[i] + same, "\n"), lines[i] + same);
    complain(r, what, first[0].bytes, first[1].bytes);
    for (int i = 0; i < 2; i++)
        text_free(&first[i]);
}

void expect_extreme(runner *r, const step *s, const char *described)
{
    const furrow_column *column = r->b->by_number[s->column];
    const char *best = NULL;
    text line = {0};
    if (has_empty_bracket(r->b, &s->query))
        return;
    for (size_t i = 0; i < r->table->count; i++) {
        const char *row = r->table->rows[i];
        cell value = field_cell(column, row);
        if (value.null || !row_matches(r->table, &s->query, row))
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

double largest_value(runner *r, const step *s)
{
    const furrow_column *column = r->b->by_number[s->column];
    double largest = 0;
    for (size_t i = 0; i < r->table->count; i++) {
        cell value = field_cell(column, r->table->rows[i]);
        double number = column->type == FURROW_TYPE_FLOAT || column->type == FURROW_TYPE_DOUBLE
                            ? value.real
                            : (double)value.integer;
        for (int digit = 0; digit < value.scale; digit++)
            number /= 10;
        if (!value.null && row_matches(r->table, &s->query, r->table->rows[i])) {
            largest = number > largest ? number : largest;
            largest = -number > largest ? -number : largest;
        }
    }
    return largest;
}

void expect_contents(runner *r)
{
    row_list list = {0};
    struct furrow_find_options o = {.s = r->s, .out = &list};
    expectation e = {.known = true, .count = r->table->count};
    if (furrow_session_status(r->s) != FURROW_OK)
        return;
    for (uint16_t i = 0; i < r->b->model.primary_key_count; i++)
        o.order_by[i] = furrow_order_(&r->b->columns[i], false);
    furrow_model_find(&r->b->model, sizeof o, &o);
    for (size_t i = 0; i < e.count; i++)
        row_describe(r, &e.lines[i], r->b, r->table->rows[i]);
    qsort(e.lines, e.count, sizeof e.lines[0], compare_texts);
    expect_number(r, "contents", list.count, e.count);
    expect_lines(r, "contents", &e, &list);
    expectation_free(&e);
}
