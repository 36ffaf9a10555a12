/* SPDX-License-Identifier: MIT
 *
 * Copies the rows of a table that is rebuilt, in the order of the rowid. If the table has rowids,
 * they are copied, too. If the caller wants progress reports, a large table is copied in several
 * statements.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "dialect/sqlite/guard.h"
#include "dialect/sqlite/rebuild.h"
#include "migrate/apply/query.h"
#include "migrate/catalog/sqlite_table.h"
#include "scan/compare.h"

enum { ROWS_PER_STATEMENT = 100000, PROGRESS_MS = 100 };

/* Returns a name of the rowid that is not the name of a column; NULL if there is no such name. */
static const char *rowid_name(const furrow__catalog_table *table)
{
    static const char *const names[] = {"rowid", "_rowid_", "oid"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!furrow__sqlite_column_named(table, names[i]))
            return names[i];
    return NULL;
}

furrow_status furrow__rebuild_plan_rowid(furrow__rebuild *r)
{
    r->rowid = r->new_rowid = NULL;
    if (r->live->without_rowid)
        return FURROW_OK;
    r->rowid = rowid_name(r->live);
    const furrow__catalog_column *old_key = furrow__sqlite_rowid_column(r->live);
    if (!r->rowid && old_key)
        r->rowid = old_key->name;
    if (furrow__sqlite_rowid_column(r->made) || r->made->without_rowid)
        return FURROW_OK;
    r->new_rowid = rowid_name(r->made);
    if (r->rowid && r->new_rowid)
        return FURROW_OK;
    furrow__fail(
        r->error, FURROW_SCHEMA,
        "the rowids of table %s cannot be copied: it has columns named rowid, _rowid_ and oid",
        FURROW__QUOTED(r->name));
    return furrow__hint(r->error, "rename one of these columns");
}

static bool is_filled(const furrow__action *action, const char *column)
{
    for (size_t i = 0; i < action->column_count; i++)
        if (furrow__names_are_equal_in_any_case(action->columns[i].name, column))
            return true;
    return false;
}

/* Returns whether the column is unknown to the history. An unknown column is kept. */
static bool is_extra(const furrow__rebuild *r, const furrow__catalog_column *column)
{
    return !column->generated && !is_filled(r->action, column->name) &&
           furrow__sqlite_column_named(r->live, column->name) &&
           !furrow__sqlite_column_named(r->action->before, column->name);
}

static void write_extra_columns(furrow__buffer *out, const furrow__rebuild *r, const char *comma)
{
    for (size_t i = 0; i < r->made->column_count; i++) {
        if (!is_extra(r, &r->made->columns[i]))
            continue;
        furrow__buffer_add_text(out, comma);
        furrow__sql_identifier(out, r->made->columns[i].name);
        comma = ", ";
    }
}

static void write_targets(furrow__buffer *out, const furrow__rebuild *r)
{
    const char *comma = "";
    if (r->new_rowid) {
        furrow__buffer_add_text(out, r->new_rowid);
        comma = ", ";
    }
    for (size_t i = 0; i < r->action->column_count; i++, comma = ", ") {
        furrow__buffer_add_text(out, comma);
        furrow__sql_identifier(out, r->action->columns[i].name);
    }
    write_extra_columns(out, r, comma);
}

static void write_sources(furrow__buffer *out, const furrow__rebuild *r)
{
    const char *comma = "";
    if (r->new_rowid) {
        furrow__sql_identifier(out, r->rowid);
        comma = ", ";
    }
    for (size_t i = 0; i < r->action->column_count; i++, comma = ", ")
        furrow__buffer_format(out, "%s%s", comma, r->action->columns[i].source);
    write_extra_columns(out, r, comma);
}

/* Writes the statement that copies rows. If `in_parts` is true, the statement copies only rows
 * whose rowid is between its two parameters. */
static const char *write_copy(furrow__rebuild *r, bool in_parts)
{
    furrow__buffer sql = {0};
    furrow__buffer_add_text(&sql, "INSERT INTO ");
    furrow__sql_identifier(&sql, r->new_name);
    furrow__buffer_add_text(&sql, " (");
    write_targets(&sql, r);
    furrow__buffer_add_text(&sql, ") SELECT ");
    write_sources(&sql, r);
    furrow__buffer_add_text(&sql, " FROM ");
    furrow__sql_identifier(&sql, r->name);
    if (in_parts) {
        furrow__buffer_add_text(&sql, " WHERE ");
        furrow__sql_identifier(&sql, r->rowid);
        furrow__buffer_add_text(&sql, " BETWEEN ?1 AND ?2");
    }
    if (r->rowid) {
        furrow__buffer_add_text(&sql, " ORDER BY ");
        furrow__sql_identifier(&sql, r->rowid);
    }
    return furrow__buffer_take(&sql, r->arena);
}

/* Writes the query that finds the last rowid of the next part. Its parameter is the rowid at which
 * the part begins. */
