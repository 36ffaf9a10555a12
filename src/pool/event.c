/* SPDX-License-Identifier: MIT
 * Events and conditions, on futexes or on mutexes and condition variables. See event.h. */
#include "pool/event.h"

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

bool furrow__event_init(furrow__event *event)
{
    atomic_init(&event->state, FURROW__EVENT_UNSET);
    return true;
}

void furrow__event_done(furrow__event *event)
{
    (void)event;
}

void furrow__event_set(furrow__event *event, furrow__wake *wake)
{
    unsigned before =
        atomic_exchange_explicit(&event->state, FURROW__EVENT_SET, memory_order_acq_rel);
    if (before == FURROW__EVENT_HAS_SLEEPER)
        wake->event = event;
}

void furrow__wake_up(furrow__wake *wake)
{
    if (wake->event)
        syscall(SYS_futex, &wake->event->state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    wake->event = NULL;
}

/* Sleeps until the state changes. Returns false after the deadline. */
static bool sleep_until_set(furrow__event *event, int64_t deadline_ns)
{
    struct timespec until = time_of(deadline_ns);
    unsigned state = FURROW__EVENT_UNSET;
    if (!atomic_compare_exchange_strong_explicit(&event->state, &state, FURROW__EVENT_HAS_SLEEPER,
                                                 memory_order_acq_rel, memory_order_acquire) &&
        state != FURROW__EVENT_HAS_SLEEPER)
        return true;
    return !syscall(SYS_futex, &event->state, FUTEX_WAIT_BITSET_PRIVATE, FURROW__EVENT_HAS_SLEEPER,
                    &until, NULL, FUTEX_BITSET_MATCH_ANY) ||
           errno != ETIMEDOUT;
}

bool furrow__condition_init(furrow__condition *condition)
{
    atomic_init(&condition->wakes, 0);
    atomic_init(&condition->sleepers, 0);
    return true;
}

void furrow__condition_done(furrow__condition *condition)
{
    (void)condition;
}

void furrow__condition_wake(furrow__condition *condition, int channel)
{
    unsigned mask =
        channel == FURROW__CONDITION_ALL ? FUTEX_BITSET_MATCH_ANY : 1U << (unsigned)channel;
    atomic_fetch_add(&condition->wakes, 1);
    if (atomic_load(&condition->sleepers))
        syscall(SYS_futex, &condition->wakes, FUTEX_WAKE_BITSET_PRIVATE, INT_MAX, NULL, NULL, mask);
}

/* Sleeps unless `wakes` has already changed. Returns false after the deadline. */
static bool sleep_on_condition(furrow__condition *condition, unsigned wakes, int channel,
                               int64_t deadline_ns)
{
    struct timespec until = time_of(deadline_ns);
    return !syscall(SYS_futex, &condition->wakes, FUTEX_WAIT_BITSET_PRIVATE, wakes, &until, NULL,
                    1U << (unsigned)channel) ||
           errno != ETIMEDOUT;
}

#else

static bool init_pair(pthread_mutex_t *lock, pthread_cond_t *cond)
{
    if (pthread_mutex_init(lock, NULL))
        return false;
    if (furrow__cond_init(cond))
        return true;
    pthread_mutex_destroy(lock);
    return false;
}

bool furrow__event_init(furrow__event *event)
{
    atomic_init(&event->state, FURROW__EVENT_UNSET);
    return init_pair(&event->lock, &event->cond);
}

void furrow__event_done(furrow__event *event)
{
    pthread_mutex_lock(
        &event->lock); /* waits until the thread that set the event has released the lock */
    pthread_mutex_unlock(&event->lock);
    pthread_cond_destroy(&event->cond);
    pthread_mutex_destroy(&event->lock);
}

void furrow__event_set(furrow__event *event, furrow__wake *wake)
{
    (void)wake;
    pthread_mutex_lock(&event->lock);
    unsigned before =
        atomic_exchange_explicit(&event->state, FURROW__EVENT_SET, memory_order_acq_rel);
    if (before == FURROW__EVENT_HAS_SLEEPER)
        pthread_cond_signal(&event->cond);
    pthread_mutex_unlock(&event->lock);
}

void furrow__wake_up(furrow__wake *wake)
{
    wake->event = NULL;
}

static bool sleep_until_set(furrow__event *event, int64_t deadline_ns)
{
    struct timespec until = time_of(deadline_ns);
    int code = 0;
    pthread_mutex_lock(&event->lock);
    unsigned state = FURROW__EVENT_UNSET;
    atomic_compare_exchange_strong(&event->state, &state, FURROW__EVENT_HAS_SLEEPER);
    while (atomic_load(&event->state) == FURROW__EVENT_HAS_SLEEPER && code != ETIMEDOUT)
        code = pthread_cond_timedwait(&event->cond, &event->lock, &until);
    pthread_mutex_unlock(&event->lock);
    return code != ETIMEDOUT;
}

bool furrow__condition_init(furrow__condition *condition)
{
    atomic_init(&condition->wakes, 0);
    atomic_init(&condition->sleepers, 0);
    return init_pair(&condition->lock, &condition->cond);
}

void furrow__condition_done(furrow__condition *condition)
{
    pthread_cond_destroy(&condition->cond);
    pthread_mutex_destroy(&condition->lock);
}

void furrow__condition_wake(furrow__condition *condition, int channel)
{
    (void)channel;
    pthread_mutex_lock(&condition->lock);
    atomic_fetch_add(&condition->wakes, 1);
    pthread_cond_broadcast(&condition->cond);
    pthread_mutex_unlock(&condition->lock);
}

static bool sleep_on_condition(furrow__condition *condition, unsigned wakes, int channel,
                               int64_t deadline_ns)
{
    struct timespec until = time_of(deadline_ns);
    int code = 0;
    (void)channel;
    pthread_mutex_lock(&condition->lock);
    while (atomic_load(&condition->wakes) == wakes && code != ETIMEDOUT)
        code = pthread_cond_timedwait(&condition->cond, &condition->lock, &until);
    pthread_mutex_unlock(&condition->lock);
    return code != ETIMEDOUT;
}

#endif

bool furrow__condition_wait(furrow__condition *condition, furrow__event *event, int channel,
                            int64_t deadline_ns)
{
    bool in_time = true;
    atomic_fetch_add(&condition->sleepers, 1);
    for (;;) {
        unsigned wakes = atomic_load(&condition->wakes);
        if (furrow__event_is_set(event) || !in_time)
            break;
        in_time = sleep_on_condition(condition, wakes, channel, deadline_ns);
    }
    atomic_fetch_sub(&condition->sleepers, 1);
    return furrow__event_is_set(event);
}

void furrow__event_reset(furrow__event *event)
{
    atomic_store_explicit(&event->state, FURROW__EVENT_UNSET, memory_order_relaxed);
}

/* PAUSES * TRIES_ALONE pauses take about as long as a short transaction. */
enum { PAUSES = 32, TRIES_ALONE = 20 };

void furrow__spin(int *tries)
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

bool furrow__can_yield(void)
{
    int policy;
    struct sched_param ignored;
    return pthread_getschedparam(pthread_self(), &policy, &ignored) == 0 && policy == SCHED_OTHER;
}

static bool spin_until_set(furrow__event *event, int64_t spin_ns, bool is_next)
{
    int tries = is_next ? 0 : TRIES_ALONE;
    bool gives_way = furrow__can_yield();
    for (int64_t until = furrow__now_ns() + spin_ns; !furrow__event_is_set(event);) {
        if (furrow__now_ns() >= until || (tries >= TRIES_ALONE && !gives_way))
            return false;
        furrow__spin(&tries);
    }
    return true;
}

bool furrow__event_wait(furrow__event *event, int64_t spin_ns, bool is_next, int64_t deadline_ns)
{
    if (furrow__event_is_set(event) || (spin_ns > 0 && spin_until_set(event, spin_ns, is_next)))
        return true;
    while (sleep_until_set(event, deadline_ns))
        if (furrow__event_is_set(event))
            return true;
    unsigned state = FURROW__EVENT_HAS_SLEEPER; /* this thread no longer sleeps */
    atomic_compare_exchange_strong_explicit(&event->state, &state, FURROW__EVENT_UNSET,
                                            memory_order_acq_rel, memory_order_acquire);
    return state == FURROW__EVENT_SET;
}
