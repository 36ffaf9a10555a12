/* SPDX-License-Identifier: MIT
 *
 * Plans changes for SQLite. The changes of a table are collected, and are written only before a
 * step that needs them (a change of rows, a rename, the reuse of a name) or at the end of the plan.
 * A table is therefore rebuilt at most once, and a new table is created in its final form. A table
 * is not rebuilt if SQLite has a statement for each of its changes.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "dialect/sqlite/sqlite.h"
#include "migrate/catalog/sqlite_table.h"
#include "migrate/plan/preflight_parts.h"
#include "scan/compare.h"
#include "sql/expression_sql.h"

typedef furrow__planner planner;

typedef struct source {
    const char *column, *sql;
    struct source *next;
} source;

typedef struct statement {
    const char *sql;
    const furrow__change *change;
    struct statement *next;
} statement;

struct furrow__plan_deferred {
    furrow__table_name name;
    bool is_new, goes, needs_rebuild, converts, adds;
    const furrow__catalog_table *before; /* the table before the deferred changes, from a physical
                                            catalog; NULL for a new table */
    const char *before_text;
    source *sources;               /* the sources of columns whose values are not simply copied */
    statement *statements, **last; /* the statements to run if SQLite has one for each change */
    const furrow__change **changes;
    size_t change_count, change_capacity;
    struct furrow__plan_deferred *next;
};

typedef furrow__plan_deferred group;

static void add_table(planner *p, const char *before, furrow__table_name name)
{
    furrow__buffer_add_text(&p->text, before);
    furrow__write_table_name(&p->text, p->dialect, name);
}

static const char *table_text(planner *p, const furrow__catalog *physical,
                              const furrow__catalog_table *table)
{
    furrow__physical_write_table(&p->text, physical, table, NULL);
    return furrow__plan_take(p);
}

static group *find_group(const planner *p, furrow__table_name name)
{
    for (group *g = p->deferred; g; g = g->next)
        if (furrow__table_names_are_equal(g->name, name) && !g->goes)
            return g;
    return NULL;
}

static group *add_group(planner *p, furrow__table_name name)
{
    group *g = furrow__arena_aligned(p->arena, sizeof *g, _Alignof(group)), **end = &p->deferred;
    if (!g) {
        furrow__plan_no_memory(p);
        return NULL;
    }
    *g = (group){.name = name};
    g->last = &g->statements;
    while (*end)
        end = &(*end)->next;
    *end = g;
    return g;
}

/* Returns the group of an existing table. */
static group *group_of(planner *p, furrow__table_name name)
{
    furrow__catalog physical;
    group *g = find_group(p, name);
    if (g || p->status != FURROW_OK)
        return p->status == FURROW_OK ? g : NULL;
    const furrow__catalog_table *before = furrow__plan_lower(p, name, &physical);
    if (!before) {
        if (p->status == FURROW_OK)
            p->status = furrow__fail(p->error, FURROW_INVALID, "there is no table %s",
                                     FURROW__QUOTED(name.name));
        return NULL;
    }
    g = add_group(p, name);
    if (g) {
        g->before = before;
        g->before_text = table_text(p, &physical, before);
    }
    return g;
}

static void note_change(planner *p, group *g, const furrow__change *change)
{
    const furrow__change **changes = furrow__plan_room(p, (void *)g->changes, g->change_count,
                                                       &g->change_capacity, sizeof *changes);
    if (!changes)
        return;
    g->changes = changes;
    g->changes[g->change_count++] = change;
}

/* Adds the statement in p->text to the deferred changes of the group. */
static void note_statement(planner *p, group *g, const furrow__change *change)
{
    const char *sql = furrow__plan_take(p);
    statement *s = furrow__arena_aligned(p->arena, sizeof *s, _Alignof(statement));
    if (!sql || !s) {
        furrow__plan_no_memory(p);
        return;
    }
    *s = (statement){sql, change, NULL};
    *g->last = s;
    g->last = &s->next;
}

static void note_source(planner *p, group *g, const char *column, const char *sql)
{
    source *s = furrow__arena_aligned(p->arena, sizeof *s, _Alignof(source));
    if (!s || !sql) {
        furrow__plan_no_memory(p);
        return;
    }
    *s = (source){column, sql, g->sources};
    g->sources = s;
}

static void create_new(planner *p, const group *g)
{
    furrow__catalog physical;
    const furrow__catalog_table *table = furrow__plan_lower(p, g->name, &physical);
    const furrow__change *change = g->change_count ? g->changes[0] : NULL;
    if (!table)
        return;
    furrow__physical_write_table(&p->text, &physical, table, NULL);
    furrow__plan_statement(p, change);
    for (size_t i = 0; i < table->index_count; i++) {
        furrow__physical_write_index(&p->text, &physical, table, &table->indexes[i]);
        furrow__plan_statement(p, change);
    }
}

