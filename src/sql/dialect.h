/* SPDX-License-Identifier: MIT
 *
 * Describes how the SQL of the engines differs. Each engine has one constant furrow__dialect, in
 * src/dialect/<engine>/query.c. The functions of a dialect write to a buffer. They fail only when
 * out of memory, and the buffer records that failure.
 */
#ifndef FURROW_SQL_DIALECT_H
#define FURROW_SQL_DIALECT_H

#include "scan/scan.h"
#include "sql/sql.h"

/* How a statement refers to a column: by the column's name, with or without the alias t<n> of the
 * table, or by an expression in place of the column, such as a subselect that counts the rows of a
 * relationship. */
typedef struct furrow__place {
    const furrow_column *column; /* the column, which determines the type */
    int alias;                   /* the number n of the table's alias t<n>, or FURROW__NO_ALIAS */
    const char *text;            /* an expression in parentheses that is written instead of the
                                    name, or NULL */
} furrow__place;
enum {
    FURROW__NO_ALIAS = -1,
    FURROW__MAX_KEY = 16, /* the largest number of columns in a key */
};

static inline furrow__place furrow__place_of(const furrow_column *column, int alias)
{
    return (furrow__place){column, alias, NULL};
}

/* How the expressions of checks, defaults and indexes are written (expression_sql.c). */
typedef struct furrow__expression_dialect {
    const char *true_, *false_; /* the literals for true and false */
    const char *now, *today;    /* SQL expressions for the current time and the current date */
    const char *length;         /* the SQL function that counts the characters of a string */
    const char *collation;      /* written after a string expression that contains no column, so
                                   that strings are compared byte by byte; may be "" */
    bool has_wide_integers;     /* whether the engine calculates with 64-bit integers and doubles;
                                   if not, the left operand is cast to a wider type, because the
                                   left operand determines the width of the calculation */
    bool divides_by_zero; /* whether x / 0 is NULL; if it is an error instead, NULLIF is written
                             around the divisor */
    bool reads_numbers_inexactly; /* whether the engine can read a number in SQL as a neighbour of
                                     the nearest double, and stores doubles in a float column */
    /* Writes LIKE and a pattern. The comparison must be case-sensitive and must not use an escape
     * character. */
    void (*write_like)(furrow__buffer *out, const char *pattern);
    void (*write_decimal)(furrow__buffer *out, int64_t unscaled, int scale);
    /* The SQL that is written before and after a string to convert the string to an integer. If the
     * string is not the text of a 64-bit integer without leading zeros, the statement fails. */
    const char *integer_before, *integer_after;
    /* Returns the type to which the first value of a CASE is cast if all values are literals.
     * Without the cast, the literals would have the type text. Returns NULL if no cast is needed.
     * The member is NULL if a cast is never needed. */
    const char *(*type_of_literals)(furrow_type type);
} furrow__expression_dialect;

struct furrow__dialect {
    const char *name;  /* the engine's name in URLs and files: "sqlite" */
    const char *title; /* the engine's name in messages: "SQLite" */
    const furrow__expression_dialect *expression;
    const struct furrow__ddl_dialect *ddl;     /* the part of the dialect for DDL, declared in
                                                  migrate/catalog/ddl.h */
    const struct furrow__plan_dialect *plan;   /* the part of the dialect for planning, declared in
                                                  migrate/plan/dialect.h */
    const struct furrow__apply_dialect *apply; /* the part of the dialect for running migrations,
                                                  declared in migrate/apply/dialect.h */
    char parameter_sign; /* the first character of a parameter: '$' for $1, '?' for ?1; a statement
                            may use the same parameter several times */
    bool is_serverless;  /* whether a database is a local file that any program may create; if not,
                            a server manages databases */
    bool has_schemas;    /* whether the engine has schemas; if not, "schema.table" is written as one
                            identifier */
    bool has_row_locks;  /* whether the engine can lock rows; if not, only one session can write at
                            a time */
    bool needs_limit; /* whether OFFSET requires a LIMIT before it; LIMIT -1 then means no limit */
    uint32_t syntax;  /* the syntax of the engine's SQL: a set of enum furrow__scan_flag */
    bool has_question_operators; /* whether some operators contain a ?; raw SQL has to write it as
                                    ?? */
    bool changes_in_with;        /* whether WITH can contain INSERT, UPDATE and DELETE */
    bool upsert_needs_where;     /* whether the engine would read ON CONFLICT after a SELECT without
                                    WHERE as the ON of a join */
    bool decimals_are_units;     /* whether a decimal is stored as an integer: with scale 2, 1.50 is
                                    stored as 150 */
    bool plans_by_list;   /* whether the planner knows how many elements IN (…, …) has, but not
                             how many an array parameter has */
    bool groups_by_index; /* whether keys_in reads an index in order, so that an ORDER BY on the
                             keys needs no sort */
    const char *nulls_first; /* written after a nullable column in ascending order, to sort NULL
                                first; may be "" */
    const char *nulls_last;  /* written after a nullable column and DESC, to sort NULL last; may be
                                "" */

