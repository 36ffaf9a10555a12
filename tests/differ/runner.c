/* SPDX-License-Identifier: MIT
 *
 * Runs the steps of a program on one engine. */
#include "options.h"

#include <stdlib.h>
#include <string.h>

static bool has_unique_index(const built *b)
{
    bool found = false;
    for (uint16_t i = 0; i < b->model.index_count; i++)
        found |= b->indexes[i].unique;
    return found;
}

/* Appends the status of a call, and the names in its error. If a row violates several UNIQUE
 * constraints, the engines check them in different orders. PostgreSQL does not name the column of a
 * number that is too large. */
static void add_status(runner *r, text *out, const char *call, furrow_status status)
{
    const furrow_error *e = furrow_session_error(r->s);
    if (r->several && (status == FURROW_UNIQUE || status == FURROW_CHECK ||
                       status == FURROW_NOT_NULL || status == FURROW_INVALID)) {
        text_add(out, "%s: violates a constraint\n", call);
        return;
    }
    text_add(out, "%s: %s", call, furrow_status_name(status));
    if (status != FURROW_OK && status != FURROW_NOT_FOUND && status != FURROW_ABORTED) {
        if (status != FURROW_INVALID)
            text_add(out, " table \"%s\"", e->table);
        if (status != FURROW_INVALID && (status != FURROW_UNIQUE || !has_unique_index(r->b)))
            text_add(out, " column \"%s\"", e->column);
        if (status != FURROW_INVALID && status != FURROW_UNIQUE)
            text_add(out, " constraint \"%s\"", e->constraint);
    }
    text_add(out, "\n");
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Appends the rows, sorted as text if the program has not asked for a total order. */
static void add_rows(runner *r, text *out, const row_list *rows, bool ordered)
{
    char **lines = calloc(rows->count + 1, sizeof *lines);
    text_add(out, "%zu rows\n", rows->count);
    for (size_t i = 0; i < rows->count && lines; i++) {
        text line = {0};
        row_describe(r, &line, rows->items[i]);
        lines[i] = line.bytes;
    }
    if (!ordered && lines)
        qsort(lines, rows->count, sizeof *lines, compare_lines);
    for (size_t i = 0; i < rows->count && lines; i++) {
        text_add(out, "%s", lines[i]);
        free(lines[i]);
    }
    free(lines);
}

static furrow_status insert_one(runner *r, const step *s, text *out)
{
    char *row = r->slots[s->slot];
    options_row(r->b, s->rows[0], row);
    furrow_status status = furrow_model_insert(r->s, &r->b->model, row);
    add_status(r, out, "insert", status);
    row_describe(r, out, row);
    r->filled[s->slot] = status == FURROW_OK;
    return status;
}

static furrow_status insert_many(runner *r, const step *s, text *out)
{
    char rows[MAX_ROWS][ROW_SIZE];
    for (size_t i = 0; i < s->row_count; i++)
        options_row(r->b, s->rows[i], rows[i]);
    furrow_status status = furrow_model_insert_many(r->s, &r->b->model, rows, s->row_count);
    add_status(r, out, "insert_many", status);
    for (size_t i = 0; i < s->row_count; i++)
        row_describe(r, out, rows[i]);
    return status;
}

static furrow_status upsert(runner *r, const step *s, text *out)
{
    char row[ROW_SIZE];
    struct furrow_upsert_options o = {.s = r->s, .row = row};
    expectation expected;
    options_row(r->b, s->rows[0], row);
    options_columns(r->b, s->conflict, o.conflict);
    options_set(r->b, s, o.set);
    expect_upsert(r, s, row, &expected);
    furrow_status status = furrow_model_upsert(&r->b->model, sizeof o, &o);
    add_status(r, out, "upsert", status);
    row_describe(r, out, row);
    if (status == FURROW_OK)
        expect_stored(r, &expected, row);
    expectation_free(&expected);
    return status;
}

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

static furrow_status get(runner *r, const step *s, text *out)
{
    char row[ROW_SIZE];
    void *got = NULL;
    furrow_value key[2] = {{0}};
    choose_key(r, s, s->rows[0], row);
    for (uint16_t i = 0; i < r->b->model.primary_key_count; i++)
        key[i] = r->b->model.assigned == 0
                     ? furrow_value_integer_(read_integer(&r->b->columns[0], row))
                     : cell_value(&r->b->columns[i], &s->rows[0][i]);
    furrow_status status = furrow_model_get(r->s, &r->b->model, (void *)&got, key);
    add_status(r, out, "get", status);
    row_describe(r, out, got);
    if (got)
        memcpy(r->slots[s->slot], got, ROW_SIZE);
    r->filled[s->slot] = got != NULL;
    return status;
}

static furrow_status get_many(runner *r, const step *s, text *out)
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

static furrow_status refresh(runner *r, const step *s, text *out)
{
    if (!r->filled[s->slot])
        return FURROW_OK;
    furrow_status status = furrow_model_refresh(r->s, &r->b->model, r->slots[s->slot]);
    add_status(r, out, "refresh", status);
    row_describe(r, out, r->slots[s->slot]);
    return status;
}

static furrow_status update(runner *r, const step *s, text *out)
{
    char row[ROW_SIZE];
    struct furrow_update_options o = {.s = r->s, .row = row};
    if (r->filled[s->slot])
        memcpy(row, r->slots[s->slot], ROW_SIZE);
    else
        options_row(r->b, s->rows[0], row);
    for (int i = 0; i < MAX_COLUMNS; i++)
        if ((s->only & (UINT32_C(1) << i)) && r->b->by_number[i])
            cell_store(r->b->by_number[i], row, &s->rows[0][i]);
    if (s->partial)
        options_columns(r->b, s->only, o.only);
    furrow_status status = furrow_model_update(&r->b->model, sizeof o, &o);
    add_status(r, out, "update", status);
    row_describe(r, out, row);
    if (status == FURROW_OK && r->filled[s->slot])
        memcpy(r->slots[s->slot], row, ROW_SIZE);
    return status;
}

static furrow_status delete_one(runner *r, const step *s, text *out)
{
    if (!r->filled[s->slot])
        return FURROW_OK;
    furrow_status status = furrow_model_delete(r->s, &r->b->model, r->slots[s->slot]);
    add_status(r, out, "delete", status);
    return status;
}

static void find_options(runner *r, const step *s, arrays *a, struct furrow_find_options *o)
{
    *o = (struct furrow_find_options){.s = r->s, .limit = s->limit, .offset = s->offset};
    options_where(r->b, s, a, o->where);
    options_order(r->b, s, o->order_by);
}

static furrow_status find(runner *r, const step *s, text *out)
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
    add_rows(r, out, &list, s->total);
    if (status == FURROW_OK)
        expect_rows(r, &expected, &list, true);
    expectation_free(&expected);
    return status;
}

