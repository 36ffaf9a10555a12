/* SPDX-License-Identifier: MIT
 *
 * Finds the constraints and indexes that two versions of a table share. Parts with the same name
 * and the same normalized definition are unchanged. Parts with the same definition and different
 * names were renamed. Some changes require a shared part to be dropped and added again later. A
 * foreign key is dropped if its target key is dropped; a check is dropped if the type of its column
 * changes.
 */
#include <string.h>

#include "base/text.h"
#include "migrate/author/diff_parts.h"

typedef struct matcher {
    furrow__match_list *list;
    const furrow__catalog *now;
    furrow__diff_options options;
    furrow_arena *arena;
    furrow_error *error;
    furrow_status status;
} matcher;

static void no_memory(matcher *m)
{
    if (m->status == FURROW_OK)
        m->status = furrow__fail(m->error, FURROW_NOMEM, "out of memory");
}

bool furrow__same_type(const furrow__catalog_type *a, const furrow__catalog_type *b)
{
    if (a->native || b->native)
        return a->native && b->native && strcmp(a->native, b->native) == 0;
    if (a->type != b->type || a->max_length != b->max_length || a->max_size != b->max_size)
        return false;
    if (a->type == FURROW_TYPE_DECIMAL)
        return a->precision == b->precision && a->scale == b->scale;
    if (a->type != FURROW_TYPE_ENUM)
        return true;
    if (a->value_count != b->value_count)
        return false;
    for (size_t i = 0; i < a->value_count; i++)
        if (!furrow__names_have(b->values, b->value_count, a->values[i]))
            return false;
    return true;
}

/* Returns whether a change of the column's type from `a` to `b` can make an expression over the
 * column invalid. */
static bool is_another_kind(const furrow__catalog_type *a, const furrow__catalog_type *b)
{
    if (a->native || b->native)
        return !furrow__same_type(a, b);
    return a->type != b->type || (a->type == FURROW_TYPE_DECIMAL && a->scale != b->scale) ||
           (a->type == FURROW_TYPE_ENUM && !furrow__same_type(a, b));
}

bool furrow__column_is_kept(const furrow__catalog_column *column, furrow__diff_options options)
{
    return options.to_is_models && column->type.native;
}

/* Writes the constraints and indexes of a table as strings. Two strings are equal if the
 * definitions are equivalent. */
typedef struct normalizer {
    matcher *m;
    const furrow__catalog_table *table;
    const furrow__expression_scope *scope;
    furrow_arena scratch;
} normalizer;

static void add_expression(normalizer *t, furrow__buffer *out, const char *text,
                           furrow__expression_use use)
{
    if (t->m->status != FURROW_OK)
        return;
    const furrow__expression *parsed = furrow__catalog_parse(
        &(furrow__expression_source){.text = text, .scope = t->scope, .use = use}, "expression",
        &t->scratch, t->m->error);
    if (parsed)
        furrow__expression_write_normalized(out, parsed);
    else
        t->m->status = t->m->error ? t->m->error->status : FURROW_INVALID;
}

static void add_constraint(normalizer *t, furrow__buffer *out, const furrow__catalog_constraint *c)
{
    furrow__buffer_format(out, "%d ", (int)c->kind);
    if (c->kind == FURROW__CONSTRAINT_CHECK)
        add_expression(t, out, c->expression, FURROW__EXPRESSION_FOR_CHECK);
    else
        furrow__catalog_write_names(out, c->columns, c->count);
    if (c->kind == FURROW__CONSTRAINT_FOREIGN_KEY) {
        furrow__catalog_write_table_name(out, c->target);
        furrow__catalog_write_names(out, c->target_columns, c->count);
        furrow__catalog_write_rules(out, c);
    }
}

static void add_index(normalizer *t, furrow__buffer *out, const furrow__catalog_index *index)
{
    furrow__buffer_add_text(out, index->unique ? "unique" : "");
    for (size_t i = 0; i < index->count; i++) {
        furrow__buffer_add_text(out, ", ");
        if (index->parts[i].column)
            furrow__catalog_write_name(out, index->parts[i].column);
        else
            add_expression(t, out, index->parts[i].expression, FURROW__EXPRESSION_FOR_INDEX);
        furrow__buffer_add_text(out, index->parts[i].descending ? " DESC" : "");
    }
    if (index->where) {
        furrow__buffer_add_text(out, " WHERE ");
        add_expression(t, out, index->where, FURROW__EXPRESSION_FOR_WHERE);
    }
}

/* Returns a string for each constraint, or for each index if `indexes` is true. The strings are
 * allocated in the arena. Returns NULL on failure. */
