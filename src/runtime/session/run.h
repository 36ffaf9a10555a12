/* SPDX-License-Identifier: MIT
 *
 * Running statements. A run goes through these steps; after a failure the later steps do nothing:
 *
 *   furrow__run_verb, _text, _sql        find the statement in the cache, or prepare it
 *   furrow__run_bind, _bind_row          bind values
 *   furrow__run_execute, _step, _all     execute, and go from row to row
 *   furrow__run_end                      count, trace, keep a failure, return the statement to the
 * cache
 */
#ifndef FURROW_RUNTIME_SESSION_RUN_H
#define FURROW_RUNTIME_SESSION_RUN_H

#include "runtime/session/transaction.h"

/* Verbs whose statements are found without a text. */
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
    const furrow_model *model; /* for explaining failures; may be NULL */
    const void *row;           /* likewise */
    int64_t started_ns;        /* with a trace */
    uint64_t rows;
    const char *values; /* as text, with .trace_values */
    bool executed, entered;
    bool is_counted; /* one more of a statement that was counted, for another row of the call */
    furrow_status status;
    furrow_error error;
} furrow__run;

/* Begin a run with a statement of the cache: `render` writes its text if it is not there yet. */
typedef void furrow__render(furrow__buffer *out, furrow_session *s, const void *context);
furrow_status furrow__run_verb(furrow__run *run, furrow_session *s, const furrow_model *model,
                               uint64_t tag, furrow__render *render, const void *context);
/* Begin a run with a text; raw: it is the user's. */
furrow_status furrow__run_text(furrow__run *run, furrow_session *s, const char *text, size_t size,
                               bool raw);
/* Begin a run with a rendered statement, and bind what it says. */
furrow_status furrow__run_sql(furrow__run *run, furrow_session *s, const furrow__sql *sql);
/* Bind a list of binds from parameter `index` on. */
furrow_status furrow__run_bind(furrow__run *run, int index, const furrow__bind *binds,
                               size_t count);
furrow_status furrow__run_bind_row(furrow__run *run, int index, const furrow_column *const *columns,
                                   size_t count, const void *row);
/* Execute; after that, step. Both keep a failure in the run. */
furrow_status furrow__run_execute(furrow__run *run);
furrow_status furrow__run_step(furrow__run *run, bool *row);
/* Execute and step to the end, passing over rows; *changed may be NULL. */
furrow_status furrow__run_all(furrow__run *run, uint64_t *changed);
/* End a run, also one that failed to begin: counts, traces, gives the statement back, keeps a
 * failure in the session. Returns the run's status. */
furrow_status furrow__run_end(furrow__run *run);

/* End a run whose statement did nothing, in place of furrow__run_end: it is neither counted, traced
 * nor kept for a next time, and FURROW_OK. */
furrow_status furrow__run_withdraw(furrow__run *run);

/* One statement of our own without values. */
furrow_status furrow__session_run(furrow_session *s, const char *sql);

#endif
