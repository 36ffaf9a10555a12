/* SPDX-License-Identifier: MIT
 * furrow upgrade and furrow downgrade: run revisions, or print what would run. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/tell.h"
#include "migrate/apply/query.h"

#define OPTIONS_HELP                                                                               \
    "  --sql              print what would run, and run nothing\n"                                 \
    "  --allow-data-loss  drop tables and columns that have rows; it says how many\n"              \
    "  --ignore-drift     run though the database is not what its revisions made of it\n"          \
    "  --lock-timeout S   wait so many seconds for another runner (default: 60), and for a\n"      \
    "                     table that others hold (default: 5)\n" FURROW__PROJECT_HELP

/* Whoever wants the table waits behind one who waits to change it. */
enum { TABLE_TIMEOUT_MS = 5000 };

static const char upgrade_help[] =
    "usage: furrow upgrade [options] [TARGET]\n"
    "\n"
    "Runs the revisions that the database has not, each in one transaction with the note\n"
    "that it is applied. Before one changes anything its files are compared with furrow.sum,\n"
    "the database with what its revisions made of it, and its rows with what the revision\n"
    "wants of them.\n"
    "\n"
    "  TARGET             head (default), heads, +N, or an id or its beginning\n" OPTIONS_HELP "\n"
    "example:\n"
    "  furrow upgrade --url postgresql://app@db/shop --sql\n"
    "  furrow upgrade --url postgresql://app@db/shop\n";

static const char downgrade_help[] =
    "usage: furrow downgrade [options] [TARGET]\n"
    "\n"
    "Undoes revisions, the newest first, each in one transaction with the note that it is\n"
    "applied no more. What a downgrade cannot bring back its file says.\n"
    "\n"
    "  TARGET             -N (default: -1), base, or an id or its beginning, which "
    "stays\n" OPTIONS_HELP "\n"
    "example:\n"
    "  furrow downgrade -1\n";

typedef struct request {
    furrow__project_options project;
    const char *target, *lock_timeout;
    bool down, sql;
    furrow__migrator_options options;
} request;

typedef struct work {
    furrow__project *p;
    const request *r;
    furrow__migrator *m;
    furrow__progress progress;
} work;

/* ---- telling ---- */

/* Rows that go: what the step is allowed to lose. */
static void tell_losses(work *w, const furrow__plan *plan)
{
    furrow__buffer text = {0};
    for (size_t i = 0; i < plan->preflight_count; i++) {
        const furrow__preflight *question = &plan->preflights[i];
        furrow_error ignored;
        int64_t count = 0;
        bool allowed = question->is_allowed || w->r->options.allow_data_loss;
        if (!question->is_loss || !allowed)
            continue;
        /* What cannot be asked now, the step itself will say. */
        if (furrow__query_number(furrow__migrator_connection(w->m), question->count_sql, &count,
                                 &ignored) != FURROW_OK ||
            !count)
            continue;
        furrow__preflight_write(&text, question, count);
        fprintf(stderr, "  %s\n", furrow__buffer_text(&text) ? text.text : "");
        furrow__buffer_clear(&text);
    }
    furrow__buffer_done(&text);
}

static void tell_kept(const work *w, const furrow__route_report *report)
{
    const char *id = report->failed->revision->id;
    const furrow__step_report *step = &report->step;
    fprintf(stderr, "furrow: %zu of %zu revisions %s; of %s ", report->done, report->total,
            w->r->down ? "were undone" : "were applied", id);
    if (!step->steps_kept) {
        fputs("nothing was kept\n", stderr);
        return;
    }
    fprintf(stderr, "%zu of %zu steps are kept\n", step->steps_kept, step->steps_total);
    fprintf(stderr,
            "help: run furrow %s again when nothing is in its way: it goes on behind them; where "
            "it never can, undo them by hand, and furrow stamp where the database is then\n",
            w->r->down ? "downgrade" : "upgrade");
}

