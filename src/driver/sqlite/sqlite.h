/* SPDX-License-Identifier: MIT
 * Declarations that the files of the SQLite driver share. */
#ifndef FURROW_DRIVER_SQLITE_SQLITE_H
#define FURROW_DRIVER_SQLITE_SQLITE_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/types.h>

#include <furrow/driver.h>

typedef struct furrow__sqlite furrow__sqlite;
typedef struct furrow__sqlite_statement furrow__sqlite_statement;

/* The driver's own statements, such as BEGIN and COMMIT; see furrow__sqlite_control. */
typedef enum furrow__sqlite_verb {
    FURROW__SQLITE_BEGIN,
    FURROW__SQLITE_BEGIN_IMMEDIATE,
    FURROW__SQLITE_COMMIT,
    FURROW__SQLITE_ROLLBACK,
    FURROW__SQLITE_PING,
    FURROW__SQLITE_SUBTRANSACTION_BEGIN,
    FURROW__SQLITE_SUBTRANSACTION_RELEASE,
    FURROW__SQLITE_SUBTRANSACTION_ROLLBACK,
    FURROW__SQLITE_VERB_COUNT
} furrow__sqlite_verb;

struct furrow__sqlite {
    furrow_connection base;
    sqlite3 *db;
    furrow__sqlite_statement *statements; /* list of all prepared statements of the caller */
    sqlite3_stmt *control[FURROW__SQLITE_VERB_COUNT];
    bool memory;
    bool reader;      /* the connection is read-only, because the caller asked for that */
    bool unwritable;  /* the connection is read-only, because the file or its disk is read-only */
    bool made_wal;    /* opening changed the file to WAL, which then did not work */
    bool without_wal; /* the file must keep its rollback journal */
    bool reading;     /* the transaction is read-only */
    bool checks_raw;  /* SQLite is compiling a raw statement, which the authorizer must check */
    bool saw_schema, saw_control; /* saw_schema: the statement changes the schema; saw_control: the
                                     statement begins or ends a transaction */
    bool saw_trigger;             /* the statement fires a trigger or uses a view */
    bool saw_alteration;          /* the statement changes settings of the connection */
    bool refuses_recompiling;     /* the authorizer rejects every statement, which prevents SQLite
                                     from compiling a statement again */
    bool relaxed;                 /* commits do not wait for the disk */
    bool in_subtransaction;       /* other sessions wait to commit in the same transaction */
    bool statement_ran;           /* a statement has run in this transaction or subtransaction */
    bool savepoint_is_open;       /* the savepoint of the subtransaction exists */
    bool schema_changed; /* a statement of this transaction or subtransaction changed the schema */
    int total_before;    /* value of sqlite3_total_changes at the start of the transaction or
                            subtransaction */
    int unread;          /* number of statements for which furrow__sqlite_is_unread is true */
    int busy_timeout_ms;
    int timeout_ms;        /* time limit of a statement; 0: none */
    int64_t deadline_ns;   /* time at which the running statement is stopped, on the monotonic
                              clock; 0: none */
    int64_t busy_since_ns; /* when the connection began to wait for a lock; see busy_timeout.c */
    bool timed_out;        /* the statement was stopped by its time limit */
    atomic_bool cancelled; /* `cancel` was called after the statement began */
    int wal_frames;        /* frames in the write-ahead log after the last commit */
    int frames_left;       /* frames in the log after the last attempt to truncate it */
    /* links in the list of open files; see open_files.c */
    furrow__sqlite *next_open;
    pid_t process;     /* 0: the connection is not in the list */
    char refused[192]; /* why the authorizer rejected the statement; "" if it did not */
    char refused_hint[96];
};

enum {
    FURROW__SQLITE_TEXT_SIZE = 40
}; /* greater than the size of the longest time, date or UUID
      as text */

enum furrow__sqlite_state {
    FURROW__SQLITE_IDLE = 0,
    FURROW__SQLITE_FIRST, /* `execute` has read the first row, which the next `step` returns */
    FURROW__SQLITE_ROW,
    FURROW__SQLITE_DONE,
    FURROW__SQLITE_LOST, /* the unread rows could not be kept before a write; see spill.c */
};

/* The memory for the kept rows of one result, in bytes: half of it holds rows, the other half is
 * the cache of the temporary file that holds all further rows. One row may be larger. */
enum { FURROW__SQLITE_SPILL_SIZE = 256 * 1024 };

/* The kept rows of a result. `at` is the index of the current row in memory; if it equals
 * row_count, the current row is the current row of the statement `rows`.
 */
typedef struct furrow__sqlite_spill {
    size_t column_count;
    sqlite3_value **values; /* the rows in memory, one after the other */
    size_t row_count, capacity, at;
    size_t size;        /* bytes in memory */
    sqlite3 *db;        /* the temporary database; NULL: all rows are in memory */
    sqlite3_stmt *rows; /* reads the rows of the temporary database */
} furrow__sqlite_spill;

