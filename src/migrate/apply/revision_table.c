/* SPDX-License-Identifier: MIT
 * The table furrow_revision: which revisions are applied. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "migrate/apply/parts.h"
#include "migrate/revision/change_parts.h"

static furrow_status no_memory(furrow_error *error)
{
    return furrow__fail(error, FURROW_NOMEM, "out of memory");
}

/* PostgreSQL: tables are looked for in the first schema of the search path; furrow_revision could
 * be found behind it, which would be another state than that of the tables. */
static furrow_status check_path(furrow__migrator *m, furrow_error *error)
{
    furrow_arena arena = {0};
    furrow__query q = furrow__query_begin(
        m->connection,
        "SELECT current_schema()::text, (SELECT n.nspname::text FROM pg_catalog.pg_class c JOIN"
        " pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid ="
        " pg_catalog.to_regclass('furrow_revision') AND n.nspname <> current_schema()),"
        " pg_catalog.current_setting('search_path')",
        &arena, error);
    const char *schema = NULL, *elsewhere = NULL, *path = "";
    if (furrow__query_next(&q)) {
        schema = furrow__query_text(&q, 0);
        elsewhere = furrow__query_text(&q, 1);
        path = furrow__query_text(&q, 2);
    }
    furrow_status status = furrow__query_end(&q);
    if (status == FURROW_OK && !schema) {
        status = furrow__fail(error, FURROW_SCHEMA, "no schema of the search path %s is there",
                              path && *path ? path : "\"\"");
        furrow__hint(error, "make the schema first, or set search_path for this user or database");
    } else if (status == FURROW_OK && elsewhere) {
        status = furrow__fail(error, FURROW_SCHEMA,
                              "furrow_revision is in schema \"%s\", and tables are looked for in "
                              "\"%s\", the first of the search path %s",
                              elsewhere, schema, path);
        furrow__hint(error,
                     "let \"%s\" come first in search_path, as by ALTER DATABASE or ALTER ROLE",
                     elsewhere);
    }
    furrow__arena_done(&arena);
    return status;
}

static furrow_status has_table(furrow__migrator *m, bool *out, furrow_error *error)
{
    *out = false;
    if (!furrow__migrator_is_sqlite(m) && check_path(m, error) != FURROW_OK)
        return error->status;
    furrow_arena arena = {0};
    furrow_live_table table;
    furrow_status status = m->driver->describe_table(
        m->connection, &table, (furrow_table_name){NULL, "furrow_revision"}, &arena, error);
    *out = status == FURROW_OK && table.columns;
    furrow__arena_done(&arena);
    return status;
}

static void add_create(furrow__buffer *out, const furrow__dialect *dialect, const char *condition)
{
    furrow__buffer_format(out,
                          "CREATE TABLE %s\"furrow_revision\" (\n"
                          "    \"id\" TEXT NOT NULL PRIMARY KEY,\n"
                          "    \"hash\" TEXT NOT NULL,\n"
                          "    \"schema\" TEXT NOT NULL,\n"
                          "    \"applied_at\" TEXT NOT NULL,\n"
                          "    \"steps_done\" INTEGER\n)%s",
                          condition, dialect == &furrow__dialect_sqlite ? " STRICT" : "");
}

furrow_status furrow__revision_table_create(furrow__migrator *m, furrow_error *error)
{
    bool there;
    furrow_status status = has_table(m, &there, error);
    if (status != FURROW_OK || there)
        return status;
    furrow__buffer sql = {0};
    add_create(&sql, m->dialect, "");
    return furrow__execute_buffer(m->connection, &sql, error);
}

furrow_status furrow__revision_rows_read(furrow__migrator *m, furrow__revision_row **out,
                                         size_t *count, furrow_arena *arena, furrow_error *error)
{
    size_t capacity = 0;
    bool there;
    *out = NULL;
    *count = 0;
    furrow_status status = has_table(m, &there, error);
    if (status != FURROW_OK || !there)
        return status;
    furrow__query q = furrow__query_begin(
        m->connection,
        "SELECT \"id\", \"hash\", \"steps_done\" IS NULL, COALESCE(\"steps_done\", 0)"
        " FROM \"furrow_revision\" ORDER BY 1",
        arena, error);
    while (furrow__query_next(&q)) {
        furrow__revision_row *more =
            furrow__arena_room(arena, *out, *count, &capacity, sizeof *more);
        if (!more) {
            q.status = no_memory(error);
            break;
        }
        *out = more;
        (*out)[(*count)++] =
            (furrow__revision_row){furrow__query_text(&q, 0), furrow__query_text(&q, 1),
                                   furrow__query_bool(&q, 2), furrow__query_int64(&q, 3)};
    }
    return furrow__query_end(&q);
}

furrow__revision_row *furrow__revision_rows_find(furrow__revision_row *rows, size_t count,
                                                 const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].id, id) == 0)
            return &rows[i];
    return NULL;
}

