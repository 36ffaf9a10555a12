/* SPDX-License-Identifier: MIT
 *
 * Computes the changes from one schema to another, in an order in which they can always run. Each
 * change is applied to a copy of `from` as soon as it is found. A change that cannot be applied is
 * therefore reported here, and not when the revision runs. The order is:
 *
 *     renames of tables and columns
 *     dropped foreign keys, then dropped tables, indexes, identities and other constraints
 *     renames of constraints and indexes
 *     new tables with their indexes, each after the tables that it refers to
 *     added, altered and dropped columns
 *     primary keys and unique constraints, checks, indexes, identities, foreign keys
 */
#include <string.h>

#include "base/text.h"
#include "migrate/author/diff_parts.h"

void furrow__differ_no_memory(furrow__differ *d)
{
    if (d->status == FURROW_OK)
        d->status = furrow__fail(d->error, FURROW_NOMEM, "out of memory");
}

/* Appends a change to the result and applies it to `now`. */
void furrow__differ_emit(furrow__differ *d, const furrow__change *change)
{
    furrow__change *added =
        d->status == FURROW_OK ? furrow__change_add(&d->out->changes, change->kind) : NULL;
    if (!added) {
        furrow__differ_no_memory(d);
        return;
    }
    *added = *change;
    d->status = furrow__change_apply(&d->now, added, d->error);
}

/* Returns "<what><table>" or "<what><table>.<column>", allocated in the arena. */
const char *furrow__differ_comment(furrow__differ *d, const char *what, furrow__table_name table,
                                   const char *column)
{
    furrow__buffer out = {0};
    furrow__buffer_add_text(&out, what);
    if (table.schema)
        furrow__buffer_format(&out, "%s.", table.schema);
    furrow__buffer_add_text(&out, table.name);
    if (column)
        furrow__buffer_format(&out, ".%s", column);
    const char *copy = furrow__buffer_take(&out, d->arena);
    if (!copy)
        furrow__differ_no_memory(d);
    return copy;
}

static void match_tables(furrow__differ *d)
{
    size_t count = d->now.count < d->to->count ? d->now.count : d->to->count;
    furrow__table_match *items =
        furrow__arena_aligned(d->arena, (count + 1) * sizeof *items, _Alignof(furrow__table_match));
    if (!items) {
        furrow__differ_no_memory(d);
        return;
    }
    d->matches.items = items;
    for (size_t i = 0; i < d->now.count && d->status == FURROW_OK; i++) {
        const furrow__catalog_table *to =
            furrow__catalog_table_named(d->to, d->now.tables[i]->name);
        if (!to)
            continue;
        furrow__table_match *match = &items[d->matches.count++];
        *match = (furrow__table_match){.name = to->name, .old = *d->now.tables[i], .to = to};
        if (!furrow__catalog_own_lists(&match->old, d->arena))
            furrow__differ_no_memory(d);
    }
    if (d->status == FURROW_OK)
        d->status = furrow__match_parts(&d->matches, &d->now, d->options, d->arena, d->error);
}

static void drop_constraint(furrow__differ *d, furrow__table_name table, const char *name)
{
    furrow__differ_emit(
        d, &(furrow__change){.kind = FURROW__DROP_CONSTRAINT, .table = table, .name = name});
}

static void drop_foreign_keys(furrow__differ *d)
{
    for (size_t i = 0; i < d->matches.count; i++) {
        const furrow__table_match *t = &d->matches.items[i];
        for (size_t j = 0; j < t->old.constraint_count; j++)
            if (t->old.constraints[j].kind == FURROW__CONSTRAINT_FOREIGN_KEY &&
                t->constraints[j].disposition == FURROW__DISPOSITION_DROP)
                drop_constraint(d, t->name, t->constraints[j].name);
    }
}

/* Returns a foreign key of another table that refers to this table, and sets *owner to the other
 * table. Returns NULL if there is no such foreign key. */
static const furrow__catalog_constraint *referred_by(const furrow__differ *d,
                                                     const furrow__catalog_table *table,
                                                     const furrow__catalog_table **owner)
{
    for (size_t i = 0; i < d->now.count; i++) {
        *owner = d->now.tables[i];
        for (size_t j = 0; *owner != table && j < (*owner)->constraint_count; j++)
            if ((*owner)->constraints[j].kind == FURROW__CONSTRAINT_FOREIGN_KEY &&
                furrow__table_names_are_equal((*owner)->constraints[j].target, table->name))
                return &(*owner)->constraints[j];
    }
    return NULL;
}

