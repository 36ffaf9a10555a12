/* SPDX-License-Identifier: MIT
 *
 * Savepoints. After a failure, calls do nothing until the savepoint in which the failure occurred
 * ends. Savepoints that begin in the meantime are only counted. The transaction may no longer
 * exist, because the connection was lost or a statement rolled the transaction back. No savepoint
 * can restore it then, and the failure remains until the session ends the transaction.
 */
#include "runtime/session/transaction.h"
#include "runtime/session/use.h"

furrow_status furrow_savepoint_begin(furrow_session *s)
{
    FURROW__USE(s, FURROW_INVALID);
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
        s->dead_depth++; /* the caller will also end this savepoint */
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

/* Undoes all changes since the innermost savepoint began, and ends it. The failure is forgotten. */
static furrow_status undo_savepoint(furrow_session *s)
{
    int depth = s->depth--;
    /* If the session has lost its connection to another session, the savepoint cannot undo the
     * changes. The loss of the connection is then reported, instead of an error in the data. */
    if (furrow__subtransaction_is_evicted(&s->subtransaction) && is_of_the_data(s->status))
        s->status = FURROW_OK;
    if (!furrow__session_enter(s))
        return s->status;
    if (!furrow__transaction_is_alive(s)) {
        /* A broken connection is also reported instead of an error in the data. */
        if (s->pooled && s->pooled->connection->broken && is_of_the_data(s->status))
            s->status = FURROW_OK;
        if (s->status == FURROW_OK)
            furrow__session_failf(s, FURROW_DISCONNECTED,
                                  "the connection was lost, and the transaction with it");
        furrow__session_leave(s);
        return s->status;
    }
    furrow__streams_cut(&s->streams, depth);
    if (s->changes_depth >= depth)
        s->has_changes = false;
    furrow_error error = {0};
    furrow_status status = s->driver->rollback_to(s->pooled->connection, depth, &error);
    if (status == FURROW_OK)
        status = s->driver->release(s->pooled->connection, depth, &error);
    furrow__session_leave(s);
    s->status = FURROW_OK;
    return status ? furrow__session_fail(s, &error) : FURROW_OK;
}

/* Returns FURROW_OK if the innermost savepoint is open in the database. If it was only counted,
 * ends it and returns FURROW_ABORTED. */
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
    FURROW__USE(s, FURROW_INVALID);
    furrow_status status = innermost_savepoint(s);
    if (status)
        return status;
    if (s->status != FURROW_OK) {
        furrow_status first = s->status;
        undo_savepoint(s);
        return first;
    }
    furrow_error error = {0};
    status = furrow__session_start(s); /* in a forked child, the call fails */
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
    if (s->changes_depth > s->depth)
        s->changes_depth = s->depth;
    furrow__streams_keep(&s->streams, s->depth);
    return FURROW_OK;
}

furrow_status furrow_savepoint_rollback(furrow_session *s)
{
    FURROW__USE(s, FURROW_INVALID);
    furrow_status status = innermost_savepoint(s);
    return status ? status : undo_savepoint(s);
}
