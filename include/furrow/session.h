/* SPDX-License-Identifier: MIT
 *
 * Sessions. A session runs transactions and owns the memory of everything that it has read: results
 * are valid until the session is closed or reset.
 *
 * The first failure in a transaction is kept. Later calls do nothing and return FURROW_ABORTED, and
 * the commit rolls back and returns the status of the first failure. Output parameters are set on
 * every return: after a failure lists are empty, pointers are NULL, and numbers are 0. A call that
 * is refused because another thread is in a call on the session does not count as a failure of the
 * transaction.
 */
#ifndef FURROW_SESSION_H
#define FURROW_SESSION_H

#pragma GCC system_header /* see internal/export.h */

#include <furrow/engine.h>

/* A series of transactions, and the memory of what they have read. */
typedef struct furrow_session furrow_session;

/* Open and close */

/* The arguments of furrow_session_open. */
struct furrow_session_options {
    furrow_engine *engine;
    bool read_only; /* read from one snapshot. On SQLite, the first statement of a session that is
                       not read-only takes the write lock */
    furrow_isolation isolation; /* FURROW_ISOLATION_DEFAULT means the engine's `.isolation` */
    int statement_timeout_ms; /* 0 means the engine's `.statement_timeout_ms`; -1 means no limit */
    char end_;
};

/* furrow_session_open(engine, .read_only = true)
 *
 * Opens a session. A session is used by one thread at a time: while a thread is in a call, calls
 * from other threads return FURROW_INVALID, set their results to empty values, and change nothing;
 * `.report` receives FURROW_REPORT_IN_USE. Between two calls, a session may move to another thread.
 * On SQLite, its transaction belongs to the thread that used the session last. The first statement
 * takes a connection from the pool. Returns NULL when out of memory; every call accepts a NULL
 * session. If the engine is NULL, returns a session whose calls fail with FURROW_INVALID. */
#define furrow_session_open(...)                                                                   \
    furrow_session_open_(__FILE__, __LINE__,                                                       \
                         FURROW_OPTIONS_(FURROW_REQUIRE_1_(__VA_ARGS__),                           \
                                         struct furrow_session_options, .engine = __VA_ARGS__))
FURROW_API furrow_session *furrow_session_open_(const char *file, int line, size_t size,
                                                const struct furrow_session_options *options);

/* Rolls back the open transaction, if there is one, and frees the session and everything that it
 * has returned. If the transaction has changed something and nothing has failed, `.report` receives
 * FURROW_REPORT_UNCOMMITTED. Does nothing while another thread is in a call on the session. NULL is
 * allowed. */
FURROW_API void furrow_session_close(furrow_session *s);

/* FURROW_AUTO_SESSION s = furrow_session_open(engine);
 *
 * Declares a session that is closed at the end of its scope (gcc and clang). */
#if defined __GNUC__
#define FURROW_AUTO_SESSION                                                                        \
    __attribute__((cleanup(furrow_session_close_variable_))) furrow_session *
static inline void furrow_session_close_variable_(furrow_session **s)
{
    furrow_session_close(*s);
}
#endif

/* Rolls back the open transaction, frees everything that the session has returned, and clears the
 * last error. */
FURROW_API void furrow_session_reset(furrow_session *s);

/* Transactions: the first statement of a session begins a transaction */

/* Commits the transaction; the next statement begins a new transaction. If a call in the
 * transaction failed, rolls back and returns the status of the first failure. Returns
 * FURROW_INVALID, after a rollback, if a savepoint is open, and FURROW_COMMIT_UNKNOWN if the
 * connection was lost before the database answered, or if COMMIT failed with an error after which
 * the transaction may have been committed, such as a failed sync of the disk. Rows that the session
 * has returned stay valid. */
FURROW_API furrow_status furrow_commit(furrow_session *s);

/* Rolls back the transaction. Always returns FURROW_OK; the last error can still be read. */
FURROW_API furrow_status furrow_rollback(furrow_session *s);

/* A commit that furrow_commit_begin started. */
typedef struct furrow_ticket furrow_ticket;

/* Starts a commit without waiting for the disk, so that one thread can start many commits that
 * share one sync. If the commit fails at once, returns the failure, as furrow_commit does, and sets
 * *out to NULL. Otherwise returns FURROW_OK and a ticket that the caller must pass to
 * furrow_commit_wait, on any thread. The transaction is durable only when furrow_commit_wait
 * returns FURROW_OK. The next statement of the session begins a new transaction.
 *
 * On a SQLite file, the changes stay in an open transaction, which blocks writers in other
 * processes. That transaction is committed when a thread waits for a ticket, another session
 * commits, 256 tickets are waiting, the engine is closed, or another transaction begins after
 * `.group_wait_ms`. On a server, in memory, and with FURROW_DURABILITY_RELAXED, the commit is made
 * at once. */
FURROW_API furrow_status furrow_commit_begin(furrow_session *s, furrow_ticket **out);