/* Returns the next table to drop. If possible, no other table refers to this table. Returns NULL
 * when all tables are dropped. */
static const furrow__catalog_table *next_to_drop(const furrow__differ *d, bool *is_free)
{
    const furrow__catalog_table *any = NULL, *owner;
    for (size_t i = d->now.count; i > 0; i--) {
        const furrow__catalog_table *table = d->now.tables[i - 1];
        if (furrow__catalog_table_named(d->to, table->name))
            continue;
        *is_free = !referred_by(d, table, &owner);
        if (*is_free)
            return table;
        any = table;
    }
    return any;
}

static void drop_tables(furrow__differ *d)
{
    bool is_free = false;
    const furrow__catalog_table *table, *owner;
    while (d->status == FURROW_OK && (table = next_to_drop(d, &is_free)) != NULL) {
        furrow__change change = {.kind = FURROW__DROP_TABLE, .table = table->name};
        if (!is_free) { /* the remaining tables refer to each other, so a foreign key is dropped
                           first */
            const furrow__catalog_constraint *key = referred_by(d, table, &owner);
            drop_constraint(d, owner->name, key->name);
            continue;
        }
        if (d->options.is_downgrade)
            change.comment = furrow__differ_comment(d, "loses: every row of ", table->name, NULL);
        furrow__differ_emit(d, &change);
    }
}

/* Drops the identity of a column if the primary key on this column is dropped. This is done even if
 * both are added again later. */
static void drop_identity(furrow__differ *d, const furrow__table_match *t)
{
    for (size_t i = 0; i < t->old.column_count; i++) {
        const furrow__catalog_column *old = &t->old.columns[i],
                                     *new = furrow__catalog_column_named(t->to, old->name);
        bool key_goes = false;
        for (size_t j = 0; j < t->old.constraint_count; j++)
            key_goes |= t->old.constraints[j].kind == FURROW__CONSTRAINT_PRIMARY_KEY &&
                        t->constraints[j].disposition == FURROW__DISPOSITION_DROP;
        if (old->assigned && (key_goes || !new || !new->assigned))
            furrow__differ_emit(d, &(furrow__change){.kind = FURROW__ALTER_COLUMN,
                                                     .table = t->name,
                                                     .name = old->name,
                                                     .alters = FURROW__ALTER_DROP_IDENTITY});
    }
}

static void drop_parts(furrow__differ *d)
{
    for (size_t i = 0; i < d->matches.count; i++) {
        const furrow__table_match *t = &d->matches.items[i];
        for (size_t j = 0; j < t->old.index_count; j++)
            if (t->indexes[j].disposition == FURROW__DISPOSITION_DROP)
                furrow__differ_emit(d, &(furrow__change){.kind = FURROW__DROP_INDEX,
                                                         .table = t->name,
                                                         .name = t->indexes[j].name});
        drop_identity(d, t);
        for (size_t j = 0; j < t->old.constraint_count; j++)
            if (t->old.constraints[j].kind != FURROW__CONSTRAINT_FOREIGN_KEY &&
                t->constraints[j].disposition == FURROW__DISPOSITION_DROP)
                drop_constraint(d, t->name, t->constraints[j].name);
    }
}

static void rename_parts(furrow__differ *d)
{
    for (size_t i = 0; i < d->matches.count; i++) {
        const furrow__table_match *t = &d->matches.items[i];
        for (size_t j = 0; j < t->old.constraint_count; j++)
            if (t->constraints[j].disposition == FURROW__DISPOSITION_RENAME)
                furrow__differ_emit(
                    d,
                    &(furrow__change){.kind = FURROW__RENAME_CONSTRAINT,
                                      .table = t->name,
                                      .name = t->constraints[j].name,
                                      .new_name = t->to->constraints[t->constraints[j].to].name});
        for (size_t j = 0; j < t->old.index_count; j++)
            if (t->indexes[j].disposition == FURROW__DISPOSITION_RENAME)
                furrow__differ_emit(
                    d, &(furrow__change){.kind = FURROW__RENAME_INDEX,
                                         .table = t->name,
                                         .name = t->indexes[j].name,
                                         .new_name = t->to->indexes[t->indexes[j].to].name});
    }
}

