/* SPDX-License-Identifier: MIT
 *
 * Reports drift before a revision runs, and stores the drift that a person has accepted. A database
 * that furrow did not create can contain parts that models cannot express. Each comparison would
 * report these parts as drift. When such a database is stamped, its differences can be accepted:
 * the table furrow_drift then holds one row for each difference, as text. A revision can rename or
 * change the tables of these differences, so the rows are written again after each revision.
 */
#include <string.h>

#include "base/text.h"
#include "migrate/apply/parts.h"
#include "migrate/catalog/ddl.h"

/* A list of differences in any order. Each difference is written as a string. */
typedef struct text_list {
    const char **items;
    size_t count, capacity;
} text_list;

static furrow_status no_memory(furrow_error *error)
{
    return furrow__fail(error, FURROW_NOMEM, "out of memory");
}

static furrow_status has_table(furrow__migrator *m, bool *out, furrow_error *error)
{
    return furrow__migrator_has_table(m, out, "furrow_drift", error);
}

static furrow_status read_accepted(furrow__migrator *m, text_list *out, furrow_arena *arena,
                                   furrow_error *error)
{
    bool exists;
    *out = (text_list){0};
    furrow_status status = has_table(m, &exists, error);
    if (status != FURROW_OK || !exists)
        return status;
    furrow__query q =
        furrow__query_begin(m->connection, "SELECT \"line\" FROM \"furrow_drift\"", arena, error);
    while (furrow__query_next(&q)) {
        const char **items = furrow__arena_room(arena, (void *)out->items, out->count,
                                                &out->capacity, sizeof *items);
        if (!items) {
            q.status = no_memory(error);
            break;
        }
        out->items = items;
        out->items[out->count++] = furrow__query_text(&q, 0);
    }
    return furrow__query_end(&q);
}

static bool has_text(const text_list *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i] && strcmp(list->items[i], text) == 0)
            return true;
    return false;
}

static const char *text_of(const furrow__drift *drift, furrow_arena *arena)
{
    furrow__buffer text = {0};
    furrow__drift_write(&text, drift);
    return furrow__buffer_take(&text, arena);
}

/* Sets *out to whether the difference was accepted. */
static furrow_status was_accepted(bool *out, const text_list *accepted, const furrow__drift *drift,
                                  furrow_arena *arena, furrow_error *error)
{
    furrow__buffer older = {0};
    furrow__drift_write_without_quotes(&older, drift);
    const char *text = text_of(drift, arena), *old = furrow__buffer_take(&older, arena);
    *out = text && old && (has_text(accepted, text) || has_text(accepted, old));
    return text && old ? FURROW_OK : no_memory(error);
}

static furrow_status find_drift(furrow__migrator *m, const furrow__catalog *expected,
                                furrow__drift_list *out, furrow_arena *arena, furrow_error *error)
{
    const furrow__drift_request request = {
        .connection = m->connection, .dialect = m->dialect, .expected = expected};
    return furrow__drift_find(out, &request, arena, error);
}

enum { SUMMARY_MAX = 3 };

void furrow__drift_summary_add(furrow__drift_summary *summary, const furrow__drift *drift)
{
    if (++summary->count > SUMMARY_MAX)
        return;
    if (summary->count == 1)
        summary->table = drift->table;
    else
        furrow__buffer_add_text(&summary->text, "; ");
    furrow__drift_write(&summary->text, drift);
}

const char *furrow__drift_summary_end(furrow__drift_summary *summary)
{
    if (summary->count > SUMMARY_MAX)
        furrow__buffer_format(&summary->text, "; and %zu more", summary->count - SUMMARY_MAX);
    return furrow__buffer_text(&summary->text);
}

static furrow_status fail(furrow__drift_summary *summary, furrow_error *error)
{
    const char *text = furrow__drift_summary_end(summary);
    if (!text)
        return no_memory(error);
    furrow__fail(error, FURROW_SCHEMA, "the database differs from the schema of its revisions: %s",
                 text);
    return furrow__hint(
        error, "undo the change; or write a revision that makes the same change, and stamp "
               "the database with it; or accept the difference with furrow stamp ID "
               "--as-is, where ID is the current revision; or use --ignore-drift");
}

