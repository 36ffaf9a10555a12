/* SPDX-License-Identifier: MIT
 *
 * SQLite's rebuild of one table, in a transaction: what ALTER cannot do. The steps are README.md's.
 * Everything that can say no says it before the first change: reading the live table, which text
 * the new one has, which indexes and triggers follow. From there on any failure fails the
 * transaction, which leaves nothing behind.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "migrate/apply/query.h"
#include "migrate/apply/rebuild_parts.h"
#include "migrate/catalog/sqlite_table.h"
#include "scan/compare.h"

#define PREFIX "furrow_rebuild_"
enum { ROWS_A_STEP = 100000, PROGRESS_MS = 100 };

/* ---- settings of the connection ---- */

static furrow_status read_pragma(furrow_connection *connection, const char *name, int *out,
                                 furrow_error *error)
{
    char sql[64];
    int64_t value = 0;
    snprintf(sql, sizeof sql, "PRAGMA %s", name);
    furrow_status status = furrow__query_number(connection, sql, &value, error);
    *out = value != 0;
    return status;
}

static furrow_status set_pragma(furrow_connection *connection, const char *name, int value,
                                furrow_error *error)
{
    char sql[64];
    int now = !value;
    snprintf(sql, sizeof sql, "PRAGMA %s=%s", name, value ? "ON" : "OFF");
    furrow_status status = furrow__execute(connection, sql, NULL, error);
    if (status == FURROW_OK)
        status = read_pragma(connection, name, &now, error);
    if (status == FURROW_OK && now != value)
        status = furrow__fail(error, FURROW_DATABASE, "SQLite does not set \"%s\"", name);
    return status;
}

furrow_status furrow__rebuild_prepare(furrow_connection *connection,
                                      furrow__rebuild_pragmas *pragmas, furrow_error *error)
{
    *pragmas = (furrow__rebuild_pragmas){0};
    if (connection->in_transaction)
        return furrow__fail(error, FURROW_INVALID,
                            "a table cannot be rebuilt within somebody's transaction");
    furrow_status status = read_pragma(connection, "foreign_keys", &pragmas->foreign_keys, error);
    if (status == FURROW_OK)
        status = read_pragma(connection, "legacy_alter_table", &pragmas->legacy_alter_table, error);
    if (status != FURROW_OK)
        return status;
    pragmas->changed = true;
    status = set_pragma(connection, "foreign_keys", 0, error);
    if (status != FURROW_OK) {
        furrow_error ignored;
        furrow__rebuild_restore(connection, pragmas, &ignored);
    }
    return status;
}

furrow_status furrow__rebuild_restore(furrow_connection *connection,
                                      const furrow__rebuild_pragmas *pragmas, furrow_error *error)
{
    if (!pragmas->changed)
        return FURROW_OK;
    furrow_status status =
        set_pragma(connection, "legacy_alter_table", pragmas->legacy_alter_table, error);
    if (status == FURROW_OK)
        status = set_pragma(connection, "foreign_keys", pragmas->foreign_keys, error);
    if (status != FURROW_OK)
        connection->broken = true;
    return status;
}

/* ---- the table at work ---- */

typedef struct rebuild {
    furrow_connection *connection;
    const furrow__action *action;
    const furrow__migrator_options *options; /* or NULL */
    furrow_arena *arena;
    furrow_error *error;
    const char *name, *new_name; /* the table's as SQLite has it, and the reserved one */
    furrow__catalog catalog;
    furrow__catalog_table *live, *made;
    const char **indexes, **triggers; /* statements to run behind the rename */
    size_t index_count, trigger_count;
    const char *(
        *statistics)[2]; /* ANALYZE's: an index, or NULL for the table; and what it found */
    size_t statistic_count;
    int64_t mark; /* AUTOINCREMENT's, or 0 */
    int64_t count;
    int64_t objects; /* how much there is in the schema */
    int64_t began_ms, told_ms;
} rebuild;

static furrow_status no_memory(rebuild *r)
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
    furrow__buffer_format(&name, PREFIX "%s", r->name ? r->name : "");
    r->new_name = furrow__buffer_take(&name, r->arena);
    return r->name && r->new_name ? FURROW_OK : no_memory(r);
}

