/* SPDX-License-Identifier: MIT
 *
 * Inserts rows together with the rows in their relationships.
 *
 * Paths form a tree of steps; paths with a common beginning share nodes. A node's rows are inserted
 * in the order that foreign keys require:
 *
 *   1. targets of to-one relations, whose keys are then copied into the node's rows
 *   2. the node's rows, with one insert_many
 *   3. rows that refer to the node's rows, after the keys were copied into them
 *   4. targets of a many-to-many relation, and then the links
 *
 * If several rows refer to a row, that row is inserted once. If the lists at both ends contain a
 * link, the link is inserted once. The key of a row cannot change after the row was inserted; a
 * call is rejected if it would require such a change. After a failure, every row is as it was
 * before the call.
 */
#ifndef FURROW_RUNTIME_WRITE_TREE_H
#define FURROW_RUNTIME_WRITE_TREE_H

#include "runtime/session/session.h"

typedef struct furrow__tree_node {
    const furrow_relation *relation; /* NULL for the root */
    struct furrow__tree_node *first_child;
    struct furrow__tree_node *next; /* the next child of the same parent */
} furrow__tree_node;

/* A row that has been inserted, or that still has to be inserted. */
typedef struct furrow__known_row {
    void *row;
    const void *before; /* a copy of the row as the caller passed it; its size is `size` bytes */
    size_t size;
    size_t entered, gathered; /* the numbers of the first and of the last step that found the row */
    bool is_done;             /* the row has been inserted */
} furrow__known_row;

typedef struct furrow__known_rows {
    furrow__known_row *table; /* hash table with open addressing, by the row's address; allocated
                                 with furrow__allocate */
    size_t count, capacity;
} furrow__known_rows;

/* Two linked rows. `first` is the row whose columns come first in the link's model. */
typedef struct furrow__pair {
    const furrow_model *link; /* NULL means an empty entry */
    uint16_t first_column, second_column;
    const void *first, *second;
} furrow__pair;

typedef struct furrow__pairs {
    furrow__pair *table; /* hash table with open addressing; allocated with furrow__allocate */
    size_t count, capacity;
} furrow__pairs;

/* A growing list of rows, allocated with furrow__allocate. */
typedef struct furrow__batch {
    void **rows;
    size_t count, capacity;
} furrow__batch;

/* The rows that a step found. */
typedef struct furrow__gathered {
    furrow__batch fresh; /* rows found for the first time */
    furrow__batch again; /* rows that an earlier step had found */
} furrow__gathered;

/* A step that must be repeated after all other steps, because the row that it refers to was found
 * by another step but was not yet inserted. */
typedef struct furrow__open_end {
    const furrow__tree_node *node;
    void *row;
    struct furrow__open_end *next;
} furrow__open_end;

typedef struct furrow__tree {
    furrow_session *s;
    furrow__known_rows known;
    furrow__pairs pairs;
    furrow__open_end *open_ends;
    size_t gathers;     /* sequence number of the current step */
    furrow_arena saved; /* memory for copies of rows, and for open ends */
} furrow__tree;

/* Known rows and links (tree_known.c) */

/* Adds a row and saves a copy of it. *is_new receives whether the row was unknown. Returns false
 * when out of memory. */
bool furrow__tree_enter(furrow__tree *t, const furrow_model *model, void *row, bool *is_new);
/* Returns the entry of a row, or NULL. */
furrow__known_row *furrow__tree_find(const furrow__tree *t, const void *row);
bool furrow__tree_is_done(const furrow__tree *t, const void *row);
/* Restores every row from its copy. */
void furrow__tree_restore(const furrow__tree *t);

/* Adds the link between two rows. *is_new receives whether the link was unknown. Returns false when
 * out of memory. */
bool furrow__tree_enter_pair(furrow__tree *t, const furrow_relation *r, const void *row,
                             const void *target, bool *is_new);

/* Appends a row. Returns false when out of memory. */
bool furrow__batch_add(furrow__batch *batch, void *row);
void furrow__gathered_done(furrow__gathered *found);

/* Steps (tree_step.c) */

/* Inserts the rows that a step found, then the rows that its child nodes find, starting from these
 * rows. An earlier step has already found the rows of `again`. The members of these rows are
 * visited nevertheless, because the earlier step may have had other child nodes. */
furrow_status furrow__tree_insert(furrow__tree *t, const furrow_model *model,
                                  furrow__gathered *found, const furrow__tree_node *nodes);
/* Repeats the steps that found rows that had not been inserted yet. */
furrow_status furrow__tree_close(furrow__tree *t);

#endif
