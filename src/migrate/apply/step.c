/* SPDX-License-Identifier: MIT
 *
 * Runs the upgrade or the downgrade of one revision in one transaction: takes the migration lock
 * and the schema lock, reads furrow_revision again, checks for drift, runs the preflight, runs the
 * actions, writes the revision's row and commits. A failure rolls back the whole transaction.
 */
#include "base/clock.h"
#include "base/text.h"
#include "migrate/apply/parts.h"

furrow_status furrow__step_fail_incomplete(const furrow__revision *revision, bool down,
                                           furrow_error *error)
{
    furrow__fail(error, FURROW_SCHEMA, "revision %s is only partly %s", revision->id,
                 down ? "applied" : "undone");
    return furrow__hint(error,
                        "run furrow %s again to complete the revision; if that is not possible, "
                        "undo the changes of the revision by hand and stamp the database",
                        down ? "upgrade" : "downgrade");
}

/* Fails if a child of the revision is applied, completely or in part. */
static furrow_status check_children(const furrow__revision *revision,
                                    const furrow__revision_rows *rows, furrow_error *error)
{
    for (size_t i = 0; i < revision->child_count; i++)
        if (furrow__revision_rows_find(rows, revision->children[i])) {
            furrow__fail(error, FURROW_SCHEMA, "revision %s is applied, and depends on revision %s",
                         revision->children[i], revision->id);
            return furrow__hint(error, "downgrade %s first", revision->children[i]);
        }
    return FURROW_OK;
}

/* Fails if a parent of the revision is not completely applied. */
static furrow_status check_parents(const furrow__revision *revision,
                                   const furrow__revision_rows *rows, furrow_error *error)
{
    for (size_t i = 0; i < revision->parent_count; i++) {
        const furrow__revision_row *parent = furrow__revision_rows_find(rows, revision->parents[i]);
        if (!parent || !parent->is_complete)
            return furrow__fail(error, FURROW_SCHEMA,
                                "revision %s is not applied, but revision %s depends on it",
                                revision->parents[i], revision->id);
    }
    return FURROW_OK;
}

/* Fails if another migrator has run other revisions than this step's since the steps were planned:
 * the plan is made for the schema that the revisions applied at that time make. */
static furrow_status check_unchanged(const furrow__step_run *run, const furrow__revision_rows *rows)
{
    if (!run->m->knows_applied || furrow__revision_rows_digest(rows) == run->m->applied_digest)
        return FURROW_OK;
    furrow__fail(run->error, FURROW_BUSY,
                 "another migration has applied or undone revisions since this one began");
    return furrow__hint(run->error, "look at the current revision, and repeat this migration if it "
                                    "is still wanted");
}

static furrow_status check_relatives(const furrow__step_run *run, const furrow__revision_rows *rows)
{
    const furrow__revision *revision = run->step->revision;
    furrow_status status = check_unchanged(run, rows);
    if (status != FURROW_OK)
        return status;
    return run->step->down ? check_children(revision, rows, run->error)
                           : check_parents(revision, rows, run->error);
}

/* Checks the row of a revision that is applied completely or in part. */
static furrow_status check_row(const furrow__step_run *run, const furrow__revision_row *row,
                               const furrow__revision_rows *rows)
{
    bool down = run->step->down;
    furrow_status status = furrow__revision_row_check(row, run->step->revision, run->error);
    if (status != FURROW_OK)
        return status;
    if (!row->is_complete)
        return (row->steps_done < 0) == down
                   ? check_unchanged(run, rows)
                   : furrow__step_fail_incomplete(run->step->revision, down, run->error);
    run->report->was_done = !down;
    if (!down)
        return FURROW_OK;
    status = check_relatives(run, rows);
    return status == FURROW_OK
               ? furrow__revision_row_check_undo(row, run->step->revision, run->error)
               : status;
}

furrow_status furrow__step_find_row(const furrow__step_run *run, furrow__revision_row **row,
                                    furrow_arena *arena)
{
    const furrow__revision *revision = run->step->revision;
    furrow__revision_rows rows;
    *row = NULL;
    run->report->was_done = false;
    furrow_status status = furrow__revision_rows_read(run->m, &rows, arena, run->error);
    if (status == FURROW_OK)
        status = furrow__squashed_rows_replace(run->m, &rows, revision->history, true, run->error);
    if (status != FURROW_OK)
        return status;
    *row = furrow__revision_rows_find(&rows, revision->id);
    if (*row)
        return check_row(run, *row, &rows);
    run->report->was_done = run->step->down;
    return run->step->down ? FURROW_OK : check_relatives(run, &rows);
}

furrow_status furrow__step_check(const furrow__step_run *run)
{
    furrow_status status = FURROW_OK;
    if (!run->m->options.ignore_drift)
        status = furrow__migrator_check_drift(run->m, run->step->before, run->error);
    return status == FURROW_OK ? furrow__check_rows(run->m, run->plan, run->report, run->error)
                               : status;
}

