/* SPDX-License-Identifier: MIT
 *
 * Hand-written libpq code that runs the transactions of many threads on a few connections to
 * PostgreSQL. Statements are prepared once, parameters are binary, and BEGIN is sent together with
 * the next statement in one round trip. When a connection is returned to the pool, the pool passes
 * it directly to the thread that has waited longest. A waiting thread sleeps on its own semaphore.
 * The pool has no timeouts. It never pings, cleans, recycles or counts connections. */
#include <endian.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "commits.h"

typedef struct waiter {
    struct waiter *next;
    sem_t wake;
    PGconn *given;
} waiter;

typedef struct pool {
    pthread_mutex_t lock;
    PGconn *connections[COMMITS_CONNECTIONS], *idle[COMMITS_CONNECTIONS];
    int idle_count;
    waiter *first, *last;
    waiter waiters[COMMITS_MAX_THREADS];
} pool;

static void check(PGconn *connection, PGresult *result, ExecStatusType wanted)
{
    if (PQresultStatus(result) != wanted)
        bench_fail("postgresql: %s", PQerrorMessage(connection));
    PQclear(result);
}

static void *pool_open(const char *url, int threads)
{
    pool *p = calloc(1, sizeof *p);
    if (!p || pthread_mutex_init(&p->lock, NULL))
        bench_fail("out of memory");
    for (int i = 0; i < COMMITS_CONNECTIONS; i++) {
        PGconn *c = p->connections[i] = p->idle[p->idle_count++] = PQconnectdb(url);
        if (PQstatus(c) != CONNECTION_OK)
            bench_fail("postgresql: %s", PQerrorMessage(c));
        check(c,
              PQprepare(c, "insert",
                        "INSERT INTO sale (customer, amount, note) VALUES ($1::bigint, $2::bigint, "
                        "$3::text) RETURNING id",
                        0, NULL),
              PGRES_COMMAND_OK);
        check(c, PQprepare(c, "begin", "BEGIN", 0, NULL), PGRES_COMMAND_OK);
        check(c, PQprepare(c, "commit", "COMMIT", 0, NULL), PGRES_COMMAND_OK);
        if (!PQenterPipelineMode(c))
            bench_fail("postgresql: could not enter pipeline mode");
    }
    for (int i = 0; i < threads; i++)
        if (sem_init(&p->waiters[i].wake, 0, 0))
            bench_fail("out of memory");
    return p;
}

static void pool_close(void *side)
{
    pool *p = side;
    for (int i = 0; i < COMMITS_CONNECTIONS; i++)
        PQfinish(p->connections[i]);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

static PGconn *borrow(pool *p, waiter *me)
{
    pthread_mutex_lock(&p->lock);
    if (p->idle_count) {
        PGconn *taken = p->idle[--p->idle_count];
        pthread_mutex_unlock(&p->lock);
        return taken;
    }
    me->next = NULL;
    if (p->last)
        p->last->next = me;
    else
        p->first = me;
    p->last = me;
    pthread_mutex_unlock(&p->lock);
    while (sem_wait(&me->wake))
        ;
    return me->given;
}

static void give_back(pool *p, PGconn *connection)
{
    pthread_mutex_lock(&p->lock);
    waiter *next = p->first;
    if (next) {
        p->first = next->next;
        if (!p->first)
            p->last = NULL;
        next->given = connection;
    } else {
        p->idle[p->idle_count++] = connection;
    }
    pthread_mutex_unlock(&p->lock);
    if (next)
        sem_post(&next->wake);
}

/* Reads the result of the next statement in the pipeline, and checks that it has the expected
 * status.
 */
static void expect(PGconn *c, ExecStatusType wanted)
{
    check(c, PQgetResult(c), wanted);
    if (wanted != PGRES_PIPELINE_SYNC && PQgetResult(c))
        bench_fail("postgresql: more results than statements");
}

static int64_t pool_run(void *side, int thread, int64_t number)
{
    static const char note[] = "one of many sales";
    pool *p = side;
    int64_t begun = commits_now_ns();
    PGconn *c = borrow(p, &p->waiters[thread]);
    uint64_t customer = htobe64((uint64_t)thread), amount = htobe64((uint64_t)number);
    const char *values[] = {(const char *)&customer, (const char *)&amount, note};
    const int lengths[] = {8, 8, sizeof note - 1}, formats[] = {1, 1, 1};
    if (!PQsendQueryPrepared(c, "begin", 0, NULL, NULL, NULL, 1) ||
        !PQsendQueryPrepared(c, "insert", 3, values, lengths, formats, 1) || !PQpipelineSync(c))
        bench_fail("postgresql: %s", PQerrorMessage(c));
    expect(c, PGRES_COMMAND_OK);
    expect(c, PGRES_TUPLES_OK);
    expect(c, PGRES_PIPELINE_SYNC);
    int64_t waited = commits_now_ns() - begun;
    if (!PQsendQueryPrepared(c, "commit", 0, NULL, NULL, NULL, 1) || !PQpipelineSync(c))
        bench_fail("postgresql: %s", PQerrorMessage(c));
    expect(c, PGRES_COMMAND_OK);
    expect(c, PGRES_PIPELINE_SYNC);
    give_back(p, c);
    return waited;
}

const commits_side commits_pool = {"pool", pool_open, pool_close, pool_run};
