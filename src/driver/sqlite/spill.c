/* SPDX-License-Identifier: MIT
 *
 * Keeps the unread rows of results when the connection writes. A SELECT of SQLite finds its rows
 * while the program steps through them, so a row that was not read yet can change, vanish or appear
 * when the same connection writes (https://www.sqlite.org/isolation.html). Before a statement
 * writes, the unread rows of every open result are therefore read and kept: the first rows in
 * memory, and the rest in a private temporary database, for which SQLite creates a file when its
 * cache is full. That database has its own connection, so it is not affected by savepoints, by the
 * authorizer or by the schema of the program's database.
 */
#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "driver/sqlite/sqlite.h"

enum { VALUE_SIZE = 64 }; /* at least the size of an sqlite3_value without its text or blob */

void furrow__sqlite_spill_free(furrow__sqlite_spill *spill)
{
    if (!spill)
        return;
    for (size_t i = 0; i < spill->row_count * spill->column_count; i++)
        sqlite3_value_free(spill->values[i]);
    furrow__release(spill->values);
    sqlite3_finalize(spill->rows);
    sqlite3_close_v2(spill->db);
    furrow__release(spill);
}

static furrow_status fail_temporary(int rc, furrow_error *error)
{
    error->native_code = rc;
    if ((rc & 0xff) == SQLITE_NOMEM)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    furrow__fail(error, FURROW_DATABASE,
                 "the temporary file for the unread rows of a result could not be read or written: "
                 "%s",
                 sqlite3_errstr(rc));
    return furrow__hint(error, "set SQLITE_TMPDIR to a folder with enough free space, or write "
                               "only after the last row has been read");
}

static size_t size_of_row(sqlite3_stmt *from, size_t column_count)
{
    size_t size = column_count * (VALUE_SIZE + sizeof(sqlite3_value *));
    for (size_t i = 0; i < column_count; i++) {
        sqlite3_value *value = sqlite3_column_value(from, (int)i);
        int storage = sqlite3_value_type(value);
        if (storage == SQLITE_TEXT || storage == SQLITE_BLOB)
            size += (size_t)sqlite3_value_bytes(value);
    }
    return size;
}

/* Copies the current row into memory. Returns SQLite's code. */
static int keep_in_memory(furrow__sqlite_spill *spill, sqlite3_stmt *from)
{
    size_t columns = spill->column_count;
    if (spill->row_count == spill->capacity) {
        size_t capacity = spill->capacity ? spill->capacity * 2 : 8, size;
        sqlite3_value **values = NULL;
        if (furrow__multiply_size(&size, capacity, columns * sizeof *values))
            values = furrow__reallocate(spill->values, size);
        if (!values)
            return SQLITE_NOMEM;
        spill->values = values;
        spill->capacity = capacity;
    }
    sqlite3_value **row = spill->values + spill->row_count * columns;
    for (size_t i = 0; i < columns; i++) {
        row[i] = sqlite3_value_dup(sqlite3_column_value(from, (int)i));
        if (row[i])
            continue;
        while (i)
            sqlite3_value_free(row[--i]);
        return SQLITE_NOMEM;
    }
    spill->row_count++;
    return SQLITE_OK;
}

/* Writes a list in parentheses that contains `item` once for each column. If `is_numbered` is set,
 * each item is followed by the column's index. */
static void write_list(furrow__buffer *out, size_t count, const char *item, bool is_numbered)
{
    for (size_t i = 0; i < count; i++) {
        furrow__buffer_add_text(out, i ? ", " : "(");
        furrow__buffer_add_text(out, item);
        if (is_numbered)
            furrow__buffer_format(out, "%zu", i);
    }
    furrow__buffer_add_text(out, ")");
}

