/* SPDX-License-Identifier: MIT
 * Implements `furrow current`, which prints the revision of a database. */
#include <stdio.h>
#include <string.h>

#include "cli/print.h"
#include "cli/folder.h"
#include "migrate/revision/change_parts.h"

static const char help[] =
    "usage: furrow current [--check-heads] [--json]\n"
    "\n"
    "Prints the revision of the database. Prints several if branches are applied, and none if no\n"
    "revision is applied.\n"
    "\n"
    "  --check-heads      exit with code 1 if a revision is not applied\n"
    "  --json             print a JSON array\n" FURROW__PROJECT_HELP "\n"
    "example:\n"
    "  $ furrow current\n"
    "  3f2a90c1d2e4 (head), add phone\n";

/* Finds the applied revisions that have no applied descendants. Returns the number of such
 * revisions. */
static size_t find_tops(const furrow__history *history, const bool *applied, furrow__revision **out)
{
    size_t count = 0;
    for (size_t i = 0; i < history->count; i++) {
        bool is_parent = false;
        for (size_t j = i + 1; j < history->count; j++)
            is_parent |= applied[j] &&
                         furrow__names_have(history->items[j]->parents,
                                            history->items[j]->parent_count, history->items[i]->id);
        if (applied[i] && !is_parent)
            out[count++] = history->items[i];
    }
    return count;
}

static int print_current(furrow__project *p, furrow__migrator *m, bool json, bool checks)
{
    furrow_error error = {0};
    const furrow__revision *half = NULL;
    const furrow__history *history = &p->history;
    bool *applied = furrow__arena_aligned(&p->arena, history->count + 1, 1);
    furrow__revision **tops = furrow__arena_aligned(&p->arena, (history->count + 1) * sizeof *tops,
                                                    _Alignof(furrow__revision *));
    if (!applied || !tops)
        return furrow__cli_no_memory();
    if (furrow__migrator_applied(m, history, applied, &half, &error) != FURROW_OK)
        return furrow__cli_fail(&error);
    size_t count = find_tops(history, applied, tops), missing = 0;
    for (size_t i = 0; i < history->count; i++)
        missing += !applied[i];
    int status = furrow__print_revisions(history, tops, count, json);
    fflush(stdout);
    if (!count)
        fputs("furrow: no revision is applied\n", stderr);
    if (half)
        fprintf(stderr, "furrow: revision %s is only partly %s; run furrow %s to complete it\n",
                half->id, applied[furrow__history_place(history, half->id)] ? "undone" : "applied",
                applied[furrow__history_place(history, half->id)] ? "downgrade" : "upgrade");
    if (checks && (missing || half))
        status = furrow__cli_error("run furrow upgrade", "%zu revision%s not applied", missing,
                                   missing == 1 ? " is" : "s are");
    return status;
}

static int run(int argc, char **argv)
{
    furrow__project_options options = {0};
    bool json = false, checks = false;
    int count, status;
    const furrow__option list[] = {FURROW__PROJECT_OPTIONS(options),
                                   {"--json", NULL, NULL, &json},
                                   {"--check-heads", NULL, NULL, &checks}};
    if (!furrow__cli_begin(&furrow__verb_current,
                           &(furrow__arguments){argc, argv, list, sizeof list / sizeof *list},
                           &count, &status))
        return status;
    if (count)
        return furrow__cli_usage(&furrow__verb_current, "unexpected argument \"%s\"", argv[1]);
    furrow__project p;
    furrow__migrator *m = NULL;
    furrow__migrator_options connecting = {.lock_timeout_ms = 60000, .read_only = true};
    status = FURROW__EXIT_FAILED;
    if (furrow__project_open(&p, &options) && furrow__folder_read(&p, false) &&
        furrow__project_connect(&p, &connecting, &m))
        status = print_current(&p, m, json, checks);
    furrow__migrator_close(m);
    furrow__project_close(&p);
    return status;
}

const furrow__verb furrow__verb_current = {
    .name = "current", .summary = "print the revision of a database", .help = help, .run = run};
