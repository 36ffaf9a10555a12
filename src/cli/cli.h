/* SPDX-License-Identifier: MIT
 *
 * The `furrow` command. Each verb is defined in its own file. This header declares what all verbs
 * share.
 *
 * Exit codes: 0 means success. 1 means failure: errors in models, stale output, or a file that
 * cannot be read or written. 2 means a usage error. The verbs `check` and `diff` follow diff(1): 0
 * means no difference, 1 means a difference, and 2 means that the comparison was not possible.
 */
#ifndef FURROW_CLI_CLI_H
#define FURROW_CLI_CLI_H

#include "compiler/compiler.h"

enum {
    FURROW__EXIT_OK = 0,
    FURROW__EXIT_FAILED = 1,
    FURROW__EXIT_DIFFERS = 1, /* for check and diff: there is a difference */
    FURROW__EXIT_USAGE = 2,
    FURROW__EXIT_TROUBLE = 2, /* for check and diff: the comparison was not possible */
};

typedef struct furrow__verb {
    const char *name, *summary, *help;
    int (*run)(int argc, char **argv); /* runs the verb and returns the exit code; argv[0] is the
                                          name of the verb */
    bool reports_differences;          /* the verb can return FURROW__EXIT_DIFFERS or
                                          FURROW__EXIT_TROUBLE */
} furrow__verb;

extern const furrow__verb furrow__verb_check, furrow__verb_current, furrow__verb_diff,
    furrow__verb_downgrade, furrow__verb_embed, furrow__verb_generate, furrow__verb_heads,
    furrow__verb_history, furrow__verb_init, furrow__verb_merge, furrow__verb_models,
    furrow__verb_prove, furrow__verb_revision, furrow__verb_show, furrow__verb_sql,
    furrow__verb_squash, furrow__verb_stamp, furrow__verb_sum, furrow__verb_upgrade;

/* Arguments */

/* An option of a verb: either a flag or an option with a value. */
typedef struct furrow__option {
    const char *name, *letter; /* "--name" and "-n"; letter may be NULL */
    const char **value;        /* where to store the option's value; NULL for a flag */
    bool *flag;                /* set to true if the flag is present; NULL for an option that has a
                                  value */
} furrow__option;

/* The arguments of a verb and the options that the verb accepts. */
typedef struct furrow__arguments {
    int argc;
    char **argv;
    const furrow__option *options;
    size_t option_count;
} furrow__arguments;

/* Parses the options. "--" ends the options, "--name=value" is allowed, and a minus sign before a
 * digit does not begin an option. Arguments that are not options are moved to argv[1], argv[2] and
 * so on, and *files is set to the number of these arguments. Returns true if the verb should
 * continue. Otherwise, the function has printed the help or reported an error, and *status is the
 * exit code. */
bool furrow__cli_begin(const furrow__verb *verb, const furrow__arguments *arguments, int *files,
                       int *status);

/* Messages, to stderr */

/* Reports a usage error, and names the command that prints the help. `verb` may be NULL. Returns
 * FURROW__EXIT_USAGE. */
int furrow__cli_usage(const furrow__verb *verb, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Reports an unknown dialect and lists the known dialects. Returns FURROW__EXIT_USAGE. */
int furrow__cli_unknown_dialect(const furrow__verb *verb, const char *name);
/* Prints "furrow: error: ...". If `hint` is not NULL, also prints "help: ..." on the next line.
 * Returns FURROW__EXIT_FAILED. */
int furrow__cli_error(const char *hint, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Reports an error that the library returned, with its hint. Returns FURROW__EXIT_FAILED. */
int furrow__cli_fail(const furrow_error *error);
/* Reports that memory ran out. Returns FURROW__EXIT_FAILED. */
int furrow__cli_no_memory(void);

/* Appends a string as a JSON string in quotes. */
void furrow__cli_json(furrow__buffer *out, const char *text);

/* Headers */

/* Reads and compiles the headers, and prints all messages. If there are errors, returns NULL and
 * sets *status to the exit code. `name` and `prefix` may be NULL. */
furrow__compiler *furrow__cli_compile(char **paths, int count, const char *name, const char *prefix,
                                      int *status);

/* Files (file.c) */

/* Appends the contents of a file. Reads at most limit + 1 bytes, so a result longer than `limit`
 * means that the file is too large. Returns false after reporting an error. */
bool furrow__file_read(const char *path, size_t limit, furrow__buffer *out);
/* Returns whether the file is a regular file with exactly these contents. */
bool furrow__file_holds(const char *path, const char *text, size_t size);
/* Writes a file completely or not at all, by renaming a temporary file in the same folder. If the
 * file already has these contents, it is not touched, so build systems do not see a change. A pipe
 * or a device is written in place. Returns false after reporting an error. */
bool furrow__file_write(const char *path, const char *text, size_t size);

#endif
