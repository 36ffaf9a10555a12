/* SPDX-License-Identifier: MIT
 *
 * A schema at one moment, as data that changes: what models want, what a history of revisions made,
 * or what a live database holds. `furrow_model` says what C needs; a catalog says what a database
 * keeps, also where no model could say it. There are two forms of the same structs:
 *
 *   logical    (dialect NULL) types are furrow's, expressions furrow's canonical text; what engines
 *              need beside (a bool's CHECK on SQLite, a float's against NaN on PostgreSQL) is part
 *              of the column's type and is no constraint here
 *   physical   (dialect set) types and expressions are the engine's own words, and every constraint
 *              is listed: what furrow__catalog_lower makes of a logical one, and what inspect.h
 *              reads
 *
 * Everything is named by text, never by place, so that renaming and dropping are local. A catalog's
 * structs and texts belong to an arena that outlives it; texts may be shared between catalogs.
 * There is nothing to free. Order of tables, columns, constraints and indexes means nothing:
 * fingerprints ignore it.
 */
#ifndef FURROW_MIGRATE_CATALOG_CATALOG_H
#define FURROW_MIGRATE_CATALOG_CATALOG_H

#include "base/arena.h"
#include "base/buffer.h"
#include "schema/expression.h"
#include "sql/sql.h"

enum {
    FURROW__FINGERPRINT_SIZE = 33, /* 32 hex digits and NUL */
    FURROW__CATALOG_TABLES = 10000,
    FURROW__CATALOG_PARTS = 2000, /* columns, constraints or indexes of one table */
    FURROW__CATALOG_KEY = 32,     /* columns of one key or index */
};

/* "schema" may be NULL. Compared as bytes: PostgreSQL's "public" and SQLite's main are NULL. */
typedef struct furrow__table_name {
    const char *schema, *name;
} furrow__table_name;

typedef struct furrow__catalog_type {
    furrow_type type;          /* never CHARS (that is TEXT with max_size); NULL for `native` */
    uint8_t precision;         /* of a decimal, 1…18 */
    int8_t scale;              /* of a decimal */
    uint32_t max_length;       /* of text, in code points; 0 for none */
    uint32_t max_size;         /* of text, in bytes; 0 for none: char[n] is n - 1 */
    const char *const *values; /* of an enum, in the order of the declaration */
    size_t value_count;
    const char *native; /* physical: the type as the engine writes it, with COLLATE; logical: a type
                           of one engine's that furrow has not, as text */
} furrow__catalog_type;

typedef struct furrow__catalog_column {
    const char *name;
    furrow__catalog_type type;
    bool nullable;
    bool assigned;        /* AUTOINCREMENT, IDENTITY: the table's whole primary key */
    const char *default_; /* canonical, or the engine's words as they stand behind DEFAULT, brackets
                             included; NULL for none: DEFAULT NULL is none */
    const char *generated;    /* physical: GENERATED ALWAYS AS (this), or NULL */
    bool stored;              /* with `generated` */
    const char *renamed_from; /* of models, or what the last RENAME says: a hint for diff, not part
                                 of the schema */
    const char
        *source; /* of a live SQLite table: the definition as written, name included; or NULL */
} furrow__catalog_column;

typedef enum furrow__constraint_kind {
    FURROW__CONSTRAINT_PRIMARY_KEY = 1,
    FURROW__CONSTRAINT_UNIQUE,
    FURROW__CONSTRAINT_FOREIGN_KEY,
    FURROW__CONSTRAINT_CHECK,
} furrow__constraint_kind;

typedef struct furrow__catalog_constraint {
    furrow__constraint_kind kind;
    const char *name;           /* NULL: a live one without; in logical catalogs never NULL */
    const char *const *columns; /* of a key; none for a check */
    size_t count;
    furrow__table_name target; /* of a foreign key */
    const char *const *target_columns;
    uint8_t on_delete, on_update; /* a furrow_action */
    bool deferrable;              /* and initially deferred */
    const char *expression;       /* of a check: canonical, or the engine's words */
    const char *source;           /* of a live SQLite table: as written, or NULL */
    const char *of_column; /* physical, made by lower: the column whose type it is part of, or
                              NULL; its name is then no part of the schema */
    bool added_later;      /* physical: a foreign key that CREATE TABLE leaves out, because ALTER
                              TABLE adds it after all tables */
    const char *inside;    /* of a live SQLite table: the column whose own definition (and source)
                              holds it, or NULL */
} furrow__catalog_constraint;

