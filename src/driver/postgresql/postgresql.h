/* SPDX-License-Identifier: MIT
 *
 * Declarations that the files of the PostgreSQL driver share. Start with statement.c, which runs
 * statements, and wire.c, which sends a statement together with deferred commands.
 */
#ifndef FURROW_DRIVER_POSTGRESQL_H
#define FURROW_DRIVER_POSTGRESQL_H

#include <furrow/driver.h>
#include <libpq-fe.h>
#include <stdatomic.h>

enum {
    FURROW__PG_SLOT_SIZE = 48,         /* largest encoded scalar in bytes; see encode.c */
    FURROW__PG_MAX_PARAMETERS = 65535, /* the protocol counts parameters in 16 bits */
    FURROW__PG_MAX_VALUE = 0x3fffffff, /* largest value, in bytes: MaxAllocSize in PostgreSQL */
    FURROW__PG_MAX_DROPPED = 256,      /* largest number of statements that wait for their
                                          DEALLOCATE */
    FURROW__PG_NAME_SIZE = 40,         /* size of the name of a prepared statement */
    FURROW__PG_MIN_SERVER = 120000,
    FURROW__PG_GRACE_MS =
        500, /* time within which PostgreSQL must report that it stopped a statement */
};

/* OIDs of PostgreSQL's types (catalog/pg_type.dat). They never change, but libpq's headers do not
 * define any. */
enum furrow__pg_oid {
    PG_BOOL = 16,
    PG_BYTEA = 17,
    PG_CHAR = 18,
    PG_NAME = 19,
    PG_INT8 = 20,
    PG_INT2 = 21,
    PG_INT4 = 23,
    PG_TEXT = 25,
    PG_OID = 26,
    PG_JSON = 114,
    PG_FLOAT4 = 700,
    PG_FLOAT8 = 701,
    PG_UNKNOWN = 705,
    PG_BPCHAR = 1042,
    PG_VARCHAR = 1043,
    PG_DATE = 1082,
    PG_TIMESTAMP = 1114,
    PG_TIMESTAMPTZ = 1184,
    PG_NUMERIC = 1700,
    PG_VOID = 2278,
    PG_UUID = 2950,
    PG_JSONB = 3802,
};

/* PostgreSQL's epoch, 2000-01-01T00:00:00Z, relative to 1970-01-01. */
#define FURROW__PG_EPOCH_US INT64_C(946684800000000)
#define FURROW__PG_EPOCH_DAYS 10957

typedef struct furrow__pg_statement furrow__pg_statement;

typedef struct furrow__pg_connection {
    furrow_connection base; /* must be the first member */
    PGconn *pg;
    PGcancel *canceller;   /* created when the connection is opened, so that `cancel` can run in
                              another thread */
    atomic_bool cancelled; /* `cancel` was called after the statement began */
    bool prepare;          /* statements are prepared by name and kept on the server */
    bool any_bytes;      /* the server's encoding is SQL_ASCII, so its text can be invalid UTF-8 */
    bool begin_deferred; /* BEGIN has not been sent yet */
    bool read_only;
    bool timed_out;           /* PostgreSQL did not answer in time; the connection is broken */
    bool uses_answer_timeout; /* the limit is answer_timeout_ms, not statement_timeout_ms */
    bool server_text;         /* as in furrow_connect_options */
    bool runs_prepared;       /* the running statement is a named prepared statement */
    bool is_stale;            /* the last error occurred because a prepared statement is stale; see
                                 statement.c */
    bool begin_failed;        /* the last error came from BEGIN */
    bool is_pooled;           /* as in furrow_connect_options */
    bool may_have_prepared;   /* raw SQL may have run PREPARE */
    bool has_written;         /* a statement of this transaction may have run triggers */
    bool has_set;             /* a SET ran in this transaction */
    bool is_standby;          /* the server has refused SERIALIZABLE, as a standby does */
    bool was_ended;           /* the server has reported that it ends the connection */
    char warning[6];          /* SQLSTATE of the last warning since COMMIT was sent; "": none */
    const char *running;      /* the text of the running statement, or NULL */
    bool has_values;          /* the running statement has parameters, so PostgreSQL may quote their
                                 values */
    int statement_timeout_ms, answer_timeout_ms; /* 0: no limit */
    int64_t deadline_ms;                         /* deadline for the answer; 0 means none */
    const char *own_settings; /* the statements to send after RESET ALL: a string constant */
    furrow_isolation isolation;
    int savepoint_depth; /* number of open savepoints */
    int savepoint_sent;  /* number of savepoints that were sent; the others are deferred */
    uint64_t names;      /* a random number in the names of this connection's prepared statements.
                            Through a pooler, connections share server processes, and a name must not
                            be the name of another connection's statement */
    unsigned last_name;  /* number in the name of the statement that was prepared last */
    unsigned dropped[FURROW__PG_MAX_DROPPED]; /* statements to DEALLOCATE before the next BEGIN, in
                                                 the same round trip */
    int dropped_count;
    furrow__pg_statement *statements;
} furrow__pg_connection;

