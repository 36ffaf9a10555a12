/* SPDX-License-Identifier: MIT
 * Describes a table of the database, using pragma_table_xinfo and sqlite_schema. SQLite has no
 * schemas. If a model names a schema that is not the default, its table is named "schema.table". */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/text.h"
#include "driver/sqlite/sqlite.h"

enum {
    HIDDEN_VIRTUAL = 2,
    HIDDEN_STORED = 3
}; /* values of the column `hidden` of table_xinfo for generated columns */

typedef struct describer {
    furrow__sqlite *connection;
    furrow_arena *arena;
    furrow_error *error;
    sqlite3_stmt *rows;
} describer;

static furrow_status no_memory(furrow_error *error)
{
    return furrow__fail(error, FURROW_NOMEM, "out of memory");
}

static furrow_status ask(describer *d, const char *text, const char *name)
{
    int rc = sqlite3_prepare_v2(d->connection->db, text, -1, &d->rows, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(d->rows, 1, name, -1, SQLITE_STATIC);
    return rc == SQLITE_OK ? FURROW_OK : furrow__sqlite_fail(d->connection, NULL, rc, d->error);
}

static furrow_status next_row(describer *d, bool *row)
{
    int rc = sqlite3_step(d->rows);
    *row = rc == SQLITE_ROW;
    if (rc == SQLITE_ROW || rc == SQLITE_DONE)
        return FURROW_OK;
    return furrow__sqlite_fail(d->connection, NULL, rc, d->error);
}

/* Copies a result column to the arena as text. Sets *out to NULL if the value is NULL. */
static furrow_status text_at(describer *d, int i, const char **out)
{
    *out = NULL;
    if (sqlite3_column_type(d->rows, i) == SQLITE_NULL)
        return FURROW_OK;
    const char *text = (const char *)sqlite3_column_text(d->rows, i);
    if (text)
        *out = furrow__arena_text(d->arena, text, strlen(text));
    return *out ? FURROW_OK : no_memory(d->error);
}

/* Reads the table's CREATE statement, and its name as the statement spells it. The name stays NULL
 * if the table does not exist. */
static furrow_status find_table(describer *d, furrow_live_table *out, const char *name)
{
    bool row = false;
    furrow_status status = ask(d,
                               "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND "
                               "name = ?1 COLLATE NOCASE",
                               name);
    if (status == FURROW_OK)
        status = next_row(d, &row);
    if (status == FURROW_OK && row) {
        status = text_at(d, 0, &out->name);
        if (status == FURROW_OK)
            status = text_at(d, 1, &out->sql);
    }
    sqlite3_finalize(d->rows);
    d->rows = NULL;
    return status;
}

static furrow_status read_column(describer *d, furrow_live_column *column)
{
    furrow_status status = text_at(d, 0, &column->name);
    if (status == FURROW_OK)
        status = text_at(d, 1, &column->type);
    if (status == FURROW_OK)
        status = text_at(d, 3, &column->default_);
    int hidden = sqlite3_column_int(d->rows, 5);
    column->nullable = sqlite3_column_int(d->rows, 2) == 0;
    column->key = sqlite3_column_int(d->rows, 4);
    column->generated = hidden == HIDDEN_VIRTUAL || hidden == HIDDEN_STORED;
    return status;
}

/* If the primary key is a single INTEGER column, that column is the rowid. The rowid is never NULL,
 * even without NOT NULL. */
static void settle_rowid(furrow_live_column *columns, size_t count)
{
    furrow_live_column *key = NULL;
    for (size_t i = 0; i < count; i++) {
        if (columns[i].key && key)
            return;
        if (columns[i].key)
            key = &columns[i];
    }
    if (key && key->type && sqlite3_stricmp(key->type, "INTEGER") == 0)
        key->nullable = false;
}

static furrow_status read_columns(describer *d, furrow_live_table *out)
{
    size_t capacity = 0, count = 0;
    furrow_live_column *columns = NULL;
    bool row;
    furrow_status status = ask(d,
                               "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM "
                               "pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid",
                               out->name);
    while (status == FURROW_OK && (status = next_row(d, &row)) == FURROW_OK && row) {
        furrow_live_column *more =
            furrow__arena_room(d->arena, columns, count, &capacity, sizeof *more);
        if (!more) {
            status = no_memory(d->error);
            break;
        }
        columns = more;
        columns[count] = (furrow_live_column){0};
        status = read_column(d, &columns[count++]);
    }
    sqlite3_finalize(d->rows);
    d->rows = NULL;
    if (status != FURROW_OK)
        return status;
    settle_rowid(columns, count);
    out->columns = columns;
    out->column_count = count;
    return FURROW_OK;
}

furrow_status furrow__sqlite_describe_table(furrow_connection *base, furrow_live_table *out,
                                            furrow_table_name name, furrow_arena *arena,
                                            furrow_error *error)
{
    char *joined = NULL;
    *out = (furrow_live_table){0};
    if (name.schema) {
        size_t size = strlen(name.schema) + strlen(name.table) + 2;
        joined = furrow__allocate(size);
        if (!joined)
            return no_memory(error);
        snprintf(joined, size, "%s.%s", name.schema, name.table);
    }
    describer d = {.connection = furrow__sqlite_of(base), .arena = arena, .error = error};
    furrow_status status = find_table(&d, out, joined ? joined : name.table);
    if (status == FURROW_OK && out->name)
        status = read_columns(&d, out);
    if (status != FURROW_OK)
        *out = (furrow_live_table){0};
    furrow__release(joined);
    return status;
}
