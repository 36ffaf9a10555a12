/* SPDX-License-Identifier: MIT
 *
 * SQLite's codes to statuses, and its messages to ours. SQLite's message is passed on where it is
 * made of the statement's text and the schema alone. What fails while running may quote a value
 * that was bound (FTS queries, JSON paths), so there only known messages are passed on. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "driver/sqlite/sqlite.h"
#include "base/violation.h"

enum { MESSAGE_SIZE = 480 };

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Messages of a running statement that hold no value. */
static bool is_harmless(const char *message)
{
    static const char *const known[] = {
        "no such ",
        "integer overflow",
        "malformed JSON",
        "cannot commit",
        "cannot rollback",
        "cannot VACUUM",
        "cannot store ",
        "too many ",
        "database table is locked",
        "not authorized",
        "no query solution",
        "cannot start",
        "datatype mismatch",
        "table ",
        "string or blob too big",
        NULL,
    };
    for (size_t i = 0; known[i]; i++)
        if (begins(message, known[i]))
            return true;
    return false;
}

static furrow_status fail_missing(const char *message, furrow_error *error)
{
    static const char table[] = "no such table: ", column[] = "no such column: ";
    furrow__fail(error, FURROW_SCHEMA, "%s", message);
    if (begins(message, table))
        furrow__copy_text(error->table, sizeof error->table, message + sizeof table - 1);
    if (begins(message, column))
        furrow__copy_text(error->column, sizeof error->column, message + sizeof column - 1);
    return furrow__hint(error, begins(message, table) ? "call furrow_create_all, or migrate"
                                                      : "compare the database with the models");
}

/* SQLITE_ERROR: everything that has no code of its own. */
static furrow_status fail_generic(const furrow__sqlite_statement *statement, const char *message,
                                  furrow_error *error)
{
    if (begins(message, "no such table") || begins(message, "no such column") ||
        (begins(message, "table ") && strstr(message, " has no column named ")))
        return fail_missing(message, error);
    if (begins(message, "integer overflow") || begins(message, FURROW__SQLITE_OUT_OF_RANGE))
        return furrow__fail(error, FURROW_INVALID, "%s", FURROW__SQLITE_OUT_OF_RANGE);
    if (begins(message, "cannot VACUUM")) {
        furrow__fail(error, FURROW_INVALID, "VACUUM cannot run in a transaction");
        return furrow__hint(error, "run it in the sqlite3 shell, or on a connection of your own");
    }
    if (statement && statement->base.parameter_count && !is_harmless(message))
        return furrow__fail(error, FURROW_DATABASE, "the statement failed while it ran");
    if (!statement && !strstr(message, "already exists") && !begins(message, "vtable constructor"))
        return furrow__fail(error, FURROW_INVALID, "%s", message);
    return furrow__fail(error, FURROW_DATABASE, "%s", message);
}

static furrow_status fail_foreign_key(furrow_error *error)
{
    return furrow__fail(error, FURROW_FOREIGN_KEY,
                        "what the row refers to is not there, or another row still refers to it");
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
        /* An integer past 64 bits becomes a REAL, which a STRICT table refuses. */
        if (strstr(message, "cannot store REAL value in INTEGER column"))
            return furrow__fail(error, FURROW_INVALID, "%s", FURROW__SQLITE_OUT_OF_RANGE);
        return furrow__fail(error, FURROW_INVALID, "%s", message);
    case SQLITE_CONSTRAINT_TRIGGER:
        /* ON DELETE RESTRICT is a trigger of SQLite's own (fkActionTrigger in fkey.c). */
        if (strcmp(message, "FOREIGN KEY constraint failed") == 0)
            return fail_foreign_key(error);
        /* Until 3.47 RAISE takes a literal. */
        if (sqlite3_libversion_number() < 3047000 || !statement || !statement->base.parameter_count)
            return furrow__fail(error, FURROW_CHECK, "a trigger refused the row: %s", message);
        return furrow__fail(error, FURROW_CHECK, "a trigger refused the row");
    default:
        return furrow__fail(error, FURROW_DATABASE, "a constraint does not hold");
    }
}

static furrow_status fail_stopped(const furrow__sqlite *connection, furrow_error *error)
{
    if (!connection->timed_out)
        return furrow__fail(error, FURROW_CANCELLED, "the statement was cancelled");
    furrow__fail(error, FURROW_TIMEOUT, "the statement took longer than %d ms",
                 connection->timeout_ms);
    return furrow__hint(error, "raise statement_timeout_ms, or look for an index that it lacks");
}

/* SQLITE_FULL of an AUTOINCREMENT that has arrived at the largest rowid, not of a disk. By then
 * SQLite may have rolled back, and the row with that key with it, if that was new: but it is still
 * the last that was inserted. */
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

