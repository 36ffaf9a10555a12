/* SPDX-License-Identifier: MIT
 * furrow prove: run the whole history up, down and up again over rows made for it, on scratch
 * databases. */
#include "migrate/prove/prove.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/project.h"
#include "cli/scratch.h"
#include "migrate/revision/change_parts.h"
#include "pool/registry.h"

static const char help[] =
    "usage: furrow prove [options]\n"
    "\n"
    "Runs all revisions up, down, and up again on a scratch database of each engine, over\n"
    "rows that are made for it: nulls, both ends of every type, every enum value. At each\n"
    "revision the schema must be what the files say, no more and no less; rows and values\n"
    "must be kept but where a file changes them; a downgrade must bring back what was there,\n"
    "but for what its file says it loses; and the engines must hold the same rows.\n"
    "\n"
    "  --postgresql URL   a server on which a database may be made and dropped; without it\n"
    "                     SQLite alone\n"
    "  --rows N           rows a table (default: 100)\n"
    "  --seed S           other rows for another number (default: 1)\n"
    "  --json             the result as JSON on standard output\n" FURROW__PROJECT_HELP "\n"
    "example:\n"
    "  furrow prove --postgresql postgresql://postgres@localhost/postgres\n";

typedef struct request {
    furrow__project_options project;
    const char *postgresql, *rows, *seed;
    bool json;
    furrow__prove_options options;
} request;

typedef struct work {
    furrow__project *p;
    const request *r;
    furrow__prove_target targets[2];
    furrow__scratch scratches[2];
    size_t count;
} work;

static const char *way_name(furrow__prove_phase way)
{
    static const char *const names[] = {"", "up", "down", "up again", "engines"};
    return names[way];
}

/* ---- telling ---- */

static void tell_line(const furrow__prove_progress *line, void *context)
{
    char time[32];
    (void)context;
    furrow__progress_time(time, sizeof time, line->elapsed_ms);
    fprintf(stderr, "%-10s %-8s %zu/%zu %s %s: %zu tables, %zu rows (%s)", line->engine,
            way_name(line->phase), line->done, line->total, line->revision->id,
            line->revision->message, line->tables, line->rows, time);
    if (line->findings)
        fprintf(stderr, ", %zu difference%s", line->findings, line->findings > 1 ? "s" : "");
    fputc('\n', stderr);
}

static bool is_stopped(void *context)
{
    (void)context;
    return furrow__interrupt_came();
}

/* Whether another engine told the same already. */
static bool is_again(const furrow__finding *items, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (items[i].revision == items[at].revision && items[i].phase == items[at].phase &&
            strcmp(items[i].message, items[at].message) == 0)
            return true;
    return false;
}

static void tell_finding(work *w, const furrow__finding *f, const char *kind)
{
    const char *path = furrow__project_path(w->p, f->revision->file);
    if (f->place.line)
        fprintf(stderr, "%s:%u:%u: ", path ? path : f->revision->file, (unsigned)f->place.line,
                (unsigned)f->place.column);
    else
        fprintf(stderr, "%s: ", path ? path : f->revision->file);
    fprintf(stderr, "%s: %s %s: %s\n", kind, f->engine, way_name(f->phase), f->message);
    if (f->hint)
        fprintf(stderr, "help: %s\n", f->hint);
}

static void tell_report(work *w, const furrow__prove_report *report)
{
    for (size_t i = 0; i < report->note_count; i++)
        if (!is_again(report->notes, i))
            tell_finding(w, &report->notes[i], "note");
    for (size_t i = 0; i < report->finding_count; i++)
        tell_finding(w, &report->findings[i], "error");
    const char *engines = w->count > 1 ? "sqlite and postgresql" : "sqlite";
    if (w->count == 1)
        fputs("furrow: no server was named, so that PostgreSQL is not proven\n"
              "help: --postgresql URL\n",
              stderr);
    if (report->finding_count)
        fprintf(stderr, "furrow: not proven: %zu difference%s on %s\n", report->finding_count,
                report->finding_count > 1 ? "s" : "", engines);
    else
        fprintf(stderr,
                "furrow: proven on %s: %zu revisions in %zu steps, over %llu rows made for it\n",
                engines, w->p->history.count, report->steps, (unsigned long long)report->rows);
}

/* ---- JSON ---- */

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
        furrow__buffer_format(out, "%s{\"line\":%u", i ? "," : "", (unsigned)f->place.line);
        add_text(out, "engine", f->engine);
        add_text(out, "way", way_name(f->phase));
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
    furrow__buffer_format(&out, "{\"proven\":%s,\"engines\":[\"sqlite\"%s],\"revisions\":%zu,",
                          report->finding_count ? "false" : "true",
                          w->count > 1 ? ",\"postgresql\"" : "", w->p->history.count);
    furrow__buffer_format(&out, "\"steps\":%zu,\"rows\":%llu", report->steps,
                          (unsigned long long)report->rows);
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

