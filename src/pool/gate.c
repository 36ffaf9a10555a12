/* SPDX-License-Identifier: MIT
 * See gate.h. */
#include "pool/gate.h"

#include <errno.h>
#include <sched.h>
#include <time.h>

#ifdef __linux__
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "pool/engine.h"

static struct timespec time_of(int64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
}

#ifdef __linux__

bool furrow__gate_init(furrow__gate *gate)
{
    atomic_init(&gate->state, FURROW__GATE_CLOSED);
    return true;
}

void furrow__gate_done(furrow__gate *gate)
{
    (void)gate;
}

void furrow__gate_open(furrow__gate *gate, furrow__wake *wake)
{
    unsigned before =
        atomic_exchange_explicit(&gate->state, FURROW__GATE_OPEN, memory_order_acq_rel);
    if (before == FURROW__GATE_SLEEPER)
        wake->gate = gate;
}

void furrow__wake_up(furrow__wake *wake)
{
    if (wake->gate)
        syscall(SYS_futex, &wake->gate->state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    wake->gate = NULL;
}

/* Until somebody changes the state, or the time came: then false. */
static bool sleep_at(furrow__gate *gate, int64_t deadline_ns)
{
    struct timespec until = time_of(deadline_ns);
    unsigned state = FURROW__GATE_CLOSED;
    if (!atomic_compare_exchange_strong_explicit(&gate->state, &state, FURROW__GATE_SLEEPER,
                                                 memory_order_acq_rel, memory_order_acquire) &&
        state != FURROW__GATE_SLEEPER)
        return true;
    return !syscall(SYS_futex, &gate->state, FUTEX_WAIT_BITSET_PRIVATE, FURROW__GATE_SLEEPER,
                    &until, NULL, FUTEX_BITSET_MATCH_ANY) ||
           errno != ETIMEDOUT;
}

#else

bool furrow__gate_init(furrow__gate *gate)
{
    atomic_init(&gate->state, FURROW__GATE_CLOSED);
    if (pthread_mutex_init(&gate->lock, NULL))
        return false;
    if (furrow__init_condition(&gate->condition))
        return true;
    pthread_mutex_destroy(&gate->lock);
    return false;
}

void furrow__gate_done(furrow__gate *gate)
{
    pthread_mutex_lock(&gate->lock); /* whoever opened it is out of it */
    pthread_mutex_unlock(&gate->lock);
    pthread_cond_destroy(&gate->condition);
    pthread_mutex_destroy(&gate->lock);
}

void furrow__gate_open(furrow__gate *gate, furrow__wake *wake)
{
    (void)wake;
    pthread_mutex_lock(&gate->lock);
    unsigned before =
        atomic_exchange_explicit(&gate->state, FURROW__GATE_OPEN, memory_order_acq_rel);
    if (before == FURROW__GATE_SLEEPER)
        pthread_cond_signal(&gate->condition);
    pthread_mutex_unlock(&gate->lock);
}

void furrow__wake_up(furrow__wake *wake)
{
    wake->gate = NULL;
}

static bool sleep_at(furrow__gate *gate, int64_t deadline_ns)
{
    struct timespec until = time_of(deadline_ns);
    int code = 0;
    pthread_mutex_lock(&gate->lock);
    unsigned state = FURROW__GATE_CLOSED;
    atomic_compare_exchange_strong(&gate->state, &state, FURROW__GATE_SLEEPER);
    while (atomic_load(&gate->state) == FURROW__GATE_SLEEPER && code != ETIMEDOUT)
        code = pthread_cond_timedwait(&gate->condition, &gate->lock, &until);
    pthread_mutex_unlock(&gate->lock);
    return code != ETIMEDOUT;
}

#endif

void furrow__gate_close(furrow__gate *gate)
{
    atomic_store_explicit(&gate->state, FURROW__GATE_CLOSED, memory_order_relaxed);
}

void furrow__stay_awake(int *tries)
{
    enum { PAUSES = 32, TRIES_ALONE = 8 };
    if (++*tries > TRIES_ALONE) {
        sched_yield();
        return;
    }
    for (int i = 0; i < PAUSES; i++) {
#if defined __x86_64__ || defined __i386__
        __builtin_ia32_pause();
#elif defined __aarch64__
        __asm__ volatile("yield");
#else
        atomic_signal_fence(memory_order_seq_cst);
#endif
    }
}

static bool wait_awake(furrow__gate *gate, int64_t awake_ns)
{
    int tries = 0;
    for (int64_t until = furrow__now_ns() + awake_ns; !furrow__gate_is_open(gate);) {
        if (furrow__now_ns() >= until)
            return false;
        furrow__stay_awake(&tries);
    }
    return true;
}

bool furrow__gate_wait(furrow__gate *gate, int64_t awake_ns, int64_t deadline_ns)
{
    if (furrow__gate_is_open(gate) || (awake_ns > 0 && wait_awake(gate, awake_ns)))
        return true;
    while (sleep_at(gate, deadline_ns))
        if (furrow__gate_is_open(gate))
            return true;
    unsigned state = FURROW__GATE_SLEEPER; /* who got up */
    atomic_compare_exchange_strong_explicit(&gate->state, &state, FURROW__GATE_CLOSED,
                                            memory_order_acq_rel, memory_order_acquire);
    return state == FURROW__GATE_OPEN;
}
