/* SPDX-License-Identifier: MIT
 *
 * Which text a rebuilt table has. The live table's own words are kept wherever the history says
 * that nothing changes; what differs between `before` and `after` is written anew. What the history
 * does not know is kept as it stands, unless it names a column that goes: then nothing is done.
 */
#include <string.h>

#include "base/text.h"
#include "migrate/apply/rebuild_parts.h"
#include "migrate/catalog/sqlite_table.h"
#include "scan/compare.h"

typedef struct merger {
    furrow__catalog *catalog;
    furrow__catalog_table *out;
    const furrow__catalog_table *live, *before, *after;
    const furrow__action *action;
    bool *used; /* of after->constraints: stands already */
    furrow_error *error;
    furrow_status status;
} merger;

static void no_memory(merger *m)
{
    if (m->status == FURROW_OK)
        m->status = furrow__fail(m->error, FURROW_NOMEM, "out of memory");
}

/* ---- names through renames ---- */

static const char *rename_column(const furrow__action *action, const char *name, bool back)
{
    for (size_t i = 0; i < action->change_count; i++) {
        const furrow__change *change = action->changes[back ? action->change_count - 1 - i : i];
        const char *from = back ? change->new_name : change->name;
        const char *to = back ? change->name : change->new_name;
        if (change->kind == FURROW__RENAME_COLUMN && from && to && strcmp(from, name) == 0)
            name = to;
    }
    return name;
}

const char *furrow__rebuild_old_name(const furrow__action *action, const char *name)
{
    return rename_column(action, name, true);
}

/* The name that a constraint of the old table has afterwards. */
static const char *new_constraint_name(const furrow__action *action, const char *name)
{
    for (size_t i = 0; i < action->change_count; i++) {
        const furrow__change *change = action->changes[i];
        if (change->kind == FURROW__RENAME_CONSTRAINT && change->name &&
            strcmp(change->name, name) == 0)
            name = change->new_name;
    }
    return name;
}

const char *furrow__rebuild_lost_column(const furrow__action *action, const char *text)
{
    for (size_t i = 0; i < action->before->column_count; i++) {
        const char *name = action->before->columns[i].name;
        const char *now = rename_column(action, name, false);
        bool stays = strcmp(now, name) == 0 && furrow__catalog_column_named(action->after, name);
        if (!stays && furrow__sqlite_mentions(text, name))
            return name;
    }
    return NULL;
}

/* ---- what is equal ---- */

static bool columns_are_equal(const furrow__catalog_column *a, const furrow__catalog_column *b)
{
    return furrow__sqlite_texts_are_equal(a->type.native, b->type.native) &&
           a->nullable == b->nullable && a->assigned == b->assigned && a->stored == b->stored &&
           furrow__sqlite_texts_are_equal(a->default_, b->default_) &&
           furrow__sqlite_texts_are_equal(a->generated, b->generated);
}

static bool names_are_equal(const char *const *a, const char *const *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!furrow__sqlite_names_are_equal(a[i], b[i]))
            return false;
    return true;
}

/* Names of the constraints apart. Actions are compared where both are the history's. */
static bool constraints_are_equal(const furrow__catalog_constraint *a,
                                  const furrow__catalog_constraint *b, bool with_actions)
{
    if (a->kind != b->kind || a->count != b->count)
        return false;
    if (a->kind == FURROW__CONSTRAINT_CHECK)
        return furrow__sqlite_texts_are_equal(a->expression, b->expression);
    if (!names_are_equal(a->columns, b->columns, a->count))
        return false;
    if (a->kind != FURROW__CONSTRAINT_FOREIGN_KEY)
        return true;
    if (!furrow__sqlite_names_are_equal(a->target.name, b->target.name) ||
        !furrow__sqlite_names_are_equal(a->target.schema, b->target.schema))
        return false;
    if (a->target_columns && b->target_columns &&
        !names_are_equal(a->target_columns, b->target_columns, a->count))
        return false;
    return !with_actions || (a->on_delete == b->on_delete && a->on_update == b->on_update &&
                             a->deferrable == b->deferrable);
}

bool furrow__rebuild_indexes_are_equal(const furrow__catalog_index *a,
                                       const furrow__catalog_index *b)
{
    if (a->unique != b->unique || a->count != b->count ||
        !furrow__sqlite_texts_are_equal(a->where, b->where))
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->parts[i].descending != b->parts[i].descending ||
            !furrow__sqlite_names_are_equal(a->parts[i].column, b->parts[i].column) ||
            !furrow__sqlite_texts_are_equal(a->parts[i].expression, b->parts[i].expression))
            return false;
    return true;
}

