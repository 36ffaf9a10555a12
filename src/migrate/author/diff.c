/* SPDX-License-Identifier: MIT
 *
 * Two schemas as changes, in an order that always runs. Each change is applied to a copy of `from`
 * as it is found, so that none is written that would not fit. The order:
 *
 *     renames of tables and columns
 *     foreign keys that go, tables that go, indexes, identities and constraints that go
 *     renames of constraints and indexes
 *     new tables with their indexes, those first that others refer to
 *     columns: new ones, changed ones, those that go
 *     primary keys and unique constraints, checks, indexes, identities, foreign keys
 */
#include <string.h>

#include "base/text.h"
#include "migrate/author/diff_parts.h"

typedef struct differ {
    furrow__diff *out;
    furrow__catalog now; /* `from` with the changes so far */
    const furrow__catalog *to;
    furrow__diff_options options;
    furrow_arena *arena;
    furrow_error *error;
    furrow_status status; /* the first failure; everything after it does nothing */
    furrow__match_list matches;
    const furrow__catalog_table **new_tables; /* in the order of creation */
    size_t new_count;
    size_t likely_capacity, cycle_capacity;
} differ;

static void no_memory(differ *d)
{
    if (d->status == FURROW_OK)
        d->status = furrow__fail(d->error, FURROW_NOMEM, "out of memory");
}

/* Append a change and apply it. */
static void emit(differ *d, const furrow__change *change)
{
    furrow__change *added =
        d->status == FURROW_OK ? furrow__change_add(&d->out->changes, change->kind) : NULL;
    if (!added) {
        no_memory(d);
        return;
    }
    *added = *change;
    d->status = furrow__change_apply(&d->now, added, d->error);
}

/* A comment about a table or one of its columns, in the arena. */
static const char *comment(differ *d, const char *what, furrow__table_name table,
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
        no_memory(d);
    return copy;
}

/* ---- renames that are said ---- */

/* The hints of one list, of the tables or of a table's columns: `hinted` has them. */
typedef struct hints {
    furrow__rename *pairs;
    size_t count, done;
} hints;

static hints hints_of(differ *d, size_t room)
{
    hints h = {.pairs = furrow__arena_aligned(d->arena, (room + 1) * sizeof *h.pairs,
                                              _Alignof(furrow__rename))};
    if (!h.pairs)
        no_memory(d);
    return h;
}

/* On the way back the models are what is, and their hints go from the new name to the old one. */
static bool is_back(const differ *d)
{
    return !d->options.to_is_models;
}

static void add_rename(differ *d, const furrow__likely_rename **list, size_t *count,
                       size_t *capacity, furrow__likely_rename rename)
{
    furrow__likely_rename *items = furrow__arena_room(d->arena, (furrow__likely_rename *)*list,
                                                      *count, capacity, sizeof *items);
    if (!items) {
        no_memory(d);
        return;
    }
    *list = items;
    items[(*count)++] = rename;
}

static void add_cycle(differ *d, furrow__table_name table, const furrow__rename *pair,
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

/* A table's hint, if it can be one. */
static bool table_hint(const differ *d, const furrow__catalog_table *table, furrow__rename *out)
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

/* Those of one schema: tables keep theirs. `first` is its first table with a hint. */
static void rename_tables_of(differ *d, const furrow__catalog *hinted, size_t first)
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
            emit(d, &(furrow__change){.kind = FURROW__RENAME_TABLE,
                                      .table = beside(name, h.pairs[i].old),
                                      .new_name = h.pairs[i].new});
}

static void rename_tables(differ *d, const furrow__catalog *hinted)
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

static bool column_hint(const differ *d, const furrow__catalog_table *now,
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

static void rename_columns(differ *d)
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
                emit(d, &(furrow__change){.kind = FURROW__RENAME_COLUMN,
                                          .table = to->name,
                                          .name = h.pairs[j].old,
                                          .new_name = h.pairs[j].new});
    }
}

