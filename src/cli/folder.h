/* SPDX-License-Identifier: MIT
 *
 * Reads the files of revisions and furrow.sum into the project's history, finds revisions, and
 * writes their files. Each function that returns false or NULL has reported the error on stderr.
 */
#ifndef FURROW_CLI_FOLDER_H
#define FURROW_CLI_FOLDER_H

#include "cli/project.h"

/* Reading */

/* Reads all revisions and furrow.sum into the project's history. If check_sum is set, also compares
 * the revisions with furrow.sum. */
bool furrow__folder_read(furrow__project *p, bool check_sum);
/* Compares the revisions with furrow.sum. Returns false after reporting an error. *differs then
 * says why: true if a file differs from its line in furrow.sum, false if the comparison failed. */
bool furrow__folder_check_sum(furrow__project *p, bool *differs);
/* Returns whether every line of furrow.sum is valid. */
bool furrow__folder_sum_is_valid(furrow__project *p);

/* Finding */

/* Returns whether a revision is a head, that is, whether it is not the parent of another
 * revision. */
bool furrow__folder_is_head(const furrow__history *history, const furrow__revision *revision);
/* Finds a revision by its id, by the beginning of its id, or by the name "head". Returns NULL if
 * there is no such revision. */
furrow__revision *furrow__folder_find(furrow__project *p, const char *id);
/* Sets *out to the only head, or to NULL if there are no revisions. If there are several heads,
 * reports an error with the hint `hint` and returns false. */
bool furrow__folder_one_head(furrow__project *p, furrow__revision **out, const char *hint);

/* Writing */

/* Writes the file of a revision and updates furrow.sum. If either step fails, both files are left
 * unchanged. */
bool furrow__folder_write(furrow__project *p, const char *file, const char *text, size_t size);
/* Reads the folder again and writes furrow.sum. The lines of the revisions with these ids are
 * computed from their files; all other lines stay unchanged. If `ids` is NULL, every line is
 * computed from the file of its revision. */
bool furrow__folder_accept(furrow__project *p, const char *const *ids, size_t count);

#endif
