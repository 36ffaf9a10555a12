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

/* A question to the target database before anything runs. */
typedef struct furrow__preflight {
    furrow__file_location place;
    const char *count_sql;  /* one number: rows that are in the way, or would be lost */
    const char *sample_sql; /* keys, or values that shall be unique, of at most five; or NULL */
    const char *message;    /* "%llu rows of \"contact\" have no \"phone\"": one %llu */
    const char *mend;
    bool is_loss; /* allowed by --allow-data-loss or by the file; else it must be 0 */
    bool is_allowed;
    /* Which rows, as a condition over the table AS t (NULL: all of them); or those that have the
     * same values, none of them NULL, in these columns. */
    furrow__table_name table;
    const char *where;
    const char *const *unique;
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

/* What the linked engine can do by itself: sqlite3_libversion_number(), or a server's version. */
typedef struct furrow__engine_facts {
    int version; /* 0: unknown, for `show` and the sum: the least that furrow supports */
} furrow__engine_facts;

furrow_status furrow__plan_make(furrow__plan *out, const furrow__dialect *dialect,
                                furrow__engine_facts facts, const furrow__catalog *before,
                                const furrow__change_list *changes, furrow_arena *arena,
                                furrow_error *error);
/* A question's message with its number: "1 row of ... has", "2 rows of ... have". */
void furrow__preflight_write(furrow__buffer *out, const furrow__preflight *asked, int64_t count);
/* The plan as a script for people. */
void furrow__plan_write(furrow__buffer *out, const furrow__plan *plan);

#endif
