/* SPDX-License-Identifier: MIT
 *
 * Raw statements: `?` stands for a value on every engine, values are bound, and rows are buffered
 * in the session's arena. The macros have checked that the SQL text is a literal. This file checks
 * that the statement does not end the transaction, and that it does not change the connection for
 * later sessions. It first looks at the statement's tokens, and then asks the engine.
 */
#include "runtime/query/raw.h"

#include <math.h>

#include "base/calendar.h"
#include "base/json.h"
#include "runtime/session/explain.h"
#include "runtime/session/rows.h"
#include "runtime/session/use.h"
#include "sql/dialect.h"

enum { MAX_VALUES = 32 };

static furrow_status value_fails(furrow_error *error, size_t i, const char *why)
{
    return furrow__fail(error, FURROW_INVALID, "value %zu %s", i + 1, why);
}

static furrow_status check_text(furrow_error *error, size_t i, const char *text)
{
    return furrow__utf8_is_valid(text, strlen(text)) ? FURROW_OK
                                                     : value_fails(error, i, "is not valid UTF-8");
}

/* SQLite would store a text that PostgreSQL refuses, such as "\u0000". */
static furrow_status check_json(furrow_error *error, size_t i, const char *text)
{
    furrow_json json;
    furrow_status status = check_text(error, i, text);
    if (status != FURROW_OK || furrow_json_parse(text, &json))
        return status;
    value_fails(error, i, "is not valid JSON");
    furrow__hint(error, FURROW__JSON_HINT);
    return FURROW_INVALID;
}

/* Performs the checks of a value that do not depend on the parameter's type. */
static furrow_status check_value(furrow_error *error, size_t i, furrow_value *v)
{
    switch (v->problem) {
    case FURROW_VALUE_TOO_LARGE_:
        return value_fails(error, i, "is larger than a 64-bit integer");
    case FURROW_VALUE_POINTER_:
        return value_fails(error, i, "is a pointer, which cannot be an SQL value");
    default:
        break;
    }
    switch (v->type) {
    case FURROW_TYPE_TEXT:
        return check_text(error, i, v->as.text);
    case FURROW_TYPE_JSON:
        return check_json(error, i, v->as.text);
    case FURROW_TYPE_DOUBLE:
        if (isnan(v->as.real))
            return value_fails(error, i, "is not a number (NaN)");
        v->as.real += 0.0; /* -0.0 becomes 0.0 */
        return FURROW_OK;
    case FURROW_TYPE_TIME:
        if (v->as.time.us < FURROW__TIME_MIN || v->as.time.us > FURROW__TIME_MAX)
            return value_fails(error, i, "is not in the years 1 to 9999");
        return FURROW_OK;
    case FURROW_TYPE_DATE:
        if (v->as.date.days < FURROW__DATE_MIN || v->as.date.days > FURROW__DATE_MAX)
            return value_fails(error, i, "is not in the years 1 to 9999");
        return FURROW_OK;
    case FURROW_TYPE_DECIMAL:
        if (v->as.decimal.scale < 0 || v->as.decimal.scale > 18)
            return value_fails(error, i, "has a scale outside 0 to 18");
        return FURROW_OK;
    case FURROW_TYPE_BLOB:
        if (!v->as.blob.bytes && v->as.blob.size)
            return value_fails(error, i, "is a blob whose bytes are a NULL pointer");
        return FURROW_OK;
    default:
        return FURROW_OK;
    }
}

static furrow_status bind_values(furrow__run *run, const furrow_value *values, size_t count)
{
    for (size_t i = 0; i < count && run->status == FURROW_OK; i++) {
        furrow_value v = values[i];
        run->status = v.column ? furrow__check_value(v.column, &v, &run->error)
                               : check_value(&run->error, i, &v);
        if (run->status == FURROW_OK)
            run->status = run->s->driver->bind(run->statement, (int)i, v.column, &v, &run->error);
    }
    if (run->status == FURROW_OK && run->s->trace &&
        furrow__engine_options(run->s->engine)->trace_values)
        run->values = furrow__describe_values(run->s, values, count);
    return run->status;
}

/* A statement of the program. */
struct raw {
    const char *sql;
    const furrow_value *values;
    size_t count;   /* number of values */
    bool is_judged; /* the statement must not control transactions; false for furrow_unsafe_sql */
};

/* Starts a run of raw SQL text, and binds its values. The caller must end the run, even after a
 * failure. */