/* What the preflight found: each at its own statement, a mend below the last that it is of. */
static void tell_problems(const char *path, const furrow__step_report *report)
{
    for (size_t i = 0; i < report->problem_count; i++) {
        const furrow__step_problem *problem = &report->problems[i];
        const char *next = i + 1 < report->problem_count ? problem[1].hint : NULL;
        fprintf(stderr, "%s:%u:%u: error: %s\n", path, (unsigned)problem->place.line,
                (unsigned)problem->place.column, problem->message);
        if (problem->hint && (!next || strcmp(next, problem->hint) != 0))
            fprintf(stderr, "help: %s\n", problem->hint);
    }
    if (report->problem_count == FURROW__STEP_PROBLEMS)
        fputs("furrow: there may be more\n", stderr);
}

/* PostgreSQL: a view, a trigger or a rule that no revision need know. */
static bool is_in_the_way(const furrow_error *error)
{
    return strcmp(error->sqlstate, "2BP01") == 0 ||
           (strcmp(error->sqlstate, "0A000") == 0 && strstr(error->message, " depends on "));
}

static void tell_error(const char *path, const furrow__file_location *place,
                       const furrow_error *error)
{
    if (place->line)
        fprintf(stderr, "%s:%u:%u: ", path, (unsigned)place->line, (unsigned)place->column);
    else
        fprintf(stderr, "%s: ", path);
    fprintf(stderr, "error: %s\n",
            error->message[0] ? error->message : furrow_status_name(error->status));
    if (error->sql[0])
        fprintf(stderr, "sql: %s\n", error->sql);
    if (error->hint[0])
        fprintf(stderr, "help: %s\n", error->hint);
    if (is_in_the_way(error))
        fputs("help: drop it in an engine block of the revision (-- upgrade postgresql), and make "
              "it anew behind this statement\n",
              stderr);
    else if (error->hint[0])
        return;
    else if (error->status == FURROW_BUSY)
        fputs("help: wait for it, or run again with a longer --lock-timeout\n", stderr);
    else if (strstr(error->message, "already exists"))
        fputs("help: if this revision's tables were there before furrow was, note it as applied: "
              "furrow stamp (see \"From an existing database\" in docs/migrations.md)\n",
              stderr);
}

static void tell_failure(work *w, const furrow__route_report *report, const furrow_error *error)
{
    const furrow__revision_step *step = report->failed;
    const char *path = step ? furrow__project_path(w->p, step->revision->file) : NULL;
    furrow__progress_clear(&w->progress);
    if (furrow__interrupt_came() && error->status == FURROW_CANCELLED) {
        furrow__cli_say(NULL, "interrupted; revision %s was not %s", step ? step->revision->id : "",
                        w->r->down ? "undone" : "applied");
        return;
    }
    if (!step) {
        furrow__project_fail(w->p, error);
        if (!error->hint[0] && error->status == FURROW_BUSY)
            fputs("help: wait for it, or run again with a longer --lock-timeout\n", stderr);
        return;
    }
    if (report->step.problem_count && error->status == FURROW_INVALID)
        tell_problems(path, &report->step);
    else
        tell_error(path, &report->step.place, error);
    if (error->status == FURROW_COMMIT_UNKNOWN)
        fputs("furrow: whether it was committed is not known: see furrow current\n", stderr);
    else
        tell_kept(w, report);
}

/* ---- running ---- */

static furrow_status before_step(const furrow__revision_step *step, const furrow__plan *plan,
                                 void *context, furrow_error *error)
{
    work *w = context;
    if (furrow__interrupt_came())
        return furrow__fail(error, FURROW_CANCELLED, "interrupted");
    if (!step->down && !furrow__tell_risks(w->p, step->revision, step->before))
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    tell_losses(w, plan);
    furrow__interrupt_watch(furrow__migrator_connection(w->m));
    return FURROW_OK;
}

