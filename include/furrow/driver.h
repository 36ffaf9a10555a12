/* SPDX-License-Identifier: MIT
 *
 * What a driver is: the only code that sees a database's client library. A driver does I/O and
 * nothing else; SQL text comes from outside, in the driver's dialect. One const vtable each, every
 * function required unless it says otherwise.
 *
 * A connection and its statements are used by one thread at a time, but for `cancel`. Between
 * `execute` and `reset` a statement is active; a driver must allow any number of active statements
 * on one connection, and reading one while others run.
 *
 * A driver's functions fill *error on failure (status, native code, SQLSTATE, table, column,
 * constraint, message, hint) and return its status; the caller adds the SQL. Bound values, also
 * those that a server quotes back, never appear in an error. `error` is never NULL.
 */
#ifndef FURROW_DRIVER_H
#define FURROW_DRIVER_H

#include <furrow/furrow.h>

#define FURROW_DRIVER_VERSION 1

/* Where text and blobs that were read go: freed as a whole by the caller. */
typedef struct furrow_arena furrow_arena;
/* `size` bytes aligned for any type, or NULL. */
FURROW_API void *furrow_arena_allocate(furrow_arena *arena, size_t size);

typedef struct furrow_driver furrow_driver;

/* The first member of a driver's own connection. */
typedef struct furrow_connection {
    const furrow_driver *driver;
    bool broken;         /* set by the driver when the connection must not be used again */
    bool in_transaction; /* kept by the driver: begin succeeded and nothing has ended it since */
    bool untidy;         /* set by the driver when `tidy` has something to do */
    bool unclean; /* set by the driver when something outlives the transaction that `reset` does not
                     undo: the connection is not lent again */
    uint64_t syncs; /* SQLite: commits for which the disk was waited; counted by the driver */
} furrow_connection;

/* The first member of a driver's own statement. */
typedef struct furrow_statement {
    furrow_connection *connection;
    uint64_t changed;    /* rows inserted, updated or deleted, once `step` said there are no more */
    int column_count;    /* of the result; 0 for a statement without one; set by `prepare` */
    int parameter_count; /* set by `prepare` */
    bool changes_schema; /* tables, indexes, views, triggers; set by `prepare` where units are */
    bool outdated;       /* set by `execute`: what counts_keys told is no longer so */
    void *held;          /* the caller's: its place in a cache, or NULL; a driver leaves it alone */
} furrow_statement;

struct furrow_connect_options {
    const char *url; /* whole, as the user gave it */
    bool read_only;  /* SQLite: a reader */
    int busy_timeout_ms;
    bool prepare;           /* false: no named statements on the server */
    bool relaxed;           /* SQLite: FURROW_DURABILITY_RELAXED */
    int connect_timeout_ms; /* for connecting; 0 for no limit but the URL's */
    int answer_timeout_ms;  /* for a sign of life, a rollback and cleaning; 0 for none */
    bool server_words;      /* PostgreSQL: errors of statements without parameters say all that the
                               server says, which may quote rows: for migrations */
};

/* A column of a live table, as `tables` reports it. Text belongs to the arena. */
typedef struct furrow_live_column {
    const char *name;
    const char *type;     /* as the dialect writes it: "INTEGER", "character varying(20)" */
    const char *default_; /* as the engine renders it, or NULL */
    bool nullable;
    int key; /* place in the primary key, from 1; 0 for none */
    bool generated;
} furrow_live_column;

typedef struct furrow_live_table {
    const char *schema; /* NULL where the engine has none, or for the default one */
    const char *name;
    const char *sql; /* SQLite: its CREATE statement; else NULL */
    const furrow_live_column *columns;
    size_t column_count;
} furrow_live_table;

struct furrow_driver {
    uint32_t version;   /* FURROW_DRIVER_VERSION */
    const char *name;   /* "sqlite", "postgresql" */
    const char *scheme; /* of its URLs: "sqlite", "postgresql" */

