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
 * A row that several lead to is inserted once, as is a link that both of its ends hold. Each table
 * and step is one insert_many: its rows are copied side by side, and back when the database has
 * filled in its part.
 *
 * What is inserted cannot be told a key any more: a row that is held where it would need another
 * one is refused, not left without. Whatever fails, every row is as it was before the call.
 */
#include "runtime/session/field.h"
#include "runtime/session/key.h"
#include "runtime/session/rows.h"

/* Steps of all paths as a tree: those that begin alike are one. */
struct node {
    const furrow_relation *relation;
    struct node *first_child, *next; /* next: of the same parent */
};

/* A row that is, or is about to be, in the database. */
struct known_row {
    void *row;
    const void *before; /* what it held, `size` bytes */
    size_t size;
    size_t entered, gathered; /* the first step that found it, and the last */
    bool is_done;             /* inserted */
};

struct known_rows {
    struct known_row *table; /* open addressing; heap */
    size_t count, capacity;
};

/* Two rows that are linked; the one at the link's lesser columns first. */
struct pair {
    const furrow_model *link; /* NULL: free */
    uint16_t first_column, second_column;
    const void *first, *second;
};

struct pairs {
    struct pair *table; /* open addressing; heap */
    size_t count, capacity;
};

/* A growing list of rows; heap. */
struct batch {
    void **rows;
    size_t count, capacity;
};

/* Rows to insert, and rows that are known already. */
struct found {
    struct batch fresh, again;
};

/* A step from a row that found a row which is not inserted yet: gone again when all are. */
struct open_end {
    const struct node *node;
    void *row;
    struct open_end *next;
};

typedef struct tree {
    furrow_session *s;
    struct known_rows known;
    struct pairs pairs;
    struct open_end *open_ends;
    size_t gathers;     /* steps so far */
    furrow_arena saved; /* what rows held before; and open ends */
} tree;

static furrow_status insert_level(tree *t, const furrow_model *model, struct found *found,
                                  const struct node *nodes);

/* ---- rows, each once ---- */

static size_t hash_pointer(const void *pointer)
{
    return (size_t)((uint64_t)(uintptr_t)pointer * UINT64_C(0x9E3779B97F4A7C15) >> 32);
}

static struct known_row *place_in(struct known_row *table, size_t capacity, const void *row)
{
    size_t at = hash_pointer(row) & (capacity - 1);
    while (table[at].row && table[at].row != row)
        at = (at + 1) & (capacity - 1);
    return &table[at];
}

static struct known_row *find_known(const tree *t, const void *row)
{
    struct known_row *place =
        t->known.capacity ? place_in(t->known.table, t->known.capacity, row) : NULL;
    return place && place->row ? place : NULL;
}

static bool is_done(const tree *t, const void *row)
{
    const struct known_row *known = find_known(t, row);
    return known && known->is_done;
}

static bool grow_known(struct known_rows *known)
{
    size_t capacity = known->capacity ? known->capacity * 2 : 64;
    struct known_row *table = furrow__allocate_zeroed(capacity, sizeof *table);
    if (!table)
        return false;
    for (size_t i = 0; i < known->capacity; i++)
        if (known->table[i].row)
            *place_in(table, capacity, known->table[i].row) = known->table[i];
    furrow__release(known->table);
    known->table = table;
    known->capacity = capacity;
    return true;
}

/* Enter a row, with what it holds: *is_new says whether it was not there. False when out of memory.
 */
static bool enter(tree *t, const furrow_model *model, void *row, bool *is_new)
{
    struct known_rows *known = &t->known;
    *is_new = false;
    if (find_known(t, row))
        return true;
    void *before = furrow__arena_aligned(&t->saved, model->size, 16);
    if (!before || ((known->count + 1) * 2 > known->capacity && !grow_known(known)))
        return false;
    memcpy(before, row, model->size);
    *place_in(known->table, known->capacity, row) =
        (struct known_row){.row = row, .before = before, .size = model->size};
    known->count++;
    return *is_new = true;
}

