/* SPDX-License-Identifier: MIT
 *
 * Builds SQL text from the descriptions of models. The text is for one dialect, and nothing is sent
 * to the database. A statement consists of its text and a list of values that are bound to its
 * parameters, in order. Identifiers come from the models and are always quoted. Values are always
 * parameters.
 */
#ifndef FURROW_SQL_SQL_H
#define FURROW_SQL_SQL_H

#include <furrow/furrow.h>

#include "base/arena.h"
#include "base/buffer.h"

/* The next functions return whether a slot of a list argument is empty. A slot that is neither
 * empty nor an element of the list, such as a number, is an error. */
static inline bool furrow__is_empty_condition(const furrow_condition *c)
{
    return c->value.op == FURROW_OP_NONE_ && !c->subject && c->number_ == 0;
}
static inline bool furrow__is_empty_assignment(const furrow_assignment *a)
{
    return a->value.op == FURROW_OP_NONE_ && !a->column && a->number_ == 0;
}
static inline bool furrow__is_empty_ordering(const furrow_ordering *o)
{
    return !o->used && !o->column && o->number_ == 0;
}
static inline bool furrow__is_empty_column_ref(const furrow_column_ref *ref)
{
    return !ref->used && !ref->column && ref->number_ == 0;
}

/* A value to bind to one parameter. */
typedef struct furrow__bind {
    const furrow_column *column; /* determines the type of the value; NULL for LIMIT and OFFSET */
    furrow_value value;          /* the value, already checked and converted; text and blobs are not
                                    copied */
    bool is_array;               /* value.as.blob points to an array of as.blob.size elements;
                                    element_size is the size of an element in bytes */
} furrow__bind;

typedef struct furrow__sql {
    furrow__buffer text;
    furrow__bind *binds; /* the list of values, allocated in the arena */
    size_t bind_count, bind_capacity;
    furrow_arena *arena; /* memory for binds and converted patterns; set by the caller before use */
} furrow__sql;

typedef struct furrow__dialect furrow__dialect;
extern const furrow__dialect furrow__dialect_sqlite, furrow__dialect_postgresql;
/* All dialects, in a fixed order (see dialect/registry.c). */
enum { FURROW__DIALECT_COUNT = 2 };
extern const furrow__dialect *const furrow__dialects[FURROW__DIALECT_COUNT];
/* Returns the dialect with this name ("sqlite" or "postgresql"), or NULL if there is none. */
const furrow__dialect *furrow__dialect_named(const char *name);
/* Returns the syntax of the dialect's SQL text: a set of enum furrow__scan_flag. */
uint32_t furrow__dialect_syntax(const furrow__dialect *dialect);
const char *furrow__dialect_name(const furrow__dialect *dialect);

/* Returns the keywords that are written before a SELECT to get its query plan. The plan consists of
 * lines of text in the last column of the result. */
const char *furrow__dialect_explain(const furrow__dialect *dialect);

/* Queries (query.c, condition.c) */

typedef enum furrow__select_what {
    FURROW__SELECT_ROWS,
    FURROW__SELECT_COUNT,
    FURROW__SELECT_EXISTS,
    FURROW__SELECT_AGGREGATE,
} furrow__select_what;

/* A keyset page: at most `size` rows after a position or, if `backwards` is set, before the
 * position. The statement requests one more row, to find out whether there is another page. */
typedef struct furrow__page_part {
    int64_t size;
    const furrow_value *position; /* a value for each element of furrow__page_order; NULL for the
                                     first page */
    bool backwards; /* reads the page before the position; the statement returns the rows in reverse
                       order */
    bool inclusive; /* the page includes a row that is exactly at the position */
} furrow__page_part;

/* The description of a SELECT. The arrays are taken from the options struct and may contain empty
 * slots, which are skipped. */
typedef struct furrow__select {
    const furrow_model *model;
    furrow__select_what what;
    furrow_aggregate aggregate;
    const furrow_column *column; /* the argument of the aggregate function */
    const furrow_condition *where;
    size_t where_count;
    const furrow_ordering *order_by;
    size_t order_count;
    int64_t limit, offset; /* 0 means no limit or no offset */
    furrow_lock lock;
    furrow_if_locked if_locked;
    const furrow__page_part *page; /* the page to select; `limit` and `offset` must then be 0. NULL
                                      if the query is not for a page */
} furrow__select;

