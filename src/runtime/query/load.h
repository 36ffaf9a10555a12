/* SPDX-License-Identifier: MIT
 *
 * Loading relationships: one statement for each step of a path, for any number of rows.
 *
 * A step takes the rows at its start (the parents), collects their distinct keys, selects the rows
 * of the target for all of these keys, and gives each parent its own. A step that two paths have in
 * common runs once. A to-one step whose targets have all been loaded before runs no statement.
 *
 * Within one load, a row of a table is one object, which is found by its primary key. The rows of a
 * step are a result of their own, so that a relationship of theirs can later be loaded for all of
 * them. They are in the same arena as the parents: the session's, or the arena of a stream.
 */
#ifndef FURROW_RUNTIME_QUERY_LOAD_H
#define FURROW_RUNTIME_QUERY_LOAD_H

#include "runtime/session/key.h"

/* Returns FURROW_OK if the paths begin at the model, each step follows the one before it, and their
 * conditions and orders fit the rows they lead to. The list may contain empty slots. Nothing is
 * sent. */
furrow_status furrow__check_paths(furrow_session *s, const furrow_model *model,
                                  furrow_path_list paths);
/* Checks `.with`: its slots, including the last one, which must be empty. A failure is kept. */
furrow_status furrow__check_with(furrow_session *s, const furrow_model *model,
                                 furrow_path_list paths);
/* The rows that a load starts from. They were just read. */
typedef struct furrow__load_start {
    furrow_arena *arena; /* receives the rows that are loaded */
    const furrow_model *model;
    void *const *rows;
    size_t count;
} furrow__load_start;
/* Loads paths that have been checked. */
furrow_status furrow__load_paths(furrow_session *s, const furrow__load_start *start,
                                 furrow_path_list paths);
/* Returns whether any slot holds a path. */
bool furrow__has_paths(furrow_path_list paths);

/* ---- one load ---- */

/* Rows of a load. They are entered into the identity map only when a step may meet one of them
 * again: most loads lead to each model once and need no map. */
typedef struct furrow__load_group {
    struct furrow__load_group *next;
    const furrow_model *model;
    void *const *rows; /* these rows, and the rows of `blocks` */
    size_t count;      /* of `rows` */
    const furrow__store_block *blocks;
    bool entered; /* into the identity map */
} furrow__load_group;

typedef struct furrow__load {
    furrow_session *s;
    furrow_arena *arena; /* receives the rows */
    furrow__identity identity;
    furrow__load_group *groups;
    furrow_error error;
} furrow__load;

/* Rows as a list of pointers; heap. */
typedef struct furrow__row_set {
    void **items;
    size_t count, capacity;
} furrow__row_set;

/* Returns false when out of memory. */
bool furrow__row_set_add(furrow__row_set *set, void *row);

furrow_status furrow__load_add_group(furrow__load *l, const furrow__load_group *what);
bool furrow__load_has_model(const furrow__load *l, const furrow_model *model);
/* Enters the rows of a model into the identity map. */
furrow_status furrow__load_enter_model(furrow__load *l, const furrow_model *model);

/* Loads one relationship for rows of its model. *children receives the rows that it leads to, each
 * once, unless `children` is NULL. */
furrow_status furrow__load_run_step(furrow__load *l, const furrow__load_step *what,
                                    void *const *rows, size_t count, furrow__row_set *children);

#endif
