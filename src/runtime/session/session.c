/* SPDX-License-Identifier: MIT
 *
 * Sessions: begin at the first statement, sticky failures, savepoints, commit and rollback.
 *
 * A failure at some depth of savepoints makes every call do nothing until that depth ends.
 * Savepoints begun meanwhile count only. When the database itself lost the transaction (a lost
 * connection, a rollback from inside), no savepoint can bring it back: the failure stays until the
 * end.
 */
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "runtime/session/rows.h"

static const furrow_error no_session = {
    .status = FURROW_NOMEM,
    .message = "no session: out of memory, or opened without an engine",
};
static const furrow_error no_error = {.status = FURROW_OK};

furrow_session *furrow_session_open_(const char *file, int line, size_t size,
                                     const struct furrow_session_options *options)
{
    struct furrow_session_options o;
    furrow__copy_options(&o, sizeof o, options, size);
    if (!o.engine)
        return NULL;
    furrow_session *s = furrow__allocate_zeroed(1, sizeof *s);
    if (!s)
        return NULL;
    const struct furrow_engine_options *engine_options = furrow__engine_options(o.engine);
    s->engine = o.engine;
    s->driver = furrow__engine_driver(o.engine);
    s->dialect = furrow__engine_dialect_of(o.engine);
    s->trace = engine_options->trace;
    s->read_only = o.read_only;
    s->isolation = o.isolation ? o.isolation : engine_options->isolation;
    s->statement_timeout_ms =
        o.statement_timeout_ms ? o.statement_timeout_ms : engine_options->statement_timeout_ms;
    s->cancelling = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    s->subtransaction.cancelling = &s->cancelling;
    s->file = file;
    s->line = line;
    furrow__engine_retain(s->engine);
    return s;
}

/* ---- failures ---- */

furrow_status furrow__session_fail(furrow_session *s, const furrow_error *error)
{
    if (!s)
        return FURROW_NOMEM;
    if (error != &s->error)
        s->error = *error;
    if (s->status == FURROW_OK)
        s->status = s->error.status;
    return s->error.status;
}

