/* SPDX-License-Identifier: MIT
 * See explain.h. Values appear here alone, and only in what `.trace_values` asked for. */
#include <inttypes.h>
#include <stdio.h>

#include "runtime/explain.h"

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
        furrow__buffer_format(out, "%.17g", v->as.real);
        return;
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
        text = furrow__arena_text(&s->scratch, furrow__buffer_text(out),
                                  furrow__utf8_cut(furrow__buffer_text(out),
                                                   out->size < DESCRIPTION_SIZE ? out->size
                                                                                : DESCRIPTION_SIZE));
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

const char *furrow__describe_row(furrow_session *s, const furrow_column *const *columns, size_t count,
                                 const void *row)
{
    furrow__buffer out = {0};
    for (size_t i = 0; i < count && out.size < DESCRIPTION_SIZE; i++) {
        furrow_value value = furrow__row_value(columns[i], row);
        furrow__buffer_add_text(&out, i ? ", " : "");
        describe_value(&out, &value);
    }
    return finish(s, &out);
}

/* ---- failures ---- */

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

/* The columns of the model's constraint with this name. */
static void name_columns(furrow_error *error, const furrow_model *model)
{
    for (size_t i = 0; i < model->index_count; i++)
        if (strcmp(model->indexes[i].name, error->constraint) == 0)
            add_columns(error, model, model->indexes[i].columns, model->indexes[i].count);
    for (size_t i = 0; i < model->foreign_key_count; i++)
        if (strcmp(model->foreign_keys[i].name, error->constraint) == 0)
            add_columns(error, model, model->foreign_keys[i].columns, model->foreign_keys[i].count);
}

void furrow__explain_failure(furrow__run *run)
{
    furrow_error *error = &run->error;
    const furrow_model *model = run->model;
    furrow_session *s = run->s;
    if (!model || !model->table)
        return;
    if (error->status == FURROW_FOREIGN_KEY && !error->constraint[0] &&
        s->driver->explain_violation && s->link->connection->in_transaction)
        s->driver->explain_violation(s->link->connection, model, run->row, error);
    bool of_data = error->status == FURROW_UNIQUE || error->status == FURROW_FOREIGN_KEY ||
                   error->status == FURROW_NOT_NULL || error->status == FURROW_CHECK;
    if (of_data && !error->table[0])
        furrow__copy_text(error->table, sizeof error->table, model->table);
    if (of_data && !error->column[0] && error->constraint[0] && strcmp(error->table, model->table) == 0)
        name_columns(error, model);
}
