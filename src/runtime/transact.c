/* SPDX-License-Identifier: MIT
 *
 * furrow_transact: a function in a transaction of its own, run again where the database asks for it.
 * The wait before another attempt is random and grows, so that those who collided part.
 */
#include <time.h>

#include "runtime/session.h"

enum { DEFAULT_ATTEMPTS = 10, FIRST_WAIT_US = 1000, LAST_WAIT_US = 250000 };

static bool may_run_again(furrow_status status)
{
    return status == FURROW_BUSY || status == FURROW_STALE;
}

/* Anything up to the attempt's wait. The clock and the thread's stack are random
 * enough for this, and no state is shared. */
static void wait_before(int attempt)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t seed[2] = {(uint64_t)now.tv_nsec, (uint64_t)(uintptr_t)&now};
    int64_t wait_us = FIRST_WAIT_US;
    for (int i = 1; i < attempt && wait_us < LAST_WAIT_US; i++)
        wait_us *= 2;
    if (wait_us > LAST_WAIT_US)
        wait_us = LAST_WAIT_US;
    wait_us = (int64_t)(furrow__hash(seed, sizeof seed) % (uint64_t)wait_us);
    struct timespec wait = {.tv_sec = 0, .tv_nsec = wait_us * 1000};
    nanosleep(&wait, NULL);
}

static furrow_status attempt(const struct furrow_transact_options *o, furrow_error *error)
{
    struct furrow_session_options options = {
        .engine = o->engine,
        .read_only = o->read_only,
        .isolation = o->isolation ? o->isolation : FURROW_SERIALIZABLE,
    };
    furrow_session *s = furrow_session_open_(o->file_, o->line_, sizeof options, &options);
    if (!s)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    furrow_status returned = o->function(s, o->context);
    furrow_status kept = furrow_status_of(s);
    furrow_status status = kept ? kept : returned;
    if (status)
        furrow_rollback(s);
    else
        status = furrow_commit(s);
    if (status) {
        *error = *furrow_last_error(s);
        if (error->status != status)
            furrow__fail(error, status, "the function returned \"%s\"", furrow_status_name(status));
    }
    furrow_session_close(s);
    return status;
}

furrow_status furrow_transact_(size_t size, const struct furrow_transact_options *options)
{
    struct furrow_transact_options o;
    furrow_error error = {0};
    furrow__copy_options(&o, sizeof o, options, size);
    int attempts = o.max_attempts ? o.max_attempts : DEFAULT_ATTEMPTS;
    furrow_status status = FURROW_INVALID;
    if (!o.engine || !o.function || attempts < 0)
        furrow__fail(&error, FURROW_INVALID, "furrow_transact needs an engine and a function");
    else
        for (int i = 1; i <= attempts; i++) {
            status = attempt(&o, &error);
            if (!may_run_again(status) || i == attempts)
                break;
            wait_before(i);
        }
    if (o.error)
        *o.error = status ? error : (furrow_error){0};
    return status;
}
