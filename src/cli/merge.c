/* SPDX-License-Identifier: MIT
 * Implements `furrow merge`, which writes a revision that joins branches. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/draft.h"
#include "cli/folder.h"

static const char help[] =
    "usage: furrow merge [-m MESSAGE] [ID...]\n"
    "\n"
    "Writes a revision whose parents are all heads, or the given revisions, so that there is one\n"
    "head again. The revision itself changes nothing. Branches whose changes conflict cannot be\n"
    "merged; the conflicts are reported.\n"
    "\n"
    "  -m, --message TEXT the message of the revision (default: \"merge ID and "
    "ID\")\n" FURROW__PROJECT_HELP "\n"
    "example:\n"
    "  furrow merge -m \"phone and address\"\n";

/* Checks that no parent is an ancestor of another parent. */
static bool are_apart(furrow__project *p, const furrow__revision *const *parents, size_t count)
{
    const furrow__history *history = &p->history;
    bool *marks = furrow__arena_aligned(&p->arena, history->count + 1, 1);
    if (!marks) {
        furrow__cli_no_memory();
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        furrow__history_ancestors(history, furrow__history_place(history, parents[i]->id), marks);
        for (size_t j = 0; j < count; j++) {
            if (i == j || !marks[furrow__history_place(history, parents[j]->id)])
                continue;
            furrow__cli_error(NULL, "nothing to merge: %s already descends from %s", parents[i]->id,
                              parents[j]->id);
            return false;
        }
    }
    return true;
}

static bool find_parents(furrow__project *p, char **ids, int count,
                         const furrow__revision *parents[FURROW__REVISION_PARENTS], size_t *found)
{
    furrow__revision *heads[FURROW__REVISION_PARENTS];
    *found = 0;
    if (!count) {
        size_t there = furrow__history_heads(&p->history, heads, FURROW__REVISION_PARENTS);
        if (there > FURROW__REVISION_PARENTS) {
            furrow__cli_error(
                "give the ids of some heads, and then merge the result with the other heads",
                "there are %zu heads; at most %d can be merged at once", there,
                FURROW__REVISION_PARENTS);
            return false;
        }
        while (*found < there) {
            parents[*found] = heads[*found];
            ++*found;
        }
    }
    for (int i = 0; i < count; i++) {
        parents[*found] = furrow__folder_find(p, ids[i]);
        if (!parents[(*found)++])
            return false;
    }
    if (*found < 2) {
        furrow__cli_error(
            NULL, *found ? "nothing to merge: %s is the only head" : "there is no revision%s",
            *found ? parents[0]->id : "");
        return false;
    }
    return are_apart(p, parents, *found);
}

static bool write_merge(furrow__project *p, const char *message, char **ids, int count)
{
    const furrow__revision *parents[FURROW__REVISION_PARENTS];
    furrow__draft d;
    furrow__buffer standard = {0};
    size_t found;
    if (!find_parents(p, ids, count, parents, &found))
        return false;
    furrow__buffer_add_text(&standard, "merge");
    for (size_t i = 0; i < found && i < 8; i++)
        furrow__buffer_format(&standard, "%s%s", i ? " and " : " ", parents[i]->id);
    if (!message)
        message = furrow__buffer_text(&standard);
    bool fine = furrow__draft_begin(&d, p, message ? message : "merge", parents, found) &&
                furrow__draft_finish(&d, p) && furrow__draft_write(&d, p);
    if (!fine)
        fputs("help: if branches change the same object, undo the change in one branch with a new "
              "revision\n",
              stderr);
    furrow__draft_done(&d);
    furrow__buffer_done(&standard);
    return fine;
}

static int run(int argc, char **argv)
{
    furrow__project_options options = {0};
    const char *message = NULL;
    int count, status;
    const furrow__option list[] = {FURROW__PROJECT_OPTIONS(options),
                                   {"--message", "-m", &message, NULL}};
    if (!furrow__cli_begin(&furrow__verb_merge,
                           &(furrow__arguments){argc, argv, list, sizeof list / sizeof *list},
                           &count, &status))
        return status;
    if (count == 1 || count > FURROW__REVISION_PARENTS)
        return furrow__cli_usage(&furrow__verb_merge,
                                 "give from 2 to %d revisions, or none to "
                                 "merge all heads",
                                 FURROW__REVISION_PARENTS);
    furrow__project p;
    bool fine = furrow__project_open_locked(&p, &options) && furrow__folder_read(&p, true) &&
                write_merge(&p, message, argv + 1, count);
    furrow__project_close(&p);
    return fine ? FURROW__EXIT_OK : FURROW__EXIT_FAILED;
}

const furrow__verb furrow__verb_merge = {
    .name = "merge", .summary = "join several heads", .help = help, .run = run};
