/* SPDX-License-Identifier: MIT
 * Opens and configures a connection, runs its transactions, and defines the driver's vtable. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "driver/sqlite/sqlite.h"

static bool is_writer(const furrow__sqlite *connection)
{
    return !connection->reader && !connection->memory && !connection->unwritable;
}

/* Whether the file was deleted, moved or replaced after it was opened. */
static bool has_moved(const furrow__sqlite *connection)
{
    int moved = 0;
    return !connection->memory &&
           sqlite3_file_control(connection->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) ==
               SQLITE_OK &&
           moved;
}

static void close_connection(furrow_connection *base)
{
    furrow__sqlite *connection = furrow__sqlite_of(base);
    if (!connection)
        return;
    while (connection->statements)
        furrow__sqlite_finalize(&connection->statements->base);
    for (int i = 0; i < FURROW__SQLITE_VERB_COUNT; i++)
        sqlite3_finalize(connection->control[i]);
    if (connection->process && is_writer(connection) && !has_moved(connection))
        furrow__sqlite_truncate_wal(connection);
    sqlite3_close_v2(connection->db);
    furrow__sqlite_note_closed(connection);
    furrow__release(connection);
}

static void configure(furrow__sqlite *connection)
{
    sqlite3 *db = connection->db;
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_handler(db, furrow__sqlite_wait_busy, connection);
    /* With these options, SQLite rejects a name in double quotes if it is not a column. Otherwise
     * SQLite would treat the name as a string. */
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, (int *)NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, (int *)NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, (int *)NULL);
    if (connection->reader)
        sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
}

/* Changes the file to WAL, and reads from it. If SQLite knows that the file system does not support
 * shared memory, it keeps its rollback journal and reports no error. Otherwise it maps shared
 * memory only after it has changed the file. If the mapping fails, nobody can read the file on that
 * file system any more. */
static int enter_wal(furrow__sqlite *connection)
{
    bool had_wal = furrow__sqlite_has_wal(connection->db);
    int rc = sqlite3_exec(connection->db, "PRAGMA journal_mode=WAL; PRAGMA schema_version", NULL,
                          NULL, NULL);
    connection->made_wal = rc != SQLITE_OK && !had_wal && furrow__sqlite_has_wal(connection->db);
    return rc;
}

/* Changes a file with a write-ahead log back to a rollback journal. In exclusive mode, SQLite needs
 * no shared memory (https://www.sqlite.org/wal.html#noshm). The last statement releases the
 * lock. */
static int leave_wal(sqlite3 *db)
{
    return sqlite3_exec(db,
                        "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=DELETE; "
                        "PRAGMA locking_mode=NORMAL; PRAGMA schema_version",
                        NULL, NULL, NULL);
}

/* Runs the PRAGMAs for a new connection and checks whether the file can be written. */
static int run_pragmas(furrow__sqlite *connection)
{
    sqlite3 *db = connection->db;
    /* The second PRAGMA reads the file's header, so it fails if the file is not a database. */
    int rc = connection->without_wal ? leave_wal(db) : SQLITE_OK;
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "PRAGMA cell_size_check=ON; PRAGMA schema_version", NULL, NULL, NULL);
    connection->unwritable = rc == SQLITE_OK && sqlite3_db_readonly(db, "main") == 1;
    if (rc == SQLITE_OK && is_writer(connection) && !connection->without_wal)
        rc = enter_wal(connection);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(
            db, connection->relaxed ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL", NULL,
            NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "PRAGMA cache_size=-16384", NULL, NULL, NULL);
    if (rc == SQLITE_OK && connection->reader)
        rc =
            sqlite3_exec(db, "PRAGMA wal_autocheckpoint=0; PRAGMA query_only=ON", NULL, NULL, NULL);
    return rc;
}

/* Only the writer checkpoints. SQLite up to 3.51.2 can damage a write-ahead log when two
 * connections checkpoint at once and one of them writes. */
static int set_up(furrow__sqlite *connection)
{
    configure(connection);
    /* The PRAGMAs read the schema, whose checks can call json_valid. */
    int rc = furrow__sqlite_add_scalars(connection->db);
    if (rc == SQLITE_OK)
        rc = furrow__sqlite_add_aggregates(connection->db);
    if (rc == SQLITE_OK)
        rc = run_pragmas(connection);
    if (rc == SQLITE_OK)
        rc = furrow__sqlite_add_functions(connection->db);
    if (rc == SQLITE_OK && is_writer(connection))
        furrow__sqlite_watch_wal(connection);
    if (rc == SQLITE_OK)
        rc = sqlite3_set_authorizer(connection->db, furrow__sqlite_authorize, connection);
    return rc;
}

