/* SPDX-License-Identifier: MIT
 *
 * The rows of results in memory. A store holds the rows of one result in blocks of an arena. Each
 * block is twice as large as the one before, so a row never moves. The session remembers the
 * results of models with relationships, so that it can find, from the address of a row, all rows
 * that were read together with that row.
 */
#ifndef FURROW_RUNTIME_SESSION_RESULTS_H
#define FURROW_RUNTIME_SESSION_RESULTS_H

#include <stdbool.h>
#include <string.h>

#include <furrow/schema.h>

#include "base/arena.h"

/* A list of rows of any model. The list type of each model has the same members. */
typedef struct furrow__list {
    void **items;
    size_t count;
    bool loaded;
} furrow__list;

/* The rows of one result */

typedef struct furrow__store_block {
    struct furrow__store_block *next;
    char *rows;
    size_t count, capacity; /* number of rows */
    unsigned char *loaded;  /* one bit for each row and relation: 1 if the relation was loaded and
                               there is no related row; NULL if no bit is set */
} furrow__store_block;

typedef struct furrow__store {
    furrow_arena *arena;
    size_t row_size; /* in bytes */
    size_t capacity; /* size of the next block, in rows */
    furrow__store_block *first, *last;
    size_t count; /* number of rows */
} furrow__store;

/* Starts an empty store. `known` is the expected number of rows; 0 means unknown. */
void furrow__store_start(furrow__store *store, furrow_arena *arena, const furrow_model *model,
                         size_t known);
bool furrow__store_grow(furrow__store *store);
/* Appends a row filled with zeros and returns it. Returns NULL when out of memory. */
static inline void *furrow__store_row(furrow__store *store)
{
    if ((!store->last || store->last->count == store->last->capacity) && !furrow__store_grow(store))
        return NULL;
    void *row = store->last->rows + store->last->count++ * store->row_size;
    store->count++;
    return memset(row, 0, store->row_size);
}
/* Removes the last row. */
static inline void furrow__store_drop(furrow__store *store)
{
    store->last->count--;
    store->count--;
}

/* The results that a session remembers */

typedef struct furrow__result {
    const furrow_model *model;
    furrow_arena *arena; /* holds the rows, and the rows of their relationships */
    furrow__store_block *blocks;
    size_t count; /* number of rows */
} furrow__result;

typedef struct furrow__results {
    furrow_arena *arena;                 /* next result of the session */
    struct furrow__result_place *places; /* blocks in the order of their addresses; allocated with
                                            furrow__allocate */
    size_t count, capacity;
} furrow__results;

/* Remembers a result if its model has relations. A result of one row in the session's arena is not
 * remembered, because an unknown row counts as a result of one row. Returns false when out of
 * memory. */
bool furrow__result_remember(furrow__results *results, const furrow__store *store,
                             const furrow_model *model);
/* Returns the result that a row belongs to; NULL if the row was read alone. */
furrow__result *furrow__result_of(const furrow__results *results, const void *row);
/* Forgets all results. */
void furrow__results_forget(furrow__results *results);
/* Forgets the results whose rows are in this arena. Must be called before the arena is cleared. */
void furrow__results_forget_arena(furrow__results *results, const furrow_arena *arena);

/* Records that a relation of a row was loaded and that there is no related row. The row's member
 * cannot show this: it is also NULL before the relation is loaded. Nothing is recorded for a row
 * that the session did not read. Returns false when out of memory. */
bool furrow__row_note_none(furrow__results *results, const furrow_relation *relation,
                           const void *row);
bool furrow__row_has_none(const furrow__results *results, const furrow_relation *relation,
                          const void *row);

#endif