/* Every row as it was. */
static void restore(const tree *t)
{
    for (size_t i = 0; i < t->known.capacity; i++)
        if (t->known.table[i].row)
            memcpy(t->known.table[i].row, t->known.table[i].before, t->known.table[i].size);
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

/* ---- links, each once ---- */

static struct pair *pair_place(struct pair *table, size_t capacity, const struct pair *pair)
{
    size_t at = (hash_pointer(pair->first) * 31 ^ hash_pointer(pair->second)) & (capacity - 1);
    while (table[at].link &&
           (table[at].link != pair->link || table[at].first != pair->first ||
            table[at].second != pair->second || table[at].first_column != pair->first_column ||
            table[at].second_column != pair->second_column))
        at = (at + 1) & (capacity - 1);
    return &table[at];
}

static bool grow_pairs(struct pairs *pairs)
{
    size_t capacity = pairs->capacity ? pairs->capacity * 2 : 64;
    struct pair *table = furrow__allocate_zeroed(capacity, sizeof *table);
    if (!table)
        return false;
    for (size_t i = 0; i < pairs->capacity; i++)
        if (pairs->table[i].link)
            *pair_place(table, capacity, &pairs->table[i]) = pairs->table[i];
    furrow__release(pairs->table);
    pairs->table = table;
    pairs->capacity = capacity;
    return true;
}

/* Enter the link between two rows: *is_new says whether it was not there. False when out of memory.
 */
static bool enter_pair(tree *t, const furrow_relation *r, const void *row, const void *target,
                       bool *is_new)
{
    uint16_t near = r->link_columns[r->count - 1];
    uint16_t far = r->link_target_columns[r->link_target_count - 1];
    struct pair pair = {r->link, near, far, row, target};
    if (near > far)
        pair = (struct pair){r->link, far, near, target, row};
    if ((t->pairs.count + 1) * 2 > t->pairs.capacity && !grow_pairs(&t->pairs))
        return false;
    struct pair *place = pair_place(t->pairs.table, t->pairs.capacity, &pair);
    *is_new = !place->link;
    t->pairs.count += *is_new;
    *place = pair;
    return true;
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

/* Whether a row has this key, or may still be told it: it is not inserted, and no other row of this
 * call has told it another. */
static furrow_status check_free(tree *t, const furrow_column *to, const struct known_row *known,
                                const furrow_column *from, const void *from_row)
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
                       "that its \"%s\" is to refer to"
                     : "a row of model \"%s\" is held by two rows of model \"%s\", but "
                       "its \"%s\" refers to one",
                 to->model->name, from->model->name, to->name);
    furrow__hint(&error, "let one row hold it, and no array or earlier step");
    return furrow__session_fail(t->s, &error);
}

/* Copy a key's field to the field that refers to it. */
static furrow_status carry(tree *t, const furrow_column *to, void *to_row,
                           const furrow_column *from, const void *from_row)
{
    const struct known_row *known = find_known(t, to_row);
    if (known && check_free(t, to, known, from, from_row))
        return FURROW_INVALID;
    if ((known && known->is_done) || furrow__field_carry(to, to_row, from, from_row))
        return FURROW_OK;
    return furrow__session_failf(
        t->s, FURROW_INVALID, "the key \"%s\" of model \"%s\" does not fit \"%s\" of model \"%s\"",
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
    for (size_t i = 0; i < count && !status; i++) {
        memcpy(rows[i], copy + i * model->size, model->size);
        find_known(t, rows[i])->is_done = true;
    }
    furrow__release(copy);
    return status;
}

/* ---- the steps ---- */

static bool child_refers(const furrow_relation *r)
{
    return r->kind == FURROW_RELATION_TO_MANY || r->kind == FURROW_RELATION_ONE_TO_ONE;
}

static furrow_status go_again(tree *t, const struct node *node, void *row)
{
    struct open_end *end = furrow__arena_aligned(&t->saved, sizeof *end, 16);
    if (!end)
        return furrow__session_no_memory(t->s);
    *end = (struct open_end){node, row, t->open_ends};
    t->open_ends = end;
    return FURROW_OK;
}

/* One row that another leads to: new, or known; a child's key is carried. */
static furrow_status gather_one(tree *t, const struct node *node, void *row, void *target,
                                struct found *found)
{
    bool is_new;
    const furrow_relation *r = node->relation;
    if (!target)
        return furrow__session_failf(t->s, FURROW_INVALID,
                                     "\"%s\" of model \"%s\" holds a row that is NULL", r->field,
                                     r->model->name);
    if (!enter(t, r->target, target, &is_new))
        return furrow__session_no_memory(t->s);
    struct known_row *known = find_known(t, target);
    bool is_listed = known->gathered == t->gathers;
    known->gathered = t->gathers;
    if (is_new)
        known->entered = t->gathers;
    if (!is_listed && !batch_add(is_new ? &found->fresh : &found->again, target))
        return furrow__session_no_memory(t->s);
    furrow_status status = FURROW_OK;
    if (child_refers(r))
        status =
            carry_key(t, r->count, r->target, r->target_columns, target, r->model, r->columns, row);
    bool is_pending = !known->is_done && known->entered != t->gathers;
    return !status && is_pending ? go_again(t, node, row) : status;
}

/* The rows that these lead to, each once. */
static furrow_status gather(tree *t, const struct node *node, const struct batch *rows,
                            struct found *found)
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

/* The key of a row that is not inserted yet is known only if the program gave it. */
static furrow_status check_has_key(tree *t, const furrow_relation *r, const void *target)
{
    for (size_t i = 0; i < r->count && !is_done(t, target); i++) {
        const furrow_column *c = &r->target->columns[r->target_columns[i]];
        if (!(c->flags & FURROW_COLUMN_ASSIGNED) || furrow__row_value(c, target).as.integer)
            continue;
        furrow_error error;
        furrow__fail(&error, FURROW_INVALID,
                     "\"%s\" of model \"%s\" leads to a row that is not inserted before it: its "
                     "key is not known yet",
                     r->field, r->model->name);
        furrow__hint(&error, "insert it first, or hold the rows from its side");
        return furrow__session_fail(t->s, &error);
    }
    return FURROW_OK;
}

static furrow_status carry_back(tree *t, const furrow_relation *r, const struct batch *rows)
{
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < rows->count && !status; i++) {
        void *one = NULL;
        member_of(r, rows->rows[i], &one);
        if (!one || (status = check_has_key(t, r, one)))
            continue;
        status = carry_key(t, r->count, r->model, r->columns, rows->rows[i], r->target,
                           r->target_columns, one);
    }
    return status;
}

