/* SPDX-License-Identifier: MIT
 * Functions that the preflight's files share. They add a check (preflight.c), the checks for a
 * change of a type (preflight_type.c), and the checks for a new constraint
 * (preflight_constraint.c). */
#ifndef FURROW_MIGRATE_PLAN_PREFLIGHT_PARTS_H
#define FURROW_MIGRATE_PLAN_PREFLIGHT_PARTS_H

#include "migrate/plan/dialect.h"

/* The verb of a message: `one` for one row ("has no"), `many` for any other number ("have no"). */
typedef struct furrow__wording {
    const char *one, *many;
} furrow__wording;

/* A preflight check. It counts the rows of a table that satisfy a condition. Tables and columns
 * have the names that they had before the first change. */
typedef struct furrow__plan_question {
    const furrow__catalog_table *table;
    const char *from;  /* SQL to write after FROM instead of the table's name; NULL if the name is
                          written */
    const char *where; /* the condition; NULL for every row */
    furrow__count_message message;
    furrow__count_message loss; /* used only if is_loss is true */
    const char *hint;
    const char *sample; /* a query for examples; if NULL, primary keys are the examples */
    bool is_loss;
    const char *const *unique; /* the columns of a new unique key; NULL for other checks */
    size_t unique_count;
} furrow__plan_question;

void furrow__plan_add_question(furrow__planner *p, const furrow__change *change,
                               const furrow__plan_question *question);

/* A preflight check of the values in one column. */
typedef struct furrow__column_question {
    const char *condition; /* SQL to write after the column's name */
    furrow__wording wording;
    furrow__wording loss; /* used only if is_loss is true */
    const char *hint;
    bool is_loss;
} furrow__column_question;

/* Adds a preflight check of a column. Nothing is added if the column did not exist before the first
 * change. */
void furrow__plan_ask_column(furrow__planner *p, const furrow__change *change, const char *name,
                             const furrow__column_question *question);

/* Makes a message about the rows of a table. It consists of the table's name, the wording, and a
 * quoted name unless `name` is NULL. */
furrow__count_message furrow__plan_message(furrow__planner *p, const char *table,
                                           furrow__wording wording, const char *name);
/* Returns a quoted name, in the arena. */
const char *furrow__plan_quote(furrow__planner *p, const char *name);

/* Adds the preflight checks for ALTER COLUMN TYPE (preflight_type.c). */
void furrow__plan_ask_type(furrow__planner *p, const furrow__change *change);
/* These two functions add the preflight checks for a new constraint and for a new unique index
 * (preflight_constraint.c). */
void furrow__plan_ask_constraint(furrow__planner *p, const furrow__change *change);
void furrow__plan_ask_key(furrow__planner *p, const furrow__change *change,
                          const furrow__catalog_index *index);

#define FURROW__UPDATE_FIRST "update these rows first, in a separate revision"

#endif
