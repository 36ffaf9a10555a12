/* SPDX-License-Identifier: MIT
 * Translates SQLite's result codes to furrow's statuses and messages. */
#include <string.h>

#include "base/text.h"
#include "base/violation.h"
#include "driver/sqlite/sqlite.h"

enum { MESSAGE_SIZE = 480 };

typedef struct outcome {
    int code; /* a primary result code */
    furrow_status status;
    const char *message; /* NULL: SQLite's own text for the code */
    const char *hint;    /* NULL: no hint */
} outcome;

static const outcome outcomes[] = {
    {SQLITE_NOMEM, FURROW_NOMEM, "out of memory", NULL},
    {SQLITE_CORRUPT, FURROW_DATABASE, "the database file is damaged",
     "PRAGMA integrity_check reports the damage; restore a backup"},
    {SQLITE_NOTADB, FURROW_DATABASE, "the file is not a SQLite database", NULL},
    {SQLITE_TOOBIG, FURROW_INVALID, "a string, a blob or the statement is too long", NULL},
    {SQLITE_ABORT, FURROW_ABORTED, "the transaction of this result was rolled back", NULL},
    {SQLITE_SCHEMA, FURROW_SCHEMA, "the schema changed while the statement ran", NULL},
    {SQLITE_CANTOPEN, FURROW_DATABASE, "the files of the database could not be opened", NULL},
    {SQLITE_RANGE, FURROW_INVALID, NULL, NULL},
    {SQLITE_MISUSE, FURROW_INVALID, NULL, NULL},
};

static furrow_status fail_by_code(int rc, furrow_error *error)
{
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
        const outcome *o = &outcomes[i];
        if (o->code != (rc & 0xff))
            continue;
        furrow__fail(error, o->status, "%s", o->message ? o->message : sqlite3_errstr(rc));
        return o->hint ? furrow__hint(error, "%s", o->hint) : o->status;
    }
    return furrow__fail(error, FURROW_DATABASE, "%s", sqlite3_errstr(rc));
}

static furrow_status fail_foreign_key(furrow_error *error)
{
    return furrow__fail(error, FURROW_FOREIGN_KEY,
                        "the row refers to a row that does not exist, or another row still refers "
                        "to it");
}

/* SQLite implements ON DELETE RESTRICT with an internal trigger (fkActionTrigger in fkey.c). The
 * trigger fails with the same code as a RAISE in a trigger of the program. Before SQLite 3.47, the
 * message of RAISE is a literal. Later versions allow expressions, so the message can quote values.
 */
static furrow_status fail_trigger(const furrow__sqlite_statement *statement, const char *message,
                                  furrow_error *error)
{
    if (furrow__sqlite_is_foreign_key_message(message))
        return fail_foreign_key(error);
    if (sqlite3_libversion_number() < 3047000 || !statement || !statement->base.parameter_count)
        return furrow__fail(error, FURROW_CHECK, "a trigger refused the row: %s", message);
    return furrow__fail(error, FURROW_CHECK, "a trigger refused the row");
}

static furrow_status fail_constraint(furrow__sqlite *connection, int rc,
                                     const furrow__sqlite_statement *statement, const char *message,
                                     furrow_error *error)
{
    switch (rc) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return furrow__sqlite_unique(connection, message, error);
    case SQLITE_CONSTRAINT_NOTNULL:
        return furrow__sqlite_not_null(connection, message, error);
    case SQLITE_CONSTRAINT_CHECK:
        return furrow__sqlite_check(connection, message, error);
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return fail_foreign_key(error);
    case SQLITE_CONSTRAINT_DATATYPE:
        return furrow__sqlite_datatype(connection, message, error);
    case SQLITE_CONSTRAINT_TRIGGER:
        return fail_trigger(statement, message, error);
    default:
        return furrow__fail(error, FURROW_DATABASE, "the row violates a constraint");
    }
}

static furrow_status fail_stopped(const furrow__sqlite *connection, furrow_error *error)
{
    if (!connection->timed_out)
        return furrow__fail(error, FURROW_CANCELLED, "the statement was cancelled");
    furrow__fail(error, FURROW_TIMEOUT, "the statement took longer than %d ms",
                 connection->timeout_ms);
    return furrow__hint(error,
                        "increase statement_timeout_ms, or check whether an index is missing");
}

static furrow_status fail_locked(const furrow__sqlite *connection, int rc, furrow_error *error)
{
    if (connection->timed_out || atomic_load(&connection->cancelled))
        return fail_stopped(connection, error);
    return furrow__fail(error, FURROW_BUSY,
                        rc == SQLITE_BUSY_SNAPSHOT
                            ? "another connection wrote after this transaction began to read"
                            : "another connection holds the database's lock");
}

/* Whether SQLITE_FULL means that an AUTOINCREMENT table has used the largest key. The other meaning
 * is that the disk is full. If SQLite has already rolled back, the row with the largest key no
 * longer exists, but sqlite3_last_insert_rowid still returns its key. */
