/* SPDX-License-Identifier: MIT
 *
 * Blocks of rows, and the search for the block that contains a row. The blocks that a session
 * remembers are sorted by address.
 */
#include "runtime/session/results.h"

#include "base/memory.h"

enum { FIRST_BLOCK = 16, LAST_BLOCK = 4096 }; /* sizes of the first and largest block, in rows */

void furrow__store_start(furrow__store *store, furrow_arena *arena, const furrow_model *model,
                         size_t known)
{
    *store = (furrow__store){
        .arena = arena, .row_size = model->size, .capacity = known ? known : FIRST_BLOCK};
}

bool furrow__store_grow(furrow__store *store)
{
    size_t size = 0;
    furrow__store_block *block =
        furrow__arena_aligned(store->arena, sizeof *block, _Alignof(furrow__store_block));
    if (!block || !furrow__multiply_size(&size, store->capacity, store->row_size))
        return false;
    *block = (furrow__store_block){.rows = furrow__arena_aligned(store->arena, size, 16),
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

/* The position of a remembered block in memory. */
struct furrow__result_place {
    const char *start, *end;
    furrow__result *result;
    furrow__store_block *block;
};

/* Returns the number of blocks that begin at or before this address. */
static size_t places_before(const furrow__results *results, const void *address)
{
    size_t low = 0, high = results->count;
    if (high && (const char *)address >= results->places[high - 1].start)
        return high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((const char *)address < results->places[middle].start)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static bool add_place(furrow__results *results, furrow__store_block *block, furrow__result *result)
{
    if (results->count == results->capacity) {
        size_t size, capacity = results->capacity ? results->capacity * 2 : 16;
        if (!furrow__multiply_size(&size, capacity, sizeof *results->places))
            return false;
        struct furrow__result_place *places = furrow__reallocate(results->places, size);
        if (!places)
            return false;
        results->places = places;
        results->capacity = capacity;
    }
    size_t at = places_before(results, block->rows);
    memmove(results->places + at + 1, results->places + at,
            (results->count - at) * sizeof *results->places);
    results->places[at] = (struct furrow__result_place){
        block->rows, block->rows + block->count * result->model->size, result, block};
    results->count++;
    return true;
}

static bool remember(furrow__results *results, const furrow__result *what)
{
    furrow__result *result = furrow__arena_aligned(what->arena, sizeof *result, 16);
    if (!result)
        return false;
    *result = *what;
    for (furrow__store_block *b = result->blocks; b; b = b->next)
        if (b->count && !add_place(results, b, result))
            return false;
    return true;
}

bool furrow__result_remember(furrow__results *results, const furrow__store *store,
                             const furrow_model *model)
{
    size_t least = store->arena == results->arena ? 2 : 1;
    if (!model->relation_count || store->count < least)
        return true;
    return remember(results, &(furrow__result){.model = model,
                                               .arena = store->arena,
                                               .blocks = store->first,
                                               .count = store->count});
}

static const struct furrow__result_place *place_of(const furrow__results *results, const void *row)
{
    size_t before = places_before(results, row);
    const struct furrow__result_place *place = before ? &results->places[before - 1] : NULL;
    return place && (const char *)row < place->end ? place : NULL;
}

furrow__result *furrow__result_of(const furrow__results *results, const void *row)
{
    const struct furrow__result_place *place = place_of(results, row);
    return place ? place->result : NULL;
}

void furrow__results_forget(furrow__results *results)
{
    furrow__release(results->places);
    *results = (furrow__results){.arena = results->arena};
}

void furrow__results_forget_arena(furrow__results *results, const furrow_arena *arena)
{
    size_t kept = 0;
    for (size_t i = 0; i < results->count; i++)
        if (results->places[i].result->arena != arena)
            results->places[kept++] = results->places[i];
    results->count = kept;
}

/* Remembers a row that was read alone, as a result of one row. */
static const struct furrow__result_place *remember_one(furrow__results *results,
                                                       const furrow_model *model, const void *row)
{
    furrow__store_block *block = furrow__arena_aligned(results->arena, sizeof *block, 16);
    if (!block)
        return NULL;
    *block = (furrow__store_block){.rows = (char *)(uintptr_t)row, .count = 1, .capacity = 1};
    bool worked = remember(
        results,
        &(furrow__result){.model = model, .arena = results->arena, .blocks = block, .count = 1});
    return worked ? place_of(results, row) : NULL;
}

static size_t bit_of(const struct furrow__result_place *place, const furrow_relation *relation,
                     const void *row)
{
    size_t index = (size_t)((const char *)row - place->start) / relation->model->size;
    return index * relation->model->relation_count + relation->index;
}

bool furrow__row_note_none(furrow__results *results, const furrow_relation *relation,
                           const void *row)
{
    const struct furrow__result_place *place = place_of(results, row);
    if (!place) {
        if (!furrow__arena_holds(results->arena, row))
            return true; /* the program owns this row and can reuse its address */
        place = remember_one(results, relation->model, row);
    }
    if (!place)
        return false;
    if (place->result->model != relation->model)
        return true;
    furrow__store_block *block = place->block;
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

bool furrow__row_has_none(const furrow__results *results, const furrow_relation *relation,
                          const void *row)
{
    const struct furrow__result_place *place = place_of(results, row);
    if (!place || place->result->model != relation->model || !place->block->loaded)
        return false;
    size_t bit = bit_of(place, relation, row);
    return place->block->loaded[bit / 8] >> bit % 8 & 1;
}
