/* SPDX-License-Identifier: MIT
 *
 * A catalog is a modifiable description of a database schema. It describes the schema of the
 * models, the schema after a number of revisions, or the schema of a live database. A furrow_model
 * describes what a C program needs; a catalog describes what a database contains, including objects
 * that no model can declare. The same structs are used in two forms:
 *
 * A logical catalog (`dialect` is NULL) has furrow's own types, and expressions in furrow's
 * canonical text. Some types need checks on some engines, such as the check of a bool on SQLite. A
 * logical catalog does not list these checks, because they are part of the type.
 *
 * A physical catalog (`dialect` is set) has types and expressions in the engine's SQL, and lists
 * every constraint. furrow__catalog_lower makes it from a logical catalog, and
 * migrate/apply/inspect.h reads it from a live database.
 *
 * Parts refer to each other by name, so that renaming or dropping a part does not change the
 * others. The structs and strings of a catalog belong to an arena that outlives it; catalogs may
 * share strings, and nothing is freed. The order of tables, columns, constraints and indexes is not
 * significant: fingerprints ignore it.
 */
#ifndef FURROW_MIGRATE_CATALOG_CATALOG_H
#define FURROW_MIGRATE_CATALOG_CATALOG_H

#include "base/arena.h"
#include "base/buffer.h"
#include "schema/expression.h"
#include "sql/sql.h"

enum {
    FURROW__FINGERPRINT_SIZE = 33, /* 32 hexadecimal digits and a NUL */
    FURROW__CATALOG_TABLES = 10000,
    FURROW__CATALOG_PARTS = 2000, /* the maximum number of columns of a table, of its constraints,
                                     and of its indexes */
    FURROW__CATALOG_KEY = 32,     /* largest number of columns in one key or index */
};

/* The storage version of a schema determines which checks the types of its columns get. All
 * versions store values in the same form, so programs of every version can read each other's
 * rows. */
enum {
    FURROW__STORAGE_FIRST = 1,
    FURROW__STORAGE_FORMS = 2, /* columns of types that an engine stores as text get a check that
                                  admits only the form in which furrow writes values; on an engine
                                  that reads numbers inexactly, numbers are written exactly, and
                                  float columns contain only floats */
    FURROW__STORAGE_NEWEST = FURROW__STORAGE_FORMS,
};

/* The name of a table. `schema` is NULL for PostgreSQL's schema "public" and for SQLite's database
 * "main". Names are compared byte by byte. */
typedef struct furrow__table_name {
    const char *schema, *name;
} furrow__table_name;

typedef struct furrow__catalog_type {
    furrow_type type;    /* FURROW_TYPE_NULL if `native` is set; never FURROW_TYPE_CHARS, because
                            char[n] is represented as TEXT with a max_size */
    uint8_t precision;   /* for a decimal: 1 to 18 digits */
    int8_t scale;        /* for a decimal: digits after the point */
    uint32_t max_length; /* for text: its limit in code points; 0 means no limit */
    uint32_t max_size; /* for text: its limit in bytes; 0 means no limit. For char[n] it is n - 1 */
    const char *const *values; /* the values of an enum, in the order of their declaration */
    size_t value_count;
    const char
        *native; /* in a physical catalog: the type as the engine writes it, with COLLATE. In
                    a logical catalog: a type that only one engine has; NULL for other types */
} furrow__catalog_type;

typedef struct furrow__catalog_column {
    const char *name;
    furrow__catalog_type type;
    bool nullable;
    bool assigned;        /* whether the column is AUTOINCREMENT or IDENTITY; such a column is the
                             whole primary key */
    const char *default_; /* in a logical catalog: canonical text. In a physical catalog: the SQL
                             after DEFAULT, with its parentheses. NULL if there is no default or the
                             default is NULL */
    const char
        *generated; /* physical: the expression of GENERATED ALWAYS AS; NULL if there is none */
    bool stored;    /* whether a generated column is STORED */
    const char *renamed_from; /* the former name, from a model's renamed_from or from the last
                                 RENAME. It helps diffs, and is not part of the schema */
    const char *source; /* for a live SQLite table: the text of the column's definition, including
                           its name; otherwise NULL */
} furrow__catalog_column;

typedef enum furrow__constraint_kind {
    FURROW__CONSTRAINT_PRIMARY_KEY = 1,
    FURROW__CONSTRAINT_UNIQUE,
    FURROW__CONSTRAINT_FOREIGN_KEY,
    FURROW__CONSTRAINT_CHECK,
} furrow__constraint_kind;