static furrow_status begin_raw(furrow__run *run, furrow_session *s, const struct raw *raw)
{
    size_t count = raw->count;
    furrow_error error = {0};
    furrow__buffer text = {0};
    size_t parameters = 0;
    furrow_status status = furrow__sql_raw(&text, s->dialect, raw->sql, &parameters, &error);
    if (!status && raw->is_judged)
        status = furrow__sql_refuse_control(s->dialect, raw->sql, &error);
    if (!status && parameters != count)
        status = furrow__fail(&error, FURROW_INVALID,
                              "the statement has %zu parameter%s, but was given %zu value%s",
                              parameters, parameters == 1 ? "" : "s", count, count == 1 ? "" : "s");
    if (!status && text.failed)
        status = furrow__fail(&error, FURROW_NOMEM, "out of memory");
    *run = (furrow__run){.s = s, .status = status};
    if (status) {
        run->error = error;
        furrow__copy_text(run->error.sql, sizeof run->error.sql, raw->sql);
    } else {
        s->raw_ran = true;
        if (s->dialect->has_row_locks && strcasestr(raw->sql, "skip locked"))
            s->skips_locked = true;
        if (furrow__run_text(run, s, text.text, text.size, raw->is_judged) == FURROW_OK)
            bind_values(run, raw->values, count);
    }
    furrow__buffer_done(&text);
    return run->status;
}

/* Checks that the transaction is still open. A statement can end it although its text does not show
 * this. */
static void see_transaction(furrow__run *run)
{
    if (run->status == FURROW_OK && !run->s->pooled->connection->in_transaction)
        run->status =
            furrow__fail(&run->error, FURROW_INVALID, "the statement ended the transaction");
}

static furrow_status start_raw(furrow_session *s, const struct raw *raw)
{
    furrow_status status = furrow__session_start(s);
    if (status)
        return status;
    if (!raw->sql || (!raw->values && raw->count) || raw->count > MAX_VALUES)
        return furrow__session_failf(
            s, FURROW_INVALID, "a raw statement takes a text and at most %d values", MAX_VALUES);
    return FURROW_OK;
}

furrow_status furrow_exec_(furrow_session *s, const char *sql, const furrow_value *values,
                           size_t count)
{
    FURROW__USE(s, FURROW_INVALID);
    struct raw raw = {sql, values, count, true};
    if (s)
        s->changed = 0;
    furrow_status status = start_raw(s, &raw);
    if (status)
        return status;
    furrow__run run;
    begin_raw(&run, s, &raw);
    furrow__run_all(&run, &s->changed);
    see_transaction(&run);
    return furrow__run_end(&run);
}

static furrow__raw_chunk *new_chunk(furrow_session *s, size_t columns)
{
    furrow__raw_chunk *chunk = furrow__arena_aligned(&s->arena, sizeof *chunk, 16);
    size_t size;
    if (!chunk ||
        !furrow__multiply_size(&size, columns * FURROW__RAW_CHUNK_ROWS, sizeof *chunk->values))
        return NULL;
    *chunk = (furrow__raw_chunk){.values = furrow__arena_aligned(&s->arena, size ? size : 1, 16)};
    return chunk->values ? chunk : NULL;
}

static furrow_status no_memory(furrow__run *run)
{
    return run->status = furrow__fail(&run->error, FURROW_NOMEM, "out of memory");
}

static furrow_status name_columns(furrow__run *run, furrow_rows *rows)
{
    furrow_session *s = run->s;
    rows->column_count = (size_t)run->statement->column_count;
    rows->names =
        furrow__arena_aligned(&s->arena, (rows->column_count + 1) * sizeof *rows->names, 16);
    if (!rows->names)
        return no_memory(run);
    for (size_t i = 0; i < rows->column_count; i++) {
        const char *name = s->driver->column_name(run->statement, (int)i);
        rows->names[i] = name ? furrow__arena_text(&s->arena, name, strlen(name)) : NULL;
        if (!rows->names[i])
            return no_memory(run);
    }
    return FURROW_OK;
}

