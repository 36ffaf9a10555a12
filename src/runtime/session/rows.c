/* SPDX-License-Identifier: MIT
 *
 * Reads rows. If the driver knows the number of rows, the rows are stored in one block.
 */
#include "runtime/session/rows.h"

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
        run->status = driver->read_row(run->statement, (furrow_column_list){columns, column_count},
                                       row, &run->s->arena, &run->error);
        if (run->status)
            break;
    }
    run->rows += store->count;
    return run->status;
}

/* Makes one array of pointers to the rows of all blocks. */
static furrow_status list_rows(furrow__run *run, furrow__list *list, const furrow__store *store)
{
    size_t size = 0;
    if (furrow__multiply_size(&size, store->count, sizeof *list->items))
        list->items = furrow__arena_aligned(&run->s->arena, size, _Alignof(void *));
    if (!list->items)
        return no_memory(run);
    for (const furrow__store_block *b = store->first; b; b = b->next)
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
        furrow__store_start(&store, &run->s->arena, model, known);
        read_rows(run, &store, known, columns, column_count);
        if (run->status == FURROW_OK && store.count &&
            list_rows(run, &result, &store) == FURROW_OK &&
            !furrow__result_remember(&run->s->results, &store, model))
            no_memory(run);
    }
    if (run->status != FURROW_OK)
        result = (furrow__list){0};
    result.loaded = run->status == FURROW_OK;
    memcpy(list, &result, sizeof result);
    return run->status;
}
