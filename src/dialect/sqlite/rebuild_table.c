/* SPDX-License-Identifier: MIT
 *
 * Makes the definition of the new table in a rebuild. Parts that the history does not change keep
 * the text of the live table. Parts that differ between `before` and `after` are written anew.
 * Parts that the history does not know are kept, unless they name a column that is dropped or
 * renamed. In that case the rebuild is refused.
 */
#include <string.h>

#include "base/text.h"
#include "dialect/sqlite/rebuild.h"
#include "dialect/sqlite/sqlite.h"
#include "migrate/catalog/sqlite_table.h"
#include "scan/compare.h"

typedef struct merger {
    furrow__catalog *catalog;
    furrow__catalog_table *out;
    const furrow__catalog_table *live, *before, *after;
    const furrow__action *action;
    size_t *found; /* the index of the live constraint for each constraint of `before` */
    bool *used;    /* marks the constraints of `after` that are already part of `out` */
    furrow_error *error;
    furrow_status status;
} merger;

static void no_memory(merger *m)
{
    if (m->status == FURROW_OK)
        m->status = furrow__fail(m->error, FURROW_NOMEM, "out of memory");
}

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

static const char *constraint_name_after(const furrow__action *action, const char *name)
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
        const char *after = rename_column(action, name, false);
        bool stays = strcmp(after, name) == 0 && furrow__catalog_column_named(action->after, name);
        if (!stays && furrow__text_mentions(text, name, FURROW__SCAN_SQLITE))
            return name;
    }
    return NULL;
}

/* Returns the constraint of `before` that corresponds to a live constraint; NULL if there is none.
 */
static const furrow__catalog_constraint *find_before(const merger *m,
                                                     const furrow__catalog_constraint *live)
{
    for (size_t i = 0; i < m->before->constraint_count; i++)
        if (m->found[i] == (size_t)(live - m->live->constraints))
            return &m->before->constraints[i];
    return NULL;
}

static const furrow__catalog_constraint *find_after(const merger *m,
                                                    const furrow__catalog_constraint *before)
{
    const furrow__catalog_table *t = m->after;
    if (before->kind == FURROW__CONSTRAINT_PRIMARY_KEY)
        return furrow__catalog_primary_key(t);
    if (before->name && !before->of_column)
        return furrow__catalog_constraint_named(t, constraint_name_after(m->action, before->name));
    for (size_t i = 0; i < t->constraint_count; i++)
        if (!t->constraints[i].name == !before->name &&
            !t->constraints[i].of_column == !before->of_column &&
            furrow__constraints_are_equal(&furrow__sqlite_apply, &t->constraints[i], before, true))
            return &t->constraints[i];
    return NULL;
}

/* Returns the column of `after` that a column of the old table is copied to. Returns NULL if the
 * column is dropped. */
static const furrow__catalog_column *column_after(const merger *m, const char *old_name)
{
    return furrow__catalog_column_named(m->after, rename_column(m->action, old_name, false));
}

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

static bool is_unchanged(const merger *m, const furrow__catalog_constraint *before,
                         const furrow__catalog_constraint *after)
{
    bool is_primary_key = before->kind == FURROW__CONSTRAINT_PRIMARY_KEY;
    bool same_name = (before->name && after->name && strcmp(before->name, after->name) == 0) ||
                     is_primary_key || before->of_column || (!before->name && !after->name);
    if (is_primary_key && is_assigned(m->before) != is_assigned(m->after))
        return false;
    return same_name && furrow__constraints_are_equal(&furrow__sqlite_apply, before, after, true);
}

/* Handles a constraint that the history does not know: keeps it, drops it with its column, or
 * refuses the rebuild. */
static void merge_extra_constraint(merger *m, const furrow__catalog_constraint *live)
{
    const char *lost = furrow__rebuild_lost_column(m->action, live->source);
    if (live->inside && furrow__rebuild_lost_column(m->action, live->inside)) {
        if (!column_after(m, live->inside))
            return;
        lost = live->inside;
    }
    if (!lost) {
        add_constraint(m, live);
        return;
    }
    m->status =
        furrow__fail(m->error, FURROW_SCHEMA,
                     "table %s: a constraint that the history did not create uses "
                     "column %s, which is dropped or renamed: %s",
                     FURROW__QUOTED(m->live->name.name), FURROW__QUOTED(lost), live->source);
    furrow__hint(m->error, "drop or change the constraint first");
}

