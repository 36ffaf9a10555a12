/* SPDX-License-Identifier: MIT
 *
 * What differs between the engines' DDL, and the statements that create or drop all tables of a
 * schema. The tables of functions are in src/dialect/<engine>/ddl.c; a dialect's member `ddl`
 * points to its own.
 */
#ifndef FURROW_MIGRATE_CATALOG_DDL_H
#define FURROW_MIGRATE_CATALOG_DDL_H

#include "migrate/catalog/catalog.h"
#include "sql/dialect.h"

struct furrow__ddl_dialect {
    /* Writes the type of a column, as in CREATE TABLE. */
    void (*write_type)(furrow__buffer *out, const furrow__catalog_type *type);
    /* The same type as the driver reports it for an existing table. NULL when out of memory. */
    const char *(*reported_type)(const furrow__catalog_type *type, furrow_arena *arena);
    const char *const *native_types; /* the types that a NATIVE column can have, up to a NULL; NULL
                                        means any */
    const char *native_hint;         /* lists native_types for the user */
    const char *assigned;            /* comes after the type of a column that the engine assigns */
    bool assigned_is_primary_key;    /* `assigned` makes the column the primary key; the constraint
                                        is then not written, and has no name */
    bool brackets_now;               /* DEFAULT takes the clock only in brackets */
    bool tables_are_strict;          /* CREATE TABLE ends with STRICT */
    bool checks_bool, checks_width, checks_nan; /* types that need a CHECK: bool; int16, int32 and
                                                   decimals; reals */
    const char *length_before, *length_after;   /* around a text: its length in characters */
    const char *size_before, *size_after;       /* around a text: its size in bytes */
    bool alters_constraints;                    /* ALTER TABLE can add and drop constraints */
    const char *defer_keys, *enforce_keys; /* statements around DROP TABLE of tables that refer to
                                              each other in a cycle; or NULL */
};

/* Statements to run one by one, without a semicolon at their end. */
typedef struct furrow__statements {
    const char **items; /* in the arena */
    size_t count;
    const furrow_model **models; /* the model that each statement belongs to, so that the statements
                                    of one table can be left out; NULL: it belongs to all */
} furrow__statements;

/* CREATE TABLE and CREATE INDEX in an order in which they work, and ALTER TABLE for cycles of
 * foreign keys on engines that need it. FURROW_INVALID for an expression that does not parse. */
furrow_status furrow__ddl_create_schema(furrow__statements *out, const furrow__dialect *dialect,
                                        const furrow_schema *schema, furrow_arena *arena,
                                        furrow_error *error);
/* DROP TABLE in the opposite order, and what a cycle needs before it. */
furrow_status furrow__ddl_drop_schema(furrow__statements *out, const furrow__dialect *dialect,
                                      const furrow_schema *schema, furrow_arena *arena,
                                      furrow_error *error);

#endif
