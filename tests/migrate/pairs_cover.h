/* SPDX-License-Identifier: MIT
 * Records the kinds of change that have run, because every kind must run on every engine. */
#ifndef FURROW_TESTS_MIGRATE_PAIRS_COVER_H
#define FURROW_TESTS_MIGRATE_PAIRS_COVER_H

#include "migrate/revision/change_parts.h"

enum { COVER_KINDS = 120 };

typedef struct cover {
    struct {
        char name[48];
        unsigned count;
    } kinds[COVER_KINDS];
    size_t count;
} cover;

/* All kinds of change that must run. */
static const char *const cover_wanted[] = {"create table",
                                           "create table that refers",
                                           "create table that refers to itself",
                                           "drop table",
                                           "rename table",
                                           "add column",
                                           "add column not null",
                                           "add column using",
                                           "add enum column",
                                           "add native column",
                                           "drop column",
                                           "drop column not null",
                                           "rename column",
                                           "set not null",
                                           "drop not null",
                                           "set default",
                                           "change default",
                                           "drop default",
                                           "add identity",
                                           "drop identity",
                                           "add primary key",
                                           "add unique",
                                           "add foreign key",
                                           "add foreign key to itself",
                                           "add check",
                                           "add deferrable foreign key",
                                           "add foreign key cascade",
                                           "add foreign key set null",
                                           "add foreign key on update",
                                           "add foreign key of two columns",
                                           "add primary key of two columns",
                                           "drop primary key",
                                           "drop unique",
                                           "drop foreign key",
                                           "drop check",
                                           "rename constraint",
                                           "create index",
                                           "create unique index",
                                           "create partial index",
                                           "create expression index",
                                           "create descending index",
                                           "create index of two columns",
                                           "drop index",
                                           "rename index",
                                           "insert",
                                           "insert select",
                                           "update",
                                           "delete",
                                           "engine block",
                                           "engine block without effect",
                                           "type using",
                                           "type int16 to int32",
                                           "type int32 to int64",
                                           "type int64 to int32",
                                           "type int32 to int16",
                                           "type int64 to text",
                                           "type text to int64",
                                           "type int32 to double",
                                           "type double to int32",
                                           "type int64 to decimal",
                                           "type decimal to int64",
                                           "type float to double",
                                           "type double to float",
                                           "type enum to text",
                                           "type text to enum",
                                           "type uuid to text",
                                           "type text to uuid",
                                           "longer text",
                                           "shorter text",
                                           "larger text",
                                           "smaller text",
                                           "more digits after the point",
                                           "fewer digits after the point",
                                           "more digits",
                                           "fewer digits",
                                           "more values",
                                           "fewer values"};

static inline void covers(cover *c, const char *name)
{
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->kinds[i].name, name) == 0) {
            c->kinds[i].count++;
            return;
        }
    if (c->count < COVER_KINDS) {
        snprintf(c->kinds[c->count].name, sizeof c->kinds[0].name, "%s", name);
        c->kinds[c->count++].count = 1;
    }
}

static inline void covers_if(cover *c, bool holds, const char *name)
{
    if (holds)
        covers(c, name);
}

