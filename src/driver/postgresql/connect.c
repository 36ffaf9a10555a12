/* SPDX-License-Identifier: MIT
 *
 * Opens, pings, resets, cancels and closes connections.
 */
#include "driver/postgresql/postgresql.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

/* Notes the SQLSTATE of a warning, and whether the server ends the connection. While no statement
 * runs, libpq passes errors to this function, too. */
static void note_notice(void *context, const PGresult *result)
{
    furrow__pg_connection *c = context;
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (furrow__pg_ends_connection(c, result))
        c->was_ended = true;
    furrow__copy_text(c->warning, sizeof c->warning, state ? state : "");
}

/* Waits until the connection is open or has failed. Returns false after the time limit. */
static bool wait_for(PGconn *pg, int timeout_ms)
{
    int64_t end = furrow__now_ms() + timeout_ms;
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    while (state == PGRES_POLLING_WRITING || state == PGRES_POLLING_READING) {
        struct pollfd watched = {.fd = PQsocket(pg),
                                 .events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT};
        int64_t left = timeout_ms > 0 ? end - furrow__now_ms() : -1;
        if (timeout_ms > 0 && left <= 0)
            return false;
        if (poll(&watched, 1, left > 0 ? (int)left : -1) < 0 && errno != EINTR)
            return false;
        if (watched.revents || timeout_ms <= 0)
            state = PQconnectPoll(pg);
    }
    return true;
}

/* Connects step by step, because only then can the driver choose a verbosity that adds the SQLSTATE
 * to the message of a failed connection. With several hosts, libpq's own loop is used, because it
 * tries the next host when the time limit of one host has passed. */
static PGconn *connect_to(furrow__pg_connection *c, const furrow__pg_url *url, int limit_ms,
                          bool *late)
{
    int url_ms = url->connect_timeout_s <= 0  ? 0
                 : url->connect_timeout_s < 2 ? 2000
                                              : url->connect_timeout_s * 1000;
    bool ours = limit_ms && (!url_ms || limit_ms <= url_ms);
    *late = false;
    if (url->hosts == 1 || (limit_ms && !url_ms)) {
        PGconn *pg = PQconnectStartParams(url->keywords, url->values, 0);
        if (!pg)
            return NULL;
        PQsetErrorVerbosity(pg, PQERRORS_SQLSTATE);
        PQsetNoticeReceiver(pg, note_notice, c);
        if (PQstatus(pg) == CONNECTION_BAD || wait_for(pg, ours ? limit_ms : url_ms))
            return pg;
        *late = ours;
        if (*late)
            return pg;
        PQfinish(pg);
    }
    return PQconnectdbParams(url->keywords, url->values, 0);
}

/* Checks the server's version, and a setting that the binary formats depend on. */
static furrow_status check_server(furrow__pg_connection *c, furrow_error *error)
{
    const char *integer = PQparameterStatus(c->pg, "integer_datetimes");
    if (PQserverVersion(c->pg) < FURROW__PG_MIN_SERVER)
        return furrow__fail(error, FURROW_DATABASE, "the server is older than PostgreSQL %d",
                            FURROW__PG_MIN_SERVER / 10000);
    if (integer && strcmp(integer, "on") != 0)
        return furrow__fail(error, FURROW_DATABASE,
                            "the server stores times as floating-point numbers");
    const char *encoding = PQparameterStatus(c->pg, "server_encoding");
    c->any_bytes = !encoding || !strcmp(encoding, "SQL_ASCII");
    return FURROW_OK;
}

/* Returns the statements that change the settings on which this driver depends, if the database or
 * the user has other values for them. With standard_conforming_strings off, a backslash in a
 * literal would begin an escape. */
static const char *own_settings(const PGconn *pg)
{
    const char *style = PQparameterStatus(pg, "DateStyle");
    const char *strings = PQparameterStatus(pg, "standard_conforming_strings");
    bool sets_style = style && strncmp(style, "ISO", 3) != 0;
    if (strings && strcmp(strings, "on") != 0)
        return sets_style ? "; SET datestyle = ISO; SET standard_conforming_strings = on"
                          : "; SET standard_conforming_strings = on";
    return sets_style ? "; SET datestyle = ISO" : "";
}

/* Like PQexec, but waits at most answer_timeout_ms. */
static PGresult *run_with_answer_timeout(furrow__pg_connection *c, const char *sql)
{
    c->uses_answer_timeout = true;
    furrow__pg_set_deadline(c);
    c->uses_answer_timeout = false;
    return furrow__pg_last_result(c, PQsendQuery(c->pg, sql));
}

static furrow_status set_own_settings(furrow__pg_connection *c, furrow_error *error)
{
    furrow_status status = FURROW_OK;
    c->own_settings = own_settings(c->pg);
    if (!*c->own_settings)
        return FURROW_OK;
    PGresult *result = run_with_answer_timeout(c, c->own_settings + strlen("; "));
    if (c->timed_out)
        status = furrow__pg_error_no_answer(c, error);
    else if (PQresultStatus(result) != PGRES_COMMAND_OK)
        status = furrow__pg_error(c, result, error);
    PQclear(result);
    return status;
}

