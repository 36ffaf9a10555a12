/* SPDX-License-Identifier: MIT
 *
 * Streams: a stream is a find whose rows are read one at a time into memory that is reused. Other
 * statements can run in the same session meanwhile, and do not change the rows of the stream. On
 * SQLite a stream steps through a statement, whose unread rows the driver keeps when the session
 * writes. PostgreSQL would send the whole result, so on PostgreSQL a stream declares a cursor and
 * fetches batches of rows.
 *
 * Rows of a model with relationships are read 256 at a time into an arena of the stream.
 * Relationships are loaded for these rows together, both those of `.with` and those loaded later.
 * The arena is cleared when the next rows are read.
 *
 * A stream ends after its last row or with furrow_cursor_close. It also ends with its transaction,
 * or with the savepoint in which it was opened. Reading after the end of the transaction or
 * savepoint is an error. Otherwise the program could not distinguish rows that were not read from
 * rows that do not exist.
 */
#include <stdio.h>

#include "runtime/query/load.h"
#include "runtime/query/page.h"
#include "runtime/query/select.h"
#include "runtime/session/rows.h"
#include "runtime/session/use.h"

enum {
    BATCH = 256,
    MAX_CURSORS = 64
}; /* BATCH: number of rows of a FETCH; MAX_CURSORS: largest number of open streams of a session */

struct furrow_cursor {
    furrow__stream stream; /* must be the first member, because the session's list points to it */
    furrow_session *s;
    furrow_session *cut_from; /* the session, if its transaction ended before all rows were
                                 read; otherwise NULL */
    const furrow_model *model;
    furrow__run run;     /* runs the SELECT, or the FETCH whose rows are being read */
    furrow__buffer text; /* the SQL text of the run's statement */
    bool is_open;        /* the run has started and has not ended */
    bool by_batches;
    bool locks; /* the SELECT locks its rows */
    bool is_last_batch;
    int number;    /* sequence number of the PostgreSQL cursor within the session, starting at 1 */
    uint64_t name; /* forms the name of the PostgreSQL cursor together with `number`; no other
                      cursor of the transaction has this name */
    size_t batch_rows; /* number of rows read from this batch */
    const furrow_column **columns;
    char *rows;       /* one row, or the rows that were read ahead */
    size_t ahead, at; /* number of rows read ahead, and number of rows returned to the program */
    bool reads_ahead, is_at_end;
    furrow_path *with;  /* a copy of the paths of `.with`, with FURROW_MAX_PATHS elements; NULL
                           without paths */
    furrow_arena arena; /* memory for text and blobs of the rows */
    furrow_arena
        bound; /* copies of the bound values, which the caller may free before the stream ends */
};

static void cursor_name(char out[64], const furrow_cursor *cursor)
{
    snprintf(out, 64, "\"furrow_%016llx_%d\"", (unsigned long long)cursor->name, cursor->number);
}

static int free_number(const furrow_session *s)
{
    for (int number = 1; number <= MAX_CURSORS; number++) {
        const furrow__stream *c = s->streams.first;
        while (c && ((const furrow_cursor *)c)->number != number)
            c = c->next;
        if (!c)
            return number;
    }
    return 0;
}

/* Runs a statement that the session's statistics do not count. */
static furrow_status run_uncounted(furrow_session *s, const char *text)
{
    furrow__run run;
    furrow__run_text(&run, s, text, strlen(text), false);
    furrow__run_all(&run, NULL);
    run.executed = false;
    return furrow__run_end(&run);
}

/* Makes PostgreSQL find and lock all rows of the cursor, and returns to the first row. A cursor
 * that locks rows when it reads them would skip rows that the session has changed meanwhile
 * (https://www.postgresql.org/docs/current/sql-declare.html). */
static furrow_status lock_rows(furrow_session *s, const char *name)
{
    char text[96];
    snprintf(text, sizeof text, "MOVE FORWARD ALL FROM %s", name);
    furrow_status status = run_uncounted(s, text);
    snprintf(text, sizeof text, "MOVE ABSOLUTE 0 FROM %s", name);
    return status ? status : run_uncounted(s, text);
}

