/* SPDX-License-Identifier: MIT
 * Prepares, executes, steps and resets statements. `execute` already reads the first row, since
 * SQLite does all writing of a statement before it returns that row. The first call to `step`
 * returns the row to the caller. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "driver/sqlite/sqlite.h"
#include "scan/statement.h"

static furrow_status compile(furrow__sqlite *connection, furrow__sqlite_statement *statement,
                             const furrow_statement_text *text, furrow_error *error)
{
    const char *tail = text->text;
    if (text->size >= INT32_MAX)
        return furrow__fail(error, FURROW_INVALID, "the statement is too long");
    if (memchr(text->text, '\0', text->size))
        return furrow__fail(error, FURROW_INVALID, "the statement contains a NUL");
    connection->checks_raw = statement->raw;
    connection->saw_schema = connection->saw_control = connection->saw_trigger =
        connection->saw_alteration = false;
    connection->refused[0] = connection->refused_hint[0] = '\0';
    int rc = sqlite3_prepare_v3(connection->db, text->text, (int)text->size + 1,
                                SQLITE_PREPARE_PERSISTENT, &statement->handle, &tail);
    connection->checks_raw = false;
    /* SQLite may already run a PRAGMA while it compiles the statement
     * (https://www.sqlite.org/pragma.html). */
    if (connection->saw_alteration && !connection->refused[0])
        connection->base.altered = true;
    if (rc != SQLITE_OK) {
        furrow_status status = furrow__sqlite_fail(connection, NULL, rc, error);
        if (status == FURROW_SCHEMA)
            furrow__sqlite_name_missing(connection, text, error);
        return status;
    }
    if (!statement->handle)
        return furrow__fail(error, FURROW_INVALID, "the text contains no statement");
    size_t left = text->size - (size_t)(tail - text->text);
    furrow__token more = furrow__statement_first_token(tail, left, FURROW__SCAN_SQLITE);
    if (more.kind != FURROW__TOKEN_END) {
        furrow__fail(error, FURROW_INVALID, "the text contains more than one statement");
        return furrow__hint(error, "run the statements one by one");
    }
    return FURROW_OK;
}

furrow_status furrow__sqlite_prepare(furrow_connection *base, furrow_statement **out,
                                     const furrow_statement_text *text, furrow_error *error)
{
    furrow__sqlite *connection = furrow__sqlite_of(base);
    *out = NULL;
    furrow__sqlite_statement *statement = furrow__allocate_zeroed(1, sizeof *statement);
    if (!statement)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    statement->raw = text->raw;
    furrow_status status = compile(connection, statement, text, error);
    if (status != FURROW_OK) {
        sqlite3_finalize(statement->handle);
        furrow__release(statement);
        return status;
    }
    statement->base.connection = base;
    statement->base.column_count = sqlite3_column_count(statement->handle);
    statement->base.parameter_count = sqlite3_bind_parameter_count(statement->handle);
    statement->base.changes_schema = connection->saw_schema || connection->saw_alteration;
    statement->controls = connection->saw_control;
    statement->fires_triggers = connection->saw_trigger;
    statement->writes = !sqlite3_stmt_readonly(statement->handle);
    statement->next = connection->statements;
    statement->back = &connection->statements;
    if (statement->next)
        statement->next->back = &statement->next;
    connection->statements = statement;
    *out = &statement->base;
    return FURROW_OK;
}

void furrow__sqlite_finalize(furrow_statement *base)
{
    furrow__sqlite_statement *statement = (furrow__sqlite_statement *)base;
    if (!statement)
        return;
    furrow__sqlite_end_result(statement, FURROW__SQLITE_IDLE);
    *statement->back = statement->next;
    if (statement->next)
        statement->next->back = statement->back;
    sqlite3_finalize(statement->handle);
    furrow__release(statement->texts);
    furrow__release(statement->names);
    furrow__release(statement);
}

