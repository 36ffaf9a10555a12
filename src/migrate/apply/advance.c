/* SPDX-License-Identifier: MIT
 * From where a database is to a target: see advance.h. */
#include "migrate/apply/advance.h"

#include "base/text.h"

/* One that is half undone counts as applied, so that an upgrade would pass over it; and the other
 * way round. */
static furrow_status check_half(const furrow__history *history, const bool *applied,
                                const furrow__revision *half, bool down, furrow_error *error)
{
    if (!half || applied[furrow__history_place(history, half->id)] == down)
        return FURROW_OK;
    furrow__fail(error, FURROW_SCHEMA, "revision %s is half %s", half->id,
                 down ? "applied" : "undone");
    return furrow__hint(error,
                        "run %s again first, which finishes it; where it never can, undo by hand"
                        " what it did, and stamp the database",
                        down ? "upgrade" : "downgrade");
}

furrow_status furrow__advance_route(furrow__revision_step **out, size_t *count, furrow__migrator *m,
                                    const furrow__history *history, const char *target, bool down,
                                    furrow_arena *arena, furrow_error *error)
{
    const furrow__revision *half = NULL;
    bool *applied = furrow__arena_aligned(arena, history->count + 1, 1);
    *out = NULL;
    *count = 0;
    if (!applied)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    furrow_status status = furrow__migrator_applied(m, history, applied, &half, error);
    if (status == FURROW_OK)
        status = check_half(history, applied, half, down, error);
    if (status == FURROW_OK)
        status = furrow__history_route(out, count, history, applied, target, down, arena, error);
    return status;
}

static furrow_status run_step(furrow__migrator *m, const furrow__dialect *dialect,
                              const furrow__revision_step *step, const furrow__advance_hooks *hooks,
                              furrow__advance_report *report, furrow_arena *arena,
                              furrow_error *error)
{
    furrow__plan plan;
    const furrow__change_list *changes =
        step->down ? &step->revision->downgrade : &step->revision->upgrade;
    furrow_status status = furrow__plan_make(&plan, dialect, furrow__migrator_facts(m),
                                             step->before, changes, arena, error);
    if (status == FURROW_OK && hooks && hooks->before)
        status = hooks->before(step, &plan, hooks->context, error);
    if (status == FURROW_OK)
        status = furrow__migrator_run(m, step, &plan, &report->step, error);
    if (status != FURROW_OK && plan.failed.line)
        report->step.place = plan.failed;
    if (status != FURROW_OK)
        return status;
    report->done += !report->step.was_done;
    if (hooks && hooks->after)
        hooks->after(step, &report->step, hooks->context);
    return FURROW_OK;
}

furrow_status furrow__advance(furrow__migrator *m, const furrow__dialect *dialect,
                              const furrow__history *history, const char *target, bool down,
                              const furrow__advance_hooks *hooks, furrow__advance_report *report,
                              furrow_arena *arena, furrow_error *error)
{
    furrow__revision_step *steps = NULL;
    *report = (furrow__advance_report){0};
    furrow_status status = furrow__migrator_lock(m, error);
    if (status != FURROW_OK)
        return status;
    status = furrow__advance_route(&steps, &report->total, m, history, target, down, arena, error);
    for (size_t i = 0; i < report->total && status == FURROW_OK; i++) {
        report->step = (furrow__step_report){0};
        status = run_step(m, dialect, &steps[i], hooks, report, arena, error);
        if (status != FURROW_OK)
            report->failed = &steps[i];
    }
    furrow__migrator_unlock(m);
    return status;
}
