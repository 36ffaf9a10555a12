/* SPDX-License-Identifier: MIT
 *
 * insert_with and insert_many_with. The paths are converted to a tree of steps (tree.h), which is
 * then inserted.
 */
#include "runtime/query/load.h"
#include "runtime/session/transaction.h"
#include "runtime/session/use.h"
#include "runtime/write/tree.h"

/* Returns whether a path has a limit, a condition or an order. */
static bool asks_for_some(const furrow_path *path)
{
    bool some = path->limit != 0;
    for (size_t i = 0; i < sizeof path->where / sizeof *path->where; i++)
        some |= !furrow__is_empty_condition(&path->where[i]);
    for (size_t i = 0; i < sizeof path->order_by / sizeof *path->order_by; i++)
        some |= !furrow__is_empty_ordering(&path->order_by[i]);
    return some;
}

/* Adds a path, whose steps have been checked, to the tree. `nodes` has room for all steps. It is
 * allocated with furrow__allocate, because the verbs that run clear the scratch memory. */
static furrow_status add_path(furrow_session *s, const furrow_model *model, const furrow_path *path,
                              furrow__tree_node *nodes, size_t *used)
{
    furrow__tree_node *at = nodes; /* the root */
    if (asks_for_some(path))
        return furrow__session_failf(
            s, FURROW_INVALID,
            "a path of insert_with of model \"%s\" has conditions, an order or a limit",
            model->name);
    for (size_t i = 0; path->steps[i].relation; i++) {
        const furrow_relation *r = path->steps[i].relation;
        furrow__tree_node **place = &at->first_child;
        while (*place && (*place)->relation != r)
            place = &(*place)->next;
        if (!*place) {
            nodes[*used] = (furrow__tree_node){.relation = r};
            *place = &nodes[(*used)++];
        }
        at = *place;
    }
    return FURROW_OK;
}

static furrow_status insert_tree(furrow__tree *t, const furrow_model *model, char *rows,
                                 size_t count, const furrow__tree_node *root)
{
    furrow__gathered found = {0};
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < count && !status; i++) {
        bool is_new;
        void *row = rows + i * model->size;
        if (!furrow__tree_enter(t, model, row, &is_new) || !furrow__batch_add(&found.fresh, row))
            status = furrow__session_no_memory(t->s);
    }
    if (!status)
        status = furrow__tree_insert(t, model, &found, root->first_child);
    if (!status)
        status = furrow__tree_close(t);
    if (status)
        furrow__tree_restore(t);
    furrow__gathered_done(&found);
    furrow__release(t->known.table);
    furrow__release(t->pairs.table);
    furrow__arena_done(&t->saved);
    return status;
}

furrow_status furrow_rows_insert(furrow_session *s, const furrow_model *model, void *rows,
                                 size_t count, furrow_path_list paths)
{
    FURROW__USE(s, FURROW_INVALID);
    furrow_status status = furrow__session_start_write(s);
    if (status || (status = furrow__check_model(s, model)))
        return status;
    if (count && !rows)
        return furrow__session_failf(s, FURROW_INVALID,
                                     "insert_with of model \"%s\": the rows are NULL", model->name);
    if ((status = furrow__check_paths(s, model, paths)))
        return status;
    furrow__tree t = {.s = s};
    size_t used = 1;
    furrow__tree_node *nodes =
        furrow__allocate_zeroed(paths.count * FURROW_MAX_STEPS + 1, sizeof *nodes);
    if (!nodes)
        return furrow__session_no_memory(s);
    for (size_t i = 0; i < paths.count && !status; i++)
        status = add_path(s, model, &paths.items[i], nodes, &used);
    if (!status)
        status = insert_tree(&t, model, rows, count, nodes);
    furrow__release(nodes);
    return status;
}