    /* Writes a condition with one of the six operators that compare strings, such as LIKE. */
    void (*text_condition)(furrow__buffer *out, furrow__place place, enum furrow_op_ op,
                           size_t parameter);
    /* Converts a LIKE pattern to the engine's own form. The converted pattern is bound. Returns
     * NULL when out of memory. The member is NULL if patterns are bound unchanged. */
    const char *(*pattern)(furrow_arena *arena, const char *text);
    /* Writes the condition that a column is, or is not, one of the elements of an array parameter.
     */
    void (*in)(furrow__buffer *out, furrow__place place, bool negated, size_t parameter);
    /* Writes the condition that the key equals the elements at one position of array parameters.
     * There is one array for each column of the key; `parameter` is the number of the first array.
     */
    void (*keys_in)(furrow__buffer *out, const furrow__place *key, size_t count, size_t parameter);
    void (*aggregate)(furrow__buffer *out, furrow_aggregate aggregate, furrow__place place);
    /* Writes an INSERT of many rows whose values are array parameters: see furrow__sql_insert_many,
     * furrow__sql_insert_drawn and furrow__sql_insert_arrays. The members are NULL if the engine
     * cannot convert arrays to rows. */
    void (*insert_many)(furrow__buffer *out, const furrow__insert *insert);
    void (*insert_drawn)(furrow__buffer *out, const furrow__insert *insert);
    void (*insert_arrays)(furrow__buffer *out, const furrow__insert *insert);
    /* Writes a scalar expression that makes the engine assign only keys larger than `key`. The
     * member is NULL if the engine does so by itself when a program supplies a key. */
    void (*advance_key)(furrow__buffer *out, furrow__place key);
    /* Writes an INSERT of many rows that the engine reads from the program's memory: see
     * furrow__sql_insert_rows. The member is NULL if the engine cannot read rows from memory. */
    void (*insert_rows)(furrow__buffer *out, const furrow__insert *insert);
    /* Writes a table u with the columns c0, c1, …, whose rows are the elements of array parameters.
     * There is one array for each column; `parameter` is the number of the first array. */
    void (*array_rows)(furrow__buffer *out, furrow__columns columns, size_t parameter);
    /* Writes a parameter with a cast, for a place where the engine cannot infer the type. */
    void (*typed_parameter)(furrow__buffer *out, const furrow_column *column, size_t parameter);
    /* SQL functions that add two reals and fail if the sum is out of range; NULL if the operator +
     * fails by itself */
    const char *add_double, *add_float;
    const char *explain; /* the keywords that are written before a SELECT to get its query plan */
};

/* Functions that write parts of statements, for all dialects (write.c) */

void furrow__write_integer(furrow__buffer *out, int64_t value);
/* Writes a decimal with its decimal point, such as 1.50. */
void furrow__write_decimal(furrow__buffer *out, int64_t unscaled, int scale);
void furrow__write_parameter(furrow__buffer *out, const furrow__dialect *dialect, size_t number);
void furrow__write_place(furrow__buffer *out, furrow__place place);
/* Writes the table's name, followed by AS t<n> unless the alias is FURROW__NO_ALIAS. */
void furrow__write_table_as(furrow__buffer *out, const furrow__dialect *dialect,
                            const furrow_model *model, int alias);
/* Writes the quoted names of the columns, separated by commas. */
void furrow__write_columns(furrow__buffer *out, const furrow_column *const *columns, size_t count);
void furrow__write_all_columns(furrow__buffer *out, const furrow_model *model, int alias);

#endif
