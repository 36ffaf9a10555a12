/* SPDX-License-Identifier: MIT
 * Errors of a project's verbs, on stderr. */
#ifndef FURROW_CLI_REPORT_H
#define FURROW_CLI_REPORT_H

#include "cli/project.h"

/* Report an error. If the history recorded its location in the file of a revision (p->failure),
 * report it there, and show the line. */
void furrow__report(furrow__project *p, const furrow_error *error);
/* Report an error at a location in the file of a revision, and show the line. */
void furrow__report_at(furrow__project *p, const furrow__revision *revision,
                       furrow__file_location place, const furrow_error *error);

/* Print "path:line:column: " and a formatted message. Line 0 stands for the whole file, and is left
 * out. `file` is a name in the folder of revisions. */
void furrow__report_line(furrow__project *p, const char *file, furrow__file_location place,
                         const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Append a URL without its password. */
void furrow__write_url(furrow__buffer *out, const char *url);

#endif
