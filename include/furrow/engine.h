/* SPDX-License-Identifier: MIT
 *
 * Engines: a database and a pool of connections to it, shared by any number of threads.
 */
#ifndef FURROW_ENGINE_H
#define FURROW_ENGINE_H

#pragma GCC system_header /* see internal/export.h */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <furrow/error.h>
#include <furrow/internal/options.h>

/* A database and its connections. Any number of threads may use an engine at the same time. */
typedef struct furrow_engine furrow_engine;

/* How strictly concurrent transactions are kept apart. SQLite's transactions are always
 * serializable. */
typedef enum furrow_isolation {
    FURROW_ISOLATION_DEFAULT = 0, /* PostgreSQL: READ COMMITTED */
    FURROW_ISOLATION_READ_COMMITTED,
    FURROW_ISOLATION_REPEATABLE_READ,
    FURROW_ISOLATION_SERIALIZABLE,
} furrow_isolation;

/* Which commits survive a power failure. This setting applies to SQLite files; on a server, the
 * server's configuration decides. */
typedef enum furrow_durability {
    FURROW_DURABILITY_FULL = 0, /* every commit that returned FURROW_OK survives */
    FURROW_DURABILITY_RELAXED,  /* the database is intact, but the last transactions may be missing
                                   (synchronous=NORMAL) */
} furrow_durability;

/* Callbacks */

/* A finished statement, passed to `.trace`. It is valid during the call. */
typedef struct furrow_trace_event {
    const char *sql;      /* the statement's text, NUL-terminated */
    uint64_t duration_ns; /* time from sending the statement to reading the last row */
    uint64_t rows;        /* rows returned, or rows changed if none were returned */
    furrow_status status;
    const char *file; /* the place in the program where the session was opened */
    int line;
    const char *values; /* the bound values as text; NULL without `.trace_values` */
} furrow_trace_event;

/* The type of `.trace`. `context` is `.trace_context`. */
typedef void furrow_trace_function(void *context, const furrow_trace_event *event);

/* A statement that a session has run more than `.repeat_limit` times, passed to `.repeat`. Often
 * the statement is a `get` in a loop, which a `get_many` or a loaded relationship would replace.
 * The struct is valid during the call. */
typedef struct furrow_repeat_event {
    const char *sql;
    uint64_t count;   /* how many times the session has run the statement */
    const char *file; /* the place in the program where the session was opened */
    int line;
} furrow_repeat_event;

/* The type of `.repeat`. `context` is `.repeat_context`. */
typedef void furrow_repeat_function(void *context, const furrow_repeat_event *event);

/* The kinds of problems that `.report` receives. */
typedef enum furrow_report_kind {
    FURROW_REPORT_LEAK = 1,   /* a transaction has been open longer than `.leak_after_ms` */
    FURROW_REPORT_STILL_OUT,  /* a transaction was still open when the engine was closed */
    FURROW_REPORT_STILL_OPEN, /* sessions without a transaction were still open when the engine was
                                 closed */
    FURROW_REPORT_IN_USE,     /* a thread used the session while another thread was in a call on it;
                                 the new call was refused */
    FURROW_REPORT_UNCOMMITTED, /* a session was closed or reset with changes that were neither
                                  committed nor rolled back, although nothing had failed; the
                                  changes are lost */
} furrow_report_kind;

/* A problem with a session, passed to `.report`. Each leak is reported once. The struct is valid
 * during the call. */
typedef struct furrow_report_event {
    furrow_report_kind kind;
    const char
        *file; /* the place in the program where the session was opened; NULL for STILL_OPEN */
    int line;
    int sessions;    /* number of sessions that have the problem */
    int64_t held_ms; /* how long the transaction has been open, in milliseconds; 0 if unknown */
    uintptr_t thread, refused_thread; /* for IN_USE: the thread that was in a call, and the thread
                                         whose call was refused, as pthread_self returns them */
} furrow_report_event;

/* The type of `.report`. `context` is `.report_context`. */
typedef void furrow_report_function(void *context, const furrow_report_event *event);

/* Open and close */

/* The value of `.max_overflow` that allows no connections beyond `.pool_size`. */
#define FURROW_NO_OVERFLOW (-2)

/* The arguments of furrow_engine_open. If a member is 0, its default applies. */
struct furrow_engine_options {
    furrow_engine **out;
    const char *url;
    furrow_error *error; /* receives the failure; may be NULL */

