/* SPDX-License-Identifier: MIT
 *
 * Completes errors, and writes bound values as text. No other file shows bound values. They are
 * shown only to a trace with `.trace_values`. */
#include <inttypes.h>
#include <stdio.h>

#include "base/real.h"
#include "base/violation.h"
#include "runtime/session/explain.h"
#include "schema/expression.h"
#include "schema/name.h"

enum { DESCRIPTION_SIZE = 1024 };

static void describe_value(furrow__buffer *out, const furrow_value *v)
{
    char text[64] = "";
    switch (v->type) {
    case FURROW_TYPE_NULL:
        furrow__buffer_add_text(out, "NULL");
        return;
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_JSON:
        furrow__sql_literal(out, v->as.text ? v->as.text : "");
        return;
    case FURROW_TYPE_BLOB:
        furrow__buffer_format(out, "<%zu bytes>", v->as.blob.size);
        return;
    case FURROW_TYPE_FLOAT:
    case FURROW_TYPE_DOUBLE:
        furrow__real_format(v->as.real, text, sizeof text);
        break;
    case FURROW_TYPE_TIME:
        furrow_time_format(v->as.time, text, sizeof text);
        break;
    case FURROW_TYPE_DATE:
        furrow_date_format(v->as.date, text, sizeof text);
        break;
    case FURROW_TYPE_UUID:
        furrow_uuid_format(v->as.uuid, text, sizeof text);
        break;
    case FURROW_TYPE_DECIMAL:
        furrow_decimal_format(v->as.decimal, text, sizeof text);
        break;
    default:
        furrow__buffer_format(out, "%" PRId64, v->as.integer);
        return;
    }
    furrow__buffer_add_text(out, text);
}

static const char *finish(furrow_session *s, furrow__buffer *out)
{
    const char *text = NULL;
    if (!out->failed)
        text = furrow__arena_text(
            &s->scratch, furrow__buffer_text(out),
            furrow__utf8_cut(furrow__buffer_text(out),
                             out->size < DESCRIPTION_SIZE ? out->size : DESCRIPTION_SIZE));
    furrow__buffer_done(out);
    return text;
}

const char *furrow__describe_values(furrow_session *s, const furrow_value *values, size_t count)
{
    furrow__buffer out = {0};
    for (size_t i = 0; i < count && out.size < DESCRIPTION_SIZE; i++) {
        furrow__buffer_add_text(&out, i ? ", " : "");
        describe_value(&out, &values[i]);
    }
    return finish(s, &out);
}

const char *furrow__describe_binds(furrow_session *s, const furrow__bind *binds, size_t count)
{
    furrow__buffer out = {0};
    for (size_t i = 0; i < count && out.size < DESCRIPTION_SIZE; i++) {
        furrow__buffer_add_text(&out, i ? ", " : "");
        if (binds[i].is_array)
            furrow__buffer_format(&out, "<array of %zu>", binds[i].value.as.blob.size);
        else
            describe_value(&out, &binds[i].value);
    }
    return finish(s, &out);
}

const char *furrow__describe_row(furrow_session *s, const furrow_column *const *columns,
                                 size_t count, const void *row)
{
    furrow__buffer out = {0};
    for (size_t i = 0; i < count && out.size < DESCRIPTION_SIZE; i++) {
        furrow_value value = furrow__row_value(columns[i], row);
        furrow__buffer_add_text(&out, i ? ", " : "");
        describe_value(&out, &value);
    }
    return finish(s, &out);
}

static void add_columns(furrow_error *error, const furrow_model *model, const uint16_t *columns,
                        size_t count)
{
    size_t used = 0;
    for (size_t i = 0; i < count && used < sizeof error->column; i++) {
        int added = snprintf(error->column + used, sizeof error->column - used, "%s%s",
                             i ? ", " : "", model->columns[columns[i]].name);
        used += added > 0 ? (size_t)added : 0;
    }
}

/* Adds the columns of the model's constraint that the error names. */
static void name_columns(furrow_error *error, const furrow_model *model)
{
    for (size_t i = 0; i < model->index_count; i++)
        if (strcmp(model->indexes[i].name, error->constraint) == 0)
            add_columns(error, model, model->indexes[i].columns, model->indexes[i].count);
    for (size_t i = 0; i < model->foreign_key_count; i++)
        if (strcmp(model->foreign_keys[i].name, error->constraint) == 0)
            add_columns(error, model, model->foreign_keys[i].columns, model->foreign_keys[i].count);
}

/* Returns whether a constraint is one of a column's own checks, whose names src/sql generates. */
static bool is_check_of(const furrow_column *column, const char *constraint)
{
    static const char *const parts[] = {NULL,         "range", "enum", "min_length",
                                        "max_length", "size",  "bool", "width",
                                        "time",       "date",  "uuid", "json"};
    char name[FURROW__NAME_SIZE];
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        furrow__constraint_name(name, column->model,
                                &(furrow__constraint_parts){&column->index, 1, parts[i], "check"});
        if (strcmp(name, constraint) == 0)
            return true;
    }
    return false;
}

/* The columns that occur in an expression, each once, in the order of their first occurrence. Only
 * as many columns are listed as the error's string can hold. */
typedef struct mentioned {
    uint16_t columns[64];
    size_t count;
} mentioned;

static void find_mentioned(mentioned *found, const furrow__expression *e)
{
    if (e->kind == FURROW__EXPRESSION_COLUMN) {
        for (size_t i = 0; i < found->count; i++)
            if (found->columns[i] == e->column->index)
                return;
        if (found->count < sizeof found->columns / sizeof *found->columns)
            found->columns[found->count++] = e->column->index;
    }
    for (size_t i = 0; i < e->argument_count;
         i++) /* the parser limits the depth of this recursion */
        find_mentioned(found, e->arguments[i]);
}

