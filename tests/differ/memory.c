/* SPDX-License-Identifier: MIT
 *
 * Evaluates writes in memory, as docs/models.md and docs/querying.md describe them. */
#include "memory.h"
#include "evaluate.h"
#include "expect.h"
#include "options.h"

#include <stdlib.h>
#include <string.h>

memory *memory_new(const built *parent)
{
    memory *m = calloc(1, sizeof *m);
    if (!m)
        abort();
    for (int i = 0; i < 2; i++) {
        m->tables[i].b = i ? parent->other : parent;
        m->tables[i].other = &m->tables[1 - i];
    }
    return m;
}

memory *memory_copy(const memory *m)
{
    memory *copy = memory_new(m->tables[0].b);
    memory_restore(copy, m);
    return copy;
}

void memory_restore(memory *m, const memory *copy)
{
    for (int i = 0; i < 2; i++) {
        m->tables[i].count = copy->tables[i].count;
        memcpy(m->tables[i].rows, copy->tables[i].rows, copy->tables[i].count * ROW_SIZE);
    }
}

static bool same_value(const furrow_column *column, const char *x, const char *y)
{
    cell a = field_cell(column, x), b = field_cell(column, y);
    return !a.null && !b.null && cells_compare(column, &a, &b) == 0;
}

static bool same_key(const built *b, const char *x, const char *y)
{
    bool same = true;
    for (uint16_t i = 0; i < b->model.primary_key_count; i++)
        same &= same_value(&b->columns[b->key[i]], x, y);
    return same;
}

char *table_find(table *t, const char *row)
{
    for (size_t i = 0; i < t->count; i++)
        if (same_key(t->b, t->rows[i], row))
            return t->rows[i];
    return NULL;
}

static bool is_empty(const furrow_column *column, const char *row)
{
    static const char zero[FIELD_SIZE];
    if (column->flags & FURROW_COLUMN_OPT)
        return field_cell(column, row).null;
    return memcmp(row + column->offset, zero, column->size) == 0;
}

/* Removes the sign of zero, which is not stored. */
static void normalize(const built *b, char *row)
{
    for (uint16_t i = 0; i < b->model.column_count; i++) {
        const furrow_column *c = &b->columns[i];
        bool real = c->type == FURROW_TYPE_FLOAT || c->type == FURROW_TYPE_DOUBLE;
        if (real && field_cell(c, row).real == 0)
            memset(row + c->offset, 0, c->size);
    }
}

/* Compares the row that a write left in the program's struct. */
static void expect_struct(runner *r, const char *what, const char *stored, const char *expected)
{
    char got[ROW_SIZE];
    memcpy(got, stored, ROW_SIZE);
    normalize(r->b, got);
    expect_row(r, what, got, expected);
}

/* Applies what each update does by itself. */
static void touch(const built *b, char *row)
{
    for (uint16_t i = 0; i < b->model.column_count; i++) {
        const furrow_column *c = &b->columns[i];
        if (c->flags & FURROW_COLUMN_VERSION)
            cell_store(c, row, &(cell){.integer = field_cell(c, row).integer + 1});
        if (c->flags & FURROW_COLUMN_TOUCH)
            cell_store(c, row, &(cell){.integer = PRESENT});
    }
    normalize(b, row);
}

static void assign(const built *b, const step *s, char *row)
{
    for (size_t i = 0; i < s->set_count; i++) {
        const assignment *a = &s->set[i];
        const furrow_column *c = b->by_number[a->column];
        cell value = a->value;
        if (!c)
            continue;
        cell old = field_cell(c, row);
        if (a->op == FURROW_OP_SET_NULL_ || (a->op == FURROW_OP_INCREMENT_ && old.null))
            value = (cell){.null = true};
        else if (a->op == FURROW_OP_INCREMENT_)
            value = cells_add(c, &old, &value);
        cell_store(c, row, &value);
    }
    normalize(b, row);
}

static bool has_set(const built *b, const step *s)
{
    bool found = false;
    for (size_t i = 0; i < s->set_count; i++)
        found |= b->by_number[s->set[i].column] != NULL;
    return found;
}

static bool has_bit(const built *b, uint32_t bits, const furrow_column *c)
{
    for (int i = 0; i < MAX_COLUMNS; i++)
        if (b->by_number[i] == c && (bits & (UINT32_C(1) << i)))
            return true;
    return false;
}

/* Whether the rows have equal values in UNIQUE columns. */
static bool shares_unique(const built *b, const char *x, const char *y)
{
    bool shared = false;
    for (uint16_t i = 0; i < b->model.index_count; i++) {
        const furrow_index *index = &b->indexes[i];
        bool equal = index->unique;
        for (uint16_t c = 0; c < index->count; c++)
            equal &= same_value(&b->columns[index->columns[c]], x, y);
        shared |= equal;
    }
    return shared;
}

