/* SPDX-License-Identifier: MIT
 *
 * Reads furrow.ini with the library inih:
 *
 *     models = models.h more/models.h      headers and patterns, separated by blanks;
 *                                          a path with blanks is in double quotes
 *     migrations = migrations              the folder of revisions
 *     url = sqlite:///app.db               the database
 *
 * Each setting can appear only once. The list of models can continue on lines that begin with a
 * blank. Paths are relative to the folder that contains furrow.ini.
 */
#include "cli/config.h"

#include <glob.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

enum {
    CONFIG_SIZE = 64 << 10,
    LINE_SIZE = 199, /* the largest number of bytes in a line; inih cuts longer lines without an
                        error */
};

typedef struct reader {
    furrow__project *p;
    size_t folder_size; /* size of the folder part of the file's path in bytes, including the last
                           slash; paths in the file are relative to this folder */
    size_t model_capacity;
    bool has_migrations;
    furrow_error error;    /* the error in the current line; its message is empty if inih could not
                              parse the line */
    char value[LINE_SIZE]; /* the value that contains the mistake; "" if the mistake is elsewhere */
    size_t value_offset;   /* the offset of the mistake in the value */
} reader;

/* Converts a path from the configuration file to a path relative to the working directory. */
static const char *path_of(reader *r, const char *path, size_t size)
{
    furrow__buffer out = {0};
    if (*path != '/')
        furrow__buffer_add(&out, r->p->config, r->folder_size);
    furrow__buffer_add(&out, path, size);
    const char *text = out.failed ? NULL : furrow__arena_text(&r->p->arena, out.text, out.size);
    furrow__buffer_done(&out);
    if (!text)
        furrow__fail(&r->error, FURROW_NOMEM, "out of memory");
    return text;
}

static bool add_model(reader *r, const char *path)
{
    furrow__project *p = r->p;
    char **more = furrow__arena_room(&p->arena, p->models, (size_t)p->model_count,
                                     &r->model_capacity, sizeof *more);
    char *copy = furrow__arena_text(&p->arena, path, strlen(path));
    if (!more || !copy) {
        furrow__fail(&r->error, FURROW_NOMEM, "out of memory");
        return false;
    }
    p->models = more;
    p->models[p->model_count++] = copy;
    return true;
}

/* Adds the files that match a pattern, sorted by name. Skips generated files. */
static bool add_pattern(reader *r, const char *pattern)
{
    glob_t found = {0};
    bool fine = true;
    if (!strpbrk(pattern, "*?["))
        return add_model(r, pattern);
    if (glob(pattern, 0, NULL, &found) != 0) {
        furrow__fail(&r->error, FURROW_INVALID, "no file matches %s", pattern);
        return false;
    }
    for (size_t i = 0; i < found.gl_pathc && fine; i++)
        if (!furrow__ends_with(found.gl_pathv[i], ".furrow.h"))
            fine = add_model(r, found.gl_pathv[i]);
    globfree(&found);
    return fine;
}

/* Records that a value is wrong from `at` to its end. Returns false. */
static bool wrong_from(reader *r, const char *value, const char *at)
{
    furrow__copy_text(r->value, sizeof r->value, value);
    r->value_offset = (size_t)(at - value);
    return false;
}

/* Adds a list of paths and patterns. In double quotes, a path can contain blanks and commas. */
static bool add_models(reader *r, const char *value)
{
    const char *whole = value;
    while (*(value += strspn(value, " \t,"))) {
        bool quoted = *value == '"';
        value += quoted;
        size_t size = strcspn(value, quoted ? "\"" : " \t,");
        if (quoted && (!size || !value[size])) {
            furrow__fail(&r->error, FURROW_INVALID,
                         size ? "a double quote is not closed" : "the path in quotes is empty");
            return wrong_from(r, whole, value - 1);
        }
        const char *path = path_of(r, value, size);
        if (!path || !add_pattern(r, path))
            return wrong_from(r, whole, value - quoted);
        value += size + quoted;
    }
    return true;
}

static bool is_again(reader *r, const char *name, bool again)
{
    if (again)
        furrow__fail(&r->error, FURROW_INVALID, "%s is given twice", name);
    return again;
}

