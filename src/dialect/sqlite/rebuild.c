/* SPDX-License-Identifier: MIT
 *
 * Rebuilds a table; src/migrate/apply/README.md lists the steps. All steps that can find a reason
 * to refuse the rebuild come before the first change: reading the live table, making the definition
 * of the new table, and finding the indexes and triggers to recreate. A later failure rolls back
 * the transaction.
 */
#include "dialect/sqlite/rebuild.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "dialect/sqlite/guard.h"
#include "dialect/sqlite/sqlite.h"
#include "migrate/apply/query.h"
#include "migrate/catalog/sqlite_table.h"

typedef furrow__rebuild rebuild;

furrow_status furrow__rebuild_no_memory(furrow__rebuild *r)
{
    return furrow__fail(r->error, FURROW_NOMEM, "out of memory");
}

static furrow_status take_names(rebuild *r)
{
    furrow__buffer name = {0};
    if (r->action->table.schema)
        furrow__buffer_format(&name, "%s.", r->action->table.schema);
    furrow__buffer_add_text(&name, r->action->table.name);
    r->name = furrow__buffer_take(&name, r->arena);
    furrow__buffer_format(&name, FURROW__REBUILD_PREFIX "%s", r->name ? r->name : "");
    r->new_name = furrow__buffer_take(&name, r->arena);
    return r->name && r->new_name ? FURROW_OK : furrow__rebuild_no_memory(r);
}

/* Starts a query whose only parameter is a name. */
static furrow__query query_by_name(rebuild *r, const char *sql, const char *const *name)
{
    return furrow__query_begin_with(r->connection, sql, (furrow__texts){name, 1}, r->arena,
                                    r->error);
}

static furrow_status check_new_name(rebuild *r)
{
    furrow__query q = query_by_name(r, "SELECT 1 FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE",
                                    &r->new_name);
    bool taken = furrow__query_next(&q);
    furrow_status status = furrow__query_end(&q);
    if (status == FURROW_OK && taken)
        status = furrow__fail(r->error, FURROW_SCHEMA,
                              "the rebuild of a table needs the name %s, which is taken",
                              FURROW__QUOTED(r->new_name));
    return status;
}

static furrow_status read_live(rebuild *r)
{
    const char *sql = NULL;
    furrow__query q = query_by_name(
        r, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE",
        &r->name);
    if (furrow__query_next(&q))
        sql = furrow__query_text(&q, 0);
    furrow_status status = furrow__query_end(&q);
    if (status != FURROW_OK)
        return status;
    if (!sql)
        return furrow__fail(r->error, FURROW_SCHEMA, "table %s does not exist",
                            FURROW__QUOTED(r->name));
    status = furrow__sqlite_read_table(&r->catalog, sql, strlen(sql), &r->live, r->error);
    return status == FURROW_OK ? check_new_name(r) : status;
}

/* Reads the table's last key for AUTOINCREMENT. The new table must continue after this key, even if
 * the rows with the last keys have been deleted. */
static furrow_status read_sequence(rebuild *r)
{
    if (!r->live->autoincrement)
        return FURROW_OK;
    furrow__query q = query_by_name(
        r, "SELECT seq FROM sqlite_sequence WHERE name = ?1 COLLATE NOCASE", &r->name);
    if (furrow__query_next(&q))
        r->sequence = furrow__query_int64(&q, 0);
    return furrow__query_end(&q);
}

/* Reads the results of ANALYZE, because SQLite deletes them together with the table. Without these
 * results, SQLite would plan queries less well. */
static furrow_status read_statistics(rebuild *r)
{
    int64_t exists = 0, count = 0;
    furrow_status status = furrow__query_number(
        r->connection, "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'", &exists,
        r->error);
    if (status != FURROW_OK || !exists)
        return status;
    status =
        furrow__query_number(r->connection, "SELECT count(*) FROM sqlite_stat1", &count, r->error);
    if (status != FURROW_OK)
        return status;
    r->statistics = furrow__arena_aligned(r->arena, ((size_t)count + 1) * sizeof *r->statistics,
                                          _Alignof(furrow__rebuild_statistic));
    if (!r->statistics)
        return furrow__rebuild_no_memory(r);
    furrow__query q = query_by_name(
        r, "SELECT idx, stat FROM sqlite_stat1 WHERE tbl = ?1 COLLATE NOCASE", &r->name);
    while (furrow__query_next(&q))
        r->statistics[r->statistic_count++] =
            (furrow__rebuild_statistic){furrow__query_text(&q, 0), furrow__query_text(&q, 1)};
    return furrow__query_end(&q);
}

