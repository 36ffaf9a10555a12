/* SPDX-License-Identifier: MIT
 * Implements `furrow prove`, which tests all revisions with generated rows on scratch databases. It
 * runs the upgrades, then the downgrades, then the upgrades again. */
#include "migrate/prove/prove.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/folder.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/scratch.h"
#include "migrate/revision/change_parts.h"
#include "pool/registry.h"
#include "sql/dialect.h"

static const char help[] =
    "usage: furrow prove [options]\n"
    "\n"
    "Runs all revisions up, down, and up again on a scratch database of each engine. Before\n"
    "each revision it fills the tables with rows that test it: NULLs, both ends of every\n"
    "type, every enum value. After each revision the schema must be exactly what the files\n"
    "describe; rows and values must be unchanged unless a file changes them; a downgrade must\n"
    "restore what was there before, except for what its file documents as lost; and all\n"
    "engines must hold the same rows.\n"
    "\n"
    "  --postgresql URL   a server on which a database may be created and dropped; without\n"
    "                     it, only SQLite is used\n"
    "  --rows N           rows per table (default: 100)\n"
    "  --seed S           generate the rows from this number (default: 1)\n"
    "  --json             print the result as JSON to standard output\n" FURROW__PROJECT_HELP "\n"
    "example:\n"
    "  furrow prove --postgresql postgresql://postgres@localhost/postgres\n";

typedef struct request {
    furrow__project_options project;
    const char *server, *rows, *seed;
    bool json;
    furrow__prove_options options;
} request;

typedef struct work {
    furrow__project *p;
    const request *r;
    furrow__prove_target targets[FURROW__DIALECT_COUNT];
    furrow__scratch scratches[FURROW__DIALECT_COUNT];
    size_t count;
    const furrow__dialect *skipped[FURROW__DIALECT_COUNT]; /* dialects that are not tested, because
                                                              no server was given for them */
    size_t skipped_count;
} work;

static const char *phase_name(furrow__prove_phase phase)
{
    static const char *const names[] = {"", "up", "down", "up again", "engines"};
    return names[phase];
}

static void print_step(const furrow__prove_progress *step, void *context)
{
    char time[32];
    (void)context;
    furrow__progress_time(time, sizeof time, step->elapsed_ms);
    fprintf(stderr, "%-10s %-8s %zu/%zu %s %s: %zu tables, %zu rows (%s)", step->engine,
            phase_name(step->phase), step->done, step->total, step->revision->id,
            step->revision->message, step->tables, step->rows, time);
    if (step->findings)
        fprintf(stderr, ", %zu difference%s", step->findings, step->findings > 1 ? "s" : "");
    fputc('\n', stderr);
}

static bool is_stopped(void *context)
{
    (void)context;
    return furrow__interrupt_requested();
}

/* Returns whether the same text appears in an earlier note, for another engine. */
static bool is_repeated(const furrow__finding *items, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (items[i].revision == items[at].revision && items[i].phase == items[at].phase &&
            strcmp(items[i].message, items[at].message) == 0)
            return true;
    return false;
}

static void print_finding(work *w, const furrow__finding *f, const char *kind)
{
    furrow__report_line(w->p, f->revision->file, f->location, "%s: %s %s: %s", kind, f->engine,
                        phase_name(f->phase), f->message);
    if (f->hint)
        fprintf(stderr, "help: %s\n", f->hint);
}

static void write_engines(const work *w, furrow__buffer *out)
{
    for (size_t i = 0; i < w->count; i++)
        furrow__buffer_format(out, "%s%s", i ? " and " : "", w->targets[i].dialect->name);
}

