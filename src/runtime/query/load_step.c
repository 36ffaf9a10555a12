/* SPDX-License-Identifier: MIT
 *
 * The statement of a load step: selects the target's rows for the keys of all parents, and reads
 * them.
 */
#include "runtime/query/load_step.h"
#include "runtime/session/run.h"

/* Returns whether the columns that the relation refers to are the target's primary key. */
static bool leads_to_primary_key(const furrow_relation *r)
{
    const furrow_model *target = r->target;
    if (r->kind != FURROW_RELATION_TO_ONE || r->count != target->primary_key_count)
        return false;
    for (size_t i = 0; i < r->count; i++)
        if (r->target_columns[i] != target->primary_key[i])
            return false;
    return true;
}

static bool found_add(furrow__found_list *list, void *row, size_t key)
{
    if (list->count == list->capacity) {
        size_t size, capacity = list->capacity ? list->capacity * 2 : 64;
        furrow__found *items = NULL;
        if (furrow__multiply_size(&size, capacity, sizeof *items))
            items = furrow__reallocate(list->items, size);
        if (!items)
            return false;
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = (furrow__found){row, key};
    return true;
}

/* Adds a row for the parents with this key. A link table may contain a pair twice. The rows of a
 * parent are ordered by their primary key last, so a duplicate directly follows the first row. */
static bool add_found(furrow__step *step, void *row, size_t key)
{
    if (key == step->parents.key_count || (step->latest && step->latest[key] == row))
        return true;
    if (step->latest)
        step->latest[key] = row;
    return found_add(&step->found, row, key);
}

/* Returns the index of the key that a row belongs to. Rows of one parent often follow each other,
 * so the last key is tried first. */
static size_t find_key(furrow__step *step, const void *row)
{
    const furrow__parents *p = &step->parents;
    if (step->last_key < p->key_count &&
        furrow__keys_are_equal(&p->parent_key, furrow__parents_row(p, step->last_key),
                               &p->found_key, row))
        return step->last_key;
    return step->last_key = furrow__parents_find(p, row);
}

static furrow_status no_memory(furrow__run *run)
{
    return run->status = furrow__fail(&run->error, FURROW_NOMEM, "out of memory");
}

/* Reads the current row and sets *out to it. If the same row has been read before, sets *out to the
 * existing object. */
static furrow_status read_target(furrow__step *step, furrow__run *run, furrow_column_list columns,
                                 void **out)
{
    const furrow_relation *r = step->what->relation;
    furrow__load *l = step->l;
    void *row = furrow__store_row(&step->store);
    *out = row;
    if (!row)
        return no_memory(run);
    furrow__arena_mark mark = furrow__arena_mark_now(l->arena);
    run->status = run->s->driver->read_row(run->statement, columns, row, l->arena, &run->error);
    if (run->status || !step->is_known)
        return run->status;
    void *known =
        furrow__identity_find(&l->identity, r->target, r->target, r->target->primary_key, row);
    if (known) {
        *out = known;
        furrow__store_drop(&step->store);
        furrow__arena_rewind(l->arena, mark);
        return FURROW_OK;
    }
    return furrow__identity_add(&l->identity, r->target, row) ? FURROW_OK : no_memory(run);
}

/* Reads the current row and adds it to its parents. With a link, the parent's key is in the first
 * columns of the result, which are read with the columns `key`. Otherwise it is in the target's own
 * columns. */
static furrow_status read_found(furrow__step *step, furrow__run *run, furrow_column_list key,
                                furrow_column_list columns)
{
    furrow_arena *scratch = &run->s->scratch;
    furrow__arena_mark mark = furrow__arena_mark_now(scratch);
    void *row;
    if (key.count)
        run->status =
            run->s->driver->read_row(run->statement, key, step->link, scratch, &run->error);
    if (run->status || read_target(step, run, columns, &row))
        return run->status;
    size_t number = find_key(step, key.count ? step->link : row);
    furrow__arena_rewind(scratch, mark);
    return add_found(step, row, number) ? FURROW_OK : no_memory(run);
}

static furrow_status read_all_found(furrow__step *step, furrow__run *run)
{
    const furrow_relation *r = step->what->relation;
    size_t leading = r->link ? r->count : 0, count = leading + r->target->column_count;
    const furrow_column **columns =
        furrow__arena_aligned(&run->s->scratch, (count + leading + 1) * sizeof *columns, 16);
    if (!columns)
        return no_memory(run);
    for (size_t i = 0; i < count; i++)
        columns[i] = i < leading ? NULL : &r->target->columns[i - leading];
    for (size_t i = 0; i < leading; i++)
        columns[count + i] = &r->link->columns[r->link_columns[i]];
    furrow_column_list key = {columns + count, leading}, row = {columns, count};
    for (bool more = true; run->status == FURROW_OK;)
        if (furrow__run_step(run, &more) || !more || read_found(step, run, key, row))
            break;
    return run->status;
}

static furrow_status execute(furrow__step *step, furrow__run *run)
{
    furrow__load *l = step->l;
    run->model = step->what->relation->target;
    if (furrow__run_execute(run))
        return run->status;
    size_t known = step->is_known ? 0 : l->s->driver->row_count(run->statement);
    furrow__store_start(&step->store, l->arena, run->model, known);
    if (read_all_found(step, run))
        return run->status;
    if (!furrow__result_remember(&l->s->results, &step->store, run->model))
        return no_memory(run);
    return run->status = furrow__load_add_group(l, &(furrow__load_group){
                                                       .model = run->model,
                                                       .blocks = step->store.first,
                                                       .entered = step->is_known,
                                                   });
}

/* Selects the rows for the keys of these parents. */
static furrow_status select_found(furrow__step *step, void *const *rows, size_t count)
{
    furrow__load *l = step->l;
    const furrow_relation *r = step->what->relation;
    furrow__sql sql = {.arena = &l->s->scratch};
    furrow_value *arrays = furrow__key_values(l->s, r->count);
    if (!arrays)
        return furrow__fail(&l->error, FURROW_NOMEM, "out of memory");
    furrow__key_columns near = furrow__near_key(r);
    if (furrow__key_arrays(l->s, arrays, &near, rows, count)) {
        l->error = l->s->error;
        return l->error.status;
    }
    furrow_status status = furrow__sql_load(&sql, l->s->dialect, step->what, arrays, &l->error);
    if (!status) {
        furrow__run run;
        furrow__run_sql(&run, l->s, &sql);
        execute(step, &run);
        status = furrow__run_end(&run);
        if (status)
            l->error = l->s->error;
    }
    furrow__buffer_done(&sql.text);
    return status;
}

/* Collects in `rows` one parent for each key whose target has to be read. A target of a to-one
 * relation may have been loaded before. If there are no conditions, such a target is looked up in
 * the identity map and added to the step at once. */
static furrow_status choose_rows(furrow__step *step, void **rows, size_t *count)
{
    const furrow__parents *p = &step->parents;
    const furrow_relation *r = step->what->relation;
    bool may_be_known = step->is_known && leads_to_primary_key(r) && !step->what->where_count;
    *count = 0;
    for (size_t k = 0; k < p->key_count; k++) {
        void *parent = furrow__parents_row(p, k);
        void *known = may_be_known ? furrow__identity_find(&step->l->identity, r->target, r->model,
                                                           r->columns, parent)
                                   : NULL;
        if (!known)
            rows[(*count)++] = parent;
        else if (!found_add(&step->found, known, k))
            return furrow__fail(&step->l->error, FURROW_NOMEM, "out of memory");
    }
    return FURROW_OK;
}

/* Allocates the memory of the step, and groups the parents by key. */
static bool prepare(furrow__step *step, void *const *rows, size_t count)
{
    const furrow_relation *r = step->what->relation;
    if (!furrow__parents_group(&step->parents, r, rows, count))
        return false;
    step->last_key = step->parents.key_count;
    if (!r->link)
        return true;
    step->latest = furrow__allocate_zeroed(step->parents.key_count + 1, sizeof *step->latest);
    step->link = furrow__arena_aligned(&step->l->s->scratch, r->link->size, 16);
    return step->latest && step->link;
}

static furrow_status find_rows(furrow__step *step)
{
    size_t count = 0;
    void **rows = furrow__allocate_zeroed(step->parents.key_count + 1, sizeof *rows);
    if (!rows)
        return furrow__fail(&step->l->error, FURROW_NOMEM, "out of memory");
    furrow_status status = choose_rows(step, rows, &count);
    if (!status && count)
        status = select_found(step, rows, count);
    furrow__release(rows);
    return status;
}

furrow_status furrow__load_run_step(furrow__load *l, const furrow__load_step *what,
                                    void *const *rows, size_t count, furrow__row_set *children)
{
    const furrow_relation *r = what->relation;
    furrow__step step = {.l = l, .what = what, .children = children};
    furrow_status status = FURROW_OK;
    if (!count)
        return FURROW_OK;
    if (!prepare(&step, rows, count))
        status = furrow__fail(&l->error, FURROW_NOMEM, "out of memory");
    step.is_known = r->link || furrow__load_has_model(l, r->target);
    if (!status && step.is_known)
        status = furrow__load_enter_model(l, r->target);
    if (!status)
        status = find_rows(&step);
    if (!status)
        status = furrow__step_hand_out(&step);
    furrow__parents_done(&step.parents);
    furrow__release(step.latest);
    furrow__release(step.found.items);
    return status;
}