/* A parameter of a prepared statement. */
typedef struct furrow__pg_parameter {
    Oid oid;
    bool array; /* the value is in the statement's array buffer, at `offset` */
    size_t offset;
} furrow__pg_parameter;

/* How to read a result column into a field; see decode.c. */
typedef struct furrow__pg_reader {
    const furrow_column *column; /* the column that the field belongs to; NULL: not decided yet */
    int how;                     /* a value of `enum how` */
} furrow__pg_reader;

struct furrow__pg_statement {
    furrow_statement base;              /* must be the first member */
    furrow__pg_statement *next, **back; /* links in the connection's list of statements */
    char *text;
    char name[FURROW__PG_NAME_SIZE]; /* "": the statement is unnamed */
    unsigned number;                 /* the number in `name`; 0: the statement is unnamed */
    bool raw;
    bool reads;        /* judging by its first word, the statement does not write */
    bool fetch;        /* the statement is a FETCH, so only its result shows what its columns are */
    bool stale;        /* the statement must be prepared again before it runs */
    int result_format; /* 1: binary; 0: text, if the type of a result column has no C equivalent */
    PGresult *description; /* the server's answer to `prepare`: the parameters, and the names and
                              types of the columns */
    Oid *column_oids;
    furrow__pg_reader *readers;
    /* parallel arrays for libpq, with one element for each parameter */
    furrow__pg_parameter *parameters;
    const char **values;
    int *lengths;
    int *formats;
    char (*slots)[FURROW__PG_SLOT_SIZE];
    char *arrays; /* a buffer that is reused and grows by doubling */
    size_t arrays_size, arrays_capacity;
    int array_count;
    PGresult *result;
    int row, rows;
};

static inline furrow__pg_connection *furrow__pg_of(furrow_connection *connection)
{
    return (furrow__pg_connection *)connection;
}

static inline furrow__pg_connection *furrow__pg_owner(const furrow__pg_statement *statement)
{
    return (furrow__pg_connection *)statement->base.connection;
}

/* Defined in connect.c */
furrow_status furrow__pg_open(furrow_connection **out, const struct furrow_connect_options *options,
                              furrow_error *error);
void furrow__pg_close(furrow_connection *connection);
furrow_status furrow__pg_ping(furrow_connection *connection, furrow_error *error);
furrow_status furrow__pg_reset(furrow_connection *connection, furrow_error *error);
void furrow__pg_cancel(furrow_connection *connection);

/* Defined in wait.c */
void furrow__pg_set_timeout(furrow_connection *connection, int timeout_ms);
/* Sets the deadline. Must be called before a command is sent. */
void furrow__pg_set_deadline(furrow__pg_connection *c);
/* Like PQgetResult, but stops at the deadline: it then sets `timed_out` and `broken`, and returns
 * NULL. */
PGresult *furrow__pg_next_result(furrow__pg_connection *c);
/* Returns the last result, as PQexec does. */
PGresult *furrow__pg_last_result(furrow__pg_connection *c, bool sent);

/* Defined in url.c */
/* A parsed URL, in the form that libpq expects. `keywords` and `values` end with NULL and borrow
 * from `options`. */
typedef struct furrow__pg_url {
    PQconninfoOption *options;
    const char *keywords[80];
    const char *values[80];
    char *text; /* the URL without furrow's own parameters */
    bool prepare;
    int connect_timeout_s; /* 0: no limit */
    char timeout[12];      /* the value of connect_timeout that furrow__pg_url_limit added */
    bool has_timeout;      /* the URL or the environment sets connect_timeout */
    int hosts;             /* number of hosts */
} furrow__pg_url;
furrow_status furrow__pg_url_parse(furrow__pg_url *out, const char *url, furrow_error *error);
void furrow__pg_url_done(furrow__pg_url *url);
/* If there are several hosts and no time limit, sets a time limit for each host, so that the next
 * host is tried if a host does not answer. `limit_ms` is the time limit for all hosts; 0: none. */
void furrow__pg_url_limit(furrow__pg_url *url, int limit_ms);

/* Defined in wire.c */
/* Sends the deferred commands and one more command in one round trip. Sets *out to the result of
 * the last command, or to NULL on failure. The caller must clear the result. */
furrow_status furrow__pg_run_text(furrow__pg_connection *c, const char *sql, PGresult **out,
                                  furrow_error *error);
