/* SPDX-License-Identifier: MIT
 *
 * The description of a model as data: one set of tables that create, read, update, delete, queries,
 * DDL and migrations all read. Generated code holds them as constants; `furrow sql` builds the same
 * structs in memory. Everything here is const once built, and lives as long as who built it says.
 *
 * Columns are referred to by their index in the model's `columns`; keys are lists of such indexes.
 */
#ifndef FURROW_SCHEMA_H
#define FURROW_SCHEMA_H

#include <furrow/model.h>

/* Raised when these structs change meaning or layout; checked when a schema or model is first used.
 */
#define FURROW_FORMAT_VERSION 2

typedef struct furrow_model furrow_model;
typedef struct furrow_column furrow_column;
typedef struct furrow_relation furrow_relation;

typedef enum furrow_type {
    FURROW_TYPE_NULL = 0, /* no value; never the type of a column */
    FURROW_TYPE_BOOL,
    FURROW_TYPE_INT16,
    FURROW_TYPE_INT32,
    FURROW_TYPE_INT64,
    FURROW_TYPE_FLOAT,
    FURROW_TYPE_DOUBLE,
    FURROW_TYPE_TEXT,  /* const char * */
    FURROW_TYPE_CHARS, /* char[n] */
    FURROW_TYPE_BLOB,
    FURROW_TYPE_TIME,
    FURROW_TYPE_DATE,
    FURROW_TYPE_UUID,
    FURROW_TYPE_DECIMAL,
    FURROW_TYPE_JSON,
    FURROW_TYPE_ENUM,
    FURROW_TYPE_COUNT_
} furrow_type;

/* One enumerator: `value` is its C value, `name` what the database stores. */
typedef struct furrow_enumerator {
    const char *name;
    int64_t value;
} furrow_enumerator;

typedef struct furrow_enum {
    const char *name;
    const furrow_enumerator *enumerators;
    size_t count;
} furrow_enum;

enum furrow_column_flags {
    FURROW_COLUMN_NULLABLE = 1 << 0,
    FURROW_COLUMN_OPT = 1 << 1,         /* the field is furrow_opt(T): `has_offset` is meaningful */
    FURROW_COLUMN_PRIMARY_KEY = 1 << 2, /* part of the primary key */
    FURROW_COLUMN_ASSIGNED = 1 << 3,    /* an integer key that the database assigns when it is 0 */
    FURROW_COLUMN_VERSION = 1 << 4,
    FURROW_COLUMN_TOUCH = 1 << 5, /* set to now on every update */
    FURROW_COLUMN_HAS_MIN = 1 << 6,
    FURROW_COLUMN_HAS_MAX = 1 << 7,
    FURROW_COLUMN_UNSIGNED = 1 << 8, /* an enum whose C type is unsigned */
    FURROW_COLUMN_COUNT = 1 << 9,    /* no column: the number of a relation's rows; `index` is the
                                        relation's */
};

/* A field of a struct and the column that it is. */
struct furrow_column {
    const char *name;          /* in the database */
    const char *field;         /* in C */
    const furrow_model *model; /* its owner */
    uint8_t type;              /* a furrow_type */
    int8_t scale;              /* of a decimal */
    uint8_t precision;         /* of a decimal */
    uint16_t flags;            /* of enum furrow_column_flags */
    uint16_t index;            /* in model->columns */
    uint32_t size;       /* of the value in C, in bytes: of T for furrow_opt(T), n for char[n] */
    uint32_t offset;     /* of the value in the struct, in bytes */
    uint32_t has_offset; /* of `has`, with FURROW_COLUMN_OPT */
    uint32_t min_length; /* in code points; 0 for none */
    uint32_t max_length; /* in code points; 0 for none */
    int64_t minimum, maximum; /* range(a, b), with _HAS_MIN and _HAS_MAX; a decimal's in units of
                                 10^-scale; of float and double whole numbers */
    const furrow_enum *enumeration;
    const char *pattern;      /* a POSIX extended regular expression, or NULL */
    const char *default_;     /* an expression (docs/expressions.md), or NULL; "now" for now */
    const char *check;        /* an expression over this column, or NULL */
    const char *renamed_from; /* or NULL */
};

typedef enum furrow_action {
    FURROW_ACTION_NONE = 0, /* NO ACTION: checked at the end of the statement (or transaction) */
    FURROW_ACTION_RESTRICT,
    FURROW_ACTION_CASCADE,
    FURROW_ACTION_SET_NULL,
    FURROW_ACTION_SET_DEFAULT,
} furrow_action;

typedef struct furrow_foreign_key {
    const char *name; /* of the constraint, at most 63 bytes */
    const uint16_t *columns;
    const furrow_model *target;
    const uint16_t *target_columns;
    uint16_t count;               /* of columns and of target_columns */
    uint8_t on_delete, on_update; /* a furrow_action */
    bool deferrable;              /* checked at commit */
} furrow_foreign_key;

typedef struct furrow_index {
    const char *name;
    const uint16_t *columns;
    const bool *descending; /* one a column, or NULL if all ascend */
    uint16_t count;
    bool unique;       /* a UNIQUE constraint if `where` is NULL, else a unique index */
    const char *where; /* an expression, or NULL */
} furrow_index;

typedef struct furrow_check {
    const char *name;
    const char *expression;
} furrow_check;

typedef enum furrow_relation_kind {
    FURROW_RELATION_TO_ONE = 1, /* this model holds the foreign key */
    FURROW_RELATION_ONE_TO_ONE, /* the other model holds it, and it is unique */
    FURROW_RELATION_TO_MANY,    /* the other model holds it */
    FURROW_RELATION_THROUGH,    /* a link model holds both */
} furrow_relation_kind;

/* A member that is no column: rows of another model that belong to this row. `columns` of this
 * model equal `target_columns` of the target, or with a link: columns = link_columns and
 * link_target_columns = target_columns. */
struct furrow_relation {
    const char *field;
    const furrow_model *model, *target, *link; /* link: with THROUGH only */
    const uint16_t *columns, *target_columns, *link_columns, *link_target_columns;
    uint16_t count, link_target_count;
    uint8_t kind;                      /* a furrow_relation_kind */
    uint16_t index;                    /* in model->relations */
    uint32_t offset;                   /* of the pointer or list in the struct, in bytes */
    const furrow_column *count_column; /* INT64 with FURROW_COLUMN_COUNT, of `model` */
};

#define FURROW_NO_COLUMN UINT16_MAX

struct furrow_model {
    uint32_t format;    /* FURROW_FORMAT_VERSION */
    const char *name;   /* the struct's */
    const char *schema; /* table("schema.name"), or NULL */
    const char *table;  /* NULL for a result struct */
    size_t size;        /* sizeof the struct */
    const furrow_column *columns;
    const furrow_foreign_key *foreign_keys;
    const furrow_index *indexes;
    const furrow_check *checks; /* of the table; a column's are in the column */
    const furrow_relation *relations;
    const uint16_t *primary_key;
    uint16_t column_count, foreign_key_count, index_count, check_count, relation_count,
        primary_key_count;
    uint16_t assigned;        /* the column with FURROW_COLUMN_ASSIGNED, or FURROW_NO_COLUMN */
    uint16_t version;         /* the column with FURROW_COLUMN_VERSION, or FURROW_NO_COLUMN */
    const char *renamed_from; /* a table's former name, or NULL */
};

typedef struct furrow_schema {
    uint32_t format; /* FURROW_FORMAT_VERSION */
    const char *name;
    const furrow_model *const *models; /* tables only, in the order of the headers */
    size_t count;
} furrow_schema;

#endif
