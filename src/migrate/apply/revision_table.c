/* SPDX-License-Identifier: MIT
 * Reads and writes the table furrow_revision, which lists the revisions that are applied. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "migrate/apply/parts.h"
#include "migrate/catalog/ddl.h"

/* The suffix of the value of applied_at in the row of a stamped revision. */
#define STAMPED " stamped"

static furrow_status has_table(furrow__migrator *m, bool *out, furrow_error *error)
{
    *out = false;
    furrow_status status =
        m->engine->check_location ? m->engine->check_location(m->connection, error) : FURROW_OK;
    return status == FURROW_OK ? furrow__migrator_has_table(m, out, "furrow_revision", error)
                               : status;
}

void furrow__revision_table_write_create(furrow__buffer *out, const furrow__dialect *dialect,
                                         const char *if_not_exists)
{
    furrow__buffer_format(out,
                          "CREATE TABLE %s\"furrow_revision\" (\n"
                          "    \"id\" TEXT NOT NULL PRIMARY KEY,\n"
                          "    \"hash\" TEXT NOT NULL,\n"
                          "    \"schema\" TEXT NOT NULL,\n"
                          "    \"applied_at\" TEXT NOT NULL,\n"
                          "    \"steps_done\" INTEGER\n)%s",
                          if_not_exists, dialect->ddl->tables_are_strict ? " STRICT" : "");
}

furrow_status furrow__revision_table_create(furrow__migrator *m, furrow_error *error)
{
    bool exists;
    furrow__buffer sql = {0};
    furrow_status status = has_table(m, &exists, error);
    if (status != FURROW_OK || exists)
        return status;
    furrow__revision_table_write_create(&sql, m->dialect, "");
    return furrow__execute_buffer(m->connection, &sql, error);
}

furrow_status furrow__revision_rows_read(furrow__migrator *m, furrow__revision_rows *out,
                                         furrow_arena *arena, furrow_error *error)
{
    bool exists;
    *out = (furrow__revision_rows){0};
    furrow_status status = has_table(m, &exists, error);
    if (status != FURROW_OK || !exists)
        return status;
    furrow__query q = furrow__query_begin(m->connection,
                                          "SELECT \"id\", \"hash\", \"steps_done\" IS NULL, "
                                          "COALESCE(\"steps_done\", 0), \"applied_at\""
                                          " FROM \"furrow_revision\" ORDER BY 1",
                                          arena, error);
    while (furrow__query_next(&q)) {
        furrow__revision_row *items =
            furrow__arena_room(arena, out->items, out->count, &out->capacity, sizeof *items);
        if (!items) {
            q.status = furrow__fail(error, FURROW_NOMEM, "out of memory");
            break;
        }
        const char *time = furrow__query_text(&q, 4);
        out->items = items;
        out->items[out->count++] = (furrow__revision_row){
            furrow__query_text(&q, 0), furrow__query_text(&q, 1), furrow__query_bool(&q, 2),
            furrow__query_int64(&q, 3), time && furrow__ends_with(time, STAMPED)};
    }
    return furrow__query_end(&q);
}

furrow__revision_row *furrow__revision_rows_find(const furrow__revision_rows *rows, const char *id)
{
    for (size_t i = 0; i < rows->count; i++)
        if (strcmp(rows->items[i].id, id) == 0)
            return &rows->items[i];
    return NULL;
}

static bool counts_as_applied(const furrow__revision_row *row)
{
    return row->is_complete || row->steps_done < 0;
}

uint64_t furrow__revision_digest(const char *id)
{
    return furrow__hash(id, strlen(id));
}

uint64_t furrow__revision_rows_digest(const furrow__revision_rows *rows)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < rows->count; i++)
        if (counts_as_applied(&rows->items[i]))
            sum += furrow__revision_digest(rows->items[i].id);
    return sum;
}

furrow_status furrow__revision_row_check(const furrow__revision_row *row,
                                         const furrow__revision *revision, furrow_error *error)
{
    if (strcmp(row->hash, revision->hash) == 0)
        return FURROW_OK;
    furrow__fail(error, FURROW_SCHEMA,
                 "revision %s (%s) was changed after it was applied to this database", revision->id,
                 revision->file);
    return furrow__hint(error, "undo the edit and write a new revision; if the edit changed "
                               "no statement, stamp the database with it again");
}

static void write_current_time(char out[FURROW_TIME_SIZE])
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    furrow_time time = {(int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000};
    if (!furrow_time_format(time, out, FURROW_TIME_SIZE))
        out[0] = '\0';
}

