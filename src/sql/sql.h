/* SPDX-License-Identifier: MIT
 *
 * From descriptions to SQL text: pure, one dialect a file, no I/O. A statement is its text and the
 * list of what is bound to its parameters, in order. Identifiers come from models and are always
 * quoted; values are always parameters.
 */
#ifndef FURROW_SQL_SQL_H
#define FURROW_SQL_SQL_H

#include <furrow/furrow.h>

#include "base/arena.h"
#include "base/buffer.h"

/* What is bound to one parameter. */
typedef struct furrow__bind {
    const furrow_column *column; /* whose type the value takes; NULL for LIMIT and such */
    furrow_value value;          /* borrowed text; checked and converted by furrow__sql_… */
    bool is_array;               /* value.as.blob is elements and their count, element_size apart */
} furrow__bind;

typedef struct furrow__sql {
    furrow__buffer text;
    furrow__bind *binds; /* in the arena */
    size_t bind_count, bind_capacity;
    furrow_arena *arena; /* for binds and rewritten patterns; set by the caller before use */
} furrow__sql;

typedef struct furrow__dialect furrow__dialect;
extern const furrow__dialect furrow__dialect_sqlite, furrow__dialect_postgresql;
/* All dialects, in a fixed order (dialect/registry.c). */
enum { FURROW__DIALECT_COUNT = 2 };
extern const furrow__dialect *const furrow__dialects[FURROW__DIALECT_COUNT];
/* The dialect with this name, "sqlite" or "postgresql"; NULL if there is none. */
const furrow__dialect *furrow__dialect_named(const char *name);
/* The syntax of its SQL text: a set of enum furrow__scan_flag. */
uint32_t furrow__dialect_syntax(const furrow__dialect *dialect);
const char *furrow__dialect_name(const furrow__dialect *dialect);

/* What stands before a SELECT to get its plan, as lines of text in the result's last column. */
const char *furrow__dialect_explain(const furrow__dialect *dialect);

/* ---- queries (query.c, condition.c) ---- */

typedef enum furrow__select_what {
    FURROW__SELECT_ROWS,
    FURROW__SELECT_COUNT,
    FURROW__SELECT_EXISTS,
    FURROW__SELECT_AGGREGATE,
} furrow__select_what;

/* A keyset page: `size` rows behind a position, or before it in the opposite order. The text asks
 * for one row more, which tells whether there is another page. */
typedef struct furrow__page_part {
    int64_t size;
    const furrow_value
        *position;  /* a value, or NULL, for each of furrow__page_order; or no position */
    bool backwards; /* rows come in the opposite order */
    bool inclusive; /* a row at the position is one of the page */
} furrow__page_part;

/* The arrays are the options' own, with all their slots; empty ones are passed over. */
typedef struct furrow__select {
    const furrow_model *model;
    furrow__select_what what;
    furrow_aggregate aggregate;
    const furrow_column *column; /* of the aggregate */
    const furrow_condition *where;
    size_t where_count;
    const furrow_ordering *order_by;
    size_t order_count;
    int64_t limit, offset; /* 0 for none */
    furrow_lock lock;
    furrow_if_locked if_locked;
    const furrow__page_part *page; /* of rows; then without limit and offset */
} furrow__select;

enum { FURROW__MAX_KEYSET = FURROW_MAX_ORDERINGS + 16 }; /* columns of a page's order */

/* The whole order of a page: what was asked for, each column once, and the primary key behind it,
 * in the direction of the last. Returns their number. What is no column of the model itself stands
 * behind the model's columns in the result, in this order. FURROW_INVALID where there is no such
 * order. */
furrow_status furrow__page_order(const furrow__select *select,
                                 furrow_ordering order[FURROW__MAX_KEYSET], size_t *count,
                                 furrow_error *error);
/* Whether an element of the order is read behind the model's columns. */
bool furrow__page_is_extra(const furrow_ordering *ordering);

/* Each renders one statement into *sql and returns FURROW_OK, FURROW_INVALID with *error saying
 * which argument is wrong and what to do, or FURROW_NOMEM. All checks of values happen here: a
 * column of another model (both are named), range, width, enum, length, UTF-8, NaN, NULL text,
 * decimals rescaled to their column, brackets, slots past the limit, negative limit and offset,
 * times out of range, a pattern longer than FURROW_MAX_LIKE_SIZE. */
