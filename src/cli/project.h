/* SPDX-License-Identifier: MIT
 *
 * A project consists of furrow.ini, model headers, a folder of revisions, and a database. All verbs
 * that work on revisions use this interface. Each function that returns false has reported the
 * error on stderr.
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
    furrow_arena arena;             /* memory for everything that a verb reads */
    const char *config;             /* path of furrow.ini; NULL if the file does not exist */
    const char *folder;             /* path of the folder of revisions */
    const char *url;                /* URL of the database; NULL if none is configured */
    const furrow_driver *driver;    /* the driver for the URL; NULL if there is no URL */
    const furrow__dialect *dialect; /* the dialect for the URL; NULL if there is no URL */
    char **models;                  /* paths of the model headers */
    int model_count;
    furrow__history history;          /* the revisions; allocated in the arena */
    furrow__revision_failure failure; /* where in a revision the error is; set by the last call that
                                         failed */
    furrow__buffer sum;               /* contents of furrow.sum; empty if the file does not exist */
    bool only_reads_database;         /* true if the hints must not suggest creating the database */
    int lock; /* file descriptor of the folder while it is locked for writing; -1 if it is not
                 locked */
} furrow__project;

/* The values of the command-line options. NULL means that the option is absent. */
typedef struct furrow__project_options {
    const char *config, *url, *migrations;
} furrow__project_options;

/* The options that set furrow__project_options, as elements of a verb's array of options. */
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

/* Reads the configuration. Command-line options take precedence over the environment variable
 * FURROW_URL, which takes precedence over furrow.ini. Paths in furrow.ini are relative to the
 * folder of that file, but the path in a SQLite URL is relative to the working directory. */
bool furrow__project_open(furrow__project *p, const furrow__project_options *options);
/* Opens the project and locks its folder of revisions. Used by verbs that write revisions. Waits
 * while another furrow command holds the lock. Without the lock, two simultaneous commands could
 * lose lines of furrow.sum. */
bool furrow__project_open_locked(furrow__project *p, const furrow__project_options *options);
/* Locks the folder of revisions until the project is closed. Does nothing if the folder is already
 * locked. */
void furrow__project_lock(furrow__project *p);
void furrow__project_close(furrow__project *p);

/* Connects to the project's database. If `options` has no URL, the project's URL is used. */
bool furrow__project_connect(furrow__project *p, const furrow__migrator_options *options,
                             furrow__migrator **out);
/* Returns whether the project's SQLite database file is missing. Returns false for a database on a
 * server. */
bool furrow__project_lacks_database(const furrow__project *p);

/* Returns the path of a file in the folder of revisions, allocated in the project's arena. Returns
 * NULL when out of memory. */
const char *furrow__project_path(furrow__project *p, const char *file);

/* Lists the dialects that a verb works on. If `name` is not NULL, the list contains only the
 * dialect with this name. Otherwise it contains the dialect of the project's URL or, if there is no
 * URL, every dialect. Returns the number of dialects. */
size_t furrow__project_dialects(const furrow__project *p, const char *name,
                                const furrow__dialect *out[FURROW__DIALECT_COUNT]);

#endif
