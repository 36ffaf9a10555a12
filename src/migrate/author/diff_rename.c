/* SPDX-License-Identifier: MIT
 *
 * Decides which `renamed_from` hints are followed. A hint is followed if only the old schema has
 * the old name and only the new schema has the new name. In a chain (`a` to `b`, `b` to `c`), `b`
 * is renamed first, which frees its name. Renames that form a cycle are reported but not followed,
 * because the old and the new schema contain the same names. Any other hint comes from an earlier
 * rename. It is reported if it belongs to a new table or column, and ignored otherwise.
 *
 * A name that changes only its case is renamed without a hint.
 */
#include <string.h>

#include "base/text.h"
#include "migrate/author/diff_parts.h"
#include "scan/compare.h"

static bool is_old_name(const furrow__rename *pairs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(pairs[i].old, name) == 0)
            return true;
    return false;
}

static bool is_new_name(const furrow__rename *pairs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(pairs[i].new, name) == 0)
            return true;
    return false;
}

static void remove_pair(furrow__rename *pairs, size_t *count, size_t at)
{
    memmove(pairs + at, pairs + at + 1, (*count - at - 1) * sizeof *pairs);
    (*count)--;
}

/* Returns whether the hint can be followed: its new name is free or becomes free, its old name is
 * no longer used, and no earlier hint has the same old name. */
static bool is_meant(const furrow__rename *pairs, size_t count, size_t at)
{
    const furrow__rename *p = &pairs[at];
    return (!p->new_is_taken || is_old_name(pairs, count, p->new)) &&
           (!p->old_is_used || is_new_name(pairs, count, p->old)) &&
           !is_old_name(pairs, at, p->old);
}

size_t furrow__renames_order(furrow__rename *pairs, size_t *count)
{
    size_t done = 0;
    for (size_t i = 0; i < *count;)
        if (is_meant(pairs, *count, i)) {
            i++;
        } else {
            remove_pair(pairs, count, i);
            i = 0;
        }
    for (size_t i = done; i < *count;) {
        furrow__rename pair = pairs[i];
        if (is_old_name(pairs + done, *count - done, pair.new)) {
            i++;
            continue;
        }
        memmove(pairs + done + 1, pairs + done, (i - done) * sizeof *pairs);
        pairs[done++] = pair;
        i = done;
    }
    return done;
}

/* The hints on the tables of one schema, or on the columns of one table. */
typedef struct hints {
    furrow__rename *pairs;
    size_t count, done;
} hints;

static hints hints_of(furrow__differ *d, size_t room)
{
    hints h = {.pairs = furrow__arena_aligned(d->arena, (room + 1) * sizeof *h.pairs,
                                              _Alignof(furrow__rename))};
    if (!h.pairs)
        furrow__differ_no_memory(d);
    return h;
}

/* Returns whether the diff is a downgrade. A downgrade uses the hints of the current models, and
 * follows them from the new name back to the old name. */
static bool is_back(const furrow__differ *d)
{
    return !d->options.to_is_models;
}

static void add_rename(furrow__differ *d, const furrow__likely_rename **list, size_t *count,
                       size_t *capacity, furrow__likely_rename rename)
{
    furrow__likely_rename *items = furrow__arena_room(d->arena, (furrow__likely_rename *)*list,
                                                      *count, capacity, sizeof *items);
    if (!items) {
        furrow__differ_no_memory(d);
        return;
    }
    *list = items;
    items[(*count)++] = rename;
}

static void add_cycle(furrow__differ *d, furrow__table_name table, const furrow__rename *pair,
                      bool is_table)
{
    add_rename(d, &d->out->cycles, &d->out->cycle_count, &d->cycle_capacity,
               (furrow__likely_rename){
                   .table = table, .from = pair->old, .to = pair->new, .is_table = is_table});
}

static furrow__table_name beside(furrow__table_name of, const char *name)
{
    return (furrow__table_name){of.schema, name};
}

/* Sets *out to the table's hint. Returns false if the table has no hint, or if a name in the hint
 * does not exist. */