furrow_status furrow__sql_select(furrow__sql *sql, const furrow__dialect *dialect,
                                 const furrow__select *select, furrow_error *error);

/* What furrow_model_update_where and furrow_model_delete_where change. */
typedef struct furrow__change_where {
    const furrow_model *model;
    const furrow_assignment *set; /* of an update */
    size_t set_count;
    const furrow_condition *where;
    size_t where_count;
    bool all_rows;   /* an empty `where` is meant; else it is FURROW_INVALID */
    furrow_time now; /* for touch columns of an update */
} furrow__change_where;

/* The version column is incremented, and touch columns are set to `now`. */
furrow_status furrow__sql_update_where(furrow__sql *sql, const furrow__dialect *dialect,
                                       const furrow__change_where *change, furrow_error *error);
furrow_status furrow__sql_delete_where(furrow__sql *sql, const furrow__dialect *dialect,
                                       const furrow__change_where *change, furrow_error *error);

/* Check a value for a column as above, and convert it to the column's own form in place (integers
 * range-checked, decimals rescaled, reals of a float column rounded to float, -0.0 to 0.0). The
 * error names model and column, never the value. */
furrow_status furrow__check_value(const furrow_column *column, furrow_value *value,
                                  furrow_error *error);
/* The same of a column of the primary key, by which a row is looked for: NULL is FURROW_INVALID. */
furrow_status furrow__check_key(const furrow_column *column, furrow_value *value,
                                furrow_error *error);
/* The same for the fields of a row about to be written: the columns listed. Patterns are checked by
 * the caller, which keeps them compiled. Decimals of another scale are reported by *rescale: the
 * row must be bound by value then. */
furrow_status furrow__check_row(const furrow_column *const *columns, size_t count, const void *row,
                                furrow_error *error);
/* Those of the columns that furrow__check_row can refuse a field of, into out[count], for many
 * rows; returns how many. */
size_t furrow__columns_to_check(const furrow_column *const *columns, size_t count,
                                const furrow_column **out);
/* A field of a row as a value: NULL, INT64 for every integer, bool and enum, TEXT for char[n], …
 * borrowed from the row. Decimals are rescaled to their column where that is exact. */
furrow_value furrow__row_value(const furrow_column *column, const void *row);

/* ---- rows of a relationship, for many parents at once (load.c) ---- */

typedef struct furrow__load_step {
    const furrow_relation *relation;
    const furrow_condition *where; /* on the target's columns; all slots */
    size_t where_count;
    const furrow_ordering *order_by;
    size_t order_count;
    int64_t limit; /* rows a parent; 0 for all */
} furrow__load_step;

/* One statement. Parameters of `keys`, one array for each column of the relation, are bound as
 * given. Result: with a link the link's columns that refer to the parent, then in any case every
 * column of the target, in the order asked for or by its primary key. */
furrow_status furrow__sql_load(furrow__sql *sql, const furrow__dialect *dialect,
                               const furrow__load_step *step, const furrow_value *keys,
                               furrow_error *error);

/* ---- links of a many-to-many, and rows counted for each parent (links.c) ---- */

typedef enum furrow__links_verb {
    FURROW__LINKS_ADD,    /* those that are not there */
    FURROW__LINKS_REMOVE, /* those that are */
    FURROW__LINKS_KEEP,   /* remove all others */
    FURROW__LINKS_SET,    /* keep and add at once, where furrow__dialect_changes_in_with */
} furrow__links_verb;

typedef struct furrow__link_change {
    const furrow_relation *relation;
    furrow__links_verb verb;
    const furrow_value *near; /* the values of the relation's columns */
    const furrow_value *far;  /* an array for each column of the target's key */
    furrow_time now;          /* for columns of the link model that default to it */
} furrow__link_change;

/* One statement. Values and arrays are bound as given. */
furrow_status furrow__sql_links(furrow__sql *sql, const furrow__dialect *dialect,
                                const furrow__link_change *change, furrow_error *error);
bool furrow__dialect_changes_in_with(const furrow__dialect *dialect);

/* What is counted or summed for each of many parents. */
typedef struct furrow__tally {
    const furrow_relation *relation;
    const furrow_column *summed;   /* a column of the target; NULL counts rows */
    const furrow_condition *where; /* on the target */
    size_t where_count;            /* slots of `where` */
    const furrow_value *keys;      /* of the parents, as in furrow__sql_load */
} furrow__tally;

