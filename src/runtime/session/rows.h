/* SPDX-License-Identifier: MIT
 * Rows as they are read: slots in blocks of an arena, and which rows came together. */
#ifndef FURROW_RUNTIME_SESSION_ROWS_H
#define FURROW_RUNTIME_SESSION_ROWS_H

#include "runtime/session/session.h"

/* A list as the library sees it; a model's own has the same members. */
typedef struct furrow__list {
    void **items;
    size_t count;
    bool loaded;
} furrow__list;

/* Blocks of rows while a result is read; they double, so that a row never moves. */
typedef struct furrow__store {
    furrow_session *s;
    furrow_arena *arena;       /* the session's, until another is set */
    size_t row_size, capacity; /* of the next block, in rows */
    struct furrow__store_block *first, *last;
    size_t count;
} furrow__store;

struct furrow__store_block {
    struct furrow__store_block *next;
    char *rows;
    size_t count, capacity;
    unsigned char *loaded; /* a bit for each row and relation that was loaded and leads nowhere;
                              NULL while there is none */
};

/* known: how many rows will come, or 0. */
void furrow__store_start(furrow__store *store, furrow_session *s, const furrow_model *model,
                         size_t known);
bool furrow__store_grow(furrow__store *store);
/* The next slot, zeroed; NULL when out of memory. */
static inline void *furrow__store_row(furrow__store *store)
{
    if ((!store->last || store->last->count == store->last->capacity) && !furrow__store_grow(store))
        return NULL;
    void *row = store->last->rows + store->last->count++ * store->row_size;
    store->count++;
    return memset(row, 0, store->row_size);
}
/* Give the last slot back. */
static inline void furrow__store_drop(furrow__store *store)
{
    store->last->count--;
    store->count--;
}

/* ---- which rows came together ---- */

/* The rows of one result, as long as the session remembers them. */
typedef struct furrow__result {
    const furrow_model *model;
    furrow_arena *arena; /* where the rows lie, and what they lead to */
    struct furrow__store_block *blocks;
    size_t count;
} furrow__result;

/* Remember a result, if its model has relations; of one row only if it lies in an arena of its own,
 * since it is a set of one anyway. False when out of memory. */
bool furrow__result_remember(furrow__store *store, const furrow_model *model);
/* The result that a row lies in, or NULL: it is a set of one. */
furrow__result *furrow__result_of(furrow_session *s, const void *row);
void furrow__results_forget(furrow_session *s);
/* Forget those whose rows lie in this arena, which is about to be cleared. */
void furrow__results_forget_arena(furrow_session *s, const furrow_arena *arena);

/* Note that a relation of a row was loaded and leads nowhere, which its member cannot tell from one
 * never asked for. A row that the session did not read cannot be noted. False when out of memory.
 */
bool furrow__row_note_none(furrow_session *s, const furrow_relation *relation, const void *row);
bool furrow__row_has_none(furrow_session *s, const furrow_relation *relation, const void *row);

#endif
