/* SPDX-License-Identifier: MIT
 *
 * Rows inserted with what their relationships hold, along paths. A step goes in the order that the
 * keys need:
 *
 *   to-one rows of this model refer to   are inserted before, and their keys copied into these rows
 *   these rows                           one insert_many
 *   rows that refer to these             receive these rows' keys, and are inserted after
 *   rows at the far end of a link        are inserted after, and then the links
 *
 * A row that several lead to is inserted once. Each table and step is one insert_many: its rows are
 * copied side by side, and back when the database has filled in its part. When a later table fails,
 * rows of earlier ones keep the keys that they were given, as do those that refer to them; the
 * transaction is lost with all of them.
 */
#include "runtime/field.h"
#include "runtime/rows.h"

/* Steps of all paths as a tree: those that begin alike are one. */
struct node {
    const furrow_relation *relation;
    struct node *first_child, *next; /* next: of the same parent */
};

/* Rows that are, or are about to be, in the database; heap. */
struct known_rows {
    void **table; /* open addressing */
    size_t count, capacity;
};

typedef struct tree {
    furrow_session *s;
    struct known_rows known;
} tree;

/* A growing list of rows; heap. */
struct batch {
    void **rows;
    size_t count, capacity;
};

static furrow_status insert_level(tree *t, const furrow_model *model, void *const *rows,
                                  size_t count, const struct node *nodes);

/* ---- rows, each once ---- */

static void **place_in(void **table, size_t capacity, const void *row)
{
    uint64_t hash = (uint64_t)(uintptr_t)row * UINT64_C(0x9E3779B97F4A7C15);
    size_t at = (size_t)(hash >> 32) & (capacity - 1);
    while (table[at] && table[at] != row)
        at = (at + 1) & (capacity - 1);
    return &table[at];
}

/* Enter a row: *is_new says whether it was not there. False when out of memory. */
static bool enter(struct known_rows *known, void *row, bool *is_new)
{
    if ((known->count + 1) * 2 > known->capacity) {
        size_t capacity = known->capacity ? known->capacity * 2 : 64;
        void **table = furrow__allocate_zeroed(capacity, sizeof *table);
        if (!table)
            return false;
        for (size_t i = 0; i < known->capacity; i++)
            if (known->table[i])
                *place_in(table, capacity, known->table[i]) = known->table[i];
        furrow__release(known->table);
        known->table = table;
        known->capacity = capacity;
    }
    void **place = place_in(known->table, known->capacity, row);
    *is_new = !*place;
    known->count += *is_new;
    *place = row;
    return true;
}

static bool batch_add(struct batch *batch, void *row)
{
    if (batch->count == batch->capacity) {
        size_t size, capacity = batch->capacity ? batch->capacity * 2 : 64;
        void **rows = NULL;
        if (furrow__multiply_size(&size, capacity, sizeof *rows))
            rows = furrow__reallocate(batch->rows, size);
        if (!rows)
            return false;
        batch->rows = rows;
        batch->capacity = capacity;
    }
    batch->rows[batch->count++] = row;
    return true;
}

/* Add a row that is not known yet. */
static bool batch_add_new(tree *t, struct batch *batch, void *row)
{
    bool is_new;
    return enter(&t->known, row, &is_new) && (!is_new || batch_add(batch, row));
}

/* ---- members ---- */

static bool is_list(const furrow_relation *r)
{
    return r->kind == FURROW_RELATION_TO_MANY || r->kind == FURROW_RELATION_THROUGH;
}

/* What the row's member holds, as a list. */
static furrow__list member_of(const furrow_relation *r, const void *row, void **one)
{
    furrow__list list = {0};
    if (is_list(r)) {
        memcpy(&list, (const char *)row + r->offset, sizeof list);
        if (!list.items)
            list.count = 0;
        return list;
    }
    memcpy(one, (const char *)row + r->offset, sizeof *one);
    if (*one)
        list = (furrow__list){one, 1, true};
    return list;
}

