/* SPDX-License-Identifier: MIT
 *
 * furrow: plain C structs in, rows out. This is the whole interface of a program that uses furrow;
 * what `furrow generate` writes for each model is in terms of it. Read it from top to bottom.
 *
 *   errors          furrow_status, furrow_error
 *   engines         furrow_engine_open, furrow_engine_close
 *   sessions        furrow_session_open … furrow_transact, savepoints
 *   conditions      furrow_eq … furrow_any, orders, assignments, loads
 *   raw SQL         furrow_exec, furrow_query, rows
 *   schema          furrow_create_all, furrow_drop_all
 *   migrations      furrow_migrate
 *   values          parse and format
 *   what generated code calls
 *
 * One rule for memory: whatever a session hands out lives until that session is closed or reset.
 * One rule for errors: the first failure in a transaction is kept, later calls do nothing and
 * return FURROW_ABORTED, and the commit rolls back and returns the first failure's status. Every
 * output is written on every return.
 *
 * Names that end in an underscore are the macros' own. Arguments of macros are evaluated once,
 * except columns.
 */
#ifndef FURROW_H
#define FURROW_H

#ifdef __cplusplus
#error "furrow.h is C only; model.h is valid C++"
#endif

#include <stdarg.h>

#include <furrow/model.h>
#include <furrow/schema.h>

#define FURROW_VERSION "0.1.0"

#if defined __GNUC__
#define FURROW_API __attribute__((visibility("default")))
#else
#define FURROW_API
#endif

typedef struct furrow_engine furrow_engine;
typedef struct furrow_session furrow_session;
typedef struct furrow_rows furrow_rows;
typedef struct furrow_cursor furrow_cursor;
typedef struct furrow_ticket furrow_ticket;

/* ---- errors ---- */

/* Each a different thing for the caller to do. */
typedef enum furrow_status {
    FURROW_OK = 0,
    FURROW_NOT_FOUND,    /* an answer, not a failure */
    FURROW_UNIQUE,       /* the data: a row with this key exists already */
    FURROW_FOREIGN_KEY,  /* the data: what it refers to is not there, or is still referred to */
    FURROW_NOT_NULL,     /* the data */
    FURROW_CHECK,        /* the data */
    FURROW_STALE,        /* the row changed or went since it was read: run the transaction again */
    FURROW_BUSY,         /* another transaction is in the way: run the transaction again */
    FURROW_TIMEOUT,      /* later */
    FURROW_CANCELLED,    /* later */
    FURROW_DISCONNECTED, /* later: the server went away; nothing of the transaction is kept */
    FURROW_COMMIT_UNKNOWN, /* the answer to a commit was lost: it may be kept or not */
    FURROW_INVALID,        /* the caller's mistake; nothing was sent */
    FURROW_SCHEMA,         /* the database is not what the models say */
    FURROW_ABORTED,        /* skipped, because of an earlier failure in this transaction */
    FURROW_NOMEM,
    FURROW_DATABASE, /* what the database said; see the native code and message */
    FURROW_STATUS_COUNT_
} furrow_status;

/* "unique" for FURROW_UNIQUE; "?" for a number that is no status. A static constant. */
FURROW_API const char *furrow_status_name(furrow_status status);

/* A plain value: copy it freely. Text is UTF-8, NUL-terminated, cut to fit at a code point; empty
 * where there is nothing to say. Never holds bound values, and never a password. */
typedef struct furrow_error {
    furrow_status status;
    int native_code;  /* SQLite's extended result code; else 0 */
    char sqlstate[6]; /* PostgreSQL's; else empty */
    char table[64];
    char column[256]; /* several are separated by ", " */
    char constraint[64];
    char message[512]; /* what is wrong, and where */
    char hint[256];    /* what to do about it */
    char sql[512];     /* the statement, cut */
} furrow_error;

/* ---- engines: a database and the connections to it, shared by any number of threads ---- */

typedef enum furrow_isolation {
    FURROW_ISOLATION_DEFAULT = 0, /* READ COMMITTED on PostgreSQL; SQLite is serializable */
    FURROW_ISOLATION_READ_COMMITTED,
    FURROW_ISOLATION_REPEATABLE_READ,
    FURROW_ISOLATION_SERIALIZABLE,
} furrow_isolation;

