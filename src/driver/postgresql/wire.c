/* SPDX-License-Identifier: MIT
 *
 * Sends a statement, together with deferred commands, in one round trip. If no command is deferred,
 * this is a single call to libpq, which is the fastest way. Otherwise it is a pipeline:
 *
 *   [DEALLOCATE … Sync]  [BEGIN]  [SAVEPOINT …]  the statement  Sync
 *
 * Before a function returns, it reads all results and leaves pipeline mode, so that no other call
 * finds the connection in that mode or with unread results. Each DEALLOCATE has its own Sync, so
 * that its failure does not affect other commands.
 */
#include "driver/postgresql/postgresql.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

typedef struct request {
    furrow__pg_query query;                /* a query; used if the other two members are NULL */
    furrow__pg_statement *statement;       /* the statement to run, or NULL */
    const furrow__pg_statement *described; /* the statement to parse and describe, or NULL */
} request;

enum { BINARY = 1, TEXT = 0, COMMAND_SIZE = 64 };

static bool has_deferred(const furrow__pg_connection *c)
{
    return c->begin_deferred || c->savepoint_sent < c->savepoint_depth;
}

/* A connection is never used again after libpq has closed it. */
static void update_state(furrow__pg_connection *c)
{
    if (PQstatus(c->pg) == CONNECTION_BAD) {
        c->base.broken = true;
        c->base.in_transaction = false;
        return;
    }
    PGTransactionStatusType state = PQtransactionStatus(c->pg);
    if (state == PQTRANS_UNKNOWN)
        c->base.broken = true;
    if (state == PQTRANS_IDLE && !c->begin_deferred) {
        c->base.in_transaction = false;
        c->savepoint_depth = c->savepoint_sent = 0;
    }
}

static bool send_statement(furrow__pg_connection *c, const furrow__pg_statement *s)
{
    if (c->prepare)
        return PQsendQueryPrepared(c->pg, s->name, s->base.parameter_count, s->values, s->lengths,
                                   s->formats, s->result_format);
    Oid *oids = NULL; /* PostgreSQL deduces the same types as for `prepare` */
    return PQsendQueryParams(c->pg, s->text, s->base.parameter_count, oids, s->values, s->lengths,
                             s->formats, s->result_format);
}

static bool send_request(furrow__pg_connection *c, const request *r)
{
    if (r->statement)
        return send_statement(c, r->statement);
    if (r->described)
        return PQsendPrepare(c->pg, r->described->name, r->described->text, 0, NULL) &&
               PQsendDescribePrepared(c->pg, r->described->name);
    return PQsendQueryParams(c->pg, r->query.sql, r->query.count, NULL, r->query.values, NULL, NULL,
                             TEXT);
}

static bool send_command(furrow__pg_connection *c, const char *sql)
{
    return PQsendQueryParams(c->pg, sql, 0, NULL, NULL, NULL, NULL, TEXT);
}

static bool send_dropped(furrow__pg_connection *c)
{
    for (int i = 0; i < c->dropped_count; i++) {
        char sql[COMMAND_SIZE];
        char name[FURROW__PG_NAME_SIZE];
        furrow__pg_write_name(c, c->dropped[i], name);
        snprintf(sql, sizeof sql, "DEALLOCATE %s", name);
        if (!send_command(c, sql) || !PQpipelineSync(c->pg))
            return false;
    }
    return true;
}

static bool send_deferred(furrow__pg_connection *c)
{
    if (c->begin_deferred && !send_command(c, furrow__pg_begin_text(c)))
        return false;
    if (c->begin_deferred && c->statement_timeout_ms) {
        char sql[COMMAND_SIZE];
        snprintf(sql, sizeof sql, "SET LOCAL statement_timeout = %d", c->statement_timeout_ms);
        if (!send_command(c, sql))
            return false;
    }
    for (int i = c->savepoint_sent + 1; i <= c->savepoint_depth; i++) {
        char sql[COMMAND_SIZE];
        snprintf(sql, sizeof sql, "SAVEPOINT furrow_%d", i);
        if (!send_command(c, sql))
            return false;
    }
    return true;
}

/* Reads every result up to the last Sync. Returns the first failure, or the last result if there is
 * no failure. Discards all results up to the Sync whose number is `ignored`. */
static PGresult *collect(furrow__pg_connection *c, int ignored)
{
    PGresult *kept = NULL;
    bool failed = false;
    for (int syncs = ignored + 1, ends = 0; syncs > 0 && ends < 3;) {
        PGresult *result = furrow__pg_next_result(c);
        if (!result) {
            ends++; /* NULL ends the results of a command; several NULLs in a row mean that no more
                       results will come */
            if (c->timed_out || PQstatus(c->pg) == CONNECTION_BAD)
                break;
            continue;
        }
        ends = 0;
        ExecStatusType status = PQresultStatus(result);
        bool bad = status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
        if (status == PGRES_PIPELINE_SYNC)
            syncs--;
        bool lost = bad && PQstatus(c->pg) == CONNECTION_BAD;
        if (status == PGRES_PIPELINE_SYNC || status == PGRES_PIPELINE_ABORTED || failed ||
            (syncs > 1 && !lost)) {
            PQclear(result);
            continue;
        }
        PQclear(kept);
        kept = result;
        failed = bad;
    }
    return kept;
}

