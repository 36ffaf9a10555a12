/* SPDX-License-Identifier: MIT
 * Opens and closes a migrator, and begins its transactions. */
#include "migrate/apply/migrator.h"

#include "base/memory.h"
#include "base/text.h"
#include "migrate/apply/parts.h"

furrow_status furrow__migrator_connect(furrow__migrator *m, furrow_connection **out, bool read_only,
                                       furrow_error *error)
{
    struct furrow_connect_options options = {
        .url = m->options.url,
        .read_only = read_only,
        .busy_timeout_ms = m->options.lock_timeout_ms,
        .prepare = false, /* a prepared statement would run only once */
        .server_text = true,
    };
    return m->driver->open(out, &options, error);
}

furrow_status furrow__migrator_begin(furrow__migrator *m, furrow_error *error)
{
    furrow_error ignored;
    furrow_status status =
        m->engine->begin_transaction
            ? m->engine->begin_transaction(m, error)
            : m->driver->begin(m->connection, FURROW_ISOLATION_DEFAULT, false, error);
    if (status != FURROW_OK && m->connection->in_transaction)
        m->driver->rollback(m->connection, &ignored);
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
    m->engine = dialect->apply;
    m->options = *options;
    m->options.url = url;
    furrow_status status = m->engine->open(m, error);
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
                            .engine = dialect->apply,
                            .options = *options,
                            .connection = connection,
                            .is_borrowed = true};
    m->options.url = NULL;
    *out = m;
    return FURROW_OK;
}

void furrow__migrator_close(furrow__migrator *m)
{
    furrow_error ignored;
    if (!m)
        return;
    if (m->connection && m->connection->in_transaction)
        m->driver->rollback(m->connection, &ignored);
    if (m->engine->unlock)
        m->engine->unlock(m);
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
    furrow_status status = furrow__migrator_connect(m, &fresh, false, error);
    if (status != FURROW_OK)
        return status;
    m->driver->close(m->connection);
    m->connection = fresh;
    return FURROW_OK;
}

furrow_connection *furrow__migrator_connection(furrow__migrator *m)
{
    return m->connection;
}

bool furrow__migrator_began_wal(const furrow__migrator *m)
{
    return m->began_wal;
}

furrow_status furrow__migrator_has_table(furrow__migrator *m, bool *out, const char *table,
                                         furrow_error *error)
{
    furrow_arena arena = {0};
    furrow_live_table live;
    furrow_status status = m->driver->describe_table(
        m->connection, &live, (furrow_table_name){NULL, table}, &arena, error);
    *out = status == FURROW_OK && live.columns;
    furrow__arena_done(&arena);
    return status;
}
