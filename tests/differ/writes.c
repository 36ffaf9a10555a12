/* SPDX-License-Identifier: MIT
 *
 * Steps that write. */
#include "expect.h"
#include "memory.h"
#include "options.h"
#include "verbs.h"

#include <string.h>

furrow_status insert_one(runner *r, const step *s, text *out)
{
    char *row = r->slots[s->slot], given[ROW_SIZE];
    options_row(r->b, s->rows[0], row);
    memcpy(given, row, ROW_SIZE);
    furrow_status status = furrow_model_insert(r->s, &r->b->model, row);
    add_status(r, out, "insert", status);
    row_describe(r, out, r->b, row);
    char filled[ROW_SIZE];
    fill(r->b, filled, given, given);
    expect_refusal(r, status, &filled, 1, true);
    if (status == FURROW_OK)
        apply_insert(r, given, row);
    r->filled[s->slot] = status == FURROW_OK;
    return status;
}

furrow_status insert_many(runner *r, const step *s, text *out)
{
    char rows[MAX_ROWS][ROW_SIZE], given[MAX_ROWS][ROW_SIZE];
    for (size_t i = 0; i < s->row_count; i++)
        options_row(r->b, s->rows[i], rows[i]);
    memcpy(given, rows, sizeof given);
    furrow_status status = furrow_model_insert_many(r->s, &r->b->model, rows, s->row_count);
    add_status(r, out, "insert_many", status);
    for (size_t i = 0; i < s->row_count; i++)
        row_describe(r, out, r->b, rows[i]);
    char filled[MAX_ROWS][ROW_SIZE];
    for (size_t i = 0; i < s->row_count; i++)
        fill(r->b, filled[i], given[i], given[i]);
    expect_refusal(r, status, filled, s->row_count, true);
    for (size_t i = 0; i < s->row_count && status == FURROW_OK; i++)
        apply_insert(r, given[i], rows[i]);
    return status;
}

furrow_status upsert(runner *r, const step *s, text *out)
{
    char row[ROW_SIZE], given[ROW_SIZE];
    struct furrow_upsert_options o = {.s = r->s, .row = row};
    options_row(r->b, s->rows[0], row);
    memcpy(given, row, ROW_SIZE);
    options_columns(r->b, s->conflict, o.conflict);
    options_set(r->b, s, o.set);
    furrow_status status = furrow_model_upsert(&r->b->model, sizeof o, &o);
    add_status(r, out, "upsert", status);
    row_describe(r, out, r->b, row);
    if (status == FURROW_OK)
        apply_upsert(r, s, given, row);
    return status;
}

furrow_status update(runner *r, const step *s, text *out)
{
    char row[ROW_SIZE], given[ROW_SIZE];
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
    memcpy(given, row, ROW_SIZE);
    furrow_status status = furrow_model_update(&r->b->model, sizeof o, &o);
    add_status(r, out, "update", status);
    row_describe(r, out, r->b, row);
    char merged[ROW_SIZE];
    if (merge(r, s, given, merged))
        expect_refusal(r, status, &merged, 1, false);
    if (status == FURROW_OK)
        apply_update(r, s, given, row);
    if (status == FURROW_OK && r->filled[s->slot])
        memcpy(r->slots[s->slot], row, ROW_SIZE);
    return status;
}

furrow_status delete_one(runner *r, const step *s, text *out)
{
    if (!r->filled[s->slot])
        return FURROW_OK;
    furrow_status status = furrow_model_delete(r->s, &r->b->model, r->slots[s->slot]);
    add_status(r, out, "delete", status);
    expect_children(r, status, NULL, r->slots[s->slot]);
    if (status == FURROW_OK)
        apply_delete(r, r->slots[s->slot]);
    return status;
}

furrow_status update_where(runner *r, const step *s, text *out)
{
    arrays a;
    uint64_t changed = 0;
    struct furrow_update_where_options o = {
        .s = r->s, .all_rows = s->all_rows, .changed = &changed};
    options_where(r->b, &s->query, &a, o.where);
    options_set(r->b, s, o.set);
    furrow_status status = furrow_model_update_where(&r->b->model, sizeof o, &o);
    r->several = status != FURROW_OK && s->set_count > 1;
    add_status(r, out, "update_where", status);
    if (status == FURROW_OK)
        apply_update_where(r, s, changed);
    text_add(out, "%llu\n", (unsigned long long)changed);
    return status;
}

furrow_status delete_where(runner *r, const step *s, text *out)
{
    arrays a;
    uint64_t changed = 0;
    struct furrow_delete_where_options o = {
        .s = r->s, .all_rows = s->all_rows, .changed = &changed};
    options_where(r->b, &s->query, &a, o.where);
    furrow_status status = furrow_model_delete_where(&r->b->model, sizeof o, &o);
    add_status(r, out, "delete_where", status);
    expect_valid(r, s, "delete_where", status);
    expect_children(r, status, &s->query, NULL);
    if (status == FURROW_OK)
        apply_delete_where(r, s, changed);
    text_add(out, "%llu\n", (unsigned long long)changed);
    return status;
}