static void print_report(work *w, const furrow__prove_report *report)
{
    furrow__buffer engines = {0};
    for (size_t i = 0; i < report->note_count; i++)
        if (!is_repeated(report->notes, i))
            print_finding(w, &report->notes[i], "note");
    for (size_t i = 0; i < report->finding_count; i++)
        print_finding(w, &report->findings[i], "error");
    for (size_t i = 0; i < w->skipped_count; i++)
        fprintf(stderr,
                "furrow: note: not proven on %s, because no server was named\nhelp: name a server "
                "with --%s URL\n",
                w->skipped[i]->title, w->skipped[i]->name);
    write_engines(w, &engines);
    if (report->finding_count)
        fprintf(stderr, "furrow: not proven: %zu difference%s on %s\n", report->finding_count,
                report->finding_count > 1 ? "s" : "", engines.failed ? "" : engines.text);
    else
        fprintf(stderr, "furrow: proven on %s: %zu revisions in %zu steps, over %llu rows\n",
                engines.failed ? "" : engines.text, w->p->history.count, report->steps,
                (unsigned long long)report->rows);
    furrow__buffer_done(&engines);
}

static void add_text(furrow__buffer *out, const char *name, const char *text)
{
    furrow__buffer_format(out, ",\"%s\":", name);
    if (text)
        furrow__cli_json(out, text);
    else
        furrow__buffer_add_text(out, "null");
}

static void add_findings(furrow__buffer *out, const char *name, const furrow__finding *items,
                         size_t count)
{
    furrow__buffer_format(out, ",\"%s\":[", name);
    for (size_t i = 0; i < count; i++) {
        const furrow__finding *f = &items[i];
        char shown[FURROW__SHOWN_SIZE];
        furrow__buffer_format(out, "%s{\"line\":%u", i ? "," : "", (unsigned)f->location.line);
        add_text(out, "engine", f->engine);
        add_text(out, "way", phase_name(f->phase));
        add_text(out, "revision", f->revision->id);
        add_text(out, "file", f->revision->file);
        add_text(out, "table", f->table.name ? furrow__table_shown(shown, f->table) : NULL);
        add_text(out, "column", f->column);
        add_text(out, "key", f->key);
        add_text(out, "message", f->message);
        add_text(out, "hint", f->hint);
        furrow__buffer_add_char(out, '}');
    }
    furrow__buffer_add_char(out, ']');
}

static bool print_json(const work *w, const furrow__prove_report *report)
{
    furrow__buffer out = {0};
    furrow__buffer_format(&out, "{\"proven\":%s,\"engines\":[",
                          report->finding_count ? "false" : "true");
    for (size_t i = 0; i < w->count; i++)
        furrow__buffer_format(&out, "%s\"%s\"", i ? "," : "", w->targets[i].dialect->name);
    furrow__buffer_format(&out, "],\"revisions\":%zu,\"steps\":%zu,\"rows\":%llu",
                          w->p->history.count, report->steps, (unsigned long long)report->rows);
    add_findings(&out, "differences", report->findings, report->finding_count);
    add_findings(&out, "notes", report->notes, report->note_count);
    furrow__buffer_add_text(&out, "}\n");
    bool fine = !out.failed;
    if (fine)
        fputs(out.text, stdout);
    else
        furrow__cli_no_memory();
    furrow__buffer_done(&out);
    return fine;
}

static bool add_target(work *w, const furrow__dialect *dialect, const char *server)
{
    furrow_error error = {0};
    furrow__scratch *scratch = &w->scratches[w->count];
    const furrow__dialect *same;
    furrow__prove_target target = {.dialect = dialect};
    if (!(dialect->is_serverless ? furrow__scratch_file(scratch, dialect)
                                 : furrow__scratch_database(scratch, server)))
        return false;
    target.url = furrow__buffer_text(&scratch->url);
    w->targets[w->count++] = target;
    if (furrow__registry_find(&w->targets[w->count - 1].driver, &same, target.url, &error) ==
        FURROW_OK)
        return true;
    furrow__cli_fail(&error);
    return false;
}

/* Creates a scratch database for each engine. The server comes from the option --postgresql.
 * Without this option, the server in --url is used, if that URL names a server. The URL in
 * furrow.ini is not used: databases are created and dropped only on a server that the user gave on
 * the command line. */
