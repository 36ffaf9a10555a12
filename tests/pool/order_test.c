/* SPDX-License-Identifier: MIT
 * Threads that wait for a connection are served in the order of their arrival, even under
 * contention. Each thread takes a number while it holds the lock `arrival`, and keeps the lock
 * until it has either got a connection or joined the queue. A thread that has joined the queue
 * calls furrow__event_wait, which the linker redirects to this test (--wrap).
 *   order_test [ACQUISITIONS]      1,000,000 with FURROW_TEST_SCALE=full, otherwise 50,000 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>

#include "unit/counting_driver.h"

enum { THREADS = 8 };

static pthread_mutex_t arrival = PTHREAD_MUTEX_INITIALIZER;
static int64_t arrived, acquisitions; /* protected by the mutex `arrival` */
static _Thread_local bool arriving;
/* accessed only by the thread that holds the connection */
static int64_t served, inversions, waited;

bool __real_furrow__event_wait(furrow__event *event, int64_t spin_ns, bool is_next,
                               int64_t deadline_ns);
bool __wrap_furrow__event_wait(furrow__event *event, int64_t spin_ns, bool is_next,
                               int64_t deadline_ns);
bool __wrap_furrow__event_wait(furrow__event *event, int64_t spin_ns, bool is_next,
                               int64_t deadline_ns)
{
    if (arriving) {
        arriving = false;
        pthread_mutex_unlock(&arrival);
    }
    return __real_furrow__event_wait(event, spin_ns, is_next, deadline_ns);
}

/* Now and then a thread keeps the connection until another thread waits for it, so that there is
 * contention on any machine. */
static void wait_for_others(furrow_engine *engine, int64_t stamp)
{
    enum { EVERY = 4 };
    while (stamp % EVERY == 0 && stamp < acquisitions - THREADS &&
           furrow__pool_stats(engine, false).waiting == 0)
        sched_yield();
}

static void *run(void *context)
{
    furrow_engine *engine = context;
    for (;;) {
        furrow_error error = {0};
        furrow__pooled *pooled;
        pthread_mutex_lock(&arrival);
        if (arrived == acquisitions) {
            pthread_mutex_unlock(&arrival);
            return NULL;
        }
        int64_t stamp = arrived++;
        arriving = true;
        furrow_status status =
            furrow__pool_acquire(engine, &pooled, false, (furrow__call_site){"f.c", 1}, &error);
        bool at_once = arriving;
        arriving = false;
        if (at_once)
            pthread_mutex_unlock(&arrival);
        if (status != FURROW_OK)
            return context;
        inversions += stamp != served++;
        waited += !at_once;
        wait_for_others(engine, stamp);
        furrow__pool_release(pooled, false);
    }
}

static void contend(furrow_engine *engine)
{
    pthread_t threads[THREADS];
    arrived = served = inversions = waited = 0;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run, engine), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_int_equal(served, acquisitions);
    assert_int_equal(inversions, 0);
    assert_true(waited >= acquisitions / 8); /* with too little contention, the test would prove
                                                nothing */
    furrow_engine_close(engine);
}

static void test_pool__writers_are_served_in_order_of_arrival(void **state)
{
    (void)state;
    contend(SQLITE(.pool_timeout_ms = 600000));
}

static void test_pool__sessions_on_a_server_are_served_in_order_of_arrival(void **state)
{
    (void)state;
    contend(SERVER(.pool_size = 1, .max_overflow = FURROW_NO_OVERFLOW, .pool_timeout_ms = 600000));
}

int main(int argc, char **argv)
{
    const char *scale = getenv("FURROW_TEST_SCALE");
    acquisitions = scale && strcmp(scale, "full") == 0 ? 1000000 : 50000;
    if (argc > 1)
        acquisitions = strtoll(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pool__writers_are_served_in_order_of_arrival),
        cmocka_unit_test(test_pool__sessions_on_a_server_are_served_in_order_of_arrival),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
