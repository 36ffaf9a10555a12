/* SPDX-License-Identifier: MIT
 * Rows as they are read: slots in blocks of the session's arena, and which rows came together. */
#ifndef FURROW_RUNTIME_ROWS_H
#define FURROW_RUNTIME_ROWS_H

#include "runtime/session.h"

/* A list as the library sees it; a model's own has the same members. */
typedef struct furrow__list {
    void **items;
    size_t count;
    bool loaded;
} furrow__list;

/* Blocks of rows while a result is read; they double, so that a row never moves. */
typedef struct furrow__store {
    furrow_session *s;
    size_t row_size, capacity; /* of the next block, in rows */
    struct furrow__store_block *first, *last;
    size_t count;
} furrow__store;

struct furrow__store_block {
    struct furrow__store_block *next;
    char *rows;
    size_t count, capacity;
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
    uint64_t loaded; /* a bit for each of the first 64 relations: loaded for all of the rows */
    const struct furrow__store_block *blocks;
    size_t count;
} furrow__result;

/* Remember a result of at least two rows, if its model has relations. False when out of memory. */
bool furrow__result_remember(furrow__store *store, const furrow_model *model);
/* The result that a row lies in, or NULL: it is a set of one. */
furrow__result *furrow__result_of(furrow_session *s, const void *row);
void furrow__results_forget(furrow_session *s);

#endif