/* Copy a key's field to the field that refers to it. */
static furrow_status carry(tree *t, const furrow_column *to, void *to_row,
                           const furrow_column *from, const void *from_row)
{
    char *field = (char *)to_row + to->offset;
    const char *source = (const char *)from_row + from->offset;
    furrow_value value = furrow__row_value(from, from_row);
    bool fits = value.type != FURROW_TYPE_NULL;
    if (!fits) {
        ;
    } else if (to->type >= FURROW_TYPE_INT16 && to->type <= FURROW_TYPE_INT64) {
        fits = furrow__field_set_integer(to, to_row, value.as.integer);
    } else if (to->type == FURROW_TYPE_TEXT) {
        memcpy(field, &value.as.text, sizeof value.as.text);
    } else if (to->type == FURROW_TYPE_CHARS) {
        size_t size = strlen(value.as.text) + 1;
        fits = size <= to->size;
        if (fits)
            memcpy(field, value.as.text, size);
    } else {
        fits = to->size == from->size;
        if (fits)
            memcpy(field, source, to->size);
    }
    if (fits && to->flags & FURROW_COLUMN_OPT)
        memcpy((char *)to_row + to->has_offset, &fits, sizeof fits);
    return fits ? FURROW_OK
                : furrow__session_failf(
                      t->s, FURROW_INVALID,
                      "the key \"%s\" of model \"%s\" does not fit \"%s\" of model "
                      "\"%s\"",
                      from->name, from->model->name, to->name, to->model->name);
}

static furrow_status carry_key(tree *t, size_t count, const furrow_model *to,
                               const uint16_t *to_columns, void *to_row, const furrow_model *from,
                               const uint16_t *from_columns, const void *from_row)
{
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < count && !status; i++)
        status = carry(t, &to->columns[to_columns[i]], to_row, &from->columns[from_columns[i]],
                       from_row);
    return status;
}

/* ---- one table ---- */

static furrow_status insert_rows(tree *t, const furrow_model *model, void *const *rows,
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
    for (size_t i = 0; i < count; i++)
        memcpy(rows[i], copy + i * model->size, model->size);
    furrow__release(copy);
    return status;
}

/* ---- the steps ---- */

/* The rows that these lead to and that are not known yet; a child's key is carried first. */
static furrow_status gather(tree *t, const furrow_relation *r, void *const *rows, size_t count,
                            struct batch *out)
{
    bool child_refers = r->kind == FURROW_RELATION_TO_MANY || r->kind == FURROW_RELATION_ONE_TO_ONE;
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < count; i++) {
        void *one = NULL;
        furrow__list list = member_of(r, rows[i], &one);
        for (size_t k = 0; k < list.count; k++) {
            void *target = list.items[k];
            if (!target)
                return furrow__session_failf(t->s, FURROW_INVALID,
                                             "\"%s\" of model \"%s\" holds a row that is NULL",
                                             r->field, r->model->name);
            if (child_refers)
                status = carry_key(t, r->count, r->target, r->target_columns, target, r->model,
                                   r->columns, rows[i]);
            if (status)
                return status;
            if (!batch_add_new(t, out, target))
                return furrow__session_no_memory(t->s);
        }
    }
    return FURROW_OK;
}

/* Insert what a step leads to. */
static furrow_status insert_step(tree *t, const struct node *node, void *const *rows, size_t count)
{
    struct batch batch = {0};
    furrow_status status = gather(t, node->relation, rows, count, &batch);
    if (!status)
        status =
            insert_level(t, node->relation->target, batch.rows, batch.count, node->first_child);
    furrow__release(batch.rows);
    return status;
}

static furrow_status carry_back(tree *t, const furrow_relation *r, void *const *rows, size_t count)
{
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < count && !status; i++) {
        void *one = NULL;
        member_of(r, rows[i], &one);
        if (one)
            status = carry_key(t, r->count, r->model, r->columns, rows[i], r->target,
                               r->target_columns, one);
    }
    return status;
}

/* One link for each place in the rows' lists. */
static furrow_status insert_links(tree *t, const furrow_relation *r, void *const *rows,
                                  size_t count)
{
    size_t total = 0, at = 0;
    void *one;
    for (size_t i = 0; i < count; i++)
        total += member_of(r, rows[i], &one).count;
    if (!total)
        return FURROW_OK;
    char *links = furrow__allocate_zeroed(total, r->link->size);
    if (!links)
        return furrow__session_no_memory(t->s);
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < count; i++) {
        furrow__list list = member_of(r, rows[i], &one);
        for (size_t k = 0; k < list.count && !status; k++) {
            char *link = links + at++ * r->link->size;
            status = carry_key(t, r->count, r->link, r->link_columns, link, r->model, r->columns,
                               rows[i]);
            if (!status)
                status = carry_key(t, r->link_target_count, r->link, r->link_target_columns, link,
                                   r->target, r->target_columns, list.items[k]);
        }
    }
    if (!status)
        status = furrow_model_insert_many(t->s, r->link, links, total);
    furrow__release(links);
    return status;
}

