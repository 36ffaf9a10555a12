/* SPDX-License-Identifier: MIT
 *
 * furrow_transact: runs a function in a transaction of its own, and runs it again after a conflict,
 * or if a pooled connection was lost before anything ran. A repeated attempt first waits for a
 * random time, whose limit doubles with each attempt. It then holds the engine's retry lock, so
 * that repeated attempts do not conflict with each other.
 */
#include <string.h>
#include <time.h>

#include "runtime/session/transaction.h"

enum {
    DEFAULT_ATTEMPTS = 10,
    WAIT_US = 1000, /* the longest wait before the second attempt */
    MAX_DOUBLINGS = 8,
    RETRY_LOCK_TIMEOUT_MS = 200
};

/* Waits for a random time between half of a limit and the whole limit. The limit doubles with each
 * attempt. The clock and an address on the thread's stack are random enough, and need no shared
 * state. */
static void wait_after(int attempt)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t seed[2] = {(uint64_t)now.tv_nsec, (uint64_t)(uintptr_t)&now};
    int doublings = attempt - 1 < MAX_DOUBLINGS ? attempt - 1 : MAX_DOUBLINGS;
    uint64_t half_us = (uint64_t)WAIT_US / 2 << doublings;
    uint64_t wait_us = half_us + furrow__hash(seed, sizeof seed) % half_us;
    struct timespec wait = {.tv_sec = 0, .tv_nsec = (long)wait_us * 1000};
    nanosleep(&wait, NULL);
}

/* If a session skips the rows that another session has locked, it ignores changes that are not
 * committed yet. At stricter isolation levels, PostgreSQL reports this as a conflict. */
static void explain_conflict(const furrow_session *s, furrow_error *error)
{
    static const char serialization_failure[] = "40001";
    if (s->skips_locked && s->isolation != FURROW_ISOLATION_READ_COMMITTED &&
        strcmp(error->sqlstate, serialization_failure) == 0)
        furrow__hint(error, "SERIALIZABLE and SKIP LOCKED conflict when several transactions take "
                            "rows: pass .isolation = FURROW_ISOLATION_READ_COMMITTED");
}

/* Runs the function once. Sets *again if it may run again. */
static furrow_status attempt(const struct furrow_transact_options *o, bool *again,
                             furrow_error *error)
{
    struct furrow_session_options options = {
        .engine = o->engine,
        .read_only = o->read_only,
        .isolation = o->isolation ? o->isolation : FURROW_ISOLATION_SERIALIZABLE,
    };
    furrow_session *s = furrow_session_open_(o->file_, o->line_, sizeof options, &options);
    *again = false;
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
        explain_conflict(s, error);
    }
    *again = status == FURROW_BUSY || status == FURROW_STALE ||
             (status == FURROW_DISCONNECTED && s->lost_unused);
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
            bool again, alone = i > 1 && furrow__engine_retry_lock(o.engine, RETRY_LOCK_TIMEOUT_MS);
            status = attempt(&o, &again, &error);
            if (alone)
                furrow__engine_retry_unlock(o.engine);
            if (!again || i == attempts)
                break;
            wait_after(i);
        }
    furrow__copy_error(o.error, o.error_size_, status ? &error : &(furrow_error){0});
    return status;
}
