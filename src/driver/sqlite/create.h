/* SPDX-License-Identifier: MIT
 * Finds the name of a constraint in a CREATE TABLE statement, because SQLite does not store the
 * name elsewhere. Each function returns false and an empty output if it finds nothing or runs out
 * of memory. */
#ifndef FURROW_DRIVER_SQLITE_CREATE_H
#define FURROW_DRIVER_SQLITE_CREATE_H

#include <stdbool.h>
#include <stddef.h>

/* Finds the named UNIQUE or PRIMARY KEY constraint on exactly these columns. */
bool furrow__create_find_unique(const char *sql, const char *const *columns, size_t count,
                                char *name, size_t size);
/* Returns whether there is a CHECK constraint with this name. Sets `columns` to the columns that
 * the check's expression uses, separated by ", ". Sets *is_form to true if furrow added the check
 * to limit the form of times, dates, UUIDs or JSON. */
bool furrow__create_find_check(const char *sql, const char *name, char *columns, size_t size,
                               bool *is_form);
/* Finds the named FOREIGN KEY or REFERENCES constraint whose first column is `column`. */
bool furrow__create_find_foreign_key(const char *sql, const char *column, char *name, size_t size);

#endif
