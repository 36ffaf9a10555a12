/* SPDX-License-Identifier: MIT
 *
 * A driver that wraps another driver. At its k-th call, it either fails or kills the process.
 * BEGIN, COMMIT and each statement count as one call. The call that fails is not sent to the
 * database. */
#ifndef FURROW_TESTS_MIGRATE_FAILING_DRIVER_H
#define FURROW_TESTS_MIGRATE_FAILING_DRIVER_H

#include <signal.h>

#include <furrow/driver.h>

#include "base/text.h"

static const furrow_driver *wrapped_driver;
static furrow_driver failing_driver;
static int failing_calls_left; /* number of calls until the failure; 0 means no failure */
static bool failing_kills;     /* true: kill the process instead of returning an error */

static inline bool fails(furrow_error *error)
{
    if (!failing_calls_left || --failing_calls_left)
        return false;
    if (failing_kills)
        raise(SIGKILL);
    furrow__fail(error, FURROW_DATABASE, "failed on purpose");
    return true;
}

static inline furrow_status failing_open(furrow_connection **out,
                                         const struct furrow_connect_options *options,
                                         furrow_error *error)
{
    furrow_status status = wrapped_driver->open(out, options, error);
    if (status == FURROW_OK)
        (*out)->driver = &failing_driver;
    return status;
}

static inline furrow_status failing_begin(furrow_connection *connection, furrow_isolation isolation,
                                          bool read_only, furrow_error *error)
{
    return fails(error) ? FURROW_DATABASE
                        : wrapped_driver->begin(connection, isolation, read_only, error);
}

static inline furrow_status failing_commit(furrow_connection *connection, furrow_error *error)
{
    return fails(error) ? FURROW_DATABASE : wrapped_driver->commit(connection, error);
}

static inline furrow_status failing_lock_schema(furrow_connection *connection, furrow_error *error)
{
    return fails(error) ? FURROW_DATABASE : wrapped_driver->lock_schema(connection, error);
}

static inline furrow_status failing_execute(furrow_statement *statement, furrow_error *error)
{
    return fails(error) ? FURROW_DATABASE : wrapped_driver->execute(statement, error);
}

/* Returns a driver that fails at call number `at`, counted from 1; 0 means no failure. */
static inline const furrow_driver *make_failing_driver(const furrow_driver *wrapped, int at,
                                                       bool dies)
{
    wrapped_driver = wrapped;
    failing_driver = *wrapped;
    failing_driver.open = failing_open;
    failing_driver.begin = failing_begin;
    failing_driver.commit = failing_commit;
    failing_driver.lock_schema = failing_lock_schema;
    failing_driver.execute = failing_execute;
    failing_calls_left = at;
    failing_kills = dies;
    return &failing_driver;
}

#endif