static furrow_status buffer_rows(furrow__run *run, furrow_rows *rows)
{
    furrow_session *s = run->s;
    furrow__raw_chunk **last = &rows->first, *chunk = NULL;
    for (bool more = true; run->status == FURROW_OK;) {
        if (furrow__run_step(run, &more) || !more)
            break;
        if (!chunk || chunk->count == FURROW__RAW_CHUNK_ROWS) {
            chunk = new_chunk(s, rows->column_count);
            if (!chunk)
                return no_memory(run);
            *last = chunk;
            last = &chunk->next;
        }
        furrow_value *values = chunk->values + chunk->count * rows->column_count;
        for (size_t i = 0; i < rows->column_count && run->status == FURROW_OK; i++)
            run->status =
                s->driver->read_value(run->statement, (int)i, &values[i], &s->arena, &run->error);
        chunk->count++;
        rows->row_count++;
    }
    rows->current = rows->first;
    return run->status;
}

static furrow_status query(furrow_session *s, furrow_rows **out, const struct raw *raw)
{
    if (out)
        *out = NULL;
    FURROW__USE(s, FURROW_INVALID);
    furrow_status status = start_raw(s, raw);
    if (status)
        return status;
    furrow_rows *rows = furrow__arena_aligned(&s->arena, sizeof *rows, 16);
    if (!rows)
        return furrow__session_no_memory(s);
    *rows = (furrow_rows){.s = s};
    furrow__run run;
    begin_raw(&run, s, raw);
    if (furrow__run_execute(&run) == FURROW_OK && name_columns(&run, rows) == FURROW_OK)
        buffer_rows(&run, rows);
    see_transaction(&run);
    status = furrow__run_end(&run);
    if (status == FURROW_OK && out)
        *out = rows;
    return status;
}

furrow_status furrow_query_(furrow_session *s, furrow_rows **out, const char *sql,
                            const furrow_value *values, size_t count)
{
    return query(s, out, &(struct raw){sql, values, count, true});
}

furrow_status furrow_unsafe_sql(furrow_session *s, furrow_rows **out, const char *sql,
                                const furrow_value *values, size_t count)
{
    return query(s, out, &(struct raw){sql, values, count, false});
}

/* Assigns columns of the struct to the result columns by name. A result column gets NULL if the
 * struct has no column of that name. */
static furrow_status match_columns(furrow__run *run, const furrow_model *model,
                                   const furrow_column **columns)
{
    const furrow_driver *driver = run->s->driver;
    size_t count = (size_t)run->statement->column_count;
    for (size_t i = 0; i < count; i++)
        columns[i] = NULL;
    for (size_t k = 0; k < model->column_count; k++) {
        const furrow_column *c = &model->columns[k];
        bool found = false;
        for (size_t i = 0; i < count; i++) {
            const char *name = driver->column_name(run->statement, (int)i);
            if (!name)
                return no_memory(run);
            if (strcmp(name, c->name) != 0)
                continue;
            if (found)
                return run->status = furrow__fail(&run->error, FURROW_SCHEMA,
                                                  "the statement has two columns %s for %s",
                                                  FURROW__QUOTED(c->name), model->name);
            columns[i] = c;
            found = true;
        }
        if (!found) {
            furrow__fail(&run->error, FURROW_SCHEMA, "the statement has no column %s for %s",
                         FURROW__QUOTED(c->name), model->name);
            furrow__copy_text(run->error.column, sizeof run->error.column, c->name);
            return run->status =
                       furrow__hint(&run->error, "name it with AS %s", FURROW__QUOTED(c->name));
        }
    }
    return FURROW_OK;
}

furrow_status furrow_model_query(furrow_session *s, const furrow_model *model, void *out,
                                 const char *sql, furrow_value_list values)
{
    struct raw raw = {sql, values.items, values.count, true};
    furrow__clear_list(out);
    FURROW__USE(s, FURROW_INVALID);
    furrow_status status = start_raw(s, &raw);
    if (status || (status = furrow__check_model(s, model)))
        return status;
    if (!out)
        return furrow__session_failf(s, FURROW_INVALID, "query of model \"%s\": the result is NULL",
                                     model->name);
    furrow__run run;
    begin_raw(&run, s, &raw);
    if (furrow__run_execute(&run) == FURROW_OK) {
        size_t column_count = (size_t)run.statement->column_count;
        const furrow_column **columns =
            furrow__arena_aligned(&s->scratch, (column_count + 1) * sizeof *columns, 16);
        if (!columns)
            no_memory(&run);
        else if (match_columns(&run, model, columns) == FURROW_OK)
            furrow__read_list(&run, out, model, columns, column_count);
    }
    see_transaction(&run);
    status = furrow__run_end(&run);
    if (status)
        furrow__clear_list(out);
    return status;
}
