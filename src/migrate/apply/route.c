/* SPDX-License-Identifier: MIT
 * Finds and runs the steps to a target. See route.h. */
#include "migrate/apply/route.h"

#include "base/text.h"
#include "migrate/apply/parts.h"

/* Fails if a revision was interrupted in the direction opposite to the new route. The new route
 * would skip this revision: an interrupted downgrade counts as applied, so an upgrade skips it; an
 * interrupted upgrade counts as not applied, so a downgrade skips it. */
static furrow_status check_incomplete(const furrow__route_request *request, const bool *applied,
                                      const furrow__revision *incomplete, furrow_error *error)
{
    if (!incomplete ||
        applied[furrow__history_place(request->history, incomplete->id)] == request->down)
        return FURROW_OK;
    return furrow__step_fail_incomplete(incomplete, request->down, error);
}

furrow_status furrow__route_find(furrow__migrator *m, furrow__route *out,
                                 const furrow__route_request *request, furrow_arena *arena,
                                 furrow_error *error)
{
    const furrow__revision *incomplete = NULL;
    const furrow__history *history = request->history;
    furrow__revision_steps steps = {.count = 0};
    bool *applied = furrow__arena_aligned(arena, history->count + 1, 1);
    *out = (furrow__route){0};
    if (!applied)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    furrow_status status = furrow__migrator_applied(m, history, applied, &incomplete, error);
    if (status == FURROW_OK)
        status = check_incomplete(request, applied, incomplete, error);
    if (status == FURROW_OK)
        status = furrow__history_route(&steps, history,
                                       &(furrow__history_target){.applied = applied,
                                                                 .name = request->target,
                                                                 .down = request->down},
                                       arena, error);
    if (status == FURROW_OK && request->down)
        status = furrow__revision_rows_check_undo(m, history, &steps, error);
    out->steps = steps.items;
    out->count = steps.count;
    return status;
}

/* Finds the route while no other migrator changes the database. No lock is held afterwards: each
 * step checks that the revisions are still the same. */
static furrow_status find_alone(furrow__migrator *m, furrow__route *out,
                                const furrow__route_request *request, furrow_arena *arena,
                                furrow_error *error)
{
    furrow_error ignored;
    furrow_status status = furrow__migrator_renew(m, error);
    if (status == FURROW_OK)
        status = furrow__migrator_begin(m, error);
    if (status == FURROW_OK)
        status = furrow__route_find(m, out, request, arena, error);
    if (m->connection->in_transaction)
        m->driver->rollback(m->connection, &ignored);
    return status;
}

/* The parameters of furrow__route_run. */
struct route_run {
    furrow__migrator *m;
    furrow__route_report *report;
    const furrow__route_hooks *hooks;
    furrow_arena *arena;
    furrow_error *error;
};

static furrow_status run_step(const struct route_run *run, const furrow__revision_step *step)
{
    furrow__plan plan;
    furrow__migrator *m = run->m;
    furrow__route_report *report = run->report;
    const furrow__route_hooks *hooks = run->hooks;
    const furrow__change_list changes = furrow__step_changes(step);
    report->step = (furrow__step_report){0};
    furrow_status status = furrow__plan_make(
        &plan, &(furrow__plan_input){m->dialect, step->before, &changes}, run->arena, run->error);
    if (status == FURROW_OK && hooks && hooks->before)
        status = hooks->before(step, &plan, hooks->context, run->error);
    if (status == FURROW_OK)
        status = furrow__migrator_run(m, step, &plan, &report->step, run->error);
    if (status != FURROW_OK && plan.failed.line)
        report->step.place = plan.failed;
    if (status != FURROW_OK)
        return status;
    report->done += !report->step.was_done;
    if (hooks && hooks->after)
        hooks->after(step, &report->step, hooks->context);
    return FURROW_OK;
}

furrow_status furrow__route_run(furrow__migrator *m, furrow__route_report *report,
                                const furrow__route_request *request, furrow_arena *arena,
                                furrow_error *error)
{
    furrow__route route = {0};
    *report = (furrow__route_report){0};
    /* The write lock of SQLite is not taken before there is something to write. */
    furrow_status status = m->engine->lock ? find_alone(m, &route, request, arena, error)
                                           : furrow__route_find(m, &route, request, arena, error);
    report->total = route.count;
    for (size_t i = 0; i < route.count && status == FURROW_OK; i++) {
        status =
            run_step(&(struct route_run){m, report, request->hooks, arena, error}, &route.steps[i]);
        if (status != FURROW_OK)
            report->failed = &route.steps[i];
    }
    return status;
}