/* The history's constraint that a live one is: by its name, else one without regard to names. */
static const furrow__catalog_constraint *find_before(const merger *m,
                                                     const furrow__catalog_constraint *live)
{
    const furrow__catalog_table *t = m->before;
    if (live->kind == FURROW__CONSTRAINT_PRIMARY_KEY)
        return furrow__catalog_primary_key(t);
    const furrow__catalog_constraint *named = furrow__catalog_constraint_named(t, live->name);
    if (named && named->kind == live->kind)
        return named;
    /* The name of a type's check is no part of the schema, and stays behind a renaming. */
    for (size_t i = 0; i < t->constraint_count; i++)
        if ((!live->name || t->constraints[i].of_column) &&
            constraints_are_equal(&t->constraints[i], live, false))
            return &t->constraints[i];
    return NULL;
}

static const furrow__catalog_constraint *find_after(const merger *m,
                                                    const furrow__catalog_constraint *before)
{
    const furrow__catalog_table *t = m->after;
    if (before->kind == FURROW__CONSTRAINT_PRIMARY_KEY)
        return furrow__catalog_primary_key(t);
    if (before->name && !before->of_column)
        return furrow__catalog_constraint_named(t, new_constraint_name(m->action, before->name));
    for (size_t i = 0; i < t->constraint_count; i++)
        if (!t->constraints[i].name == !before->name &&
            !t->constraints[i].of_column == !before->of_column &&
            constraints_are_equal(&t->constraints[i], before, true))
            return &t->constraints[i];
    return NULL;
}

/* What became of a column of the old table; NULL: it is gone. */
static const furrow__catalog_column *column_after(const merger *m, const char *old_name)
{
    return furrow__catalog_column_named(m->after, rename_column(m->action, old_name, false));
}

/* ---- constraints ---- */

static bool is_assigned(const furrow__catalog_table *table)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].assigned)
            return true;
    return false;
}

static void add_constraint(merger *m, const furrow__catalog_constraint *constraint)
{
    furrow__catalog_constraint *added = furrow__catalog_add_constraint(m->catalog, m->out);
    if (added)
        *added = *constraint;
    else
        no_memory(m);
}

static bool stays_as_it_is(const merger *m, const furrow__catalog_constraint *before,
                           const furrow__catalog_constraint *after)
{
    bool same_name = (before->name && after->name && strcmp(before->name, after->name) == 0) ||
                     before->kind == FURROW__CONSTRAINT_PRIMARY_KEY || before->of_column ||
                     (!before->name && !after->name);
    if (before->kind == FURROW__CONSTRAINT_PRIMARY_KEY &&
        is_assigned(m->before) != is_assigned(m->after))
        return false;
    return same_name && constraints_are_equal(before, after, true);
}

/* What becomes of one live constraint: kept in its own words, written anew, or gone. */
static void merge_constraint(merger *m, const furrow__catalog_constraint *live)
{
    const furrow__catalog_constraint *before = find_before(m, live);
    if (!before) {
        const char *lost = furrow__rebuild_lost_column(m->action, live->source);
        bool goes_too = false;
        if (live->inside && furrow__rebuild_lost_column(m->action, live->inside)) {
            goes_too = !column_after(m, live->inside);
            lost = live->inside;
        }
        if (goes_too)
            return;
        if (lost) {
            m->status = furrow__fail(m->error, FURROW_SCHEMA,
                                     "table \"%s\": a constraint that the history did not make "
                                     "names column \"%s\", which changes: %s",
                                     m->live->name.name, lost, live->source);
            furrow__hint(m->error, "drop or change that constraint first");
            return;
        }
        add_constraint(m, live);
        return;
    }
    const furrow__catalog_constraint *after = find_after(m, before);
    if (!after)
        return;
    m->used[after - m->after->constraints] = true;
    add_constraint(m, stays_as_it_is(m, before, after) ? live : after);
}

static void merge_constraints(merger *m)
{
    for (size_t i = 0; i < m->live->constraint_count && m->status == FURROW_OK; i++)
        merge_constraint(m, &m->live->constraints[i]);
    for (size_t i = 0; i < m->after->constraint_count && m->status == FURROW_OK; i++) {
        if (m->used[i])
            continue;
        furrow__catalog_constraint made = m->after->constraints[i];
        made.source = made.inside = NULL;
        add_constraint(m, &made);
    }
}

/* ---- columns ---- */

/* Whether every constraint in a column's own definition is still there, in its own words. */
static bool keeps_what_is_inside(const merger *m, const furrow__catalog_column *column)
{
    for (size_t i = 0; i < m->live->constraint_count; i++) {
        const furrow__catalog_constraint *live = &m->live->constraints[i];
        bool found = false;
        if (!live->inside || strcmp(live->inside, column->name) != 0)
            continue;
        for (size_t k = 0; k < m->out->constraint_count; k++)
            found |= m->out->constraints[k].source == live->source;
        if (!found)
            return false;
    }
    return true;
}

