/* SPDX-License-Identifier: MIT
 *
 * Evaluates writes in memory, as docs/models.md and docs/querying.md describe them. */
#include "memory.h"
#include "evaluate.h"
#include "expect.h"

#include <stdlib.h>
#include <string.h>

table *table_copy(const table *t)
{
    table *copy = malloc(sizeof *copy);
    if (!copy)
        abort();
    table_restore(copy, t);
    return copy;
}

void table_restore(table *t, const table *copy)
{
    t->b = copy->b;
    t->count = copy->count;
    memcpy(t->rows, copy->rows, copy->count * sizeof t->rows[0]);
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
        cell value = field_cell(c, row);
        value.integer++;
        if (c->flags & FURROW_COLUMN_VERSION)
            cell_store(c, row, &value);
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

/* Complains about a row that has the values of another row in a key or in UNIQUE columns. */
static void check_unique(runner *r, const char *row)
{
    const built *b = r->b;
    for (size_t i = 0; i < r->table->count; i++) {
        const char *other = r->table->rows[i];
        bool same = other != row && same_key(b, other, row);
        for (uint16_t n = 0; n < b->model.index_count && other != row && !same; n++) {
            const furrow_index *index = &b->indexes[n];
            bool equal = index->unique;
            for (uint16_t c = 0; c < index->count; c++)
                equal &= same_value(&b->columns[index->columns[c]], other, row);
            same |= equal;
        }
        if (same) {
            complain(r, "write", "FURROW_OK", "FURROW_UNIQUE");
            return;
        }
    }
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

static void check_row(runner *r, const char *row)
{
    check_unique(r, row);
    check_values(r, row);
}

/* Makes the row that an insert of `given` must store. */
static void fill(const built *b, char *expected, const char *given, const char *stored)
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

void apply_update(runner *r, const step *s, const char *given, const char *stored)
{
    char *row = table_find(r->table, given);
    if (!row) {
        complain(r, "update", "FURROW_OK", "FURROW_NOT_FOUND");
        return;
    }
    bool partial = false;
    for (uint16_t i = 0; i < r->b->model.column_count && s->partial; i++)
        partial |= has_bit(r->b, s->only, &r->b->columns[i]);
    for (uint16_t i = 0; i < r->b->model.column_count; i++) {
        const furrow_column *c = &r->b->columns[i];
        if ((!partial || has_bit(r->b, s->only, c)) && !(c->flags & FURROW_COLUMN_VERSION))
            memcpy(row + c->offset, given + c->offset, FIELD_SIZE);
    }
    touch(r->b, row);
    if (!partial)
        expect_struct(r, "update", stored, row);
    check_row(r, row);
}

void apply_delete(runner *r, const char *row)
{
    char *found = table_find(r->table, row);
    if (found)
        memmove(found, r->table->rows[--r->table->count], ROW_SIZE);
    else
        complain(r, "delete", "FURROW_OK", "FURROW_NOT_FOUND");
}

void apply_update_where(runner *r, const step *s, uint64_t changed)
{
    uint64_t count = 0;
    for (size_t i = 0; i < r->table->count; i++) {
        char *row = r->table->rows[i];
        if (!row_matches(r->table, &s->query, row))
            continue;
        touch(r->b, row);
        assign(r->b, s, row);
        count++;
    }
    for (size_t i = 0; i < r->table->count; i++)
        check_row(r, r->table->rows[i]);
    expect_number(r, "update_where", changed, count);
}

void apply_delete_where(runner *r, const step *s, uint64_t changed)
{
    size_t kept = 0, count = r->table->count;
    for (size_t i = 0; i < count; i++)
        if (!row_matches(r->table, &s->query, r->table->rows[i]))
            memmove(r->table->rows[kept++], r->table->rows[i], ROW_SIZE);
    r->table->count = kept;
    expect_number(r, "delete_where", changed, count - kept);
}