/* ---- which tables are the same ---- */

static void match_tables(differ *d)
{
    size_t count = d->now.count < d->to->count ? d->now.count : d->to->count;
    furrow__table_match *items =
        furrow__arena_aligned(d->arena, (count + 1) * sizeof *items, _Alignof(furrow__table_match));
    if (!items) {
        no_memory(d);
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
            no_memory(d);
    }
    if (d->status == FURROW_OK)
        d->status = furrow__match_parts(&d->matches, &d->now, d->options, d->arena, d->error);
}

/* ---- what goes ---- */

static void drop_constraint(differ *d, furrow__table_name table, const char *name)
{
    emit(d, &(furrow__change){.kind = FURROW__DROP_CONSTRAINT, .table = table, .name = name});
}

static void drop_foreign_keys(differ *d)
{
    for (size_t i = 0; i < d->matches.count; i++) {
        const furrow__table_match *t = &d->matches.items[i];
        for (size_t j = 0; j < t->old.constraint_count; j++)
            if (t->old.constraints[j].kind == FURROW__CONSTRAINT_FOREIGN_KEY &&
                t->constraints[j].disposition == FURROW__DISPOSITION_DROP)
                drop_constraint(d, t->name, t->constraints[j].name);
    }
}

/* A foreign key of another table to this one, or NULL. */
static const furrow__catalog_constraint *referred_by(const differ *d,
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

/* The next table that goes and that none refers to; else any that goes. */
static const furrow__catalog_table *next_to_drop(const differ *d, bool *is_free)
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

static void drop_tables(differ *d)
{
    bool is_free = false;
    const furrow__catalog_table *table, *owner;
    while (d->status == FURROW_OK && (table = next_to_drop(d, &is_free)) != NULL) {
        furrow__change change = {.kind = FURROW__DROP_TABLE, .table = table->name};
        if (!is_free) { /* tables in a circle */
            const furrow__catalog_constraint *key = referred_by(d, table, &owner);
            drop_constraint(d, owner->name, key->name);
            continue;
        }
        if (d->options.is_downgrade)
            change.comment = comment(d, "loses: every row of ", table->name, NULL);
        emit(d, &change);
    }
}

/* The identity of a column goes with its key, even if both come back. */
static void drop_identity(differ *d, const furrow__table_match *t)
{
    for (size_t i = 0; i < t->old.column_count; i++) {
        const furrow__catalog_column *old = &t->old.columns[i],
                                     *new = furrow__catalog_column_named(t->to, old->name);
        bool key_goes = false;
        for (size_t j = 0; j < t->old.constraint_count; j++)
            key_goes |= t->old.constraints[j].kind == FURROW__CONSTRAINT_PRIMARY_KEY &&
                        t->constraints[j].disposition == FURROW__DISPOSITION_DROP;
        if (old->assigned && (key_goes || !new || !new->assigned))
            emit(d, &(furrow__change){.kind = FURROW__ALTER_COLUMN,
                                      .table = t->name,
                                      .name = old->name,
                                      .alters = FURROW__ALTER_DROP_IDENTITY});
    }
}

static void drop_parts(differ *d)
{
    for (size_t i = 0; i < d->matches.count; i++) {
        const furrow__table_match *t = &d->matches.items[i];
        for (size_t j = 0; j < t->old.index_count; j++)
            if (t->indexes[j].disposition == FURROW__DISPOSITION_DROP)
                emit(d, &(furrow__change){.kind = FURROW__DROP_INDEX,
                                          .table = t->name,
                                          .name = t->indexes[j].name});
        drop_identity(d, t);
        for (size_t j = 0; j < t->old.constraint_count; j++)
            if (t->old.constraints[j].kind != FURROW__CONSTRAINT_FOREIGN_KEY &&
                t->constraints[j].disposition == FURROW__DISPOSITION_DROP)
                drop_constraint(d, t->name, t->constraints[j].name);
    }
}

static void rename_parts(differ *d)
{
    for (size_t i = 0; i < d->matches.count; i++) {
        const furrow__table_match *t = &d->matches.items[i];
        for (size_t j = 0; j < t->old.constraint_count; j++)
            if (t->constraints[j].disposition == FURROW__DISPOSITION_RENAME)
                emit(d,
                     &(furrow__change){.kind = FURROW__RENAME_CONSTRAINT,
                                       .table = t->name,
                                       .name = t->constraints[j].name,
                                       .new_name = t->to->constraints[t->constraints[j].to].name});
        for (size_t j = 0; j < t->old.index_count; j++)
            if (t->indexes[j].disposition == FURROW__DISPOSITION_RENAME)
                emit(d, &(furrow__change){.kind = FURROW__RENAME_INDEX,
                                          .table = t->name,
                                          .name = t->indexes[j].name,
                                          .new_name = t->to->indexes[t->indexes[j].to].name});
    }
}

/* ---- new tables ---- */

static bool is_new(const differ *d, const furrow__catalog_table *table)
{
    for (size_t i = 0; i < d->matches.count; i++)
        if (d->matches.items[i].to == table)
            return false;
    return true;
}

static size_t place_of(const differ *d, const furrow__catalog_table *table)
{
    for (size_t i = 0; i < d->new_count; i++)
        if (d->new_tables[i] == table)
            return i;
    return SIZE_MAX;
}

/* A new table that this one waits for, or NULL. */
static const furrow__catalog_table *waits_for(const differ *d, const furrow__catalog_table *table)
{
    for (size_t i = 0; i < table->constraint_count; i++) {
        const furrow__catalog_constraint *c = &table->constraints[i];
        if (c->kind != FURROW__CONSTRAINT_FOREIGN_KEY)
            continue;
        const furrow__catalog_table *target = furrow__catalog_table_named(d->to, c->target);
        if (target && target != table && is_new(d, target) && place_of(d, target) == SIZE_MAX)
            return target;
    }
    return NULL;
}

/* As furrow_create_all orders them (sql/ddl.c): the first that waits for none; else one of a
 * circle, found by following what each waits for until one comes again. */
static const furrow__catalog_table *next_new(const differ *d)
{
    const furrow__catalog_table *first = NULL;
    for (size_t i = 0; i < d->to->count; i++) {
        const furrow__catalog_table *table = d->to->tables[i];
        if (!is_new(d, table) || place_of(d, table) != SIZE_MAX)
            continue;
        if (!waits_for(d, table))
            return table;
        if (!first)
            first = table;
    }
    /* After as many steps as there are tables it is on a circle; then the first of the circle that
     * this walk met is looked for. */
    const furrow__catalog_table *on = first;
    for (size_t i = 0; on && i < d->to->count; i++)
        on = waits_for(d, on);
    const furrow__catalog_table *walk = first;
    while (on && walk) {
        const furrow__catalog_table *round = on;
        do {
            if (round == walk)
                return walk;
            round = waits_for(d, round);
        } while (round != on);
        walk = waits_for(d, walk);
    }
    return first;
}

/* Whether a key of a new table can stand in its CREATE TABLE: what it refers to is there. */
static bool is_inline(const differ *d, const furrow__catalog_table *table,
                      const furrow__catalog_constraint *c)
{
    if (c->kind != FURROW__CONSTRAINT_FOREIGN_KEY ||
        furrow__table_names_are_equal(c->target, table->name))
        return true;
    const furrow__catalog_table *target = furrow__catalog_table_named(&d->now, c->target),
                                *final = furrow__catalog_table_named(d->to, c->target);
    if (!target || !final || !furrow__columns_are_key(target, c->target_columns, c->count, NULL))
        return false;
    for (size_t i = 0; i < c->count; i++) {
        const furrow__catalog_column *a =
                                         furrow__catalog_column_named(target, c->target_columns[i]),
                                     *b = furrow__catalog_column_named(final, c->target_columns[i]);
        if (!a || !b || !furrow__types_match(&a->type, &b->type))
            return false;
    }
    return true;
}

static void create_indexes(differ *d, const furrow__catalog_table *table, const bool *is_there)
{
    for (size_t i = 0; i < table->index_count; i++)
        if (!is_there || !is_there[i])
            emit(d, &(furrow__change){.kind = FURROW__CREATE_INDEX,
                                      .table = table->name,
                                      .index = table->indexes[i]});
}

static void create_table(differ *d, const furrow__catalog_table *to)
{
    furrow__change change = {.kind = FURROW__CREATE_TABLE, .table = to->name};
    furrow__catalog_table *table =
        furrow__arena_aligned(d->arena, sizeof *table, _Alignof(furrow__catalog_table));
    if (!table) {
        no_memory(d);
        return;
    }
    *table = *to;
    table->indexes = NULL;
    table->index_count = table->index_capacity = 0;
    if (!furrow__catalog_own_lists(table, d->arena)) {
        no_memory(d);
        return;
    }
    size_t kept = 0;
    for (size_t i = 0; i < table->constraint_count; i++)
        if (is_inline(d, to, &table->constraints[i]))
            table->constraints[kept++] = table->constraints[i];
    table->constraint_count = kept;
    change.new_table = table;
    if (d->options.is_downgrade)
        change.comment = comment(d, "cannot bring back: the rows of ", to->name, NULL);
    emit(d, &change);
    create_indexes(d, to, NULL);
}

static void create_tables(differ *d)
{
    const furrow__catalog_table *table;
    d->new_tables = furrow__arena_aligned(d->arena, (d->to->count + 1) * sizeof *d->new_tables,
                                          _Alignof(void *));
    if (!d->new_tables) {
        no_memory(d);
        return;
    }
    while (d->status == FURROW_OK && (table = next_new(d)) != NULL) {
        create_table(d, table);
        d->new_tables[d->new_count++] = table;
    }
}

/* ---- columns ---- */

static void alter(differ *d, const furrow__table_match *t, const char *name,
                  furrow__column_change alters, const furrow__catalog_column *column)
{
    emit(d, &(furrow__change){.kind = FURROW__ALTER_COLUMN,
                              .table = t->name,
                              .name = name,
                              .alters = alters,
                              .column = {.type = column->type, .default_ = column->default_}});
}

static bool same_default(const furrow__catalog_column *a, const furrow__catalog_column *b)
{
    return a->default_ == b->default_ ||
           (a->default_ && b->default_ && strcmp(a->default_, b->default_) == 0);
}

static void alter_column(differ *d, const furrow__table_match *t, const furrow__catalog_column *old,
                         const furrow__catalog_column *new)
{
    bool type = !furrow__same_type(&old->type, &new->type);
    bool drops_default = old->default_ && (type || !same_default(old, new));
    if (drops_default && (type || !new->default_))
        alter(d, t, new->name, FURROW__ALTER_DROP_DEFAULT, new);
    if (type)
        alter(d, t, new->name, FURROW__ALTER_TYPE, new);
    if (old->nullable != new->nullable)
        alter(d, t, new->name,
              new->nullable ? FURROW__ALTER_DROP_NOT_NULL : FURROW__ALTER_SET_NOT_NULL, new);
    if (new->default_ && (type || !same_default(old, new)))
        alter(d, t, new->name, FURROW__ALTER_SET_DEFAULT, new);
}

/* What rows get on the way back in a column whose values are gone and that must have one; NULL
 * where there is no such thing. */
static const char *fill(differ *d, const furrow__catalog_column *column)
{
    if (column->nullable || column->default_)
        return NULL;
    const char *value = furrow__neutral_value(column, d->arena);
    if (!value && column->type.type == FURROW_TYPE_ENUM)
        no_memory(d);
    return value;
}

/* Above a column that comes back without its values. */
static const char *filled(differ *d, const char *says, const char *value)
{
    furrow__buffer out = {0};
    if (!says || !value)
        return says;
    furrow__buffer_format(&out, "%s; each is then %s", says, value);
    const char *copy = furrow__buffer_take(&out, d->arena);
    if (!copy)
        no_memory(d);
    return copy;
}

static void add_column(differ *d, const furrow__table_match *t,
                       const furrow__catalog_column *column)
{
    furrow__change change = {.kind = FURROW__ADD_COLUMN, .table = t->name, .column = *column};
    change.column.assigned = false; /* its key comes later */
    change.column.renamed_from = NULL;
    if (d->options.is_downgrade) {
        change.backfill = fill(d, column);
        change.comment =
            filled(d, comment(d, "cannot bring back: the values of ", t->name, column->name),
                   change.backfill);
    }
    emit(d, &change);
}

/* A column that came and is of the same shape: perhaps it was renamed. */
static const furrow__catalog_column *likely_new_name(const furrow__table_match *t,
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

static void add_likely(differ *d, furrow__likely_rename likely)
{
    add_rename(d, &d->out->likely, &d->out->likely_count, &d->likely_capacity, likely);
}

/* The statement that would rename, as a comment. */
static const char *asks(differ *d, const furrow__change *rename)
{
    furrow__buffer out = {0};
    furrow__buffer_add_text(&out, "if this was renamed, keep its values: write, instead of adding "
                                  "and dropping it,\n    ");
    furrow__change_write(&out, NULL, rename);
    if (out.size)
        out.size--; /* the end of the line */
    const char *copy = furrow__buffer_take(&out, d->arena);
    if (!copy)
        no_memory(d);
    return copy;
}

static void drop_column(differ *d, const furrow__table_match *t, const furrow__catalog_column *old)
{
    furrow__change change = {.kind = FURROW__DROP_COLUMN, .table = t->name, .name = old->name};
    const furrow__catalog_column *likely = d->options.to_is_models ? likely_new_name(t, old) : NULL;
    if (d->options.is_downgrade) {
        change.comment = comment(d, "loses: every value of ", t->name, old->name);
    } else if (likely) {
        add_likely(
            d, (furrow__likely_rename){.table = t->name, .from = old->name, .to = likely->name});
        change.comment = asks(d, &(furrow__change){.kind = FURROW__RENAME_COLUMN,
                                                   .table = t->name,
                                                   .name = old->name,
                                                   .new_name = likely->name});
    }
    emit(d, &change);
}

static void change_columns(differ *d, const furrow__table_match *t)
{
    for (size_t i = 0; i < t->to->column_count; i++)
        if (!furrow__catalog_column_named(&t->old, t->to->columns[i].name))
            add_column(d, t, &t->to->columns[i]);
    for (size_t i = 0; i < t->to->column_count; i++) {
        const furrow__catalog_column *old =
            furrow__catalog_column_named(&t->old, t->to->columns[i].name);
        if (old)
            alter_column(d, t, old, &t->to->columns[i]);
    }
    for (size_t i = 0; i < t->old.column_count; i++)
        if (!furrow__catalog_column_named(t->to, t->old.columns[i].name) &&
            !furrow__column_is_kept(&t->old.columns[i], d->options))
            drop_column(d, t, &t->old.columns[i]);
}

/* ---- what comes ---- */

static void add_constraints(differ *d, const furrow__table_match *t, bool keys, bool checks,
                            bool foreign_keys)
{
    for (size_t i = 0; i < t->to->constraint_count; i++) {
        const furrow__catalog_constraint *c = &t->to->constraints[i];
        bool wanted = c->kind == FURROW__CONSTRAINT_FOREIGN_KEY ? foreign_keys
                      : c->kind == FURROW__CONSTRAINT_CHECK     ? checks
                                                                : keys;
        if (wanted && !t->constraint_is_there[i])
            emit(d, &(furrow__change){
                        .kind = FURROW__ADD_CONSTRAINT, .table = t->name, .constraint = *c});
    }
}

static void add_identity(differ *d, const furrow__table_match *t)
{
    for (size_t i = 0; i < t->to->column_count; i++) {
        const furrow__catalog_column *new = &t->to->columns[i];
        const furrow__catalog_table *table = furrow__catalog_table_named(&d->now, t->name);
        const furrow__catalog_column *now =
            table ? furrow__catalog_column_named(table, new->name) : NULL;
        if (new->assigned && now && !now->assigned)
            alter(d, t, new->name, FURROW__ALTER_ADD_IDENTITY, new);
    }
}

static void add_forward_keys(differ *d)
{
    for (size_t i = 0; i < d->new_count; i++)
        for (size_t j = 0; j < d->new_tables[i]->constraint_count; j++) {
            const furrow__catalog_table *to = d->new_tables[i];
            const furrow__catalog_table *table = furrow__catalog_table_named(&d->now, to->name);
            if (table && !furrow__catalog_constraint_named(table, to->constraints[j].name))
                emit(d, &(furrow__change){.kind = FURROW__ADD_CONSTRAINT,
                                          .table = to->name,
                                          .constraint = to->constraints[j]});
        }
}

static void change_tables(differ *d)
{
    for (size_t i = 0; i < d->matches.count; i++)
        change_columns(d, &d->matches.items[i]);
    for (size_t i = 0; i < d->matches.count; i++) {
        const furrow__table_match *t = &d->matches.items[i];
        add_constraints(d, t, true, false, false);
        add_constraints(d, t, false, true, false);
        create_indexes(d, t->to, t->index_is_there);
        add_identity(d, t);
    }
    for (size_t i = 0; i < d->matches.count; i++)
        add_constraints(d, &d->matches.items[i], false, false, true);
    add_forward_keys(d);
}

/* ---- likely renames of tables ---- */

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

static void ask_about_tables(differ *d, const furrow__catalog *from)
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
            add_likely(d, (furrow__likely_rename){.table = old->name,
                                                  .from = old->name.name,
                                                  .to = new->name.name,
                                                  .is_table = true});
            change->comment = asks(d, &(furrow__change){.kind = FURROW__RENAME_TABLE,
                                                        .table = old->name,
                                                        .new_name = new->name.name});
            break;
        }
    }
}

