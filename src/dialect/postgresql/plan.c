/* SPDX-License-Identifier: MIT
 * Plans changes for PostgreSQL: each change becomes one or more statements. */
#include <string.h>

#include "base/text.h"
#include "dialect/postgresql/postgresql.h"

typedef furrow__planner planner;

static void add(planner *p, const char *text)
{
    furrow__buffer_add_text(&p->text, text);
}

static void add_name(planner *p, const char *before, const char *name)
{
    add(p, before);
    furrow__sql_identifier(&p->text, name);
}

static void add_table(planner *p, const char *before, furrow__table_name name)
{
    add(p, before);
    furrow__write_table_name(&p->text, p->dialect, name);
}

/* For a check that belongs to a column's type, returns the equal check in another version of the
 * table. Returns NULL if there is none. If the column's type has changed, the checks are not equal:
 * PostgreSQL stores the type of each constant in a check. */
static const furrow__catalog_constraint *same_check(const furrow__catalog_table *table,
                                                    const furrow__catalog_constraint *c,
                                                    const furrow__catalog_table *of)
{
    const furrow__catalog_column *a = furrow__catalog_column_named(table, c->of_column),
                                 *b = furrow__catalog_column_named(of, c->of_column);
    if (!a || !b || strcmp(a->type.native, b->type.native) != 0)
        return NULL;
    for (size_t i = 0; i < table->constraint_count; i++)
        if (table->constraints[i].of_column &&
            strcmp(table->constraints[i].of_column, c->of_column) == 0 &&
            strcmp(table->constraints[i].expression, c->expression) == 0)
            return &table->constraints[i];
    return NULL;
}

static bool is_of(const furrow__catalog_constraint *c, const char *column)
{
    return c->of_column && strcmp(c->of_column, column) == 0;
}

/* Begins the next part of an ALTER TABLE statement. */
static void begin_part(planner *p, bool *any)
{
    add(p, *any ? ",\n    " : "\n    ");
    *any = true;
}

static void drop_type_checks(planner *p, const furrow__catalog_table *old,
                             const furrow__catalog_table *new, const char *column, bool *any)
{
    for (size_t i = 0; i < old->constraint_count; i++)
        if (is_of(&old->constraints[i], column) && !same_check(new, &old->constraints[i], old)) {
            begin_part(p, any);
            add_name(p, "DROP CONSTRAINT ", old->constraints[i].name);
        }
}

static void add_type_checks(planner *p, const furrow__catalog_table *old,
                            const furrow__catalog_table *new, const char *column, bool *any)
{
    for (size_t i = 0; i < new->constraint_count; i++)
        if (is_of(&new->constraints[i], column) &&
            !(old && same_check(old, &new->constraints[i], new))) {
            begin_part(p, any);
            add(p, "ADD ");
            furrow__physical_write_constraint(&p->text, p->dialect, &new->constraints[i]);
        }
}

/* After a table or column was renamed, renames the checks that belong to the types of columns. The
 * n-th constraint before the rename is also the n-th constraint after the rename. */
static void rename_type_checks(planner *p, const furrow__change *change,
                               const furrow__catalog_table *old, const furrow__catalog_table *new)
{
    size_t count = old->constraint_count < new->constraint_count ? old->constraint_count
                                                                 : new->constraint_count;
    for (size_t i = 0; i < count; i++) {
        const furrow__catalog_constraint *a = &old->constraints[i], *b = &new->constraints[i];
        if (!a->of_column || !b->of_column || strcmp(a->name, b->name) == 0)
            continue;
        add_table(p, "ALTER TABLE ", new->name);
        add_name(p, "\n    RENAME CONSTRAINT ", a->name);
        add_name(p, " TO ", b->name);
        furrow__plan_statement(p, change);
    }
}

static void add_column(planner *p, const furrow__change *change)
{
    furrow__catalog physical;
    furrow__plan_apply(p, change);
    const furrow__catalog_table *table = furrow__plan_lower(p, change->table, &physical);
    if (!table)
        return;
    furrow__catalog_column column = table->columns[table->column_count - 1];
    bool later = change->backfill && !column.nullable && !column.default_;
    column.nullable |= later;
    add_table(p, "ALTER TABLE ", change->table);
    add(p, "\n    ADD COLUMN ");
    furrow__physical_write_column(&p->text, p->dialect, &column);
    bool any = true;
    add_type_checks(p, NULL, table, column.name, &any);
    furrow__plan_statement(p, change);
    if (!change->backfill)
        return;
    add_table(p, "UPDATE ", change->table);
    add_name(p, " SET ", column.name);
    add(p, " = ");
    furrow__plan_value(p, change->table, change->backfill, change->table, column.name);
    furrow__plan_statement(p, change);
    if (!later)
        return;
    add_table(p, "ALTER TABLE ", change->table);
    add_name(p, "\n    ALTER COLUMN ", column.name);
    add(p, " SET NOT NULL");
    furrow__plan_statement(p, change);
}

