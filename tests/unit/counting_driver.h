/* SPDX-License-Identifier: MIT
 * A driver that counts its calls and has no database. With this driver, the pool is tested alone.
 * Include this header after <cmocka.h>. */
#ifndef FURROW_TESTS_COUNTING_DRIVER_H
#define FURROW_TESTS_COUNTING_DRIVER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "pool/engine.h"

static struct counts {
    atomic_int open, opened, resets, pings, prepared, finalized, statement_resets;
    atomic_bool refuse, dead;
} counts;

static furrow_status counting_open(furrow_connection **out,
                                   const struct furrow_connect_options *options,
                                   furrow_error *error);
static void counting_close(furrow_connection *connection)
{
    counts.open--;
    furrow__release(connection);
}
static furrow_status counting_ping(furrow_connection *connection, furrow_error *error)
{
    counts.pings++;
    connection->broken = counts.dead;
    return counts.dead ? furrow__fail(error, FURROW_DISCONNECTED, "gone") : FURROW_OK;
}
static furrow_status counting_reset(furrow_connection *connection, furrow_error *error)
{
    (void)error;
    counts.resets++;
    connection->in_transaction = false;
    return FURROW_OK;
}
static furrow_status counting_prepare(furrow_connection *connection, furrow_statement **out,
                                      const furrow_statement_text *text, furrow_error *error)
{
    (void)text;
    *out = furrow__allocate_zeroed(1, sizeof **out);
    if (!*out)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    (*out)->connection = connection;
    counts.prepared++;
    return FURROW_OK;
}
static void counting_finalize(furrow_statement *statement)
{
    counts.finalized++;
    furrow__release(statement);
}
static void counting_reset_statement(furrow_statement *statement)
{
    (void)statement;
    counts.statement_resets++;
}

static bool counting_is_in_memory(const char *url)
{
    return strcmp(url, "sqlite://") == 0;
}

#define COUNTING_DRIVER(scheme_, single_writer_)                                                   \
    {                                                                                              \
        .version = FURROW_DRIVER_VERSION, .name = scheme_, .scheme = scheme_,                      \
        .single_writer = single_writer_, .is_in_memory = counting_is_in_memory,                    \
        .open = counting_open, .close = counting_close, .ping = counting_ping,                     \
        .reset = counting_reset, .prepare = counting_prepare, .finalize = counting_finalize,       \
        .reset_statement = counting_reset_statement,                                               \
    }
static const furrow_driver server_driver = COUNTING_DRIVER("counting", false);
static const furrow_driver file_driver = COUNTING_DRIVER("sqlite", true);

static furrow_status counting_open(furrow_connection **out,
                                   const struct furrow_connect_options *options,
                                   furrow_error *error)
{
    *out = NULL;
    if (counts.refuse)
        return furrow__fail(error, FURROW_DISCONNECTED, "nobody is there");
    *out = furrow__allocate_zeroed(1, sizeof **out);
    if (!*out)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    (*out)->driver = strncmp(options->url, "sqlite", 6) ? &server_driver : &file_driver;
    counts.open++;
    counts.opened++;
    return FURROW_OK;
}

static inline furrow_engine *open_engine(const furrow_driver *driver,
                                         struct furrow_engine_options options)
{
    furrow_engine *engine = NULL;
    furrow_error error;
    memset(&counts, 0, sizeof counts);
    options.out = &engine;
    options.error = &error;
    options.error_size_ = sizeof error;
    if (!options.url)
        options.url = driver == &file_driver ? "sqlite:///f.db" : "counting://u:secret@h/d";
    assert_int_equal(furrow__engine_open_with(driver, NULL, sizeof options, &options), FURROW_OK);
    return engine;
}
#define SERVER(...) open_engine(&server_driver, (struct furrow_engine_options){__VA_ARGS__})
#define SQLITE(...) open_engine(&file_driver, (struct furrow_engine_options){__VA_ARGS__})

static inline furrow__pooled *borrow(furrow_engine *engine, bool read_only, int line)
{
    furrow_error error = {0};
    furrow__pooled *pooled = NULL;
    furrow_status status = furrow__pool_acquire(engine, &pooled, read_only,
                                                (furrow__call_site){"pool_test.c", line}, &error);
    if (status != FURROW_OK)
        print_error("%s: %s\n", furrow_status_name(status), error.message);
    assert_int_equal(status, FURROW_OK);
    return pooled;
}

#endif
