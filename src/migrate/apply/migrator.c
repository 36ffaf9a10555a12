/* SPDX-License-Identifier: MIT
 * A migrator: its connections, and being the only runner. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "migrate/apply/parts.h"

/* "furrowmg" in ASCII: a key of its own among the locks of the database, which the server keeps
 * apart by database. The one behind it is held by the connection that the statements run on: the
 * server goes on with a statement whose runner was killed, which the next one must not meet. */
#define LOCK_KEY "7382642170246589799"
#define WORK_KEY "7382642170246589800"
enum { POLL_MS = 25 };

/* ---- opening ---- */

static furrow_status open_connection(furrow__migrator *m, furrow_connection **out, bool read_only,
                                     furrow_error *error)
{
    struct furrow_connect_options options = {
        .url = m->options.url,
        .read_only = read_only,
        .busy_timeout_ms = m->options.lock_timeout_ms,
        .prepare = false, /* each statement runs once */
        .server_text = true,
    };
    return m->driver->open(out, &options, error);
}

static furrow_status limit_waits(furrow__migrator *m, furrow_connection *connection,
                                 furrow_error *error)
{
    char sql[64];
    if (furrow__migrator_is_sqlite(m) || m->options.table_timeout_ms <= 0)
        return FURROW_OK;
    snprintf(sql, sizeof sql, "SET lock_timeout = %d", m->options.table_timeout_ms);
    return furrow__execute(connection, sql, NULL, error);
}

furrow_status furrow__apply_wait_for_ever(furrow__migrator *m, bool for_ever, furrow_error *error)
{
    if (m->options.table_timeout_ms <= 0)
        return FURROW_OK;
    return for_ever ? furrow__execute(m->connection, "SET lock_timeout = 0", NULL, error)
                    : limit_waits(m, m->connection, error);
}

/* SQLite: whether there is a file, and not one that is being made, whose journal is no log. What
 * cannot be asked is told of by who asks next, but for the memory that it lacked. */
static furrow_status look_at_journal(furrow_connection *connection, bool *is, furrow_error *error)
{
    furrow_error why = {0};
    int64_t pages = 0, logs = 0;
    furrow_status status = furrow__query_number(connection, "PRAGMA page_count", &pages, &why);
    if (status == FURROW_OK && pages)
        status = furrow__query_number(
            connection, "SELECT journal_mode = 'wal' FROM pragma_journal_mode", &logs, &why);
    *is = status == FURROW_OK && pages && !logs;
    if (status != FURROW_NOMEM)
        return FURROW_OK;
    *error = why;
    return FURROW_NOMEM;
}

/* SQLite: a reader does not make the file that it does not find, and leaves its journal as it is.
 */
static furrow_status open_writer(furrow__migrator *m, furrow_error *error)
{
    furrow_connection *reader = NULL;
    bool had = false, has = false;
    furrow_status status = open_connection(m, &reader, true, error);
    if (status == FURROW_DATABASE && m->options.create_database)
        status = FURROW_OK;
    else if (status == FURROW_OK)
        status = look_at_journal(reader, &had, error);
    m->driver->close(reader);
    if (status == FURROW_OK)
        status = open_connection(m, &m->connection, false, error);
    if (status == FURROW_OK && had)
        status = look_at_journal(m->connection, &has, error);
    m->began_wal = status == FURROW_OK && had && !has;
    return status;
}

static furrow_status read_version(furrow__migrator *m, furrow_error *error)
{
    int64_t version = 0;
    furrow_status status;
    if (furrow__migrator_is_sqlite(m)) {
        furrow_arena arena = {0};
        unsigned parts[3] = {0};
        furrow__query q =
            furrow__query_begin(m->connection, "SELECT sqlite_version()", &arena, error);
        const char *text = furrow__query_next(&q) ? furrow__query_text(&q, 0) : NULL;
        if (text && sscanf(text, "%u.%u.%u", &parts[0], &parts[1], &parts[2]) >= 2)
            version = (int64_t)parts[0] * 1000000 + (int64_t)parts[1] * 1000 + parts[2];
        status = furrow__query_end(&q);
        furrow__arena_done(&arena);
    } else {
        status = furrow__query_number(
            m->connection, "SELECT pg_catalog.current_setting('server_version_num')::int", &version,
            error);
    }
    m->facts.version = (int)version;
    return status;
}

