/* SPDX-License-Identifier: MIT
 *
 * Statements. A statement is prepared and described in one round trip. Its values are bound into
 * slots that the statement owns (encode.c). Executing it fetches the whole result, which is then
 * read row by row (decode.c, value.c).
 *
 * A statement is stale after PostgreSQL has reported that it no longer fits the tables (0A000,
 * class 42) or that it does not exist (26000). The cause, such as DDL that another program ran,
 * usually affects many statements, so all statements of the connection become stale at once. Stale
 * statements are prepared again. The statement that failed is prepared at once if the transaction
 * has no changes that would be lost; all others are prepared before their next values are bound.
 */
#include "driver/postgresql/postgresql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "scan/statement.h"

static void forget_description(furrow__pg_statement *s)
{
    PQclear(s->description);
    s->description = NULL;
    furrow__release(s->column_oids);
    furrow__release(s->readers);
    s->column_oids = NULL;
    s->readers = NULL;
    s->base.column_count = 0;
}

/* Copies the names and types of the columns from a description or a result. */
static bool take_columns(furrow__pg_statement *s, PGresult *described)
{
    int count = PQnfields(described);
    size_t size = (size_t)count;
    Oid *oids = furrow__allocate_zeroed(size ? size : 1, sizeof *oids);
    furrow__pg_reader *readers = furrow__allocate_zeroed(size ? size : 1, sizeof *readers);
    if (!oids || !readers) {
        furrow__release(oids);
        furrow__release(readers);
        return false;
    }
    forget_description(s);
    s->description = described;
    s->column_oids = oids;
    s->readers = readers;
    s->base.column_count = count;
    s->result_format = 1;
    for (int i = 0; i < count; i++) {
        oids[i] = PQftype(described, i);
        if (!furrow__pg_type_is_known(oids[i]))
            s->result_format = 0; /* libpq can request only one format for all columns */
    }
    return true;
}

static void release_parameters(furrow__pg_statement *s)
{
    furrow__release(s->parameters);
    furrow__release(s->values);
    furrow__release(s->lengths);
    furrow__release(s->formats);
    furrow__release(s->slots);
    s->parameters = NULL;
    s->values = NULL;
    s->lengths = NULL;
    s->formats = NULL;
    s->slots = NULL;
    s->base.parameter_count = 0;
}

static bool take_parameters(furrow__pg_statement *s, const PGresult *described)
{
    size_t count = (size_t)PQnparams(described);
    s->parameters = furrow__allocate_zeroed(count + 1, sizeof *s->parameters);
    s->values = furrow__allocate_zeroed(count + 1, sizeof *s->values);
    s->lengths = furrow__allocate_zeroed(count + 1, sizeof *s->lengths);
    s->formats = furrow__allocate_zeroed(count + 1, sizeof *s->formats);
    s->slots = furrow__allocate_zeroed(count + 1, sizeof *s->slots);
    if (!s->parameters || !s->values || !s->lengths || !s->formats || !s->slots)
        return false;
    s->base.parameter_count = (int)count;
    for (size_t i = 0; i < count; i++)
        s->parameters[i].oid = PQparamtype(described, (int)i);
    return true;
}

/* Parses and describes the statement on the server, under a new name. */
static furrow_status prepare_there(furrow__pg_connection *c, furrow__pg_statement *s,
                                   PGresult **described, furrow_error *error)
{
    s->name[0] = '\0';
    s->number = c->prepare ? ++c->last_name : 0;
    if (s->number)
        furrow__pg_write_name(c, s->number, s->name);
    furrow_status status = furrow__pg_run_prepare(c, s, described, error);
    if (status != FURROW_OK) {
        s->name[0] = '\0';
        s->number = 0;
    }
    return status;
}