typedef struct furrow__catalog_constraint {
    furrow__constraint_kind kind;
    const char *name;           /* NULL for an unnamed constraint of a live table; never NULL in a
                                   logical catalog */
    const char *const *columns; /* the columns of a key; empty for a check */
    size_t count;
    furrow__table_name target; /* the table that a foreign key refers to */
    const char *const *target_columns;
    uint8_t on_delete, on_update; /* for a foreign key: values of the enum furrow_action */
    bool deferrable;              /* the constraint is DEFERRABLE INITIALLY DEFERRED */
    const char *expression;       /* the condition of a check: canonical text in a logical catalog,
                                     SQL in a physical catalog */
    const char *source;           /* for a live SQLite table: the text of the constraint; otherwise
                                     NULL */
    const char *of_column; /* physical: the column whose type needs this check; NULL for other
                              constraints. If it is set, the name of the check is not part of the
                              schema */
    bool added_later;      /* physical: CREATE TABLE leaves this foreign key out. ALTER TABLE adds
                              it after all tables have been created */
    const char *inside;    /* for a live SQLite table: the column whose definition contains this
                              constraint. The `source` of the column then contains it, too. NULL for
                              other constraints */
} furrow__catalog_constraint;

typedef struct furrow__index_part {
    const char *column;     /* NULL if the part is an expression */
    const char *expression; /* canonical text in a logical catalog, SQL in a physical catalog; NULL
                               if the part is a column */
    bool descending;
} furrow__index_part;

/* An index that does not belong to a constraint. */
typedef struct furrow__catalog_index {
    const char *name;
    const furrow__index_part *parts;
    size_t count;
    bool unique;
    const char *where; /* the condition of a partial index: canonical text in a logical catalog, SQL
                          in a physical catalog; NULL for an index over all rows */
    const char *source; /* physical: the CREATE INDEX statement, as the engine returns it; NULL if
                           it is not known */
} furrow__catalog_index;

typedef struct furrow__catalog_table {
    furrow__table_name name;
    furrow__catalog_column *columns;
    size_t column_count, column_capacity;
    furrow__catalog_constraint *constraints;
    size_t constraint_count, constraint_capacity;
    furrow__catalog_index *indexes;
    size_t index_count, index_capacity;
    const char *renamed_from; /* the former name, without its schema. It helps diffs, and is not
                                 part of the schema */
    /* The members below are set for live SQLite tables. */
    bool strict, without_rowid, autoincrement;
    const char *source; /* the CREATE TABLE statement; NULL if it is not known */
} furrow__catalog_table;

/* The kind of an object of which furrow knows only the name. Such objects are not compared, and a
 * rebuild of a table keeps them. */
typedef enum furrow__object_kind {
    FURROW__OBJECT_VIEW = 1,
    FURROW__OBJECT_TRIGGER,
    FURROW__OBJECT_OTHER, /* a virtual table, a separate sequence or a materialized view */
} furrow__object_kind;

typedef struct furrow__catalog_object {
    furrow__object_kind kind;
    furrow__table_name name;
    furrow__table_name table; /* the table of a trigger */
    const char *source;       /* the statement that creates the object again; NULL if it is not
                                 known */
} furrow__catalog_object;

/* A filter that can show that no table or index has a given name; see
 * migrate/revision/change_work.c. */
typedef struct furrow__name_filter furrow__name_filter;

typedef struct furrow__catalog {
    const furrow__dialect *dialect; /* NULL for a logical catalog */
    furrow_arena *arena;
    int storage; /* the storage version. It decides how a logical catalog is lowered, and is part of
                    the schema */
    furrow__name_filter *names; /* speeds up changes to a large catalog; NULL until it is needed */
    furrow__catalog_table **tables;
    size_t count, capacity;
    furrow__catalog_object *objects; /* objects other than tables; set only in physical catalogs */
    size_t object_count, object_capacity;
} furrow__catalog;

/* Creating and searching (catalog.c) */

/* Initializes an empty catalog with the first storage version. `dialect` is NULL for a logical
 * catalog.
 */
void furrow__catalog_init(furrow__catalog *catalog, const furrow__dialect *dialect,
                          furrow_arena *arena);
/* Makes the logical catalog of a program's models, with the newest storage version. Strings are
 * copied. Returns FURROW_INVALID if an
 * expression does not parse. */
furrow_status furrow__catalog_from_schema(furrow__catalog *out, const furrow_schema *schema,
                                          furrow_arena *arena, furrow_error *error);
/* Makes a copy. Changes of the copy do not change `of`. The two catalogs share strings, so the
 * arena of `of` must outlive the copy. */
furrow_status furrow__catalog_copy(furrow__catalog *out, const furrow__catalog *of,
                                   furrow_arena *arena, furrow_error *error);

/* Returns the type of a model's column, without the values of an enum. */
furrow__catalog_type furrow__catalog_type_of(const furrow_column *column);

/* Each of these functions appends an empty part, which the caller fills in. They return NULL when
 * out of memory or if the list is full. Pointers to other parts in the same list become invalid;
 * pointers to tables stay valid. */
furrow__catalog_table *furrow__catalog_add_table(furrow__catalog *catalog, furrow__table_name name);
furrow__catalog_column *furrow__catalog_add_column(furrow__catalog *catalog,
                                                   furrow__catalog_table *table);
furrow__catalog_constraint *furrow__catalog_add_constraint(furrow__catalog *catalog,
                                                           furrow__catalog_table *table);
