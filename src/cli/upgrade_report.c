/* SPDX-License-Identifier: MIT
 * Reports the rows that `furrow upgrade` and `furrow downgrade` lose, and why a run failed. */
#include "cli/upgrade.h"

#include <stdio.h>
#include <string.h>

#include "cli/interrupt.h"
#include "cli/report.h"
#include "migrate/apply/query.h"
#include "sql/dialect.h"

static void report_loss(furrow__upgrade *u, const furrow__preflight *question)
{
    furrow__buffer text = {0};
    furrow_error ignored;
    int64_t count = 0;
    /* If the rows cannot be counted, skip the report: the step itself will report the error. */
    if (furrow__query_number(furrow__migrator_connection(u->migrator), question->count_sql, &count,
                             &ignored) != FURROW_OK ||
        !count)
        return;
    furrow__preflight_write_loss(&text, question, count);
    fprintf(stderr, "  %s\n", furrow__buffer_text(&text) ? text.text : "");
    furrow__buffer_done(&text);
}

void furrow__upgrade_report_losses(furrow__upgrade *u, const furrow__plan *plan)
{
    for (size_t i = 0; i < plan->preflight_count; i++) {
        const furrow__preflight *question = &plan->preflights[i];
        if (question->is_loss && (question->is_allowed || u->request->options.allow_data_loss))
            report_loss(u, question);
    }
}

static void report_kept(const furrow__upgrade *u, const furrow__route_report *report)
{
    const furrow__step_report *step = &report->step;
    const char *id = report->failed->revision->id;
    bool down = u->request->down;
    fprintf(stderr, "furrow: %zu of %zu revisions were %s; ", report->done, report->total,
            down ? "undone" : "applied");
    if (!step->steps_kept) {
        if (down)
            fprintf(stderr, "the database is at %s\n", id);
        else if (report->done)
            fprintf(stderr, "%s changed nothing\n", id);
        else
            fputs("the database is unchanged\n", stderr);
        return;
    }
    fprintf(stderr, "of %s, %zu of %zu steps are kept\n", id, step->steps_kept, step->steps_total);
    fprintf(stderr,
            "help: remove the cause and run furrow %s again, which continues after the completed "
            "steps; "
            "if the revision can never succeed, undo these steps by hand and record the state with "
            "furrow stamp\n",
            down ? "downgrade" : "upgrade");
}

/* Reports each problem that the preflight found, with the location of its statement. If several
 * consecutive problems have the same hint, the hint is printed once, after the last of them. */
static void report_problems(furrow__upgrade *u, const furrow__route_report *report)
{
    const furrow__step_report *step = &report->step;
    for (size_t i = 0; i < step->problem_count; i++) {
        const furrow__step_problem *problem = &step->problems[i];
        const char *next = i + 1 < step->problem_count ? problem[1].hint : NULL;
        furrow__report_line(u->project, report->failed->revision->file, problem->place, "error: %s",
                            problem->message);
        if (problem->hint && (!next || strcmp(next, problem->hint) != 0))
            fprintf(stderr, "help: %s\n", problem->hint);
    }
    if (step->problem_count == FURROW__STEP_PROBLEMS)
        fputs("furrow: there may be more problems\n", stderr);
}

/* Uses the location of the failure to find the change that failed. Returns NULL if the change is
 * not known. */
static const furrow__change *failed_change(const furrow__route_report *report)
{
    const furrow__revision_step *step = report->failed;
    const furrow__change_list *changes =
        step->down ? &step->revision->downgrade : &step->revision->upgrade;
    for (size_t i = 0; i < changes->count; i++)
        if (changes->items[i].place.line == report->step.place.line &&
            changes->items[i].place.column == report->step.place.column)
            return &changes->items[i];
    return NULL;
}

/* Returns whether a view, a trigger or a rule depends on the object that the change drops or
 * alters. The schema computed from the revisions does not contain views, triggers and rules. */
static bool has_dependents(const furrow__change *change, const furrow_error *error)
{
    if (strcmp(error->sqlstate, "2BP01") == 0) /* dependent_objects_still_exist */
        return true;
    return strcmp(error->sqlstate, "0A000") == 0 && /* feature_not_supported */
           change && change->kind == FURROW__ALTER_COLUMN && change->alters == FURROW__ALTER_TYPE;
}

/* Returns whether the change was a CREATE TABLE that failed because the table already exists. */
static bool table_exists(furrow__upgrade *u, const furrow__change *change)
{
    furrow_live_table table = {0};
    furrow_error ignored;
    furrow_connection *connection = furrow__migrator_connection(u->migrator);
    return change && change->kind == FURROW__CREATE_TABLE && connection && !connection->broken &&
           u->project->driver->describe_table(
               connection, &table,
               (furrow_table_name){.schema = change->table.schema, .table = change->table.name},
               &u->project->arena, &ignored) == FURROW_OK &&
           table.name;
}

static void report_hints(furrow__upgrade *u, const furrow__route_report *report,
                         const furrow_error *error)
{
    const furrow__change *change = failed_change(report);
    if (error->hint[0])
        fprintf(stderr, "help: %s\n", error->hint);
    if (has_dependents(change, error))
        fprintf(stderr,
                "help: drop the dependent object in an engine block of the revision (-- upgrade "
                "%s), and create it again after this statement\n",
                u->project->dialect->name);
    else if (error->hint[0])
        return;
    else if (error->status == FURROW_BUSY)
        fputs("help: try again later, or with a longer --lock-timeout\n", stderr);
    else if (table_exists(u, change))
        fputs("help: if the tables of this revision existed before you used furrow, record "
              "the revision as applied with furrow stamp (see \"From an existing database\" in "
              "man 7 furrow-migrations)\n",
              stderr);
}

static void report_error(furrow__upgrade *u, const furrow__route_report *report,
                         const furrow_error *error)
{
    furrow__report_line(u->project, report->failed->revision->file, report->step.place, "error: %s",
                        error->message[0] ? error->message : furrow_status_name(error->status));
    if (error->sql[0])
        fprintf(stderr, "sql: %s\n", error->sql);
    report_hints(u, report, error);
}

/* Reports an error that does not belong to a step but concerns the lock, the target or the
 * history. */
static void report_outside(furrow__upgrade *u, const furrow_error *error)
{
    furrow__report(u->project, error);
    if (!error->hint[0] && error->status == FURROW_BUSY)
        fputs("help: try again later, or with a longer --lock-timeout\n", stderr);
}

void furrow__upgrade_report_failure(furrow__upgrade *u, const furrow__route_report *report,
                                    const furrow_error *error)
{
    const furrow__revision_step *step = report->failed;
    furrow__progress_clear(&u->progress);
    if (furrow__interrupt_requested() && error->status == FURROW_CANCELLED) {
        furrow__cli_error(NULL, "interrupted; revision %s was not %s",
                          step ? step->revision->id : "", u->request->down ? "undone" : "applied");
        return;
    }
    if (!step) {
        report_outside(u, error);
        return;
    }
    if (report->step.problem_count && error->status == FURROW_INVALID)
        report_problems(u, report);
    else
        report_error(u, report, error);
    if (error->status == FURROW_COMMIT_UNKNOWN)
        fputs("furrow: it is not known whether the revision was committed; run furrow current "
              "to find out\n",
              stderr);
    else
        report_kept(u, report);
}