/* One finished statement, as handed to `.trace`. Valid during the call. */
typedef struct furrow_trace_event {
    const char *sql;      /* NUL-terminated */
    uint64_t duration_ns; /* from send to the last row read so far */
    uint64_t rows;        /* returned or changed */
    furrow_status status;
    const char *file; /* of furrow_session_open */
    int line;
    const char *values; /* the bound values as text, only with .trace_values; else NULL */
} furrow_trace_event;

typedef void furrow_trace_function(void *context, const furrow_trace_event *event);

/* One SQL text that a session has now run more often than `.repeat_limit`: often a get in a loop,
 * where get_many or a loaded relationship is one statement. Valid during the call. */
typedef struct furrow_repeat_event {
    const char *sql;
    uint64_t count;   /* how often it has run in this session */
    const char *file; /* of furrow_session_open */
    int line;
} furrow_repeat_event;

typedef void furrow_repeat_function(void *context, const furrow_repeat_event *event);

/* What an engine noticed about the sessions that hold its connections, as handed to `.report`.
 * Valid during the call. */
typedef enum furrow_report_kind {
    FURROW_REPORT_LEAK = 1,   /* a transaction is open longer than `.leak_after_ms`; told once */
    FURROW_REPORT_STILL_OUT,  /* furrow_engine_close: a transaction is open still */
    FURROW_REPORT_STILL_OPEN, /* furrow_engine_close: `sessions` are open, without a transaction */
} furrow_report_kind;

typedef struct furrow_report_event {
    furrow_report_kind kind;
    const char *file; /* of furrow_session_open; NULL for STILL_OPEN */
    int line;
    int sessions;    /* 1, or how many */
    int64_t held_ms; /* for how long; 0 for STILL_OPEN, and where no member asks to measure it */
} furrow_report_event;

typedef void furrow_report_function(void *context, const furrow_report_event *event);

typedef enum furrow_durability {
    FURROW_DURABILITY_FULL = 0, /* a commit that was acknowledged is on disk */
    FURROW_DURABILITY_RELAXED,  /* SQLite: the last commits before a power failure may be lost,
                        whole, and  nothing is damaged (synchronous=NORMAL). A server is as it is
                        configured */
} furrow_durability;

/* Zero is the default of every member. */
struct furrow_engine_options {
    furrow_engine **out;
    const char *url;
    furrow_error *error; /* may be NULL */
    int pool_size;       /* connections kept; 5 */
    int max_overflow;    /* opened beyond them under load and closed a second after, at the next
                            call of the pool; 10; -1 for no limit,
                            FURROW_NO_OVERFLOW for none */
    int pool_timeout_ms; /* how long a session waits for a connection; 30,000 */
    int pool_recycle_s;  /* a connection older than this is replaced when it comes back; -1 never
                            (the default). Each lives up to a tenth less, so that they do not all
                            end at once */
    int busy_timeout_ms; /* SQLite: how long to wait for another process; 5,000 */
    int readers;         /* SQLite: connections for read-only sessions; one a core, at least 2 */
    furrow_isolation isolation;
    int statement_cache; /* prepared statements kept a connection; 256; -1 prepares none (poolers)
                          */
    furrow_trace_function *trace; /* called after each statement, on the session's thread */
    void *trace_context;
    bool trace_values;      /* let the trace see bound values */
    const char *cursor_key; /* signs the cursors of pages: a secret of 16 bytes or more that every
                               process of a service shares. NULL: a random one, so that a cursor is
                               good for this engine alone, and not after it is closed */
    int repeat_limit; /* tell `.repeat` of a text that runs more than so many times in a session; 0
                         never */
    furrow_repeat_function *repeat; /* called once a text and session, on the session's thread */
    void *repeat_context;
    int idle_timeout_s; /* a connection idle for so long is closed, at the next call of the pool; 0
                           never. SQLite: readers */
    bool pre_ping;     /* ask a server's connection that idled a second for a sign of life before it
                          is lent; without this, one that idled 30 s or while another broke */
    int leak_after_ms; /* tell `.report`, once, of a transaction that is open longer, at the next
                          call of the pool by any session; 0 never */
    furrow_report_function *report; /* on the thread of the call that noticed it; must not use the
                                       engine */
    void *report_context;
    int close_timeout_ms; /* how long furrow_engine_close waits for sessions; 1,000; -1 not at all
                           */
    int statement_timeout_ms; /* a statement that takes longer is FURROW_TIMEOUT; 0 for no limit */
    furrow_durability durability;
    int group_wait_ms; /* SQLite: how long a transaction may sit idle between calls while others
                          that it came behind wait to commit; it is then undone, FURROW_BUSY; 250.
                          One that goes on making calls is waited for, also in `.trace` */
    int end_;
};
#define FURROW_NO_OVERFLOW (-2)

