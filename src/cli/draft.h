/* SPDX-License-Identifier: MIT
 *
 * A draft is a new revision that is not yet written to a file.
 *
 *     furrow__draft d;
 *     furrow__draft_begin(&d, &p, message, parents, count)     d.before: the schema of the parents
 *     …                                                        fill the lists of d.revision, and
 * d.after furrow__draft_finish(&d, &p)                             makes d.text, and checks it
 *     furrow__draft_write(&d, &p);
 *     furrow__draft_done(&d);
 *
 * If a function returns false, the error was reported on stderr.
 */
#ifndef FURROW_CLI_DRAFT_H
#define FURROW_CLI_DRAFT_H

#include "cli/project.h"

typedef struct furrow__draft {
    furrow__revision revision;
    furrow__catalog before, after; /* logical schemas; `after` begins as a copy of `before` */
    char id[FURROW__REVISION_ID_SIZE];
    char fingerprints[2][FURROW__FINGERPRINT_SIZE];
    furrow__buffer file, text;
    const furrow__revision *read; /* the revision as read back from `text`, with the locations of
                                     its changes */
} furrow__draft;

/* Choose an id that no other revision has, and make the name of the file from the id and the
 * current time. */
bool furrow__draft_begin(furrow__draft *d, furrow__project *p, const char *message,
                         const furrow__revision *const *parents, size_t count);
/* Make the downgrade: the changes from `after` to `before`. A comment before a change says what it
 * cannot restore. */
bool furrow__draft_add_downgrade(furrow__draft *d, furrow__project *p);
/* Make the text, add the revision to the project's history by reading the text, and check that
 * upgrade and downgrade make the schemas that the header declares. */
bool furrow__draft_finish(furrow__draft *d, furrow__project *p);
/* Write the file and furrow.sum, and print the path of the file to standard output. */
bool furrow__draft_write(furrow__draft *d, furrow__project *p);
/* Write the file only. The revision does not run until furrow sum accepts it. */
bool furrow__draft_write_unaccepted(furrow__draft *d, furrow__project *p);
void furrow__draft_done(furrow__draft *d);

#endif