static const char **texts(matcher *m, const furrow__catalog_table *table, bool indexes)
{
    size_t count = indexes ? table->index_count : table->constraint_count;
    const char **out = furrow__arena_aligned(m->arena, (count + 1) * sizeof *out, _Alignof(char *));
    normalizer t = {.m = m, .table = table};
    furrow__buffer text = {0};
    t.scope = furrow__catalog_scope(table, &t.scratch);
    if (!out || !t.scope)
        no_memory(m);
    for (size_t i = 0; i < count && m->status == FURROW_OK; i++) {
        furrow__buffer_clear(&text);
        if (indexes)
            add_index(&t, &text, &table->indexes[i]);
        else
            add_constraint(&t, &text, &table->constraints[i]);
        const char *whole = furrow__buffer_text(&text);
        out[i] = whole ? furrow__arena_text(m->arena, whole, text.size) : NULL;
        if (!out[i])
            no_memory(m);
    }
    furrow__buffer_done(&text);
    furrow__arena_done(&t.scratch);
    return m->status == FURROW_OK ? out : NULL;
}

static bool expression_mentions(normalizer *t, const char *text, furrow__expression_use use,
                                const char *column)
{
    if (t->m->status != FURROW_OK)
        return false;
    const furrow__expression *parsed = furrow__catalog_parse(
        &(furrow__expression_source){.text = text, .scope = t->scope, .use = use}, "expression",
        &t->scratch, t->m->error);
    if (!parsed)
        t->m->status = t->m->error ? t->m->error->status : FURROW_INVALID;
    return parsed && furrow__expression_mentions(parsed, column);
}

static bool constraint_is_on(normalizer *t, const furrow__catalog_constraint *c, const char *column)
{
    if (c->kind == FURROW__CONSTRAINT_CHECK)
        return expression_mentions(t, c->expression, FURROW__EXPRESSION_FOR_CHECK, column);
    return furrow__names_have(c->columns, c->count, column);
}

static bool index_is_on(normalizer *t, const furrow__catalog_index *index, const char *column)
{
    for (size_t i = 0; i < index->count; i++) {
        if (index->parts[i].column && strcmp(index->parts[i].column, column) == 0)
            return true;
        if (index->parts[i].expression && expression_mentions(t, index->parts[i].expression,
                                                              FURROW__EXPRESSION_FOR_INDEX, column))
            return true;
    }
    return index->where &&
           expression_mentions(t, index->where, FURROW__EXPRESSION_FOR_WHERE, column);
}

static bool index_has_expressions(const furrow__catalog_index *index)
{
    for (size_t i = 0; i < index->count; i++)
        if (index->parts[i].expression)
            return true;
    return index->where != NULL;
}

/* What the diff does with a column of the old table. */
typedef struct column_change {
    bool goes, is_another_kind, is_kept;
} column_change;

static column_change change_of(const matcher *m, const furrow__table_match *t, size_t at)
{
    const furrow__catalog_column *old = &t->old.columns[at],
                                 *new = furrow__catalog_column_named(t->to, old->name);
    bool kept = !new &&furrow__column_is_kept(old, m->options);
    return (column_change){.goes = !new && !kept,
                           .is_another_kind = new &&is_another_kind(&old->type, &new->type),
                           .is_kept = kept};
}

/* Returns whether this name is free. If so, a constraint or index can be renamed to it. */
static bool is_free(const matcher *m, const furrow__catalog_table *table, const char *name)
{
    if (furrow__catalog_constraint_named(table, name))
        return false;
    for (size_t i = 0; i < m->now->count; i++) {
        const furrow__catalog_table *other = m->now->tables[i];
        if (strcmp(other->name.name, name) == 0 || furrow__catalog_index_named(other, name) ||
            furrow__catalog_constraint_named(other, name))
            return false;
    }
    return true;
}

static void match_constraints(matcher *m, furrow__table_match *t)
{
    const char **old = texts(m, &t->old, false), **new = texts(m, t->to, false);
    if (!old || !new)
        return;
    for (size_t i = 0; i < t->old.constraint_count; i++)
        for (size_t j = 0; j < t->to->constraint_count; j++)
            if (strcmp(t->old.constraints[i].name, t->to->constraints[j].name) == 0 &&
                strcmp(old[i], new[j]) == 0) {
                t->constraints[i].disposition = FURROW__DISPOSITION_UNCHANGED;
                t->constraints[i].to = j;
                t->constraint_exists[j] = true;
            }
    for (size_t i = 0; i < t->old.constraint_count; i++)
        for (size_t j = 0; j < t->to->constraint_count; j++)
            if (t->constraints[i].disposition == FURROW__DISPOSITION_DROP &&
                !t->constraint_exists[j] && strcmp(old[i], new[j]) == 0 &&
                is_free(m, &t->old, t->to->constraints[j].name)) {
                t->constraints[i].disposition = FURROW__DISPOSITION_RENAME;
                t->constraints[i].to = j;
                t->constraint_exists[j] = true;
            }
}