    /* The pool of connections. `.pool_size` and `.max_overflow` are for servers. An engine for
     * SQLite has one connection for sessions that write. For a SQLite file, it also has `.readers`
     * connections for read-only sessions. */
    int pool_size;       /* connections that are kept open; default 5 */
    int max_overflow;    /* maximum number of connections beyond pool_size, which are opened under
                            load and closed a second after their last use; default 10; -1 means no
                            limit, FURROW_NO_OVERFLOW means none */
    int pool_timeout_ms; /* how long a session waits for a connection; default 30,000 */
    int pool_recycle_s;  /* maximum age of a connection, in seconds; -1 means no limit (the
                            default). When a session returns an older connection, the connection is
                            replaced. Each connection's limit is reduced at random, by up to 10%, so
                            that the connections do not all reach it at once */
    int idle_timeout_s;  /* close a connection that has been idle for more than this many seconds;
                            checked whenever the pool is used; 0 means never. SQLite: applies to
                            readers only */
    bool pre_ping;       /* before a server connection is used, ping it if it was idle for more than
                            1 second; without this option, ping it only if it was idle for more than
                            30 seconds. A connection is always pinged if another connection has
                            broken since this one was last used */
    int statement_cache; /* prepared statements kept per connection; default 256; -1 disables
                            prepared statements, as some connection poolers require */
    int close_timeout_ms; /* how long furrow_engine_close waits for open sessions; default 1,000; -1
                             means that it does not wait */

    /* Transactions. */
    furrow_isolation isolation; /* default for sessions opened without `.isolation` */
    int statement_timeout_ms;   /* a statement that takes longer fails with FURROW_TIMEOUT; 0 means
                                   no limit */
    const char *cursor_key;     /* the secret that signs page cursors: at least 16 bytes, the same
                                   in all processes of a service. NULL means a random key: cursors
                                   are then valid only for this engine, until it is closed */

    /* SQLite. */
    int busy_timeout_ms; /* how long to wait for a lock that another process holds; default 5,000 */
    int readers;         /* number of connections for read-only sessions; default one per core, at
                            least 2 */
    furrow_durability durability;
    int group_wait_ms; /* how long a transaction may be idle between two calls while other
                          transactions wait to be committed with it; default 250. A transaction that
                          is idle for longer is rolled back and fails with FURROW_BUSY. The time
                          that `.trace` takes is not idle time */

    /* Observation. */
    furrow_trace_function *trace; /* called after each statement, on the session's thread */
    void *trace_context;
    bool trace_values; /* also pass the bound values to `.trace` */
    int repeat_limit;  /* call `.repeat` if one session runs a statement more often than this; 0
                          means never */
    furrow_repeat_function *repeat; /* called once per statement and session, on the session's
                                       thread */
    void *repeat_context;
    int leak_after_ms; /* report a transaction that has been open for longer than this; checked
                          whenever the pool is used; 0 means never */
    furrow_report_function *report; /* called on the thread that found the problem; must not use the
                                       engine */
    void *report_context;

    size_t error_size_;
    char end_;
};

/* furrow_engine_open(&engine, url, &error, .pool_size = 5, …)
 *
 * Opens the database with this URL:
 *   sqlite:///relative/file   sqlite:////absolute/file   sqlite://   (in memory, for this engine)
 *   sqlite:///:memory:        (the same as sqlite://)
 *   postgresql://user@host/name?parameter=value
 * A PostgreSQL URL accepts libpq's parameters (PostgreSQL manual, 34.1.2) and prepare=off. URLs are
 * percent-encoded (RFC 3986). If a URL names several hosts but does not set connect_timeout, each
 * host has an equal part of `.pool_timeout_ms` to answer, but at least 2 and at most 10 seconds.
 *
 * The call opens a first connection, so that it fails if the URL, the password or the file name is
 * wrong. It returns FURROW_INVALID for a URL or an option that cannot work, FURROW_DISCONNECTED if
 * the server cannot be reached, and FURROW_DATABASE for other errors of the database. On failure
 * the engine is NULL.
 *
 * If a SQLite file is deleted, moved or replaced while the engine is open, commits and read-only
 * sessions return FURROW_DATABASE: close the engine and open it again. */
