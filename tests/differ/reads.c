/* SPDX-License-Identifier: MIT
 *
 * Steps that read. */
#include "expect.h"
#include "memory.h"
#include "options.h"
#include "verbs.h"

#include <string.h>

/* Takes the key of the row that the program keeps or, if there is no such row, of the step's
 * row. */
static void choose_key(runner *r, const step *s, const cell *cells, char *row)
{
    if (s->partial && r->filled[s->slot])
        memcpy(row, r->slots[s->slot], ROW_SIZE);
    else
        options_row(r->b, cells, row);
}

static int64_t read_integer(const furrow_column *column, const char *row)
{
    int16_t narrow;
    int32_t middle;
    int64_t wide;
    memcpy(&narrow, row + column->offset, sizeof narrow);
    memcpy(&middle, row + column->offset, sizeof middle);
    memcpy(&wide, row + column->offset, sizeof wide);
    return column->size == 2 ? narrow : column->size == 4 ? middle : wide;
}

furrow_status get(runner *r, const step *s, text *out)
{
    char row[ROW_SIZE];
    void *got = NULL;
    furrow_value key[2] = {{0}};
    if (r->b->model.assigned == 0)
        choose_key(r, s, s->rows[0], row);
    else
        options_row(r->b, s->rows[0], row);
    for (uint16_t i = 0; i < r->b->model.primary_key_count; i++)
        key[i] = r->b->model.assigned == 0
                     ? furrow_value_integer_(read_integer(&r->b->columns[0], row))
                     : cell_value(&r->b->columns[i], &s->rows[0][i]);
    furrow_status status = furrow_model_get(r->s, &r->b->model, (void *)&got, key);
    add_status(r, out, "get", status);
    row_describe(r, out, r->b, got);
    if (status == FURROW_OK || status == FURROW_NOT_FOUND)
        expect_row(r, "get", got, table_find(r->table, row));
    if (got)
        memcpy(r->slots[s->slot], got, ROW_SIZE);
    r->filled[s->slot] = got != NULL;
    return status;
}

furrow_status get_many(runner *r, const step *s, text *out)
{
    char rows[MAX_ROWS][ROW_SIZE];
    char texts[MAX_ROWS][2][FIELD_SIZE];
    uint32_t offsets[2] = {0, FIELD_SIZE};
    row_list list = {0};
    for (size_t i = 0; i < s->row_count; i++) {
        choose_key(r, s, s->rows[i], rows[i]);
        for (uint16_t c = 0; c < r->b->model.primary_key_count; c++) {
            memcpy(texts[i][c], rows[i] + r->b->columns[c].offset, FIELD_SIZE);
            const char *chars = rows[i] + r->b->columns[c].offset;
            if (r->b->columns[c].type == FURROW_TYPE_CHARS)
                memcpy(texts[i][c], (void *)&chars, sizeof chars);
        }
    }
    furrow_key_list keys = {texts, sizeof texts[0], s->row_count, offsets};
    furrow_status status = furrow_model_get_many(r->s, &r->b->model, &list, &keys);
    add_status(r, out, "get_many", status);
    add_rows(r, out, &list, false);
    return status;
}

furrow_status refresh(runner *r, const step *s, text *out)
{
    if (!r->filled[s->slot])
        return FURROW_OK;
    furrow_status status = furrow_model_refresh(r->s, &r->b->model, r->slots[s->slot]);
    add_status(r, out, "refresh", status);
    row_describe(r, out, r->b, r->slots[s->slot]);
    if (status == FURROW_OK)
        expect_row(r, "refresh", r->slots[s->slot], table_find(r->table, r->slots[s->slot]));
    return status;
}

void find_options(runner *r, const step *s, arrays *a, struct furrow_find_options *o)
{
    *o =
        (struct furrow_find_options){.s = r->s, .limit = s->query.limit, .offset = s->query.offset};
    options_where(r->b, &s->query, a, o->where);
    options_order(r->b, &s->query, o->order_by);
}