static furrow_status check_text(const furrow_statement_text *text, furrow_error *error)
{
    if (strlen(text->text) != text->size)
        return furrow__fail(error, FURROW_INVALID, "the statement's text contains a NUL");
    /* PostgreSQL could interpret invalid UTF-8 differently from the code that checked the text
     * (CVE-2025-1094). */
    if (!furrow__utf8_is_valid(text->text, text->size))
        return furrow__fail(error, FURROW_INVALID, "the statement's text is not valid UTF-8");
    furrow__token first =
        furrow__statement_first_token(text->text, text->size, FURROW__SCAN_POSTGRESQL);
    if (first.kind == FURROW__TOKEN_END)
        return furrow__fail(error, FURROW_INVALID, "there is no statement in the text");
    if (text->raw && furrow__token_is_keyword(first, "COPY"))
        return furrow__fail(error, FURROW_INVALID, "COPY cannot run here");
    return FURROW_OK;
}

static void link_to(furrow__pg_connection *c, furrow__pg_statement *s)
{
    s->base.connection = &c->base;
    s->next = c->statements;
    s->back = &c->statements;
    if (s->next)
        s->next->back = &s->next;
    c->statements = s;
}

furrow_status furrow__pg_prepare(furrow_connection *connection, furrow_statement **out,
                                 const furrow_statement_text *text, furrow_error *error)
{
    furrow__pg_connection *c = furrow__pg_of(connection);
    *out = NULL;
    if (c->base.broken)
        return furrow__pg_error_lost(error);
    furrow_status status = check_text(text, error);
    if (status != FURROW_OK)
        return status;
    furrow__pg_statement *s = furrow__allocate_zeroed(1, sizeof *s);
    if (!s)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    link_to(c, s);
    s->raw = text->raw;
    furrow__token first =
        furrow__statement_first_token(text->text, text->size, FURROW__SCAN_POSTGRESQL);
    s->fetch = furrow__token_is_keyword(first, "FETCH");
    s->reads = s->fetch || furrow__token_is_keyword(first, "SELECT") ||
               furrow__token_is_keyword(first, "DECLARE") ||
               furrow__token_is_keyword(first, "CLOSE");
    s->text = furrow__duplicate(text->text);
    PGresult *described = NULL;
    status = s->text ? prepare_there(c, s, &described, error)
                     : furrow__fail(error, FURROW_NOMEM, "out of memory");
    if (status == FURROW_OK && (!take_parameters(s, described) || !take_columns(s, described))) {
        PQclear(described);
        status = furrow__fail(error, FURROW_NOMEM, "out of memory");
    }
    if (status != FURROW_OK) {
        furrow__pg_finalize(&s->base);
        return status;
    }
    *out = &s->base;
    return FURROW_OK;
}

void furrow__pg_finalize(furrow_statement *statement)
{
    if (!statement)
        return;
    furrow__pg_statement *s = (furrow__pg_statement *)statement;
    furrow__pg_drop_name(furrow__pg_owner(s), s->number);
    *s->back = s->next;
    if (s->next)
        s->next->back = s->back;
    PQclear(s->result);
    forget_description(s);
    release_parameters(s);
    furrow__release(s->arrays);
    furrow__release(s->text);
    furrow__release(s);
}

static bool has_value(const furrow__pg_statement *s, int i)
{
    return s->values[i] || s->parameters[i].array;
}

/* Parses and describes the statement again. Values that are bound stay bound, so the types of their
 * parameters must not have changed. */
static furrow_status prepare_again(furrow__pg_connection *c, furrow__pg_statement *s,
                                   furrow_error *error)
{
    furrow__pg_drop_name(c, s->number);
    s->number = 0;
    PGresult *described = NULL;
    furrow_status status = prepare_there(c, s, &described, error);
    if (status != FURROW_OK)
        return status;
    bool same = PQnparams(described) == s->base.parameter_count;
    for (int i = 0; i < s->base.parameter_count && i < PQnparams(described); i++) {
        same = same && (!has_value(s, i) || PQparamtype(described, i) == s->parameters[i].oid);
        s->parameters[i].oid = PQparamtype(described, i);
    }
    int parameters = PQnparams(described);
    if (!take_columns(s, described)) {
        PQclear(described);
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    }
    if (parameters != s->base.parameter_count)
        return furrow__fail(
            error, FURROW_SCHEMA,
            "the tables of the statement have changed: it now takes %d values, not %d", parameters,
            s->base.parameter_count);
    s->stale = false;
    return same ? FURROW_OK
                : furrow__fail(error, FURROW_BUSY,
                               "a table changed while the statement was about to run");
}

