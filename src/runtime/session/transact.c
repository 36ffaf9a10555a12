/* SPDX-License-Identifier: MIT
 *
 * furrow_transact: runs a function in a transaction of its own, and runs it again after a conflict.
 * A repeated attempt first waits for a short random time. It then holds the engine's retry lock, so
 * that repeated attempts do not conflict with each other.
 */
#include <time.h>

#include "runtime/session/transaction.h"

enum { DEFAULT_ATTEMPTS = 10, WAIT_US = 1000, RETRY_LOCK_TIMEOUT_MS = 200 };

static bool may_run_again(furrow_status status)
{
    return status == FURROW_BUSY || status == FURROW_STALE;
}

/* Waits for a random time. The longest time grows with the number of attempts. The clock and an
 * address on the thread's stack are random enough, and need no shared state. */
static void wait_before(int attempt)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t seed[2] = {(uint64_t)now.tv_nsec, (uint64_t)(uintptr_t)&now};
    uint64_t longest_us = (uint64_t)WAIT_US * (uint64_t)(attempt < 10 ? attempt : 10);
    uint64_t wait_us = furrow__hash(seed, sizeof seed) % longest_us;
    struct timespec wait = {.tv_sec = 0, .tv_nsec = (long)wait_us * 1000};
    nanosleep(&wait, NULL);
}

static furrow_status attempt(const struct furrow_transact_options *o, furrow_error *error)
{
    struct furrow_session_options options = {
        .engine = o->engine,
        .read_only = o->read_only,
        .isolation = o->isolation ? o->isolation : FURROW_ISOLATION_SERIALIZABLE,
    };
    furrow_session *s = furrow_session_open_(o->file_, o->line_, sizeof options, &options);
    if (!s)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    furrow_status returned = o->function(s, o->context);
    furrow_status kept = furrow_session_status(s);
    furrow_status status = kept ? kept : returned;
    if (status)
        furrow_rollback(s);
    else
        status = furrow_commit(s);
    if (status) {
        *error = *furrow_session_error(s);
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
    furrow__copy_struct(&o, sizeof o, options, size);
    int attempts = o.max_attempts ? o.max_attempts : DEFAULT_ATTEMPTS;
    furrow_status status = FURROW_INVALID;
    if (!o.engine || !o.function)
        furrow__fail(&error, FURROW_INVALID, "a transaction needs an engine and a function");
    else if (attempts < 0)
        furrow__fail(&error, FURROW_INVALID, "max_attempts is %d; it cannot be negative", attempts);
    else
        for (int i = 1; i <= attempts; i++) {
            bool alone = i > 1 && furrow__engine_retry_lock(o.engine, RETRY_LOCK_TIMEOUT_MS);
            status = attempt(&o, &error);
            if (alone)
                furrow__engine_retry_unlock(o.engine);
            if (!may_run_again(status) || i == attempts)
                break;
            wait_before(i);
        }
    furrow__copy_error(o.error, o.error_size_, status ? &error : &(furrow_error){0});
    return status;
}
