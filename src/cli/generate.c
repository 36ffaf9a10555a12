/* SPDX-License-Identifier: MIT
 * Implements `furrow generate`, which writes typed C functions for model headers. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "compiler/limits.h"

static const char help[] =
    "usage: furrow generate [options] models.h...\n"
    "\n"
    "Writes <stem>.furrow.h and <stem>.furrow.c for each header: a table for each struct with\n"
    "FURROW annotations, and typed functions to create, read, update and delete its rows. All\n"
    "headers of one call form one schema, which is named <stem>_schema after the first header.\n"
    "A file whose contents would not change is not touched. Prints nothing on success.\n"
    "\n"
    "  -o, --output DIR  write into DIR instead of the folder of each header\n"
    "  --name NAME       name the schema NAME_schema\n"
    "  --prefix PREFIX   begin generated functions, types and column tables with PREFIX\n"
    "  --check           write nothing; exit with code 1 if a file is stale\n"
    "  --depfile FILE    write the dependencies of the output as a rule for make\n"
    "  --help            print this text\n"
    "\n"
    "example:\n"
    "  furrow generate todo.h\n"
    "  cc -c todo.furrow.c $(pkg-config --cflags furrow)\n";

typedef struct request {
    const char *folder, *name, *prefix, *depfile;
    bool check;
    char **paths;
    int count;
} request;

/* Appends the path of the output file <stem>.furrow.<kind>, which is generated from `header`. */
static void output_path(const request *r, const char *header, const char *stem, const char *kind,
                        furrow__buffer *out)
{
    const char *slash = strrchr(header, '/');
    if (r->folder) {
        size_t size = strlen(r->folder);
        furrow__buffer_format(out, "%s%s", r->folder,
                              size && r->folder[size - 1] == '/' ? "" : "/");
    } else if (slash) {
        furrow__buffer_add(out, header, (size_t)(slash - header) + 1);
    }
    furrow__buffer_format(out, "%s.furrow.%s", stem, kind);
}

static bool put_file(const request *r, const char *path, const furrow__buffer *text)
{
    const char *content = furrow__buffer_text(text);
    if (!path || !content) {
        fputs("furrow: error: out of memory\n", stderr);
        return false;
    }
    if (!r->check)
        return furrow__file_write(path, content, text->size);
    if (furrow__file_holds(path, content, text->size))
        return true;
    fprintf(stderr, "furrow: error: %s %s; run furrow generate\n", path,
            access(path, F_OK) == 0 ? "is stale" : "does not exist");
    return false;
}

static bool put_header(const request *r, furrow__compiler *c, size_t index)
{
    furrow__buffer texts[2] = {{0}, {0}}, path = {0};
    static const char *const kinds[] = {"h", "c"};
    bool fine = furrow__compiler_emit(c, index, &texts[0], &texts[1]);
    if (!fine)
        fputs("furrow: error: out of memory\n", stderr);
    for (size_t i = 0; i < 2 && (fine || r->check); i++) {
        furrow__buffer_clear(&path);
        output_path(r, r->paths[index], furrow__compiler_stem(c, index), kinds[i], &path);
        fine = put_file(r, furrow__buffer_text(&path), &texts[i]) && fine;
    }
    furrow__buffer_done(&texts[0]);
    furrow__buffer_done(&texts[1]);
    furrow__buffer_done(&path);
    return fine;
}

/* Appends a path, and escapes the characters that are special in a makefile. */
static void add_make_path(furrow__buffer *out, const char *path)
{
    for (; *path; path++) {
        if (*path == ' ' || *path == '#' || *path == '\\')
            furrow__buffer_add_char(out, '\\');
        if (*path == '$')
            furrow__buffer_add_char(out, '$');
        furrow__buffer_add_char(out, *path);
    }
}

/* Writes the rule "outputs: headers". Also writes an empty rule for each header, so that make does
 * not fail after a header has been removed. */