static void set_state(furrow__sqlite_statement *statement, enum furrow__sqlite_state state)
{
    furrow__sqlite *connection = furrow__sqlite_of(statement->base.connection);
    connection->unread -= furrow__sqlite_is_unread(statement);
    statement->state = (int)state;
    connection->unread += furrow__sqlite_is_unread(statement);
}

void furrow__sqlite_end_result(furrow__sqlite_statement *statement, enum furrow__sqlite_state state)
{
    if (statement->state == FURROW__SQLITE_LOST)
        statement->base.column_count = sqlite3_column_count(statement->handle);
    set_state(statement, state);
    furrow__sqlite_spill_free(statement->spill);
    statement->spill = NULL;
    if (state == FURROW__SQLITE_LOST)
        statement->base.column_count = 0; /* the current row can no longer be read */
}

/* Fills *error. Also resets the statement, which releases its locks. */
static furrow_status fail_step(furrow__sqlite_statement *statement, int rc, furrow_error *error)
{
    furrow_status status =
        furrow__sqlite_fail(furrow__sqlite_of(statement->base.connection), statement, rc, error);
    furrow__sqlite_end_result(statement, FURROW__SQLITE_DONE);
    sqlite3_reset(statement->handle);
    return status;
}

static void finish(furrow__sqlite_statement *statement, sqlite3 *db)
{
    furrow__sqlite_end_result(statement, FURROW__SQLITE_DONE);
    if (sqlite3_get_autocommit(db)) /* even a statement that is not raw may have been a COMMIT */
        statement->base.connection->in_transaction = false;
    /* Only INSERT, UPDATE and DELETE set the result of sqlite3_changes. After any other statement,
     * sqlite3_changes still returns the count of an earlier statement. */
    statement->base.changed =
        statement->writes && sqlite3_total_changes(db) != statement->total_before
            ? (uint64_t)sqlite3_changes64(db)
            : 0;
}

/* Without triggers, an INSERT … SELECT into an AUTOINCREMENT table inserts the rows in the order in
 * which they are read. Each key is one more than the largest key that the table has ever had. If
 * that key was the largest integer, the INSERT fails. A table without AUTOINCREMENT would choose
 * keys at random instead (https://www.sqlite.org/autoinc.html). */
bool furrow__sqlite_keeps_rows(furrow_statement *base)
{
    furrow__sqlite_statement *statement = (furrow__sqlite_statement *)base;
    statement->is_fixed |= !statement->fires_triggers;
    return statement->is_fixed;
}

enum { TABLE_SIZE = 256 }; /* a name has at most 63 bytes */

static bool table_of(char table[TABLE_SIZE], const furrow_model *model)
{
    int size = snprintf(table, TABLE_SIZE, "%s%s%s", model->schema ? model->schema : "",
                        model->schema ? "." : "", model->table);
    return size >= 0 && size < TABLE_SIZE;
}

bool furrow__sqlite_assigns_sequential_keys(furrow_statement *base, const furrow_column *key)
{
    furrow__sqlite_statement *statement = (furrow__sqlite_statement *)base;
    sqlite3 *db = furrow__sqlite_of(base->connection)->db;
    char table[TABLE_SIZE];
    int is_autoincrement = 0;
    if (statement->is_fixed || statement->fires_triggers)
        return statement->is_fixed;
    if (!table_of(table, key->model) ||
        sqlite3_table_column_metadata(db, NULL, table, key->name, NULL, NULL, NULL, NULL,
                                      &is_autoincrement) != SQLITE_OK)
        return false;
    return statement->is_fixed = is_autoincrement != 0;
}

/* SQLite assigns the key of a table only if the key is an alias of the rowid. Every other primary
 * key has an index. In most tables it could be NULL, so an INSERT that leaves it out does not fail.
 * The answer is kept until SQLite compiles the statement again. */
