/* SPDX-License-Identifier: MIT
 *
 * SQLite's messages. Most errors of a statement have the code SQLITE_ERROR and no extended code
 * (https://www.sqlite.org/rescode.html#error), so that only the message distinguishes them. No
 * other file compares messages; constraint.c only reads the names in them.
 *
 * If a statement fails while it runs, the message can quote a bound value, such as an FTS query or
 * a JSON path. Such a message is copied to the error only if it is known to contain no value.
 */
#include <string.h>

#include "base/text.h"
#include "driver/sqlite/sqlite.h"
#include "scan/missing.h"

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Messages of running statements. None of them contains a value. */
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
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (begins(message, known[i]))
            return true;
    return false;
}

static bool is_missing(const char *message)
{
    return begins(message, "no such table") || begins(message, "no such column") ||
           (begins(message, "table ") && strstr(message, " has no column named "));
}

/* Reads the names in the message. The message contains them without quotes, so a name with a dot
 * can be cut: furrow__sqlite_name_missing reads them from the statement if SQLite tells where. */
static furrow_status fail_missing(const char *message, furrow_error *error)
{
    static const char no_table[] = "no such table: ", no_column[] = "no such column: ";
    static const char not_in[] = " has no column named ", table[] = "table ";
    furrow__fail(error, FURROW_SCHEMA, "%s", message);
    if (begins(message, no_table)) {
        const char *name = message + sizeof no_table - 1;
        name += begins(name, "main.") || begins(name, "temp.") ? sizeof "main." - 1 : 0;
        furrow__copy_text(error->table, sizeof error->table, name);
        return furrow__missing_hint(FURROW__MISSING_TABLE, error);
    }
    const char *middle = strstr(message, not_in);
    if (begins(message, no_column)) {
        furrow__copy_text(error->column, sizeof error->column, message + sizeof no_column - 1);
    } else if (middle) {
        const char *name = message + sizeof table - 1;
        furrow__copy_text(error->table, sizeof error->table, name);
        if ((size_t)(middle - name) < sizeof error->table)
            error->table[middle - name] = '\0';
        furrow__copy_text(error->column, sizeof error->column, middle + sizeof not_in - 1);
    }
    return furrow__missing_hint(FURROW__MISSING_COLUMN, error);
}

void furrow__sqlite_name_missing(furrow__sqlite *connection, const furrow_statement_text *text,
                                 furrow_error *error)
{
    int offset = sqlite3_error_offset(connection->db);
    if (offset < 0 || (size_t)offset >= text->size || !error ||
        !begins(sqlite3_errmsg(connection->db), "no such column: "))
        return;
    furrow__missing_name(&(furrow__missing){FURROW__MISSING_COLUMN, text->text + offset,
                                            text->size - (size_t)offset, FURROW__SCAN_SQLITE},
                         error);
}

furrow_status furrow__sqlite_fail_by_message(const furrow__sqlite_statement *statement,
                                             const char *message, furrow_error *error)
{
    if (is_missing(message))
        return fail_missing(message, error);
    if (begins(message, "integer overflow"))
        return furrow__fail(error, FURROW_INVALID, "%s", FURROW__SQLITE_OUT_OF_RANGE);
    if (begins(message, "cannot VACUUM")) {
        furrow__fail(error, FURROW_INVALID, "VACUUM cannot run in a transaction");
        return furrow__hint(error, "run it in the sqlite3 shell, or on another connection");
    }
    if (statement && statement->base.parameter_count && !is_harmless(message))
        return furrow__fail(error, FURROW_DATABASE, "the statement failed while it ran");
    if (!statement && !strstr(message, "already exists") && !begins(message, "vtable constructor"))
        return furrow__fail(error, FURROW_INVALID, "%s", message);
    return furrow__fail(error, FURROW_DATABASE, "%s", message);
}

bool furrow__sqlite_is_overflow_message(const char *message)
{
    return strstr(message, "cannot store REAL value in INTEGER column") != NULL;
}

bool furrow__sqlite_is_foreign_key_message(const char *message)
{
    return strcmp(message, "FOREIGN KEY constraint failed") == 0;
}
