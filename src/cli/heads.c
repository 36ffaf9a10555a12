/* SPDX-License-Identifier: MIT
 * Implements `furrow heads`, which lists the revisions without descendants. */
#include <stdio.h>

#include "cli/print.h"
#include "cli/folder.h"

static const char help[] =
    "usage: furrow heads [--json]\n"
    "\n"
    "Lists the heads: the revisions that are not the parent of any other. If there are several,\n"
    "join them with furrow merge. Does not connect to a database.\n"
    "\n"
    "  --json             print a JSON array\n" FURROW__PROJECT_HELP "\n"
    "example:\n"
    "  $ furrow heads\n"
    "  3f2a90c1d2e4 (head), add phone\n";

static int run(int argc, char **argv)
{
    furrow__project_options options = {0};
    bool json = false;
    int count, status;
    const furrow__option list[] = {FURROW__PROJECT_OPTIONS(options), {"--json", NULL, NULL, &json}};
    if (!furrow__cli_begin(&furrow__verb_heads,
                           &(furrow__arguments){argc, argv, list, sizeof list / sizeof *list},
                           &count, &status))
        return status;
    if (count)
        return furrow__cli_usage(&furrow__verb_heads, "unexpected argument \"%s\"", argv[1]);
    furrow__project p;
    status = FURROW__EXIT_FAILED;
    if (furrow__project_open(&p, &options) && furrow__folder_read(&p, false)) {
        size_t room = p.history.count;
        furrow__revision **heads = furrow__arena_aligned(&p.arena, (room + 1) * sizeof *heads,
                                                         _Alignof(furrow__revision *));
        size_t found = heads ? furrow__history_heads(&p.history, heads, room) : 0;
        status = heads ? furrow__print_revisions(&p.history, heads, found, json)
                       : furrow__cli_no_memory();
    }
    furrow__project_close(&p);
    return status;
}

const furrow__verb furrow__verb_heads = {
    .name = "heads", .summary = "list the revisions without descendants", .help = help, .run = run};
