/* SPDX-License-Identifier: MIT
 *
 * For authors of drivers. A driver is the only code that calls a database's client library. It
 * performs input and output and nothing else: its caller passes the SQL text, in the driver's
 * dialect. A driver is one constant struct furrow_driver. The table before that struct shows which
 * of its functions are required.
 *
 * A connection and its statements are used by one thread at a time, except for `cancel`. A
 * statement is active from `execute` until `reset_statement`. A driver must allow any number of
 * active statements on one connection, and must allow reading one of them while others run. The
 * rows of a result are those that existed when `execute` was called, even if other statements of
 * the connection write before the rows are read.
 *
 * A function that fails returns a status other than FURROW_OK and fills *error with the same
 * status, the native code, SQLSTATE, table, column, constraint, message and hint, as far as they
 * are known; the caller adds the SQL text. An error contains neither bound values nor values that
 * the database quotes in its message. `error` is never NULL.
 */
#ifndef FURROW_DRIVER_H
#define FURROW_DRIVER_H

#include <furrow/furrow.h>

/* The version of the struct furrow_driver. */
#define FURROW_DRIVER_VERSION 2

/* The memory that `read_row`, `read_value` and `describe_table` copy text and blobs into. The
 * caller frees it as a whole. */
typedef struct furrow_arena furrow_arena;
/* Returns `size` bytes that are aligned for any type, or NULL. */
FURROW_API void *furrow_arena_allocate(furrow_arena *arena, size_t size);

typedef struct furrow_driver furrow_driver;

/* Identifies a file, even if it is renamed; see st_dev and st_ino in the manual of stat(2). */
typedef struct furrow_file {
    uint64_t device, inode;
} furrow_file;

/* The first member of a driver's own connection struct. The driver sets all members. */
typedef struct furrow_connection {
    const furrow_driver *driver;
    furrow_file file;    /* SQLite: the file that was opened */
    bool broken;         /* set if the connection must not be used again; never cleared */
    bool in_transaction; /* `begin` succeeded, and the transaction has not ended since */
    bool has_idle_work;  /* `run_idle_work` has something to do */
    bool altered;        /* a statement made a change to the connection that neither the end of the
                            transaction nor `reset` undoes; no other session may use the connection */
    bool may_be_dirty;   /* the last transaction may have left changes that outlive it: `reset` is
                            necessary before another session uses the connection */
    bool schema_changed; /* a statement failed because its tables were changed by another program.
                            The caller clears this member */
    bool keys_used_up;   /* the last error occurred because no key is left for a new row */
    uint64_t syncs;      /* SQLite: the number of commits that waited for the disk */
} furrow_connection;

/* The first member of a driver's own statement struct. */
typedef struct furrow_statement {
    furrow_connection *connection;
    uint64_t changed;    /* rows inserted, updated or deleted; valid after `step` has found no more
                            rows */
    int column_count;    /* number of columns of the result; 0 if there is no result; set by
                            `prepare` */
    int parameter_count; /* set by `prepare` */
    bool changes_schema; /* the statement creates, alters or drops a table, index, view or trigger;
                            set by `prepare` if the driver has subtransactions, otherwise by
                            `execute` */
    bool outdated;       /* set by `execute` if the schema has changed since
                            `assigns_sequential_keys` or `keeps_rows` returned true */
    void *cache_entry;   /* for the caller's own use; the driver does not touch it */
} furrow_statement;

struct furrow_connect_options {
    const char *url;  /* the complete URL, as the user wrote it */
    furrow_file file; /* SQLite: `open` fails unless it finds this file; zero: any file */
    bool read_only;   /* SQLite: the connection is read-only */
    int busy_timeout_ms;
    bool prepare;           /* false: do not use named prepared statements */
    bool is_pooled;         /* PostgreSQL: the connection serves several sessions, so `commit` also
                               undoes settings that triggers have changed */
    bool relaxed;           /* SQLite: commit as with FURROW_DURABILITY_RELAXED */
    int connect_timeout_ms; /* time limit for connecting; 0: only the limit in the URL applies */
    int answer_timeout_ms;  /* time limit for `ping`, `rollback` and `reset`; 0: no limit */
    bool server_text; /* PostgreSQL, for migrations: the error of a statement without parameters
                         includes the server's message, detail and hint, which can quote rows */
};

/* The text of one statement. */
typedef struct furrow_statement_text {
    const char *text; /* NUL-terminated: text[size] is 0 */
    size_t size;      /* in bytes, without the NUL */
    bool raw;         /* the text comes from the program, not from furrow, so `prepare` must check
                         it */
} furrow_statement_text;

/* Columns of one struct, in the order of the statement's parameters or of the result's columns. */
typedef struct furrow_column_list {
    const furrow_column *const *columns;
    size_t count;
} furrow_column_list;

