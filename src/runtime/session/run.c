/* SPDX-License-Identifier: MIT
 *
 * Runs statements. A run stores its first failure, and its later steps then do nothing. The end of
 * the run moves the failure into the session. It adds the SQL text of the statement and, for a
 * violated constraint, what the model knows about it.
 */
#include <stdio.h>

#include "base/clock.h"
#include "runtime/session/explain.h"
#include "runtime/session/run.h"

/* Starts a run. If another session is using the connection, furrow__session_enter has kept a
 * failure, which becomes the failure of the run. */
static furrow_status start(furrow__run *run, furrow_session *s, const furrow_model *model)
{
    run->s = s;
    run->statement = NULL;
    run->model = model;
    run->row = NULL;
    run->rows = 0;
    run->values = NULL;
    run->executed = run->is_counted = false;
    run->status = FURROW_OK;
    run->started_ns = s->trace ? furrow__now_ns() : 0;
    run->entered = furrow__session_enter(s);
    if (!run->entered) {
        run->error = s->error;
        run->status = s->error.status;
    }
    return run->status;
}

static furrow_status fail_prepare(furrow__run *run, const char *text)
{
    if (!run->error.sql[0])
        furrow__copy_text(run->error.sql, sizeof run->error.sql, text);
    return run->status = run->error.status;
}

furrow_status furrow__run_verb(furrow__run *run, furrow_session *s,
                               const furrow__verb_statement *verb)
{
    if (start(run, s, verb->model))
        return run->status;
    furrow__statement_key key = {.model = verb->model, .tag = verb->tag};
    run->statement = furrow__cache_find(s->pooled, &key);
    if (run->statement)
        return FURROW_OK;

    furrow_status status = furrow__check_model(s, verb->model);
    if (status) {
        run->error = s->error;
        return run->status = status;
    }
    furrow__buffer text = {0};
    verb->render(&text, s, verb->context);
    key.text = text.text;
    key.size = text.size;
    if (text.failed)
        run->status = furrow__fail(&run->error, FURROW_NOMEM, "out of memory");
    else if (furrow__cache_prepare(s->pooled, &run->statement, &key, false, &run->error))
        fail_prepare(run, text.text);
    furrow__buffer_done(&text);
    return run->status;
}

furrow_status furrow__run_text(furrow__run *run, furrow_session *s, const char *text, size_t size,
                               bool raw)
{
    if (start(run, s, NULL))
        return run->status;
    /* Raw SQL text is checked when it is prepared. The cache can contain a statement of the library
     * with the same text, which was not checked; a raw statement must not use it. */
    uint64_t tag = furrow__hash(text, size) ^ (raw ? UINT64_C(0x5851F42D4C957F2D) : 0);
    furrow__statement_key key = {.tag = tag, .text = text, .size = size};
    run->statement = furrow__cache_find(s->pooled, &key);
    if (!run->statement &&
        furrow__cache_prepare(s->pooled, &run->statement, &key, raw, &run->error))
        fail_prepare(run, text);
    return run->status;
}

furrow_status furrow__run_sql(furrow__run *run, furrow_session *s, const furrow__sql *sql)
{
    if (sql->text.failed) {
        if (start(run, s, NULL))
            return run->status;
        return run->status = furrow__fail(&run->error, FURROW_NOMEM, "out of memory");
    }
    if (furrow__run_text(run, s, sql->text.text, sql->text.size, false))
        return run->status;
    return furrow__run_bind(run, 0, sql->binds, sql->bind_count);
}

/* Binds an array. An array for a char[n] column contains pointers to strings, so it is bound with a
 * text column. That column is in the session's arena, because the statement of a stream reads it
 * after this call. */
static furrow_status bind_array(furrow__run *run, int index, const furrow__bind *b)
{
    const furrow_column *column = b->column;
    if (column->type == FURROW_TYPE_CHARS && b->value.element == FURROW_TYPE_TEXT) {
        furrow_column *text = furrow__arena_aligned(&run->s->arena, sizeof *text, 16);
        if (!text)
            return furrow__fail(&run->error, FURROW_NOMEM, "out of memory");
        *text = *column;
        text->type = FURROW_TYPE_TEXT;
        text->size = sizeof(char *);
        column = text;
    }
    return run->s->driver->bind_array(run->statement, index,
                                      &(furrow_array){.column = column,
                                                      .first = b->value.as.blob.bytes,
                                                      .stride = b->value.element_size,
                                                      .count = b->value.as.blob.size},
                                      &run->error);
}

furrow_status furrow__run_bind(furrow__run *run, int index, const furrow__bind *binds, size_t count)
{
    const furrow_driver *driver = run->s->driver;
    for (size_t i = 0; i < count && run->status == FURROW_OK; i++) {
        const furrow__bind *b = &binds[i];
        int at = index + (int)i;
        run->status = b->is_array
                          ? bind_array(run, at, b)
                          : driver->bind(run->statement, at, b->column, &b->value, &run->error);
    }
    if (run->status == FURROW_OK && furrow__engine_options(run->s->engine)->trace_values)
        run->values = furrow__describe_binds(run->s, binds, count);
    return run->status;
}