static bool table_hint(const furrow__differ *d, const furrow__catalog_table *table,
                       furrow__rename *out)
{
    if (!table->renamed_from)
        return false;
    furrow__table_name was = beside(table->name, table->renamed_from);
    furrow__table_name old = is_back(d) ? table->name : was, new = is_back(d) ? was : table->name;
    *out = (furrow__rename){.old = old.name,
                            .new = new.name,
                            .new_is_taken = furrow__catalog_table_named(&d->now, new),
                            .old_is_used = furrow__catalog_table_named(d->to, old)};
    return furrow__catalog_table_named(&d->now, old) && furrow__catalog_table_named(d->to, new);
}

static bool same_schema(furrow__table_name a, furrow__table_name b)
{
    return furrow__table_names_are_equal(beside(a, b.name), b);
}

/* Renames the tables of one database schema. Schemas are handled separately, because a rename does
 * not move a table to another schema. `first` is the first table with a hint in this schema. */
static void rename_tables_of(furrow__differ *d, const furrow__catalog *hinted, size_t first)
{
    furrow__table_name name = hinted->tables[first]->name;
    hints h = hints_of(d, hinted->count);
    for (size_t i = first; h.pairs && i < hinted->count; i++)
        if (same_schema(name, hinted->tables[i]->name))
            h.count += table_hint(d, hinted->tables[i], &h.pairs[h.count]);
    h.done = h.pairs ? furrow__renames_order(h.pairs, &h.count) : 0;
    for (size_t i = 0; i < h.count; i++)
        if (i >= h.done)
            add_cycle(d, beside(name, h.pairs[i].old), &h.pairs[i], true);
        else
            furrow__differ_emit(d, &(furrow__change){.kind = FURROW__RENAME_TABLE,
                                                     .table = beside(name, h.pairs[i].old),
                                                     .new_name = h.pairs[i].new});
}

void furrow__differ_rename_tables(furrow__differ *d, const furrow__catalog *hinted)
{
    for (size_t i = 0; i < hinted->count && d->status == FURROW_OK; i++) {
        bool is_first = hinted->tables[i]->renamed_from != NULL;
        for (size_t j = 0; j < i && is_first; j++)
            is_first = !hinted->tables[j]->renamed_from ||
                       !same_schema(hinted->tables[j]->name, hinted->tables[i]->name);
        if (is_first)
            rename_tables_of(d, hinted, i);
    }
}

static bool column_hint(const furrow__differ *d, const furrow__catalog_table *now,
                        const furrow__catalog_table *to, const furrow__catalog_column *column,
                        furrow__rename *out)
{
    if (!column->renamed_from)
        return false;
    const char *old = is_back(d) ? column->name : column->renamed_from,
               *new = is_back(d) ? column->renamed_from : column->name;
    *out = (furrow__rename){.old = old,
                            .new = new,
                            .new_is_taken = furrow__catalog_column_named(now, new),
                            .old_is_used = furrow__catalog_column_named(to, old)};
    return furrow__catalog_column_named(now, old) && furrow__catalog_column_named(to, new);
}

void furrow__differ_rename_columns(furrow__differ *d)
{
    for (size_t i = 0; i < d->to->count && d->status == FURROW_OK; i++) {
        const furrow__catalog_table *to = d->to->tables[i];
        const furrow__catalog_table *now = furrow__catalog_table_named(&d->now, to->name);
        const furrow__catalog_table *hinted = is_back(d) ? now : to;
        hints h = {0};
        if (now)
            h = hints_of(d, hinted->column_count);
        for (size_t j = 0; h.pairs && j < hinted->column_count; j++)
            h.count += column_hint(d, now, to, &hinted->columns[j], &h.pairs[h.count]);
        h.done = h.pairs ? furrow__renames_order(h.pairs, &h.count) : 0;
        for (size_t j = 0; j < h.count; j++)
            if (j >= h.done)
                add_cycle(d, to->name, &h.pairs[j], false);
            else
                furrow__differ_emit(d, &(furrow__change){.kind = FURROW__RENAME_COLUMN,
                                                         .table = to->name,
                                                         .name = h.pairs[j].old,
                                                         .new_name = h.pairs[j].new});
    }
}

/* Returns a table of `now` that the new schema does not have, and whose name differs from this name
 * only in case. Returns NULL if there is none. */
static const furrow__catalog_table *in_another_case(const furrow__differ *d,
                                                    furrow__table_name name)
{
    for (size_t i = 0; i < d->now.count; i++) {
        const furrow__catalog_table *table = d->now.tables[i];
        if (same_schema(table->name, name) &&
            furrow__names_are_equal_in_any_case(table->name.name, name.name) &&
            !furrow__catalog_table_named(d->to, table->name))
            return table;
    }
    return NULL;
}

