/* SPDX-License-Identifier: MIT
 * furrow history: the revisions, newest first. */
#include <stdio.h>
#include <string.h>

#include "cli/project.h"
#include "migrate/change_parts.h"

static const char help[] =
    "usage: furrow history [--json]\n"
    "\n"
    "Lists the revisions of the folder, newest first: where each comes from, its id, and\n"
    "its message. It asks no database.\n"
    "\n"
    "  --json             a JSON array instead\n" FURROW__PROJECT_HELP "\n"
    "example:\n"
    "  $ furrow history\n"
    "  91bb20aa01c3 -> 3f2a90c1d2e4 (head), add phone\n"
    "  <base> -> 91bb20aa01c3, begin\n";

static bool is_head(const furrow__history *history, const furrow__revision *revision)
{
    for (size_t i = 0; i < history->count; i++)
        if (furrow__names_have(history->items[i]->parents, history->items[i]->parent_count,
                               revision->id))
            return false;
    return true;
}

static void print_line(const furrow__history *history, const furrow__revision *revision)
{
    for (size_t i = 0; i < revision->parent_count; i++)
        printf("%s%s", i ? ", " : "", revision->parents[i]);
    printf("%s -> %s%s%s%s%s, %s\n", revision->parent_count ? "" : "<base>", revision->id,
           is_head(history, revision) ? " (head)" : "",
           revision->parent_count > 1 ? " (merge)" : "",
           revision->irreversible ? " (irreversible)" : "",
           revision->no_transaction ? " (no transaction)" : "", revision->message);
}

static void add_json(furrow__buffer *out, const furrow__history *history,
                     const furrow__revision *revision)
{
    furrow__buffer_format(out, "{\"id\": \"%s\", \"parents\": [", revision->id);
    for (size_t i = 0; i < revision->parent_count; i++)
        furrow__buffer_format(out, "%s\"%s\"", i ? ", " : "", revision->parents[i]);
    furrow__buffer_add_text(out, "], \"message\": ");
    furrow__cli_json(out, revision->message);
    furrow__buffer_add_text(out, ", \"file\": ");
    furrow__cli_json(out, revision->file);
    furrow__buffer_format(out, ", \"head\": %s, \"irreversible\": %s, \"no_transaction\": %s}",
                          is_head(history, revision) ? "true" : "false",
                          revision->irreversible ? "true" : "false",
                          revision->no_transaction ? "true" : "false");
}

static int print_json(const furrow__history *history)
{
    furrow__buffer out = {0};
    furrow__buffer_add_text(&out, "[");
    for (size_t i = history->count; i > 0; i--) {
        furrow__buffer_add_text(&out, i == history->count ? "" : ",\n ");
        add_json(&out, history, history->items[i - 1]);
    }
    furrow__buffer_add_text(&out, "]\n");
    int status = out.failed ? furrow__cli_no_memory() : FURROW__EXIT_OK;
    if (!out.failed)
        fputs(out.text, stdout);
    furrow__buffer_done(&out);
    return status;
}

static int run(int argc, char **argv)
{
    furrow__project_options options = {0};
    bool json = false, wants_help = false;
    int count, status = FURROW__EXIT_FAILED;
    const furrow__option list[] = {FURROW__PROJECT_OPTIONS(options),
                                   {"--json", NULL, NULL, &json},
                                   {"--help", "-h", NULL, &wants_help}};
    if (!furrow__cli_parse(&furrow__verb_history, argc, argv, list, sizeof list / sizeof *list,
                           &count))
        return FURROW__EXIT_USAGE;
    if (wants_help) {
        fputs(help, stdout);
        return FURROW__EXIT_OK;
    }
    if (count)
        return furrow__cli_usage(&furrow__verb_history, "history takes no \"%s\"", argv[1]);
    furrow__project p;
    if (furrow__project_open(&p, &options) && furrow__project_history(&p, false)) {
        status = FURROW__EXIT_OK;
        if (json)
            status = print_json(&p.history);
        for (size_t i = p.history.count; i > 0 && !json; i--)
            print_line(&p.history, p.history.items[i - 1]);
    }
    furrow__project_close(&p);
    return status;
}

const furrow__verb furrow__verb_history = {"history", "list the revisions", help, run};