/* furrow_engine_open(&engine, url, &error, .pool_size = 5, …)
 *
 * Open the database at a URL: sqlite:///relative/file, sqlite:////absolute/file, sqlite:// (in
 * memory, private to the engine), postgresql://user@host/name?… with every parameter that libpq
 * knows (PostgreSQL manual, 34.1.2) and `prepare=off`. Percent-encoding as in RFC 3986. Connects
 * once, so that a wrong URL, password or file is told here: FURROW_INVALID for a URL or option that
 * cannot work, FURROW_DISCONNECTED for a server that is not there, FURROW_DATABASE otherwise. */
#define furrow_engine_open(...)                                                                    \
    furrow_engine_open_(sizeof(struct furrow_engine_options),                                      \
                        &(const struct furrow_engine_options){__VA_ARGS__, .end_ = 0})
FURROW_API furrow_status furrow_engine_open_(size_t size,
                                             const struct furrow_engine_options *options);

/* Close every connection. Waits `.close_timeout_ms` for sessions that are still open, in which no
 * new transaction can begin (FURROW_INVALID); then tells `.report` of each that is left, and the
 * engine is kept until the last of them closes. NULL is allowed.
 *
 * After a fork, everything in the child that has to do with an engine of the parent's is
 * FURROW_INVALID and touches neither its connections nor its files; closing it does nothing. The
 * child opens an engine of its own: on a server, or on a SQLite file that no ancestor had open when
 * it forked (FURROW_INVALID otherwise: exec first, since a process inherits SQLite's memory of its
 * locks, but not the locks). */
FURROW_API void furrow_engine_close(furrow_engine *engine);

enum { FURROW_WAIT_BUCKETS = 7, FURROW_BATCH_BUCKETS = 8 };

/* What an engine did since it was opened, but for the first three, which are now. */
typedef struct furrow_engine_statistics {
    int busy, idle;    /* connections lent, or being made; and not */
    int waiting;       /* sessions in line */
    uint64_t opened;   /* connections made */
    uint64_t recycled; /* closed for their age, for idling, or as one too many */
    uint64_t broken;   /* closed because they were lost, or could not be cleaned */
    uint64_t timeouts; /* sessions that got no connection in time */
    uint64_t leaks;    /* told of by `.leak_after_ms` */
    uint64_t waits[FURROW_WAIT_BUCKETS]; /* loans by how long they were waited for: up to 0.1 ms, 1
                                            ms, 10 ms, 100 ms, 1 s, 10 s, and longer */
    uint64_t wait_ns;                    /* waited for all of them together */
    uint64_t commits;
    uint64_t syncs; /* SQLite files: COMMITs that waited for the disk, each for one transaction or
                       for several */
    uint64_t
        batches[FURROW_BATCH_BUCKETS]; /* commits made together: 1, 2, 3-4, 5-8, …, more than 64 */
} furrow_engine_statistics;
FURROW_API furrow_engine_statistics furrow_engine_stats(furrow_engine *engine);

/* As Prometheus' text format (0.0.4), each name with furrow_ before it. Writes at most size - 1
 * bytes and a NUL; returns the text's length, like snprintf. */
FURROW_API size_t furrow_engine_stats_format(const furrow_engine_statistics *stats, char *buffer,
                                             size_t size);

/* "sqlite" or "postgresql". */
FURROW_API const char *furrow_engine_dialect(const furrow_engine *engine);

/* ---- sessions: a transaction, and the memory of what was read in it ---- */

