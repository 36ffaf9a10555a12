/* SPDX-License-Identifier: MIT
 *
 * Errors for cells that cannot be read. The hint is an UPDATE that the sqlite3 shell can run. For
 * times, dates and UUIDs, it makes the value that the conversion to storage version 2 makes, or
 * replaces the value if that conversion refuses it. */
#include <stdio.h>

#include "base/buffer.h"
#include "base/text.h"
#include "base/unreadable.h"
#include "dialect/sqlite/form.h"
#include "driver/sqlite/cell.h"
#include "driver/sqlite/sqlite.h"

enum { REPAIR_SIZE = 512, NAME_SIZE = 64 };

static const char *const storage_names[] = {"?", "INTEGER", "REAL", "TEXT", "BLOB", "NULL"};
static const char *const type_names[FURROW_TYPE_COUNT_] = {
    "nothing", "a bool", "an integer", "an integer", "an integer", "a real",    "a real", "text",
    "text",    "a blob", "a time",     "a date",     "a UUID",     "a decimal", "JSON",   "an enum",
};

static void write_message(furrow__sqlite_problem what, const furrow_column *column, int storage,
                          furrow_error *error)
{
    static const char *const fixed[] = {
        [FURROW__SQLITE_UNEXPECTED_NULL] = "is NULL, but its field cannot be NULL",
        [FURROW__SQLITE_NO_FIT] = "the value does not fit in the field",
        [FURROW__SQLITE_NOT_UTF8] = "the text is not valid UTF-8",
        [FURROW__SQLITE_HOLDS_NUL] = "the text contains a NUL",
    };
    const char *owner = furrow__cell_owner(column), *name = column->name;
    switch (what) {
    case FURROW__SQLITE_WRONG_TYPE:
        furrow__fail(error, FURROW_SCHEMA, "%s.%s: holds %s where the model has %s",
                     FURROW__QUOTED(owner), FURROW__QUOTED(name), storage_names[storage],
                     type_names[column->type]);
        break;
    case FURROW__SQLITE_TOO_LONG:
        furrow__fail(error, FURROW_INVALID,
                     "%s.%s: the text is longer than the %u bytes of its field",
                     FURROW__QUOTED(owner), FURROW__QUOTED(name), column->size - 1);
        break;
    case FURROW__SQLITE_MALFORMED:
        furrow__fail(error, FURROW_INVALID, "%s.%s: the text is not %s", FURROW__QUOTED(owner),
                     FURROW__QUOTED(name), type_names[column->type]);
        break;
    case FURROW__SQLITE_NO_ENUMERATOR:
        furrow__fail(error, FURROW_INVALID, "%s.%s: the text is not a value of enum %s",
                     FURROW__QUOTED(owner), FURROW__QUOTED(name), column->enumeration->name);
        break;
    default:
        furrow__fail(error, FURROW_INVALID, "%s.%s: %s", FURROW__QUOTED(owner),
                     FURROW__QUOTED(name), fixed[what]);
    }
    if (what == FURROW__SQLITE_UNEXPECTED_NULL)
        furrow__hint(error,
                     "declare the field as furrow_opt(…) or FURROW(nullable), or correct the row");
    if (what == FURROW__SQLITE_NO_ENUMERATOR || what == FURROW__SQLITE_TOO_LONG ||
        (what == FURROW__SQLITE_NO_FIT && column->type != FURROW_TYPE_BOOL))
        furrow__hint(error, FURROW__OLD_PROGRAM_HINT);
}

/* Writes the name of a column in double quotes. */
static void quote(char out[2 * NAME_SIZE], const char *name)
{
    char *to = out;
    *to++ = '"';
    for (; *name && to - out < 2 * NAME_SIZE - 4; name++) {
        if (*name == '"')
            *to++ = '"';
        *to++ = *name;
    }
    *to++ = '"';
    *to = '\0';
}

/* Writes an expression that converts a value of another storage class to the column's type. Returns
 * false if there is no such expression. */
static bool write_cast(char *out, const char *name, const furrow_column *column, int storage)
{
    bool is_number = storage == SQLITE_INTEGER || storage == SQLITE_FLOAT;
    switch ((furrow_type)column->type) {
    case FURROW_TYPE_TEXT:
        snprintf(out, REPAIR_SIZE, "CAST(%s AS TEXT)", name);
        return is_number;
    case FURROW_TYPE_BLOB:
        snprintf(out, REPAIR_SIZE, "CAST(%s AS BLOB)", name);
        return storage == SQLITE_TEXT;
    case FURROW_TYPE_INT16:
    case FURROW_TYPE_INT32:
    case FURROW_TYPE_INT64:
        snprintf(out, REPAIR_SIZE, "CAST(%s AS INTEGER)", name);
        return storage == SQLITE_FLOAT;
    case FURROW_TYPE_DECIMAL:
        snprintf(out, REPAIR_SIZE, "CAST(round(%s * 1e%d) AS INTEGER)", name, column->scale);
        return storage == SQLITE_FLOAT;
    default:
        return false;
    }
}

/* Finds the first short conversion that gives the same value as the conversion to storage version
 * 2. Returns its number, or -1 if that conversion does not make the value readable. */