void furrow__pg_forget_names(furrow__pg_connection *c)
{
    furrow__pg_expire(&c->base);
    c->dropped_count = 0;
    for (furrow__pg_statement *s = c->statements; s; s = s->next)
        s->number = 0;
}

void furrow__pg_expire(furrow_connection *connection)
{
    for (furrow__pg_statement *s = furrow__pg_of(connection)->statements; s; s = s->next)
        s->stale = true;
}

furrow_status furrow__pg_renew(furrow__pg_statement *s, furrow_error *error)
{
    furrow__pg_connection *c = furrow__pg_owner(s);
    if (c->base.broken)
        return furrow__pg_error_lost(error);
    return prepare_again(c, s, error);
}

/* Handles a result whose columns differ from the described columns. The statement is either a FETCH
 * from a cursor, or an unnamed statement after a change of a table: an unnamed statement is parsed
 * each time. */
static furrow_status check_columns(furrow__pg_statement *s, furrow_error *error)
{
    int count = PQnfields(s->result);
    bool same = count == s->base.column_count;
    for (int i = 0; same && i < count; i++)
        same = PQftype(s->result, i) == s->column_oids[i];
    if (same)
        return FURROW_OK;
    int asked = s->result_format;
    PGresult *copy = PQcopyResult(s->result, PG_COPYRES_ATTRS);
    if (!copy || !take_columns(s, copy)) {
        PQclear(copy);
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    }
    /* The result is binary, but one of its types can be read only as text. */
    if (asked == 1 && s->result_format == 0 && PQntuples(s->result) > 0) {
        s->stale = true;
        return furrow__fail(error, FURROW_BUSY,
                            "a table changed while the statement was about to run");
    }
    s->result_format = asked;
    return FURROW_OK;
}

static bool changes_schema(const char *tag)
{
    static const char *const commands[] = {"CREATE ", "DROP ", "ALTER ", "TRUNCATE "};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (!strncmp(tag, commands[i], strlen(commands[i])))
            return true;
    return false;
}

static furrow_status take_result(furrow__pg_connection *c, furrow__pg_statement *s,
                                 PGresult *result, furrow_error *error)
{
    s->result = result;
    s->row = -1;
    s->rows = PQntuples(result);
    const char *tag = PQcmdStatus(result);
    if (*tag != 'S' && (!strncmp(tag, "INSERT ", 7) || !strncmp(tag, "UPDATE ", 7) ||
                        !strncmp(tag, "DELETE ", 7) || !strncmp(tag, "MERGE ", 6)))
        s->base.changed = strtoull(PQcmdTuples(result), NULL, 10);
    s->base.changes_schema = changes_schema(tag);
    c->has_set = c->has_set || !strcmp(tag, "SET");
    c->may_have_prepared = c->may_have_prepared || !strcmp(tag, "PREPARE") || !strcmp(tag, "DO") ||
                           !strcmp(tag, "CALL");
    if (s->fetch || !c->prepare)
        return check_columns(s, error);
    return FURROW_OK;
}

/* Checks whether a raw statement had effects that are not allowed and that its text did not show.
 */
static furrow_status check_effects(furrow__pg_connection *c, bool in_transaction,
                                   furrow_error *error)
{
    if (in_transaction && !c->base.in_transaction)
        return furrow__fail(error, FURROW_INVALID, "the statement ended the transaction");
    if (strcmp(pg_encoding_to_char(PQclientEncoding(c->pg)), "UTF8") != 0) {
        c->base.broken = true;
        return furrow__fail(error, FURROW_INVALID,
                            "the statement changed the connection's encoding");
    }
    const char *strings = PQparameterStatus(c->pg, "standard_conforming_strings");
    if (strings && strcmp(strings, "on") != 0) {
        c->base.broken = true;
        return furrow__fail(error, FURROW_INVALID,
                            "the statement turned standard_conforming_strings off");
    }
    return FURROW_OK;
}

