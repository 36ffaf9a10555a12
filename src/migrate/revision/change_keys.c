/* SPDX-License-Identifier: MIT
 * Applies changes of constraints and indexes: add, drop, rename. */
#include "migrate/revision/change_work.h"

#include <string.h>

#include "base/text.h"

static void check_key_columns(furrow__work *w, const furrow__catalog_table *table,
                              const furrow__catalog_constraint *c)
{
    if (c->count == 0 || c->count > FURROW__CATALOG_KEY)
        furrow__work_fail(w, "a key has 1 to %d columns", FURROW__CATALOG_KEY);
    for (size_t i = 0; i < c->count && w->status == FURROW_OK; i++) {
        const furrow__catalog_column *column = furrow__catalog_column_named(table, c->columns[i]);
        if (!column) {
            furrow__work_fail(w, "table %s has no column %s", FURROW__QUOTED_TABLE(table->name),
                              FURROW__QUOTED(c->columns[i]));
        } else if (furrow__names_have(c->columns, i, c->columns[i])) {
            furrow__work_fail(w, "constraint %s names column %s twice", FURROW__QUOTED(c->name),
                              FURROW__QUOTED(c->columns[i]));
        } else if (c->kind == FURROW__CONSTRAINT_PRIMARY_KEY && column->nullable) {
            furrow__work_fail(w, "column %s may be NULL, but a primary key may not",
                              FURROW__QUOTED(c->columns[i]));
            furrow__work_hint(w, "ALTER COLUMN … SET NOT NULL first");
        }
    }
}

void furrow__work_check_target(furrow__work *w, const furrow__catalog_table *table,
                               const furrow__catalog_constraint *c)
{
    const furrow__catalog_table *target = table;
    if (!furrow__table_names_are_equal(c->target, table->name)) {
        target = furrow__work_find_table(w, c->target);
        if (!target)
            return;
        target = furrow__work_seen(w, target);
    }
    for (size_t i = 0; i < c->count; i++) {
        const furrow__catalog_column *own = furrow__catalog_column_named(table, c->columns[i]),
                                     *to =
                                         furrow__catalog_column_named(target, c->target_columns[i]);
        if (!to) {
            furrow__work_fail(w, "table %s has no column %s", FURROW__QUOTED_TABLE(target->name),
                              FURROW__QUOTED(c->target_columns[i]));
            return;
        }
        if (!furrow__types_match(&own->type, &to->type)) {
            furrow__work_fail(w, "column %s refers to %s, which has another type",
                              FURROW__QUOTED(own->name),
                              FURROW__QUOTED_IN(target->name.name, to->name));
            return;
        }
    }
    if (!furrow__columns_are_key(target, c->target_columns, c->count, NULL)) {
        furrow__work_fail(w, "foreign key %s refers to columns of %s that are not a key",
                          FURROW__QUOTED(c->name), FURROW__QUOTED_TABLE(target->name));
        furrow__work_hint(w, "refer to a primary key, or add UNIQUE on exactly these columns");
    }
}

void furrow__work_add_constraint(furrow__work *w, furrow__catalog_table *table,
                                 const furrow__catalog_constraint *c)
{
    const char *expression = NULL;
    if (w->status != FURROW_OK)
        return;
    if (!c->name)
        furrow__work_fail(w, "a constraint of table %s has no name",
                          FURROW__QUOTED_TABLE(table->name));
    else if (c->kind == FURROW__CONSTRAINT_PRIMARY_KEY && furrow__catalog_primary_key(table))
        furrow__work_fail(w, "table %s already has a primary key",
                          FURROW__QUOTED_TABLE(table->name));
    else if (furrow__catalog_constraint_named(table, c->name))
        furrow__work_fail(w, "table %s already has a constraint %s",
                          FURROW__QUOTED_TABLE(table->name), FURROW__QUOTED(c->name));
    if (w->status != FURROW_OK)
        return;
    if (c->kind == FURROW__CONSTRAINT_CHECK) {
        const furrow__expression_source source = {.text = c->expression,
                                                  .scope = furrow__work_scope(w, table),
                                                  .use = FURROW__EXPRESSION_FOR_CHECK};
        if (source.scope)
            expression = furrow__work_canonical(w, &source, "check", c->name);
    } else {
        check_key_columns(w, table, c);
    }
    if (w->status == FURROW_OK && c->kind == FURROW__CONSTRAINT_FOREIGN_KEY)
        furrow__work_check_target(w, table, c);
    if (w->status == FURROW_OK &&
        (c->kind == FURROW__CONSTRAINT_PRIMARY_KEY || c->kind == FURROW__CONSTRAINT_UNIQUE))
        furrow__work_name_is_free(w, table->name.schema, c->name);
    if (w->status != FURROW_OK)
        return;
    furrow__catalog_constraint *added = furrow__catalog_add_constraint(w->catalog, table);
    if (!added) {
        furrow__work_no_memory(w);
        return;
    }
    *added = *c;
    added->source = NULL;
    added->expression = expression;
}

