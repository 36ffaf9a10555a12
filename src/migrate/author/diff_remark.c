/* SPDX-License-Identifier: MIT
 *
 * Adds comments above generated changes that can fail because of existing rows, or that a person
 * must complete. Models describe only the new schema, so a generated revision cannot know what
 * should happen to the rows.
 */
#include <string.h>

#include "base/text.h"
#include "migrate/author/diff_parts.h"
#include "migrate/plan/plan.h"

typedef struct remarker {
    furrow__change_list *changes;
    furrow__catalog now;
    furrow_arena *arena;
    furrow_error *error;
    furrow__buffer text; /* the comment being written */
    bool is_downgrade, out_of_memory;
} remarker;

/* Appends the contents of r->text to the comment of the change. */
static void add_remark(remarker *r, furrow__change *change)
{
    furrow__buffer all = {0};
    if (r->text.size && change->comment)
        furrow__buffer_format(&all, "%s\n", change->comment);
    furrow__buffer_add(&all, r->text.text, r->text.size);
    const char *text = r->text.size ? furrow__buffer_text(&all) : NULL;
    const char *copy = text ? furrow__arena_text(r->arena, text, all.size) : NULL;
    if (copy)
        change->comment = copy;
    r->out_of_memory |= r->text.failed || (r->text.size && !copy);
    furrow__buffer_done(&all);
    furrow__buffer_clear(&r->text);
}

static bool has_value(const furrow__catalog_type *type, const char *value)
{
    return furrow__names_have((const char *const *)type->values, type->value_count, value);
}

/* Writes "UPDATE t SET e = 'new' WHERE e = 'old';". */
static void write_update(remarker *r, const furrow__change *change, const char *old,
                         const char *new)
{
    furrow__buffer_add_text(&r->text, "\n    UPDATE ");
    furrow__catalog_write_table_name(&r->text, change->table);
    furrow__buffer_add_text(&r->text, " SET ");
    furrow__catalog_write_name(&r->text, change->name);
    furrow__buffer_add_text(&r->text, " = ");
    furrow__sql_literal(&r->text, new);
    furrow__buffer_add_text(&r->text, " WHERE ");
    furrow__catalog_write_name(&r->text, change->name);
    furrow__buffer_add_text(&r->text, " = ");
    furrow__sql_literal(&r->text, old);
    furrow__buffer_add_char(&r->text, ';');
}

/* Suggests how to keep rows that have a removed enum value. The old type lacks the replacement of
 * the value, and the new type lacks the value itself. The rows therefore cannot simply be updated
 * before or after the change. */
static void remark_on_values(remarker *r, furrow__change *change, const furrow__catalog_type *from)
{
    const furrow__catalog_type *to = &change->column.type;
    const char *gone = NULL, *came = to->value_count ? to->values[0] : NULL;
    for (size_t i = 0; i < from->value_count && !gone; i++)
        gone = has_value(to, from->values[i]) ? NULL : from->values[i];
    for (size_t i = to->value_count; i > 0; i--)
        if (!has_value(from, to->values[i - 1]))
            came = to->values[i - 1];
    if (!gone || !came)
        return;
    furrow__buffer_add_text(&r->text, "fails if rows have ");
    furrow__sql_literal(&r->text, gone);
    furrow__buffer_add_text(&r->text, "; to keep these rows with another value, write above this "
                                      "statement\n    ALTER TABLE ");
    furrow__catalog_write_table_name(&r->text, change->table);
    furrow__buffer_add_text(&r->text, " ALTER COLUMN ");
    furrow__catalog_write_name(&r->text, change->name);
    furrow__buffer_add_text(&r->text, " TYPE ENUM (");
    for (size_t i = 0; i < to->value_count; i++) {
        furrow__sql_literal(&r->text, to->values[i]);
        furrow__buffer_add_text(&r->text, ", ");
    }
    for (size_t i = 0, count = 0; i < from->value_count; i++)
        if (!has_value(to, from->values[i])) {
            furrow__buffer_add_text(&r->text, count++ ? ", " : "");
            furrow__sql_literal(&r->text, from->values[i]);
        }
    furrow__buffer_add_text(&r->text, ");");
    for (size_t i = 0; i < from->value_count; i++)
        if (!has_value(to, from->values[i]))
            write_update(r, change, from->values[i], came);
    add_remark(r, change);
}

