/* SPDX-License-Identifier: MIT
 * Implements `furrow history`, which lists all revisions, newest first. */
#include <stdio.h>

#include "cli/print.h"
#include "cli/folder.h"

static const char help[] =
    "usage: furrow history [--json]\n"
    "\n"
    "Lists all revisions, newest first: the parents, the id, and the message of each. Does not\n"
    "connect to a database.\n"
    "\n"
    "  --json             print a JSON array\n" FURROW__PROJECT_HELP "\n"
    "example:\n"
    "  $ furrow history\n"
    "  91bb20aa01c3 -> 3f2a90c1d2e4 (head), add phone\n"
    "  <base> -> 91bb20aa01c3, begin\n";

static void print_line(const furrow__history *history, const furrow__revision *revision)
{
    for (size_t i = 0; i < revision->parent_count; i++)
        printf("%s%s", i ? ", " : "", revision->parents[i]);
    printf("%s -> ", revision->parent_count ? "" : "<base>");
    furrow__print_revision(history, revision);
}

/* Prints all revisions, newest first. Returns the exit code. */
static int print_all(furrow__project *p, bool json)
{
    size_t count = p->history.count;
    furrow__revision **reversed = furrow__arena_aligned(&p->arena, (count + 1) * sizeof *reversed,
                                                        _Alignof(furrow__revision *));
    if (!reversed)
        return furrow__cli_no_memory();
    for (size_t i = 0; i < count; i++)
        reversed[i] = p->history.items[count - 1 - i];
    if (json)
        return furrow__print_revisions(&p->history, reversed, count, true);
    for (size_t i = 0; i < count; i++)
        print_line(&p->history, reversed[i]);
    return FURROW__EXIT_OK;
}

static int run(int argc, char **argv)
{
    furrow__project_options options = {0};
    bool json = false;
    int count, status;
    const furrow__option list[] = {FURROW__PROJECT_OPTIONS(options), {"--json", NULL, NULL, &json}};
    if (!furrow__cli_begin(&furrow__verb_history,
                           &(furrow__arguments){argc, argv, list, sizeof list / sizeof *list},
                           &count, &status))
        return status;
    if (count)
        return furrow__cli_usage(&furrow__verb_history, "unexpected argument \"%s\"", argv[1]);
    furrow__project p;
    status = FURROW__EXIT_FAILED;
    if (furrow__project_open(&p, &options) && furrow__folder_read(&p, false))
        status = print_all(&p, json);
    furrow__project_close(&p);
    return status;
}

const furrow__verb furrow__verb_history = {
    .name = "history", .summary = "list the revisions", .help = help, .run = run};