furrow_status furrow__pg_open(furrow_connection **out, const struct furrow_connect_options *options,
                              furrow_error *error)
{
    *out = NULL;
    furrow__pg_url url;
    furrow__pg_connection *c = NULL;
    furrow_status status = furrow__pg_url_parse(&url, options->url, error);
    if (status != FURROW_OK)
        goto done;
    c = furrow__allocate_zeroed(1, sizeof *c);
    if (!c) {
        status = furrow__fail(error, FURROW_NOMEM, "out of memory");
        goto done;
    }
    c->base.driver = &furrow_driver_postgresql;
    c->prepare = options->prepare && url.prepare;
    atomic_init(&c->cancelled, false);
    if (getrandom(&c->names, sizeof c->names, 0) != (ssize_t)sizeof c->names) {
        status = furrow__fail(error, FURROW_DATABASE, "could not get random bytes");
        goto done;
    }
    c->answer_timeout_ms = options->answer_timeout_ms;
    c->is_pooled = options->is_pooled;
    c->own_settings = "";
    c->server_text = options->server_text;
    bool late;
    furrow__pg_url_limit(&url, options->connect_timeout_ms);
    c->pg = connect_to(c, &url, options->connect_timeout_ms, &late);
    if (late)
        status = furrow__fail(error, FURROW_TIMEOUT,
                              "could not connect: the server did not answer in %d ms",
                              options->connect_timeout_ms);
    else if (!c->pg)
        status = furrow__fail(error, FURROW_NOMEM, "out of memory");
    else if (PQstatus(c->pg) != CONNECTION_OK)
        status = furrow__pg_error_connect(c->pg, error);
    else if (!(c->canceller = PQgetCancel(c->pg)))
        status = furrow__fail(error, FURROW_NOMEM, "out of memory");
    if (status == FURROW_OK) {
        PQsetErrorVerbosity(c->pg, PQERRORS_DEFAULT);
        PQsetNoticeReceiver(c->pg, note_notice, c);
        status = check_server(c, error);
    }
    if (status == FURROW_OK)
        status = set_own_settings(c, error);
done:
    furrow__pg_url_done(&url);
    if (status == FURROW_OK)
        *out = &c->base;
    else if (c)
        furrow__pg_close(&c->base);
    return status;
}

void furrow__pg_close(furrow_connection *connection)
{
    if (!connection)
        return;
    furrow__pg_connection *c = furrow__pg_of(connection);
    while (c->statements)
        furrow__pg_finalize(&c->statements->base);
    PQfreeCancel(c->canceller);
    PQfinish(c->pg);
    furrow__release(c);
}

furrow_status furrow__pg_ping(furrow_connection *connection, furrow_error *error)
{
    furrow__pg_connection *c = furrow__pg_of(connection);
    if (c->base.broken)
        return furrow__pg_error_lost(error);
    PGresult *result = run_with_answer_timeout(c, ""); /* PostgreSQL also answers an empty query */
    bool alive = PQresultStatus(result) == PGRES_EMPTY_QUERY;
    furrow_status status = alive          ? FURROW_OK
                           : c->timed_out ? furrow__pg_error_lost(error)
                                          : furrow__pg_error(c, result, error);
    PQclear(result);
    return status;
}

furrow_status furrow__pg_reset(furrow_connection *connection, furrow_error *error)
{
    furrow__pg_connection *c = furrow__pg_of(connection);
    if (c->base.broken)
        return furrow__pg_error_lost(error);
    furrow_status status = furrow__pg_rollback(connection, error);
    if (status != FURROW_OK)
        return status;
    /* All commands are sent as one string, in one round trip. The role is reset first, because the
     * other commands may need its privileges. */
    char sql[400];
    snprintf(sql, sizeof sql,
             "RESET SESSION AUTHORIZATION; RESET ROLE; CLOSE ALL; SELECT "
             "pg_advisory_unlock_all(); UNLISTEN *; DISCARD TEMP; DISCARD SEQUENCES; %sRESET ALL%s",
             c->may_have_prepared ? "DEALLOCATE ALL; " : "", c->own_settings);
    if (c->may_have_prepared)
        furrow__pg_forget_names(c);
    c->may_have_prepared = c->base.may_be_dirty = false;
    PGresult *result = run_with_answer_timeout(c, sql);
    ExecStatusType got = PQresultStatus(result);
    if (got != PGRES_COMMAND_OK && got != PGRES_TUPLES_OK) {
        status = furrow__pg_error(c, result, error);
        c->base.broken = true;
    }
    PQclear(result);
    /* Discards notifications that arrived before UNLISTEN. */
    for (PGnotify *notification; !c->base.broken && (notification = PQnotifies(c->pg));)
        PQfreemem(notification);
    return status;
}

void furrow__pg_cancel(furrow_connection *connection)
{
    furrow__pg_connection *c = furrow__pg_of(connection);
    char message[256];
    atomic_store_explicit(&c->cancelled, true, memory_order_relaxed);
    /* If the cancel request is lost, the statement continues until it is complete. */
    PQcancel(c->canceller, message, sizeof message);
}
