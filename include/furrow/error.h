/* SPDX-License-Identifier: MIT
 *
 * Errors: the statuses that calls return, and the description of a failure.
 */
#ifndef FURROW_ERROR_H
#define FURROW_ERROR_H

#include <furrow/internal/export.h>

/* The result of a call. The statuses differ in what the caller should do next. */
typedef enum furrow_status {
    FURROW_OK = 0,
    FURROW_NOT_FOUND,    /* the row does not exist: an answer, not a failure */
    FURROW_UNIQUE,       /* another row has the same key */
    FURROW_FOREIGN_KEY,  /* the referenced row does not exist, or the row is still referenced */
    FURROW_NOT_NULL,     /* a required column is NULL */
    FURROW_CHECK,        /* a value violates a check constraint, or a trigger cancelled the insert,
                            upsert, update or delete of a row */
    FURROW_STALE,        /* the row was changed or deleted after it was read: run the transaction
                            again */
    FURROW_BUSY,         /* a conflict with another transaction: run the transaction again */
    FURROW_TIMEOUT,      /* a time limit expired: try again later */
    FURROW_CANCELLED,    /* furrow_session_cancel stopped the statement */
    FURROW_DISCONNECTED, /* the connection was lost; the transaction was rolled back */
    FURROW_COMMIT_UNKNOWN, /* the connection was lost, or the disk failed, during COMMIT: the
                              transaction may have been committed or rolled back */
    FURROW_INVALID,        /* a mistake in the call; nothing was sent to the database */
    FURROW_SCHEMA,         /* the tables in the database do not match the models */
    FURROW_ABORTED,        /* not run, because an earlier call in this transaction failed */
    FURROW_NOMEM,          /* out of memory */
    FURROW_DATABASE,       /* any other error of the database: see the error's code and message */
    FURROW_REJECTED,       /* the JSON text or the row is not valid for its model: an answer, not a
                              failure. furrow_problems says why */
    FURROW_STATUS_COUNT_
} furrow_status;

/* Returns the name of a status without its prefix, in lower case ("unique" for FURROW_UNIQUE), or
 * "?" if the number is not a status. The string is a static constant. */
FURROW_API const char *furrow_status_name(furrow_status status);

/* The description of a failure. It is a plain value and may be copied. Strings are UTF-8 and
 * NUL-terminated; a string that is too long is cut at the end of a character, and a string that
 * does not apply is empty. An error never contains passwords or values, with one exception: if a
 * stored value cannot be read, the message contains the row's key, provided that it consists of
 * integers and UUIDs. Later versions may add members at the end. */
typedef struct furrow_error {
    furrow_status status;
    int native_code;  /* SQLite's extended result code; otherwise 0 */
    char sqlstate[6]; /* PostgreSQL's SQLSTATE; otherwise empty */
    char table[64];
    char column[256]; /* several columns are separated by ", " */
    char constraint[64];
    char message[512]; /* what is wrong */
    char hint[256];    /* what to do about the failure; may be empty */
    char sql[512];     /* the statement that failed */
} furrow_error;

#endif