static bool put_depfile(const request *r, furrow__compiler *c)
{
    furrow__buffer rule = {0}, path = {0};
    static const char *const kinds[] = {"h", "c"};
    for (int i = 0; i < r->count; i++)
        for (size_t k = 0; k < 2; k++) {
            furrow__buffer_clear(&path);
            output_path(r, r->paths[i], furrow__compiler_stem(c, (size_t)i), kinds[k], &path);
            if (i || k)
                furrow__buffer_add_char(&rule, ' ');
            if (furrow__buffer_text(&path))
                add_make_path(&rule, furrow__buffer_text(&path));
        }
    furrow__buffer_add_char(&rule, ':');
    for (int i = 0; i < r->count; i++) {
        furrow__buffer_add_char(&rule, ' ');
        add_make_path(&rule, r->paths[i]);
    }
    furrow__buffer_add_char(&rule, '\n');
    for (int i = 0; i < r->count; i++) {
        furrow__buffer_add_char(&rule, '\n');
        add_make_path(&rule, r->paths[i]);
        furrow__buffer_add_text(&rule, ":\n");
    }
    const char *text = furrow__buffer_text(&rule);
    bool fine = text && !path.failed && furrow__file_write(r->depfile, text, rule.size);
    furrow__buffer_done(&rule);
    furrow__buffer_done(&path);
    return fine;
}

/* Returns the last component of a path, without ".h". */
static const char *file_stem(const char *path, size_t *size)
{
    const char *slash = strrchr(path, '/');
    const char *file = slash ? slash + 1 : path;
    *size = strlen(file);
    if (*size > 2 && strcmp(file + *size - 2, ".h") == 0)
        *size -= 2;
    return file;
}

/* Reports an error if a name is not a C identifier, or if two headers have the same output file. */
static int check_request(const request *r)
{
    const furrow__verb *verb = &furrow__verb_generate;
    if (!r->count)
        return furrow__cli_usage(verb, "no header given");
    if (r->count > FURROW__MAX_HEADERS)
        return furrow__cli_usage(verb, "more than %d headers", FURROW__MAX_HEADERS);
    if (r->name && !furrow__compiler_is_identifier(r->name))
        return furrow__cli_usage(verb, "--name \"%s\" is not a C identifier", r->name);
    if (r->prefix && !furrow__compiler_is_identifier(r->prefix))
        return furrow__cli_usage(verb, "--prefix \"%s\" is not a C identifier", r->prefix);
    for (int i = 0; i < r->count; i++) {
        size_t size, other_size;
        const char *file = file_stem(r->paths[i], &size);
        if (size > 7 && strncmp(file + size - 7, ".furrow", 7) == 0)
            return furrow__cli_usage(
                verb, "%s is a generated file; give the header that it was generated from",
                r->paths[i]);
        for (int j = 0; j < i; j++) {
            const char *other = file_stem(r->paths[j], &other_size);
            if (size == other_size && memcmp(file, other, size) == 0)
                return furrow__cli_usage(verb, "%s and %s have the same file name", r->paths[j],
                                         r->paths[i]);
        }
    }
    return FURROW__EXIT_OK;
}

static int run(int argc, char **argv)
{
    request r = {.paths = argv + 1};
    int status;
    const furrow__option list[] = {
        {"--output", "-o", &r.folder, NULL}, {"--name", NULL, &r.name, NULL},
        {"--prefix", NULL, &r.prefix, NULL}, {"--depfile", NULL, &r.depfile, NULL},
        {"--check", NULL, NULL, &r.check},
    };
    if (!furrow__cli_begin(&furrow__verb_generate,
                           &(furrow__arguments){argc, argv, list, sizeof list / sizeof *list},
                           &r.count, &status))
        return status;
    status = check_request(&r);
    if (status)
        return status;
    furrow__compiler *c = furrow__cli_compile(r.paths, r.count, r.name, r.prefix, &status);
    if (!c)
        return status;
    for (int i = 0; i < r.count; i++)
        if (!put_header(&r, c, (size_t)i))
            status = FURROW__EXIT_FAILED;
    if (status == FURROW__EXIT_OK && r.depfile && !r.check && !put_depfile(&r, c))
        status = FURROW__EXIT_FAILED;
    furrow__compiler_free(c);
    return status;
}

const furrow__verb furrow__verb_generate = {.name = "generate",
                                            .summary = "write typed C functions for model headers",
                                            .help = help,
                                            .run = run};