struct furrow_session_options {
    furrow_engine *engine;
    bool read_only; /* reads a snapshot; on SQLite does not wait for the writer's turn */
    furrow_isolation isolation;
    int statement_timeout_ms; /* instead of the engine's; -1 for no limit */
    int end_;
};

/* furrow_session_open(engine, .read_only = true): a session, used by one thread at a time; its
 * transaction is that thread's which used it last. NULL when out of memory, which every call
 * accepts. No connection is borrowed before the first statement. */
#define furrow_session_open(...)                                                                   \
    furrow_session_open_(__FILE__, __LINE__, sizeof(struct furrow_session_options),                \
                         &(const struct furrow_session_options){__VA_ARGS__, .end_ = 0})
FURROW_API furrow_session *furrow_session_open_(const char *file, int line, size_t size,
                                                const struct furrow_session_options *options);

/* Keep what the transaction did. Returns the first failure's status if there was one, having rolled
 * back; FURROW_INVALID if a savepoint is open; FURROW_COMMIT_UNKNOWN if the answer was lost. The
 * next statement starts a new transaction. Frees nothing. */
FURROW_API furrow_status furrow_commit(furrow_session *s);

/* Commit without waiting for the disk, so that one thread can have many transactions under way to
 * one shared sync. What can be told at once is: a failure is returned as furrow_commit would, and
 * *out is NULL. FURROW_OK hands out a ticket, which the caller gives to furrow_commit_wait, on any
 * thread: until that says FURROW_OK nothing is certain to be kept. The session is as after a
 * commit.
 *
 * On a SQLite file the work waits in the open transaction, which keeps other processes from
 * writing, until a ticket is waited for, another session commits, 256 wait, the engine is closed,
 * or, after `.group_wait_ms`, another transaction begins. On a server, in memory, and with
 * FURROW_DURABILITY_RELAXED the commit is made at once. */
FURROW_API furrow_status furrow_commit_begin(furrow_session *s, furrow_ticket **out);
/* Wait until a ticket's transaction is on disk, and free the ticket: FURROW_OK, or why it is not
 * kept, as in *error, which may be NULL. FURROW_INVALID for NULL. Not while another thread is in
 * furrow_engine_close, or in furrow_session_close for the last session that outlived it; before
 * that, or after. A transaction of the same thread that is open meanwhile sits idle: on SQLite end
 * it first, or find it FURROW_BUSY. */
FURROW_API furrow_status furrow_commit_wait(furrow_ticket *ticket, furrow_error *error);

/* Undo the transaction. Always FURROW_OK; the last error stays readable. */
FURROW_API furrow_status furrow_rollback(furrow_session *s);

/* Roll back, free all that the session handed out, and forget the last error. */
FURROW_API void furrow_session_reset(furrow_session *s);

/* Roll back what is not committed and free the session. NULL is allowed. */
FURROW_API void furrow_session_close(furrow_session *s);

/* From any other thread: stop the statement that the session runs now, which fails with
 * FURROW_CANCELLED. Nothing happens if none runs, and never to another session's statement. The
 * session must stay open during the call, which asks a server by a connection of its own. */
FURROW_API void furrow_session_cancel(furrow_session *s);

/* The status of the first failure in this transaction, FURROW_OK if there was none. */
FURROW_API furrow_status furrow_session_status(const furrow_session *s);

/* The last failure; never NULL. Valid until the session's next failure, reset or close. */
FURROW_API const furrow_error *furrow_session_error(const furrow_session *s);

/* Savepoints nest. `end` keeps what was done since `begin` if all of it worked, else undoes it and
 * returns the first failure's status, after which the transaction goes on. `rollback` undoes it.
 * Without a matching begin: FURROW_INVALID. Begun after a failure they count depth only. */
FURROW_API furrow_status furrow_savepoint_begin(furrow_session *s);
FURROW_API furrow_status furrow_savepoint_end(furrow_session *s);
FURROW_API furrow_status furrow_savepoint_rollback(furrow_session *s);

/* What a session has done since it was opened. BEGIN, COMMIT, SAVEPOINT and FETCH are not counted.
 */
typedef struct furrow_session_statistics {
    uint64_t statements;
    uint64_t rows; /* read */
} furrow_session_statistics;
FURROW_API furrow_session_statistics furrow_session_stats(const furrow_session *s);

