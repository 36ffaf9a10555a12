/* SPDX-License-Identifier: MIT
 * Declares the functions that report errors to stderr. They are used by the verbs that work on a
 * project. */
#ifndef FURROW_CLI_REPORT_H
#define FURROW_CLI_REPORT_H

#include "cli/project.h"

/* Reports an error. If p->failure contains the file of a revision, the message begins with the path
 * of that file. If p->failure also contains a location, the message includes the location and shows
 * its line. */
void furrow__report(furrow__project *p, const furrow_error *error);
/* Reports an error with its location in the file of a revision, and shows the line. */
void furrow__report_at(furrow__project *p, const furrow__revision *revision,
                       furrow__file_location place, const furrow_error *error);

/* Prints "path:line:column: " and a formatted message. If the line is 0, the message is about the
 * whole file, and the line and the column are not printed. `file` is the name of a file in the
 * folder of revisions. */
void furrow__report_line(furrow__project *p, const char *file, furrow__file_location place,
                         const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Appends a URL without its password. */
void furrow__write_url(furrow__buffer *out, const char *url);

#endif
