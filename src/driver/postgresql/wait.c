/* SPDX-License-Identifier: MIT
 *
 * Waits for an answer until a deadline. PostgreSQL itself stops a statement that takes too long
 * (statement_timeout). The deadline is for a server or a network that no longer answers; the
 * connection is then marked as broken. Without a deadline, libpq does the waiting, at no extra
 * cost. */
#include "base/clock.h"
#include "driver/postgresql/postgresql.h"

#include <errno.h>
#include <poll.h>

void furrow__pg_set_timeout(furrow_connection *connection, int timeout_ms)
{
    furrow__pg_of(connection)->statement_timeout_ms = timeout_ms;
}

void furrow__pg_set_deadline(furrow__pg_connection *c)
{
    int limit = c->uses_answer_timeout ? c->answer_timeout_ms : c->statement_timeout_ms;
    c->deadline_ms = 0;
    if (!limit)
        return;
    c->deadline_ms = furrow__now_ms() + limit + (c->uses_answer_timeout ? 0 : FURROW__PG_GRACE_MS);
    /* In blocking mode, sending could wait without a limit. */
    if (!PQisnonblocking(c->pg))
        PQsetnonblocking(c->pg, 1);
}

/* Sends and receives as much as the socket allows. Returns false after the deadline. */
static bool wait_for_socket(furrow__pg_connection *c)
{
    int unsent = PQflush(c->pg);
    int64_t left = c->deadline_ms - furrow__now_ms();
    if (left <= 0) {
        c->timed_out = c->base.broken = true;
        return false;
    }
    struct pollfd watched = {.fd = PQsocket(c->pg),
                             .events = (short)(POLLIN | (unsent > 0 ? POLLOUT : 0))};
    if (poll(&watched, 1, left < 3600000 ? (int)left : 3600000) < 0 && errno != EINTR)
        return true;
    if (watched.revents & ~POLLOUT)
        PQconsumeInput(c->pg); /* PQgetResult reports the failure */
    return true;
}

PGresult *furrow__pg_next_result(furrow__pg_connection *c)
{
    if (c->timed_out)
        return NULL;
    if (c->deadline_ms)
        while ((PQflush(c->pg) == 1 || PQisBusy(c->pg)) && PQstatus(c->pg) != CONNECTION_BAD)
            if (!wait_for_socket(c))
                return NULL;
    return PQgetResult(c->pg);
}

PGresult *furrow__pg_last_result(furrow__pg_connection *c, bool sent)
{
    PGresult *kept = NULL;
    while (sent) {
        PGresult *result = furrow__pg_next_result(c);
        if (!result)
            break;
        PQclear(kept);
        kept = result;
        ExecStatusType status = PQresultStatus(kept);
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH ||
            PQstatus(c->pg) == CONNECTION_BAD)
            break;
    }
    return kept;
}
