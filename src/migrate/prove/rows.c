/* SPDX-License-Identifier: MIT
 *
 * Rows in the way of a step, removed as an operator would before running it: those that a preflight
 * counts, and the rows that refer to them. Which ones is decided over texts in memory, the same on
 * every engine; then each table's go by one statement, in whatever order the engine lets them.
 */
#include <string.h>

#include "base/text.h"
#include "migrate/apply/query.h"
#include "migrate/prove/parts.h"
#include "migrate/prove/seed_parts.h"

typedef struct clearing {
    furrow_connection *connection;
    const furrow__dialect *dialect;
    const furrow__catalog *catalog;
    furrow__content *contents; /* one a table */
    bool **doomed;             /* one a row */
    size_t *doomed_count;
    const furrow__rows_kept *kept; /* or NULL */
    furrow__allowance_list *loose;
    furrow_arena *arena;
    furrow_error *error;
} clearing;

static furrow_status no_memory(clearing *c)
{
    return furrow__fail(c->error, FURROW_NOMEM, "out of memory");
}

static furrow_status read_all(clearing *c)
{
    size_t count = c->catalog->count;
    furrow_status status = FURROW_OK;
    c->contents = furrow__arena_aligned(c->arena, (count + 1) * sizeof *c->contents,
                                        _Alignof(furrow__content));
    c->doomed = furrow__arena_aligned(c->arena, (count + 1) * sizeof *c->doomed, _Alignof(bool *));
    c->doomed_count =
        furrow__arena_aligned(c->arena, (count + 1) * sizeof *c->doomed_count, _Alignof(size_t));
    if (!c->contents || !c->doomed || !c->doomed_count)
        return no_memory(c);
    for (size_t i = 0; i < count && status == FURROW_OK; i++) {
        status = furrow__content_read(&c->contents[i], c->connection, c->dialect,
                                      c->catalog->tables[i], (furrow_time){0}, c->arena, c->error);
        if (status != FURROW_OK)
            break;
        c->doomed_count[i] = 0;
        c->doomed[i] = furrow__arena_aligned(c->arena, c->contents[i].count + 1, 1);
        if (!c->doomed[i])
            return no_memory(c);
        memset(c->doomed[i], 0, c->contents[i].count + 1);
    }
    return status;
}

static void doom(clearing *c, size_t table, size_t row)
{
    c->doomed_count[table] += !c->doomed[table][row];
    c->doomed[table][row] = true;
}

/* ---- those that a preflight counts ---- */