/* For tests: that the session has run exactly `count` statements since the last call of this, or
 * since it was opened. FURROW_INVALID if not, and furrow_session_error says how many ran; the
 * transaction goes on either way. */
FURROW_API furrow_status furrow_expect_statements(furrow_session *s, uint64_t count);

/* What runs in furrow_transact: any status but FURROW_OK rolls back. May run several times. */
typedef furrow_status furrow_transact_function(furrow_session *s, void *context);

struct furrow_transact_options {
    furrow_engine *engine;
    furrow_transact_function *function;
    void *context;
    furrow_error *error;        /* may be NULL */
    furrow_isolation isolation; /* FURROW_ISOLATION_SERIALIZABLE */
    int max_attempts;           /* 10 */
    bool read_only;
    const char *file_;
    int line_;
    int end_;
};

/* furrow_transact(engine, f, context, &error, .max_attempts = 3): run f in a session of its own and
 * commit. FURROW_BUSY and FURROW_STALE run it again from the start, after a random wait;
 * FURROW_COMMIT_UNKNOWN never does. A failure kept in the session outranks what f returned. */
#define furrow_transact(...)                                                                       \
    furrow_transact_(sizeof(struct furrow_transact_options),                                       \
                     &(const struct furrow_transact_options){__VA_ARGS__, .file_ = __FILE__,       \
                                                             .line_ = __LINE__, .end_ = 0})
FURROW_API furrow_status furrow_transact_(size_t size,
                                          const struct furrow_transact_options *options);

/* ---- values, conditions, orders, assignments: plain values without pointers into each other ----
 */

/* A value of any type, on its way to the database. Text, blobs and arrays are borrowed. */
typedef struct furrow_value {
    uint8_t type;    /* a furrow_type; integers are _INT64, reals _DOUBLE, enums _INT64 */
    uint8_t problem; /* a furrow_value_problem_: why it cannot be used */
    uint8_t op;      /* the condition's or assignment's furrow_op_; 0 in a value alone */
    uint8_t element; /* what the array of furrow_in holds: a furrow_type */
    uint32_t element_size;
    union {
        int64_t integer; /* bool, integers, enums */
        double real;
        const char *text; /* text and JSON */
        furrow_blob blob; /* also an array: elements and their count */
        furrow_time time;
        furrow_date date;
        furrow_uuid uuid;
        furrow_decimal decimal;
        const furrow_column *column;
    } as;
} furrow_value;

enum furrow_value_problem_ {
    FURROW_VALUE_FINE_ = 0,
    FURROW_VALUE_TOO_LARGE_, /* an unsigned integer past INT64_MAX */
    FURROW_VALUE_NULL_,      /* a NULL pointer where a value is needed */
    FURROW_VALUE_POINTER_,   /* a void pointer that is not NULL */
};

enum furrow_op_ {
    FURROW_OP_NONE_ = 0, /* an empty slot */
    FURROW_OP_EQ_,
    FURROW_OP_NE_,
    FURROW_OP_LT_,
    FURROW_OP_LE_,
    FURROW_OP_GT_,
    FURROW_OP_GE_,
    FURROW_OP_BETWEEN_, /* the low end; the next slot is _BETWEEN_HIGH_ */
    FURROW_OP_BETWEEN_HIGH_,
    FURROW_OP_IN_,
    FURROW_OP_NOT_IN_,
    FURROW_OP_LIKE_,
    FURROW_OP_ILIKE_,
    FURROW_OP_CONTAINS_,
    FURROW_OP_ICONTAINS_,
    FURROW_OP_STARTS_WITH_,
    FURROW_OP_ENDS_WITH_,
    FURROW_OP_IS_NULL_,
    FURROW_OP_NOT_NULL_,
    FURROW_OP_EQ_COLUMN_,
    FURROW_OP_NE_COLUMN_,
    FURROW_OP_LT_COLUMN_,
    FURROW_OP_LE_COLUMN_,
    FURROW_OP_GT_COLUMN_,
    FURROW_OP_GE_COLUMN_,
    FURROW_OP_ANY_,
    FURROW_OP_ALL_,
    FURROW_OP_NOT_, /* open a bracket: OR, AND, NOT of an AND */
    FURROW_OP_HAS_,
    FURROW_OP_NONE_OF_,
    FURROW_OP_EVERY_, /* open a bracket on a relation */
    FURROW_OP_CLOSE_,
    FURROW_OP_TOO_MANY_, /* furrow_add found no room */
    FURROW_OP_SET_,
    FURROW_OP_SET_NULL_,
    FURROW_OP_SET_COLUMN_,
    FURROW_OP_INCREMENT_,
};