furrow__catalog_index *furrow__catalog_add_index(furrow__catalog *catalog,
                                                 furrow__catalog_table *table);
furrow__catalog_object *furrow__catalog_add_object(furrow__catalog *catalog);

/* Each of these functions finds a part by its name, and returns NULL if there is none. */
furrow__catalog_table *furrow__catalog_table_named(const furrow__catalog *catalog,
                                                   furrow__table_name name);
furrow__catalog_column *furrow__catalog_column_named(const furrow__catalog_table *table,
                                                     const char *name);
furrow__catalog_constraint *furrow__catalog_constraint_named(const furrow__catalog_table *table,
                                                             const char *name);
furrow__catalog_index *furrow__catalog_index_named(const furrow__catalog_table *table,
                                                   const char *name);
/* Finds an index by its name and sets *table to the index's table. All tables of the schema are
 * searched, because the names of indexes are unique in a schema. Returns NULL if there is no such
 * index. */
furrow__catalog_index *furrow__catalog_find_index(const furrow__catalog *catalog,
                                                  furrow__table_name name,
                                                  furrow__catalog_table **table);
/* Returns the primary key of a table; NULL if it has none. */
furrow__catalog_constraint *furrow__catalog_primary_key(const furrow__catalog_table *table);
bool furrow__table_names_are_equal(furrow__table_name a, furrow__table_name b);

/* Expressions (expression.c) */

/* Returns the scope in which expressions of a logical table are parsed: the table's columns, in
 * their order. A column with a native type counts as text. The scope belongs to the arena. Returns
 * NULL when out of memory. */
const furrow__expression_scope *furrow__catalog_scope(const furrow__catalog_table *table,
                                                      furrow_arena *arena);
/* Writes the canonical text of a checked expression. It has quotes and parentheses only where they
 * are needed, keywords in upper case, and decimals with their scale. Parsing the text gives the
 * same tree. */
void furrow__expression_write(furrow__buffer *out, const furrow__expression *expression);
/* Writes the normalized form of an expression. Expressions with equal forms mean the same. The
 * operands of AND, OR, =, <>, +, * and IN are sorted; a > b becomes b < a; NOT is moved inwards; IN
 * with one element becomes =. The form is used for comparisons and fingerprints only. */
void furrow__expression_write_normalized(furrow__buffer *out, const furrow__expression *expression);

/* Text (text.c) */

/* Writes a type as in furrow DDL: VARCHAR(20), ENUM('A', 'B'), DECIMAL(12, 2). */
void furrow__catalog_write_type(furrow__buffer *out, const furrow__catalog_type *type);
/* Writes the canonical text of a logical catalog: parts are sorted by name, and expressions are
 * normalized. Returns FURROW_INVALID if an expression does not match the columns of its table. */
furrow_status furrow__catalog_write(furrow__buffer *out, const furrow__catalog *catalog,
                                    furrow_error *error);
/* Computes the fingerprint of a logical catalog: a hash of its canonical text. */
furrow_status furrow__catalog_fingerprint(char out[FURROW__FINGERPRINT_SIZE],
                                          const furrow__catalog *catalog, furrow_error *error);

/* Lowering (lower.c) */

/* Makes the physical catalog of a logical catalog: what furrow's DDL creates on one engine. Types
 * and expressions are translated to the engine's SQL. The checks that types need in the catalog's
 * storage version are added, with the names that furrow_create_all gives them. Returns
 * FURROW_INVALID if the engine does not have a type. */
furrow_status furrow__catalog_lower(furrow__catalog *out, const furrow__catalog *logical,
                                    const furrow__dialect *dialect, furrow_arena *arena,
                                    furrow_error *error);

/* Text of a physical catalog (physical.c) */

typedef struct furrow__table_form {
    const furrow__table_name
        *as; /* the name to write; NULL for the table's own name. A foreign key to the table itself
                is always written with the table's own name */
    bool without_foreign_keys;
} furrow__table_form;

/* Writes CREATE TABLE, without the table's indexes. `form` may be NULL. If a part has a `source`,
 * the `source` is written. */
void furrow__physical_write_table(furrow__buffer *out, const furrow__catalog *physical,
                                  const furrow__catalog_table *table,
                                  const furrow__table_form *form);
/* These functions write the definition of a column or of a constraint, as in CREATE TABLE. */
void furrow__physical_write_column(furrow__buffer *out, const furrow__dialect *dialect,
                                   const furrow__catalog_column *column);
void furrow__physical_write_constraint(furrow__buffer *out, const furrow__dialect *dialect,
                                       const furrow__catalog_constraint *constraint);
/* Writes CREATE INDEX. */
void furrow__physical_write_index(furrow__buffer *out, const furrow__catalog *physical,
                                  const furrow__catalog_table *table,
                                  const furrow__catalog_index *index);
/* Writes the quoted name of a table, with its schema. */
void furrow__write_table_name(furrow__buffer *out, const furrow__dialect *dialect,
                              furrow__table_name name);

#endif