/* Declares PostgreSQL's cursor. If the cursor locks rows, PostgreSQL keeps these rows in the WITH
 * table `furrow_rows`.
 */
static furrow_status declare(furrow_cursor *cursor, const furrow__sql *select)
{
    char name[64];
    furrow_session *s = cursor->s;
    furrow__sql declare = *select;
    declare.text = (furrow__buffer){0};
    cursor->name = furrow__hash(select->text.text, select->text.size) + s->streams.left_open;
    cursor_name(name, cursor);
    furrow__buffer_format(&declare.text, "DECLARE %s %s", name,
                          cursor->locks ? "SCROLL CURSOR FOR WITH furrow_rows AS MATERIALIZED ("
                                        : "NO SCROLL CURSOR FOR ");
    furrow__buffer_add(&declare.text, select->text.text, select->text.size);
    if (cursor->locks)
        furrow__buffer_add_text(&declare.text, ") SELECT * FROM furrow_rows");
    furrow__run run;
    furrow__run_sql(&run, s, &declare);
    run.model = cursor->model;
    furrow__run_all(&run, NULL);
    furrow_status status = furrow__run_end(&run);
    furrow__buffer_done(&declare.text);
    if (status == FURROW_OK && cursor->locks)
        status = lock_rows(s, name);
    furrow__buffer_clear(&cursor->text);
    furrow__buffer_format(&cursor->text, "FETCH FORWARD %d FROM %s", BATCH, name);
    return status;
}

/* Starts to read the next batch. */
static furrow_status fetch(furrow_cursor *cursor)
{
    furrow__run *run = &cursor->run;
    cursor->batch_rows = 0;
    cursor->is_open = true;
    if (cursor->text.failed) {
        cursor->is_open = false;
        return furrow__session_no_memory(cursor->s);
    }
    furrow__run_text(run, cursor->s, cursor->text.text, cursor->text.size, false);
    run->model = cursor->model;
    furrow__run_execute(run);
    run->executed = false; /* FETCH is not counted as a statement */
    return run->status;
}

static void close_on_server(furrow_cursor *cursor)
{
    furrow_session *s = cursor->s;
    if (s->status != FURROW_OK || !s->pooled || !s->pooled->connection->in_transaction) {
        s->streams.left_open++; /* PostgreSQL closes the cursor at the end of the transaction */
        return;
    }
    char name[64], text[80];
    cursor_name(name, cursor);
    snprintf(text, sizeof text, "CLOSE %s", name);
    run_uncounted(s, text);
}

/* Ends the stream. Its struct stays valid until the session's memory is freed. */
static void finish(furrow_cursor *cursor, bool with_server)
{
    furrow_session *s = cursor->s;
    if (!s)
        return;
    if (cursor->is_open && !furrow__session_enter(s))
        return; /* furrow__session_enter has already ended all streams of the session */
    if (cursor->is_open)
        furrow__run_end(&cursor->run);
    cursor->is_open = false;
    if (cursor->by_batches && with_server)
        close_on_server(cursor);
    furrow__streams_remove(&s->streams, &cursor->stream);
    furrow__results_forget_arena(&s->results, &cursor->arena);
    furrow__buffer_done(&cursor->text);
    furrow__arena_done(&cursor->arena);
    furrow__arena_done(&cursor->bound);
    cursor->s = NULL;
}

/* Called when the stream's transaction or savepoint ends before the last row was read. */
static void cut(furrow__stream *stream, bool has_connection)
{
    furrow_cursor *cursor = (furrow_cursor *)stream;
    if (!cursor->s)
        return;
    cursor->cut_from = cursor->s;
    cursor->is_open = cursor->is_open && has_connection;
    finish(cursor, false);
}