/* A query whose parameters and results are text. */
typedef struct furrow__pg_query {
    const char *sql;
    int count; /* number of values */
    const char *const *values;
} furrow__pg_query;
furrow_status furrow__pg_run_query(furrow__pg_connection *c, const furrow__pg_query *query,
                                   PGresult **out, furrow_error *error);
furrow_status furrow__pg_run_statement(furrow__pg_connection *c, furrow__pg_statement *statement,
                                       PGresult **out, furrow_error *error);
/* Parses and describes the statement on the server. Sets *out to the description. */
furrow_status furrow__pg_run_prepare(furrow__pg_connection *c,
                                     const furrow__pg_statement *statement, PGresult **out,
                                     furrow_error *error);
/* Records that the statement with this number in its name can be deallocated. If the number is 0,
 * does nothing. */
void furrow__pg_drop_name(furrow__pg_connection *c, unsigned number);
/* Writes the name of a prepared statement of this connection. */
void furrow__pg_write_name(const furrow__pg_connection *c, unsigned number,
                           char name[FURROW__PG_NAME_SIZE]);

/* Defined in transaction.c */
furrow_status furrow__pg_begin(furrow_connection *connection, furrow_isolation isolation,
                               bool read_only, furrow_error *error);
furrow_status furrow__pg_commit(furrow_connection *connection, furrow_error *error);
furrow_status furrow__pg_rollback(furrow_connection *connection, furrow_error *error);
furrow_status furrow__pg_savepoint(furrow_connection *connection, int depth, furrow_error *error);
furrow_status furrow__pg_release(furrow_connection *connection, int depth, furrow_error *error);
furrow_status furrow__pg_rollback_to(furrow_connection *connection, int depth, furrow_error *error);
/* Whether the server is known to be a standby. */
bool furrow__pg_is_standby(const furrow__pg_connection *c);
/* Returns the BEGIN statement for the connection's `isolation` and `read_only`. The string is a
 * constant. */
const char *furrow__pg_begin_text(const furrow__pg_connection *c);

/* Defined in statement.c */
furrow_status furrow__pg_prepare(furrow_connection *connection, furrow_statement **out,
                                 const furrow_statement_text *text, furrow_error *error);
void furrow__pg_finalize(furrow_statement *statement);
furrow_status furrow__pg_execute(furrow_statement *statement, furrow_error *error);
furrow_status furrow__pg_step(furrow_statement *statement, bool *row, furrow_error *error);
size_t furrow__pg_row_count(furrow_statement *statement);
const char *furrow__pg_column_name(furrow_statement *statement, int i);
void furrow__pg_reset_statement(furrow_statement *statement);
/* Marks every statement of the connection as stale, because DEALLOCATE ALL is about to run. */
void furrow__pg_forget_names(furrow__pg_connection *c);
/* Marks every statement of the connection as stale. */
void furrow__pg_expire(furrow_connection *connection);
/* Prepares a stale statement again, so that values are bound with the types that its parameters
 * have now. Must be called before values are bound. */
furrow_status furrow__pg_renew(furrow__pg_statement *s, furrow_error *error);

/* Defined in encode.c and array.c */
furrow_status furrow__pg_bind(furrow_statement *statement, int index, const furrow_column *column,
                              const furrow_value *value, furrow_error *error);
furrow_status furrow__pg_bind_row(furrow_statement *statement, int index,
                                  furrow_column_list columns, const void *row, furrow_error *error);
furrow_status furrow__pg_bind_array(furrow_statement *statement, int index,
                                    const furrow_array *array, furrow_error *error);
/* An encoded value. `bytes` points to the slot or to borrowed memory. */
typedef struct furrow__pg_encoded {
    const char *bytes;
    int length;
    int format; /* 1: binary; 0: NUL-terminated text */
} furrow__pg_encoded;
/* The outcome of encoding a value. */
typedef enum furrow__pg_encoding {
    FURROW__PG_ENCODED,
    FURROW__PG_WRONG_TYPE, /* the type does not accept values of this kind */
    FURROW__PG_NO_FIT,     /* the type accepts values of this kind, but not this value */
    FURROW__PG_TOO_LARGE,
} furrow__pg_encoding;
furrow__pg_encoding furrow__pg_encode(furrow__pg_encoded *out, char slot[FURROW__PG_SLOT_SIZE],
                                      Oid oid, const furrow_column *column,
                                      const furrow_value *value);
/* The parameter that a value is bound to. */
typedef struct furrow__pg_target {
    int index; /* index of the parameter, starting at 0 */
    Oid oid;
    const furrow_column *column; /* NULL: the column is not known */
} furrow__pg_target;
furrow_status furrow__pg_encode_fail(furrow_error *error, furrow__pg_encoding why,
                                     const furrow__pg_target *target, const furrow_value *value);
