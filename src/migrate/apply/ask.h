/* SPDX-License-Identifier: MIT
 * Statements over a driver's vtable, for the parts of migrate that talk to a database. Texts that
 * come back belong to the arena given. */
#ifndef FURROW_MIGRATE_APPLY_ASK_H
#define FURROW_MIGRATE_APPLY_ASK_H

#include <furrow/driver.h>

#include "base/arena.h"
#include "base/buffer.h"

/* Run one statement to its end. *changed (may be NULL): rows of an INSERT, UPDATE or DELETE. On
 * failure error->sql is the statement. */
furrow_status furrow__run(furrow_connection *connection, const char *sql, uint64_t *changed,
                          furrow_error *error);
furrow_status furrow__run_buffer(furrow_connection *connection, furrow__buffer *sql,
                                 furrow_error *error); /* and empties it */

enum { FURROW__ANSWER_COLUMNS = 16 };

/* Rows of a query, one by one. */
typedef struct furrow__question {
    furrow_connection *connection;
    furrow_statement *statement;
    furrow_arena *arena;
    furrow_error *error;
    furrow_status status; /* the first failure; every call after it does nothing */
    furrow_value values[FURROW__ANSWER_COLUMNS];
} furrow__question;

/* Ask with text parameters (each may be NULL), which are borrowed until the end. */
furrow__question furrow__ask(furrow_connection *connection, const char *sql,
                             const char *const *texts, int count, furrow_arena *arena,
                             furrow_error *error);
/* Go to the next row, and read it; false behind the last, and on failure. */
bool furrow__ask_next(furrow__question *q);
/* Value i of the row: NULL for NULL. Numbers and bools as text, too. */
const char *furrow__answer_text(furrow__question *q, int i);
int64_t furrow__answer_number(furrow__question *q, int i); /* 0 for what is no number */
bool furrow__answer_is(furrow__question *q, int i);        /* true, or a number that is not 0 */
/* End it; the status of the whole. */
furrow_status furrow__ask_end(furrow__question *q);

/* The first value of the first row as a number; 0 where there is none. */
furrow_status furrow__ask_number(furrow_connection *connection, const char *sql, int64_t *out,
                                 furrow_error *error);

#endif
