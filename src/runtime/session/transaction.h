/* SPDX-License-Identifier: MIT
 *
 * Transactions. The first statement of a session takes a connection from the pool and begins a
 * transaction.
 */
#ifndef FURROW_RUNTIME_SESSION_TRANSACTION_H
#define FURROW_RUNTIME_SESSION_TRANSACTION_H

#include "runtime/session/session.h"

furrow_status furrow__session_begin(furrow_session *s);

/* Every verb begins with this call. Returns FURROW_OK if the session has a connection in a
 * transaction, or the status that the verb must return. Clears the scratch memory. */
static inline furrow_status furrow__session_start(furrow_session *s)
{
    if (s && s->pooled && s->status == FURROW_OK && s->scratch.at == s->scratch_start &&
        furrow__engine_is_here(s->engine))
        return FURROW_OK;
    return furrow__session_begin(s);
}
/* Begins a verb that uses neither the database nor the transaction. Returns FURROW_OK, or the
 * status that the verb must return. Clears the scratch memory. */
furrow_status furrow__session_start_local(furrow_session *s);
/* Begins a verb that writes. Fails if the session is read-only. */
furrow_status furrow__session_start_write(furrow_session *s);

/* Code may use the connection only between furrow__session_enter and furrow__session_leave. A run
 * calls these functions itself. At other times the transaction is idle, and can be rolled back if
 * other transactions wait for it. If it was rolled back, furrow__session_enter keeps the failure
 * and returns false. */
bool furrow__session_enter(furrow_session *s);
static inline void furrow__session_leave(furrow_session *s)
{
    furrow__subtransaction_leave(&s->subtransaction);
}

/* Returns whether the session's transaction is still open in the database. */
bool furrow__transaction_is_alive(const furrow_session *s);

#endif
