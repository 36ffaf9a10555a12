/* SPDX-License-Identifier: MIT
 * Declares what the files of this folder share: the writer of a statement and the functions that
 * write parts of statements. */
#ifndef FURROW_SQL_PARTS_H
#define FURROW_SQL_PARTS_H

#include "sql/dialect.h"

/* A statement that is being written */

typedef struct furrow__writer {
    furrow__sql *sql;
    const furrow__dialect *dialect;
    const furrow_model *model; /* the model that the statement reads or changes */
    furrow_error *error;
    size_t parameters_before; /* how many parameters the caller binds itself; they come before the
                                 parameters for sql->binds */
    int last_alias;           /* the highest alias number in the statement */
    int alias;                /* the alias of the model's table */
} furrow__writer;

/* Starts a statement. Clears the text and the binds of *sql. */
furrow__writer furrow__writer_start(furrow__sql *sql, const furrow__dialect *dialect,
                                    const furrow_model *model, furrow_error *error);
/* Ends a statement. Returns FURROW_NOMEM if memory ran out while the text was written. */
furrow_status furrow__writer_end(furrow__writer *w);
furrow_status furrow__no_memory(furrow_error *error);
/* Appends a value to the binds. *number receives the parameter number of the value. Returns
 * FURROW_NOMEM when out of memory. */
furrow_status furrow__bind_add(furrow__writer *w, const furrow_column *column,
                               const furrow_value *value, bool is_array, size_t *number);
/* Returns whether a value represents NULL. This is the case if it has no type, if it is a NULL
 * pointer, or if it is a blob without data for a nullable column. */
bool furrow__value_is_null(const furrow_column *column, const furrow_value *value);
/* Appends a value to the binds and writes its parameter. */
furrow_status furrow__bind_write(furrow__writer *w, const furrow_column *column,
                                 const furrow_value *value);

/* Columns and rows reached through a relation (related.c) */

/* Returns whether a condition or an element of the order follows a relationship. The statement's
 * table then needs an alias. */
bool furrow__conditions_have_relation(const furrow_condition *where, size_t count);
bool furrow__orders_have_relation(const furrow_ordering *order, size_t count);
/* Writes a subselect that follows a relationship from the current row of a table: SELECT … FROM the
 * related rows. `alias` is the alias number of that table. The function `what` writes what is
 * selected; its parameter `target` is the alias of the related rows. */
typedef furrow_status furrow__write_what(furrow__writer *w, furrow__buffer *out, int target,
                                         const void *context);
typedef struct furrow__related {
    const furrow_relation *relation;
    int alias;                /* the alias of the table that the relationship starts from */
    furrow__write_what *what; /* writes what the subselect selects */
    const void *context;      /* passed to `what` */
} furrow__related;
furrow_status furrow__write_related(furrow__writer *w, furrow__buffer *out,
                                    const furrow__related *related, int *target);
/* Finds how the statement refers to a column of the table with this alias. A column that contains
 * the number of a relationship's rows becomes a subselect; the statement refers to any other column
 * by name. */
furrow_status furrow__find_place(furrow__writer *w, const furrow_column *column, int alias,
                                 furrow__place *out);

/* Finds the expression for one element of an ORDER BY. `alias` is the alias of the table of
 * w->model. Returns FURROW_INVALID if an element follows a relationship that the query cannot use;
 * the message names both models. */
typedef struct furrow__term {
    furrow__place place;
    bool nullable, descending;
} furrow__term;
furrow_status furrow__find_term(furrow__writer *w, const furrow_ordering *ordering, int alias,
                                furrow__term *out);
void furrow__write_term(furrow__writer *w, const furrow__term *term, bool reversed);

/* Enums (enum.c) */

/* Writes the condition that the value of an enum in C is in a range. The bounds are inclusive. The
 * condition is unknown for NULL. */
furrow_status furrow__write_enum_range(furrow__writer *w, furrow__buffer *out, furrow__place place,
                                       int64_t low, int64_t high);
/* Writes an expression that sorts as the column's values do: for an enum, its value in C; otherwise
 * the column itself. */
void furrow__write_comparable(furrow__buffer *out, furrow__place place);
/* Replaces the expression of an enum column with an expression for the enum's value in C. */
furrow_status furrow__enum_value_place(furrow__writer *w, furrow__place *place);

/* Conditions (condition.c) */

/* Writes ` WHERE …`, or nothing if all slots are empty. *found receives the number of conditions.
 * Brackets are not counted. */
furrow_status furrow__write_where(furrow__writer *w, const furrow_condition *where, size_t count,
                                  size_t *found);