/* Handles one setting. Called by inih for each line. Returns 0 if the line is invalid. */
static int take(void *user, const char *section, const char *name, const char *value)
{
    reader *r = user;
    if (r->error.message[0])
        return 0;
    if (*section) {
        furrow__fail(&r->error, FURROW_INVALID, "unknown section [%s]", section);
        furrow__hint(&r->error, "write the settings models, migrations and url before any section");
    } else if (strcmp(name, "models") == 0) {
        return add_models(r, value);
    } else if (strcmp(name, "migrations") == 0) {
        if (is_again(r, name, r->has_migrations) || !*value)
            return 0;
        r->has_migrations = true;
        const char *path = path_of(r, value, strlen(value));
        if (path)
            r->p->folder = path;
        return path != NULL;
    } else if (strcmp(name, "url") == 0) {
        if (is_again(r, name, r->p->url != NULL) || !*value)
            return !*value && !r->error.message[0];
        r->p->url = furrow__arena_text(&r->p->arena, value, strlen(value));
        return r->p->url != NULL;
    } else {
        furrow__fail(&r->error, FURROW_INVALID, "unknown name \"%s\"", name);
        furrow__hint(&r->error, "the known names are models, migrations and url");
    }
    return 0;
}

/* Prints an error with its location. `column` is the number of the column, starting at 1. */
static bool wrong_at(const reader *r, int line, size_t column, const char *what, const char *hint)
{
    fprintf(stderr, "%s:%d:%zu: error: %s\n", r->p->config, line, column, what);
    if (*hint)
        fprintf(stderr, "help: %s\n", hint);
    return false;
}

/* Returns the column of the first mistake in a line: the column where the wrong part of the value
 * begins or, if the whole line is wrong, the column of its first character. */
static size_t column_of(const reader *r, const char *text, int line)
{
    while (--line > 0 && *text)
        text += strcspn(text, "\n") + (text[strcspn(text, "\n")] == '\n');
    size_t first = strspn(text, " \t"), size = strcspn(text, "\n");
    const char *value = r->value[0] ? strstr(text, r->value) : NULL;
    if (!value || value >= text + size)
        return first + 1;
    return (size_t)(value - text) + r->value_offset + 1;
}

static bool check_lines(const reader *r, const char *text)
{
    for (int line = 1; *text; line++) {
        size_t size = strcspn(text, "\n");
        if (size > LINE_SIZE - 1)
            return wrong_at(r, line, LINE_SIZE, "this line is longer than 198 bytes",
                            "continue the list of models on another line that begins with a blank");
        text += size + (text[size] == '\n');
    }
    return true;
}

/* Finds the nearest parent folder that contains a furrow.ini. `out` is set to the path of the file,
 * relative to the working directory. Returns false if there is no such folder. */
static bool find_above(char *out, size_t size)
{
    char path[64] = "";
    for (size_t at = 0; at + sizeof "../furrow.ini" <= sizeof path; at += 3) {
        memcpy(path + at, "../furrow.ini", sizeof "../furrow.ini");
        if (access(path, F_OK) == 0) {
            furrow__copy_text(out, size, path);
            return true;
        }
    }
    return false;
}

void furrow__config_report_missing(const char *folder)
{
    char above[64], hint[128];
    if (find_above(above, sizeof above))
        snprintf(hint, sizeof hint, "name the file with -c %s", above);
    else
        snprintf(hint, sizeof hint, "run furrow init to create %s", folder ? "them" : "it");
    if (folder)
        furrow__cli_error(hint, "found neither furrow.ini nor the folder %s", folder);
    else
        furrow__cli_error(hint, "there is no furrow.ini in the working directory");
}

bool furrow__config_read(furrow__project *p, const char *path)
{
    furrow__buffer text = {0};
    reader r = {.p = p};
    if (!path && access("furrow.ini", F_OK) != 0)
        return true;
    p->config = path ? path : "furrow.ini";
    const char *slash = strrchr(p->config, '/');
    r.folder_size = slash ? (size_t)(slash - p->config) + 1 : 0;
    bool fine = furrow__file_read(p->config, CONFIG_SIZE, &text) &&
                check_lines(&r, furrow__buffer_text(&text));
    if (fine && text.size > CONFIG_SIZE)
        fine = wrong_at(&r, 1, 1, "the file is larger than 64 KiB", "");
    int line = fine ? ini_parse_string(furrow__buffer_text(&text), take, &r) : 0;
    size_t column = line > 0 ? column_of(&r, text.text, line) : 0;
    furrow__buffer_done(&text);
    if (line < 0) {
        furrow__cli_no_memory();
        return false;
    }
    if (line > 0)
        return wrong_at(&r, line, column,
                        r.error.message[0] ? r.error.message : "expected NAME = VALUE",
                        r.error.hint);
    return fine;
}
