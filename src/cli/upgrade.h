/* SPDX-License-Identifier: MIT
 * Declares what the source files of `furrow upgrade` and `furrow downgrade` share. upgrade.c runs
 * revisions, upgrade_script.c prints what would run, and upgrade_report.c reports lost rows and
 * failures. */
#ifndef FURROW_CLI_UPGRADE_H
#define FURROW_CLI_UPGRADE_H

#include "cli/progress.h"
#include "cli/project.h"

typedef struct furrow__upgrade_request {
    furrow__project_options project;
    const char *target, *lock_timeout; /* lock_timeout is NULL if the option is absent */
    bool down, sql;                    /* down: undo revisions; sql: only print the statements */
    furrow__migrator_options options;
} furrow__upgrade_request;

typedef struct furrow__upgrade {
    furrow__project *project;
    const furrow__upgrade_request *request;
    furrow__migrator *migrator; /* NULL if --sql is used and the database does not exist */
    furrow__progress progress;
} furrow__upgrade;

/* Prints, for each statement of the step that is allowed to lose rows, how many rows it would
 * lose. */
void furrow__upgrade_report_losses(furrow__upgrade *u, const furrow__plan *plan);
/* Reports why the run failed, and which of its steps remain applied. */
void furrow__upgrade_report_failure(furrow__upgrade *u, const furrow__route_report *report,
                                    const furrow_error *error);

/* Prints the statements that would run. Returns the exit code. */
int furrow__upgrade_print_script(furrow__upgrade *u);

#endif