furrow_status furrow__revision_row_check(const furrow__revision_row *row,
                                         const furrow__revision *revision, furrow_error *error)
{
    if (strcmp(row->hash, revision->hash) == 0)
        return FURROW_OK;
    furrow__fail(error, FURROW_SCHEMA,
                 "revision %s (%s) was changed after it was applied to this database", revision->id,
                 revision->file);
    return furrow__hint(error, "undo the edit and write a new revision; where the edit changed "
                               "nothing that runs, stamp the database with it again");
}

/* ---- writing ---- */

static bool write_now(char out[FURROW_TIME_SIZE])
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    furrow_time time = {(int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000};
    return furrow_time_format(time, out, FURROW_TIME_SIZE) > 0;
}

static void add_literal(furrow__buffer *out, const char *text, const char *behind)
{
    furrow__sql_literal(out, text);
    furrow__buffer_add_text(out, behind);
}

static void add_delete(furrow__buffer *out, const char *id)
{
    furrow__buffer_add_text(out, "DELETE FROM \"furrow_revision\" WHERE \"id\" = ");
    add_literal(out, id, "");
}

/* `now`: SQL for the moment. */
static void add_insert(furrow__buffer *out, const furrow__revision *revision,
                       const char *fingerprint, const char *now, const int64_t *steps_done)
{
    furrow__buffer_add_text(out, "INSERT INTO \"furrow_revision\" (\"id\", \"hash\", \"schema\","
                                 " \"applied_at\", \"steps_done\") VALUES (");
    add_literal(out, revision->id, ", ");
    add_literal(out, revision->hash, ", ");
    add_literal(out, fingerprint, ", ");
    furrow__buffer_add_text(out, now);
    if (steps_done)
        furrow__buffer_format(out, ", %lld)", (long long)*steps_done);
    else
        furrow__buffer_add_text(out, ", NULL)");
}

furrow_status furrow__revision_row_delete(furrow__migrator *m, const char *id, furrow_error *error)
{
    furrow__buffer sql = {0};
    add_delete(&sql, id);
    return furrow__execute_buffer(m->connection, &sql, error);
}

furrow_status furrow__revision_row_write(furrow__migrator *m, const furrow__revision *revision,
                                         const char *fingerprint, const int64_t *steps_done,
                                         furrow_error *error)
{
    furrow__buffer sql = {0};
    char now[FURROW_TIME_SIZE] = "", literal[FURROW_TIME_SIZE + 2];
    write_now(now);
    snprintf(literal, sizeof literal, "'%s'", now);
    furrow_status status = furrow__revision_row_delete(m, revision->id, error);
    if (status != FURROW_OK)
        return status;
    add_insert(&sql, revision, fingerprint, literal, steps_done);
    return furrow__execute_buffer(m->connection, &sql, error);
}

furrow_status furrow__migrator_write_script(furrow__buffer *out, const furrow__dialect *dialect,
                                            const furrow__revision_step *step,
                                            const furrow__plan *plan, bool creates,
                                            furrow_error *error)
{
    bool sqlite = dialect == &furrow__dialect_sqlite;
    bool apart = step->revision->no_transaction && !sqlite;
    char fingerprint[FURROW__FINGERPRINT_SIZE];
    furrow_status status = furrow__catalog_fingerprint(fingerprint, step->after, error);
    furrow__buffer_add_text(out, apart ? "" : sqlite ? "BEGIN IMMEDIATE;\n" : "BEGIN;\n");
    if (creates) {
        add_create(out, dialect, "IF NOT EXISTS ");
        furrow__buffer_add_text(out, ";\n");
    }
    furrow__plan_write(out, plan);
    if (step->down)
        add_delete(out, step->revision->id);
    else
        add_insert(out, step->revision, fingerprint,
                   sqlite
                       ? "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')"
                       : "to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
                   NULL);
    furrow__buffer_add_text(out, apart ? ";\n" : ";\nCOMMIT;\n");
    if (status == FURROW_OK && out->failed)
        status = furrow__fail(error, FURROW_NOMEM, "out of memory");
    return status;
}

/* ---- squashed revisions ---- */

static size_t count_squashed(const furrow__revision *squash, const furrow__revision_row *rows,
                             size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += furrow__names_have(squash->squashes, squash->squash_count, rows[i].id);
    return found;
}

static furrow_status only_some(const furrow__revision *squash, size_t found, furrow_error *error)
{
    furrow__fail(error, FURROW_SCHEMA,
                 "this database has %zu of the %zu revisions that %s squashes, and not %s", found,
                 squash->squash_count, squash->id, squash->squashes[0]);
    return furrow__hint(error, "upgrade it to %s with the files from before the squash, first",
                        squash->squashes[0]);
}

