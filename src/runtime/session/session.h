/* SPDX-License-Identifier: MIT
 *
 * A session from the inside: a transaction on a borrowed connection, the first failure in it, and
 * the arena of what it handed out. Every verb goes the same way:
 *
 *   furrow__session_start      refuse after a failure; borrow and begin at the first statement
 *   furrow__run_*              find or prepare a statement, bind, execute, step
 *   furrow__run_end            count, trace, keep a failure, give the statement back
 */
#ifndef FURROW_RUNTIME_SESSION_SESSION_H
#define FURROW_RUNTIME_SESSION_SESSION_H

#include <pthread.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/text.h"
#include "pool/group.h"
#include "sql/sql.h"

enum {
    FURROW__MAX_COLUMNS = 1000,   /* of a model: what every engine can do */
    FURROW__MAX_SAVEPOINTS = 1000 /* open at a time */
};

/* Where the rows of results with relations lie; see rows.h. */
struct furrow__results {
    struct furrow__place_of_rows *places; /* heap */
    size_t count, capacity;
};

/* How often each text ran, with .repeat_limit; see repeat.c. */
struct furrow__repeats {
    struct furrow__repeat *entries; /* heap */
    size_t count, capacity;
};

struct furrow_session {
    furrow_engine *engine;
    furrow__pooled *pooled; /* NULL outside a transaction; set and cleared under `cancelling` */
    pthread_mutex_t
        cancelling; /* held by who cancels, so that the connection stays the session's */
    bool cancelled; /* somebody asked for it in this transaction; under `cancelling` */
    furrow__subtransaction subtransaction; /* on a SQLite file: of the transaction, among others */
    const furrow_driver *driver;
    const furrow__dialect *dialect;
    furrow_trace_function *trace;
    furrow_status status; /* of the first failure in this transaction */
    bool read_only;
    bool raw_ran; /* the connection needs a full reset */
    bool has_now;
    furrow_isolation isolation;
    int statement_timeout_ms; /* 0 for no limit */
    int depth;                /* savepoints open in the database */
    int dead_depth;           /* savepoints begun after a failure */
    furrow_time now;
    uint64_t changed; /* by the last furrow_exec */
    furrow_session_statistics stats;
    uint64_t expected_from; /* statements at the last furrow_expect_statements */
    struct furrow__repeats repeats;
    furrow_cursor *cursors; /* open streams */
    struct furrow__results results;
    furrow_arena arena;   /* what was handed out */
    furrow_arena scratch; /* what one verb needs: cleared when the next begins */
    char *scratch_start;  /* where scratch is when it is clear */
    const char *file;
    int line;
    furrow_error error; /* the last failure */
};

/* FURROW_OK with a connection in a transaction, or what the verb has to return. */
furrow_status furrow__session_begin(furrow_session *s);
static inline furrow_status furrow__session_start(furrow_session *s)
{
    if (s && s->pooled && s->status == FURROW_OK && s->scratch.at == s->scratch_start &&
        furrow__engine_is_here(s->engine))
        return FURROW_OK;
    return furrow__session_begin(s);
}
/* The same for a verb that writes. */
furrow_status furrow__session_start_write(furrow_session *s);

/* The connection is used from here to `leave`: false, with the failure kept, where it was taken
 * from the session while that sat idle. Runs do this themselves. */
bool furrow__session_enter(furrow_session *s);
static inline void furrow__session_leave(furrow_session *s)
{
    furrow__subtransaction_leave(&s->subtransaction);
}

/* Keep a failure; returns its status. `error` may be &s->error itself. */
furrow_status furrow__session_fail(furrow_session *s, const furrow_error *error);
/* The same with a message. */
furrow_status furrow__session_failf(furrow_session *s, furrow_status status, const char *format,
                                    ...) __attribute__((format(printf, 3, 4)));
furrow_status furrow__session_no_memory(furrow_session *s);

/* The transaction's one reading of the clock, in UTC. */
furrow_time furrow__session_now(furrow_session *s);
furrow_arena *furrow__session_scratch(furrow_session *s);

/* ---- running statements ---- */

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

/* Copy an options struct: the smaller of both sizes, the rest zero. */
static inline void furrow__copy_options(void *copy, size_t copy_size, const void *options,
                                        size_t size)
{
    furrow__copy_struct(copy, copy_size, options, size);
}

/* FURROW_OK if generated code fits this library. */
furrow_status furrow__check_model(furrow_session *s, const furrow_model *model);

/* ---- rows (rows.c) ---- */

/* Read the rest of a run's rows as structs of the model into the session's arena, columns in the
 * order given (NULL: pass over that result column), and write the list. */
furrow_status furrow__read_list(furrow__run *run, void *list, const furrow_model *model,
                                const furrow_column *const *columns, size_t column_count);
/* The model's columns as a list of pointers, in scratch memory; NULL when out of memory. */
const furrow_column *const *furrow__all_columns(furrow_session *s, const furrow_model *model);
/* Empty a list or a pointer that a caller gave; NULL is allowed. */
void furrow__clear_list(void *list);
void furrow__clear_pointer(void *out);

/* ---- writing (insert.c) ---- */

/* Check the fields of a row that is about to be written; a failure is kept. */
furrow_status furrow__check_written(furrow_session *s, const furrow_column *const *columns,
                                    size_t count, const void *row);

/* ---- relationships (load.c) ---- */

/* FURROW_OK if the paths, all slots, begin at the model and each step follows the one before, and
 * if their conditions and orders are about what they lead to. Nothing is sent. */
furrow_status furrow__check_paths(furrow_session *s, const furrow_model *model,
                                  const furrow_path *paths, size_t slots);
/* Load paths that were checked, all slots, for rows that were just read; what they lead to goes
 * into the arena. */
furrow_status furrow__load_paths(furrow_session *s, furrow_arena *arena, const furrow_model *model,
                                 void *const *rows, size_t count, const furrow_path *paths,
                                 size_t slots);
/* Whether any slot has a path. */
bool furrow__has_paths(const furrow_path *paths, size_t slots);

/* ---- cursors (cursor.c) ---- */
/* Forget all, whose connection is another's. */
void furrow__cursors_forget(furrow_session *s);
/* Close those that were opened at this depth of savepoints or deeper. */
void furrow__cursors_close(furrow_session *s, int depth);
/* A savepoint was kept: its streams are now of the depth around it. */
void furrow__cursors_keep(furrow_session *s);

/* ---- texts run too often (repeat.c) ---- */

/* Count one run of a text, and tell the program's callback of it once. */
void furrow__repeat_count(furrow_session *s, const char *text);
void furrow__repeats_forget(furrow_session *s);

/* ---- patterns (pattern.c) ---- */
/* Check the columns that have a pattern(…). */
furrow_status furrow__check_patterns(furrow_session *s, const furrow_column *const *columns,
                                     size_t count, const void *row, furrow_error *error);
/* The same for the texts of assignments. */
furrow_status furrow__check_set_patterns(furrow_session *s, const furrow_assignment *set,
                                         size_t slots, furrow_error *error);

#endif