/* If an error names a check of the model, adds the check's columns, in the same order on every
 * engine. If the model has no such check, or when out of memory, the columns that the driver
 * reported remain. */
static void name_check_columns(furrow_session *s, furrow_error *error, const furrow_model *model)
{
    for (size_t i = 0; i < model->check_count; i++) {
        if (strcmp(model->checks[i].name, error->constraint) != 0)
            continue;
        mentioned found = {.count = 0};
        furrow__expression_error ignored;
        const furrow__expression_scope scope = furrow__model_scope(model);
        const furrow__expression_source source = {.text = model->checks[i].expression,
                                                  .scope = &scope,
                                                  .use = FURROW__EXPRESSION_FOR_CHECK};
        const furrow__expression *parsed = furrow__expression_parse(&source, &s->scratch, &ignored);
        if (!parsed)
            return;
        find_mentioned(&found, parsed);
        error->column[0] = '\0';
        add_columns(error, model, found.columns, found.count);
        return;
    }
    for (uint16_t i = 0; i < model->column_count; i++)
        if (is_check_of(&model->columns[i], error->constraint)) {
            furrow__copy_text(error->column, sizeof error->column, model->columns[i].name);
            return;
        }
}

/* Returns whether a table's name in an error is the name of the model's table. SQLite has no
 * schemas: on SQLite the name of the table contains the name of the schema. */
static bool is_table_of(const furrow_model *model, const char *table)
{
    size_t size = model->schema ? strlen(model->schema) : 0;
    return strcmp(table, model->table) == 0 ||
           (size && strncmp(table, model->schema, size) == 0 && table[size] == '.' &&
            strcmp(table + size + 1, model->table) == 0);
}

/* Rewrites the error of a violated foreign key of the model with the names in the model. If a name
 * contains commas, quotes or parentheses, an engine's message does not show where the name ends. */
static void name_foreign_key(furrow_error *error, const furrow_model *model)
{
    for (size_t i = 0; i < model->foreign_key_count; i++) {
        const furrow_foreign_key *key = &model->foreign_keys[i];
        const char *columns[FURROW__MAX_COLUMNS];
        if (strcmp(key->name, error->constraint) != 0 || key->target == model ||
            key->target->schema || strcmp(error->table, model->table) != 0)
            continue;
        for (uint16_t k = 0; k < key->count; k++)
            columns[k] = model->columns[key->columns[k]].name;
        furrow_error named = {0};
        furrow__violation_missing(
            &named, &(furrow__broken_constraint){key->name, model->table, columns, key->count},
            key->target->table);
        furrow__copy_text(error->message, sizeof error->message, named.message);
        furrow__copy_text(error->column, sizeof error->column, named.column);
    }
}

/* A key of 0 is left out of an INSERT. */
static void hint_at_key(furrow_error *error, const furrow_model *model)
{
    const furrow_column *key = &model->columns[model->assigned];
    if (is_table_of(model, error->table) && strcmp(error->column, key->name) == 0)
        furrow__hint(error,
                     "the database does not assign keys to this table, so a key of 0 is refused: "
                     "set %s in the program",
                     FURROW__QUOTED(key->name));
}

static void name_keys_table(furrow_error *error, const furrow_model *model)
{
    furrow_error named;
    furrow__violation_keys(&named, model->table);
    furrow__copy_text(error->message, sizeof error->message, named.message);
    furrow__copy_text(error->table, sizeof error->table, named.table);
}

/* A database that does not have the table or the column reports the alias that the statement
 * contains: t0 is the table of the model. Other aliases mean nothing to the program. */
static void name_missing_table(furrow_error *error, const furrow_model *model)
{
    const char *table = error->table;
    bool is_alias = table[0] == 't' && table[1] && !table[1 + strspn(table + 1, "0123456789")];
    if (!table[0] || strcmp(table, "t0") == 0)
        furrow__copy_text(error->table, sizeof error->table, model->table);
    else if (is_alias && !is_table_of(model, table))
        error->table[0] = '\0';
}

void furrow__explain_failure(furrow_session *s, const furrow_model *model, const void *row,
                             furrow_error *error)
{
    if (!model || !model->table)
        return;
    bool of_data = error->status == FURROW_UNIQUE || error->status == FURROW_FOREIGN_KEY ||
                   error->status == FURROW_NOT_NULL || error->status == FURROW_CHECK;
    bool is_elsewhere = of_data && error->table[0] && !is_table_of(model, error->table);
    if (((error->status == FURROW_FOREIGN_KEY && !error->constraint[0]) || is_elsewhere) &&
        s->driver->explain_violation && s->pooled->connection->in_transaction)
        s->driver->explain_violation(s->pooled->connection, model, row, error);
    if (of_data && !error->table[0])
        furrow__copy_text(error->table, sizeof error->table, model->table);
    if (error->status == FURROW_SCHEMA)
        name_missing_table(error, model);
    if (of_data && !error->column[0] && error->constraint[0] &&
        strcmp(error->table, model->table) == 0)
        name_columns(error, model);
    if (error->status == FURROW_FOREIGN_KEY && error->constraint[0])
        name_foreign_key(error, model);
    if (error->status == FURROW_CHECK && error->constraint[0] && is_table_of(model, error->table))
        name_check_columns(s, error, model);
    if (error->status == FURROW_NOT_NULL && model->assigned != FURROW_NO_COLUMN)
        hint_at_key(error, model);
    if (error->status == FURROW_DATABASE && s->pooled && s->pooled->connection->keys_used_up)
        name_keys_table(error, model);
}