/* Write a statement whose rows are a parent's key and its number; parents without rows have none.
 */
furrow_status furrow__sql_tally(furrow__sql *sql, const furrow__dialect *dialect,
                                const furrow__tally *tally, furrow_error *error);

/* ---- statements over whole rows (crud.c): text alone, parameters in the order described ---- */

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

/* Whether many rows can be sent as arrays, one per column. The next three functions need it. Their
 * parameters are the arrays, in the order of the sent columns; if there is none, the number of
 * rows.
 */
bool furrow__dialect_has_unnest(const furrow__dialect *dialect);
/* The result is the number of each row, from 1, and the returned columns. If nothing is returned,
 * it is one row without meaning. */
void furrow__sql_insert_many(furrow__buffer *out, const furrow__dialect *dialect,
                             const furrow__insert *insert);
/* The result is the assigned keys, in the order of the rows. */
void furrow__sql_insert_drawn(furrow__buffer *out, const furrow__dialect *dialect,
                              const furrow__insert *insert);
/* There is no result. */
void furrow__sql_insert_arrays(furrow__buffer *out, const furrow__dialect *dialect,
                               const furrow__insert *insert);
/* Whether the engine can read many rows from the program's memory, as a table. The next function
 * needs it. */
bool furrow__dialect_has_rows(const furrow__dialect *dialect);
/* The parameter is the array of rows. If columns are returned, the result begins with the assigned
 * key or, without one, with the primary key. */
void furrow__sql_insert_rows(furrow__buffer *out, const furrow__dialect *dialect,
                             const furrow__insert *insert);
/* SELECT every column WHERE key = $1 AND … */
void furrow__sql_get(furrow__buffer *out, const furrow__dialect *dialect,
                     const furrow_model *model);
/* SELECT every column for arrays of keys: one array parameter a key column. */
void furrow__sql_get_many(furrow__buffer *out, const furrow__dialect *dialect,
                          const furrow_model *model);
/* UPDATE SET columns ($1…) WHERE key = … [AND version = last]. The version is set to itself + 1 and
 * returned. */
void furrow__sql_update(furrow__buffer *out, const furrow__dialect *dialect,
                        const furrow_model *model, const furrow_column *const *columns,
                        size_t count);
/* DELETE WHERE key = $1 … [AND version = last]. */
void furrow__sql_delete(furrow__buffer *out, const furrow__dialect *dialect,
                        const furrow_model *model);
typedef struct furrow__upsert {
    const furrow_model *model;
    furrow__columns sent;
    furrow__columns conflict; /* of the primary key or of a unique constraint; empty: the key */
    const furrow_assignment *set;
    size_t set_count;
    furrow_time now; /* for touch columns */
} furrow__upsert;

/* INSERT … ON CONFLICT (conflict) DO UPDATE SET … RETURNING every column. The parameters are the
 * sent columns, then what the assignments bind, which is appended to sql->binds. Without an
 * assignment, every sent column outside the conflict target and the primary key is set to the value
 * that was to be inserted. */
furrow_status furrow__sql_upsert(furrow__sql *sql, const furrow__dialect *dialect,
                                 const furrow__upsert *upsert, furrow_error *error);

/* ---- raw statements (raw.c) ---- */

/* Rewrite `?` to the dialect's parameters, `??` to `?`, leaving quotes, comments and dollar quotes
 * alone. *count is the number of parameters. FURROW_INVALID for a quote or comment that does not
 * end, or for more than one statement. */
furrow_status furrow__sql_raw(furrow__buffer *out, const furrow__dialect *dialect, const char *text,
                              size_t *count, furrow_error *error);

/* FURROW_INVALID for a statement that would end the transaction behind the session's back or
 * outlive itself: transaction control, ATTACH, lasting settings, temporary tables, procedures.
 * Names the word and what to use instead. Judged by the words outside quotes and comments, before
 * anything runs. */
furrow_status furrow__sql_refuse_control(const furrow__dialect *dialect, const char *text,
                                         furrow_error *error);

/* A model's table: "schema"."table", or "schema.table" as one name where the engine has no schemas.
 */
void furrow__sql_table(furrow__buffer *out, const furrow__dialect *dialect,
                       const furrow_model *model);

/* Quote an identifier or a text literal. */
void furrow__sql_identifier(furrow__buffer *out, const char *name);
void furrow__sql_literal(furrow__buffer *out, const char *text);

#endif
