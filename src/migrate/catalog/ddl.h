/* SPDX-License-Identifier: MIT
 *
 * The differences between the engines' DDL, and the statements that create or drop all tables of a
 * schema. Each dialect has one constant furrow__ddl_dialect, in src/dialect/<engine>/ddl.c.
 */
#ifndef FURROW_MIGRATE_CATALOG_DDL_H
#define FURROW_MIGRATE_CATALOG_DDL_H

#include "migrate/catalog/catalog.h"
#include "sql/dialect.h"

struct furrow__ddl_dialect {
    /* Writes the type of a column, as in CREATE TABLE. */
    void (*write_type)(furrow__buffer *out, const furrow__catalog_type *type);
    /* Returns the type as the driver reports it for a column of an existing table; NULL when out of
     * memory. */
    const char *(*reported_type)(const furrow__catalog_type *type, furrow_arena *arena);
    const char *const *native_types; /* the types that a NATIVE column can have, ending with NULL;
                                        if native_types itself is NULL, any type is possible */
    const char *native_hint;         /* a hint for users that lists these types */
    const char *assigned;            /* written after the type of a column whose values the engine
                                        assigns */
    bool assigned_is_primary_key;    /* whether `assigned` also declares the primary key. If so, no
                                        PRIMARY KEY constraint is written, and the key is unnamed */
    bool brackets_now;               /* in a DEFAULT, the expression for the current time needs
                                        parentheses */
    bool tables_are_strict;          /* CREATE TABLE ends with STRICT */
    bool checks_bool, checks_width, checks_nan; /* which types need a CHECK. checks_bool: bool;
                                                   checks_width: int16, int32 and decimals;
                                                   checks_nan: float and double */
    /* Writes a condition that is true for a value in the form in which furrow writes values of this
     * type, and returns a word for the name of the check. `value` is SQL. Returns NULL, and writes
     * nothing, if every value that a column of this type can contain has this form. The entry is
     * NULL if every column contains only values in this form. */
    const char *(*write_form)(furrow__buffer *out, furrow_type type, const char *value);
    const char *length_before, *length_after; /* written around a string to get its number of
                                                 characters */
    const char *size_before, *size_after; /* written around a string to get its number of bytes */
    bool alters_constraints;              /* ALTER TABLE can add and drop constraints */
    const char *defer_keys,
        *enforce_keys; /* statements for dropping tables in a cycle of foreign keys: `defer_keys`
                          runs before the DROPs, `enforce_keys` after them; NULL if they are not
                          needed */
};

/* Statements to run one by one. They do not end with a semicolon. */
typedef struct furrow__statements {
    const char **items; /* the SQL texts, allocated in the arena */
    size_t count;
    const furrow_model **models; /* the model of each statement; NULL if the statement concerns the
                                    whole schema. With this, a caller can leave out the statements
                                    of one table */
} furrow__statements;

/* Lists CREATE TABLE and CREATE INDEX statements in an order that works. On engines that need it,
 * ALTER TABLE statements follow for cycles of foreign keys. Returns FURROW_INVALID if an expression
 * does not parse. */
furrow_status furrow__ddl_create_schema(furrow__statements *out, const furrow__dialect *dialect,
                                        const furrow_schema *schema, furrow_arena *arena,
                                        furrow_error *error);
/* Lists DROP TABLE statements, in the opposite order of furrow__ddl_create_schema. If the tables
 * have a cycle of foreign keys, the list also has the statements that the engine needs for it. */
furrow_status furrow__ddl_drop_schema(furrow__statements *out, const furrow__dialect *dialect,
                                      const furrow_schema *schema, furrow_arena *arena,
                                      furrow_error *error);

#endif
