/* SPDX-License-Identifier: MIT
 *
 * Translates PostgreSQL's errors by their SQLSTATE (manual, appendix A). PostgreSQL's error fields
 * can quote values: DETAIL and CONTEXT in every class, the primary message in the classes 22, 23,
 * P0 and XX. From DETAIL only the names of columns are read. A primary message is copied only in
 * classes whose messages contain no values. Statements of migrations have no parameters, so more is
 * copied for them; see add_server_text.
 */
#include "driver/postgresql/postgresql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/violation.h"
#include "scan/missing.h"

enum { MAX_KEY = 32, NAME_SIZE = 64 };

static const char *field(const PGresult *result, int code)
{
    const char *text = result ? PQresultErrorField(result, code) : NULL;
    return text ? text : "";
}

static bool in_class(const char *state, const char *class)
{
    return strncmp(state, class, 2) == 0;
}

typedef struct key {
    char names[MAX_KEY][NAME_SIZE];
    const char *columns[MAX_KEY];
    size_t count;
} key;

/* Reads the names in a DETAIL such as `Key (a, "b c", lower(d))=(…`. Expressions are left out. */
static void parse_key(key *out, const char *detail)
{
    out->count = 0;
    const char *at = strchr(detail, '(');
    size_t size = 0;
    bool plain = true;
    int depth = 0;
    for (at = at ? at + 1 : ""; *at && out->count < MAX_KEY; at++) {
        char *name = out->names[out->count];
        bool quoted = *at == '"';
        if (quoted) { /* two quotes inside a quoted name stand for one quote */
            for (at++; *at && (*at != '"' || at[1] == '"'); at++) {
                at += *at == '"';
                if (size < NAME_SIZE - 1)
                    name[size++] = *at;
            }
            if (!*at)
                break;
            continue;
        }
        bool ends = depth == 0 && (*at == ',' || *at == ')');
        if (ends) {
            name[size] = '\0';
            if (plain && size) {
                out->columns[out->count] = name;
                out->count++;
            }
            if (*at == ')')
                return;
            size = 0;
            plain = true;
            at += at[1] == ' ';
            continue;
        }
        depth += (*at == '(') - (*at == ')');
        plain = plain && *at != '(' && *at != ')' && *at != ' ' && *at != ':' && *at != '\'';
        if (size < NAME_SIZE - 1)
            name[size++] = *at;
    }
    out->count = 0; /* no closing bracket: DETAIL has another form */
}

/* Copies the name between the first two quotes after `from`; "" if there are none. */
static void quoted_name(char out[NAME_SIZE], const char *from)
{
    out[0] = '\0';
    const char *start = strchr(from, '"'), *end = start ? strchr(start + 1, '"') : NULL;
    if (end && (size_t)(end - start - 1) < NAME_SIZE) {
        memcpy(out, start + 1, (size_t)(end - start - 1));
        out[end - start - 1] = '\0';
    }
}

/* Copies the name that ends at the last quote before `end`, and begins at the first quote of the
 * text. A name can contain quotes, which PostgreSQL does not double in messages. */
static void quoted_name_before(char out[NAME_SIZE], const char *text, const char *end)
{
    const char *start = strchr(text, '"');
    out[0] = '\0';
    while (end > text && end[-1] != '"')
        end--;
    if (start && end - 1 > start && (size_t)(end - start - 2) < NAME_SIZE) {
        memcpy(out, start + 1, (size_t)(end - start - 2));
        out[end - start - 2] = '\0';
    }
}

/* Returns whether `name` is the last name in a DETAIL. */
static bool ends_with_name(const char *detail, const char *name)
{
    size_t size = strlen(detail), length = strlen(name);
    while (size && detail[size - 1] != '"')
        size--;
    return size >= length + 2 && detail[size - length - 2] == '"' &&
           memcmp(detail + size - length - 1, name, length) == 0;
}

/* Finds out which of the two kinds of foreign key violation occurred: either the parent row does
 * not exist, or a child row still refers to the parent. Both kinds have the same SQLSTATE, and
 * their diagnostic fields contain the same table (the child) and constraint. In every language, the
 * last name in DETAIL is the parent table for the first kind and the child table for the second. */