static void fill_columns(planner *p, const group *g, furrow__action *action)
{
    furrow__rebuild_column *columns =
        furrow__arena_aligned(p->arena, (action->after->column_count + 1) * sizeof *columns,
                              _Alignof(furrow__rebuild_column));
    size_t count = 0;
    if (!columns) {
        furrow__plan_no_memory(p);
        return;
    }
    for (size_t i = 0; i < action->after->column_count && p->status == FURROW_OK; i++) {
        const char *name = action->after->columns[i].name, *sql = NULL;
        for (const source *s = g->sources; s && !sql; s = s->next)
            if (strcmp(s->column, name) == 0)
                sql = s->sql;
        if (!sql && furrow__catalog_column_named(g->before, name)) {
            furrow__sql_identifier(&p->text, name);
            sql = furrow__plan_take(p);
        }
        if (sql)
            columns[count++] = (furrow__rebuild_column){name, sql};
    }
    action->columns = columns;
    action->column_count = count;
}

static void rebuild(planner *p, const group *g, const furrow__catalog_table *after,
                    const char *text)
{
    furrow__action *action = furrow__plan_add(p, FURROW__ACTION_REBUILD, g->changes[0]);
    if (!action)
        return;
    action->sql = text;
    action->table = g->name;
    action->before = g->before;
    action->after = after;
    action->changes = g->changes;
    action->change_count = g->change_count;
    fill_columns(p, g, action);
}

static void run_group(planner *p, const group *g)
{
    furrow__catalog physical;
    if (g->goes) {
        add_table(p, "DROP TABLE ", g->name);
        furrow__plan_statement(p, g->change_count ? g->changes[0] : NULL);
        return;
    }
    if (g->is_new) {
        create_new(p, g);
        return;
    }
    const furrow__catalog_table *after = furrow__plan_lower(p, g->name, &physical);
    const char *text = after ? table_text(p, &physical, after) : NULL;
    if (!text)
        return;
    bool same = !g->converts && strcmp(text, g->before_text) == 0;
    if (g->needs_rebuild && !same) {
        rebuild(p, g, after, text);
        return;
    }
    for (const statement *s = g->statements; s; s = s->next) {
        furrow__buffer_add_text(&p->text, s->sql);
        furrow__plan_statement(p, s->change);
    }
}

static void flush(planner *p)
{
    group *groups = p->deferred;
    p->deferred = NULL;
    for (int drops = 0; drops < 2; drops++)
        for (const group *g = groups; g && p->status == FURROW_OK; g = g->next)
            if (g->goes == (drops == 1))
                run_group(p, g);
}

/* Returns whether a deferred change will free this name. Ignores the changes of the group `but`.
 */
static bool name_waits(const planner *p, const char *name, const group *but)
{
    for (const group *g = p->deferred; g; g = g->next) {
        if (g == but)
            continue;
        if (g->goes && furrow__names_are_equal_in_any_case(g->name.name, name))
            return true;
        for (size_t i = 0; g->before && i < g->before->index_count; i++)
            if (furrow__names_are_equal_in_any_case(g->before->indexes[i].name, name))
                return true;
    }
    return false;
}

static bool has_type_checks(const furrow__catalog_table *table, const char *column)
{
    for (size_t i = 0; i < table->constraint_count; i++)
        if (table->constraints[i].of_column && strcmp(table->constraints[i].of_column, column) == 0)
            return true;
    return false;
}

/* Returns whether ALTER TABLE can add the column on SQLite. The column's value in existing rows
 * must be NULL or a literal. */
static bool can_add(const furrow__change *change, const furrow__catalog_column *column)
{
    bool literal = column->default_ && column->default_[0] != '(';
    return !change->backfill && !column->assigned &&
           (column->default_ ? literal : column->nullable);
}