/* Returns whether a unique constraint of the link model ensures that no pair of keys exists twice.
 */
bool furrow__links_are_unique(const furrow_relation *relation);

/* One side of a join condition: a table and its columns. */
typedef struct furrow__side {
    const furrow_model *model;
    const uint16_t *columns;
    int alias;
} furrow__side;
/* Writes a = b AND … for the first `count` columns of both sides. */
void furrow__write_pairs(furrow__buffer *out, size_t count, furrow__side a, furrow__side b);
/* Writes ` ORDER BY …`, or nothing if no order is given. If by_key is set, appends the primary key
 * to the order, so that no two rows are equal in this order. */
furrow_status furrow__write_order(furrow__writer *w, const furrow_ordering *order, size_t count,
                                  bool by_key);
/* Writes ` ORDER BY group, …`: sorts by the columns of `group` first, then by the given order. */
furrow_status furrow__write_order_within(furrow__writer *w, const furrow__place *group,
                                         size_t group_count, const furrow_ordering *order,
                                         size_t count);

/* Pages (page.c) */

typedef struct furrow__page_terms {
    furrow_ordering order[FURROW__MAX_KEYSET];
    furrow__term terms[FURROW__MAX_KEYSET];
    size_t count;
} furrow__page_terms;
/* The three steps of a page. furrow__page_find finds and checks the order.
 * furrow__page_write_columns writes the additional columns of the order, after the columns of the
 * model. furrow__page_write writes the position, the order and the limit. */
furrow_status furrow__page_find(furrow__writer *w, const furrow__select *select,
                                furrow__page_terms *out);
void furrow__page_write_columns(furrow__writer *w, const furrow__page_terms *terms);
furrow_status furrow__page_write(furrow__writer *w, const furrow__page_part *page,
                                 const furrow__page_terms *terms, bool has_where);

/* Checks (check.c) */

/* Checks that a column belongs to the model. Returns FURROW_INVALID if the column is NULL or
 * belongs to another model; the message names both models. `what` says what the column is used for,
 * such as "a condition". */
furrow_status furrow__check_owner(const furrow_column *column, const furrow_model *model,
                                  const char *what, furrow_error *error);
/* Checks that a column belongs to the model and is stored in the table. The pseudo-column for the
 * number of a relationship's rows is not stored, so it cannot be assigned or summed. */
furrow_status furrow__check_stored(const furrow_column *column, const furrow_model *model,
                                   const char *what, furrow_error *error);
/* Checks a pattern, or a value that is added to a column. Works like furrow__check_value, but does
 * not apply the limits on range and length. */
furrow_status furrow__check_summand(const furrow_column *column, furrow_value *value,
                                    furrow_error *error);
/* Reports that the column cannot hold a value of the given type. Returns FURROW_INVALID. */
furrow_status furrow__wrong_type(const furrow_column *column, furrow_error *error);
/* Reports that a value is outside the column's range. Returns FURROW_INVALID. */
furrow_status furrow__out_of_range(const furrow_column *column, furrow_error *error);
/* Checks every element of an array that is passed to furrow_in. If an element has to be converted,
 * *value receives a copy of the array, which is allocated in the arena. Decimals that have more
 * digits than the column are left out of the copy, because no value of the column equals them. */
furrow_status furrow__check_array(const furrow_column *column, furrow_value *value,
                                  furrow_arena *arena, furrow_error *error);
/* Checks the value of a comparison, and converts it as furrow__check_value does. The operator is
 * one of = <> < <= > >=. If the value is a number that is too large, too small or too precise for
 * the column, replaces the value and the operator with a value and an operator that give the same
 * result for every value of the column. Returns FURROW_INVALID if the column's range excludes the
 * number. */
furrow_status furrow__fit_comparison(const furrow_column *column, enum furrow_op_ *op,
                                     furrow_value *value, furrow_error *error);
/* Returns whether the value is a number that the column cannot hold, but can be compared with. */
bool furrow__is_beyond(const furrow_column *column, const furrow_value *value);
/* Replaces a comparison of a numeric column with a number that the column cannot hold. If the
 * operator is <>, the new comparison is true for every value of the column; otherwise it is false.
 * For NULL, it is unknown. */
void furrow__fit_unequal(const furrow_column *column, enum furrow_op_ *op, furrow_value *value);
/* Returns FURROW_INVALID if the string is not valid UTF-8. */
furrow_status furrow__check_text(const furrow_column *column, const char *text,
                                 furrow_error *error);

/* the alias number of the table that a statement changes */
enum { FURROW__ALIAS_TARGET = 0 };

#endif
