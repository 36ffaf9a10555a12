/* SPDX-License-Identifier: MIT
 * Implements `furrow revision`, which writes a new revision. The revision is empty, or contains the
 * changes that were made to the models. */
#include <stdio.h>
#include <string.h>

#include "cli/draft.h"
#include "cli/print.h"
#include "cli/folder.h"
#include "cli/schemas.h"
#include "migrate/author/diff.h"

static const char help[] =
    "usage: furrow revision [--autogenerate] -m MESSAGE\n"
    "\n"
    "Writes a new revision whose parent is the head, and prints its path. With --autogenerate it\n"
    "contains the changes from the schema of the head to the models, and their downgrade; review\n"
    "it before you run it. If the models did not change, no file is written, unless the schema of\n"
    "the head has an earlier storage version: the revision then changes the version. Without\n"
    "--autogenerate both sections are empty: fill them in, then run furrow sum --accept.\n"
    "\n"
    "  -m, --message TEXT describes the revision in one line\n"
    "  --autogenerate     compare the models with the schema of the head\n"
    "  --head ID          use this revision as the parent\n"
    "  --storage N        the storage version, 1 or 2 (default: that of the parent; 2 for the "
    "first)\n"
    "  -d, --dialect NAME lint for sqlite or postgresql (default: the dialect of the URL, or "
    "both)\n" FURROW__PROJECT_HELP "\n"
    "example:\n"
    "  furrow revision --autogenerate -m \"add phone\"\n";

typedef struct request {
    furrow__project_options project;
    const char *message, *head, *dialect, *storage;
    bool autogenerate;
} request;

static bool find_parent(furrow__project *p, const request *r, furrow__revision **out)
{
    if (!r->head)
        return furrow__folder_one_head(
            p, out, "join the heads with furrow merge, or choose a head with --head ID");
    *out = furrow__folder_find(p, r->head);
    if (*out && !furrow__folder_is_head(&p->history, *out))
        fprintf(stderr, "furrow: note: %s is not a head, so this revision begins a branch\n",
                (*out)->id);
    return *out != NULL;
}

/* Prints what the author must add to the generated changes before the revision can run. */
static void print_unfinished(const furrow__draft *d, furrow__project *p)
{
    const furrow__change_list *read[] = {&d->read->upgrade, &d->read->downgrade};
    const furrow__change_list *made[] = {&d->revision.upgrade, &d->revision.downgrade};
    const char *path = furrow__project_path(p, d->file.text);
    for (size_t i = 0; path && i < 2; i++)
        for (size_t j = 0; j < made[i]->count && j < read[i]->count; j++) {
            if (made[i]->items[j].unfinished)
                fprintf(stderr, "%s:%u:%u: warning: %s\n", path,
                        (unsigned)read[i]->items[j].place.line,
                        (unsigned)read[i]->items[j].place.column, made[i]->items[j].unfinished);
        }
}

/* Sets the storage version of the schema after the revision. */
static bool choose_storage(furrow__draft *d, const request *r)
{
    bool is_first = !d->revision.parent_count;
    int before = d->before.storage;
    if (r->storage)
        d->after.storage = r->storage[0] - '0';
    else if (is_first || (r->autogenerate && !d->revision.upgrade.count))
        d->after.storage = FURROW__STORAGE_NEWEST;
    if (d->after.storage >= before)
        return true;
    furrow__cli_error("a downgrade restores the earlier version",
                      "the storage version cannot be lowered from %d to %d", before,
                      d->after.storage);
    return false;
}

/* Reports that the storage version changes, or that it could be changed. */
static void print_storage(const furrow__draft *d)
{
    int before = d->before.storage, after = d->after.storage;
    if (!d->revision.parent_count)
        return;
    if (after > before)
        fprintf(stderr, "  change from storage version %d to %d\n", before, after);
    else if (after < FURROW__STORAGE_NEWEST)
        fprintf(stderr,
                "furrow: note: the schema has storage version %d; to change to version %d, run "
                "furrow revision --autogenerate while the models are unchanged\n",
                after, FURROW__STORAGE_NEWEST);
}