static void add_column(planner *p, group *g, const furrow__change *change)
{
    furrow__catalog physical;
    const char *value = NULL;
    if (change->backfill) {
        furrow__change probe =
            *change; /* the value's type is known only after the column is added */
        furrow__catalog before = p->now;
        if (furrow__catalog_copy(&p->now, &before, p->arena, p->error) != FURROW_OK) {
            p->now = before;
            furrow__plan_no_memory(p);
            return;
        }
        furrow__plan_apply(p, &probe);
        furrow__plan_value(p, change->table, change->backfill, change->table, change->column.name);
        value = furrow__plan_take(p);
        p->now = before;
    }
    furrow__plan_apply(p, change);
    const furrow__catalog_table *table =
        g->is_new ? NULL : furrow__plan_lower(p, change->table, &physical);
    g->adds = true;
    if (!table)
        return;
    const furrow__catalog_column *column = &table->columns[table->column_count - 1];
    if (value) {
        note_source(p, g, column->name, value);
        g->converts = true;
    }
    if (!can_add(change, column)) {
        g->needs_rebuild = true;
        return;
    }
    add_table(p, "ALTER TABLE ", change->table);
    furrow__buffer_add_text(&p->text, "\n    ADD COLUMN ");
    furrow__physical_write_column(&p->text, p->dialect, column);
    for (size_t i = 0; i < table->constraint_count; i++)
        if (table->constraints[i].of_column &&
            strcmp(table->constraints[i].of_column, column->name) == 0) {
            furrow__buffer_add_char(&p->text, ' ');
            furrow__physical_write_constraint(&p->text, p->dialect, &table->constraints[i]);
        }
    note_statement(p, g, change);
}

static void drop_column(planner *p, group *g, const furrow__change *change)
{
    furrow__catalog physical;
    const furrow__catalog_table *table =
        g->is_new ? NULL : furrow__plan_lower(p, change->table, &physical);
    if (table && has_type_checks(table, change->name))
        g->needs_rebuild = true;
    add_table(p, "ALTER TABLE ", change->table);
    furrow__buffer_add_text(&p->text, "\n    DROP COLUMN ");
    furrow__sql_identifier(&p->text, change->name);
    note_statement(p, g, change);
    furrow__plan_apply(p, change);
}

static void alter_column(planner *p, group *g, const furrow__change *change)
{
    g->needs_rebuild = true;
    if (change->alters == FURROW__ALTER_TYPE && !g->is_new) {
        const furrow__catalog_table *table = furrow__catalog_table_named(&p->now, change->table);
        const furrow__catalog_column *column =
            table ? furrow__catalog_column_named(table, change->name) : NULL;
        const char *value = NULL;
        if (column && change->backfill) {
            furrow__plan_altered_value(p, change);
            value = furrow__plan_take(p);
        } else if (column) {
            value = furrow__plan_conversion(p, change, &column->type, NULL);
        }
        if (column && !value && p->status == FURROW_OK) {
            furrow__plan_not_converted(p, change);
            return;
        }
        furrow__sql_identifier(&p->text, change->name);
        const char *as_it_is = furrow__plan_take(p);
        g->converts |= value && as_it_is && strcmp(value, as_it_is) != 0;
        if (value && furrow__catalog_column_named(g->before, change->name))
            note_source(p, g, change->name, value);
        g->adds = true;
    }
    furrow__plan_apply(p, change);
}

static void change_index(planner *p, group *g, const furrow__change *change)
{
    furrow__catalog physical;
    if (change->kind != FURROW__CREATE_INDEX) {
        furrow__buffer_add_text(&p->text, "DROP INDEX ");
        furrow__sql_identifier(&p->text, change->name);
        note_statement(p, g, change);
    }
    furrow__plan_apply(p, change);
    if (change->kind == FURROW__DROP_INDEX || g->is_new)
        return;
    const furrow__catalog_table *table = furrow__plan_lower(p, g->name, &physical);
    const furrow__catalog_index *index =
        table ? furrow__catalog_index_named(table, change->kind == FURROW__CREATE_INDEX
                                                       ? change->index.name
                                                       : change->new_name)
              : NULL;
    if (!index)
        return;
    furrow__physical_write_index(&p->text, &physical, table, index);
    note_statement(p, g, change);
}

static void drop_table(planner *p, const furrow__change *change)
{
    group *g = find_group(p, change->table);
    furrow__catalog physical;
    if (g && g->is_new)
        furrow__plan_flush(p);
    g = find_group(p, change->table);
    const furrow__catalog_table *before = furrow__plan_lower(p, change->table, &physical);
    if (g) { /* if the table is dropped, its deferred changes are not made */
        g->change_count = 0;
        g->is_new = false;
    } else {
        g = add_group(p, change->table);
    }
    furrow__plan_apply(p, change);
    if (!g)
        return;
    g->goes = true;
    g->before = before;
    note_change(p, g, change);
}

/* Renames the table to a temporary name first. SQLite ignores case in names, so it would reject a
 * new name that differs from the old name only in case. */
