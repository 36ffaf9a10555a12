/* SPDX-License-Identifier: MIT
 * What the files of diff share: which renames are meant (diff_rename.c), which constraints and
 * indexes of two tables are the same (diff_match.c), new tables (diff_create.c), columns
 * (diff_columns.c), and the order in which everything changes (diff.c). */
#ifndef FURROW_MIGRATE_AUTHOR_DIFF_PARTS_H
#define FURROW_MIGRATE_AUTHOR_DIFF_PARTS_H

#include "migrate/revision/change_parts.h"
#include "migrate/author/diff.h"

/* ---- constraints and indexes (diff_match.c) ---- */

/* What happens to a constraint or an index of the old table. */
typedef enum furrow__disposition {
    FURROW__DISPOSITION_DROP,
    FURROW__DISPOSITION_UNCHANGED,
    FURROW__DISPOSITION_RENAME,   /* the new table has it under another name */
    FURROW__DISPOSITION_PRESERVE, /* models cannot express it, so it is left alone */
} furrow__disposition;

typedef struct furrow__part_match {
    furrow__disposition disposition;
    size_t to;        /* index into the new table's list; only for UNCHANGED and RENAME */
    const char *name; /* the old name; indexes into the old list shift as changes are applied */
} furrow__part_match;

/* A table that both schemas have. `old` is a copy of the old table, made after the renames. */
typedef struct furrow__table_match {
    furrow__table_name name;
    furrow__catalog_table old;
    const furrow__catalog_table *to;
    furrow__part_match *constraints, *indexes; /* one entry for each constraint and index of old */
    bool *constraint_exists,
        *index_exists; /* one entry for each of to: true if old has it already */
} furrow__table_match;

typedef struct furrow__match_list {
    furrow__table_match *items;
    size_t count;
} furrow__match_list;

bool furrow__same_type(const furrow__catalog_type *a, const furrow__catalog_type *b);
/* Returns whether models cannot express the column, so that the diff leaves it alone. */
bool furrow__column_is_kept(const furrow__catalog_column *column, furrow__diff_options options);
/* Fills in the disposition of every constraint and index. `now` is the whole old schema. */
furrow_status furrow__match_parts(furrow__match_list *list, const furrow__catalog *now,
                                  furrow__diff_options options, furrow_arena *arena,
                                  furrow_error *error);

/* ---- the diff in progress (diff.c) ---- */

typedef struct furrow__differ {
    furrow__diff *out;
    furrow__catalog now; /* `from` with all changes so far applied */
    const furrow__catalog *to;
    furrow__diff_options options;
    furrow_arena *arena;
    furrow_error *error;
    furrow_status status; /* the first failure; after it, every function does nothing */
    furrow__match_list matches;
    const furrow__catalog_table **new_tables; /* in the order of creation */
    size_t new_count;
    size_t likely_capacity, cycle_capacity;
} furrow__differ;

void furrow__differ_no_memory(furrow__differ *d);
/* Appends a change to the result and applies it to `now`. */
void furrow__differ_emit(furrow__differ *d, const furrow__change *change);
/* Returns "<text><table>" or "<text><table>.<column>", allocated in the arena. `column` may be
 * NULL. */
const char *furrow__differ_comment(furrow__differ *d, const char *text, furrow__table_name table,
                                   const char *column);

/* ---- new tables (diff_create.c) ---- */

void furrow__differ_create_tables(furrow__differ *d);
/* Creates the table's indexes, except those marked in `exists`, which may be NULL. */
void furrow__differ_create_indexes(furrow__differ *d, const furrow__catalog_table *table,
                                   const bool *exists);

/* ---- columns (diff_columns.c) ---- */

void furrow__differ_change_columns(furrow__differ *d, const furrow__table_match *t);
void furrow__differ_alter(furrow__differ *d, const furrow__table_match *t, const char *name,
                          furrow__column_change alters, const furrow__catalog_column *column);
/* Returns the value that corresponds to zero: 0, FALSE, '' or the first value of an enum; NULL if
 * the type has no such value. */
const char *furrow__neutral_value(const furrow__catalog_column *column, furrow_arena *arena);

/* ---- renames (diff_rename.c) ---- */

/* A `renamed_from` hint: `old` is now called `new`. */
typedef struct furrow__rename {
    const char *old, *new;
    bool new_is_taken; /* the old schema has something named `new` */
    bool old_is_used;  /* the new schema has something named `old` */
} furrow__rename;

/* Removes the hints that are not meant, and sorts the others so that each new name is free when it
 * is taken. Returns how many can be carried out. The rest of the *count hints, which follow them,
 * form cycles. */
size_t furrow__renames_order(furrow__rename *pairs, size_t *count);
/* Emits the renames of tables, by the hints of `hinted`. */
void furrow__differ_rename_tables(furrow__differ *d, const furrow__catalog *hinted);
void furrow__differ_rename_columns(furrow__differ *d);
/* Lists the hints on new tables and columns of `to` that were not followed. `now` is `from` after
 * the renames in out->changes. Returns false when out of memory. */
bool furrow__renames_find_unused(furrow__diff *out, const furrow__catalog *from,
                                 const furrow__catalog *now, const furrow__catalog *to,
                                 furrow_arena *arena);

/* Returns a new column of the same type and nullability as a dropped one, or NULL. */
const furrow__catalog_column *furrow__likely_new_name(const furrow__table_match *t,
                                                      const furrow__catalog_column *old);
void furrow__differ_add_likely(furrow__differ *d, furrow__likely_rename likely);
/* Returns the rename statement as a comment for a person to consider. */
const char *furrow__differ_suggest_rename(furrow__differ *d, const furrow__change *rename);
/* Comments on each dropped table with the same columns as a new one: it may have been renamed. */
void furrow__differ_suggest_table_renames(furrow__differ *d, const furrow__catalog *from);

#endif
