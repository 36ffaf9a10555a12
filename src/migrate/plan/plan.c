/* SPDX-License-Identifier: MIT
 *
 * Makes plans: turns changes into the actions of an engine. Each change is applied to a copy of the
 * schema. The next change is then planned for the schema that it will find.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "migrate/plan/dialect.h"
#include "sql/expression_sql.h"

void furrow__plan_no_memory(furrow__planner *p)
{
    if (p->status == FURROW_OK)
        p->status = furrow__fail(p->error, FURROW_NOMEM, "out of memory");
}

const char *furrow__plan_take(furrow__planner *p)
{
    const char *text = furrow__buffer_text(&p->text);
    const char *copy = text ? furrow__arena_text(p->arena, text, p->text.size) : NULL;
    if (!copy)
        furrow__plan_no_memory(p);
    furrow__buffer_clear(&p->text);
    return copy;
}

void *furrow__plan_room(furrow__planner *p, void *items, size_t count, size_t *capacity,
                        size_t size)
{
    void *moved = furrow__arena_room(p->arena, items, count, capacity, size);
    if (!moved)
        furrow__plan_no_memory(p);
    return moved;
}

furrow__action *furrow__plan_add(furrow__planner *p, furrow__action_kind kind,
                                 const furrow__change *change)
{
    furrow__action *actions =
        p->status == FURROW_OK
            ? furrow__plan_room(p, p->actions, p->out->count, &p->action_capacity, sizeof *actions)
            : NULL;
    if (!actions)
        return NULL;
    p->out->actions = p->actions = actions;
    actions[p->out->count] = (furrow__action){.kind = kind};
    if (change)
        actions[p->out->count].place = change->place;
    return &actions[p->out->count++];
}

void furrow__plan_statement(furrow__planner *p, const furrow__change *change)
{
    const char *sql = furrow__plan_take(p);
    furrow__action *action = sql ? furrow__plan_add(p, FURROW__ACTION_STATEMENT, change) : NULL;
    if (!action)
        return;
    action->sql = sql;
    if (change && change->kind != FURROW__ENGINE && change->kind != FURROW__RENAME_TABLE)
        action->table = change->table;
}

void furrow__plan_apply(furrow__planner *p, const furrow__change *change)
{
    if (p->status == FURROW_OK)
        p->status = furrow__change_apply(&p->now, change, p->error);
}

const furrow__catalog_table *furrow__plan_lower(furrow__planner *p, furrow__table_name name,
                                                furrow__catalog *physical)
{
    furrow__catalog_table *table = furrow__catalog_table_named(&p->now, name);
    furrow__catalog one = {
        .arena = p->arena, .storage = p->now.storage, .tables = &table, .count = 1, .capacity = 1};
    furrow__catalog_init(physical, p->dialect, p->arena);
    if (p->status != FURROW_OK || !table)
        return NULL;
    p->status = furrow__catalog_lower(physical, &one, p->dialect, p->arena, p->error);
    return p->status == FURROW_OK ? physical->tables[0] : NULL;
}

static const furrow__expression_scope *scope_of(furrow__planner *p, furrow__table_name name)
{
    const furrow__catalog_table *table = furrow__catalog_table_named(&p->now, name);
    const furrow__expression_scope *scope = table ? furrow__catalog_scope(table, p->arena) : NULL;
    if (table && !scope)
        furrow__plan_no_memory(p);
    if (!table && p->status == FURROW_OK)
        p->status = furrow__fail(p->error, FURROW_INVALID, "there is no table %s",
                                 FURROW__QUOTED(name.name));
    return scope;
}

void furrow__plan_write_expression(furrow__planner *p, const furrow__expression *parsed,
                                   const furrow_column *to)
{
    if (p->now.storage < FURROW__STORAGE_FORMS)
        furrow__sql_expression(&p->text, p->dialect, parsed, to);
    else
        furrow__sql_exact_expression(&p->text, p->dialect, parsed, to);
}

void furrow__plan_expression(furrow__planner *p, furrow__table_name table, const char *text,
                             furrow__expression_use use)
{
    const furrow__expression_source source = {.text = text,
                                              .scope = p->status == FURROW_OK ? scope_of(p, table)
                                                                              : NULL,
                                              .use = use,
                                              .is_statement = true};
    if (!source.scope)
        return;
    const furrow__expression *parsed =
        furrow__catalog_parse(&source, "expression", p->arena, p->error);
    if (parsed)
        furrow__plan_write_expression(p, parsed, NULL);
    else
        p->status = p->error->status;
}

void furrow__plan_value(furrow__planner *p, furrow__table_name over, const char *text,
                        furrow__table_name table, const char *column)
{
    const furrow__expression_scope *from = p->status == FURROW_OK ? scope_of(p, over) : NULL;
    const furrow__expression_scope *of = p->status == FURROW_OK ? scope_of(p, table) : NULL;
    const furrow_column *to = of ? of->find(of->context, column) : NULL;
    const furrow__expression_source source = {.text = text, .scope = from, .column = to};
    if (!from || !to)
        return;
    const furrow__expression *parsed =
        furrow__catalog_parse_value(&source, "value", p->arena, p->error);
    if (parsed)
        furrow__plan_write_expression(p, parsed, to);
    else
        p->status = p->error->status;
}

void furrow__plan_altered_value(furrow__planner *p, const furrow__change *change)
{
    const furrow__expression_scope *from =
        p->status == FURROW_OK ? scope_of(p, change->table) : NULL;
    furrow__catalog before = p->now;
    if (!from)
        return;
    if (furrow__catalog_copy(&p->now, &before, p->arena, p->error) != FURROW_OK) {
        p->now = before;
        furrow__plan_no_memory(p);
        return;
    }
    furrow__plan_apply(p, change);
    const furrow__expression_scope *of = p->status == FURROW_OK ? scope_of(p, change->table) : NULL;
    const furrow_column *to = of ? of->find(of->context, change->name) : NULL;
    p->now = before;
    const furrow__expression_source source = {
        .text = change->backfill, .scope = from, .column = to};
    const furrow__expression *parsed =
        to ? furrow__catalog_parse_value(&source, "value", p->arena, p->error) : NULL;
    if (parsed)
        furrow__plan_write_expression(p, parsed, to);
    else if (to)
        p->status = p->error->status;
}

static void note_rename(furrow__planner *p, const furrow__change *change)
{
    furrow__plan_rename *renames =
        furrow__plan_room(p, p->renames, p->rename_count, &p->rename_capacity, sizeof *renames);
    if (!renames)
        return;
    p->renames = renames;
    bool is_table = change->kind == FURROW__RENAME_TABLE;
    furrow__table_name name = change->table;
    if (is_table)
        name.name = change->new_name;
    renames[p->rename_count++] =
        (furrow__plan_rename){.table = name,
                              .column = is_table ? NULL : change->new_name,
                              .from = is_table ? change->table.name : change->name,
                              .to = change->new_name};
}

static void note_added(furrow__planner *p, const furrow__change *change)
{
    const furrow__catalog_table *table = furrow__catalog_table_named(&p->now, change->table);
    const furrow__catalog_column *column =
        table ? furrow__catalog_column_named(table, change->column.name) : NULL;
    furrow__plan_column *added =
        column ? furrow__plan_room(p, p->added, p->added_count, &p->added_capacity, sizeof *added)
               : NULL;
    if (!added)
        return;
    p->added = added;
    added[p->added_count++] =
        (furrow__plan_column){.table = change->table,
                              .name = change->column.name,
                              .renames = p->rename_count,
                              .is_constant = column->default_ && !change->backfill};
}

static void note_written(furrow__planner *p, furrow__table_name name)
{
    furrow__table_name *written =
        furrow__plan_room(p, p->written, p->written_count, &p->written_capacity, sizeof *written);
    if (!written)
        return;
    p->written = written;
    written[p->written_count++] = name;
}

const furrow__catalog_table *furrow__plan_original(const furrow__planner *p,
                                                   furrow__table_name name)
{
    for (size_t i = p->written_count; i > 0; i--)
        if (!p->written[i - 1].name || furrow__table_names_are_equal(p->written[i - 1], name))
            return NULL;
    for (size_t i = p->rename_count; i > 0; i--)
        if (!p->renames[i - 1].column &&
            furrow__table_names_are_equal(p->renames[i - 1].table, name))
            name.name = p->renames[i - 1].from;
    return furrow__catalog_table_named(p->before, name);
}

/* Whether the plan added a column with this name to a table with this name, after exactly `renames`
 * renames. */
