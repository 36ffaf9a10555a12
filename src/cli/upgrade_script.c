/* SPDX-License-Identifier: MIT
 * Implements `furrow upgrade --sql`, which prints the statements that would run. */
#include "cli/upgrade.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/report.h"
#include "migrate/apply/dialect.h"

/* Writes the script of one step. If `creates_table` is true, the script begins with CREATE TABLE
 * furrow_revision. */
static bool write_step(furrow__upgrade *u, furrow__buffer *out, const furrow__revision_step *step,
                       bool creates_table)
{
    furrow_error error = {0};
    furrow__plan plan;
    furrow__project *p = u->project;
    const furrow__revision *revision = step->revision;
    const furrow__change_list changes = furrow__step_changes(step);
    furrow_status status = furrow__plan_make(
        &plan, &(furrow__plan_input){p->dialect, step->before, &changes}, &p->arena, &error);
    furrow__buffer_format(out, "-- %s %s: %s\n", step->down ? "downgrade" : "upgrade", revision->id,
                          revision->message);
    if (status == FURROW_OK)
        status = furrow__script_write(
            out, &(furrow__script_request){p->dialect, step, &plan, creates_table}, &plan.failed,
            &error);
    furrow__buffer_add_char(out, '\n');
    if (status == FURROW_OK)
        return true;
    if (plan.failed.line)
        furrow__report_at(p, revision, plan.failed, &error);
    else
        furrow__report(p, &error);
    return false;
}

/* Finds the steps that lead from an empty database to the target. */
static furrow_status find_route_from_nothing(furrow__upgrade *u, furrow__route *out,
                                             furrow_error *error)
{
    furrow__project *p = u->project;
    furrow__revision_steps steps = {.count = 0};
    bool *applied = furrow__arena_aligned(&p->arena, p->history.count + 1, 1);
    *out = (furrow__route){0};
    if (!applied)
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    memset(applied, 0, p->history.count);
    furrow_status status = furrow__history_route(
        &steps, &p->history,
        &(furrow__history_target){
            .applied = applied, .name = u->request->target, .down = u->request->down},
        &p->arena, error);
    out->steps = steps.items;
    out->count = steps.count;
    return status;
}

int furrow__upgrade_print_script(furrow__upgrade *u)
{
    furrow_error error = {0};
    furrow__project *p = u->project;
    furrow__route route = {0};
    const furrow__route_request wanted = {
        .history = &p->history, .target = u->request->target, .down = u->request->down};
    furrow_status status = u->migrator
                               ? furrow__route_find(u->migrator, &route, &wanted, &p->arena, &error)
                               : find_route_from_nothing(u, &route, &error);
    if (status != FURROW_OK) {
        furrow__report(p, &error);
        return FURROW__EXIT_FAILED;
    }
    furrow__buffer script = {0};
    bool fine = true;
    if (route.count)
        furrow__buffer_format(&script, "%s\n", p->dialect->apply->stop_at_error);
    for (size_t i = 0; i < route.count && fine; i++) {
        const furrow__revision_step *step = &route.steps[i];
        bool is_first = i == 0 && !u->request->down && !step->revision->parent_count;
        fine = write_step(u, &script, step, is_first);
    }
    if (fine && !furrow__buffer_text(&script))
        fine = furrow__cli_no_memory() == FURROW__EXIT_OK;
    if (fine)
        fputs(furrow__buffer_text(&script), stdout);
    furrow__buffer_done(&script);
    return fine ? FURROW__EXIT_OK : FURROW__EXIT_FAILED;
}