furrow_status furrow__run_bind_row(furrow__run *run, int index, const furrow_column *const *columns,
                                   size_t count, const void *row)
{
    if (run->status != FURROW_OK)
        return run->status;
    run->row = row;
    run->status = run->s->driver->bind_row(run->statement, index,
                                           (furrow_column_list){columns, count}, row, &run->error);
    if (run->s->trace && furrow__engine_options(run->s->engine)->trace_values)
        run->values = furrow__describe_row(run->s, columns, count, row);
    return run->status;
}

furrow_status furrow__run_execute(furrow__run *run)
{
    if (run->status != FURROW_OK)
        return run->status;
    furrow_session *s = run->s;
    if (run->statement->changes_schema &&
        furrow__group_detach(s->pooled, &s->subtransaction, &run->error))
        return run->status = run->error.status;
    s->subtransaction.ran = run->executed = true;
    run->status = s->driver->execute(run->statement, &run->error);
    return run->status;
}

furrow_status furrow__run_step(furrow__run *run, bool *row)
{
    *row = false;
    if (run->status != FURROW_OK)
        return run->status;
    run->status = run->s->driver->step(run->statement, row, &run->error);
    run->rows += *row;
    return run->status;
}

furrow_status furrow__run_all(furrow__run *run, uint64_t *changed)
{
    bool row = true;
    furrow__run_execute(run);
    while (run->status == FURROW_OK && row)
        furrow__run_step(run, &row);
    uint64_t count = run->status == FURROW_OK ? run->statement->changed : 0;
    if (changed)
        *changed = count;
    return run->status;
}

static void trace(const furrow__run *run)
{
    const furrow_session *s = run->s;
    const char *text =
        run->statement ? furrow__cache_text(s->pooled, run->statement) : run->error.sql;
    uint64_t changed = run->statement && run->status == FURROW_OK ? run->statement->changed : 0;
    furrow_trace_event event = {
        .sql = text ? text : "",
        .duration_ns = (uint64_t)(furrow__now_ns() - run->started_ns),
        .rows = run->rows ? run->rows : changed,
        .status = run->status,
        .file = s->file,
        .line = s->line,
        .values = run->values,
    };
    s->trace(furrow__engine_options(s->engine)->trace_context, &event);
}

static void keep_failure(furrow__run *run)
{
    furrow_session *s = run->s;
    furrow_error *error = &run->error;
    error->status = run->status;
    if (run->status == FURROW_DISCONNECTED && s->pooled)
        s->lost_unused = !s->has_run && furrow__pooled_was_used(s->pooled);
    if (run->statement && !error->sql[0]) {
        const char *text = furrow__cache_text(s->pooled, run->statement);
        furrow__copy_text(error->sql, sizeof error->sql, text ? text : "");
    }
    furrow__explain_failure(s, run->model, run->row, error);
    furrow__session_fail(s, error);
}

/* Counts this run of the statement, and calls `.repeat` when the limit is exceeded. */
static void report_repeat(const furrow__run *run)
{
    furrow_session *s = run->s;
    const struct furrow_engine_options *o = furrow__engine_options(s->engine);
    if (!o->repeat_limit || !o->repeat || !run->statement)
        return;
    const char *text = furrow__cache_text(s->pooled, run->statement);
    uint64_t count = text ? furrow__repeats_add(&s->repeats, text) : 0;
    if (count != (uint64_t)o->repeat_limit + 1)
        return;
    furrow_repeat_event event = {.sql = text, .count = count, .file = s->file, .line = s->line};
    o->repeat(o->repeat_context, &event);
}

static void note_changes(const furrow__run *run)
{
    furrow_session *s = run->s;
    if (!run->statement->changed && !run->statement->changes_schema)
        return;
    if (!s->has_changes || s->depth < s->changes_depth)
        s->changes_depth = s->depth;
    s->has_changes = true;
}

furrow_status furrow__run_end(furrow__run *run)
{
    furrow_session *s = run->s;
    bool counts = run->executed && !run->is_counted;
    s->stats.statements += counts;
    s->stats.rows += run->rows;
    if (counts)
        report_repeat(run);
    if (s->trace)
        trace(run);
    if (run->status != FURROW_OK)
        keep_failure(run);
    if (run->executed && run->status == FURROW_OK) {
        s->has_run = true;
        note_changes(run);
    }
    if (run->statement)
        furrow__cache_done(s->pooled, run->statement);
    run->statement = NULL;
    if (run->entered)
        furrow__session_leave(s);
    return run->status;
}

furrow_status furrow__run_withdraw(furrow__run *run)
{
    furrow_session *s = run->s;
    furrow__cache_discard(s->pooled, run->statement);
    run->statement = NULL;
    if (run->entered)
        furrow__session_leave(s);
    return run->status = FURROW_OK;
}

furrow_status furrow__session_run(furrow_session *s, const char *sql)
{
    furrow__run run;
    if (furrow__run_text(&run, s, sql, strlen(sql), false) == FURROW_OK)
        furrow__run_all(&run, NULL);
    return furrow__run_end(&run);
}