static void after_step(const furrow__revision_step *step, const furrow__step_report *report,
                       void *context)
{
    work *w = context;
    char time[32];
    furrow__interrupt_watch(NULL);
    furrow__progress_clear(&w->progress);
    furrow__progress_time(time, sizeof time, report->elapsed_ms);
    if (report->was_done) {
        fprintf(stderr, "%s, %s: another runner was faster\n", step->revision->id,
                step->revision->message);
        return;
    }
    fprintf(stderr, "%s %s, %s (%s", step->down ? "undid" : "applied", step->revision->id,
            step->revision->message, time);
    if (report->rows_changed)
        fprintf(stderr, ", %llu row%s changed", (unsigned long long)report->rows_changed,
                report->rows_changed == 1 ? "" : "s");
    if (report->rows_moved)
        fprintf(stderr, ", %llu row%s moved", (unsigned long long)report->rows_moved,
                report->rows_moved == 1 ? "" : "s");
    fputs(")\n", stderr);
}

static int advance(work *w)
{
    furrow_error error = {0};
    furrow__route_report report;
    furrow__route_hooks hooks = {before_step, after_step, w};
    furrow__project *p = w->p;
    furrow__interrupt_begin();
    furrow_status status = furrow__route_run(
        w->m, &report,
        &(furrow__route_request){
            .history = &p->history, .target = w->r->target, .down = w->r->down, .hooks = &hooks},
        &p->arena, &error);
    furrow__interrupt_watch(NULL);
    if (status != FURROW_OK)
        tell_failure(w, &report, &error);
    else if (!report.total)
        fputs("furrow: nothing to do\n", stderr);
    furrow__interrupt_end();
    return status == FURROW_OK ? FURROW__EXIT_OK : FURROW__EXIT_FAILED;
}

/* ---- a dry run ---- */

static furrow_status print_step(work *w, const furrow__revision_step *step, bool creates,
                                furrow_error *error)
{
    furrow__plan plan;
    furrow__buffer out = {0};
    const furrow__revision *revision = step->revision;
    furrow_status status = furrow__plan_make(
        &plan,
        &(furrow__plan_input){w->p->dialect, step->before,
                              step->down ? &revision->downgrade : &revision->upgrade},
        &w->p->arena, error);
    if (status != FURROW_OK && plan.failed.line) {
        char message[sizeof error->message];
        furrow__copy_text(message, sizeof message, error->message);
        snprintf(error->message, sizeof error->message, "%s:%u:%u: %.*s", revision->file,
                 (unsigned)plan.failed.line, (unsigned)plan.failed.column,
                 (int)sizeof error->message - 300, message);
    }
    if (status == FURROW_OK)
        status = furrow__script_write(
            &out, &(furrow__script_request){w->p->dialect, step, &plan, creates}, error);
    if (status == FURROW_OK)
        printf("-- %s %s: %s\n%s\n", step->down ? "downgrade" : "upgrade", revision->id,
               revision->message, out.text);
    furrow__buffer_done(&out);
    return status;
}

static int print_script(work *w)
{
    furrow_error error = {0};
    furrow__project *p = w->p;
    furrow__route route = {0};
    const furrow__route_request wanted = {
        .history = &p->history, .target = w->r->target, .down = w->r->down};
    furrow_status status;
    if (w->m) {
        status = furrow__route_find(w->m, &route, &wanted, &p->arena, &error);
    } else {
        furrow__revision_steps steps = {.count = 0};
        bool *applied = furrow__arena_aligned(&p->arena, p->history.count + 1, 1);
        if (!applied)
            return furrow__cli_no_memory();
        memset(applied, 0, p->history.count);
        status = furrow__history_route(
            &steps, &p->history,
            &(furrow__history_target){.applied = applied, .name = w->r->target, .down = w->r->down},
            &p->arena, &error);
        route.steps = steps.items;
        route.count = steps.count;
    }
    for (size_t i = 0; i < route.count && status == FURROW_OK; i++) {
        const furrow__revision_step *step = &route.steps[i];
        status =
            print_step(w, step, i == 0 && !w->r->down && !step->revision->parent_count, &error);
    }
    if (status != FURROW_OK) {
        fflush(stdout);
        furrow__project_fail(p, &error);
    }
    return status == FURROW_OK ? FURROW__EXIT_OK : FURROW__EXIT_FAILED;
}

