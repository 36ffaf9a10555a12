/* SPDX-License-Identifier: MIT
 *
 * Runs a no-transaction revision. Each statement is committed together with the number of
 * statements that are done, so an interrupted revision can continue after the last of them. A
 * statement that cannot run in a transaction is committed before the number is written. If the
 * process ends between these two commits, the next attempt asks the engine whether the statement
 * took effect.
 */
#include "base/text.h"
#include "migrate/apply/parts.h"

typedef struct progress {
    const furrow__step_run *run;
    char fingerprint[FURROW__FINGERPRINT_SIZE];
    size_t done;                 /* number of statements that are committed */
    furrow__block_effect effect; /* not set if an interrupted revision is continued */
    furrow_arena arena;          /* owns the memory of `effect` */
    bool was_interrupted;        /* whether the statement with index `done` may already have run */
} progress;

static furrow_status begin(const furrow__step_run *run)
{
    return furrow__migrator_begin(run->m, run->error);
}

/* Commits if `status` is FURROW_OK; otherwise rolls back. */
static furrow_status end(const furrow__step_run *run, furrow_status status)
{
    furrow_error ignored;
    furrow__migrator *m = run->m;
    if (status == FURROW_OK)
        return m->driver->commit(m->connection, run->error);
    if (m->connection->in_transaction)
        m->driver->rollback(m->connection, &ignored);
    return status;
}

static furrow_status write_done(progress *p)
{
    const furrow__step_run *run = p->run;
    const furrow__revision *revision = run->step->revision;
    int64_t number = run->step->down ? -1 - (int64_t)p->done : (int64_t)p->done;
    if (p->done < run->plan->count)
        return furrow__revision_row_write(run->m, revision, p->fingerprint, &number, run->error);
    if (run->step->down)
        return furrow__revision_row_delete(run->m, revision->id, run->error);
    return furrow__revision_row_write(run->m, revision, p->fingerprint, NULL, run->error);
}

/* Checks the effect of engine blocks (SQL for one engine, in a revision file). If an interrupted
 * revision is continued, the schema before the revision is not known. The whole live schema must
 * then be as expected. */
static furrow_status check_effect(progress *p)
{
    const furrow__step_run *run = p->run;
    furrow__migrator *m = run->m;
    if (p->effect.is_checked || m->options.ignore_drift || !furrow__step_has_block(m, run->step))
        return furrow__block_effect_check(&p->effect, m, run->step, &run->report->place,
                                          run->error);
    return furrow__migrator_check_drift(m, run->step->after, run->error);
}

/* Commits a statement together with the number of statements that are done. If `ran_alone` is true,
 * the statement has already been committed, and only the number is committed. */
static furrow_status commit_statement(progress *p, const furrow__action *action, bool ran_alone)
{
    const furrow__step_run *run = p->run;
    furrow_status status = begin(run);
    if (status != FURROW_OK)
        return status;
    if (!ran_alone)
        status = furrow__step_run_action(run->m, action, run->report, run->error);
    if (status != FURROW_OK)
        run->report->place = action->place;
    p->done++;
    if (status == FURROW_OK && p->done == run->plan->count)
        status = check_effect(p);
    if (status == FURROW_OK)
        status = write_done(p);
    status = end(run, status);
    p->done -= status != FURROW_OK;
    return status;
}

static furrow_status run_statement(progress *p)
{
    const furrow__step_run *run = p->run;
    const furrow__apply_dialect *engine = run->m->engine;
    const furrow__action *action = &run->plan->actions[p->done];
    bool alone = engine->runs_alone && engine->runs_alone(action->sql);
    furrow_status status = FURROW_OK;
    if (alone)
        status = engine->run_alone(run->m, action, p->was_interrupted, run->report, run->error);
    if (status == FURROW_OK)
        status = commit_statement(p, action, alone);
    if (status != FURROW_OK && !run->report->place.line)
        run->report->place = action->place;
    p->was_interrupted = false;
    return status;
}

/* Runs the checks of a step, and writes the revision's row with 0 statements done. */
static furrow_status start_new(progress *p)
{
    const furrow__step_run *run = p->run;
    furrow_status status = furrow__step_check(run);
    if (status == FURROW_OK)
        status = furrow__block_effect_note(&p->effect, run->m, run->step, &p->arena, run->error);
    if (status == FURROW_OK)
        status = furrow__revision_table_create(run->m, run->error);
    if (status == FURROW_OK)
        status = write_done(p);
    return status;
}

/* Finds out how many statements of the revision are already committed. */
static furrow_status start(progress *p)
{
    furrow_arena arena = {0};
    const furrow__step_run *run = p->run;
    furrow__migrator *m = run->m;
    furrow__revision_row *row = NULL;
    furrow_status status = begin(run);
    if (status != FURROW_OK)
        return status;
    status = m->driver->lock_schema(m->connection, run->error);
    if (status == FURROW_OK)
        status = furrow__step_find_row(run, &row, &arena);
    if (status == FURROW_OK && !run->report->was_done && row && !row->is_complete) {
        p->was_interrupted = true;
        p->done = (size_t)(row->steps_done < 0 ? -1 - row->steps_done : row->steps_done);
    } else if (status == FURROW_OK && !run->report->was_done) {
        status = start_new(p);
    }
    furrow__arena_done(&arena);
    return end(run, status);
}

static furrow_status renew_accepted(const furrow__step_run *run)
{
    furrow_status status = begin(run);
    if (status != FURROW_OK)
        return status;
    return end(run, furrow__drift_renew_accepted(run->m, run->step->after, run->error));
}

furrow_status furrow__step_run_without_transaction(const furrow__step_run *run)
{
    progress p = {.run = run};
    furrow__step_report *report = run->report;
    const furrow__apply_dialect *engine = run->m->engine;
    furrow_status status = furrow__catalog_fingerprint(p.fingerprint, run->step->after, run->error);
    if (status == FURROW_OK && engine->lock)
        status = engine->lock(run->m, run->error);
    if (status == FURROW_OK)
        status = start(&p);
    while (status == FURROW_OK && !report->was_done && p.done < run->plan->count)
        status = run_statement(&p);
    if (status == FURROW_OK && !report->was_done && !run->m->options.ignore_drift)
        status = renew_accepted(run);
    if (engine->unlock)
        engine->unlock(run->m);
    report->steps_kept = p.done;
    report->steps_total = run->plan->count;
    furrow__arena_done(&p.arena);
    return status;
}
