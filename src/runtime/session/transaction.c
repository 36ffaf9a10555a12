/* SPDX-License-Identifier: MIT
 *
 * Begins, commits, rolls back and cancels transactions.
 */
#include "runtime/session/transaction.h"
#include "runtime/session/use.h"

/* Sets or clears the session's connection. Returns whether the transaction was cancelled. */
static bool set_pooled(furrow_session *s, furrow__pooled *pooled)
{
    pthread_mutex_lock(&s->cancelling);
    bool cancelled = s->cancelled;
    s->pooled = pooled;
    s->cancelled = false;
    pthread_mutex_unlock(&s->cancelling);
    return cancelled;
}

/* While the cancel request is sent, the lock `cancelling` prevents the session from giving the
 * connection back. Otherwise the request could stop a statement of another session. If the request
 * arrives after the statement has ended, it is discarded when the connection is reset. */
void furrow_session_cancel(furrow_session *s)
{
    if (!s || !s->engine || !furrow__engine_is_here(s->engine))
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

/* Takes a connection from the pool and begins a transaction. */
static furrow_status begin(furrow_session *s)
{
    furrow_error error = {0};
    s->lost_unused = false;
    furrow_status status = s->read_only ? begin_to_read(s, &error) : begin_to_write(s, &error);
    return status ? furrow__session_fail(s, &error) : FURROW_OK;
}

/* Checks the options that furrow_session_open could not check, because it returns no status. */
static furrow_status check_options(furrow_session *s)
{
    if (s->isolation < FURROW_ISOLATION_DEFAULT || s->isolation > FURROW_ISOLATION_SERIALIZABLE)
        return furrow__session_failf(s, FURROW_INVALID, "isolation = %d is not a furrow_isolation",
                                     (int)s->isolation);
    if (s->statement_timeout_ms < -1)
        return furrow__session_failf(s, FURROW_INVALID,
                                     "statement_timeout_ms is %d; -1 means no limit",
                                     s->statement_timeout_ms);
    return FURROW_OK;
}

furrow_status furrow__session_start_local(furrow_session *s)
{
    if (!s)
        return FURROW_NOMEM;
    if (!s->engine)
        return FURROW_INVALID;
    if (s->status != FURROW_OK)
        return FURROW_ABORTED;
    clear_scratch(s);
    return FURROW_OK;
}

furrow_status furrow__session_begin(furrow_session *s)
{
    furrow_status ready = furrow__session_start_local(s);
    if (ready)
        return ready;
    furrow_error error = {0};
    if (!furrow__engine_is_here(s->engine)) {
        furrow__engine_not_here(&error);
        return furrow__session_fail(s, &error);
    }
    if (s->pooled)
        return FURROW_OK;
    furrow_status status = check_options(s);
    return status ? status : begin(s);
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
    furrow__streams_cut_without_connection(&s->streams);
    set_pooled(s, NULL);
    s->subtransaction.joined = false;
    if (s->status == FURROW_OK)
        furrow__session_fail(s, &error);
    return false;
}

static furrow_status fail_read_only(furrow_session *s)
{
    furrow_error error = {0};
    furrow__fail(&error, FURROW_INVALID, "cannot write in a read-only session");
    furrow__hint(&error, "open a session without .read_only");
    return furrow__session_fail(s, &error);
}

furrow_status furrow__session_start_write(furrow_session *s)
{
    if (s && s->read_only && s->status == FURROW_OK)
        return fail_read_only(s);
    return furrow__session_start(s);
}

/* Returns whether the session's transaction is still open in the database. */
bool furrow__transaction_is_alive(const furrow_session *s)
{
    return s->pooled && furrow__engine_is_here(s->engine) && !s->pooled->connection->broken &&
           s->pooled->connection->in_transaction;
}

/* Returns the connection to the pool. The session is then in the same state as before its first
 * statement, but still has its last error. */
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
    s->raw_ran = s->has_run = s->has_changes = false;
    s->has_now = false;
    s->streams.left_open = 0;
    clear_scratch(s);
}

/* Forgets a transaction in a forked child. The transaction continues in the parent. */
static void abandon(furrow_session *s)
{
    s->pooled = NULL;
    s->streams.first = NULL;
    end_transaction(s);
}

furrow_status furrow_rollback(furrow_session *s)
{
    FURROW__USE(s, FURROW_INVALID);
    if (!s)
        return FURROW_NOMEM;
    if (!s->engine)
        return FURROW_OK;
    if (!furrow__engine_is_here(s->engine)) {
        abandon(s);
        return FURROW_OK;
    }
    furrow__session_enter(s); /* on failure, the transaction has been rolled back already */
    furrow__streams_cut(&s->streams, 0);
    if (!s->subtransaction.joined && furrow__transaction_is_alive(s)) {
        furrow_error ignored = {0};
        if (s->driver->rollback(s->pooled->connection, &ignored))
            s->pooled->connection->broken = true;
    }
    end_transaction(s);
    return FURROW_OK;
}

/* Commits this transaction by itself, on the session's connection, and not in a group with others.
 */
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
    if (furrow__transaction_is_alive(s))
        furrow_rollback(s);
    return status;
}

/* Commits together with other transactions. The session loses the connection, even on failure. */
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

/* Commits. Sets *took to true if the ticket belongs to a commit that has not finished. */
static furrow_status commit(furrow_session *s, furrow_ticket *ticket, bool *took)
{
    *took = false;
    if (s->status == FURROW_OK && s->pooled &&
        furrow__session_start(s) == FURROW_OK) /* in a forked child, the call fails */
        furrow__session_enter(s);
    if (s->status == FURROW_OK && s->depth)
        furrow__session_failf(s, FURROW_INVALID, "cannot commit with %d savepoint%s open", s->depth,
                              s->depth == 1 ? "" : "s");
    furrow_status status = s->status;
    if (status != FURROW_OK) {
        furrow_rollback(s);
        return status;
    }
    furrow__streams_cut(&s->streams, 0);
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
    FURROW__USE(s, FURROW_INVALID);
    bool took;
    return s ? commit(s, NULL, &took) : FURROW_NOMEM;
}

furrow_status furrow_commit_begin(furrow_session *s, furrow_ticket **out)
{
    bool took;
    if (out)
        *out = NULL;
    FURROW__USE(s, FURROW_INVALID);
    if (!s)
        return FURROW_NOMEM;
    if (!s->engine)
        return FURROW_INVALID;
    if (!out && s->status == FURROW_OK)
        furrow__session_failf(s, FURROW_INVALID, "the pointer that receives the ticket is NULL");
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