static bool write_changes(furrow__draft *d, furrow__project *p, const request *r)
{
    if (!furrow__schema_changes(p, &d->before, &d->revision.upgrade, &d->after) ||
        !choose_storage(d, r))
        return false;
    if (!d->revision.upgrade.count &&
        (d->after.storage == d->before.storage || !d->revision.parent_count)) {
        fputs("furrow: the models did not change; no revision was written\n", stderr);
        return true;
    }
    furrow_error error = {0};
    if (furrow__diff_remark(&d->revision.upgrade, &d->before, false, &p->arena, &error) !=
        FURROW_OK) {
        furrow__cli_fail(&error);
        return false;
    }
    if (!furrow__draft_add_downgrade(d, p) || !furrow__draft_finish(d, p))
        return false;
    furrow__print_changes(stderr, &d->revision.upgrade, "  ");
    print_storage(d);
    if (!furrow__print_lint(p, d->read, &d->before, r->dialect) || !furrow__draft_write(d, p))
        return false;
    print_unfinished(d, p);
    return true;
}

/* Copies the text of an empty revision. Adds to each section a comment that tells the author what
 * to write there. */
static void add_guide(furrow__buffer *out, const furrow__buffer *text, const char *id)
{
    const char *down = strstr(text->text, "\n-- downgrade\n");
    furrow__buffer_add(out, text->text, (size_t)(down - text->text));
    furrow__buffer_format(
        out,
        "-- (write furrow DDL here, see man 7 furrow-migrations; then run furrow sum "
        "--accept %s)\n"
        "%s"
        "-- (undo the upgrade here; or write \"-- irreversible\" below the header, and "
        "remove this section)\n",
        id, down);
}

static bool write_empty(furrow__draft *d, furrow__project *p, const request *r)
{
    furrow__buffer guided = {0};
    if (!choose_storage(d, r) || !furrow__draft_finish(d, p))
        return false;
    add_guide(&guided, &d->text, d->id);
    furrow__buffer_done(&d->text);
    d->text = guided;
    if (!furrow__buffer_text(&d->text)) {
        furrow__cli_no_memory();
        return false;
    }
    if (!furrow__draft_write_unaccepted(d, p))
        return false;
    fprintf(stderr, "furrow: fill in the revision, then run furrow sum --accept %s\n", d->id);
    return true;
}

static bool write_revision(furrow__project *p, const request *r)
{
    furrow__draft d;
    furrow__revision *parent;
    if (!find_parent(p, r, &parent))
        return false;
    const furrow__revision *parents[] = {parent};
    bool fine = furrow__draft_begin(&d, p, r->message, parents, parent != NULL) &&
                (r->autogenerate ? write_changes(&d, p, r) : write_empty(&d, p, r));
    furrow__draft_done(&d);
    return fine;
}

static int run(int argc, char **argv)
{
    request r = {0};
    int count, status;
    const furrow__option list[] = {FURROW__PROJECT_OPTIONS(r.project),
                                   {"--message", "-m", &r.message, NULL},
                                   {"--autogenerate", NULL, NULL, &r.autogenerate},
                                   {"--head", NULL, &r.head, NULL},
                                   {"--storage", NULL, &r.storage, NULL},
                                   {"--dialect", "-d", &r.dialect, NULL}};
    const furrow__verb *verb = &furrow__verb_revision;
    if (!furrow__cli_begin(verb, &(furrow__arguments){argc, argv, list, sizeof list / sizeof *list},
                           &count, &status))
        return status;
    if (count)
        return furrow__cli_usage(verb, "unexpected argument \"%s\"", argv[1]);
    if (!r.message)
        return furrow__cli_usage(verb, "no message given; add -m MESSAGE");
    if (r.storage && strcmp(r.storage, "1") != 0 && strcmp(r.storage, "2") != 0)
        return furrow__cli_usage(verb, "\"%s\" is not a storage version: 1 or 2", r.storage);
    if (r.dialect && !furrow__dialect_named(r.dialect))
        return furrow__cli_unknown_dialect(verb, r.dialect);
    furrow__project p;
    bool fine = furrow__project_open_locked(&p, &r.project) && furrow__folder_read(&p, true) &&
                write_revision(&p, &r);
    furrow__project_close(&p);
    return fine ? FURROW__EXIT_OK : FURROW__EXIT_FAILED;
}

const furrow__verb furrow__verb_revision = {
    .name = "revision", .summary = "write a new revision", .help = help, .run = run};