static bool keys_are_used_up(furrow__sqlite *connection, const furrow__sqlite_statement *statement)
{
    if (!statement || sqlite3_strnicmp(sqlite3_sql(statement->handle), "INSERT", 6) != 0)
        return false;
    if (sqlite3_last_insert_rowid(connection->db) == INT64_MAX)
        return true;
    bool found = false;
    sqlite3_stmt *rows = NULL;
    if (sqlite3_prepare_v2(connection->db,
                           "SELECT 1 FROM sqlite_sequence WHERE seq = 9223372036854775807 "
                           "AND instr(?1, '\"' || replace(name, '\"', '\"\"') || '\"')",
                           -1, &rows, NULL) == SQLITE_OK &&
        sqlite3_bind_text(rows, 1, sqlite3_sql(statement->handle), -1, SQLITE_STATIC) == SQLITE_OK)
        found = sqlite3_step(rows) == SQLITE_ROW;
    sqlite3_finalize(rows);
    return found;
}

static furrow_status fail_full(furrow__sqlite *connection,
                               const furrow__sqlite_statement *statement, furrow_error *error)
{
    connection->base.keys_used_up = keys_are_used_up(connection, statement);
    if (connection->base.keys_used_up)
        return furrow__violation_keys(error, NULL);
    furrow__fail(error, FURROW_DATABASE, "the disk is full");
    return furrow__hint(error, "free space on the disk; the transaction was rolled back");
}

static furrow_status fail_io(int rc, furrow_error *error)
{
    furrow__fail(error, FURROW_DATABASE, "the database file could not be read or written: %s",
                 sqlite3_errstr(rc));
    return furrow__hint(error, "check the disk and the system log");
}

furrow_status furrow__sqlite_fail_moved(furrow_error *error)
{
    furrow__fail(error, FURROW_DATABASE,
                 "the database file was deleted, moved or replaced while it was open");
    return furrow__hint(error, "put the file back, or close the engine and open it again");
}

static furrow_status fail_read_only(const furrow__sqlite *connection, int rc, furrow_error *error)
{
    if (rc == SQLITE_READONLY_DBMOVED)
        return furrow__sqlite_fail_moved(error);
    if (connection->reader) {
        furrow__fail(error, FURROW_INVALID, "the session is read-only");
        return furrow__hint(error, "open the session without .read_only to write");
    }
    furrow__fail(error, FURROW_DATABASE, "the database file cannot be written");
    return furrow__hint(error, "check the permissions of the file and of its folder, and whether "
                               "the disk is mounted read-only");
}

static furrow_status fail_refused(const furrow__sqlite *connection, furrow_error *error)
{
    if (!connection->refused[0])
        return furrow__fail(error, FURROW_INVALID, "raw SQL cannot do this");
    furrow__fail(error, FURROW_INVALID, "%s", connection->refused);
    return furrow__hint(error, "%s", connection->refused_hint);
}

static furrow_status translate(furrow__sqlite *connection, int rc,
                               const furrow__sqlite_statement *statement, const char *message,
                               furrow_error *error)
{
    switch (rc & 0xff) {
    case SQLITE_CONSTRAINT:
        return fail_constraint(connection, rc, statement, message, error);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fail_locked(connection, rc, error);
    case SQLITE_INTERRUPT:
        return fail_stopped(connection, error);
    case SQLITE_FULL:
        return fail_full(connection, statement, error);
    case SQLITE_IOERR:
        return fail_io(rc, error);
    case SQLITE_READONLY:
        return fail_read_only(connection, rc, error);
    case SQLITE_AUTH:
        return fail_refused(connection, error);
    case SQLITE_MISMATCH: /* also used for FURROW__SQLITE_BAD_CELL and FURROW__SQLITE_BAD_SUM */
        return furrow__fail(error, FURROW_INVALID, "%s", message);
    case SQLITE_ERROR:
        return furrow__sqlite_fail_by_message(statement, message, error);
    default:
        return fail_by_code(rc, error);
    }
}

furrow_status furrow__sqlite_fail(furrow__sqlite *connection,
                                  const furrow__sqlite_statement *statement, int rc,
                                  furrow_error *error)
{
    /* The message is copied, because `translate` runs queries that replace SQLite's message. */
    char message[MESSAGE_SIZE];
    furrow__copy_text(message, sizeof message, sqlite3_errmsg(connection->db));
    bool was_alive = !sqlite3_get_autocommit(connection->db);
    connection->base.keys_used_up = false;
    furrow_status status = translate(connection, rc, statement, message, error);
    /* A query that `translate` ran has run out of memory, and SQLite has rolled back. The error
     * must report the rollback to the caller. */
    if (was_alive && sqlite3_get_autocommit(connection->db))
        status = furrow__fail(error, FURROW_NOMEM, "out of memory");
    error->native_code = rc;
    furrow__sqlite_notice_end(connection, error);
    /* After a read that returned too few bytes, SQLite fills the rest of the page with zeros and
     * keeps the page in its cache. This connection would then report the same damage again, even if
     * later reads were complete. */
    if (((rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB) && !connection->memory)
        connection->base.broken = true;
    return status;
}

void furrow__sqlite_notice_end(furrow__sqlite *connection, furrow_error *error)
{
    if (!connection->base.in_transaction || !sqlite3_get_autocommit(connection->db))
        return;
    connection->base.in_transaction = connection->reading = false;
    furrow__hint(error, "SQLite rolled back the whole transaction");
}
