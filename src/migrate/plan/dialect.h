/* SPDX-License-Identifier: MIT
 * What differs between the engines' plans. The tables are in src/dialect/<engine>/plan.c; a
 * dialect's member `plan` points to its own. */
#ifndef FURROW_MIGRATE_PLAN_DIALECT_H
#define FURROW_MIGRATE_PLAN_DIALECT_H

#include "migrate/plan/parts.h"
#include "sql/dialect.h"

struct furrow__plan_dialect {
    /* Plans a change of the schema, and applies it to p->now. */
    void (*change)(furrow__planner *p, const furrow__change *change);
    /* Plans the changes that were deferred; NULL if the engine defers none. */
    void (*flush)(furrow__planner *p);
    /* Writes the value of a conversion in the new type. */
    void (*write_conversion)(furrow__planner *p, const furrow__conversion *conversion);
    /* Writes the condition that holds for values which the new type cannot hold. Only for kinds
     * that each engine calculates in its own way: see furrow__conversion_kind. */
    void (*write_misfits)(furrow__planner *p, const furrow__conversion *conversion);
    bool floats_hold_doubles;               /* a float column may hold a double, which programs read
                                               rounded to a float */
    const char *text_before, *text_after;   /* around a value, to read it as text */
    const char *double_type, *integer_type; /* of 64 bits each, for CAST */
    const char *infinity;
};

#endif
