/* SPDX-License-Identifier: MIT
 *
 * A draft is a new revision whose file has not been written yet.
 *
 *     furrow__draft d;
 *     furrow__draft_begin(&d, &p, message, parents, count)    sets d.before
 *     …                                                       fill the lists of d.revision, d.after
 *     furrow__draft_finish(&d, &p)                            sets d.text and checks it
 *     furrow__draft_write(&d, &p);
 *     furrow__draft_done(&d);
 *
 * Each function that returns false has reported the error on stderr.
 */
#ifndef FURROW_CLI_DRAFT_H
#define FURROW_CLI_DRAFT_H

#include "cli/project.h"

typedef struct furrow__draft {
    furrow__revision revision;
    furrow__catalog before, after; /* logical schemas before and after the revision; `after` is
                                      initially a copy of `before`, with the newest storage version
                                      if there are no parents */
    char id[FURROW__REVISION_ID_SIZE];
    char fingerprints[2][FURROW__FINGERPRINT_SIZE];
    furrow__buffer file, text;
    const furrow__revision *read; /* the revision parsed from `text`, which includes the locations
                                     of its changes */
} furrow__draft;

/* Chooses an id that no other revision has, and derives the name of the file from the id and the
 * current time. */
bool furrow__draft_begin(furrow__draft *d, furrow__project *p, const char *message,
                         const furrow__revision *const *parents, size_t count);
/* Adds a downgrade to the draft: the changes from `after` to `before`. If a change cannot restore
 * everything, a comment before the change says what is lost. */
bool furrow__draft_add_downgrade(furrow__draft *d, furrow__project *p);
/* Writes the text of the revision to `text`, parses it, and adds the parsed revision to the
 * project's history. Then checks that the upgrade and the downgrade lead to the schemas that the
 * header of the revision declares. */
bool furrow__draft_finish(furrow__draft *d, furrow__project *p);
/* Writes the file and furrow.sum, and prints the path of the file to standard output. */
bool furrow__draft_write(furrow__draft *d, furrow__project *p);
/* Writes the file but not furrow.sum. The revision cannot run until `furrow sum --accept` has
 * updated furrow.sum. */
bool furrow__draft_write_unaccepted(furrow__draft *d, furrow__project *p);
void furrow__draft_done(furrow__draft *d);

#endif