/* ---- all ---- */

furrow_status furrow__diff_catalogs(furrow__diff *out, const furrow__catalog *from,
                                    const furrow__catalog *to, furrow__diff_options options,
                                    furrow_arena *arena, furrow_error *error)
{
    furrow_error own = {0};
    differ d = {
        .out = out, .to = to, .options = options, .arena = arena, .error = error ? error : &own};
    *out = (furrow__diff){.changes = {.arena = arena}};
    d.status = furrow__catalog_copy(&d.now, from, arena, d.error);
    if (d.status == FURROW_OK && (options.to_is_models || options.is_downgrade)) {
        rename_tables(&d, options.to_is_models ? to : from);
        rename_columns(&d);
    }
    if (d.status == FURROW_OK && options.to_is_models &&
        !furrow__renames_find_unused(out, from, &d.now, to, arena))
        no_memory(&d);
    if (d.status == FURROW_OK)
        match_tables(&d);
    void (*const steps[])(differ *) = {drop_foreign_keys, drop_tables,   drop_parts,
                                       rename_parts,      create_tables, change_tables};
    for (size_t i = 0; i < sizeof steps / sizeof *steps && d.status == FURROW_OK; i++)
        steps[i](&d);
    if (options.to_is_models && d.status == FURROW_OK)
        ask_about_tables(&d, from);
    if (d.status != FURROW_OK)
        *out = (furrow__diff){.changes = {.arena = arena}};
    return d.status;
}
