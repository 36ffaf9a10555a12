/* SPDX-License-Identifier: MIT
 * Implements `furrow diff`, which compares the schema of a database with the models. */
#include <stdio.h>

#include "cli/print.h"
#include "cli/folder.h"
#include "cli/schemas.h"

static const char help[] =
    "usage: furrow diff [--json]\n"
    "\n"
    "Compares the schema of the database with the models, and prints a line for each difference.\n"
    "A column that is in no model is a difference. Tables, views, triggers and indexes that are "
    "in\n"
    "no model are ignored, and so are columns of revisions that models cannot express.\n"
    "\n"
    "Exit codes: 0 if nothing differs; 1 if there is a difference; 2 if the comparison was\n"
    "not possible: errors in the models or in furrow.ini, or no connection to the database.\n"
    "\n"
    "  --json             print a JSON array\n" FURROW__PROJECT_HELP "\n"
    "example:\n"
    "  $ furrow diff\n"
    "  column contact.phone: expected TEXT NOT NULL, found TEXT\n";

/* Computes the schema that the database should have. It consists of the schema of the models and of
 * the objects that only revisions can describe. Without a single head, the storage version of the
 * database is not known; *any_storage is then true. */
static bool find_expected(furrow__project *p, furrow__catalog *out, bool *any_storage)
{
    furrow__revision *heads[1];
    furrow__catalog before;
    furrow__change_list changes;
    const furrow__revision *head;
    size_t count = furrow__history_heads(&p->history, heads, 1);
    *any_storage = count != 1;
    if (count != 1)
        return furrow__schema_of_models(p, out);
    head = heads[0];
    return furrow__schema_after(p, &head, 1, &before) &&
           furrow__schema_changes(p, &before, &changes, out);
}

static int run(int argc, char **argv)
{
    furrow__project_options options = {0};
    bool json = false;
    int count, status;
    const furrow__option list[] = {FURROW__PROJECT_OPTIONS(options), {"--json", NULL, NULL, &json}};
    if (!furrow__cli_begin(&furrow__verb_diff,
                           &(furrow__arguments){argc, argv, list, sizeof list / sizeof *list},
                           &count, &status))
        return status;
    if (count)
        return furrow__cli_usage(&furrow__verb_diff, "unexpected argument \"%s\"", argv[1]);
    furrow__project p;
    furrow__catalog expected;
    furrow__migrator *m = NULL;
    furrow__migrator_options connecting = {.lock_timeout_ms = 60000, .read_only = true};
    furrow__drift_view view = {
        .expected = &expected, .every_column = true, .file = stdout, .json = json};
    size_t found = 0;
    bool fine = furrow__project_open(&p, &options) && furrow__folder_read(&p, false) &&
                find_expected(&p, &expected, &view.any_storage) &&
                furrow__project_connect(&p, &connecting, &m) &&
                furrow__print_drift(&p, m, &view, &found);
    furrow__migrator_close(m);
    furrow__project_close(&p);
    if (!fine)
        return FURROW__EXIT_TROUBLE;
    return found ? FURROW__EXIT_DIFFERS : FURROW__EXIT_OK;
}

const furrow__verb furrow__verb_diff = {.name = "diff",
                                        .summary = "compare a database with the models",
                                        .help = help,
                                        .run = run,
                                        .reports_differences = true};
