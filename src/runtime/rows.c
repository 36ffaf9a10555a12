/* SPDX-License-Identifier: MIT
 *
 * Results as structs. Rows of one result lie in blocks of the session's arena: one block where the
 * driver knows the number of rows, else blocks that double, so that a row never moves. The session
 * remembers the blocks of results whose model has relations, and so tells from a row's address which
 * rows came with it.
 */
#include <stdlib.h>

#include "runtime/rows.h"

enum { FIRST_BLOCK = 16, LAST_BLOCK = 4096 }; /* rows */

void furrow__clear_list(void *list)
{
    if (list)
        memset(list, 0, sizeof(furrow__list));
}

void furrow__clear_pointer(void *out)
{
    void *null = NULL;
    if (out)
        memcpy(out, &null, sizeof null);
}

const furrow_column *const *furrow__all_columns(furrow_session *s, const furrow_model *model)
{
    const furrow_column **columns = furrow__arena_aligned(
        &s->scratch, sizeof *columns * (model->column_count + 1u), _Alignof(void *));
    if (columns)
        for (size_t i = 0; i < model->column_count; i++)
            columns[i] = &model->columns[i];
    return columns;
}

/* ---- slots ---- */

void furrow__store_start(furrow__store *store, furrow_session *s, const furrow_model *model,
                         size_t known)
{
    *store = (furrow__store){
        .s = s, .row_size = model->size, .capacity = known ? known : FIRST_BLOCK};
}

bool furrow__store_grow(furrow__store *store)
{
    size_t size = 0;
    struct furrow__store_block *block =
        furrow__arena_aligned(&store->s->arena, sizeof *block, _Alignof(struct furrow__store_block));
    if (!block || !furrow__multiply_size(&size, store->capacity, store->row_size))
        return false;
    *block = (struct furrow__store_block){
        .rows = furrow__arena_aligned(&store->s->arena, size, 16), .capacity = store->capacity};
    if (!block->rows)
        return false;
    if (store->last)
        store->last->next = block;
    else
        store->first = block;
    store->last = block;
    store->capacity = store->capacity < LAST_BLOCK ? store->capacity * 2 : LAST_BLOCK;
    return true;
}

/* ---- lists ---- */

static furrow_status no_memory(furrow__run *run)
{
    return run->status = furrow__fail(&run->error, FURROW_NOMEM, "out of memory");
}

static furrow_status read_rows(furrow__run *run, furrow__store *store, size_t known,
                               const furrow_column *const *columns, size_t column_count)
{
    const furrow_driver *driver = run->s->driver;
    bool more = true;
    while (!known || store->count < known) {
        run->status = driver->step(run->statement, &more, &run->error);
        if (run->status || !more)
            break;
        void *row = furrow__store_row(store);
        if (!row)
            return no_memory(run);
        run->status = driver->read_row(run->statement, columns, column_count, row, &run->s->arena,
                                       &run->error);
        if (run->status)
            break;
    }
    run->rows += store->count;
    return run->status;
}

/* The rows of all blocks as one array of pointers. */
static furrow_status list_rows(furrow__run *run, furrow__list *list, const furrow__store *store)
{
    size_t size = 0;
    if (furrow__multiply_size(&size, store->count, sizeof *list->items))
        list->items = furrow__arena_aligned(&run->s->arena, size, _Alignof(void *));
    if (!list->items)
        return no_memory(run);
    for (const struct furrow__store_block *b = store->first; b; b = b->next)
        for (size_t i = 0; i < b->count; i++)
            list->items[list->count++] = b->rows + i * store->row_size;
    return FURROW_OK;
}

furrow_status furrow__read_list(furrow__run *run, void *list, const furrow_model *model,
                                const furrow_column *const *columns, size_t column_count)
{
    furrow__list result = {0};
    if (run->status == FURROW_OK) {
        size_t known = run->s->driver->row_count(run->statement);
        furrow__store store;
        furrow__store_start(&store, run->s, model, known);
        read_rows(run, &store, known, columns, column_count);
        if (run->status == FURROW_OK && store.count && list_rows(run, &result, &store) == FURROW_OK &&
            !furrow__result_remember(&store, model))
            no_memory(run);
    }
    if (run->status != FURROW_OK)
        result = (furrow__list){0};
    result.loaded = run->status == FURROW_OK;
    memcpy(list, &result, sizeof result);
    return run->status;
}

/* ---- which rows came together ---- */

struct furrow__place_of_rows {
    const char *start, *end;
    furrow__result *result;
};

static bool add_place(furrow_session *s, const char *start, const char *end, furrow__result *result)
{
    struct furrow__results *all = &s->results;
    if (all->count == all->capacity) {
        size_t size, capacity = all->capacity ? all->capacity * 2 : 16;
        if (!furrow__multiply_size(&size, capacity, sizeof *all->places))
            return false;
        struct furrow__place_of_rows *places = furrow__reallocate(all->places, size);
        if (!places)
            return false;
        all->places = places;
        all->capacity = capacity;
    }
    all->is_sorted = all->count == 0 || (all->is_sorted && all->places[all->count - 1].end <= start);
    all->places[all->count++] = (struct furrow__place_of_rows){start, end, result};
    return true;
}

bool furrow__result_remember(furrow__store *store, const furrow_model *model)
{
    if (!model->relation_count || store->count < 2)
        return true;
    furrow_session *s = store->s;
    furrow__result *result = furrow__arena_aligned(&s->arena, sizeof *result, 16);
    if (!result)
        return false;
    *result = (furrow__result){.model = model, .blocks = store->first, .count = store->count};
    for (const struct furrow__store_block *b = store->first; b; b = b->next)
        if (b->count && !add_place(s, b->rows, b->rows + b->count * store->row_size, result))
            return false;
    return true;
}

static int by_start(const void *a, const void *b)
{
    const struct furrow__place_of_rows *x = a, *y = b;
    return x->start < y->start ? -1 : x->start > y->start;
}

furrow__result *furrow__result_of(furrow_session *s, const void *row)
{
    struct furrow__results *all = &s->results;
    if (!all->is_sorted && all->count)
        qsort(all->places, all->count, sizeof *all->places, by_start);
    all->is_sorted = true;
    size_t low = 0, high = all->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct furrow__place_of_rows *place = &all->places[middle];
        if ((const char *)row < place->start)
            high = middle;
        else if ((const char *)row >= place->end)
            low = middle + 1;
        else
            return place->result;
    }
    return NULL;
}

void furrow__results_forget(furrow_session *s)
{
    furrow__release(s->results.places);
    s->results = (struct furrow__results){0};
}