/* The largest number of columns in the order of a page. */
enum { FURROW__MAX_KEYSET = FURROW_MAX_ORDERINGS + 16 };

/* Finds the complete order of a page: each requested column once, then the primary key in the
 * direction of the last requested column. *count receives the number of elements. Elements that are
 * not columns of the model are selected after the model's columns, in the order of the elements.
 * Returns FURROW_INVALID if a page cannot have the requested order. */
furrow_status furrow__page_order(const furrow__select *select,
                                 furrow_ordering order[FURROW__MAX_KEYSET], size_t *count,
                                 furrow_error *error);
/* Returns whether a page has to select this element of the order after the model's columns. */
bool furrow__page_is_extra(const furrow_ordering *ordering);

/* Each of these functions writes one statement into *sql. Each returns FURROW_INVALID if an
 * argument is wrong, with an error that names the argument and says how to correct it, and
 * FURROW_NOMEM when out of memory. The functions check all values. The functions reject columns of
 * another model, unbalanced brackets, slots beyond the limit, negative limits and offsets, and
 * patterns longer than FURROW_MAX_LIKE_SIZE. They reject numbers that are out of range or too wide,
 * times out of range, unknown enum values, strings that are too short or too long, strings that are
 * not UTF-8, NULL strings, NaN, and decimals of another scale. */
furrow_status furrow__sql_select(furrow__sql *sql, const furrow__dialect *dialect,
                                 const furrow__select *select, furrow_error *error);

/* The description of an UPDATE or DELETE of all rows that match the conditions. */
typedef struct furrow__change_where {
    const furrow_model *model;
    const furrow_assignment *set; /* the assignments of an UPDATE */
    size_t set_count;
    const furrow_condition *where;
    size_t where_count;
    bool all_rows;   /* allows an empty `where`; without it, an empty `where` is rejected */
    furrow_time now; /* the time that an UPDATE writes into touch columns */
} furrow__change_where;

/* Writes an UPDATE that also increments the version column and sets touch columns to `now`. */
furrow_status furrow__sql_update_where(furrow__sql *sql, const furrow__dialect *dialect,
                                       const furrow__change_where *change, furrow_error *error);
furrow_status furrow__sql_delete_where(furrow__sql *sql, const furrow__dialect *dialect,
                                       const furrow__change_where *change, furrow_error *error);

/* Checks that a column can hold a value, and converts the value in place: integers are
 * range-checked, decimals are rescaled to the column's scale, reals of a float column are rounded
 * to float, and -0.0 becomes 0.0. An error names the model and the column, but does not contain the
 * value. */
furrow_status furrow__check_value(const furrow_column *column, furrow_value *value,
                                  furrow_error *error);
/* Checks and converts a value of a primary key column. The value is used to look up a row. Returns
 * FURROW_INVALID for NULL. */
furrow_status furrow__check_key(const furrow_column *column, furrow_value *value,
                                furrow_error *error);
/* Fills in an error about a column: its table, the column, and a message that begins with
 * "table"."column". */
