/* SPDX-License-Identifier: MIT
 * Implements `furrow squash`, which replaces all revisions up to a given revision by a single
 * one. */
#include "migrate/author/squash.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/draft.h"
#include "cli/report.h"
#include "cli/folder.h"
#include "cli/schemas.h"

static const char help[] =
    "usage: furrow squash [--to ID] [--leave-data] -m MESSAGE\n"
    "\n"
    "Replaces all revisions up to ID by one revision, after proving that it makes the same\n"
    "schema, and removes their files. A database to which all of them are applied counts as\n"
    "having the new revision. A database to which only some are applied must first be upgraded "
    "with\n"
    "the old files.\n"
    "\n"
    "The new revision does not contain statements that write rows, or blocks for one engine. If\n"
    "there are any, they are listed and nothing is changed. If a squash is interrupted, the next\n"
    "one completes it.\n"
    "\n"
    "  --to ID            the last revision to replace (default: the head)\n"
    "  --leave-data       leave out such statements; new databases will not run them\n"
    "  -m, --message TEXT the message of the new revision\n" FURROW__PROJECT_HELP "\n"
    "example:\n"
    "  furrow squash -m \"the schema of 2025\"\n";

static bool remove_file(furrow__project *p, const char *file)
{
    const char *path = furrow__project_path(p, file);
    if (!path)
        return false;
    if (unlink(path) == 0 || errno == ENOENT)
        return true;
    furrow__cli_error("correct the cause and run furrow squash again", "could not remove %s: %s",
                      path, strerror(errno));
    return false;
}

/* Removes the files of the revisions that a squash has replaced, and their lines in furrow.sum. */
static bool remove_superseded(furrow__project *p, size_t *removed)
{
    const furrow__history was = p->history;
    *removed = was.superseded_count;
    for (size_t i = 0; i < was.superseded_count; i++)
        if (!remove_file(p, was.superseded[i]->file))
            return false;
    const char *none = "";
    return furrow__folder_accept(p, &none, 0);
}

/* Reports each statement that would be lost by a squash, with the statement's location. */
static void report_losses(furrow__project *p, const furrow__squash *squash)
{
    for (size_t i = 0; i < squash->loss_count; i++) {
        const furrow__squash_loss *loss = &squash->losses[i];
        const char *path = furrow__project_path(p, loss->revision->file);
        furrow__buffer what = {0};
        furrow__change_describe(&what, loss->change);
        fprintf(stderr, "%s:%u:%u: error: a squash would lose this statement: %s\n",
                path ? path : loss->revision->file, (unsigned)loss->change->place.line,
                (unsigned)loss->change->place.column,
                furrow__buffer_text(&what) ? furrow__buffer_text(&what) : "");
        furrow__buffer_done(&what);
    }
    fputs("furrow: nothing was squashed\n"
          "help: squash up to an earlier revision with --to, or leave the statements out with "
          "--leave-data\n",
          stderr);
}

static bool write_squash(furrow__project *p, const char *message, const furrow__squash *squash)
{
    furrow__draft d;
    furrow__catalog all;
    size_t removed;
    bool fine = furrow__draft_begin(&d, p, message, NULL, 0);
    if (fine) {
        d.after = squash->after;
        d.revision.upgrade = squash->upgrade;
        d.revision.downgrade = squash->downgrade;
        d.revision.squashes = squash->squashes;
        d.revision.squash_count = squash->squash_count;
        /* To check the result, parse the new revision together with the remaining revisions, and
         * replay all of them. The replay compares every fingerprint. */
        fine = furrow__draft_finish(&d, p) &&
               furrow__schema_after(p, (const furrow__revision *const *)p->history.items,
                                    p->history.count, &all) &&
               furrow__draft_write(&d, p) && remove_superseded(p, &removed);
    }
    if (fine)
        fprintf(stderr, "furrow: %s replaces %zu revisions; their files were removed\n", d.id,
                squash->file_count);
    furrow__draft_done(&d);
    return fine;
}

static bool squash_to(furrow__project *p, const char *message, const char *to, bool leave_data)
{
    furrow_error error = {0};
    furrow__revision *last = NULL;
    furrow__squash squash;
    if (to)
        last = furrow__folder_find(p, to);
    else if (!furrow__folder_one_head(p, &last, "choose a head with --to ID"))
        return false;
    if (!last) {
        if (!to)
            furrow__cli_error(NULL, "there is no revision to squash");
        return false;
    }
    if (furrow__squash_make(&squash, &p->history, last, &p->arena, &error) != FURROW_OK) {
        furrow__report(p, &error);
        return false;
    }
    if (squash.loss_count && !leave_data) {
        report_losses(p, &squash);
        return false;
    }
    return write_squash(p, message, &squash);
}

static int run(int argc, char **argv)
{
    furrow__project_options options = {0};
    const char *message = NULL, *to = NULL;
    bool leave_data = false;
    int count, status;
    const furrow__option list[] = {FURROW__PROJECT_OPTIONS(options),
                                   {"--message", "-m", &message, NULL},
                                   {"--to", NULL, &to, NULL},
                                   {"--leave-data", NULL, NULL, &leave_data}};
    if (!furrow__cli_begin(&furrow__verb_squash,
                           &(furrow__arguments){argc, argv, list, sizeof list / sizeof *list},
                           &count, &status))
        return status;
    if (count)
        return furrow__cli_usage(&furrow__verb_squash, "unexpected argument \"%s\"", argv[1]);
    if (!message)
        return furrow__cli_usage(&furrow__verb_squash, "no message given; add -m MESSAGE");
    furrow__project p;
    size_t removed = 0;
    bool fine = furrow__project_open_locked(&p, &options) && furrow__folder_read(&p, true);
    if (fine && p.history.superseded_count) {
        fine = remove_superseded(&p, &removed);
        if (fine)
            fprintf(stderr, "furrow: completed the interrupted squash: %zu files removed\n",
                    removed);
    } else if (fine) {
        fine = squash_to(&p, message, to, leave_data);
    }
    furrow__project_close(&p);
    return fine ? FURROW__EXIT_OK : FURROW__EXIT_FAILED;
}

const furrow__verb furrow__verb_squash = {
    .name = "squash", .summary = "replace many revisions by one", .help = help, .run = run};
