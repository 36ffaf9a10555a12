/* SPDX-License-Identifier: MIT
 *
 * Keeps the state of a session (its failures, counts and time), and reports incorrect uses of a
 * session.
 */
#include "runtime/session/use.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

static const furrow_error no_session = {
    .status = FURROW_NOMEM,
    .message = "no session: out of memory",
};
static const furrow_error in_use = {
    .status = FURROW_INVALID,
    .message = "another thread is in a call on this session",
    .hint = "use a session for each thread, or let one thread finish before another continues",
};
static const furrow_error no_error = {.status = FURROW_OK};

furrow_status furrow__session_fail(furrow_session *s, const furrow_error *error)
{
    if (!s)
        return FURROW_NOMEM;
    if (error != &s->error)
        s->error = *error;
    if (s->status == FURROW_OK)
        s->status = s->error.status;
    return s->error.status;
}

furrow_status furrow__session_failf(furrow_session *s, furrow_status status, const char *format,
                                    ...)
{
    if (!s)
        return FURROW_NOMEM;
    char message[sizeof s->error.message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    furrow_error error;
    furrow__fail(&error, status, "%s", message);
    return furrow__session_fail(s, &error);
}

furrow_status furrow__session_no_memory(furrow_session *s)
{
    return furrow__session_failf(s, FURROW_NOMEM, "out of memory");
}

furrow_status furrow_session_status(const furrow_session *s)
{
    if (!s)
        return FURROW_NOMEM;
    return furrow__session_is_in_use(s) ? FURROW_INVALID : s->status;
}

const furrow_error *furrow_session_error(const furrow_session *s)
{
    if (!s)
        return &no_session;
    if (furrow__session_is_in_use(s))
        return &in_use;
    return s->error.status ? &s->error : &no_error;
}

void furrow_session_stats_(const furrow_session *s, furrow_session_statistics *out, size_t size)
{
    static const furrow_session_statistics none;
    bool is_known = s && !furrow__session_is_in_use(s);
    furrow__copy_struct(out, size, is_known ? &s->stats : &none, sizeof none);
}

furrow_status furrow_expect_statements(furrow_session *s, uint64_t count)
{
    FURROW__USE(s, FURROW_INVALID);
    if (!s)
        return FURROW_NOMEM;
    uint64_t ran = s->stats.statements - s->expected_from;
    bool is_first = s->expected_from == 0;
    s->expected_from = s->stats.statements;
    if (s->status != FURROW_OK)
        return FURROW_ABORTED;
    if (ran == count)
        return FURROW_OK;
    return furrow__fail(&s->error, FURROW_INVALID,
                        "expected %llu statement%s since %s, but %llu ran",
                        (unsigned long long)count, count == 1 ? "" : "s",
                        is_first ? "the session was opened" : "the last furrow_expect_statements",
                        (unsigned long long)ran);
}

uint64_t furrow_session_changed(const furrow_session *s)
{
    return s && !furrow__session_is_in_use(s) ? s->changed : 0;
}

furrow_time furrow__session_now(furrow_session *s)
{
    if (!s->has_now) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        s->now.us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
        s->has_now = true;
    }
    return s->now;
}

furrow_status furrow__check_model(furrow_session *s, const furrow_model *model)
{
    if (model->format == FURROW_FORMAT_VERSION && model->column_count <= FURROW__MAX_COLUMNS)
        return FURROW_OK;
    return furrow__session_failf(s, FURROW_SCHEMA,
                                 "model \"%s\" was generated for format version %u, but this "
                                 "library uses version %d: generate the code again",
                                 model->name, (unsigned)model->format, FURROW_FORMAT_VERSION);
}

static void report_problem(const furrow_session *s, furrow_report_event *event)
{
    if (!s->engine)
        return;
    const struct furrow_engine_options *o = furrow__engine_options(s->engine);
    event->file = s->file;
    event->line = s->line;
    event->sessions = 1;
    if (o->report)
        o->report(o->report_context, event);
}

void furrow__session_report_use(const furrow_session *s, uintptr_t user)
{
    report_problem(s, &(furrow_report_event){.kind = FURROW_REPORT_IN_USE,
                                             .thread = user,
                                             .refused_thread = furrow__this_thread()});
}

void furrow__session_report_uncommitted(const furrow_session *s)
{
    report_problem(s, &(furrow_report_event){.kind = FURROW_REPORT_UNCOMMITTED});
}