static void match_indexes(matcher *m, furrow__table_match *t)
{
    const char **old = texts(m, &t->old, true), **new = texts(m, t->to, true);
    if (!old || !new)
        return;
    for (size_t i = 0; i < t->old.index_count; i++)
        for (size_t j = 0; j < t->to->index_count; j++)
            if (strcmp(t->old.indexes[i].name, t->to->indexes[j].name) == 0 &&
                strcmp(old[i], new[j]) == 0) {
                t->indexes[i].disposition = FURROW__DISPOSITION_UNCHANGED;
                t->indexes[i].to = j;
                t->index_exists[j] = true;
            }
    for (size_t i = 0; i < t->old.index_count; i++)
        for (size_t j = 0; j < t->to->index_count; j++)
            if (t->indexes[i].disposition == FURROW__DISPOSITION_DROP && !t->index_exists[j] &&
                strcmp(old[i], new[j]) == 0 && is_free(m, &t->old, t->to->indexes[j].name)) {
                t->indexes[i].disposition = FURROW__DISPOSITION_RENAME;
                t->indexes[i].to = j;
                t->index_exists[j] = true;
            }
}

static void drop_constraint(furrow__table_match *t, size_t at)
{
    if (t->constraints[at].disposition == FURROW__DISPOSITION_UNCHANGED ||
        t->constraints[at].disposition == FURROW__DISPOSITION_RENAME)
        t->constraint_exists[t->constraints[at].to] = false;
    t->constraints[at].disposition = FURROW__DISPOSITION_DROP;
}

static void drop_index(furrow__table_match *t, size_t at)
{
    if (t->indexes[at].disposition == FURROW__DISPOSITION_UNCHANGED ||
        t->indexes[at].disposition == FURROW__DISPOSITION_RENAME)
        t->index_exists[t->indexes[at].to] = false;
    t->indexes[at].disposition = FURROW__DISPOSITION_DROP;
}

/* Adjusts the dispositions to the changes of columns. Parts that models cannot express are kept,
 * unless one of their columns is dropped. If the type of a column changes, checks that use the
 * column are dropped, and so are indexes with expressions. */
static void adjust_to_columns(matcher *m, furrow__table_match *t)
{
    normalizer n = {.m = m, .table = &t->old};
    n.scope = furrow__catalog_scope(&t->old, &n.scratch);
    if (!n.scope)
        no_memory(m);
    for (size_t i = 0; i < t->old.index_count && m->status == FURROW_OK; i++)
        if (m->options.to_is_models && t->indexes[i].disposition == FURROW__DISPOSITION_DROP &&
            index_has_expressions(&t->old.indexes[i]) && !t->old.indexes[i].where &&
            !furrow__catalog_index_named(t->to, t->old.indexes[i].name))
            t->indexes[i].disposition = FURROW__DISPOSITION_PRESERVE;
    for (size_t c = 0; c < t->old.column_count && m->status == FURROW_OK; c++) {
        const char *column = t->old.columns[c].name;
        column_change change = change_of(m, t, c);
        if (!change.goes && !change.is_another_kind && !change.is_kept)
            continue;
        for (size_t i = 0; i < t->old.constraint_count; i++) {
            const furrow__catalog_constraint *constraint = &t->old.constraints[i];
            if (!constraint_is_on(&n, constraint, column))
                continue;
            if (change.is_kept && t->constraints[i].disposition == FURROW__DISPOSITION_DROP &&
                !furrow__catalog_constraint_named(t->to, constraint->name))
                t->constraints[i].disposition = FURROW__DISPOSITION_PRESERVE;
            else if (change.goes ||
                     (change.is_another_kind && constraint->kind == FURROW__CONSTRAINT_CHECK))
                drop_constraint(t, i);
        }
        for (size_t i = 0; i < t->old.index_count; i++) {
            if (!index_is_on(&n, &t->old.indexes[i], column))
                continue;
            if (change.is_kept && t->indexes[i].disposition == FURROW__DISPOSITION_DROP &&
                !furrow__catalog_index_named(t->to, t->old.indexes[i].name))
                t->indexes[i].disposition = FURROW__DISPOSITION_PRESERVE;
            else if (change.goes ||
                     (change.is_another_kind && index_has_expressions(&t->old.indexes[i])))
                drop_index(t, i);
        }
    }
    furrow__arena_done(&n.scratch);
}

