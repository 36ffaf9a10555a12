/* SPDX-License-Identifier: MIT
 *
 * A new revision on its way to be a file.
 *
 *     furrow__draft d;
 *     furrow__draft_begin(&d, &p, message, parents, count)     d.before is the schema it stands on
 *     …                                                        fill d.revision's lists, and d.after
 *     furrow__draft_finish(&d, &p)                             its text is in d.text, and proven
 *     furrow__draft_write(&d, &p);
 *     furrow__draft_done(&d);
 *
 * Each says on stderr what is wrong, and returns false.
 */
#ifndef FURROW_CLI_DRAFT_H
#define FURROW_CLI_DRAFT_H

#include "cli/project.h"

typedef struct furrow__draft {
    furrow__revision revision;
    furrow__catalog before, after; /* logical; after is a copy of before at first */
    char id[FURROW__REVISION_ID_SIZE];
    char fingerprints[2][FURROW__FINGERPRINT_SIZE];
    furrow__buffer file, text;
    const furrow__revision *read; /* as it was read back, with places in its text */
} furrow__draft;

/* An id that no revision has, and the time of now are its name. */
bool furrow__draft_begin(furrow__draft *d, furrow__project *p, const char *message,
                         const furrow__revision *const *parents, size_t count);
/* The way back: what differs between after and before, with what it cannot bring back said above
 * it. */
bool furrow__draft_add_downgrade(furrow__draft *d, furrow__project *p);
/* Write the text, read it back into the project's history, and go up and down it. */
bool furrow__draft_finish(furrow__draft *d, furrow__project *p);
/* Write the file and furrow.sum; its path goes to standard output. */
bool furrow__draft_write(furrow__draft *d, furrow__project *p);
/* Write the file alone: it must be accepted (furrow sum) before it runs. */
bool furrow__draft_write_unaccepted(furrow__draft *d, furrow__project *p);
void furrow__draft_done(furrow__draft *d);

#endif
