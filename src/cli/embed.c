/* SPDX-License-Identifier: MIT
 * Implements `furrow embed`, which writes the revisions as a C constant for furrow_migrate. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cli/project.h"
#include "cli/folder.h"

static const char help[] =
    "usage: furrow embed [-o DIR] [--name NAME]\n"
    "\n"
    "Writes the revisions and furrow.sum as a C constant, NAME_history, so that a program can\n"
    "upgrade its own database when it starts: see man 3 furrow_migrate.\n"
    "\n"
    "  -o, --output DIR   write NAME.furrow.h and NAME.furrow.c into DIR (default: .)\n"
    "  --name NAME        a C identifier (default: migrations)\n"
    "  --check            write nothing; exit with code 1 if a file is stale\n" FURROW__PROJECT_HELP
    "\n"
    "example:\n"
    "  furrow embed -o src\n"
    "\n"
    "  #include \"migrations.furrow.h\"\n"
    "  furrow_migrate(engine, &migrations_history, &error);\n";

typedef struct request {
    const char *folder, *name;
    bool check;
} request;

/* Appends a text as C string literals, one for each line. */
static void add_text(furrow__buffer *out, const char *text, size_t size)
{
    furrow__buffer_add_text(out, "\n    \"");
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\n')
            furrow__buffer_add_text(out, i + 1 < size ? "\\n\"\n    \"" : "\\n");
        else if (c == '"' || c == '\\')
            furrow__buffer_format(out, "\\%c", c);
        else if (c == '\t')
            furrow__buffer_add_text(out, "\\t");
        else if (c == '?' && i && text[i - 1] == '?')
            furrow__buffer_add_text(out, "\\?"); /* `\?` avoids a trigraph */
        else if (c < ' ' || c == 0x7f)
            furrow__buffer_format(out, "\\%03o", c);
        else
            furrow__buffer_add_char(out, (char)c);
    }
    furrow__buffer_add_char(out, '"');
}

static void add_name(furrow__buffer *out, const char *text)
{
    furrow__buffer_add_char(out, '"');
    for (; *text; text++)
        furrow__buffer_format(out, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
    furrow__buffer_add_char(out, '"');
}

static void write_banner(furrow__buffer *out)
{
    furrow__buffer_add_text(out, "/* Written by furrow " FURROW_VERSION
                                 ": furrow embed. Changes here are lost. */\n");
}

static void write_header(furrow__buffer *out, const char *name)
{
    char guard[80];
    size_t i = 0;
    for (; name[i] && i + 1 < sizeof guard; i++)
        guard[i] = (char)toupper((unsigned char)name[i]);
    guard[i] = '\0';
    write_banner(out);
    furrow__buffer_format(out,
                          "#ifndef %s_FURROW_H\n#define %s_FURROW_H\n\n"
                          "#include <furrow/furrow.h>\n\n"
                          "/* For furrow_migrate(engine, &%s_history, &error). */\n"
                          "extern const furrow_history %s_history;\n\n#endif\n",
                          guard, guard, name, name);
}

static void write_source(furrow__buffer *out, const furrow__project *p, const char *name)
{
    write_banner(out);
    furrow__buffer_format(out,
                          "#include \"%s.furrow.h\"\n\n"
                          "#if defined __GNUC__ /* files are longer than C promises of a text */\n"
                          "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n#endif\n",
                          name);
    for (size_t i = 0; i < p->history.count; i++) {
        furrow__buffer_format(out, "\nstatic const char text_%zu[] =", i);
        add_text(out, p->history.items[i]->text, p->history.items[i]->size);
        furrow__buffer_add_text(out, ";\n");
    }
    furrow__buffer_add_text(out, "\nstatic const char sum[] =");
    add_text(out, furrow__buffer_text(&p->sum), p->sum.size);
    furrow__buffer_add_text(out, ";\n\nstatic const furrow_history_file files[] = {\n");
    for (size_t i = 0; i < p->history.count; i++) {
        furrow__buffer_add_text(out, "    {");
        add_name(out, p->history.items[i]->file);
        furrow__buffer_format(out, ", text_%zu, sizeof text_%zu - 1},\n", i, i);
    }
    furrow__buffer_format(out,
                          "};\n\nconst furrow_history %s_history = {\n"
                          "    .format = FURROW_HISTORY_FORMAT_VERSION,\n"
                          "    .name = \"%s\",\n"
                          "    .files = files,\n"
                          "    .count = sizeof files / sizeof *files,\n"
                          "    .sum = {\"furrow.sum\", sum, sizeof sum - 1},\n"
                          "};\n",
                          name, name);
}

static bool put(const request *r, const char *end, const furrow__buffer *text)
{
    furrow__buffer path = {0};
    bool fine = false;
    furrow__buffer_format(&path, "%s%s%s.furrow.%s", r->folder ? r->folder : "",
                          r->folder ? "/" : "", r->name, end);
    if (path.failed || text->failed)
        furrow__cli_no_memory();
    else if (!r->check)
        fine = furrow__file_write(path.text, text->text, text->size);
    else if (furrow__file_holds(path.text, text->text, text->size))
        fine = true;
    else
        furrow__cli_error("run furrow embed", "%s is stale", path.text);
    furrow__buffer_done(&path);
    return fine;
}

static bool embed(furrow__project *p, const request *r)
{
    furrow__buffer header = {0}, source = {0};
    furrow__revision *head;
    if (!p->history.count) {
        furrow__cli_error("run furrow revision to write one", "%s has no revisions", p->folder);
        return false;
    }
    if (!furrow__folder_one_head(p, &head, "join the heads with furrow merge"))
        return false;
    write_header(&header, r->name);
    write_source(&source, p, r->name);
    bool fine = put(r, "h", &header);
    fine = put(r, "c", &source) && fine;
    furrow__buffer_done(&header);
    furrow__buffer_done(&source);
    return fine;
}

static int run(int argc, char **argv)
{
    furrow__project_options options = {0};
    request r = {0};
    int count, status;
    const furrow__option list[] = {FURROW__PROJECT_OPTIONS(options),
                                   {"--output", "-o", &r.folder, NULL},
                                   {"--name", NULL, &r.name, NULL},
                                   {"--check", NULL, NULL, &r.check}};
    if (!furrow__cli_begin(&furrow__verb_embed,
                           &(furrow__arguments){argc, argv, list, sizeof list / sizeof *list},
                           &count, &status))
        return status;
    if (count)
        return furrow__cli_usage(&furrow__verb_embed, "unexpected argument \"%s\"", argv[1]);
    r.name = r.name ? r.name : "migrations";
    if (!furrow__compiler_is_identifier(r.name))
        return furrow__cli_usage(&furrow__verb_embed, "--name \"%s\" is not a C identifier",
                                 r.name);
    furrow__project p;
    bool fine =
        furrow__project_open(&p, &options) && furrow__folder_read(&p, true) && embed(&p, &r);
    furrow__project_close(&p);
    return fine ? FURROW__EXIT_OK : FURROW__EXIT_FAILED;
}

const furrow__verb furrow__verb_embed = {.name = "embed",
                                         .summary = "write the history as C, for furrow_migrate",
                                         .help = help,
                                         .run = run};