void furrow_cursor_close(furrow_cursor *cursor)
{
    FURROW__USE(cursor ? cursor->s : NULL, );
    if (cursor && cursor->s && furrow__engine_is_here(cursor->s->engine))
        finish(cursor, true);
}

static furrow_cursor *new_cursor(furrow_session *s, const furrow_model *model)
{
    furrow_cursor *cursor = furrow__arena_aligned(&s->arena, sizeof *cursor, 16);
    if (!cursor)
        return NULL;
    *cursor = (furrow_cursor){.stream = {.depth = s->depth, .cut = cut},
                              .s = s,
                              .model = model,
                              .reads_ahead = model->relation_count > 0};
    cursor->columns =
        furrow__arena_aligned(&s->arena, (model->column_count + 1u) * sizeof *cursor->columns, 16);
    cursor->rows = furrow__arena_aligned(&s->arena, model->size, 16);
    if (!cursor->columns || !cursor->rows)
        return NULL;
    for (size_t i = 0; i < model->column_count; i++)
        cursor->columns[i] = &model->columns[i];
    return cursor;
}

/* Copies an array, including its strings and blobs. */
static bool keep_array(furrow_cursor *cursor, furrow_value *v)
{
    size_t count = v->as.blob.size, size;
    if (!count)
        return true;
    if (!furrow__multiply_size(&size, count, v->element_size))
        return false;
    char *copy = furrow__arena_aligned(&cursor->bound, size, 16);
    if (!copy)
        return false;
    memcpy(copy, v->as.blob.bytes, size);
    v->as.blob.bytes = copy;
    for (size_t i = 0; i < count; i++, copy += v->element_size) {
        if (v->element == FURROW_TYPE_TEXT) {
            const char *text;
            memcpy(&text, copy, sizeof text);
            text = furrow__arena_text(&cursor->bound, text, strlen(text));
            if (!text)
                return false;
            memcpy(copy, &text, sizeof text);
        } else if (v->element == FURROW_TYPE_BLOB) {
            furrow_blob blob;
            memcpy(&blob, copy, sizeof blob);
            blob.bytes = furrow__arena_text(&cursor->bound, blob.size ? blob.bytes : "", blob.size);
            if (!blob.bytes)
                return false;
            memcpy(copy, &blob, sizeof blob);
        }
    }
    return true;
}

/* Copies the text, blob or array of a value. */
static bool keep_value(furrow_cursor *cursor, furrow_value *v, bool is_array)
{
    if (is_array)
        return keep_array(cursor, v);
    if ((v->type == FURROW_TYPE_TEXT || v->type == FURROW_TYPE_JSON) && v->as.text)
        return (v->as.text = furrow__arena_text(&cursor->bound, v->as.text, strlen(v->as.text))) !=
               NULL;
    if (v->type == FURROW_TYPE_BLOB && v->as.blob.size)
        return (v->as.blob.bytes =
                    furrow__arena_text(&cursor->bound, v->as.blob.bytes, v->as.blob.size)) != NULL;
    return true;
}

static bool keep_binds(furrow_cursor *cursor, furrow__sql *sql)
{
    for (size_t i = 0; i < sql->bind_count; i++)
        if (!keep_value(cursor, &sql->binds[i].value, sql->binds[i].is_array))
            return false;
    return true;
}

/* Copies the paths of `.with`, because every batch needs them. */
static bool keep_paths(furrow_cursor *cursor, const struct furrow_find_options *o)
{
    if (!furrow__has_paths((furrow_path_list){o->with, FURROW_MAX_PATHS}))
        return true;
    cursor->with = furrow__arena_aligned(&cursor->bound, FURROW_MAX_PATHS * sizeof *o->with, 16);
    if (!cursor->with)
        return false;
    memcpy(cursor->with, o->with, FURROW_MAX_PATHS * sizeof *o->with);
    for (size_t p = 0; p < FURROW_MAX_PATHS; p++)
        for (size_t i = 0; i < sizeof o->with[p].where / sizeof *o->with[p].where; i++) {
            furrow_value *v = &cursor->with[p].where[i].value;
            if (!keep_value(cursor, v, v->op == FURROW_OP_IN_ || v->op == FURROW_OP_NOT_IN_))
                return false;
        }
    return true;
}

