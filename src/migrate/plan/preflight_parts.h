/* SPDX-License-Identifier: MIT
 * Functions that the files of the preflight share: adding a check (preflight.c), and the checks for
 * changes of types (preflight_type.c) and for new constraints (preflight_constraint.c). */
#ifndef FURROW_MIGRATE_PLAN_PREFLIGHT_PARTS_H
#define FURROW_MIGRATE_PLAN_PREFLIGHT_PARTS_H

#include "migrate/plan/dialect.h"

/* The verb of a message, for one row ("has no") and for any other number of rows ("have no"). */
typedef struct furrow__wording {
    const char *one, *many;
} furrow__wording;

/* A preflight check: counts the rows of a table that satisfy a condition. All names are those from
 * before the first change. */
typedef struct furrow__plan_question {
    const furrow__catalog_table *table;
    const char *from;  /* SQL that replaces the table after FROM; or NULL */
    const char *where; /* the condition; NULL counts every row */
    furrow__count_message message;
    furrow__count_message loss; /* if is_loss is true */
    const char *hint;
    const char *sample; /* a query for examples; NULL to show primary keys */
    bool is_loss;
    const char *const *unique; /* the columns of a new unique key; or NULL */
    size_t unique_count;
} furrow__plan_question;

void furrow__plan_add_question(furrow__planner *p, const furrow__change *change,
                               const furrow__plan_question *question);

/* A preflight check of one column's values. */
typedef struct furrow__column_question {
    const char *condition; /* SQL that follows the column's name */
    furrow__wording wording;
    furrow__wording loss; /* if is_loss is true */
    const char *hint;
    bool is_loss;
} furrow__column_question;

/* Adds a preflight check of a column. Nothing is added if the column did not exist before the first
 * change. */
void furrow__plan_ask_column(furrow__planner *p, const furrow__change *change, const char *name,
                             const furrow__column_question *question);

/* Makes a message about rows of a table from the wording and, unless it is NULL, a quoted name. */
furrow__count_message furrow__plan_message(furrow__planner *p, const char *table,
                                           furrow__wording wording, const char *name);
/* Returns a quoted name, in the arena. */
const char *furrow__plan_quote(furrow__planner *p, const char *name);

/* Adds the preflight checks for ALTER COLUMN TYPE (preflight_type.c). */
void furrow__plan_ask_type(furrow__planner *p, const furrow__change *change);
/* Add the preflight checks for a new constraint, and for a new unique index
 * (preflight_constraint.c). */
void furrow__plan_ask_constraint(furrow__planner *p, const furrow__change *change);
void furrow__plan_ask_key(furrow__planner *p, const furrow__change *change,
                          const furrow__catalog_index *index);

#define FURROW__UPDATE_FIRST "update these rows first, in a separate revision"

#endif