/* An array in the program's memory whose elements have a column's type. */
typedef struct furrow_array {
    const furrow_column *column;
    const void *first;    /* the first element */
    size_t stride;        /* bytes from one element to the next */
    ptrdiff_t has_offset; /* offset of `has` from the element, in bytes; 0: the elements have no
                             `has` (in a nullable column, a NULL pointer still means NULL) */
    size_t count;         /* number of elements */
} furrow_array;

/* An array of structs in the program's memory. */
typedef struct furrow_row_array {
    furrow_column_list columns; /* the fields to bind, at most FURROW_ROW_ARRAY_COLUMNS */
    const void *first;          /* the first struct */
    size_t stride;              /* bytes from one struct to the next */
    size_t count;               /* number of structs */
} furrow_row_array;
enum { FURROW_ROW_ARRAY_COLUMNS = 64 };

typedef struct furrow_table_name {
    const char *schema; /* NULL: the default schema */
    const char *table;
} furrow_table_name;

/* A column of a table in the database, as `describe_table` reports it. The strings are in the
 * arena. */
typedef struct furrow_live_column {
    const char *name;
    const char *type;     /* as the engine writes it: "INTEGER", "character varying(20)" */
    const char *default_; /* as the engine writes it; NULL if the column has no default */
    bool nullable;
    int key; /* position in the primary key, starting at 1; 0: not a key column */
    bool generated;
} furrow_live_column;

typedef struct furrow_live_table {
    const char *schema; /* NULL: the default schema, or the engine has no schemas */
    const char *name;   /* NULL: the table does not exist */
    const char *sql;    /* SQLite: the table's CREATE statement; NULL on other engines */
    const furrow_live_column *columns;
    size_t column_count;
} furrow_live_table;

/* The functions of a driver. An optional function may be NULL; the table shows the consequence.
 *
 *   | function                                   | required                                       |
 *   |--------------------------------------------|------------------------------------------------|
 *   | open, close, ping, reset, cancel           | yes                                            |
 *   | is_missing                                 | optional: if NULL, furrow has to connect       |
 *   | is_in_memory                               | optional: if NULL, no database is in memory    |
 *   | set_timeout                                | optional: if NULL, statements have no limit    |
 *   | run_idle_work                              | optional: if NULL, has_idle_work is never set  |
 *   | begin, commit, rollback                    | yes                                            |
 *   | savepoint, release, rollback_to            | yes                                            |
 *   | subtransaction_begin, subtransaction_end,  | optional, all four or none: if NULL, sessions  |
 *   | subtransaction_rollback, can_share_commit  | do not share commits                           |
 *   | prepare, finalize                          | yes                                            |
 *   | bind, bind_row, bind_array                 | yes                                            |
 *   | bind_rows, assigns_sequential_keys,        | optional, all three or none: if NULL, inserts  |
 *   | keeps_rows                                 | of many rows bind arrays or one row at a time  |
 *   | execute, step, row_count                   | yes                                            |
 *   | read_row, read_value                       | yes                                            |
 *   | column_name, column_type                   | yes                                            |
 *   | last_key                                   | optional: if NULL, RETURNING reads a new key   |
 *   | assigned_key                               | optional: if NULL, every INSERT that leaves    |
 *   |                                            | out the key is given one, or fails             |
 *   | reset_statement                            | yes                                            |
 *   | expire                                     | optional: if NULL, the database itself keeps   |
 *   |                                            | statements up to date                          |
 *   | lock_schema, describe_table                | yes                                            |
 *   | explain_violation                          | optional: if NULL, the database's own errors   |
 *   |                                            | name the constraint                            |
 */
struct furrow_driver {
    uint32_t version;   /* FURROW_DRIVER_VERSION */
    const char *name;   /* "sqlite", "postgresql" */
    const char *scheme; /* scheme of the driver's URLs: "sqlite", "postgresql" */
    bool single_writer; /* true: the database is a file; only one connection at a time can write to
                           it, and a connection cannot be lost. false: the database is a server */

    /* Whether the URL names an in-memory database, which exists in one connection only. */
    bool (*is_in_memory)(const char *url);

