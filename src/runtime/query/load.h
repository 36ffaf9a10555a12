/* SPDX-License-Identifier: MIT
 *
 * Loading relationships: one statement for each step of a path, for any number of rows.
 *
 * A step starts from rows, the parents. It collects their distinct keys and selects the rows of the
 * target model for all of these keys. It then stores in each parent the rows that belong to it. A
 * step that two paths have in common runs once. A to-one step runs no statement if all of its
 * targets were loaded before.
 *
 * Within one load, a row of a table is read into one object only. The object is found by the row's
 * primary key. The rows of a step form a result, so that a relationship can later be loaded for all
 * of them. They are in the same arena as the parents: the session's, or the arena of a stream.
 */
#ifndef FURROW_RUNTIME_QUERY_LOAD_H
#define FURROW_RUNTIME_QUERY_LOAD_H

#include "runtime/session/key.h"

/* Returns FURROW_OK if the paths begin at the model, each step begins where the previous one ends,
 * the conditions and orders fit the rows of the last step, and no two paths load a relationship
 * with different options. The list may contain empty slots. No statement is sent. */
furrow_status furrow__check_paths(furrow_session *s, const furrow_model *model,
                                  furrow_path_list paths);
/* Checks `.with`, including its last slot, which must be empty. Keeps a failure in the session. */
furrow_status furrow__check_with(furrow_session *s, const furrow_model *model,
                                 furrow_path_list paths);
/* The rows that a load starts from. They were just read. */
typedef struct furrow__load_start {
    furrow_arena *arena; /* receives the loaded rows */
    const furrow_model *model;
    void *const *rows;
    size_t count;
} furrow__load_start;
/* Loads paths that have been checked. */
furrow_status furrow__load_paths(furrow_session *s, const furrow__load_start *start,
                                 furrow_path_list paths);
/* Returns whether any slot holds a path. */
bool furrow__has_paths(furrow_path_list paths);
/* Returns whether the path loads only some rows of its last relationship, or orders them. */
bool furrow__path_has_options(const furrow_path *path);
/* Returns the number of steps. */
size_t furrow__path_length(const furrow_path *path);
/* Returns whether the first `length` steps of two paths are the same. */
bool furrow__paths_share(const furrow_path *a, const furrow_path *b, size_t length);
/* Returns FURROW_INVALID if two paths load the same relationship with different conditions, orders
 * or limits. A path that continues from the rows of another path has the options of that path. */
furrow_status furrow__check_options(furrow_path_list paths, furrow_error *error);

/* One load */

/* Rows of a load. Most loads visit each model once and need no identity map. The rows are added to
 * the map only if a later step can read one of them again. */
typedef struct furrow__load_group {
    struct furrow__load_group *next;
    const furrow_model *model;
    void *const *rows; /* the first rows; the other rows are in `blocks` */
    size_t count;      /* number of `rows` */
    const furrow__store_block *blocks;
    bool entered; /* the rows were added to the identity map */
} furrow__load_group;

typedef struct furrow__load {
    furrow_session *s;
    furrow_arena *arena; /* the arena for the loaded rows */
    furrow__identity identity;
    furrow__load_group *groups;
    furrow_error error;
} furrow__load;

/* Rows as a list of pointers, allocated with furrow__allocate. */
typedef struct furrow__row_set {
    void **items;
    size_t count, capacity;
} furrow__row_set;

/* Appends a row. Returns false when out of memory. */
bool furrow__row_set_add(furrow__row_set *set, void *row);

furrow_status furrow__load_add_group(furrow__load *l, const furrow__load_group *what);
bool furrow__load_has_model(const furrow__load *l, const furrow_model *model);
/* Adds the rows of a model to the identity map. */
furrow_status furrow__load_enter_model(furrow__load *l, const furrow_model *model);

/* Loads one relationship for rows of its model. Unless `children` is NULL, *children receives the
 * loaded rows, each once. */
furrow_status furrow__load_run_step(furrow__load *l, const furrow__load_step *what,
                                    void *const *rows, size_t count, furrow__row_set *children);

#endif
