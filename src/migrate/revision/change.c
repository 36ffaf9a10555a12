/* SPDX-License-Identifier: MIT
 *
 * Applies changes to a logical catalog. A change works on drafts, which are copies of the tables
 * that it changes. At the end, the drafts replace the tables; so a change that fails leaves the
 * catalog unchanged. A change fails if it adds something that already exists, or changes something
 * that does not exist. In this way, furrow detects that two branches changed the same part. Changes
 * of columns are in change_columns.c, changes of constraints and indexes in change_keys.c.
 */
#include "migrate/revision/change_work.h"

#include <string.h>

#include "base/text.h"
#include "schema/name.h"

furrow__change *furrow__change_add(furrow__change_list *list, furrow__change_kind kind)
{
    if (list->count >= FURROW__CHANGES)
        return NULL;
    furrow__change *items =
        furrow__arena_room(list->arena, list->items, list->count, &list->capacity, sizeof *items);
    if (!items)
        return NULL;
    list->items = items;
    list->items[list->count] = (furrow__change){.kind = kind};
    return &list->items[list->count++];
}

/* Fails for the name of one of furrow's own tables. Returns whether the name can be used. */
static bool may_be_named(furrow__work *w, const char *name)
{
    if (!furrow__name_is_own_table(name))
        return true;
    furrow__work_fail(w, "the table name %s is reserved by furrow", FURROW__QUOTED(name));
    furrow__work_hint(w, "choose another name");
    return false;
}

static void rename_table(furrow__work *w)
{
    const furrow__change *change = w->change;
    furrow__catalog_table *table = furrow__work_own_draft(w);
    if (!table || !may_be_named(w, change->new_name) ||
        !furrow__work_name_is_free(w, table->name.schema, change->new_name))
        return;
    furrow__table_name from = table->name, to = {from.schema, change->new_name};
    for (size_t i = 0; i < w->catalog->count && w->status == FURROW_OK; i++) {
        furrow__catalog_table *other = w->catalog->tables[i], *d = NULL;
        for (size_t j = 0; j < other->constraint_count; j++) {
            if (other->constraints[j].kind != FURROW__CONSTRAINT_FOREIGN_KEY ||
                !furrow__table_names_are_equal(other->constraints[j].target, from))
                continue;
            d = d ? d : furrow__work_draft(w, other);
            if (d)
                d->constraints[j].target = to;
        }
    }
    table->name = to;
    table->renamed_from = from.name; /* diff needs the former name to write the reverse change. */
}

static void create_table(furrow__work *w)
{
    const furrow__catalog_table *from = w->change->new_table;
    furrow__draft *d = furrow__arena_aligned(&w->scratch, sizeof *d, _Alignof(furrow__draft));
    if (!d) {
        furrow__work_no_memory(w);
        return;
    }
    if (furrow__catalog_table_named(w->catalog, from->name)) {
        furrow__work_fail(w, "table %s already exists", FURROW__QUOTED_TABLE(from->name));
        return;
    }
    if (!may_be_named(w, from->name.name) ||
        !furrow__work_name_is_free(w, from->name.schema, from->name.name))
        return;
    if (from->column_count == 0)
        furrow__work_fail(w, "table %s has no columns", FURROW__QUOTED_TABLE(from->name));
    if (w->catalog->count >= FURROW__CATALOG_TABLES)
        furrow__work_fail(w, "there are already %d tables", FURROW__CATALOG_TABLES);
    *d = (furrow__draft){.table = {.name = from->name}};
    for (size_t i = 0; i < from->column_count; i++)
        furrow__work_add_column(w, &d->table, &from->columns[i]);
    for (size_t i = 0; i < from->constraint_count; i++)
        furrow__work_add_constraint(w, &d->table, &from->constraints[i]);
    for (size_t i = 0; i < d->table.column_count && w->status == FURROW_OK; i++)
        if (d->table.columns[i].assigned)
            furrow__work_check_identity(w, &d->table, &d->table.columns[i]);
    if (w->status != FURROW_OK)
        return;
    furrow__catalog_table *added = furrow__catalog_add_table(w->catalog, from->name);
    if (added)
        *added = d->table;
    else
        furrow__work_no_memory(w);
}

static void drop_table(furrow__work *w)
{
    furrow__catalog *catalog = w->catalog;
    const furrow__catalog_table *table = furrow__work_find_table(w, w->change->table);
    if (!table)
        return;
    size_t at = 0;
    for (size_t i = 0; i < catalog->count; i++) {
        const furrow__catalog_table *other = catalog->tables[i];
        if (other == table)
            at = i;
        for (size_t j = 0; other != table && j < other->constraint_count; j++)
            if (other->constraints[j].kind == FURROW__CONSTRAINT_FOREIGN_KEY &&
                furrow__table_names_are_equal(other->constraints[j].target, table->name)) {
                furrow__work_fail(w, "foreign key %s of table %s still refers to %s",
                                  FURROW__QUOTED(other->constraints[j].name),
                                  FURROW__QUOTED_TABLE(other->name),
                                  FURROW__QUOTED_TABLE(table->name));
                furrow__work_hint(w, "drop the foreign key first");
                return;
            }
    }
    memmove(catalog->tables + at, catalog->tables + at + 1,
            (--catalog->count - at) * sizeof *catalog->tables);
}

