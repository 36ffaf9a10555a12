/* SPDX-License-Identifier: MIT
 * What the files of the SQLite driver share. */
#ifndef FURROW_DRIVER_SQLITE_SQLITE_H
#define FURROW_DRIVER_SQLITE_SQLITE_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/types.h>

#include <furrow/driver.h>

typedef struct furrow__sqlite furrow__sqlite;
typedef struct furrow__sqlite_statement furrow__sqlite_statement;

/* The statements that a connection runs by itself; see furrow__sqlite_control. */
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
    furrow__sqlite_statement *statements; /* all that are prepared */
    sqlite3_stmt *control[FURROW__SQLITE_VERB_COUNT];
    bool memory;
    bool reader;     /* never writes */
    bool unwritable; /* nor can this one, as the file or its disk is not to be written */
    bool reading;    /* the transaction is read-only */
    bool judging;    /* what is compiled now is a raw statement: the authorizer looks */
    bool saw_schema, saw_control; /* what it met: a change of the schema, of the transaction */
    bool saw_trigger;             /* likewise: a trigger, or a view */
    bool saw_lasting;             /* likewise: what stays with the connection */
    bool recompiles;              /* what is compiled now was known before, and is not wanted */
    bool relaxed;                 /* a commit does not wait for the disk */
    bool in_unit;                 /* others wait to commit in the same transaction */
    bool unit_ran;                /* a statement, since the transaction or unit began */
    bool unit_is_open;            /* its savepoint is there */
    bool schema_changed;          /* in this transaction or unit */
    int total_before;             /* sqlite3_total_changes when it began */
    int busy_timeout_ms;
    int timeout_ms;        /* of a statement; 0 for none */
    int64_t deadline_ns;   /* of the one that runs; 0 for none */
    int64_t busy_since_ns; /* see patience.c */
    bool timed_out;        /* that is why it was stopped */
    atomic_bool cancelled; /* likewise; since the current statement began */
    int wal_frames;        /* in the write-ahead log at the last commit */
    int tidied_frames;     /* how many could not be moved out at the last try */
    /* in the process's list of open files; see open_files.c */
    furrow__sqlite *next_open;
    pid_t process; /* 0: not in the list */
    dev_t device;
    ino_t inode;
    char refused[192]; /* why the authorizer said no; empty if it did not */
    char refused_hint[96];
};

enum { FURROW__SQLITE_TEXT_SIZE = 40 }; /* of a time, date or UUID as text, with room */

enum furrow__sqlite_state {
    FURROW__SQLITE_IDLE = 0,
    FURROW__SQLITE_FIRST, /* execute found a row that step has not told of */
    FURROW__SQLITE_ROW,
    FURROW__SQLITE_DONE,
};

struct furrow__sqlite_statement {
    furrow_statement base;
    sqlite3_stmt *handle;
    furrow__sqlite_statement *next, **link; /* in connection->statements */
    int state;                              /* of enum furrow__sqlite_state */
    int total_before;                       /* sqlite3_total_changes when it was executed */
    bool raw, writes;
    bool fires_triggers;
    bool is_fixed; /* must not be compiled again: its caller relies on the schema as it was */
    bool controls; /* the transaction: COMMIT and the like, of the user's */
    bool borrows;  /* something is bound that lies in the caller's memory */
    char (*texts)[FURROW__SQLITE_TEXT_SIZE]; /* one a parameter, from the first that needs it */
    char **names;                 /* of the result's columns, in one block, once asked for */
    int name_count, name_version; /* version: how often SQLite had compiled it again */
};

static inline furrow__sqlite *furrow__sqlite_of(furrow_connection *connection)
{
    return (furrow__sqlite *)connection;
}

/* ---- connection.c ---- */

/* Run one of the fixed statements, prepared at its first use; returns SQLite's code. */
int furrow__sqlite_control(furrow__sqlite *connection, furrow__sqlite_verb verb);
/* Make sure that there is no transaction; false, and the connection is broken, if it stays. */
bool furrow__sqlite_end_transaction(furrow__sqlite *connection);

/* ---- unit.c: transactions of several sessions in one ---- */

/* A transaction, or a unit of one, begins. */
void furrow__sqlite_start_counting(furrow__sqlite *connection, bool in_unit);
furrow_status furrow__sqlite_subtransaction_begin(furrow_connection *connection,
                                                  furrow_error *error);
furrow_status furrow__sqlite_subtransaction_end(furrow_connection *connection, furrow_error *error);
void furrow__sqlite_subtransaction_rollback(furrow_connection *connection);
bool furrow__sqlite_can_share_commit(furrow_connection *connection);

/* ---- url.c ---- */

/* The file of a sqlite: URL, percent-decoded, or NULL in *path for a database in memory. A relative
 * path begins with "./", so that SQLite takes no name for more than a name. */
bool furrow__sqlite_is_in_memory(const char *url);
furrow_status furrow__sqlite_url(const char *url, char **path, furrow_error *error);
/* Whether the file that the URL names does not exist. */
bool furrow__sqlite_is_missing(const char *url);

/* ---- patience.c: how long a statement, or another process, is waited for ---- */

/* What sqlite3_busy_handler calls. */
int furrow__sqlite_wait_busy(void *connection, int tries);
void furrow__sqlite_set_timeout(furrow_connection *connection, int timeout_ms);
void furrow__sqlite_cancel(furrow_connection *connection);
/* A statement is about to run, or to go on. */
void furrow__sqlite_set_deadline(furrow__sqlite *connection);

/* ---- fork.c ---- */

/* A fork from now on waits until no thread is within SQLite's own locks. */
void furrow__sqlite_guard_forks(void);

/* ---- open_files.c ---- */

