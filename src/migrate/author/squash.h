/* SPDX-License-Identifier: MIT
 *
 * One revision in the place of a history's beginning: what it must say, and whether it may. Pure.
 */
#ifndef FURROW_MIGRATE_AUTHOR_SQUASH_H
#define FURROW_MIGRATE_AUTHOR_SQUASH_H

#include "migrate/revision/revision.h"

/* What a squash would lose: statements that write rows, and blocks for one engine. */
typedef struct furrow__squash_loss {
    const furrow__revision *revision;
    const furrow__change *change;
} furrow__squash_loss;

typedef struct furrow__squash {
    furrow__catalog after; /* the schema behind it */
    furrow__change_list upgrade, downgrade;
    const char *const *squashes; /* every id, also of what they squash themselves */
    size_t squash_count;
    const furrow__revision **files; /* those that go */
    size_t file_count;
    const furrow__squash_loss *losses;
    size_t loss_count;
} furrow__squash;

/* From the base to this revision. FURROW_INVALID where another comes out of the middle, or where
 * there is nothing to squash. */
furrow_status furrow__squash_make(furrow__squash *out, const furrow__history *history,
                                  const furrow__revision *to, furrow_arena *arena,
                                  furrow_error *error);

#endif
