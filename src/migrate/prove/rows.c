/* SPDX-License-Identifier: MIT
 *
 * Removes the rows that prevent a step, as an administrator would. These are the rows that a
 * preflight counts, and the rows that refer to them. The rows are selected in memory by their
 * strings, so that the selection is the same on every engine. The rows of each table are then
 * deleted by one statement, in an order that the foreign keys allow.
 */
#include <string.h>

#include "base/text.h"
#include "migrate/apply/query.h"
#include "migrate/prove/parts.h"
#include "migrate/prove/seed_parts.h"

typedef struct remover {
    const furrow__content_source *source;
    furrow_connection *connection;
    const furrow__dialect *dialect;
    const furrow__rows_request *request;
    const furrow__catalog *catalog;
    furrow__content *contents; /* the contents of each table */
    bool **marks;              /* for each table and row: whether the row is removed */
    size_t *mark_count;        /* for each table: the number of removed rows */
    furrow_arena *arena;
    furrow_error *error;
} remover;

static furrow_status no_memory(remover *c)
{
    return furrow__fail(c->error, FURROW_NOMEM, "out of memory");
}

static furrow_status read_all(remover *c)
{
    size_t count = c->catalog->count;
    furrow_status status = FURROW_OK;
    c->contents = furrow__arena_aligned(c->arena, (count + 1) * sizeof *c->contents,
                                        _Alignof(furrow__content));
    c->marks = furrow__arena_aligned(c->arena, (count + 1) * sizeof *c->marks, _Alignof(bool *));
    c->mark_count =
        furrow__arena_aligned(c->arena, (count + 1) * sizeof *c->mark_count, _Alignof(size_t));
    if (!c->contents || !c->marks || !c->mark_count)
        return no_memory(c);
    for (size_t i = 0; i < count && status == FURROW_OK; i++) {
        status = furrow__content_read(&c->contents[i], c->source, c->catalog->tables[i], c->arena,
                                      c->error);
        if (status != FURROW_OK)
            break;
        c->mark_count[i] = 0;
        c->marks[i] = furrow__arena_aligned(c->arena, c->contents[i].count + 1, 1);
        if (!c->marks[i])
            return no_memory(c);
        memset(c->marks[i], 0, c->contents[i].count + 1);
    }
    return status;
}

static void mark(remover *c, size_t table, size_t row)
{
    c->mark_count[table] += !c->marks[table][row];
    c->marks[table][row] = true;
}

static furrow_status mark_where(remover *c, size_t table, const char *where)
{
    furrow__buffer sql = {0};
    furrow__buffer_add_text(&sql, "SELECT ");
    furrow__write_row_id(&sql, c->dialect, c->catalog->tables[table], "t");
    furrow__buffer_add_text(&sql, " FROM ");
    furrow__write_table_name(&sql, c->dialect, c->contents[table].name);
    furrow__buffer_format(&sql, " AS t WHERE %s", where);
    if (sql.failed)
        return no_memory(c);
    furrow__query q = furrow__query_begin(c->connection, sql.text, c->arena, c->error);
    while (furrow__query_next(&q)) {
        const char *row_id = furrow__query_text(&q, 0);
        for (size_t i = 0; row_id && i < c->contents[table].count; i++)
            if (strcmp(c->contents[table].rows[i].row_id, row_id) == 0)
                mark(c, table, i);
    }
    furrow__buffer_done(&sql);
    return furrow__query_end(&q);
}

static bool are_same(const furrow__content *content, const size_t *columns, size_t count, size_t a,
                     size_t b)
{
    for (size_t i = 0; i < count; i++) {
        const char *x = content->rows[a].cells[columns[i]], *y = content->rows[b].cells[columns[i]];
        if (!x || !y || strcmp(x, y) != 0)
            return false;
    }
    return true;
}

/* Marks all rows that have equal values in these columns, except for the first of them. */
static void mark_duplicates(remover *c, size_t table, const furrow__preflight *why)
{
    const furrow__content *content = &c->contents[table];
    size_t columns[FURROW__CATALOG_KEY], count = 0;
    for (size_t i = 0; i < why->unique_count && i < FURROW__CATALOG_KEY; i++) {
        size_t column = why->unique[i] ? furrow__content_column(content, why->unique[i]) : SIZE_MAX;
        if (column == SIZE_MAX)
            return;
        columns[count++] = column;
    }
    for (size_t i = 0; i < content->count; i++)
        for (size_t k = 0; k < i && !c->marks[table][i]; k++)
            if (!c->marks[table][k] && are_same(content, columns, count, i, k))
                mark(c, table, i);
}

static bool is_kept(const remover *c, size_t table, const char *key)
{
    furrow__table_name name =
        c->request->kept ? c->request->kept->tables[table].name : (furrow__table_name){NULL, NULL};
    const furrow__digest *rows =
        name.name ? furrow__digest_named(c->request->kept->rows, name) : NULL;
    for (size_t i = 0; rows && *key && i < rows->count; i++)
        if (strcmp(rows->rows[i].key, key) == 0)
            return true;
    return false;
}