static void add_literal(furrow__buffer *out, const char *text, const char *after)
{
    furrow__sql_literal(out, text);
    furrow__buffer_add_text(out, after);
}

void furrow__revision_row_write_delete(furrow__buffer *out, const char *id)
{
    furrow__buffer_add_text(out, "DELETE FROM \"furrow_revision\" WHERE \"id\" = ");
    add_literal(out, id, "");
}

void furrow__revision_row_write_insert(furrow__buffer *out, const furrow__revision *revision,
                                       const char *fingerprint, const char *time,
                                       const int64_t *steps_done)
{
    furrow__buffer_add_text(out, "INSERT INTO \"furrow_revision\" (\"id\", \"hash\", \"schema\","
                                 " \"applied_at\", \"steps_done\") VALUES (");
    add_literal(out, revision->id, ", ");
    add_literal(out, revision->hash, ", ");
    add_literal(out, fingerprint, ", ");
    furrow__buffer_add_text(out, time);
    if (steps_done)
        furrow__buffer_format(out, ", %lld)", (long long)*steps_done);
    else
        furrow__buffer_add_text(out, ", NULL)");
}

furrow_status furrow__revision_row_delete(furrow__migrator *m, const char *id, furrow_error *error)
{
    furrow__buffer sql = {0};
    furrow__revision_row_write_delete(&sql, id);
    return furrow__execute_buffer(m->connection, &sql, error);
}

/* The contents of a row. */
typedef struct new_row {
    const furrow__revision *revision;
    const char *fingerprint;
    const int64_t *steps_done;
    bool is_stamped;
} new_row;

static furrow_status write_row(furrow__migrator *m, const new_row *row, furrow_error *error)
{
    furrow__buffer sql = {0};
    char now[FURROW_TIME_SIZE], literal[FURROW_TIME_SIZE + 2 + sizeof STAMPED];
    const furrow__revision *revision = row->revision;
    write_current_time(now);
    snprintf(literal, sizeof literal, "'%s%s'", now, row->is_stamped ? STAMPED : "");
    furrow_status status = furrow__revision_row_delete(m, revision->id, error);
    if (status != FURROW_OK)
        return status;
    furrow__revision_row_write_insert(&sql, revision, row->fingerprint, literal, row->steps_done);
    return furrow__execute_buffer(m->connection, &sql, error);
}

furrow_status furrow__revision_row_write(furrow__migrator *m, const furrow__revision *revision,
                                         const char *fingerprint, const int64_t *steps_done,
                                         furrow_error *error)
{
    return write_row(m, &(new_row){revision, fingerprint, steps_done, false}, error);
}

furrow_status furrow__revision_row_write_complete(furrow__migrator *m,
                                                  const furrow__revision *revision, bool is_stamped,
                                                  furrow_error *error)
{
    return write_row(m, &(new_row){revision, revision->after, NULL, is_stamped}, error);
}

static furrow_status fail_unknown(const char *id, furrow_error *error)
{
    furrow__fail(error, FURROW_SCHEMA,
                 "revision %s is applied to this database but is not in the history", id);
    return furrow__hint(error, "restore the file of this revision, or stamp the database with "
                               "another revision");
}

static furrow_status mark_applied(const furrow__history *history, const furrow__revision_rows *rows,
                                  bool *applied, const furrow__revision **incomplete,
                                  furrow_error *error)
{
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < history->count && status == FURROW_OK; i++) {
        const furrow__revision *revision = history->items[i];
        const furrow__revision_row *row = furrow__revision_rows_find(rows, revision->id);
        if (!row)
            continue;
        status = furrow__revision_row_check(row, revision, error);
        applied[i] = counts_as_applied(row);
        if (!row->is_complete)
            *incomplete = revision;
    }
    return status;
}

/* Fails if a row belongs to a revision that is not in the history. The search is skipped if there
 * are as many rows as revisions with a row, because each row then belongs to one of these
 * revisions. */
static furrow_status check_known(const furrow__history *history, const furrow__revision_rows *rows,
                                 const bool *applied, const furrow__revision *incomplete,
                                 furrow_error *error)
{
    size_t known = incomplete && !applied[furrow__history_place(history, incomplete->id)];
    for (size_t i = 0; i < history->count; i++)
        known += applied[i];
    for (size_t i = 0; i < rows->count && known != rows->count; i++)
        if (furrow__history_place(history, rows->items[i].id) == SIZE_MAX)
            return fail_unknown(rows->items[i].id, error);
    return FURROW_OK;
}

