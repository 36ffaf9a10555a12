/* SPDX-License-Identifier: MIT
 *
 * Transactions. BEGIN and SAVEPOINT are deferred and sent together with the next statement
 * (wire.c), so that a transaction or savepoint without a statement costs nothing. COMMIT, ROLLBACK,
 * RELEASE and ROLLBACK TO are sent at once, and the call waits for the answer.
 *
 * A trigger can change settings and the role, create temporary tables and run LISTEN. To keep such
 * changes from the next session, a pooled connection sends more commands together with the COMMIT
 * of a transaction that wrote. These commands take about a tenth of the time of a transaction with
 * one small statement. A ROLLBACK undoes such changes itself.
 */
#include "driver/postgresql/postgresql.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { COMMAND_SIZE = 64, LEVELS = 4 };

bool furrow__pg_is_standby(const furrow__pg_connection *c)
{
    /* PostgreSQL 14 and later report this parameter, but some poolers do not pass it on. */
    const char *reported = PQparameterStatus(c->pg, "in_hot_standby");
    return c->is_standby || (reported && strcmp(reported, "on") == 0);
}

const char *furrow__pg_begin_text(const furrow__pg_connection *c)
{
    /* A read-only session reads one snapshot, which READ COMMITTED does not provide. */
    static const char *const write[LEVELS] = {
        "BEGIN ISOLATION LEVEL READ COMMITTED", "BEGIN ISOLATION LEVEL READ COMMITTED",
        "BEGIN ISOLATION LEVEL REPEATABLE READ", "BEGIN ISOLATION LEVEL SERIALIZABLE"};
    static const char *const read[LEVELS] = {"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                                             "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY",
                                             "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                                             "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY"};
    unsigned level = (unsigned)c->isolation < LEVELS ? (unsigned)c->isolation : LEVELS - 1;
    /* A standby cannot run SERIALIZABLE transactions. */
    if (c->read_only && c->isolation == FURROW_ISOLATION_SERIALIZABLE && furrow__pg_is_standby(c))
        level = FURROW_ISOLATION_REPEATABLE_READ;
    return c->read_only ? read[level] : write[level];
}

/* Records that no transaction is open. */
static void forget_transaction(furrow__pg_connection *c)
{
    c->base.in_transaction = c->begin_deferred = false;
    c->savepoint_depth = c->savepoint_sent = 0;
}

furrow_status furrow__pg_begin(furrow_connection *connection, furrow_isolation isolation,
                               bool read_only, furrow_error *error)
{
    furrow__pg_connection *c = furrow__pg_of(connection);
    if (c->base.broken)
        return furrow__pg_error_lost(error);
    if (c->base.in_transaction)
        return furrow__fail(error, FURROW_INVALID, "a transaction is already open");
    c->isolation = isolation;
    c->read_only = read_only;
    c->has_set = c->has_written = false;
    c->base.in_transaction = c->begin_deferred = true;
    c->savepoint_depth = c->savepoint_sent = 0;
    return FURROW_OK;
}

static furrow_status fail_unknown(furrow_error *error)
{
    furrow__fail(error, FURROW_COMMIT_UNKNOWN,
                 "the server did not confirm COMMIT: the transaction may or may not be committed");
    return furrow__hint(error, "read what was written before you repeat the transaction");
}

/* Whether the server reported a conflict in a warning, and reported the failure of COMMIT only as
 * an internal error. */
static bool is_conflict(const furrow__pg_connection *c, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return state && !strcmp(state, "XX000") && !strncmp(c->warning, "40", 2);
}

/* Whether the transaction may have been committed although the answer is an error. The errors that
 * can occur after the commit are the end of the connection or of the server (FATAL and PANIC),
 * internal errors (class XX), and a lost connection that a pooler or another node reports (class
 * 08). */
static bool is_undecided(const furrow__pg_connection *c, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (!state || furrow__pg_ends_connection(c, result))
        return true;
    return !strncmp(state, "08", 2) || !strncmp(state, "XX", 2) || !strcmp(state, "57P02") ||
           !strcmp(state, "40003");
}

static furrow_status commit_answer(furrow__pg_connection *c, const PGresult *result,
                                   furrow_error *error)
{
    if (PQresultStatus(result) == PGRES_COMMAND_OK) {
        if (!strcmp(PQcmdStatus((PGresult *)result), "COMMIT"))
            return FURROW_OK;
        return furrow__fail(error, FURROW_ABORTED,
                            "the transaction had failed before its commit, and was rolled back");
    }
    if (is_conflict(c, result)) {
        furrow__fail(error, FURROW_BUSY, "the transaction conflicts with a concurrent one");
        furrow__copy_text(error->sqlstate, sizeof error->sqlstate, c->warning);
        return furrow__hint(error, "repeat the transaction");
    }
    if (is_undecided(c, result)) {
        /* The outcome is not known, so the connection must not be used again, even if it still
         * works. */
        c->base.broken = true;
        return fail_unknown(error);
    }
    return furrow__pg_error(c, result, error);
}

/* Returns false if the server has ended the connection already. COMMIT is then not sent, so it is
 * known that the transaction was not committed. */
static bool is_still_open(furrow__pg_connection *c)
{
    struct pollfd watched = {.fd = PQsocket(c->pg), .events = POLLIN};
    if (PQstatus(c->pg) == CONNECTION_BAD)
        return false;
    if (poll(&watched, 1, 0) <= 0)
        return true;
    PQconsumeInput(c->pg);
    PQisBusy(c->pg); /* reads the messages that have arrived */
    return !c->was_ended && PQstatus(c->pg) != CONNECTION_BAD;
}

/* Reads everything up to the end of COMMIT. Returns the status of the first answer. */
static furrow_status read_commit(furrow__pg_connection *c, furrow_error *error)
{
    furrow_status status = FURROW_OK;
    bool answered = false, refused = false;
    for (PGresult *result; (result = furrow__pg_next_result(c)); PQclear(result)) {
        /* More answers belong to the commands after COMMIT. libpq can also report a lost connection
         * after the answer. */
        if (answered && PQresultStatus(result) != PGRES_COMMAND_OK)
            c->base.may_be_dirty = true;
        if (answered)
            continue;
        answered = true;
        status = commit_answer(c, result, error);
        refused = PQresultStatus(result) != PGRES_COMMAND_OK;
    }
    bool lost = c->timed_out || PQstatus(c->pg) == CONNECTION_BAD;
    c->base.broken = c->base.broken || lost || !answered;
    /* If the connection is lost after an error, the server may be stopping in the middle of the
     * commit. */
    return answered && !(refused && lost) ? status : fail_unknown(error);
}

furrow_status furrow__pg_commit(furrow_connection *connection, furrow_error *error)
{
    furrow__pg_connection *c = furrow__pg_of(connection);
    if (c->base.broken) {
        forget_transaction(c);
        return furrow__pg_error_lost(error);
    }
    if (!c->base.in_transaction)
        return furrow__fail(error, FURROW_INVALID, "there is no transaction to commit");
    bool sent_any = !c->begin_deferred;
    forget_transaction(c);
    if (!sent_any)
        return FURROW_OK;
    atomic_store_explicit(&c->cancelled, false, memory_order_relaxed);
    furrow__pg_set_deadline(c);
    bool is_open = is_still_open(c);
    char sql[200] = "COMMIT";
    if (c->is_pooled && c->has_written)
        snprintf(sql, sizeof sql, "COMMIT; RESET ROLE; UNLISTEN *; DISCARD TEMP; RESET ALL%s",
                 c->own_settings);
    c->warning[0] = '\0';
    if (!is_open || !PQsendQuery(c->pg, sql)) {
        c->base.broken = true;
        return furrow__pg_error_lost(error);
    }
    furrow_status status = read_commit(c, error);
    if (status == FURROW_FOREIGN_KEY || status == FURROW_UNIQUE || status == FURROW_CHECK)
        furrow__pg_name_partitioned_table(c, error); /* a deferred constraint is violated */
    return status;
}

furrow_status furrow__pg_rollback(furrow_connection *connection, furrow_error *error)
{
    furrow__pg_connection *c = furrow__pg_of(connection);
    bool sent_any = c->base.in_transaction && !c->begin_deferred;
    forget_transaction(c);
    if (c->base.broken)
        return furrow__pg_error_lost(error);
    if (!sent_any)
        return FURROW_OK;
    PGresult *result = NULL;
    c->uses_answer_timeout = true;
    furrow_status status = furrow__pg_run_text(c, "ROLLBACK", &result, error);
    c->uses_answer_timeout = false;
    PQclear(result);
    if (status != FURROW_OK) /* it is not known whether a transaction is open on the server */
        c->base.broken = true;
    return status;
}

furrow_status furrow__pg_savepoint(furrow_connection *connection, int depth, furrow_error *error)
{
    furrow__pg_connection *c = furrow__pg_of(connection);
    if (c->base.broken)
        return furrow__pg_error_lost(error);
    if (!c->base.in_transaction || depth != c->savepoint_depth + 1)
        return furrow__fail(error, FURROW_INVALID, "savepoint %d cannot begin here", depth);
    c->savepoint_depth = depth;
    return FURROW_OK;
}

static furrow_status end_savepoint(furrow__pg_connection *c, const char *verb, int depth,
                                   int remaining, furrow_error *error)
{
    if (c->base.broken)
        return furrow__pg_error_lost(error);
    if (!c->base.in_transaction || depth < 1 || depth > c->savepoint_depth)
        return furrow__fail(error, FURROW_INVALID, "there is no savepoint %d", depth);
    if (depth > c->savepoint_sent) {
        c->savepoint_depth = remaining;
        return FURROW_OK;
    }
    /* Deferred savepoints inside this savepoint no longer need to be sent. */
    c->savepoint_depth = c->savepoint_sent;
    char sql[COMMAND_SIZE];
    snprintf(sql, sizeof sql, "%s SAVEPOINT furrow_%d", verb, depth);
    PGresult *result = NULL;
    furrow_status status = furrow__pg_run_text(c, sql, &result, error);
    PQclear(result);
    if (status == FURROW_OK)
        c->savepoint_depth = c->savepoint_sent = remaining;
    return status;
}

furrow_status furrow__pg_release(furrow_connection *connection, int depth, furrow_error *error)
{
    return end_savepoint(furrow__pg_of(connection), "RELEASE", depth, depth - 1, error);
}

furrow_status furrow__pg_rollback_to(furrow_connection *connection, int depth, furrow_error *error)
{
    return end_savepoint(furrow__pg_of(connection), "ROLLBACK TO", depth, depth, error);
}