/* Reads pages to the end, and then one page back. */
static furrow_status pages(runner *r, const step *s, text *out)
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

static furrow_status first(runner *r, const step *s, text *out)
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
    row_describe(r, out, row);
    if (status == FURROW_OK)
        expect_rows(r, &expected, &(row_list){.items = &row, .count = 1}, false);
    expectation_free(&expected);
    if (row)
        memcpy(r->slots[s->slot], row, ROW_SIZE);
    r->filled[s->slot] = row != NULL;
    return status;
}

static furrow_status count(runner *r, const step *s, text *out)
{
    arrays a;
    int64_t counted = 0;
    struct furrow_count_options o = {.s = r->s, .out = &counted};
    options_where(r->b, s, &a, o.where);
    expectation expected;
    expect_query(r, s, &expected);
    furrow_status status = furrow_model_count(&r->b->model, sizeof o, &o);
    add_status(r, out, "count", status);
    if (status == FURROW_OK)
        expect_count(r, &expected, counted);
    expectation_free(&expected);
    text_add(out, "%lld\n", (long long)counted);
    return status;
}

static furrow_status exists(runner *r, const step *s, text *out)
{
    arrays a;
    bool found = false;
    struct furrow_count_options o = {.s = r->s, .out = &found};
    options_where(r->b, s, &a, o.where);
    furrow_status status = furrow_model_exists(&r->b->model, sizeof o, &o);
    add_status(r, out, "exists", status);
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

static furrow_status aggregate(runner *r, const step *s, text *out)
{
    arrays a;
    char result[FIELD_SIZE] = {0};
    const furrow_column *column = r->b->by_number[s->column];
    if (!column)
        return FURROW_OK;
    struct furrow_aggregate_options o = {.s = r->s, .out = result, .column = furrow_col_(column)};
    options_where(r->b, s, &a, o.where);
    furrow_status status = furrow_model_aggregate(&r->b->model, s->aggregate, sizeof o, &o);
    furrow_column of = result_column(column, s->aggregate);
    add_status(r, out, "aggregate", status);
    text described = {0};
    double real;
    memcpy(&real, result, sizeof real);
    if (of.type == FURROW_TYPE_DOUBLE && s->aggregate != FURROW_AGGREGATE_MIN &&
        s->aggregate != FURROW_AGGREGATE_MAX)
        text_add(&described, "%.6g", real);
    else
        field_describe(r, &described, &of, result);
    text_add(out, "%s\n", described.bytes);
    if (status == FURROW_OK &&
        (s->aggregate == FURROW_AGGREGATE_MIN || s->aggregate == FURROW_AGGREGATE_MAX))
        expect_extreme(r, s, described.bytes);
    text_free(&described);
    return status;
}

static furrow_status update_where(runner *r, const step *s, text *out)
{
    arrays a;
    uint64_t changed = 0;
    struct furrow_update_where_options o = {
        .s = r->s, .all_rows = s->all_rows, .changed = &changed};
    options_where(r->b, s, &a, o.where);
    options_set(r->b, s, o.set);
    furrow_status status = furrow_model_update_where(&r->b->model, sizeof o, &o);
    r->several = status != FURROW_OK && s->set_count > 1;
    add_status(r, out, "update_where", status);
    text_add(out, "%llu\n", (unsigned long long)changed);
    return status;
}

static furrow_status delete_where(runner *r, const step *s, text *out)
{
    arrays a;
    uint64_t changed = 0;
    struct furrow_delete_where_options o = {
        .s = r->s, .all_rows = s->all_rows, .changed = &changed};
    options_where(r->b, s, &a, o.where);
    furrow_status status = furrow_model_delete_where(&r->b->model, sizeof o, &o);
    add_status(r, out, "delete_where", status);
    text_add(out, "%llu\n", (unsigned long long)changed);
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
static furrow_status stream(runner *r, const step *s, text *out)
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
        row_describe(r, out, row);
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

static void forget_rows(runner *r, size_t keys)
{
    memset(r->filled, 0, sizeof r->filled);
    r->key_count = keys;
}

static void add_contents(runner *r, text *out)
{
    row_list list = {0};
    struct furrow_find_options o = {.s = r->s, .out = &list};
    for (uint16_t i = 0; i < r->b->model.primary_key_count; i++)
        o.order_by[i] = furrow_order_(&r->b->columns[i], false);
    add_status(r, out, "contents", furrow_model_find(&r->b->model, sizeof o, &o));
    add_rows(r, out, &list, true);
}

static void commit(runner *r, text *out)
{
    furrow_status status = furrow_commit(r->s);
    add_status(r, out, "commit", status);
    r->depth = 0;
    if (status == FURROW_OK)
        r->marks[0] = r->key_count;
    else
        forget_rows(r, r->marks[0]);
    add_contents(r, out);
}

static void rollback(runner *r, text *out)
{
    add_status(r, out, "rollback", furrow_rollback(r->s));
    r->depth = 0;
    forget_rows(r, r->marks[0]);
}

static void undo(runner *r, text *out)
{
    if (r->depth == 0)
        return;
    add_status(r, out, "savepoint_rollback", furrow_savepoint_rollback(r->s));
    forget_rows(r, r->marks[r->depth--]);
}

static void end(runner *r, text *out)
{
    if (r->depth == 0)
        return;
    furrow_status status = furrow_savepoint_end(r->s);
    add_status(r, out, "savepoint_end", status);
    size_t mark = r->marks[r->depth--];
    if (status != FURROW_OK)
        forget_rows(r, mark);
}

static void begin(runner *r, text *out)
{
    add_status(r, out, "savepoint_begin", furrow_savepoint_begin(r->s));
    r->marks[++r->depth] = r->key_count;
}

/* Returns the slot of the first row that the program keeps, starting at `slot`. */
static int filled_slot(const runner *r, int slot)
{
    for (int i = 0; i < SLOTS; i++)
        if (r->filled[(slot + i) % SLOTS])
            return (slot + i) % SLOTS;
    return slot;
}

typedef furrow_status verb(runner *r, const step *s, text *out);
static verb *const verbs[KINDS] = {
    [INSERT] = insert_one,
    [INSERT_MANY] = insert_many,
    [UPSERT] = upsert,
    [GET] = get,
    [GET_MANY] = get_many,
    [REFRESH] = refresh,
    [UPDATE] = update,
    [DELETE] = delete_one,
    [FIND] = find,
    [PAGES] = pages,
    [FIRST] = first,
    [STREAM] = stream,
    [COUNT] = count,
    [EXISTS] = exists,
    [AGGREGATE] = aggregate,
    [UPDATE_WHERE] = update_where,
    [DELETE_WHERE] = delete_where,
};
static void (*const controls[KINDS])(runner *r, text *out) = {
    [BEGIN] = begin, [END] = end, [UNDO] = undo, [COMMIT] = commit, [ROLLBACK] = rollback,
};

void runner_step(runner *r, const step *s, text *out)
{
    size_t keys = r->key_count;
    if (controls[s->kind]) {
        controls[s->kind](r, out);
        return;
    }
    step chosen = *s;
    if (furrow_session_status(r->s) == FURROW_OK)
        r->several = false;
    if (s->kind == UPDATE || s->kind == DELETE || s->kind == REFRESH)
        chosen.slot = filled_slot(r, s->slot);
    if (s->guarded)
        furrow_savepoint_begin(r->s);
    furrow_status status = verbs[s->kind](r, &chosen, out);
    if (s->guarded && furrow_savepoint_end(r->s) != FURROW_OK)
        r->key_count = keys;
    if (status != FURROW_OK && status != FURROW_NOT_FOUND && !s->guarded && s->partial)
        rollback(r, out);
}

bool runner_start(runner *r, text *out)
{
    r->s = furrow_session_open(r->engine);
    furrow_status status = furrow_create_all(r->s, &r->b->schema);
    if (status == FURROW_OK)
        status = furrow_commit(r->s);
    add_status(r, out, "create_all", status);
    if (status != FURROW_OK)
        text_add(out, "%s\n", furrow_session_error(r->s)->message);
    return status == FURROW_OK;
}

void runner_finish(runner *r, text *out)
{
    while (r->depth > 0)
        end(r, out);
    commit(r, out);
}

void runner_end(runner *r)
{
    furrow_session_reset(r->s);
    furrow_drop_all(r->s, &r->b->schema);
    furrow_commit(r->s);
    furrow_session_close(r->s);
}