furrow_status furrow__migrator_open(furrow__migrator **out, const furrow_driver *driver,
                                    const furrow__dialect *dialect,
                                    const furrow__migrator_options *options, furrow_error *error)
{
    *out = NULL;
    furrow__migrator *m = furrow__allocate_zeroed(1, sizeof *m);
    char *url = furrow__duplicate(options->url);
    if (!m || !url) {
        furrow__release(m);
        furrow__release(url);
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    }
    m->driver = driver;
    m->dialect = dialect;
    m->options = *options;
    m->options.url = url;
    bool sqlite = furrow__migrator_is_sqlite(m);
    furrow_status status = sqlite && !options->read_only
                               ? open_writer(m, error)
                               : open_connection(m, &m->connection, sqlite, error);
    if (status == FURROW_OK)
        status = limit_waits(m, m->connection, error);
    if (status == FURROW_OK)
        status = read_version(m, error);
    if (status == FURROW_OK)
        *out = m;
    else
        furrow__migrator_close(m);
    return status;
}

furrow_status furrow__migrator_open_on(furrow__migrator **out, furrow_connection *connection,
                                       const furrow__dialect *dialect,
                                       const furrow__migrator_options *options, furrow_error *error)
{
    furrow__migrator *m = furrow__allocate_zeroed(1, sizeof *m);
    *out = NULL;
    if (!m)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    *m = (furrow__migrator){.driver = connection->driver,
                            .dialect = dialect,
                            .options = *options,
                            .connection = connection,
                            .is_borrowed = true};
    m->options.url = NULL;
    furrow_status status = read_version(m, error);
    if (status == FURROW_OK)
        *out = m;
    else
        furrow__migrator_close(m);
    return status;
}

void furrow__migrator_close(furrow__migrator *m)
{
    furrow_error ignored;
    if (!m)
        return;
    if (m->connection && m->connection->in_transaction)
        m->driver->rollback(m->connection, &ignored);
    furrow__migrator_unlock(m);
    if (!m->is_borrowed)
        m->driver->close(m->connection);
    furrow__release((char *)m->options.url);
    furrow__release(m);
}

furrow_status furrow__migrator_renew(furrow__migrator *m, furrow_error *error)
{
    furrow_connection *fresh = NULL;
    if (!m->connection->broken)
        return FURROW_OK;
    if (m->is_borrowed)
        return furrow__fail(error, FURROW_DISCONNECTED, "the connection is lost");
    furrow_status status = open_connection(m, &fresh, false, error);
    if (status == FURROW_OK)
        status = limit_waits(m, fresh, error);
    if (status != FURROW_OK) {
        m->driver->close(fresh);
        return status;
    }
    m->driver->close(m->connection);
    m->connection = fresh;
    return FURROW_OK;
}

furrow_connection *furrow__migrator_connection(furrow__migrator *m)
{
    return m->connection;
}

furrow__engine_facts furrow__migrator_facts(const furrow__migrator *m)
{
    return m->facts;
}

bool furrow__migrator_began_wal(const furrow__migrator *m)
{
    return m->began_wal;
}

/* ---- the lock ---- */

/* Who has it, as far as the server tells. */
static furrow_status name_holder(furrow__migrator *m, const char *key, furrow_error *error)
{
    furrow_arena arena = {0};
    furrow_error ignored;
    furrow__query q = furrow__query_begin_with(
        m->locker,
        "SELECT a.pid, a.usename::text, COALESCE(NULLIF(a.application_name, ''), 'a program'),"
        " COALESCE(host(a.client_addr), 'this machine')"
        " FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid"
        " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
        " AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname ="
        " current_database())"
        " AND (l.classid::bigint << 32 | l.objid::bigint) = $1::text::bigint LIMIT 1",
        (furrow__texts){&key, 1}, &arena, &ignored);
    if (furrow__query_next(&q))
        furrow__fail(error, FURROW_BUSY,
                     "another migration is running: process %lld of user %s, %s on %s",
                     (long long)furrow__query_int64(&q, 0), furrow__query_text(&q, 1),
                     furrow__query_text(&q, 2), furrow__query_text(&q, 3));
    else
        furrow__fail(error, FURROW_BUSY, "another migration is running");
    furrow__query_end(&q);
    furrow__arena_done(&arena);
    return furrow__hint(error, "wait for it, or run again with a longer lock timeout");
}

