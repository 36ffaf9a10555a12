/* SPDX-License-Identifier: MIT
 *
 * What an engine is told for a list of changes: pure, so that `show`, `--sql` and furrow.sum need
 * no database, and so that a plan can be read before it runs. One action is one statement, or one
 * rebuild of a SQLite table, into which neighbouring changes of the same table are folded. A RENAME
 * COLUMN is SQLite's own statement before the rebuild: that follows the column into other tables'
 * keys, views and triggers, which a rebuild does not (and then stops, by name).
 */
#ifndef FURROW_MIGRATE_PLAN_PLAN_H
#define FURROW_MIGRATE_PLAN_PLAN_H

#include "migrate/revision/change.h"

typedef enum furrow__action_kind {
    FURROW__ACTION_STATEMENT = 1,
    FURROW__ACTION_REBUILD, /* SQLite: see apply.h */
} furrow__action_kind;

/* Where a column's values come from in a rebuild. */
typedef struct furrow__rebuild_column {
    const char *name;   /* in the new table */
    const char *source; /* SQL over the old table: a quoted column, or an expression */
} furrow__rebuild_column;

typedef struct furrow__action {
    furrow__action_kind kind;
    furrow__file_location place; /* of the first change it comes from */
    const char *sql; /* the statement; of a rebuild the CREATE TABLE, for people and for the sum */
    bool is_data;    /* changes rows: `changed` is told to the user */
    furrow__table_name table; /* which it changes; of a rebuild as it is called when that begins and
                                 ends; NULL where no one table can be named */
    /* Of a rebuild: */
    const furrow__catalog_table *before;   /* physical, as the history has it */
    const furrow__catalog_table *after;    /* physical; a live table's own words are kept where
                                              before and after agree (apply.h) */
    const furrow__rebuild_column *columns; /* those of `after` that are filled */
    size_t column_count;
    const furrow__change *const *changes; /* folded into it, in order */
    size_t change_count;
} furrow__action;

/* The text after a number of rows: " row of \"t\" has no \"k\"", " rows of \"t\" have no \"k\"". */
typedef struct furrow__count_message {
    const char *one, *many;
} furrow__count_message;

/* A question to the target database before anything runs. */
typedef struct furrow__preflight {
    furrow__file_location place;
    const char *count_sql;  /* the number of rows that prevent the change, or would be lost */
    const char *sample_sql; /* the keys of at most five of them, or values that occur twice; NULL if
                               there is nothing to show */
    furrow__count_message message;
    const char *hint;
    bool is_loss;    /* --allow-data-loss or the file can allow any count; else it must be 0 */
    bool is_allowed; /* the file allows it */
    furrow__table_name table;
    const char *where;         /* the rows, as a condition over the table AS t; NULL: all rows */
    const char *const *unique; /* columns of a new unique key: the rows are those that have the same
                                  values in these columns as another row, none of them NULL */
    size_t unique_count;
} furrow__preflight;

typedef struct furrow__plan {
    const furrow__dialect *dialect;
    const furrow__action *actions;
    size_t count;
    const furrow__preflight *preflights; /* over the schema as it is before the first change */
    size_t preflight_count;
    furrow__file_location failed; /* of the change that cannot be planned; line 0: none */
} furrow__plan;

typedef struct furrow__plan_input {
    const furrow__dialect *dialect;
    const furrow__catalog *before; /* the schema before the first change */
    const furrow__change_list *changes;
} furrow__plan_input;

/* Plans the changes. FURROW_INVALID if one of them cannot be planned; out->failed is then its
 * place.
 */
furrow_status furrow__plan_make(furrow__plan *out, const furrow__plan_input *input,
                                furrow_arena *arena, furrow_error *error);
/* Writes the message with its number. */
void furrow__preflight_write(furrow__buffer *out, const furrow__preflight *asked, int64_t count);
/* The plan as a script for people. */
void furrow__plan_write(furrow__buffer *out, const furrow__plan *plan);

#endif