static bool was_added(const furrow__planner *p, furrow__table_name table, const char *column,
                      size_t renames)
{
    for (size_t i = 0; i < p->added_count; i++)
        if (p->added[i].renames == renames && strcmp(p->added[i].name, column) == 0 &&
            furrow__table_names_are_equal(p->added[i].table, table))
            return true;
    return false;
}

const char *furrow__plan_original_column(const furrow__planner *p, furrow__table_name table,
                                         const char *column)
{
    const furrow__catalog_table *original = furrow__plan_original(p, table);
    bool added = was_added(p, table, column, p->rename_count);
    for (size_t i = p->rename_count; i > 0 && !added; i--) {
        const furrow__plan_rename *rename = &p->renames[i - 1];
        if (furrow__table_names_are_equal(rename->table, table)) {
            if (!rename->column)
                table.name = rename->from;
            else if (strcmp(rename->column, column) == 0)
                column = rename->from;
        }
        added = was_added(p, table, column, i - 1);
    }
    return original && !added && furrow__catalog_column_named(original, column) ? column : NULL;
}

void furrow__plan_flush(furrow__planner *p)
{
    if (p->dialect->plan->flush)
        p->dialect->plan->flush(p);
}

static void write_names(furrow__planner *p, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        furrow__buffer_add_text(&p->text, i ? ", " : "");
        furrow__sql_identifier(&p->text, names[i]);
    }
}

