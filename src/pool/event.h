/* SPDX-License-Identifier: MIT
 *
 * An event: one thread waits until another thread sets it, once. An event costs nothing to create.
 * Sleeping takes one system call and so does waking; if the waiting thread is still spinning,
 * neither is needed. If many threads wait at the same time, each for its own event, they can sleep
 * on one condition, which wakes all of them with one system call.
 *
 * The thread that sets an event chooses the waiting thread under a lock, but wakes it after
 * releasing the lock (furrow__wake_up), because a thread that is woken earlier would block on that
 * lock at once. By the time of the wake-up, the event may no longer exist, since it is on the stack
 * of the waiting thread. That is safe, because the kernel only compares addresses: a thread that
 * now sleeps at the same address wakes up, checks its own event and sleeps again.
 */
#ifndef FURROW_POOL_EVENT_H
#define FURROW_POOL_EVENT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#if defined __linux__ && !defined FURROW__NO_FUTEX
#define FURROW__HAS_FUTEX                                                                          \
    1 /* futexes; on other systems, mutexes and condition variables are used */
#endif

typedef struct furrow__event {
    atomic_uint state; /* an enum furrow__event_state */
#ifndef FURROW__HAS_FUTEX
    pthread_mutex_t lock;
    pthread_cond_t cond;
#endif
} furrow__event;

enum furrow__event_state {
    FURROW__EVENT_UNSET,
    FURROW__EVENT_HAS_SLEEPER, /* not set, and a thread sleeps on the event */
    FURROW__EVENT_SET,
};

/* The argument of furrow__wake_up: an event that was set while a thread slept on it, or NULL if no
 * thread slept on it. */
typedef struct furrow__wake {
    furrow__event *event;
} furrow__wake;

/* Initializes an event that is not set. Returns false when out of memory. */
bool furrow__event_init(furrow__event *event);
void furrow__event_done(furrow__event *event);
/* Clears a set event so that it can be used again. Only the waiting thread calls this. */
void furrow__event_reset(furrow__event *event);

/* Sets the event. Everything that this thread wrote before is then visible to the waiting thread.
 */
void furrow__event_set(furrow__event *event, furrow__wake *wake);
/* Wakes the sleeping thread, if there is one. The caller must not hold the lock. */
void furrow__wake_up(furrow__wake *wake);

static inline bool furrow__event_is_set(const furrow__event *event)
{
    return atomic_load_explicit(&event->state, memory_order_acquire) == FURROW__EVENT_SET;
}

/* Waits until the event is set. Returns false if it is still not set at the monotonic time
 * `deadline_ns`. Spins for the first `spin_ns`. If `is_next`, the thread keeps its core for a
 * moment before it first yields; otherwise it yields at once. */
bool furrow__event_wait(furrow__event *event, int64_t spin_ns, bool is_next, int64_t deadline_ns);

/* A condition must outlive the threads that sleep on it. */
typedef struct furrow__condition {
    atomic_uint wakes;
    atomic_int sleepers;
#ifndef FURROW__HAS_FUTEX
    pthread_mutex_t lock;
    pthread_cond_t cond;
#endif
} furrow__condition;

enum { FURROW__CONDITION_CHANNELS = 32, FURROW__CONDITION_ALL = -1 };

/* Returns false when out of memory. */
bool furrow__condition_init(furrow__condition *condition);
void furrow__condition_done(furrow__condition *condition);
/* Wakes the threads that sleep on a channel of the condition. The channel is a number from 0 to
 * FURROW__CONDITION_CHANNELS - 1, or FURROW__CONDITION_ALL. A thread checks its event and sleeps
 * again if the event is not set. The caller must not hold the lock. */
void furrow__condition_wake(furrow__condition *condition, int channel);
/* Like furrow__event_wait, but sleeps on a channel of the condition and does not spin. */
bool furrow__condition_wait(furrow__condition *condition, furrow__event *event, int channel,
                            int64_t deadline_ns);

/* Pauses briefly without sleeping. `tries` counts the calls. After the first 20 calls, each call
 * yields to other threads. */
void furrow__spin(int *tries);
/* Returns whether sched_yield lets all other threads run. This is not the case if the calling
 * thread has a real-time policy. Such a thread must sleep instead of yielding, because it could
 * otherwise wait forever for a thread that never runs. */
bool furrow__can_yield(void);

#endif