    /* Connect. FURROW_INVALID for a malformed URL, FURROW_DISCONNECTED for a server that is not
     * there, FURROW_TIMEOUT for one that did not answer in connect_timeout_ms, FURROW_DATABASE for
     * what else it refuses (password, no such database, no database file). The password never
     * appears in *error. */
    furrow_status (*open)(furrow_connection **out, const struct furrow_connect_options *options,
                          furrow_error *error);
    /* Close with all statements. NULL is allowed. */
    void (*close)(furrow_connection *connection);
    /* Ask the server for a sign of life. */
    furrow_status (*ping)(furrow_connection *connection, furrow_error *error);
    /* Roll back, and undo what outlives a transaction (settings, temporary tables, locks,
     * listening); prepared statements stay. A connection that cannot be cleaned is marked broken.
     */
    furrow_status (*reset)(furrow_connection *connection, furrow_error *error);
    /* From any thread: stop what runs on the connection, which then fails with FURROW_CANCELLED. */
    void (*cancel)(furrow_connection *connection);

    /* From now on a statement that takes longer than timeout_ms fails with FURROW_TIMEOUT; 0 for no
     * limit. Called outside a transaction. Optional. */
    void (*limit)(furrow_connection *connection, int timeout_ms);
    /* What can wait until nobody else wants the connection: called where it says `untidy`.
     * Optional. */
    void (*tidy)(furrow_connection *connection);

    /* A transaction. A driver may send BEGIN together with the next statement. commit:
     * FURROW_COMMIT_UNKNOWN if the answer was lost. After a failed commit or a rollback there is no
     * transaction. */
    furrow_status (*begin)(furrow_connection *connection, furrow_isolation isolation,
                           bool read_only, furrow_error *error);
    furrow_status (*commit)(furrow_connection *connection, furrow_error *error);
    furrow_status (*rollback)(furrow_connection *connection, furrow_error *error);
    /* Savepoints by depth, from 1. */
    furrow_status (*savepoint)(furrow_connection *connection, int depth, furrow_error *error);
    furrow_status (*release)(furrow_connection *connection, int depth, furrow_error *error);
    furrow_status (*rollback_to)(furrow_connection *connection, int depth, furrow_error *error);

    /* Units: the transactions of several sessions, one behind the other, within one of the
     * database's, so that one COMMIT serves them all. Optional, all or none; the first needs no
     * subtransaction_begin. subtransaction_end keeps what a unit did, after looking at all that
     * COMMIT would look at; where it fails, the unit is undone. subtransaction_rollback also ends
     * the statements that are active. in_transaction tells after each whether the transaction
     * around the units is still there. can_share_commit: that the transaction, or unit, wrote and
     * is such that others can come behind it; one that changed the schema is not. */
    furrow_status (*subtransaction_begin)(furrow_connection *connection, furrow_error *error);
    furrow_status (*subtransaction_end)(furrow_connection *connection, furrow_error *error);
    void (*subtransaction_rollback)(furrow_connection *connection);
    bool (*can_share_commit)(furrow_connection *connection);

    /* Prepare one statement; `size` is the text's, in bytes, and text[size] is NUL. Parameters are
     * the dialect's ($1 or ?1). Two statements in one text, or none, are FURROW_INVALID.
     * raw: the text is the user's: what would end the transaction, attach a database or outlive
     * the statement is FURROW_INVALID, judged by parsing or by the engine, before anything runs. */
    furrow_status (*prepare)(furrow_connection *connection, furrow_statement **out,
                             const char *text, size_t size, bool raw, furrow_error *error);
    /* Free. NULL is allowed. */
    void (*finalize)(furrow_statement *statement);

