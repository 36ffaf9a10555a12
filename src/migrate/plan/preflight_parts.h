/* SPDX-License-Identifier: MIT
 * What the files of the preflight share: how a question is asked (preflight.c), and the questions
 * about types (preflight_type.c) and constraints (preflight_constraint.c). */
#ifndef FURROW_MIGRATE_PLAN_PREFLIGHT_PARTS_H
#define FURROW_MIGRATE_PLAN_PREFLIGHT_PARTS_H

#include "migrate/plan/dialect.h"

/* What a number of rows does, for one row and for any other number: "has no", "have no". */
typedef struct furrow__wording {
    const char *one, *many;
} furrow__wording;

/* Counts the rows of a table for which a condition holds. Names in it are those from before the
 * first change. */
typedef struct furrow__plan_question {
    const furrow__catalog_table *table;
    const char *from;  /* SQL to read from instead of the table; or NULL */
    const char *where; /* NULL: every row */
    furrow__count_message message;
    const char *hint;
    const char *sample; /* the statement that shows examples; NULL: their primary keys are shown */
    bool is_loss;
    const char *const *unique; /* columns of a new unique key */
    size_t unique_count;
} furrow__plan_question;

void furrow__plan_add_question(furrow__planner *p, const furrow__change *change,
                               const furrow__plan_question *question);

/* A question about one column. */
typedef struct furrow__column_question {
    const char *condition; /* follows the column's name */
    furrow__wording wording;
    const char *hint;
    bool is_loss;
} furrow__column_question;

/* Asks nothing if the column did not exist before the first change. */
void furrow__plan_ask_column(furrow__planner *p, const furrow__change *change, const char *name,
                             const furrow__column_question *question);

/* The message: rows of the table, the wording and, unless it is NULL, the quoted name. */
furrow__count_message furrow__plan_message(furrow__planner *p, const char *table,
                                           furrow__wording wording, const char *name);
/* A quoted name, in the arena. */
const char *furrow__plan_quote(furrow__planner *p, const char *name);

/* Ask what must hold for ALTER COLUMN TYPE (preflight_type.c). */
void furrow__plan_ask_type(furrow__planner *p, const furrow__change *change);
/* Ask what must hold for a new constraint, and for a new unique index (preflight_constraint.c). */
void furrow__plan_ask_constraint(furrow__planner *p, const furrow__change *change);
void furrow__plan_ask_key(furrow__planner *p, const furrow__change *change,
                          const furrow__catalog_index *index);

#define FURROW__UPDATE_FIRST "update these rows first, in a separate revision"

#endif
