/* SPDX-License-Identifier: MIT
 *
 * Loading relationships: one statement a step, for however many rows.
 *
 * A load goes path by path. A step takes the rows at its start (parents), collects the distinct
 * keys that lead to its target, selects the target's rows for all of them at once (src/sql/load.c),
 * and hands each parent its own. Within one load a row of a table is one object: whatever is read
 * again, and whatever the load began with, is found by its primary key. A step that two paths share
 * runs once; a to-one whose rows are all at hand runs no statement.
 *
 * Rows loaded by a step are a result of their own, so that what they lead to can later be loaded
 * for all of them together. They lie where the rows they were loaded for lie: in the session's
 * arena, or in that of a stream, which goes batch by batch.
 */
#include "runtime/session/key.h"
#include "runtime/session/rows.h"

typedef struct load {
    furrow_session *s;
    furrow_arena *arena; /* of what is loaded */
    furrow__identity identity;
    struct group *groups;
    furrow_error error;
} load;

/* Rows of this load, which are entered into the identity map only when a step may meet one of them
 * again: most loads lead to each model once, and need no map. */
struct group {
    struct group *next;
    const furrow_model *model;
    void *const *rows; /* these, */
    size_t count;
    const struct furrow__store_block *blocks; /* and those of blocks */
    bool entered;
};

/* Rows, as a list of pointers on the heap. */
struct row_set {
    void **items;
    size_t count, capacity;
};

static bool set_add(struct row_set *set, void *row)
{
    if (set->count == set->capacity) {
        size_t size, capacity = set->capacity ? set->capacity * 2 : 64;
        void **items = NULL;
        if (furrow__multiply_size(&size, capacity, sizeof *items))
            items = furrow__reallocate(set->items, size);
        if (!items)
            return false;
        set->items = items;
        set->capacity = capacity;
    }
    set->items[set->count++] = row;
    return true;
}

static bool is_list(const furrow_relation *r)
{
    return r->kind == FURROW_RELATION_TO_MANY || r->kind == FURROW_RELATION_THROUGH;
}

/* The target's key that this relation's columns hold is its primary key. */
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

static void put_pointer(const furrow_relation *r, void *row, void *target)
{
    memcpy((char *)row + r->offset, &target, sizeof target);
}

static void *get_pointer(const furrow_relation *r, const void *row)
{
    void *target;
    memcpy(&target, (const char *)row + r->offset, sizeof target);
    return target;
}

static bool list_is_loaded(const furrow_relation *r, const void *row)
{
    furrow__list list;
    memcpy(&list, (const char *)row + r->offset, sizeof list);
    return list.loaded;
}

/* ---- one object per row of a table ---- */

static furrow_status add_group(load *l, const struct group *what)
{
    struct group *group = furrow__arena_aligned(&l->s->scratch, sizeof *group, 16);
    if (!group)
        return furrow__fail(&l->error, FURROW_NOMEM, "out of memory");
    *group = *what;
    group->next = l->groups;
    l->groups = group;
    return FURROW_OK;
}

static bool has_group(const load *l, const furrow_model *model)
{
    for (const struct group *g = l->groups; g; g = g->next)
        if (g->model == model)
            return true;
    return false;
}

/* The first of several objects that a program gave for one row is the one. */
static bool enter(load *l, const furrow_model *model, void *row)
{
    return furrow__identity_find(&l->identity, model, model, model->primary_key, row) ||
           furrow__identity_add(&l->identity, model, row);
}

static bool enter_group(load *l, struct group *g)
{
    for (size_t i = 0; i < g->count; i++)
        if (!enter(l, g->model, g->rows[i]))
            return false;
    for (const struct furrow__store_block *b = g->blocks; b; b = b->next)
        for (size_t i = 0; i < b->count; i++)
            if (!enter(l, g->model, b->rows + i * g->model->size))
                return false;
    return g->entered = true;
}

/* From here on the rows of a model are found by their keys. */
static furrow_status enter_model(load *l, const furrow_model *model)
{
    for (struct group *g = l->groups; g; g = g->next)
        if (g->model == model && !g->entered && !enter_group(l, g))
            return furrow__fail(&l->error, FURROW_NOMEM, "out of memory");
    return FURROW_OK;
}