/* ---- running ---- */

static bool add_target(work *w, const furrow_driver *driver, const furrow__dialect *dialect)
{
    const char *url = furrow__buffer_text(&w->scratches[w->count].url);
    w->targets[w->count++] = (furrow__prove_target){driver, dialect, url};
    return true;
}

/* --postgresql, or a --url that is a server's. What furrow.ini names is not used: databases are
 * made and dropped only where somebody said so. */
static bool make_targets(work *w)
{
    const char *server = w->r->postgresql ? w->r->postgresql : w->r->project.url;
    const furrow_driver *driver = NULL;
    const furrow__dialect *dialect = NULL;
    furrow_error error = {0};
    if (!furrow__scratch_file(&w->scratches[0]) ||
        !add_target(w, &furrow_driver_sqlite, &furrow__dialect_sqlite))
        return false;
    if (!server)
        return true;
    if (furrow__registry_find(&driver, &dialect, server, &error) != FURROW_OK) {
        furrow__cli_fail(&error);
        return false;
    }
    if (dialect == &furrow__dialect_sqlite)
        return true;
    return furrow__scratch_database(&w->scratches[1], driver, server) &&
           add_target(w, driver, dialect);
}

static int prove(work *w)
{
    furrow_error error = {0};
    furrow__prove_report report;
    furrow__prove_options options = w->r->options;
    furrow_status status = FURROW_INVALID;
    options.progress = tell_line;
    options.is_stopped = is_stopped;
    furrow__interrupt_begin();
    bool made = make_targets(w);
    options.history = &w->p->history;
    options.targets = w->targets;
    options.target_count = w->count;
    if (made)
        status = furrow__prove(&report, &options, &w->p->arena, &error);
    furrow__scratch_remove(&w->scratches[0]);
    furrow__scratch_remove(&w->scratches[1]);
    furrow__interrupt_end();
    if (made && status == FURROW_CANCELLED)
        return furrow__cli_say(NULL, "interrupted; the scratch databases are removed");
    if (!made || status != FURROW_OK)
        return made ? furrow__cli_fail(&error) : FURROW__EXIT_FAILED;
    tell_report(w, &report);
    if (w->r->json && !print_json(w, &report))
        return FURROW__EXIT_FAILED;
    return report.finding_count ? FURROW__EXIT_FAILED : FURROW__EXIT_OK;
}

static bool read_number(const char *name, const char *text, unsigned long least, unsigned long most,
                        unsigned long *out)
{
    char *end = NULL;
    errno = 0;
    if (!text)
        return true;
    *out = strtoul(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && !*end && !errno && *out >= least && *out <= most)
        return true;
    furrow__cli_usage(&furrow__verb_prove, "%s \"%s\" is no number from %lu to %lu", name, text,
                      least, most);
    return false;
}

static int run(int argc, char **argv)
{
    request r = {0};
    int count, status;
    unsigned long rows = FURROW__SEED_ROWS, seed = 1;
    const furrow__option list[] = {FURROW__PROJECT_OPTIONS(r.project),
                                   {"--postgresql", NULL, &r.postgresql, NULL},
                                   {"--rows", NULL, &r.rows, NULL},
                                   {"--seed", NULL, &r.seed, NULL},
                                   {"--json", NULL, NULL, &r.json}};
    if (!furrow__cli_begin(&furrow__verb_prove, argc, argv, list, sizeof list / sizeof *list,
                           &count, &status))
        return status;
    if (count)
        return furrow__cli_usage(&furrow__verb_prove, "prove takes no \"%s\"", argv[1]);
    if (!read_number("--rows", r.rows, 1, 100000, &rows) ||
        !read_number("--seed", r.seed, 0, 1000000000, &seed))
        return FURROW__EXIT_USAGE;
    r.options.rows = rows;
    r.options.seed = seed;
    furrow__project p;
    work w = {.p = &p, .r = &r};
    status = FURROW__EXIT_FAILED;
    if (furrow__project_open(&p, &r.project) && furrow__project_history(&p, false)) {
        if (p.history.count)
            status = prove(&w);
        else
            status = furrow__cli_say("furrow revision writes one", "%s has no revisions", p.folder);
    }
    furrow__project_close(&p);
    return status;
}

const furrow__verb furrow__verb_prove = {
    .name = "prove", .summary = "run all revisions on scratch databases", .help = help, .run = run};