static int open_file(furrow__sqlite *connection, const char *name, int flags)
{
    int rc = sqlite3_open_v2(name, &connection->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK)
        return connection->db ? sqlite3_extended_errcode(connection->db) : rc;
    return set_up(connection);
}

/* After a change of the file to WAL turned out not to work, opens the file again and changes it
 * back to a rollback journal. */
static int open_without_wal(furrow__sqlite *connection, const char *path, int flags)
{
    sqlite3_close_v2(connection->db);
    connection->db = NULL;
    connection->without_wal = true;
    return open_file(connection, path, flags);
}

static furrow_status open_path(furrow__sqlite *connection, const char *path,
                               const struct furrow_connect_options *options, furrow_error *error)
{
    int flags = SQLITE_OPEN_READWRITE;
    connection->memory = path == NULL;
    connection->reader = options->read_only && path;
    connection->busy_timeout_ms = options->busy_timeout_ms;
    connection->relaxed = options->relaxed;
    if (!connection->reader)
        flags |= SQLITE_OPEN_CREATE;
    if (path && !furrow__sqlite_is_expected(path, options->file))
        return furrow__sqlite_fail_moved(error);
    furrow__sqlite_guard_forks();
    if (path && furrow__sqlite_check_inherited(path, error))
        return error->status;
    int rc = open_file(connection, path ? path : ":memory:", flags);
    if (rc != SQLITE_OK && connection->made_wal)
        rc = open_without_wal(connection, path, flags);
    if (rc == SQLITE_OK) {
        if (path)
            furrow__sqlite_note_open(connection, path);
        bool is_other = path && options->file.inode && /* replaced while it was being opened */
                        (has_moved(connection) || !furrow__sqlite_is_expected(path, options->file));
        return is_other ? furrow__sqlite_fail_moved(error) : FURROW_OK;
    }
    return furrow__sqlite_fail_open(connection->db, rc, path, options->read_only, error);
}

/* The SQLite library at run time can be older than the SQLite library at build time. */
static furrow_status check_version(furrow_error *error)
{
    enum { MINIMUM = FURROW_SQLITE_MINIMUM };
    if (sqlite3_libversion_number() >= MINIMUM)
        return FURROW_OK;
    furrow__fail(error, FURROW_DATABASE, "SQLite %s is too old: furrow needs SQLite %d.%d.%d",
                 sqlite3_libversion(), MINIMUM / 1000000, MINIMUM / 1000 % 1000, MINIMUM % 1000);
    return furrow__hint(error, "link or load a newer SQLite library");
}

static furrow_status open_connection(furrow_connection **out,
                                     const struct furrow_connect_options *options,
                                     furrow_error *error)
{
    char *path;
    *out = NULL;
    if (check_version(error) || furrow__sqlite_url(options->url, &path, error))
        return error->status;
    furrow__sqlite *connection = furrow__allocate_zeroed(1, sizeof *connection);
    if (!connection) {
        furrow__release(path);
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    }
    connection->base.driver = &furrow_driver_sqlite;
    furrow_status status = open_path(connection, path, options, error);
    furrow__release(path);
    if (status == FURROW_OK)
        *out = &connection->base;
    else
        close_connection(&connection->base);
    return status;
}

int furrow__sqlite_control(furrow__sqlite *connection, furrow__sqlite_verb verb)
{
    static const char *const texts[FURROW__SQLITE_VERB_COUNT] = {
        "BEGIN",
        "BEGIN IMMEDIATE",
        "COMMIT",
        "ROLLBACK",
        "SELECT 1",
        "SAVEPOINT furrow_subtransaction",
        "RELEASE furrow_subtransaction",
        "ROLLBACK TO furrow_subtransaction",
    };
    sqlite3_stmt **handle = &connection->control[verb];
    connection->deadline_ns = 0; /* for this statement, busy_timeout_ms is the only time limit */
    atomic_store_explicit(&connection->cancelled, false, memory_order_relaxed);
    if (!*handle) {
        int rc = sqlite3_prepare_v3(connection->db, texts[verb], -1, SQLITE_PREPARE_PERSISTENT,
                                    handle, NULL);
        if (rc != SQLITE_OK)
            return rc;
    }
    int rc = sqlite3_step(*handle);
    int end = sqlite3_reset(*handle);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : end ? end : rc;
}

static furrow_status ping(furrow_connection *base, furrow_error *error)
{
    furrow__sqlite *connection = furrow__sqlite_of(base);
    int rc = furrow__sqlite_control(connection, FURROW__SQLITE_PING);
    return rc == SQLITE_OK ? FURROW_OK : furrow__sqlite_fail(connection, NULL, rc, error);
}

