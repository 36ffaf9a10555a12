/* SPDX-License-Identifier: MIT
 *
 * Drift that stops a revision, and drift that was taken as it is: where a database that furrow did
 * not make is adopted, what models cannot say of it would be drift for ever. The table furrow_drift
 * holds the lines that were accepted then; whatever else differs is drift still. A revision that
 * runs changes the tables that the lines are about, so that they are written anew behind it: what
 * differs then can only be what was accepted before.
 */
#include <string.h>

#include "base/text.h"
#include "migrate/apply/parts.h"

/* Lines, sorted by nobody. */
typedef struct line_list {
    const char **items;
    size_t count, capacity;
} line_list;

static furrow_status no_memory(furrow_error *error)
{
    return furrow__fail(error, FURROW_NOMEM, "out of memory");
}

static furrow_status has_table(furrow__migrator *m, bool *out, furrow_error *error)
{
    furrow_arena arena = {0};
    furrow_live_table table;
    furrow_status status = m->driver->describe_table(
        m->connection, &table, (furrow_table_name){NULL, "furrow_drift"}, &arena, error);
    *out = status == FURROW_OK && table.columns;
    furrow__arena_done(&arena);
    return status;
}

static furrow_status read_accepted(furrow__migrator *m, line_list *out, furrow_arena *arena,
                                   furrow_error *error)
{
    bool there;
    *out = (line_list){0};
    furrow_status status = has_table(m, &there, error);
    if (status != FURROW_OK || !there)
        return status;
    furrow__query q =
        furrow__query_begin(m->connection, "SELECT \"line\" FROM \"furrow_drift\"", arena, error);
    while (furrow__query_next(&q)) {
        const char **more =
            furrow__arena_room(arena, (void *)out->items, out->count, &out->capacity, sizeof *more);
        if (!more) {
            q.status = no_memory(error);
            break;
        }
        out->items = more;
        out->items[out->count++] = furrow__query_text(&q, 0);
    }
    return furrow__query_end(&q);
}

static const char *line_of(const furrow__drift *drift, furrow_arena *arena)
{
    furrow__buffer text = {0};
    furrow__drift_write(&text, drift);
    const char *whole = furrow__buffer_text(&text);
    const char *line = whole ? furrow__arena_text(arena, whole, text.size) : NULL;
    furrow__buffer_done(&text);
    return line;
}

/* Every difference as a line. */
static furrow_status find_lines(furrow__migrator *m, const furrow__catalog *expected,
                                line_list *out, furrow_arena *arena, furrow_error *error)
{
    furrow__drift_list found;
    *out = (line_list){0};
    furrow_status status = furrow__drift_find(&found,
                                              &(furrow__drift_request){.connection = m->connection,
                                                                       .dialect = m->dialect,
                                                                       .expected = expected},
                                              arena, error);
    if (status != FURROW_OK)
        return status;
    out->items =
        furrow__arena_aligned(arena, (found.count + 1) * sizeof *out->items, _Alignof(char *));
    for (size_t i = 0; out->items && i < found.count; i++) {
        const char *line = line_of(&found.items[i], arena);
        if (!line)
            return no_memory(error);
        out->items[out->count++] = line;
    }
    return out->items ? FURROW_OK : no_memory(error);
}

static bool has_line(const line_list *list, const char *line)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i] && strcmp(list->items[i], line) == 0)
            return true;
    return false;
}

/* ---- looking ---- */

furrow_status furrow__migrator_check_drift(furrow__migrator *m, const furrow__catalog *expected,
                                           furrow_error *error)
{
    enum { TOLD = 3 };
    furrow_arena arena = {0};
    line_list found, accepted = {0};
    furrow__buffer text = {0};
    size_t count = 0;
    furrow_status status = find_lines(m, expected, &found, &arena, error);
    if (status == FURROW_OK && found.count)
        status = read_accepted(m, &accepted, &arena, error);
    for (size_t i = 0; status == FURROW_OK && i < found.count; i++) {
        if (has_line(&accepted, found.items[i]) || ++count > TOLD)
            continue;
        furrow__buffer_add_text(&text, count > 1 ? "; " : "");
        furrow__buffer_add_text(&text, found.items[i]);
    }
    if (count > TOLD)
        furrow__buffer_format(&text, "; and %zu more", count - TOLD);
    if (status == FURROW_OK && text.failed)
        status = no_memory(error);
    if (status == FURROW_OK && count) {
        status = furrow__fail(error, FURROW_SCHEMA,
                              "the database is not what its revisions made of it: %s", text.text);
        furrow__hint(error, "change it back, or write a revision that makes the same change and "
                            "stamp it");
    }
    furrow__buffer_done(&text);
    furrow__arena_done(&arena);
    return status;
}

/* ---- accepting ---- */

static furrow_status write_line(furrow__migrator *m, const char *line, furrow_error *error)
{
    furrow__buffer sql = {0};
    furrow__buffer_add_text(&sql, "INSERT INTO \"furrow_drift\" (\"line\") VALUES (");
    furrow__sql_literal(&sql, line);
    furrow__buffer_add_text(&sql, ")");
    return furrow__execute_buffer(m->connection, &sql, error);
}

static furrow_status write_lines(furrow__migrator *m, const line_list *lines, furrow_error *error)
{
    furrow_status status =
        furrow__execute(m->connection, "DELETE FROM \"furrow_drift\"", NULL, error);
    for (size_t i = 0; i < lines->count && status == FURROW_OK; i++) {
        const line_list before = {lines->items, i, i};
        if (!has_line(&before, lines->items[i]))
            status = write_line(m, lines->items[i], error);
    }
    return status;
}

static furrow_status accept(furrow__migrator *m, const furrow__catalog *expected, size_t *count,
                            furrow_error *error)
{
    furrow_arena arena = {0};
    line_list lines;
    bool there;
    furrow_status status = find_lines(m, expected, &lines, &arena, error);
    *count = lines.count;
    if (status == FURROW_OK)
        status = has_table(m, &there, error);
    if (status == FURROW_OK && !there && lines.count)
        status =
            furrow__execute(m->connection,
                            furrow__migrator_is_sqlite(m)
                                ? "CREATE TABLE \"furrow_drift\" (\"line\" TEXT NOT NULL) STRICT"
                                : "CREATE TABLE \"furrow_drift\" (\"line\" TEXT NOT NULL)",
                            NULL, error);
    if (status == FURROW_OK && (there || lines.count))
        status = write_lines(m, &lines, error);
    furrow__arena_done(&arena);
    return status;
}

typedef struct acceptance {
    const furrow__catalog *expected;
    size_t *count;
} acceptance;

static furrow_status accept_all(furrow__migrator *m, void *context, furrow_error *error)
{
    const acceptance *a = context;
    return accept(m, a->expected, a->count, error);
}

furrow_status furrow__migrator_accept(furrow__migrator *m, const furrow__catalog *expected,
                                      size_t *count, furrow_error *error)
{
    *count = 0;
    return furrow__migrator_transact(m, accept_all, &(acceptance){expected, count}, error);
}

furrow_status furrow__drift_renew_accepted(furrow__migrator *m, const furrow__catalog *expected,
                                           furrow_error *error)
{
    furrow_arena arena = {0};
    line_list accepted;
    size_t count;
    furrow_status status = read_accepted(m, &accepted, &arena, error);
    if (status == FURROW_OK && accepted.count)
        status = accept(m, expected, &count, error);
    furrow__arena_done(&arena);
    return status;
}