static furrow_status fail_by_code(furrow__sqlite *connection, int rc,
                                  const furrow__sqlite_statement *statement, const char *message,
                                  furrow_error *error)
{
    switch (rc & 0xff) {
    case SQLITE_CONSTRAINT:
        return fail_constraint(connection, rc, statement, message, error);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        if (connection->timed_out || atomic_load(&connection->cancelled))
            return fail_stopped(connection, error);
        return furrow__fail(error, FURROW_BUSY,
                            rc == SQLITE_BUSY_SNAPSHOT
                                ? "another connection wrote since this transaction began to read"
                                : "another connection holds the database's lock");
    case SQLITE_INTERRUPT:
        return fail_stopped(connection, error);
    case SQLITE_NOMEM:
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    case SQLITE_FULL:
        if (keys_are_used_up(connection, statement))
            return furrow__violation_keys(error, NULL);
        furrow__fail(error, FURROW_DATABASE, "the disk is full");
        return furrow__hint(error, "make room; nothing of the transaction is kept");
    case SQLITE_IOERR:
        furrow__fail(error, FURROW_DATABASE, "the database file could not be read or written: %s",
                     sqlite3_errstr(rc));
        return furrow__hint(error, "look at the disk and at the system's log");
    case SQLITE_CORRUPT:
        furrow__fail(error, FURROW_DATABASE, "the database file is damaged");
        return furrow__hint(error, "PRAGMA integrity_check tells what is; restore a backup");
    case SQLITE_NOTADB:
        return furrow__fail(error, FURROW_DATABASE, "the file is no SQLite database");
    case SQLITE_TOOBIG:
        return furrow__fail(error, FURROW_INVALID, "a text, a blob or the statement is too long");
    case SQLITE_READONLY:
        if (!connection->reader) {
            furrow__fail(error, FURROW_DATABASE, "the database file cannot be written");
            return furrow__hint(error, "look at the permissions of the file and its folder, and at "
                                       "how the disk is mounted");
        }
        furrow__fail(error, FURROW_INVALID, "the session is read-only");
        return furrow__hint(error, "open it without .read_only to write");
    case SQLITE_AUTH:
        if (!connection->refused[0])
            return furrow__fail(error, FURROW_INVALID, "raw SQL must not do this");
        furrow__fail(error, FURROW_INVALID, "%s", connection->refused);
        return furrow__hint(error, "%s", connection->refused_hint);
    case SQLITE_ABORT:
        return furrow__fail(error, FURROW_ABORTED,
                            "the transaction that this result belongs to was rolled back");
    case SQLITE_RANGE:
    case SQLITE_MISUSE:
        return furrow__fail(error, FURROW_INVALID, "%s", sqlite3_errstr(rc));
    case SQLITE_MISMATCH:
        return furrow__fail(error, FURROW_INVALID, "%s", message);
    case SQLITE_SCHEMA:
        return furrow__fail(error, FURROW_SCHEMA, "the schema changed under the statement");
    case SQLITE_CANTOPEN:
        return furrow__fail(error, FURROW_DATABASE, "the database's files could not be opened");
    case SQLITE_ERROR:
        return fail_generic(statement, message, error);
    default:
        return furrow__fail(error, FURROW_DATABASE, "%s", sqlite3_errstr(rc));
    }
}

furrow_status furrow__sqlite_fail(furrow__sqlite *connection,
                                  const furrow__sqlite_statement *statement, int rc,
                                  furrow_error *error)
{
    /* What fail_by_code asks the database replaces its message. */
    char message[MESSAGE_SIZE];
    furrow__copy_text(message, sizeof message, sqlite3_errmsg(connection->db));
    bool was_alive = !sqlite3_get_autocommit(connection->db);
    furrow_status status = fail_by_code(connection, rc, statement, message, error);
    /* Looking for what was broken can run out of memory, which rolls back: that is then what the
     * caller must know. */
    if (was_alive && sqlite3_get_autocommit(connection->db))
        status = furrow__fail(error, FURROW_NOMEM, "out of memory");
    error->native_code = rc;
    furrow__sqlite_notice_end(connection, error);
    /* Once only, it may be, that the disk gave less than was asked for, which SQLite takes for a
     * page of zeros; but its cache keeps that page, so that the connection would go on finding it.
     */
    if (((rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB) && !connection->memory)
        connection->base.broken = true;
    return status;
}

void furrow__sqlite_notice_end(furrow__sqlite *connection, furrow_error *error)
{
    if (!connection->base.in_transaction || !sqlite3_get_autocommit(connection->db))
        return;
    connection->base.in_transaction = connection->reading = false;
    furrow__hint(error, "SQLite has rolled back the whole transaction");
}

/* The folder that a path lies in, in place. */
static void cut_to_folder(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash)
        slash[slash == path] = '\0';
}

