/* SPDX-License-Identifier: MIT
 *
 * Opening, resetting and closing sessions.
 */
#include "runtime/session/transaction.h"
#include "runtime/session/use.h"

/* A session without an engine exists so that its error can be read; every call fails. */
static void keep_no_engine(furrow_session *s)
{
    furrow_error error = {0};
    furrow__fail(&error, FURROW_INVALID,
                 "the session was opened without an engine: the engine is NULL");
    furrow__hint(&error, "check the status that furrow_engine_open returned");
    furrow__session_fail(s, &error);
}

furrow_session *furrow_session_open_(const char *file, int line, size_t size,
                                     const struct furrow_session_options *options)
{
    struct furrow_session_options o;
    furrow__copy_struct(&o, sizeof o, options, size);
    furrow_session *s = furrow__allocate_zeroed(1, sizeof *s);
    if (!s)
        return NULL;
    s->file = file;
    s->line = line;
    s->cancelling = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    if (!o.engine) {
        keep_no_engine(s);
        return s;
    }
    const struct furrow_engine_options *engine_options = furrow__engine_options(o.engine);
    s->engine = o.engine;
    s->driver = furrow__engine_driver(o.engine);
    s->dialect = furrow__engine_dialect_of(o.engine);
    s->trace = engine_options->trace;
    s->read_only = o.read_only;
    s->isolation = o.isolation ? o.isolation : engine_options->isolation;
    s->statement_timeout_ms =
        o.statement_timeout_ms ? o.statement_timeout_ms : engine_options->statement_timeout_ms;
    s->subtransaction.cancelling = &s->cancelling;
    s->results.arena = &s->arena;
    furrow__engine_retain(s->engine);
    return s;
}

/* Undoes the open transaction. If nothing failed and the program did not roll back, changes that
 * were not committed are probably a mistake, which is reported. */
static void end_open_transaction(furrow_session *s)
{
    if (s->status == FURROW_OK && s->has_changes && furrow__engine_is_here(s->engine))
        furrow__session_report_uncommitted(s);
    furrow_rollback(s);
}

void furrow_session_reset(furrow_session *s)
{
    if (!s || !s->engine || !furrow__session_use(s))
        return;
    end_open_transaction(s);
    furrow__results_forget(&s->results);
    furrow__repeats_done(&s->repeats);
    furrow__arena_clear(&s->arena);
    s->error = (furrow_error){.status = FURROW_OK};
    s->changed = 0;
    furrow__session_end_use(s);
}

void furrow_session_close(furrow_session *s)
{
    if (!s || !furrow__session_use(s))
        return;
    if (s->engine)
        end_open_transaction(s);
    furrow__results_forget(&s->results);
    furrow__repeats_done(&s->repeats);
    furrow__arena_done(&s->arena);
    furrow__arena_done(&s->scratch);
    pthread_mutex_destroy(&s->cancelling);
    if (s->engine)
        furrow__engine_release(s->engine);
    furrow__release(s);
}
