/* SPDX-License-Identifier: MIT
 *
 * Results as structs. Rows of one result lie in blocks of the session's arena, or of a stream's:
 * one block where the driver knows the number of rows, else blocks that double, so that a row never
 * moves. The session remembers the blocks of results whose model has relations, in the order of
 * their addresses, and so tells from a row's address which rows came with it.
 */
#include "runtime/session/rows.h"

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
    *store = (furrow__store){.s = s,
                             .arena = &s->arena,
                             .row_size = model->size,
                             .capacity = known ? known : FIRST_BLOCK};
}

bool furrow__store_grow(furrow__store *store)
{
    size_t size = 0;
    struct furrow__store_block *block =
        furrow__arena_aligned(store->arena, sizeof *block, _Alignof(struct furrow__store_block));
    if (!block || !furrow__multiply_size(&size, store->capacity, store->row_size))
        return false;
    *block = (struct furrow__store_block){.rows = furrow__arena_aligned(store->arena, size, 16),
                                          .capacity = store->capacity};
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
        run->status = driver->read_row(run->statement, (furrow_column_list){columns, column_count},
                                       row, &run->s->arena, &run->error);
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
        if (run->status == FURROW_OK && store.count &&
            list_rows(run, &result, &store) == FURROW_OK && !furrow__result_remember(&store, model))
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
    struct furrow__store_block *block;
};

/* The number of places that begin at or before this address. */
static size_t places_before(const struct furrow__results *all, const void *address)
{
    size_t low = 0, high = all->count;
    if (high && (const char *)address >= all->places[high - 1].start)
        return high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((const char *)address < all->places[middle].start)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static bool add_place(furrow_session *s, struct furrow__store_block *block, furrow__result *result)
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
    size_t at = places_before(all, block->rows);
    memmove(all->places + at + 1, all->places + at, (all->count - at) * sizeof *all->places);
    all->places[at] = (struct furrow__place_of_rows){
        block->rows, block->rows + block->count * result->model->size, result, block};
    all->count++;
    return true;
}

static bool remember(furrow_session *s, const furrow__result *what)
{
    furrow__result *result = furrow__arena_aligned(what->arena, sizeof *result, 16);
    if (!result)
        return false;
    *result = *what;
    for (struct furrow__store_block *b = result->blocks; b; b = b->next)
        if (b->count && !add_place(s, b, result))
            return false;
    return true;
}

bool furrow__result_remember(furrow__store *store, const furrow_model *model)
{
    size_t least = store->arena == &store->s->arena ? 2 : 1;
    if (!model->relation_count || store->count < least)
        return true;
    return remember(store->s, &(furrow__result){.model = model,
                                                .arena = store->arena,
                                                .blocks = store->first,
                                                .count = store->count});
}

static const struct furrow__place_of_rows *place_of(furrow_session *s, const void *row)
{
    size_t before = places_before(&s->results, row);
    const struct furrow__place_of_rows *place = before ? &s->results.places[before - 1] : NULL;
    return place && (const char *)row < place->end ? place : NULL;
}

furrow__result *furrow__result_of(furrow_session *s, const void *row)
{
    const struct furrow__place_of_rows *place = place_of(s, row);
    return place ? place->result : NULL;
}

void furrow__results_forget(furrow_session *s)
{
    furrow__release(s->results.places);
    s->results = (struct furrow__results){0};
}

void furrow__results_forget_arena(furrow_session *s, const furrow_arena *arena)
{
    struct furrow__results *all = &s->results;
    size_t kept = 0;
    for (size_t i = 0; i < all->count; i++)
        if (all->places[i].result->arena != arena)
            all->places[kept++] = all->places[i];
    all->count = kept;
}

/* ---- relations that lead nowhere ---- */

/* A row of a result of one, which nobody remembered. */
static const struct furrow__place_of_rows *remember_one(furrow_session *s,
                                                        const furrow_model *model, const void *row)
{
    struct furrow__store_block *block = furrow__arena_aligned(&s->arena, sizeof *block, 16);
    if (!block)
        return NULL;
    *block =
        (struct furrow__store_block){.rows = (char *)(uintptr_t)row, .count = 1, .capacity = 1};
    bool worked = remember(
        s, &(furrow__result){.model = model, .arena = &s->arena, .blocks = block, .count = 1});
    return worked ? place_of(s, row) : NULL;
}

static size_t bit_of(const struct furrow__place_of_rows *place, const furrow_relation *relation,
                     const void *row)
{
    size_t index = (size_t)((const char *)row - place->start) / relation->model->size;
    return index * relation->model->relation_count + relation->index;
}

bool furrow__row_note_none(furrow_session *s, const furrow_relation *relation, const void *row)
{
    const struct furrow__place_of_rows *place = place_of(s, row);
    if (!place) {
        if (!furrow__arena_holds(&s->arena, row))
            return true; /* not ours: another row may lie there next */
        place = remember_one(s, relation->model, row);
    }
    if (!place)
        return false;
    if (place->result->model != relation->model)
        return true;
    struct furrow__store_block *block = place->block;
    if (!block->loaded) {
        size_t bits = block->count * relation->model->relation_count;
        block->loaded = furrow__arena_aligned(place->result->arena, bits / 8 + 1, 1);
        if (!block->loaded)
            return false;
        memset(block->loaded, 0, bits / 8 + 1);
    }
    size_t bit = bit_of(place, relation, row);
    block->loaded[bit / 8] |= (unsigned char)(1u << bit % 8);
    return true;
}

bool furrow__row_has_none(furrow_session *s, const furrow_relation *relation, const void *row)
{
    const struct furrow__place_of_rows *place = place_of(s, row);
    if (!place || place->result->model != relation->model || !place->block->loaded)
        return false;
    size_t bit = bit_of(place, relation, row);
    return place->block->loaded[bit / 8] >> bit % 8 & 1;
}