/* Opens the temporary database, and prepares the statement that inserts rows. */
static int open_temporary(furrow__sqlite_spill *spill, sqlite3_stmt **insert)
{
    furrow__buffer create = {0}, text = {0};
    /* An empty name opens a private temporary file. There is no journal, because a journal would be
     * a second file. */
    furrow__buffer_format(&create,
                          "PRAGMA journal_mode=OFF; PRAGMA cache_size=-%d; BEGIN; "
                          "CREATE TABLE kept ",
                          FURROW__SQLITE_SPILL_SIZE / 2 / 1024);
    write_list(&create, spill->column_count, "c", true);
    furrow__buffer_add_text(&text, "INSERT INTO kept VALUES ");
    write_list(&text, spill->column_count, "?", false);
    int rc = create.failed || text.failed
                 ? SQLITE_NOMEM
                 : sqlite3_open_v2("", &spill->db,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                                   NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(spill->db, create.text, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(spill->db, text.text, -1, insert, NULL);
    furrow__buffer_done(&create);
    furrow__buffer_done(&text);
    return rc;
}

/* Copies the current row into the temporary database. Returns SQLite's code. */
static int keep_in_file(furrow__sqlite_spill *spill, sqlite3_stmt **insert, sqlite3_stmt *from)
{
    int rc = spill->db ? SQLITE_OK : open_temporary(spill, insert);
    for (size_t i = 0; rc == SQLITE_OK && i < spill->column_count; i++)
        rc = sqlite3_bind_value(*insert, (int)i + 1, sqlite3_column_value(from, (int)i));
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_step(*insert);
    return sqlite3_reset(*insert);
}

static int keep_row(furrow__sqlite_spill *spill, sqlite3_stmt **insert, sqlite3_stmt *from)
{
    if (spill->db)
        return keep_in_file(spill, insert, from);
    size_t size = size_of_row(from, spill->column_count);
    if (size > FURROW__SQLITE_SPILL_SIZE / 2 - spill->size)
        return keep_in_file(spill, insert, from);
    spill->size += size;
    return keep_in_memory(spill, from);
}

/* Ends the insertion into the temporary database, and begins to read from it. */
static int read_temporary(furrow__sqlite_spill *spill)
{
    if (!spill->db)
        return SQLITE_OK;
    int rc = sqlite3_exec(spill->db, "COMMIT", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(spill->db, "SELECT * FROM kept ORDER BY rowid", -1, &spill->rows,
                                NULL);
    if (rc == SQLITE_OK && !spill->row_count) /* the current row is the first row of the file */
        rc = sqlite3_step(spill->rows) == SQLITE_ROW ? SQLITE_OK : sqlite3_reset(spill->rows);
    return rc;
}

/* Keeps the current row and all later rows. Fills *error on failure. */
static furrow_status keep_rows(furrow__sqlite_spill *spill, furrow__sqlite_statement *statement,
                               furrow_error *error)
{
    sqlite3_stmt *insert = NULL;
    int kept = SQLITE_OK, read = SQLITE_ROW;
    while (kept == SQLITE_OK && read == SQLITE_ROW) {
        kept = keep_row(spill, &insert, statement->handle);
        if (kept == SQLITE_OK)
            read = sqlite3_step(statement->handle);
    }
    sqlite3_finalize(insert);
    if (kept == SQLITE_OK && read != SQLITE_DONE)
        return furrow__sqlite_fail(furrow__sqlite_of(statement->base.connection), statement, read,
                                   error);
    if (kept == SQLITE_OK)
        kept = read_temporary(spill);
    return kept == SQLITE_OK ? FURROW_OK : fail_temporary(kept, error);
}

static furrow_status keep_unread(furrow__sqlite_statement *statement, furrow_error *error)
{
    furrow__sqlite_spill *spill = furrow__allocate_zeroed(1, sizeof *spill);
    if (!spill)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    spill->column_count = (size_t)sqlite3_column_count(statement->handle);
    furrow_status status = keep_rows(spill, statement, error);
    if (status != FURROW_OK) {
        furrow__sqlite_spill_free(spill);
        furrow__sqlite_end_result(statement, FURROW__SQLITE_LOST);
    } else {
        furrow__sqlite_of(statement->base.connection)->unread--;
        statement->spill = spill;
    }
    sqlite3_reset(statement->handle); /* this call releases the statement's locks, so that even its
                                         tables can be dropped */
    return status;
}

furrow_status furrow__sqlite_spill_unread(furrow__sqlite *connection, furrow_error *error)
{
    furrow_status status = FURROW_OK;
    for (furrow__sqlite_statement *s = connection->statements; s && !status; s = s->next)
        if (furrow__sqlite_is_unread(s))
            status = keep_unread(s, error);
    return status;
}

furrow_status furrow__sqlite_spill_step(furrow__sqlite_spill *spill, bool *row, furrow_error *error)
{
    *row = true;
    if (spill->at < spill->row_count && ++spill->at < spill->row_count)
        return FURROW_OK;
    int rc = spill->rows ? sqlite3_step(spill->rows) : SQLITE_DONE;
    *row = rc == SQLITE_ROW;
    return *row || rc == SQLITE_DONE ? FURROW_OK : fail_temporary(rc, error);
}