static inline void cover_type(cover *c, const furrow__change *change,
                              const furrow__catalog_column *was)
{
    static const char *const names[] = {
        [FURROW_TYPE_BOOL] = "bool",       [FURROW_TYPE_INT16] = "int16",
        [FURROW_TYPE_INT32] = "int32",     [FURROW_TYPE_INT64] = "int64",
        [FURROW_TYPE_FLOAT] = "float",     [FURROW_TYPE_DOUBLE] = "double",
        [FURROW_TYPE_TEXT] = "text",       [FURROW_TYPE_UUID] = "uuid",
        [FURROW_TYPE_DECIMAL] = "decimal", [FURROW_TYPE_ENUM] = "enum"};
    const furrow__catalog_type *from = &was->type, *to = &change->column.type;
    char name[48];
    if (change->backfill) {
        covers(c, "type using");
        return;
    }
    size_t known = sizeof names / sizeof *names;
    if (from->type != to->type && from->type < known && to->type < known && names[from->type] &&
        names[to->type]) {
        snprintf(name, sizeof name, "type %s to %s", names[from->type], names[to->type]);
        covers(c, name);
    }
    if (from->type != to->type)
        return;
    uint32_t old_length = from->max_length ? from->max_length : UINT32_MAX,
             length = to->max_length ? to->max_length : UINT32_MAX,
             old_size = from->max_size ? from->max_size : UINT32_MAX,
             size = to->max_size ? to->max_size : UINT32_MAX;
    covers_if(c, length > old_length, "longer text");
    covers_if(c, length < old_length, "shorter text");
    covers_if(c, size > old_size, "larger text");
    covers_if(c, size < old_size, "smaller text");
    covers_if(c, to->scale > from->scale, "more digits after the point");
    covers_if(c, to->scale < from->scale, "fewer digits after the point");
    covers_if(c, to->precision > from->precision, "more digits");
    covers_if(c, to->precision < from->precision, "fewer digits");
    covers_if(c, to->value_count > from->value_count, "more values");
    covers_if(c, to->value_count < from->value_count, "fewer values");
}

static inline void cover_key(cover *c, const furrow__change *change)
{
    const furrow__catalog_constraint *key = &change->constraint;
    if (key->kind == FURROW__CONSTRAINT_PRIMARY_KEY) {
        covers(c, "add primary key");
        covers_if(c, key->count == 2, "add primary key of two columns");
    } else if (key->kind == FURROW__CONSTRAINT_UNIQUE) {
        covers(c, "add unique");
    } else if (key->kind == FURROW__CONSTRAINT_CHECK) {
        covers(c, "add check");
    } else {
        covers(c, "add foreign key");
        covers_if(c, furrow__table_names_are_equal(key->target, change->table),
                  "add foreign key to itself");
        covers_if(c, key->deferrable, "add deferrable foreign key");
        covers_if(c, key->on_delete == FURROW_ACTION_CASCADE, "add foreign key cascade");
        covers_if(c, key->on_delete == FURROW_ACTION_SET_NULL, "add foreign key set null");
        covers_if(c, key->on_update != 0, "add foreign key on update");
        covers_if(c, key->count == 2, "add foreign key of two columns");
    }
}

static inline void cover_index(cover *c, const furrow__catalog_index *index)
{
    covers(c, "create index");
    covers_if(c, index->unique, "create unique index");
    covers_if(c, index->where != NULL, "create partial index");
    covers_if(c, index->count == 2, "create index of two columns");
    for (size_t i = 0; i < index->count; i++) {
        covers_if(c, index->parts[i].expression != NULL, "create expression index");
        covers_if(c, index->parts[i].descending, "create descending index");
    }
}

static inline void cover_table(cover *c, const furrow__change *change)
{
    covers(c, "create table");
    for (size_t i = 0; i < change->new_table->constraint_count; i++) {
        const furrow__catalog_constraint *key = &change->new_table->constraints[i];
        if (key->kind != FURROW__CONSTRAINT_FOREIGN_KEY)
            continue;
        bool own = furrow__table_names_are_equal(key->target, change->table);
        covers(c, own ? "create table that refers to itself" : "create table that refers");
    }
}

static inline void cover_dropped(cover *c, const furrow__change *change,
                                 const furrow__catalog_table *table)
{
    static const char *const names[] = {[FURROW__CONSTRAINT_PRIMARY_KEY] = "drop primary key",
                                        [FURROW__CONSTRAINT_UNIQUE] = "drop unique",
                                        [FURROW__CONSTRAINT_FOREIGN_KEY] = "drop foreign key",
                                        [FURROW__CONSTRAINT_CHECK] = "drop check"};
    const furrow__catalog_constraint *key = furrow__catalog_constraint_named(table, change->name);
    covers_if(c, key != NULL, key ? names[key->kind] : "");
}

