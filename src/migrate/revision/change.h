/* SPDX-License-Identifier: MIT
 *
 * What changes between two schemas, as a list: what the parser of furrow DDL yields (ddl.h), what
 * diff finds (diff.h), what a plan is made of (plan.h). A list is in the order in which it is to
 * run. All of it belongs to an arena.
 *
 *     furrow__change_list changes = {.arena = arena};
 *     furrow__ddl_parse(&changes, …);                 text → changes
 *     furrow__change_apply(&catalog, change, …);      changes × logical catalog → the next one
 *     furrow__change_write(&buffer, &catalog, change) changes → text
 *
 * Changes hold new things as catalog parts (logical), old ones by name.
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
    FURROW__ALTER_COLUMN, /* one of what `alters` says; several are several changes */
    FURROW__ADD_CONSTRAINT,
    FURROW__DROP_CONSTRAINT,
    FURROW__RENAME_CONSTRAINT,
    FURROW__CREATE_INDEX,
    FURROW__DROP_INDEX,
    FURROW__RENAME_INDEX,
    FURROW__DATA,   /* INSERT, UPDATE, DELETE */
    FURROW__ENGINE, /* text for single engines, with its effect on the schema */
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

/* ---- data statements ---- */

typedef enum furrow__data_kind {
    FURROW__DATA_INSERT = 1, /* VALUES */
    FURROW__DATA_INSERT_SELECT,
    FURROW__DATA_UPDATE,
    FURROW__DATA_DELETE,
} furrow__data_kind;

/* Expressions are canonical text over `table` (over `from` in INSERT … SELECT), parsed again
 * against the catalog of the moment when they are rendered. */
typedef struct furrow__data {
    furrow__data_kind kind;
    const char *const *columns; /* written to */
    size_t column_count;
    const char *const *values; /* row by row: row_count * column_count */
    size_t row_count;          /* 1 but for INSERT … VALUES */
    furrow__table_name from;   /* of INSERT … SELECT */
    const char *where;         /* or NULL */
} furrow__data;

/* ---- engine blocks ---- */

/* What runs on one engine in the place of `effect`. */
typedef struct furrow__engine_text {
    const furrow__dialect *dialect;
    const char *const *statements; /* one each, without its semicolon */
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
    furrow__table_name table; /* which it is about, by its name at that moment; of CREATE and DROP
                                 INDEX the index's table (DROP finds it when it is applied) */
    const char *name;         /* the old part: column, constraint, index; or NULL */
    const char *new_name;     /* of RENAME */
    furrow__column_change alters;
    const furrow__catalog_table
        *new_table;                /* CREATE_TABLE: with its constraints, without indexes */
    furrow__catalog_column column; /* ADD_COLUMN: whole; ALTER_COLUMN: type or default_ */
    const char *backfill;          /* ADD_COLUMN … USING, ALTER TYPE … USING: the value of
                                      rows that are there, over the old columns; or NULL */
    furrow__catalog_constraint constraint; /* ADD_CONSTRAINT */
    furrow__catalog_index index;           /* CREATE_INDEX */
    bool concurrently;                     /* CREATE and DROP INDEX; no-transaction files only */
    const furrow__data *data;
    const furrow__engine_text *engines; /* ENGINE: at most one a dialect */
    size_t engine_count;
    furrow__change_list effect; /* ENGINE: what it does to the schema, and what runs on an engine
                                   without a text of its own; empty for `none` */
    const char
        *comment; /* generated: lines to stand above it in the file, without "-- "; or NULL */
    bool allows_data_loss; /* the file says so: `-- furrow: allow-data-loss` above it */
    const char *ignores;   /* codes of lint that the file silences here, with blanks between; or
                              NULL */
};

/* Append an empty change; NULL when out of memory or past the limit. */
furrow__change *furrow__change_add(furrow__change_list *list, furrow__change_kind kind);

/* Change a logical catalog. FURROW_INVALID, saying what does not fit (no such table, a column that
 * an index still needs, a name taken), leaves the catalog as it was. What depends on a renamed
 * table or column (keys, checks, indexes, others' foreign keys) follows it; names of constraints do
 * not. */
furrow_status furrow__change_apply(furrow__catalog *catalog, const furrow__change *change,
                                   furrow_error *error);
furrow_status furrow__changes_apply(furrow__catalog *catalog, const furrow__change_list *list,
                                    furrow_error *error);

/* The change as a statement of furrow DDL, with its semicolon, as a person would lay it out.
 * `before` is the schema in which it runs. */
void furrow__change_write(furrow__buffer *out, const furrow__catalog *before,
                          const furrow__change *change);
/* An ENGINE change as its blocks, for the section "upgrade" or "downgrade". */
void furrow__engine_write(furrow__buffer *out, const furrow__change *change, const char *section);
/* A line for people: "add column contact.phone". */
void furrow__change_describe(furrow__buffer *out, const furrow__change *change);

#endif
