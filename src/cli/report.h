/* SPDX-License-Identifier: MIT
 * Reports the errors of verbs that work on a project, on stderr. */
#ifndef FURROW_CLI_REPORT_H
#define FURROW_CLI_REPORT_H

#include "cli/project.h"

/* Reports an error. If p->failure contains a location in the file of a revision, reports the error
 * at that location and shows the line. */
void furrow__report(furrow__project *p, const furrow_error *error);
/* Reports an error at a location in the file of a revision, and shows the line. */
void furrow__report_at(furrow__project *p, const furrow__revision *revision,
                       furrow__file_location place, const furrow_error *error);

/* Prints "path:line:column: " and a formatted message. Line 0 means the whole file; the line and
 * the column are then left out. `file` is the name of a file in the folder of revisions. */
void furrow__report_line(furrow__project *p, const char *file, furrow__file_location place,
                         const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Appends a URL without its password. */
void furrow__write_url(furrow__buffer *out, const char *url);

#endif
