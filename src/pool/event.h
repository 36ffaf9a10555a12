/* SPDX-License-Identifier: MIT
 *
 * A gate: one thread waits before it until another opens it, once. It costs nothing to make and one
 * system call to sleep or to wake, and none at all where the one who waits is still awake. Many who
 * wait for the same event, each before its own gate, sleep by one bell, whose ringing is one system
 * call for them all.
 *
 * Who opens a gate does it under the lock that says whom it is for, and wakes the sleeper outside
 * of it (furrow__wake_up): a thread that is woken under a lock runs into that lock. By then the
 * gate may be gone, with the stack that it was on; what is woken is an address, which the kernel
 * takes for what it is, and whoever sleeps at the same address by now looks again.
 */
#ifndef FURROW_POOL_EVENT_H
#define FURROW_POOL_EVENT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#if defined __linux__ && !defined FURROW__NO_FUTEX
#define FURROW__HAS_FUTEX 1 /* else locks and conditions do it */
#endif

typedef struct furrow__event {
    atomic_uint state; /* of enum furrow__event_state */
#ifndef FURROW__HAS_FUTEX
    pthread_mutex_t lock;
    pthread_cond_t cond;
#endif
} furrow__event;

enum furrow__event_state {
    FURROW__EVENT_UNSET,
    FURROW__EVENT_HAS_SLEEPER, /* and somebody sleeps before it */
    FURROW__EVENT_SET,
};

/* Who sleeps before a gate that was opened, if anybody does. */
typedef struct furrow__wake {
    furrow__event *event;
} furrow__wake;

/* False when out of memory. */
bool furrow__event_init(furrow__event *event);
void furrow__event_done(furrow__event *event);
/* Close it again; for who waits before it, after it was opened. */
void furrow__event_reset(furrow__event *event);

/* What was written before is seen by who passes. */
void furrow__event_set(furrow__event *event, furrow__wake *wake);
/* The lock is free. */
void furrow__wake_up(furrow__wake *wake);

static inline bool furrow__event_is_set(const furrow__event *event)
{
    return atomic_load_explicit(&event->state, memory_order_acquire) == FURROW__EVENT_SET;
}

/* Wait, for the first `spin_ns` without sleeping, until the gate is open: true; or the monotonic
 * time `deadline_ns` came. Who is next keeps its core for a moment, else others run. */
bool furrow__event_wait(furrow__event *event, int64_t spin_ns, bool is_next, int64_t deadline_ns);

/* It outlives those who sleep by it. */
typedef struct furrow__condition {
    atomic_uint wakes;
    atomic_int sleepers;
#ifndef FURROW__HAS_FUTEX
    pthread_mutex_t lock;
    pthread_cond_t cond;
#endif
} furrow__condition;

enum { FURROW__CONDITION_CHANNELS = 32, FURROW__CONDITION_ALL = -1 };

/* False when out of memory. */
bool furrow__condition_init(furrow__condition *condition);
void furrow__condition_done(furrow__condition *condition);
/* After gates were opened: those who sleep with that number, 0 to FURROW__CONDITION_CHANNELS - 1,
 * look at theirs, or all. The lock is free. */
void furrow__condition_wake(furrow__condition *condition, int channel);
/* As furrow__event_wait, asleep by the bell. */
bool furrow__condition_wait(furrow__condition *condition, furrow__event *event, int channel,
                            int64_t deadline_ns);

/* Nothing to do for a moment that is shorter than sleeping: others run if there are any. `tries`
 * counts the moments. */
void furrow__spin(int *tries);
/* Whether others run then at all. Not behind a thread of a real-time policy, which has to sleep for
 * that: it would wait for who cannot run. */
bool furrow__can_yield(void);

#endif
