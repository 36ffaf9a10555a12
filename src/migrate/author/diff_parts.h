/* SPDX-License-Identifier: MIT
 * What the files of diff share: what was renamed (diff_rename.c), which parts of two tables are the
 * same (diff_match.c), and the order in which the rest changes (diff.c). */
#ifndef FURROW_MIGRATE_AUTHOR_DIFF_PARTS_H
#define FURROW_MIGRATE_AUTHOR_DIFF_PARTS_H

#include "migrate/revision/change_parts.h"
#include "migrate/author/diff.h"

/* What becomes of a part of the old table. */
typedef enum furrow__disposition {
    FURROW__DISPOSITION_DROP,
    FURROW__DISPOSITION_UNCHANGED,
    FURROW__DISPOSITION_RENAME,   /* the same, under another name */
    FURROW__DISPOSITION_PRESERVE, /* models cannot say it */
} furrow__disposition;

typedef struct furrow__part_match {
    furrow__disposition disposition;
    size_t to;        /* with STAY and RENAME: which part of the new table */
    const char *name; /* the old name: parts move while changes are applied */
} furrow__part_match;

/* Two tables of one name. `old` is copied from `from` once what was renamed is renamed. */
typedef struct furrow__table_match {
    furrow__table_name name;
    furrow__catalog_table old;
    const furrow__catalog_table *to;
    furrow__part_match *constraints, *indexes;  /* one for each of old's */
    bool *constraint_is_there, *index_is_there; /* one for each of to's: nothing is to be added */
} furrow__table_match;

typedef struct furrow__match_list {
    furrow__table_match *items;
    size_t count;
} furrow__match_list;

/* A hint that `old` is called `new` now; old was there, and new will be. */
typedef struct furrow__rename {
    const char *old, *new;
    bool new_is_taken; /* there was one of the new name already */
    bool old_is_used;  /* there will be one of the old name */
} furrow__rename;

/* The value that stands for none: 0, FALSE, '', the first of an enum; NULL where there is none. */
const char *furrow__neutral_value(const furrow__catalog_column *column, furrow_arena *arena);

/* Keep those that are meant, *count, in an order in which each name is free; returns how many there
 * are of these. Behind them stand those that go round in a circle. */
size_t furrow__renames_order(furrow__rename *pairs, size_t *count);

/* Note the hints of what is new in `to` that were not followed: `now` is `from` with what was
 * renamed, by out->changes. False when out of memory. */
bool furrow__renames_find_unused(furrow__diff *out, const furrow__catalog *from,
                                 const furrow__catalog *now, const furrow__catalog *to,
                                 furrow_arena *arena);

bool furrow__same_type(const furrow__catalog_type *a, const furrow__catalog_type *b);
/* Whether models cannot say the column, so that autogenerate leaves it. */
bool furrow__column_is_kept(const furrow__catalog_column *column, furrow__diff_options options);
/* Fill in what becomes of constraints and indexes. `now` is the whole schema. */
furrow_status furrow__match_parts(furrow__match_list *list, const furrow__catalog *now,
                                  furrow__diff_options options, furrow_arena *arena,
                                  furrow_error *error);

#endif