static furrow_status foreign_key(const PGresult *result, furrow_error *error)
{
    const char *detail = field(result, PG_DIAG_MESSAGE_DETAIL);
    const char *table = field(result, PG_DIAG_TABLE_NAME);
    const char *constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
    char other[NAME_SIZE], parent[NAME_SIZE];
    const char *tail = strrchr(detail, ')');
    quoted_name(other, tail ? tail : detail);
    quoted_name(parent, field(result, PG_DIAG_MESSAGE_PRIMARY));
    if (!*table)
        return furrow__violation_foreign_key(error, "");
    /* The diagnostic fields name the table with the foreign key. The name of the other table is
     * only in the message and in DETAIL. If a table refers to itself, parent and child have the
     * same name. In that case, the message of a rejected delete has a third name, after the
     * constraint's name. */
    const char *primary = field(result, PG_DIAG_MESSAGE_PRIMARY);
    char quoted[NAME_SIZE + 2];
    snprintf(quoted, sizeof quoted, "\"%s\"", constraint);
    const char *after = strstr(primary, quoted);
    char third[NAME_SIZE] = "";
    if (after && *constraint) {
        quoted_name_before(parent, primary, after);
        after = strchr(after + 1, '"');
        quoted_name(third, after ? after + 1 : "");
    }
    bool referred = ends_with_name(detail, table) && (strcmp(parent, table) != 0 || *third);
    if (referred)
        return furrow__violation_referred(error, parent, table, constraint);
    key columns;
    parse_key(&columns, detail);
    furrow__broken_constraint broken = {constraint, table, columns.columns, columns.count};
    return furrow__violation_missing(error, &broken, other);
}

static furrow_status violation(const PGresult *result, const char *state, furrow_error *error)
{
    const char *table = field(result, PG_DIAG_TABLE_NAME);
    const char *column = field(result, PG_DIAG_COLUMN_NAME);
    const char *constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
    key columns;
    if (!strcmp(state, "23505") || !strcmp(state, "23P01")) {
        parse_key(&columns, field(result, PG_DIAG_MESSAGE_DETAIL));
        return furrow__violation_unique(
            error, &(furrow__broken_constraint){constraint, table, columns.columns, columns.count});
    }
    if (!strcmp(state, "23503") || !strcmp(state, "23001"))
        return foreign_key(result, error);
    if (!strcmp(state, "23502"))
        return furrow__violation_not_null(error, table, column);
    /* furrow adds this check to columns of type float and double, to exclude NaN. */
    if (!strcmp(state, "23514") && furrow__ends_with(constraint, "_nan_check"))
        return furrow__fail(error, FURROW_INVALID, "a number is out of range for its type");
    if (!strcmp(state, "23514"))
        return furrow__violation_check(error, table, column, constraint);
    return furrow__fail(error, FURROW_CHECK, "the row violates a constraint (SQLSTATE %s)", state);
}

typedef struct outcome {
    const char *state; /* an SQLSTATE, or the two characters of a class */
    furrow_status status;
    const char *message; /* NULL: use PostgreSQL's primary message, which contains no values */
    const char *hint;
} outcome;

