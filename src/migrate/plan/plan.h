/* SPDX-License-Identifier: MIT
 *
 * A plan is what an engine runs for a list of changes. No database is needed to make a plan. So
 * `furrow show`, `--sql` and furrow.sum can use it, and people can read it before it runs. An
 * action is one statement, or one rebuild of a SQLite table. A rebuild combines successive changes
 * of the same table, except RENAME COLUMN. This change runs before the rebuild as a statement of
 * SQLite, which also renames the column in foreign keys, views and triggers of other tables.
 */
#ifndef FURROW_MIGRATE_PLAN_PLAN_H
#define FURROW_MIGRATE_PLAN_PLAN_H

#include "migrate/revision/change.h"

typedef enum furrow__action_kind {
    FURROW__ACTION_STATEMENT = 1,
    FURROW__ACTION_REBUILD, /* only on SQLite */
} furrow__action_kind;

/* A column that receives values in a rebuild. */
typedef struct furrow__rebuild_column {
    const char *name;   /* the column's name in the new table */
    const char *source; /* SQL over the old table: a quoted column, or an expression */
} furrow__rebuild_column;

typedef struct furrow__action {
    furrow__action_kind kind;
    furrow__file_location place; /* the location of the first change that the action comes from */
    const char *sql; /* the statement; for a rebuild, its CREATE TABLE statement. This text is shown
                        to the user, and is hashed for furrow.sum */
    bool is_data;    /* the statement changes rows, and their number is reported */
    furrow__table_name table; /* the table that the action changes; a rebuild does not change its
                                 name. The members are NULL if the action renames a table or can
                                 change several */
    /* The members below are set for rebuilds. */
    const furrow__catalog_table *before;   /* physical: the table as the revisions define it */
    const furrow__catalog_table *after;    /* physical: the table after the rebuild. Parts that do
                                              not change have the same text as in the live table */
    const furrow__rebuild_column *columns; /* the columns of `after` that receive values */
    size_t column_count;
    const furrow__change *const *changes; /* the changes that the rebuild combines, in order */
    size_t change_count;
} furrow__action;

/* The text after a number of rows, such as " row of \"t\" has no \"k\"" for one row and " rows of
 * \"t\" have no \"k\"" for many. */
typedef struct furrow__count_message {
    const char *one, *many;
} furrow__count_message;

/* A check that is run on the target database before the first statement of the plan. It counts the
 * rows that prevent a change, or the rows that a change would lose. */
typedef struct furrow__preflight {
    furrow__file_location place;
    const char *count_sql;  /* a query that counts the rows that the check looks for */
    const char *sample_sql; /* a query for examples: the keys of at most five of the counted rows,
                               or values that occur twice; NULL if no examples can be shown */
    furrow__count_message message; /* why the change is refused */
    furrow__count_message loss;    /* what an allowed change loses; NULL if is_loss is false */
    const char *hint;
    bool is_loss;    /* whether the check counts what the change would lose, which --allow-data-loss
                        or the revision file can allow. If false, the number of counted rows must be
                        0 */
    bool is_allowed; /* the revision file allows data loss for this change */
    furrow__table_name table;
    const char *where;         /* the condition that the counted rows satisfy, with `t` as the alias
                                  of the table; NULL if all rows are counted */
    const char *const *unique; /* the columns of a new unique key; NULL for other checks. If set,
                                  the rows counted are those that have the same values as another
                                  row; rows with a NULL among these values are not counted */
    size_t unique_count;
} furrow__preflight;

typedef struct furrow__plan {
    const furrow__dialect *dialect;
    const furrow__action *actions;
    size_t count;
    const furrow__preflight *preflights; /* checks that are run before the first change */
    size_t preflight_count;
    furrow__file_location failed; /* the location of the change that cannot be planned; its line is
                                     0 if there is no such change */
} furrow__plan;

typedef struct furrow__plan_input {
    const furrow__dialect *dialect;
    const furrow__catalog *before;      /* the schema before the first change */
    const furrow__change_list *changes; /* a higher storage version takes effect before the first
                                           change, a lower version after the last change */
} furrow__plan_input;

/* Plans the changes. Returns FURROW_INVALID if one of them cannot be planned, and sets out->failed
 * to the location of that change. */
furrow_status furrow__plan_make(furrow__plan *out, const furrow__plan_input *input,
                                furrow_arena *arena, furrow_error *error);
/* Writes why a change is refused. `count` is the number of rows. */
void furrow__preflight_write(furrow__buffer *out, const furrow__preflight *asked, int64_t count);
/* Writes what an allowed change loses. `count` is the number of rows. asked->is_loss must be true.
 */
void furrow__preflight_write_loss(furrow__buffer *out, const furrow__preflight *asked,
                                  int64_t count);
/* Writes the plan as a readable SQL script. */
void furrow__plan_write(furrow__buffer *out, const furrow__plan *plan);

#endif