static furrow__table_name rename_away(planner *p, const furrow__change *change)
{
    furrow__table_name between = {change->table.schema, NULL};
    furrow__buffer_format(&p->text, "furrow_rename_%s", change->new_name);
    between.name = furrow__plan_take(p);
    if (!between.name)
        return change->table;
    add_table(p, "ALTER TABLE ", change->table);
    furrow__buffer_add_text(&p->text, "\n    RENAME TO ");
    furrow__write_table_name(&p->text, p->dialect, between);
    furrow__plan_statement(p, change);
    return between;
}

static void rename_something(planner *p, const furrow__change *change)
{
    bool is_table = change->kind == FURROW__RENAME_TABLE;
    furrow__table_name from = change->table;
    furrow__plan_flush(p);
    furrow__plan_apply(p, change);
    if (is_table && p->status == FURROW_OK &&
        furrow__names_are_equal_in_any_case(change->table.name, change->new_name))
        from = rename_away(p, change);
    add_table(p, "ALTER TABLE ", from);
    furrow__buffer_add_text(&p->text, is_table ? "\n    RENAME" : "\n    RENAME COLUMN ");
    if (!is_table)
        furrow__sql_identifier(&p->text, change->name);
    furrow__buffer_add_text(&p->text, " TO ");
    if (is_table)
        furrow__write_table_name(&p->text, p->dialect,
                                 (furrow__table_name){change->table.schema, change->new_name});
    else
        furrow__sql_identifier(&p->text, change->new_name);
    furrow__plan_statement(p, change);
}

static void create_table(planner *p, const furrow__change *change)
{
    if (name_waits(p, change->table.name, NULL))
        furrow__plan_flush(p);
    furrow__plan_apply(p, change);
    group *g = p->status == FURROW_OK ? add_group(p, change->table) : NULL;
    if (!g)
        return;
    g->is_new = true;
    note_change(p, g, change);
}

/* Notes the conversion of each column whose values get another form. */
static void convert_to_form(planner *p, group *g, const furrow__catalog_table *logical)
{
    for (size_t i = 0; i < logical->column_count && p->status == FURROW_OK; i++) {
        const furrow__catalog_column *column = &logical->columns[i];
        bool converts = furrow__sqlite_write_stored(p, column);
        const char *stored = furrow__plan_take(p);
        if (converts)
            note_source(p, g, column->name, stored);
    }
}

static bool has_floats(const furrow__catalog_table *logical)
{
    for (size_t i = 0; i < logical->column_count; i++)
        if (!logical->columns[i].type.native && logical->columns[i].type.type == FURROW_TYPE_FLOAT)
            return true;
    return false;
}

/* Returns a table and its indexes as text. */
static const char *whole_text(planner *p, const furrow__catalog *physical,
                              const furrow__catalog_table *table)
{
    furrow__physical_write_table(&p->text, physical, table, NULL);
    for (size_t i = 0; i < table->index_count; i++)
        furrow__physical_write_index(&p->text, physical, table, &table->indexes[i]);
    return furrow__plan_take(p);
}

/* Plans a change of the storage version for one table. The table is rebuilt if its definition
 * changes, or if it has values to convert. p->now already has the new version. */
static void set_storage_of(planner *p, const furrow__change *change, int before,
                           const furrow__catalog_table *logical)
{
    furrow__catalog physical;
    const furrow__catalog_table *now = furrow__plan_lower(p, logical->name, &physical);
    const char *now_text = now ? whole_text(p, &physical, now) : NULL;
    p->now.storage = before;
    const furrow__catalog_table *was = furrow__plan_lower(p, logical->name, &physical);
    const char *was_text = was ? whole_text(p, &physical, was) : NULL;
    bool converts = change->storage > before && has_floats(logical);
    bool changes = was_text && now_text && (converts || strcmp(was_text, now_text) != 0);
    group *g = changes ? group_of(p, logical->name) : NULL;
    p->now.storage = change->storage;
    if (!g)
        return;
    note_change(p, g, change);
    g->needs_rebuild = g->converts = true;
    if (change->storage > before) {
        furrow__sqlite_ask_storage(p, change, was, now);
        convert_to_form(p, g, logical);
    }
}

static void set_storage(planner *p, const furrow__change *change)
{
    int before = p->now.storage;
    furrow__plan_apply(p, change);
    for (size_t i = 0; i < p->now.count && p->status == FURROW_OK; i++)
        set_storage_of(p, change, before, p->now.tables[i]);
}

static furrow__table_name table_of(planner *p, const furrow__change *change)
{
    furrow__catalog_table *table = NULL;
    if (change->kind != FURROW__DROP_INDEX && change->kind != FURROW__RENAME_INDEX)
        return change->table;
    furrow__catalog_find_index(&p->now, (furrow__table_name){change->table.schema, change->name},
                               &table);
    if (!table && p->status == FURROW_OK)
        p->status = furrow__fail(p->error, FURROW_INVALID, "there is no index %s",
                                 FURROW__QUOTED(change->name));
    return table ? table->name : change->table;
}