/* The state of the transaction before a statement ran. */
typedef struct transaction_state {
    bool is_open;
    bool has_work; /* a statement has run in the transaction */
    int savepoints;
} transaction_state;

/* Runs a failed statement again. This is possible only for the first statement of a transaction,
 * because no earlier changes are lost. */
static furrow_status run_again(furrow__pg_connection *c, furrow__pg_statement *s,
                               const transaction_state *before, PGresult **result,
                               furrow_error *error)
{
    furrow_error first = *error;
    if (c->base.broken)
        return first.status;
    if (before->is_open) {
        furrow_isolation isolation = c->isolation;
        bool read_only = c->read_only;
        furrow_status status = furrow__pg_rollback(&c->base, error);
        if (status != FURROW_OK)
            return status;
        furrow__pg_begin(&c->base, isolation, read_only, error);
        c->savepoint_depth = before->savepoints;
    }
    furrow_status status = prepare_again(c, s, error);
    return status == FURROW_OK ? furrow__pg_run_statement(c, s, result, error) : status;
}

furrow_status furrow__pg_execute(furrow_statement *statement, furrow_error *error)
{
    furrow__pg_statement *s = (furrow__pg_statement *)statement;
    furrow__pg_connection *c = furrow__pg_owner(s);
    PQclear(s->result);
    s->result = NULL;
    s->base.changed = 0;
    if (c->base.broken)
        return furrow__pg_error_lost(error);
    if (s->stale || (s->fetch && s->base.column_count == 0)) {
        furrow_status status = prepare_again(c, s, error);
        if (status != FURROW_OK)
            return status;
    }
    for (int i = 0; s->array_count && i < s->base.parameter_count; i++)
        if (s->parameters[i].array)
            s->values[i] = s->arrays + s->parameters[i].offset;

    transaction_state before = {
        .is_open = c->base.in_transaction,
        .has_work = c->base.in_transaction && !c->begin_deferred,
        .savepoints = c->savepoint_depth,
    };
    PGresult *result = NULL;
    c->has_written = c->has_written || !s->reads;
    furrow_status status = furrow__pg_run_statement(c, s, &result, error);
    if (status == FURROW_BUSY && c->is_stale) {
        furrow__pg_expire(&c->base);
        c->base.schema_changed = strcmp(error->sqlstate, "26000") != 0;
        if (!before.has_work)
            status = run_again(c, s, &before, &result, error);
    }
    if (status == FURROW_OK)
        status = take_result(c, s, result, error);
    if (s->raw && (status == FURROW_OK || !c->base.in_transaction) && !c->base.broken) {
        furrow_error effects = {0};
        furrow_status found = check_effects(c, before.is_open, &effects);
        if (found != FURROW_OK && status == FURROW_OK) {
            *error = effects;
            status = found;
        }
    }
    return status;
}

furrow_status furrow__pg_step(furrow_statement *statement, bool *row, furrow_error *error)
{
    furrow__pg_statement *s = (furrow__pg_statement *)statement;
    *row = false;
    if (!s->result)
        return furrow__fail(error, FURROW_INVALID, "the statement has not been run");
    if (s->row + 1 < s->rows) {
        s->row++;
        *row = true;
    }
    return FURROW_OK;
}

size_t furrow__pg_row_count(furrow_statement *statement)
{
    furrow__pg_statement *s = (furrow__pg_statement *)statement;
    return s->result ? (size_t)s->rows : 0;
}

const char *furrow__pg_column_name(furrow_statement *statement, int i)
{
    furrow__pg_statement *s = (furrow__pg_statement *)statement;
    const char *name = PQfname(s->description, i);
    return name ? name : "";
}

void furrow__pg_reset_statement(furrow_statement *statement)
{
    furrow__pg_statement *s = (furrow__pg_statement *)statement;
    PQclear(s->result);
    s->result = NULL;
    s->rows = 0;
    s->row = -1;
    for (int i = 0; i < s->base.parameter_count; i++) {
        s->values[i] = NULL;
        s->parameters[i].array = false;
    }
    s->array_count = 0;
    s->arrays_size = 0;
}