static void plan_insert(furrow__planner *p, const furrow__change *change)
{
    const furrow__data *data = change->data;
    bool select = data->kind == FURROW__DATA_INSERT_SELECT;
    furrow__buffer_add_text(&p->text, "INSERT INTO ");
    furrow__write_table_name(&p->text, p->dialect, change->table);
    furrow__buffer_add_text(&p->text, " (");
    write_names(p, data->columns, data->column_count);
    furrow__buffer_add_text(&p->text, select ? ") SELECT " : ") VALUES ");
    for (size_t i = 0; i < data->row_count * data->column_count; i++) {
        size_t at = i % data->column_count;
        furrow__buffer_add_text(&p->text, at ? ", " : i ? ", (" : select ? "" : "(");
        furrow__plan_value(p, select ? data->from : change->table, data->values[i], change->table,
                           data->columns[at]);
        if (!select && at + 1 == data->column_count)
            furrow__buffer_add_char(&p->text, ')');
    }
    if (select) {
        furrow__buffer_add_text(&p->text, " FROM ");
        furrow__write_table_name(&p->text, p->dialect, data->from);
    }
}

/* Adds checks of the values that a data statement calculates from rows. */
static void ask_data(furrow__planner *p, const furrow__change *change)
{
    const furrow__data *data = change->data;
    bool selects = data->kind == FURROW__DATA_INSERT_SELECT;
    if (data->kind != FURROW__DATA_UPDATE && !selects)
        return;
    for (size_t i = 0; i < data->column_count; i++)
        furrow__plan_ask_casts(p, change,
                               &(furrow__cast_source){selects ? data->from : change->table,
                                                      data->values[i], data->where});
}

static void plan_data(furrow__planner *p, const furrow__change *change)
{
    const furrow__data *data = change->data;
    ask_data(p, change);
    furrow__plan_flush(p);
    furrow__plan_apply(p, change);
    if (data->kind == FURROW__DATA_UPDATE) {
        furrow__buffer_add_text(&p->text, "UPDATE ");
        furrow__write_table_name(&p->text, p->dialect, change->table);
        for (size_t i = 0; i < data->column_count; i++) {
            furrow__buffer_add_text(&p->text, i ? ", " : " SET ");
            furrow__sql_identifier(&p->text, data->columns[i]);
            furrow__buffer_add_text(&p->text, " = ");
            furrow__plan_value(p, change->table, data->values[i], change->table, data->columns[i]);
        }
    } else if (data->kind == FURROW__DATA_DELETE) {
        furrow__buffer_add_text(&p->text, "DELETE FROM ");
        furrow__write_table_name(&p->text, p->dialect, change->table);
    } else {
        plan_insert(p, change);
    }
    if (data->where) {
        furrow__buffer_add_text(&p->text, " WHERE ");
        furrow__plan_expression(
            p, data->kind == FURROW__DATA_INSERT_SELECT ? data->from : change->table, data->where,
            FURROW__EXPRESSION_FOR_WHERE);
    }
    furrow__plan_statement(p, change);
    if (p->status == FURROW_OK)
        p->actions[p->out->count - 1].is_data = true;
    note_written(p, change->table);
}

static void plan_change(furrow__planner *p, const furrow__change *change);