furrow_status furrow__migrator_applied(furrow__migrator *m, const furrow__history *history,
                                       bool *applied, const furrow__revision **incomplete,
                                       furrow_error *error)
{
    furrow_arena arena = {0};
    furrow__revision_rows rows = {0};
    *incomplete = NULL;
    m->knows_applied = false;
    for (size_t i = 0; i < history->count; i++)
        applied[i] = false;
    furrow_status status = furrow__migrator_renew(m, error);
    if (status == FURROW_OK)
        status = furrow__revision_rows_read(m, &rows, &arena, error);
    if (status == FURROW_OK)
        status = furrow__squashed_rows_replace(m, &rows, history, false, error);
    if (status == FURROW_OK)
        status = mark_applied(history, &rows, applied, incomplete, error);
    if (status == FURROW_OK)
        status = check_known(history, &rows, applied, *incomplete, error);
    m->knows_applied = status == FURROW_OK;
    m->applied_digest = furrow__revision_rows_digest(&rows);
    furrow__arena_done(&arena);
    return status;
}

static furrow_status fail_stamped(const furrow__revision *revision, furrow_error *error)
{
    furrow__fail(error, FURROW_INVALID,
                 "revision %s (%s) was stamped, not run: its downgrade would drop tables that it "
                 "did not create",
                 revision->id, revision->file);
    return furrow__hint(error, "to remove the record of the revision and keep the tables, run "
                               "furrow stamp base");
}

furrow_status furrow__revision_row_check_undo(const furrow__revision_row *row,
                                              const furrow__revision *revision, furrow_error *error)
{
    return !revision->parent_count && row->is_stamped ? fail_stamped(revision, error) : FURROW_OK;
}

furrow_status furrow__revision_rows_check_undo(furrow__migrator *m, const furrow__history *history,
                                               const furrow__revision_steps *steps,
                                               furrow_error *error)
{
    furrow_arena arena = {0};
    furrow__revision_rows rows = {0};
    furrow_status status = furrow__revision_rows_read(m, &rows, &arena, error);
    if (status == FURROW_OK)
        status = furrow__squashed_rows_replace(m, &rows, history, false, error);
    for (size_t i = 0; i < steps->count && status == FURROW_OK; i++) {
        const furrow__revision *revision = steps->items[i].revision;
        const furrow__revision_row *row = furrow__revision_rows_find(&rows, revision->id);
        if (row)
            status = furrow__revision_row_check_undo(row, revision, error);
    }
    furrow__arena_done(&arena);
    return status;
}

/* A revision that was run still counts as run after it is stamped. */
static bool was_run(const furrow__revision_rows *rows, const furrow__revision *revision)
{
    const furrow__revision_row *row = furrow__revision_rows_find(rows, revision->id);
    return row && row->is_complete && !row->is_stamped;
}

static furrow_status write_stamps(furrow__migrator *m, const furrow__stamp *stamp,
                                  furrow_error *error)
{
    furrow_arena arena = {0};
    furrow_error ignored = {0};
    furrow__revision_rows rows = {0};
    furrow_status status = furrow__revision_table_create(m, error);
    if (status == FURROW_OK)
        status = furrow__revision_rows_read(m, &rows, &arena, error);
    if (status == FURROW_OK &&
        furrow__squashed_rows_replace(m, &rows, stamp->history, false, &ignored) != FURROW_OK)
        rows.count = 0;
    if (status == FURROW_OK)
        status = furrow__execute(m->connection, "DELETE FROM \"furrow_revision\"", NULL, error);
    for (size_t i = 0; i < stamp->history->count && status == FURROW_OK; i++) {
        const furrow__revision *revision = stamp->history->items[i];
        if (stamp->applied[i])
            status =
                furrow__revision_row_write_complete(m, revision, !was_run(&rows, revision), error);
    }
    furrow__arena_done(&arena);
    return status;
}

furrow_status furrow__migrator_stamp(furrow__migrator *m, const furrow__stamp *stamp,
                                     size_t *accepted, furrow_error *error)
{
    furrow_error ignored;
    *accepted = 0;
    m->knows_applied = false;
    furrow_status status = furrow__migrator_renew(m, error);
    if (status == FURROW_OK)
        status = furrow__migrator_begin(m, error);
    if (status != FURROW_OK)
        return status;
    status = m->driver->lock_schema(m->connection, error);
    if (status == FURROW_OK)
        status = write_stamps(m, stamp, error);
    if (status == FURROW_OK && stamp->accepted)
        status = furrow__drift_accept(m, stamp->accepted, accepted, error);
    if (status == FURROW_OK)
        return m->driver->commit(m->connection, error);
    if (m->connection->in_transaction)
        m->driver->rollback(m->connection, &ignored);
    return status;
}