static inline void cover_altered(cover *c, const furrow__change *change,
                                 const furrow__catalog_column *was)
{
    switch (change->alters) {
    case FURROW__ALTER_TYPE:
        cover_type(c, change, was);
        break;
    case FURROW__ALTER_SET_NOT_NULL:
        covers(c, "set not null");
        break;
    case FURROW__ALTER_DROP_NOT_NULL:
        covers(c, "drop not null");
        break;
    case FURROW__ALTER_SET_DEFAULT:
        covers(c, was->default_ ? "change default" : "set default");
        break;
    case FURROW__ALTER_DROP_DEFAULT:
        covers(c, "drop default");
        break;
    case FURROW__ALTER_ADD_IDENTITY:
        covers(c, "add identity");
        break;
    case FURROW__ALTER_DROP_IDENTITY:
        covers(c, "drop identity");
        break;
    }
}

static inline void cover_change(cover *c, const furrow__change *change,
                                const furrow__catalog *before)
{
    static const char *const data[] = {[FURROW__DATA_INSERT] = "insert",
                                       [FURROW__DATA_INSERT_SELECT] = "insert select",
                                       [FURROW__DATA_UPDATE] = "update",
                                       [FURROW__DATA_DELETE] = "delete"};
    const furrow__catalog_table *table =
        change->table.name ? furrow__catalog_table_named(before, change->table) : NULL;
    const furrow__catalog_column *column =
        table && change->name ? furrow__catalog_column_named(table, change->name) : NULL;
    switch (change->kind) {
    case FURROW__CREATE_TABLE:
        cover_table(c, change);
        break;
    case FURROW__DROP_TABLE:
        covers(c, "drop table");
        break;
    case FURROW__RENAME_TABLE:
        covers(c, "rename table");
        break;
    case FURROW__ADD_COLUMN:
        covers(c, change->backfill          ? "add column using"
                  : change->column.nullable ? "add column"
                                            : "add column not null");
        covers_if(c, change->column.type.type == FURROW_TYPE_ENUM, "add enum column");
        covers_if(c, change->column.type.native != NULL, "add native column");
        break;
    case FURROW__DROP_COLUMN:
        covers(c, column && !column->nullable ? "drop column not null" : "drop column");
        break;
    case FURROW__RENAME_COLUMN:
        covers(c, "rename column");
        break;
    case FURROW__ALTER_COLUMN:
        if (column)
            cover_altered(c, change, column);
        break;
    case FURROW__ADD_CONSTRAINT:
        cover_key(c, change);
        break;
    case FURROW__DROP_CONSTRAINT:
        if (table)
            cover_dropped(c, change, table);
        break;
    case FURROW__RENAME_CONSTRAINT:
        covers(c, "rename constraint");
        break;
    case FURROW__CREATE_INDEX:
        cover_index(c, &change->index);
        break;
    case FURROW__DROP_INDEX:
        covers(c, "drop index");
        break;
    case FURROW__RENAME_INDEX:
        covers(c, "rename index");
        break;
    case FURROW__DATA:
        covers(c, data[change->data->kind]);
        break;
    case FURROW__SET_STORAGE:
        break;
    case FURROW__ENGINE:
        covers(c, change->effect.count ? "engine block" : "engine block without effect");
        break;
    }
}

/* Records a list of changes that ran on the schema `before`. */
static inline void cover_changes(cover *c, const furrow__change_list *changes,
                                 const furrow__catalog *before, furrow_arena *arena)
{
    furrow_error error;
    furrow__catalog now;
    if (furrow__catalog_copy(&now, before, arena, &error) != FURROW_OK)
        return;
    for (size_t i = 0; i < changes->count; i++) {
        cover_change(c, &changes->items[i], &now);
        if (furrow__change_apply(&now, &changes->items[i], &error) != FURROW_OK)
            return;
    }
}

/* Returns the number of kinds that never ran, and prints these kinds. */
static inline unsigned cover_misses(const cover *c, bool all)
{
    unsigned misses = 0;
    for (size_t i = 0; i < sizeof cover_wanted / sizeof *cover_wanted; i++) {
        unsigned count = 0;
        for (size_t k = 0; k < c->count; k++)
            if (strcmp(c->kinds[k].name, cover_wanted[i]) == 0)
                count = c->kinds[k].count;
        if (all || !count)
            printf("%6u  %s\n", count, cover_wanted[i]);
        misses += !count;
    }
    return misses;
}

#endif