/* A column that changes: what does not differ in the history stays as it lives. */
static furrow__catalog_column changed_column(merger *m, const furrow__catalog_column *live,
                                             const furrow__catalog_column *before,
                                             const furrow__catalog_column *after)
{
    furrow__catalog_column made = *after;
    made.source = NULL;
    if (furrow__sqlite_texts_are_equal(before->type.native, after->type.native))
        made.type.native = live->type.native;
    if (before->nullable == after->nullable)
        made.nullable = live->nullable;
    if (before->assigned == after->assigned)
        made.assigned = live->assigned;
    if (furrow__sqlite_texts_are_equal(before->default_, after->default_))
        made.default_ = live->default_;
    if (furrow__sqlite_texts_are_equal(before->generated, after->generated)) {
        made.generated = live->generated;
        made.stored = live->stored;
    }
    if (furrow__sqlite_mentions(live->source, "CONFLICT") && m->status == FURROW_OK) {
        m->status = furrow__fail(m->error, FURROW_SCHEMA,
                                 "column \"%s\" of table \"%s\" has an ON CONFLICT clause, which "
                                 "cannot be kept when the column changes",
                                 live->name, m->live->name.name);
    }
    return made;
}

static void add_column(merger *m, const furrow__catalog_column *column)
{
    furrow__catalog_column *added = furrow__catalog_add_column(m->catalog, m->out);
    if (added)
        *added = *column;
    else
        no_memory(m);
}

/* What stood inside the definition of a column that is written anew stands behind all columns. */
static void move_constraints_out(merger *m, const char *column)
{
    for (size_t i = 0; i < m->out->constraint_count; i++) {
        furrow__catalog_constraint *c = &m->out->constraints[i];
        if (c->inside && furrow__sqlite_names_are_equal(c->inside, column))
            c->inside = c->source = NULL;
    }
}

static void merge_column(merger *m, const furrow__catalog_column *live)
{
    const furrow__catalog_column *before = furrow__sqlite_column_named(m->before, live->name);
    if (!before) { /* not the history's */
        if (furrow__catalog_column_named(m->after, live->name))
            m->status =
                furrow__fail(m->error, FURROW_SCHEMA, "table \"%s\" has a column \"%s\" already",
                             m->live->name.name, live->name);
        else
            add_column(m, live);
        return;
    }
    const furrow__catalog_column *after = column_after(m, before->name);
    if (!after)
        return;
    if (columns_are_equal(before, after) && strcmp(before->name, after->name) == 0 &&
        keeps_what_is_inside(m, live)) {
        add_column(m, live);
        return;
    }
    furrow__catalog_column made = changed_column(m, live, before, after);
    move_constraints_out(m, live->name);
    add_column(m, &made);
}

static void merge_columns(merger *m)
{
    for (size_t i = 0; i < m->before->column_count; i++)
        if (!furrow__sqlite_column_named(m->live, m->before->columns[i].name)) {
            m->status = furrow__fail(m->error, FURROW_SCHEMA, "table \"%s\" has no column \"%s\"",
                                     m->live->name.name, m->before->columns[i].name);
            return;
        }
    for (size_t i = 0; i < m->live->column_count && m->status == FURROW_OK; i++)
        merge_column(m, &m->live->columns[i]);
    for (size_t i = 0; i < m->after->column_count && m->status == FURROW_OK; i++) {
        furrow__catalog_column made = m->after->columns[i];
        if (furrow__catalog_column_named(m->before, furrow__rebuild_old_name(m->action, made.name)))
            continue;
        made.source = NULL;
        add_column(m, &made);
    }
}

furrow_status furrow__rebuild_merge(furrow__catalog *catalog, furrow__catalog_table **out,
                                    const furrow__catalog_table *live, const furrow__action *action,
                                    furrow_error *error)
{
    merger m = {.catalog = catalog,
                .out = furrow__catalog_add_table(catalog, action->table),
                .live = live,
                .before = action->before,
                .after = action->after,
                .action = action,
                .error = error};
    *out = NULL;
    m.used = furrow__arena_aligned(catalog->arena, m.after->constraint_count + 1, 1);
    if (!m.out || !m.used) {
        no_memory(&m);
        return m.status;
    }
    memset(m.used, 0, m.after->constraint_count + 1);
    m.out->strict = live->strict;
    m.out->without_rowid = live->without_rowid;
    merge_constraints(&m);
    if (m.status == FURROW_OK)
        merge_columns(&m);
    if (m.status == FURROW_OK)
        *out = m.out;
    return m.status;
}