/* One link for each pair of rows. */
static furrow_status fill_links(tree *t, const furrow_relation *r, const struct batch *rows,
                                char *links, size_t *count)
{
    void *one;
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < rows->count; i++) {
        void *row = rows->rows[i];
        furrow__list list = member_of(r, row, &one);
        for (size_t k = 0; k < list.count && !status; k++) {
            bool is_new;
            if (!is_done(t, list.items[k]))
                continue; /* an open end */
            if (!enter_pair(t, r, row, list.items[k], &is_new))
                return furrow__session_no_memory(t->s);
            if (!is_new)
                continue;
            char *link = links + (*count)++ * r->link->size;
            status =
                carry_key(t, r->count, r->link, r->link_columns, link, r->model, r->columns, row);
            if (!status)
                status = carry_key(t, r->link_target_count, r->link, r->link_target_columns, link,
                                   r->target, r->target_columns, list.items[k]);
        }
    }
    return status;
}

static furrow_status insert_links(tree *t, const furrow_relation *r, const struct batch *rows)
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

static void mark_loaded(const furrow_relation *r, const struct batch *rows)
{
    for (size_t i = 0; is_list(r) && i < rows->count; i++) {
        void *one;
        furrow__list list = member_of(r, rows->rows[i], &one);
        list.loaded = true;
        memcpy((char *)rows->rows[i] + r->offset, &list, sizeof list);
    }
}

static void found_done(struct found *found)
{
    furrow__release(found->fresh.rows);
    furrow__release(found->again.rows);
}

/* What these rows' to-one leads to goes before them. */
static furrow_status insert_before(tree *t, const struct node *node, const struct batch *rows)
{
    struct found found = {0};
    furrow_status status = gather(t, node, rows, &found);
    if (!status)
        status = insert_level(t, node->relation->target, &found, node->first_child);
    if (!status)
        status = carry_back(t, node->relation, rows);
    found_done(&found);
    return status;
}

/* What was gathered behind these rows, and the links to it. */
static furrow_status insert_behind(tree *t, const struct node *node, const struct batch *rows,
                                   struct found *found)
{
    const furrow_relation *r = node->relation;
    furrow_status status = FURROW_OK;
    if (r->kind == FURROW_RELATION_THROUGH)
        status = gather(t, node, rows, found);
    if (!status)
        status = insert_level(t, r->target, found, node->first_child);
    if (!status && r->kind == FURROW_RELATION_THROUGH)
        status = insert_links(t, r, rows);
    if (!status)
        mark_loaded(r, rows);
    return status;
}

/* What is behind these rows, which are inserted. Rows that refer to them are told all their keys,
 * by whichever relationship, before the first is inserted. */
static furrow_status insert_all_behind(tree *t, const struct node *nodes, const struct batch *rows)
{
    size_t count = 0, i = 0;
    for (const struct node *n = nodes; n; n = n->next)
        count++;
    if (!count || !rows->count)
        return FURROW_OK;
    struct found *found = furrow__allocate_zeroed(count, sizeof *found);
    if (!found)
        return furrow__session_no_memory(t->s);
    furrow_status status = FURROW_OK;
    for (const struct node *n = nodes; n && !status; n = n->next, i++)
        if (child_refers(n->relation))
            status = gather(t, n, rows, &found[i]);
    i = 0;
    for (const struct node *n = nodes; n && !status; n = n->next, i++)
        if (n->relation->kind != FURROW_RELATION_TO_ONE)
            status = insert_behind(t, n, rows, &found[i]);
    for (i = 0; i < count; i++)
        found_done(&found[i]);
    furrow__release(found);
    return status;
}

