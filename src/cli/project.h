/* SPDX-License-Identifier: MIT
 *
 * A project: furrow.ini, its model headers, its folder of revisions, and its database. All verbs
 * that work on revisions use it. Each function that returns false has reported the error on
 * stderr.
 *
 *     furrow__project p;
 *     bool fine = furrow__project_open(&p, &options) && furrow__folder_read(&p, true);
 *     …
 *     furrow__project_close(&p);                      also after a failure
 *
 * folder.h reads and writes the folder of revisions, schemas.h computes schemas from revisions and
 * models, and report.h reports errors.
 */
#ifndef FURROW_CLI_PROJECT_H
#define FURROW_CLI_PROJECT_H

#include "cli/cli.h"
#include "migrate/apply/route.h"

typedef struct furrow__project {
    furrow_arena arena;             /* holds everything that a verb reads */
    const char *config;             /* path of furrow.ini; NULL if there is none */
    const char *folder;             /* path of the folder of revisions */
    const char *url;                /* of the database; NULL if none is configured */
    const furrow_driver *driver;    /* for the URL; NULL without a URL */
    const furrow__dialect *dialect; /* for the URL; NULL without a URL */
    char **models;                  /* paths of the model headers */
    int model_count;
    furrow__history history;          /* in the project's arena */
    furrow__revision_failure failure; /* where the last failed call found an error in a revision */
    furrow__buffer sum;               /* contents of furrow.sum; empty if the file does not exist */
    int lock; /* descriptor of the folder, which is locked for writing; -1 if it is not locked */
} furrow__project;

/* Values of command-line options; NULL if an option was not given. */
typedef struct furrow__project_options {
    const char *config, *url, *migrations;
} furrow__project_options;

/* Elements of a verb's array of options. */
#define FURROW__PROJECT_OPTIONS(options)                                                           \
    {"--config", "-c", &(options).config, NULL}, {"--url", NULL, &(options).url, NULL},            \
    {                                                                                              \
        "--migrations", NULL, &(options).migrations, NULL                                          \
    }
/* The lines of a verb's help that describe FURROW__PROJECT_OPTIONS. */
#define FURROW__PROJECT_HELP                                                                       \
    "  --url URL          the database (default: FURROW_URL, or url in furrow.ini)\n"              \
    "  --migrations DIR   the folder of revisions (default: migrations in furrow.ini)\n"           \
    "  -c, --config FILE  read this file instead of furrow.ini\n"                                  \
    "  --help             print this text\n"

/* Read the configuration. An option takes precedence over the environment variable FURROW_URL,
 * which takes precedence over furrow.ini. Paths in furrow.ini are relative to its folder; the path
 * of a SQLite URL is relative to the working directory. */
bool furrow__project_open(furrow__project *p, const furrow__project_options *options);
/* Open the project and lock its folder of revisions, for verbs that write revisions. Waits while
 * another furrow command holds the lock: two commands that write at the same time would lose lines
 * of furrow.sum. */
bool furrow__project_open_locked(furrow__project *p, const furrow__project_options *options);
/* Lock the folder of revisions until the project is closed, if it is not locked yet. */
void furrow__project_lock(furrow__project *p);
void furrow__project_close(furrow__project *p);

/* Connect to the project's database. `options` may leave out the URL. */
bool furrow__project_connect(furrow__project *p, const furrow__migrator_options *options,
                             furrow__migrator **out);
/* Whether the project's database is known not to exist: its SQLite file is missing. */
bool furrow__project_lacks_database(const furrow__project *p);

/* The path of a file in the folder of revisions, in the project's arena; NULL when out of
 * memory. */
const char *furrow__project_path(furrow__project *p, const char *file);

/* The dialects that a verb works on: the dialect with this name if `name` is not NULL, otherwise
 * the dialect of the project's URL, otherwise all dialects. Returns their number. */
size_t furrow__project_dialects(const furrow__project *p, const char *name,
                                const furrow__dialect *out[FURROW__DIALECT_COUNT]);

#endif
