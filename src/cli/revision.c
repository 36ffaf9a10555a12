/* SPDX-License-Identifier: MIT
 * furrow revision: a new file, empty or with what the models change. */
#include <stdio.h>
#include <string.h>

#include "cli/draft.h"
#include "cli/tell.h"
#include "migrate/author/diff.h"

static const char help[] =
    "usage: furrow revision [--autogenerate] -m MESSAGE\n"
    "\n"
    "Writes a new revision into the folder, on top of the head, and prints its path. With\n"
    "--autogenerate it holds what the models have and the revisions have not, and the way\n"
    "back; read it before you run it. Without, both sections are empty: write what they do,\n"
    "and accept the file by furrow sum --accept. If the models changed nothing, no file is\n"
    "written.\n"
    "\n"
    "  -m, --message TEXT what it does, in a line\n"
    "  --autogenerate     compare the models with the schema behind the head\n"
    "  --head ID          build on this revision\n"
    "  -d, --dialect NAME lint for sqlite or postgresql (default: the URL's, else "
    "both)\n" FURROW__PROJECT_HELP "\n"
    "example:\n"
    "  furrow revision --autogenerate -m \"add phone\"\n";

typedef struct request {
    furrow__project_options project;
    const char *message, *head, *dialect;
    bool autogenerate;
} request;

static bool find_parent(furrow__project *p, const request *r, furrow__revision **out)
{
    if (!r->head)
        return furrow__project_one_head(p, out, "furrow merge joins them; --head ID builds on one");
    *out = furrow__project_find(p, r->head);
    if (*out && !furrow__project_is_head(&p->history, *out))
        fprintf(stderr, "furrow: %s is no head: the revision begins a branch\n", (*out)->id);
    return *out != NULL;
}

/* What cannot run as it is: at once, and not by whoever runs it. */
static void tell_unfinished(const furrow__draft *d, furrow__project *p)
{
    static const char todo[] = "TODO: ";
    const furrow__change_list *read[] = {&d->read->upgrade, &d->read->downgrade};
    const furrow__change_list *made[] = {&d->revision.upgrade, &d->revision.downgrade};
    const char *path = furrow__project_path(p, d->file.text);
    for (size_t i = 0; path && i < 2; i++)
        for (size_t j = 0; j < made[i]->count && j < read[i]->count; j++) {
            const char *comment = made[i]->items[j].comment;
            const char *line = comment ? strstr(comment, todo) : NULL;
            if (!line)
                continue;
            line += sizeof todo - 1;
            fprintf(stderr, "%s:%u:%u: %.*s\n", path, (unsigned)read[i]->items[j].place.line,
                    (unsigned)read[i]->items[j].place.column, (int)strcspn(line, "\n"), line);
        }
}

static bool write_found(furrow__draft *d, furrow__project *p, const request *r)
{
    if (!furrow__project_changes(p, &d->before, &d->revision.upgrade, &d->after))
        return false;
    if (!d->revision.upgrade.count) {
        fputs("furrow: the models changed nothing; no revision was written\n", stderr);
        return true;
    }
    furrow_error error = {0};
    if (furrow__diff_remark(&d->revision.upgrade, &d->before, false, &p->arena, &error) !=
        FURROW_OK) {
        furrow__cli_fail(&error);
        return false;
    }
    if (!furrow__draft_way_back(d, p) || !furrow__draft_finish(d, p))
        return false;
    furrow__tell_changes(stderr, &d->revision.upgrade, "  ");
    if (!furrow__tell_lint(p, d->read, &d->before, r->dialect) || !furrow__draft_write(d, p))
        return false;
    tell_unfinished(d, p);
    return true;
}

/* What stands in a section that a person is to fill. */
static void add_guide(furrow__buffer *out, const furrow__buffer *text, const char *id)
{
    const char *down = strstr(text->text, "\n-- downgrade\n");
    furrow__buffer_add(out, text->text, (size_t)(down - text->text));
    furrow__buffer_format(out,
                          "-- (furrow DDL, as in docs/migrations.md; in the end: furrow sum "
                          "--accept %s)\n"
                          "%s"
                          "-- (the way back; or write \"-- irreversible\" below the header, and "
                          "drop this section)\n",
                          id, down);
}

static bool write_empty(furrow__draft *d, furrow__project *p)
{
    furrow__buffer guided = {0};
    if (!furrow__draft_finish(d, p))
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
    fprintf(stderr, "furrow: write what it does, then furrow sum --accept %s\n", d->id);
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
                (r->autogenerate ? write_found(&d, p, r) : write_empty(&d, p));
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
                                   {"--dialect", "-d", &r.dialect, NULL}};
    const furrow__verb *verb = &furrow__verb_revision;
    if (!furrow__cli_begin(verb, argc, argv, list, sizeof list / sizeof *list, &count, &status))
        return status;
    if (count)
        return furrow__cli_usage(verb, "revision takes no \"%s\"", argv[1]);
    if (!r.message)
        return furrow__cli_usage(verb, "say what it does: -m \"add phone\"");
    if (r.dialect && !furrow__dialect_named(r.dialect))
        return furrow__cli_usage(verb, "unknown dialect \"%s\": there are sqlite and postgresql",
                                 r.dialect);
    furrow__project p;
    bool fine = furrow__project_open_alone(&p, &r.project) && furrow__project_history(&p, true) &&
                write_revision(&p, &r);
    furrow__project_close(&p);
    return fine ? FURROW__EXIT_OK : FURROW__EXIT_FAILED;
}

const furrow__verb furrow__verb_revision = {
    .name = "revision", .summary = "write a new revision", .help = help, .run = run};
