/* SPDX-License-Identifier: MIT
 *
 * A list of changes between two schemas. It is made by the parser of furrow DDL (ddl.h) or by diff
 * (diff.h), and a plan (plan.h) is made from it. The changes are in the order in which they run. A
 * list and everything in it belong to an arena.
 *
 *     furrow__change_list changes = {.arena = arena};
 *     furrow__ddl_parse(&changes, …);                 text → changes
 *     furrow__change_apply(&catalog, change, …);      one change: catalog → next catalog
 *     furrow__change_write(&buffer, &catalog, change) one change → text
 *
 * A change contains new parts in the form that they have in a logical catalog. It refers to
 * existing parts by name.
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
    FURROW__ALTER_COLUMN, /* changes one property of a column; `alters` specifies which one */
    FURROW__ADD_CONSTRAINT,
    FURROW__DROP_CONSTRAINT,
    FURROW__RENAME_CONSTRAINT,
    FURROW__CREATE_INDEX,
    FURROW__DROP_INDEX,
    FURROW__RENAME_INDEX,
    FURROW__DATA,        /* an INSERT, UPDATE or DELETE */
    FURROW__ENGINE,      /* blocks of SQL, each for a single engine; all blocks have the same effect
                            on the schema */
    FURROW__SET_STORAGE, /* a change of the storage version. The list of a file does not contain it,
                            because the header states the version; the plan adds it */
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

/* An INSERT, UPDATE or DELETE. Expressions are canonical text over the columns of `table`; in
 * INSERT … SELECT, over the columns of `from`. Before an expression is written as an engine's SQL,
 * it is parsed again with the catalog of that moment. */
typedef struct furrow__data {
    furrow__data_kind kind;
    const char *const *columns; /* names of the columns that get values */
    size_t column_count;
    const char *const *values; /* row_count * column_count expressions, row by row */
    size_t row_count;          /* number of rows in INSERT … VALUES; otherwise 1 */
    furrow__table_name from;   /* the table that INSERT … SELECT reads */
    const char *where;         /* the condition; NULL if there is none */
} furrow__data;

/* The statements that one engine runs instead of the effect. */
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
    int storage; /* the storage version after the changes; 0 if they do not change it */
    furrow__file_location storage_place; /* the place where the file states the storage version */
} furrow__change_list;

struct furrow__change {
    furrow__change_kind kind;
    furrow__file_location place;
    furrow__table_name table; /* the name of the changed table before the change; for CREATE INDEX
                                 and DROP INDEX, the table of the index. For DROP INDEX, the table
                                 is found when the change is applied */
    const char *name;     /* old name of the column, constraint or index; NULL if there is none */
    const char *new_name; /* for a RENAME: the new name */
    furrow__column_change alters;
    int storage;                            /* for a SET STORAGE: the new version */
    const furrow__catalog_table *new_table; /* the table of a CREATE TABLE, with its constraints but
                                               without indexes */
    furrow__catalog_column column; /* the column of an ADD COLUMN; for ALTER COLUMN, the new type or
                                      the new default */
    const char *backfill; /* the value for existing rows, from ADD COLUMN … USING or ALTER
                             TYPE … USING; an expression over the old columns. NULL if
                             there is none */
    furrow__catalog_constraint constraint; /* the constraint of an ADD CONSTRAINT */
    furrow__catalog_index index;           /* the index of a CREATE INDEX */
    bool concurrently;                     /* CREATE INDEX CONCURRENTLY or DROP INDEX CONCURRENTLY;
                                              only in no-transaction files */
    const furrow__data *data;
    const furrow__engine_text *engines; /* for an ENGINE change: the statements for single engines,
                                           with at most one element per engine */
    size_t engine_count;
    furrow__change_list effect; /* for an ENGINE change: its effect on the schema; empty for
                                   `effect: none`. Engines without an element in `engines` run these
                                   changes instead */
    const char *comment;    /* lines of a comment that is written above a generated change, without
                               "-- "; NULL if there is none */
    const char *unfinished; /* what the user has to do before a generated change can run. `comment`
                               contains it, too. NULL if nothing has to be done */
    bool allows_data_loss;  /* the file has `-- furrow: allow-data-loss` above the change */
    const char *ignores;    /* codes of the lint rules that are disabled for the change, separated
                               by blanks; NULL if there are none */
};

/* Appends an empty change to a list. Returns NULL when out of memory, or if the list is full. */
furrow__change *furrow__change_add(furrow__change_list *list, furrow__change_kind kind);

/* Applies a change to a logical catalog. Returns FURROW_INVALID and leaves the catalog unchanged if
 * the change is impossible. This is the case, for example, if the table does not exist, if an index
 * still needs the column, or if the name is taken; the message names the conflict. If a table or
 * column is renamed, the keys, checks, indexes and foreign keys that depend on it are adjusted. The
 * names of constraints stay the same. */
furrow_status furrow__change_apply(furrow__catalog *catalog, const furrow__change *change,
                                   furrow_error *error);
furrow_status furrow__changes_apply(furrow__catalog *catalog, const furrow__change_list *list,
                                    furrow_error *error);

/* Writes a change as a statement of furrow DDL, with its semicolon. `before` is the schema in which
 * the change runs. */
void furrow__change_write(furrow__buffer *out, const furrow__catalog *before,
                          const furrow__change *change);
/* Writes a change of the kind FURROW__ENGINE: one block of SQL for each of its engines. `section`
 * is "upgrade" or "downgrade". */
void furrow__engine_write(furrow__buffer *out, const furrow__change *change, const char *section);
/* Writes a short description of a change, such as "add column contact.phone". */
void furrow__change_describe(furrow__buffer *out, const furrow__change *change);

#endif
