/* SPDX-License-Identifier: MIT
 *
 * A project: furrow.ini, its models, its folder of revisions, its database. What the verbs of
 * migrations share. Each function says on stderr what is wrong, and returns false.
 *
 *     furrow__project p;
 *     bool fine = furrow__project_open(&p, &options) && furrow__project_history(&p, true);
 *     …
 *     furrow__project_close(&p);                      also after a failure
 */
#ifndef FURROW_CLI_PROJECT_H
#define FURROW_CLI_PROJECT_H

#include "cli/cli.h"
#include "migrate/apply/route.h"

typedef struct furrow__project {
    furrow_arena arena;
    const char *config; /* path of furrow.ini, or NULL */
    const char *folder; /* of the revisions */
    const char *url;    /* or NULL */
    const furrow_driver *driver;
    const furrow__dialect *dialect; /* of the URL; both NULL without one */
    char **models;                  /* paths of headers */
    int model_count;
    furrow__history history; /* in the project's arena */
    furrow__revision_failure
        failure;        /* the mistake in a revision file of the last call that failed */
    furrow__buffer sum; /* furrow.sum as it is in the folder; empty where there is none */
    int lock;           /* the folder, while nobody else may write into it; or -1 */
} furrow__project;

/* What was given on the command line; NULL: not given. */
typedef struct furrow__project_options {
    const char *config, *url, *migrations;
} furrow__project_options;

/* As elements of a verb's options. */
#define FURROW__PROJECT_OPTIONS(options)                                                           \
    {"--config", "-c", &(options).config, NULL}, {"--url", NULL, &(options).url, NULL},            \
    {                                                                                              \
        "--migrations", NULL, &(options).migrations, NULL                                          \
    }
/* The same as lines of a verb's help. */
#define FURROW__PROJECT_HELP                                                                       \
    "  --url URL          the database; else FURROW_URL, else url in furrow.ini\n"                 \
    "  --migrations DIR   the folder of revisions; else migrations in furrow.ini\n"                \
    "  -c, --config FILE  instead of furrow.ini\n"                                                 \
    "  --help             this text\n"

/* furrow.ini, then FURROW_URL, then the options: the later win. Paths in furrow.ini are relative to
 * it; a SQLite URL is relative to the working directory. */
bool furrow__project_open(furrow__project *p, const furrow__project_options *options);
/* The same for verbs that write revisions: wait until nobody else does, and keep others out until
 * the project is closed. Another furrow would write furrow.sum without our line. */
bool furrow__project_open_alone(furrow__project *p, const furrow__project_options *options);
/* Read the folder and link it. check_sum: compare it with furrow.sum. */
bool furrow__project_history(furrow__project *p, bool check_sum);
/* The comparison alone. *differs: a file is not as furrow.sum has it; else it could not be made. */
bool furrow__project_sum(furrow__project *p, bool *differs);
/* Whether furrow.sum can be read: every line is one of its own. */
bool furrow__project_sum_is_whole(furrow__project *p);
/* The schema that the models want; it lives as long as the project. */
bool furrow__project_models(furrow__project *p, furrow__catalog *out);
/* Connect; *options' url is set here. */
bool furrow__project_connect(furrow__project *p, const furrow__migrator_options *options,
                             furrow__migrator **out);
/* Did connecting fail because there is no SQLite file? */
bool furrow__is_no_file(const furrow_error *error);
/* Write a revision's file, and then furrow.sum with it: whole or not at all. */
bool furrow__project_write(furrow__project *p, const char *file, const char *text, size_t size);
/* Read the folder again and write furrow.sum: the lines of these ids as their files are now, all
 * others as they were (or, with ids == NULL, every line). */
bool furrow__project_accept(furrow__project *p, const char *const *ids, size_t count);
void furrow__project_close(furrow__project *p);

/* Nobody's parent? */
bool furrow__project_is_head(const furrow__history *history, const furrow__revision *revision);
/* The revision that an id, its beginning, or "head" names; NULL after saying that there is none. */
furrow__revision *furrow__project_find(furrow__project *p, const char *id);
/* The one head, or NULL with *out where there is no revision. False where there are several: they
 * are named, and `mend` is told. */
bool furrow__project_one_head(furrow__project *p, furrow__revision **out, const char *mend);
/* The schema behind a set of revisions and all that they stand on. */
bool furrow__project_behind(furrow__project *p, const furrow__revision *const *revisions,
                            size_t count, furrow__catalog *out);
/* What the models change in a schema that the history made; *after is what comes of it, which also
 * holds what models cannot say. */
bool furrow__project_changes(furrow__project *p, const furrow__catalog *before,
                             furrow__change_list *changes, furrow__catalog *after);

/* Say what is wrong. Where the message begins with the place of a revision's file, as the history's
 * do ("file:line:column: …"), it is told as mistakes of files are: by path, with the line. */
void furrow__project_fail(furrow__project *p, const furrow_error *error);
/* The same for a place in one revision. */
void furrow__project_fail_at(furrow__project *p, const furrow__revision *revision,
                             furrow__file_location place, const furrow_error *error);

/* folder/file, in the project's arena; NULL when out of memory. */
const char *furrow__project_path(furrow__project *p, const char *file);
/* A URL without its password. */
void furrow__write_url(furrow__buffer *out, const char *url);

#endif
