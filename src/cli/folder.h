/* SPDX-License-Identifier: MIT
 *
 * The folder of revisions: reading its files and furrow.sum into the project's history, finding
 * revisions, and writing them. Each function that returns false or NULL has reported the error on
 * stderr.
 */
#ifndef FURROW_CLI_FOLDER_H
#define FURROW_CLI_FOLDER_H

#include "cli/project.h"

/* ---- reading ---- */

/* Read all revisions into the project's history, and furrow.sum. With check_sum, also compare them
 * with furrow.sum. */
bool furrow__folder_read(furrow__project *p, bool check_sum);
/* Compare the revisions with furrow.sum. On failure, *differs tells whether a file differs from its
 * line in furrow.sum; otherwise the comparison itself failed. */
bool furrow__folder_check_sum(furrow__project *p, bool *differs);
/* Whether every line of furrow.sum is valid. */
bool furrow__folder_sum_is_valid(furrow__project *p);

/* ---- finding ---- */

/* Whether no other revision has this one as a parent. */
bool furrow__folder_is_head(const furrow__history *history, const furrow__revision *revision);
/* The revision that `id` names: an id, the beginning of one, or "head". NULL if there is none. */
furrow__revision *furrow__folder_find(furrow__project *p, const char *id);
/* Set *out to the only head, or to NULL if there are no revisions. False if there are several
 * heads, which are then reported with `hint`. */
bool furrow__folder_one_head(furrow__project *p, furrow__revision **out, const char *hint);

/* ---- writing ---- */

/* Write the file of a revision, and furrow.sum with it: both or neither. */
bool furrow__folder_write(furrow__project *p, const char *file, const char *text, size_t size);
/* Read the folder again and write furrow.sum: the lines of the revisions with these ids from their
 * files, and all other lines unchanged. With ids == NULL, every line is written from its file. */
bool furrow__folder_accept(furrow__project *p, const char *const *ids, size_t count);

#endif