/* ---- looking ---- */

static furrow_status read_live(rebuild *r)
{
    const char *sql = NULL;
    furrow__query q =
        furrow__query_begin_with(r->connection,
                                 "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name ="
                                 " ?1 COLLATE NOCASE",
                                 (furrow__texts){&r->name, 1}, r->arena, r->error);
    if (furrow__query_next(&q))
        sql = furrow__query_text(&q, 0);
    furrow_status status = furrow__query_end(&q);
    if (status != FURROW_OK)
        return status;
    if (!sql)
        return furrow__fail(r->error, FURROW_SCHEMA, "table \"%s\" is not there", r->name);
    status = furrow__sqlite_read_table(&r->catalog, sql, strlen(sql), &r->live, r->error);
    if (status != FURROW_OK)
        return status;
    q = furrow__query_begin_with(r->connection,
                                 "SELECT 1 FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE",
                                 (furrow__texts){&r->new_name, 1}, r->arena, r->error);
    bool taken = furrow__query_next(&q);
    status = furrow__query_end(&q);
    if (status == FURROW_OK && taken)
        status = furrow__fail(r->error, FURROW_SCHEMA,
                              "the name \"%s\" is taken: a rebuild needs "
                              "it",
                              r->new_name);
    return status;
}

/* AUTOINCREMENT's mark, which must not fall when the last rows are gone. */
static furrow_status read_mark(rebuild *r)
{
    if (!r->live->autoincrement)
        return FURROW_OK;
    furrow__query q = furrow__query_begin_with(
        r->connection, "SELECT seq FROM sqlite_sequence WHERE name = ?1 COLLATE NOCASE",
        (furrow__texts){&r->name, 1}, r->arena, r->error);
    if (furrow__query_next(&q))
        r->mark = furrow__query_int64(&q, 0);
    return furrow__query_end(&q);
}

/* A name as a word of SQL; "" when out of memory, which the next request will say. */
static const char *quoted(rebuild *r, const char *name)
{
    furrow__buffer text = {0};
    furrow__sql_identifier(&text, name);
    const char *word = furrow__buffer_take(&text, r->arena);
    return word ? word : "";
}

static furrow_status plan_index(rebuild *r, const char *sql)
{
    furrow__catalog_index live;
    const char *table;
    furrow_status status =
        furrow__sqlite_read_index(&live, &table, sql, strlen(sql), r->arena, r->error);
    if (status != FURROW_OK)
        return status;
    const furrow__catalog_index *before = furrow__catalog_index_named(r->action->before, live.name);
    const furrow__catalog_index *after = furrow__catalog_index_named(r->action->after, live.name);
    if (before && !after)
        return FURROW_OK;
    if (before && after && !furrow__rebuild_indexes_are_equal(before, after))
        return FURROW_OK; /* made from `after` */
    const char *lost = live.where ? furrow__rebuild_lost_column(r->action, live.where) : NULL;
    for (size_t i = 0; i < live.count && !lost; i++)
        lost = furrow__rebuild_lost_column(r->action, live.parts[i].column
                                                          ? quoted(r, live.parts[i].column)
                                                          : live.parts[i].expression);
    if (lost) {
        furrow__fail(r->error, FURROW_SCHEMA,
                     "index \"%s\" names column \"%s\" of table \"%s\", which changes", live.name,
                     lost, r->name);
        return furrow__hint(r->error, "drop that index first");
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
        if (before && furrow__rebuild_indexes_are_equal(before, after))
            continue;
        furrow__catalog_index made = *after;
        made.source = NULL;
        furrow__physical_write_index(&sql, &r->catalog, r->made, &made);
        r->indexes[r->index_count] = furrow__buffer_take(&sql, r->arena);
        if (!r->indexes[r->index_count++])
            return no_memory(r);
    }
    return FURROW_OK;
}

