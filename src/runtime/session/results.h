/* SPDX-License-Identifier: MIT
 *
 * The rows of results in memory. A store holds the rows of one result in blocks of an arena; the
 * blocks double in size, so a row never moves. The session remembers the results of models with
 * relationships. From the address of a row, it then knows which rows were read together with it.
 */
#ifndef FURROW_RUNTIME_SESSION_RESULTS_H
#define FURROW_RUNTIME_SESSION_RESULTS_H

#include <stdbool.h>
#include <string.h>

#include <furrow/schema.h>

#include "base/arena.h"

/* A list as the library sees it. The list type of each model has the same members. */
typedef struct furrow__list {
    void **items;
    size_t count;
    bool loaded;
} furrow__list;

/* ---- the rows of one result ---- */

typedef struct furrow__store_block {
    struct furrow__store_block *next;
    char *rows;
    size_t count, capacity; /* in rows */
    unsigned char *loaded;  /* one bit for each row and relation: the relation was loaded, and there
                               is no  related row; NULL if no bit is set */
} furrow__store_block;

typedef struct furrow__store {
    furrow_arena *arena;
    size_t row_size; /* in bytes */
    size_t capacity; /* of the next block, in rows */
    furrow__store_block *first, *last;
    size_t count; /* in rows */
} furrow__store;

/* Starts an empty store. `known` is the number of rows to come; 0 means unknown. */
void furrow__store_start(furrow__store *store, furrow_arena *arena, const furrow_model *model,
                         size_t known);
bool furrow__store_grow(furrow__store *store);
/* Returns the next row, filled with zeros, or NULL when out of memory. */
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

/* ---- the results that a session remembers ---- */

typedef struct furrow__result {
    const furrow_model *model;
    furrow_arena *arena; /* of the rows, and of the rows that they lead to */
    furrow__store_block *blocks;
    size_t count; /* in rows */
} furrow__result;

typedef struct furrow__results {
    furrow_arena *arena;                 /* of the session */
    struct furrow__result_place *places; /* blocks in the order of their addresses; heap */
    size_t count, capacity;
} furrow__results;

/* Remembers a result if its model has relations. A result of one row in the session's arena is not
 * remembered: an unknown row counts as a result of its own. Returns false when out of memory. */
bool furrow__result_remember(furrow__results *results, const furrow__store *store,
                             const furrow_model *model);
/* Returns the result that a row was read with, or NULL if the row is a result of its own. */
furrow__result *furrow__result_of(const furrow__results *results, const void *row);
/* Forgets all results. */
void furrow__results_forget(furrow__results *results);
/* Forgets the results whose rows are in this arena, before the arena is cleared. */
void furrow__results_forget_arena(furrow__results *results, const furrow_arena *arena);

/* Notes that a relation of a row was loaded and that there is no related row; the row's own member
 * would look as if the relation had never been loaded. Nothing is noted for a row that the session
 * did not read. Returns false when out of memory. */
bool furrow__row_note_none(furrow__results *results, const furrow_relation *relation,
                           const void *row);
bool furrow__row_has_none(const furrow__results *results, const furrow_relation *relation,
                          const void *row);

#endif
