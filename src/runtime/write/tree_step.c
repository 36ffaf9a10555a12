/* SPDX-License-Identifier: MIT
 *
 * The steps of insert_with: find the rows in relationships, copy keys, and insert table by table.
 * The rows of a table are copied to adjacent memory for insert_many. After the insert they contain
 * the values that the database chose, and are copied back.
 */
#include "runtime/query/member.h"
#include "runtime/session/field.h"
#include "runtime/session/key.h"
#include "runtime/write/tree.h"

/* Returns the content of a row's member as a list. *one holds the item if the relation is to-one.
 */
static furrow__list member_of(const furrow_relation *r, const void *row, void **one)
{
    furrow__list list = {0};
    if (furrow__member_is_list(r)) {
        list = furrow__member_list(r, row);
        if (!list.items)
            list.count = 0;
        return list;
    }
    *one = furrow__member_pointer(r, row);
    if (*one)
        list = (furrow__list){one, 1, true};
    return list;
}

/* Returns FURROW_OK if a row has this key, or if the key can still be copied into the row. That is
 * possible if the row has not been inserted and this call has not copied another key into it. */
static furrow_status check_free(furrow__tree *t, const furrow_column *to,
                                const furrow__known_row *known, const furrow_column *from,
                                const void *from_row)
{
    furrow_value held = furrow__row_value(to, known->row);
    furrow_value before = furrow__row_value(to, known->before);
    furrow_value wanted = furrow__row_value(from, from_row);
    bool as_before = held.type == FURROW_TYPE_NULL || furrow__values_are_equal(&held, &before);
    if (furrow__values_are_equal(&held, &wanted) || (as_before && !known->is_done))
        return FURROW_OK;
    furrow_error error;
    furrow__fail(&error, FURROW_INVALID,
                 known->is_done
                     ? "a row of model \"%s\" is inserted before the row of model \"%s\" "
                       "that its \"%s\" must refer to"
                     : "a row of model \"%s\" is in the relationships of two rows of model "
                       "\"%s\", but its \"%s\" can refer to only one",
                 to->model->name, from->model->name, to->name);
    furrow__hint(&error, "keep the row in the relationship of one row only, and not in the array "
                         "or in an earlier step");
    return furrow__session_fail(t->s, &error);
}

/* Copies a field of a key to the field that refers to it. */
static furrow_status carry(furrow__tree *t, const furrow_column *to, void *to_row,
                           const furrow_column *from, const void *from_row)
{
    const furrow__known_row *known = furrow__tree_find(t, to_row);
    if (known && check_free(t, to, known, from, from_row))
        return FURROW_INVALID;
    if ((known && known->is_done) || furrow__field_carry(to, to_row, from, from_row))
        return FURROW_OK;
    return furrow__session_failf(
        t->s, FURROW_INVALID, "the key %s of model \"%s\" does not fit %s of model \"%s\"",
        FURROW__QUOTED(from->name), from->model->name, FURROW__QUOTED(to->name), to->model->name);
}

static furrow_status carry_key(furrow__tree *t, const furrow__key_columns *to, void *to_row,
                               const furrow__key_columns *from, const void *from_row)
{
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < from->count && !status; i++)
        status = carry(t, &to->model->columns[to->columns[i]], to_row,
                       &from->model->columns[from->columns[i]], from_row);
    return status;
}

static furrow_status insert_rows(furrow__tree *t, const furrow_model *model, void *const *rows,
                                 size_t count)
{
    char *copy = count ? furrow__allocate_zeroed(count, model->size) : NULL;
    if (!count)
        return FURROW_OK;
    if (!copy)
        return furrow__session_no_memory(t->s);
    for (size_t i = 0; i < count; i++)
        memcpy(copy + i * model->size, rows[i], model->size);
    furrow_status status = furrow_model_insert_many(t->s, model, copy, count);
    for (size_t i = 0; i < count && !status; i++) {
        memcpy(rows[i], copy + i * model->size, model->size);
        furrow__tree_find(t, rows[i])->is_done = true;
    }
    furrow__release(copy);
    return status;
}

static bool child_refers(const furrow_relation *r)
{
    return r->kind == FURROW_RELATION_TO_MANY || r->kind == FURROW_RELATION_ONE_TO_ONE;
}

static furrow_status add_open_end(furrow__tree *t, const furrow__tree_node *node, void *row)
{
    furrow__open_end *end = furrow__arena_aligned(&t->saved, sizeof *end, 16);
    if (!end)
        return furrow__session_no_memory(t->s);
    *end = (furrow__open_end){node, row, t->open_ends};
    t->open_ends = end;
    return FURROW_OK;
}