static PGresult *pipeline(furrow__pg_connection *c, const request *r)
{
    int dropped = c->begin_deferred || !c->base.in_transaction ? c->dropped_count : 0;
    if (!PQenterPipelineMode(c->pg))
        return NULL;
    bool sent = (!dropped || send_dropped(c)) && send_deferred(c) && send_request(c, r) &&
                PQpipelineSync(c->pg);
    PGresult *result = NULL;
    if (sent) {
        result = collect(c, dropped);
        if (dropped)
            c->dropped_count = 0;
        c->begin_deferred = false;
        c->savepoint_sent = c->savepoint_depth;
    }
    /* After an incomplete send or read, it is not known which message comes next. */
    if (!sent || !PQexitPipelineMode(c->pg))
        c->base.broken = true;
    return result;
}

static PGresult *plain(furrow__pg_connection *c, const request *r)
{
    furrow__pg_statement *s = r->statement;
    if (c->deadline_ms)
        return furrow__pg_last_result(c, send_request(c, r));
    if (!s)
        return PQexecParams(c->pg, r->query.sql, r->query.count, NULL, r->query.values, NULL, NULL,
                            TEXT);
    if (c->prepare)
        return PQexecPrepared(c->pg, s->name, s->base.parameter_count, s->values, s->lengths,
                              s->formats, s->result_format);
    return PQexecParams(c->pg, s->text, s->base.parameter_count, NULL, s->values, s->lengths,
                        s->formats, s->result_format);
}

/* Rejects a COPY to or from the client. After a COPY from the client, reads the remaining results.
 * After a COPY to the client, marks the connection as broken. */
static furrow_status refuse_copy(furrow__pg_connection *c, ExecStatusType status,
                                 furrow_error *error)
{
    if (status == PGRES_COPY_IN)
        PQputCopyEnd(c->pg, "not supported");
    else
        c->base.broken = true; /* the connection could be used only after all data of the COPY has
                                  been read */
    for (PGresult *result; !c->base.broken && (result = PQgetResult(c->pg));)
        PQclear(result);
    return furrow__fail(error, FURROW_INVALID, "COPY to or from the client cannot run here");
}

static furrow_status run(furrow__pg_connection *c, const request *r, PGresult **out,
                         furrow_error *error)
{
    *out = NULL;
    if (c->base.broken)
        return furrow__pg_error_lost(error);
    atomic_store_explicit(&c->cancelled, false, memory_order_relaxed);
    c->runs_prepared = r->statement && c->prepare;
    c->running = r->described   ? r->described->text
                 : r->statement ? r->statement->text
                                : r->query.sql;
    c->has_values = r->statement ? r->statement->base.parameter_count > 0 : r->query.count > 0;
    furrow__pg_set_deadline(c);
    bool begins = c->begin_deferred;
    PGresult *result = has_deferred(c) || r->described ? pipeline(c, r) : plain(c, r);
    c->begin_failed = begins && PQtransactionStatus(c->pg) == PQTRANS_IDLE;
    if (c->read_only && !c->is_standby && furrow__pg_is_refused_by_standby(c, result)) {
        PQclear(result);
        c->is_standby = c->begin_deferred = true;
        c->savepoint_sent = 0;
        result = pipeline(c, r);
    }
    ExecStatusType status = PQresultStatus(result); /* a result of NULL counts as a failure */
    furrow_status answer = FURROW_OK;
    if (c->timed_out) {
        PQclear(result);
        c->base.in_transaction = false;
        c->running = NULL;
        return furrow__pg_error_no_answer(c, error);
    }
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH)
        answer = refuse_copy(c, status, error);
    else if (status == PGRES_EMPTY_QUERY)
        answer = furrow__fail(error, FURROW_INVALID, "there is no statement in the text");
    else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        answer = furrow__pg_error(c, result, error);
    c->running = NULL;
    update_state(c);
    if (answer != FURROW_OK)
        PQclear(result);
    else
        *out = result;
    return answer;
}

furrow_status furrow__pg_run_text(furrow__pg_connection *c, const char *sql, PGresult **out,
                                  furrow_error *error)
{
    return run(c, &(request){.query.sql = sql}, out, error);
}

furrow_status furrow__pg_run_query(furrow__pg_connection *c, const furrow__pg_query *query,
                                   PGresult **out, furrow_error *error)
{
    return run(c, &(request){.query = *query}, out, error);
}

furrow_status furrow__pg_run_statement(furrow__pg_connection *c, furrow__pg_statement *statement,
                                       PGresult **out, furrow_error *error)
{
    return run(c, &(request){.statement = statement}, out, error);
}

furrow_status furrow__pg_run_prepare(furrow__pg_connection *c,
                                     const furrow__pg_statement *statement, PGresult **out,
                                     furrow_error *error)
{
    return run(c, &(request){.described = statement}, out, error);
}

void furrow__pg_write_name(const furrow__pg_connection *c, unsigned number,
                           char name[FURROW__PG_NAME_SIZE])
{
    snprintf(name, FURROW__PG_NAME_SIZE, "furrow_%016" PRIx64 "_%u", c->names, number);
}

void furrow__pg_drop_name(furrow__pg_connection *c, unsigned number)
{
    if (!number || c->base.broken)
        return;
    /* If the list is full, the statement stays on the server until the connection is closed. */
    if (c->dropped_count < FURROW__PG_MAX_DROPPED)
        c->dropped[c->dropped_count++] = number;
}