/* A table's holder comes first; where nobody has that, the oldest transaction with any table. */
static furrow__query ask_for_blocker(furrow__migrator *m, furrow__table_name table,
                                     furrow_arena *arena, furrow_error *error)
{
    furrow__buffer name = {0};
    if (table.schema) {
        furrow__sql_identifier(&name, table.schema);
        furrow__buffer_add_char(&name, '.');
    }
    if (table.name)
        furrow__sql_identifier(&name, table.name);
    const char *copy =
        name.size && !name.failed ? furrow__arena_text(arena, name.text, name.size) : NULL;
    furrow__buffer_done(&name);
    return furrow__query_begin_with(
        m->locker,
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

/* The lock itself went with the statement that failed, so that nobody waits for it any more. */
void furrow__apply_name_blocker(furrow__migrator *m, furrow__table_name table, furrow_error *error)
{
    furrow_arena arena = {0};
    furrow_error ignored;
    furrow__query q = ask_for_blocker(m, table, &arena, &ignored);
    if (furrow__query_next(&q))
        snprintf(error->message, sizeof error->message,
                 "a lock was waited for in vain, longer than %d ms: %stable %s is held by process"
                 " %lld of user %s, %s on %s, in a transaction since %lld s",
                 m->options.table_timeout_ms, furrow__query_bool(&q, 6) ? "" : "perhaps since ",
                 furrow__query_text(&q, 5), (long long)furrow__query_int64(&q, 0),
                 furrow__query_text(&q, 1), furrow__query_text(&q, 2), furrow__query_text(&q, 3),
                 (long long)furrow__query_int64(&q, 4));
    furrow__hint(error, "run it again when that transaction has ended, or with a longer lock"
                        " timeout: others that want the table wait behind it");
    furrow__query_end(&q);
    furrow__arena_done(&arena);
}

/* Asked again and again: a statement that waits in the server has a snapshot, for which CREATE
 * INDEX CONCURRENTLY of the one who has the lock would wait in turn (PostgreSQL's manual, "Building
 * Indexes Concurrently"). */
static furrow_status wait_for_lock(furrow__migrator *m, furrow_connection *connection,
                                   const char *key, int64_t deadline, furrow_error *error)
{
    char sql[96];
    snprintf(sql, sizeof sql, "SELECT pg_catalog.pg_try_advisory_lock(%s)::int", key);
    for (;;) {
        int64_t got = 0;
        furrow_status status = furrow__query_number(connection, sql, &got, error);
        if (status != FURROW_OK || got)
            return status;
        if (furrow__now_ms() >= deadline)
            return name_holder(m, key, error);
        nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
    }
}

furrow_status furrow__migrator_lock(furrow__migrator *m, furrow_error *error)
{
    if (furrow__migrator_is_sqlite(m) || m->locker)
        return FURROW_OK;
    int64_t deadline =
        furrow__now_ms() + (m->options.lock_timeout_ms > 0 ? m->options.lock_timeout_ms : 0);
    furrow_status status = open_connection(m, &m->locker, false, error);
    if (status == FURROW_OK)
        status = wait_for_lock(m, m->locker, LOCK_KEY, deadline, error);
    if (status == FURROW_OK)
        status = wait_for_lock(m, m->connection, WORK_KEY, deadline, error);
    m->has_work_key = status == FURROW_OK;
    if (status != FURROW_OK)
        furrow__migrator_unlock(m);
    return status;
}

/* The server frees a lock with its session. */
void furrow__migrator_unlock(furrow__migrator *m)
{
    furrow_error ignored;
    int64_t freed;
    if (m->has_work_key && m->connection && !m->connection->in_transaction)
        furrow__query_number(m->connection,
                             "SELECT (pg_catalog.pg_advisory_unlock(" WORK_KEY "))::int", &freed,
                             &ignored);
    m->has_work_key = false;
    m->driver->close(m->locker);
    m->locker = NULL;
}
