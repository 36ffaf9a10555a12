/* SPDX-License-Identifier: MIT
 *
 * Results as structs. Rows of one result lie in blocks of the session's arena: one block where the
 * driver knows the number of rows, else blocks that double, so that a row never moves.
 */
#include "runtime/session.h"

enum { FIRST_BLOCK = 16, LAST_BLOCK = 4096 }; /* rows */

/* A list as the library sees it; a model's own has the same members. */
struct any_list {
    void **items;
    size_t count;
    bool loaded;
};

void furrow__clear_list(void *list)
{
    if (list)
        memset(list, 0, sizeof(struct any_list));
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

/* One block of rows while a result is read. */
struct block {
    struct block *next;
    char *rows;
    size_t count;
};

static furrow_status read_block(furrow__run *run, struct block *block, size_t capacity,
                                const furrow_model *model, const furrow_column *const *columns,
                                size_t column_count, bool *more)
{
    const furrow_driver *driver = run->s->driver;
    char *row = block->rows;
    while (block->count < capacity && *more) {
        run->status = driver->step(run->statement, more, &run->error);
        if (run->status || !*more)
            break;
        memset(row, 0, model->size);
        run->status = driver->read_row(run->statement, columns, column_count, row, &run->s->arena,
                                       &run->error);
        if (run->status)
            break;
        row += model->size;
        block->count++;
    }
    run->rows += block->count;
    return run->status;
}

/* The rows of all blocks as one array of pointers. */
static furrow_status list_blocks(furrow__run *run, struct any_list *list, const struct block *first,
                                 size_t row_size, size_t total)
{
    size_t size = 0;
    if (furrow__multiply_size(&size, total, sizeof *list->items))
        list->items = furrow__arena_aligned(&run->s->arena, size, _Alignof(void *));
    if (!list->items)
        return run->status = furrow__fail(&run->error, FURROW_NOMEM, "out of memory");
    for (const struct block *b = first; b; b = b->next)
        for (size_t i = 0; i < b->count; i++)
            list->items[list->count++] = b->rows + i * row_size;
    return FURROW_OK;
}

static struct block *new_block(furrow_session *s, size_t capacity, size_t row_size)
{
    size_t size = 0;
    struct block *block = furrow__arena_aligned(&s->scratch, sizeof *block, _Alignof(struct block));
    if (!block || !furrow__multiply_size(&size, capacity, row_size))
        return NULL;
    *block = (struct block){.rows = furrow__arena_aligned(&s->arena, size, 16)};
    return block->rows ? block : NULL;
}

furrow_status furrow__read_list(furrow__run *run, void *list, const furrow_model *model,
                                const furrow_column *const *columns, size_t column_count)
{
    struct any_list result = {0};
    struct block *first = NULL, **last = &first;
    size_t known = run->status == FURROW_OK ? run->s->driver->row_count(run->statement) : 0;
    size_t capacity = known ? known : FIRST_BLOCK;
    size_t total = 0;
    bool more = true;

    while (run->status == FURROW_OK && more) {
        struct block *block = new_block(run->s, capacity, model->size);
        if (!block) {
            run->status = furrow__fail(&run->error, FURROW_NOMEM, "out of memory");
            break;
        }
        *last = block;
        last = &block->next;
        read_block(run, block, capacity, model, columns, column_count, &more);
        total += block->count;
        if (known && total == known)
            break;
        capacity = capacity < LAST_BLOCK ? capacity * 2 : LAST_BLOCK;
    }
    if (run->status == FURROW_OK && total)
        list_blocks(run, &result, first, model->size, total);
    if (run->status != FURROW_OK)
        result = (struct any_list){0};
    result.loaded = run->status == FURROW_OK;
    memcpy(list, &result, sizeof result);
    return run->status;
}
