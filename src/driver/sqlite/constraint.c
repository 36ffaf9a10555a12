/* SPDX-License-Identifier: MIT
 *
 * Finds the constraint that a row violates. SQLite reports the names only in its message: "UNIQUE
 * constraint failed: t.a, t.b", "NOT NULL constraint failed: t.a", "CHECK constraint failed: name".
 * For a foreign key, the message contains no names. The missing names are looked up in the schema
 * (create.h reads CREATE TABLE). This code runs only after a failure. Names that cannot be found
 * stay empty. */
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "driver/sqlite/create.h"
#include "driver/sqlite/sqlite.h"
#include "base/violation.h"

enum { NAME_SIZE = 256, MAX_COLUMNS = 32, TEXT_SIZE = 512 };

/* Prepares a query and binds `name`, which is borrowed and can be NULL. Returns NULL on failure. */
static sqlite3_stmt *ask(furrow__sqlite *connection, const char *text, const char *name)
{
    sqlite3_stmt *rows = NULL;
    if (sqlite3_prepare_v2(connection->db, text, -1, &rows, NULL) != SQLITE_OK)
        return NULL;
    if (name && sqlite3_bind_text(rows, 1, name, -1, SQLITE_STATIC) != SQLITE_OK) {
        sqlite3_finalize(rows);
        return NULL;
    }
    return rows;
}

static const char *text_at(sqlite3_stmt *rows, int i)
{
    const char *text = (const char *)sqlite3_column_text(rows, i);
    return text ? text : "";
}

/* Returns a copy of the table's CREATE statement, or NULL if there is none. The caller must free
 * the copy. */
static char *create_of(furrow__sqlite *connection, const char *table)
{
    char *copy = NULL;
    sqlite3_stmt *rows = ask(connection,
                             "SELECT sql FROM sqlite_schema WHERE type = 'table' AND "
                             "name = ?1 COLLATE NOCASE",
                             table);
    if (rows && sqlite3_step(rows) == SQLITE_ROW)
        copy = furrow__duplicate(text_at(rows, 0));
    sqlite3_finalize(rows);
    return copy;
}

typedef struct parts {
    char text[TEXT_SIZE]; /* a copy of the message; the names below point into this copy */
    const char *table;
    const char *columns[MAX_COLUMNS];
    size_t count;
} parts;

/* Splits "t.a, t.b" into the table and the columns. `dot` is the presumed offset of the dot after
 * the table's name. Returns false unless each part begins with the same table's name. */
static bool cut_at(parts *p, const char *list, size_t dot)
{
    furrow__copy_text(p->text, sizeof p->text, list);
    char prefix[NAME_SIZE + 4];
    if (dot >= NAME_SIZE)
        return false;
    int size = snprintf(prefix, sizeof prefix, ", %.*s.", (int)dot, list);
    p->text[dot] = '\0';
    p->table = p->text;
    p->count = 0;
    for (char *at = p->text + dot + 1; at && p->count < MAX_COLUMNS;) {
        p->columns[p->count++] = at;
        char *end = strstr(at, prefix);
        if (end)
            *end = '\0';
        at = end ? end + size : NULL;
    }
    return p->count > 0;
}

/* A name can contain dots. This loop takes the first dot that comes after the name of a table. */
static bool split(furrow__sqlite *connection, parts *p, const char *list)
{
    size_t first = strcspn(list, ".");
    for (size_t dot = first; list[dot]; dot += 1 + strcspn(list + dot + 1, ".")) {
        if (!cut_at(p, list, dot))
            continue;
        char *sql = create_of(connection, p->table);
        furrow__release(sql);
        if (sql)
            return true;
    }
    return list[first] && cut_at(p, list, first);
}

/* Returns the part of a message that follows ": ". Returns NULL if there is none. */
static const char *subject_of(const char *message)
{
    const char *colon = strstr(message, ": ");
    return colon ? colon + 2 : NULL;
}

/* Finds the name of a unique index on exactly these columns of the table. The index was made by
 * CREATE INDEX. */
