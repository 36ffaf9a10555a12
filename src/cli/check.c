/* SPDX-License-Identifier: MIT
 * Implements `furrow check`, which is intended for continuous integration. The verb compares the
 * models with the revisions. */
#include <stdio.h>

#include "cli/print.h"
#include "cli/folder.h"
#include "cli/schemas.h"

static const char help[] =
    "usage: furrow check [--json]\n"
    "\n"
    "Compares the models with the schema of the head, and each revision with furrow.sum. Prints\n"
    "a line for each change that needs a new revision. Does not connect to a database.\n"
    "\n"
    "Exit codes: 0 if nothing differs; 1 if a revision must be written, a file was edited, or\n"
    "there are several heads; 2 if the models, the revisions, furrow.sum or furrow.ini could not\n"
    "be read.\n"
    "\n"
    "  --json             print the changes as a JSON array\n" FURROW__PROJECT_HELP "\n"
    "example:\n"
    "  $ furrow check\n"
    "  add column contact.phone\n"
    "  furrow: the models are 1 change ahead of revision 91bb20aa01c3\n";

/* Compares the models with the schema of the head revision. Returns the exit code. */
static int check_models(furrow__project *p, const furrow__revision *head, bool json)
{
    furrow__catalog before, after;
    furrow__change_list changes;
    const furrow__revision *heads[] = {head};
    if (!furrow__schema_after(p, heads, head != NULL, &before) ||
        !furrow__schema_changes(p, &before, &changes, &after))
        return FURROW__EXIT_TROUBLE;
    if (json)
        furrow__print_changes_json(&changes);
    if (!changes.count)
        return FURROW__EXIT_OK;
    if (!json)
        furrow__print_changes(stdout, &changes, "");
    fflush(stdout);
    fprintf(stderr,
            "furrow: the models are %zu change%s ahead of %s%s\n"
            "help: run furrow revision --autogenerate -m MESSAGE\n",
            changes.count, changes.count == 1 ? "" : "s", head ? "revision " : "an empty history",
            head ? head->id : "");
    return FURROW__EXIT_DIFFERS;
}

/* Compares the models with the head revision. There must be only one head. Returns the exit code.
 */
static int check(furrow__project *p, bool json)
{
    furrow__revision *head;
    bool differs;
    if (!furrow__folder_read(p, false))
        return FURROW__EXIT_TROUBLE;
    if (!furrow__folder_check_sum(p, &differs))
        return differs ? FURROW__EXIT_DIFFERS : FURROW__EXIT_TROUBLE;
    if (!furrow__folder_one_head(p, &head, "join the heads with furrow merge"))
        return FURROW__EXIT_DIFFERS;
    return check_models(p, head, json);
}

static int run(int argc, char **argv)
{
    furrow__project_options options = {0};
    bool json = false;
    int count, status;
    const furrow__option list[] = {FURROW__PROJECT_OPTIONS(options), {"--json", NULL, NULL, &json}};
    if (!furrow__cli_begin(&furrow__verb_check,
                           &(furrow__arguments){argc, argv, list, sizeof list / sizeof *list},
                           &count, &status))
        return status;
    if (count)
        return furrow__cli_usage(&furrow__verb_check, "unexpected argument \"%s\"", argv[1]);
    furrow__project p;
    status = furrow__project_open(&p, &options) ? check(&p, json) : FURROW__EXIT_TROUBLE;
    furrow__project_close(&p);
    return status;
}

const furrow__verb furrow__verb_check = {.name = "check",
                                         .summary = "compare models with revisions, for CI",
                                         .help = help,
                                         .run = run,
                                         .reports_differences = true};