struct furrow__sqlite_statement {
    furrow_statement base;
    sqlite3_stmt *handle;                   /* values of its current row are read with
                                               furrow__sqlite_value */
    furrow__sqlite_statement *next, **back; /* links in connection->statements */
    int state;                              /* a value of `enum furrow__sqlite_state` */
    furrow__sqlite_spill *spill;            /* NULL: the rows are read from the database */
    int total_before;                       /* value of sqlite3_total_changes before the statement
                                               was executed */
    bool raw, writes;
    bool fires_triggers;
    bool is_fixed;    /* the statement must not be compiled again, since the caller relies on the
                         present schema */
    bool assigns_key; /* the table is known to assign its key. This is valid only while the number
                         of times that SQLite has compiled the statement again equals key_version */
    int key_version;
    bool controls; /* the statement is the program's own BEGIN, COMMIT or similar */
    bool borrows;  /* the value of a parameter is in the caller's memory */
    char (*texts)[FURROW__SQLITE_TEXT_SIZE]; /* one buffer for each parameter; NULL until a
                                                parameter needs it */
    char **names; /* names of the result columns, in one block; NULL until they are used */
    int name_count, name_version; /* name_version: how many times SQLite had compiled the statement
                                     again when the names were copied */
};

static inline furrow__sqlite *furrow__sqlite_of(furrow_connection *connection)
{
    return (furrow__sqlite *)connection;
}

/* Whether the statement only reads, and has rows left that a write could change. */
static inline bool furrow__sqlite_is_unread(const furrow__sqlite_statement *statement)
{
    return (statement->state == FURROW__SQLITE_FIRST || statement->state == FURROW__SQLITE_ROW) &&
           !statement->writes && !statement->spill;
}

/* Returns a value of the current row of a statement with this handle and these kept rows. For
 * loops, which read the two members once. */
static inline sqlite3_value *furrow__sqlite_value_of(sqlite3_stmt *handle,
                                                     const furrow__sqlite_spill *spill, int i)
{
    if (!spill)
        return sqlite3_column_value(handle, i);
    return spill->at < spill->row_count ? spill->values[spill->at * spill->column_count + (size_t)i]
                                        : sqlite3_column_value(spill->rows, i);
}

/* Returns a value of the current row. */
static inline sqlite3_value *furrow__sqlite_value(const furrow__sqlite_statement *statement, int i)
{
    return furrow__sqlite_value_of(statement->handle, statement->spill, i);
}

/* Defined in connection.c */

/* Runs one of the driver's own statements, such as COMMIT. The statement is prepared at its first
 * use. Returns SQLite's code. */
int furrow__sqlite_control(furrow__sqlite *connection, furrow__sqlite_verb verb);
/* Ends the transaction, if one is open. If that fails, marks the connection as broken and returns
 * false. */
bool furrow__sqlite_end_transaction(furrow__sqlite *connection);

/* Defined in subtransaction.c */

/* Must be called when a transaction or a subtransaction begins. */
void furrow__sqlite_start_counting(furrow__sqlite *connection, bool in_subtransaction);
furrow_status furrow__sqlite_subtransaction_begin(furrow_connection *connection,
                                                  furrow_error *error);
furrow_status furrow__sqlite_subtransaction_end(furrow_connection *connection, furrow_error *error);
void furrow__sqlite_subtransaction_rollback(furrow_connection *connection);
bool furrow__sqlite_can_share_commit(furrow_connection *connection);

/* Defined in url.c */

/* Whether the URL names an in-memory database. */
bool furrow__sqlite_is_in_memory(const char *url);
/* Parses a sqlite: URL. Sets *path to the percent-decoded file name, or to NULL for an in-memory
 * database. A relative path gets the prefix "./", so that SQLite does not treat it as a special
 * name. */
furrow_status furrow__sqlite_url(const char *url, char **path, furrow_error *error);
/* Whether the file that the URL names does not exist. */
bool furrow__sqlite_is_missing(const char *url);

/* Defined in busy_timeout.c */

/* The callback for sqlite3_busy_handler. */
int furrow__sqlite_wait_busy(void *connection, int tries);
void furrow__sqlite_set_timeout(furrow_connection *connection, int timeout_ms);
void furrow__sqlite_cancel(furrow_connection *connection);
/* Must be called before a statement runs or continues. */
void furrow__sqlite_set_deadline(furrow__sqlite *connection);

/* Defined in fork.c */

/* Makes each later fork wait until no thread holds SQLite's global mutexes. */
void furrow__sqlite_guard_forks(void);

/* Defined in open_files.c */