static furrow_status open_stream(furrow_cursor *cursor, furrow__sql *sql)
{
    furrow_session *s = cursor->s;
    cursor->by_batches = furrow__dialect_has_unnest(s->dialect);
    cursor->number = free_number(s);
    if (!cursor->number)
        return furrow__session_failf(s, FURROW_INVALID, "more than %d streams are open",
                                     MAX_CURSORS);
    if (cursor->by_batches) {
        furrow_status status = declare(cursor, sql);
        if (status)
            return status;
    } else {
        if (!keep_binds(cursor, sql))
            return furrow__session_no_memory(s);
        furrow__run_sql(&cursor->run, s, sql);
        if (cursor->run.values) /* the SQL text is in scratch memory, which the next verb clears */
            cursor->run.values =
                furrow__arena_text(&cursor->bound, cursor->run.values, strlen(cursor->run.values));
        cursor->run.model = cursor->model;
        furrow__run_execute(&cursor->run);
        if (cursor->run.status)
            return furrow__run_end(&cursor->run);
        cursor->is_open = true;
        furrow__session_leave(s); /* the session is entered again when the next row is read */
    }
    furrow__streams_add(&s->streams, &cursor->stream);
    return FURROW_OK;
}

furrow_status furrow_model_stream(const furrow_model *model, size_t size, const void *options)
{
    struct furrow_find_options o;
    furrow__copy_struct(&o, sizeof o, options, size);
    furrow_session *s = o.s;
    furrow__clear_pointer(o.out);
    FURROW__USE(s, FURROW_INVALID);
    furrow_status status = o.lock ? furrow__session_start_write(s) : furrow__session_start(s);
    if (status || (status = furrow__check_model(s, model)) ||
        (status = furrow__page_refuse(s, model, &o, "stream")))
        return status;
    if (!o.out)
        return furrow__session_failf(s, FURROW_INVALID, "a stream of \"%s\": the result is NULL",
                                     model->name);
    if ((status = furrow__check_with(s, model,
                                     (furrow_path_list){o.with, sizeof o.with / sizeof *o.with})))
        return status;
    furrow_cursor *cursor = new_cursor(s, model);
    if (!cursor)
        return furrow__session_no_memory(s);
    if (!keep_paths(cursor, &o)) {
        furrow__arena_done(&cursor->bound);
        return furrow__session_no_memory(s);
    }
    furrow__sql sql;
    furrow__select select = furrow__select_of(model, &o);
    cursor->locks = o.lock != FURROW_LOCK_NONE;
    status = furrow__render_select(s, &sql, &select);
    if (status) {
        furrow__arena_done(&cursor->bound);
        return status;
    }
    status = open_stream(cursor, &sql);
    /* SQLite's statement is stepped later, so its SQL text and values must be kept. */
    if (status == FURROW_OK && !cursor->by_batches)
        cursor->text = sql.text;
    else
        furrow__buffer_done(&sql.text);
    if (status) {
        furrow__buffer_done(&cursor->text);
        furrow__arena_done(&cursor->bound);
        return status;
    }
    memcpy(o.out, &cursor, sizeof cursor);
    return FURROW_OK;
}

/* Moves to the next row. After a full batch, fetches the next batch. */
static furrow_status step(furrow_cursor *cursor, bool *row)
{
    *row = false;
    if (cursor->by_batches && !cursor->is_open && fetch(cursor))
        return cursor->run.status;
    furrow__run_step(&cursor->run, row);
    cursor->batch_rows += *row;
    if (*row || cursor->run.status || !cursor->by_batches || cursor->batch_rows < BATCH)
        return cursor->run.status;
    furrow_status status = furrow__run_end(&cursor->run);
    cursor->is_open = false;
    if (status || fetch(cursor))
        return status ? status : cursor->run.status;
    furrow__run_step(&cursor->run, row);
    cursor->batch_rows += *row;
    return cursor->run.status;
}

