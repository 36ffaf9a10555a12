/* SPDX-License-Identifier: MIT
 *
 * One revision, up or down, in one transaction: lock, read the revisions again, look for drift, ask
 * the preflight, change, write the row, commit. Whatever fails rolls all of it back.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "migrate/apply/parts.h"
#include "migrate/apply/rebuild_parts.h"

enum { SAMPLES = 5 };

/* ---- behind the lock ---- */

furrow_status furrow__step_fail_incomplete(const furrow__revision *revision, bool down,
                                           furrow_error *error)
{
    furrow__fail(error, FURROW_SCHEMA, "revision %s is half %s", revision->id,
                 down ? "applied" : "undone");
    return furrow__hint(error,
                        "run %s again first, which finishes it; where it never can, undo by hand"
                        " what it did, and stamp the database",
                        down ? "upgrade" : "downgrade");
}

/* Up: each parent must be there; down: no child may be, not even half. */
static furrow_status check_neighbours(const furrow__revision_step *step, furrow__revision_row *rows,
                                      size_t count, furrow_error *error)
{
    const furrow__revision *revision = step->revision;
    for (size_t i = 0; i < revision->child_count && step->down; i++)
        if (furrow__revision_rows_find(rows, count, revision->children[i])) {
            furrow__fail(error, FURROW_SCHEMA,
                         "revision %s is applied, and comes behind revision %s",
                         revision->children[i], revision->id);
            return furrow__hint(error, "downgrade %s first", revision->children[i]);
        }
    for (size_t i = 0; i < revision->parent_count && !step->down; i++) {
        const furrow__revision_row *parent =
            furrow__revision_rows_find(rows, count, revision->parents[i]);
        if (!parent || !parent->is_whole)
            return furrow__fail(error, FURROW_SCHEMA,
                                "revision %s is not applied, and revision %s comes behind it",
                                revision->parents[i], revision->id);
    }
    return FURROW_OK;
}

furrow_status furrow__step_find_row(furrow__migrator *m, const furrow__revision_step *step,
                                    furrow__revision_row **row, bool *done, furrow_arena *arena,
                                    furrow_error *error)
{
    const furrow__revision *revision = step->revision;
    furrow__revision_row *rows;
    size_t count;
    *row = NULL;
    *done = false;
    furrow_status status = furrow__revision_rows_read(m, &rows, &count, arena, error);
    if (status == FURROW_OK)
        status = furrow__revision_rows_settle(m, revision->history, rows, &count, true, error);
    if (status != FURROW_OK)
        return status;
    *row = furrow__revision_rows_find(rows, count, revision->id);
    if (*row) {
        status = furrow__revision_row_check(*row, revision, error);
        if (status == FURROW_OK && !(*row)->is_whole && ((*row)->steps_done < 0) != step->down)
            status = furrow__step_fail_incomplete(revision, step->down, error);
        *done = !step->down && (*row)->is_whole;
        return status == FURROW_OK && !*done && (*row)->is_whole
                   ? check_neighbours(step, rows, count, error)
                   : status;
    }
    *done = step->down;
    return *done ? FURROW_OK : check_neighbours(step, rows, count, error);
}

/* ---- preflight ---- */

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
    return furrow__query_end(&q);
}