static furrow_status mark_preflight(remover *c, const furrow__preflight *why)
{
    size_t table = furrow__seed_table_index(c->catalog, why->table);
    if (why->is_loss || !why->table.name || table == SIZE_MAX)
        return FURROW_OK;
    size_t before = c->mark_count[table];
    furrow_status status = FURROW_OK;
    if (why->unique)
        mark_duplicates(c, table, why);
    else if (why->where)
        status = mark_where(c, table, why->where);
    else
        for (size_t i = 0; i < c->contents[table].count; i++)
            if (!is_kept(c, table, c->contents[table].rows[i].key))
                mark(c, table, i);
    size_t count = c->mark_count[table] - before;
    if (status == FURROW_OK && count && c->request->removed)
        c->request->removed(why, count, c->request->context);
    return status;
}

static bool refers(const furrow__content *from, size_t row, const furrow__content *to,
                   size_t target, const furrow__catalog_constraint *key)
{
    for (size_t i = 0; i < key->count; i++) {
        size_t own = furrow__content_column(from, key->columns[i]);
        size_t theirs = furrow__content_column(to, key->target_columns[i]);
        if (own == SIZE_MAX || theirs == SIZE_MAX)
            return false;
        const char *a = from->rows[row].cells[own], *b = to->rows[target].cells[theirs];
        if (!a || !b || strcmp(a, b) != 0)
            return false;
    }
    return true;
}

static bool refers_to_marked(const remover *c, size_t from, size_t row, size_t to,
                             const furrow__catalog_constraint *key)
{
    for (size_t i = 0; i < c->contents[to].count; i++)
        if (c->marks[to][i] && refers(&c->contents[from], row, &c->contents[to], i, key))
            return true;
    return false;
}

static void mark_referring(remover *c)
{
    bool more = true;
    while (more) {
        more = false;
        for (size_t t = 0; t < c->catalog->count; t++)
            for (size_t k = 0; k < c->catalog->tables[t]->constraint_count; k++) {
                const furrow__catalog_constraint *key = &c->catalog->tables[t]->constraints[k];
                size_t to = key->kind == FURROW__CONSTRAINT_FOREIGN_KEY
                                ? furrow__seed_table_index(c->catalog, key->target)
                                : SIZE_MAX;
                if (to == SIZE_MAX || !c->mark_count[to] ||
                    furrow__seed_key_is_optional(c->catalog->tables[t], key))
                    continue;
                for (size_t i = 0; i < c->contents[t].count; i++)
                    if (!c->marks[t][i] && refers_to_marked(c, t, i, to, key)) {
                        mark(c, t, i);
                        more = true;
                    }
            }
    }
}

static void write_row_ids(remover *c, furrow__buffer *sql, size_t table, const bool *chosen)
{
    bool first = true;
    furrow__buffer_add_text(sql, " WHERE ");
    furrow__write_row_id(sql, c->dialect, c->catalog->tables[table], NULL);
    furrow__buffer_add_text(sql, " IN (");
    for (size_t i = 0; i < c->contents[table].count; i++)
        if (chosen[i]) {
            furrow__buffer_add_text(sql, first ? "" : ", ");
            furrow__sql_literal(sql, c->contents[table].rows[i].row_id);
            first = false;
        }
    furrow__buffer_add_char(sql, ')');
}

/* Returns the first nullable column of the foreign key. */
static const char *nullable_column(const furrow__catalog_table *table,
                                   const furrow__catalog_constraint *key)
{
    for (size_t i = 0; i < key->count; i++) {
        const furrow__catalog_column *column = furrow__catalog_column_named(table, key->columns[i]);
        if (column && column->nullable)
            return column->name;
    }
    return NULL;
}

/* Some rows are kept although they refer to a removed row. Sets their foreign key to NULL. */
static furrow_status unset_key(remover *c, size_t t, const furrow__catalog_constraint *key,
                               size_t to)
{
    const furrow__catalog_table *table = c->catalog->tables[t];
    const char *column = nullable_column(table, key);
    size_t count = 0;
    bool *chosen = furrow__arena_aligned(c->arena, c->contents[t].count + 1, 1);
    if (!chosen)
        return no_memory(c);
    for (size_t i = 0; i < c->contents[t].count; i++) {
        chosen[i] = refers_to_marked(c, t, i, to, key);
        count += chosen[i];
    }
    if (!count)
        return FURROW_OK;
    furrow__buffer sql = {0};
    furrow__buffer_add_text(&sql, "UPDATE ");
    furrow__write_table_name(&sql, c->dialect, table->name);
    furrow__buffer_add_text(&sql, " SET ");
    furrow__sql_identifier(&sql, column);
    furrow__buffer_add_text(&sql, " = NULL");
    write_row_ids(c, &sql, t, chosen);
    if (!furrow__allowances_add(c->request->allowances, table->name, column, count)) {
        furrow__buffer_done(&sql);
        return no_memory(c);
    }
    return furrow__execute_buffer(c->connection, &sql, c->error);
}