/* Its read version, byte 19 of the header (https://www.sqlite.org/fileformat.html), is 2. By the
 * connection's own descriptor: to close another would take away locks of this process. */
static bool has_wal(sqlite3 *db)
{
    char header[20] = "";
    sqlite3_file *file = NULL;
    return db && sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK &&
           file && file->pMethods &&
           file->pMethods->xRead(file, header, sizeof header, 0) == SQLITE_OK && header[19] == 2;
}

static bool is_forbidden(const char *path)
{
    return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0 && errno != ENOENT;
}

/* Whether the log or the notes about it may not be written, nor be made. */
static bool is_forbidden_beside(const char *path)
{
    char name[520];
    furrow__copy_text(name, sizeof name, path);
    cut_to_folder(name);
    if (is_forbidden(strchr(path, '/') ? name : "."))
        return true;
    snprintf(name, sizeof name, "%s-shm", path);
    return is_forbidden(name);
}

static bool is_forbidden_wal(sqlite3 *db, const char *path)
{
    return has_wal(db) && is_forbidden_beside(path);
}

/* Even who only reads keeps a note in name-shm, so that nobody moves the log away under him. */
static furrow_status fail_wal(const char *path, furrow_error *error)
{
    furrow__fail(
        error, FURROW_DATABASE,
        "could not read \"%s\": it has a write-ahead log, and SQLite needs to write beside "
        "it even to read it, which this user may not",
        path);
    return furrow__hint(error,
                        "read it as a user who may write to its folder, or read a copy of it;"
                        " or, where nobody uses it, PRAGMA journal_mode=DELETE takes the log "
                        "away until furrow writes again");
}

static furrow_status fail_cannot_open(sqlite3 *db, const char *path, bool read_only,
                                      furrow_error *error)
{
    int cause = db ? sqlite3_system_errno(db) : 0;
    char folder[512];
    struct stat found;
    furrow__copy_text(folder, sizeof folder, path);
    cut_to_folder(folder);
    if (stat(path, &found) == 0 && S_ISDIR(found.st_mode))
        return furrow__fail(error, FURROW_DATABASE, "\"%s\" is a folder, not a database file",
                            path);
    if (stat(folder, &found) != 0 && errno == ENOENT) {
        furrow__fail(error, FURROW_DATABASE, "could not open \"%s\": the folder is not there",
                     path);
        return furrow__hint(error, "create \"%.200s\" first", folder);
    }
    if (stat(path, &found) != 0 && errno == ENOENT) {
        furrow__fail(error, FURROW_DATABASE,
                     read_only ? "could not open \"%s\": the file is not there"
                               : "could not create \"%s\"",
                     path);
        /* SQLite then tries to open it as it is, which hides why it could not be made. */
        return furrow__hint(error, read_only ? "a read-only connection creates none"
                                             : "its folder must be writable for this user, and the "
                                               "disk have room");
    }
    if (read_only && is_forbidden_wal(db, path))
        return fail_wal(path, error);
    if (cause == EACCES || cause == EPERM || cause == EROFS) {
        furrow__fail(error, FURROW_DATABASE, "could not open \"%s\": permission denied", path);
        return furrow__hint(error, "the file and its folder must be writable for this user");
    }
    return furrow__fail(error, FURROW_DATABASE, "could not open \"%s\" (system error %d)", path,
                        cause);
}

furrow_status furrow__sqlite_fail_open(sqlite3 *db, int rc, const char *path, bool read_only,
                                       furrow_error *error)
{
    const char *name = path ? path : ":memory:";
    switch (rc & 0xff) {
    case SQLITE_NOMEM:
        furrow__fail(error, FURROW_NOMEM, "out of memory");
        break;
    case SQLITE_CANTOPEN:
        fail_cannot_open(db, name, read_only, error);
        break;
    case SQLITE_NOTADB:
        furrow__fail(error, FURROW_DATABASE, "\"%s\" is no SQLite database", name);
        furrow__hint(error, "check the path; the file was left as it is");
        break;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        if (read_only && is_forbidden_wal(db, name)) {
            fail_wal(name, error);
            break;
        }
        furrow__fail(error, FURROW_DATABASE, "\"%s\" cannot be written", name);
        furrow__hint(error, "the file and its folder must be writable for this user");
        break;
    case SQLITE_BUSY:
        furrow__fail(error, FURROW_BUSY, "could not open \"%s\": another process holds its lock",
                     name);
        break;
    default:
        furrow__fail(error, FURROW_DATABASE, "could not open \"%s\": %s", name, sqlite3_errstr(rc));
    }
    error->native_code = rc;
    return error->status;
}