    /* Bind parameter `index` (from 0). With a column the value becomes that column's type in this
     * engine; without one, the type that the engine says the parameter has: FURROW_INVALID, naming
     * the parameter, if it cannot be converted without loss. Text and blobs are borrowed until
     * reset. Range, length, enum, UTF-8 and NaN are checked by the caller. A NULL furrow_value is
     * NULL. */
    furrow_status (*bind)(furrow_statement *statement, int index, const furrow_column *column,
                          const furrow_value *value, furrow_error *error);
    /* Bind `count` columns of a row, from parameter `index` on. */
    furrow_status (*bind_row)(furrow_statement *statement, int index,
                              const furrow_column *const *columns, size_t count, const void *row,
                              furrow_error *error);
    /* Bind one array: `count` elements, `stride` bytes apart, the first at `first`. has: the offset
     * of a furrow_opt's `has` relative to its element, or 0 for an array without nulls (text, blob
     * and JSON: a NULL pointer is NULL if the column is nullable). On PostgreSQL an array of the
     * column's type, for = ANY($1) and UNNEST; on SQLite what `SELECT value FROM furrow_array(?1)`
     * reads. */
    furrow_status (*bind_array)(furrow_statement *statement, int index, const furrow_column *column,
                                const void *first, size_t stride, ptrdiff_t has, size_t count,
                                furrow_error *error);
    /* Bind columns (at most 64) of an array of structs, `stride` bytes apart, the first at `first`:
     * on SQLite what `SELECT c0, c1, … FROM furrow_rows(?1)` reads, rowid being the place from 1.
     * Rows and `columns` are borrowed until reset. Optional: NULL on PostgreSQL. */
    furrow_status (*bind_rows)(furrow_statement *statement, int index,
                               const furrow_column *const *columns, size_t count, const void *first,
                               size_t stride, size_t row_count, furrow_error *error);

    /* Whether an INSERT of what bind_rows gives, which leaves `key` out, gives keys that count on
     * by one in the rows' order, so that all are known by last_key if every row went in; with key
     * == NULL, whether rows go in as they are, as no trigger sees them. `execute` fails, with
     * nothing done and `outdated` set, if the schema has changed since. Optional, with bind_rows.
     */
    bool (*counts_keys)(furrow_statement *statement, const furrow_column *key);

    /* Run what is bound. */
    furrow_status (*execute)(furrow_statement *statement, furrow_error *error);
    /* Go to the next row: *row is false behind the last, and `changed` is then known. */
    furrow_status (*step)(furrow_statement *statement, bool *row, furrow_error *error);
    /* How many rows the whole result has, or 0 if the driver does not know before the end. */
    size_t (*row_count)(furrow_statement *statement);
    /* Read `count` result columns, from result column 0 on, into the fields of a row; a NULL column
     * passes over that result column. Text and blobs are copied to the arena. FURROW_SCHEMA for a
     * type that cannot be the column's, FURROW_INVALID for a value that does not fit its field, is
     * no valid UTF-8, holds NUL, or is no enum value, naming table and column. */
    furrow_status (*read_row)(furrow_statement *statement, const furrow_column *const *columns,
                              size_t count, void *row, furrow_arena *arena, furrow_error *error);
    /* Read result column i as what it is: NULL, BOOL, INT64, DOUBLE, TEXT, BLOB, TIME, DATE, UUID,
     * DECIMAL, JSON; a type without a C form as TEXT in the engine's own spelling. */
    furrow_status (*read_value)(furrow_statement *statement, int i, furrow_value *out,
                                furrow_arena *arena, furrow_error *error);
    /* Name of result column i, NULL when out of memory, and its type where the engine knows it
     * before a row is read; else FURROW_TYPE_NULL. Valid while the statement is. */
    const char *(*column_name)(furrow_statement *statement, int i);
    furrow_type (*column_type)(furrow_statement *statement, int i);
    /* The integer key that the connection's last INSERT of one row was given. Optional: where it is
     * NULL the key comes back by RETURNING. */
    int64_t (*last_key)(furrow_connection *connection);
    /* Done with the result and with what was bound; the statement can be bound again. */
    void (*reset_statement)(furrow_statement *statement);

    /* Serialise schema changes: wait for a lock held until the transaction ends. */
    furrow_status (*lock_schema)(furrow_connection *connection, furrow_error *error);
    /* Describe one table or, with columns == NULL, say that it is not there. Temporary tables and
     * views are not tables. */
    furrow_status (*describe_table)(furrow_connection *connection, furrow_live_table *out,
                                    const char *schema, const char *table, furrow_arena *arena,
                                    furrow_error *error);
    /* After a foreign key violation that named no constraint: find the first of the model's keys
     * that `row` breaks, or, with row == NULL, a table that still refers to `model`. Optional. */
    void (*explain_violation)(furrow_connection *connection, const furrow_model *model,
                              const void *row, furrow_error *error);
};

FURROW_API extern const furrow_driver furrow_driver_sqlite;
FURROW_API extern const furrow_driver furrow_driver_postgresql; /* where built with libpq */

#endif
