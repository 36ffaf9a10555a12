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

enum { FURROW__SQLITE_PARTS = 2000 }; /* columns, constraints or columns of a key, at most */

typedef enum furrow__sqlite_constraint_kind {
    FURROW__SQLITE_PRIMARY_KEY = 1,
    FURROW__SQLITE_UNIQUE,
    FURROW__SQLITE_FOREIGN_KEY,
    FURROW__SQLITE_CHECK,
} furrow__sqlite_constraint_kind;

typedef struct furrow__sqlite_constraint {
    furrow__sqlite_constraint_kind kind;
    const char *name;           /* NULL if it has none */
    const char *column;         /* the column whose definition contains it; NULL: the table's */
    const char *const *columns; /* of a key, also if `column` is set */
    size_t column_count;
    const char *target;                /* of a foreign key: the table it refers to */
    const char *const *target_columns; /* as many as `columns`; NULL if it names none */
    uint8_t on_delete, on_update;      /* of a foreign key: a furrow_action */
    bool is_deferred;                  /* of a foreign key: DEFERRABLE INITIALLY DEFERRED */
    const char *expression;            /* of a check, without its parentheses */
    const char *source;                /* the definition, CONSTRAINT and its name included */
} furrow__sqlite_constraint;

typedef struct furrow__sqlite_column {
    const char *name;
    const char *type;      /* "" if it has none */
    const char *collation; /* NULL if it has none */
    const char *default_;  /* as written after DEFAULT, parentheses included; NULL if it has none */
    const char *generated; /* the expression without its parentheses; NULL if not generated */
    bool is_stored;        /* of a generated column */
    bool is_nullable;      /* not declared NOT NULL */
    const char *source;    /* the definition, the name included */
} furrow__sqlite_column;

typedef struct furrow__sqlite_table {
    const char *name;
    furrow__sqlite_column *columns;
    size_t column_count, column_capacity;
    furrow__sqlite_constraint *constraints; /* of columns and of the table, in their order */
    size_t constraint_count, constraint_capacity;
    bool is_strict, is_without_rowid;
    bool has_autoincrement;
} furrow__sqlite_table;

typedef struct furrow__sqlite_index_part {
    const char *column;     /* NULL for an expression */
    const char *expression; /* NULL for a column; with COLLATE, if it is there */
    bool is_descending;
} furrow__sqlite_index_part;

typedef struct furrow__sqlite_index {
    const char *name, *table;
    bool is_unique;
    furrow__sqlite_index_part *parts;
    size_t part_count, part_capacity;
    const char *where; /* the condition of a partial index; NULL if it has none */
} furrow__sqlite_index;

/* FURROW_SCHEMA for a text that is not such a statement, with the table's or index's name in the
 * message; FURROW_NOMEM. *out is then empty. */
furrow_status furrow__sqlite_parse_table(furrow__sqlite_table *out, const char *sql, size_t size,
                                         furrow_arena *arena, furrow_error *error);
furrow_status furrow__sqlite_parse_index(furrow__sqlite_index *out, const char *sql, size_t size,
                                         furrow_arena *arena, furrow_error *error);

#endif