/* Reads a field as a furrow_value, for types without a direct conversion. */
furrow_value furrow__pg_field_value(const furrow_column *column, const void *at);

/* Defined in decode.c */
furrow_status furrow__pg_read_row(furrow_statement *statement, furrow_column_list columns,
                                  void *row, furrow_arena *arena, furrow_error *error);
/* Defined in value.c */
furrow_status furrow__pg_read_value(furrow_statement *statement, int i, furrow_value *out,
                                    furrow_arena *arena, furrow_error *error);
furrow_type furrow__pg_column_type(furrow_statement *statement, int i);

/* Defined in types.c: the server's types */
/* Returns the type's name in SQL. For an unknown type, writes a name such as "type 1186" to
 * `buffer` and returns it. */
const char *furrow__pg_type_name(Oid oid, char *buffer, size_t size);
/* Whether values of the type are read in binary, because there is a C type for them. */
bool furrow__pg_type_is_known(Oid oid);
bool furrow__pg_type_is_text(Oid oid);
/* Returns the C type for values of this type, or TEXT if there is none. */
furrow_type furrow__pg_type_of(Oid oid);
/* Returns the element type of an array type; 0 for other types. */
Oid furrow__pg_element_of(Oid oid);

/* Defined in numeric.c: NUMERIC in binary */
/* Writes at most 20 bytes to `out` and returns how many bytes it wrote. */
int furrow__pg_numeric_write(char *out, furrow_decimal value);
/* Reads a number exactly, with the given scale. If the scale is negative, uses the number's own
 * scale, or a smaller scale with which the number fits. Returns false if the number does not fit.
 */
bool furrow__pg_numeric_read(const char *bytes, int size, int scale, furrow_decimal *out);
/* Returns the number as PostgreSQL writes it, as NUL-terminated text in the arena. Returns NULL
 * when out of memory. */
char *furrow__pg_numeric_text(const char *bytes, int size, furrow_arena *arena);

/* Defined in error.c */
/* Fills *error from a failed result or, if the result is NULL, from the connection. */
furrow_status furrow__pg_error(furrow__pg_connection *c, const PGresult *result,
                               furrow_error *error);
furrow_status furrow__pg_error_lost(furrow_error *error);
/* Whether the server ends the connection after this error. */
bool furrow__pg_ends_connection(const furrow__pg_connection *c, const PGresult *result);
/* Whether BEGIN failed because a standby cannot run a SERIALIZABLE transaction. */
bool furrow__pg_is_refused_by_standby(const furrow__pg_connection *c, const PGresult *result);
/* Fills *error if PostgreSQL did not answer before the deadline. */
furrow_status furrow__pg_error_no_answer(const furrow__pg_connection *c, furrow_error *error);
/* Fills *error from a connection that could not be opened. */
furrow_status furrow__pg_error_connect(const PGconn *pg, furrow_error *error);

/* Defined in describe.c */
furrow_status furrow__pg_lock_schema(furrow_connection *connection, furrow_error *error);
/* If the error names a partition, names the partitioned table instead. The transaction must not
 * have failed. */
void furrow__pg_name_partitioned_table(furrow__pg_connection *c, furrow_error *error);
/* After a failed statement, rolls back to the innermost savepoint or, without one, the whole
 * transaction. If the error names a partition, then names the partitioned table instead. */
void furrow__pg_explain_violation(furrow_connection *connection, const furrow_model *model,
                                  const void *row, furrow_error *error);
furrow_status furrow__pg_describe_table(furrow_connection *connection, furrow_live_table *out,
                                        furrow_table_name name, furrow_arena *arena,
                                        furrow_error *error);

/* Big-endian integers, as in the protocol */
static inline void furrow__pg_put16(char *at, uint16_t value)
{
    value = __builtin_bswap16(value);
    __builtin_memcpy(at, &value, 2);
}

static inline void furrow__pg_put32(char *at, uint32_t value)
{
    value = __builtin_bswap32(value);
    __builtin_memcpy(at, &value, 4);
}

static inline void furrow__pg_put64(char *at, uint64_t value)
{
    value = __builtin_bswap64(value);
    __builtin_memcpy(at, &value, 8);
}

static inline uint16_t furrow__pg_get16(const char *at)
{
    uint16_t value;
    __builtin_memcpy(&value, at, 2);
    return __builtin_bswap16(value);
}

static inline uint32_t furrow__pg_get32(const char *at)
{
    uint32_t value;
    __builtin_memcpy(&value, at, 4);
    return __builtin_bswap32(value);
}

static inline uint64_t furrow__pg_get64(const char *at)
{
    uint64_t value;
    __builtin_memcpy(&value, at, 8);
    return __builtin_bswap64(value);
}

#endif
