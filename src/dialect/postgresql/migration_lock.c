/* SPDX-License-Identifier: MIT
 *
 * The migration lock, which consists of two advisory locks. Each transaction of a migrator takes
 * both, and holds them until it ends. A no-transaction revision must also keep other migrators away
 * between its transactions. During such a revision, the first lock is held by a transaction on a
 * second connection, which does nothing else, and each transaction that runs statements takes the
 * second lock only. The second lock is needed because a process can be killed: its second
 * connection then ends at once, but PostgreSQL continues with the current statement of the other
 * connection, and the next migrator must wait until that statement ends.
 *
 * Both locks belong to transactions and not to sessions, because a pooler can give the session to
 * another program when a transaction has ended. A migrator uses one connection at a time, except
 * during a no-transaction revision, because a pooler may have only one connection to the server.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "dialect/postgresql/apply.h"
#include "migrate/apply/query.h"

/* The keys of the two locks: "furrowmg" in ASCII, and the next larger number. Advisory locks of
 * different databases are independent. */
#define MIGRATION_KEY "7382642170246589799"
#define STATEMENT_KEY "7382642170246589800"
#define TRY_LOCK(key) "pg_catalog.pg_try_advisory_xact_lock(" key ")"

/* Each of these statements returns whether it took the locks. CASE makes sure that nobody takes the
 * second lock, even for a moment, while another migrator holds the first. */
static const char take_both[] = "SELECT (CASE WHEN " TRY_LOCK(MIGRATION_KEY) " THEN " TRY_LOCK(
    STATEMENT_KEY) " ELSE false END)::int";
static const char take_migration_lock[] = "SELECT " TRY_LOCK(MIGRATION_KEY) "::int";
static const char take_statement_lock[] = "SELECT " TRY_LOCK(STATEMENT_KEY) "::int";

enum {
    POLL_MS = 25,
    LEAST_ANSWER_MS = 2000 /* how long to wait for an answer, even if lock_timeout_ms is shorter */
};

/* Limits how long a statement outside a transaction may take; 0: no limit. */
static void set_limit(furrow_connection *connection, int timeout_ms)
{
    if (connection->driver->set_timeout)
        connection->driver->set_timeout(connection, timeout_ms);
}

static furrow_status fail_without_connection(bool is_second, int waited_ms, furrow_error *error)
{
    if (!is_second) {
        furrow__fail(error, FURROW_BUSY, "the server or its pooler did not answer within %d ms",
                     waited_ms);
        return furrow__hint(error, "if all connections of the pooler are in use, wait until one is "
                                   "free, or use a longer lock timeout");
    }
    furrow__fail(error, FURROW_BUSY, "could not use a second connection within %d ms", waited_ms);
    return furrow__hint(error, "a revision with -- no-transaction needs two connections to the "
                               "server at the same time: let the pooler open two "
                               "(default_pool_size), or connect to the server itself");
}

/* Waits until the server answers, at most timeout_ms. A pooler answers only when one of its
 * connections to the server is free. The limit cannot be part of the transaction that follows,
 * because it would then also limit the statements of a revision. */
static furrow_status wait_for_answer(furrow__migrator *m, furrow_connection *connection,
                                     int64_t timeout_ms, furrow_error *error)
{
    int64_t unused;
    int limit = timeout_ms > LEAST_ANSWER_MS ? (int)timeout_ms : LEAST_ANSWER_MS;
    set_limit(connection, limit);
    furrow_status status = furrow__query_number(connection, "SELECT 1", &unused, error);
    set_limit(connection, 0);
    if (status != FURROW_TIMEOUT)
        return status;
    return fail_without_connection(m->locker && m->locker != connection, limit, error);
}

/* Names the process that holds the lock. A process that polls can have a lock for a moment, so the
 * oldest transaction is named. No transaction is open on the connection. */
static furrow_status fail_with_holder(furrow_connection *connection, furrow_error *error)
{
    furrow_arena arena = {0};
    furrow_error ignored;
    set_limit(connection, LEAST_ANSWER_MS);
    furrow__query q = furrow__query_begin(
        connection,
        "SELECT a.pid, a.usename::text, COALESCE(NULLIF(a.application_name, ''), 'a program'),"
        " COALESCE(host(a.client_addr), 'this machine')"
        " FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid"
        " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
        " AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname ="
        " current_database())"
        " AND (l.classid::bigint << 32 | l.objid::bigint) IN (" MIGRATION_KEY ", " STATEMENT_KEY ")"
        " ORDER BY a.xact_start LIMIT 1",
        &arena, &ignored);
    if (furrow__query_next(&q))
        furrow__fail(error, FURROW_BUSY,
                     "another migration is running: process %lld of user %s, %s on %s",
                     (long long)furrow__query_int64(&q, 0), furrow__query_text(&q, 1),
                     furrow__query_text(&q, 2), furrow__query_text(&q, 3));
    else
        furrow__fail(error, FURROW_BUSY, "another migration is running");
    furrow__query_end(&q);
    set_limit(connection, 0);
    furrow__arena_done(&arena);
    return furrow__hint(error,
                        "wait until the other migration has ended, or use a longer lock timeout");
}

/* Polls for the lock, in a new transaction each time. A CREATE INDEX CONCURRENTLY of the process
 * that has the lock waits for transactions that had a snapshot (PostgreSQL's manual, "Building
 * Indexes Concurrently"), so a transaction that waits for that process must not have a snapshot. On
 * success, a transaction is open and has the lock. */
