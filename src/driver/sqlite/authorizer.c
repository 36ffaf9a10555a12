/* SPDX-License-Identifier: MIT
 * Rejects raw statements that programs are not allowed to run. The decision is made in SQLite's
 * authorizer callback, while SQLite compiles the statement.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "driver/sqlite/sqlite.h"

/* Pragmas that change nothing. The pragmas in `asking_pragmas` change nothing even if they have an
 * argument. */
static const char *const reading_pragmas[] = {
    "application_id",
    "collation_list",
    "compile_options",
    "data_version",
    "database_list",
    "encoding",
    "foreign_keys",
    "freelist_count",
    "function_list",
    "journal_mode",
    "module_list",
    "page_count",
    "page_size",
    "pragma_list",
    "schema_version",
    "synchronous",
    "table_list",
    "user_version",
    NULL,
};
static const char *const asking_pragmas[] = {
    "foreign_key_check", "foreign_key_list", "index_info", "index_list",  "index_xinfo",
    "integrity_check",   "quick_check",      "table_info", "table_xinfo", NULL,
};

static bool is_in(const char *const *list, const char *name)
{
    while (*list && sqlite3_stricmp(*list, name) != 0)
        list++;
    return *list != NULL;
}

/* Sets the reason and the hint of a rejection, unless they are set already. */
static int refuse(furrow__sqlite *connection, const char *what, const char *why,
                  const char *instead)
{
    if (!connection->refused[0]) {
        snprintf(connection->refused, sizeof connection->refused, "%s in raw SQL %s", what, why);
        furrow__copy_text(connection->refused_hint, sizeof connection->refused_hint, instead);
    }
    return SQLITE_DENY;
}

static int refuse_transaction(furrow__sqlite *connection, const char *verb)
{
    const char *why = "would end the transaction";
    if (strcmp(verb, "COMMIT") == 0)
        return refuse(connection, verb, why, "call furrow_commit");
    if (strcmp(verb, "ROLLBACK") == 0)
        return refuse(connection, verb, why, "call furrow_rollback");
    return refuse(connection, verb, "would begin a second transaction",
                  "a session has begun its own; call furrow_savepoint_begin to nest");
}

static bool only_asks(const char *pragma, const char *value)
{
    return is_in(asking_pragmas, pragma) || (!value && is_in(reading_pragmas, pragma));
}

/* Whether the effect of a pragma ends with the transaction. COMMIT and ROLLBACK reset
 * defer_foreign_keys (https://www.sqlite.org/pragma.html). SQLite sets it when a table is dropped.
 */
static bool ends_with_transaction(const char *pragma)
{
    return pragma && sqlite3_stricmp(pragma, "defer_foreign_keys") == 0;
}

static int refuse_pragma(furrow__sqlite *connection, const char *name)
{
    char what[64];
    snprintf(what, sizeof what, "PRAGMA %.48s", name);
    return refuse(connection, what, "could change the connection for its next user",
                  "furrow sets the pragmas that it needs; use a connection of your own for others");
}

/* Whether the action creates something in the schema `temp`. SQLite does not report "CREATE TABLE
 * temp.x" as SQLITE_CREATE_TEMP_TABLE, but as an insertion into the schema table of `temp`. */
static bool creates_temporary(int action, const char *database)
{
    switch (action) {
    case SQLITE_CREATE_TEMP_TABLE:
    case SQLITE_CREATE_TEMP_INDEX:
    case SQLITE_CREATE_TEMP_TRIGGER:
    case SQLITE_CREATE_TEMP_VIEW:
        return true;
    case SQLITE_INSERT:
    case SQLITE_CREATE_VTABLE:
        return database && strcmp(database, "temp") == 0;
    default:
        return false;
    }
}

/* Records what a statement does. Called for the driver's own statements too. */
static void note(furrow__sqlite *connection, int action, const char *a, const char *b,
                 const char *database)
{
    switch (action) {
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
        connection->saw_alteration = true;
        connection->saw_control = true;
        break;
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
        connection->saw_control = true;
        break;
    case SQLITE_PRAGMA:
        connection->saw_alteration |= !only_asks(a ? a : "?", b) && !ends_with_transaction(a);
        connection->saw_schema = true;
        break;
    case SQLITE_CREATE_INDEX:
    case SQLITE_CREATE_TABLE:
    case SQLITE_CREATE_TRIGGER:
    case SQLITE_CREATE_VIEW:
    case SQLITE_CREATE_VTABLE:
    case SQLITE_DROP_INDEX:
    case SQLITE_DROP_TABLE:
    case SQLITE_DROP_TRIGGER:
    case SQLITE_DROP_VIEW:
    case SQLITE_DROP_VTABLE:
    case SQLITE_ALTER_TABLE:
    case SQLITE_ANALYZE:
    case SQLITE_REINDEX:
        connection->saw_schema = true;
        break;
    default:
        break;
    }
    connection->saw_alteration |= creates_temporary(action, database);
}

int furrow__sqlite_authorize(void *context, int action, const char *a, const char *b, const char *c,
                             const char *d)
{
    furrow__sqlite *connection = context;
    const char *temporary = "would outlive the statement";
    if (connection->refuses_recompiling)
        return SQLITE_DENY;
    bool lasted = connection->saw_alteration;
    note(connection, action, a, b, c);
    if (!lasted && connection->saw_alteration && connection->in_subtransaction &&
        connection->statement_ran)
        return refuse(connection, action == SQLITE_PRAGMA ? "PRAGMA" : "ATTACH, DETACH or TEMP",
                      "would outlive a transaction that is committed in a group",
                      "make it the first statement of its transaction");
    connection->saw_trigger |= d != NULL;
    if (!connection->checks_raw)
        return SQLITE_OK;
    switch (action) {
    case SQLITE_TRANSACTION:
        return refuse_transaction(connection, a ? a : "?");
    case SQLITE_SAVEPOINT:
        return refuse(
            connection, "SAVEPOINT", "would interfere with the session's savepoints",
            "call furrow_savepoint_begin, furrow_savepoint_end, furrow_savepoint_rollback");
    case SQLITE_ATTACH:
        return refuse(connection, "ATTACH", temporary, "open one engine for each database");
    case SQLITE_DETACH:
        return refuse(connection, "DETACH", temporary, "open one engine for each database");
    case SQLITE_PRAGMA:
        return only_asks(a ? a : "?", b) ? SQLITE_OK : refuse_pragma(connection, a ? a : "?");
    default:
        break;
    }
    if (creates_temporary(action, c))
        return refuse(connection, "CREATE TEMP", temporary, "use WITH, or an ordinary table");
    return SQLITE_OK;
}