static bool find_index(furrow__sqlite *connection, const parts *p, char name[NAME_SIZE])
{
    bool found = false;
    sqlite3_stmt *rows =
        ask(connection,
            "SELECT l.name, i.name FROM pragma_index_list(?1) l, pragma_index_info(l.name) i "
            "WHERE l.\"unique\" AND l.origin = 'c' ORDER BY l.seq, i.seqno",
            p->table);
    char current[NAME_SIZE] = "";
    size_t matched = 0;
    bool same = false;
    while (rows && sqlite3_step(rows) == SQLITE_ROW) {
        if (strcmp(current, text_at(rows, 0)) != 0) {
            if ((found = same && matched == p->count))
                break;
            furrow__copy_text(current, sizeof current, text_at(rows, 0));
            matched = 0;
            same = true;
        }
        same = same && matched < p->count && strcmp(text_at(rows, 1), p->columns[matched]) == 0;
        matched++;
    }
    found = found || (same && matched == p->count);
    sqlite3_finalize(rows);
    furrow__copy_text(name, NAME_SIZE, found ? current : "");
    return found;
}

/* The message for an index on expressions is "UNIQUE constraint failed: index 'name'". */
static furrow_status unique_index(furrow__sqlite *connection, const char *subject,
                                  furrow_error *error)
{
    char name[NAME_SIZE], table[NAME_SIZE] = "";
    furrow__copy_text(name, sizeof name, subject + strlen("index '"));
    size_t size = strlen(name);
    if (size && name[size - 1] == '\'')
        name[size - 1] = '\0';
    sqlite3_stmt *rows = ask(connection,
                             "SELECT tbl_name FROM sqlite_schema WHERE type = 'index' "
                             "AND name = ?1",
                             name);
    if (rows && sqlite3_step(rows) == SQLITE_ROW)
        furrow__copy_text(table, sizeof table, text_at(rows, 0));
    sqlite3_finalize(rows);
    return furrow__violation_unique(error,
                                    &(furrow__broken_constraint){.name = name, .table = table});
}

furrow_status furrow__sqlite_unique(furrow__sqlite *connection, const char *message,
                                    furrow_error *error)
{
    parts p;
    char name[NAME_SIZE] = "";
    const char *subject = subject_of(message);
    if (!subject)
        return furrow__violation_unique(error, &(furrow__broken_constraint){0});
    if (strncmp(subject, "index '", 7) == 0)
        return unique_index(connection, subject, error);
    if (!split(connection, &p, subject))
        return furrow__violation_unique(error, &(furrow__broken_constraint){0});
    char *sql = create_of(connection, p.table);
    if (!sql || !furrow__create_find_unique(sql, p.columns, p.count, name, sizeof name))
        find_index(connection, &p, name);
    furrow__release(sql);
    return furrow__violation_unique(
        error, &(furrow__broken_constraint){name, p.table, p.columns, p.count});
}

furrow_status furrow__sqlite_not_null(furrow__sqlite *connection, const char *message,
                                      furrow_error *error)
{
    parts p;
    const char *subject = subject_of(message);
    if (!subject || !split(connection, &p, subject))
        return furrow__violation_not_null(error, NULL, NULL);
    return furrow__violation_not_null(error, p.table, p.columns[0]);
}

/* Reports a value that its column cannot store. `columns` can be "". */
static furrow_status fail_value(furrow_error *error, const char *table, const char *columns,
                                const char *what)
{
    if (*columns)
        furrow__fail(error, FURROW_INVALID, "%s.%s: %s", FURROW__QUOTED(table),
                     FURROW__QUOTED(columns), what);
    else
        furrow__fail(error, FURROW_INVALID, "%s: %s", FURROW__QUOTED(table), what);
    furrow__copy_text(error->table, sizeof error->table, table);
    furrow__copy_text(error->column, sizeof error->column, columns);
    return FURROW_INVALID;
}

