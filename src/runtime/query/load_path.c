/* SPDX-License-Identifier: MIT
 *
 * Paths of relationships: checks them before a statement is sent, and loads them step by step.
 */
#include "runtime/query/load.h"

size_t furrow__path_length(const furrow_path *path)
{
    size_t length = 0;
    while (length < FURROW_MAX_STEPS && path->steps[length].relation)
        length++;
    return length;
}

bool furrow__path_has_options(const furrow_path *path)
{
    bool found = path->limit != 0;
    for (size_t i = 0; !found && i <= FURROW_MAX_PATH_CONDITIONS; i++)
        found = !furrow__is_empty_condition(&path->where[i]);
    for (size_t i = 0; !found && i <= FURROW_MAX_PATH_ORDERINGS; i++)
        found = !furrow__is_empty_ordering(&path->order_by[i]);
    return found;
}

/* Returns whether a slot holds nothing at all. A slot without steps that has a limit, a condition
 * or an order is not empty. */
static bool is_empty(const furrow_path *path)
{
    bool empty = path->number_ == 0 && !furrow__path_has_options(path);
    for (size_t i = 0; empty && i <= FURROW_MAX_STEPS; i++)
        empty = !path->steps[i].relation;
    return empty;
}

bool furrow__has_paths(furrow_path_list paths)
{
    for (size_t i = 0; i < paths.count; i++)
        if (!is_empty(&paths.items[i]))
            return true;
    return false;
}

/* Checks that each step begins where the step before it ends. */
static furrow_status check_steps(const furrow_model *model, const furrow_path *path,
                                 furrow_error *error)
{
    size_t length = furrow__path_length(path);
    if (path->number_ != 0)
        return furrow__fail(error, FURROW_INVALID, "a path from model \"%s\" is a number",
                            model->name);
    if (path->steps[FURROW_MAX_STEPS].relation)
        return furrow__fail(error, FURROW_INVALID,
                            "a path from model \"%s\" has more than %d steps", model->name,
                            FURROW_MAX_STEPS);
    for (size_t i = length; i < FURROW_MAX_STEPS; i++)
        if (path->steps[i].relation)
            return furrow__fail(error, FURROW_INVALID,
                                "step %zu of a path from model \"%s\" is NULL", length + 1,
                                model->name);
    if (!length)
        return furrow__fail(error, FURROW_INVALID, "a path from model \"%s\" has no steps",
                            model->name);
    for (size_t i = 0; i < length; i++) {
        const furrow_relation *r = path->steps[i].relation;
        if (r->model != model)
            return furrow__fail(
                error, FURROW_INVALID,
                i ? "relation \"%s\" of model \"%s\" cannot follow a step that leads "
                    "to model \"%s\""
                  : "relation \"%s\" of model \"%s\" cannot begin a path from model \"%s\"",
                r->field, r->model->name, model->name);
        model = r->target;
    }
    return FURROW_OK;
}

