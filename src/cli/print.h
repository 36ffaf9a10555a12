/* SPDX-License-Identifier: MIT
 * What several verbs print: revisions, changes, findings of lint, and differences between schemas.
 */
#ifndef FURROW_CLI_PRINT_H
#define FURROW_CLI_PRINT_H

#include <stdio.h>

#include "cli/project.h"

/* Print one line about a revision to stdout: "3f2a90c1d2e4 (head), add phone". */
void furrow__print_revision(const furrow__history *history, const furrow__revision *revision);
/* Print a line for each revision, or a JSON array. Returns the exit code. */
int furrow__print_revisions(const furrow__history *history, furrow__revision *const *list,
                            size_t count, bool json);

/* Print a line for each change, after `indent`. */
void furrow__print_changes(FILE *file, const furrow__change_list *changes, const char *indent);
/* Print the changes as a JSON array to stdout. */
void furrow__print_changes_json(const furrow__change_list *changes);

/* Print what lint finds in the upgrade of a revision, to stderr, for the dialects that `dialect`
 * selects (see furrow__project_dialects). `before` is the schema before the upgrade. False if lint
 * failed; the error is then reported. */
bool furrow__print_lint(furrow__project *p, const furrow__revision *revision,
                        const furrow__catalog *before, const char *dialect);
/* Print a line for each risk that lint finds for the project's dialect, just before the upgrade
 * runs. False when out of memory. */
bool furrow__print_risks(furrow__project *p, const furrow__revision *revision,
                         const furrow__catalog *before);

/* What furrow__print_drift compares and how it prints the result. */
typedef struct furrow__drift_view {
    const furrow__catalog *expected;
    bool every_column; /* report all columns that the schema does not have; false: only those that
                          can make a statement fail */
    FILE *file;        /* where the result goes */
    bool json;         /* a JSON array; false: a line for each difference */
} furrow__drift_view;

/* Print how the database differs from a schema; *count is the number of differences. False if they
 * could not be compared; the error is then reported. */
bool furrow__print_drift(furrow__project *p, furrow__migrator *m, const furrow__drift_view *view,
                         size_t *count);

#endif