static const char *write_find_part(furrow__rebuild *r)
{
    furrow__buffer sql = {0};
    furrow__buffer_add_text(&sql, "SELECT max(r) FROM (SELECT ");
    furrow__sql_identifier(&sql, r->rowid);
    furrow__buffer_add_text(&sql, " AS r FROM ");
    furrow__sql_identifier(&sql, r->name);
    furrow__buffer_add_text(&sql, " WHERE ");
    furrow__sql_identifier(&sql, r->rowid);
    furrow__buffer_add_text(&sql, " >= ?1 ORDER BY ");
    furrow__sql_identifier(&sql, r->rowid);
    furrow__buffer_format(&sql, " LIMIT %d)", ROWS_PER_STATEMENT);
    return furrow__buffer_take(&sql, r->arena);
}

void furrow__rebuild_report(furrow__rebuild *r, uint64_t done, bool last)
{
    if (!r->options->progress)
        return;
    int64_t now = furrow__now_ms();
    if (!last && now - r->reported_ms < PROGRESS_MS)
        return;
    char what[160];
    snprintf(what, sizeof what, "rebuild %s", r->name);
    r->reported_ms = now;
    furrow__migrator_progress progress = {what, done, (uint64_t)r->row_count, now - r->began_ms};
    r->options->progress(&progress, r->options->context);
}

static furrow_status bind_integer(furrow_statement *statement, int index, int64_t value,
                                  furrow_error *error)
{
    furrow_value v = {.type = FURROW_TYPE_INT64, .as.integer = value};
    return statement->connection->driver->bind(statement, index, NULL, &v, error);
}

/* Sets *to to the last rowid of the part that begins at `from`. Sets *found to false if there are
 * no more rows. */
static furrow_status find_part(furrow__rebuild *r, const char *sql, int64_t from, int64_t *to,
                               bool *found)
{
    furrow_statement *statement = NULL;
    const furrow_driver *driver = r->connection->driver;
    furrow_value last = {0};
    *found = false;
    furrow_status status =
        driver->prepare(r->connection, &statement,
                        &(furrow_statement_text){.text = sql, .size = strlen(sql)}, r->error);
    if (status == FURROW_OK)
        status = bind_integer(statement, 0, from, r->error);
    if (status == FURROW_OK)
        status = driver->execute(statement, r->error);
    if (status == FURROW_OK)
        status = driver->step(statement, found, r->error);
    if (status == FURROW_OK && *found)
        status = driver->read_value(statement, 0, &last, r->arena, r->error);
    driver->finalize(statement);
    *found = last.type == FURROW_TYPE_INT64;
    *to = last.as.integer;
    return status;
}

static furrow_status copy_part(furrow__rebuild *r, furrow_statement *copy, int64_t from, int64_t to,
                               uint64_t *moved)
{
    const furrow_driver *driver = r->connection->driver;
    bool row = true;
    furrow_status status = bind_integer(copy, 0, from, r->error);
    if (status == FURROW_OK)
        status = bind_integer(copy, 1, to, r->error);
    if (status == FURROW_OK)
        status = driver->execute(copy, r->error);
    while (status == FURROW_OK && row)
        status = driver->step(copy, &row, r->error);
    *moved += copy->changed;
    driver->reset_statement(copy);
    return status;
}

static furrow_status copy_in_parts(furrow__rebuild *r, const char *sql, uint64_t *moved)
{
    const furrow_driver *driver = r->connection->driver;
    furrow_statement *copy = NULL;
    const char *find = write_find_part(r);
    int64_t from = INT64_MIN, to = 0;
    bool found = true;
    if (!find)
        return furrow__rebuild_no_memory(r);
    furrow_status status = driver->prepare(
        r->connection, &copy, &(furrow_statement_text){.text = sql, .size = strlen(sql)}, r->error);
    while (status == FURROW_OK && found) {
        status = find_part(r, find, from, &to, &found);
        if (status != FURROW_OK || !found)
            break;
        status = copy_part(r, copy, from, to, moved);
        furrow__rebuild_report(r, *moved, false);
        if (to == INT64_MAX)
            break;
        from = to + 1;
    }
    driver->finalize(copy);
    return status;
}

/* Replaces the temporary name of the table in the error message with the final name. SQLite reports
 * the table of a constraint only in the message. */
static void rename_in_error(furrow__rebuild *r)
{
    furrow_error *error = r->error;
    char message[sizeof error->message];
    const char *found;
    if (strcmp(error->table, r->new_name) == 0)
        furrow__copy_text(error->table, sizeof error->table, r->name);
    while ((found = strstr(error->message, FURROW__REBUILD_PREFIX))) {
        snprintf(message, sizeof message, "%.*s%s", (int)(found - error->message), error->message,
                 found + sizeof FURROW__REBUILD_PREFIX - 1);
        memcpy(error->message, message, sizeof message);
    }
}

furrow_status furrow__rebuild_count_rows(furrow__rebuild *r, const char *table, int64_t *out)
{
    furrow__buffer sql = {0};
    *out = 0;
    furrow__buffer_add_text(&sql, "SELECT count(*) FROM ");
    furrow__sql_identifier(&sql, table);
    const char *text = furrow__buffer_take(&sql, r->arena);
    return text ? furrow__query_number(r->connection, text, out, r->error)
                : furrow__rebuild_no_memory(r);
}

