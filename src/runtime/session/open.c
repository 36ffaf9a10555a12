/* SPDX-License-Identifier: MIT
 *
 * Opening, resetting and closing sessions.
 */
#include "runtime/session/transaction.h"

furrow_session *furrow_session_open_(const char *file, int line, size_t size,
                                     const struct furrow_session_options *options)
{
    struct furrow_session_options o;
    furrow__copy_struct(&o, sizeof o, options, size);
    if (!o.engine)
        return NULL;
    furrow_session *s = furrow__allocate_zeroed(1, sizeof *s);
    if (!s)
        return NULL;
    const struct furrow_engine_options *engine_options = furrow__engine_options(o.engine);
    s->engine = o.engine;
    s->driver = furrow__engine_driver(o.engine);
    s->dialect = furrow__engine_dialect_of(o.engine);
    s->trace = engine_options->trace;
    s->read_only = o.read_only;
    s->isolation = o.isolation ? o.isolation : engine_options->isolation;
    s->statement_timeout_ms =
        o.statement_timeout_ms ? o.statement_timeout_ms : engine_options->statement_timeout_ms;
    s->cancelling = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    s->subtransaction.cancelling = &s->cancelling;
    s->results.arena = &s->arena;
    s->file = file;
    s->line = line;
    furrow__engine_retain(s->engine);
    return s;
}

void furrow_session_reset(furrow_session *s)
{
    if (!s)
        return;
    furrow_rollback(s);
    furrow__results_forget(&s->results);
    furrow__repeats_done(&s->repeats);
    furrow__arena_clear(&s->arena);
    s->error = (furrow_error){.status = FURROW_OK};
    s->changed = 0;
}

void furrow_session_close(furrow_session *s)
{
    if (!s)
        return;
    furrow_rollback(s);
    furrow__results_forget(&s->results);
    furrow__repeats_done(&s->repeats);
    furrow__arena_done(&s->arena);
    furrow__arena_done(&s->scratch);
    pthread_mutex_destroy(&s->cancelling);
    furrow__engine_release(s->engine);
    furrow__release(s);
}