static furrow_status ask_one(furrow__migrator *m, const furrow__preflight *question,
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

static void note_problem(furrow__step_report *report, const furrow__preflight *question,
                         const char *text)
{
    if (report->problem_count == FURROW__STEP_PROBLEMS)
        return;
    furrow__step_problem *problem = &report->problems[report->problem_count++];
    problem->place = question->place;
    problem->hint = question->hint;
    furrow__copy_text(problem->message, sizeof problem->message, text);
}

/* Every question is asked, so that everything in the way is told at once. */
static furrow_status ask_all(furrow__migrator *m, const furrow__plan *plan,
                             furrow__step_report *report, furrow_error *error)
{
    furrow_arena arena = {0};
    furrow__buffer text = {0};
    furrow_status status = FURROW_OK;
    report->problem_count = 0;
    for (size_t i = 0; i < plan->preflight_count && status == FURROW_OK; i++) {
        size_t before = text.size;
        status = ask_one(m, &plan->preflights[i], &text, &arena, error);
        if (text.size > before && furrow__buffer_text(&text))
            note_problem(report, &plan->preflights[i], text.text + before + (before ? 2 : 0));
    }
    if (status == FURROW_OK && report->problem_count) {
        const furrow__step_problem *first = &report->problems[0];
        report->place = first->place;
        status = furrow__fail(error, FURROW_INVALID, "%s", furrow__buffer_text(&text));
        if (first->hint)
            furrow__hint(error, "%s", first->hint);
    }
    if (text.failed && status == FURROW_OK)
        status = furrow__fail(error, FURROW_NOMEM, "out of memory");
    furrow__buffer_done(&text);
    furrow__arena_done(&arena);
    return status;
}

furrow_status furrow__step_check(furrow__migrator *m, const furrow__revision_step *step,
                                 const furrow__plan *plan, furrow__step_report *report,
                                 furrow_error *error)
{
    furrow_status status =
        m->options.ignore_drift ? FURROW_OK : furrow__migrator_check_drift(m, step->before, error);
    return status == FURROW_OK ? ask_all(m, plan, report, error) : status;
}

/* ---- changing ---- */

furrow_status furrow__step_run_action(furrow__migrator *m, const furrow__action *action,
                                      furrow__step_report *report, furrow_error *error)
{
    uint64_t changed = 0;
    furrow_status status;
    if (action->kind == FURROW__ACTION_REBUILD)
        status = furrow__rebuild_run(m->connection, action, &m->options, report, error);
    else
        status = furrow__execute(m->connection, action->sql, &changed, error);
    if (action->is_data)
        report->rows_changed += changed;
    if (status == FURROW_OK)
        return status;
    report->place = action->place;
    if (m->locker && strcmp(error->sqlstate, "55P03") == 0)
        furrow__apply_name_blocker(m, action->table, error);
    return status;
}

static furrow_status run_actions(furrow__migrator *m, const furrow__plan *plan,
                                 furrow__step_report *report, furrow_error *error)
{
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < plan->count && status == FURROW_OK; i++) {
        /* PostgreSQL alters no table that has deferred checks waiting. */
        if (i > 0 && plan->actions[i - 1].is_data && !plan->actions[i].is_data &&
            !furrow__migrator_is_sqlite(m))
            status = furrow__execute(m->connection, "SET CONSTRAINTS ALL IMMEDIATE", NULL, error);
        if (status == FURROW_OK)
            status = furrow__step_run_action(m, &plan->actions[i], report, error);
    }
    return status;
}

static furrow_status write_row(furrow__migrator *m, const furrow__revision_step *step,
                               furrow_error *error)
{
    char fingerprint[FURROW__FINGERPRINT_SIZE];
    if (step->down)
        return furrow__revision_row_delete(m, step->revision->id, error);
    furrow_status status = furrow__catalog_fingerprint(fingerprint, step->after, error);
    return status == FURROW_OK
               ? furrow__revision_row_write(m, step->revision, fingerprint, NULL, error)
               : status;
}