/* FURROW_INVALID if a process that this one was forked from had the file open then. */
furrow_status furrow__sqlite_check_inherited(const char *path, furrow_error *error);
void furrow__sqlite_note_open(furrow__sqlite *connection, const char *path);
void furrow__sqlite_note_closed(furrow__sqlite *connection);

/* ---- wal.c: the write-ahead log is moved into the database by the writer alone ---- */
void furrow__sqlite_watch_wal(furrow__sqlite *connection);
void furrow__sqlite_run_idle_work(furrow_connection *connection);
/* All of it, as far as nobody else stands in the way. */
void furrow__sqlite_empty_wal(furrow__sqlite *connection);

/* ---- error.c, message.c, open_error.c ---- */

/* Codes that the functions of this driver give SQLite, which uses neither of them. */
enum {
    FURROW__SQLITE_BAD_CELL = SQLITE_MISMATCH | 0x7f00, /* a field that its column cannot store */
    FURROW__SQLITE_BAD_SUM = SQLITE_MISMATCH | 0x7e00,  /* furrow_add: out of range */
};
#define FURROW__SQLITE_OUT_OF_RANGE "a number is out of its type's range"

/* Fill *error for what just failed on the connection: rc is the (extended) code. `statement` is
 * NULL while preparing. Notices when the failure has ended the transaction. */
furrow_status furrow__sqlite_fail(furrow__sqlite *connection,
                                  const furrow__sqlite_statement *statement, int rc,
                                  furrow_error *error);
/* A full disk, an I/O error or too little memory can end the whole transaction, also while a
 * question is asked on the side: if it is gone, note it in the connection and say so in the error's
 * hint. */
void furrow__sqlite_notice_end(furrow__sqlite *connection, furrow_error *error);
/* An open that failed: db may be NULL. */
furrow_status furrow__sqlite_fail_open(sqlite3 *db, int rc, const char *path, bool read_only,
                                       furrow_error *error);

/* Fills *error for SQLITE_ERROR. `statement` is NULL while preparing. */
furrow_status furrow__sqlite_fail_by_message(const furrow__sqlite_statement *statement,
                                             const char *message, furrow_error *error);
/* Whether a STRICT table refused an integer that is too large for 64 bits. */
bool furrow__sqlite_is_overflow_message(const char *message);
/* Whether SQLITE_CONSTRAINT_TRIGGER is in fact a foreign key violation. */
bool furrow__sqlite_is_foreign_key_message(const char *message);

/* ---- constraint.c: which constraint it was, from SQLite's message and the schema ---- */

furrow_status furrow__sqlite_unique(furrow__sqlite *connection, const char *message,
                                    furrow_error *error);
furrow_status furrow__sqlite_not_null(furrow__sqlite *connection, const char *message,
                                      furrow_error *error);
furrow_status furrow__sqlite_check(furrow__sqlite *connection, const char *message,
                                   furrow_error *error);
void furrow__sqlite_explain(furrow_connection *connection, const furrow_model *model,
                            const void *row, furrow_error *error);

/* ---- authorizer.c ---- */

/* What sqlite3_set_authorizer calls; context is the connection. It is installed once and looks only
 * while connection->judging: installing one makes SQLite compile every statement again. */
int furrow__sqlite_authorize(void *context, int action, const char *a, const char *b, const char *c,
                             const char *d);

/* ---- array.c ---- */

/* Defines furrow_add and furrow_add_float (number.c), with which furrow_increment adds. Returns
 * SQLite's code. */
int furrow__sqlite_add_adders(sqlite3 *db);
/* Defines the table-valued functions furrow_array and furrow_rows. Returns SQLite's code. */
int furrow__sqlite_add_functions(sqlite3 *db);
furrow_status furrow__sqlite_bind_array(furrow_statement *statement, int index,
                                        const furrow_array *array, furrow_error *error);
furrow_status furrow__sqlite_bind_rows(furrow_statement *statement, int index,
                                       const furrow_row_array *rows, furrow_error *error);

/* ---- statement.c ---- */

furrow_status furrow__sqlite_prepare(furrow_connection *connection, furrow_statement **out,
                                     const furrow_statement_text *text, furrow_error *error);
void furrow__sqlite_finalize(furrow_statement *statement);
bool furrow__sqlite_assigns_sequential_keys(furrow_statement *statement, const furrow_column *key);
bool furrow__sqlite_keeps_rows(furrow_statement *statement);
furrow_status furrow__sqlite_execute(furrow_statement *statement, furrow_error *error);
furrow_status furrow__sqlite_step(furrow_statement *statement, bool *row, furrow_error *error);
size_t furrow__sqlite_row_count(furrow_statement *statement);
void furrow__sqlite_reset_statement(furrow_statement *statement);
const char *furrow__sqlite_column_name(furrow_statement *statement, int i);
furrow_type furrow__sqlite_column_type(furrow_statement *statement, int i);

/* ---- bind.c ---- */

furrow_status furrow__sqlite_bind(furrow_statement *statement, int index,
                                  const furrow_column *column, const furrow_value *value,
                                  furrow_error *error);
furrow_status furrow__sqlite_bind_row(furrow_statement *statement, int index,
                                      furrow_column_list columns, const void *row,
                                      furrow_error *error);

/* ---- read.c ---- */

furrow_status furrow__sqlite_read_row(furrow_statement *statement, furrow_column_list columns,
                                      void *row, furrow_arena *arena, furrow_error *error);
furrow_status furrow__sqlite_read_value(furrow_statement *statement, int i, furrow_value *out,
                                        furrow_arena *arena, furrow_error *error);

/* ---- describe.c ---- */

furrow_status furrow__sqlite_describe_table(furrow_connection *connection, furrow_live_table *out,
                                            furrow_table_name name, furrow_arena *arena,
                                            furrow_error *error);

#endif