bool furrow__sqlite_end_transaction(furrow__sqlite *connection)
{
    bool ended = sqlite3_get_autocommit(connection->db) != 0;
    for (int tries = 0; !ended && tries < 2; tries++) {
        /* Compiling ROLLBACK needs memory and can fail. sqlite3_exec is then a second attempt. */
        if (tries == 0)
            furrow__sqlite_control(connection, FURROW__SQLITE_ROLLBACK);
        else
            sqlite3_exec(connection->db, "ROLLBACK", NULL, NULL, NULL);
        ended = sqlite3_get_autocommit(connection->db) != 0;
    }
    if (!ended)
        connection->base.broken = true;
    connection->base.in_transaction = connection->reading = connection->in_subtransaction = false;
    return ended;
}

static furrow_status begin(furrow_connection *base, furrow_isolation isolation, bool read_only,
                           furrow_error *error)
{
    furrow__sqlite *connection = furrow__sqlite_of(base);
    (void)isolation; /* SQLite's transactions are always serializable */
    if (!read_only && connection->reader) {
        furrow__fail(error, FURROW_INVALID, "the connection is read-only");
        return furrow__hint(error, "open the session without .read_only to write");
    }
    bool writes = !read_only && !connection->unwritable;
    /* A transaction that writes is checked by its COMMIT. */
    if (!writes && has_moved(connection))
        return furrow__sqlite_fail(connection, NULL, SQLITE_READONLY_DBMOVED, error);
    int rc = furrow__sqlite_control(connection,
                                    writes ? FURROW__SQLITE_BEGIN_IMMEDIATE : FURROW__SQLITE_BEGIN);
    if (rc != SQLITE_OK)
        return furrow__sqlite_fail(connection, NULL, rc, error);
    connection->base.in_transaction = true;
    connection->reading = read_only;
    furrow__sqlite_start_counting(connection, false);
    return FURROW_OK;
}

/* Whether a transaction whose COMMIT failed can still become part of the database. If SQLite has
 * ended the transaction, it had begun to write. The log can then contain the frame that completes
 * the transaction, even if writing or syncing it returned an error. At first, nobody reads that
 * frame. The next recovery of the log, for example after a crash, reads it, unless other frames
 * have replaced it. */
static bool may_be_committed(const furrow__sqlite *connection, int rc)
{
    int code = rc & 0xff;
    return (code == SQLITE_IOERR || code == SQLITE_FULL || code == SQLITE_NOMEM) &&
           sqlite3_get_autocommit(connection->db) && is_writer(connection) && !connection->reading;
}

static furrow_status fail_unknown(furrow_error *error)
{
    const furrow_error cause = *error;
    furrow__fail(error, FURROW_COMMIT_UNKNOWN,
                 "COMMIT failed, and the transaction may or may not be committed: %s",
                 cause.message);
    error->native_code = cause.native_code;
    return furrow__hint(error, "check the file and the disk, and read what was written before you "
                               "repeat the transaction");
}

static furrow_status commit(furrow_connection *base, furrow_error *error)
{
    furrow__sqlite *connection = furrow__sqlite_of(base);
    bool writes = is_writer(connection) && !connection->reading;
    int rc = writes && has_moved(connection)
                 ? SQLITE_READONLY_DBMOVED
                 : furrow__sqlite_control(connection, FURROW__SQLITE_COMMIT);
    if (rc == SQLITE_OK && writes && has_moved(connection)) {
        connection->base.in_transaction = connection->in_subtransaction = false;
        furrow__sqlite_fail(connection, NULL, SQLITE_READONLY_DBMOVED, error);
        return fail_unknown(error);
    }
    if (rc == SQLITE_OK) {
        connection->base.in_transaction = connection->reading = connection->in_subtransaction =
            false;
        return FURROW_OK;
    }
    bool is_unknown = may_be_committed(connection, rc);
    furrow_status status = furrow__sqlite_fail(connection, NULL, rc, error);
    if (is_unknown) {
        /* When the connection is closed, SQLite truncates the log and removes the frames of the
         * transaction, if no other connection prevents that. */
        connection->base.broken = true;
        status = fail_unknown(error);
    } else {
        furrow__sqlite_explain_deferred(connection, error);
    }
    furrow__sqlite_end_transaction(connection);
    return status;
}

