/* SPDX-License-Identifier: MIT
 *
 * Group commit on a SQLite file: transactions that wait for the disk at the same time share one
 * sync. If another session waits for the writer, a session that commits leaves its changes in the
 * open transaction, passes the connection on and waits. The next session runs as a subtransaction,
 * in a savepoint. When no other session waits for the writer, one of the threads runs COMMIT for
 * all.
 *
 * A commit does not wait long for the code of another session. If a subtransaction makes no call
 * for group_wait_ms while others wait to commit, it is rolled back, and the next call on its
 * session returns FURROW_BUSY. A waiting thread does the rollback; furrow starts no threads.
 */
#ifndef FURROW_POOL_GROUP_H
#define FURROW_POOL_GROUP_H

#include <pthread.h>
#include <stdatomic.h>

#include "pool/pool.h"

/* The part of a session's transaction that other threads may read while the session is idle. */
typedef struct furrow__subtransaction {
    bool joined; /* whether the transaction is a subtransaction, that is, whether other sessions
                    wait to commit in the same transaction; set when the connection is lent; if
                    false, the other members of this struct have no meaning */
    bool ran;    /* whether a statement ran in the subtransaction */
    int calls;   /* number of nested calls on the session that are in progress */
    atomic_llong idle_since_ns;  /* a monotonic time, FURROW__SUBTRANSACTION_IN_CALL or
                                    FURROW__SUBTRANSACTION_EVICTED */
    pthread_mutex_t *cancelling; /* held while another thread cancels the session's statement */
} furrow__subtransaction;

enum {
    FURROW__SUBTRANSACTION_IN_CALL = 0,  /* the session is using the connection */
    FURROW__SUBTRANSACTION_EVICTED = -1, /* the connection was taken from the session */
};

/* Begin and end a period in which the session may use the connection. `enter` returns false if the
 * connection was taken from the session. */
bool furrow__subtransaction_enter_joined(furrow__subtransaction *subtransaction);
void furrow__subtransaction_leave_joined(furrow__subtransaction *subtransaction);
static inline bool furrow__subtransaction_enter(furrow__subtransaction *subtransaction)
{
    return !subtransaction->joined || furrow__subtransaction_enter_joined(subtransaction);
}
static inline void furrow__subtransaction_leave(furrow__subtransaction *subtransaction)
{
    if (subtransaction->joined)
        furrow__subtransaction_leave_joined(subtransaction);
}
static inline bool furrow__subtransaction_is_evicted(const furrow__subtransaction *subtransaction)
{
    return atomic_load_explicit(&subtransaction->idle_since_ns, memory_order_acquire) ==
           FURROW__SUBTRANSACTION_EVICTED;
}
/* Fills in the error that reports that the connection was taken from the session. Returns the
 * error's status. */
furrow_status furrow__subtransaction_evicted(const furrow_engine *engine, furrow_error *error);

/* Like furrow__pool_acquire, for a session that writes. If other sessions wait to commit, the
 * session joins their transaction and `subtransaction` is set up. */
furrow_status furrow__pool_acquire_writer(furrow_engine *engine, furrow__pooled **out,
                                          furrow__subtransaction *subtransaction,
                                          furrow__call_site opened_at, furrow_error *error);
/* Begins a transaction on a connection from furrow__pool_acquire_writer, or a subtransaction if the
 * session joins a transaction. */
furrow_status furrow__group_begin(furrow__pooled *pooled, furrow__subtransaction *subtransaction,
                                  furrow_isolation isolation, furrow_error *error);
/* Turns a subtransaction in which no statement has run into a separate transaction: the batch is
 * committed first. Does nothing if there is no subtransaction, or if a statement has already run in
 * it. */
furrow_status furrow__group_detach(furrow__pooled *pooled, furrow__subtransaction *subtransaction,
                                   furrow_error *error);

/* Returns whether commits on this connection can be grouped at all. */
bool furrow__group_is_possible(const furrow__pooled *pooled);
/* Returns whether a transaction that is not a subtransaction should wait to be committed with
 * others. If not, the transaction is committed alone. */
bool furrow__group_is_wanted(furrow__pooled *pooled);
/* Commits together with others, and gives the connection back even if that fails. With a ticket,
 * the call does not wait for the commit. */
furrow_status furrow__group_commit(furrow__pooled *pooled, furrow__subtransaction *subtransaction,
                                   furrow_ticket *ticket, furrow_error *error);
/* Rolls a subtransaction back and gives the connection back. `cause` is the error that made the
 * subtransaction fail, or NULL. */
void furrow__group_abandon(furrow__pooled *pooled, furrow__subtransaction *subtransaction,
                           const furrow_error *cause);

/* Makes a ticket. A ticket represents a commit that was begun without waiting for its end. Returns
 * NULL when out of memory. */
furrow_ticket *furrow__ticket_new(furrow_engine *engine, furrow__call_site opened_at);
/* Sets the outcome of a ticket that is not in a batch. */
void furrow__ticket_settle(furrow_ticket *ticket, furrow_status status, const furrow_error *error);
void furrow__ticket_free(furrow_ticket *ticket);

#endif
