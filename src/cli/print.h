/* SPDX-License-Identifier: MIT
 * Declares the functions that several verbs use to print revisions, changes, lint findings, and
 * differences between schemas.
 */
#ifndef FURROW_CLI_PRINT_H
#define FURROW_CLI_PRINT_H

#include <stdio.h>

#include "cli/project.h"

/* Prints one line about a revision to stdout, such as "3f2a90c1d2e4 (head), add phone". */
void furrow__print_revision(const furrow__history *history, const furrow__revision *revision);
/* Prints one line for each revision, or a JSON array. Returns the exit code. */
int furrow__print_revisions(const furrow__history *history, furrow__revision *const *list,
                            size_t count, bool json);

/* Prints one line for each change. Each line begins with `indent`. */
void furrow__print_changes(FILE *file, const furrow__change_list *changes, const char *indent);
/* Prints the changes as a JSON array to stdout. */
void furrow__print_changes_json(const furrow__change_list *changes);

/* Runs lint on the upgrade of a revision and prints the findings to stderr. The upgrade is checked
 * for each dialect that furrow__project_dialects returns for `dialect`. `before` is the schema
 * before the upgrade. If lint fails, reports an error and returns false. */
bool furrow__print_lint(furrow__project *p, const furrow__revision *revision,
                        const furrow__catalog *before, const char *dialect);
/* Prints one line for each risk that lint finds in the upgrade of a revision, for the project's
 * dialect only. Called just before the upgrade runs. Returns false when out of memory. */
bool furrow__print_risks(furrow__project *p, const furrow__revision *revision,
                         const furrow__catalog *before);

/* The options of furrow__print_drift: what to compare and how to print the result. */
typedef struct furrow__drift_view {
    const furrow__catalog *expected;
    bool any_storage;  /* whether each table may have any storage version */
    bool every_column; /* true: report every column that the schema does not have; false: only
                          columns that can make a statement fail */
    FILE *file;        /* the stream to print to */
    bool json;         /* true: print a JSON array; false: print one line for each difference */
} furrow__drift_view;

/* Prints the differences between the database and a schema, and sets *count to their number. If the
 * comparison is not possible, reports an error and returns false. */
bool furrow__print_drift(furrow__project *p, furrow__migrator *m, const furrow__drift_view *view,
                         size_t *count);

#endif