/* Adds a row that was found in the member of another row, and copies the key into the child. */
static furrow_status gather_one(furrow__tree *t, const furrow__tree_node *node, void *row,
                                void *target, furrow__gathered *found)
{
    bool is_new;
    const furrow_relation *r = node->relation;
    if (!target)
        return furrow__session_failf(t->s, FURROW_INVALID,
                                     "\"%s\" of model \"%s\" contains a NULL row", r->field,
                                     r->model->name);
    if (!furrow__tree_enter(t, r->target, target, &is_new))
        return furrow__session_no_memory(t->s);
    furrow__known_row *known = furrow__tree_find(t, target);
    bool is_listed = known->gathered == t->gathers;
    known->gathered = t->gathers;
    if (is_new)
        known->entered = t->gathers;
    if (!is_listed && !furrow__batch_add(is_new ? &found->fresh : &found->again, target))
        return furrow__session_no_memory(t->s);
    furrow_status status = FURROW_OK;
    if (child_refers(r)) {
        furrow__key_columns near = furrow__near_key(r), far = furrow__far_key(r);
        status = carry_key(t, &far, target, &near, row);
    }
    bool is_pending = !known->is_done && known->entered != t->gathers;
    return !status && is_pending ? add_open_end(t, node, row) : status;
}

/* Finds the rows that the members of the given rows hold, each row once. */
static furrow_status gather(furrow__tree *t, const furrow__tree_node *node,
                            const furrow__batch *rows, furrow__gathered *found)
{
    furrow_status status = FURROW_OK;
    t->gathers++;
    for (size_t i = 0; i < rows->count && !status; i++) {
        void *one = NULL;
        furrow__list list = member_of(node->relation, rows->rows[i], &one);
        for (size_t k = 0; k < list.count && !status; k++)
            status = gather_one(t, node, rows->rows[i], list.items[k], found);
    }
    return status;
}

/* If a row has not been inserted, its key is known only if the program has set it. */
static furrow_status check_has_key(furrow__tree *t, const furrow_relation *r, const void *target)
{
    for (size_t i = 0; i < r->count && !furrow__tree_is_done(t, target); i++) {
        const furrow_column *c = &r->target->columns[r->target_columns[i]];
        if (!(c->flags & FURROW_COLUMN_ASSIGNED) || furrow__row_value(c, target).as.integer)
            continue;
        furrow_error error;
        furrow__fail(&error, FURROW_INVALID,
                     "\"%s\" of model \"%s\" leads to a row that has not been inserted, so its "
                     "key is not known yet",
                     r->field, r->model->name);
        furrow__hint(&error, "insert that row first, or use the relationship of the other model");
        return furrow__session_fail(t->s, &error);
    }
    return FURROW_OK;
}

static furrow_status carry_back(furrow__tree *t, const furrow_relation *r,
                                const furrow__batch *rows)
{
    furrow__key_columns near = furrow__near_key(r), far = furrow__far_key(r);
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < rows->count && !status; i++) {
        void *one = NULL;
        member_of(r, rows->rows[i], &one);
        if (!one || (status = check_has_key(t, r, one)))
            continue;
        status = carry_key(t, &near, rows->rows[i], &far, one);
    }
    return status;
}

/* Fills in one link for each pair of rows. */
static furrow_status fill_links(furrow__tree *t, const furrow_relation *r,
                                const furrow__batch *rows, char *links, size_t *count)
{
    void *one;
    furrow__key_columns near = furrow__near_key(r), far = furrow__far_key(r);
    furrow__key_columns link_near = {r->link, r->link_columns, near.count};
    furrow__key_columns link_far = {r->link, r->link_target_columns, far.count};
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < rows->count; i++) {
        void *row = rows->rows[i];
        furrow__list list = member_of(r, row, &one);
        for (size_t k = 0; k < list.count && !status; k++) {
            bool is_new;
            if (!furrow__tree_is_done(t, list.items[k]))
                continue; /* the step of this row is repeated later */
            if (!furrow__tree_enter_pair(t, r, row, list.items[k], &is_new))
                return furrow__session_no_memory(t->s);
            if (!is_new)
                continue;
            char *link = links + (*count)++ * r->link->size;
            status = carry_key(t, &link_near, link, &near, row);
            if (!status)
                status = carry_key(t, &link_far, link, &far, list.items[k]);
        }
    }
    return status;
}

static furrow_status insert_links(furrow__tree *t, const furrow_relation *r,
                                  const furrow__batch *rows)
{
    size_t total = 0, count = 0;
    void *one;
    for (size_t i = 0; i < rows->count; i++)
        total += member_of(r, rows->rows[i], &one).count;
    if (!total)
        return FURROW_OK;
    char *links = furrow__allocate_zeroed(total, r->link->size);
    if (!links)
        return furrow__session_no_memory(t->s);
    furrow_status status = fill_links(t, r, rows, links, &count);
    if (!status && count)
        status = furrow_model_insert_many(t->s, r->link, links, count);
    furrow__release(links);
    return status;
}