static void plan_engine(furrow__planner *p, const furrow__change *change)
{
    const furrow__engine_text *text = NULL;
    for (size_t i = 0; i < change->engine_count; i++)
        if (change->engines[i].dialect == p->dialect)
            text = &change->engines[i];
    if (!text) {
        for (size_t i = 0; i < change->effect.count; i++)
            plan_change(p, &change->effect.items[i]);
        return;
    }
    furrow__plan_flush(p);
    furrow__plan_apply(p, change);
    for (size_t i = 0; i < text->count; i++) {
        furrow__buffer_add_text(&p->text, text->statements[i]);
        furrow__plan_statement(p, change);
        if (p->status == FURROW_OK)
            p->actions[p->out->count - 1].place = text->places[i];
    }
    /* SQL that is written for one engine can write to any table. */
    note_written(p, (furrow__table_name){NULL, NULL});
}

static void plan_change(furrow__planner *p, const furrow__change *change)
{
    if (p->status != FURROW_OK)
        return;
    if (change->kind == FURROW__ENGINE) {
        plan_engine(p, change);
        return;
    }
    if (change->kind == FURROW__DATA) {
        plan_data(p, change);
        return;
    }
    furrow__plan_ask(p, change);
    p->dialect->plan->change(p, change);
    if (change->kind == FURROW__RENAME_TABLE || change->kind == FURROW__RENAME_COLUMN)
        note_rename(p, change);
    if (change->kind == FURROW__ADD_COLUMN)
        note_added(p, change);
    if (change->kind == FURROW__CREATE_TABLE &&
        furrow__catalog_table_named(p->before, change->table))
        note_written(p, change->table); /* a table of this name was dropped before, with its rows */
    if (p->status != FURROW_OK && !p->failed.line)
        p->failed = change->place;
}

/* Plans a change of the storage version, unless the schema already has it. */
static void plan_storage(furrow__planner *p, const furrow__plan_input *input)
{
    furrow__change *change =
        furrow__arena_aligned(p->arena, sizeof *change, _Alignof(furrow__change));
    if (!change) {
        furrow__plan_no_memory(p);
        return;
    }
    *change = (furrow__change){.kind = FURROW__SET_STORAGE,
                               .storage = input->changes->storage,
                               .place = input->changes->storage_place};
    plan_change(p, change);
}

furrow_status furrow__plan_make(furrow__plan *out, const furrow__plan_input *input,
                                furrow_arena *arena, furrow_error *error)
{
    furrow_error own = {0};
    furrow__planner p = {.out = out,
                         .dialect = input->dialect,
                         .before = input->before,
                         .arena = arena,
                         .error = error ? error : &own};
    *out = (furrow__plan){.dialect = input->dialect};
    p.status = furrow__catalog_copy(&p.now, input->before, arena, p.error);
    if (input->changes->storage > input->before->storage)
        plan_storage(&p, input);
    for (size_t i = 0; i < input->changes->count && p.status == FURROW_OK; i++)
        plan_change(&p, &input->changes->items[i]);
    if (input->changes->storage && input->changes->storage < input->before->storage)
        plan_storage(&p, input);
    furrow__plan_flush(&p);
    furrow__buffer_done(&p.text);
    if (p.status != FURROW_OK)
        *out = (furrow__plan){.dialect = input->dialect, .failed = p.failed};
    return p.status;
}

/* Writes the indexes that a rebuild creates again. */
static void write_indexes(furrow__buffer *out, const furrow__plan *plan,
                          const furrow__action *action)
{
    furrow__catalog physical = {.dialect = plan->dialect};
    for (size_t i = 0; action->after && i < action->after->index_count; i++) {
        furrow__physical_write_index(out, &physical, action->after, &action->after->indexes[i]);
        furrow__buffer_add_text(out, ";\n");
    }
}

void furrow__plan_write(furrow__buffer *out, const furrow__plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        const furrow__action *action = &plan->actions[i];
        if (action->kind == FURROW__ACTION_REBUILD) {
            furrow__buffer_add_text(out, "-- rebuild ");
            furrow__catalog_write_table_name(out, action->table);
            furrow__buffer_add_text(out, " as\n");
        }
        furrow__buffer_add_text(out, action->sql);
        furrow__buffer_add_text(out, ";\n");
        for (size_t j = 0; j < action->column_count; j++)
            furrow__buffer_format(out, "--     %s = %s\n", action->columns[j].name,
                                  action->columns[j].source);
        if (action->kind == FURROW__ACTION_REBUILD)
            write_indexes(out, plan, action);
    }
}