static void check_unique(runner *r, const char *row)
{
    for (size_t i = 0; i < r->table->count; i++) {
        const char *other = r->table->rows[i];
        if (other != row && (same_key(r->b, other, row) || shares_unique(r->b, other, row))) {
            complain(r, "write", "FURROW_OK", "FURROW_UNIQUE");
            return;
        }
    }
}

/* Whether a column has a value that it may refuse. */
static bool may_be_refused(const built *b, const char *row)
{
    bool refused = false;
    for (uint16_t i = 0; i < b->model.column_count; i++) {
        const furrow_column *c = &b->columns[i];
        cell value = field_cell(c, row);
        refused |= c->check || (value.null && !(c->flags & FURROW_COLUMN_NULLABLE)) ||
                   (!value.null && !is_within_limits(c, &value));
    }
    return refused;
}

static void check_values(runner *r, const char *row)
{
    for (uint16_t i = 0; i < r->b->model.column_count; i++) {
        const furrow_column *c = &r->b->columns[i];
        cell value = field_cell(c, row);
        if (value.null && !(c->flags & FURROW_COLUMN_NULLABLE))
            complain(r, c->name, "FURROW_OK", "FURROW_NOT_NULL");
        if (!value.null && !is_within_limits(c, &value))
            complain(r, c->name, "FURROW_OK", "FURROW_CHECK");
    }
}

static bool has_reference(const built *b, const char *row)
{
    bool any_null = !b->is_child;
    for (uint16_t i = 0; i < b->foreign_key.count; i++)
        any_null |= field_cell(&b->columns[b->reference[i]], row).null;
    return !any_null;
}

static void check_row(runner *r, const char *row)
{
    check_unique(r, row);
    check_values(r, row);
    if (has_reference(r->b, row) && !find_parent(r->table, row))
        complain(r, "write", "FURROW_OK", "FURROW_FOREIGN_KEY");
}

/* Whether the row has the key of an existing row, or the values of another row in UNIQUE columns.
 */
static bool is_taken(runner *r, const char *row, bool is_new)
{
    bool taken = false;
    for (size_t i = 0; i < r->table->count; i++) {
        bool same = same_key(r->b, r->table->rows[i], row);
        taken |= same ? is_new : shares_unique(r->b, r->table->rows[i], row);
    }
    return taken;
}

/* Whether one of the first rows is like the row in a key or in UNIQUE columns. */
static bool is_repeated(const built *b, char (*rows)[ROW_SIZE], size_t count, const char *row)
{
    bool repeated = false;
    for (size_t i = 0; i < count; i++)
        repeated |= same_key(b, rows[i], row) || shares_unique(b, rows[i], row);
    return repeated;
}

void expect_refusal(runner *r, furrow_status status, char (*rows)[ROW_SIZE], size_t count,
                    bool are_new)
{
    bool unique = false, dangling = false, values = false;
    for (size_t i = 0; i < count; i++) {
        unique |= is_taken(r, rows[i], are_new) || is_repeated(r->b, rows, i, rows[i]);
        dangling |= has_reference(r->b, rows[i]) && !find_parent(r->table, rows[i]);
        values |= may_be_refused(r->b, rows[i]);
    }
    if ((status == FURROW_UNIQUE && !unique) || (status == FURROW_FOREIGN_KEY && !dangling) ||
        ((status == FURROW_INVALID || status == FURROW_CHECK || status == FURROW_NOT_NULL) &&
         !values))
        complain(r, "write", furrow_session_error(r->s)->message, "FURROW_OK");
}

static bool has_child(const table *t, const char *row)
{
    for (size_t i = 0; i < t->other->count && !t->b->is_child; i++)
        if (is_related(t, row, t->other->rows[i]))
            return true;
    return false;
}

void expect_children(runner *r, furrow_status status, const query *q, const char *row)
{
    bool held = false;
    for (size_t i = 0; i < r->table->count; i++) {
        const char *other = r->table->rows[i];
        if (q ? row_matches(r->table, q, other) : same_key(r->b, other, row))
            held |= has_child(r->table, other);
    }
    bool restricted = r->b->other->foreign_key.on_delete <= FURROW_ACTION_RESTRICT;
    if (status == FURROW_FOREIGN_KEY && !(held && restricted))
        complain(r, "delete", "FURROW_FOREIGN_KEY", "no child refers to the rows");
}

