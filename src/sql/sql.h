/* SPDX-License-Identifier: MIT
 *
 * SQL text from descriptions of models, for one dialect and without I/O. A statement is its text
 * and the list of values that are bound to its parameters, in order. Identifiers come from models
 * and are always quoted; values are always parameters.
 */
#ifndef FURROW_SQL_SQL_H
#define FURROW_SQL_SQL_H

#include <furrow/furrow.h>

#include "base/arena.h"
#include "base/buffer.h"

/* A value that is bound to one parameter. */
typedef struct furrow__bind {
    const furrow_column *column; /* the column whose type the value has; NULL for a LIMIT or an
                                    OFFSET */
    furrow_value value;          /* text and blobs are borrowed; checked and converted by the
                                    furrow__sql_ functions */
    bool is_array;               /* value.as.blob points to an array with as.blob.size elements,
                                    each element_size bytes */
} furrow__bind;

typedef struct furrow__sql {
    furrow__buffer text;
    furrow__bind *binds; /* allocated in the arena */
    size_t bind_count, bind_capacity;
    furrow_arena *arena; /* for binds and rewritten patterns; the caller sets it before use */
} furrow__sql;

typedef struct furrow__dialect furrow__dialect;
extern const furrow__dialect furrow__dialect_sqlite, furrow__dialect_postgresql;
/* All dialects, in a fixed order (dialect/registry.c). */
enum { FURROW__DIALECT_COUNT = 2 };
extern const furrow__dialect *const furrow__dialects[FURROW__DIALECT_COUNT];
/* The dialect with this name, "sqlite" or "postgresql"; NULL if there is none. */
const furrow__dialect *furrow__dialect_named(const char *name);
/* How SQL text of the dialect is scanned: a set of enum furrow__scan_flag. */
uint32_t furrow__dialect_syntax(const furrow__dialect *dialect);
const char *furrow__dialect_name(const furrow__dialect *dialect);

/* The words before a SELECT that make the engine return its query plan: lines of text, in the last
 * column of the result. */
const char *furrow__dialect_explain(const furrow__dialect *dialect);

/* ---- queries (query.c, condition.c) ---- */

typedef enum furrow__select_what {
    FURROW__SELECT_ROWS,
    FURROW__SELECT_COUNT,
    FURROW__SELECT_EXISTS,
    FURROW__SELECT_AGGREGATE,
} furrow__select_what;

/* A keyset page: at most `size` rows after a position or, if backwards, before it. The text asks
 * for one row more, to find out whether there is another page. */
typedef struct furrow__page_part {
    int64_t size;
    const furrow_value
        *position;  /* one value for each element of furrow__page_order, or NULL for a first page */
    bool backwards; /* rows come in the opposite order */
    bool inclusive; /* a row exactly at the position belongs to the page */
} furrow__page_part;

/* A SELECT. The arrays are those of the options struct, with all their slots; empty slots are
 * skipped. */
typedef struct furrow__select {
    const furrow_model *model;
    furrow__select_what what;
    furrow_aggregate aggregate;
    const furrow_column *column; /* the column of the aggregate function */
    const furrow_condition *where;
    size_t where_count;
    const furrow_ordering *order_by;
    size_t order_count;
    int64_t limit, offset; /* 0 means none */
    furrow_lock lock;
    furrow_if_locked if_locked;
    const furrow__page_part *page; /* a page of rows, without limit and offset; NULL for other
                                      queries */
} furrow__select;

enum {
    FURROW__MAX_KEYSET = FURROW_MAX_ORDERINGS + 16
}; /* the largest number of columns in the
      order of a page */

/* The complete order of a page: the requested columns, each once, then the primary key in the
 * direction of the last of them. *count is the number of elements. Elements that are not columns of
 * the model itself are selected after the model's columns, in this order. FURROW_INVALID if a page
 * cannot have the requested order. */
furrow_status furrow__page_order(const furrow__select *select,
                                 furrow_ordering order[FURROW__MAX_KEYSET], size_t *count,
                                 furrow_error *error);
/* Whether the page selects this element of the order after the model's columns. */
bool furrow__page_is_extra(const furrow_ordering *ordering);

/* Each of these functions writes one statement into *sql. FURROW_INVALID: *error says which
 * argument is wrong and what to do about it; or FURROW_NOMEM. All values are checked here: columns
 * of another model, range, width, enum, length, UTF-8, NaN, NULL text, decimals of another scale,
 * brackets that do not match, slots beyond the limit, negative limits and offsets, times out of
 * range, and patterns longer than FURROW_MAX_LIKE_SIZE. */
furrow_status furrow__sql_select(furrow__sql *sql, const furrow__dialect *dialect,
                                 const furrow__select *select, furrow_error *error);

