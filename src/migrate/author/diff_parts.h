/* SPDX-License-Identifier: MIT
 *
 * Functions that the files of the diff share. They decide which renames are intended
 * (diff_rename.c) and which constraints and indexes of two tables are the same (diff_match.c),
 * create tables (diff_create.c), change columns (diff_columns.c), and put all changes in order
 * (diff.c). */
#ifndef FURROW_MIGRATE_AUTHOR_DIFF_PARTS_H
#define FURROW_MIGRATE_AUTHOR_DIFF_PARTS_H

#include "migrate/revision/change_parts.h"
#include "migrate/author/diff.h"

/* Constraints and indexes (diff_match.c) */

/* What the diff does with a constraint or an index of the old table. */
typedef enum furrow__disposition {
    FURROW__DISPOSITION_DROP,
    FURROW__DISPOSITION_UNCHANGED,
    FURROW__DISPOSITION_RENAME,   /* the new table has the same part with another name */
    FURROW__DISPOSITION_PRESERVE, /* models cannot express the part, so it is kept */
} furrow__disposition;

typedef struct furrow__part_match {
    furrow__disposition disposition;
    size_t to;        /* index of the part in the new table; only for UNCHANGED and RENAME */
    const char *name; /* the old name of the part */
} furrow__part_match;

/* A table that exists in both schemas. `old` is a copy of the old table, made after the renames. */
typedef struct furrow__table_match {
    furrow__table_name name;
    furrow__catalog_table old;
    const furrow__catalog_table *to;
    /* The dispositions of the constraints and of the indexes of `old`. */
    furrow__part_match *constraints, *indexes;
    /* Whether `old` already has the constraints and the indexes of `to`. */
    bool *constraint_exists, *index_exists;
} furrow__table_match;

typedef struct furrow__match_list {
    furrow__table_match *items;
    size_t count;
} furrow__match_list;

bool furrow__same_type(const furrow__catalog_type *a, const furrow__catalog_type *b);
/* Returns whether models cannot express the column. The diff does not change such a column. */
bool furrow__column_is_kept(const furrow__catalog_column *column, furrow__diff_options options);
/* Fills in the disposition of every constraint and index. `now` is the whole old schema. */
furrow_status furrow__match_parts(furrow__match_list *list, const furrow__catalog *now,
                                  furrow__diff_options options, furrow_arena *arena,
                                  furrow_error *error);

/* The diff in progress (diff.c) */

typedef struct furrow__differ {
    furrow__diff *out;
    furrow__catalog now; /* a copy of `from` to which all changes so far are applied */
    const furrow__catalog *to;
    furrow__diff_options options;
    furrow_arena *arena;
    furrow_error *error;
    furrow_status status; /* the first failure; after a failure, the functions do nothing */
    furrow__match_list matches;
    const furrow__catalog_table **new_tables; /* the new tables, in the order in which they are
                                                 created */
    size_t new_count;
    size_t likely_capacity, cycle_capacity;
} furrow__differ;

void furrow__differ_no_memory(furrow__differ *d);
/* Appends a change to the result and applies it to `now`. */
void furrow__differ_emit(furrow__differ *d, const furrow__change *change);
/* Returns "<text><table>" or "<text><table>.<column>", allocated in the arena. `column` can be
 * NULL. */
const char *furrow__differ_comment(furrow__differ *d, const char *text, furrow__table_name table,
                                   const char *column);

/* New tables (diff_create.c) */

void furrow__differ_create_tables(furrow__differ *d);
/* Creates the table's indexes, except those that are marked in `exists`. `exists` can be NULL. */
void furrow__differ_create_indexes(furrow__differ *d, const furrow__catalog_table *table,
                                   const bool *exists);

/* Columns (diff_columns.c) */

void furrow__differ_change_columns(furrow__differ *d, const furrow__table_match *t);
void furrow__differ_alter(furrow__differ *d, const furrow__table_match *t, const char *name,
                          furrow__column_change alters, const furrow__catalog_column *column);
/* Returns the value that corresponds to zero: 0, FALSE, '' or the first value of an enum. Returns
 * NULL if the type has no such value. */
const char *furrow__neutral_value(const furrow__catalog_column *column, furrow_arena *arena);

/* Renames (diff_rename.c) */

/* A `renamed_from` hint: `old` is now called `new`. */
typedef struct furrow__rename {
    const char *old, *new;
    bool new_is_taken; /* the old schema has something named `new` */
    bool old_is_used;  /* the new schema has something named `old` */
} furrow__rename;

/* Removes the hints that are not followed. Sorts the other hints in such a way that each new name
 * is free when a rename needs it. Sets *count to the number of hints that are left. Returns the
 * number of renames that can be carried out; these come first, and the rest form cycles. */
size_t furrow__renames_order(furrow__rename *pairs, size_t *count);
/* Emits the table renames that the hints in `hinted` ask for. */
void furrow__differ_rename_tables(furrow__differ *d, const furrow__catalog *hinted);
void furrow__differ_rename_columns(furrow__differ *d);
/* Emits a rename for each table, and for each column, whose old and new names differ only in case.
 * Without the rename, SQLite could not create the new one while the old one exists, and dropping
 * the old one would lose its values. */
void furrow__differ_rename_cases(furrow__differ *d);
void furrow__differ_rename_column_cases(furrow__differ *d);
/* Considers the hints of the new tables and columns in `to`, and lists those hints that were not
 * followed. `now` is `from` after the renames in out->changes. Returns false when out of memory. */
bool furrow__renames_find_unused(furrow__diff *out, const furrow__catalog *from,
                                 const furrow__catalog *now, const furrow__catalog *to,
                                 furrow_arena *arena);

/* Returns a new column with the type and nullability of a dropped column. Returns NULL if there is
 * none. */
const furrow__catalog_column *furrow__likely_new_name(const furrow__table_match *t,
                                                      const furrow__catalog_column *old);
void furrow__differ_add_likely(furrow__differ *d, furrow__likely_rename likely);
/* Returns a comment that contains the rename statement. A person decides whether to use it. */
const char *furrow__differ_suggest_rename(furrow__differ *d, const furrow__change *rename);
/* Adds a comment to each dropped table that has the same columns as a new table, because it may
 * have been renamed to the new table. */
void furrow__differ_suggest_table_renames(furrow__differ *d, const furrow__catalog *from);

#endif