furrow_status furrow__step_run_action(furrow__migrator *m, const furrow__action *action,
                                      furrow__step_report *report, furrow_error *error)
{
    uint64_t changed = 0;
    furrow_status status = action->kind == FURROW__ACTION_REBUILD
                               ? m->engine->rebuild(m, action, report, error)
                               : furrow__execute(m->connection, action->sql, &changed, error);
    if (action->is_data)
        report->rows_changed += changed;
    if (status == FURROW_OK)
        return status;
    report->place = action->place;
    if (m->engine->explain_lock_wait)
        m->engine->explain_lock_wait(m, action->table, error);
    return status;
}

static furrow_status run_actions(const furrow__step_run *run)
{
    furrow__migrator *m = run->m;
    const furrow__action *actions = run->plan->actions;
    furrow_status status = FURROW_OK;
    for (size_t i = 0; i < run->plan->count && status == FURROW_OK; i++) {
        bool needs_more = i > 0 && actions[i - 1].is_data && !actions[i].is_data;
        if (needs_more && m->engine->before_schema_change)
            status =
                furrow__execute(m->connection, m->engine->before_schema_change, NULL, run->error);
        if (status == FURROW_OK)
            status = furrow__step_run_action(m, &actions[i], run->report, run->error);
    }
    return status;
}

static furrow_status write_row(const furrow__step_run *run)
{
    const furrow__revision_step *step = run->step;
    char fingerprint[FURROW__FINGERPRINT_SIZE];
    if (step->down)
        return furrow__revision_row_delete(run->m, step->revision->id, run->error);
    furrow_status status = furrow__catalog_fingerprint(fingerprint, step->after, run->error);
    if (status != FURROW_OK)
        return status;
    return furrow__revision_row_write(run->m, step->revision, fingerprint, NULL, run->error);
}

static furrow_status change(const furrow__step_run *run, furrow__step_guard *guard)
{
    furrow_arena arena = {0};
    furrow__migrator *m = run->m;
    furrow_error *error = run->error;
    furrow__block_effect effect = {0};
    furrow_status status = furrow__step_check(run);
    if (status == FURROW_OK)
        status = furrow__block_effect_note(&effect, m, run->step, &arena, error);
    if (status == FURROW_OK && guard)
        status = m->engine->guard_note(guard, error);
    if (status == FURROW_OK)
        status = furrow__revision_table_create(m, error);
    if (status == FURROW_OK)
        status = run_actions(run);
    if (status == FURROW_OK && guard)
        status = m->engine->guard_verify(guard, error);
    if (status == FURROW_OK)
        status = furrow__block_effect_check(&effect, m, run->step, &run->report->place, error);
    if (status == FURROW_OK)
        status = write_row(run);
    if (status == FURROW_OK && !m->options.ignore_drift)
        status = furrow__drift_renew_accepted(m, run->step->after, error);
    furrow__arena_done(&arena);
    return status;
}

static furrow_status run_in_transaction(const furrow__step_run *run, furrow__step_guard *guard)
{
    furrow_arena arena = {0};
    furrow__migrator *m = run->m;
    furrow__revision_row *row;
    furrow_error ignored;
    furrow_status status = furrow__migrator_begin(m, run->error);
    if (status != FURROW_OK)
        return status;
    status = m->driver->lock_schema(m->connection, run->error);
    if (status == FURROW_OK)
        status = furrow__step_find_row(run, &row, &arena);
    if (status == FURROW_OK && !run->report->was_done)
        status = change(run, guard);
    if (status == FURROW_OK && !run->report->was_done)
        status = m->driver->commit(m->connection, run->error);
    if (m->connection->in_transaction)
        m->driver->rollback(m->connection, &ignored);
    furrow__arena_done(&arena);
    return status;
}

static furrow_status run_guarded(const furrow__step_run *run)
{
    furrow_arena arena = {0};
    const furrow__apply_dialect *engine = run->m->engine;
    furrow__step_guard *guard = NULL;
    furrow_status status = FURROW_OK;
    if (engine->guard_begin)
        status = engine->guard_begin(&guard, run->m->connection, run->plan, &arena, run->error);
    if (status == FURROW_OK)
        status = run_in_transaction(run, guard);
    if (guard)
        engine->guard_end(guard);
    furrow__arena_done(&arena);
    return status;
}

static void note_applied(furrow__migrator *m, const furrow__revision_step *step)
{
    uint64_t digest = furrow__revision_digest(step->revision->id);
    m->applied_digest += step->down ? -digest : digest;
}

furrow_status furrow__migrator_run(furrow__migrator *m, const furrow__revision_step *step,
                                   const furrow__plan *plan, furrow__step_report *report,
                                   furrow_error *error)
{
    const furrow__step_run run = {m, step, plan, report, error};
    int64_t began = furrow__now_ms();
    *report = (furrow__step_report){0};
    furrow_status status = furrow__migrator_renew(m, error);
    if (status != FURROW_OK)
        return status;
    if (step->revision->no_transaction && m->engine->commits_statements)
        status = furrow__step_run_without_transaction(&run);
    else
        status = run_guarded(&run);
    report->elapsed_ms = furrow__now_ms() - began;
    if (status == FURROW_OK)
        note_applied(m, step);
    else
        report->rows_changed = report->rows_moved = 0;
    return status;
}
