/* SPDX-License-Identifier: MIT
 * Implements `furrow upgrade` and `furrow downgrade`, which run revisions or print what would
 * run. */
#include "cli/upgrade.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "cli/folder.h"
#include "cli/interrupt.h"
#include "cli/print.h"

#define OPTIONS_HELP                                                                               \
    "  --sql              print what would run, and run nothing\n"                                 \
    "  --allow-data-loss  drop tables and columns that contain rows; prints how many\n"            \
    "  --ignore-drift     run although the database differs from the schema of its revisions\n"    \
    "  --lock-timeout S   seconds to wait for each lock. Without this option, 60 for another\n"    \
    "                     upgrade to end, but only 5 for a table that another transaction has\n"   \
    "                     locked: other programs that use the table wait during that "             \
    "time\n" FURROW__PROJECT_HELP

enum {
    LOCK_TIMEOUT_S = 60,
    TABLE_TIMEOUT_MS = 5000, /* This timeout is short, because later statements on the table must
                                wait while furrow waits for the table's lock. */
};

static const char upgrade_help[] =
    "usage: furrow upgrade [options] [TARGET]\n"
    "\n"
    "Runs the revisions that are not yet applied to the database. Each runs in one\n"
    "transaction, which also records that it is applied. Before a revision changes anything,\n"
    "furrow compares the files with furrow.sum, the schema of the database with what its\n"
    "revisions made, and the rows with what the revision requires of them.\n"
    "\n"
    "  TARGET             head (default), heads, +N, an id, or the beginning of an "
    "id\n" OPTIONS_HELP "\n"
    "example:\n"
    "  furrow upgrade --url postgresql://app@db/shop --sql\n"
    "  furrow upgrade --url postgresql://app@db/shop\n";

static const char downgrade_help[] =
    "usage: furrow downgrade [options] [TARGET]\n"
    "\n"
    "Undoes revisions, the newest first. Each runs in one transaction, which also records\n"
    "that it is no longer applied. The file of a revision says what its downgrade cannot\n"
    "restore.\n"
    "\n"
    "  TARGET             -N (default: -1), base, or the id, or its beginning, of a revision\n"
    "                     that stays applied\n" OPTIONS_HELP "\n"
    "example:\n"
    "  furrow downgrade -1\n";

static furrow_status before_step(const furrow__revision_step *step, const furrow__plan *plan,
                                 void *context, furrow_error *error)
{
    furrow__upgrade *u = context;
    if (furrow__interrupt_requested())
        return furrow__fail(error, FURROW_CANCELLED, "interrupted");
    if (!step->down && !furrow__print_risks(u->project, step->revision, step->before))
        return furrow__fail(error, FURROW_NOMEM, "out of memory");
    furrow__upgrade_report_losses(u, plan);
    furrow__interrupt_watch(furrow__migrator_connection(u->migrator));
    return FURROW_OK;
}

static void print_rows(uint64_t rows, const char *what)
{
    if (rows)
        fprintf(stderr, ", %llu row%s %s", (unsigned long long)rows, rows == 1 ? "" : "s", what);
}

static void after_step(const furrow__revision_step *step, const furrow__step_report *report,
                       void *context)
{
    furrow__upgrade *u = context;
    char time[32];
    furrow__interrupt_watch(NULL);
    furrow__progress_clear(&u->progress);
    furrow__progress_time(time, sizeof time, report->elapsed_ms);
    if (report->was_done) {
        fprintf(stderr, "%s, %s: already %s by another furrow command\n", step->revision->id,
                step->revision->message, step->down ? "undone" : "applied");
        return;
    }
    fprintf(stderr, "%s %s, %s (%s", step->down ? "undid" : "applied", step->revision->id,
            step->revision->message, time);
    print_rows(report->rows_changed, "changed");
    print_rows(report->rows_moved, "moved");
    fputs(")\n", stderr);
}