/* One element of `.where`: made by furrow_eq and its like, never by hand. */
typedef struct furrow_condition {
    const void *subject; /* a column, or a relation */
    furrow_value value;
} furrow_condition;

/* One element of `.set`: made by furrow_set and its like. */
typedef struct furrow_assignment {
    const furrow_column *column;
    furrow_value value;
} furrow_assignment;

/* One element of `.order_by`: made by furrow_asc, furrow_desc, furrow_order. */
typedef struct furrow_ordering {
    const furrow_column *column;
    bool used, descending;
    const furrow_relation *through; /* a to-one whose target has the column, or NULL */
} furrow_ordering;

/* One element of `.only` and `.conflict`: made by furrow_col. */
typedef struct furrow_column_ref {
    const furrow_column *column;
    bool used;
} furrow_column_ref;

/* How many elements the lists of named arguments hold. Each array has one slot more, which must
 * stay empty: a longer initialiser fills it, and is FURROW_INVALID rather than cut. */
enum {
    FURROW_MAX_CONDITIONS = 32,
    FURROW_MAX_ORDERINGS = 8,
    FURROW_MAX_ASSIGNMENTS = 32,
    FURROW_MAX_COLUMN_REFS = 32,
    FURROW_MAX_PATHS = 4,
    FURROW_MAX_STEPS = 6, /* relationships of a path, one behind the other */
    FURROW_MAX_PATH_CONDITIONS = 8,
    FURROW_MAX_PATH_ORDERINGS = 4,
    FURROW_MAX_LIKE_SIZE = 16384, /* bytes of a pattern for like and ilike */
};

/* One path of `.with`: made by furrow_load or furrow_load_some. */
typedef struct furrow_path {
    const furrow_relation *steps[FURROW_MAX_STEPS + 1];
    furrow_condition where[FURROW_MAX_PATH_CONDITIONS + 1]; /* on the last step's rows */
    furrow_ordering order_by[FURROW_MAX_PATH_ORDERINGS + 1];
    int64_t limit; /* of the last step's rows, for each parent; 0 for all */
} furrow_path;

/* Cursors of a page, for `.after` and `.before`: opaque, belonging to the session; NULL where there
 * is no such page. */
typedef struct furrow_page {
    const char *next, *previous;
} furrow_page;

typedef enum furrow_lock {
    FURROW_LOCK_NONE = 0,
    FURROW_LOCK_FOR_UPDATE, /* the rows are locked until the transaction ends */
} furrow_lock;

/* What `.lock` does about rows that another transaction has locked. */
typedef enum furrow_if_locked {
    FURROW_IF_LOCKED_WAIT = 0,
    FURROW_IF_LOCKED_SKIP, /* leave them out of the result */
    FURROW_IF_LOCKED_FAIL, /* FURROW_BUSY */
} furrow_if_locked;

#include <furrow/typed.h>

