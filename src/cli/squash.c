/* SPDX-License-Identifier: MIT
 * furrow squash: one revision in the place of all from the base to another. */
#include "migrate/author/squash.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/draft.h"

static const char help[] =
    "usage: furrow squash [--to ID] [--leave-data] -m MESSAGE\n"
    "\n"
    "Writes one revision in the place of all from the base to ID, proves that it makes the\n"
    "same schema, and removes their files. A database that has all of them counts as having\n"
    "it; one that has only some must be upgraded with the older files first.\n"
    "\n"
    "Statements that write rows, and blocks for one engine, would be lost: they are listed,\n"
    "and nothing is done. A squash that was interrupted is finished by the next.\n"
    "\n"
    "  --to ID            the last of those (default: the head)\n"
    "  --leave-data       lose those statements: databases made from now on do without\n"
    "  -m, --message      what it is called\n" FURROW__PROJECT_HELP "\n"
    "example:\n"
    "  furrow squash -m \"the schema of 2025\"\n";

/* ---- files that go ---- */

static bool remove_file(furrow__project *p, const char *file)
{
    const char *path = furrow__project_path(p, file);
    if (!path)
        return false;
    if (unlink(path) == 0 || errno == ENOENT)
        return true;
    furrow__cli_say("furrow squash goes on once it can", "could not remove %s: %s", path,
                    strerror(errno));
    return false;
}

/* Those of a squash that stands, and their lines in furrow.sum. */
static bool remove_superseded(furrow__project *p, size_t *removed)
{
    const furrow__history was = p->history;
    *removed = was.superseded_count;
    for (size_t i = 0; i < was.superseded_count; i++)
        if (!remove_file(p, was.superseded[i]->file))
            return false;
    const char *none = "";
    return furrow__project_accept(p, &none, 0);
}

/* ---- the revision ---- */

/* Each with its place, as a compiler would. */
static void tell_losses(furrow__project *p, const furrow__squash *squash)
{
    for (size_t i = 0; i < squash->loss_count; i++) {
        const furrow__squash_loss *loss = &squash->losses[i];
        const char *path = furrow__project_path(p, loss->revision->file);
        furrow__buffer what = {0};
        furrow__change_describe(&what, loss->change);
        fprintf(stderr, "%s:%u:%u: error: a squash would lose this: %s\n",
                path ? path : loss->revision->file, (unsigned)loss->change->place.line,
                (unsigned)loss->change->place.column,
                furrow__buffer_text(&what) ? furrow__buffer_text(&what) : "");
        furrow__buffer_done(&what);
    }
    fputs("furrow: nothing was squashed\n"
          "help: squash up to a revision before them; or do without them, by --leave-data\n",
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
        /* Read back among those that stay: up and down it, and then all the way to the heads, with
         * each fingerprint compared. */
        fine = furrow__draft_finish(&d, p) &&
               furrow__project_behind(p, (const furrow__revision *const *)p->history.items,
                                      p->history.count, &all) &&
               furrow__draft_write(&d, p) && remove_superseded(p, &removed);
    }
    if (fine)
        fprintf(stderr, "furrow: %s stands for %zu revisions; their files are removed\n", d.id,
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
        last = furrow__project_find(p, to);
    else if (!furrow__project_one_head(p, &last, "name one: --to ID"))
        return false;
    if (!last) {
        if (!to)
            furrow__cli_say(NULL, "there is no revision to squash");
        return false;
    }
    if (furrow__squash_make(&squash, &p->history, last, &p->arena, &error) != FURROW_OK) {
        furrow__cli_fail(&error);
        return false;
    }
    if (squash.loss_count && !leave_data) {
        tell_losses(p, &squash);
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
    if (!furrow__cli_begin(&furrow__verb_squash, argc, argv, list, sizeof list / sizeof *list,
                           &count, &status))
        return status;
    if (count)
        return furrow__cli_usage(&furrow__verb_squash, "squash takes no \"%s\"", argv[1]);
    if (!message)
        return furrow__cli_usage(&furrow__verb_squash, "name it by -m");
    furrow__project p;
    size_t removed = 0;
    bool fine = furrow__project_open_alone(&p, &options) && furrow__project_history(&p, true);
    if (fine && p.history.superseded_count) {
        fine = remove_superseded(&p, &removed);
        if (fine)
            fprintf(stderr, "furrow: finished the squash that was interrupted: %zu files removed\n",
                    removed);
    } else if (fine) {
        fine = squash_to(&p, message, to, leave_data);
    }
    furrow__project_close(&p);
    return fine ? FURROW__EXIT_OK : FURROW__EXIT_FAILED;
}

const furrow__verb furrow__verb_squash = {
    .name = "squash", .summary = "put one revision in the place of many", .help = help, .run = run};