static void add_constraints(furrow__differ *d, const furrow__table_match *t, bool keys, bool checks,
                            bool foreign_keys)
{
    for (size_t i = 0; i < t->to->constraint_count; i++) {
        const furrow__catalog_constraint *c = &t->to->constraints[i];
        bool wanted = c->kind == FURROW__CONSTRAINT_FOREIGN_KEY ? foreign_keys
                      : c->kind == FURROW__CONSTRAINT_CHECK     ? checks
                                                                : keys;
        if (wanted && !t->constraint_exists[i])
            furrow__differ_emit(d, &(furrow__change){.kind = FURROW__ADD_CONSTRAINT,
                                                     .table = t->name,
                                                     .constraint = *c});
    }
}

static void add_identity(furrow__differ *d, const furrow__table_match *t)
{
    for (size_t i = 0; i < t->to->column_count; i++) {
        const furrow__catalog_column *new = &t->to->columns[i];
        const furrow__catalog_table *table = furrow__catalog_table_named(&d->now, t->name);
        const furrow__catalog_column *now =
            table ? furrow__catalog_column_named(table, new->name) : NULL;
        if (new->assigned && now && !now->assigned)
            furrow__differ_alter(d, t, new->name, FURROW__ALTER_ADD_IDENTITY, new);
    }
}

static void add_forward_keys(furrow__differ *d)
{
    for (size_t i = 0; i < d->new_count; i++)
        for (size_t j = 0; j < d->new_tables[i]->constraint_count; j++) {
            const furrow__catalog_table *to = d->new_tables[i];
            const furrow__catalog_table *table = furrow__catalog_table_named(&d->now, to->name);
            if (table && !furrow__catalog_constraint_named(table, to->constraints[j].name))
                furrow__differ_emit(d, &(furrow__change){.kind = FURROW__ADD_CONSTRAINT,
                                                         .table = to->name,
                                                         .constraint = to->constraints[j]});
        }
}

static void change_tables(furrow__differ *d)
{
    for (size_t i = 0; i < d->matches.count; i++)
        furrow__differ_change_columns(d, &d->matches.items[i]);
    for (size_t i = 0; i < d->matches.count; i++) {
        const furrow__table_match *t = &d->matches.items[i];
        add_constraints(d, t, true, false, false);
        add_constraints(d, t, false, true, false);
        furrow__differ_create_indexes(d, t->to, t->index_exists);
        add_identity(d, t);
    }
    for (size_t i = 0; i < d->matches.count; i++)
        add_constraints(d, &d->matches.items[i], false, false, true);
    add_forward_keys(d);
}

furrow_status furrow__diff_catalogs(furrow__diff *out, const furrow__diff_request *request,
                                    furrow_arena *arena, furrow_error *error)
{
    furrow_error own = {0};
    furrow__diff_options options = request->options;
    const furrow__catalog *from = request->from, *to = request->to;
    furrow__differ d = {
        .out = out, .to = to, .options = options, .arena = arena, .error = error ? error : &own};
    *out = (furrow__diff){.changes = {.arena = arena}};
    d.status = furrow__catalog_copy(&d.now, from, arena, d.error);
    bool follows_hints = options.to_is_models || options.is_downgrade;
    if (d.status == FURROW_OK && follows_hints)
        furrow__differ_rename_tables(&d, options.to_is_models ? to : from);
    furrow__differ_rename_cases(&d);
    if (d.status == FURROW_OK && follows_hints)
        furrow__differ_rename_columns(&d);
    furrow__differ_rename_column_cases(&d);
    if (d.status == FURROW_OK && options.to_is_models &&
        !furrow__renames_find_unused(out, from, &d.now, to, arena))
        furrow__differ_no_memory(&d);
    if (d.status == FURROW_OK)
        match_tables(&d);
    void (*const steps[])(furrow__differ *) = {
        drop_foreign_keys, drop_tables, drop_parts, rename_parts, furrow__differ_create_tables,
        change_tables};
    for (size_t i = 0; i < sizeof steps / sizeof *steps && d.status == FURROW_OK; i++)
        steps[i](&d);
    if (options.to_is_models && d.status == FURROW_OK)
        furrow__differ_suggest_table_renames(&d, from);
    if (d.status != FURROW_OK)
        *out = (furrow__diff){.changes = {.arena = arena}};
    return d.status;
}