static void mark_loaded(const furrow_relation *r, void *const *rows, size_t count)
{
    for (size_t i = 0; is_list(r) && i < count; i++) {
        void *one;
        furrow__list list = member_of(r, rows[i], &one);
        list.loaded = true;
        memcpy((char *)rows[i] + r->offset, &list, sizeof list);
    }
}

static furrow_status insert_level(tree *t, const furrow_model *model, void *const *rows,
                                  size_t count, const struct node *nodes)
{
    furrow_status status = FURROW_OK;
    if (!count)
        return FURROW_OK;
    for (const struct node *n = nodes; n && !status; n = n->next)
        if (n->relation->kind == FURROW_RELATION_TO_ONE) {
            status = insert_step(t, n, rows, count);
            if (!status)
                status = carry_back(t, n->relation, rows, count);
        }
    if (!status)
        status = insert_rows(t, model, rows, count);
    for (const struct node *n = nodes; n && !status; n = n->next) {
        if (n->relation->kind == FURROW_RELATION_TO_ONE)
            continue;
        status = insert_step(t, n, rows, count);
        if (!status && n->relation->kind == FURROW_RELATION_THROUGH)
            status = insert_links(t, n->relation, rows, count);
        if (!status)
            mark_loaded(n->relation, rows, count);
    }
    return status;
}

/* ---- paths ---- */

static furrow_status refuse_path(furrow_session *s, const furrow_model *model, const char *why)
{
    return furrow__session_failf(s, FURROW_INVALID, "a path of %s_insert_with %s", model->name,
                                 why);
}

/* Whether it has a limit or something in any slot of its conditions and orders. */
static bool asks_for_some(const furrow_path *path)
{
    bool some = path->limit != 0;
    for (size_t i = 0; i < sizeof path->where / sizeof *path->where; i++)
        some |= path->where[i].value.op != 0;
    for (size_t i = 0; i < sizeof path->order_by / sizeof *path->order_by; i++)
        some |= path->order_by[i].used;
    return some;
}

/* Enter a path into the tree; nodes are in scratch memory, which inner verbs clear: so on the heap,
 * `nodes` being large enough for all. */
static furrow_status add_path(furrow_session *s, const furrow_model *model, const furrow_path *path,
                              struct node *nodes, size_t *used)
{
    const furrow_model *start = model;
    struct node *at = nodes; /* the root */
    if (path->steps[FURROW_MAX_STEPS])
        return refuse_path(s, model, "has too many steps");
    if (asks_for_some(path))
        return refuse_path(s, model, "has conditions, an order or a limit");
    for (size_t i = 0; path->steps[i]; i++) {
        const furrow_relation *r = path->steps[i];
        if (r->model != start)
            return furrow__session_failf(
                s, FURROW_INVALID,
                i ? "relation \"%s\" of model \"%s\" cannot follow a step that leads to model "
                    "\"%s\""
                  : "relation \"%s\" of model \"%s\" in a path of model \"%s\"",
                r->field, r->model->name, start->name);
        struct node **place = &at->first_child;
        while (*place && (*place)->relation != r)
            place = &(*place)->next;
        if (!*place) {
            nodes[*used] = (struct node){.relation = r};
            *place = &nodes[(*used)++];
        }
        at = *place;
        start = r->target;
    }
    return FURROW_OK;
}

furrow_status furrow_rows_insert(furrow_session *s, const furrow_model *model, void *rows,
                                 size_t count, const furrow_path *paths, size_t path_count)
{
    furrow_status status = furrow__session_start_write(s);
    if (status || (status = furrow__check_model(s, model)))
        return status;
    if (count && !rows)
        return furrow__session_failf(s, FURROW_INVALID, "%s_insert_with: the rows are NULL",
                                     model->name);
    tree t = {.s = s};
    struct batch batch = {0};
    size_t used = 1;
    struct node *nodes = furrow__allocate_zeroed(path_count * FURROW_MAX_STEPS + 1, sizeof *nodes);
    if (!nodes)
        return furrow__session_no_memory(s);
    for (size_t i = 0; i < path_count && !status; i++)
        status = add_path(s, model, &paths[i], nodes, &used);
    for (size_t i = 0; i < count && !status; i++)
        if (!batch_add_new(&t, &batch, (char *)rows + i * model->size))
            status = furrow__session_no_memory(s);
    if (!status)
        status = insert_level(&t, model, batch.rows, batch.count, nodes->first_child);
    furrow__release(nodes);
    furrow__release(batch.rows);
    furrow__release(t.known.table);
    return status;
}