/* Insert rows with what is before and behind them. Rows that were inserted earlier may lead to more
 * than the step that found them first was asked for. */
static furrow_status insert_level(tree *t, const furrow_model *model, struct found *found,
                                  const struct node *nodes)
{
    struct batch all = found->fresh;
    found->fresh = (struct batch){0};
    furrow_status status = FURROW_OK;
    size_t fresh = all.count;
    for (size_t i = 0; nodes && i < found->again.count && !status; i++)
        if (is_done(t, found->again.rows[i]) && !batch_add(&all, found->again.rows[i]))
            status = furrow__session_no_memory(t->s);
    for (const struct node *n = nodes; n && !status; n = n->next)
        if (n->relation->kind == FURROW_RELATION_TO_ONE)
            status = insert_before(t, n, &all);
    if (!status)
        status = insert_rows(t, model, all.rows, fresh);
    if (!status)
        status = insert_all_behind(t, nodes, &all);
    furrow__release(all.rows);
    return status;
}

/* Steps that found rows which were not inserted then. */
static furrow_status close_open_ends(tree *t)
{
    furrow_status status = FURROW_OK;
    while (t->open_ends && !status) {
        const struct node *node = t->open_ends->node;
        struct batch rows = {0};
        struct found found = {0};
        for (struct open_end **at = &t->open_ends; *at && !status;)
            if ((*at)->node != node)
                at = &(*at)->next;
            else if (!batch_add(&rows, (*at)->row))
                status = furrow__session_no_memory(t->s);
            else
                *at = (*at)->next;
        if (!status && node->relation->kind == FURROW_RELATION_TO_ONE)
            status = insert_before(t, node, &rows);
        else if (!status && child_refers(node->relation))
            status = gather(t, node, &rows, &found);
        if (!status && node->relation->kind != FURROW_RELATION_TO_ONE)
            status = insert_behind(t, node, &rows, &found);
        found_done(&found);
        furrow__release(rows.rows);
    }
    return status;
}

/* ---- paths ---- */

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

/* Enter a path, whose steps are checked, into the tree; nodes are on the heap, since inner verbs
 * clear scratch memory, and large enough for all. */
static furrow_status add_path(furrow_session *s, const furrow_model *model, const furrow_path *path,
                              struct node *nodes, size_t *used)
{
    struct node *at = nodes; /* the root */
    if (asks_for_some(path))
        return furrow__session_failf(s, FURROW_INVALID,
                                     "a path of %s_insert_with has conditions, an order or a limit",
                                     model->name);
    for (size_t i = 0; path->steps[i]; i++) {
        const furrow_relation *r = path->steps[i];
        struct node **place = &at->first_child;
        while (*place && (*place)->relation != r)
            place = &(*place)->next;
        if (!*place) {
            nodes[*used] = (struct node){.relation = r};
            *place = &nodes[(*used)++];
        }
        at = *place;
    }
    return FURROW_OK;
}

static furrow_status insert_tree(tree *t, const furrow_model *model, char *rows, size_t count,
                                 const struct node *root)
{
    struct found found = {0};
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < count && !status; i++) {
        bool is_new;
        void *row = rows + i * model->size;
        if (!enter(t, model, row, &is_new) || !batch_add(&found.fresh, row))
            status = furrow__session_no_memory(t->s);
    }
    if (!status)
        status = insert_level(t, model, &found, root->first_child);
    if (!status)
        status = close_open_ends(t);
    if (status)
        restore(t);
    found_done(&found);
    furrow__release(t->known.table);
    furrow__release(t->pairs.table);
    furrow__arena_done(&t->saved);
    return status;
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
    if ((status = furrow__check_paths(s, model, paths, path_count)))
        return status;
    tree t = {.s = s};
    size_t used = 1;
    struct node *nodes = furrow__allocate_zeroed(path_count * FURROW_MAX_STEPS + 1, sizeof *nodes);
    if (!nodes)
        return furrow__session_no_memory(s);
    for (size_t i = 0; i < path_count && !status; i++)
        status = add_path(s, model, &paths[i], nodes, &used);
    if (!status)
        status = insert_tree(&t, model, rows, count, nodes);
    furrow__release(nodes);
    return status;
}