furrow_status find(runner *r, const step *s, text *out)
{
    arrays a;
    row_list list = {0};
    struct furrow_find_options o;
    find_options(r, s, &a, &o);
    o.out = &list;
    expectation expected;
    expect_query(r, s, &expected);
    furrow_status status = furrow_model_find(&r->b->model, sizeof o, &o);
    add_status(r, out, "find", status);
    expect_valid(r, s, "find", status);
    add_rows(r, out, &list, s->query.total);
    if (status == FURROW_OK)
        expect_rows(r, &expected, &list, true);
    expectation_free(&expected);
    return status;
}

/* Reads pages to the end, and then one page back. */
furrow_status pages(runner *r, const step *s, text *out)
{
    arrays a;
    furrow_page page = {0};
    struct furrow_find_options o;
    furrow_status status = FURROW_OK;
    find_options(r, s, &a, &o);
    o.page_size = s->page_size;
    o.page = &page;
    void *read[MAX_EXPECTED];
    row_list forward = {.items = read};
    expectation expected;
    expect_query(r, s, &expected);
    for (int i = 0; i < 12; i++) {
        row_list list = {0};
        o.out = &list;
        status = furrow_model_find(&r->b->model, sizeof o, &o);
        add_status(r, out, "page", status);
        expect_valid(r, s, "page", status);
        add_rows(r, out, &list, true);
        text_add(out, "next %d previous %d\n", page.next != NULL, page.previous != NULL);
        bool back = o.before != NULL;
        for (size_t row = 0; row < list.count && !back; row++)
            read[forward.count++] = list.items[row];
        o.before = page.next ? NULL : page.previous;
        o.after = page.next;
        if (status != FURROW_OK || back || (!o.before && !o.after))
            break;
    }
    if (status == FURROW_OK)
        expect_rows(r, &expected, &forward, page.next == NULL);
    expectation_free(&expected);
    return status;
}

furrow_status first(runner *r, const step *s, text *out)
{
    arrays a;
    void *row = NULL;
    struct furrow_find_options o;
    find_options(r, s, &a, &o);
    o.out = (void *)&row;
    o.limit = 0;
    expectation expected;
    expect_query(r, s, &expected);
    furrow_status status = furrow_model_first(&r->b->model, sizeof o, &o);
    add_status(r, out, "first", status);
    expect_valid(r, s, "first", status);
    row_describe(r, out, r->b, row);
    if (status == FURROW_OK)
        expect_rows(r, &expected, &(row_list){.items = &row, .count = 1}, false);
    expectation_free(&expected);
    if (row)
        memcpy(r->slots[s->slot], row, ROW_SIZE);
    r->filled[s->slot] = row != NULL;
    return status;
}

furrow_status count(runner *r, const step *s, text *out)
{
    arrays a;
    int64_t counted = 0;
    struct furrow_count_options o = {.s = r->s, .out = &counted};
    options_where(r->b, &s->query, &a, o.where);
    expectation expected;
    expect_query(r, s, &expected);
    furrow_status status = furrow_model_count(&r->b->model, sizeof o, &o);
    add_status(r, out, "count", status);
    expect_valid(r, s, "count", status);
    if (status == FURROW_OK)
        expect_count(r, &expected, counted);
    expectation_free(&expected);
    text_add(out, "%lld\n", (long long)counted);
    return status;
}

furrow_status exists(runner *r, const step *s, text *out)
{
    arrays a;
    bool found = false;
    struct furrow_count_options o = {.s = r->s, .out = &found};
    options_where(r->b, &s->query, &a, o.where);
    expectation expected;
    expect_query(r, s, &expected);
    furrow_status status = furrow_model_exists(&r->b->model, sizeof o, &o);
    add_status(r, out, "exists", status);
    expect_valid(r, s, "exists", status);
    if (status == FURROW_OK && expected.known)
        expect_number(r, "exists", found, expected.count > 0);
    expectation_free(&expected);
    text_add(out, "%d\n", found);
    return status;
}

