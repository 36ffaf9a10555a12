/* SPDX-License-Identifier: MIT
 *
 * Squashing replaces the first revisions of a history with one revision. These functions compute
 * the changes of the new revision and check whether the squash is possible. They do no I/O.
 */
#ifndef FURROW_MIGRATE_AUTHOR_SQUASH_H
#define FURROW_MIGRATE_AUTHOR_SQUASH_H

#include "migrate/revision/revision.h"

/* A part that the squash loses: a statement that writes rows, or a block of SQL for one engine. */
typedef struct furrow__squash_loss {
    const furrow__revision *revision;
    const furrow__change *change;
} furrow__squash_loss;

typedef struct furrow__squash {
    furrow__catalog after; /* the schema after the squashed revisions */
    furrow__change_list upgrade, downgrade;
    const char *const *squashes; /* the ids of all squashed revisions. If a squashed revision is
                                    itself a squash, the ids that it squashed are included */
    size_t squash_count;
    const furrow__revision **files; /* the revisions to remove */
    size_t file_count;
    const furrow__squash_loss *losses;
    size_t loss_count;
} furrow__squash;

/* Squashes all revisions from the base up to `to`. Returns FURROW_INVALID if another revision
 * branches off before `to`, or if fewer than two revisions would be squashed. */
furrow_status furrow__squash_make(furrow__squash *out, const furrow__history *history,
                                  const furrow__revision *to, furrow_arena *arena,
                                  furrow_error *error);

#endif