/* A dry run makes no database, and changes none: where there is none, nothing is applied. */
static bool connect_to(work *w, furrow__migrator_options options)
{
    furrow_error error = {0};
    if (!w->r->sql || !w->p->url)
        return furrow__project_connect(w->p, &options, &w->m);
    options.url = w->p->url;
    options.create_database = false;
    options.read_only = true;
    if (furrow__migrator_open(&w->m, w->p->driver, w->p->dialect, &options, &error) == FURROW_OK ||
        furrow__is_no_file(&error))
        return true;
    furrow__cli_fail(&error);
    return false;
}

/* ---- the verbs ---- */

static bool read_timeout(const furrow__verb *verb, request *r)
{
    char *end = NULL;
    long seconds = 60;
    errno = 0;
    if (r->lock_timeout)
        seconds = strtol(r->lock_timeout, &end, 10);
    if (r->lock_timeout &&
        (errno || end == r->lock_timeout || *end || seconds < 0 || seconds > INT_MAX / 1000)) {
        furrow__cli_usage(verb, "--lock-timeout \"%s\" is no number of seconds", r->lock_timeout);
        return false;
    }
    r->options.lock_timeout_ms = (int)seconds * 1000;
    r->options.table_timeout_ms = !r->lock_timeout ? TABLE_TIMEOUT_MS
                                  : seconds > 0    ? (int)seconds * 1000
                                                   : 1;
    return true;
}

static int run_verb(const furrow__verb *verb, request *r, int argc, char **argv)
{
    int count, status;
    const furrow__option list[] = {FURROW__PROJECT_OPTIONS(r->project),
                                   {"--sql", NULL, NULL, &r->sql},
                                   {"--allow-data-loss", NULL, NULL, &r->options.allow_data_loss},
                                   {"--ignore-drift", NULL, NULL, &r->options.ignore_drift},
                                   {"--lock-timeout", NULL, &r->lock_timeout, NULL}};
    if (!furrow__cli_begin(verb, argc, argv, list, sizeof list / sizeof *list, &count, &status))
        return status;
    if (count > 1)
        return furrow__cli_usage(verb, "name one target");
    if (!read_timeout(verb, r))
        return FURROW__EXIT_USAGE;
    if (count)
        r->target = argv[1];
    furrow__project p;
    work w = {.p = &p, .r = r};
    r->options.create_database = !r->down;
    r->options.progress = furrow__progress_show;
    r->options.context = &w.progress;
    status = FURROW__EXIT_FAILED;
    if (furrow__project_open(&p, &r->project) && furrow__project_history(&p, true) &&
        connect_to(&w, r->options))
        status = r->sql ? print_script(&w) : advance(&w);
    furrow__migrator_close(w.m);
    furrow__project_close(&p);
    return status;
}

static int run_upgrade(int argc, char **argv)
{
    request r = {.target = "head"};
    return run_verb(&furrow__verb_upgrade, &r, argc, argv);
}

static int run_downgrade(int argc, char **argv)
{
    request r = {.target = "-1", .down = true};
    return run_verb(&furrow__verb_downgrade, &r, argc, argv);
}

const furrow__verb furrow__verb_upgrade = {.name = "upgrade",
                                           .summary = "run the revisions that the database has not",
                                           .help = upgrade_help,
                                           .run = run_upgrade};
const furrow__verb furrow__verb_downgrade = {
    .name = "downgrade", .summary = "undo revisions", .help = downgrade_help, .run = run_downgrade};