static void alter_type(planner *p, const furrow__change *change)
{
    furrow__catalog before, after;
    const furrow__catalog_table *logical = furrow__catalog_table_named(&p->now, change->table);
    const furrow__catalog_column *was =
        logical ? furrow__catalog_column_named(logical, change->name) : NULL;
    const furrow__catalog_table *old = furrow__plan_lower(p, change->table, &before);
    furrow__catalog_type from = was ? was->type : (furrow__catalog_type){0};
    const char *value = NULL;
    if (change->backfill && p->status == FURROW_OK) {
        furrow__plan_altered_value(p, change);
        value = furrow__plan_take(p);
    }
    furrow__plan_apply(p, change);
    const furrow__catalog_table *new = furrow__plan_lower(p, change->table, &after);
    if (!old || !new)
        return;
    const furrow__catalog_column *a = furrow__catalog_column_named(old, change->name),
                                 *b = furrow__catalog_column_named(new, change->name);
    if (!value)
        value = furrow__plan_conversion(p, change, &from, b->type.native);
    if (!value && p->status == FURROW_OK) {
        furrow__plan_not_converted(p, change);
        return;
    }
    bool any = false, same = strcmp(a->type.native, b->type.native) == 0 && !change->backfill;
    add_table(p, "ALTER TABLE ", change->table);
    drop_type_checks(p, old, new, change->name, &any);
    if (!same && a->default_) {
        begin_part(p, &any);
        add_name(p, "ALTER COLUMN ", change->name);
        add(p, " DROP DEFAULT");
    }
    if (!same) {
        begin_part(p, &any);
        add_name(p, "ALTER COLUMN ", change->name);
        furrow__buffer_format(&p->text, " TYPE %s USING %s", b->type.native, value);
    }
    if (!same && b->default_) {
        begin_part(p, &any);
        add_name(p, "ALTER COLUMN ", change->name);
        furrow__buffer_format(&p->text, " SET DEFAULT %s", b->default_);
    }
    add_type_checks(p, old, new, change->name, &any);
    if (any)
        furrow__plan_statement(p, change);
    else
        furrow__buffer_clear(&p->text); /* nothing to alter, because PostgreSQL has the same type
                                           for the old and the new column */
}

/* Drops the indexes on the column and creates them again. Their definitions differ, because NULLS
 * FIRST is written only for nullable columns. */
static void alter_nullable(planner *p, const furrow__change *change)
{
    furrow__catalog physical;
    bool nullable = change->alters == FURROW__ALTER_DROP_NOT_NULL;
    const furrow__catalog_table *old = furrow__plan_lower(p, change->table, &physical);
    for (size_t i = 0; old && i < old->index_count; i++)
        for (size_t j = 0; j < old->indexes[i].count; j++)
            if (old->indexes[i].parts[j].column &&
                strcmp(old->indexes[i].parts[j].column, change->name) == 0) {
                add_table(p, "DROP INDEX ",
                          (furrow__table_name){old->name.schema, old->indexes[i].name});
                furrow__plan_statement(p, change);
            }
    add_table(p, "ALTER TABLE ", change->table);
    add_name(p, "\n    ALTER COLUMN ", change->name);
    add(p, nullable ? " DROP NOT NULL" : " SET NOT NULL");
    furrow__plan_statement(p, change);
    furrow__plan_apply(p, change);
    const furrow__catalog_table *new = furrow__plan_lower(p, change->table, &physical);
    for (size_t i = 0; new &&i < new->index_count; i++)
        for (size_t j = 0; j < new->indexes[i].count; j++)
            if (new->indexes[i].parts[j].column &&
                strcmp(new->indexes[i].parts[j].column, change->name) == 0) {
                furrow__physical_write_index(&p->text, &physical, new, &new->indexes[i]);
                furrow__plan_statement(p, change);
            }
}

