/* SPDX-License-Identifier: MIT
 * See gate.h. */
#include "pool/gate.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <time.h>

#ifdef FURROW__HAS_FUTEX
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "pool/engine.h"

static struct timespec time_of(int64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
}

#ifdef FURROW__HAS_FUTEX

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

bool furrow__bell_init(furrow__bell *bell)
{
    atomic_init(&bell->rings, 0);
    atomic_init(&bell->sleepers, 0);
    return true;
}

void furrow__bell_done(furrow__bell *bell)
{
    (void)bell;
}

void furrow__bell_ring(furrow__bell *bell, int listener)
{
    unsigned mask =
        listener == FURROW__BELL_FOR_ALL ? FUTEX_BITSET_MATCH_ANY : 1U << (unsigned)listener;
    atomic_fetch_add(&bell->rings, 1);
    if (atomic_load(&bell->sleepers))
        syscall(SYS_futex, &bell->rings, FUTEX_WAKE_BITSET_PRIVATE, INT_MAX, NULL, NULL, mask);
}

/* Unless it rang since; false when the time came. */
static bool sleep_by(furrow__bell *bell, unsigned rings, int listener, int64_t deadline_ns)
{
    struct timespec until = time_of(deadline_ns);
    return !syscall(SYS_futex, &bell->rings, FUTEX_WAIT_BITSET_PRIVATE, rings, &until, NULL,
                    1U << (unsigned)listener) ||
           errno != ETIMEDOUT;
}

#else

static bool init_pair(pthread_mutex_t *lock, pthread_cond_t *condition)
{
    if (pthread_mutex_init(lock, NULL))
        return false;
    if (furrow__init_condition(condition))
        return true;
    pthread_mutex_destroy(lock);
    return false;
}

bool furrow__gate_init(furrow__gate *gate)
{
    atomic_init(&gate->state, FURROW__GATE_CLOSED);
    return init_pair(&gate->lock, &gate->condition);
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

bool furrow__bell_init(furrow__bell *bell)
{
    atomic_init(&bell->rings, 0);
    atomic_init(&bell->sleepers, 0);
    return init_pair(&bell->lock, &bell->condition);
}

void furrow__bell_done(furrow__bell *bell)
{
    pthread_cond_destroy(&bell->condition);
    pthread_mutex_destroy(&bell->lock);
}

void furrow__bell_ring(furrow__bell *bell, int listener)
{
    (void)listener;
    pthread_mutex_lock(&bell->lock);
    atomic_fetch_add(&bell->rings, 1);
    pthread_cond_broadcast(&bell->condition);
    pthread_mutex_unlock(&bell->lock);
}

static bool sleep_by(furrow__bell *bell, unsigned rings, int listener, int64_t deadline_ns)
{
    struct timespec until = time_of(deadline_ns);
    int code = 0;
    (void)listener;
    pthread_mutex_lock(&bell->lock);
    while (atomic_load(&bell->rings) == rings && code != ETIMEDOUT)
        code = pthread_cond_timedwait(&bell->condition, &bell->lock, &until);
    pthread_mutex_unlock(&bell->lock);
    return code != ETIMEDOUT;
}

#endif

bool furrow__bell_wait(furrow__bell *bell, furrow__gate *gate, int listener, int64_t deadline_ns)
{
    bool in_time = true;
    atomic_fetch_add(&bell->sleepers, 1);
    for (;;) {
        unsigned rings = atomic_load(&bell->rings);
        if (furrow__gate_is_open(gate) || !in_time)
            break;
        in_time = sleep_by(bell, rings, listener, deadline_ns);
    }
    atomic_fetch_sub(&bell->sleepers, 1);
    return furrow__gate_is_open(gate);
}

void furrow__gate_close(furrow__gate *gate)
{
    atomic_store_explicit(&gate->state, FURROW__GATE_CLOSED, memory_order_relaxed);
}

/* About as long as a short transaction takes. */
enum { PAUSES = 32, TRIES_ALONE = 20 };

void furrow__stay_awake(int *tries)
{
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

bool furrow__gives_way(void)
{
    int policy;
    struct sched_param ignored;
    return pthread_getschedparam(pthread_self(), &policy, &ignored) == 0 && policy == SCHED_OTHER;
}

static bool wait_awake(furrow__gate *gate, int64_t awake_ns, bool is_next)
{
    int tries = is_next ? 0 : TRIES_ALONE;
    bool gives_way = furrow__gives_way();
    for (int64_t until = furrow__now_ns() + awake_ns; !furrow__gate_is_open(gate);) {
        if (furrow__now_ns() >= until || (tries >= TRIES_ALONE && !gives_way))
            return false;
        furrow__stay_awake(&tries);
    }
    return true;
}

bool furrow__gate_wait(furrow__gate *gate, int64_t awake_ns, bool is_next, int64_t deadline_ns)
{
    if (furrow__gate_is_open(gate) || (awake_ns > 0 && wait_awake(gate, awake_ns, is_next)))
        return true;
    while (sleep_at(gate, deadline_ns))
        if (furrow__gate_is_open(gate))
            return true;
    unsigned state = FURROW__GATE_SLEEPER; /* who got up */
    atomic_compare_exchange_strong_explicit(&gate->state, &state, FURROW__GATE_CLOSED,
                                            memory_order_acq_rel, memory_order_acquire);
    return state == FURROW__GATE_OPEN;
}