    /* Connects. Returns FURROW_INVALID for a malformed URL, FURROW_DISCONNECTED if the server
     * cannot be reached, FURROW_TIMEOUT if it did not answer within connect_timeout_ms, and
     * FURROW_DATABASE for any other error, such as a wrong password, a database that does not
     * exist, or a file that is not a database. The password never appears in *error. */
    furrow_status (*open)(furrow_connection **out, const struct furrow_connect_options *options,
                          furrow_error *error);
    /* Whether the database at this URL is known not to exist. Does not connect. */
    bool (*is_missing)(const char *url);
    /* Closes the connection and frees its statements. NULL is allowed. */
    void (*close)(furrow_connection *connection);
    /* Checks that the server still answers. */
    furrow_status (*ping)(furrow_connection *connection, furrow_error *error);
    /* Rolls back the open transaction, and undoes changes that outlive a transaction: settings,
     * temporary tables, locks, LISTEN. Prepared statements are kept. If the connection cannot be
     * cleaned, it is marked as broken. */
    furrow_status (*reset)(furrow_connection *connection, furrow_error *error);
    /* Stops the running statement of the connection. The statement then fails with
     * FURROW_CANCELLED. May be called from any thread. */
    void (*cancel)(furrow_connection *connection);

    /* Sets the time limit of a statement, in ms; 0 means no limit. A statement that takes longer
     * fails with FURROW_TIMEOUT. Called outside a transaction. */
    void (*set_timeout)(furrow_connection *connection, int timeout_ms);
    /* Does work that was postponed until no session uses the connection. Called only if
     * has_idle_work is set. */
    void (*run_idle_work)(furrow_connection *connection);

    /* Transactions. A driver may send BEGIN together with the next statement. `commit` returns
     * FURROW_COMMIT_UNKNOWN if the connection was lost before the answer arrived, or if COMMIT
     * failed in a way that may leave the transaction committed; `broken` is then set. After a
     * failed commit, and after a rollback, no transaction is open. */
    furrow_status (*begin)(furrow_connection *connection, furrow_isolation isolation,
                           bool read_only, furrow_error *error);
    furrow_status (*commit)(furrow_connection *connection, furrow_error *error);
    furrow_status (*rollback)(furrow_connection *connection, furrow_error *error);
    /* Savepoints. `depth` is the number of the savepoint; the outermost savepoint has number 1. */
    furrow_status (*savepoint)(furrow_connection *connection, int depth, furrow_error *error);
    furrow_status (*release)(furrow_connection *connection, int depth, furrow_error *error);
    furrow_status (*rollback_to)(furrow_connection *connection, int depth, furrow_error *error);

    /* Subtransactions: several sessions run their transactions one after the other within one
     * database transaction, so that one COMMIT serves them all. The first session calls `begin`,
     * and each later session calls `subtransaction_begin`. `subtransaction_end` checks everything
     * that COMMIT would check and keeps the changes; if it fails, the changes are rolled back.
     * `subtransaction_rollback` also resets the active statements. After each of these functions,
     * `in_transaction` shows whether the outer transaction is still open. `can_share_commit`
     * returns whether another subtransaction can follow the current subtransaction. It returns
     * false if the current subtransaction wrote nothing or changed the schema. */
    furrow_status (*subtransaction_begin)(furrow_connection *connection, furrow_error *error);
    furrow_status (*subtransaction_end)(furrow_connection *connection, furrow_error *error);
    void (*subtransaction_rollback)(furrow_connection *connection);
    bool (*can_share_commit)(furrow_connection *connection);

    /* Prepares one statement, whose parameters have the form of the driver's dialect ($1 or ?1).
     * Returns FURROW_INVALID if the text contains no statement or more than one. Raw text that
     * would end the transaction, attach a database or change the connection for later sessions is
     * rejected with FURROW_INVALID before it runs. */
    furrow_status (*prepare)(furrow_connection *connection, furrow_statement **out,
                             const furrow_statement_text *text, furrow_error *error);
    /* Frees a statement. NULL is allowed. */
    void (*finalize)(furrow_statement *statement);

    /* Binds a value to parameter `index`, counted from 0. With a column, the value is converted to
     * the column's type in this engine. Without a column, it is converted to the type that the
     * engine reports for the parameter; if that would lose information, the call returns
     * FURROW_INVALID and names the parameter. Text and blobs are borrowed until reset_statement.
     * The caller has checked ranges, lengths, enums, UTF-8 and NaN. A value of type
     * FURROW_TYPE_NULL binds NULL. */
    furrow_status (*bind)(furrow_statement *statement, int index, const furrow_column *column,
                          const furrow_value *value, furrow_error *error);
    /* Binds fields of the struct `row` to parameters, starting with parameter `index`. */
    furrow_status (*bind_row)(furrow_statement *statement, int index, furrow_column_list columns,
                              const void *row, furrow_error *error);
    /* Binds an array to one parameter. On PostgreSQL the parameter is an array of the column's
     * type, as in `= ANY($1)` and `UNNEST($1)`. On SQLite the statement reads the array with
     * `SELECT value FROM furrow_array(?1)`. */
    furrow_status (*bind_array)(furrow_statement *statement, int index, const furrow_array *array,
                                furrow_error *error);
    /* Binds an array of structs to one parameter. SQLite reads the structs with `SELECT c0, c1, …
     * FROM furrow_rows(?1)`, where `rowid` is the position of a struct, counted from 1. The structs
     * and the list of columns are borrowed until `reset_statement`. */
    furrow_status (*bind_rows)(furrow_statement *statement, int index, const furrow_row_array *rows,
                               furrow_error *error);
    /* Whether an INSERT that leaves out the column `key` gives the rows bound by `bind_rows`
     * consecutive keys in the order of the rows. The result of `last_key` then determines all of
     * the keys. If this function returned true and the schema has changed since, `execute` does
     * nothing, sets `outdated` and fails. */
    bool (*assigns_sequential_keys)(furrow_statement *statement, const furrow_column *key);
    /* Called after `execute`. Sets *assigned to whether the INSERT, which left out the column
     * `key`, stored the result of `last_key` in that column. */
    furrow_status (*assigned_key)(furrow_statement *statement, const furrow_column *key,
                                  bool *assigned, furrow_error *error);
    /* Whether an INSERT stores the rows bound by `bind_rows` unchanged, which is true if no trigger
     * runs. If this function returned true and the schema has changed since, `execute` does
     * nothing, sets `outdated` and fails. */
    bool (*keeps_rows)(furrow_statement *statement);

