/* SPDX-License-Identifier: MIT
 *
 * One step of a load: a relationship, its parents, and the rows that were found for them.
 */
#ifndef FURROW_RUNTIME_QUERY_LOAD_STEP_H
#define FURROW_RUNTIME_QUERY_LOAD_STEP_H

#include "runtime/query/load.h"
#include "runtime/query/parents.h"

/* A row of the target, and the index of a key. The row belongs to the parents with this key. */
typedef struct furrow__found {
    void *row;
    size_t key;
} furrow__found;

typedef struct furrow__found_list {
    furrow__found *items; /* allocated with furrow__allocate */
    size_t count, capacity;
} furrow__found_list;

typedef struct furrow__step {
    furrow__load *l;
    const furrow__load_step *what;
    furrow__parents parents;
    furrow__found_list found;
    furrow__row_set *children; /* receives each row once, in the order in which it was read; may be
                                  NULL */
    bool is_known;   /* rows of the target may have been loaded before, or may be read twice */
    size_t last_key; /* the key of the row that was read last */
    furrow__store store;
    void *link;    /* a row of the link's model, into which the parent's key is read */
    void **latest; /* with a link: for each key, the row that was found last; allocated with
                      furrow__allocate */
} furrow__step;

/* Stores the rows of a step in the members of their parents. If the target has a relation back to
 * the parents, also stores the parent in each row. */
furrow_status furrow__step_hand_out(furrow__step *step);

#endif
