/* SPDX-License-Identifier: MIT
 *
 * Copies a row together with all rows that its relationships hold. Rows are copied one after the
 * other, not recursively: if a relationship holds a row that has no copy yet, that row is appended
 * to the list of rows to copy. A row that several rows refer to is copied once, so cycles are
 * allowed.
 */
#include "runtime/session/rows.h"
#include "runtime/session/use.h"

/* A row and its copy. The copy is allocated when the row is found, and filled in later. */
typedef struct copied {
    const furrow_model *model;
    const void *source;
    void *copy;
} copied;

/* The copies of one model. They count as one result, so that a relationship of one copy is later
 * loaded for all of them. */
typedef struct copies {
    const furrow_model *model;
    furrow__store store;
    struct copies *next;
} copies;

typedef struct copier {
    furrow_session *s;
    copied *rows; /* rows in the order in which they were found; allocated with furrow__allocate */
    size_t count, capacity;
    size_t *table;     /* hash table with open addressing, by the address of the original row: 1 +
                          an index of `rows`; 0 means an empty entry */
    size_t table_size; /* size of the table; a power of two */
    copies *models;
} copier;

static size_t *find_entry(const copier *c, const furrow_model *model, const void *source)
{
    uint64_t hash = (uint64_t)(uintptr_t)source * UINT64_C(0x9E3779B97F4A7C15);
    size_t at = (size_t)(hash >> 32) & (c->table_size - 1);
    while (c->table[at]) {
        const copied *row = &c->rows[c->table[at] - 1];
        if (row->source == source && row->model == model)
            break;
        at = (at + 1) & (c->table_size - 1);
    }
    return &c->table[at];
}

/* Makes room for one more row. The table stays at most half full. */
static bool grow(copier *c)
{
    if (c->count < c->capacity)
        return true;
    size_t capacity = c->capacity ? c->capacity * 2 : 16, size;
    if (!furrow__multiply_size(&size, capacity, sizeof *c->rows))
        return false;
    copied *rows = furrow__reallocate(c->rows, size);
    if (!rows)
        return false;
    c->rows = rows;
    size_t *table = furrow__allocate_zeroed(capacity * 2, sizeof *table);
    if (!table)
        return false;
    furrow__release(c->table);
    c->table = table;
    c->table_size = capacity * 2;
    c->capacity = capacity;
    for (size_t i = 0; i < c->count; i++)
        *find_entry(c, rows[i].model, rows[i].source) = i + 1;
    return true;
}

static copies *copies_of(copier *c, const furrow_model *model)
{
    copies *m = c->models;
    while (m && m->model != model)
        m = m->next;
    if (m)
        return m;
    m = furrow__arena_aligned(&c->s->arena, sizeof *m, _Alignof(copies));
    if (!m)
        return NULL;
    *m = (copies){.model = model, .next = c->models};
    furrow__store_start(&m->store, &c->s->arena, model, 0);
    return c->models = m;
}

/* Returns the copy of a row. If the row has no copy yet, adds it to the rows to copy. Returns NULL
 * when out of memory. */
static void *copy_of(copier *c, const furrow_model *model, const void *source)
{
    if (!grow(c))
        return NULL;
    size_t *entry = find_entry(c, model, source);
    if (*entry)
        return c->rows[*entry - 1].copy;
    copies *m = copies_of(c, model);
    void *copy = m ? furrow__store_row(&m->store) : NULL;
    if (!copy)
        return NULL;
    c->rows[c->count++] = (copied){model, source, copy};
    *entry = c->count;
    return copy;
}

static bool copy_text(furrow_session *s, char *field)
{
    const char *text;
    memcpy(&text, field, sizeof text);
    if (!text)
        return true;
    text = furrow__arena_text(&s->arena, text, strlen(text));
    memcpy(field, &text, sizeof text);
    return text != NULL;
}

/* A blob of size 0 is NULL only if `bytes` is NULL; otherwise the blob is empty. The copy keeps
 * this difference. */
