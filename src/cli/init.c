/* SPDX-License-Identifier: MIT
 * Implements `furrow init`, which writes furrow.ini and creates the folder of revisions. */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/project.h"
#include "cli/folder.h"
#include "compiler/limits.h"

static const char help[] =
    "usage: furrow init [options] [models.h...]\n"
    "\n"
    "Starts a project in the working directory: writes furrow.ini, which names the model headers,\n"
    "the folder of revisions and the database, and creates the folder. Without arguments, the\n"
    "models are the headers here that include <furrow/model.h>. Existing files are not changed.\n"
    "\n"
    "  --url URL          the database (default: sqlite:///app.db)\n"
    "  --migrations DIR   the folder of revisions (default: migrations)\n"
    "  --help             print this text\n"
    "\n"
    "example:\n"
    "  furrow init todo.h --url sqlite:///todo.db\n";

/* Returns whether a header contains models. */
static bool is_model(const char *path)
{
    furrow__buffer text = {0};
    bool is = !furrow__ends_with(path, ".furrow.h") &&
              furrow__file_read(path, FURROW__MAX_HEADER_SIZE, &text) &&
              furrow__buffer_text(&text) && strstr(furrow__buffer_text(&text), "<furrow/model.h>");
    furrow__buffer_done(&text);
    return is;
}

/* Appends one path, in double quotes if it contains a blank or a comma. */
static void add_path(furrow__buffer *out, const char *path, bool is_first)
{
    const char *quote = strpbrk(path, " \t,") ? "\"" : "";
    furrow__buffer_format(out, "%s%s%s%s", is_first ? "" : "\n    ", quote, path, quote);
}

/* Appends the paths of the model headers. If there are no model headers, appends models.h. Returns
 * false if models.h was appended but does not exist yet. */
static bool add_models(furrow__buffer *out, char **paths, int count)
{
    glob_t found = {0};
    bool any = count > 0;
    for (int i = 0; i < count; i++)
        add_path(out, paths[i], i == 0);
    if (!count && glob("*.h", 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            if (is_model(found.gl_pathv[i])) {
                add_path(out, found.gl_pathv[i], !any);
                any = true;
            }
    globfree(&found);
    if (!any)
        furrow__buffer_add_text(out, "models.h");
    return any || access("models.h", F_OK) == 0;
}

/* Returns false if there is no model header yet. */
static bool write_config(furrow__buffer *out, const furrow__project_options *options, char **paths,
                         int count)
{
    furrow__buffer_add_text(out, "; Settings of furrow. Paths are relative to this file.\n"
                                 "\n"
                                 "; Model headers or patterns (models/*.h), separated by blanks\n"
                                 "models = ");
    bool has_models = add_models(out, paths, count);
    furrow__buffer_format(
        out,
        "\n\n"
        "; The folder of revisions\n"
        "migrations = %s\n"
        "\n"
        "; The database: sqlite:///app.db (relative to the working directory)\n"
        "; or postgresql://user@host/database. FURROW_URL and --url override it.\n"
        "url = %s\n",
        options->migrations ? options->migrations : "migrations",
        options->url ? options->url : "sqlite:///app.db");
    return has_models;
}

static void print_next(const char *folder, bool has_models)
{
    fprintf(stderr, "wrote furrow.ini and %s/; next: ", folder);
    if (has_models)
        fputs("furrow revision --autogenerate -m \"begin\"\n", stderr);
    else
        fputs("no header here includes <furrow/model.h>: write models.h, or make it from a "
              "database with furrow models -o models.h\n",
              stderr);
}

static int begin(const furrow__project_options *options, char **paths, int count)
{
    furrow__buffer text = {0};
    furrow__project p;
    int status = FURROW__EXIT_FAILED;
    const char *folder = options->migrations ? options->migrations : "migrations";
    if (access("furrow.ini", F_OK) == 0)
        return furrow__cli_error("edit the file, or remove it to start again",
                                 "furrow.ini already exists");
    bool has_models = write_config(&text, options, paths, count);
    if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
        furrow__cli_error(NULL, "could not create the folder %s: %s", folder, strerror(errno));
    } else if (!furrow__buffer_text(&text)) {
        furrow__cli_no_memory();
    } else if (furrow__file_write("furrow.ini", text.text, text.size)) {
        /* Read furrow.ini back in order to report a value that the file format cannot represent. */
        furrow__project_options none = {0};
        if (furrow__project_open(&p, &none) && furrow__folder_read(&p, false) &&
            (p.sum.size || furrow__folder_accept(&p, NULL, 0))) {
            print_next(folder, has_models);
            status = FURROW__EXIT_OK;
        } else {
            unlink("furrow.ini");
        }
        furrow__project_close(&p);
    }
    furrow__buffer_done(&text);
    return status;
}

static int run(int argc, char **argv)
{
    furrow__project_options options = {0};
    int count, status;
    const furrow__option list[] = {{"--url", NULL, &options.url, NULL},
                                   {"--migrations", NULL, &options.migrations, NULL}};
    if (!furrow__cli_begin(&furrow__verb_init,
                           &(furrow__arguments){argc, argv, list, sizeof list / sizeof *list},
                           &count, &status))
        return status;
    return begin(&options, argv + 1, count);
}

const furrow__verb furrow__verb_init = {.name = "init",
                                        .summary = "start a project: furrow.ini and the folder",
                                        .help = help,
                                        .run = run};