typedef struct furrow__index_part {
    const char *column;     /* or NULL, and then */
    const char *expression; /* canonical, or the engine's words */
    bool descending;
} furrow__index_part;

/* An index that is no constraint's. */
typedef struct furrow__catalog_index {
    const char *name;
    const furrow__index_part *parts;
    size_t count;
    bool unique;
    const char *where;  /* canonical, or the engine's words; NULL for none */
    const char *source; /* physical: the whole CREATE INDEX as the engine gives it, or NULL */
} furrow__catalog_index;

typedef struct furrow__catalog_table {
    furrow__table_name name;
    furrow__catalog_column *columns;
    size_t column_count, column_capacity;
    furrow__catalog_constraint *constraints;
    size_t constraint_count, constraint_capacity;
    furrow__catalog_index *indexes;
    size_t index_count, index_capacity;
    const char *renamed_from; /* likewise: the former name, without its schema */
    /* Of a live SQLite table: */
    bool strict, without_rowid, autoincrement;
    const char *source; /* its CREATE TABLE, or NULL */
} furrow__catalog_table;

/* What is known by name alone: drawn into no comparison, and kept by every rebuild. */
typedef enum furrow__object_kind {
    FURROW__OBJECT_VIEW = 1,
    FURROW__OBJECT_TRIGGER,
    FURROW__OBJECT_OTHER, /* a virtual table, a sequence of its own, a materialised view */
} furrow__object_kind;

typedef struct furrow__catalog_object {
    furrow__object_kind kind;
    furrow__table_name name;
    furrow__table_name table; /* of a trigger */
    const char *source;       /* the statement that makes it again, or NULL */
} furrow__catalog_object;

/* Which names may be taken: see change_work.c. */
typedef struct furrow__name_filter furrow__name_filter;

typedef struct furrow__catalog {
    const furrow__dialect *dialect; /* NULL: logical */
    furrow_arena *arena;
    furrow__name_filter *names; /* of a large catalog that changes were applied to; or NULL */
    furrow__catalog_table **tables;
    size_t count, capacity;
    furrow__catalog_object *objects; /* physical alone */
    size_t object_count, object_capacity;
} furrow__catalog;

/* ---- making (catalog.c) ---- */

/* An empty catalog. */
void furrow__catalog_init(furrow__catalog *catalog, const furrow__dialect *dialect,
                          furrow_arena *arena);
/* The logical catalog of models; texts are copied. FURROW_INVALID for an expression that does not
 * parse; FURROW_NOMEM. */
furrow_status furrow__catalog_from_schema(furrow__catalog *out, const furrow_schema *schema,
                                          furrow_arena *arena, furrow_error *error);
/* A copy that can be changed without changing `of`; texts are shared, so that the arena of `of`
 * must outlive it too. */
furrow_status furrow__catalog_copy(furrow__catalog *out, const furrow__catalog *of,
                                   furrow_arena *arena, furrow_error *error);

/* The type of a model's column, without the names of an enum's values. */
furrow__catalog_type furrow__catalog_type_of(const furrow_column *column);

/* Append an empty part, to be filled in. NULL when out of memory or past the limit. Pointers to
 * other parts of the same list are invalid afterwards; those to tables are not. */
furrow__catalog_table *furrow__catalog_add_table(furrow__catalog *catalog, furrow__table_name name);
furrow__catalog_column *furrow__catalog_add_column(furrow__catalog *catalog,
                                                   furrow__catalog_table *table);
furrow__catalog_constraint *furrow__catalog_add_constraint(furrow__catalog *catalog,
                                                           furrow__catalog_table *table);
furrow__catalog_index *furrow__catalog_add_index(furrow__catalog *catalog,
                                                 furrow__catalog_table *table);
furrow__catalog_object *furrow__catalog_add_object(furrow__catalog *catalog);

/* NULL, or the part of this name. */
furrow__catalog_table *furrow__catalog_table_named(const furrow__catalog *catalog,
                                                   furrow__table_name name);