/* If a constraint has no name, SQLite's message contains the constraint's expression. */
furrow_status furrow__sqlite_check(furrow__sqlite *connection, const char *message,
                                   furrow_error *error)
{
    const char *name = subject_of(message);
    char table[NAME_SIZE] = "";
    furrow__created_check check = {.has_name = false}, here;
    int found = 0;
    if (!name)
        return furrow__violation_check(error, NULL, NULL, NULL);
    sqlite3_stmt *rows = ask(connection,
                             "SELECT name, sql FROM sqlite_schema WHERE type = 'table' "
                             "AND instr(sql, ?1)",
                             name);
    while (rows && sqlite3_step(rows) == SQLITE_ROW) {
        if (!furrow__create_find_check(text_at(rows, 1), name, &here))
            continue;
        found++;
        check = here;
        furrow__copy_text(table, sizeof table, text_at(rows, 0));
    }
    sqlite3_finalize(rows);
    /* furrow adds these checks to columns of some types. The messages are the same as on
     * PostgreSQL, which has types for these columns. */
    if (found == 1 && check.is_form) {
        fail_value(error, table, check.columns,
                   "a string is not a valid value of the required type");
        return furrow__hint(error, "bind the value with furrow_value_of, or write it in the form "
                                   "in which furrow stores it (man 7 furrow-models)");
    }
    if (found == 1 && furrow__ends_with(name, "_width_check"))
        return fail_value(error, table, check.columns, FURROW__SQLITE_OUT_OF_RANGE);
    const char *shown = check.has_name ? name : NULL;
    if (found == 1)
        return furrow__violation_check(error, table, check.columns, shown);
    /* If `found` is 2 or more, the table is not known. */
    return furrow__violation_check(error, NULL, NULL, shown);
}

/* The message is "cannot store TEXT value in INTEGER column t.a". A STRICT table also rejects an
 * integer that is too large for 64 bits, since SQLite converts such an integer to REAL. */
furrow_status furrow__sqlite_datatype(furrow__sqlite *connection, const char *message,
                                      furrow_error *error)
{
    static const char before_name[] = " column ";
    parts p;
    char what[TEXT_SIZE];
    bool overflows = furrow__sqlite_is_overflow_message(message);
    const char *subject = strstr(message, before_name);
    if (!subject || !split(connection, &p, subject + sizeof before_name - 1))
        return furrow__fail(error, FURROW_INVALID, "%s",
                            overflows ? FURROW__SQLITE_OUT_OF_RANGE : message);
    snprintf(what, sizeof what, "%.*s column", (int)(subject - message), message);
    return fail_value(error, p.table, p.columns[0], overflows ? FURROW__SQLITE_OUT_OF_RANGE : what);
}

static void add_identifier(furrow__buffer *out, const char *name)
{
    furrow__buffer_add_char(out, '"');
    for (; *name; name++) {
        if (*name == '"')
            furrow__buffer_add_char(out, '"');
        furrow__buffer_add_char(out, *name);
    }
    furrow__buffer_add_char(out, '"');
}

static void table_name(char name[NAME_SIZE], const furrow_model *model)
{
    snprintf(name, NAME_SIZE, "%s%s%s", model->schema ? model->schema : "",
             model->schema ? "." : "", model->table);
}

/* Writes SELECT 1 FROM parent WHERE key = ?1 AND …, which finds the parent row. If a table refers
 * to itself, a row can be its own parent. In that case the referenced columns of the row are bound
 * after the other values. */
static void write_parent_query(furrow__buffer *out, const furrow_foreign_key *key, bool self)
{
    char parent[NAME_SIZE];
    table_name(parent, key->target);
    furrow__buffer_add_text(out, "SELECT 1 FROM ");
    add_identifier(out, parent);
    for (uint16_t i = 0; i < key->count; i++) {
        furrow__buffer_add_text(out, i ? " AND " : " WHERE ");
        add_identifier(out, key->target->columns[key->target_columns[i]].name);
        furrow__buffer_format(out, " = ?%d", i + 1);
    }
    for (uint16_t i = 0; self && i < key->count; i++)
        furrow__buffer_format(out, "%s ?%d = ?%d", i ? " AND" : " UNION ALL SELECT 1 WHERE", i + 1,
                              key->count + i + 1);
}

static bool has_null(const furrow_model *model, const furrow_foreign_key *key, const void *row)
{
    for (uint16_t i = 0; i < key->count; i++) {
        const furrow_column *column = &model->columns[key->columns[i]];
        if (column->flags & FURROW_COLUMN_OPT && !((const bool *)row)[column->has_offset])
            return true;
        if ((column->type == FURROW_TYPE_TEXT || column->type == FURROW_TYPE_JSON ||
             column->type == FURROW_TYPE_BLOB) &&
            column->flags & FURROW_COLUMN_NULLABLE) {
            const void *pointer; /* a furrow_blob also begins with a pointer */
            memcpy(&pointer, (const char *)row + column->offset, sizeof pointer);
            if (!pointer)
                return true;
        }
    }
    return false;
}