void furrow__differ_rename_cases(furrow__differ *d)
{
    for (size_t i = 0; i < d->to->count && d->status == FURROW_OK; i++) {
        furrow__table_name name = d->to->tables[i]->name;
        const furrow__catalog_table *old =
            furrow__catalog_table_named(&d->now, name) ? NULL : in_another_case(d, name);
        if (old)
            furrow__differ_emit(d, &(furrow__change){.kind = FURROW__RENAME_TABLE,
                                                     .table = old->name,
                                                     .new_name = name.name});
    }
}

/* Renames columns whose old and new names differ only in case. */
static void rename_column_cases(furrow__differ *d, const furrow__catalog_table *to)
{
    for (size_t i = 0; i < to->column_count && d->status == FURROW_OK; i++) {
        const furrow__catalog_table *now = furrow__catalog_table_named(&d->now, to->name);
        const char *name = to->columns[i].name;
        if (furrow__catalog_column_named(now, name))
            continue;
        for (size_t k = 0; k < now->column_count; k++) {
            const char *old = now->columns[k].name;
            if (!furrow__names_are_equal_in_any_case(old, name) ||
                furrow__catalog_column_named(to, old))
                continue;
            furrow__differ_emit(d, &(furrow__change){.kind = FURROW__RENAME_COLUMN,
                                                     .table = to->name,
                                                     .name = old,
                                                     .new_name = name});
            break;
        }
    }
}

void furrow__differ_rename_column_cases(furrow__differ *d)
{
    for (size_t i = 0; i < d->to->count && d->status == FURROW_OK; i++)
        if (furrow__catalog_table_named(&d->now, d->to->tables[i]->name))
            rename_column_cases(d, d->to->tables[i]);
}

/* Returns a new column with the type and nullability of the dropped column. The dropped column may
 * have been renamed to the new column. Returns NULL if there is none. */
const furrow__catalog_column *furrow__likely_new_name(const furrow__table_match *t,
                                                      const furrow__catalog_column *old)
{
    for (size_t i = 0; i < t->to->column_count; i++) {
        const furrow__catalog_column *new = &t->to->columns[i];
        if (!furrow__catalog_column_named(&t->old, new->name) &&
            furrow__same_type(&old->type, &new->type) && old->nullable == new->nullable &&
            old->assigned == new->assigned)
            return new;
    }
    return NULL;
}

void furrow__differ_add_likely(furrow__differ *d, furrow__likely_rename likely)
{
    add_rename(d, &d->out->likely, &d->out->likely_count, &d->likely_capacity, likely);
}

/* Returns a comment that suggests this rename. */
const char *furrow__differ_suggest_rename(furrow__differ *d, const furrow__change *rename)
{
    furrow__buffer out = {0};
    furrow__buffer_add_text(
        &out,
        "if this was renamed, keep its values: instead of adding and dropping it, write\n    ");
    furrow__change_write(&out, NULL, rename);
    if (out.size)
        out.size--; /* removes the newline */
    const char *copy = furrow__buffer_take(&out, d->arena);
    if (!copy)
        furrow__differ_no_memory(d);
    return copy;
}

static bool same_shape(const furrow__catalog_table *a, const furrow__catalog_table *b)
{
    for (size_t i = 0; i < a->column_count; i++) {
        const furrow__catalog_column *other = furrow__catalog_column_named(b, a->columns[i].name);
        if (!other || !furrow__same_type(&a->columns[i].type, &other->type) ||
            a->columns[i].nullable != other->nullable)
            return false;
    }
    return a->column_count == b->column_count;
}