bool furrow__paths_share(const furrow_path *a, const furrow_path *b, size_t length)
{
    if (furrow__path_length(a) < length || furrow__path_length(b) < length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (a->steps[i].relation != b->steps[i].relation)
            return false;
    return true;
}

/* The rows that a path has loaded, for each step. */
struct progress {
    furrow__row_set rows[FURROW_MAX_STEPS];
};

/* The paths of one load. */
struct path_load {
    furrow__load load;
    const furrow__load_start *start;
    furrow_path_list paths;
    struct progress *progress; /* one element for each path */
};

static furrow__load_step step_of(const furrow_path *path, size_t i)
{
    furrow__load_step step = {.relation = path->steps[i].relation};
    if (i + 1 < furrow__path_length(path))
        return step;
    step.limit = path->limit;
    step.order_by = path->order_by;
    step.order_count = sizeof path->order_by / sizeof *path->order_by;
    step.where = path->where;
    for (size_t k = 0; k < sizeof path->where / sizeof *path->where; k++)
        if (!furrow__is_empty_condition(&path->where[k]))
            step.where_count = sizeof path->where / sizeof *path->where;
    return step;
}

/* Returns whether a step loads all rows in any order: the options of a path belong to its last
 * step.
 */
static bool is_plain(const furrow_path *path, size_t i)
{
    return i + 1 < furrow__path_length(path) || !furrow__path_has_options(path);
}

/* Renders the statement of a path's last step, without parents, to find mistakes in the path's
 * conditions and orders. */
static furrow_status check_last_step(furrow_session *s, const furrow_path *path,
                                     furrow_error *error)
{
    size_t length = furrow__path_length(path);
    if (!length)
        return FURROW_OK;
    if (is_plain(path, length - 1))
        return FURROW_OK;
    furrow__load_step step = step_of(path, length - 1);
    const furrow_relation *r = step.relation;
    furrow__sql sql = {.arena = &s->scratch};
    furrow_value *arrays = furrow__arena_aligned(&s->scratch, (r->count + 1u) * sizeof *arrays, 16);
    if (!arrays)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    for (size_t i = 0; i < r->count; i++) {
        const furrow_column *c = &r->model->columns[r->columns[i]];
        arrays[i] = furrow_value_array_(c, "", c->size, 0);
    }
    furrow_status status = furrow__sql_load(&sql, s->dialect, &step, arrays, error);
    furrow__buffer_done(&sql.text);
    return status;
}

furrow_status furrow__check_paths(furrow_session *s, const furrow_model *model,
                                  furrow_path_list paths)
{
    furrow_error error = {0};
    for (size_t i = 0; i < paths.count; i++)
        if (!is_empty(&paths.items[i]) && (check_steps(model, &paths.items[i], &error) ||
                                           check_last_step(s, &paths.items[i], &error)))
            return furrow__session_fail(s, &error);
    return furrow__check_options(paths, &error) ? furrow__session_fail(s, &error) : FURROW_OK;
}

furrow_status furrow__check_with(furrow_session *s, const furrow_model *model,
                                 furrow_path_list paths)
{
    if (!is_empty(&paths.items[paths.count - 1]))
        return furrow__session_failf(s, FURROW_INVALID, ".with holds at most %d paths",
                                     FURROW_MAX_PATHS);
    return furrow__check_paths(s, model, paths);
}

/* Returns whether the rows of the first `length` steps of a path are needed again. They are needed
 * by a further step of the path, and by a later path with the same first steps. */
static bool leads_on(furrow_path_list paths, size_t index, size_t length)
{
    for (size_t i = index; i < paths.count; i++)
        if (furrow__paths_share(&paths.items[index], &paths.items[i], length) &&
            (i > index || furrow__path_length(&paths.items[i]) > length))
            return true;
    return false;
}

/* Loads one path. If an earlier path has loaded the same first steps, uses its rows, unless this
 * path has conditions, an order or a limit for these steps. */
static furrow_status load_path(struct path_load *p, size_t index)
{
    const furrow_path *paths = p->paths.items, *path = &paths[index];
    furrow__row_set *rows = p->progress[index].rows;
    size_t length = furrow__path_length(path);
    for (size_t i = 0; i < length; i++) {
        void *const *parents = i ? rows[i - 1].items : p->start->rows;
        size_t parent_count = i ? rows[i - 1].count : p->start->count;
        furrow__load_step what = step_of(path, i);
        size_t earlier = index;
        while (earlier && !furrow__paths_share(&paths[earlier - 1], path, i + 1))
            earlier--;
        furrow_status status = FURROW_OK;
        if (earlier && is_plain(path, i)) {
            const furrow__row_set *known = &p->progress[earlier - 1].rows[i];
            for (size_t k = 0; k < known->count && !status; k++)
                if (!furrow__row_set_add(&rows[i], known->items[k]))
                    status = furrow__fail(&p->load.error, FURROW_NOMEM, "out of memory");
        } else {
            bool is_needed = leads_on(p->paths, index, i + 1);
            status = furrow__load_run_step(&p->load, &what, parents, parent_count,
                                           is_needed ? &rows[i] : NULL);
        }
        if (status)
            return status;
    }
    return FURROW_OK;
}

furrow_status furrow__load_paths(furrow_session *s, const furrow__load_start *start,
                                 furrow_path_list paths)
{
    if (!start->count || !furrow__has_paths(paths))
        return FURROW_OK;
    struct path_load p = {.load = {.s = s, .arena = start->arena}, .start = start, .paths = paths};
    p.progress = furrow__allocate_zeroed(paths.count, sizeof *p.progress);
    if (!p.progress)
        return furrow__session_no_memory(s);
    furrow_status status = furrow__load_add_group(
        &p.load,
        &(furrow__load_group){.model = start->model, .rows = start->rows, .count = start->count});
    for (size_t i = 0; i < paths.count && !status; i++)
        status = load_path(&p, i);
    for (size_t i = 0; i < paths.count; i++)
        for (size_t k = 0; k < FURROW_MAX_STEPS; k++)
            furrow__release(p.progress[i].rows[k].items);
    furrow__release(p.progress);
    furrow__identity_done(&p.load.identity);
    if (status && s->status == FURROW_OK)
        furrow__session_fail(s, &p.load.error);
    return status;
}