/* Returns a quoted name. When out of memory, returns "", and the next allocation reports the
 * failure. */
static const char *quote(rebuild *r, const char *name)
{
    furrow__buffer text = {0};
    furrow__sql_identifier(&text, name);
    const char *quoted = furrow__buffer_take(&text, r->arena);
    return quoted ? quoted : "";
}

static const char *lost_column(rebuild *r, const furrow__catalog_index *index)
{
    const char *lost = index->where ? furrow__rebuild_lost_column(r->action, index->where) : NULL;
    for (size_t i = 0; i < index->count && !lost; i++) {
        const furrow__index_part *part = &index->parts[i];
        lost = furrow__rebuild_lost_column(r->action, part->column ? quote(r, part->column)
                                                                   : part->expression);
    }
    return lost;
}

/* Keeps a live index, unless the revision drops or changes the index. */
static furrow_status plan_index(rebuild *r, const char *sql)
{
    furrow__sqlite_live_index live;
    furrow_status status = furrow__sqlite_read_index(&live, sql, strlen(sql), r->arena, r->error);
    if (status != FURROW_OK)
        return status;
    const char *name = live.index.name;
    const furrow__catalog_index *before = furrow__catalog_index_named(r->action->before, name);
    const furrow__catalog_index *after = furrow__catalog_index_named(r->action->after, name);
    if (before && (!after || !furrow__indexes_are_equal(&furrow__sqlite_apply, before, after)))
        return FURROW_OK;
    const char *lost = lost_column(r, &live.index);
    if (lost) {
        furrow__fail(r->error, FURROW_SCHEMA,
                     "index %s uses column %s of table %s, which is dropped or renamed",
                     FURROW__QUOTED(name), FURROW__QUOTED(lost), FURROW__QUOTED(r->name));
        return furrow__hint(r->error, "drop the index first");
    }
    r->indexes[r->index_count++] = sql;
    return FURROW_OK;
}

static furrow_status plan_new_indexes(rebuild *r)
{
    for (size_t i = 0; i < r->action->after->index_count; i++) {
        const furrow__catalog_index *after = &r->action->after->indexes[i];
        const furrow__catalog_index *before =
            furrow__catalog_index_named(r->action->before, after->name);
        furrow__buffer sql = {0};
        if (before && furrow__indexes_are_equal(&furrow__sqlite_apply, before, after))
            continue;
        furrow__catalog_index made = *after;
        made.source = NULL;
        furrow__physical_write_index(&sql, &r->catalog, r->made, &made);
        r->indexes[r->index_count] = furrow__buffer_take(&sql, r->arena);
        if (!r->indexes[r->index_count++])
            return furrow__rebuild_no_memory(r);
    }
    return FURROW_OK;
}

static furrow_status allocate_dependents(rebuild *r)
{
    int64_t count = 0;
    furrow__query q = query_by_name(
        r, "SELECT count(*) FROM sqlite_schema WHERE tbl_name = ?1 COLLATE NOCASE", &r->name);
    if (furrow__query_next(&q))
        count = furrow__query_int64(&q, 0);
    if (furrow__query_end(&q) != FURROW_OK)
        return q.status;
    size_t room = (size_t)count + r->action->after->index_count + 1;
    r->indexes = furrow__arena_aligned(r->arena, room * sizeof *r->indexes, _Alignof(char *));
    r->triggers = furrow__arena_aligned(r->arena, room * sizeof *r->triggers, _Alignof(char *));
    return r->indexes && r->triggers ? FURROW_OK : furrow__rebuild_no_memory(r);
}