/* The columns of a row on one side of a foreign key: either the referring columns or the referenced
 * columns. */
typedef struct key_columns {
    const furrow_model *model;
    const uint16_t *columns;
    uint16_t count;
} key_columns;

static bool bind_columns(furrow_statement *statement, int index, key_columns key, const void *row)
{
    furrow_error ignored;
    for (uint16_t i = 0; i < key.count; i++) {
        const furrow_column *column = &key.model->columns[key.columns[i]];
        if (furrow__sqlite_bind_row(statement, index + i, (furrow_column_list){&column, 1}, row,
                                    &ignored))
            return false;
    }
    return true;
}

/* Whether the row that this foreign key refers to is known not to exist. */
static bool is_missing(furrow_connection *connection, const furrow_model *model,
                       const furrow_foreign_key *key, const void *row)
{
    furrow__buffer text = {0};
    furrow_statement *statement = NULL;
    furrow_error ignored;
    bool self = key->target == model, there = true;
    if (has_null(model, key, row))
        return false;
    write_parent_query(&text, key, self);
    if (!text.failed &&
        !furrow__sqlite_prepare(connection, &statement,
                                &(furrow_statement_text){.text = text.text, .size = text.size},
                                &ignored) &&
        bind_columns(statement, 0, (key_columns){model, key->columns, key->count}, row) &&
        (!self || bind_columns(statement, key->count,
                               (key_columns){model, key->target_columns, key->count}, row)) &&
        !furrow__sqlite_execute(statement, &ignored) &&
        !furrow__sqlite_step(statement, &there, &ignored)) {
        furrow__sqlite_finalize(statement);
        furrow__buffer_done(&text);
        return !there;
    }
    furrow__sqlite_finalize(statement);
    furrow__buffer_done(&text);
    return false;
}

static bool explain_missing(furrow_connection *connection, const furrow_model *model,
                            const void *row, furrow_error *error)
{
    for (uint16_t k = 0; k < model->foreign_key_count; k++) {
        const furrow_foreign_key *key = &model->foreign_keys[k];
        char own[NAME_SIZE], parent[NAME_SIZE];
        const char *columns[MAX_COLUMNS];
        size_t count = key->count < MAX_COLUMNS ? key->count : MAX_COLUMNS;
        if (!is_missing(connection, model, key, row))
            continue;
        for (size_t i = 0; i < count; i++)
            columns[i] = model->columns[key->columns[i]].name;
        table_name(own, model);
        table_name(parent, key->target);
        furrow__violation_missing(
            error, &(furrow__broken_constraint){key->name, own, columns, count}, parent);
        return true;
    }
    return false;
}

/* Whether any row of the table has a value other than NULL in this column. */
static bool is_used(furrow__sqlite *connection, const char *table, const char *column)
{
    furrow__buffer text = {0};
    furrow__buffer_add_text(&text, "SELECT 1 FROM ");
    add_identifier(&text, table);
    furrow__buffer_add_text(&text, " WHERE ");
    add_identifier(&text, column);
    furrow__buffer_add_text(&text, " IS NOT NULL LIMIT 1");
    sqlite3_stmt *rows = text.failed ? NULL : ask(connection, text.text, NULL);
    bool used = rows && sqlite3_step(rows) == SQLITE_ROW;
    sqlite3_finalize(rows);
    furrow__buffer_done(&text);
    return used;
}

/* The tables that have foreign keys to a given table. */
typedef struct referrers {
    int tables;                 /* number of tables with such a foreign key that at least one row
                                   uses */
    char child[NAME_SIZE];      /* the name of the last table that was counted in `tables` */
    char constraint[NAME_SIZE]; /* the foreign key's name if rows use only one foreign key;
                                   otherwise "" */
} referrers;

/* Finds the foreign keys that refer to `table`, that can prevent a delete or an update, and that at
 * least one row uses. */
