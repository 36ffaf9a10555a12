/* SPDX-License-Identifier: MIT
 * What the verbs share: arguments and headers. See cli.h. */
#include "cli/cli.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "compiler/limits.h"

int furrow__cli_usage(const furrow__verb *verb, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("furrow: ", stderr);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nhelp: furrow %s%s--help\n", verb ? verb->name : "", verb ? " " : "");
    return FURROW__EXIT_USAGE;
}

int furrow__cli_say(const char *hint, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("furrow: ", stderr);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    if (hint && *hint)
        fprintf(stderr, "\nhelp: %s", hint);
    fputc('\n', stderr);
    return FURROW__EXIT_FAILED;
}

int furrow__cli_no_memory(void)
{
    return furrow__cli_say(NULL, "out of memory");
}

int furrow__cli_fail(const furrow_error *error)
{
    const char *what = error->message[0] ? error->message : furrow_status_name(error->status);
    return furrow__cli_say(error->hint, "%s", what);
}

void furrow__cli_json(furrow__buffer *out, const char *text)
{
    furrow__buffer_add_char(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            furrow__buffer_add_char(out, '\\');
        if ((unsigned char)*text < 0x20)
            furrow__buffer_format(out, "\\u%04x", (unsigned)*text);
        else
            furrow__buffer_add_char(out, *text);
    }
    furrow__buffer_add_char(out, '"');
}

/* The value of option `o` at argv[*i], which may go on to the next argument. */
static bool take_value(const furrow__verb *verb, int argc, char **argv, int *i,
                       const furrow__option *o, const char *behind)
{
    if (*o->value) {
        furrow__cli_usage(verb, "%s is given twice", o->name);
        return false;
    }
    if (behind) {
        *o->value = behind;
    } else if (*i + 1 < argc) {
        *o->value = argv[++*i];
    } else {
        furrow__cli_usage(verb, "%s needs a value", argv[*i]);
        return false;
    }
    return true;
}

bool furrow__cli_parse(const furrow__verb *verb, int argc, char **argv,
                       const furrow__option *options, size_t count, int *files)
{
    bool only_files = false;
    *files = 0;
    for (int i = 1; i < argc; i++) {
        char *argument = argv[i];
        if (only_files || argument[0] != '-' || !argument[1] ||
            (argument[1] >= '0' && argument[1] <= '9')) {
            argv[1 + (*files)++] = argument;
            continue;
        }
        if (strcmp(argument, "--") == 0) {
            only_files = true;
            continue;
        }
        const char *equals = strchr(argument, '=');
        size_t size = equals ? (size_t)(equals - argument) : strlen(argument);
        const furrow__option *found = NULL;
        for (size_t j = 0; j < count && !found; j++)
            if ((strlen(options[j].name) == size &&
                 strncmp(options[j].name, argument, size) == 0) ||
                (options[j].letter && strcmp(options[j].letter, argument) == 0))
                found = &options[j];
        if (!found || (!found->value && equals)) {
            furrow__cli_usage(verb, "unknown option \"%s\"", argument);
            return false;
        }
        if (!found->value)
            *found->flag = true;
        else if (!take_value(verb, argc, argv, &i, found, equals ? equals + 1 : NULL))
            return false;
    }
    return true;
}

bool furrow__cli_begin(const furrow__verb *verb, int argc, char **argv,
                       const furrow__option *options, size_t count, int *files, int *status)
{
    enum { OPTIONS = 16 };
    furrow__option list[OPTIONS];
    bool wants_help = false;
    assert(count < OPTIONS);
    memcpy(list, options, count * sizeof *list);
    list[count++] = (furrow__option){"--help", "-h", NULL, &wants_help};
    *status = FURROW__EXIT_USAGE;
    if (!furrow__cli_parse(verb, argc, argv, list, count, files))
        return false;
    if (wants_help) {
        fputs(verb->help, stdout);
        *status = FURROW__EXIT_OK;
    }
    return !wants_help;
}

furrow__compiler *furrow__cli_compile(char **paths, int count, const char *name, const char *prefix,
                                      int *status)
{
    furrow__compiler *c = furrow__compiler_new(name, prefix);
    bool fine = c != NULL, readable = true;
    *status = FURROW__EXIT_FAILED;
    for (int i = 0; i < count && fine; i++) {
        furrow__buffer text = {0};
        if (furrow__file_read(paths[i], FURROW__MAX_HEADER_SIZE, &text))
            fine = furrow__compiler_add(c, paths[i], furrow__buffer_text(&text), text.size);
        else
            readable = false;
        furrow__buffer_done(&text);
    }
    if (fine && !readable) {
        furrow__compiler_free(c);
        return NULL;
    }
    fine = fine && furrow__compiler_run(c);
    const char *messages = c ? furrow__compiler_messages(c) : NULL;
    if (!messages)
        messages = "furrow: out of memory\n";
    fputs(messages, stderr);
    if (!fine) {
        furrow__compiler_free(c);
        return NULL;
    }
    *status = FURROW__EXIT_OK;
    return c;
}