/* Foreign keys are off: what SQLite does not look at itself is looked at before and behind. */
static furrow_status change(furrow__migrator *m, const furrow__revision_step *step,
                            const furrow__plan *plan, bool unguarded, furrow__step_report *report,
                            furrow_error *error)
{
    furrow_arena arena = {0};
    furrow__rebuild_note note = {0};
    furrow__block_effect effect = {0};
    furrow_status status = furrow__step_check(m, step, plan, report, error);
    if (status == FURROW_OK)
        status = furrow__block_effect_note(&effect, m, step, &arena, error);
    if (status == FURROW_OK && unguarded)
        status = furrow__rebuild_take_note(&note, m->connection, plan, &arena, error);
    if (status == FURROW_OK)
        status = furrow__revision_table_create(m, error);
    if (status == FURROW_OK)
        status = run_actions(m, plan, report, error);
    if (status == FURROW_OK && unguarded)
        status = furrow__rebuild_verify(&note, m->connection, error);
    if (status == FURROW_OK)
        status = furrow__block_effect_check(&effect, m, step, &report->place, error);
    if (status == FURROW_OK)
        status = write_row(m, step, error);
    if (status == FURROW_OK && !m->options.ignore_drift)
        status = furrow__drift_renew_accepted(m, step->after, error);
    furrow__arena_done(&arena);
    return status;
}

static furrow_status run_in_transaction(furrow__migrator *m, const furrow__revision_step *step,
                                        const furrow__plan *plan, bool unguarded,
                                        furrow__step_report *report, furrow_error *error)
{
    furrow_arena arena = {0};
    furrow__revision_row *row;
    furrow_error ignored;
    furrow_status status = m->driver->begin(m->connection, FURROW_ISOLATION_DEFAULT, false, error);
    if (status != FURROW_OK)
        return status;
    status = m->driver->lock_schema(m->connection, error);
    if (status == FURROW_OK)
        status = furrow__step_find_row(m, step, &row, &report->was_done, &arena, error);
    if (status == FURROW_OK && !report->was_done)
        status = change(m, step, plan, unguarded, report, error);
    if (status == FURROW_OK && !report->was_done)
        status = m->driver->commit(m->connection, error);
    if (m->connection->in_transaction)
        m->driver->rollback(m->connection, &ignored);
    furrow__arena_done(&arena);
    return status;
}

/* A rebuild drops a table, and with foreign keys on SQLite would delete the rows that refer to it;
 * so it would with DROP TABLE alone. */
static bool must_be_unguarded(const furrow__migrator *m, const furrow__plan *plan)
{
    bool is = false;
    for (size_t i = 0; i < plan->count; i++)
        is |= plan->actions[i].kind == FURROW__ACTION_REBUILD ||
              strncmp(plan->actions[i].sql, "DROP TABLE", 10) == 0;
    return is && furrow__migrator_is_sqlite(m);
}

static furrow_status run_sqlite(furrow__migrator *m, const furrow__revision_step *step,
                                const furrow__plan *plan, furrow__step_report *report,
                                furrow_error *error)
{
    furrow__rebuild_pragmas pragmas;
    furrow_error ignored;
    furrow_status status = furrow__rebuild_prepare(m->connection, &pragmas, error);
    if (status != FURROW_OK)
        return status;
    status = run_in_transaction(m, step, plan, true, report, error);
    /* What was committed stays so: a connection that cannot be restored is not used again. */
    furrow__rebuild_restore(m->connection, &pragmas, &ignored);
    return status;
}

furrow_status furrow__migrator_run(furrow__migrator *m, const furrow__revision_step *step,
                                   const furrow__plan *plan, furrow__step_report *report,
                                   furrow_error *error)
{
    int64_t began = furrow__now_ms();
    furrow_status status;
    *report = (furrow__step_report){0};
    if (!furrow__migrator_is_sqlite(m) && !m->locker)
        return furrow__fail(error, FURROW_INVALID, "a revision runs behind the migration lock");
    status = furrow__migrator_renew(m, error);
    if (status != FURROW_OK)
        return status;
    if (step->revision->no_transaction && !furrow__migrator_is_sqlite(m))
        status = furrow__step_run_without_transaction(m, step, plan, report, error);
    else if (must_be_unguarded(m, plan))
        status = run_sqlite(m, step, plan, report, error);
    else
        status = run_in_transaction(m, step, plan, false, report, error);
    report->elapsed_ms = furrow__now_ms() - began;
    if (status != FURROW_OK)
        report->rows_changed = report->rows_moved = 0;
    return status;
}
