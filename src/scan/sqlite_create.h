/* SPDX-License-Identifier: MIT
 * Reads the CREATE TABLE and CREATE INDEX statements that SQLite keeps in sqlite_schema.
 *
 * Everything read belongs to the arena. Expressions, types and definitions are copied as they are
 * written. A statement that does not fit SQLite's grammar is an error; nothing is guessed. */
#ifndef FURROW_SCAN_SQLITE_CREATE_H
#define FURROW_SCAN_SQLITE_CREATE_H

#include <furrow/furrow.h>
#include <furrow/schema.h>

#include "base/arena.h"

enum {
    FURROW__SQLITE_PARTS = 2000
}; /* limit of the columns and of the constraints of a table, and
      of the columns of a key */

typedef enum furrow__sqlite_constraint_kind {
    FURROW__SQLITE_PRIMARY_KEY = 1,
    FURROW__SQLITE_UNIQUE,
    FURROW__SQLITE_FOREIGN_KEY,
    FURROW__SQLITE_CHECK,
} furrow__sqlite_constraint_kind;

typedef struct furrow__sqlite_constraint {
    furrow__sqlite_constraint_kind kind;
    const char *name;           /* name of the constraint; NULL if it has none */
    const char *column;         /* the column whose definition contains the constraint; NULL if the
                                   table's definition does */
    const char *const *columns; /* the columns of a key, also if the definition of a column contains
                                   it */
    size_t column_count;
    const char *target;                /* the table that a foreign key refers to */
    const char *const *target_columns; /* the columns that a foreign key refers to; NULL if it names
                                          none */
    uint8_t on_delete, on_update;      /* the actions of a foreign key, each a furrow_action */
    bool is_deferred;                  /* the foreign key is DEFERRABLE INITIALLY DEFERRED */
    const char *expression;            /* the condition of a check, without its parentheses */
    const char *source;                /* the definition of the constraint as written, with
                                          CONSTRAINT and its name */
} furrow__sqlite_constraint;

typedef struct furrow__sqlite_column {
    const char *name;
    const char *type;      /* the type as written; "" if the column has none */
    const char *collation; /* name of the collation; NULL if the column has none */
    const char *default_;  /* the default as written, with its parentheses; NULL if the column has
                              none */
    const char *generated; /* the expression of a generated column, without its parentheses; NULL
                              for other columns */
    bool is_stored;        /* the generated column is STORED */
    bool is_nullable;      /* the column is not declared NOT NULL */
    const char *source;    /* the definition of the column as written, with its name */
} furrow__sqlite_column;

typedef struct furrow__sqlite_table {
    const char *name;
    furrow__sqlite_column *columns;
    size_t column_count, column_capacity;
    furrow__sqlite_constraint *constraints; /* constraints of the columns and of the table, in the
                                               order of the text */
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

/* Read a CREATE TABLE and a CREATE INDEX statement. FURROW_SCHEMA if the text is not such a
 * statement; the message contains the name of the table or index. FURROW_NOMEM when out of memory.
 * On failure *out is empty. */
furrow_status furrow__sqlite_parse_table(furrow__sqlite_table *out, const char *sql, size_t size,
                                         furrow_arena *arena, furrow_error *error);
furrow_status furrow__sqlite_parse_index(furrow__sqlite_index *out, const char *sql, size_t size,
                                         furrow_arena *arena, furrow_error *error);

#endif
