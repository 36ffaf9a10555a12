/* SPDX-License-Identifier: MIT
 *
 * Runs statements through a driver's vtable, for the folders of migrate that use a database. The
 * rows of a query are read one by one:
 *
 *     furrow__query q = furrow__query_begin(connection, "SELECT name FROM t", arena, error);
 *     while (furrow__query_next(&q))
 *         use(furrow__query_text(&q, 0));
 *     status = furrow__query_end(&q);
 */
#ifndef FURROW_MIGRATE_APPLY_QUERY_H
#define FURROW_MIGRATE_APPLY_QUERY_H

#include <furrow/driver.h>

#include "base/arena.h"
#include "base/buffer.h"

/* Runs one statement to its end. Sets *changed to the number of rows that the statement inserted,
 * updated or deleted; `changed` can be NULL. On failure, error->sql holds the statement. */
furrow_status furrow__execute(furrow_connection *connection, const char *sql, uint64_t *changed,
                              furrow_error *error);
/* Runs the statement that a buffer holds, and empties the buffer. */
furrow_status furrow__execute_buffer(furrow_connection *connection, furrow__buffer *sql,
                                     furrow_error *error);

/* The maximum number of columns that can be read from a result. */
enum { FURROW__QUERY_COLUMNS = 16 };

/* A query that is running. */
typedef struct furrow__query {
    furrow_connection *connection;
    furrow_statement *statement;
    furrow_arena *arena; /* owns the strings that are read */
    furrow_error *error;
    furrow_status status; /* the first failure; the calls after a failure do nothing */
    furrow_value values[FURROW__QUERY_COLUMNS]; /* the current row */
} furrow__query;

/* The text parameters of a statement, in order. An item that is NULL is passed as SQL NULL. */
typedef struct furrow__texts {
    const char *const *items;
    int count;
} furrow__texts;

/* Starts a query without parameters. A failure is reported by furrow__query_end. */
furrow__query furrow__query_begin(furrow_connection *connection, const char *sql,
                                  furrow_arena *arena, furrow_error *error);
/* Starts a query with text parameters, which must stay valid until the query ends. */
furrow__query furrow__query_begin_with(furrow_connection *connection, const char *sql,
                                       furrow__texts parameters, furrow_arena *arena,
                                       furrow_error *error);
/* Reads the next row. Returns false after the last row, and after a failure. */
bool furrow__query_next(furrow__query *q);
/* Returns column i of the current row as text, or NULL if the column is NULL. Numbers and booleans
 * are converted to text. */
const char *furrow__query_text(furrow__query *q, int i);
/* Returns column i of the current row as an integer. Returns 0 if the column is neither an integer
 * nor a boolean. */
int64_t furrow__query_int64(furrow__query *q, int i);
/* Returns whether column i of the current row is TRUE, or an integer other than 0. */
bool furrow__query_bool(furrow__query *q, int i);
/* Ends the query. Returns the first failure since the query began. */
furrow_status furrow__query_end(furrow__query *q);

/* Sets *out to the integer in the first column of the first row. If there is no row, sets *out to
 * 0. */
furrow_status furrow__query_number(furrow_connection *connection, const char *sql, int64_t *out,
                                   furrow_error *error);

#endif
