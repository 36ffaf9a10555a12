/* SPDX-License-Identifier: MIT
 * Declarations shared by the files of this folder and the file plan.c of each dialect. */
#ifndef FURROW_MIGRATE_PLAN_PARTS_H
#define FURROW_MIGRATE_PLAN_PARTS_H

#include "migrate/revision/change_parts.h"
#include "migrate/plan/plan.h"

/* A table or column that an earlier change of the plan has renamed. `column` is NULL for a table.
 */
typedef struct furrow__plan_rename {
    furrow__table_name table; /* the table's name after the change */
    const char *column, *from, *to;
} furrow__plan_rename;

/* A column that an earlier change of the plan has added. */
typedef struct furrow__plan_column {
    furrow__table_name table; /* the table's name when the column was added */
    const char *name;
    size_t renames;   /* number of renames in the plan before the change that added the column */
    bool is_constant; /* whether all rows got the same value in this column when it was added */
} furrow__plan_column;

/* Changes that a dialect has deferred. Each dialect defines this struct. */
typedef struct furrow__plan_deferred furrow__plan_deferred;

typedef struct furrow__planner {
    furrow__plan *out;
    const furrow__dialect *dialect;
    const furrow__catalog *before;
    furrow__catalog now; /* the logical catalog after the changes so far */
    furrow_arena *arena;
    furrow__buffer text; /* the text of the current statement */
    furrow_error *error;
    furrow_status status;         /* the first failure; all later calls do nothing */
    furrow__file_location failed; /* the location of the change that failed */
    furrow__action *actions;
    size_t action_capacity;
    furrow__preflight *preflights;
    size_t preflight_capacity;
    furrow__plan_rename *renames;
    size_t rename_count, rename_capacity;
    furrow__plan_column *added;
    size_t added_count, added_capacity;
    furrow__table_name *written; /* tables to which earlier changes of the plan have written rows */
    size_t written_count, written_capacity;
    furrow__plan_deferred *deferred;
} furrow__planner;

/* A value that a statement calculates for rows of a table. */
typedef struct furrow__cast_source {
    furrow__table_name table; /* the table whose rows the statement reads */
    const char *value;        /* an expression */
    const char *where;        /* the statement's condition; NULL if there is none */
} furrow__cast_source;

/* Adds a preflight check of the texts that the value casts to integers (preflight_cast.c). */
void furrow__plan_ask_casts(furrow__planner *p, const furrow__change *change,
                            const furrow__cast_source *source);
void furrow__plan_no_memory(furrow__planner *p);
/* Like furrow__arena_room, but also makes the plan fail when out of memory. It then returns
 * NULL. */
void *furrow__plan_room(furrow__planner *p, void *items, size_t count, size_t *capacity,
                        size_t size);
/* Copies the text in p->text to the arena, and empties the buffer. Returns NULL when out of memory.
 */
const char *furrow__plan_take(furrow__planner *p);
furrow__action *furrow__plan_add(furrow__planner *p, furrow__action_kind kind,
                                 const furrow__change *change);
/* Adds an action that runs the statement in p->text. */
void furrow__plan_statement(furrow__planner *p, const furrow__change *change);
/* Returns one table, in physical form, as it is after the changes so far; NULL on failure. */
const furrow__catalog_table *furrow__plan_lower(furrow__planner *p, furrow__table_name name,
                                                furrow__catalog *physical);
/* Writes a checked expression for the storage version that the schema has now. `to` is the column
 * that stores the value, or NULL. */
void furrow__plan_write_expression(furrow__planner *p, const furrow__expression *parsed,
                                   const furrow_column *to);
/* The first function writes an expression over a table's columns as SQL. The second function writes
 * a value that is stored in a column as SQL. */
void furrow__plan_expression(furrow__planner *p, furrow__table_name table, const char *text,
                             furrow__expression_use use);
void furrow__plan_value(furrow__planner *p, furrow__table_name over, const char *text,
                        furrow__table_name table, const char *column);
/* Writes the value of ALTER COLUMN TYPE … USING, over the columns before the change. */
void furrow__plan_altered_value(furrow__planner *p, const furrow__change *change);

/* Conversions of a column's values to another type (convert.c) */

typedef enum furrow__conversion_kind {
    FURROW__NOT_CONVERTED,
    FURROW__CONVERTS_ALL, /* the new type can hold every value; for each kind below, the new type
                             cannot hold some values */
    /* for the five kinds below, the dialect writes the SQL condition that finds the values that the
     * new type cannot hold
     */
    FURROW__TEXT_TO_INTEGER,
    FURROW__TEXT_TO_UUID,
    FURROW__REAL_TO_INTEGER,
    FURROW__DECIMAL_TO_INTEGER,
    FURROW__FEWER_DIGITS,
    /* for the kinds below, convert.c writes the SQL condition that finds the values that the new
     * type cannot hold */
    FURROW__INTEGER_TO_DOUBLE,
    FURROW__INTEGER_TO_FLOAT,
    FURROW__DOUBLE_TO_FLOAT,
} furrow__conversion_kind;

typedef struct furrow__conversion {
    furrow__conversion_kind kind;
    const furrow__catalog_type *from, *to;
    int digits_lost;    /* the number of digits after the decimal point that are lost; negative if
                           digits are added */
    const char *value;  /* SQL: the value before the conversion */
    const char *native; /* the engine's name for the new type */
} furrow__conversion;

/* Returns the SQL that converts the values of a changed column from the type `from` to the type
 * that the engine calls `native`. Returns NULL if the conversion is not exact, or if the preflight
 * cannot count the values that do not fit. */
const char *furrow__plan_conversion(furrow__planner *p, const furrow__change *change,
                                    const furrow__catalog_type *from, const char *native);
/* Returns an SQL condition that is true for values that the new type cannot hold; NULL if it can
 * hold every value. `name` is the quoted name that the column has before the first change. */
const char *furrow__plan_misfits(furrow__planner *p, const furrow__change *change,
                                 const furrow__catalog_type *from, const char *name);
/* Writes a condition that is true if the value is outside the limits of an integer type. */
void furrow__plan_write_limits(furrow__planner *p, const char *value,
                               const furrow__catalog_type *to);
/* Fails the plan because furrow cannot convert the values of the column. The hint explains how to
 * write a conversion. */
void furrow__plan_not_converted(furrow__planner *p, const furrow__change *change);
/* These two functions return a table, or the name of a column, as it was before the first change.
 * They return NULL if the table or column did not exist before the first change, or if a change has
 * written to the table's rows. */
const furrow__catalog_table *furrow__plan_original(const furrow__planner *p,
                                                   furrow__table_name name);
const char *furrow__plan_original_column(const furrow__planner *p, furrow__table_name table,
                                         const char *column);

/* Adds the preflight checks that a change needs; p->now is the schema before the change
 * (preflight.c). */
void furrow__plan_ask(furrow__planner *p, const furrow__change *change);
/* Plans the changes that were deferred. */
void furrow__plan_flush(furrow__planner *p);
/* Applies the change to p->now. */
void furrow__plan_apply(furrow__planner *p, const furrow__change *change);

#endif