/* A column with the type of the aggregate's result. */
static furrow_column result_column(const furrow_column *column, furrow_aggregate aggregate)
{
    furrow_column result = *column;
    bool real = column->type == FURROW_TYPE_FLOAT || column->type == FURROW_TYPE_DOUBLE;
    if (column->type == FURROW_TYPE_CHARS)
        result.type = FURROW_TYPE_TEXT;
    if (aggregate == FURROW_AGGREGATE_AVG || (aggregate == FURROW_AGGREGATE_SUM && real))
        result.type = FURROW_TYPE_DOUBLE;
    else if (aggregate == FURROW_AGGREGATE_SUM && column->type != FURROW_TYPE_DECIMAL) {
        result.type = FURROW_TYPE_INT64;
        result.size = sizeof(int64_t);
    }
    return result;
}

/* The engines round differently. If the values cancel each other out, all digits may differ. */
static void describe_inexact(runner *r, const step *s, text *out, double real)
{
    double largest = largest_value(r, s);
    if (real > -1e-9 * largest && real < 1e-9 * largest)
        text_add(out, "about 0");
    else
        text_add(out, "%.6g", real);
}

furrow_status aggregate(runner *r, const step *s, text *out)
{
    arrays a;
    char result[FIELD_SIZE] = {0};
    const furrow_column *column = r->b->by_number[s->column];
    if (!column)
        return FURROW_OK;
    struct furrow_aggregate_options o = {.s = r->s, .out = result, .column = furrow_col_(column)};
    options_where(r->b, &s->query, &a, o.where);
    furrow_status status = furrow_model_aggregate(&r->b->model, s->aggregate, sizeof o, &o);
    furrow_column of = result_column(column, s->aggregate);
    add_status(r, out, "aggregate", status);
    text described = {0};
    double real;
    memcpy(&real, result, sizeof real);
    if (of.type == FURROW_TYPE_DOUBLE && s->aggregate != FURROW_AGGREGATE_MIN &&
        s->aggregate != FURROW_AGGREGATE_MAX)
        describe_inexact(r, s, &described, real);
    else
        field_describe(r, &described, &of, result);
    text_add(out, "%s\n", described.bytes);
    if (status == FURROW_OK &&
        (s->aggregate == FURROW_AGGREGATE_MIN || s->aggregate == FURROW_AGGREGATE_MAX))
        expect_extreme(r, s, described.bytes);
    text_free(&described);
    return status;
}

static furrow_status write_inside(runner *r, const step *s, text *out)
{
    step inner = *s;
    inner.kind = s->inner;
    inner.all_rows = true;
    if (s->inner == UPSERT)
        inner.set_count = 0;
    switch (s->inner) {
    case INSERT:
        return insert_one(r, &inner, out);
    case UPSERT:
        return upsert(r, &inner, out);
    case UPDATE_WHERE:
        return update_where(r, &inner, out);
    case DELETE_WHERE:
        return delete_where(r, &inner, out);
    default:
        return FURROW_OK;
    }
}

/* Reads a stream to its end, and writes after one of its rows. */
furrow_status stream(runner *r, const step *s, text *out)
{
    arrays a;
    furrow_cursor *cursor = NULL;
    struct furrow_find_options o;
    find_options(r, s, &a, &o);
    o.out = (void *)&cursor;
    expectation expected;
    expect_query(r, s, &expected);
    furrow_status status = furrow_model_stream(&r->b->model, sizeof o, &o);
    add_status(r, out, "stream", status);
    void *row;
    size_t streamed = 0;
    for (int i = 0; i < 200 && (row = furrow_cursor_next(cursor)); i++) {
        row_describe(r, out, r->b, row);
        streamed++;
        if (i != s->slot % 2)
            continue;
        if (s->partial)
            furrow_savepoint_begin(r->s);
        write_inside(r, s, out);
        if (s->partial)
            add_status(r, out, "savepoint_end", furrow_savepoint_end(r->s));
    }
    furrow_cursor_close(cursor);
    if (furrow_session_status(r->s) == FURROW_OK)
        expect_count(r, &expected, (int64_t)streamed);
    expectation_free(&expected);
    add_status(r, out, "after the stream", furrow_session_status(r->s));
    return furrow_session_status(r->s);
}