static const outcome outcomes[] = {
    {"40001", FURROW_BUSY, "the transaction conflicts with a concurrent one",
     "repeat the transaction"},
    {"40P01", FURROW_BUSY, "the transaction was part of a deadlock", "repeat the transaction"},
    {"40003", FURROW_COMMIT_UNKNOWN, "the server does not know whether the statement was completed",
     NULL},
    {"40", FURROW_BUSY, "the server rolled the transaction back", "repeat the transaction"},
    {"55P03", FURROW_BUSY, "another transaction holds a lock that the statement needs",
     "repeat the transaction"},
    {"55", FURROW_BUSY, NULL, NULL},
    {"57P01", FURROW_DISCONNECTED, "the server ended the connection", NULL},
    {"57P02", FURROW_DISCONNECTED, "the server crashed, and ended the connection", NULL},
    {"57P03", FURROW_DISCONNECTED, "the server cannot accept connections now", NULL},
    {"57P05", FURROW_DISCONNECTED,
     "the server ended the connection because it had been idle for too long", NULL},
    {"25P03", FURROW_DISCONNECTED,
     "the server ended the connection because its transaction had been idle for too long", NULL},
    {"25P02", FURROW_ABORTED, "the transaction has already failed", "roll it back"},
    {"25", FURROW_INVALID, NULL, NULL},
    {"08", FURROW_DISCONNECTED, "the connection was lost", NULL},
    {"42501", FURROW_DATABASE, NULL, "grant the user this permission"},
    {"42P01", FURROW_SCHEMA, NULL, NULL},
    {"42703", FURROW_SCHEMA, NULL, NULL},
    {"42P05", FURROW_INVALID, NULL,
     "if a pooler shares server connections between transactions, add prepare=off to the URL"},
    {"42P10", FURROW_SCHEMA, NULL, NULL},
    {"42P07", FURROW_SCHEMA, NULL, NULL},
    {"42701", FURROW_SCHEMA, NULL, NULL},
    {"42710", FURROW_SCHEMA, NULL, NULL},
    {"42P06", FURROW_SCHEMA, NULL, NULL},
    {"42", FURROW_INVALID, NULL, NULL},
    {"3F000", FURROW_SCHEMA, NULL, "create the schema"},
    {"22001", FURROW_INVALID, "a string is longer than its column allows", NULL},
    {"22003", FURROW_INVALID, "a number is out of range for its type", NULL},
    {"22007", FURROW_INVALID, "a string is not a valid time or date", NULL},
    {"22008", FURROW_INVALID, "a time or date is out of range for its type", NULL},
    {"22012", FURROW_INVALID, "division by zero", NULL},
    {"22021", FURROW_INVALID, "a string has characters that do not exist in the server's encoding",
     NULL},
    {"22P02", FURROW_INVALID, "a string is not a valid value of the required type", NULL},
    {"22P03", FURROW_INVALID, "a value is not valid for the required type", NULL},
    {"22P05", FURROW_INVALID, "a string has characters that do not exist in the server's encoding",
     NULL},
    {"22", FURROW_INVALID, "a value cannot be used", NULL},
    {"26000", FURROW_BUSY, "a prepared statement no longer exists on the server",
     "repeat the transaction; if a pooler shares server connections between transactions, add "
     "prepare=off to the URL"},
    {"2B", FURROW_DATABASE, NULL, NULL},
    {"28P01", FURROW_DATABASE, "the password is wrong", "correct the password in the URL"},
    {"28", FURROW_DATABASE, NULL, "see the server's pg_hba.conf"},
    {"3D000", FURROW_DATABASE, NULL, "create the database, or correct its name in the URL"},
    {"53100", FURROW_DATABASE, "the server's disk is full", "free space on the server's disk"},
    {"53200", FURROW_DATABASE, "the server is out of memory", NULL},
    {"53300", FURROW_DATABASE, "the server already has too many connections",
     "lower pool_size and max_overflow, or increase the server's max_connections"},
    {"53", FURROW_DATABASE, NULL, NULL},
    {"54", FURROW_INVALID, NULL, NULL},
    {"0A", FURROW_INVALID, NULL, NULL},
    {"58", FURROW_DATABASE, NULL, NULL},
    {"P0", FURROW_DATABASE, "a function on the server raised an exception",
     "see the server's log for the exception's message"},
};

static const outcome *outcome_of(const char *state)
{
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
        if (!strncmp(outcomes[i].state, state, strlen(outcomes[i].state)))
            return &outcomes[i];
    return NULL;
}

/* Whether PostgreSQL's own message fields can be copied. This is true if the caller has asked for
 * them and no values are bound, because the fields then cannot quote any values. */
static bool may_tell_all(const furrow__pg_connection *c)
{
    return c->server_text && !c->has_values;
}

/* Joins the lines of DETAIL and removes the full stop. */
static void add_detail(furrow_error *error, const char *detail)
{
    char text[2 * sizeof error->message];
    size_t size = (size_t)snprintf(text, sizeof text, "%s: ", error->message);
    for (; *detail && size < sizeof text - 2; detail++) {
        if (*detail == '\n')
            text[size++] = ';';
        text[size++] = *detail == '\n' ? ' ' : *detail;
    }
    size -= text[size - 1] == '.';
    text[size] = '\0';
    furrow__copy_text(error->message, sizeof error->message, text);
}

