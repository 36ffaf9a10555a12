/* SPDX-License-Identifier: MIT
 *
 * What differs between two engines' SQL when rows are read and written; what differs in DDL is in
 * ddl.c and type.c. One constant a dialect, in a file of its own. Everything here writes to a
 * buffer and cannot fail but by memory, which the buffer remembers.
 */
#ifndef FURROW_SQL_DIALECT_H
#define FURROW_SQL_DIALECT_H

#include "scan/scan.h"
#include "sql/sql.h"

/* A column as it is written: alone, or behind the alias t<n> where several tables are in scope; or
 * what stands for it, such as the number of a relation's rows. */
typedef struct furrow__place {
    const furrow_column *column; /* its type */
    int alias;                   /* FURROW__NO_ALIAS, or n */
    const char *text;            /* an expression in brackets, instead of the name; or NULL */
} furrow__place;
enum { FURROW__NO_ALIAS = -1, FURROW__MAX_KEY = 16 }; /* columns of a key */

static inline furrow__place furrow__place_of(const furrow_column *column, int alias)
{
    return (furrow__place){column, alias, NULL};
}

/* How expressions of checks, defaults and indexes are written (expression_sql.c). */
typedef struct furrow__expression_dialect {
    const char *true_, *false_;
    const char *now, *today; /* the clock as a time, and as a date */
    const char *length;      /* the function that counts the characters of a text */
    const char *collation;   /* after a text that has no column in it, to compare it by bytes */
    bool has_wide_integers;  /* integers are 64 bits wide in calculations, reals doubles; else the
                                left operand decides, and is cast */
    bool divides_by_zero;    /* x / 0 is NULL; else it fails */
    /* Writes LIKE and a pattern that is case-sensitive and has no escape character. */
    void (*write_like)(furrow__buffer *out, const char *pattern);
    void (*write_decimal)(furrow__buffer *out, int64_t unscaled, int scale);
} furrow__expression_dialect;

struct furrow__dialect {
    const char *name;  /* "sqlite" */
    const char *title; /* for messages: "SQLite" */
    const furrow__expression_dialect *expression;
    const struct furrow__ddl_dialect *ddl;     /* migrate/catalog/ddl.h */
    const struct furrow__plan_dialect *plan;   /* migrate/plan/dialect.h */
    const struct furrow__apply_dialect *apply; /* migrate/apply/dialect.h */
    char parameter_sign; /* $1 or ?1: both may stand several times in a text */
    bool is_serverless;  /* a database is a local file that anybody may create; else a server has
                            databases */
    bool has_schemas;    /* else "schema.table" is one identifier */
    bool has_row_locks;  /* else the session is the only writer */
    bool needs_limit;    /* OFFSET must stand behind a LIMIT; -1 is none */
    uint32_t syntax;     /* of SQL text: a set of enum furrow__scan_flag */
    bool has_question_operators; /* operators with a ?, written ?? in raw SQL */
    bool decimals_are_units;     /* a decimal is stored as an integer, in units of its scale */
    bool groups_by_index;        /* keys_in reads an index in order, so ORDER BY the keys is free */
    const char *nulls_first; /* behind ASC of a nullable column, so that NULL is the least value */
    const char *nulls_last;  /* behind DESC */

    /* column LIKE parameter, and so on: one of the six operators on text. */
    void (*text_condition)(furrow__buffer *out, furrow__place place, enum furrow_op_ op,
                           size_t parameter);
    /* The parameter is rewritten before it is bound: a pattern for LIKE to the engine's own. NULL
     * where none is; then *text is bound as it is. Returns NULL when out of memory. */
    const char *(*pattern)(furrow_arena *arena, const char *text);
    /* column [NOT] IN the elements of an array parameter. */
    void (*in)(furrow__buffer *out, furrow__place place, bool negated, size_t parameter);
    /* The columns are those of one element of as many arrays, from this parameter on. */
    void (*keys_in)(furrow__buffer *out, const furrow__place *key, size_t count, size_t parameter);
    void (*aggregate)(furrow__buffer *out, furrow_aggregate aggregate, furrow__place place);
    /* INSERT of many rows from arrays; see furrow__sql_insert_many and so on. NULL if the engine
     * cannot turn arrays into rows. */
    void (*insert_many)(furrow__buffer *out, const furrow__insert *insert);
    void (*insert_drawn)(furrow__buffer *out, const furrow__insert *insert);
    void (*insert_arrays)(furrow__buffer *out, const furrow__insert *insert);
    /* INSERT of rows that are read from memory; NULL if the engine cannot read them. */
    void (*insert_rows)(furrow__buffer *out, const furrow__insert *insert);
    /* The type of an array of a column's values, for unnest; NULL where the dialect has none. */
    const char *(*array_type)(const furrow_column *column);
    /* Functions of two reals that add within the type's range; NULL where + does. */
    const char *add_double, *add_float;
    const char
        *explain; /* before a SELECT: its plan as lines of text, in the result's last column */
};

/* ---- words that both share (write.c) ---- */

void furrow__write_integer(furrow__buffer *out, int64_t value);
/* A decimal with its point: 1.50. */
void furrow__write_decimal(furrow__buffer *out, int64_t unscaled, int scale);
void furrow__write_parameter(furrow__buffer *out, const furrow__dialect *dialect, size_t number);
void furrow__write_place(furrow__buffer *out, furrow__place place);
/* The table's name and, with an alias, AS t<n>. */
void furrow__write_table_as(furrow__buffer *out, const furrow__dialect *dialect,
                            const furrow_model *model, int alias);
/* "a", "b", … */
void furrow__write_columns(furrow__buffer *out, const furrow_column *const *columns, size_t count);
void furrow__write_all_columns(furrow__buffer *out, const furrow_model *model, int alias);

#endif