furrow_status furrow__migrator_check_drift(furrow__migrator *m, const furrow__catalog *expected,
                                           furrow_error *error)
{
    furrow_arena arena = {0};
    furrow__drift_list found = {0};
    text_list accepted = {0};
    furrow__drift_summary summary = {0};
    furrow_status status = find_drift(m, expected, &found, &arena, error);
    if (status == FURROW_OK && found.count)
        status = read_accepted(m, &accepted, &arena, error);
    for (size_t i = 0; status == FURROW_OK && i < found.count; i++) {
        bool is_accepted;
        status = was_accepted(&is_accepted, &accepted, &found.items[i], &arena, error);
        if (status == FURROW_OK && !is_accepted)
            furrow__drift_summary_add(&summary, &found.items[i]);
    }
    if (status == FURROW_OK && summary.count)
        status = fail(&summary, error);
    furrow__buffer_done(&summary.text);
    furrow__arena_done(&arena);
    return status;
}

static furrow_status create_table(furrow__migrator *m, furrow_error *error)
{
    furrow__buffer sql = {0};
    furrow__buffer_format(&sql, "CREATE TABLE \"furrow_drift\" (\"line\" TEXT NOT NULL)%s",
                          m->dialect->ddl->tables_are_strict ? " STRICT" : "");
    return furrow__execute_buffer(m->connection, &sql, error);
}

static furrow_status write_row(furrow__migrator *m, const char *text, furrow_error *error)
{
    furrow__buffer sql = {0};
    furrow__buffer_add_text(&sql, "INSERT INTO \"furrow_drift\" (\"line\") VALUES (");
    furrow__sql_literal(&sql, text);
    furrow__buffer_add_text(&sql, ")");
    return furrow__execute_buffer(m->connection, &sql, error);
}

/* Replaces the rows of furrow_drift. Equal strings are stored only once. */
static furrow_status write_rows(furrow__migrator *m, const furrow__drift_list *drift,
                                furrow_arena *arena, furrow_error *error)
{
    text_list written = {0};
    furrow_status status =
        furrow__execute(m->connection, "DELETE FROM \"furrow_drift\"", NULL, error);
    written.items =
        furrow__arena_aligned(arena, (drift->count + 1) * sizeof *written.items, _Alignof(char *));
    if (!written.items)
        return no_memory(error);
    for (size_t i = 0; i < drift->count && status == FURROW_OK; i++) {
        const char *text = text_of(&drift->items[i], arena);
        if (!text)
            return no_memory(error);
        if (has_text(&written, text))
            continue;
        written.items[written.count++] = text;
        status = write_row(m, text, error);
    }
    return status;
}

furrow_status furrow__drift_accept(furrow__migrator *m, const furrow__catalog *expected,
                                   size_t *count, furrow_error *error)
{
    furrow_arena arena = {0};
    furrow__drift_list drift;
    bool exists = false;
    furrow_status status = find_drift(m, expected, &drift, &arena, error);
    *count = drift.count;
    if (status == FURROW_OK)
        status = has_table(m, &exists, error);
    if (status == FURROW_OK && !exists && drift.count)
        status = create_table(m, error);
    if (status == FURROW_OK && (exists || drift.count))
        status = write_rows(m, &drift, &arena, error);
    furrow__arena_done(&arena);
    return status;
}

furrow_status furrow__drift_renew_accepted(furrow__migrator *m, const furrow__catalog *expected,
                                           furrow_error *error)
{
    furrow_arena arena = {0};
    text_list accepted;
    size_t count;
    furrow_status status = read_accepted(m, &accepted, &arena, error);
    if (status == FURROW_OK && accepted.count)
        status = furrow__drift_accept(m, expected, &count, error);
    furrow__arena_done(&arena);
    return status;
}