/* Adds DETAIL and HINT, which can contain keys. If a column or a check rejected a row, DETAIL is
 * left out, because it contains the whole row. */
static void add_server_text(const furrow__pg_connection *c, const PGresult *result,
                            const char *state, furrow_error *error)
{
    const char *detail = field(result, PG_DIAG_MESSAGE_DETAIL);
    const char *hint = field(result, PG_DIAG_MESSAGE_HINT);
    bool may_be_row = !strcmp(state, "23502") || !strcmp(state, "23514") || in_class(state, "22");
    if (!may_tell_all(c))
        return;
    if (*detail && !may_be_row)
        add_detail(error, detail);
    if (*hint)
        furrow__hint(error, "%s", hint);
}

/* Whether PostgreSQL stopped the statement because of a cancel request, and not because of a time
 * limit. Both cases have SQLSTATE 57014 and the same diagnostic fields. Only PostgreSQL's message
 * distinguishes them (ProcessInterrupts in postgres.c). */
static bool was_requested(const furrow__pg_connection *c, const PGresult *result)
{
    return atomic_load_explicit(&c->cancelled, memory_order_relaxed) ||
           strstr(field(result, PG_DIAG_MESSAGE_PRIMARY), "user request");
}

static furrow_status fail_stopped(const furrow__pg_connection *c, const PGresult *result,
                                  furrow_error *error)
{
    if (was_requested(c, result))
        return furrow__fail(error, FURROW_CANCELLED, "the statement was cancelled");
    if (c->statement_timeout_ms) {
        furrow__fail(error, FURROW_TIMEOUT, "the statement took longer than %d ms",
                     c->statement_timeout_ms);
        return furrow__hint(error,
                            "increase statement_timeout_ms, or check whether an index is missing");
    }
    furrow__fail(error, FURROW_TIMEOUT, "the statement took longer than the server allows");
    return furrow__hint(error, "see the server's statement_timeout");
}

/* Whether a prepared statement is out of date, because a table that it uses was changed. PostgreSQL
 * then reports other columns, or an error at a position in the text, although the text was correct
 * when it was prepared. Errors inside functions have no such position. */
static bool is_outdated(const furrow__pg_connection *c, const PGresult *result, const char *state)
{
    if (!strcmp(state, "0A000"))
        return !strcmp(field(result, PG_DIAG_SOURCE_FUNCTION), "RevalidateCachedQuery");
    return c->runs_prepared && in_class(state, "42") && *field(result, PG_DIAG_STATEMENT_POSITION);
}

/* Reads the name of a missing table or column at the position of the error in the statement:
 * PostgreSQL quotes the name only in its message, which depends on the language. */
static void name_missing(const furrow__pg_connection *c, const PGresult *result,
                         furrow__missing_kind kind, furrow_error *error)
{
    long position = strtol(field(result, PG_DIAG_STATEMENT_POSITION), NULL, 10);
    const char *at = c->running;
    for (; at && *at && position > 1; at++) /* counts characters, the first is 1 */
        position -= ((unsigned char)at[1] & 0xc0) != 0x80;
    if (!error)
        return;
    if (at && position == 1)
        furrow__missing_name(&(furrow__missing){kind, at, strlen(at), FURROW__SCAN_POSTGRESQL},
                             error);
    if (!error->hint[0])
        furrow__missing_hint(kind, error);
}