/* An update or a delete of all rows that match conditions. */
typedef struct furrow__change_where {
    const furrow_model *model;
    const furrow_assignment *set; /* the assignments of an update */
    size_t set_count;
    const furrow_condition *where;
    size_t where_count;
    bool all_rows;   /* without it, an empty `where` is FURROW_INVALID */
    furrow_time now; /* the time that an update writes into touch columns */
} furrow__change_where;

/* An update also increments the version column and sets touch columns to `now`. */
furrow_status furrow__sql_update_where(furrow__sql *sql, const furrow__dialect *dialect,
                                       const furrow__change_where *change, furrow_error *error);
furrow_status furrow__sql_delete_where(furrow__sql *sql, const furrow__dialect *dialect,
                                       const furrow__change_where *change, furrow_error *error);

/* Checks a value for a column, and converts it in place to the form of the column: integers are
 * range-checked, decimals rescaled, reals of a float column rounded to float, and -0.0 becomes 0.0.
 * The error names the model and the column, never the value. */
furrow_status furrow__check_value(const furrow_column *column, furrow_value *value,
                                  furrow_error *error);
/* Checks and converts a value for a column of the primary key, by which a row is looked up. NULL is
 * FURROW_INVALID. */
furrow_status furrow__check_key(const furrow_column *column, furrow_value *value,
                                furrow_error *error);
/* Checks the listed fields of a row that is about to be written. The caller checks patterns,
 * because it keeps them compiled. */
furrow_status furrow__check_row(const furrow_column *const *columns, size_t count, const void *row,
                                furrow_error *error);
/* Copies the columns that furrow__check_row can refuse into out[count], and returns their number. A
 * caller that checks many rows then only looks at these columns. */
size_t furrow__columns_to_check(const furrow_column *const *columns, size_t count,
                                const furrow_column **out);
/* A field of a row as a value: INT64 for every integer, bool and enum, TEXT for char[n], the NULL
 * value for a nullable field that is NULL. Text and blobs are borrowed from the row. A decimal is
 * rescaled to its column if that is exact. */
furrow_value furrow__row_value(const furrow_column *column, const void *row);

/* ---- loading a relationship for many parents (load.c) ---- */

typedef struct furrow__load_step {
    const furrow_relation *relation;
    const furrow_condition *where; /* conditions on columns of the target, with all slots */
    size_t where_count;
    const furrow_ordering *order_by;
    size_t order_count;
    int64_t limit; /* the largest number of rows per parent; 0 means all */
} furrow__load_step;

/* Writes the SELECT that loads the rows of all parents. `keys` has one array for each column of the
 * relation, which is bound as given. The result has, with a link model, the columns of the link
 * that refer to the parent, and then every column of the target. Rows are in the requested order,
 * or in that of the primary key. */
furrow_status furrow__sql_load(furrow__sql *sql, const furrow__dialect *dialect,
                               const furrow__load_step *step, const furrow_value *keys,
                               furrow_error *error);

/* ---- rows of link models (links.c) ---- */

typedef enum furrow__links_verb {
    FURROW__LINKS_ADD,    /* inserts the pairs that do not exist */
    FURROW__LINKS_REMOVE, /* deletes the given pairs */
    FURROW__LINKS_KEEP,   /* deletes all pairs except the given ones */
    FURROW__LINKS_SET,    /* KEEP and ADD in one statement; needs furrow__dialect_changes_in_with */
} furrow__links_verb;

typedef struct furrow__link_change {
    const furrow_relation *relation;
    furrow__links_verb verb;
    const furrow_value *near; /* one value for each column of the relation: the key of the row that
                                 has the links */
    const furrow_value *far;  /* one array for each column of the target's key */
    furrow_time now;          /* the value of columns of the link model that have the default now */
} furrow__link_change;

/* Writes one statement that changes links. Values and arrays are bound as given. */
furrow_status furrow__sql_links(furrow__sql *sql, const furrow__dialect *dialect,
                                const furrow__link_change *change, furrow_error *error);
bool furrow__dialect_changes_in_with(const furrow__dialect *dialect);

/* A count of rows, or a sum, for each of many parents. */
typedef struct furrow__tally {
    const furrow_relation *relation;
    const furrow_column *summed;   /* a column of the target; NULL counts rows */
    const furrow_condition *where; /* conditions on columns of the target */
    size_t where_count;            /* the number of slots of `where` */
    const furrow_value *keys;      /* the keys of the parents, as in furrow__sql_load */
} furrow__tally;

/* Writes a SELECT that returns, for each parent with at least one row, its key and the count or
 * sum. */
furrow_status furrow__sql_tally(furrow__sql *sql, const furrow__dialect *dialect,
                                const furrow__tally *tally, furrow_error *error);

/* ---- statements over whole rows (crud.c): only the text; the caller binds the parameters ---- */

typedef struct furrow__columns {
    const furrow_column *const *items;
    size_t count;
} furrow__columns;