furrow__catalog_column *furrow__catalog_column_named(const furrow__catalog_table *table,
                                                     const char *name);
furrow__catalog_constraint *furrow__catalog_constraint_named(const furrow__catalog_table *table,
                                                             const char *name);
furrow__catalog_index *furrow__catalog_index_named(const furrow__catalog_table *table,
                                                   const char *name);
/* The index of this name in any table of the schema (index names are the schema's), and its table.
 */
furrow__catalog_index *furrow__catalog_find_index(const furrow__catalog *catalog,
                                                  furrow__table_name name,
                                                  furrow__catalog_table **table);
/* The primary key, or NULL. */
furrow__catalog_constraint *furrow__catalog_primary_key(const furrow__catalog_table *table);
bool furrow__table_names_are_equal(furrow__table_name a, furrow__table_name b);

/* ---- expressions (expression.c) ---- */

/* The columns of a logical table as the scope of an expression, in the order of the table; a column
 * with a native type reads as text. The scope belongs to the arena. NULL when out of memory. */
const furrow__expression_scope *furrow__catalog_scope(const furrow__catalog_table *table,
                                                      furrow_arena *arena);
/* furrow's own text of a checked expression: names quoted where they must be, keywords upper case,
 * brackets where needed, decimals with their scale. It parses to the same tree. */
void furrow__expression_write(furrow__buffer *out, const furrow__expression *expression);
/* A text that two expressions share if they mean the same beyond doubt: operands of AND, OR, =, <>,
 * + and * and lists are sorted, a > b is b < a, NOT is pushed inwards, IN of one is =. It is for
 * comparing and for fingerprints alone. */
void furrow__expression_write_normalized(furrow__buffer *out, const furrow__expression *expression);

/* ---- text (text.c) ---- */

/* A type as furrow DDL: VARCHAR(20), ENUM('A', 'B'), DECIMAL(12, 2). */
void furrow__catalog_write_type(furrow__buffer *out, const furrow__catalog_type *type);
/* The canonical text of a logical catalog: everything sorted by name, expressions by meaning.
 * FURROW_NOMEM, or FURROW_INVALID for an expression that does not fit its table any more. */
furrow_status furrow__catalog_write(furrow__buffer *out, const furrow__catalog *catalog,
                                    furrow_error *error);
/* The fingerprint of that text. */
furrow_status furrow__catalog_fingerprint(char out[FURROW__FINGERPRINT_SIZE],
                                          const furrow__catalog *catalog, furrow_error *error);

/* ---- lowering (lower.c) ---- */

/* The physical catalog that furrow's own DDL of a logical one makes on an engine: types in its
 * words, the checks that its types need (named as furrow_create_all names them), expressions
 * rendered. What an engine cannot hold is FURROW_INVALID. */
furrow_status furrow__catalog_lower(furrow__catalog *out, const furrow__catalog *logical,
                                    const furrow__dialect *dialect, furrow_arena *arena,
                                    furrow_error *error);

/* ---- text of a physical catalog (physical.c) ---- */

typedef struct furrow__table_form {
    const furrow__table_name *as; /* the name of the new table; NULL for the table's own. Foreign
                                     keys to itself refer to its own name in any case */
    bool without_foreign_keys;
} furrow__table_form;

/* CREATE TABLE, without its indexes. `form` may be NULL. A part that has a `source` is written as
 * its source is. */
void furrow__physical_write_table(furrow__buffer *out, const furrow__catalog *physical,
                                  const furrow__catalog_table *table,
                                  const furrow__table_form *form);
/* A column or constraint of it: what stands between the commas. */
void furrow__physical_write_column(furrow__buffer *out, const furrow__dialect *dialect,
                                   const furrow__catalog_column *column);
void furrow__physical_write_constraint(furrow__buffer *out, const furrow__dialect *dialect,
                                       const furrow__catalog_constraint *constraint);
/* CREATE INDEX. */
void furrow__physical_write_index(furrow__buffer *out, const furrow__catalog *physical,
                                  const furrow__catalog_table *table,
                                  const furrow__catalog_index *index);
/* Quoted, with its schema as the dialect has it. */
void furrow__write_table_name(furrow__buffer *out, const furrow__dialect *dialect,
                              furrow__table_name name);

#endif
