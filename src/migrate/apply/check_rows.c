/* SPDX-License-Identifier: MIT
 *
 * Runs the preflight checks: do the rows of a database allow the changes of a plan? All checks are
 * run before the first change, so that all problems are reported at once. */
#include "base/text.h"
#include "migrate/apply/parts.h"

enum { SAMPLES = 5 };

/* Writes the keys of some of the rows that a preflight check has found. */
static furrow_status write_samples(furrow__buffer *out, furrow__migrator *m,
                                   const furrow__preflight *question, furrow_arena *arena,
                                   furrow_error *error)
{
    int count = 0;
    furrow__query q = furrow__query_begin(m->connection, question->sample_sql, arena, error);
    for (; count < SAMPLES && furrow__query_next(&q); count++) {
        furrow__buffer_add_text(out, count                    ? ", "
                                     : question->unique_count ? " (first values: "
                                                              : " (first keys: ");
        for (int i = 0; i < q.statement->column_count && i < FURROW__QUERY_COLUMNS; i++) {
            const char *text = furrow__query_text(&q, i);
            furrow__buffer_add_text(out, i ? "/" : "");
            furrow__buffer_add_text(out, text ? text : "NULL");
        }
    }
    furrow__buffer_add_text(out, count ? ")" : "");
    /* A key that cannot be read, such as a text with a NUL, must not hide the problem. */
    furrow_status status = furrow__query_end(&q);
    return status == FURROW_INVALID ? FURROW_OK : status;
}

/* Runs a preflight check. If the check finds rows, a problem is appended to `out`. */
static furrow_status ask(furrow__migrator *m, const furrow__preflight *question,
                         furrow__buffer *out, furrow_arena *arena, furrow_error *error)
{
    int64_t count = 0;
    if (question->is_loss && (question->is_allowed || m->options.allow_data_loss))
        return FURROW_OK;
    furrow_status status = furrow__query_number(m->connection, question->count_sql, &count, error);
    if (status != FURROW_OK || count == 0)
        return status;
    furrow__buffer_add_text(out, out->size ? "; " : "");
    furrow__preflight_write(out, question, count);
    if (question->sample_sql)
        status = write_samples(out, m, question, arena, error);
    return status;
}

static void report_problem(furrow__step_report *report, const furrow__preflight *question,
                           const char *text)
{
    if (report->problem_count == FURROW__STEP_PROBLEMS)
        return;
    furrow__step_problem *problem = &report->problems[report->problem_count++];
    problem->place = question->place;
    problem->hint = question->hint;
    furrow__copy_text(problem->message, sizeof problem->message, text);
}

static furrow_status fail(const furrow__step_report *report, const char *text, furrow_error *error)
{
    furrow__fail(error, FURROW_INVALID, "%s", text);
    if (report->problems[0].hint)
        furrow__hint(error, "%s", report->problems[0].hint);
    return FURROW_INVALID;
}

furrow_status furrow__check_rows(furrow__migrator *m, const furrow__plan *plan,
                                 furrow__step_report *report, furrow_error *error)
{
    furrow_arena arena = {0};
    furrow__buffer text = {0};
    furrow_status status = FURROW_OK;
    report->problem_count = 0;
    for (size_t i = 0; i < plan->preflight_count && status == FURROW_OK; i++) {
        size_t before = text.size;
        status = ask(m, &plan->preflights[i], &text, &arena, error);
        if (text.size > before && furrow__buffer_text(&text))
            report_problem(report, &plan->preflights[i], text.text + before + (before ? 2 : 0));
    }
    if (status == FURROW_OK && text.failed)
        status = furrow__fail(error, FURROW_NOMEM, "out of memory");
    if (status == FURROW_OK && report->problem_count) {
        report->place = report->problems[0].place;
        status = fail(report, text.text, error);
    }
    furrow__buffer_done(&text);
    furrow__arena_done(&arena);
    return status;
}