/* Returns a foreign key that refers to the table and needs its key `name`, and sets *owner to the
 * table of the foreign key. Returns NULL if there is none. */
static const furrow__catalog_constraint *needs_key(const furrow__work *w,
                                                   const furrow__catalog_table *table,
                                                   const char *name,
                                                   const furrow__catalog_table **owner)
{
    for (size_t i = 0; i < w->catalog->count; i++) {
        *owner = furrow__work_seen(w, w->catalog->tables[i]);
        for (size_t j = 0; j < (*owner)->constraint_count; j++) {
            const furrow__catalog_constraint *c = &(*owner)->constraints[j];
            if (c->kind == FURROW__CONSTRAINT_FOREIGN_KEY &&
                furrow__table_names_are_equal(c->target, table->name) &&
                !furrow__columns_are_key(table, c->target_columns, c->count, name))
                return c;
        }
    }
    return NULL;
}

static bool key_is_needed(furrow__work *w, const furrow__catalog_table *table, const char *name)
{
    const furrow__catalog_table *owner;
    const furrow__catalog_constraint *key = needs_key(w, table, name, &owner);
    if (!key)
        return false;
    furrow__work_fail(w, "foreign key %s of table %s still needs %s", FURROW__QUOTED(key->name),
                      FURROW__QUOTED_TABLE(owner->name), FURROW__QUOTED(name));
    furrow__work_hint(w, "drop the foreign key first");
    return true;
}

static void drop_constraint(furrow__work *w)
{
    const char *name = w->change->name;
    furrow__catalog_table *table = furrow__work_own_draft(w);
    furrow__catalog_constraint *c = table ? furrow__catalog_constraint_named(table, name) : NULL;
    if (!c) {
        if (table)
            furrow__work_fail(w, "table %s has no constraint %s", FURROW__QUOTED_TABLE(table->name),
                              FURROW__QUOTED(name));
        return;
    }
    if (c->kind == FURROW__CONSTRAINT_PRIMARY_KEY)
        for (size_t i = 0; i < table->column_count; i++)
            if (table->columns[i].assigned) {
                furrow__work_fail(w,
                                  "column %s is assigned by the database and needs its primary key",
                                  FURROW__QUOTED(table->columns[i].name));
                furrow__work_hint(w, "ALTER COLUMN … DROP IDENTITY first");
                return;
            }
    if ((c->kind == FURROW__CONSTRAINT_PRIMARY_KEY || c->kind == FURROW__CONSTRAINT_UNIQUE) &&
        key_is_needed(w, table, name))
        return;
    size_t at = (size_t)(c - table->constraints);
    memmove(c, c + 1, (--table->constraint_count - at) * sizeof *c);
}

