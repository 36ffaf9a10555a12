/* SPDX-License-Identifier: MIT
 *
 * A driver like another, that fails or dies at its k-th call: each BEGIN, COMMIT and statement is
 * one. What it fails at was not sent. */
#ifndef FURROW_TESTS_MIGRATE_STUMBLE_H
#define FURROW_TESTS_MIGRATE_STUMBLE_H

#include <signal.h>

#include <furrow/driver.h>

#include "base/text.h"

static const furrow_driver *stumble_over; /* the real one */
static furrow_driver stumble_driver;
static int stumble_left; /* calls until it happens; 0: never */
static bool stumble_dies;

static inline bool stumbles(furrow_error *error)
{
    if (!stumble_left || --stumble_left)
        return false;
    if (stumble_dies)
        raise(SIGKILL);
    furrow__fail(error, FURROW_DATABASE, "stumbled");
    return true;
}

static inline furrow_status stumble_open(furrow_connection **out,
                                         const struct furrow_connect_options *options,
                                         furrow_error *error)
{
    furrow_status status = stumble_over->open(out, options, error);
    if (status == FURROW_OK)
        (*out)->driver = &stumble_driver;
    return status;
}

static inline furrow_status stumble_begin(furrow_connection *connection, furrow_isolation isolation,
                                          bool read_only, furrow_error *error)
{
    return stumbles(error) ? FURROW_DATABASE
                           : stumble_over->begin(connection, isolation, read_only, error);
}

static inline furrow_status stumble_commit(furrow_connection *connection, furrow_error *error)
{
    return stumbles(error) ? FURROW_DATABASE : stumble_over->commit(connection, error);
}

static inline furrow_status stumble_lock_schema(furrow_connection *connection, furrow_error *error)
{
    return stumbles(error) ? FURROW_DATABASE : stumble_over->lock_schema(connection, error);
}

static inline furrow_status stumble_execute(furrow_statement *statement, furrow_error *error)
{
    return stumbles(error) ? FURROW_DATABASE : stumble_over->execute(statement, error);
}

/* `at`: the call, from 1; 0 for none. */
static inline const furrow_driver *stumble(const furrow_driver *over, int at, bool dies)
{
    stumble_over = over;
    stumble_driver = *over;
    stumble_driver.open = stumble_open;
    stumble_driver.begin = stumble_begin;
    stumble_driver.commit = stumble_commit;
    stumble_driver.lock_schema = stumble_lock_schema;
    stumble_driver.execute = stumble_execute;
    stumble_left = at;
    stumble_dies = dies;
    return &stumble_driver;
}

#endif
