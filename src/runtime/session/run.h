/* SPDX-License-Identifier: MIT
 *
 * Running statements. A run has these steps; after a failure the later steps do nothing:
 *
 *   furrow__run_verb, _text, _sql      find the statement in the cache, or prepare it
 *   furrow__run_bind, _bind_row        bind values
 *   furrow__run_execute, _step, _all   execute, and move from row to row
 *   furrow__run_end                    count, trace, keep a failure, release the statement
 */
#ifndef FURROW_RUNTIME_SESSION_RUN_H
#define FURROW_RUNTIME_SESSION_RUN_H

#include "runtime/session/transaction.h"

/* Verbs whose statements are cached by model and verb. The SQL text of such a statement is not
 * needed to find the statement in the cache.
 */
typedef enum furrow__verb {
    FURROW__VERB_GET = 1,
    FURROW__VERB_GET_MANY,
    FURROW__VERB_INSERT,
    FURROW__VERB_INSERT_MANY,
    FURROW__VERB_UPDATE,
    FURROW__VERB_DELETE,
} furrow__verb;

typedef struct furrow__run {
    furrow_session *s;
    furrow_statement *statement;
    const furrow_model
        *model;         /* the model whose names are added to errors; NULL if there is none */
    const void *row;    /* the row that is written; NULL if there is none */
    int64_t started_ns; /* time at which the run started, for the trace */
    uint64_t rows;
    const char *values; /* bound values as text, with `.trace_values`; otherwise NULL */
    bool executed, entered;
    bool is_counted; /* already counted: the same call has run the statement for another row */
    furrow_status status;
    furrow_error error;
} furrow__run;

/* Writes the text of a statement. */
typedef void furrow__render(furrow__buffer *out, furrow_session *s, const void *context);
/* A statement of a model. */
typedef struct furrow__verb_statement {
    const furrow_model *model;
    uint64_t tag;           /* distinguishes the statement from other statements of the model */
    furrow__render *render; /* called if the statement is not in the cache */
    const void *context;    /* passed to `render` */
} furrow__verb_statement;
/* Starts a run of a model's statement. */
furrow_status furrow__run_verb(furrow__run *run, furrow_session *s,
                               const furrow__verb_statement *verb);
/* Starts a run of SQL text. If `raw` is set, the text comes from the program. */
furrow_status furrow__run_text(furrow__run *run, furrow_session *s, const char *text, size_t size,
                               bool raw);
/* Starts a run of a rendered statement, and binds its values. */
furrow_status furrow__run_sql(furrow__run *run, furrow_session *s, const furrow__sql *sql);
/* Binds values to parameters, starting with parameter `index`. */
furrow_status furrow__run_bind(furrow__run *run, int index, const furrow__bind *binds,
                               size_t count);
furrow_status furrow__run_bind_row(furrow__run *run, int index, const furrow_column *const *columns,
                                   size_t count, const void *row);
/* Execute the statement, and move to the next row. A failure is kept in the run. */
furrow_status furrow__run_execute(furrow__run *run);
furrow_status furrow__run_step(furrow__run *run, bool *row);
/* Executes the statement and skips its rows. *changed receives the number of changed rows;
 * `changed` may be NULL. */
furrow_status furrow__run_all(furrow__run *run, uint64_t *changed);
/* Ends a run, even a run that failed to start: counts and traces the statement, keeps a failure in
 * the session, and releases the statement. Returns the status of the run. */
furrow_status furrow__run_end(furrow__run *run);

/* Must be called instead of furrow__run_end if the statement of the run did nothing. The statement
 * is not counted, traced or cached. Returns FURROW_OK. */
furrow_status furrow__run_withdraw(furrow__run *run);

/* Runs one statement of the library that has no parameters. */
furrow_status furrow__session_run(furrow_session *s, const char *sql);

#endif