static furrow_status settle_one(furrow__migrator *m, const furrow__revision *squash,
                                furrow__revision_row *rows, size_t *count, bool writes,
                                furrow_error *error)
{
    size_t found = count_squashed(squash, rows, *count), kept = 0;
    furrow_status status = FURROW_OK;
    if (!found)
        return FURROW_OK;
    if (!furrow__revision_rows_find(rows, *count, squash->id)) {
        furrow__revision_row *last = furrow__revision_rows_find(rows, *count, squash->squashes[0]);
        if (!last || !last->is_whole)
            return only_some(squash, found, error);
        if (writes)
            status = furrow__revision_row_delete(m, last->id, error);
        if (writes && status == FURROW_OK)
            status = furrow__revision_row_write(m, squash, squash->after, NULL, error);
        *last = (furrow__revision_row){squash->id, squash->hash, true, 0};
    }
    for (size_t i = 0; i < *count && status == FURROW_OK; i++) {
        if (!furrow__names_have(squash->squashes, squash->squash_count, rows[i].id))
            rows[kept++] = rows[i];
        else if (writes)
            status = furrow__revision_row_delete(m, rows[i].id, error);
    }
    *count = kept;
    return status;
}

furrow_status furrow__revision_rows_settle(furrow__migrator *m, const furrow__history *history,
                                           furrow__revision_row *rows, size_t *count, bool writes,
                                           furrow_error *error)
{
    furrow_status status = FURROW_OK;
    for (size_t i = 0; history && i < history->count && status == FURROW_OK; i++)
        if (history->items[i]->squash_count)
            status = settle_one(m, history->items[i], rows, count, writes, error);
    return status;
}

/* ---- asking ---- */

static furrow_status unknown_revision(const char *id, furrow_error *error)
{
    furrow__fail(error, FURROW_SCHEMA,
                 "revision %s is applied to this database, and is not in the history", id);
    return furrow__hint(error, "get the file that is missing, or stamp the database");
}

furrow_status furrow__migrator_applied(furrow__migrator *m, const furrow__history *history,
                                       bool *applied, const furrow__revision **half,
                                       furrow_error *error)
{
    furrow_arena arena = {0};
    furrow__revision_row *rows;
    size_t count, found = 0;
    *half = NULL;
    for (size_t i = 0; i < history->count; i++)
        applied[i] = false;
    furrow_status status = furrow__migrator_renew(m, error);
    if (status == FURROW_OK)
        status = furrow__revision_rows_read(m, &rows, &count, &arena, error);
    else
        count = 0;
    if (status == FURROW_OK)
        status = furrow__revision_rows_settle(m, history, rows, &count, false, error);
    for (size_t i = 0; i < history->count && status == FURROW_OK; i++) {
        const furrow__revision *revision = history->items[i];
        const furrow__revision_row *row = furrow__revision_rows_find(rows, count, revision->id);
        if (!row)
            continue;
        found++;
        status = furrow__revision_row_check(row, revision, error);
        applied[i] = row->is_whole || row->steps_done < 0;
        if (!row->is_whole)
            *half = revision;
    }
    for (size_t i = 0; i < count && status == FURROW_OK && found < count; i++) {
        bool known = false;
        for (size_t k = 0; k < history->count; k++)
            known |= strcmp(history->items[k]->id, rows[i].id) == 0;
        if (!known)
            status = unknown_revision(rows[i].id, error);
    }
    furrow__arena_done(&arena);
    return status;
}

typedef struct stamps {
    const furrow__history *history;
    const bool *applied;
} stamps;

static furrow_status write_stamps(furrow__migrator *m, void *context, furrow_error *error)
{
    const stamps *s = context;
    furrow_status status = furrow__revision_table_create(m, error);
    if (status == FURROW_OK)
        status = furrow__execute(m->connection, "DELETE FROM \"furrow_revision\"", NULL, error);
    for (size_t i = 0; i < s->history->count && status == FURROW_OK; i++) {
        const furrow__revision *revision = s->history->items[i];
        if (s->applied[i])
            status = furrow__revision_row_write(m, revision, revision->after, NULL, error);
    }
    return status;
}

furrow_status furrow__migrator_transact(furrow__migrator *m, furrow__migrator_work *work,
                                        void *context, furrow_error *error)
{
    furrow_error ignored;
    furrow_status status = furrow__migrator_renew(m, error);
    if (status == FURROW_OK)
        status = m->driver->begin(m->connection, FURROW_ISOLATION_DEFAULT, false, error);
    if (status != FURROW_OK)
        return status;
    status = m->driver->lock_schema(m->connection, error);
    if (status == FURROW_OK)
        status = work(m, context, error);
    if (status == FURROW_OK)
        return m->driver->commit(m->connection, error);
    if (m->connection->in_transaction)
        m->driver->rollback(m->connection, &ignored);
    return status;
}

furrow_status furrow__migrator_stamp(furrow__migrator *m, const furrow__history *history,
                                     const bool *applied, furrow_error *error)
{
    return furrow__migrator_transact(m, write_stamps, &(stamps){history, applied}, error);
}
