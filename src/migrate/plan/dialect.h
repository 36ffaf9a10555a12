/* SPDX-License-Identifier: MIT
 * The differences between the engines' plans. Each dialect has one constant furrow__plan_dialect,
 * in src/dialect/<engine>/plan.c. */
#ifndef FURROW_MIGRATE_PLAN_DIALECT_H
#define FURROW_MIGRATE_PLAN_DIALECT_H

#include "migrate/plan/parts.h"
#include "sql/dialect.h"

struct furrow__plan_dialect {
    /* Plans one change of the schema, and applies it to p->now. */
    void (*change)(furrow__planner *p, const furrow__change *change);
    /* Plans the changes that the function `change` has deferred. The entry is NULL if this dialect
     * never defers a change. */
    void (*flush)(furrow__planner *p);
    /* Writes the SQL that converts conversion->value to the new type. */
    void (*write_conversion)(furrow__planner *p, const furrow__conversion *conversion);
    /* Writes a condition that is true for values that the new type cannot hold. It is called only
     * for the kinds of conversion whose condition depends on the engine; see
     * furrow__conversion_kind. */
    void (*write_misfits)(furrow__planner *p, const furrow__conversion *conversion);
    bool floats_hold_doubles;               /* a float column can contain doubles, which are rounded
                                               to floats when programs read them */
    const char *text_before, *text_after;   /* written around a value to convert it to text */
    const char *double_type, *integer_type; /* in CAST: the names of the 64-bit types */
    const char *infinity;
    /* Written around a string: a condition that is true if CAST to an integer fails. */
    const char *not_integer_before, *not_integer_after;
};

#endif
