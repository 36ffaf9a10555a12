/* SPDX-License-Identifier: MIT
 * Implements `furrow show`, which prints the statements of a revision. */
#include <stdio.h>

#include "cli/print.h"
#include "cli/folder.h"
#include "cli/report.h"
#include "cli/schemas.h"
#include "sql/dialect.h"

static const char help[] =
    "usage: furrow show [--dialect NAME] ID\n"
    "\n"
    "Prints the statements of a revision, for upgrade and downgrade. For a table that SQLite must\n"
    "rebuild it prints the new table and the expressions that fill its columns. Does not connect\n"
    "to a database: the statements are those for the oldest supported version of the engine.\n"
    "\n"
    "  -d, --dialect NAME sqlite or postgresql (default: the dialect of the URL, or "
    "both)\n" FURROW__PROJECT_HELP "\n"
    "example:\n"
    "  furrow show 3f2a --dialect postgresql\n";

static bool print_way(furrow__project *p, const furrow__revision *revision,
                      const furrow__dialect *dialect, bool down, const furrow__catalog *before)
{
    furrow_error error = {0};
    furrow__plan plan;
    furrow__buffer out = {0};
    furrow_status status = furrow__plan_make(
        &plan,
        &(furrow__plan_input){dialect, before, down ? &revision->downgrade : &revision->upgrade},
        &p->arena, &error);
    printf("\n-- %s on %s\n", down ? "downgrade" : "upgrade", dialect->name);
    if (status == FURROW_OK) {
        furrow__plan_write(&out, &plan);
        fputs(furrow__buffer_text(&out) ? furrow__buffer_text(&out) : "", stdout);
    } else {
        fflush(stdout);
        furrow__report_at(p, revision, plan.failed, &error);
    }
    furrow__buffer_done(&out);
    return status == FURROW_OK;
}

static bool show(furrow__project *p, const char *id, const char *name)
{
    furrow_error error = {0};
    furrow__catalog before, after;
    const furrow__dialect *dialects[FURROW__DIALECT_COUNT];
    const furrow__revision *revision = furrow__folder_find(p, id);
    if (!revision || !furrow__schema_after(p, &revision, 1, &after))
        return false;
    if (furrow__history_before(&before, &p->history,
                               furrow__history_place(&p->history, revision->id), &p->arena,
                               &error) != FURROW_OK) {
        furrow__report(p, &error);
        return false;
    }
    printf("-- revision %s: %s\n", revision->id, revision->message);
    size_t count = furrow__project_dialects(p, name, dialects);
    bool fine = true;
    for (size_t i = 0; i < count; i++) {
        fine = print_way(p, revision, dialects[i], false, &before) && fine;
        if (!revision->irreversible)
            fine = print_way(p, revision, dialects[i], true, &after) && fine;
    }
    if (revision->irreversible)
        puts("\n-- the revision is irreversible");
    return fine;
}

static int run(int argc, char **argv)
{
    furrow__project_options options = {0};
    const char *dialect = NULL;
    int count, status;
    const furrow__option list[] = {FURROW__PROJECT_OPTIONS(options),
                                   {"--dialect", "-d", &dialect, NULL}};
    if (!furrow__cli_begin(&furrow__verb_show,
                           &(furrow__arguments){argc, argv, list, sizeof list / sizeof *list},
                           &count, &status))
        return status;
    if (count != 1)
        return furrow__cli_usage(&furrow__verb_show, "give one revision: furrow show ID");
    if (dialect && !furrow__dialect_named(dialect))
        return furrow__cli_unknown_dialect(&furrow__verb_show, dialect);
    furrow__project p;
    bool fine = furrow__project_open(&p, &options) && furrow__folder_read(&p, false) &&
                show(&p, argv[1], dialect);
    furrow__project_close(&p);
    return fine ? FURROW__EXIT_OK : FURROW__EXIT_FAILED;
}

const furrow__verb furrow__verb_show = {
    .name = "show", .summary = "print the statements of a revision", .help = help, .run = run};
