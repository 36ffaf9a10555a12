/* SPDX-License-Identifier: MIT
 * What the files of a plan share, the plan.c of each dialect included. */
#ifndef FURROW_MIGRATE_PLAN_PARTS_H
#define FURROW_MIGRATE_PLAN_PARTS_H

#include "migrate/revision/change_parts.h"
#include "migrate/plan/plan.h"

/* A name that changed on the way. `column` NULL: the table's. */
typedef struct furrow__plan_rename {
    furrow__table_name table; /* by its name behind the change */
    const char *column, *from, *to;
} furrow__plan_rename;

/* A column that is added on the way. */
typedef struct furrow__plan_column {
    furrow__table_name table; /* by its name then, as is the column's */
    const char *name;
    size_t renames;   /* how many names had changed by then */
    bool is_constant; /* every row that was there has the same value in it */
} furrow__plan_column;

/* Changes that a dialect has deferred; only the dialect knows what is in it. */
typedef struct furrow__plan_deferred furrow__plan_deferred;

typedef struct furrow__planner {
    furrow__plan *out;
    const furrow__dialect *dialect;
    const furrow__catalog *before;
    furrow__catalog now; /* logical, with the changes so far */
    furrow_arena *arena;
    furrow__buffer text; /* of the statement at work */
    furrow_error *error;
    furrow_status status;         /* the first failure; everything after it does nothing */
    furrow__file_location failed; /* where that was */
    furrow__action *actions;
    size_t action_capacity;
    furrow__preflight *preflights;
    size_t preflight_capacity;
    furrow__plan_rename *renames;
    size_t rename_count, rename_capacity;
    furrow__plan_column *added;
    size_t added_count, added_capacity;
    furrow__table_name *written; /* tables whose rows were changed on the way */
    size_t written_count, written_capacity;
    furrow__plan_deferred *deferred;
} furrow__planner;

void furrow__plan_no_memory(furrow__planner *p);
/* As furrow__arena_room; NULL fails the plan. */
void *furrow__plan_room(furrow__planner *p, void *items, size_t count, size_t *capacity,
                        size_t size);
/* What is in p->text, in the arena; the buffer is empty again. */
const char *furrow__plan_take(furrow__planner *p);
furrow__action *furrow__plan_add(furrow__planner *p, furrow__action_kind kind,
                                 const furrow__change *change);
/* The statement in p->text. */
void furrow__plan_statement(furrow__planner *p, const furrow__change *change);
/* One table of the schema as it is now, lowered. NULL on failure. */
const furrow__catalog_table *furrow__plan_lower(furrow__planner *p, furrow__table_name name,
                                                furrow__catalog *physical);
/* An expression over a table's columns, as SQL. */
void furrow__plan_expression(furrow__planner *p, furrow__table_name table, const char *text,
                             furrow__expression_use use);
void furrow__plan_value(furrow__planner *p, furrow__table_name over, const char *text,
                        furrow__table_name table, const char *column);

/* ---- conversions of a column's values to another type (convert.c) ---- */

typedef enum furrow__conversion_kind {
    FURROW__NOT_CONVERTED,
    FURROW__CONVERTS_ALL, /* the new type can hold every value; the kinds after it cannot hold some
                           */
    /* the dialect writes which values do not fit */
    FURROW__TEXT_TO_INTEGER,
    FURROW__TEXT_TO_UUID,
    FURROW__REAL_TO_INTEGER,
    FURROW__DECIMAL_TO_INTEGER,
    FURROW__FEWER_DIGITS,
    /* written in one way for all engines */
    FURROW__INTEGER_TO_DOUBLE,
    FURROW__INTEGER_TO_FLOAT,
    FURROW__DOUBLE_TO_FLOAT,
} furrow__conversion_kind;

typedef struct furrow__conversion {
    furrow__conversion_kind kind;
    const furrow__catalog_type *from, *to;
    int digits_lost; /* digits after the decimal point that are lost; negative if some are added */
    const char *value;  /* SQL: the value in the old type */
    const char *native; /* the new type as the engine calls it */
} furrow__conversion;

/* The SQL that converts the values of a changed column from the type `from`. `native` is the new
 * type as the engine calls it. NULL if a conversion is not exact, or if the rows cannot be counted
 * that it does not fit. */
const char *furrow__plan_conversion(furrow__planner *p, const furrow__change *change,
                                    const furrow__catalog_type *from, const char *native);
/* The condition that holds for values which the new type cannot hold; NULL if it can hold all.
 * `name` is the column's original name, quoted. */
const char *furrow__plan_misfits(furrow__planner *p, const furrow__change *change,
                                 const furrow__catalog_type *from, const char *name);
/* Writes ` NOT BETWEEN … AND …` with the limits of an integer type after `value`. */
void furrow__plan_write_limits(furrow__planner *p, const char *value,
                               const furrow__catalog_type *to);
/* Fails the plan because the column has no conversion; the hint says how to write one. */
void furrow__plan_not_converted(furrow__planner *p, const furrow__change *change);
/* The original name of a table, or of a column; NULL where it is new, or its rows have changed. */
const furrow__catalog_table *furrow__plan_original(const furrow__planner *p,
                                                   furrow__table_name name);
const char *furrow__plan_original_column(const furrow__planner *p, furrow__table_name table,
                                         const char *column);

/* Ask what must hold for the change; p->now is the schema before it. (preflight.c) */
void furrow__plan_ask(furrow__planner *p, const furrow__change *change);
/* Plans the changes that were deferred. */
void furrow__plan_flush(furrow__planner *p);
/* Applies the change to p->now. */
void furrow__plan_apply(furrow__planner *p, const furrow__change *change);

#endif