/* Keeps the text of a live constraint, writes the constraint anew, or drops it. */
static void merge_constraint(merger *m, const furrow__catalog_constraint *live)
{
    const furrow__catalog_constraint *before = find_before(m, live);
    if (!before) {
        merge_extra_constraint(m, live);
        return;
    }
    const furrow__catalog_constraint *after = find_after(m, before);
    if (!after)
        return;
    m->used[after - m->after->constraints] = true;
    add_constraint(m, is_unchanged(m, before, after) ? live : after);
}

/* Fails if the revision drops or changes a constraint that the live table does not have. Otherwise
 * a constraint that has the same purpose, but another form, would be kept without an error. */
static void check_found(merger *m)
{
    for (size_t i = 0; i < m->before->constraint_count && m->status == FURROW_OK; i++) {
        const furrow__catalog_constraint *before = &m->before->constraints[i];
        const furrow__catalog_constraint *after = find_after(m, before);
        if (m->found[i] != SIZE_MAX || before->of_column || !before->name ||
            (after && is_unchanged(m, before, after)))
            continue;
        m->status = furrow__fail(m->error, FURROW_SCHEMA,
                                 "table %s has no constraint %s, and none with the same "
                                 "definition",
                                 FURROW__QUOTED(m->live->name.name), FURROW__QUOTED(before->name));
        furrow__hint(m->error, "if the table has the constraint in another form, write this change "
                               "as an engine block for sqlite");
    }
}

static void merge_constraints(merger *m)
{
    check_found(m);
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

/* Returns whether all constraints in the definition of a column are kept with their text. */
static bool keeps_inner_constraints(const merger *m, const furrow__catalog_column *column)
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

/* Returns a column that the revision changes. Attributes that are equal in `before` and `after`
 * stay as they are in the live table. */
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
    if (furrow__text_mentions(live->source, "CONFLICT", FURROW__SCAN_SQLITE) &&
        m->status == FURROW_OK)
        m->status = furrow__fail(m->error, FURROW_SCHEMA,
                                 "column %s of table %s has an ON CONFLICT clause, which "
                                 "cannot be kept when the column changes",
                                 FURROW__QUOTED(live->name), FURROW__QUOTED(m->live->name.name));
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

/* Moves the constraints in the definition of a column to the end of the table's definition, after
 * all columns. This is necessary because the column is written anew. */
static void move_constraints_out(merger *m, const char *column)
{
    for (size_t i = 0; i < m->out->constraint_count; i++) {
        furrow__catalog_constraint *c = &m->out->constraints[i];
        if (c->inside && furrow__names_are_equal_in_any_case(c->inside, column))
            c->inside = c->source = NULL;
    }
}

/* Adds a column that the history does not know. */
static void merge_extra_column(merger *m, const furrow__catalog_column *live)
{
    if (furrow__catalog_column_named(m->after, live->name))
        m->status = furrow__fail(m->error, FURROW_SCHEMA, "table %s already has a column %s",
                                 FURROW__QUOTED(m->live->name.name), FURROW__QUOTED(live->name));
    else
        add_column(m, live);
}

static void merge_column(merger *m, const furrow__catalog_column *live)
{
    const furrow__catalog_column *before = furrow__sqlite_column_named(m->before, live->name);
    if (!before) {
        merge_extra_column(m, live);
        return;
    }
    const furrow__catalog_column *after = column_after(m, before->name);
    if (!after)
        return;
    if (furrow__columns_are_equal(&furrow__sqlite_apply, before, after) &&
        strcmp(before->name, after->name) == 0 && keeps_inner_constraints(m, live)) {
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
            m->status = furrow__fail(m->error, FURROW_SCHEMA, "table %s has no column %s",
                                     FURROW__QUOTED(m->live->name.name),
                                     FURROW__QUOTED(m->before->columns[i].name));
            return;
        }
    for (size_t i = 0; i < m->live->column_count && m->status == FURROW_OK; i++)
        merge_column(m, &m->live->columns[i]);
    for (size_t i = 0; i < m->after->column_count && m->status == FURROW_OK; i++) {
        furrow__catalog_column made = m->after->columns[i];
        if (furrow__catalog_column_named(m->before, rename_column(m->action, made.name, true)))
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
    m.found = furrow__arena_aligned(
        catalog->arena, (m.before->constraint_count + 1) * sizeof *m.found, _Alignof(size_t));
    if (!m.out || !m.used || !m.found) {
        no_memory(&m);
        return m.status;
    }
    furrow__match_constraints(m.found, &furrow__sqlite_apply, m.before, live, false);
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