furrow_status furrow__sqlite_assigned_key(furrow_statement *base, const furrow_column *key,
                                          bool *assigned, furrow_error *error)
{
    furrow__sqlite_statement *statement = (furrow__sqlite_statement *)base;
    furrow__sqlite *connection = furrow__sqlite_of(base->connection);
    char table[TABLE_SIZE];
    sqlite3_stmt *rows = NULL;
    int version = sqlite3_stmt_status(statement->handle, SQLITE_STMTSTATUS_REPREPARE, 0);
    *assigned = true;
    if ((statement->assigns_key && statement->key_version == version) ||
        !table_of(table, key->model))
        return FURROW_OK;
    int rc = sqlite3_prepare_v2(
        connection->db, "SELECT 1 FROM pragma_index_list(?1) WHERE origin = 'pk'", -1, &rows, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(rows, 1, table, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(rows);
    if (rc == SQLITE_ROW || rc == SQLITE_DONE) {
        *assigned = statement->assigns_key = rc == SQLITE_DONE;
        statement->key_version = version;
        rc = SQLITE_OK;
    }
    furrow_status status =
        rc == SQLITE_OK ? FURROW_OK : furrow__sqlite_fail(connection, NULL, rc, error);
    sqlite3_finalize(rows);
    return status;
}

furrow_status furrow__sqlite_execute(furrow_statement *base, furrow_error *error)
{
    furrow__sqlite_statement *statement = (furrow__sqlite_statement *)base;
    furrow__sqlite *connection = furrow__sqlite_of(base->connection);
    base->changed = 0;
    /* A lookup whose failure was ignored ran out of memory, and SQLite rolled back. The statement
     * must not run outside of the transaction. */
    if (base->connection->in_transaction && sqlite3_get_autocommit(connection->db)) {
        furrow__fail(error, FURROW_NOMEM, "out of memory");
        furrow__sqlite_notice_end(connection, error);
        return FURROW_NOMEM;
    }
    if (statement->state != FURROW__SQLITE_IDLE) {
        furrow__sqlite_end_result(statement, FURROW__SQLITE_IDLE);
        sqlite3_reset(statement->handle);
    }
    if (statement->writes) {
        if (connection->reading) {
            furrow__fail(error, FURROW_INVALID, "the session is read-only");
            return furrow__hint(error, "open the session without .read_only to write");
        }
        statement->total_before = sqlite3_total_changes(connection->db);
    }
    if (statement->controls && connection->in_subtransaction)
        return furrow__fail(error, FURROW_INVALID,
                            "the statement would end a transaction that other sessions share");
    connection->schema_changed |= base->changes_schema;
    connection->statement_ran = true;
    furrow__sqlite_set_deadline(connection);
    if (statement->writes && connection->unread && furrow__sqlite_spill_unread(connection, error))
        return error->status;
    connection->checks_raw =
        statement->raw; /* if the schema has changed, SQLite compiles the statement again */
    connection->refuses_recompiling = statement->is_fixed;
    int rc = sqlite3_step(statement->handle);
    connection->checks_raw = connection->refuses_recompiling = false;
    if (rc == SQLITE_AUTH && statement->is_fixed)
        base->outdated = true;
    if (rc == SQLITE_ROW) {
        base->column_count = sqlite3_column_count(statement->handle);
        set_state(statement, FURROW__SQLITE_FIRST);
        return FURROW_OK;
    }
    if (rc != SQLITE_DONE)
        return fail_step(statement, rc, error);
    finish(statement, connection->db);
    return FURROW_OK;
}

static furrow_status fail_lost(furrow_error *error)
{
    furrow__fail(error, FURROW_DATABASE,
                 "the unread rows of a result could not be kept before the session wrote");
    return furrow__hint(error,
                        "write only after the last row has been read, or read the rows in pages");
}

static furrow_status step_kept(furrow__sqlite_statement *statement, bool *row, furrow_error *error)
{
    furrow_status status = furrow__sqlite_spill_step(statement->spill, row, error);
    if (!*row)
        furrow__sqlite_end_result(statement, status ? FURROW__SQLITE_LOST : FURROW__SQLITE_DONE);
    return status;
}

furrow_status furrow__sqlite_step(furrow_statement *base, bool *row, furrow_error *error)
{
    furrow__sqlite_statement *statement = (furrow__sqlite_statement *)base;
    if (statement->state == FURROW__SQLITE_FIRST) {
        statement->state = FURROW__SQLITE_ROW;
        *row = true;
        return FURROW_OK;
    }
    *row = false;
    if (statement->state == FURROW__SQLITE_LOST)
        return fail_lost(error);
    if (statement->state != FURROW__SQLITE_ROW)
        return FURROW_OK;
    if (statement->spill)
        return step_kept(statement, row, error);
    furrow__sqlite *connection = furrow__sqlite_of(base->connection);
    if (connection
            ->timeout_ms) /* the time that the program spends between two rows does not count */
        furrow__sqlite_set_deadline(connection);
    int rc = sqlite3_step(statement->handle);
    if (rc == SQLITE_ROW) {
        *row = true;
        return FURROW_OK;
    }
    if (rc != SQLITE_DONE)
        return fail_step(statement, rc, error);
    finish(statement, furrow__sqlite_of(base->connection)->db);
    return FURROW_OK;
}

/* SQLite does not know the number of rows until the last row has been read. */
size_t furrow__sqlite_row_count(furrow_statement *base)
{
    (void)base;
    return 0;
}

void furrow__sqlite_reset_statement(furrow_statement *base)
{
    furrow__sqlite_statement *statement = (furrow__sqlite_statement *)base;
    sqlite3_reset(statement->handle);
    /* Parameters in borrowed memory are cleared, because the memory can be gone at the next
     * execution. Other values can stay bound. */
    if (statement->borrows) {
        sqlite3_clear_bindings(statement->handle);
        statement->borrows = false;
    }
    furrow__sqlite_end_result(statement, FURROW__SQLITE_IDLE);
}

/* Copies the names, because SQLite frees its own strings when it compiles the statement again. */
static bool copy_names(furrow__sqlite_statement *statement)
{
    int count = sqlite3_column_count(statement->handle);
    size_t size = (size_t)count * sizeof *statement->names;
    for (int i = 0; i < count; i++) {
        const char *name = sqlite3_column_name(statement->handle, i);
        if (!name)
            return false;
        size += strlen(name) + 1;
    }
    char **names = furrow__allocate(size);
    if (!names)
        return false;
    char *at = (char *)(names + count);
    for (int i = 0; i < count; i++) {
        const char *name = sqlite3_column_name(statement->handle, i);
        size_t length = strlen(name);
        names[i] = memcpy(at, name, length + 1);
        at += length + 1;
    }
    furrow__release(statement->names);
    statement->names = names;
    statement->name_count = count;
    return true;
}

const char *furrow__sqlite_column_name(furrow_statement *base, int i)
{
    furrow__sqlite_statement *statement = (furrow__sqlite_statement *)base;
    int version = sqlite3_stmt_status(statement->handle, SQLITE_STMTSTATUS_REPREPARE, 0);
    if (!statement->names || statement->name_version != version) {
        if (!copy_names(statement))
            return NULL;
        statement->name_version = version;
    }
    return i >= 0 && i < statement->name_count ? statement->names[i] : "";
}

/* Only the declared type of a column is certain; an expression can have any type. */
furrow_type furrow__sqlite_column_type(furrow_statement *base, int i)
{
    static const struct {
        const char *declared;
        furrow_type type;
    } known[] = {
        {"INTEGER", FURROW_TYPE_INT64}, {"INT", FURROW_TYPE_INT64}, {"REAL", FURROW_TYPE_DOUBLE},
        {"TEXT", FURROW_TYPE_TEXT},     {"BLOB", FURROW_TYPE_BLOB},
    };
    furrow__sqlite_statement *statement = (furrow__sqlite_statement *)base;
    const char *declared = sqlite3_column_decltype(statement->handle, i);
    for (size_t k = 0; declared && k < sizeof known / sizeof *known; k++)
        if (sqlite3_stricmp(declared, known[k].declared) == 0)
            return known[k].type;
    return FURROW_TYPE_NULL;
}