static furrow_status no_memory(furrow_cursor *cursor)
{
    return cursor->run.status = furrow__fail(&cursor->run.error, FURROW_NOMEM, "out of memory");
}

/* Reads the current row of the run. */
static furrow_status read_into(furrow_cursor *cursor, void *row)
{
    furrow__run *run = &cursor->run;
    return run->status = cursor->s->driver->read_row(
               run->statement, (furrow_column_list){cursor->columns, cursor->model->column_count},
               row, &cursor->arena, &run->error);
}

/* Reads rows ahead, and loads the relationships of `.with` for them. */
static furrow_status read_batch(furrow_cursor *cursor)
{
    furrow_session *s = cursor->s;
    furrow__store store;
    void *rows[BATCH];
    bool row = true;
    furrow_status status = furrow__session_start(s);
    furrow__results_forget_arena(&s->results, &cursor->arena);
    furrow__arena_clear(&cursor->arena);
    cursor->at = cursor->ahead = 0;
    furrow__store_start(&store, &cursor->arena, cursor->model, BATCH);
    while (!status && store.count < BATCH) {
        status = step(cursor, &row);
        if (status || !row)
            break;
        void *at = furrow__store_row(&store);
        if (!at)
            return no_memory(cursor);
        rows[store.count - 1] = at;
        status = read_into(cursor, at);
    }
    cursor->is_at_end = !row;
    if (status || !store.count)
        return status;
    if (!furrow__result_remember(&s->results, &store, cursor->model))
        return no_memory(cursor);
    if (cursor->with)
        status = furrow__load_paths(
            s, &(furrow__load_start){&cursor->arena, cursor->model, rows, store.count},
            (furrow_path_list){cursor->with, FURROW_MAX_PATHS});
    cursor->rows = store.first->rows;
    cursor->ahead = status ? 0 : store.count;
    return status;
}

static void *next_of_batch(furrow_cursor *cursor)
{
    if (cursor->at == cursor->ahead && (cursor->is_at_end || read_batch(cursor)))
        return NULL;
    return cursor->at < cursor->ahead ? cursor->rows + cursor->at++ * cursor->model->size : NULL;
}

static void *next_alone(furrow_cursor *cursor)
{
    bool row;
    if (step(cursor, &row) || !row)
        return NULL;
    furrow__arena_clear(&cursor->arena);
    memset(cursor->rows, 0, cursor->model->size);
    return read_into(cursor, cursor->rows) ? NULL : cursor->rows;
}

static void *read_behind_end(furrow_cursor *cursor)
{
    furrow_session *s = cursor->cut_from;
    if (s->status == FURROW_OK) {
        furrow__session_failf(
            s, FURROW_INVALID,
            "a stream of \"%s\" was read after the end of its transaction or savepoint",
            cursor->model->name);
        furrow__hint(
            &s->error,
            "end the transaction or savepoint after the last row, or read the rows in pages "
            "with .page_size");
    }
    return NULL;
}

void *furrow_cursor_next(furrow_cursor *cursor)
{
    FURROW__USE(cursor ? cursor->s : NULL, NULL);
    if (cursor && cursor->cut_from)
        return read_behind_end(cursor);
    if (!cursor || !cursor->s || cursor->s->status != FURROW_OK)
        return NULL;
    if (!furrow__engine_is_here(cursor->s->engine)) {
        furrow__session_start(cursor->s); /* this call keeps the failure in the session */
        return NULL;
    }
    furrow_session *s = cursor->s;
    if (!furrow__session_enter(s))
        return NULL;
    void *row = cursor->reads_ahead ? next_of_batch(cursor) : next_alone(cursor);
    if (!row)
        finish(cursor, true);
    furrow__session_leave(s);
    return row;
}
