/* SPDX-License-Identifier: MIT
 * furrow diff: is the live database as the models say? */
#include <stdio.h>

#include "cli/tell.h"

static const char help[] =
    "usage: furrow diff [--json]\n"
    "\n"
    "Compares the database with the models, whatever revisions say, in the database's own\n"
    "words. Exit code 1, and a line for each difference, if there is one; a column that no\n"
    "model has is one. Tables, views, triggers and indexes that no model has are none; nor\n"
    "is a column that models cannot say and a revision made. Exit code 2 where it could not\n"
    "look: models or furrow.ini with mistakes, a database that is away.\n"
    "\n"
    "  --json             a JSON array instead\n" FURROW__PROJECT_HELP "\n"
    "example:\n"
    "  $ furrow diff\n"
    "  column contact.phone: expected TEXT NOT NULL, found TEXT\n";

/* The models' schema, and what revisions made beside it that models cannot say. */
static bool find_expected(furrow__project *p, furrow__catalog *out)
{
    furrow__revision *heads[1];
    furrow__catalog before;
    furrow__change_list changes;
    const furrow__revision *head;
    if (furrow__history_heads(&p->history, heads, 1) > 1)
        return furrow__project_models(p, out);
    head = p->history.count ? heads[0] : NULL;
    return furrow__project_behind(p, &head, head != NULL, &before) &&
           furrow__project_changes(p, &before, &changes, out);
}

static int run(int argc, char **argv)
{
    furrow__project_options options = {0};
    bool json = false;
    int count, status;
    const furrow__option list[] = {FURROW__PROJECT_OPTIONS(options), {"--json", NULL, NULL, &json}};
    if (!furrow__cli_begin(&furrow__verb_diff, argc, argv, list, sizeof list / sizeof *list, &count,
                           &status))
        return status;
    if (count)
        return furrow__cli_usage(&furrow__verb_diff, "diff takes no \"%s\"", argv[1]);
    furrow__project p;
    furrow__catalog expected;
    furrow__migrator *m = NULL;
    furrow__migrator_options connecting = {.lock_timeout_ms = 60000, .read_only = true};
    size_t found = 0;
    bool fine = furrow__project_open(&p, &options) && furrow__project_history(&p, false) &&
                find_expected(&p, &expected) && furrow__project_connect(&p, &connecting, &m) &&
                furrow__tell_drift(&p, m, &expected, true, stdout, json, &found);
    furrow__migrator_close(m);
    furrow__project_close(&p);
    if (!fine)
        return FURROW__EXIT_TROUBLE;
    return found ? FURROW__EXIT_DIFFERS : FURROW__EXIT_OK;
}

const furrow__verb furrow__verb_diff = {.name = "diff",
                                        .summary = "compare a database with the models",
                                        .help = help,
                                        .run = run,
                                        .tells_differences = true};
