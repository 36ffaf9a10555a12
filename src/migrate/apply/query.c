/* SPDX-License-Identifier: MIT
 * Runs statements through a driver's vtable. See query.h. */
#include "migrate/apply/query.h"

#include <stdio.h>
#include <string.h>

#include "base/real.h"
#include "base/text.h"

static furrow_status keep_sql(furrow_status status, const char *sql, furrow_error *error)
{
    if (status != FURROW_OK)
        furrow__copy_text(error->sql, sizeof error->sql, sql);
    return status;
}

furrow_status furrow__execute(furrow_connection *connection, const char *sql, uint64_t *changed,
                              furrow_error *error)
{
    const furrow_driver *driver = connection->driver;
    furrow_statement *statement = NULL;
    bool row = true;
    if (changed)
        *changed = 0;
    furrow_status status = driver->prepare(
        connection, &statement, &(furrow_statement_text){.text = sql, .size = strlen(sql)}, error);
    if (status == FURROW_OK)
        status = driver->execute(statement, error);
    while (status == FURROW_OK && row)
        status = driver->step(statement, &row, error);
    if (status == FURROW_OK && changed)
        *changed = statement->changed;
    driver->finalize(statement);
    return keep_sql(status, sql, error);
}

furrow_status furrow__execute_buffer(furrow_connection *connection, furrow__buffer *sql,
                                     furrow_error *error)
{
    const char *text = furrow__buffer_text(sql);
    furrow_status status = text ? furrow__execute(connection, text, NULL, error)
                                : furrow__fail(error, FURROW_NOMEM, "out of memory");
    furrow__buffer_done(sql);
    return status;
}

furrow__query furrow__query_begin_with(furrow_connection *connection, const char *sql,
                                       furrow__texts parameters, furrow_arena *arena,
                                       furrow_error *error)
{
    const furrow_driver *driver = connection->driver;
    furrow__query q = {.connection = connection, .arena = arena, .error = error};
    q.status = driver->prepare(connection, &q.statement,
                               &(furrow_statement_text){.text = sql, .size = strlen(sql)}, error);
    for (int i = 0; i < parameters.count && q.status == FURROW_OK; i++) {
        const char *text = parameters.items[i];
        furrow_value value = {.type = text ? FURROW_TYPE_TEXT : FURROW_TYPE_NULL, .as.text = text};
        q.status = driver->bind(q.statement, i, NULL, &value, error);
    }
    if (q.status == FURROW_OK)
        q.status = driver->execute(q.statement, error);
    keep_sql(q.status, sql, error);
    return q;
}

furrow__query furrow__query_begin(furrow_connection *connection, const char *sql,
                                  furrow_arena *arena, furrow_error *error)
{
    return furrow__query_begin_with(connection, sql, (furrow__texts){NULL, 0}, arena, error);
}

bool furrow__query_next(furrow__query *q)
{
    bool row = false;
    if (q->status != FURROW_OK)
        return false;
    const furrow_driver *driver = q->connection->driver;
    q->status = driver->step(q->statement, &row, q->error);
    for (int i = 0; row && i < q->statement->column_count && i < FURROW__QUERY_COLUMNS; i++)
        if (q->status == FURROW_OK)
            q->status = driver->read_value(q->statement, i, &q->values[i], q->arena, q->error);
    return row && q->status == FURROW_OK;
}

const char *furrow__query_text(furrow__query *q, int i)
{
    const furrow_value *value = &q->values[i];
    char text[FURROW__REAL_SIZE];
    if (value->type == FURROW_TYPE_NULL)
        return NULL;
    if (value->type == FURROW_TYPE_TEXT || value->type == FURROW_TYPE_JSON)
        return value->as.text;
    if (value->type == FURROW_TYPE_DOUBLE)
        furrow__real_format(value->as.real, text, sizeof text);
    else if (value->type == FURROW_TYPE_INT64 || value->type == FURROW_TYPE_BOOL)
        snprintf(text, sizeof text, "%lld", (long long)value->as.integer);
    else
        snprintf(text, sizeof text, "?");
    const char *copy = furrow__arena_text(q->arena, text, strlen(text));
    if (!copy && q->status == FURROW_OK)
        q->status = furrow__fail(q->error, FURROW_NOMEM, "out of memory");
    return copy;
}

int64_t furrow__query_int64(furrow__query *q, int i)
{
    const furrow_value *value = &q->values[i];
    return value->type == FURROW_TYPE_INT64 || value->type == FURROW_TYPE_BOOL ? value->as.integer
                                                                               : 0;
}

bool furrow__query_bool(furrow__query *q, int i)
{
    return furrow__query_int64(q, i) != 0;
}

furrow_status furrow__query_end(furrow__query *q)
{
    if (q->statement)
        q->connection->driver->finalize(q->statement);
    q->statement = NULL;
    return q->status;
}

furrow_status furrow__query_number(furrow_connection *connection, const char *sql, int64_t *out,
                                   furrow_error *error)
{
    furrow_arena arena = {0};
    furrow__query q = furrow__query_begin(connection, sql, &arena, error);
    *out = furrow__query_next(&q) ? furrow__query_int64(&q, 0) : 0;
    furrow_status status = furrow__query_end(&q);
    furrow__arena_done(&arena);
    return status;
}
