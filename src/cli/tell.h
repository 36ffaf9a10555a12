/* SPDX-License-Identifier: MIT
 * What several verbs of migrations print. */
#ifndef FURROW_CLI_TELL_H
#define FURROW_CLI_TELL_H

#include <stdio.h>

#include "cli/project.h"

/* A line about a revision, to stdout: "3f2a90c1d2e4 (head), add phone". */
void furrow__tell_revision(const furrow__history *history, const furrow__revision *revision);
/* A line each, or a JSON array; the exit code. */
int furrow__tell_revisions(const furrow__history *history, furrow__revision *const *list,
                           size_t count, bool json);
/* What changes, a line each with `indent` in front. */
void furrow__tell_changes(FILE *file, const furrow__change_list *changes, const char *indent);
/* The same as a JSON array, to stdout. */
void furrow__tell_changes_json(const furrow__change_list *changes);
/* The dialects to speak of: the named one, else the URL's, else both. How many. */
size_t furrow__tell_dialects(const furrow__dialect *out[2], const furrow__project *p,
                             const char *name);
/* Findings of lint in an upgrade to `before`, to stderr. False when out of memory. */
bool furrow__tell_lint(furrow__project *p, const furrow__revision *revision,
                       const furrow__catalog *before, const char *dialect);
/* The same for the project's engine, a line each: when it is about to run. */
bool furrow__tell_risks(furrow__project *p, const furrow__revision *revision,
                        const furrow__catalog *before);
/* How a database differs from a schema, a line each or a JSON array; *count: how many there are.
 * every_column: a column that it has beyond the schema is a difference even in nobody's way. */
bool furrow__tell_drift(furrow__project *p, furrow__migrator *m, const furrow__catalog *expected,
                        bool every_column, FILE *file, bool json, size_t *count);

#endif