static bool make_targets(work *w)
{
    const char *server = w->r->server ? w->r->server : w->r->project.url;
    const furrow_driver *driver;
    const furrow__dialect *of_server = NULL;
    furrow_error error = {0};
    if (server && furrow__registry_find(&driver, &of_server, server, &error) != FURROW_OK) {
        furrow__cli_fail(&error);
        return false;
    }
    for (size_t i = 0; i < FURROW__DIALECT_COUNT; i++) {
        const furrow__dialect *dialect = furrow__dialects[i];
        if (!dialect->is_serverless && dialect != of_server)
            w->skipped[w->skipped_count++] = dialect;
        else if (!add_target(w, dialect, server))
            return false;
    }
    return true;
}

static void remove_targets(work *w)
{
    for (size_t i = 0; i < w->count; i++)
        furrow__scratch_remove(&w->scratches[i]);
}

static int prove(work *w)
{
    furrow_error error = {0};
    furrow__prove_report report;
    furrow__prove_options options = w->r->options;
    furrow_status status = FURROW_INVALID;
    options.progress = print_step;
    options.is_stopped = is_stopped;
    furrow__interrupt_begin();
    bool made = make_targets(w);
    options.history = &w->p->history;
    options.targets = w->targets;
    options.target_count = w->count;
    if (made)
        status = furrow__prove(&report, &options, &w->p->arena, &error);
    remove_targets(w);
    furrow__interrupt_end();
    if (!made)
        return FURROW__EXIT_FAILED;
    if (status == FURROW_CANCELLED)
        return furrow__cli_error(NULL, "interrupted; the scratch databases are removed");
    if (status != FURROW_OK) {
        furrow__report(w->p, &error);
        return FURROW__EXIT_FAILED;
    }
    print_report(w, &report);
    if (w->r->json && !print_json(w, &report))
        return FURROW__EXIT_FAILED;
    return report.finding_count ? FURROW__EXIT_FAILED : FURROW__EXIT_OK;
}

typedef struct number_option {
    const char *name, *text; /* the name of an option and its value; `text` is NULL if the option is
                                absent */
    unsigned long least, most;
} number_option;

/* Reads the value of an option into *out. If the option is absent, *out keeps its default. */
static bool read_number(const number_option *option, unsigned long *out)
{
    char *end = NULL;
    errno = 0;
    if (!option->text)
        return true;
    *out = strtoul(option->text, &end, 10);
    if (option->text[0] >= '0' && option->text[0] <= '9' && !*end && !errno &&
        *out >= option->least && *out <= option->most)
        return true;
    furrow__cli_usage(&furrow__verb_prove, "%s \"%s\" is not a number from %lu to %lu",
                      option->name, option->text, option->least, option->most);
    return false;
}

static int run(int argc, char **argv)
{
    request r = {0};
    int count, status;
    unsigned long rows = FURROW__SEED_ROWS, seed = 1;
    const furrow__option list[] = {FURROW__PROJECT_OPTIONS(r.project),
                                   {"--postgresql", NULL, &r.server, NULL},
                                   {"--rows", NULL, &r.rows, NULL},
                                   {"--seed", NULL, &r.seed, NULL},
                                   {"--json", NULL, NULL, &r.json}};
    if (!furrow__cli_begin(&furrow__verb_prove,
                           &(furrow__arguments){argc, argv, list, sizeof list / sizeof *list},
                           &count, &status))
        return status;
    if (count)
        return furrow__cli_usage(&furrow__verb_prove, "unexpected argument \"%s\"", argv[1]);
    if (!read_number(&(number_option){"--rows", r.rows, 1, 100000}, &rows) ||
        !read_number(&(number_option){"--seed", r.seed, 0, 1000000000}, &seed))
        return FURROW__EXIT_USAGE;
    r.options.rows = rows;
    r.options.seed = seed;
    furrow__project p;
    work w = {.p = &p, .r = &r};
    status = FURROW__EXIT_FAILED;
    if (furrow__project_open(&p, &r.project) && furrow__folder_read(&p, false)) {
        if (p.history.count)
            status = prove(&w);
        else
            status = furrow__cli_error("run furrow revision to write one", "%s has no revisions",
                                       p.folder);
    }
    furrow__project_close(&p);
    return status;
}

const furrow__verb furrow__verb_prove = {
    .name = "prove", .summary = "run all revisions on scratch databases", .help = help, .run = run};