static void alter_column(planner *p, const furrow__change *change)
{
    furrow__catalog physical;
    if (change->alters == FURROW__ALTER_TYPE) {
        alter_type(p, change);
        return;
    }
    if (change->alters == FURROW__ALTER_SET_NOT_NULL ||
        change->alters == FURROW__ALTER_DROP_NOT_NULL) {
        alter_nullable(p, change);
        return;
    }
    furrow__plan_apply(p, change);
    const furrow__catalog_table *table = furrow__plan_lower(p, change->table, &physical);
    if (!table)
        return;
    const furrow__catalog_column *column = furrow__catalog_column_named(table, change->name);
    add_table(p, "ALTER TABLE ", change->table);
    add_name(p, "\n    ALTER COLUMN ", change->name);
    if (change->alters == FURROW__ALTER_SET_DEFAULT && column->default_)
        furrow__buffer_format(&p->text, " SET DEFAULT %s", column->default_);
    else if (change->alters == FURROW__ALTER_ADD_IDENTITY)
        add(p, " ADD GENERATED BY DEFAULT AS IDENTITY");
    else if (change->alters == FURROW__ALTER_DROP_IDENTITY)
        add(p, " DROP IDENTITY");
    else
        add(p, " DROP DEFAULT");
    furrow__plan_statement(p, change);
    if (change->alters != FURROW__ALTER_ADD_IDENTITY)
        return;
    /* The sequence must continue after the largest key of the existing rows. The first key of the
     * sequence is 1 if all existing keys are less than 1. */
    furrow__buffer name = {0};
    furrow__write_table_name(&name, p->dialect, change->table);
    add(p, "DO $furrow$ BEGIN PERFORM setval(pg_get_serial_sequence(");
    furrow__sql_literal(&p->text, name.text ? name.text : "");
    add(p, ", ");
    furrow__sql_literal(&p->text, change->name);
    add_name(p, "), greatest(max(", change->name);
    furrow__buffer_format(&p->text, "), 0) + 1, false) FROM %s; END $furrow$",
                          name.text ? name.text : "");
    p->text.failed |= name.failed;
    furrow__buffer_done(&name);
    furrow__plan_statement(p, change);
}

static bool schema_is_there(const planner *p, const char *schema)
{
    for (size_t i = 0; i < p->now.count; i++) {
        const char *other = p->now.tables[i]->name.schema;
        if (other && strcmp(other, schema) == 0)
            return true;
    }
    return false;
}

static void create_table(planner *p, const furrow__change *change)
{
    furrow__catalog physical;
    if (change->table.schema && !schema_is_there(p, change->table.schema)) {
        add_name(p, "CREATE SCHEMA IF NOT EXISTS ", change->table.schema);
        furrow__plan_statement(p, change);
    }
    furrow__plan_apply(p, change);
    const furrow__catalog_table *table = furrow__plan_lower(p, change->table, &physical);
    if (!table)
        return;
    furrow__physical_write_table(&p->text, &physical, table, NULL);
    furrow__plan_statement(p, change);
}

static void rename_something(planner *p, const furrow__change *change)
{
    furrow__catalog before, after;
    bool is_table = change->kind == FURROW__RENAME_TABLE;
    furrow__table_name name = change->table;
    const furrow__catalog_table *old = furrow__plan_lower(p, change->table, &before);
    furrow__plan_apply(p, change);
    if (is_table)
        name.name = change->new_name;
    const furrow__catalog_table *new = furrow__plan_lower(p, name, &after);
    if (!old || !new)
        return;
    add_table(p, "ALTER TABLE ", change->table);
    if (is_table)
        add(p, "\n    RENAME");
    else
        add_name(p, "\n    RENAME COLUMN ", change->name);
    add_name(p, " TO ", change->new_name);
    furrow__plan_statement(p, change);
    rename_type_checks(p, change, old, new);
}

static void add_constraint(planner *p, const furrow__change *change)
{
    furrow__catalog physical;
    furrow__plan_apply(p, change);
    const furrow__catalog_table *table = furrow__plan_lower(p, change->table, &physical);
    const furrow__catalog_constraint *c =
        table ? furrow__catalog_constraint_named(table, change->constraint.name) : NULL;
    if (!c)
        return;
    add_table(p, "ALTER TABLE ", change->table);
    add(p, "\n    ADD ");
    furrow__physical_write_constraint(&p->text, p->dialect, c);
    furrow__plan_statement(p, change);
}

static void create_index(planner *p, const furrow__change *change)
{
    furrow__catalog physical;
    furrow__plan_apply(p, change);
    const furrow__catalog_table *table = furrow__plan_lower(p, change->table, &physical);
    if (!table)
        return;
    furrow__physical_write_index(&p->text, &physical, table,
                                 furrow__catalog_index_named(table, change->index.name));
    const char *sql = change->concurrently ? furrow__plan_take(p) : NULL;
    if (sql)
        furrow__buffer_format(&p->text, "%sINDEX CONCURRENTLY%s",
                              change->index.unique ? "CREATE UNIQUE " : "CREATE ",
                              strstr(sql, "INDEX ") + 5);
    furrow__plan_statement(p, change);
}