/* Returns whether the expression of the change may read a column that a deferred change of the
 * group adds or converts. A rebuild reads all columns as they were before it. */
static bool reads_deferred(const planner *p, const group *g, const furrow__change *change)
{
    if (!change->backfill || !g->adds)
        return false;
    if (p->now.storage < FURROW__STORAGE_FORMS) /* furrow.sum has the hash of the statements with
                                                   separate rebuilds */
        return true;
    const furrow__catalog_table *now = furrow__catalog_table_named(&p->now, g->name);
    for (size_t i = 0; now && i < now->column_count; i++) {
        const char *name = now->columns[i].name;
        if (!furrow__catalog_column_named(g->before, name) &&
            furrow__text_mentions(change->backfill, name, FURROW__SCAN_FURROW))
            return true;
    }
    for (const source *s = g->sources; s; s = s->next)
        if (furrow__text_mentions(change->backfill, s->column, FURROW__SCAN_FURROW))
            return true;
    return false;
}

/* Returns whether the change converts a column that a deferred change of the group has already
 * converted. The second conversion reads the result of the first one. */
static bool converts_again(planner *p, const group *g, const furrow__change *change)
{
    if (change->kind != FURROW__ALTER_COLUMN || change->alters != FURROW__ALTER_TYPE)
        return false;
    furrow__sql_identifier(&p->text, change->name);
    const char *as_it_is = furrow__plan_take(p);
    for (const source *s = g->sources; s && as_it_is; s = s->next)
        if (strcmp(s->column, change->name) == 0 && strcmp(s->sql, as_it_is) != 0)
            return true;
    return false;
}

static void plan_change(planner *p, const furrow__change *change)
{
    const char *taken = change->kind == FURROW__CREATE_INDEX   ? change->index.name
                        : change->kind == FURROW__RENAME_INDEX ? change->new_name
                                                               : NULL;
    if (change->kind == FURROW__CREATE_TABLE) {
        create_table(p, change);
        return;
    }
    if (change->kind == FURROW__DROP_TABLE) {
        drop_table(p, change);
        return;
    }
    if (change->kind == FURROW__RENAME_TABLE || change->kind == FURROW__RENAME_COLUMN) {
        rename_something(p, change);
        return;
    }
    if (change->kind == FURROW__SET_STORAGE) {
        set_storage(p, change);
        return;
    }
    furrow__table_name name = table_of(p, change);
    group *g = p->status == FURROW_OK ? group_of(p, name) : NULL;
    /* This change must wait until the deferred changes are planned in four cases: it calculates
     * values from columns that do not exist yet or have other values by then, it converts a column
     * that was converted before, it uses a name that is not free yet, or it adds a column with the
     * name of a dropped column. */
    bool waits = g && ((change->backfill && g->is_new) || reads_deferred(p, g, change) ||
                       converts_again(p, g, change));
    if (g && taken && !waits)
        waits = name_waits(p, taken, g);
    /* A column that was dropped and is added again does not keep its values. */
    if (g && change->kind == FURROW__ADD_COLUMN && g->before)
        waits |= furrow__sqlite_column_named(g->before, change->column.name) != NULL;
    if (waits) {
        furrow__plan_flush(p);
        g = group_of(p, name);
    }
    if (!g)
        return;
    note_change(p, g, change);
    switch (change->kind) {
    case FURROW__ADD_COLUMN:
        add_column(p, g, change);
        break;
    case FURROW__DROP_COLUMN:
        drop_column(p, g, change);
        break;
    case FURROW__ALTER_COLUMN:
        alter_column(p, g, change);
        break;
    case FURROW__CREATE_INDEX:
    case FURROW__DROP_INDEX:
    case FURROW__RENAME_INDEX:
        change_index(p, g, change);
        break;
    default:
        g->needs_rebuild = true;
        furrow__plan_apply(p, change);
    }
}

const struct furrow__plan_dialect furrow__sqlite_plan = {
    .change = plan_change,
    .flush = flush,
    .write_conversion = furrow__sqlite_write_conversion,
    .write_misfits = furrow__sqlite_write_misfits,
    .floats_hold_doubles = true,
    .not_integer_before = "(SELECT CAST(CAST(v AS INTEGER) AS TEXT) <> v FROM (SELECT ",
    .not_integer_after = " AS v))",
    .text_before = "",
    .text_after = "",
    .double_type = "REAL",
    .integer_type = "INTEGER",
    .infinity = "9e999",
};
