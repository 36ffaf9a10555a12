/* SPDX-License-Identifier: MIT
 *
 * Runs CREATE INDEX CONCURRENTLY and DROP INDEX CONCURRENTLY, which cannot run in a transaction. If
 * an earlier attempt was interrupted, PostgreSQL's catalog shows whether that attempt finished. An
 * invalid index is dropped and created again.
 */
#include <string.h>

#include "base/text.h"
#include "dialect/postgresql/apply.h"
#include "migrate/apply/query.h"
#include "scan/scan.h"

/* Moves to the name after CONCURRENTLY. The keyword CONCURRENTLY is one of the first five tokens.
 */
static bool find_name(furrow__cursor *w)
{
    for (int i = 0; i < 4 && !furrow__token_is_keyword(w->token, "CONCURRENTLY"); i++)
        furrow__cursor_next(w);
    if (!furrow__token_is_keyword(w->token, "CONCURRENTLY"))
        return false;
    furrow__cursor_next(w);
    return furrow__token_names(w->token);
}

bool furrow__postgresql_runs_alone(const char *sql)
{
    furrow__cursor w = furrow__cursor_begin(sql, strlen(sql), FURROW__SCAN_POSTGRESQL);
    return find_name(&w);
}

typedef struct statement {
    bool creates;
    const char *schema; /* schema of the index; NULL: the first schema of the search path */
    const char *index;
} statement;

static furrow_status parse(const char *sql, statement *out, furrow_arena *arena,
                           furrow_error *error)
{
    furrow__cursor w = furrow__cursor_begin(sql, strlen(sql), FURROW__SCAN_POSTGRESQL);
    *out = (statement){.creates = furrow__token_is_keyword(w.token, "CREATE")};
    if (find_name(&w))
        out->index = furrow__token_copy(w.token, arena);
    furrow__cursor_next(&w);
    if (furrow__token_is(w.token, '.')) {
        furrow__cursor_next(&w);
        out->schema = out->index;
        out->index = furrow__token_copy(w.token, arena);
    }
    return out->index ? FURROW_OK : furrow__fail(error, FURROW_NOMEM, "out of memory");
}

static furrow_status find_index(furrow__migrator *m, const statement *s, bool *exists, bool *valid,
                                furrow_error *error)
{
    furrow_arena arena = {0};
    const char *texts[] = {s->schema, s->index};
    furrow__query q = furrow__query_begin_with(
        m->connection,
        "SELECT i.indisvalid FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid ="
        " i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relname = $2::text AND n.nspname = COALESCE($1::text, current_schema()::text)",
        (furrow__texts){texts, 2}, &arena, error);
    *exists = furrow__query_next(&q);
    *valid = *exists && furrow__query_bool(&q, 0);
    furrow_status status = furrow__query_end(&q);
    furrow__arena_done(&arena);
    return status;
}

static furrow_status drop_index(furrow__migrator *m, const statement *s, furrow_error *error)
{
    furrow__buffer sql = {0};
    furrow__buffer_add_text(&sql, "DROP INDEX CONCURRENTLY ");
    if (s->schema) {
        furrow__sql_identifier(&sql, s->schema);
        furrow__buffer_add_char(&sql, '.');
    }
    furrow__sql_identifier(&sql, s->index);
    return furrow__execute_buffer(m->connection, &sql, error);
}

/* Waits until a statement of an earlier attempt ends: PostgreSQL continues with the statement of a
 * process that was killed. CREATE INDEX CONCURRENTLY and DROP INDEX CONCURRENTLY lock the table
 * until they end. The lock excludes only other schema changes. */
static furrow_status wait_for_earlier_attempt(furrow__migrator *m, const furrow__action *action,
                                              furrow_error *error)
{
    furrow__buffer sql = {0};
    furrow_error ignored;
    if (!action->table.name)
        return FURROW_OK;
    furrow__buffer_add_text(&sql, "LOCK TABLE ");
    furrow__write_table_name(&sql, m->dialect, action->table);
    furrow__buffer_add_text(&sql, " IN SHARE UPDATE EXCLUSIVE MODE");
    furrow_status status = furrow__migrator_begin(m, error);
    if (status != FURROW_OK) {
        furrow__buffer_done(&sql);
        return status;
    }
    status = furrow__execute_buffer(m->connection, &sql, error);
    if (status != FURROW_OK)
        furrow__postgresql_explain_lock_wait(m, action->table, error);
    if (m->connection->in_transaction)
        m->driver->rollback(m->connection, &ignored);
    return status;
}

/* Runs the statement without a limit on waiting for locks. The statement waits until older
 * transactions end, but does not block other statements on the table. A limit that is set for the
 * user or the database could make the statement fail and leave an invalid index. */
static furrow_status run_without_limit(furrow__migrator *m, const furrow__action *action,
                                       furrow__step_report *report, furrow_error *error)
{
    furrow_error ignored;
    int64_t has_limit = 0;
    furrow_status status = furrow__query_number(
        m->connection, "SELECT (pg_catalog.current_setting('lock_timeout') <> '0')::int",
        &has_limit, error);
    if (status == FURROW_OK && has_limit)
        status = furrow__execute(m->connection, "SET lock_timeout = 0", NULL, error);
    if (status == FURROW_OK)
        status = furrow__step_run_action(m, action, report, error);
    furrow_status restored = FURROW_OK;
    if (has_limit)
        restored = furrow__execute(m->connection, "RESET lock_timeout", NULL,
                                   status == FURROW_OK ? error : &ignored);
    return status == FURROW_OK ? restored : status;
}

furrow_status furrow__postgresql_run_alone(furrow__migrator *m, const furrow__action *action,
                                           bool may_have_run, furrow__step_report *report,
                                           furrow_error *error)
{
    furrow_arena arena = {0};
    statement s;
    bool exists = false, valid = false;
    furrow_status status = parse(action->sql, &s, &arena, error);
    if (status == FURROW_OK && may_have_run)
        status = wait_for_earlier_attempt(m, action, error);
    if (status == FURROW_OK)
        status = find_index(m, &s, &exists, &valid, error);
    if (status == FURROW_OK && s.creates && exists && !valid) {
        status = drop_index(m, &s, error);
        exists = false;
    }
    bool has_run = may_have_run && exists == s.creates;
    if (status == FURROW_OK && !has_run)
        status = run_without_limit(m, action, report, error);
    furrow__arena_done(&arena);
    return status;
}