/* Indexes and triggers go with the table: what makes them again, in their order. */
static furrow_status plan_dependents(rebuild *r)
{
    int64_t count = 0;
    furrow_status status = FURROW_OK;
    furrow__query q =
        furrow__query_begin_with(r->connection,
                                 "SELECT count(*) FROM sqlite_schema WHERE tbl_name = ?1 COLLATE"
                                 " NOCASE",
                                 (furrow__texts){&r->name, 1}, r->arena, r->error);
    if (furrow__query_next(&q))
        count = furrow__query_int64(&q, 0);
    if (furrow__query_end(&q) != FURROW_OK)
        return q.status;
    size_t room = (size_t)count + r->action->after->index_count + 1;
    r->indexes = furrow__arena_aligned(r->arena, room * sizeof *r->indexes, _Alignof(char *));
    r->triggers = furrow__arena_aligned(r->arena, room * sizeof *r->triggers, _Alignof(char *));
    if (!r->indexes || !r->triggers)
        return no_memory(r);
    q = furrow__query_begin_with(
        r->connection,
        "SELECT type, sql FROM sqlite_schema WHERE tbl_name = ?1 COLLATE NOCASE AND"
        " type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid",
        (furrow__texts){&r->name, 1}, r->arena, r->error);
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

/* ---- moving the rows ---- */

/* A name under which the rowid can be reached: one that no column takes. */
static const char *rowid_name(const furrow__catalog_table *table)
{
    static const char *const names[] = {"rowid", "_rowid_", "oid"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!furrow__sqlite_column_named(table, names[i]))
            return names[i];
    return NULL;
}

static bool is_filled(const furrow__action *action, const char *column)
{
    for (size_t i = 0; i < action->column_count; i++)
        if (furrow__sqlite_names_are_equal(action->columns[i].name, column))
            return true;
    return false;
}

/* What the history does not know of and is kept. */
static bool is_extra(const rebuild *r, const furrow__catalog_column *column)
{
    return !column->generated && !is_filled(r->action, column->name) &&
           furrow__sqlite_column_named(r->live, column->name) &&
           !furrow__sqlite_column_named(r->action->before, column->name);
}

/* How rows are told apart and ordered while they move. */
typedef struct mover {
    const char *rowid;     /* of the old table, NULL for WITHOUT ROWID */
    const char *new_rowid; /* of the new table, where it is copied by itself; or NULL */
} mover;

static furrow_status plan_rowid(rebuild *r, mover *m)
{
    const furrow__catalog_column *key = furrow__sqlite_rowid_column(r->made);
    *m = (mover){0};
    if (r->live->without_rowid)
        return FURROW_OK;
    m->rowid = rowid_name(r->live);
    const furrow__catalog_column *old_key = furrow__sqlite_rowid_column(r->live);
    if (!m->rowid && old_key)
        m->rowid = old_key->name;
    if (key || r->made->without_rowid)
        return FURROW_OK;
    m->new_rowid = rowid_name(r->made);
    if (m->rowid && m->new_rowid)
        return FURROW_OK;
    furrow__fail(r->error, FURROW_SCHEMA,
                 "the rowids of table \"%s\" cannot be kept: columns take all of their names",
                 r->name);
    return furrow__hint(r->error, "rename one of the columns rowid, _rowid_ and oid");
}

static void write_extra(furrow__buffer *out, const rebuild *r, const char *comma)
{
    for (size_t i = 0; i < r->made->column_count; i++) {
        if (!is_extra(r, &r->made->columns[i]))
            continue;
        furrow__buffer_add_text(out, comma);
        furrow__sql_identifier(out, r->made->columns[i].name);
        comma = ", ";
    }
}

static void write_copy(furrow__buffer *out, const rebuild *r, const mover *m, bool in_steps)
{
    furrow__buffer_add_text(out, "INSERT INTO ");
    furrow__sql_identifier(out, r->new_name);
    furrow__buffer_add_text(out, " (");
    const char *comma = "";
    if (m->new_rowid) {
        furrow__buffer_add_text(out, m->new_rowid);
        comma = ", ";
    }
    for (size_t i = 0; i < r->action->column_count; i++, comma = ", ") {
        furrow__buffer_add_text(out, comma);
        furrow__sql_identifier(out, r->action->columns[i].name);
    }
    write_extra(out, r, comma);
    furrow__buffer_add_text(out, ") SELECT ");
    comma = "";
    if (m->new_rowid) {
        furrow__sql_identifier(out, m->rowid);
        comma = ", ";
    }
    for (size_t i = 0; i < r->action->column_count; i++, comma = ", ")
        furrow__buffer_format(out, "%s%s", comma, r->action->columns[i].source);
    write_extra(out, r, comma);
    furrow__buffer_add_text(out, " FROM ");
    furrow__sql_identifier(out, r->name);
    if (!m->rowid)
        return;
    if (in_steps) {
        furrow__buffer_add_text(out, " WHERE ");
        furrow__sql_identifier(out, m->rowid);
        furrow__buffer_add_text(out, " BETWEEN ?1 AND ?2");
    }
    furrow__buffer_add_text(out, " ORDER BY ");
    furrow__sql_identifier(out, m->rowid);
}

static void tell(rebuild *r, uint64_t done, bool last)
{
    if (!r->options || !r->options->progress)
        return;
    int64_t now = furrow__now_ms();
    if (!last && now - r->told_ms < PROGRESS_MS)
        return;
    char what[160];
    snprintf(what, sizeof what, "rebuild %s", r->name);
    r->told_ms = now;
    furrow__migrator_progress progress = {what, done, (uint64_t)r->count, now - r->began_ms};
    r->options->progress(&progress, r->options->context);
}

/* The rowid that ends a step beginning behind `after`; false if there are no more rows. */
static furrow_status find_step(rebuild *r, const char *sql, int64_t from, int64_t *to, bool *found)
{
    furrow_statement *statement = NULL;
    const furrow_driver *driver = r->connection->driver;
    furrow_value value = {.type = FURROW_TYPE_INT64, .as.integer = from}, answer = {0};
    *found = false;
    furrow_status status =
        driver->prepare(r->connection, &statement,
                        &(furrow_statement_text){.text = sql, .size = strlen(sql)}, r->error);
    if (status == FURROW_OK)
        status = driver->bind(statement, 0, NULL, &value, r->error);
    if (status == FURROW_OK)
        status = driver->execute(statement, r->error);
    if (status == FURROW_OK)
        status = driver->step(statement, found, r->error);
    if (status == FURROW_OK && *found)
        status = driver->read_value(statement, 0, &answer, r->arena, r->error);
    driver->finalize(statement);
    *found = answer.type == FURROW_TYPE_INT64;
    *to = answer.as.integer;
    return status;
}

static furrow_status copy_step(rebuild *r, furrow_statement *copy, int64_t from, int64_t to,
                               uint64_t *moved)
{
    const furrow_driver *driver = r->connection->driver;
    furrow_value first = {.type = FURROW_TYPE_INT64, .as.integer = from};
    furrow_value last = {.type = FURROW_TYPE_INT64, .as.integer = to};
    bool row = true;
    furrow_status status = driver->bind(copy, 0, NULL, &first, r->error);
    if (status == FURROW_OK)
        status = driver->bind(copy, 1, NULL, &last, r->error);
    if (status == FURROW_OK)
        status = driver->execute(copy, r->error);
    while (status == FURROW_OK && row)
        status = driver->step(copy, &row, r->error);
    *moved += copy->changed;
    driver->reset_statement(copy);
    return status;
}

/* In steps, so that somebody can be told how far it is. */
static furrow_status copy_in_steps(rebuild *r, const mover *m, const char *sql, uint64_t *moved)
{
    const furrow_driver *driver = r->connection->driver;
    furrow_statement *copy = NULL;
    furrow__buffer find = {0};
    int64_t from = INT64_MIN, to = 0;
    bool found = true;
    furrow__buffer_add_text(&find, "SELECT max(r) FROM (SELECT ");
    furrow__sql_identifier(&find, m->rowid);
    furrow__buffer_add_text(&find, " AS r FROM ");
    furrow__sql_identifier(&find, r->name);
    furrow__buffer_add_text(&find, " WHERE ");
    furrow__sql_identifier(&find, m->rowid);
    furrow__buffer_add_text(&find, " >= ?1 ORDER BY ");
    furrow__sql_identifier(&find, m->rowid);
    furrow__buffer_format(&find, " LIMIT %d)", ROWS_A_STEP);
    const char *find_sql = furrow__buffer_text(&find);
    furrow_status status =
        find_sql
            ? driver->prepare(r->connection, &copy,
                              &(furrow_statement_text){.text = sql, .size = strlen(sql)}, r->error)
            : no_memory(r);
    while (status == FURROW_OK && found) {
        status = find_step(r, find_sql, from, &to, &found);
        if (status != FURROW_OK || !found)
            break;
        status = copy_step(r, copy, from, to, moved);
        tell(r, *moved, false);
        if (to == INT64_MAX)
            break;
        from = to + 1;
    }
    driver->finalize(copy);
    furrow__buffer_done(&find);
    return status;
}

/* The reserved name is nobody's business. */
static void rename_in_error(rebuild *r)
{
    furrow_error *error = r->error;
    char message[sizeof error->message];
    const char *found;
    if (strcmp(error->table, r->new_name) == 0)
        furrow__copy_text(error->table, sizeof error->table, r->name);
    while ((found = strstr(error->message, PREFIX))) {
        snprintf(message, sizeof message, "%.*s%s", (int)(found - error->message), error->message,
                 found + sizeof PREFIX - 1);
        memcpy(error->message, message, sizeof message);
    }
}

static furrow_status count_rows(rebuild *r, const char *table, int64_t *out)
{
    furrow__buffer sql = {0};
    furrow__buffer_add_text(&sql, "SELECT count(*) FROM ");
    furrow__sql_identifier(&sql, table);
    const char *text = furrow__buffer_text(&sql);
    furrow_status status =
        text ? furrow__query_number(r->connection, text, out, r->error) : no_memory(r);
    furrow__buffer_done(&sql);
    return status;
}

static furrow_status move_rows(rebuild *r, const mover *m, uint64_t *moved)
{
    furrow__buffer sql = {0};
    int64_t count = 0;
    bool in_steps = m->rowid && r->options && r->options->progress && r->count > ROWS_A_STEP;
    *moved = 0;
    write_copy(&sql, r, m, in_steps);
    const char *text = furrow__buffer_take(&sql, r->arena);
    if (!text)
        return no_memory(r);
    furrow_status status = in_steps ? copy_in_steps(r, m, text, moved)
                                    : furrow__execute(r->connection, text, moved, r->error);
    if (status != FURROW_OK) {
        rename_in_error(r);
        return status;
    }
    status = count_rows(r, r->new_name, &count);
    if (status == FURROW_OK && count != r->count)
        status = furrow__fail(r->error, FURROW_DATABASE,
                              "the copy of table \"%s\" has %lld rows instead of %lld", r->name,
                              (long long)count, (long long)r->count);
    return status;
}

/* ---- changing ---- */

static furrow_status run_on(rebuild *r, const char *before, const char *name, const char *between,
                            const char *other)
{
    furrow__buffer sql = {0};
    furrow__buffer_add_text(&sql, before);
    furrow__sql_identifier(&sql, name);
    furrow__buffer_add_text(&sql, between);
    if (other)
        furrow__sql_identifier(&sql, other);
    return furrow__execute_buffer(r->connection, &sql, r->error);
}

/* Under legacy_alter_table nothing else is rewritten: all that names the table means this one. */
static furrow_status take_its_place(rebuild *r)
{
    int was = 0;
    furrow_status status = run_on(r, "DROP TABLE ", r->name, "", NULL);
    if (status == FURROW_OK)
        status = read_pragma(r->connection, "legacy_alter_table", &was, r->error);
    if (status == FURROW_OK)
        status = set_pragma(r->connection, "legacy_alter_table", 1, r->error);
    if (status == FURROW_OK)
        status = run_on(r, "ALTER TABLE ", r->new_name, " RENAME TO ", r->name);
    if (status == FURROW_OK)
        status = set_pragma(r->connection, "legacy_alter_table", was, r->error);
    return status;
}

/* ALTER TABLE ... RENAME reads and writes the whole schema again, whose size is then felt in each
 * of many tables; a few rows are written twice in less time. */
static bool is_written_twice(const rebuild *r)
{
    return r->count <= r->objects / 4;
}

static furrow_status create(rebuild *r, const char *name)
{
    furrow__buffer sql = {0};
    furrow__table_name as = {NULL, name};
    furrow__physical_write_table(&sql, &r->catalog, r->made, &(furrow__table_form){.as = &as});
    return furrow__execute_buffer(r->connection, &sql, r->error);
}

/* The rows as they are in the new table: nothing is computed any more. */
static void write_columns(furrow__buffer *out, const rebuild *r, const mover *m)
{
    const char *comma = "";
    if (m->new_rowid) {
        furrow__buffer_add_text(out, m->new_rowid);
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

static furrow_status copy_back(rebuild *r, const mover *m)
{
    furrow__buffer sql = {0};
    uint64_t moved = 0;
    furrow__buffer_add_text(&sql, "INSERT INTO ");
    furrow__sql_identifier(&sql, r->name);
    furrow__buffer_add_text(&sql, " (");
    write_columns(&sql, r, m);
    furrow__buffer_add_text(&sql, ") SELECT ");
    write_columns(&sql, r, m);
    furrow__buffer_add_text(&sql, " FROM ");
    furrow__sql_identifier(&sql, r->new_name);
    if (m->new_rowid)
        furrow__buffer_format(&sql, " ORDER BY %s", m->new_rowid);
    const char *text = furrow__buffer_take(&sql, r->arena);
    if (!text)
        return no_memory(r);
    furrow_status status = furrow__execute(r->connection, text, &moved, r->error);
    if (status == FURROW_OK && (int64_t)moved != r->count)
        status = furrow__fail(r->error, FURROW_DATABASE,
                              "the copy of table \"%s\" has %lld rows instead of %lld", r->name,
                              (long long)moved, (long long)r->count);
    return status;
}

/* The table is away, and there again without rows. */
static furrow_status begin_anew(rebuild *r)
{
    furrow_status status = run_on(r, "DROP TABLE ", r->name, "", NULL);
    return status == FURROW_OK ? create(r, r->name) : status;
}

static furrow_status write_twice(rebuild *r, const mover *m)
{
    furrow_status status = begin_anew(r);
    if (status == FURROW_OK)
        status = copy_back(r, m);
    if (status == FURROW_OK)
        status = run_on(r, "DROP TABLE ", r->new_name, "", NULL);
    return status;
}

static furrow_status restore_mark(rebuild *r)
{
    bool assigned = false;
    for (size_t i = 0; i < r->made->column_count; i++)
        assigned |= r->made->columns[i].assigned;
    if (!assigned || !r->mark)
        return FURROW_OK;
    char number[32];
    snprintf(number, sizeof number, "%lld", (long long)r->mark);
    const char *texts[] = {r->name, number};
    furrow__query q =
        furrow__query_begin_with(r->connection,
                                 "UPDATE sqlite_sequence SET seq = max(seq, CAST(?2 AS INTEGER))"
                                 " WHERE name = ?1 COLLATE NOCASE",
                                 (furrow__texts){texts, 2}, r->arena, r->error);
    furrow__query_next(&q);
    if (furrow__query_end(&q) != FURROW_OK)
        return q.status;
    q = furrow__query_begin_with(
        r->connection,
        "INSERT INTO sqlite_sequence (name, seq) SELECT ?1, CAST(?2 AS INTEGER) WHERE"
        " NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?1 COLLATE NOCASE)",
        (furrow__texts){texts, 2}, r->arena, r->error);
    furrow__query_next(&q);
    return furrow__query_end(&q);
}

/* What ANALYZE found goes with the table, and its queries would be planned without it. */
static furrow_status read_statistics(rebuild *r)
{
    int64_t there = 0, count = 0;
    furrow_status status = furrow__query_number(
        r->connection, "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'", &there,
        r->error);
    if (status != FURROW_OK || !there)
        return status;
    status =
        furrow__query_number(r->connection, "SELECT count(*) FROM sqlite_stat1", &count, r->error);
    if (status != FURROW_OK)
        return status;
    r->statistics = furrow__arena_aligned(r->arena, ((size_t)count + 1) * sizeof *r->statistics,
                                          _Alignof(char *));
    if (!r->statistics)
        return no_memory(r);
    furrow__query q = furrow__query_begin_with(
        r->connection, "SELECT idx, stat FROM sqlite_stat1 WHERE tbl = ?1 COLLATE NOCASE",
        (furrow__texts){&r->name, 1}, r->arena, r->error);
    for (; furrow__query_next(&q); r->statistic_count++) {
        r->statistics[r->statistic_count][0] = furrow__query_text(&q, 0);
        r->statistics[r->statistic_count][1] = furrow__query_text(&q, 1);
    }
    return furrow__query_end(&q);
}

static furrow_status restore_statistics(rebuild *r)
{
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < r->statistic_count && status == FURROW_OK; i++) {
        const char *texts[] = {r->name, r->statistics[i][0], r->statistics[i][1]};
        furrow__query q = furrow__query_begin_with(
            r->connection,
            "INSERT INTO sqlite_stat1 (tbl, idx, stat) SELECT ?1, ?2, ?3 WHERE ?2 IS NULL OR EXISTS"
            " (SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?2 AND tbl_name = ?1"
            " COLLATE NOCASE)",
            (furrow__texts){texts, 3}, r->arena, r->error);
        furrow__query_next(&q);
        status = furrow__query_end(&q);
    }
    return status;
}

static furrow_status look(rebuild *r, mover *m)
{
    furrow_status status = take_names(r);
    if (status == FURROW_OK)
        status = read_live(r);
    if (status == FURROW_OK)
        status = furrow__rebuild_merge(&r->catalog, &r->made, r->live, r->action, r->error);
    if (status == FURROW_OK)
        status = read_mark(r);
    if (status == FURROW_OK)
        status = read_statistics(r);
    if (status == FURROW_OK)
        status = plan_dependents(r);
    if (status == FURROW_OK)
        status = plan_rowid(r, m);
    if (status == FURROW_OK)
        status = count_rows(r, r->name, &r->count);
    if (status == FURROW_OK)
        status = furrow__query_number(r->connection, "SELECT count(*) FROM sqlite_schema",
                                      &r->objects, r->error);
    return status;
}

/* The rows in a table of the new form and of the final name. */
static furrow_status replace(rebuild *r, const mover *m, uint64_t *moved)
{
    if (r->count == 0) /* there is nothing to keep meanwhile */
        return begin_anew(r);
    furrow_status status = create(r, r->new_name);
    if (status == FURROW_OK)
        status = move_rows(r, m, moved);
    if (status == FURROW_OK)
        status = is_written_twice(r) ? write_twice(r, m) : take_its_place(r);
    return status;
}

static furrow_status change(rebuild *r, const mover *m, uint64_t *moved)
{
    furrow_status status = replace(r, m, moved);
    if (status == FURROW_OK)
        status = restore_mark(r);
    for (size_t i = 0; i < r->index_count && status == FURROW_OK; i++)
        status = furrow__execute(r->connection, r->indexes[i], NULL, r->error);
    for (size_t i = 0; i < r->trigger_count && status == FURROW_OK; i++)
        status = furrow__execute(r->connection, r->triggers[i], NULL, r->error);
    if (status == FURROW_OK)
        status = restore_statistics(r);
    if (status == FURROW_OK)
        tell(r, *moved, true);
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
    mover m;
    uint64_t moved = 0;
    furrow__catalog_init(&r.catalog, &furrow__dialect_sqlite, &arena);
    furrow_status status = look(&r, &m);
    if (status == FURROW_OK)
        status = change(&r, &m, &moved);
    report->rows_moved += moved;
    furrow__arena_done(&arena);
    return status;
}
