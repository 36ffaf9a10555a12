/* SPDX-License-Identifier: MIT
 *
 * What differs between two engines' SQL when rows are read and written; what differs in DDL is in
 * ddl.c and type.c. One constant a dialect, in a file of its own. Everything here writes to a
 * buffer and cannot fail but by memory, which the buffer remembers.
 */
#ifndef FURROW_SQL_DIALECT_H
#define FURROW_SQL_DIALECT_H

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
    const struct furrow__ddl_dialect *ddl; /* migrate/catalog/ddl.h */
    char parameter_sign;                   /* $1 or ?1: both may stand several times in a text */
    bool has_schemas;                      /* else "schema.table" is one identifier */
    bool has_row_locks;                    /* else the session is the only writer */
    bool needs_limit;                      /* OFFSET must stand behind a LIMIT; -1 is none */
    bool has_dollar_quotes;                /* $tag$…$tag$ */
    bool has_escape_strings;               /* E'…\'…' */
    bool has_bracket_names;                /* `name` and [name] */
    bool nests_comments;
    bool has_pragmas;
    bool reads_rows;         /* an INSERT can read rows from the program's memory, as a table */
    bool decimals_are_units; /* a decimal is stored as an integer, in units of its scale */
    bool groups_by_index;    /* keys_in reads an index in order, so ORDER BY the keys is free */
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

/* ---- one statement in the making ---- */

typedef struct furrow__writer {
    furrow__sql *sql;
    const furrow__dialect *dialect;
    const furrow_model *model; /* of the statement */
    furrow_error *error;
    size_t parameters_before; /* parameters that are not in sql->binds */
    int last_alias;           /* the highest number in use */
    int alias;                /* of the statement's own table */
} furrow__writer;

/* Start a statement: an empty text, no binds. */
furrow__writer furrow__writer_start(furrow__sql *sql, const furrow__dialect *dialect,
                                    const furrow_model *model, furrow_error *error);
/* FURROW_NOMEM if the text could not be written. */
furrow_status furrow__writer_end(furrow__writer *w);
furrow_status furrow__no_memory(furrow_error *error);
/* Append a bind; *number is its parameter's. FURROW_NOMEM. */
furrow_status furrow__bind_add(furrow__writer *w, const furrow_column *column,
                               const furrow_value *value, bool is_array, size_t *number);
/* NULL in one of its forms: no type, a NULL pointer, a nullable blob without bytes. */
bool furrow__value_is_null(const furrow_column *column, const furrow_value *value);
/* The same as furrow__bind_add, and write the parameter. */
furrow_status furrow__bind_write(furrow__writer *w, const furrow_column *column,
                                 const furrow_value *value);

/* ---- what is reached through a relation (related.c) ---- */

/* Does any condition, or any order, go through a relation? The statement's table then needs an
 * alias. */
bool furrow__conditions_have_relation(const furrow_condition *where, size_t count);
bool furrow__orders_have_relation(const furrow_ordering *order, size_t count);
/* SELECT … FROM what the relation of the table at `alias` leads to WHERE it belongs to the row at
 * hand; returns the alias of the target, under which `what` finds its columns. */
typedef furrow_status furrow__write_what(furrow__writer *w, furrow__buffer *out, int target,
                                         const void *context);
furrow_status furrow__write_related(furrow__writer *w, furrow__buffer *out,
                                    const furrow_relation *relation, int alias,
                                    furrow__write_what *what, const void *context, int *target);
/* Where a column of the table at `alias` stands: its name, or the number of a relation's rows. */
furrow_status furrow__find_place(furrow__writer *w, const furrow_column *column, int alias,
                                 furrow__place *out);

/* What one element of an order is on; `model` is that of the table at `alias`. A through one is
 * checked here. FURROW_INVALID, naming both models. */
typedef struct furrow__term {
    furrow__place place;
    bool nullable, descending;
} furrow__term;
furrow_status furrow__find_term(furrow__writer *w, const furrow_ordering *ordering, int alias,
                                furrow__term *out);
void furrow__write_term(furrow__writer *w, const furrow__term *term, bool reversed);

/* ---- conditions (condition.c) ---- */

/* Write ` WHERE …`, or nothing where every slot is empty. *found is the number of conditions,
 * without brackets. */
furrow_status furrow__write_where(furrow__writer *w, const furrow_condition *where, size_t count,
                                  size_t *found);

/* Whether a link model cannot hold a pair of keys twice: a unique constraint is within them. */
bool furrow__links_are_unique(const furrow_relation *relation);

/* a = b AND … for two tables' columns. */
void furrow__write_pairs(furrow__buffer *out, size_t count, const furrow_model *a,
                         const uint16_t *a_columns, int a_alias, const furrow_model *b,
                         const uint16_t *b_columns, int b_alias);
/* Write ` ORDER BY …`, or nothing; by_key: with the primary key behind it, as a tie-breaker. */
furrow_status furrow__write_order(furrow__writer *w, const furrow_ordering *order, size_t count,
                                  bool by_key);
/* The same within groups of rows with the same `group`: ` ORDER BY group, …`. */
furrow_status furrow__write_order_within(furrow__writer *w, const furrow__place *group,
                                         size_t group_count, const furrow_ordering *order,
                                         size_t count);

/* ---- pages (page.c) ---- */

typedef struct furrow__page_terms {
    furrow_ordering order[FURROW__MAX_KEYSET];
    furrow__term terms[FURROW__MAX_KEYSET];
    size_t count;
} furrow__page_terms;
/* Check and find the order; write what it needs behind the model's columns; then the position, the
 * order and the limit. */
furrow_status furrow__page_find(furrow__writer *w, const furrow__select *select,
                                furrow__page_terms *out);
void furrow__page_write_columns(furrow__writer *w, const furrow__page_terms *terms);
furrow_status furrow__page_write(furrow__writer *w, const furrow__page_part *page,
                                 const furrow__page_terms *terms, bool has_where);

/* ---- checks (check.c) ---- */

/* An error about a column: fills table and column; the message begins with "table"."column". */
furrow_status furrow__fail_column(furrow_error *error, furrow_status status,
                                  const furrow_column *column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* FURROW_INVALID, naming both, for a column of another model, or NULL. `what` has it: "a
 * condition". */
furrow_status furrow__check_owner(const furrow_column *column, const furrow_model *model,
                                  const char *what, furrow_error *error);
/* The same for a column that is to be written or summed up: not the number of a relation's rows. */
furrow_status furrow__check_stored(const furrow_column *column, const furrow_model *model,
                                   const char *what, furrow_error *error);
/* As furrow__check_value, without range and lengths: a summand, a pattern. */
furrow_status furrow__check_summand(const furrow_column *column, furrow_value *value,
                                    furrow_error *error);
/* An array for furrow_in: every element is checked; where one must be converted, *value becomes a
 * copy in the arena. */
furrow_status furrow__check_array(const furrow_column *column, furrow_value *value,
                                  furrow_arena *arena, furrow_error *error);
/* Could this text be sent? UTF-8. */
furrow_status furrow__check_text(const furrow_column *column, const char *text,
                                 furrow_error *error);

/* Of assignments (change.c). */
enum { FURROW__ALIAS_TARGET = 0 };

#endif
