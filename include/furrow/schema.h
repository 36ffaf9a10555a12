/* SPDX-License-Identifier: MIT
 *
 * Models as data. Every part of the library reads these structs: queries, changes to rows, DDL,
 * migrations. Generated code defines them as constants; the compiler builds the same structs in
 * memory. They do not change once they are built.
 *
 * A column is referred to by its index in the model's `columns`; a key is a list of such indexes.
 */
#ifndef FURROW_SCHEMA_H
#define FURROW_SCHEMA_H

#include <furrow/model.h>

/* The version of the layout and meaning of these structs. The library checks the version when a
 * model or a schema is used for the first time. */
#define FURROW_FORMAT_VERSION 4

typedef struct furrow_model furrow_model;
typedef struct furrow_column furrow_column;
typedef struct furrow_relation furrow_relation;

typedef enum furrow_type {
    FURROW_TYPE_NULL = 0, /* NULL; never the type of a column */
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

/* An enumerator: its value in C, and the string that the database stores. */
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
    FURROW_COLUMN_OPT = 1 << 1,         /* the field is a furrow_opt(T); `has_offset` is set */
    FURROW_COLUMN_PRIMARY_KEY = 1 << 2, /* part of the primary key */
    FURROW_COLUMN_ASSIGNED = 1 << 3,    /* an integer key that the database assigns if the field is
                                           0 */
    FURROW_COLUMN_VERSION = 1 << 4,
    FURROW_COLUMN_TOUCH = 1 << 5, /* every update stores the current time */
    FURROW_COLUMN_HAS_MIN = 1 << 6,
    FURROW_COLUMN_HAS_MAX = 1 << 7,
    FURROW_COLUMN_UNSIGNED = 1 << 8, /* an enum whose type in C is unsigned */
    FURROW_COLUMN_COUNT = 1 << 9,    /* not a column of the table: the field receives the number of
                                        rows of the relationship with this `index` */
    FURROW_COLUMN_JSON_READ_ONLY = 1 << 10, /* in JSON: written, but refused when it is read */
    FURROW_COLUMN_JSON_HIDDEN = 1 << 11,    /* in JSON: neither written nor read */
    FURROW_COLUMN_JSON_TEXT = 1 << 12,      /* in JSON: an integer is written as a string */
};

/* A field of a struct, and its column in the table. */
struct furrow_column {
    const char *name;          /* name of the column in the database */
    const char *field;         /* name of the field in C */
    const furrow_model *model; /* the model that has the column */
    uint8_t type;              /* a furrow_type */
    int8_t scale;              /* for a decimal: digits after the point */
    uint8_t precision;         /* for a decimal: digits in total */
    uint16_t flags;            /* flags of enum furrow_column_flags */
    uint16_t index;            /* index in model->columns */
    uint32_t size;             /* size of the value in C, in bytes; for furrow_opt(T), the size of
                                  T; for char[n], n */
    uint32_t offset;           /* position of the value in the struct, in bytes */
    uint32_t
        has_offset; /* position of `has` in the struct, in bytes; only with FURROW_COLUMN_OPT */
    uint32_t min_length; /* in code points; 0 means no limit */
    uint32_t max_length; /* in code points; 0 means no limit */
    int64_t minimum,
        maximum; /* bounds of range(a, b), if FURROW_COLUMN_HAS_MIN or _HAS_MAX is set; for a
                    decimal, in units of 10^-scale; whole numbers for float and double */
    const furrow_enum *enumeration;
    const char *pattern;      /* a POSIX extended regular expression, or NULL */
    const char *default_;     /* an expression (furrow-expressions(7)), `now`, or NULL */
    const char *check;        /* an expression that refers to this column, or NULL */
    const char *renamed_from; /* the column's former name, or NULL */
    const char *json;         /* the name in JSON; NULL means the same as in C */
};