/* furrow_each (struct todo, t, list) { … }: t goes through a list's rows. */
#define furrow_each(type, name, list)                                                              \
    for (type **name##_at_ = (list).items,                                                         \
              **name##_end_ = name##_at_ ? name##_at_ + (list).count : name##_at_, *name = NULL;   \
         name##_at_ != name##_end_ && ((name = *name##_at_), true); name##_at_++)

/* ---- raw SQL: the text must be a string literal; `?` is a bound value, `??` a question mark ----
 */

/* furrow_exec(s, "UPDATE … WHERE id = ?", id): run one statement, forget its rows. Transaction
 * control, ATTACH and settings that outlive the statement are FURROW_INVALID. At most 32 values:
 * integers, reals, bool, text, furrow_time and the other value types, NULL. */
#define furrow_exec(...) FURROW_EXEC_(furrow_exec_, __VA_ARGS__)
FURROW_API furrow_status furrow_exec_(furrow_session *s, const char *sql,
                                      const furrow_value *values, size_t count);

/* furrow_query(s, &rows, "SELECT …", values…): run one statement and keep its rows in the session.
 * *out is NULL on failure, which furrow_rows_next accepts. */
#define furrow_query(...) FURROW_QUERY_(furrow_query_, __VA_ARGS__)
FURROW_API furrow_status furrow_query_(furrow_session *s, furrow_rows **out, const char *sql,
                                       const furrow_value *values, size_t count);

/* How many rows were changed by the session's last furrow_exec. */
FURROW_API uint64_t furrow_session_changed(const furrow_session *s);

/* The escape hatch, for tools: the text of a program's user must never reach it. What it leaves in
 * a SQLite connection (PRAGMA, ATTACH, temporary tables) goes with that connection at the end of
 * the transaction; only a database in memory, which its connection is, keeps it. Such a statement
 * is the first of its transaction: later ones are FURROW_INVALID where others commit in the same.
 */
FURROW_API furrow_status furrow_unsafe_sql(furrow_session *s, furrow_rows **out, const char *sql,
                                           const furrow_value *values, size_t count);

/* Go to the next row, the first at the first call; false after the last. */
FURROW_API bool furrow_rows_next(furrow_rows *rows);
FURROW_API size_t furrow_rows_count(const furrow_rows *rows);
FURROW_API size_t furrow_rows_column_count(const furrow_rows *rows);
/* The name of column i, "" past the end; the index of a name, or -1. */
FURROW_API const char *furrow_rows_column_name(const furrow_rows *rows, int i);
FURROW_API int furrow_rows_column_index(const furrow_rows *rows, const char *name);
/* The value of column i (from 0) in the current row, converted where nothing is lost. NULL, a
 * column that is not there and what cannot be converted give 0, "" or an empty blob; the last two
 * also fail the transaction with FURROW_INVALID. */
FURROW_API int64_t furrow_row_int64(furrow_rows *rows, int i);
FURROW_API double furrow_row_double(furrow_rows *rows, int i);
FURROW_API bool furrow_row_bool(furrow_rows *rows, int i);
FURROW_API const char *furrow_row_text(furrow_rows *rows, int i);
FURROW_API furrow_blob furrow_row_blob(furrow_rows *rows, int i);
/* Written furrow_row_is_null(rows, i). True past the last column. */
FURROW_API bool furrow_row_is_null(furrow_rows *rows, int i);

/* ---- schema ---- */

/* Create the schema's tables, constraints and indexes that are not there, in the session's
 * transaction, under a lock that every create_all honours. A table that exists is compared with its
 * model: FURROW_SCHEMA names the difference. */
FURROW_API furrow_status furrow_create_all(furrow_session *s, const furrow_schema *schema);

/* Drop the schema's tables, those that are there, with all that is in them. */
FURROW_API furrow_status furrow_drop_all(furrow_session *s, const furrow_schema *schema);

/* ---- migrations: a history of revisions, compiled in by `furrow embed` ---- */

/* Constants, which what `furrow embed` writes has. */
typedef struct furrow_history_file {
    const char *name, *text;
    size_t size; /* of the text, in bytes */
} furrow_history_file;

typedef struct furrow_history {
    uint32_t format; /* FURROW_HISTORY_FORMAT_VERSION */
    const char *name;
    const furrow_history_file *files; /* revisions */
    size_t count;
    furrow_history_file sum; /* furrow.sum */
} furrow_history;
#define FURROW_HISTORY_FORMAT_VERSION 1

typedef enum furrow_migrate_mode {
    FURROW_MIGRATE_UPGRADE = 0, /* apply what is not applied */
    FURROW_MIGRATE_WAIT,        /* until somebody else has: `.timeout_ms` at most */
    FURROW_MIGRATE_REFUSE,      /* only look */
} furrow_migrate_mode;

/* What furrow_migrate does, as handed to `.progress`. Valid during the call. */
typedef struct furrow_migrate_event {
    const char *revision, *message; /* its id; "" while it is not known */
    const char *what; /* "rebuild contact", whose rows are counted; NULL: the revision is applied,
                         and revisions are counted */
    uint64_t done, total;
    int64_t elapsed_ms;
} furrow_migrate_event;

typedef void furrow_migrate_function(void *context, const furrow_migrate_event *event);

struct furrow_migrate_options {
    furrow_engine *engine;
    const furrow_history *history;
    furrow_error *error; /* may be NULL */
    furrow_migrate_mode mode;
    int timeout_ms;       /* for others who migrate, or write on SQLite; 60,000; -1 not at all */
    bool allow_data_loss; /* run also what deletes rows or values, and does not say so itself */
    bool ignore_drift;    /* do not look whether somebody else changed what revisions made */
    furrow_migrate_function *progress; /* on this thread; must not use the engine */
    void *progress_context;
    int end_;
};

/* furrow_migrate(engine, &shop_history, &error, .mode = FURROW_MIGRATE_REFUSE, …)
 *
 * Bring the database to the history's head, or make sure that it is there: to be called at the
 * start of a program, by any number of processes at once. Each revision is one transaction, as
 * `furrow upgrade` runs it; what was applied before a failure stays.
 *
 * FURROW_OK: it is at the head, and as the revisions made it. FURROW_SCHEMA: it is not at the head
 * (REFUSE); it has a revision that this history does not know, from a newer program; a revision's
 * file was another when it was applied; or somebody else changed the tables. FURROW_TIMEOUT: others
 * were in the way for `.timeout_ms`, or it was waited for in vain. FURROW_INVALID: a history or
 * option that cannot work, rows in the way of a revision, or a session of this thread that holds
 * the writer of SQLite. Else what the database said, naming the revision.
 *
 * Connects anew but for a database in memory; sessions of the engine may be open. On SQLite it
 * stands in line with those that write. */
#define furrow_migrate(...)                                                                        \
    furrow_migrate_(sizeof(struct furrow_migrate_options),                                         \
                    &(const struct furrow_migrate_options){__VA_ARGS__, .end_ = 0})
FURROW_API furrow_status furrow_migrate_(size_t size, const struct furrow_migrate_options *options);

/* ---- values: parse and format; false and *out zero where the text is none ---- */

/* ISO 8601 / RFC 3339: YYYY-MM-DD[T ]HH:MM[:SS[.f…]](Z|±HH[:MM]); at most six digits of fraction.
 */
FURROW_API bool furrow_time_parse(const char *text, furrow_time *out);
FURROW_API bool furrow_date_parse(const char *text, furrow_date *out);
FURROW_API bool furrow_uuid_parse(const char *text, furrow_uuid *out);
FURROW_API bool furrow_decimal_parse(const char *text, furrow_decimal *out);
/* Checks that the text is one JSON value of valid UTF-8; *out borrows it. */
FURROW_API bool furrow_json_parse(const char *text, furrow_json *out);
/* Write the text and a NUL into buffer[size]; returns the text's length in bytes, like snprintf, 0
 * for a value out of range. YYYY-MM-DDTHH:MM:SS.ffffffZ; YYYY-MM-DD; 36 lower-case characters;
 * -1.50 */
FURROW_API size_t furrow_time_format(furrow_time value, char *buffer, size_t size);
FURROW_API size_t furrow_date_format(furrow_date value, char *buffer, size_t size);
FURROW_API size_t furrow_uuid_format(furrow_uuid value, char *buffer, size_t size);
FURROW_API size_t furrow_decimal_format(furrow_decimal value, char *buffer, size_t size);
enum {
    FURROW_TIME_SIZE = 28,
    FURROW_DATE_SIZE = 11,
    FURROW_UUID_SIZE = 37,
    FURROW_DECIMAL_SIZE = 24,
}; /* buffers that always suffice, in bytes, with the NUL */
/* The same value with another scale, exactly, or false. */
FURROW_API bool furrow_decimal_rescale(furrow_decimal value, int scale, furrow_decimal *out);

/* ---- memory ---- */

/* Replace malloc, realloc and free for all of furrow, before its first call in the process. */
typedef struct furrow_allocator {
    void *(*allocate)(size_t size, void *context);
    void *(*reallocate)(void *block, size_t size, void *context);
    void (*release)(void *block, void *context);
    void *context;
} furrow_allocator;
FURROW_API void furrow_set_allocator(const furrow_allocator *allocator);

#include <furrow/generated.h>

#endif
