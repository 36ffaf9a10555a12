/* SPDX-License-Identifier: MIT
 * Implements `furrow stamp`, which records revisions as applied without running them. */
#include <stdio.h>
#include <string.h>

#include "cli/print.h"
#include "cli/folder.h"
#include "cli/report.h"

static const char help[] =
    "usage: furrow stamp [--as-is] TARGET...\n"
    "\n"
    "Records in the database that these revisions and their ancestors are applied, and no others.\n"
    "No revision is run. Use this for a database whose tables already exist, or to correct a "
    "wrong\n"
    "record. Differences from the schema that these revisions make are printed.\n"
    "\n"
    "  TARGET             head, heads, base, an id, or the beginning of an id\n"
    "  --as-is            accept these differences, so that they do not stop an upgrade; later\n"
    "                     differences still stop an upgrade\n" FURROW__PROJECT_HELP "\n"
    "example:\n"
    "  furrow models --url postgresql://app@db/shop -o models.h\n"
    "  furrow revision --autogenerate -m \"as it was\"\n"
    "  furrow stamp head --as-is\n";

static bool mark(furrow__project *p, const char *target, bool *applied, bool *marks)
{
    if (strcmp(target, "base") == 0)
        return true;
    if (strcmp(target, "heads") == 0) {
        memset(applied, 1, p->history.count);
        return true;
    }
    const furrow__revision *revision = furrow__folder_find(p, target);
    if (!revision)
        return false;
    furrow__history_ancestors(&p->history, furrow__history_place(&p->history, revision->id), marks);
    for (size_t i = 0; i < p->history.count; i++)
        applied[i] |= marks[i];
    return true;
}

static bool stamp(furrow__project *p, furrow__migrator *m, char **targets, int count, bool as_is)
{
    furrow_error error = {0};
    size_t found = 0, total = 0, accepted = 0;
    furrow__catalog expected;
    bool *applied = furrow__arena_aligned(&p->arena, p->history.count + 1, 1);
    bool *marks = furrow__arena_aligned(&p->arena, p->history.count + 1, 1);
    if (!applied || !marks)
        return furrow__cli_no_memory() == FURROW__EXIT_OK;
    memset(applied, 0, p->history.count);
    for (int i = 0; i < count; i++)
        if (!mark(p, targets[i], applied, marks))
            return false;
    for (size_t i = 0; i < p->history.count; i++)
        total += applied[i];
    furrow_status status =
        furrow__history_replay(&expected, &p->history, applied, &p->arena, &error);
    if (status == FURROW_OK)
        status = furrow__migrator_stamp(
            m, &(furrow__stamp){&p->history, applied, as_is ? &expected : NULL}, &accepted, &error);
    if (status != FURROW_OK) {
        furrow__report(p, &error);
        return false;
    }
    fprintf(stderr, "furrow: %zu revision%s recorded as applied\n", total,
            total == 1 ? " is" : "s are");
    const furrow__drift_view view = {.expected = &expected, .file = stderr};
    if (!furrow__print_drift(p, m, &view, &found))
        return false;
    if (accepted)
        fprintf(stderr, "furrow: accepted %zu difference%s\n", accepted, accepted == 1 ? "" : "s");
    else if (found)
        fputs(
            "furrow: warning: the database differs from the schema of these revisions (see above), "
            "so furrow upgrade will refuse to run\n",
            stderr);
    return true;
}

static int run(int argc, char **argv)
{
    furrow__project_options options = {0};
    bool as_is = false;
    int count, status;
    const furrow__option list[] = {FURROW__PROJECT_OPTIONS(options),
                                   {"--as-is", NULL, NULL, &as_is}};
    if (!furrow__cli_begin(&furrow__verb_stamp,
                           &(furrow__arguments){argc, argv, list, sizeof list / sizeof *list},
                           &count, &status))
        return status;
    if (!count)
        return furrow__cli_usage(&furrow__verb_stamp,
                                 "no target given; give a revision, head or base");
    furrow__project p;
    furrow__migrator *m = NULL;
    furrow__migrator_options connecting = {.lock_timeout_ms = 60000};
    bool fine = furrow__project_open(&p, &options) && furrow__folder_read(&p, true) &&
                furrow__project_connect(&p, &connecting, &m) &&
                stamp(&p, m, argv + 1, count, as_is);
    furrow__migrator_close(m);
    furrow__project_close(&p);
    return fine ? FURROW__EXIT_OK : FURROW__EXIT_FAILED;
}

const furrow__verb furrow__verb_stamp = {.name = "stamp",
                                         .summary =
                                             "record revisions as applied, without running them",
                                         .help = help,
                                         .run = run};
