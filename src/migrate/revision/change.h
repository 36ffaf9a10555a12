/* SPDX-License-Identifier: MIT
 *
 * A list of changes between two schemas. The parser of furrow DDL (ddl.h) and diff (diff.h) produce
 * it, and a plan (plan.h) is made from it. The changes are in the order in which they run. A list
 * and everything in it belong to an arena.
 *
 *     furrow__change_list changes = {.arena = arena};
 *     furrow__ddl_parse(&changes, …);                 text → changes
 *     furrow__change_apply(&catalog, change, …);      changes × logical catalog → the next one
 *     furrow__change_write(&buffer, &catalog, change) changes → text
 *
 * A change holds new parts as parts of a logical catalog, and refers to old parts by name.
 */
#ifndef FURROW_MIGRATE_REVISION_CHANGE_H
#define FURROW_MIGRATE_REVISION_CHANGE_H

#include "migrate/catalog/catalog.h"
#include "scan/location.h"

enum { FURROW__CHANGES = 20000 };

typedef enum furrow__change_kind {
    FURROW__CREATE_TABLE = 1,
    FURROW__DROP_TABLE,
    FURROW__RENAME_TABLE,
    FURROW__ADD_COLUMN,
    FURROW__DROP_COLUMN,
    FURROW__RENAME_COLUMN,
    FURROW__ALTER_COLUMN, /* changes one property of a column, given by `alters` */
    FURROW__ADD_CONSTRAINT,
    FURROW__DROP_CONSTRAINT,
    FURROW__RENAME_CONSTRAINT,
    FURROW__CREATE_INDEX,
    FURROW__DROP_INDEX,
    FURROW__RENAME_INDEX,
    FURROW__DATA,   /* an INSERT, UPDATE or DELETE */
    FURROW__ENGINE, /* statements for single engines, with the effect on the schema that they share
                     */
} furrow__change_kind;

typedef enum furrow__column_change {
    FURROW__ALTER_TYPE = 1,
    FURROW__ALTER_SET_NOT_NULL,
    FURROW__ALTER_DROP_NOT_NULL,
    FURROW__ALTER_SET_DEFAULT,
    FURROW__ALTER_DROP_DEFAULT,
    FURROW__ALTER_ADD_IDENTITY,
    FURROW__ALTER_DROP_IDENTITY,
} furrow__column_change;

typedef enum furrow__data_kind {
    FURROW__DATA_INSERT = 1, /* INSERT … VALUES */
    FURROW__DATA_INSERT_SELECT,
    FURROW__DATA_UPDATE,
    FURROW__DATA_DELETE,
} furrow__data_kind;

/* An INSERT, UPDATE or DELETE. Expressions are canonical text over `table`, or over `from` in
 * INSERT … SELECT. When they are written for an engine, they are parsed again with the catalog of
 * that moment. */
typedef struct furrow__data {
    furrow__data_kind kind;
    const char *const *columns; /* names of the columns that are written */
    size_t column_count;
    const char *const *values; /* expressions, row by row; row_count * column_count of them */
    size_t row_count;          /* number of rows; 1 except for INSERT … VALUES */
    furrow__table_name from;   /* the table that INSERT … SELECT reads */
    const char *where;         /* the condition; NULL if there is none */
} furrow__data;

/* The statements that run on one engine instead of the effect. */
typedef struct furrow__engine_text {
    const furrow__dialect *dialect;
    const char *const *statements; /* statements without their semicolons */
    const furrow__file_location *places;
    size_t count;
} furrow__engine_text;

typedef struct furrow__change furrow__change;

typedef struct furrow__change_list {
    furrow_arena *arena;
    furrow__change *items;
    size_t count, capacity;
} furrow__change_list;

struct furrow__change {
    furrow__change_kind kind;
    furrow__file_location place;
    furrow__table_name table; /* name of the changed table at that moment; for CREATE INDEX and DROP
                                 INDEX, the table of the index, which DROP INDEX looks up when it is
                                 applied */
    const char *name;     /* name of the old column, constraint or index; NULL if there is none */
    const char *new_name; /* the new name; for a RENAME only */
    furrow__column_change alters;
    const furrow__catalog_table *new_table; /* the table of a CREATE TABLE, with its constraints and
                                               without indexes */
    furrow__catalog_column column; /* the column of an ADD COLUMN; the new type or default of an
                                      ALTER COLUMN */
    const char *backfill;          /* the value for existing rows, over the old columns (ADD COLUMN
                                      … USING, ALTER TYPE … USING); NULL if there is none */
    furrow__catalog_constraint constraint; /* the constraint of an ADD CONSTRAINT */
    furrow__catalog_index index;           /* the index of a CREATE INDEX */
    bool concurrently;                     /* CREATE or DROP INDEX CONCURRENTLY, in no-transaction
                                              files only */
    const furrow__data *data;
    const furrow__engine_text *engines; /* for an ENGINE change: statements for single engines, at
                                           most one element for each engine */
    size_t engine_count;
    furrow__change_list
        effect;             /* for an ENGINE change: its effect on the schema, which also runs on
                               engines without statements of their own; empty for `effect: none` */
    const char *comment;    /* lines of a comment to write above a generated change, without "-- ";
                               NULL if there is none */
    const char *unfinished; /* what a person must do before a generated change can run; it is also
                               in `comment`; NULL if the change is complete */
    bool allows_data_loss;  /* the file has `-- furrow: allow-data-loss` above the change */
    const char *ignores;    /* codes of the lint rules that the file disables for the change,
                               separated by blanks; NULL if there are none */
};

/* Appends an empty change to a list. Returns NULL when out of memory or if the list is full. */
furrow__change *furrow__change_add(furrow__change_list *list, furrow__change_kind kind);

/* Applies a change to a logical catalog. Returns FURROW_INVALID, with a message that names the
 * conflict, if the change is impossible, for example because the table does not exist, an index
 * still needs the column or the name is taken. The catalog is then unchanged. Keys, checks, indexes
 * and foreign keys that depend on a renamed table or column are adjusted; names of constraints are
 * not. */
furrow_status furrow__change_apply(furrow__catalog *catalog, const furrow__change *change,
                                   furrow_error *error);
furrow_status furrow__changes_apply(furrow__catalog *catalog, const furrow__change_list *list,
                                    furrow_error *error);

/* Writes a change as a statement of furrow DDL, with its semicolon. `before` is the schema in which
 * the change runs. */
void furrow__change_write(furrow__buffer *out, const furrow__catalog *before,
                          const furrow__change *change);
/* Writes a change of the kind FURROW__ENGINE as one block of SQL for each engine. `section` is
 * "upgrade" or "downgrade". */
void furrow__engine_write(furrow__buffer *out, const furrow__change *change, const char *section);
/* Writes a short description of a change, such as "add column contact.phone". */
void furrow__change_describe(furrow__buffer *out, const furrow__change *change);

#endif
