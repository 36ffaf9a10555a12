/* SPDX-License-Identifier: MIT
 * A thread that spins must let other threads run. With a real-time policy, sched_yield does not let
 * threads of lower priority run, so the thread must sleep instead. The linker redirects sched_yield
 * to this test (--wrap), and the test counts the calls. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>

#include "pool/engine.h"

static _Thread_local int yields;

int __real_sched_yield(void);
int __wrap_sched_yield(void);
int __wrap_sched_yield(void)
{
    yields++;
    return __real_sched_yield();
}

typedef struct sentry {
    int policy;
    bool may_have_it;
    bool passed;
    int yields;
} sentry;

static void *wait_in_vain(void *context)
{
    enum { AWAKE_MS = 20 };
    sentry *me = context;
    furrow__event event;
    struct sched_param least = {.sched_priority = sched_get_priority_min(me->policy)};
    me->may_have_it = pthread_setschedparam(pthread_self(), me->policy, &least) == 0;
    if (!me->may_have_it || !furrow__event_init(&event))
        return NULL;
    int64_t until = furrow__now_ns() + AWAKE_MS * NS_PER_MS;
    me->passed = furrow__event_wait(&event, AWAKE_MS * NS_PER_MS, true, until);
    me->passed |= furrow__event_wait(&event, AWAKE_MS * NS_PER_MS, false, until + NS_PER_MS);
    me->yields = yields;
    furrow__event_done(&event);
    return NULL;
}

static sentry post(int policy)
{
    pthread_t thread;
    sentry s = {.policy = policy};
    assert_int_equal(pthread_create(&thread, NULL, wait_in_vain, &s), 0);
    pthread_join(thread, NULL);
    assert_false(s.passed);
    return s;
}

static void test_event__a_spinning_thread_yields(void **state)
{
    (void)state;
    assert_true(post(SCHED_OTHER).yields > 0);
}

static void test_event__a_thread_that_cannot_yield_sleeps(void **state)
{
    static const int policies[] = {SCHED_FIFO, SCHED_RR};
    (void)state;
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        sentry s = post(policies[i]);
        if (!s.may_have_it)
            skip();
        assert_int_equal(s.yields, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_event__a_spinning_thread_yields),
        cmocka_unit_test(test_event__a_thread_that_cannot_yield_sleeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