/* ---- parents by the key that leads to the target ---- */

/* Parents with the same key form a chain; `first` has one parent a distinct key. */
struct parents {
    const furrow_relation *relation;
    void *const *rows;
    size_t count;
    size_t *table; /* open addressing over chains: 1 + index into `first` */
    size_t capacity;
    size_t *first; /* a row's index for each key */
    size_t *next;  /* 1 + the next row with the same key, 0 at the end */
    size_t key_count;
    size_t *children; /* per key: how many, then where they begin */
    void **latest;    /* per key, with a link: the row found last */
};

static void parents_done(struct parents *p)
{
    furrow__release(p->table);
    furrow__release(p->first);
    furrow__release(p->next);
    furrow__release(p->children);
    furrow__release(p->latest);
}

/* The key that `columns` of a model's row hold, or key_count if no parent has it. */
static size_t find_key(const struct parents *p, const furrow_model *model, const uint16_t *columns,
                       const void *row, size_t *slot)
{
    const furrow_relation *r = p->relation;
    uint64_t hash = furrow__key_hash(model, columns, r->count, row);
    size_t at = (size_t)hash & (p->capacity - 1);
    for (; p->table[at]; at = (at + 1) & (p->capacity - 1)) {
        size_t key = p->table[at] - 1;
        if (furrow__keys_are_equal(r->model, r->columns, p->rows[p->first[key]], model, columns,
                                   row, r->count))
            return key;
    }
    if (slot)
        *slot = at;
    return p->key_count;
}

/* Enter the parents; a key with NULL leads nowhere. */
static furrow_status find_parents(load *l, struct parents *p)
{
    const furrow_relation *r = p->relation;
    p->capacity = 16;
    while (p->capacity < p->count * 2)
        p->capacity *= 2;
    p->table = furrow__allocate_zeroed(p->capacity, sizeof *p->table);
    p->first = furrow__allocate_zeroed(p->count + 1, sizeof *p->first);
    p->next = furrow__allocate_zeroed(p->count + 1, sizeof *p->next);
    p->children = furrow__allocate_zeroed(p->count + 1, sizeof *p->children);
    p->latest = r->link ? furrow__allocate_zeroed(p->count + 1, sizeof *p->latest) : NULL;
    if (!p->table || !p->first || !p->next || !p->children || (r->link && !p->latest))
        return furrow__fail(&l->error, FURROW_NOMEM, "out of memory");
    for (size_t i = 0; i < p->count; i++) {
        if (furrow__key_has_null(r->model, r->columns, r->count, p->rows[i]))
            continue;
        size_t slot = 0, key = find_key(p, r->model, r->columns, p->rows[i], &slot);
        if (key == p->key_count) {
            p->table[slot] = ++p->key_count;
            p->first[key] = i;
        } else {
            p->next[i] = p->next[p->first[key]];
            p->next[p->first[key]] = i + 1;
        }
    }
    return FURROW_OK;
}

/* ---- the statement ---- */

/* The distinct keys as arrays, one a column, in the form that furrow_in takes. */
static furrow_status gather_keys(load *l, const struct parents *p, const bool *wanted,
                                 furrow_value *arrays)
{
    const furrow_relation *r = p->relation;
    size_t count = 0;
    for (size_t k = 0; k < p->key_count; k++)
        count += wanted[k];
    for (size_t i = 0; i < r->count; i++) {
        const furrow_column *c = &r->model->columns[r->columns[i]];
        bool is_chars = c->type == FURROW_TYPE_CHARS;
        size_t bytes, size = is_chars ? sizeof(char *) : c->size;
        char *elements = NULL;
        if (furrow__multiply_size(&bytes, count, size))
            elements = furrow__arena_aligned(&l->s->scratch, bytes, 16);
        if (!elements)
            return furrow__fail(&l->error, FURROW_NOMEM, "out of memory");
        arrays[i] = furrow_value_array_(c, elements, size, count);
        for (size_t k = 0; k < p->key_count; k++) {
            if (!wanted[k])
                continue;
            const char *field = (const char *)p->rows[p->first[k]] + c->offset;
            if (is_chars)
                memcpy(elements, &field, size);
            else
                memcpy(elements, field, size);
            elements += size;
        }
    }
    return FURROW_OK;
}