static furrow_status begin_with_lock(furrow__migrator *m, furrow_connection *connection,
                                     const char *take, furrow_error *error)
{
    furrow_error ignored;
    int timeout_ms = m->options.lock_timeout_ms > 0 ? m->options.lock_timeout_ms : 0;
    int64_t deadline_ms = furrow__now_ms() + timeout_ms;
    for (;;) {
        int64_t locked = 0;
        furrow_status status =
            wait_for_answer(m, connection, deadline_ms - furrow__now_ms(), error);
        if (status == FURROW_OK)
            status = m->driver->begin(connection, FURROW_ISOLATION_DEFAULT, false, error);
        if (status == FURROW_OK)
            status = furrow__query_number(connection, take, &locked, error);
        if (status == FURROW_OK && locked)
            return FURROW_OK;
        if (connection->in_transaction)
            m->driver->rollback(connection, &ignored);
        if (status != FURROW_OK)
            return status;
        if (furrow__now_ms() >= deadline_ms)
            return fail_with_holder(connection, error);
        nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
    }
}

furrow_status furrow__postgresql_lock(furrow__migrator *m, furrow_error *error)
{
    /* The transaction is idle until the revision ends. PostgreSQL 17 also has a limit for the whole
     * transaction. */
    static const char remove_limit[] =
        "SELECT pg_catalog.set_config(name, '0', true) FROM pg_catalog.pg_settings WHERE name ="
        " 'transaction_timeout'";
    furrow_status status = furrow__migrator_connect(m, &m->locker, false, error);
    if (status == FURROW_OK)
        status = begin_with_lock(m, m->locker, take_migration_lock, error);
    if (status == FURROW_OK)
        status = furrow__execute(m->locker, remove_limit, NULL, error);
    /* This must be the last statement, because it needs no snapshot and releases the snapshot of
     * the earlier statements. */
    if (status == FURROW_OK)
        status = furrow__execute(m->locker, "SET LOCAL idle_in_transaction_session_timeout = 0",
                                 NULL, error);
    return status;
}

void furrow__postgresql_unlock(furrow__migrator *m)
{
    furrow_error ignored;
    if (m->locker && m->locker->in_transaction)
        m->driver->rollback(m->locker, &ignored);
    m->driver->close(m->locker);
    m->locker = NULL;
}

furrow_status furrow__postgresql_begin(furrow__migrator *m, furrow_error *error)
{
    char sql[64];
    furrow_status status =
        begin_with_lock(m, m->connection, m->locker ? take_statement_lock : take_both, error);
    if (status != FURROW_OK || m->options.table_timeout_ms <= 0)
        return status;
    snprintf(sql, sizeof sql, "SET LOCAL lock_timeout = %d", m->options.table_timeout_ms);
    return furrow__execute(m->connection, sql, NULL, error);
}

/* Finds the transaction that holds a lock on this table. If there is no such transaction, finds the
 * oldest transaction that holds a lock on any table. */
static furrow__query query_blocker(furrow__migrator *m, furrow__table_name table,
                                   furrow_arena *arena, furrow_error *error)
{
    furrow__buffer name = {0};
    if (table.schema) {
        furrow__sql_identifier(&name, table.schema);
        furrow__buffer_add_char(&name, '.');
    }
    if (table.name)
        furrow__sql_identifier(&name, table.name);
    const char *copy = table.name ? furrow__buffer_take(&name, arena) : NULL;
    furrow__buffer_done(&name);
    return furrow__query_begin_with(
        m->connection,
        "SELECT a.pid, a.usename::text, COALESCE(NULLIF(a.application_name, ''), 'a program'),"
        " COALESCE(host(a.client_addr), 'this machine'), COALESCE(extract(epoch FROM"
        " pg_catalog.clock_timestamp() - a.xact_start)::bigint, 0), l.relation::regclass::text,"
        " COALESCE(l.relation = pg_catalog.to_regclass($1::text), false)"
        " FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid"
        " WHERE l.locktype = 'relation' AND l.granted AND l.relation >= 16384"
        " AND l.pid <> pg_catalog.pg_backend_pid() AND l.database ="
        " (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"
        " ORDER BY 7 DESC, a.xact_start LIMIT 1",
        (furrow__texts){&copy, 1}, arena, error);
}

/* Names the transaction that probably holds the lock. The failed statement no longer waits, so
 * pg_locks does not show which lock the statement waited for. The transaction of that statement can
 * run nothing more, and is rolled back. */
void furrow__postgresql_explain_lock_wait(furrow__migrator *m, furrow__table_name table,
                                          furrow_error *error)
{
    static const char lock_not_available[] = "55P03";
    furrow_arena arena = {0};
    furrow_error ignored;
    if (strcmp(error->sqlstate, lock_not_available) != 0)
        return;
    if (m->connection->in_transaction)
        m->driver->rollback(m->connection, &ignored);
    furrow__query q = query_blocker(m, table, &arena, &ignored);
    if (furrow__query_next(&q))
        snprintf(error->message, sizeof error->message,
                 "could not get a lock within %d ms%s table %s is locked by process %lld of user"
                 " %s, %s on %s, in a transaction that began %lld s ago",
                 m->options.table_timeout_ms, furrow__query_bool(&q, 6) ? ":" : ", perhaps because",
                 furrow__query_text(&q, 5), (long long)furrow__query_int64(&q, 0),
                 furrow__query_text(&q, 1), furrow__query_text(&q, 2), furrow__query_text(&q, 3),
                 (long long)furrow__query_int64(&q, 4));
    furrow__hint(error, "run the revision again when that transaction has ended, or with a longer "
                        "lock timeout; other statements on the table wait during that time");
    furrow__query_end(&q);
    furrow__arena_done(&arena);
}