static furrow_status remark_on_type(remarker *r, furrow__change *change)
{
    furrow_arena arena = {0};
    furrow_error error = {0};
    furrow_status status = FURROW_OK;
    const furrow__catalog_table *table = furrow__catalog_table_named(&r->now, change->table);
    const furrow__catalog_column *column =
        table ? furrow__catalog_column_named(table, change->name) : NULL;
    if (!column || change->backfill)
        return FURROW_OK;
    if (column->type.type == FURROW_TYPE_ENUM && change->column.type.type == FURROW_TYPE_ENUM) {
        if (!r->is_downgrade)
            remark_on_values(r, change, &column->type);
        return FURROW_OK;
    }
    for (size_t i = 0; i < FURROW__DIALECT_COUNT && status == FURROW_OK; i++) {
        furrow__change_list one = {.arena = &arena, .items = change, .count = 1};
        furrow__plan plan;
        status = furrow__plan_make(&plan, &(furrow__plan_input){furrow__dialects[i], &r->now, &one},
                                   &arena, &error);
    }
    if (status == FURROW_INVALID) {
        change->unfinished = "values cannot be converted automatically: write USING (expression) "
                             "before the semicolon";
        furrow__buffer_format(&r->text, "TODO: %s", change->unfinished);
        add_remark(r, change);
        status = FURROW_OK;
    }
    furrow__arena_done(&arena);
    if (status == FURROW_NOMEM)
        r->out_of_memory = true;
    return FURROW_OK;
}

static void remark_on_column(remarker *r, furrow__change *change)
{
    const furrow__catalog_column *column = &change->column;
    if (column->nullable || column->default_ || change->backfill || column->assigned)
        return;
    furrow__buffer_add_text(
        &r->text, r->is_downgrade ? "fails if the table has rows: they need a value; write USING "
                                    "(expression)"
                                  : "existing rows need a value: write USING (");
    if (!r->is_downgrade) {
        const char *value = furrow__neutral_value(column, r->arena);
        r->out_of_memory |= !value && column->type.type == FURROW_TYPE_ENUM;
        furrow__buffer_add_text(&r->text, value ? value : "expression");
        furrow__buffer_add_text(&r->text, ") before the semicolon");
    } else {
        furrow__buffer_add_text(&r->text, " before the semicolon");
    }
    add_remark(r, change);
}

static bool came_from(const furrow__catalog_table *table, furrow__table_name old)
{
    const char *from = table->renamed_from ? table->renamed_from : table->name.name;
    size_t schema = old.schema ? strlen(old.schema) : 0;
    bool same_schema =
        table->name.schema == old.schema ||
        (table->name.schema && old.schema && strcmp(table->name.schema, old.schema) == 0);
    if (same_schema)
        return false;
    if (strcmp(from, old.name) == 0)
        return true;
    return schema && strncmp(from, old.schema, schema) == 0 && from[schema] == '.' &&
           strcmp(from + schema + 1, old.name) == 0;
}

static void remark_on_table(remarker *r, furrow__change *change)
{
    for (size_t i = 0; i < r->changes->count; i++) {
        const furrow__change *other = &r->changes->items[i];
        if (other->kind != FURROW__CREATE_TABLE || !came_from(other->new_table, change->table))
            continue;
        furrow__buffer_add_text(
            &r->text, "a table cannot move to another schema: its rows are lost here, and ");
        furrow__catalog_write_table_name(&r->text, other->new_table->name);
        furrow__buffer_add_text(&r->text, " is created empty");
        add_remark(r, change);
        return;
    }
}

furrow_status furrow__diff_remark(furrow__change_list *changes, const furrow__catalog *before,
                                  bool is_downgrade, furrow_arena *arena, furrow_error *error)
{
    remarker r = {.changes = changes, .arena = arena, .error = error, .is_downgrade = is_downgrade};
    furrow_status status = furrow__catalog_copy(&r.now, before, arena, error);
    for (size_t i = 0; i < changes->count && status == FURROW_OK; i++) {
        furrow__change *change = &changes->items[i];
        if (change->kind == FURROW__ALTER_COLUMN && change->alters == FURROW__ALTER_TYPE)
            status = remark_on_type(&r, change);
        else if (change->kind == FURROW__ADD_COLUMN)
            remark_on_column(&r, change);
        else if (change->kind == FURROW__DROP_TABLE && !is_downgrade)
            remark_on_table(&r, change);
        if (status == FURROW_OK)
            status = furrow__change_apply(&r.now, change, error);
    }
    furrow__buffer_done(&r.text);
    if (status == FURROW_OK && r.out_of_memory)
        status = furrow__fail(error, FURROW_NOMEM, "out of memory");
    return status;
}