furrow_status furrow__session_failf(furrow_session *s, furrow_status status, const char *format,
                                    ...)
{
    if (!s)
        return FURROW_NOMEM;
    char message[sizeof s->error.message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    furrow_error error;
    furrow__fail(&error, status, "%s", message);
    return furrow__session_fail(s, &error);
}

furrow_status furrow__session_no_memory(furrow_session *s)
{
    return furrow__session_failf(s, FURROW_NOMEM, "out of memory");
}

furrow_status furrow_session_status(const furrow_session *s)
{
    return s ? s->status : FURROW_NOMEM;
}

const furrow_error *furrow_session_error(const furrow_session *s)
{
    if (!s)
        return &no_session;
    return s->error.status ? &s->error : &no_error;
}

void furrow_session_stats_(const furrow_session *s, furrow_session_statistics *out, size_t size)
{
    static const furrow_session_statistics none;
    furrow__copy_struct(out, size, s ? &s->stats : &none, sizeof none);
}

furrow_status furrow_expect_statements(furrow_session *s, uint64_t count)
{
    if (!s)
        return FURROW_NOMEM;
    uint64_t ran = s->stats.statements - s->expected_from;
    bool is_first = s->expected_from == 0;
    s->expected_from = s->stats.statements;
    if (s->status != FURROW_OK)
        return FURROW_ABORTED;
    if (ran == count)
        return FURROW_OK;
    return furrow__fail(&s->error, FURROW_INVALID, "expected %llu statement%s since %s, %llu ran",
                        (unsigned long long)count, count == 1 ? "" : "s",
                        is_first ? "the session was opened" : "the last furrow_expect_statements",
                        (unsigned long long)ran);
}

uint64_t furrow_session_changed(const furrow_session *s)
{
    return s ? s->changed : 0;
}

/* ---- begin and end ---- */

/* Whether the session had a transaction that somebody asked to cancel. */
static bool set_pooled(furrow_session *s, furrow__pooled *pooled)
{
    pthread_mutex_lock(&s->cancelling);
    bool cancelled = s->cancelled;
    s->pooled = pooled;
    s->cancelled = false;
    pthread_mutex_unlock(&s->cancelling);
    return cancelled;
}

/* The connection stays the session's while the request to cancel is under way, so that it cannot
 * meet another's statement. One that comes late all the same meets the reset. */
void furrow_session_cancel(furrow_session *s)
{
    if (!s || !furrow__engine_is_here(s->engine))
        return;
    pthread_mutex_lock(&s->cancelling);
    if (s->pooled && !furrow__subtransaction_is_evicted(&s->subtransaction)) {
        s->cancelled = true;
        s->driver->cancel(s->pooled->connection);
    }
    pthread_mutex_unlock(&s->cancelling);
}

static void clear_scratch(furrow_session *s)
{
    furrow__arena_clear(&s->scratch);
    s->scratch_start = s->scratch.at;
}

static void set_limit(const furrow_session *s, const furrow__pooled *pooled)
{
    if (s->driver->set_timeout)
        s->driver->set_timeout(pooled->connection,
                               s->statement_timeout_ms > 0 ? s->statement_timeout_ms : 0);
}

static furrow_status begin_to_read(furrow_session *s, furrow_error *error)
{
    furrow__pooled *pooled = NULL;
    if (furrow__pool_acquire(s->engine, &pooled, true, (furrow__call_site){s->file, s->line},
                             error))
        return error->status;
    set_limit(s, pooled);
    if (s->driver->begin(pooled->connection, s->isolation, true, error)) {
        furrow__pool_release(pooled, false);
        return error->status;
    }
    set_pooled(s, pooled);
    return FURROW_OK;
}

static furrow_status begin_to_write(furrow_session *s, furrow_error *error)
{
    furrow__pooled *pooled = NULL;
    if (furrow__pool_acquire_writer(s->engine, &pooled, &s->subtransaction,
                                    (furrow__call_site){s->file, s->line}, error))
        return error->status;
    set_limit(s, pooled);
    if (furrow__group_begin(pooled, &s->subtransaction, s->isolation, error)) {
        if (s->subtransaction.joined)
            furrow__group_abandon(pooled, &s->subtransaction, error);
        else
            furrow__pool_release(pooled, false);
        return error->status;
    }
    set_pooled(s, pooled);
    furrow__subtransaction_leave(&s->subtransaction);
    return FURROW_OK;
}

/* Borrow a connection and begin. */
static furrow_status begin(furrow_session *s)
{
    furrow_error error = {0};
    furrow_status status = s->read_only ? begin_to_read(s, &error) : begin_to_write(s, &error);
    return status ? furrow__session_fail(s, &error) : FURROW_OK;
}

furrow_status furrow__session_begin(furrow_session *s)
{
    if (!s)
        return FURROW_NOMEM;
    if (s->status != FURROW_OK)
        return FURROW_ABORTED;
    clear_scratch(s);
    furrow_error error = {0};
    if (!furrow__engine_is_here(s->engine)) {
        furrow__engine_not_here(&error);
        return furrow__session_fail(s, &error);
    }
    return s->pooled ? FURROW_OK : begin(s);
}

bool furrow__session_enter(furrow_session *s)
{
    if (furrow__subtransaction_enter(&s->subtransaction)) {
        if (s->pooled)
            atomic_store_explicit(&s->pooled->thread, pthread_self(), memory_order_relaxed);
        return true;
    }
    furrow_error error = {0};
    furrow__subtransaction_evicted(s->engine, &error);
    furrow__cursors_forget(s);
    set_pooled(s, NULL);
    s->subtransaction.joined = false;
    if (s->status == FURROW_OK)
        furrow__session_fail(s, &error);
    return false;
}

furrow_status furrow__session_start_write(furrow_session *s)
{
    if (s && s->read_only && s->status == FURROW_OK)
        return furrow__session_failf(s, FURROW_INVALID, "cannot write in a read-only session");
    return furrow__session_start(s);
}

furrow_time furrow__session_now(furrow_session *s)
{
    if (!s->has_now) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        s->now.us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
        s->has_now = true;
    }
    return s->now;
}

furrow_arena *furrow__session_scratch(furrow_session *s)
{
    return &s->scratch;
}

/* Whether the database still has the transaction that this session is in. */
static bool transaction_is_alive(const furrow_session *s)
{
    return s->pooled && furrow__engine_is_here(s->engine) && !s->pooled->connection->broken &&
           s->pooled->connection->in_transaction;
}

/* Give the connection back and be as before the first statement, the last error apart. */
static void end_transaction(furrow_session *s)
{
    furrow__pooled *pooled = s->pooled;
    if (pooled) {
        bool cancelled = set_pooled(s, NULL);
        if (s->subtransaction.joined)
            furrow__group_abandon(pooled, &s->subtransaction, s->status ? &s->error : NULL);
        else
            furrow__pool_release(pooled, s->raw_ran || cancelled);
    }
    s->status = FURROW_OK;
    s->depth = s->dead_depth = 0;
    s->raw_ran = false;
    s->has_now = false;
    clear_scratch(s);
}