static bool copy_blob(furrow_session *s, char *field)
{
    furrow_blob blob;
    memcpy(&blob, field, sizeof blob);
    if (!blob.bytes)
        return true;
    void *bytes = furrow__arena_aligned(&s->arena, blob.size ? blob.size : 1, 16);
    if (!bytes)
        return false;
    if (blob.size)
        memcpy(bytes, blob.bytes, blob.size);
    blob.bytes = bytes;
    memcpy(field, &blob, sizeof blob);
    return true;
}

/* Gives the copy its own text or bytes. */
static bool copy_column(furrow_session *s, const furrow_column *column, void *copy)
{
    char *field = (char *)copy + column->offset;
    bool has = true;
    if (column->flags & FURROW_COLUMN_OPT)
        memcpy(&has, (char *)copy + column->has_offset, sizeof has);
    if (!has)
        return true;
    switch (column->type) {
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_JSON:
        return copy_text(s, field);
    case FURROW_TYPE_BLOB:
        return copy_blob(s, field);
    default:
        return true;
    }
}

static bool copy_list(copier *c, const furrow_relation *relation, void *copy)
{
    furrow__list list;
    size_t size;
    memcpy(&list, (char *)copy + relation->offset, sizeof list);
    if (!list.items || !list.count)
        return true;
    if (!furrow__multiply_size(&size, list.count, sizeof *list.items))
        return false;
    void **items = furrow__arena_aligned(&c->s->arena, size, _Alignof(void *));
    for (size_t i = 0; items && i < list.count; i++) {
        items[i] = list.items[i] ? copy_of(c, relation->target, list.items[i]) : NULL;
        if (list.items[i] && !items[i])
            return false;
    }
    list.items = items;
    memcpy((char *)copy + relation->offset, &list, sizeof list);
    return items != NULL;
}

static bool copy_one(copier *c, const furrow_relation *relation, void *copy)
{
    void *row;
    memcpy(&row, (char *)copy + relation->offset, sizeof row);
    if (!row)
        return true;
    row = copy_of(c, relation->target, row);
    memcpy((char *)copy + relation->offset, &row, sizeof row);
    return row != NULL;
}

static bool is_list(const furrow_relation *relation)
{
    return relation->kind == FURROW_RELATION_TO_MANY || relation->kind == FURROW_RELATION_THROUGH;
}

static bool fill_in(copier *c, copied row)
{
    memcpy(row.copy, row.source, row.model->size);
    for (size_t i = 0; i < row.model->column_count; i++)
        if (!copy_column(c->s, &row.model->columns[i], row.copy))
            return false;
    for (size_t i = 0; i < row.model->relation_count; i++) {
        const furrow_relation *relation = &row.model->relations[i];
        if (!(is_list(relation) ? copy_list : copy_one)(c, relation, row.copy))
            return false;
    }
    return true;
}

/* Remembers the copies of each model as one result. Also remembers which relationships were loaded
 * and found no row; this is known only for rows of this session. */
static bool remember(copier *c)
{
    for (copies *m = c->models; m; m = m->next)
        if (!furrow__result_remember(&c->s->results, &m->store, m->model))
            return false;
    for (size_t i = 0; i < c->count; i++)
        for (size_t k = 0; k < c->rows[i].model->relation_count; k++) {
            const furrow_relation *relation = &c->rows[i].model->relations[k];
            if (furrow__row_has_none(&c->s->results, relation, c->rows[i].source) &&
                !furrow__row_note_none(&c->s->results, relation, c->rows[i].copy))
                return false;
        }
    return true;
}

void *furrow_model_copy(furrow_session *s, const furrow_model *model, const void *row)
{
    FURROW__USE(s, NULL);
    if (!s || s->status != FURROW_OK || furrow__check_model(s, model))
        return NULL;
    if (!row) {
        furrow__session_failf(s, FURROW_INVALID, "copy of model \"%s\": the row is NULL",
                              model->name);
        return NULL;
    }
    copier c = {.s = s};
    void *copy = copy_of(&c, model, row);
    bool worked = copy != NULL;
    for (size_t i = 0; worked && i < c.count; i++)
        worked = fill_in(&c, c.rows[i]);
    worked = worked && remember(&c);
    furrow__release(c.rows);
    furrow__release(c.table);
    if (worked)
        return copy;
    furrow__session_no_memory(s);
    return NULL;
}