void fill(const built *b, char *expected, const char *given, const char *stored)
{
    memcpy(expected, given, ROW_SIZE);
    for (uint16_t i = 0; i < b->model.column_count; i++) {
        const furrow_column *c = &b->columns[i];
        if (!is_empty(c, given))
            continue;
        if (c->default_) {
            cell value = default_value(c);
            cell_store(c, expected, &value);
        } else if (c->flags & (FURROW_COLUMN_ASSIGNED | FURROW_COLUMN_VERSION))
            memcpy(expected + c->offset, stored + c->offset, FIELD_SIZE);
    }
    normalize(b, expected);
}

void apply_insert(runner *r, const char *given, const char *stored)
{
    char expected[ROW_SIZE];
    fill(r->b, expected, given, stored);
    expect_struct(r, "insert", stored, expected);
    if (r->table->count < MAX_EXPECTED)
        memcpy(r->table->rows[r->table->count++], expected, ROW_SIZE);
    check_row(r, r->table->rows[r->table->count - 1]);
}

/* Whether the upsert keeps the column's stored value; see the table in docs/models.md. */
static bool keeps(const built *b, const step *s, const furrow_column *column, const char *row)
{
    cell value = field_cell(column, row);
    if ((column->flags & FURROW_COLUMN_PRIMARY_KEY) || has_bit(b, s->conflict, column))
        return true;
    if (!column->default_ || (column->flags & FURROW_COLUMN_TOUCH))
        return false;
    if (is_now(column) && is_empty(column, row))
        return true;
    return !(column->flags & FURROW_COLUMN_NULLABLE) && value.null;
}

/* Finds the row that the upsert updates; `row` is the one that it would insert. */
static char *find_conflict(runner *r, const step *s, const char *row)
{
    bool chosen = false;
    for (uint16_t i = 0; i < r->b->model.column_count; i++)
        chosen |= has_bit(r->b, s->conflict, &r->b->columns[i]);
    for (size_t i = 0; i < r->table->count; i++) {
        bool same = true;
        for (uint16_t c = 0; c < r->b->model.column_count; c++) {
            const furrow_column *column = &r->b->columns[c];
            if (chosen ? has_bit(r->b, s->conflict, column)
                       : column->flags & FURROW_COLUMN_PRIMARY_KEY)
                same &= same_value(column, r->table->rows[i], row);
        }
        if (same)
            return r->table->rows[i];
    }
    return NULL;
}

void apply_upsert(runner *r, const step *s, const char *given, const char *stored)
{
    char inserted[ROW_SIZE];
    fill(r->b, inserted, given, stored);
    char *row = find_conflict(r, s, inserted);
    if (!row) {
        apply_insert(r, given, stored);
        return;
    }
    for (uint16_t i = 0; i < r->b->model.column_count && !has_set(r->b, s); i++) {
        const furrow_column *c = &r->b->columns[i];
        if (!keeps(r->b, s, c, given) && !(c->flags & FURROW_COLUMN_VERSION))
            memcpy(row + c->offset, given + c->offset, FIELD_SIZE);
    }
    touch(r->b, row);
    assign(r->b, s, row);
    for (uint16_t i = 0; i < r->b->model.column_count && !has_set(r->b, s); i++) {
        const furrow_column *c = &r->b->columns[i];
        if ((c->flags & FURROW_COLUMN_TOUCH) && !is_empty(c, given))
            memcpy(row + c->offset, given + c->offset, FIELD_SIZE);
    }
    expect_struct(r, "upsert", stored, row);
    check_row(r, row);
}

bool merge(runner *r, const step *s, const char *given, char *out)
{
    const char *row = table_find(r->table, given);
    bool partial = false;
    if (!row)
        return false;
    memcpy(out, row, ROW_SIZE);
    for (uint16_t i = 0; i < r->b->model.column_count && s->partial; i++)
        partial |= has_bit(r->b, s->only, &r->b->columns[i]);
    for (uint16_t i = 0; i < r->b->model.column_count; i++) {
        const furrow_column *c = &r->b->columns[i];
        if ((!partial || has_bit(r->b, s->only, c)) && !(c->flags & FURROW_COLUMN_VERSION))
            memcpy(out + c->offset, given + c->offset, FIELD_SIZE);
    }
    return true;
}

void apply_update(runner *r, const step *s, const char *given, const char *stored)
{
    char updated[ROW_SIZE];
    if (!merge(r, s, given, updated)) {
        complain(r, "update", "FURROW_OK", "FURROW_NOT_FOUND");
        return;
    }
    touch(r->b, updated);
    if (!s->partial)
        expect_struct(r, "update", stored, updated);
    char *row = table_find(r->table, given);
    memcpy(row, updated, ROW_SIZE);
    check_row(r, row);
}