static void rename_constraint(furrow__work *w)
{
    const furrow__change *change = w->change;
    furrow__catalog_table *table = furrow__work_own_draft(w);
    if (!table)
        return;
    furrow__catalog_constraint *c = furrow__catalog_constraint_named(table, change->name);
    if (!c)
        furrow__work_fail(w, "table %s has no constraint %s", FURROW__QUOTED_TABLE(table->name),
                          FURROW__QUOTED(change->name));
    else if (furrow__catalog_constraint_named(table, change->new_name))
        furrow__work_fail(w, "table %s already has a constraint %s",
                          FURROW__QUOTED_TABLE(table->name), FURROW__QUOTED(change->new_name));
    else if ((c->kind != FURROW__CONSTRAINT_PRIMARY_KEY && c->kind != FURROW__CONSTRAINT_UNIQUE) ||
             furrow__work_name_is_free(w, table->name.schema, change->new_name))
        c->name = change->new_name;
}

static bool changes_sides(const furrow__change *c)
{
    return c->kind == FURROW__CREATE_TABLE ||
           (c->kind == FURROW__ALTER_COLUMN && c->alters == FURROW__ALTER_TYPE) ||
           (c->kind == FURROW__ADD_CONSTRAINT &&
            c->constraint.kind == FURROW__CONSTRAINT_FOREIGN_KEY);
}

/* Returns the last change to `table` or `target`, the two tables of a foreign key. If both are
 * NULL, returns the last change to any table. */
static const furrow__change *last_of_sides(const furrow__change_list *list,
                                           const furrow__table_name *table,
                                           const furrow__table_name *target)
{
    for (size_t i = list->count; i > 0; i--) {
        const furrow__change *c = &list->items[i - 1];
        const furrow__change *inner =
            c->kind == FURROW__ENGINE ? last_of_sides(&c->effect, table, target) : NULL;
        if (inner)
            return inner;
        if (changes_sides(c) && (!table || furrow__table_names_are_equal(c->table, *table) ||
                                 furrow__table_names_are_equal(c->table, *target)))
            return c;
    }
    return NULL;
}

/* Compares the columns of a foreign key with the columns that they refer to. Returns the index of
 * the first column whose type differs. If all types match, returns the number of columns. */
static size_t unlike_column(const furrow__catalog_table *table, const furrow__catalog_constraint *c,
                            const furrow__catalog_table *target)
{
    for (size_t i = 0; i < c->count; i++) {
        const furrow__catalog_column *own = furrow__catalog_column_named(table, c->columns[i]),
                                     *to =
                                         furrow__catalog_column_named(target, c->target_columns[i]);
        if (own && to && !furrow__types_are_one(&own->type, &to->type))
            return i;
    }
    return c->count;
}

static furrow_status check_sides(const furrow__catalog *catalog, const furrow__catalog_table *table,
                                 const furrow__change_list *list, furrow__file_location *place,
                                 furrow_error *error)
{
    for (size_t i = 0; i < table->constraint_count; i++) {
        const furrow__catalog_constraint *c = &table->constraints[i];
        const furrow__catalog_table *target = c->kind == FURROW__CONSTRAINT_FOREIGN_KEY
                                                  ? furrow__catalog_table_named(catalog, c->target)
                                                  : NULL;
        size_t at = target ? unlike_column(table, c, target) : c->count;
        if (at == c->count)
            continue;
        const furrow__change *by = last_of_sides(list, &table->name, &c->target);
        by = by ? by : last_of_sides(list, NULL, NULL);
        if (by)
            *place = by->place;
        furrow__fail(error, FURROW_INVALID,
                     "column %s of table %s refers to %s, which has another type",
                     FURROW__QUOTED(c->columns[at]), FURROW__QUOTED_TABLE(table->name),
                     FURROW__QUOTED_IN(target->name.name, c->target_columns[at]));
        return furrow__hint(error, "give both the same type, in one revision");
    }
    return FURROW_OK;
}

furrow_status furrow__changes_check_keys(const furrow__catalog *catalog,
                                         const furrow__change_list *list, bool always,
                                         furrow__file_location *place, furrow_error *error)
{
    furrow_status status = FURROW_OK;
    *place = (furrow__file_location){.line = 0, .column = 0};
    if (!always && !last_of_sides(list, NULL, NULL))
        return FURROW_OK;
    for (size_t i = 0; i < catalog->count && status == FURROW_OK; i++)
        status = check_sides(catalog, catalog->tables[i], list, place, error);
    return status;
}