static int find_conversion(sqlite3 *db, furrow_type type, sqlite3_value *value)
{
    furrow__buffer sql = {0};
    sqlite3_stmt *query = NULL;
    int found = -1;
    size_t count = 0;
    furrow__buffer_add_text(&sql, "SELECT CASE made WHEN ");
    while (furrow__sqlite_write_short_form(&sql, type, count, "given"))
        furrow__buffer_format(&sql, " THEN %zu WHEN ", count++);
    furrow__buffer_add_text(&sql, "NULL THEN -1 ELSE -1 END FROM (SELECT given, ");
    furrow__sqlite_write_to_form(&sql, type, "given");
    furrow__buffer_add_text(&sql, " AS made FROM (SELECT ?1 AS given)) WHERE ");
    furrow__sqlite_write_form(&sql, type, "made");
    if (count > 0 && furrow__buffer_text(&sql) &&
        sqlite3_prepare_v2(db, sql.text, -1, &query, NULL) == SQLITE_OK &&
        sqlite3_bind_value(query, 1, value) == SQLITE_OK && sqlite3_step(query) == SQLITE_ROW)
        found = sqlite3_column_int(query, 0);
    sqlite3_finalize(query);
    furrow__buffer_done(&sql);
    return found;
}

/* Writes an expression that converts another spelling of a value. Returns false if there is no such
 * expression. */
static bool write_conversion(char out[REPAIR_SIZE], sqlite3 *db, const furrow_column *column,
                             sqlite3_value *value)
{
    char name[2 * NAME_SIZE];
    furrow__buffer text = {0};
    int found = find_conversion(db, (furrow_type)column->type, value);
    if (found < 0)
        return false;
    quote(name, column->name);
    furrow__sqlite_write_short_form(&text, (furrow_type)column->type, (size_t)found, name);
    bool fits = furrow__buffer_text(&text) && text.size < REPAIR_SIZE;
    if (fits)
        furrow__copy_text(out, REPAIR_SIZE, text.text);
    furrow__buffer_done(&text);
    return fits;
}

/* Writes the expression that the UPDATE of the hint assigns. Returns false if there is none, and
 * the value must be replaced. */
static bool write_repair(char out[REPAIR_SIZE], const furrow__sqlite_bad_cell *cell,
                         sqlite3_value *value)
{
    char name[2 * NAME_SIZE];
    const furrow_column *column = cell->columns.columns[cell->at];
    furrow__sqlite_problem what = cell->problem;
    quote(name, column->name);
    if (what == FURROW__SQLITE_WRONG_TYPE &&
        write_cast(out, name, column, sqlite3_value_type(value)))
        return true;
    if (what == FURROW__SQLITE_WRONG_TYPE || what == FURROW__SQLITE_MALFORMED)
        return write_conversion(out, sqlite3_db_handle(cell->statement->handle), column, value);
    if (what == FURROW__SQLITE_NO_FIT && column->type == FURROW_TYPE_BOOL)
        snprintf(out, REPAIR_SIZE, "%s <> 0", name);
    else if (what == FURROW__SQLITE_HOLDS_NUL && column->type == FURROW_TYPE_TEXT)
        snprintf(out, REPAIR_SIZE, "substr(%s, 1, length(%s))", name, name); /* the text up to the
                                                                                first NUL */
    else
        return false;
    return true;
}

/* Reads a result column that can be part of a key: an integer, or a UUID as text. */
static furrow_value read_key_part(sqlite3_value *value)
{
    if (sqlite3_value_type(value) == SQLITE_INTEGER)
        return (furrow_value){.type = FURROW_TYPE_INT64, .as.integer = sqlite3_value_int64(value)};
    const char *text = sqlite3_value_type(value) == SQLITE_TEXT &&
                               sqlite3_value_bytes(value) == FURROW__SQLITE_UUID_LENGTH
                           ? (const char *)sqlite3_value_text(value)
                           : NULL;
    return (furrow_value){.type = text ? FURROW_TYPE_TEXT : FURROW_TYPE_NULL, .as.text = text};
}

/* Finds the key of the current row among the result columns. */
static void find_key(furrow__row_key *out, const furrow__sqlite_bad_cell *cell)
{
    for (size_t i = 0; i < cell->columns.count; i++) {
        const furrow_column *column = cell->columns.columns[i];
        if (!column || !(column->flags & FURROW_COLUMN_PRIMARY_KEY))
            continue;
        furrow_value value = read_key_part(furrow__sqlite_value(cell->statement, (int)i));
        furrow__row_key_add(out, cell->columns.columns[cell->at], column, &value);
    }
}

furrow_status furrow__sqlite_unreadable(const furrow__sqlite_bad_cell *cell, furrow_error *error)
{
    const furrow_column *column = cell->columns.columns[cell->at];
    char sample[REPAIR_SIZE / 2], repair[REPAIR_SIZE];
    furrow__row_key key = {0};
    if (cell->problem == FURROW__SQLITE_NO_MEMORY)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    sqlite3_value *value = furrow__sqlite_value(cell->statement, (int)cell->at);
    write_message(cell->problem, column, sqlite3_value_type(value), error);
    furrow__copy_text(error->table, sizeof error->table, furrow__cell_owner(column));
    furrow__copy_text(error->column, sizeof error->column, column->name);
    furrow__write_sample(sample, sizeof sample, column, true);
    if (column->type == FURROW_TYPE_BLOB && !(column->flags & FURROW_COLUMN_NULLABLE))
        snprintf(sample, sizeof sample, "x''");
    bool converts = write_repair(repair, cell, value);
    find_key(&key, cell);
    return furrow__explain_unreadable(
        error, column, &key,
        &(furrow__repair){.value = converts ? repair : NULL, .replacement = sample});
}