/* A row that was read, and the key whose parents it belongs to. */
struct found {
    void *row;
    size_t key;
};

struct found_list {
    struct found *items;
    size_t count, capacity;
};

static bool found_add(struct found_list *list, void *row, size_t key)
{
    if (list->count == list->capacity) {
        size_t size, capacity = list->capacity ? list->capacity * 2 : 64;
        struct found *items = NULL;
        if (furrow__multiply_size(&size, capacity, sizeof *items))
            items = furrow__reallocate(list->items, size);
        if (!items)
            return false;
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = (struct found){row, key};
    return true;
}

/* Where a step's rows come from and go to. */
struct step {
    load *l;
    const furrow__load_step *what;
    struct parents *parents;
    struct found_list found;
    struct row_set *children; /* each row once, in the order read; NULL where nobody asks */
    bool is_known;            /* rows of the target may be at hand, or come twice */
    size_t last_key;          /* of the row before */
    furrow__store store;
    void *link; /* a row of the link's model, for its key */
};

/* Read the row at hand: the object that it is, new or known. */
static furrow_status read_target(struct step *step, furrow__run *run,
                                 const furrow_column *const *columns, size_t count, void **out)
{
    const furrow_relation *r = step->what->relation;
    void *row = furrow__store_row(&step->store);
    if (!row)
        return run->status = furrow__fail(&run->error, FURROW_NOMEM, "out of memory");
    furrow__arena_mark mark = furrow__arena_mark_now(step->l->arena);
    run->status = run->s->driver->read_row(run->statement, (furrow_column_list){columns, count},
                                           row, step->l->arena, &run->error);
    if (run->status)
        return run->status;
    *out = row;
    if (!step->is_known)
        return FURROW_OK;
    *out = furrow__identity_find(&step->l->identity, r->target, r->target, r->target->primary_key,
                                 row);
    if (*out) {
        furrow__store_drop(&step->store);
        furrow__arena_rewind(step->l->arena, mark);
        return FURROW_OK;
    }
    *out = row;
    if (!furrow__identity_add(&step->l->identity, r->target, row))
        return run->status = furrow__fail(&run->error, FURROW_NOMEM, "out of memory");
    return FURROW_OK;
}

/* Give the row to its parents. A link that holds a pair twice leads to a row once: rows of a parent
 * come in an order that ends with their key, so that the same one follows itself. */
static bool add_found(struct step *step, void *row, size_t key)
{
    struct parents *p = step->parents;
    if (key == p->key_count || (p->latest && p->latest[key] == row))
        return true;
    if (p->latest)
        p->latest[key] = row;
    return found_add(&step->found, row, key);
}

/* Rows of one parent often follow each other. */
static size_t find_next_key(struct step *step, const furrow_model *model, const uint16_t *columns,
                            const void *row)
{
    const struct parents *p = step->parents;
    const furrow_relation *r = p->relation;
    if (step->last_key < p->key_count &&
        furrow__keys_are_equal(r->model, r->columns, p->rows[p->first[step->last_key]], model,
                               columns, row, r->count))
        return step->last_key;
    return step->last_key = find_key(p, model, columns, row, NULL);
}

static furrow_status read_found(struct step *step, furrow__run *run)
{
    const furrow_relation *r = step->what->relation;
    const furrow_driver *driver = run->s->driver;
    size_t leading = r->link ? r->count : 0, count = leading + r->target->column_count;
    const furrow_column **columns =
        furrow__arena_aligned(&run->s->scratch, (count + leading + 1) * sizeof *columns, 16);
    if (!columns)
        return run->status = furrow__fail(&run->error, FURROW_NOMEM, "out of memory");
    for (size_t i = 0; i < count; i++)
        columns[i] = i < leading ? NULL : &r->target->columns[i - leading];
    for (size_t i = 0; i < leading; i++)
        columns[count + i] = &r->link->columns[r->link_columns[i]];

    for (bool more = true; run->status == FURROW_OK;) {
        if (furrow__run_step(run, &more) || !more)
            break;
        void *row = NULL;
        size_t key = 0;
        furrow__arena_mark mark = furrow__arena_mark_now(&run->s->scratch);
        if (leading)
            run->status =
                driver->read_row(run->statement, (furrow_column_list){columns + count, leading},
                                 step->link, &run->s->scratch, &run->error);
        if (run->status || read_target(step, run, columns, count, &row))
            break;
        key = leading ? find_next_key(step, r->link, r->link_columns, step->link)
                      : find_next_key(step, r->target, r->target_columns, row);
        furrow__arena_rewind(&run->s->scratch, mark);
        if (!add_found(step, row, key))
            run->status = furrow__fail(&run->error, FURROW_NOMEM, "out of memory");
    }
    return run->status;
}

static furrow_status select_found(struct step *step, const furrow_value *arrays)
{
    load *l = step->l;
    furrow__sql sql = {.arena = &l->s->scratch};
    furrow_status status = furrow__sql_load(&sql, l->s->dialect, step->what, arrays, &l->error);
    if (!status) {
        furrow__run run;
        furrow__run_sql(&run, l->s, &sql);
        run.model = step->what->relation->target;
        if (furrow__run_execute(&run) == FURROW_OK) {
            size_t known = step->is_known ? 0 : l->s->driver->row_count(run.statement);
            furrow__store_start(&step->store, l->s, run.model, known);
            step->store.arena = l->arena;
            read_found(step, &run);
            if (run.status == FURROW_OK && !furrow__result_remember(&step->store, run.model))
                run.status = furrow__fail(&run.error, FURROW_NOMEM, "out of memory");
            if (run.status == FURROW_OK)
                run.status = add_group(l, &(struct group){.model = run.model,
                                                          .blocks = step->store.first,
                                                          .entered = step->is_known});
        }
        status = furrow__run_end(&run);
        if (status)
            l->error = l->s->error;
    }
    furrow__buffer_done(&sql.text);
    return status;
}

/* ---- handing out ---- */

/* The child's own to-one back to this parent, if it has one over the same columns. */
static const furrow_relation *inverse_of(const furrow_relation *r)
{
    if (r->link)
        return NULL;
    for (size_t i = 0; i < r->target->relation_count; i++) {
        const furrow_relation *other = &r->target->relations[i];
        bool same = other->target == r->model && other->count == r->count && !other->link &&
                    !is_list(other) && other->kind == FURROW_RELATION_TO_ONE;
        for (size_t k = 0; same && k < r->count; k++)
            same = other->columns[k] == r->target_columns[k] &&
                   other->target_columns[k] == r->columns[k];
        if (same)
            return other;
    }
    return NULL;
}

static furrow_status hand_out_lists(struct step *step)
{
    struct parents *p = step->parents;
    const furrow_relation *r = step->what->relation, *inverse = inverse_of(r);
    size_t bytes, total = step->found.count;
    void **items = NULL;
    if (total && furrow__multiply_size(&bytes, total, sizeof *items))
        items = furrow__arena_aligned(step->l->arena, bytes, 16);
    if (total && !items)
        return furrow__fail(&step->l->error, FURROW_NOMEM, "out of memory");

    for (size_t i = 0; i < total; i++)
        p->children[step->found.items[i].key]++;
    size_t at = 0;
    for (size_t k = 0; k < p->key_count; k++) { /* from counts to places */
        size_t count = p->children[k];
        furrow__list list = {count ? items + at : NULL, count, true};
        for (size_t i = p->first[k] + 1; i; i = p->next[i - 1])
            memcpy((char *)p->rows[i - 1] + r->offset, &list, sizeof list);
        p->children[k] = at;
        at += count;
    }
    for (size_t i = 0; i < total; i++) {
        const struct found *f = &step->found.items[i];
        items[p->children[f->key]++] = f->row;
        if (inverse)
            put_pointer(inverse, f->row, p->rows[p->first[f->key]]);
    }
    return FURROW_OK;
}

static furrow_status hand_out_pointers(struct step *step)
{
    struct parents *p = step->parents;
    const furrow_relation *r = step->what->relation;
    const furrow_relation *inverse = r->kind == FURROW_RELATION_ONE_TO_ONE ? inverse_of(r) : NULL;
    for (size_t i = 0; i < step->found.count; i++) {
        const struct found *f = &step->found.items[i];
        for (size_t k = p->first[f->key] + 1; k; k = p->next[k - 1])
            put_pointer(r, p->rows[k - 1], f->row);
        if (inverse)
            put_pointer(inverse, f->row, p->rows[p->first[f->key]]);
    }
    for (size_t i = 0; i < p->count; i++)
        if (!get_pointer(r, p->rows[i]) &&
            !furrow__key_has_null(r->model, r->columns, r->count, p->rows[i]) &&
            !furrow__row_note_none(step->l->s, r, p->rows[i]))
            return furrow__fail(&step->l->error, FURROW_NOMEM, "out of memory");
    return FURROW_OK;
}

/* Parents start with nothing. */
static void clear_members(const struct parents *p)
{
    const furrow__list empty = {NULL, 0, true};
    for (size_t i = 0; i < p->count; i++)
        if (is_list(p->relation))
            memcpy((char *)p->rows[i] + p->relation->offset, &empty, sizeof empty);
        else
            put_pointer(p->relation, p->rows[i], NULL);
}

/* Each row that was found, once. */
static furrow_status collect_children(struct step *step)
{
    furrow__identity seen = {0};
    const furrow_relation *r = step->what->relation;
    const furrow_model *target = r->target;
    bool good = true;
    for (size_t i = 0; step->children && i < step->found.count && good; i++) {
        void *row = step->found.items[i].row;
        /* Only a link leads to a row from several keys. */
        if (r->link && furrow__identity_find(&seen, target, target, target->primary_key, row))
            continue;
        good =
            (!r->link || furrow__identity_add(&seen, target, row)) && set_add(step->children, row);
    }
    furrow__identity_done(&seen);
    return good ? FURROW_OK : furrow__fail(&step->l->error, FURROW_NOMEM, "out of memory");
}

/* ---- one step ---- */

/* Which keys need the database: of a to-one those whose row is not at hand, if nothing is asked of
 * it. */
static furrow_status choose_keys(struct step *step, bool *wanted, bool *any)
{
    struct parents *p = step->parents;
    const furrow_relation *r = step->what->relation;
    bool may_be_known = step->is_known && leads_to_primary_key(r) && !step->what->where_count;
    *any = false;
    for (size_t k = 0; k < p->key_count; k++) {
        void *known = may_be_known ? furrow__identity_find(&step->l->identity, r->target, r->model,
                                                           r->columns, p->rows[p->first[k]])
                                   : NULL;
        wanted[k] = !known;
        *any |= !known;
        if (known && !found_add(&step->found, known, k))
            return furrow__fail(&step->l->error, FURROW_NOMEM, "out of memory");
    }
    return FURROW_OK;
}

static furrow_status run_step(struct step *step)
{
    load *l = step->l;
    struct parents *p = step->parents;
    const furrow_relation *r = step->what->relation;
    furrow_status status = find_parents(l, p);
    step->last_key = p->key_count;
    step->is_known = r->link || has_group(l, r->target);
    if (!status && step->is_known)
        status = enter_model(l, r->target);
    bool any = false, *wanted = furrow__allocate_zeroed(p->count + 1, sizeof *wanted);
    furrow_value *arrays =
        furrow__arena_aligned(&l->s->scratch, (r->count + 1u) * sizeof *arrays, 16);
    step->link = r->link ? furrow__arena_aligned(&l->s->scratch, r->link->size, 16) : NULL;
    if (!status && (!wanted || !arrays || (r->link && !step->link)))
        status = furrow__fail(&l->error, FURROW_NOMEM, "out of memory");
    if (!status)
        status = choose_keys(step, wanted, &any);
    if (!status && any) {
        status = gather_keys(l, p, wanted, arrays);
        if (!status)
            status = select_found(step, arrays);
    }
    furrow__release(wanted);
    if (status)
        return status;
    clear_members(p);
    status = is_list(r) ? hand_out_lists(step) : hand_out_pointers(step);
    return status ? status : collect_children(step);
}

/* Load one relationship for these rows, which are of its model; *children, unless NULL, receives
 * the rows it leads to, each once. */
static furrow_status load_step(load *l, const furrow__load_step *what, void *const *rows,
                               size_t count, struct row_set *children)
{
    struct parents parents = {.relation = what->relation, .rows = rows, .count = count};
    struct step step = {.l = l, .what = what, .parents = &parents, .children = children};
    furrow_status status = count ? run_step(&step) : FURROW_OK;
    parents_done(&parents);
    furrow__release(step.found.items);
    return status;
}

/* ---- paths ---- */

static size_t path_length(const furrow_path *path)
{
    size_t length = 0;
    while (length < FURROW_MAX_STEPS && path->steps[length])
        length++;
    return length;
}

bool furrow__has_paths(const furrow_path *paths, size_t slots)
{
    for (size_t i = 0; i < slots; i++)
        if (paths[i].steps[0])
            return true;
    return false;
}

/* Each step begins where the one before ends. */
static furrow_status check_steps(const furrow_model *model, const furrow_path *path,
                                 furrow_error *error)
{
    size_t length = path_length(path);
    if (path->steps[FURROW_MAX_STEPS])
        return furrow__fail(error, FURROW_INVALID,
                            "a path from model \"%s\" has more than %d steps", model->name,
                            FURROW_MAX_STEPS);
    for (size_t i = length; i < FURROW_MAX_STEPS; i++)
        if (path->steps[i])
            return furrow__fail(error, FURROW_INVALID,
                                "step %zu of a path from model \"%s\" is NULL", length + 1,
                                model->name);
    for (size_t i = 0; i < length; i++) {
        const furrow_relation *r = path->steps[i];
        if (r->model != model)
            return furrow__fail(
                error, FURROW_INVALID,
                i ? "relation \"%s\" of model \"%s\" cannot follow a step that leads "
                    "to model \"%s\""
                  : "relation \"%s\" of model \"%s\" in a path of model \"%s\"",
                r->field, r->model->name, model->name);
        model = r->target;
    }
    return FURROW_OK;
}

/* Two paths have their first `length` steps in common. */
static bool shares(const furrow_path *a, const furrow_path *b, size_t length)
{
    if (path_length(a) < length || path_length(b) < length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (a->steps[i] != b->steps[i])
            return false;
    return true;
}

/* What a path has loaded at each step. */
struct progress {
    struct row_set rows[FURROW_MAX_STEPS];
};

static furrow__load_step step_of(const furrow_path *path, size_t i)
{
    furrow__load_step step = {.relation = path->steps[i]};
    if (i + 1 < path_length(path))
        return step;
    step.limit = path->limit;
    step.order_by = path->order_by;
    step.order_count = sizeof path->order_by / sizeof *path->order_by;
    step.where = path->where;
    for (size_t k = 0; k < sizeof path->where / sizeof *path->where; k++)
        if (path->where[k].value.op)
            step.where_count = sizeof path->where / sizeof *path->where;
    return step;
}

/* Nothing is asked of the last step's rows. */
static bool is_plain(const furrow__load_step *step)
{
    bool has_order = false;
    for (size_t i = 0; i < step->order_count; i++)
        has_order |= step->order_by[i].used;
    return !step->where_count && !has_order && !step->limit;
}

/* Render what a path asks of its last step's rows, for no parents, to hear of mistakes. */
static furrow_status check_last_step(furrow_session *s, const furrow_path *path,
                                     furrow_error *error)
{
    size_t length = path_length(path);
    if (!length)
        return FURROW_OK;
    furrow__load_step step = step_of(path, length - 1);
    if (is_plain(&step))
        return FURROW_OK;
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
                                  const furrow_path *paths, size_t slots)
{
    furrow_error error = {0};
    for (size_t i = 0; i < slots; i++)
        if (check_steps(model, &paths[i], &error) || check_last_step(s, &paths[i], &error))
            return furrow__session_fail(s, &error);
    return FURROW_OK;
}

/* Something begins at the rows that the first `length` steps of a path lead to. */
static bool leads_on(const furrow_path *paths, size_t slots, size_t index, size_t length)
{
    for (size_t i = index; i < slots; i++)
        if (shares(&paths[index], &paths[i], length) &&
            (i > index || path_length(&paths[i]) > length))
            return true;
    return false;
}

/* A step that the latest earlier path with the same beginning has loaded is taken as it is, unless
 * this path asks for something else of its rows. */
static furrow_status load_path(load *l, const furrow_path *paths, size_t slots, size_t index,
                               void *const *rows, size_t count, struct progress *progress)
{
    const furrow_path *path = &paths[index];
    size_t length = path_length(path);
    for (size_t i = 0; i < length; i++) {
        void *const *parents = i ? progress[index].rows[i - 1].items : rows;
        size_t parent_count = i ? progress[index].rows[i - 1].count : count;
        furrow__load_step what = step_of(path, i);
        size_t earlier = index;
        while (earlier && !shares(&paths[earlier - 1], path, i + 1))
            earlier--;
        furrow_status status = FURROW_OK;
        if (earlier && is_plain(&what)) {
            const struct row_set *known = &progress[earlier - 1].rows[i];
            for (size_t k = 0; k < known->count && !status; k++)
                if (!set_add(&progress[index].rows[i], known->items[k]))
                    status = furrow__fail(&l->error, FURROW_NOMEM, "out of memory");
        } else {
            bool is_needed = leads_on(paths, slots, index, i + 1);
            status = load_step(l, &what, parents, parent_count,
                               is_needed ? &progress[index].rows[i] : NULL);
        }
        if (status)
            return status;
    }
    return FURROW_OK;
}

furrow_status furrow__load_paths(furrow_session *s, furrow_arena *arena, const furrow_model *model,
                                 void *const *rows, size_t count, const furrow_path *paths,
                                 size_t slots)
{
    load l = {.s = s, .arena = arena};
    furrow_status status = FURROW_OK;
    if (!count || !furrow__has_paths(paths, slots))
        return FURROW_OK;
    struct progress *progress = furrow__allocate_zeroed(slots, sizeof *progress);
    if (!progress)
        return furrow__session_no_memory(s);
    status = add_group(&l, &(struct group){.model = model, .rows = rows, .count = count});
    for (size_t i = 0; i < slots && !status; i++)
        status = load_path(&l, paths, slots, i, rows, count, progress);
    for (size_t i = 0; i < slots; i++)
        for (size_t k = 0; k < FURROW_MAX_STEPS; k++)
            furrow__release(progress[i].rows[k].items);
    furrow__release(progress);
    furrow__identity_done(&l.identity);
    if (status && s->status == FURROW_OK)
        furrow__session_fail(s, &l.error);
    return status;
}

/* ---- later ---- */

/* Rows that a program gave are rows of the model, as far as can be seen. *arena: where what they
 * lead to must go, a stream's if all of them are of one. */
static furrow_status check_rows(furrow_session *s, const furrow_model *model, void *const *rows,
                                size_t count, furrow_arena **arena)
{
    *arena = NULL;
    if (!rows && count)
        return furrow__session_failf(s, FURROW_INVALID, "%s_load: the rows are NULL", model->name);
    for (size_t i = 0; i < count; i++) {
        const furrow__result *result = rows[i] ? furrow__result_of(s, rows[i]) : NULL;
        if (!rows[i])
            return furrow__session_failf(s, FURROW_INVALID, "%s_load: row %zu is NULL", model->name,
                                         i + 1);
        if (result && result->model != model)
            return furrow__session_failf(s, FURROW_INVALID,
                                         "%s_load: row %zu is one of model \"%s\"", model->name,
                                         i + 1, result->model->name);
        furrow_arena *here = result ? result->arena : &s->arena;
        *arena = !*arena || *arena == here ? here : &s->arena;
    }
    *arena = *arena ? *arena : &s->arena;
    return FURROW_OK;
}

furrow_status furrow_rows_load(furrow_session *s, const furrow_model *model, void *const *rows,
                               size_t count, const furrow_path *paths, size_t path_count)
{
    furrow_arena *arena;
    furrow_status status = furrow__session_start(s);
    if (status || (status = furrow__check_model(s, model)))
        return status;
    if (!paths && path_count)
        return furrow__session_failf(s, FURROW_INVALID, "%s_load: the paths are NULL", model->name);
    if ((status = check_rows(s, model, rows, count, &arena)) ||
        (status = furrow__check_paths(s, model, paths, path_count)))
        return status;
    return furrow__load_paths(s, arena, model, rows, count, paths, path_count);
}

bool furrow_relation_is_loaded(furrow_session *s, const furrow_relation *relation, const void *row)
{
    if (!s || !row || !relation)
        return false;
    if (is_list(relation))
        return list_is_loaded(relation, row);
    const void *target = get_pointer(relation, row);
    if (relation->kind == FURROW_RELATION_TO_ONE &&
        furrow__key_has_null(relation->model, relation->columns, relation->count, row))
        return true;
    /* The key may have been changed since: what it led to is another row's then. */
    if (target)
        return furrow__keys_are_equal(relation->model, relation->columns, row, relation->target,
                                      relation->target_columns, target, relation->count);
    return furrow__row_has_none(s, relation, row);
}

/* A row that the session handed out, and that refers to nothing any more, leads nowhere. */
static void drop_unreferred(furrow_session *s, const furrow_relation *r, void *row)
{
    if (r->kind == FURROW_RELATION_TO_ONE && get_pointer(r, row) &&
        furrow__key_has_null(r->model, r->columns, r->count, row) &&
        (furrow__result_of(s, row) || furrow__arena_holds(&s->arena, row)))
        put_pointer(r, row, NULL);
}

/* Begin a load with the rows of the result that this one came with, itself alone if it came alone.
 * The set receives those for which the relationship is not loaded. */
static furrow_status start_with_siblings(load *l, const furrow__result *result,
                                         const furrow_relation *r, void *row, struct row_set *set)
{
    if (!result) {
        if (!set_add(set, row))
            return furrow__fail(&l->error, FURROW_NOMEM, "out of memory");
        return add_group(l, &(struct group){.model = r->model, .rows = set->items, .count = 1});
    }
    for (const struct furrow__store_block *b = result->blocks; b; b = b->next)
        for (size_t i = 0; i < b->count; i++) {
            void *sibling = b->rows + i * r->model->size;
            if (!furrow_relation_is_loaded(l->s, r, sibling) && !set_add(set, sibling))
                return furrow__fail(&l->error, FURROW_NOMEM, "out of memory");
        }
    return add_group(l, &(struct group){.model = r->model, .blocks = result->blocks});
}

furrow_status furrow_relation_load(furrow_session *s, const furrow_relation *relation, void *row)
{
    const furrow__result *result = s && row ? furrow__result_of(s, row) : NULL;
    bool fits = relation && row && (!result || result->model == relation->model);
    if (s && s->status == FURROW_OK && fits && furrow_relation_is_loaded(s, relation, row)) {
        drop_unreferred(s, relation, row);
        return FURROW_OK;
    }
    furrow_status status = furrow__session_start(s);
    if (status)
        return status;
    if (!relation)
        return furrow__session_failf(s, FURROW_INVALID, "the relationship to load is NULL");
    if (!row)
        return furrow__session_failf(s, FURROW_INVALID, "%s_%s: the row is NULL",
                                     relation->model->name, relation->field);
    if (!fits)
        return furrow__session_failf(s, FURROW_INVALID, "%s_%s: the row is one of model \"%s\"",
                                     relation->model->name, relation->field, result->model->name);
    struct row_set set = {0};
    load l = {.s = s, .arena = result ? result->arena : &s->arena};
    furrow__load_step what = {.relation = relation};
    status = start_with_siblings(&l, result, relation, row, &set);
    if (!status)
        status = load_step(&l, &what, set.items, set.count, NULL);
    if (status && s->status == FURROW_OK)
        furrow__session_fail(s, &l.error);
    furrow__release(set.items);
    furrow__identity_done(&l.identity);
    return status;
}