furrow_status furrow__fail_column(furrow_error *error, furrow_status status,
                                  const furrow_column *column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Checks the listed fields of a row before it is written. Patterns are not checked here: the caller
 * checks them, because it caches the compiled patterns. */
furrow_status furrow__check_row(const furrow_column *const *columns, size_t count, const void *row,
                                furrow_error *error);
/* Copies to `out` the columns for which furrow__check_row can fail, and returns their number. If a
 * caller checks many rows, it has to check only these columns. */
size_t furrow__columns_to_check(const furrow_column *const *columns, size_t count,
                                const furrow_column **out);
/* Converts a field of a row to a furrow_value: every integer, bool and enum to INT64, and char[n]
 * to TEXT. If a nullable field is NULL, the result is the NULL value. Text and blobs are not
 * copied: the value points into the row. A decimal is rescaled to the scale of its column if that
 * is exact. */
furrow_value furrow__row_value(const furrow_column *column, const void *row);

/* Enums (enum.c) */

/* Return the enumerator with this value or name, or NULL if there is none. */
const furrow_enumerator *furrow__enumerator_of(const furrow_column *column, int64_t value);
const furrow_enumerator *furrow__enumerator_named(const furrow_column *column, const char *name);

/* Loading a relationship for many parents (load.c) */

typedef struct furrow__load_step {
    const furrow_relation *relation;
    const furrow_condition *where; /* conditions on columns of the target model, including empty
                                      slots */
    size_t where_count;
    const furrow_ordering *order_by;
    size_t order_count;
    int64_t limit; /* the largest number of rows per parent; 0 means no limit */
} furrow__load_step;

/* Writes the SELECT that loads the related rows of all parents. `keys` contains one array for each
 * column of the relationship; the arrays are bound without a check. With a link model, the result
 * begins with the columns of the link that refer to the parent. Every column of the target follows.
 * Rows are in the requested order or, if no order is requested, in the order of the primary key. */
furrow_status furrow__sql_load(furrow__sql *sql, const furrow__dialect *dialect,
                               const furrow__load_step *step, const furrow_value *keys,
                               furrow_error *error);

/* Rows of link models (links.c) */

typedef enum furrow__links_verb {
    FURROW__LINKS_ADD,    /* inserts the links that do not exist yet */
    FURROW__LINKS_REMOVE, /* deletes the given links */
    FURROW__LINKS_KEEP,   /* deletes all links except the given ones */
    FURROW__LINKS_SET,    /* does the same as KEEP and ADD, in one statement; needs
                             furrow__dialect_changes_in_with */
    FURROW__LINKS_MISSING /* selects a row if one of the given links does not exist */
} furrow__links_verb;

typedef struct furrow__link_change {
    const furrow_relation *relation;
    furrow__links_verb verb;
    const furrow_value *near; /* the key of the row whose links change: one value for each column of
                                 the key */
    const furrow_value *far;  /* the keys of the rows at the other ends of the links: one array for
                                 each column of these keys */
    furrow_time now;          /* the value for columns of the link model whose default is `now` */
} furrow__link_change;

/* Writes a statement that changes or examines links. Values and arrays are bound without a check.
 */
furrow_status furrow__sql_links(furrow__sql *sql, const furrow__dialect *dialect,
                                const furrow__link_change *change, furrow_error *error);
bool furrow__dialect_changes_in_with(const furrow__dialect *dialect);

/* The description of a query that computes a number for each of many parents: a count of rows, or
 * the sum of a column. */
typedef struct furrow__tally {
    const furrow_relation *relation;
    const furrow_column *summed;   /* the target model's column to sum; NULL to count rows */
    const furrow_condition *where; /* conditions on columns of the target model */
    size_t where_count;            /* the number of slots of `where` */
    const furrow_value *keys;      /* the keys of the parents, in the form that furrow__sql_load
                                      expects */
} furrow__tally;

/* Writes a SELECT that returns one row for each parent with related rows: the parent's key, and the
 * count or the sum. */
furrow_status furrow__sql_tally(furrow__sql *sql, const furrow__dialect *dialect,
                                const furrow__tally *tally, furrow_error *error);

/* Statements that read or write whole rows (crud.c). Only the text is built; the caller binds the
 * parameters. */

typedef struct furrow__columns {
    const furrow_column *const *items;
    size_t count;
} furrow__columns;

typedef struct furrow__insert {
    const furrow_model *model;
    furrow__columns sent;     /* the columns whose values the program supplies */
    furrow__columns returned; /* the columns that the statement returns */
    const furrow_column *key; /* only for furrow__sql_insert_rows: the key column whose value the
                                 engine assigns, or NULL */
} furrow__insert;

/* Writes an INSERT of one row. There is one parameter for each sent column, in order. */
void furrow__sql_insert(furrow__buffer *out, const furrow__dialect *dialect,
                        const furrow__insert *insert);

/* Returns whether the engine can insert many rows whose values are arrays, one array for each
 * column. The next three functions require this. Their parameters are the arrays, in the order of
 * the sent columns. If no column is sent, the only parameter is the number of rows. */
bool furrow__dialect_has_unnest(const furrow__dialect *dialect);
/* Writes an INSERT whose values are arrays. Each row of the result contains the number of an
 * inserted row, starting at 1, and then the returned columns. If no column is returned, the
 * assigned key must be sent, and the INSERT returns nothing. */
void furrow__sql_insert_many(furrow__buffer *out, const furrow__dialect *dialect,
                             const furrow__insert *insert);
/* Writes an INSERT whose values are arrays. The INSERT returns only the assigned keys, in the order
 * of the rows, or nothing if not all rows were inserted. */
void furrow__sql_insert_drawn(furrow__buffer *out, const furrow__dialect *dialect,
                              const furrow__insert *insert);
/* Writes an INSERT whose values are arrays. The INSERT returns nothing. */
void furrow__sql_insert_arrays(furrow__buffer *out, const furrow__dialect *dialect,
                               const furrow__insert *insert);
/* Returns whether the engine can read rows from the program's memory to insert them.
 * furrow__sql_insert_rows requires this. */
bool furrow__dialect_has_rows(const furrow__dialect *dialect);
/* Writes an INSERT of rows in the program's memory. The only parameter is the array of rows. If
 * columns are returned, a key comes first in the result: the assigned key or, if no key is
 * assigned, the primary key. */
void furrow__sql_insert_rows(furrow__buffer *out, const furrow__dialect *dialect,
                             const furrow__insert *insert);
/* Writes a SELECT of every column of the row with a given primary key. The parameters are the
 * columns of the key. */
void furrow__sql_get(furrow__buffer *out, const furrow__dialect *dialect,
                     const furrow_model *model);
/* Writes a SELECT of every column of the rows whose primary key is among the given keys. There is
 * one array parameter for each column of the key. */
void furrow__sql_get_many(furrow__buffer *out, const furrow__dialect *dialect,
                          const furrow_model *model);
/* Writes an UPDATE of one row. The parameters are the columns to set and then the key. If the model
 * has a version column, the expected version follows; the statement increments the version and
 * returns it. */
void furrow__sql_update(furrow__buffer *out, const furrow__dialect *dialect,
                        const furrow_model *model, const furrow_column *const *columns,
                        size_t count);
/* Writes a DELETE of one row. The parameter is the key. If the model has a version column, the
 * expected version follows. */
void furrow__sql_delete(furrow__buffer *out, const furrow__dialect *dialect,
                        const furrow_model *model);

typedef struct furrow__upsert {
    const furrow_model *model;
    const void *row;
    furrow__columns sent;     /* the columns of the INSERT; all others get their defaults */
    furrow__columns written;  /* the columns of an existing row that get their values from `row`,
                                 even if these columns are not sent */
    furrow__columns conflict; /* the columns of the conflict target, which is the primary key or a
                                 unique constraint; an empty list means the primary key */
    const furrow_assignment *set;
    size_t set_count;
    furrow_time now; /* the time that is written into touch columns */
} furrow__upsert;

/* Writes INSERT … ON CONFLICT (conflict) DO UPDATE SET … RETURNING every column. The parameters are
 * the sent columns, and then the values of the assignments, which are appended to sql->binds. If
 * there are no assignments, the written columns get the values of the row, except for columns of
 * the conflict target and of the primary key; touch columns that are not written get `now`. If an
 * assigned key is sent, the last column of the result makes the engine assign only larger keys from
 * then on. */
furrow_status furrow__sql_upsert(furrow__sql *sql, const furrow__dialect *dialect,
                                 const furrow__upsert *upsert, furrow_error *error);

/* Raw statements (raw.c) */

/* Replaces each `?` with a parameter of the dialect and each `??` with `?`, except in quotes,
 * comments and dollar quotes. *count receives the number of parameters. Returns FURROW_INVALID for
 * an unterminated quote or comment, and for more than one statement. */
furrow_status furrow__sql_raw(furrow__buffer *out, const furrow__dialect *dialect, const char *text,
                              size_t *count, furrow_error *error);

/* Returns FURROW_INVALID if the statement would end the session's transaction or have effects after
 * the end of the transaction. Examples are COMMIT, ATTACH, settings that outlast the transaction,
 * temporary tables and procedure calls. The error names the keyword and what to use instead. Only
 * the keywords outside quotes and comments are examined; the statement does not run. */
furrow_status furrow__sql_refuse_control(const furrow__dialect *dialect, const char *text,
                                         furrow_error *error);

/* Writes the name of a model's table: "schema"."table", or "schema.table" as one identifier if the
 * engine has no schemas. */
void furrow__sql_table(furrow__buffer *out, const furrow__dialect *dialect,
                       const furrow_model *model);

/* furrow__sql_identifier writes a quoted identifier, furrow__sql_literal a quoted string literal.
 */
void furrow__sql_identifier(furrow__buffer *out, const char *name);
void furrow__sql_literal(furrow__buffer *out, const char *text);

#endif