/* In a child of the process that the transaction is of: it goes on there, and is forgotten here. */
static void abandon(furrow_session *s)
{
    s->pooled = NULL;
    s->cursors = NULL;
    end_transaction(s);
}

furrow_status furrow_rollback(furrow_session *s)
{
    if (!s)
        return FURROW_NOMEM;
    if (!furrow__engine_is_here(s->engine)) {
        abandon(s);
        return FURROW_OK;
    }
    furrow__session_enter(s); /* if its connection is another's, there is nothing left to do */
    furrow__cursors_close(s, 0);
    if (!s->subtransaction.joined && transaction_is_alive(s)) {
        furrow_error ignored = {0};
        if (s->driver->rollback(s->pooled->connection, &ignored))
            s->pooled->connection->broken = true;
    }
    end_transaction(s);
    return FURROW_OK;
}

/* Commit alone: the connection stays the session's. */
static furrow_status commit_alone(furrow_session *s)
{
    furrow_error error = {0};
    furrow_status status = s->driver->commit(s->pooled->connection, &error);
    if (status == FURROW_OK) {
        s->pooled->committed++;
        return FURROW_OK;
    }
    furrow__copy_text(error.sql, sizeof error.sql, "COMMIT");
    furrow__session_fail(s, &error);
    if (transaction_is_alive(s))
        furrow_rollback(s);
    return status;
}

/* Commit with others: the connection goes on to the next, whatever comes of it. */
static furrow_status commit_with_others(furrow_session *s, furrow_ticket *ticket)
{
    furrow_error error = {0};
    furrow__pooled *pooled = s->pooled;
    set_pooled(s, NULL);
    furrow_status status = furrow__group_commit(pooled, &s->subtransaction, ticket, &error);
    if (status)
        furrow__session_fail(s, &error);
    return status;
}

/* *took: the ticket is of a commit that is under way. */
static furrow_status commit(furrow_session *s, furrow_ticket *ticket, bool *took)
{
    *took = false;
    if (s->status == FURROW_OK && s->pooled &&
        furrow__session_start(s) == FURROW_OK) /* after a fork */
        furrow__session_enter(s);
    if (s->status == FURROW_OK && s->depth)
        furrow__session_failf(s, FURROW_INVALID, "cannot commit with %d savepoint%s open", s->depth,
                              s->depth == 1 ? "" : "s");
    furrow_status status = s->status;
    if (status != FURROW_OK) {
        furrow_rollback(s);
        return status;
    }
    furrow__cursors_close(s, 0);
    if (s->pooled) {
        *took = s->subtransaction.joined || furrow__group_is_wanted(s->pooled) ||
                (ticket && furrow__group_is_possible(s->pooled));
        status = *took ? commit_with_others(s, ticket) : commit_alone(s);
        *took = *took && status == FURROW_OK;
    }
    end_transaction(s);
    return status;
}

furrow_status furrow_commit(furrow_session *s)
{
    bool took;
    return s ? commit(s, NULL, &took) : FURROW_NOMEM;
}

furrow_status furrow_commit_begin(furrow_session *s, furrow_ticket **out)
{
    bool took;
    if (out)
        *out = NULL;
    if (!s)
        return FURROW_NOMEM;
    if (!out && s->status == FURROW_OK)
        furrow__session_failf(s, FURROW_INVALID, "furrow_commit_begin: the ticket is NULL");
    furrow_ticket *ticket = furrow__ticket_new(s->engine, (furrow__call_site){s->file, s->line});
    if (!ticket && s->status == FURROW_OK)
        furrow__session_no_memory(s);
    furrow_status status = commit(s, ticket, &took);
    if (status) {
        furrow__ticket_free(ticket);
        return status;
    }
    if (!took)
        furrow__ticket_settle(ticket, FURROW_OK, NULL);
    *out = ticket;
    return FURROW_OK;
}

void furrow_session_reset(furrow_session *s)
{
    if (!s)
        return;
    furrow_rollback(s);
    furrow__results_forget(s);
    furrow__repeats_forget(s);
    furrow__arena_clear(&s->arena);
    s->error = no_error;
    s->changed = 0;
}

void furrow_session_close(furrow_session *s)
{
    if (!s)
        return;
    furrow_rollback(s);
    furrow__results_forget(s);
    furrow__repeats_forget(s);
    furrow__arena_done(&s->arena);
    furrow__arena_done(&s->scratch);
    pthread_mutex_destroy(&s->cancelling);
    furrow__engine_release(s->engine);
    furrow__release(s);
}