/* Does what on_delete says with the children of a deleted row. */
static void release_children(runner *r, const char *row)
{
    const built *child = r->b->other;
    table *children = r->table->other;
    bool cascade = child->foreign_key.on_delete == FURROW_ACTION_CASCADE;
    size_t kept = 0, count = children->count;
    for (size_t i = 0; i < count; i++) {
        char *other = children->rows[i];
        bool related = is_related(r->table, row, other);
        if (related && child->foreign_key.on_delete <= FURROW_ACTION_RESTRICT)
            complain(r, "delete", "FURROW_OK", "FURROW_FOREIGN_KEY");
        for (uint16_t c = 0; c < child->foreign_key.count && related && !cascade; c++)
            cell_store(&child->columns[child->reference[c]], other, &(cell){.null = true});
        if (!related || !cascade)
            memmove(children->rows[kept++], other, ROW_SIZE);
    }
    children->count = kept;
}

/* Deletes the rows that are marked. */
static void delete_rows(runner *r, const bool marked[MAX_EXPECTED])
{
    size_t kept = 0, count = r->table->count;
    for (size_t i = 0; i < count; i++) {
        if (marked[i] && !r->b->is_child)
            release_children(r, r->table->rows[i]);
        if (!marked[i])
            memmove(r->table->rows[kept++], r->table->rows[i], ROW_SIZE);
    }
    r->table->count = kept;
}

void apply_delete(runner *r, const char *row)
{
    bool marked[MAX_EXPECTED] = {false};
    char *found = table_find(r->table, row);
    for (size_t i = 0; i < r->table->count; i++)
        marked[i] = r->table->rows[i] == found;
    delete_rows(r, marked);
    if (!found)
        complain(r, "delete", "FURROW_OK", "FURROW_NOT_FOUND");
}

/* Marks the rows that match before any is changed. Returns their number. */
static size_t mark_rows(const table *t, const query *q, bool marked[MAX_EXPECTED])
{
    size_t count = 0;
    for (size_t i = 0; i < t->count; i++) {
        marked[i] = row_matches(t, q, t->rows[i]);
        count += marked[i];
    }
    return count;
}

void apply_update_where(runner *r, const step *s, uint64_t changed)
{
    bool marked[MAX_EXPECTED];
    size_t count = mark_rows(r->table, &s->query, marked);
    for (size_t i = 0; i < r->table->count; i++) {
        if (!marked[i])
            continue;
        touch(r->b, r->table->rows[i]);
        assign(r->b, s, r->table->rows[i]);
    }
    for (size_t i = 0; i < r->table->count; i++)
        check_row(r, r->table->rows[i]);
    expect_number(r, "update_where", changed, count);
}

void apply_delete_where(runner *r, const step *s, uint64_t changed)
{
    bool marked[MAX_EXPECTED];
    expect_number(r, "delete_where", changed, mark_rows(r->table, &s->query, marked));
    delete_rows(r, marked);
}

/* Returns the key of a parent as a value that can be stored. */
static cell parent_key(const runner *r, const furrow_column *column, const cell *value)
{
    const table *parents = &r->memory->tables[0];
    const built *child = r->memory->tables[1].b;
    uint16_t key = child->reference[0] == column->index ? 0 : 1;
    cell out = *value;
    if (value->parent && parents->count > 0)
        out = field_cell(&parents->b->columns[parents->b->key[key]],
                         parents->rows[value->parent % parents->count]);
    return out.parent ? out : cell_kept(column, &out);
}

static void replace_cells(const runner *r, const furrow_column *column, cell *cells, size_t count)
{
    for (size_t i = 0; i < count && column; i++)
        if (cells[i].parent)
            cells[i] = parent_key(r, column, &cells[i]);
}

static void replace_where(const runner *r, const built *b, query *q)
{
    const built *models[MAX_CONDITIONS];
    options_models(b, q, models);
    for (size_t i = 0; i < q->where_count; i++)
        replace_cells(r, models[i]->by_number[q->where[i].column], q->where[i].values,
                      q->where[i].count);
}

void choose_parents(runner *r, step *s)
{
    for (size_t i = 0; i < s->row_count; i++)
        for (int c = 0; c < MAX_COLUMNS; c++)
            replace_cells(r, r->b->by_number[c], &s->rows[i][c], 1);
    for (size_t i = 0; i < s->set_count; i++)
        replace_cells(r, r->b->by_number[s->set[i].column], &s->set[i].value, 1);
    replace_where(r, r->b, &s->query);
    replace_where(r, r->b->other, &s->related);
}