/* Whether the path leads to this file. True if `expected` is zero. */
bool furrow__sqlite_is_expected(const char *path, furrow_file expected);
/* Returns FURROW_INVALID if an ancestor of this process had the file open at the fork. */
furrow_status furrow__sqlite_check_inherited(const char *path, furrow_error *error);
void furrow__sqlite_note_open(furrow__sqlite *connection, const char *path);
void furrow__sqlite_note_closed(furrow__sqlite *connection);

/* Defined in wal.c: checkpoints, which only the writer runs */
void furrow__sqlite_watch_wal(furrow__sqlite *connection);
void furrow__sqlite_run_idle_work(furrow_connection *connection);
/* Checkpoints the whole log and truncates it, unless another connection prevents that. */
void furrow__sqlite_truncate_wal(furrow__sqlite *connection);

/* Defined in error.c, message.c and open_error.c */

/* Result codes of the SQL functions of this driver. SQLite itself does not use these codes. */
enum {
    FURROW__SQLITE_BAD_CELL = SQLITE_MISMATCH | 0x7f00, /* a field has a value that its column
                                                           cannot store */
    FURROW__SQLITE_BAD_SUM = SQLITE_MISMATCH | 0x7e00,  /* a sum that is out of range */
};
#define FURROW__SQLITE_OUT_OF_RANGE "a number is out of range for its type"

/* Fills *error for a failure on the connection. `rc` is the extended code. `statement` is NULL if
 * sqlite3_prepare failed. If the failure has ended the transaction, this function records the end
 * of the transaction, too. */
furrow_status furrow__sqlite_fail(furrow__sqlite *connection,
                                  const furrow__sqlite_statement *statement, int rc,
                                  furrow_error *error);
/* Checks whether SQLite has rolled back the whole transaction. If so, records the rollback and adds
 * it to the error's hint. The cause can be a full disk, an I/O error or a lack of memory, even in a
 * query that only looks for the cause of an error. */
void furrow__sqlite_notice_end(furrow__sqlite *connection, furrow_error *error);
/* Whether the header of the file says that the database has a write-ahead log. */
bool furrow__sqlite_has_wal(sqlite3 *db);
/* Fills *error because another file has the path, or none. */
furrow_status furrow__sqlite_fail_moved(furrow_error *error);
/* Fills *error after a database could not be opened. `db` can be NULL. */
furrow_status furrow__sqlite_fail_open(sqlite3 *db, int rc, const char *path, bool read_only,
                                       furrow_error *error);

/* Fills *error for SQLITE_ERROR. `statement` is NULL if sqlite3_prepare failed. */
furrow_status furrow__sqlite_fail_by_message(const furrow__sqlite_statement *statement,
                                             const char *message, furrow_error *error);
/* Sets the column, and the table if the statement qualifies the column, after sqlite3_prepare has
 * failed with FURROW_SCHEMA, if SQLite tells where the name is. */
void furrow__sqlite_name_missing(furrow__sqlite *connection, const furrow_statement_text *text,
                                 furrow_error *error);
/* Whether the cause of the error is an integer that is too large for 64 bits, which a STRICT table
 * rejects. */
bool furrow__sqlite_is_overflow_message(const char *message);
/* Whether SQLITE_CONSTRAINT_TRIGGER is in fact a foreign key violation. */
bool furrow__sqlite_is_foreign_key_message(const char *message);

/* Defined in constraint.c: finds the constraint, using SQLite's message and the schema */

furrow_status furrow__sqlite_unique(furrow__sqlite *connection, const char *message,
                                    furrow_error *error);
furrow_status furrow__sqlite_not_null(furrow__sqlite *connection, const char *message,
                                      furrow_error *error);
furrow_status furrow__sqlite_datatype(furrow__sqlite *connection, const char *message,
                                      furrow_error *error);
furrow_status furrow__sqlite_check(furrow__sqlite *connection, const char *message,
                                   furrow_error *error);
/* If COMMIT failed because a deferred foreign key is violated, finds a row that violates it,
 * because SQLite does not report the foreign key's name. Reads every table with foreign keys. Must
 * be called before the rollback.
 */
void furrow__sqlite_explain_deferred(furrow__sqlite *connection, furrow_error *error);
void furrow__sqlite_explain(furrow_connection *connection, const furrow_model *model,
                            const void *row, furrow_error *error);

/* Defined in authorizer.c */

/* The callback for sqlite3_set_authorizer. Its context is the connection. It is installed only
 * once, because each installation makes SQLite compile every statement again. It rejects statements
 * only while connection->checks_raw is set. */
int furrow__sqlite_authorize(void *context, int action, const char *a, const char *b, const char *c,
                             const char *d);

/* Defined in array.c */

/* Defines the SQL functions furrow_add and furrow_add_float, which furrow_increment uses, and
 * json_valid (functions.c). Returns SQLite's code. */