/* ---- savepoints ---- */

furrow_status furrow_savepoint_begin(furrow_session *s)
{
    if (!s)
        return FURROW_NOMEM;
    if (s->status != FURROW_OK) {
        s->dead_depth++;
        return FURROW_ABORTED;
    }
    if (s->depth == FURROW__MAX_SAVEPOINTS)
        return furrow__session_failf(s, FURROW_INVALID, "more than %d savepoints are open",
                                     FURROW__MAX_SAVEPOINTS);
    furrow_status status = furrow__session_start(s);
    if (status) {
        s->dead_depth++; /* so that its end finds it */
        return status;
    }
    furrow_error error = {0};
    if (!furrow__session_enter(s)) {
        s->dead_depth++;
        return s->status;
    }
    s->subtransaction.ran = true;
    status = s->driver->savepoint(s->pooled->connection, s->depth + 1, &error);
    furrow__session_leave(s);
    if (status) {
        s->dead_depth++;
        return furrow__session_fail(s, &error);
    }
    s->depth++;
    return FURROW_OK;
}

static bool is_of_the_data(furrow_status status)
{
    return status == FURROW_UNIQUE || status == FURROW_FOREIGN_KEY || status == FURROW_NOT_NULL ||
           status == FURROW_CHECK || status == FURROW_STALE || status == FURROW_INVALID;
}

/* Undo what was done since the innermost savepoint and forget it; the failure goes with it. */
static furrow_status undo_savepoint(furrow_session *s)
{
    int depth = s->depth--;
    /* That the connection is another's outranks what the savepoint would have contained. */
    if (furrow__subtransaction_is_evicted(&s->subtransaction) && is_of_the_data(s->status))
        s->status = FURROW_OK;
    if (!furrow__session_enter(s))
        return s->status;
    if (!transaction_is_alive(s)) {
        /* A lost connection outranks what the savepoint would have contained. */
        if (s->pooled && s->pooled->connection->broken && is_of_the_data(s->status))
            s->status = FURROW_OK;
        if (s->status == FURROW_OK)
            furrow__session_failf(s, FURROW_DISCONNECTED,
                                  "the connection was lost, and the transaction with it");
        furrow__session_leave(s);
        return s->status;
    }
    furrow__cursors_close(s, depth);
    furrow_error error = {0};
    furrow_status status = s->driver->rollback_to(s->pooled->connection, depth, &error);
    if (status == FURROW_OK)
        status = s->driver->release(s->pooled->connection, depth, &error);
    furrow__session_leave(s);
    s->status = FURROW_OK;
    return status ? furrow__session_fail(s, &error) : FURROW_OK;
}

/* FURROW_OK if there is a savepoint to end; one that only counts is ended here, and ABORTED. */
static furrow_status innermost_savepoint(furrow_session *s)
{
    if (!s)
        return FURROW_NOMEM;
    if (s->dead_depth) {
        s->dead_depth--;
        return FURROW_ABORTED;
    }
    return s->depth ? FURROW_OK : furrow__session_failf(s, FURROW_INVALID, "no savepoint is open");
}

furrow_status furrow_savepoint_end(furrow_session *s)
{
    furrow_status status = innermost_savepoint(s);
    if (status)
        return status;
    if (s->status != FURROW_OK) {
        furrow_status first = s->status;
        undo_savepoint(s);
        return first;
    }
    furrow_error error = {0};
    status = furrow__session_start(s); /* fails after a fork */
    if (status)
        return status;
    if (!furrow__session_enter(s)) {
        s->depth--;
        return s->status;
    }
    status = s->driver->release(s->pooled->connection, s->depth, &error);
    furrow__session_leave(s);
    if (status) {
        furrow_status first = furrow__session_fail(s, &error);
        undo_savepoint(s);
        return first;
    }
    s->depth--;
    furrow__cursors_keep(s);
    return FURROW_OK;
}

furrow_status furrow_savepoint_rollback(furrow_session *s)
{
    furrow_status status = innermost_savepoint(s);
    return status ? status : undo_savepoint(s);
}

/* ---- the version of generated code ---- */

furrow_status furrow__check_model(furrow_session *s, const furrow_model *model)
{
    if (model->format == FURROW_FORMAT_VERSION && model->column_count <= FURROW__MAX_COLUMNS)
        return FURROW_OK;
    return furrow__session_failf(
        s, FURROW_SCHEMA,
        "model \"%s\" was generated for format %u, this library has %d: generate again",
        model->name, (unsigned)model->format, FURROW_FORMAT_VERSION);
}