static furrow_status fail_by_outcome(const furrow__pg_connection *c, const PGresult *result,
                                     const char *state, furrow_error *error)
{
    const outcome *o = outcome_of(state);
    furrow_status status = o ? o->status : FURROW_DATABASE;
    /* The server reports that it has lost another connection, for example to a foreign server. */
    if (status == FURROW_DISCONNECTED && !furrow__pg_ends_connection(c, result)) {
        furrow__fail(error, FURROW_DATABASE, "the server lost its connection to another server");
        return furrow__hint(error, "see the server's log");
    }
    bool may_quote_values = !o || in_class(state, "22") || in_class(state, "P0");
    bool is_passed_on = may_quote_values ? may_tell_all(c) : !o->message;
    if (is_passed_on)
        furrow__fail(error, status, "%s", field(result, PG_DIAG_MESSAGE_PRIMARY));
    else if (o)
        furrow__fail(error, status, "%s", o->message);
    else
        furrow__fail(error, status, "the server failed with SQLSTATE %s", state);
    if (o && o->hint && !(is_passed_on && may_quote_values))
        furrow__hint(error, "%s", o->hint);
    if (is_passed_on)
        add_server_text(c, result, state, error);
    furrow__copy_text(error->table, sizeof error->table, field(result, PG_DIAG_TABLE_NAME));
    furrow__copy_text(error->column, sizeof error->column, field(result, PG_DIAG_COLUMN_NAME));
    furrow__copy_text(error->constraint, sizeof error->constraint,
                      field(result, PG_DIAG_CONSTRAINT_NAME));
    if (!strcmp(state, "42P01"))
        name_missing(c, result, FURROW__MISSING_TABLE, error);
    else if (!strcmp(state, "42703"))
        name_missing(c, result, FURROW__MISSING_COLUMN, error);
    return status;
}

/* the name of this SQLSTATE is sequence_generator_limit_exceeded */
static bool is_sequence_used_up(const char *state)
{
    return !strcmp(state, "2200H");
}

bool furrow__pg_ends_connection(const furrow__pg_connection *c, const PGresult *result)
{
    const char *severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (!*severity) /* poolers may omit this field, and do not localize PG_DIAG_SEVERITY */
        severity = field(result, PG_DIAG_SEVERITY);
    return PQstatus(c->pg) == CONNECTION_BAD || !strcmp(severity, "FATAL") ||
           !strcmp(severity, "PANIC");
}

bool furrow__pg_is_refused_by_standby(const furrow__pg_connection *c, const PGresult *result)
{
    return c->begin_failed && c->isolation == FURROW_ISOLATION_SERIALIZABLE &&
           !strcmp(field(result, PG_DIAG_SQLSTATE), "0A000");
}

/* A write fails although the transaction did not ask to be read-only: after a failover, a pooler or
 * an address can lead to a standby. This connection is of no use, but a new connection may lead to
 * the primary server. */
static furrow_status fail_standby(furrow_error *error)
{
    furrow__fail(error, FURROW_DISCONNECTED,
                 "the server is read-only: it is a standby, or its transactions are read-only");
    return furrow__hint(error, "name all servers in the URL, with "
                               "target_session_attrs=read-write, or set .read_only = true");
}

static furrow_status fail_read_only(const furrow__pg_connection *c, furrow_error *error)
{
    if (c->base.in_transaction && !c->read_only && !c->has_set)
        return fail_standby(error);
    if (furrow__pg_is_standby(c))
        return furrow__fail(error, FURROW_INVALID,
                            "the transaction is read-only, and the server is a standby");
    return furrow__fail(error, FURROW_INVALID, "the transaction is read-only");
}

static furrow_status translate(const furrow__pg_connection *c, const PGresult *result,
                               const char *state, furrow_error *error)
{
    if (in_class(state, "23")) {
        furrow_status status = violation(result, state, error);
        add_server_text(c, result, state, error);
        return status;
    }
    if (!strcmp(state, "57014"))
        return fail_stopped(c, result, error);
    if (!strcmp(state, "25006"))
        return fail_read_only(c, error);
    if (furrow__pg_is_refused_by_standby(c, result))
        return fail_standby(error);
    if (is_outdated(c, result, state)) {
        furrow__fail(error, FURROW_BUSY, "a table that a prepared statement uses was changed");
        return furrow__hint(error, "repeat the transaction");
    }
    if (is_sequence_used_up(state)) /* PostgreSQL does not report which table the sequence belongs
                                       to */
        return furrow__violation_keys(error, NULL);
    return fail_by_outcome(c, result, state, error);
}

furrow_status furrow__pg_error_lost(furrow_error *error)
{
    return furrow__fail(error, FURROW_DISCONNECTED, "the connection to the server was lost");
}

furrow_status furrow__pg_error_no_answer(const furrow__pg_connection *c, furrow_error *error)
{
    furrow__fail(error, FURROW_TIMEOUT, "the server did not answer in %d ms",
                 c->uses_answer_timeout ? c->answer_timeout_ms : c->statement_timeout_ms);
    return furrow__hint(error, "the connection was closed, so the transaction is rolled back");
}

