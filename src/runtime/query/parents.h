/* SPDX-License-Identifier: MIT
 *
 * Parents: the rows for which a relationship is loaded. They are grouped by the key that refers to
 * the target. A statement needs each key once; rows with the same key receive the same result.
 */
#ifndef FURROW_RUNTIME_QUERY_PARENTS_H
#define FURROW_RUNTIME_QUERY_PARENTS_H

#include "runtime/session/key.h"

typedef struct furrow__parents {
    const furrow_relation *relation;
    furrow__key_columns parent_key; /* the columns of a parent that hold its key */
    furrow__key_columns found_key;  /* the columns that hold the parent's key in the link or,
                                       without a link, in the target */
    void *const *rows;
    size_t count;  /* number of rows */
    size_t *first; /* for each key, the index of its first row */
    size_t *next;  /* for each row, 1 + the index of the next row with the same key; 0 at the end */
    size_t *table; /* hash table with open addressing: 1 + the index of a key; 0 means an empty
                      entry */
    size_t capacity; /* size of the table; a power of two */
    size_t key_count;
} furrow__parents;

/* Groups rows of the relation's model. A row whose key contains NULL is left out. Returns false
 * when out of memory; furrow__parents_done must be called in both cases. */
bool furrow__parents_group(furrow__parents *parents, const furrow_relation *relation,
                           void *const *rows, size_t count);
void furrow__parents_done(furrow__parents *parents);

/* Returns the index of the key that a row holds. The row is a row of the link or, without a link,
 * of the target. Returns key_count if no parent has the key. */
size_t furrow__parents_find(const furrow__parents *parents, const void *row);

/* Returns the first parent with this key. */
static inline void *furrow__parents_row(const furrow__parents *parents, size_t key)
{
    return parents->rows[parents->first[key]];
}

#endif