    /* Runs the statement with the bound values. */
    furrow_status (*execute)(furrow_statement *statement, furrow_error *error);
    /* Moves to the next row. Sets *row to false after the last row; `changed` is then valid. */
    furrow_status (*step)(furrow_statement *statement, bool *row, furrow_error *error);
    /* Returns the number of rows of the whole result. Returns 0 if the driver knows the number only
     * after it has read the last row. */
    size_t (*row_count)(furrow_statement *statement);
    /* Reads the current row into fields of the struct `row`: the i-th result column into the i-th
     * column of the list. A NULL in the list skips its result column. Text and blobs are copied to
     * the arena. Returns FURROW_SCHEMA if the type of a result column cannot be read as the type of
     * the field. Returns FURROW_INVALID, and names the table and the column, if a value does not
     * fit its field, is not valid UTF-8, contains a NUL, or is not a value of the enum; if the list
     * contains the whole key, the error also contains the row's key, and its hint is an UPDATE that
     * corrects the value. */
    furrow_status (*read_row)(furrow_statement *statement, furrow_column_list columns, void *row,
                              furrow_arena *arena, furrow_error *error);
    /* Reads result column `i` in its own type: NULL, BOOL, INT64, DOUBLE, TEXT, BLOB, TIME, DATE,
     * UUID, DECIMAL or JSON. A value of any other type is read as TEXT, as the engine writes it. */
    furrow_status (*read_value)(furrow_statement *statement, int i, furrow_value *out,
                                furrow_arena *arena, furrow_error *error);
    /* Returns the name of result column `i`, valid as long as the statement; NULL when out of
     * memory. */
    const char *(*column_name)(furrow_statement *statement, int i);
    /* Returns the type of result column `i`. Returns FURROW_TYPE_NULL if the driver knows the type
     * only after it has read a row. */
    furrow_type (*column_type)(furrow_statement *statement, int i);
    /* Returns the integer key that the database assigned in the last INSERT of one row on this
     * connection. */
    int64_t (*last_key)(furrow_connection *connection);
    /* Ends the result and clears the bound values. The statement can then be bound again. */
    void (*reset_statement)(furrow_statement *statement);
    /* Called outside a transaction after another connection has set `schema_changed`: each
     * statement of this connection is then prepared again before its next execution. */
    void (*expire)(furrow_connection *connection);

    /* Waits for the lock that serializes schema changes, and holds it until the transaction ends.
     */
    furrow_status (*lock_schema)(furrow_connection *connection, furrow_error *error);
    /* Describes a table. If the table does not exist, out->name is NULL. A view or a temporary
     * table does not count as a table. */
    furrow_status (*describe_table)(furrow_connection *connection, furrow_live_table *out,
                                    furrow_table_name name, furrow_arena *arena,
                                    furrow_error *error);
    /* Completes the error of a violated constraint if the database did not name the constraint, or
     * if the database named a table other than the model's, such as a partition of the model's
     * table. The transaction has failed, so this function may roll back to the innermost savepoint
     * or, if there is none, roll back the transaction. With a `row`, finds the first foreign key of
     * the model that this row violates. If `row` is NULL, finds a table that still refers to the
     * model's table. */
    void (*explain_violation)(furrow_connection *connection, const furrow_model *model,
                              const void *row, furrow_error *error);
};

/* The drivers of the library. */
FURROW_API extern const furrow_driver furrow_driver_sqlite;
FURROW_API extern const furrow_driver
    furrow_driver_postgresql; /* this driver exists if furrow was built with libpq */

#endif
