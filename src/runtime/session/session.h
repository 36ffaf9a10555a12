/* SPDX-License-Identifier: MIT
 *
 * The session: a transaction on a pooled connection, the first failure in the transaction, and the
 * arena for everything that the session returns.
 *
 * A verb begins with furrow__session_start (transaction.h) and runs statements with furrow__run_…
 * (run.h). Failures are kept in the session with the functions below.
 */
#ifndef FURROW_RUNTIME_SESSION_SESSION_H
#define FURROW_RUNTIME_SESSION_SESSION_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/text.h"
#include "pool/group.h"
#include "runtime/session/repeat.h"
#include "runtime/session/results.h"
#include "runtime/session/streams.h"
#include "sql/sql.h"

enum {
    FURROW__MAX_COLUMNS = 1000,   /* largest number of columns of a model; every engine supports
                                     this many */
    FURROW__MAX_SAVEPOINTS = 1000 /* largest number of open savepoints */
};

struct furrow_session {
    _Atomic uintptr_t user; /* the thread whose call is in progress; 0: none. See use.h */
    int calls;              /* number of nested calls of the thread `user` */
    furrow_engine *engine;  /* NULL: the session was opened without an engine, and every call fails
                             */
    furrow__pooled *pooled; /* the connection; NULL outside a transaction. Changed only while
                               `cancelling` is held */
    pthread_mutex_t cancelling; /* held while a cancel request is sent */
    bool cancelled;             /* this transaction was cancelled; protected by `cancelling` */
    furrow__subtransaction subtransaction; /* for a SQLite file, where several transactions share a
                                              commit: the state of this transaction */
    const furrow_driver *driver;
    const furrow__dialect *dialect;
    furrow_trace_function *trace;
    furrow_status status; /* status of the first failure in this transaction */
    bool read_only;
    bool raw_ran;      /* a raw statement ran, so the connection needs a full reset */
    bool has_run;      /* a statement of this transaction succeeded */
    bool lost_unused;  /* the last transaction failed because a pooled connection was lost before a
                          statement succeeded */
    bool skips_locked; /* a statement skipped locked rows */
    bool has_now;      /* `now` is set */
    bool has_changes;  /* the transaction has changed rows or the schema */
    int changes_depth; /* if has_changes is set: the smallest depth of savepoints at which a change
                          was made */
    furrow_isolation isolation;
    int statement_timeout_ms; /* 0 means no limit */
    int depth;                /* number of savepoints that are open in the database */
    int dead_depth;   /* number of savepoints that began after a failure; the database does not know
                         them */
    furrow_time now;  /* the time of the transaction in UTC; read from the clock once */
    uint64_t changed; /* number of rows that the last furrow_exec changed */
    furrow_session_statistics stats;
    uint64_t expected_from; /* value of stats.statements at the last call to
                               furrow_expect_statements */
    furrow__repeats repeats;
    furrow__streams streams;
    furrow__results results;
    furrow_arena arena;   /* everything that the session has returned */
    furrow_arena scratch; /* memory of one verb; cleared when the next verb begins */
    char *scratch_start;  /* the position of `scratch` when it is empty */
    const char *file;     /* the place in the program where the session was opened */
    int line;
    furrow_error error; /* the last failure */
};

/* Keeps a failure and returns its status. `error` may be &s->error. */
furrow_status furrow__session_fail(furrow_session *s, const furrow_error *error);
/* Keeps a failure with a formatted message and returns its status. */
furrow_status furrow__session_failf(furrow_session *s, furrow_status status, const char *format,
                                    ...) __attribute__((format(printf, 3, 4)));
furrow_status furrow__session_no_memory(furrow_session *s);

/* Returns the transaction's time. The clock is read once in a transaction. */
furrow_time furrow__session_now(furrow_session *s);

/* Returns FURROW_OK if the code of the model was generated for this version of the library. */
furrow_status furrow__check_model(furrow_session *s, const furrow_model *model);

#endif