typedef struct furrow__insert {
    const furrow_model *model;
    furrow__columns sent;     /* the columns that the program gives */
    furrow__columns returned; /* the columns that the statement returns */
    const furrow_column *key; /* only for furrow__sql_insert_rows: the key that the engine assigns,
                                 or NULL */
} furrow__insert;

/* INSERT of one row: a parameter for each sent column, in order. */
void furrow__sql_insert(furrow__buffer *out, const furrow__dialect *dialect,
                        const furrow__insert *insert);

/* Whether the engine can insert many rows from arrays, one array per column. The three functions
 * below need it. Their parameters are the arrays, in the order of the sent columns; if no column is
 * sent, the only parameter is the number of rows. */
bool furrow__dialect_has_unnest(const furrow__dialect *dialect);
/* INSERT from arrays. Each row of the result has the number of an inserted row, from 1, and its
 * returned columns. If no column is returned, the result is one row to be ignored. */
void furrow__sql_insert_many(furrow__buffer *out, const furrow__dialect *dialect,
                             const furrow__insert *insert);
/* INSERT from arrays that returns only the assigned keys, in the order of the rows. */
void furrow__sql_insert_drawn(furrow__buffer *out, const furrow__dialect *dialect,
                              const furrow__insert *insert);
/* INSERT from arrays that returns nothing. */
void furrow__sql_insert_arrays(furrow__buffer *out, const furrow__dialect *dialect,
                               const furrow__insert *insert);
/* Whether the engine can insert many rows that it reads from the program's memory.
 * furrow__sql_insert_rows needs it. */
bool furrow__dialect_has_rows(const furrow__dialect *dialect);
/* INSERT of rows from memory; the only parameter is the array of rows. If columns are returned, the
 * result begins with the assigned key or, if there is none, with the primary key. */
void furrow__sql_insert_rows(furrow__buffer *out, const furrow__dialect *dialect,
                             const furrow__insert *insert);
/* SELECT every column WHERE key = $1 AND … */
void furrow__sql_get(furrow__buffer *out, const furrow__dialect *dialect,
                     const furrow_model *model);
/* SELECT every column WHERE the key is among those given. There is one array parameter per column
 * of the key. */
void furrow__sql_get_many(furrow__buffer *out, const furrow__dialect *dialect,
                          const furrow_model *model);
/* UPDATE of one row: the first parameters are the columns, then come the key and, if the model has
 * one, the version. The statement increments the version and returns it. */
void furrow__sql_update(furrow__buffer *out, const furrow__dialect *dialect,
                        const furrow_model *model, const furrow_column *const *columns,
                        size_t count);
/* DELETE of one row: the parameters are the key and, if the model has one, the version. */
void furrow__sql_delete(furrow__buffer *out, const furrow__dialect *dialect,
                        const furrow_model *model);
typedef struct furrow__upsert {
    const furrow_model *model;
    furrow__columns sent;
    furrow__columns conflict; /* the primary key or the columns of a unique constraint; empty means
                                 the primary key */
    const furrow_assignment *set;
    size_t set_count;
    furrow_time now; /* the time that is written into touch columns */
} furrow__upsert;

/* INSERT … ON CONFLICT (conflict) DO UPDATE SET … RETURNING every column. The parameters are the
 * sent columns, followed by the values of the assignments, which are appended to sql->binds.
 * Without an assignment, every sent column outside the conflict target and the primary key receives
 * the value that was to be inserted. */
furrow_status furrow__sql_upsert(furrow__sql *sql, const furrow__dialect *dialect,
                                 const furrow__upsert *upsert, furrow_error *error);

/* ---- raw statements (raw.c) ---- */

/* Replaces each `?` by a parameter of the dialect and each `??` by `?`, except in quotes, comments
 * and dollar quotes. *count is the number of parameters. FURROW_INVALID for a quote or comment that
 * does not end, and for more than one statement. */
furrow_status furrow__sql_raw(furrow__buffer *out, const furrow__dialect *dialect, const char *text,
                              size_t *count, furrow_error *error);

/* FURROW_INVALID for a statement that would end the session's transaction or have effects beyond
 * it: transaction control, ATTACH, lasting settings, temporary tables, procedures. The error names
 * the word and what to use instead. The text is judged by its words outside quotes and comments,
 * before it runs. */
furrow_status furrow__sql_refuse_control(const furrow__dialect *dialect, const char *text,
                                         furrow_error *error);

/* Writes the name of a model's table: "schema"."table", or "schema.table" as one name if the engine
 * has no schemas. */
void furrow__sql_table(furrow__buffer *out, const furrow__dialect *dialect,
                       const furrow_model *model);

/* Writes a quoted identifier, or a quoted text literal. */
void furrow__sql_identifier(furrow__buffer *out, const char *name);
void furrow__sql_literal(furrow__buffer *out, const char *text);

#endif
