/* SPDX-License-Identifier: MIT
 *
 * Group commit on a SQLite file: transactions that wait for the disk at the same time share one
 * sync. Where somebody waits for the writer, a session that commits leaves its work in the open
 * transaction, hands the writer over and waits; the next session's work is a unit, in a savepoint
 * behind it. The last one, behind which nobody waits, runs COMMIT, and all are acknowledged.
 *
 * Nobody's commit hangs on somebody else's code: a unit that sits idle between calls for
 * group_wait_ms, while others wait to commit, is undone, and its session told FURROW_BUSY at its
 * next call. Whoever waits to commit does that: there is no thread but those.
 */
#ifndef FURROW_POOL_GROUP_H
#define FURROW_POOL_GROUP_H

#include <pthread.h>
#include <stdatomic.h>

#include "pool/pool.h"

/* What a session has of its transaction, and others may look at while it idles. */
typedef struct furrow__subtransaction {
    bool joined; /* others wait to commit before it; else the rest means nothing. Set with the loan
                    of the connection */
    bool ran;    /* a statement */
    int calls;   /* under way, one within the other */
    atomic_llong idle_since_ns;  /* monotonic, or one of these two */
    pthread_mutex_t *cancelling; /* held by who cancels the session's statement */
} furrow__subtransaction;

enum {
    FURROW__SUBTRANSACTION_IN_CALL = 0,  /* it uses the connection */
    FURROW__SUBTRANSACTION_EVICTED = -1, /* the connection is another's */
};

/* The connection is used from here to `leave`; false if it is not the session's any more. */
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
/* What to answer then. */
furrow_status furrow__subtransaction_evicted(const furrow_engine *engine, furrow_error *error);

/* As furrow__pool_acquire, for a session that writes: behind others that wait to commit its unit is
 * joined. */
furrow_status furrow__pool_acquire_writer(furrow_engine *engine, furrow__pooled **out,
                                          furrow__subtransaction *subtransaction,
                                          furrow__call_site opened_at, furrow_error *error);
/* Begin what was acquired with a unit: a transaction or, behind others, a unit of one. */
furrow_status furrow__group_begin(furrow__pooled *pooled, furrow__subtransaction *subtransaction,
                                  furrow_isolation isolation, furrow_error *error);
/* A unit in which nothing ran yet becomes a transaction of its own: who waited before it is
 * committed. Nothing happens to one that is not joined, or in which something ran. */
furrow_status furrow__group_detach(furrow__pooled *pooled, furrow__subtransaction *subtransaction,
                                   furrow_error *error);

/* Whether commits of this connection can be made together at all. */
bool furrow__group_is_possible(const furrow__pooled *pooled);
/* Whether one that is not joined should wait for others: else it commits alone, the ordinary way.
 */
bool furrow__group_is_wanted(furrow__pooled *pooled);
/* Commit with others; gives the connection back whatever comes of it. With a ticket it does not
 * wait. */
furrow_status furrow__group_commit(furrow__pooled *pooled, furrow__subtransaction *subtransaction,
                                   furrow_ticket *ticket, furrow_error *error);
/* Give back the connection of a joined unit that is not to be kept. `cause` is what it failed by,
 * or NULL. */
void furrow__group_abandon(furrow__pooled *pooled, furrow__subtransaction *subtransaction,
                           const furrow_error *cause);

/* A ticket for a commit that did not wait; NULL when out of memory. */
furrow_ticket *furrow__ticket_new(furrow_engine *engine, furrow__call_site opened_at);
/* One that is settled already. */
void furrow__ticket_settle(furrow_ticket *ticket, furrow_status status, const furrow_error *error);
void furrow__ticket_free(furrow_ticket *ticket);

#endif
