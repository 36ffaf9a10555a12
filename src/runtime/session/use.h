/* SPDX-License-Identifier: MIT
 *
 * The use of a session by a thread. A session may move from one thread to another between two
 * calls, but two threads must not make calls on one session at the same time. Each public call
 * begins with FURROW__USE, which refuses the call if a call by another thread is in progress. A
 * refused call changes nothing in the session, and `.report` receives FURROW_REPORT_IN_USE.
 *
 * Calls can be nested: a public function can call another one, and so can a function of the program
 * that the library calls, such as `.trace`.
 */
#ifndef FURROW_RUNTIME_SESSION_USE_H
#define FURROW_RUNTIME_SESSION_USE_H

#include "runtime/session/session.h"

/* Reports that a call by this thread was refused, because a call by the thread `user` is in
 * progress. */
void furrow__session_report_use(const furrow_session *s, uintptr_t user);
/* Reports that the session is closed or reset before its changes were committed or rolled back. */
void furrow__session_report_uncommitted(const furrow_session *s);

static inline uintptr_t furrow__this_thread(void)
{
    return (uintptr_t)pthread_self();
}

/* Returns whether a call by another thread is in progress. The answer can be out of date. */
static inline bool furrow__session_is_in_use(const furrow_session *s)
{
    uintptr_t user = atomic_load_explicit(&s->user, memory_order_relaxed);
    return user && user != furrow__this_thread();
}

/* Begins a call. If a call by another thread is in progress, reports this and returns false. */
static inline bool furrow__session_use(furrow_session *s)
{
    uintptr_t me = furrow__this_thread(), user = 0;
    if (!s)
        return true;
    if (!atomic_compare_exchange_strong_explicit(&s->user, &user, me, memory_order_acquire,
                                                 memory_order_relaxed) &&
        user != me) {
        furrow__session_report_use(s, user);
        return false;
    }
    s->calls++;
    return true;
}

/* Ends a call for which furrow__session_use has returned true. */
static inline void furrow__session_end_use(furrow_session *s)
{
    if (s && --s->calls == 0)
        atomic_store_explicit(&s->user, 0, memory_order_release);
}
static inline void furrow__session_end_use_of(furrow_session **s)
{
    furrow__session_end_use(*s);
}

/* Begins a call that ends when the function returns. If a call by another thread is in progress,
 * the function returns `refused` at this point, so its output parameters must already be set. */
#define FURROW__USE(s, refused)                                                                    \
    if (!furrow__session_use(s))                                                                   \
        return refused;                                                                            \
    __attribute__((cleanup(furrow__session_end_use_of), unused)) furrow_session *used_ = (s)

#endif