/* Records the indexes and triggers of the table, which are dropped together with the table and
 * later created again in the same order. */
static furrow_status plan_dependents(rebuild *r)
{
    furrow_status status = allocate_dependents(r);
    if (status != FURROW_OK)
        return status;
    furrow__query q =
        query_by_name(r,
                      "SELECT type, sql FROM sqlite_schema WHERE tbl_name = ?1 COLLATE NOCASE AND"
                      " type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid",
                      &r->name);
    while (status == FURROW_OK && furrow__query_next(&q)) {
        const char *type = furrow__query_text(&q, 0), *sql = furrow__query_text(&q, 1);
        if (strcmp(type, "trigger") == 0)
            r->triggers[r->trigger_count++] = sql;
        else
            status = plan_index(r, sql);
    }
    furrow_status end = furrow__query_end(&q);
    if (status == FURROW_OK)
        status = end;
    return status == FURROW_OK ? plan_new_indexes(r) : status;
}

static furrow_status prepare(rebuild *r)
{
    furrow_status status = take_names(r);
    if (status == FURROW_OK)
        status = read_live(r);
    if (status == FURROW_OK)
        status = furrow__rebuild_merge(&r->catalog, &r->made, r->live, r->action, r->error);
    if (status == FURROW_OK)
        status = read_sequence(r);
    if (status == FURROW_OK)
        status = read_statistics(r);
    if (status == FURROW_OK)
        status = plan_dependents(r);
    if (status == FURROW_OK)
        status = furrow__rebuild_plan_rowid(r);
    if (status == FURROW_OK)
        status = furrow__rebuild_count_rows(r, r->name, &r->row_count);
    if (status == FURROW_OK)
        status = furrow__query_number(r->connection, "SELECT count(*) FROM sqlite_schema",
                                      &r->object_count, r->error);
    return status;
}

furrow_status furrow__rebuild_create_table(furrow__rebuild *r, const char *name)
{
    furrow__buffer sql = {0};
    furrow__table_name as = {NULL, name};
    furrow__physical_write_table(&sql, &r->catalog, r->made, &(furrow__table_form){.as = &as});
    return furrow__execute_buffer(r->connection, &sql, r->error);
}

static furrow_status drop_table(rebuild *r, const char *name)
{
    furrow__buffer sql = {0};
    furrow__buffer_add_text(&sql, "DROP TABLE ");
    furrow__sql_identifier(&sql, name);
    return furrow__execute_buffer(r->connection, &sql, r->error);
}

static furrow_status rename_new_table(rebuild *r)
{
    furrow__buffer sql = {0};
    furrow__buffer_add_text(&sql, "ALTER TABLE ");
    furrow__sql_identifier(&sql, r->new_name);
    furrow__buffer_add_text(&sql, " RENAME TO ");
    furrow__sql_identifier(&sql, r->name);
    return furrow__execute_buffer(r->connection, &sql, r->error);
}

/* Drops the old table and gives its name to the new table. With legacy_alter_table, RENAME does not
 * change other definitions, so a definition that names the old table then refers to the new table.
 */
static furrow_status replace_by_rename(rebuild *r)
{
    bool old = false;
    furrow_status status = drop_table(r, r->name);
    if (status == FURROW_OK)
        status = furrow__sqlite_read_setting(r->connection, "legacy_alter_table", &old, r->error);
    if (status == FURROW_OK)
        status = furrow__sqlite_set(r->connection, "legacy_alter_table", true, r->error);
    if (status == FURROW_OK)
        status = rename_new_table(r);
    if (status == FURROW_OK)
        status = furrow__sqlite_set(r->connection, "legacy_alter_table", old, r->error);
    return status;
}

static furrow_status replace_by_empty_table(rebuild *r)
{
    furrow_status status = drop_table(r, r->name);
    return status == FURROW_OK ? furrow__rebuild_create_table(r, r->name) : status;
}

static furrow_status replace_by_copy(rebuild *r)
{
    furrow_status status = replace_by_empty_table(r);
    if (status == FURROW_OK)
        status = furrow__rebuild_copy_back(r);
    if (status == FURROW_OK)
        status = drop_table(r, r->new_name);
    return status;
}