void furrow__differ_suggest_table_renames(furrow__differ *d, const furrow__catalog *from)
{
    for (size_t i = 0; i < d->out->changes.count && d->status == FURROW_OK; i++) {
        furrow__change *change = &d->out->changes.items[i];
        const furrow__catalog_table *old = change->kind == FURROW__DROP_TABLE
                                               ? furrow__catalog_table_named(from, change->table)
                                               : NULL;
        for (size_t j = 0; old && j < d->new_count; j++) {
            const furrow__catalog_table *new = d->new_tables[j];
            bool schema = old->name.schema == new->name.schema ||
                          (old->name.schema &&
                           new->name.schema &&strcmp(old->name.schema, new->name.schema) == 0);
            if (!schema || !same_shape(old, new))
                continue;
            furrow__differ_add_likely(d, (furrow__likely_rename){.table = old->name,
                                                                 .from = old->name.name,
                                                                 .to = new->name.name,
                                                                 .is_table = true});
            change->comment =
                furrow__differ_suggest_rename(d, &(furrow__change){.kind = FURROW__RENAME_TABLE,
                                                                   .table = old->name,
                                                                   .new_name = new->name.name});
            break;
        }
    }
}

typedef struct hint_finder {
    furrow__diff *out;
    const furrow__catalog *from, *now, *to;
    furrow_arena *arena;
    size_t capacity;
    bool out_of_memory;
} hint_finder;

static void add_unused(hint_finder *d, furrow__unused_hint hint)
{
    furrow__unused_hint *items =
        furrow__arena_room(d->arena, (furrow__unused_hint *)d->out->unused_hints,
                           d->out->unused_hint_count, &d->capacity, sizeof *items);
    if (!items) {
        d->out_of_memory = true;
        return;
    }
    d->out->unused_hints = items;
    items[d->out->unused_hint_count++] = hint;
}

/* Returns the new name that another rename has already given to the table or column. Returns NULL
 * if there is no such rename. */
static const char *taken_by(const hint_finder *d, furrow__table_name table, const char *column)
{
    for (size_t i = 0; i < d->out->changes.count; i++) {
        const furrow__change *c = &d->out->changes.items[i];
        bool is_it = column ? c->kind == FURROW__RENAME_COLUMN && strcmp(c->name, column) == 0
                            : c->kind == FURROW__RENAME_TABLE;
        if (is_it && furrow__table_names_are_equal(c->table, table))
            return c->new_name;
    }
    return NULL;
}

/* Returns whether the hint can refer to a table in another schema. If so, diff_remark.c adds a
 * comment. */
static bool may_move(const hint_finder *d, const char *name)
{
    for (size_t i = 0; i < d->from->count; i++)
        if (strcmp(d->from->tables[i]->name.name, name) == 0)
            return true;
    return strchr(name, '.') != NULL;
}

static void check_table_hint(hint_finder *d, const furrow__catalog_table *to)
{
    furrow__table_name old = {to->name.schema, to->renamed_from};
    furrow__unused_hint hint = {.table = to->name, .from = to->renamed_from};
    if (!to->renamed_from)
        return;
    hint.by = taken_by(d, old, NULL);
    if (furrow__catalog_table_named(d->now, old))
        hint.reason = FURROW__HINT_IN_USE;
    else if (hint.by)
        hint.reason = FURROW__HINT_TAKEN;
    else if (!may_move(d, to->renamed_from))
        hint.reason = FURROW__HINT_UNKNOWN;
    if (hint.reason)
        add_unused(d, hint);
}

static void check_column_hint(hint_finder *d, const furrow__catalog_table *now,
                              const furrow__catalog_column *to)
{
    furrow__unused_hint hint = {.table = now->name, .column = to->name, .from = to->renamed_from};
    if (!to->renamed_from || furrow__catalog_column_named(now, to->name))
        return;
    hint.by = taken_by(d, now->name, to->renamed_from);
    hint.reason = furrow__catalog_column_named(now, to->renamed_from) ? FURROW__HINT_IN_USE
                  : hint.by                                           ? FURROW__HINT_TAKEN
                                                                      : FURROW__HINT_UNKNOWN;
    add_unused(d, hint);
}

bool furrow__renames_find_unused(furrow__diff *out, const furrow__catalog *from,
                                 const furrow__catalog *now, const furrow__catalog *to,
                                 furrow_arena *arena)
{
    hint_finder d = {.out = out, .from = from, .now = now, .to = to, .arena = arena};
    for (size_t i = 0; i < to->count && from->count; i++) {
        const furrow__catalog_table *table = furrow__catalog_table_named(now, to->tables[i]->name);
        if (!table)
            check_table_hint(&d, to->tables[i]);
        for (size_t j = 0; table && j < to->tables[i]->column_count; j++)
            check_column_hint(&d, table, &to->tables[i]->columns[j]);
    }
    return !d.out_of_memory;
}