static furrow__table_match *match_named(const furrow__match_list *list, furrow__table_name name)
{
    for (size_t i = 0; i < list->count; i++)
        if (furrow__table_names_are_equal(list->items[i].name, name))
            return &list->items[i];
    return NULL;
}

static bool lists_exactly(const char *const *a, size_t a_count, const char *const *b,
                          size_t b_count)
{
    for (size_t i = 0; i < a_count; i++)
        if (!furrow__names_have(b, b_count, a[i]))
            return false;
    return a_count == b_count;
}

/* Returns whether the key that a foreign key refers to is dropped, even if it is added again later.
 * The key can be a primary key, a unique constraint or a unique index. */
static bool key_goes(const furrow__table_match *t, const furrow__catalog_constraint *key)
{
    for (size_t i = 0; i < t->old.constraint_count; i++) {
        const furrow__catalog_constraint *c = &t->old.constraints[i];
        bool is_key =
            c->kind == FURROW__CONSTRAINT_PRIMARY_KEY || c->kind == FURROW__CONSTRAINT_UNIQUE;
        if (is_key && t->constraints[i].disposition == FURROW__DISPOSITION_DROP &&
            lists_exactly(c->columns, c->count, key->target_columns, key->count))
            return true;
    }
    for (size_t i = 0; i < t->old.index_count; i++)
        if (t->old.indexes[i].unique && t->indexes[i].disposition == FURROW__DISPOSITION_DROP &&
            t->old.indexes[i].count == key->count)
            return true;
    return false;
}

/* Returns whether the type of one of the columns changes. A foreign key on such a column would
 * temporarily connect columns of different types. */
static bool types_change(const furrow__table_match *t, const char *const *columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const furrow__catalog_column *old = furrow__catalog_column_named(&t->old, columns[i]),
                                     *new = furrow__catalog_column_named(t->to, columns[i]);
        if (old && new && !furrow__types_match(&old->type, &new->type))
            return true;
    }
    return false;
}

static void adjust_to_foreign_keys(matcher *m, furrow__table_match *t)
{
    for (size_t i = 0; i < t->old.constraint_count; i++) {
        const furrow__catalog_constraint *c = &t->old.constraints[i];
        if (c->kind != FURROW__CONSTRAINT_FOREIGN_KEY)
            continue;
        const furrow__table_match *target = match_named(m->list, c->target);
        if (!target || key_goes(target, c) || types_change(t, c->columns, c->count) ||
            types_change(target, c->target_columns, c->count))
            drop_constraint(t, i);
    }
}

static bool prepare(matcher *m, furrow__table_match *t)
{
    size_t constraints = t->old.constraint_count, indexes = t->old.index_count,
           new_constraints = t->to->constraint_count, new_indexes = t->to->index_count;
    t->constraints = furrow__arena_aligned(m->arena, (constraints + 1) * sizeof *t->constraints,
                                           _Alignof(furrow__part_match));
    t->indexes = furrow__arena_aligned(m->arena, (indexes + 1) * sizeof *t->indexes,
                                       _Alignof(furrow__part_match));
    t->constraint_exists = furrow__arena_aligned(m->arena, new_constraints + 1, _Alignof(bool));
    t->index_exists = furrow__arena_aligned(m->arena, new_indexes + 1, _Alignof(bool));
    if (!t->constraints || !t->indexes || !t->constraint_exists || !t->index_exists) {
        no_memory(m);
        return false;
    }
    for (size_t i = 0; i < constraints; i++)
        t->constraints[i] = (furrow__part_match){.name = t->old.constraints[i].name};
    for (size_t i = 0; i < indexes; i++)
        t->indexes[i] = (furrow__part_match){.name = t->old.indexes[i].name};
    memset(t->constraint_exists, 0, new_constraints + 1);
    memset(t->index_exists, 0, new_indexes + 1);
    return true;
}

furrow_status furrow__match_parts(furrow__match_list *list, const furrow__catalog *now,
                                  furrow__diff_options options, furrow_arena *arena,
                                  furrow_error *error)
{
    matcher m = {.list = list, .now = now, .options = options, .arena = arena, .error = error};
    for (size_t i = 0; i < list->count && m.status == FURROW_OK; i++) {
        furrow__table_match *t = &list->items[i];
        if (!prepare(&m, t))
            break;
        match_constraints(&m, t);
        match_indexes(&m, t);
        if (m.status == FURROW_OK)
            adjust_to_columns(&m, t);
    }
    for (size_t i = 0; i < list->count && m.status == FURROW_OK; i++)
        adjust_to_foreign_keys(&m, &list->items[i]);
    return m.status;
}