furrow_status furrow__pg_error(furrow__pg_connection *c, const PGresult *result,
                               furrow_error *error)
{
    const char *state = field(result, PG_DIAG_SQLSTATE);
    c->base.keys_used_up = is_sequence_used_up(state);
    c->is_stale = !strcmp(state, "26000") || is_outdated(c, result, state);
    if (*state) {
        char kept[sizeof error->sqlstate];
        furrow__copy_text(kept, sizeof kept, state);
        furrow_status status = translate(c, result, kept, error);
        furrow__copy_text(error->sqlstate, sizeof error->sqlstate, kept);
        if (status == FURROW_DISCONNECTED)
            c->base.broken = true;
        return status;
    }
    /* Fills *error for an error of libpq itself. Such errors have no codes, and their messages
     * contain no values. */
    if (PQstatus(c->pg) == CONNECTION_BAD) {
        c->base.broken = true;
        return furrow__pg_error_lost(error);
    }
    const char *message = PQerrorMessage(c->pg);
    /* If an allocation fails, libpq reports "out of memory", possibly translated. libpq has neither
     * a code nor a field for this error. */
    if (!*message || strstr(message, "memory"))
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    return furrow__fail(error, FURROW_DATABASE, "%.*s", (int)strcspn(message, "\n"), message);
}

/* Finds the SQLSTATE at the end of `…: FATAL:  28P01`. libpq has no diagnostic fields for a failed
 * connection, so the driver sets the verbosity with which the message contains the SQLSTATE. */
static const char *state_in(const char *message, char state[6])
{
    const char *found = NULL;
    for (const char *at = message; (at = strstr(at, ":  ")); at += 3) {
        size_t size = strspn(at + 3, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        if (size == 5 && (at[8] == '\n' || at[8] == '\0' || at[8] == ':')) {
            memcpy(state, at + 3, 5);
            state[5] = '\0';
            found = state;
        }
    }
    return found;
}

static furrow_status fail_refused(const PGconn *pg, const char *state, furrow_error *error)
{
    const outcome *m = outcome_of(state);
    furrow_status status = FURROW_DATABASE;
    if (m && m->status == FURROW_DISCONNECTED)
        status = m->status;
    if (!strcmp(state, "28P01"))
        furrow__fail(error, status, "the server refused the password of user \"%s\"", PQuser(pg));
    else if (!strcmp(state, "3D000"))
        furrow__fail(error, status, "there is no database \"%s\" on the server", PQdb(pg));
    else if (in_class(state, "28"))
        furrow__fail(error, status, "the server does not allow user \"%s\" to use database \"%s\"",
                     PQuser(pg), PQdb(pg));
    else if (m && m->message)
        furrow__fail(error, status, "%s", m->message);
    else
        furrow__fail(error, status, "the server refused the connection with SQLSTATE %s", state);
    if (m && m->hint)
        furrow__hint(error, "%s", m->hint);
    furrow__copy_text(error->sqlstate, sizeof error->sqlstate, state);
    return status;
}

furrow_status furrow__pg_error_connect(const PGconn *pg, furrow_error *error)
{
    char state[6];
    const char *message = PQerrorMessage(pg);
    if (state_in(message, state))
        return fail_refused(pg, state, error);
    if (PQconnectionNeedsPassword(pg)) {
        furrow__fail(error, FURROW_DATABASE, "the server asks user \"%s\" for a password",
                     PQuser(pg));
        return furrow__hint(error, "add the password to the URL or to a password file");
    }
    /* libpq reports the same status for a failed TLS handshake as for a server that is not running.
     * Only the message tells these errors apart. */
    if (strstr(message, "certificate") || strstr(message, "SSL") || strstr(message, "sslmode")) {
        furrow__fail(error, FURROW_DATABASE, "could not connect: %.*s", (int)strcspn(message, "\n"),
                     message);
        return furrow__hint(error, "set sslrootcert in the URL to the certificate to trust, or "
                                   "set a weaker sslmode there");
    }
    furrow__fail(error, FURROW_DISCONNECTED, "could not connect: %.*s", (int)strcspn(message, "\n"),
                 message);
    return furrow__hint(error,
                        "check that the server is running, and the host and port in the URL");
}