static void create_index(furrow__work *w)
{
    const furrow__catalog_index *index = &w->change->index;
    furrow__catalog_table *table = furrow__work_own_draft(w);
    const furrow__expression_scope *scope = table ? furrow__work_scope(w, table) : NULL;
    if (!scope || !furrow__work_name_is_free(w, table->name.schema, index->name))
        return;
    if (index->count == 0 || index->count > FURROW__CATALOG_KEY) {
        furrow__work_fail(w, "an index has 1 to %d columns", FURROW__CATALOG_KEY);
        return;
    }
    furrow__index_part *parts = furrow__arena_aligned(
        w->catalog->arena, index->count * sizeof *parts, _Alignof(furrow__index_part));
    if (!parts) {
        furrow__work_no_memory(w);
        return;
    }
    for (size_t i = 0; i < index->count; i++) {
        parts[i] = index->parts[i];
        if (!parts[i].column)
            parts[i].expression = furrow__work_canonical(
                w,
                &(furrow__expression_source){.text = parts[i].expression,
                                             .scope = scope,
                                             .use = FURROW__EXPRESSION_FOR_INDEX},
                "index", index->name);
        else if (!furrow__catalog_column_named(table, parts[i].column))
            furrow__work_fail(w, "table %s has no column %s", FURROW__QUOTED_TABLE(table->name),
                              FURROW__QUOTED(parts[i].column));
    }
    const furrow__expression_source condition = {
        .text = index->where, .scope = scope, .use = FURROW__EXPRESSION_FOR_WHERE};
    const char *where =
        index->where ? furrow__work_canonical(w, &condition, "where of index", index->name) : NULL;
    furrow__catalog_index *added =
        w->status == FURROW_OK ? furrow__catalog_add_index(w->catalog, table) : NULL;
    if (!added) {
        furrow__work_no_memory(w);
        return;
    }
    *added = *index;
    added->parts = parts;
    added->where = where;
    added->source = NULL;
}

/* Finds the index that the change names, and makes a draft of its table. The index in the draft can
 * be changed. */
static furrow__catalog_index *find_index(furrow__work *w, furrow__catalog_table **table)
{
    furrow__table_name name = {w->change->table.schema, w->change->name};
    furrow__catalog_table *owner;
    *table = NULL;
    if (!furrow__catalog_find_index(w->catalog, name, &owner)) {
        furrow__work_fail(w, "there is no index %s", FURROW__QUOTED(name.name));
        return NULL;
    }
    *table = furrow__work_draft(w, owner);
    return *table ? furrow__catalog_index_named(*table, name.name) : NULL;
}

static void drop_index(furrow__work *w)
{
    furrow__catalog_table *table;
    furrow__catalog_index *index = find_index(w, &table);
    if (!index || (index->unique && key_is_needed(w, table, index->name)))
        return;
    size_t at = (size_t)(index - table->indexes);
    memmove(index, index + 1, (--table->index_count - at) * sizeof *index);
}

static void rename_index(furrow__work *w)
{
    furrow__catalog_table *table;
    furrow__catalog_index *index = find_index(w, &table);
    if (index && furrow__work_name_is_free(w, table->name.schema, w->change->new_name))
        index->name = w->change->new_name;
}

void furrow__work_on_constraint(furrow__work *w)
{
    if (w->change->kind == FURROW__DROP_CONSTRAINT) {
        drop_constraint(w);
    } else if (w->change->kind == FURROW__RENAME_CONSTRAINT) {
        rename_constraint(w);
    } else {
        furrow__catalog_table *table = furrow__work_own_draft(w);
        if (table)
            furrow__work_add_constraint(w, table, &w->change->constraint);
    }
}

void furrow__work_on_index(furrow__work *w)
{
    if (w->change->kind == FURROW__CREATE_INDEX)
        create_index(w);
    else if (w->change->kind == FURROW__DROP_INDEX)
        drop_index(w);
    else
        rename_index(w);
}
