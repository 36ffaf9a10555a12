/* SPDX-License-Identifier: MIT
 * The tables of functions that make up SQLite's dialect, and functions that the files of this
 * folder share. Each table is defined in its own file. */
#ifndef FURROW_DIALECT_SQLITE_SQLITE_H
#define FURROW_DIALECT_SQLITE_SQLITE_H

#include "dialect/sqlite/form.h"
#include "migrate/apply/dialect.h"
#include "migrate/catalog/ddl.h"
#include "migrate/plan/dialect.h"
#include "sql/dialect.h"

extern const furrow__expression_dialect furrow__sqlite_expression;
extern const struct furrow__ddl_dialect furrow__sqlite_ddl;
extern const struct furrow__plan_dialect furrow__sqlite_plan;
extern const furrow__apply_dialect furrow__sqlite_apply;

/* Used in furrow__sqlite_apply, and defined in inspect.c. */
furrow_status furrow__sqlite_inspect(furrow__catalog *out, furrow_connection *connection,
                                     furrow_error *error);

/* Converts a pattern of LIKE to a pattern of GLOB. `glob` has room for 3 * strlen(pattern) + 1
 * bytes. */
void furrow__sqlite_glob(char *glob, const char *pattern);

/* Used in furrow__sqlite_plan, and defined in conversion.c. */
void furrow__sqlite_write_conversion(furrow__planner *p, const furrow__conversion *conversion);
void furrow__sqlite_write_misfits(furrow__planner *p, const furrow__conversion *conversion);

/* Adds the preflight checks for a change of a table's storage version. `before` and `after` are the
 * physical table before and after the change. Defined in storage.c. */
void furrow__sqlite_ask_storage(furrow__planner *p, const furrow__change *change,
                                const furrow__catalog_table *before,
                                const furrow__catalog_table *after);
/* Writes the value of a column as storage version 2 stores it. Returns false if the value is the
 * same in version 1; the column's name is written then. Defined in storage.c. */
bool furrow__sqlite_write_stored(furrow__planner *p, const furrow__catalog_column *column);

/* Used in furrow__dialect_sqlite, and defined in insert.c. */
void furrow__sqlite_insert_rows(furrow__buffer *out, const furrow__insert *insert);

#endif
