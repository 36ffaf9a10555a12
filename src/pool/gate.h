/* SPDX-License-Identifier: MIT
 *
 * A gate: one thread waits before it until another opens it, once. It costs nothing to make and one
 * system call to sleep or to wake, and none at all where the one who waits is still awake.
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

typedef struct furrow__gate {
    atomic_uint state; /* of enum furrow__gate_state */
#ifndef __linux__
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
 * time `deadline_ns` came. */
bool furrow__gate_wait(furrow__gate *gate, int64_t awake_ns, int64_t deadline_ns);

/* Nothing to do for a moment that is shorter than sleeping: others run if there are any. `tries`
 * counts the moments. */
void furrow__stay_awake(int *tries);

#endif
