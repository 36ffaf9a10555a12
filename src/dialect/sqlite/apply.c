/* SPDX-License-Identifier: MIT
 *
 * Applies revisions to SQLite. The write lock of a transaction is also the migration lock. SQLite
 * keeps the text of each definition, so schemas are compared by the tokens of their definitions.
 */
#include "dialect/sqlite/sqlite.h"

#include <string.h>

#include "dialect/sqlite/guard.h"
#include "dialect/sqlite/rebuild.h"
#include "migrate/apply/query.h"
#include "scan/compare.h"

/* Sets *out to true if the database is not empty and does not use a write-ahead log, and to false
 * otherwise. Reports a failure only if memory ran out. Any other failure is ignored here, because
 * the next statement will fail, too, and report it. */
static furrow_status uses_rollback_journal(furrow_connection *connection, bool *out,
                                           furrow_error *error)
{
    furrow_error why = {0};
    int64_t pages = 0, is_wal = 0;
    furrow_status status = furrow__query_number(connection, "PRAGMA page_count", &pages, &why);
    if (status == FURROW_OK && pages)
        status = furrow__query_number(
            connection, "SELECT journal_mode = 'wal' FROM pragma_journal_mode", &is_wal, &why);
    *out = status == FURROW_OK && pages && !is_wal;
    if (status != FURROW_NOMEM)
        return FURROW_OK;
    *error = why;
    return FURROW_NOMEM;
}

/* Opens the connection that writes. Before that, a read-only connection, which never creates the
 * file, finds out which kind of journal the file uses. */
static furrow_status open_writer(furrow__migrator *m, furrow_error *error)
{
    furrow_connection *reader = NULL;
    bool before = false, after = false;
    furrow_status status = furrow__migrator_connect(m, &reader, true, error);
    if (status == FURROW_DATABASE && m->options.create_database)
        status = FURROW_OK;
    else if (status == FURROW_OK)
        status = uses_rollback_journal(reader, &before, error);
    m->driver->close(reader);
    if (status == FURROW_OK)
        status = furrow__migrator_connect(m, &m->connection, false, error);
    if (status == FURROW_OK && before)
        status = uses_rollback_journal(m->connection, &after, error);
    m->began_wal = status == FURROW_OK && before && !after;
    return status;
}

static furrow_status open(furrow__migrator *m, furrow_error *error)
{
    return m->options.read_only ? furrow__migrator_connect(m, &m->connection, true, error)
                                : open_writer(m, error);
}

/* Returns the character at an offset of the table's name. In SQLite, the table b of the schema a
 * has the name "a.b". `schema` is the size of the schema's name, or 0 if the table has no
 * schema. */
static char letter_at(furrow__table_name name, size_t schema, size_t at)
{
    char letter = !schema        ? name.name[at]
                  : at < schema  ? name.schema[at]
                  : at == schema ? '.'
                                 : name.name[at - schema - 1];
    return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

static bool tables_are_equal(furrow__table_name a, furrow__table_name b)
{
    size_t of_a = a.schema ? strlen(a.schema) : 0, of_b = b.schema ? strlen(b.schema) : 0;
    if (!a.name || !b.name)
        return a.name == b.name;
    for (size_t i = 0;; i++) {
        char letter = letter_at(a, of_a, i);
        if (letter != letter_at(b, of_b, i))
            return false;
        if (!letter)
            return true;
    }
}

static furrow_status rebuild(furrow__migrator *m, const furrow__action *action,
                             furrow__step_report *report, furrow_error *error)
{
    return furrow__rebuild_run(m->connection, action, &m->options, report, error);
}

const furrow__apply_dialect furrow__sqlite_apply = {
    .begin = "BEGIN IMMEDIATE",
    .stop_at_error = ".bail on",
    .current_time = "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')",
    .names_are_equal = furrow__names_are_equal_in_any_case,
    .definitions_are_equal = furrow__sqlite_expressions_are_equal,
    .tables_are_equal = tables_are_equal,
    .inspect = furrow__sqlite_inspect,
    .open = open,
    .rebuild = rebuild,
    .guard_begin = furrow__sqlite_guard_begin,
    .guard_note = furrow__sqlite_guard_note,
    .guard_verify = furrow__sqlite_guard_verify,
    .guard_end = furrow__sqlite_guard_end,
};
