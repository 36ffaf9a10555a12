/* SPDX-License-Identifier: MIT
 *
 * Group commit on a SQLite file: transactions that wait for the disk at the same time share one
 * sync. If another session waits for the writer, a session that commits leaves its work in the open
 * transaction, passes the connection on and waits. The next session runs as a subtransaction, in a
 * savepoint. When no other session waits, one of them runs COMMIT for all.
 *
 * No commit waits for another session's code for long. If a subtransaction makes no call for
 * group_wait_ms while others wait to commit, it is rolled back, and its session gets FURROW_BUSY
 * from its next call. The waiting threads do that themselves; furrow starts no threads.
 */
#ifndef FURROW_POOL_GROUP_H
#define FURROW_POOL_GROUP_H

#include <pthread.h>
#include <stdatomic.h>

#include "pool/pool.h"

/* The part of a session's transaction that other threads may read while the session is idle. */
typedef struct furrow__subtransaction {
    bool joined; /* it is a subtransaction: others wait to commit in the same transaction. Set when
                    the connection is lent. If false, the other members mean nothing */
    bool ran;    /* a statement ran in it */
    int calls;   /* nested calls of the session that are in progress */
    atomic_llong idle_since_ns;  /* monotonic time, or one of the two values below */
    pthread_mutex_t *cancelling; /* held while another thread cancels the session's statement */
} furrow__subtransaction;

enum {
    FURROW__SUBTRANSACTION_IN_CALL = 0,  /* the session uses the connection */
    FURROW__SUBTRANSACTION_EVICTED = -1, /* the connection was taken away */
};

/* The session may use the connection from `enter` to `leave`. `enter` returns false if the
 * connection was taken away. */
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
/* Returns the error of a session whose connection was taken away. */
furrow_status furrow__subtransaction_evicted(const furrow_engine *engine, furrow_error *error);

/* Like furrow__pool_acquire, for a session that writes. If others wait to commit, `subtransaction`
 * becomes a joined one. */
furrow_status furrow__pool_acquire_writer(furrow_engine *engine, furrow__pooled **out,
                                          furrow__subtransaction *subtransaction,
                                          furrow__call_site opened_at, furrow_error *error);
/* Begins a transaction on a connection from furrow__pool_acquire_writer, or a subtransaction if it
 * is joined. */
furrow_status furrow__group_begin(furrow__pooled *pooled, furrow__subtransaction *subtransaction,
                                  furrow_isolation isolation, furrow_error *error);
/* Makes a subtransaction in which no statement ran yet a transaction of its own: the batch is
 * committed first. Does nothing if it is not joined or if a statement ran in it. */
furrow_status furrow__group_detach(furrow__pooled *pooled, furrow__subtransaction *subtransaction,
                                   furrow_error *error);

/* Whether commits of this connection can be grouped at all. */
bool furrow__group_is_possible(const furrow__pooled *pooled);
/* Whether a transaction that is not joined should wait for others; otherwise it commits alone. */
bool furrow__group_is_wanted(furrow__pooled *pooled);
/* Commits together with others, and gives the connection back even if that fails. With a ticket it
 * does not wait. */
furrow_status furrow__group_commit(furrow__pooled *pooled, furrow__subtransaction *subtransaction,
                                   furrow_ticket *ticket, furrow_error *error);
/* Rolls a subtransaction back and gives the connection back. `cause` is the error that it failed
 * with, or NULL. */
void furrow__group_abandon(furrow__pooled *pooled, furrow__subtransaction *subtransaction,
                           const furrow_error *cause);

/* Makes a ticket, which stands for a commit that was begun but not waited for. Returns NULL when
 * out of memory. */
furrow_ticket *furrow__ticket_new(furrow_engine *engine, furrow__call_site opened_at);
/* Gives a ticket that is in no batch its outcome. */
void furrow__ticket_settle(furrow_ticket *ticket, furrow_status status, const furrow_error *error);
void furrow__ticket_free(furrow_ticket *ticket);

#endif