static furrow_status rollback(furrow_connection *base, furrow_error *error)
{
    furrow__sqlite *connection = furrow__sqlite_of(base);
    if (furrow__sqlite_end_transaction(connection))
        return FURROW_OK;
    return furrow__fail(error, FURROW_DATABASE, "the transaction could not be rolled back");
}

/* Runs SAVEPOINT, RELEASE or ROLLBACK TO. The statement is compiled each time, which takes about a
 * microsecond. */
static furrow_status run_savepoint(furrow_connection *base, const char *verb, int depth,
                                   furrow_error *error)
{
    furrow__sqlite *connection = furrow__sqlite_of(base);
    char text[64];
    if (!connection->base.in_transaction)
        return furrow__fail(error, FURROW_INVALID, "a savepoint needs a transaction");
    snprintf(text, sizeof text, "%s furrow_%d", verb, depth);
    int rc = sqlite3_exec(connection->db, text, NULL, NULL, NULL);
    return rc == SQLITE_OK ? FURROW_OK : furrow__sqlite_fail(connection, NULL, rc, error);
}

static furrow_status savepoint(furrow_connection *connection, int depth, furrow_error *error)
{
    return run_savepoint(connection, "SAVEPOINT", depth, error);
}

static furrow_status release(furrow_connection *connection, int depth, furrow_error *error)
{
    return run_savepoint(connection, "RELEASE", depth, error);
}

static furrow_status rollback_to(furrow_connection *connection, int depth, furrow_error *error)
{
    return run_savepoint(connection, "ROLLBACK TO", depth, error);
}

/* The authorizer has rejected all other changes that would outlive the transaction. */
static furrow_status reset(furrow_connection *base, furrow_error *error)
{
    furrow__sqlite *connection = furrow__sqlite_of(base);
    for (furrow__sqlite_statement *s = connection->statements; s; s = s->next)
        if (s->state != FURROW__SQLITE_IDLE)
            furrow__sqlite_reset_statement(&s->base);
    return rollback(base, error);
}

/* BEGIN IMMEDIATE has already taken the write lock, which also protects the schema. */
static furrow_status lock_schema(furrow_connection *base, furrow_error *error)
{
    furrow__sqlite *connection = furrow__sqlite_of(base);
    if (!base->in_transaction || connection->reading) {
        furrow__fail(error, FURROW_INVALID, "the schema cannot be changed in a read-only session");
        return furrow__hint(error, "open the session without .read_only");
    }
    return FURROW_OK;
}

static int64_t last_key(furrow_connection *base)
{
    return sqlite3_last_insert_rowid(furrow__sqlite_of(base)->db);
}

FURROW_API const furrow_driver furrow_driver_sqlite = {
    .version = FURROW_DRIVER_VERSION,
    .name = "sqlite",
    .scheme = "sqlite",
    .single_writer = true,
    .is_in_memory = furrow__sqlite_is_in_memory,
    .open = open_connection,
    .is_missing = furrow__sqlite_is_missing,
    .close = close_connection,
    .ping = ping,
    .reset = reset,
    .cancel = furrow__sqlite_cancel,
    .set_timeout = furrow__sqlite_set_timeout,
    .run_idle_work = furrow__sqlite_run_idle_work,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .savepoint = savepoint,
    .release = release,
    .rollback_to = rollback_to,
    .subtransaction_begin = furrow__sqlite_subtransaction_begin,
    .subtransaction_end = furrow__sqlite_subtransaction_end,
    .subtransaction_rollback = furrow__sqlite_subtransaction_rollback,
    .can_share_commit = furrow__sqlite_can_share_commit,
    .prepare = furrow__sqlite_prepare,
    .finalize = furrow__sqlite_finalize,
    .bind = furrow__sqlite_bind,
    .bind_row = furrow__sqlite_bind_row,
    .bind_array = furrow__sqlite_bind_array,
    .bind_rows = furrow__sqlite_bind_rows,
    .assigns_sequential_keys = furrow__sqlite_assigns_sequential_keys,
    .assigned_key = furrow__sqlite_assigned_key,
    .keeps_rows = furrow__sqlite_keeps_rows,
    .execute = furrow__sqlite_execute,
    .step = furrow__sqlite_step,
    .row_count = furrow__sqlite_row_count,
    .read_row = furrow__sqlite_read_row,
    .read_value = furrow__sqlite_read_value,
    .column_name = furrow__sqlite_column_name,
    .column_type = furrow__sqlite_column_type,
    .last_key = last_key,
    .reset_statement = furrow__sqlite_reset_statement,
    .lock_schema = lock_schema,
    .describe_table = furrow__sqlite_describe_table,
    .explain_violation = furrow__sqlite_explain,
};
