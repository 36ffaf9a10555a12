/* SPDX-License-Identifier: MIT
 * Implements what all verbs share: arguments, messages and the compilation of headers. See cli.h.
 */
#include "cli/cli.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "compiler/limits.h"
#include "sql/dialect.h"

int furrow__cli_usage(const furrow__verb *verb, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("furrow: error: ", stderr);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nhelp: furrow %s%s--help\n", verb ? verb->name : "", verb ? " " : "");
    return FURROW__EXIT_USAGE;
}

int furrow__cli_error(const char *hint, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("furrow: error: ", stderr);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    if (hint && *hint)
        fprintf(stderr, "\nhelp: %s", hint);
    fputc('\n', stderr);
    return FURROW__EXIT_FAILED;
}

int furrow__cli_no_memory(void)
{
    return furrow__cli_error(NULL, "out of memory");
}

int furrow__cli_fail(const furrow_error *error)
{
    const char *what = error->message[0] ? error->message : furrow_status_name(error->status);
    return furrow__cli_error(error->hint, "%s", what);
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

int furrow__cli_unknown_dialect(const furrow__verb *verb, const char *name)
{
    furrow__buffer names = {0};
    for (size_t i = 0; i < FURROW__DIALECT_COUNT; i++)
        furrow__buffer_format(&names, "%s%s", i ? ", " : "", furrow__dialects[i]->name);
    int status = furrow__cli_usage(verb, "unknown dialect \"%s\"; known dialects: %s", name,
                                   names.failed ? "" : names.text);
    furrow__buffer_done(&names);
    return status;
}

/* The state of the parser for a verb's arguments. */
typedef struct parser {
    const furrow__verb *verb;
    int argc, at; /* argv[at] is the next argument to parse */
    char **argv;
    const furrow__option *options;
    size_t count;
} parser;

/* Returns whether an argument is an operand, such as a file name. Options are not operands, but "-"
 * and negative numbers are. */
static bool is_operand(const char *argument)
{
    return argument[0] != '-' || !argument[1] || (argument[1] >= '0' && argument[1] <= '9');
}

/* Returns the option that an argument names in the form "--name", "--name=value" or "-n". Returns
 * NULL if there is no such option. */
static const furrow__option *find_option(const parser *p, const char *argument, size_t size)
{
    for (size_t i = 0; i < p->count; i++) {
        const furrow__option *o = &p->options[i];
        if ((strlen(o->name) == size && strncmp(o->name, argument, size) == 0) ||
            (o->letter && strcmp(o->letter, argument) == 0))
            return o;
    }
    return NULL;
}

/* Sets the value of an option to the text after "=" or, without "=", to the next argument. */
static bool take_value(parser *p, const furrow__option *o, const char *after_equals)
{
    if (*o->value) {
        furrow__cli_usage(p->verb, "%s is given twice", o->name);
        return false;
    }
    if (!after_equals && p->at + 1 >= p->argc) {
        furrow__cli_usage(p->verb, "%s requires a value", p->argv[p->at]);
        return false;
    }
    *o->value = after_equals ? after_equals : p->argv[++p->at];
    return true;
}

static bool take_option(parser *p)
{
    const char *argument = p->argv[p->at];
    const char *equals = strchr(argument, '=');
    size_t size = equals ? (size_t)(equals - argument) : strlen(argument);
    const furrow__option *o = find_option(p, argument, size);
    if (!o || (!o->value && equals)) {
        furrow__cli_usage(p->verb, "unknown option \"%s\"", argument);
        return false;
    }
    if (o->value)
        return take_value(p, o, equals ? equals + 1 : NULL);
    *o->flag = true;
    return true;
}

/* Counts the operands and moves them to argv[1], argv[2] and so on. */
static bool parse(parser *p, int *files)
{
    bool only_files = false;
    *files = 0;
    for (; p->at < p->argc; p->at++) {
        if (only_files || is_operand(p->argv[p->at]))
            p->argv[1 + (*files)++] = p->argv[p->at];
        else if (strcmp(p->argv[p->at], "--") == 0)
            only_files = true;
        else if (!take_option(p))
            return false;
    }
    return true;
}

bool furrow__cli_begin(const furrow__verb *verb, const furrow__arguments *arguments, int *files,
                       int *status)
{
    enum { OPTIONS = 16 };
    furrow__option list[OPTIONS];
    bool wants_help = false;
    size_t count = arguments->option_count;
    assert(count < OPTIONS);
    memcpy(list, arguments->options, count * sizeof *list);
    list[count++] = (furrow__option){"--help", "-h", NULL, &wants_help};
    parser p = {verb, arguments->argc, 1, arguments->argv, list, count};
    *status = FURROW__EXIT_USAGE;
    if (!parse(&p, files))
        return false;
    if (!wants_help)
        return true;
    fputs(verb->help, stdout);
    *status = FURROW__EXIT_OK;
    return false;
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
        messages = "furrow: error: out of memory\n";
    fputs(messages, stderr);
    if (!fine) {
        furrow__compiler_free(c);
        return NULL;
    }
    *status = FURROW__EXIT_OK;
    return c;
}