static void find_referrers(furrow__sqlite *connection, const char *table, referrers *out)
{
    int keys = 0;
    char column[NAME_SIZE] = "";
    *out = (referrers){0};
    sqlite3_stmt *rows = ask(
        connection,
        "SELECT m.name, f.\"from\" FROM sqlite_schema m, pragma_foreign_key_list(m.name) f "
        "WHERE m.type = 'table' AND f.\"table\" = ?1 COLLATE NOCASE AND f.seq = 0 AND "
        "(f.on_delete IN ('NO ACTION', 'RESTRICT') OR f.on_update IN ('NO ACTION', 'RESTRICT')) "
        "ORDER BY m.name, f.on_delete NOT IN ('NO ACTION', 'RESTRICT'), f.id",
        table);
    while (rows && sqlite3_step(rows) == SQLITE_ROW) {
        if (!is_used(connection, text_at(rows, 0), text_at(rows, 1)))
            continue;
        if (strcmp(out->child, text_at(rows, 0)) != 0) {
            out->tables++;
            keys = 0;
        }
        keys++;
        furrow__copy_text(out->child, NAME_SIZE, text_at(rows, 0));
        furrow__copy_text(column, sizeof column, text_at(rows, 1));
    }
    sqlite3_finalize(rows);
    char *sql = out->tables == 1 && keys == 1 ? create_of(connection, out->child) : NULL;
    if (sql)
        furrow__create_find_foreign_key(sql, column, out->constraint, NAME_SIZE);
    furrow__release(sql);
}

/* Fills `names` with the columns of a foreign key. Returns their number. */
static size_t columns_of_key(furrow__sqlite *connection, const char *table, int key,
                             char names[][NAME_SIZE])
{
    char text[120];
    size_t count = 0;
    snprintf(text, sizeof text,
             "SELECT \"from\" FROM pragma_foreign_key_list(?1) WHERE id = %d ORDER BY seq", key);
    sqlite3_stmt *rows = ask(connection, text, table);
    while (rows && count < MAX_COLUMNS && sqlite3_step(rows) == SQLITE_ROW)
        furrow__copy_text(names[count++], NAME_SIZE, text_at(rows, 0));
    sqlite3_finalize(rows);
    return count;
}

void furrow__sqlite_explain_deferred(furrow__sqlite *connection, furrow_error *error)
{
    char table[NAME_SIZE], parent[NAME_SIZE], constraint[NAME_SIZE] = "";
    char names[MAX_COLUMNS][NAME_SIZE];
    const char *columns[MAX_COLUMNS];
    if (error->status != FURROW_FOREIGN_KEY)
        return;
    sqlite3_stmt *rows = ask(
        connection, "SELECT \"table\", parent, fkid FROM pragma_foreign_key_check LIMIT 1", NULL);
    if (!rows || sqlite3_step(rows) != SQLITE_ROW) {
        sqlite3_finalize(rows);
        return;
    }
    furrow__copy_text(table, sizeof table, text_at(rows, 0));
    furrow__copy_text(parent, sizeof parent, text_at(rows, 1));
    int key = sqlite3_column_int(rows, 2);
    sqlite3_finalize(rows);
    size_t count = columns_of_key(connection, table, key, names);
    for (size_t i = 0; i < count; i++)
        columns[i] = names[i];
    char *sql = count ? create_of(connection, table) : NULL;
    if (sql)
        furrow__create_find_foreign_key(sql, names[0], constraint, sizeof constraint);
    furrow__release(sql);
    int native_code = error->native_code;
    furrow__violation_missing(
        error, &(furrow__broken_constraint){constraint, table, columns, count}, parent);
    error->native_code = native_code;
}

void furrow__sqlite_explain(furrow_connection *base, const furrow_model *model, const void *row,
                            furrow_error *error)
{
    char table[NAME_SIZE];
    referrers found;
    furrow__sqlite *connection = furrow__sqlite_of(base);
    if (error->status != FURROW_FOREIGN_KEY || error->constraint[0])
        return;
    furrow_error before = *error;
    table_name(table, model);
    if (!row || !explain_missing(base, model, row, error)) {
        find_referrers(connection, table, &found);
        if (found.tables == 1)
            furrow__violation_referred(error, table, found.child, found.constraint);
        else if (found.tables > 1 || !row)
            furrow__violation_referred(error, table, NULL, NULL);
        else
            furrow__violation_foreign_key(error, table);
    }
    error->native_code = before.native_code;
    furrow__copy_text(error->hint, sizeof error->hint, before.hint);
    furrow__copy_text(error->sql, sizeof error->sql, before.sql);
    furrow__sqlite_notice_end(connection, error);
}
