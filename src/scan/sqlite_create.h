/* SPDX-License-Identifier: MIT
 * Reads the CREATE TABLE and CREATE INDEX statements that SQLite stores in sqlite_schema.
 *
 * All results are allocated in the arena. Expressions, types and definitions are copied as they are
 * written. A statement that does not conform to SQLite's grammar is an error. */
#ifndef FURROW_SCAN_SQLITE_CREATE_H
#define FURROW_SCAN_SQLITE_CREATE_H

#include <furrow/furrow.h>
#include <furrow/schema.h>

#include "base/arena.h"

enum {
    FURROW__SQLITE_PARTS = 2000
}; /* limit for the columns of a table, the constraints of a table, and the columns of a key */

typedef enum furrow__sqlite_constraint_kind {
    FURROW__SQLITE_PRIMARY_KEY = 1,
    FURROW__SQLITE_UNIQUE,
    FURROW__SQLITE_FOREIGN_KEY,
    FURROW__SQLITE_CHECK,
} furrow__sqlite_constraint_kind;

typedef struct furrow__sqlite_constraint {
    furrow__sqlite_constraint_kind kind;
    const char *name;           /* name of the constraint; NULL if it has no name */
    const char *column;         /* the column whose definition contains the constraint; NULL for a
                                   constraint of the table */
    const char *const *columns; /* the columns of a key, even if the key is part of a column's
                                   definition */
    size_t column_count;
    const char *target;                /* the table that a foreign key refers to */
    const char *const *target_columns; /* the columns that a foreign key refers to; NULL if the
                                          definition does not list them */
    uint8_t on_delete, on_update;      /* the actions of a foreign key, as furrow_action */
    bool is_deferred;                  /* whether a foreign key is DEFERRABLE INITIALLY DEFERRED */
    const char *expression;            /* the condition of a check, without its parentheses */
    const char *source;                /* the text of the definition, including CONSTRAINT and the
                                          name */
} furrow__sqlite_constraint;

typedef struct furrow__sqlite_column {
    const char *name;
    const char *type;      /* the type as written; "" if the column has no type */
    const char *collation; /* name of the collation; NULL if the column has no collation */
    const char *default_;  /* the default as written, including its parentheses; NULL if the column
                              has no default */
    const char *generated; /* the expression of a generated column, without its parentheses; NULL
                              for other columns */
    bool is_stored;        /* whether a generated column is STORED */
    bool is_nullable;      /* whether the column may be NULL: it is not declared NOT NULL */
    const char *source;    /* the text of the column's definition, including the name */
} furrow__sqlite_column;

typedef struct furrow__sqlite_table {
    const char *name;
    furrow__sqlite_column *columns;
    size_t column_count, column_capacity;
    furrow__sqlite_constraint *constraints; /* the constraints of the columns and of the table, in
                                               the order in which they are written */
    size_t constraint_count, constraint_capacity;
    bool is_strict, is_without_rowid;
    bool has_autoincrement;
} furrow__sqlite_table;

typedef struct furrow__sqlite_index_part {
    const char *column;     /* name of the column; NULL if the part is an expression */
    const char *expression; /* the expression with its collation; NULL if the part is a column */
    bool is_descending;
} furrow__sqlite_index_part;

typedef struct furrow__sqlite_index {
    const char *name, *table;
    bool is_unique;
    furrow__sqlite_index_part *parts;
    size_t part_count, part_capacity;
    const char *where; /* the condition of a partial index; NULL if there is none */
} furrow__sqlite_index;

/* Reads a CREATE TABLE statement. furrow__sqlite_parse_index reads a CREATE INDEX statement. Both
 * functions return FURROW_SCHEMA if the text is not a statement of the expected kind; the message
 * contains the name of the table or index. They return FURROW_NOMEM when out of memory. On failure,
 * *out is empty. */
furrow_status furrow__sqlite_parse_table(furrow__sqlite_table *out, const char *sql, size_t size,
                                         furrow_arena *arena, furrow_error *error);
furrow_status furrow__sqlite_parse_index(furrow__sqlite_index *out, const char *sql, size_t size,
                                         furrow_arena *arena, furrow_error *error);

#endif