static void plan_change(planner *p, const furrow__change *change)
{
    furrow__table_name index = {change->table.schema, change->name};
    switch (change->kind) {
    case FURROW__CREATE_TABLE:
        create_table(p, change);
        return;
    case FURROW__RENAME_TABLE:
    case FURROW__RENAME_COLUMN:
        rename_something(p, change);
        return;
    case FURROW__ADD_COLUMN:
        add_column(p, change);
        return;
    case FURROW__ALTER_COLUMN:
        alter_column(p, change);
        return;
    case FURROW__ADD_CONSTRAINT:
        add_constraint(p, change);
        return;
    case FURROW__CREATE_INDEX:
        create_index(p, change);
        return;
    case FURROW__DROP_TABLE:
        add_table(p, "DROP TABLE ", change->table);
        break;
    case FURROW__DROP_COLUMN:
        add_table(p, "ALTER TABLE ", change->table);
        add_name(p, "\n    DROP COLUMN ", change->name);
        break;
    case FURROW__DROP_CONSTRAINT:
        add_table(p, "ALTER TABLE ", change->table);
        add_name(p, "\n    DROP CONSTRAINT ", change->name);
        break;
    case FURROW__RENAME_CONSTRAINT:
        add_table(p, "ALTER TABLE ", change->table);
        add_name(p, "\n    RENAME CONSTRAINT ", change->name);
        add_name(p, " TO ", change->new_name);
        break;
    case FURROW__DROP_INDEX:
        add_table(p, change->concurrently ? "DROP INDEX CONCURRENTLY " : "DROP INDEX ", index);
        break;
    case FURROW__RENAME_INDEX:
        add_table(p, "ALTER INDEX ", index);
        add_name(p, " RENAME TO ", change->new_name);
        break;
    case FURROW__SET_STORAGE: /* storage versions differ only on SQLite */
        furrow__plan_apply(p, change);
        return;
    case FURROW__DATA:
    case FURROW__ENGINE:
        return;
    }
    furrow__plan_apply(p, change);
    furrow__plan_statement(p, change);
}

static void write_conversion(planner *p, const furrow__conversion *c)
{
    const char *collate = strstr(c->native, " COLLATE");
    size_t size = collate ? (size_t)(collate - c->native) : strlen(c->native);
    furrow__buffer_format(&p->text, "CAST(%s AS %.*s)", c->value, (int)size, c->native);
}

static void write_misfits(planner *p, const furrow__conversion *c)
{
    const char *name = c->value;
    const furrow__catalog_type *to = c->to;
    switch (c->kind) {
    case FURROW__TEXT_TO_INTEGER:
        furrow__buffer_format(&p->text,
                              "%s IS NOT NULL AND CASE WHEN %s ~ '^(0|-?[1-9][0-9]{0,18})$' THEN "
                              "CAST(%s AS numeric)",
                              name, name, name);
        furrow__plan_write_limits(p, "", to);
        furrow__buffer_add_text(&p->text, " ELSE true END");
        break;
    case FURROW__TEXT_TO_UUID:
        furrow__buffer_format(&p->text, "%s !~ '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$'",
                              name);
        break;
    case FURROW__REAL_TO_INTEGER:
        if (to->type == FURROW_TYPE_INT64) /* INT64_MAX cannot be represented exactly as a double */
            furrow__buffer_format(
                &p->text, "%s < -9223372036854775808 OR %s >= 9223372036854775808", name, name);
        else
            furrow__plan_write_limits(p, name, to);
        furrow__buffer_format(&p->text, " OR %s <> trunc(%s)", name, name);
        break;
    case FURROW__DECIMAL_TO_INTEGER:
        furrow__plan_write_limits(p, name, to);
        furrow__buffer_format(&p->text, " OR %s <> trunc(%s)", name, name);
        break;
    default:
        furrow__buffer_format(&p->text, "%s <> trunc(%s, %d)", name, name, to->scale);
    }
}

const struct furrow__plan_dialect furrow__postgresql_plan = {
    .change = plan_change,
    .write_conversion = write_conversion,
    .write_misfits = write_misfits,
    .not_integer_before = "(SELECT CASE WHEN v ~ '^(0|-?[1-9][0-9]{0,18})$' THEN CAST(v AS NUMERIC)"
                          " NOT BETWEEN -9223372036854775808 AND 9223372036854775807"
                          " ELSE v IS NOT NULL END FROM (SELECT ",
    .not_integer_after = " AS v) AS x)",
    .text_before = "CAST(",
    .text_after = " AS TEXT)",
    .double_type = "double precision",
    .integer_type = "bigint",
    .infinity = "CAST('Infinity' AS double precision)",
};
