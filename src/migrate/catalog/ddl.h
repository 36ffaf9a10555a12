/* SPDX-License-Identifier: MIT
 *
 * What differs between the engines' DDL, and the statements that create or drop all tables of a
 * schema. Each dialect has one constant furrow__ddl_dialect, in src/dialect/<engine>/ddl.c.
 */
#ifndef FURROW_MIGRATE_CATALOG_DDL_H
#define FURROW_MIGRATE_CATALOG_DDL_H

#include "migrate/catalog/catalog.h"
#include "sql/dialect.h"

struct furrow__ddl_dialect {
    /* Writes the type of a column, as in CREATE TABLE. */
    void (*write_type)(furrow__buffer *out, const furrow__catalog_type *type);
    /* Returns the type in the form in which the driver reports it for an existing table; NULL when
     * out of memory. */
    const char *(*reported_type)(const furrow__catalog_type *type, furrow_arena *arena);
    const char *const *native_types; /* the types that a NATIVE column can have, ending with NULL;
                                        the member is NULL if it can have any type */
    const char *native_hint;         /* a hint for users that lists native_types */
    const char *assigned;         /* written after the type of a column that the engine assigns */
    bool assigned_is_primary_key; /* `assigned` also declares the primary key, so that the
                                     constraint is not written and has no name */
    bool brackets_now;            /* DEFAULT needs parentheses around an expression for the current
                                     time */
    bool tables_are_strict;       /* CREATE TABLE ends with STRICT */
    bool checks_bool, checks_width, checks_nan; /* types that need a CHECK: bool; int16, int32 and
                                                   decimals; float and double */
    const char *length_before, *length_after;   /* written around a string to get its number of
                                                   characters */
    const char *size_before, *size_after; /* written around a string to get its number of bytes */
    bool alters_constraints;              /* ALTER TABLE can add and drop constraints */
    const char *defer_keys,
        *enforce_keys; /* statements that run before and after tables in a cycle
                          of foreign keys are dropped; NULL if none are needed */
};

/* Statements to run one by one, without a semicolon at their end. */
typedef struct furrow__statements {
    const char **items; /* the SQL texts, allocated in the arena */
    size_t count;
    const furrow_model **models; /* the model that each statement belongs to, so that a caller can
                                    leave out the statements of one table; NULL if it belongs to the
                                    whole schema */
} furrow__statements;

/* Lists CREATE TABLE and CREATE INDEX statements in an order that works, and ALTER TABLE for cycles
 * of foreign keys on engines that need it. Returns FURROW_INVALID if an expression does not parse.
 */
furrow_status furrow__ddl_create_schema(furrow__statements *out, const furrow__dialect *dialect,
                                        const furrow_schema *schema, furrow_arena *arena,
                                        furrow_error *error);
/* Lists DROP TABLE statements in the opposite order, after the statements that a cycle of foreign
 * keys needs. */
furrow_status furrow__ddl_drop_schema(furrow__statements *out, const furrow__dialect *dialect,
                                      const furrow_schema *schema, furrow_arena *arena,
                                      furrow_error *error);

#endif
