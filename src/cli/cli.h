/* SPDX-License-Identifier: MIT
 *
 * The `furrow` command. Each verb has a file of its own; this header has what all verbs share.
 *
 * Exit codes: 0 means success, 1 failure (errors in models, stale output, a file that cannot be
 * read or written), 2 a usage error. The verbs `check` and `diff` follow diff(1): 0 means no
 * difference, 1 a difference, 2 that they could not compare.
 */
#ifndef FURROW_CLI_CLI_H
#define FURROW_CLI_CLI_H

#include "compiler/compiler.h"

enum {
    FURROW__EXIT_OK = 0,
    FURROW__EXIT_FAILED = 1,
    FURROW__EXIT_DIFFERS = 1, /* of verbs that report differences */
    FURROW__EXIT_USAGE = 2,
    FURROW__EXIT_TROUBLE = 2, /* of verbs that report differences: they could not compare */
};

typedef struct furrow__verb {
    const char *name, *summary, *help;
    int (*run)(int argc, char **argv); /* argv[0] is the verb; returns the exit code */
    bool reports_differences;          /* uses FURROW__EXIT_DIFFERS and FURROW__EXIT_TROUBLE */
} furrow__verb;

extern const furrow__verb furrow__verb_check, furrow__verb_current, furrow__verb_diff,
    furrow__verb_downgrade, furrow__verb_embed, furrow__verb_generate, furrow__verb_heads,
    furrow__verb_history, furrow__verb_init, furrow__verb_merge, furrow__verb_models,
    furrow__verb_prove, furrow__verb_revision, furrow__verb_show, furrow__verb_sql,
    furrow__verb_squash, furrow__verb_stamp, furrow__verb_sum, furrow__verb_upgrade;

/* ---- arguments ---- */

/* An option of a verb. It either takes a value or is a flag. */
typedef struct furrow__option {
    const char *name, *letter; /* "--name", "-n"; letter may be NULL */
    const char **value;        /* where the value goes; NULL for a flag */
    bool *flag;                /* set to true if the flag is given; NULL for a value */
} furrow__option;

/* The arguments of a verb and the options that it knows. */
typedef struct furrow__arguments {
    int argc;
    char **argv;
    const furrow__option *options;
    size_t option_count;
} furrow__arguments;

/* Read the options. The other arguments are moved to argv[1], argv[2] and so on; *files is their
 * number. "--" ends the options, "--name=value" is allowed, and a minus sign before a digit does
 * not begin an option. Returns true if the verb shall continue. Otherwise the help was printed or
 * an error reported, and *status is the exit code. */
bool furrow__cli_begin(const furrow__verb *verb, const furrow__arguments *arguments, int *files,
                       int *status);

/* ---- messages, to stderr ---- */

/* Report a usage error, and name the option that prints help; `verb` may be NULL. Returns
 * FURROW__EXIT_USAGE. */
int furrow__cli_usage(const furrow__verb *verb, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Report an unknown dialect, with the names of all dialects. Returns FURROW__EXIT_USAGE. */
int furrow__cli_unknown_dialect(const furrow__verb *verb, const char *name);
/* Report "furrow: error: ..." and, if hint is not NULL, "help: ..." on the next line. Returns
 * FURROW__EXIT_FAILED. */
int furrow__cli_error(const char *hint, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Report an error of the library, with its hint. Returns FURROW__EXIT_FAILED. */
int furrow__cli_fail(const furrow_error *error);
/* Report that memory ran out. Returns FURROW__EXIT_FAILED. */
int furrow__cli_no_memory(void);

/* Append a text as a JSON string, with its quotes. */
void furrow__cli_json(furrow__buffer *out, const char *text);

/* ---- headers ---- */

/* Read the headers, compile them, and print all messages. Returns NULL, and sets *status to the
 * exit code, if there are errors. `name` and `prefix` may be NULL. */
furrow__compiler *furrow__cli_compile(char **paths, int count, const char *name, const char *prefix,
                                      int *status);

/* ---- files (file.c) ---- */

/* Append the contents of a file, at most limit + 1 bytes: a result longer than `limit` means that
 * the file is too large. If it returns false, the error was reported. */
bool furrow__file_read(const char *path, size_t limit, furrow__buffer *out);
/* Whether the file has exactly these contents. */
bool furrow__file_holds(const char *path, const char *text, size_t size);
/* Write a file completely or not at all: into a temporary file in the same folder, which is then
 * renamed. A file that already has these contents is not touched, so build systems do not see a
 * change. If it returns false, the error was reported. */
bool furrow__file_write(const char *path, const char *text, size_t size);

#endif