int furrow__sqlite_add_scalars(sqlite3 *db);
/* Defines the aggregate SQL functions furrow_sum, furrow_sum_real and furrow_avg (functions.c),
 * which sums and averages use. */
int furrow__sqlite_add_aggregates(sqlite3 *db);
/* Defines the table-valued functions furrow_array and furrow_rows. Returns SQLite's code. */
int furrow__sqlite_add_functions(sqlite3 *db);
furrow_status furrow__sqlite_bind_array(furrow_statement *statement, int index,
                                        const furrow_array *array, furrow_error *error);
furrow_status furrow__sqlite_bind_rows(furrow_statement *statement, int index,
                                       const furrow_row_array *rows, furrow_error *error);

/* Defined in statement.c */

furrow_status furrow__sqlite_prepare(furrow_connection *connection, furrow_statement **out,
                                     const furrow_statement_text *text, furrow_error *error);
void furrow__sqlite_finalize(furrow_statement *statement);
bool furrow__sqlite_assigns_sequential_keys(furrow_statement *statement, const furrow_column *key);
furrow_status furrow__sqlite_assigned_key(furrow_statement *statement, const furrow_column *key,
                                          bool *assigned, furrow_error *error);
bool furrow__sqlite_keeps_rows(furrow_statement *statement);
furrow_status furrow__sqlite_execute(furrow_statement *statement, furrow_error *error);
/* Sets a state in which there are no rows to read, and frees the kept rows. */
void furrow__sqlite_end_result(furrow__sqlite_statement *statement,
                               enum furrow__sqlite_state state);
furrow_status furrow__sqlite_step(furrow_statement *statement, bool *row, furrow_error *error);
size_t furrow__sqlite_row_count(furrow_statement *statement);
void furrow__sqlite_reset_statement(furrow_statement *statement);
const char *furrow__sqlite_column_name(furrow_statement *statement, int i);
furrow_type furrow__sqlite_column_type(furrow_statement *statement, int i);

/* Defined in spill.c */

/* Must be called before a statement writes. Keeps the unread rows of every open result, so that
 * they are not changed. If that fails for a result, its state is FURROW__SQLITE_LOST. */
furrow_status furrow__sqlite_spill_unread(furrow__sqlite *connection, furrow_error *error);
/* Moves to the next kept row. Sets *row to false after the last row. */
furrow_status furrow__sqlite_spill_step(furrow__sqlite_spill *spill, bool *row,
                                        furrow_error *error);
void furrow__sqlite_spill_free(furrow__sqlite_spill *spill);

/* Defined in bind.c */

furrow_status furrow__sqlite_bind(furrow_statement *statement, int index,
                                  const furrow_column *column, const furrow_value *value,
                                  furrow_error *error);
furrow_status furrow__sqlite_bind_row(furrow_statement *statement, int index,
                                      furrow_column_list columns, const void *row,
                                      furrow_error *error);

/* Defined in read.c */

furrow_status furrow__sqlite_read_row(furrow_statement *statement, furrow_column_list columns,
                                      void *row, furrow_arena *arena, furrow_error *error);
furrow_status furrow__sqlite_read_value(furrow_statement *statement, int i, furrow_value *out,
                                        furrow_arena *arena, furrow_error *error);

/* Defined in unreadable.c: cells that a field cannot hold */

/* The problem with a cell. An unexpected type is reported as FURROW_SCHEMA, any other problem as
 * FURROW_INVALID.
 */
typedef enum furrow__sqlite_problem {
    FURROW__SQLITE_READABLE = 0,
    FURROW__SQLITE_WRONG_TYPE,
    FURROW__SQLITE_UNEXPECTED_NULL,
    FURROW__SQLITE_NO_FIT,
    FURROW__SQLITE_NOT_UTF8,
    FURROW__SQLITE_HOLDS_NUL,
    FURROW__SQLITE_TOO_LONG,
    FURROW__SQLITE_MALFORMED,
    FURROW__SQLITE_NO_ENUMERATOR,
    FURROW__SQLITE_NO_MEMORY,
} furrow__sqlite_problem;

/* A cell of the statement's current row. */
typedef struct furrow__sqlite_bad_cell {
    furrow__sqlite_statement *statement;
    furrow_column_list columns; /* the columns that the result columns are read into */
    size_t at;                  /* index of the cell */
    furrow__sqlite_problem problem;
} furrow__sqlite_bad_cell;

/* Fills *error: the table, the column, the key of the row if the result contains it, and a hint
 * with an UPDATE. Returns the status. */
furrow_status furrow__sqlite_unreadable(const furrow__sqlite_bad_cell *cell, furrow_error *error);

/* Defined in describe.c */

furrow_status furrow__sqlite_describe_table(furrow_connection *connection, furrow_live_table *out,
                                            furrow_table_name name, furrow_arena *arena,
                                            furrow_error *error);

#endif