/* Returns whether to copy the rows a second time, to a table with the final name, instead of
 * renaming the new table. RENAME reads and writes the whole schema, so copying is faster if the
 * schema is large and the table is small. */
static bool is_copied_twice(const rebuild *r)
{
    return r->row_count <= r->object_count / 4;
}

static furrow_status replace(rebuild *r, uint64_t *moved)
{
    if (r->row_count == 0)
        return replace_by_empty_table(r);
    furrow_status status = furrow__rebuild_create_table(r, r->new_name);
    if (status == FURROW_OK)
        status = furrow__rebuild_copy_rows(r, moved);
    if (status == FURROW_OK)
        status = is_copied_twice(r) ? replace_by_copy(r) : replace_by_rename(r);
    return status;
}

static furrow_status execute_with(rebuild *r, const char *sql, furrow__texts parameters)
{
    furrow__query q = furrow__query_begin_with(r->connection, sql, parameters, r->arena, r->error);
    furrow__query_next(&q);
    return furrow__query_end(&q);
}

static furrow_status restore_sequence(rebuild *r)
{
    bool assigned = false;
    for (size_t i = 0; i < r->made->column_count; i++)
        assigned |= r->made->columns[i].assigned;
    if (!assigned || !r->sequence)
        return FURROW_OK;
    char number[32];
    snprintf(number, sizeof number, "%lld", (long long)r->sequence);
    const char *texts[] = {r->name, number};
    furrow_status status = execute_with(r,
                                        "UPDATE sqlite_sequence SET"
                                        " seq = max(seq, CAST(?2 AS INTEGER))"
                                        " WHERE name = ?1 COLLATE NOCASE",
                                        (furrow__texts){texts, 2});
    if (status != FURROW_OK)
        return status;
    return execute_with(
        r,
        "INSERT INTO sqlite_sequence (name, seq) SELECT ?1, CAST(?2 AS INTEGER) WHERE"
        " NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?1 COLLATE NOCASE)",
        (furrow__texts){texts, 2});
}

static furrow_status restore_statistics(rebuild *r)
{
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < r->statistic_count && status == FURROW_OK; i++) {
        const char *texts[] = {r->name, r->statistics[i].index, r->statistics[i].value};
        status = execute_with(
            r,
            "INSERT INTO sqlite_stat1 (tbl, idx, stat) SELECT ?1, ?2, ?3 WHERE ?2 IS NULL OR EXISTS"
            " (SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?2 AND tbl_name = ?1"
            " COLLATE NOCASE)",
            (furrow__texts){texts, 3});
    }
    return status;
}

static furrow_status change(rebuild *r, uint64_t *moved)
{
    furrow_status status = replace(r, moved);
    if (status == FURROW_OK)
        status = restore_sequence(r);
    for (size_t i = 0; i < r->index_count && status == FURROW_OK; i++)
        status = furrow__execute(r->connection, r->indexes[i], NULL, r->error);
    for (size_t i = 0; i < r->trigger_count && status == FURROW_OK; i++)
        status = furrow__execute(r->connection, r->triggers[i], NULL, r->error);
    if (status == FURROW_OK)
        status = restore_statistics(r);
    if (status == FURROW_OK)
        furrow__rebuild_report(r, *moved, true);
    return status;
}

furrow_status furrow__rebuild_run(furrow_connection *connection, const furrow__action *action,
                                  const furrow__migrator_options *options,
                                  furrow__step_report *report, furrow_error *error)
{
    furrow_arena arena = {0};
    rebuild r = {.connection = connection,
                 .action = action,
                 .options = options,
                 .arena = &arena,
                 .error = error,
                 .began_ms = furrow__now_ms()};
    uint64_t moved = 0;
    furrow__catalog_init(&r.catalog, &furrow__dialect_sqlite, &arena);
    furrow_status status = prepare(&r);
    if (status == FURROW_OK)
        status = change(&r, &moved);
    report->rows_moved += moved;
    furrow__arena_done(&arena);
    return status;
}