static furrow_status check_count(furrow__rebuild *r, int64_t count)
{
    if (count == r->row_count)
        return FURROW_OK;
    return furrow__fail(r->error, FURROW_DATABASE,
                        "the copy of table %s has %lld rows instead of %lld",
                        FURROW__QUOTED(r->name), (long long)count, (long long)r->row_count);
}

/* Returns whether the column of the new table gets the value of the same column of the old
 * table. */
static bool is_copied(const furrow__rebuild_column *column, bool *no_memory)
{
    furrow__buffer quoted = {0};
    furrow__sql_identifier(&quoted, column->name);
    const char *name = furrow__buffer_text(&quoted);
    bool same = name && strcmp(name, column->source) == 0;
    *no_memory |= !name;
    furrow__buffer_done(&quoted);
    return same;
}

/* Returns whether the old table has the same checks for the same values. If so, the checks are not
 * evaluated again, because evaluating them can take longer than copying the rows. */
static bool has_same_checks(const furrow__rebuild *r, bool *no_memory)
{
    for (size_t i = 0; i < r->made->constraint_count; i++)
        if (r->made->constraints[i].kind == FURROW__CONSTRAINT_CHECK &&
            !r->made->constraints[i].source)
            return false;
    for (size_t i = 0; i < r->made->column_count; i++)
        if (r->made->columns[i].generated)
            return false;
    for (size_t i = 0; i < r->action->column_count; i++)
        if (!is_copied(&r->action->columns[i], no_memory))
            return false;
    return true;
}

/* Copies rows that are known to satisfy all checks, without evaluating the checks. If the copy
 * fails, the guard restores the setting. */
static furrow_status without_checks(furrow__rebuild *r,
                                    furrow_status (*copy)(furrow__rebuild *r, uint64_t *moved),
                                    uint64_t *moved)
{
    static const char setting[] = "ignore_check_constraints";
    bool old = false;
    furrow_status status = furrow__sqlite_read_setting(r->connection, setting, &old, r->error);
    if (status == FURROW_OK)
        status = furrow__sqlite_set(r->connection, setting, true, r->error);
    if (status == FURROW_OK)
        status = copy(r, moved);
    return status == FURROW_OK ? furrow__sqlite_set(r->connection, setting, old, r->error) : status;
}

static furrow_status copy_rows(furrow__rebuild *r, uint64_t *moved)
{
    bool in_parts = r->rowid && r->options->progress && r->row_count > ROWS_PER_STATEMENT;
    const char *sql = write_copy(r, in_parts);
    if (!sql)
        return furrow__rebuild_no_memory(r);
    return in_parts ? copy_in_parts(r, sql, moved)
                    : furrow__execute(r->connection, sql, moved, r->error);
}

furrow_status furrow__rebuild_copy_rows(furrow__rebuild *r, uint64_t *moved)
{
    int64_t count = 0;
    bool no_memory = false, same = has_same_checks(r, &no_memory);
    *moved = 0;
    if (no_memory)
        return furrow__rebuild_no_memory(r);
    furrow_status status = same ? without_checks(r, copy_rows, moved) : copy_rows(r, moved);
    if (status != FURROW_OK) {
        rename_in_error(r);
        return status;
    }
    status = furrow__rebuild_count_rows(r, r->new_name, &count);
    return status == FURROW_OK ? check_count(r, count) : status;
}

/* Writes the rowid and all columns that are not generated. Their values are copied unchanged. */
static void write_stored_columns(furrow__buffer *out, const furrow__rebuild *r)
{
    const char *comma = "";
    if (r->new_rowid) {
        furrow__buffer_add_text(out, r->new_rowid);
        comma = ", ";
    }
    for (size_t i = 0; i < r->made->column_count; i++) {
        if (r->made->columns[i].generated)
            continue;
        furrow__buffer_add_text(out, comma);
        furrow__sql_identifier(out, r->made->columns[i].name);
        comma = ", ";
    }
}

static furrow_status copy_back(furrow__rebuild *r, uint64_t *moved)
{
    furrow__buffer sql = {0};
    furrow__buffer_add_text(&sql, "INSERT INTO ");
    furrow__sql_identifier(&sql, r->name);
    furrow__buffer_add_text(&sql, " (");
    write_stored_columns(&sql, r);
    furrow__buffer_add_text(&sql, ") SELECT ");
    write_stored_columns(&sql, r);
    furrow__buffer_add_text(&sql, " FROM ");
    furrow__sql_identifier(&sql, r->new_name);
    if (r->new_rowid)
        furrow__buffer_format(&sql, " ORDER BY %s", r->new_rowid);
    const char *text = furrow__buffer_take(&sql, r->arena);
    return text ? furrow__execute(r->connection, text, moved, r->error)
                : furrow__rebuild_no_memory(r);
}

furrow_status furrow__rebuild_copy_back(furrow__rebuild *r)
{
    uint64_t moved = 0;
    furrow_status status = without_checks(r, copy_back, &moved);
    return status == FURROW_OK ? check_count(r, (int64_t)moved) : status;
}
