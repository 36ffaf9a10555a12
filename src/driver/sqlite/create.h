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

typedef struct furrow__created_check {
    char columns[256]; /* the columns that the expression uses, separated by ", " */
    bool has_name;
    bool is_form; /* furrow added the check to limit the form of times, dates, UUIDs or JSON */
} furrow__created_check;

/* Finds the CHECK constraint that has this name, or that has no name and this expression. */
bool furrow__create_find_check(const char *sql, const char *name, furrow__created_check *out);

/* Finds the named FOREIGN KEY or REFERENCES constraint whose first column is `column`. */
bool furrow__create_find_foreign_key(const char *sql, const char *column, char *name, size_t size);

#endif