static void check_data(furrow__work *w)
{
    const furrow__data *data = w->change->data;
    const furrow__catalog_table *table = furrow__work_find_table(w, w->change->table);
    const furrow__expression_scope *scope = table ? furrow__work_scope(w, table) : NULL;
    const furrow__expression_scope *over = scope;
    if (!scope)
        return;
    if (data->kind == FURROW__DATA_INSERT_SELECT) {
        const furrow__catalog_table *from = furrow__work_find_table(w, data->from);
        over = from ? furrow__work_scope(w, from) : NULL;
        if (!over)
            return;
    }
    for (size_t i = 0; i < data->column_count && w->status == FURROW_OK; i++) {
        const furrow_column *column = scope->find(scope->context, data->columns[i]);
        if (!column)
            furrow__work_fail(w, "table %s has no column %s", FURROW__QUOTED_TABLE(table->name),
                              FURROW__QUOTED(data->columns[i]));
        else if (furrow__names_have(data->columns, i, data->columns[i]))
            furrow__work_fail(w, "column %s is written to twice", FURROW__QUOTED(data->columns[i]));
        for (size_t row = 0; row < data->row_count && w->status == FURROW_OK; row++)
            furrow__work_check_value(
                w, &(furrow__expression_source){.text = data->values[row * data->column_count + i],
                                                .scope = over,
                                                .column = column});
    }
    if (data->where && w->status == FURROW_OK)
        furrow__work_parse(w,
                           &(furrow__expression_source){.text = data->where,
                                                        .scope = over,
                                                        .use = FURROW__EXPRESSION_FOR_WHERE,
                                                        .is_statement = true},
                           "where");
}

static void apply(furrow__work *w)
{
    switch (w->change->kind) {
    case FURROW__CREATE_TABLE:
        create_table(w);
        break;
    case FURROW__DROP_TABLE:
        drop_table(w);
        break;
    case FURROW__RENAME_TABLE:
        rename_table(w);
        break;
    case FURROW__ADD_COLUMN:
    case FURROW__DROP_COLUMN:
    case FURROW__RENAME_COLUMN:
    case FURROW__ALTER_COLUMN:
        furrow__work_on_column(w);
        break;
    case FURROW__ADD_CONSTRAINT:
    case FURROW__DROP_CONSTRAINT:
    case FURROW__RENAME_CONSTRAINT:
        furrow__work_on_constraint(w);
        break;
    case FURROW__CREATE_INDEX:
    case FURROW__DROP_INDEX:
    case FURROW__RENAME_INDEX:
        furrow__work_on_index(w);
        break;
    case FURROW__DATA:
        check_data(w);
        break;
    case FURROW__SET_STORAGE:
        w->catalog->storage = w->change->storage;
        break;
    case FURROW__ENGINE:
        break;
    }
}

/* Applies all changes of the effect. If one of them fails, none is applied. */
static furrow_status apply_effect(furrow__catalog *catalog, const furrow__change *change,
                                  furrow_error *error)
{
    furrow__catalog copy;
    if (change->effect.count == 0)
        return FURROW_OK;
    if (furrow__catalog_copy(&copy, catalog, catalog->arena, error) != FURROW_OK)
        return FURROW_NOMEM;
    furrow_status status = furrow__changes_apply(&copy, &change->effect, error);
    if (status == FURROW_OK)
        *catalog = copy;
    return status;
}

furrow_status furrow__change_apply(furrow__catalog *catalog, const furrow__change *change,
                                   furrow_error *error)
{
    furrow_error own = {0};
    furrow__work w = {.catalog = catalog,
                      .change = change,
                      .error = error ? error : &own,
                      .names = catalog->names};
    if (change->kind == FURROW__ENGINE)
        return apply_effect(catalog, change, error);
    apply(&w);
    for (furrow__draft *d = w.drafts; d && w.status == FURROW_OK; d = d->next)
        *d->of = d->table;
    furrow__work_keep_names(&w);
    furrow__arena_done(&w.scratch);
    return w.status;
}

furrow_status furrow__changes_apply(furrow__catalog *catalog, const furrow__change_list *list,
                                    furrow_error *error)
{
    furrow_status status = FURROW_OK;
    if (list->storage)
        catalog->storage = list->storage;
    for (size_t i = 0; i < list->count && status == FURROW_OK; i++)
        status = furrow__change_apply(catalog, &list->items[i], error);
    return status;
}