/* Reads the ids of a table's rows again, because an update can change the id of a row. The rows in
 * memory are matched with the rows in the table by their order: both are sorted by key. */
static furrow_status find_row_ids(remover *c, size_t t)
{
    furrow__content now;
    furrow_status status =
        furrow__content_read(&now, c->source, c->catalog->tables[t], c->arena, c->error);
    if (status == FURROW_OK && now.count == c->contents[t].count)
        for (size_t i = 0; i < now.count; i++)
            c->contents[t].rows[i].row_id = now.rows[i].row_id;
    return status;
}

static furrow_status unset_keys(remover *c)
{
    furrow_status status = FURROW_OK;
    for (size_t t = 0; t < c->catalog->count && status == FURROW_OK; t++)
        for (size_t k = 0; k < c->catalog->tables[t]->constraint_count && status == FURROW_OK;
             k++) {
            const furrow__catalog_constraint *key = &c->catalog->tables[t]->constraints[k];
            size_t to = key->kind == FURROW__CONSTRAINT_FOREIGN_KEY
                            ? furrow__seed_table_index(c->catalog, key->target)
                            : SIZE_MAX;
            if (to == SIZE_MAX || !c->mark_count[to] ||
                !furrow__seed_key_is_optional(c->catalog->tables[t], key))
                continue;
            status = unset_key(c, t, key, to);
            if (status == FURROW_OK)
                status = find_row_ids(c, t);
        }
    return status;
}

/* Deletes the marked rows of a table. If a foreign key prevents this, *gone is set to false. */
static furrow_status delete_rows(remover *c, size_t t, bool *gone)
{
    const furrow_driver *driver = c->connection->driver;
    furrow__buffer sql = {0};
    *gone = false;
    furrow_status status = driver->savepoint(c->connection, 1, c->error);
    if (status != FURROW_OK)
        return status;
    furrow__buffer_add_text(&sql, "DELETE FROM ");
    furrow__write_table_name(&sql, c->dialect, c->catalog->tables[t]->name);
    write_row_ids(c, &sql, t, c->marks[t]);
    status = furrow__execute_buffer(c->connection, &sql, c->error);
    if (status == FURROW_OK) {
        *gone = true;
        return driver->release(c->connection, 1, c->error);
    }
    if (status != FURROW_FOREIGN_KEY)
        return status;
    status = driver->rollback_to(c->connection, 1, c->error);
    return status == FURROW_OK ? driver->release(c->connection, 1, c->error) : status;
}

static furrow_status delete_all(remover *c)
{
    furrow_status status = FURROW_OK;
    bool again = true;
    while (again && status == FURROW_OK) {
        again = false;
        for (size_t t = 0; t < c->catalog->count && status == FURROW_OK; t++) {
            bool gone;
            if (!c->mark_count[t])
                continue;
            status = delete_rows(c, t, &gone);
            if (status != FURROW_OK || !gone)
                continue;
            if (!furrow__allowances_add(c->request->allowances, c->catalog->tables[t]->name, NULL,
                                        c->mark_count[t]))
                status = no_memory(c);
            c->mark_count[t] = 0;
            again = true; /* the deletion of other tables' rows may have failed because of these
                             rows */
        }
    }
    return status;
}

static furrow_status remove_rows(remover *c)
{
    size_t count = 0;
    furrow_status status = read_all(c);
    for (size_t i = 0; i < c->request->count && status == FURROW_OK; i++)
        status = mark_preflight(c, &c->request->preflights[i]);
    for (size_t i = 0; i < c->catalog->count && status == FURROW_OK; i++)
        count += c->mark_count[i];
    if (status != FURROW_OK || !count)
        return status;
    mark_referring(c);
    status = unset_keys(c);
    return status == FURROW_OK ? delete_all(c) : status;
}

static bool counts_rows(const furrow__rows_request *request)
{
    for (size_t i = 0; i < request->count; i++)
        if (!request->preflights[i].is_loss)
            return true;
    return false;
}

furrow_status furrow__rows_remove(const furrow__content_source *source,
                                  const furrow__rows_request *request, furrow_error *error)
{
    const furrow__content_source plain = {source->connection, source->dialect, {0}};
    const furrow_driver *driver = source->connection->driver;
    furrow_arena arena = {0};
    furrow_error ignored;
    remover c = {.source = &plain,
                 .connection = source->connection,
                 .dialect = source->dialect,
                 .request = request,
                 .catalog = request->catalog,
                 .arena = &arena,
                 .error = error};
    if (!counts_rows(request))
        return FURROW_OK;
    furrow_status status = driver->begin(c.connection, FURROW_ISOLATION_DEFAULT, false, error);
    if (status != FURROW_OK)
        return status;
    status = remove_rows(&c);
    if (status == FURROW_OK)
        status = driver->commit(c.connection, error);
    if (c.connection->in_transaction)
        driver->rollback(c.connection, &ignored);
    furrow__arena_done(&arena);
    return status;
}
