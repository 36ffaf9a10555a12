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
#ifndef FURROW_POOL_GATE_H
#define FURROW_POOL_GATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#if defined __linux__ && !defined FURROW__NO_FUTEX
#define FURROW__HAS_FUTEX 1 /* else locks and conditions do it */
#endif

typedef struct furrow__gate {
    atomic_uint state; /* of enum furrow__gate_state */
#ifndef FURROW__HAS_FUTEX
    pthread_mutex_t lock;
    pthread_cond_t condition;
#endif
} furrow__gate;

enum furrow__gate_state {
    FURROW__GATE_CLOSED,
    FURROW__GATE_SLEEPER, /* and somebody sleeps before it */
    FURROW__GATE_OPEN,
};

/* Who sleeps before a gate that was opened, if anybody does. */
typedef struct furrow__wake {
    furrow__gate *gate;
} furrow__wake;

/* False when out of memory. */
bool furrow__gate_init(furrow__gate *gate);
void furrow__gate_done(furrow__gate *gate);
/* Close it again; for who waits before it, after it was opened. */
void furrow__gate_close(furrow__gate *gate);

/* What was written before is seen by who passes. */
void furrow__gate_open(furrow__gate *gate, furrow__wake *wake);
/* The lock is free. */
void furrow__wake_up(furrow__wake *wake);

static inline bool furrow__gate_is_open(const furrow__gate *gate)
{
    return atomic_load_explicit(&gate->state, memory_order_acquire) == FURROW__GATE_OPEN;
}

/* Wait, for the first `awake_ns` without sleeping, until the gate is open: true; or the monotonic
 * time `deadline_ns` came. Who is next keeps its core for a moment, else others run. */
bool furrow__gate_wait(furrow__gate *gate, int64_t awake_ns, bool is_next, int64_t deadline_ns);

/* It outlives those who sleep by it. */
typedef struct furrow__bell {
    atomic_uint rings;
    atomic_int sleepers;
#ifndef FURROW__HAS_FUTEX
    pthread_mutex_t lock;
    pthread_cond_t condition;
#endif
} furrow__bell;

enum { FURROW__BELL_LISTENERS = 32, FURROW__BELL_FOR_ALL = -1 };

/* False when out of memory. */
bool furrow__bell_init(furrow__bell *bell);
void furrow__bell_done(furrow__bell *bell);
/* After gates were opened: those who sleep with that number, 0 to FURROW__BELL_LISTENERS - 1, look
 * at theirs, or all. The lock is free. */
void furrow__bell_ring(furrow__bell *bell, int listener);
/* As furrow__gate_wait, asleep by the bell. */
bool furrow__bell_wait(furrow__bell *bell, furrow__gate *gate, int listener, int64_t deadline_ns);

/* Nothing to do for a moment that is shorter than sleeping: others run if there are any. `tries`
 * counts the moments. */
void furrow__stay_awake(int *tries);
/* Whether others run then at all. Not behind a thread of a real-time policy, which has to sleep for
 * that: it would wait for who cannot run. */
bool furrow__gives_way(void);

#endif
