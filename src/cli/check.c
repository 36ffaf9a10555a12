/* SPDX-License-Identifier: MIT
 * furrow check: are the models and the head the same? For CI. */
#include <stdio.h>

#include "cli/tell.h"

static const char help[] =
    "usage: furrow check [--json]\n"
    "\n"
    "Compares the models with the schema behind the head, and each revision with furrow.sum.\n"
    "Exit code 1, and a line for each change that is missing, if a revision must be written,\n"
    "if there are several heads, or if a file was edited; 2 where it could not look: models,\n"
    "revisions, furrow.sum or furrow.ini that cannot be read. It asks no database.\n"
    "\n"
    "  --json             a JSON array of the changes instead\n" FURROW__PROJECT_HELP "\n"
    "example:\n"
    "  $ furrow check\n"
    "  add column contact.phone\n"
    "  furrow: the models are 1 change ahead of revision 91bb20aa01c3\n";

/* An exit code. */
static int check_models(furrow__project *p, const furrow__revision *head, bool json)
{
    furrow__catalog before, after;
    furrow__change_list changes;
    const furrow__revision *heads[] = {head};
    if (!furrow__project_behind(p, heads, head != NULL, &before) ||
        !furrow__project_changes(p, &before, &changes, &after))
        return FURROW__EXIT_TROUBLE;
    if (json)
        furrow__tell_changes_json(&changes);
    if (!changes.count)
        return FURROW__EXIT_OK;
    if (!json)
        furrow__tell_changes(stdout, &changes, "");
    fflush(stdout);
    furrow__cli_say("furrow revision --autogenerate -m MESSAGE writes it down",
                    "the models are %zu change%s ahead of %s%s", changes.count,
                    changes.count == 1 ? "" : "s", head ? "revision " : "an empty history",
                    head ? head->id : "");
    return FURROW__EXIT_DIFFERS;
}

/* An exit code. */
static int check(furrow__project *p, bool json)
{
    furrow__revision *head;
    bool differs;
    if (!furrow__project_history(p, false))
        return FURROW__EXIT_TROUBLE;
    if (!furrow__project_sum(p, &differs))
        return differs ? FURROW__EXIT_DIFFERS : FURROW__EXIT_TROUBLE;
    if (!furrow__project_one_head(p, &head, "furrow merge joins them"))
        return FURROW__EXIT_DIFFERS;
    return check_models(p, head, json);
}

static int run(int argc, char **argv)
{
    furrow__project_options options = {0};
    bool json = false;
    int count, status;
    const furrow__option list[] = {FURROW__PROJECT_OPTIONS(options), {"--json", NULL, NULL, &json}};
    if (!furrow__cli_begin(&furrow__verb_check, argc, argv, list, sizeof list / sizeof *list,
                           &count, &status))
        return status;
    if (count)
        return furrow__cli_usage(&furrow__verb_check, "check takes no \"%s\"", argv[1]);
    furrow__project p;
    status = furrow__project_open(&p, &options) ? check(&p, json) : FURROW__EXIT_TROUBLE;
    furrow__project_close(&p);
    return status;
}

const furrow__verb furrow__verb_check = {.name = "check",
                                         .summary = "are models and revisions the same? for CI",
                                         .help = help,
                                         .run = run,
                                         .tells_differences = true};