static furrow_status doom_where(clearing *c, size_t table, const char *where)
{
    bool sqlite = c->dialect == &furrow__dialect_sqlite;
    furrow__buffer sql = {0};
    furrow__buffer_format(&sql, "SELECT CAST(t.%s AS TEXT) FROM ", sqlite ? "rowid" : "ctid");
    furrow__write_table_name(&sql, c->dialect, c->contents[table].name);
    furrow__buffer_format(&sql, " AS t WHERE %s", where);
    if (sql.failed)
        return no_memory(c);
    furrow__query q = furrow__query_begin(c->connection, sql.text, c->arena, c->error);
    while (furrow__query_next(&q)) {
        const char *place = furrow__query_text(&q, 0);
        for (size_t i = 0; place && i < c->contents[table].count; i++)
            if (strcmp(c->contents[table].rows[i].place, place) == 0)
                doom(c, table, i);
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

/* Of rows that are the same in these columns the first stays. */
static void doom_doubles(clearing *c, size_t table, const furrow__preflight *why)
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
        for (size_t k = 0; k < i && !c->doomed[table][i]; k++)
            if (!c->doomed[table][k] && are_same(content, columns, count, i, k))
                doom(c, table, i);
}

static bool is_kept(const clearing *c, size_t table, const char *key)
{
    furrow__table_name name =
        c->kept ? c->kept->tables[table].name : (furrow__table_name){NULL, NULL};
    const furrow__digest *rows = name.name ? furrow__digest_named(c->kept->rows, name) : NULL;
    for (size_t i = 0; rows && *key && i < rows->count; i++)
        if (strcmp(rows->rows[i].key, key) == 0)
            return true;
    return false;
}

static furrow_status doom_one(clearing *c, const furrow__preflight *why, furrow__rows_removed *told,
                              void *context)
{
    size_t table = furrow__seed_place(c->catalog, why->table);
    if (why->is_loss || !why->table.name || table == SIZE_MAX)
        return FURROW_OK;
    size_t before = c->doomed_count[table];
    furrow_status status = FURROW_OK;
    if (why->unique)
        doom_doubles(c, table, why);
    else if (why->where)
        status = doom_where(c, table, why->where);
    else
        for (size_t i = 0; i < c->contents[table].count; i++)
            if (!is_kept(c, table, c->contents[table].rows[i].key))
                doom(c, table, i);
    if (status == FURROW_OK && c->doomed_count[table] > before && told)
        told(why, c->doomed_count[table] - before, context);
    return status;
}

/* ---- those that refer to them ---- */

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

static bool refers_to_doomed(const clearing *c, size_t from, size_t row, size_t to,
                             const furrow__catalog_constraint *key)
{
    for (size_t i = 0; i < c->contents[to].count; i++)
        if (c->doomed[to][i] && refers(&c->contents[from], row, &c->contents[to], i, key))
            return true;
    return false;
}

static void doom_children(clearing *c)
{
    bool more = true;
    while (more) {
        more = false;
        for (size_t t = 0; t < c->catalog->count; t++)
            for (size_t k = 0; k < c->catalog->tables[t]->constraint_count; k++) {
                const furrow__catalog_constraint *key = &c->catalog->tables[t]->constraints[k];
                size_t to = key->kind == FURROW__CONSTRAINT_FOREIGN_KEY
                                ? furrow__seed_place(c->catalog, key->target)
                                : SIZE_MAX;
                if (to == SIZE_MAX || !c->doomed_count[to] ||
                    furrow__seed_key_is_optional(c->catalog->tables[t], key))
                    continue;
                for (size_t i = 0; i < c->contents[t].count; i++)
                    if (!c->doomed[t][i] && refers_to_doomed(c, t, i, to, key)) {
                        doom(c, t, i);
                        more = true;
                    }
            }
    }
}

/* ---- writing ---- */

static void write_places(clearing *c, furrow__buffer *sql, size_t table, const bool *chosen)
{
    bool first = true;
    furrow__buffer_format(sql, " WHERE CAST(%s AS TEXT) IN (",
                          c->dialect == &furrow__dialect_sqlite ? "rowid" : "ctid");
    for (size_t i = 0; i < c->contents[table].count; i++)
        if (chosen[i]) {
            furrow__buffer_add_text(sql, first ? "" : ", ");
            furrow__sql_literal(sql, c->contents[table].rows[i].place);
            first = false;
        }
    furrow__buffer_add_char(sql, ')');
}

/* The first column of a key that can be NULL. */
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

/* Rows that stay, and could refer to one that goes, refer to nothing. Rows move when they are
 * written to, so each key is read anew. */
static furrow_status unset_key(clearing *c, size_t t, const furrow__catalog_constraint *key,
                               size_t to)
{
    const furrow__catalog_table *table = c->catalog->tables[t];
    const char *column = nullable_column(table, key);
    size_t count = 0;
    bool *chosen = furrow__arena_aligned(c->arena, c->contents[t].count + 1, 1);
    if (!chosen)
        return no_memory(c);
    for (size_t i = 0; i < c->contents[t].count; i++) {
        chosen[i] = refers_to_doomed(c, t, i, to, key);
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
    write_places(c, &sql, t, chosen);
    if (!furrow__allowances_add(c->loose, table->name, column, count)) {
        furrow__buffer_done(&sql);
        return no_memory(c);
    }
    return furrow__execute_buffer(c->connection, &sql, c->error);
}

/* The places of a table's rows, which are in the order of their keys, once more. */
static furrow_status find_places(clearing *c, size_t t)
{
    furrow__content now;
    furrow_status status =
        furrow__content_read(&now, c->connection, c->dialect, c->catalog->tables[t],
                             (furrow_time){0}, c->arena, c->error);
    if (status == FURROW_OK && now.count == c->contents[t].count)
        for (size_t i = 0; i < now.count; i++)
            c->contents[t].rows[i].place = now.rows[i].place;
    return status;
}

static furrow_status unset_keys(clearing *c)
{
    furrow_status status = FURROW_OK;
    for (size_t t = 0; t < c->catalog->count && status == FURROW_OK; t++)
        for (size_t k = 0; k < c->catalog->tables[t]->constraint_count && status == FURROW_OK;
             k++) {
            const furrow__catalog_constraint *key = &c->catalog->tables[t]->constraints[k];
            size_t to = key->kind == FURROW__CONSTRAINT_FOREIGN_KEY
                            ? furrow__seed_place(c->catalog, key->target)
                            : SIZE_MAX;
            if (to == SIZE_MAX || !c->doomed_count[to] ||
                !furrow__seed_key_is_optional(c->catalog->tables[t], key))
                continue;
            status = unset_key(c, t, key, to);
            if (status == FURROW_OK)
                status = find_places(c, t);
        }
    return status;
}

/* *gone: the engine let them. */
static furrow_status delete_rows(clearing *c, size_t t, bool *gone)
{
    const furrow_driver *driver = c->connection->driver;
    furrow__buffer sql = {0};
    *gone = false;
    furrow_status status = driver->savepoint(c->connection, 1, c->error);
    if (status != FURROW_OK)
        return status;
    furrow__buffer_add_text(&sql, "DELETE FROM ");
    furrow__write_table_name(&sql, c->dialect, c->catalog->tables[t]->name);
    write_places(c, &sql, t, c->doomed[t]);
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

static furrow_status delete_all(clearing *c)
{
    furrow_status status = FURROW_OK;
    bool again = true;
    while (again && status == FURROW_OK) {
        again = false;
        for (size_t t = 0; t < c->catalog->count && status == FURROW_OK; t++) {
            bool gone;
            if (!c->doomed_count[t])
                continue;
            status = delete_rows(c, t, &gone);
            if (status != FURROW_OK || !gone)
                continue;
            if (!furrow__allowances_add(c->loose, c->catalog->tables[t]->name, NULL,
                                        c->doomed_count[t]))
                status = no_memory(c);
            c->doomed_count[t] = 0;
            again = true; /* others may go now */
        }
    }
    return status;
}

static furrow_status clear(clearing *c, const furrow__preflight *preflights, size_t count,
                           furrow__rows_removed *told, void *context)
{
    size_t doomed = 0;
    furrow_status status = read_all(c);
    for (size_t i = 0; i < count && status == FURROW_OK; i++)
        status = doom_one(c, &preflights[i], told, context);
    for (size_t i = 0; i < c->catalog->count && status == FURROW_OK; i++)
        doomed += c->doomed_count[i];
    if (status != FURROW_OK || !doomed)
        return status;
    doom_children(c);
    status = unset_keys(c);
    return status == FURROW_OK ? delete_all(c) : status;
}

static bool asks(const furrow__preflight *preflights, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!preflights[i].is_loss)
            return true;
    return false;
}

furrow_status furrow__rows_clear(furrow_connection *connection, const furrow__dialect *dialect,
                                 const furrow__catalog *catalog,
                                 const furrow__preflight *preflights, size_t count,
                                 const furrow__rows_kept *kept, furrow__allowance_list *loose,
                                 furrow__rows_removed *told, void *context, furrow_error *error)
{
    const furrow_driver *driver = connection->driver;
    furrow_arena arena = {0};
    furrow_error ignored;
    clearing c = {.connection = connection,
                  .dialect = dialect,
                  .catalog = catalog,
                  .kept = kept,
                  .loose = loose,
                  .arena = &arena,
                  .error = error};
    if (!asks(preflights, count))
        return FURROW_OK;
    furrow_status status = driver->begin(connection, FURROW_ISOLATION_DEFAULT, false, error);
    if (status != FURROW_OK)
        return status;
    status = clear(&c, preflights, count, told, context);
    if (status == FURROW_OK)
        status = driver->commit(connection, error);
    if (connection->in_transaction)
        driver->rollback(connection, &ignored);
    furrow__arena_done(&arena);
    return status;
}