/* furrow_commit_wait(ticket, &error)
 *
 * Waits until the transaction of a ticket is durable, frees the ticket, and returns FURROW_OK. If
 * the commit failed, returns the status of the failure and, unless `error` is NULL,
 * fills *error. Returns FURROW_INVALID for a NULL ticket. Must not run at the same time as
 * furrow_engine_close on another thread. On SQLite, a thread should end its own open transaction
 * first: during the wait that transaction counts as idle, and may be rolled back with FURROW_BUSY.
 */
#define furrow_commit_wait(ticket, error)                                                          \
    furrow_commit_wait_((ticket), (error), sizeof(furrow_error))
FURROW_API furrow_status furrow_commit_wait_(furrow_ticket *ticket, furrow_error *error,
                                             size_t error_size);

/* Stops the statement that the session is running, which then fails with FURROW_CANCELLED. Does
 * nothing if no statement is running. This call may be made on any thread; the session must stay
 * open during the call. On a server, a second connection sends the request. */
FURROW_API void furrow_session_cancel(furrow_session *s);

/* Savepoints */

/* Begins a savepoint; savepoints can be nested. After a failure in the transaction, the call only
 * increases the nesting depth and returns FURROW_ABORTED. */
FURROW_API furrow_status furrow_savepoint_begin(furrow_session *s);

/* Ends the innermost savepoint and keeps its changes. If a call failed after the savepoint began,
 * undoes the changes since then and returns the status of the first failure; the transaction then
 * continues. Returns FURROW_INVALID without a matching furrow_savepoint_begin. */
FURROW_API furrow_status furrow_savepoint_end(furrow_session *s);

/* Undoes all changes made since the innermost savepoint began, and ends the savepoint. */
FURROW_API furrow_status furrow_savepoint_rollback(furrow_session *s);

/* Running a function as a transaction */

/* The body of a transaction. It may run several times. If it returns anything but FURROW_OK, the
 * transaction is rolled back. */
typedef furrow_status furrow_transact_function(furrow_session *s, void *context);

/* The arguments of furrow_transact. */
struct furrow_transact_options {
    furrow_engine *engine;
    furrow_transact_function *function;
    void *context;
    furrow_error *error;        /* receives the failure; may be NULL */
    furrow_isolation isolation; /* default FURROW_ISOLATION_SERIALIZABLE */
    int max_attempts;           /* default 10 */
    bool read_only;
    size_t error_size_;
    const char *file_;
    int line_;
    char end_;
};

/* furrow_transact(engine, function, context, &error, .max_attempts = 3)
 *
 * Runs the function in a session of its own and commits. The call waits for a random time and runs
 * the function again if the transaction failed with FURROW_BUSY or FURROW_STALE, or if a pooled
 * connection was lost before a statement ran. It never runs the function again after
 * FURROW_COMMIT_UNKNOWN. With `.read_only`, a PostgreSQL standby runs the transaction as
 * FURROW_ISOLATION_REPEATABLE_READ instead of SERIALIZABLE. A failure that the session kept takes
 * precedence over the function's return value. */
#define furrow_transact(...)                                                                       \
    furrow_transact_(FURROW_OPTIONS_(                                                              \
        FURROW_REQUIRE_2_(__VA_ARGS__), struct furrow_transact_options, __VA_ARGS__,               \
        .error_size_ = sizeof(furrow_error), .file_ = __FILE__, .line_ = __LINE__))
FURROW_API furrow_status furrow_transact_(size_t size,
                                          const struct furrow_transact_options *options);

/* What happened in a session */

/* Returns the status of the first failure in this transaction, or FURROW_OK. */
FURROW_API furrow_status furrow_session_status(const furrow_session *s);

/* Returns the session's last failure; never NULL. The error is valid until the session's next
 * failure, reset or close. */
FURROW_API const furrow_error *furrow_session_error(const furrow_session *s);

/* Returns how many rows the session's last furrow_exec changed. */
FURROW_API uint64_t furrow_session_changed(const furrow_session *s);

/* What a session has done since it was opened. BEGIN, COMMIT, SAVEPOINT and FETCH are not counted
 * as statements. Later versions may add members at the end. */
typedef struct furrow_session_statistics {
    uint64_t statements;
    uint64_t rows; /* number of rows read */
} furrow_session_statistics;

FURROW_API void furrow_session_stats_(const furrow_session *s, furrow_session_statistics *out,
                                      size_t size);

/* Returns the session's statistics. */
static inline furrow_session_statistics furrow_session_stats(const furrow_session *s)
{
    furrow_session_statistics stats;
    furrow_session_stats_(s, &stats, sizeof stats);
    return stats;
}

/* For tests: checks that the session has run exactly `count` statements since the last call to this
 * function, or since the session was opened. Returns FURROW_INVALID if the number differs;
 * furrow_session_error then gives the actual number. The transaction continues in both cases. */
FURROW_API furrow_status furrow_expect_statements(furrow_session *s, uint64_t count);

#endif
