/* SPDX-License-Identifier: MIT
 *
 * What differs between the engines' SQL. Each engine has one constant furrow__dialect, in
 * src/dialect/<engine>/query.c. Functions of a dialect write to a buffer; they fail only if memory
 * runs out, which the buffer remembers.
 */
#ifndef FURROW_SQL_DIALECT_H
#define FURROW_SQL_DIALECT_H

#include "scan/scan.h"
#include "sql/sql.h"

/* A column as a statement refers to it: by its name alone, by its name after the alias t<n> of its
 * table, or by an expression that replaces it, such as the subselect that counts the rows of a
 * relation. */
typedef struct furrow__place {
    const furrow_column *column; /* gives the type */
    int alias;                   /* the number n of the alias, or FURROW__NO_ALIAS */
    const char *text;            /* an expression in parentheses that replaces the name; or NULL */
} furrow__place;
enum {
    FURROW__NO_ALIAS = -1,
    FURROW__MAX_KEY = 16, /* columns in a key */
};

static inline furrow__place furrow__place_of(const furrow_column *column, int alias)
{
    return (furrow__place){column, alias, NULL};
}

/* How expressions of checks, defaults and indexes are written (expression_sql.c). */
typedef struct furrow__expression_dialect {
    const char *true_, *false_; /* literals */
    const char *now, *today;    /* the current time, and the current date, as SQL expressions */
    const char *length;         /* the function that counts the characters of a text */
    const char *collation;      /* follows a text expression without columns, so that it compares by
                                   bytes; may be "" */
    bool has_wide_integers;     /* calculations use 64-bit integers and doubles; if false, the left
                                   operand is cast, because it determines the width */
    bool divides_by_zero; /* x / 0 is NULL; if false, it is an error, and the divisor is guarded
                             with NULLIF */
    /* Writes LIKE and a pattern. The comparison is case-sensitive and has no escape character. */
    void (*write_like)(furrow__buffer *out, const char *pattern);
    void (*write_decimal)(furrow__buffer *out, int64_t unscaled, int scale);
} furrow__expression_dialect;

struct furrow__dialect {
    const char *name;  /* the name in URLs and files: "sqlite" */
    const char *title; /* the name in messages: "SQLite" */
    const furrow__expression_dialect *expression;
    const struct furrow__ddl_dialect *ddl;     /* declared in migrate/catalog/ddl.h */
    const struct furrow__plan_dialect *plan;   /* declared in migrate/plan/dialect.h */
    const struct furrow__apply_dialect *apply; /* declared in migrate/apply/dialect.h */
    char parameter_sign; /* '$' for $1, '?' for ?1; a parameter may occur several times in a
                            text */
    bool is_serverless;  /* a database is a local file that anybody may create; if false, a server
                            manages databases */
    bool has_schemas;    /* if false, "schema.table" is written as one identifier */
    bool has_row_locks;  /* if false, the session that writes is the only writer */
    bool needs_limit;    /* OFFSET is only allowed after a LIMIT; LIMIT -1 means no limit */
    uint32_t syntax;     /* how SQL text is scanned: a set of enum furrow__scan_flag */
    bool has_question_operators; /* some operators contain a ?, which raw SQL writes as ?? */
    bool changes_in_with;        /* WITH can contain INSERT, UPDATE and DELETE */
    bool upsert_needs_where; /* ON CONFLICT after a SELECT would be read as the ON of a join, unless
                                the SELECT has a WHERE */
    bool decimals_are_units; /* a decimal is stored as an integer: 1.50 with scale 2 as 150 */
    bool groups_by_index;    /* keys_in reads an index in order, so ORDER BY the keys costs
                                nothing */
    const char *nulls_first; /* follows a nullable column in ascending order, so that NULL comes
                                first; may be "" */
    const char *nulls_last;  /* follows a nullable column and DESC, so that NULL comes last; may be
                                "" */

    /* Writes a condition with one of the six operators on text, such as LIKE. */
    void (*text_condition)(furrow__buffer *out, furrow__place place, enum furrow_op_ op,
                           size_t parameter);
    /* Converts a pattern of LIKE to the engine's own form before it is bound; NULL when out of
     * memory. The member is NULL if patterns are bound as they are. */
    const char *(*pattern)(furrow_arena *arena, const char *text);
    /* Writes the condition that a column is, or is not, one of the elements of an array parameter.
     */
    void (*in)(furrow__buffer *out, furrow__place place, bool negated, size_t parameter);
    /* Writes the condition that the columns of a key equal the elements at one position of array
     * parameters. There is one array per column, beginning with this parameter. */
    void (*keys_in)(furrow__buffer *out, const furrow__place *key, size_t count, size_t parameter);
    void (*aggregate)(furrow__buffer *out, furrow_aggregate aggregate, furrow__place place);
    /* INSERT of many rows from arrays: see furrow__sql_insert_many, _drawn and _arrays. NULL if the
     * engine cannot turn arrays into rows. */
    void (*insert_many)(furrow__buffer *out, const furrow__insert *insert);
    void (*insert_drawn)(furrow__buffer *out, const furrow__insert *insert);
    void (*insert_arrays)(furrow__buffer *out, const furrow__insert *insert);
    /* INSERT of many rows from memory: see furrow__sql_insert_rows. NULL if the engine cannot read
     * them. */
    void (*insert_rows)(furrow__buffer *out, const furrow__insert *insert);
    /* Writes a table u with the columns c0, c1, …, whose rows are the elements of array parameters.
     * There is one array for each of the columns, beginning with this parameter. */
    void (*array_rows)(furrow__buffer *out, furrow__columns columns, size_t parameter);
    /* Writes a parameter in a place where only a cast determines its type. */
    void (*typed_parameter)(furrow__buffer *out, const furrow_column *column, size_t parameter);
    /* functions that add two reals and fail outside the range of the type; NULL if + does that */
    const char *add_double, *add_float;
    const char *explain; /* the words before a SELECT that make the engine return its query plan */
};

/* ---- writing, for all dialects (write.c) ---- */

void furrow__write_integer(furrow__buffer *out, int64_t value);
/* Writes a decimal with its point: 1.50. */
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