static int run_route(furrow__upgrade *u)
{
    furrow_error error = {0};
    furrow__route_report report;
    furrow__route_hooks hooks = {before_step, after_step, u};
    furrow__project *p = u->project;
    furrow__interrupt_begin();
    furrow_status status = furrow__route_run(u->migrator, &report,
                                             &(furrow__route_request){.history = &p->history,
                                                                      .target = u->request->target,
                                                                      .down = u->request->down,
                                                                      .hooks = &hooks},
                                             &p->arena, &error);
    furrow__interrupt_watch(NULL);
    if (status != FURROW_OK)
        furrow__upgrade_report_failure(u, &report, &error);
    else if (!report.total)
        fputs("furrow: nothing to do\n", stderr);
    furrow__interrupt_end();
    return status == FURROW_OK ? FURROW__EXIT_OK : FURROW__EXIT_FAILED;
}

/* Connects to the database. With --sql, the command neither creates nor changes a database. If the
 * database does not exist, no revision has been applied to it, and the script can be printed
 * without a connection. */
static bool connect_to(furrow__upgrade *u)
{
    furrow__migrator_options options = u->request->options;
    if (u->request->sql) {
        if (furrow__project_lacks_database(u->project))
            return true;
        options.create_database = false;
        options.read_only = true;
    }
    return furrow__project_connect(u->project, &options, &u->migrator);
}

static bool read_timeout(const furrow__verb *verb, furrow__upgrade_request *r)
{
    char *end = NULL;
    r->options.lock_timeout_ms = LOCK_TIMEOUT_S * 1000;
    r->options.table_timeout_ms = TABLE_TIMEOUT_MS;
    if (!r->lock_timeout)
        return true;
    errno = 0;
    long seconds = strtol(r->lock_timeout, &end, 10);
    if (errno || end == r->lock_timeout || *end || seconds < 0 || seconds > INT_MAX / 1000) {
        furrow__cli_usage(verb, "--lock-timeout \"%s\" is not a number of seconds",
                          r->lock_timeout);
        return false;
    }
    r->options.lock_timeout_ms = (int)seconds * 1000;
    r->options.table_timeout_ms =
        seconds > 0 ? (int)seconds * 1000 : 1; /* The timeout is at least 1, because 0 means that
                                                  there is no limit. */
    return true;
}

static int run_verb(const furrow__verb *verb, furrow__upgrade_request *r, int argc, char **argv)
{
    int count, status;
    const furrow__option list[] = {FURROW__PROJECT_OPTIONS(r->project),
                                   {"--sql", NULL, NULL, &r->sql},
                                   {"--allow-data-loss", NULL, NULL, &r->options.allow_data_loss},
                                   {"--ignore-drift", NULL, NULL, &r->options.ignore_drift},
                                   {"--lock-timeout", NULL, &r->lock_timeout, NULL}};
    if (!furrow__cli_begin(verb, &(furrow__arguments){argc, argv, list, sizeof list / sizeof *list},
                           &count, &status))
        return status;
    if (count > 1)
        return furrow__cli_usage(verb, "more than one target");
    if (!read_timeout(verb, r))
        return FURROW__EXIT_USAGE;
    if (count)
        r->target = argv[1];
    furrow__project p;
    furrow__upgrade u = {.project = &p, .request = r};
    r->options.create_database = !r->down;
    r->options.progress = furrow__progress_show;
    r->options.context = &u.progress;
    status = FURROW__EXIT_FAILED;
    if (furrow__project_open(&p, &r->project) && furrow__folder_read(&p, true) && connect_to(&u))
        status = r->sql ? furrow__upgrade_print_script(&u) : run_route(&u);
    furrow__migrator_close(u.migrator);
    furrow__project_close(&p);
    return status;
}

static int run_upgrade(int argc, char **argv)
{
    furrow__upgrade_request r = {.target = "head"};
    return run_verb(&furrow__verb_upgrade, &r, argc, argv);
}

static int run_downgrade(int argc, char **argv)
{
    furrow__upgrade_request r = {.target = "-1", .down = true};
    return run_verb(&furrow__verb_downgrade, &r, argc, argv);
}

const furrow__verb furrow__verb_upgrade = {.name = "upgrade",
                                           .summary = "run the revisions that are not yet applied",
                                           .help = upgrade_help,
                                           .run = run_upgrade};
const furrow__verb furrow__verb_downgrade = {
    .name = "downgrade", .summary = "undo revisions", .help = downgrade_help, .run = run_downgrade};