#define furrow_engine_open(...)                                                                    \
    furrow_engine_open_(FURROW_OPTIONS_(FURROW_REQUIRE_2_(__VA_ARGS__),                            \
                                        struct furrow_engine_options, __VA_ARGS__,                 \
                                        .error_size_ = sizeof(furrow_error)))
FURROW_API furrow_status furrow_engine_open_(size_t size,
                                             const struct furrow_engine_options *options);

/* Closes all connections and frees the engine. The call first waits up to `.close_timeout_ms` for
 * open sessions; a new transaction in one of them fails with FURROW_INVALID. Sessions that are
 * still open afterwards are passed to `.report`, and the engine is freed when the last of them is
 * closed. NULL is allowed.
 *
 * In a child process after fork(), every call on an engine of the parent, or on its sessions,
 * returns FURROW_INVALID and does not touch the parent's connections and files; closing the engine
 * or a session does nothing. The child can open its own engine for a server, or for a SQLite file
 * that was not open in the parent. It cannot reopen a SQLite file of its parent before exec(),
 * because it has inherited SQLite's record of the file's locks, but not the locks. */
FURROW_API void furrow_engine_close(furrow_engine *engine);

/* Returns "sqlite" or "postgresql". */
FURROW_API const char *furrow_engine_dialect(const furrow_engine *engine);

/* Statistics */

enum { FURROW_WAIT_BUCKETS = 7, FURROW_BATCH_BUCKETS = 8 };

/* Statistics of an engine. The first three members are current values; all others are totals since
 * the engine was opened. Later versions may add members at the end. */
typedef struct furrow_engine_statistics {
    int busy, idle;    /* number of connections that are in use or being opened, and number of idle
                          connections */
    int waiting;       /* sessions that are waiting for a connection */
    uint64_t opened;   /* connections opened */
    uint64_t recycled; /* connections closed because they were too old, had been idle for too long,
                          or exceeded pool_size */
    uint64_t broken;   /* connections closed because they were lost or could not be
                          reset */
    uint64_t timeouts; /* sessions that did not get a connection in time */
    uint64_t leaks;    /* transactions reported because of `.leak_after_ms` */
    uint64_t waits[FURROW_WAIT_BUCKETS]; /* number of times that a session waited for a connection,
                                            by duration: up to 0.1 ms, 1 ms, 10 ms, 100 ms, 1 s, 10
                                            s, and longer */
    uint64_t wait_ns;                    /* the total time that sessions have waited for a
                                            connection, in nanoseconds */
    uint64_t commits;
    uint64_t syncs; /* SQLite files: COMMITs that waited for the disk; one COMMIT can serve several
                       transactions */
    uint64_t batches[FURROW_BATCH_BUCKETS]; /* number of COMMITs that served 1, 2, 3-4, 5-8, 9-16,
                                               17-32, 33-64 and more transactions */
} furrow_engine_statistics;

FURROW_API void furrow_engine_stats_(furrow_engine *engine, furrow_engine_statistics *out,
                                     size_t size);

/* Returns the engine's statistics. */
static inline furrow_engine_statistics furrow_engine_stats(furrow_engine *engine)
{
    furrow_engine_statistics stats;
    furrow_engine_stats_(engine, &stats, sizeof stats);
    return stats;
}

FURROW_API size_t furrow_engine_stats_format_(const furrow_engine_statistics *stats,
                                              size_t stats_size, char *buffer, size_t size);

/* Writes the statistics in the Prometheus text format (0.0.4); metric names begin with "furrow_".
 * At most size - 1 bytes and a NUL are written. Returns the length of the whole text in bytes, as
 * snprintf does. */
static inline size_t furrow_engine_stats_format(const furrow_engine_statistics *stats, char *buffer,
                                                size_t size)
{
    return furrow_engine_stats_format_(stats, sizeof *stats, buffer, size);
}

/* Memory */

/* Functions that replace malloc, realloc and free. */
typedef struct furrow_allocator {
    void *(*allocate)(size_t size, void *context);
    void *(*reallocate)(void *block, size_t size, void *context);
    void (*release)(void *block, void *context);
    void *context;
} furrow_allocator;

/* Sets the allocator of the whole library. A program must call this function before any other
 * function of the library. */
FURROW_API void furrow_set_allocator(const furrow_allocator *allocator);

#endif