typedef enum furrow_action {
    FURROW_ACTION_NONE = 0, /* the constraint is checked at the end of the statement, or at commit
                               if it is deferrable */
    FURROW_ACTION_RESTRICT,
    FURROW_ACTION_CASCADE,
    FURROW_ACTION_SET_NULL,
    FURROW_ACTION_SET_DEFAULT,
} furrow_action;

typedef struct furrow_foreign_key {
    const char *name; /* name of the constraint, at most 63 bytes */
    const uint16_t *columns;
    const furrow_model *target;
    const uint16_t *target_columns;
    uint16_t count;               /* length of `columns` and of `target_columns` */
    uint8_t on_delete, on_update; /* a furrow_action */
    bool deferrable;              /* the constraint is checked at commit */
} furrow_foreign_key;

typedef struct furrow_index {
    const char *name;
    const uint16_t *columns;
    const bool *descending; /* one element for each column; NULL if all columns are in ascending
                               order */
    uint16_t count;
    bool unique;       /* true: a UNIQUE constraint if `where` is NULL; otherwise a unique index */
    const char *where; /* an expression, or NULL */
} furrow_index;

typedef struct furrow_check {
    const char *name;
    const char *expression;
} furrow_check;

typedef enum furrow_relation_kind {
    FURROW_RELATION_TO_ONE = 1, /* this model holds the foreign key */
    FURROW_RELATION_ONE_TO_ONE, /* the target model holds the foreign key, which is unique */
    FURROW_RELATION_TO_MANY,    /* the target model holds the foreign key */
    FURROW_RELATION_THROUGH,    /* a link model holds a foreign key to each of the two models */
} furrow_relation_kind;

/* A relationship: a struct member that is a list of rows of another model (the target), or a
 * pointer to one row. The rows are found by equal keys: `columns` of this model equal
 * `target_columns` of the target. If there is a link model, `columns` equal `link_columns`, and
 * `link_target_columns` equal `target_columns`. */
struct furrow_relation {
    const char *field;
    const furrow_model *model, *target, *link; /* `link` is NULL unless the kind is
                                                  FURROW_RELATION_THROUGH */
    const uint16_t *columns, *target_columns, *link_columns, *link_target_columns;
    uint16_t count, link_target_count;
    uint8_t kind;                      /* a furrow_relation_kind */
    uint16_t index;                    /* index in model->relations */
    uint32_t offset;                   /* position of the pointer or list in the struct, in bytes */
    const furrow_column *count_column; /* a column of type INT64 with the flag FURROW_COLUMN_COUNT:
                                          the number of rows */
};

/* Means, in place of the index of a column, that there is no such column. */
#define FURROW_NO_COLUMN UINT16_MAX

struct furrow_model {
    uint32_t format;    /* FURROW_FORMAT_VERSION */
    const char *name;   /* name of the struct */
    const char *schema; /* the schema in table("schema.name"), or NULL */
    const char *table;  /* name of the table; NULL for a result struct */
    size_t size;        /* size of the struct, in bytes */
    const furrow_column *columns;
    const furrow_foreign_key *foreign_keys;
    const furrow_index *indexes;
    const furrow_check *checks; /* CHECK constraints of the table; the constraints of a column are
                                   in furrow_column */
    const furrow_relation *relations;
    const uint16_t *primary_key;
    uint16_t column_count, foreign_key_count, index_count, check_count, relation_count,
        primary_key_count;
    uint16_t assigned; /* index of the column with FURROW_COLUMN_ASSIGNED, or
                          FURROW_NO_COLUMN */
    uint16_t version;  /* index of the column with FURROW_COLUMN_VERSION, or FURROW_NO_COLUMN */
    const char *renamed_from; /* the table's former name, or NULL */
};

typedef struct furrow_schema {
    uint32_t format; /* FURROW_FORMAT_VERSION */
    const char *name;
    const furrow_model *const *models; /* only models with a table, in the order of the headers */
    size_t count;
} furrow_schema;

#endif
