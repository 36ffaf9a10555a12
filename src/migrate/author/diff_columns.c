/* SPDX-License-Identifier: MIT
 * Adds, alters and drops the columns of a table that exists in both schemas. */
#include <string.h>

#include "base/text.h"
#include "migrate/author/diff_parts.h"

void furrow__differ_alter(furrow__differ *d, const furrow__table_match *t, const char *name,
                          furrow__column_change alters, const furrow__catalog_column *column)
{
    furrow__differ_emit(
        d, &(furrow__change){.kind = FURROW__ALTER_COLUMN,
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

static void alter_column(furrow__differ *d, const furrow__table_match *t,
                         const furrow__catalog_column *old, const furrow__catalog_column *new)
{
    bool type = !furrow__same_type(&old->type, &new->type);
    bool drops_default = old->default_ && (type || !same_default(old, new));
    if (drops_default && (type || !new->default_))
        furrow__differ_alter(d, t, new->name, FURROW__ALTER_DROP_DEFAULT, new);
    if (type)
        furrow__differ_alter(d, t, new->name, FURROW__ALTER_TYPE, new);
    if (old->nullable != new->nullable)
        furrow__differ_alter(
            d, t, new->name,
            new->nullable ? FURROW__ALTER_DROP_NOT_NULL : FURROW__ALTER_SET_NOT_NULL, new);
    if (new->default_ && (type || !same_default(old, new)))
        furrow__differ_alter(d, t, new->name, FURROW__ALTER_SET_DEFAULT, new);
}

const char *furrow__neutral_value(const furrow__catalog_column *column, furrow_arena *arena)
{
    static const char *const fills[FURROW_TYPE_COUNT_] = {
        [FURROW_TYPE_BOOL] = "FALSE",
        [FURROW_TYPE_INT16] = "0",
        [FURROW_TYPE_INT32] = "0",
        [FURROW_TYPE_INT64] = "0",
        [FURROW_TYPE_FLOAT] = "0",
        [FURROW_TYPE_DOUBLE] = "0",
        [FURROW_TYPE_TEXT] = "''",
        [FURROW_TYPE_TIME] = "'1970-01-01T00:00:00Z'",
        [FURROW_TYPE_DATE] = "'1970-01-01'",
        [FURROW_TYPE_UUID] = "'00000000-0000-0000-0000-000000000000'",
        [FURROW_TYPE_DECIMAL] = "0",
        [FURROW_TYPE_JSON] = "'null'",
    };
    const furrow__catalog_type *type = &column->type;
    if (type->native)
        return NULL;
    if (type->type != FURROW_TYPE_ENUM)
        return fills[type->type];
    furrow__buffer out = {0};
    furrow__sql_literal(&out, type->value_count ? type->values[0] : "");
    return furrow__buffer_take(&out, arena);
}

/* Returns the value that a downgrade writes into a restored NOT NULL column, because the old values
 * are lost. Returns NULL if the column needs no value, or if its type has no neutral value. */
static const char *fill(furrow__differ *d, const furrow__catalog_column *column)
{
    if (column->nullable || column->default_)
        return NULL;
    const char *value = furrow__neutral_value(column, d->arena);
    if (!value && column->type.type == FURROW_TYPE_ENUM)
        furrow__differ_no_memory(d);
    return value;
}

/* Returns the comment above a restored column, followed by the value that existing rows get. */
static const char *filled(furrow__differ *d, const char *text, const char *value)
{
    furrow__buffer out = {0};
    if (!text || !value)
        return text;
    furrow__buffer_format(&out, "%s; each becomes %s", text, value);
    const char *copy = furrow__buffer_take(&out, d->arena);
    if (!copy)
        furrow__differ_no_memory(d);
    return copy;
}

static void add_column(furrow__differ *d, const furrow__table_match *t,
                       const furrow__catalog_column *column)
{
    furrow__change change = {.kind = FURROW__ADD_COLUMN, .table = t->name, .column = *column};
    change.column.assigned = false; /* the identity is added only after the primary key */
    change.column.renamed_from = NULL;
    if (d->options.is_downgrade) {
        change.backfill = fill(d, column);
        change.comment = filled(
            d,
            furrow__differ_comment(d, "cannot bring back: the values of ", t->name, column->name),
            change.backfill);
    }
    furrow__differ_emit(d, &change);
}

static void drop_column(furrow__differ *d, const furrow__table_match *t,
                        const furrow__catalog_column *old)
{
    furrow__change change = {.kind = FURROW__DROP_COLUMN, .table = t->name, .name = old->name};
    const furrow__catalog_column *likely =
        d->options.to_is_models ? furrow__likely_new_name(t, old) : NULL;
    if (d->options.is_downgrade) {
        change.comment = furrow__differ_comment(d, "loses: every value of ", t->name, old->name);
    } else if (likely) {
        furrow__differ_add_likely(
            d, (furrow__likely_rename){.table = t->name, .from = old->name, .to = likely->name});
        change.comment =
            furrow__differ_suggest_rename(d, &(furrow__change){.kind = FURROW__RENAME_COLUMN,
                                                               .table = t->name,
                                                               .name = old->name,
                                                               .new_name = likely->name});
    }
    furrow__differ_emit(d, &change);
}

void furrow__differ_change_columns(furrow__differ *d, const furrow__table_match *t)
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
