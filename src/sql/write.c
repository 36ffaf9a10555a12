/* SPDX-License-Identifier: MIT
 * Writes the parts that all statements consist of: quoted names, parameters, lists of columns,
 * binds. The text of a query is written for each call, so these functions append bytes instead of
 * using printf formats, which are slower. */
#include <string.h>

#include "base/text.h"
#include "sql/parts.h"

static void write_quoted(furrow__buffer *out, const char *text, size_t size, char quote)
{
    while (size) {
        const char *found = memchr(text, quote, size);
        if (!found) {
            furrow__buffer_add(out, text, size);
            return;
        }
        size_t through = (size_t)(found - text) + 1;
        furrow__buffer_add(out, text, through);
        furrow__buffer_add_char(out, quote);
        text += through;
        size -= through;
    }
}

void furrow__sql_identifier(furrow__buffer *out, const char *name)
{
    furrow__buffer_add_char(out, '"');
    write_quoted(out, name, strlen(name), '"');
    furrow__buffer_add_char(out, '"');
}

void furrow__sql_literal(furrow__buffer *out, const char *text)
{
    furrow__buffer_add_char(out, '\'');
    write_quoted(out, text, strlen(text), '\'');
    furrow__buffer_add_char(out, '\'');
}

void furrow__sql_table(furrow__buffer *out, const furrow__dialect *dialect,
                       const furrow_model *model)
{
    if (!model->schema) {
        furrow__sql_identifier(out, model->table);
    } else if (dialect->has_schemas) {
        furrow__sql_identifier(out, model->schema);
        furrow__buffer_add_char(out, '.');
        furrow__sql_identifier(out, model->table);
    } else {
        furrow__buffer_add_char(out, '"');
        write_quoted(out, model->schema, strlen(model->schema), '"');
        furrow__buffer_add_char(out, '.');
        write_quoted(out, model->table, strlen(model->table), '"');
        furrow__buffer_add_char(out, '"');
    }
}

uint32_t furrow__dialect_syntax(const furrow__dialect *dialect)
{
    return dialect->syntax;
}

const char *furrow__dialect_name(const furrow__dialect *dialect)
{
    return dialect->name;
}

bool furrow__dialect_has_rows(const furrow__dialect *dialect)
{
    return dialect->insert_rows != NULL;
}

bool furrow__dialect_has_unnest(const furrow__dialect *dialect)
{
    return dialect->insert_many != NULL;
}

bool furrow__dialect_changes_in_with(const furrow__dialect *dialect)
{
    return dialect->changes_in_with;
}

const char *furrow__dialect_explain(const furrow__dialect *dialect)
{
    return dialect->explain;
}

void furrow__write_integer(furrow__buffer *out, int64_t value)
{
    char digits[20];
    char *at = digits + sizeof digits;
    uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do {
        *--at = (char)('0' + magnitude % 10);
        magnitude /= 10;
    } while (magnitude);
    if (value < 0)
        *--at = '-';
    furrow__buffer_add(out, at, (size_t)(digits + sizeof digits - at));
}

void furrow__write_decimal(furrow__buffer *out, int64_t unscaled, int scale)
{
    char text[FURROW_DECIMAL_SIZE];
    furrow_decimal value = {.unscaled = unscaled, .scale = (int8_t)scale};
    furrow__buffer_add(out, text, furrow_decimal_format(value, text, sizeof text));
}

void furrow__write_parameter(furrow__buffer *out, const furrow__dialect *dialect, size_t number)
{
    furrow__buffer_add_char(out, dialect->parameter_sign);
    furrow__write_integer(out, (int64_t)number);
}

static void write_alias(furrow__buffer *out, int alias)
{
    furrow__buffer_add_char(out, 't');
    furrow__write_integer(out, alias);
}

void furrow__write_place(furrow__buffer *out, furrow__place place)
{
    if (place.text) {
        furrow__buffer_add_text(out, place.text);
        return;
    }
    if (place.alias != FURROW__NO_ALIAS) {
        write_alias(out, place.alias);
        furrow__buffer_add_char(out, '.');
    }
    furrow__sql_identifier(out, place.column->name);
}

void furrow__write_table_as(furrow__buffer *out, const furrow__dialect *dialect,
                            const furrow_model *model, int alias)
{
    furrow__sql_table(out, dialect, model);
    if (alias != FURROW__NO_ALIAS) {
        furrow__buffer_add(out, " AS ", 4);
        write_alias(out, alias);
    }
}

void furrow__write_columns(furrow__buffer *out, const furrow_column *const *columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i)
            furrow__buffer_add(out, ", ", 2);
        furrow__sql_identifier(out, columns[i]->name);
    }
}

void furrow__write_all_columns(furrow__buffer *out, const furrow_model *model, int alias)
{
    for (size_t i = 0; i < model->column_count; i++) {
        if (i)
            furrow__buffer_add(out, ", ", 2);
        furrow__write_place(out, furrow__place_of(&model->columns[i], alias));
    }
}

furrow__writer furrow__writer_start(furrow__sql *sql, const furrow__dialect *dialect,
                                    const furrow_model *model, furrow_error *error)
{
    furrow__buffer_clear(&sql->text);
    sql->bind_count = 0;
    return (furrow__writer){.sql = sql,
                            .dialect = dialect,
                            .model = model,
                            .error = error,
                            .last_alias = 0,
                            .alias = FURROW__NO_ALIAS};
}

furrow_status furrow__no_memory(furrow_error *error)
{
    return furrow__fail(error, FURROW_NOMEM, "out of memory");
}

furrow_status furrow__writer_end(furrow__writer *w)
{
    return w->sql->text.failed ? furrow__no_memory(w->error) : FURROW_OK;
}

bool furrow__value_is_null(const furrow_column *column, const furrow_value *value)
{
    switch (value->type) {
    case FURROW_TYPE_NULL:
        return value->problem != FURROW_VALUE_POINTER_;
    case FURROW_TYPE_TEXT:
    case FURROW_TYPE_JSON:
        return !value->as.text;
    case FURROW_TYPE_BLOB:
        return !value->as.blob.bytes && column->flags & FURROW_COLUMN_NULLABLE;
    default:
        return false;
    }
}

furrow_status furrow__bind_add(furrow__writer *w, const furrow_column *column,
                               const furrow_value *value, bool is_array, size_t *number)
{
    furrow__sql *sql = w->sql;
    furrow__bind *binds = furrow__arena_room(sql->arena, sql->binds, sql->bind_count,
                                             &sql->bind_capacity, sizeof *binds);
    if (!binds)
        return furrow__no_memory(w->error);
    sql->binds = binds;
    sql->binds[sql->bind_count++] = (furrow__bind){column, *value, is_array};
    *number = w->parameters_before + sql->bind_count;
    return FURROW_OK;
}

furrow_status furrow__bind_write(furrow__writer *w, const furrow_column *column,
                                 const furrow_value *value)
{
    size_t number = 0;
    furrow_status status = furrow__bind_add(w, column, value, false, &number);
    if (status == FURROW_OK)
        furrow__write_parameter(&w->sql->text, w->dialect, number);
    return status;
}
