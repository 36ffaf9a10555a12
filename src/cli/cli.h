/* SPDX-License-Identifier: MIT
 *
 * The `furrow` command: one file a verb, what they share in cli.c and file.c. Exit codes: 0 it
 * worked, 1 it did not (errors in models, stale output, a file that cannot be read or written),
 * 2 it was not called right. `check` and `diff` are as diff(1): 1 is a difference, and 2 whatever
 * kept them from looking for one.
 */
#ifndef FURROW_CLI_CLI_H
#define FURROW_CLI_CLI_H

#include "compiler/compiler.h"

enum {
    FURROW__EXIT_OK = 0,
    FURROW__EXIT_FAILED = 1,
    FURROW__EXIT_DIFFERS = 1,
    FURROW__EXIT_USAGE = 2,
    FURROW__EXIT_TROUBLE = 2, /* of verbs that tell differences */
};

typedef struct furrow__verb {
    const char *name, *summary, *help;
    int (*run)(int argc, char **argv); /* argv[0] is the verb */
    bool tells_differences;            /* 1 is one, and trouble is FURROW__EXIT_TROUBLE */
} furrow__verb;

extern const furrow__verb furrow__verb_check, furrow__verb_current, furrow__verb_diff,
    furrow__verb_downgrade, furrow__verb_embed, furrow__verb_generate, furrow__verb_heads,
    furrow__verb_history, furrow__verb_init, furrow__verb_merge, furrow__verb_models,
    furrow__verb_prove, furrow__verb_revision, furrow__verb_show, furrow__verb_sql,
    furrow__verb_squash, furrow__verb_stamp, furrow__verb_sum, furrow__verb_upgrade;

/* ---- arguments ---- */

/* An option of a verb: a flag, or one that takes a value. */
typedef struct furrow__option {
    const char *name, *letter; /* "--name", "-o"; letter may be NULL */
    const char **value;        /* NULL for a flag */
    bool *flag;
} furrow__option;

/* Sort arguments into options and files, in place: files are moved to argv[1]… and counted. False
 * after saying what is wrong. "--" ends the options; --name=value is allowed; a minus and a number
 * is no option. */
bool furrow__cli_parse(const furrow__verb *verb, int argc, char **argv,
                       const furrow__option *options, size_t count, int *files);
/* The same for most verbs: --help, and their own. True to go on; else *status is what to exit
 * with. */
bool furrow__cli_begin(const furrow__verb *verb, int argc, char **argv,
                       const furrow__option *options, size_t count, int *files, int *status);
/* Say what is wrong with the call, and where help is; returns FURROW__EXIT_USAGE. */
int furrow__cli_usage(const furrow__verb *verb, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- telling ---- */

/* "furrow: what", and the error's hint below it; returns FURROW__EXIT_FAILED. */
int furrow__cli_fail(const furrow_error *error);
/* "furrow: …", and a line "help: …" where hint is not NULL; returns FURROW__EXIT_FAILED. */
int furrow__cli_say(const char *hint, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int furrow__cli_no_memory(void);
/* A text as JSON, in quotes. */
void furrow__cli_json(furrow__buffer *out, const char *text);

/* ---- headers ---- */

/* Read the headers, compile them, and print what there is to say. NULL with *status set. */
furrow__compiler *furrow__cli_compile(char **paths, int count, const char *name, const char *prefix,
                                      int *status);

/* ---- files (file.c) ---- */

/* Read a whole file of at most `limit` bytes (one more is read, so that more can be told). False
 * after saying why. */
bool furrow__file_read(const char *path, size_t limit, furrow__buffer *out);
/* Does the file hold exactly this? */
bool furrow__file_holds(const char *path, const char *text, size_t size);
/* Write a file whole or not at all: beside it, then renamed. A file that holds the text already is
 * left alone, so that nothing is built again. False after saying why. */
bool furrow__file_write(const char *path, const char *text, size_t size);

#endif