static void mark_loaded(const furrow_relation *r, const furrow__batch *rows)
{
    for (size_t i = 0; furrow__member_is_list(r) && i < rows->count; i++) {
        void *one;
        furrow__list list = member_of(r, rows->rows[i], &one);
        list.loaded = true;
        furrow__member_set_list(r, rows->rows[i], &list);
    }
}

/* Inserts the targets of a to-one relation, before the rows that refer to them. */
static furrow_status insert_before(furrow__tree *t, const furrow__tree_node *node,
                                   const furrow__batch *rows)
{
    furrow__gathered found = {0};
    furrow_status status = gather(t, node, rows, &found);
    if (!status)
        status = furrow__tree_insert(t, node->relation->target, &found, node->first_child);
    if (!status)
        status = carry_back(t, node->relation, rows);
    furrow__gathered_done(&found);
    return status;
}

/* Inserts the targets that refer to these rows or are linked with them, and then the links. */
static furrow_status insert_after(furrow__tree *t, const furrow__tree_node *node,
                                  const furrow__batch *rows, furrow__gathered *found)
{
    const furrow_relation *r = node->relation;
    furrow_status status = FURROW_OK;
    if (r->kind == FURROW_RELATION_THROUGH)
        status = gather(t, node, rows, found);
    if (!status)
        status = furrow__tree_insert(t, r->target, found, node->first_child);
    if (!status && r->kind == FURROW_RELATION_THROUGH)
        status = insert_links(t, r, rows);
    if (!status)
        mark_loaded(r, rows);
    return status;
}

/* Inserts all targets of rows that have been inserted. A target can refer to these rows by several
 * relations, so all of its keys are copied into it before the first target is inserted. */
static furrow_status insert_all_after(furrow__tree *t, const furrow__tree_node *nodes,
                                      const furrow__batch *rows)
{
    size_t count = 0, i = 0;
    for (const furrow__tree_node *n = nodes; n; n = n->next)
        count++;
    if (!count || !rows->count)
        return FURROW_OK;
    furrow__gathered *found = furrow__allocate_zeroed(count, sizeof *found);
    if (!found)
        return furrow__session_no_memory(t->s);
    furrow_status status = FURROW_OK;
    for (const furrow__tree_node *n = nodes; n && !status; n = n->next, i++)
        if (child_refers(n->relation))
            status = gather(t, n, rows, &found[i]);
    i = 0;
    for (const furrow__tree_node *n = nodes; n && !status; n = n->next, i++)
        if (n->relation->kind != FURROW_RELATION_TO_ONE)
            status = insert_after(t, n, rows, &found[i]);
    for (i = 0; i < count; i++)
        furrow__gathered_done(&found[i]);
    furrow__release(found);
    return status;
}

furrow_status furrow__tree_insert(furrow__tree *t, const furrow_model *model,
                                  furrow__gathered *found, const furrow__tree_node *nodes)
{
    furrow__batch all = found->fresh;
    found->fresh = (furrow__batch){0};
    furrow_status status = FURROW_OK;
    size_t fresh = all.count;
    for (size_t i = 0; nodes && i < found->again.count && !status; i++)
        if (furrow__tree_is_done(t, found->again.rows[i]) &&
            !furrow__batch_add(&all, found->again.rows[i]))
            status = furrow__session_no_memory(t->s);
    for (const furrow__tree_node *n = nodes; n && !status; n = n->next)
        if (n->relation->kind == FURROW_RELATION_TO_ONE)
            status = insert_before(t, n, &all);
    if (!status)
        status = insert_rows(t, model, all.rows, fresh);
    if (!status)
        status = insert_all_after(t, nodes, &all);
    furrow__release(all.rows);
    return status;
}

furrow_status furrow__tree_close(furrow__tree *t)
{
    furrow_status status = FURROW_OK;
    while (t->open_ends && !status) {
        const furrow__tree_node *node = t->open_ends->node;
        furrow__batch rows = {0};
        furrow__gathered found = {0};
        for (furrow__open_end **at = &t->open_ends; *at && !status;)
            if ((*at)->node != node)
                at = &(*at)->next;
            else if (!furrow__batch_add(&rows, (*at)->row))
                status = furrow__session_no_memory(t->s);
            else
                *at = (*at)->next;
        if (!status && node->relation->kind == FURROW_RELATION_TO_ONE)
            status = insert_before(t, node, &rows);
        else if (!status && child_refers(node->relation))
            status = gather(t, node, &rows, &found);
        if (!status && node->relation->kind != FURROW_RELATION_TO_ONE)
            status = insert_after(t, node, &rows, &found);
        furrow__gathered_done(&found);
        furrow__release(rows.rows);
    }
    return status;
}
