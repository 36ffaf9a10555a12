/* SPDX-License-Identifier: MIT
 * What the files of this folder share. */
#ifndef FURROW_SQL_PARTS_H
#define FURROW_SQL_PARTS_H

#include "sql/dialect.h"

/* ---- a statement that is being written ---- */

typedef struct furrow__writer {
    furrow__sql *sql;
    const furrow__dialect *dialect;
    const furrow_model *model; /* the model that the statement reads or changes */
    furrow_error *error;
    size_t parameters_before; /* the number of parameters that the caller binds before those in
                                 sql->binds */
    int last_alias;           /* the highest alias in use */
    int alias;                /* the alias of the table of `model` */
} furrow__writer;

/* Starts a statement: clears the text and the binds. */
furrow__writer furrow__writer_start(furrow__sql *sql, const furrow__dialect *dialect,
                                    const furrow_model *model, furrow_error *error);
/* Ends a statement. FURROW_NOMEM if memory ran out while its text was written. */
furrow_status furrow__writer_end(furrow__writer *w);
furrow_status furrow__no_memory(furrow_error *error);
/* Appends a bind. *number is the number of its parameter. FURROW_NOMEM. */
furrow_status furrow__bind_add(furrow__writer *w, const furrow_column *column,
                               const furrow_value *value, bool is_array, size_t *number);
/* Whether a value is NULL in one of its forms: without a type, a NULL pointer, or a blob without
 * bytes for a nullable column. */
bool furrow__value_is_null(const furrow_column *column, const furrow_value *value);
/* Appends a bind and writes its parameter. */
furrow_status furrow__bind_write(furrow__writer *w, const furrow_column *column,
                                 const furrow_value *value);

/* ---- columns and rows reached through a relation (related.c) ---- */

/* Whether a condition, or an element of an order, goes through a relation. The statement's table
 * then needs an alias. */
bool furrow__conditions_have_relation(const furrow_condition *where, size_t count);
bool furrow__orders_have_relation(const furrow_ordering *order, size_t count);
/* Writes SELECT … FROM the rows that a relation leads to from one row of the table `alias`. *target
 * is the alias of these rows, which `what` uses to write what is selected. */
typedef furrow_status furrow__write_what(furrow__writer *w, furrow__buffer *out, int target,
                                         const void *context);
typedef struct furrow__related {
    const furrow_relation *relation;
    int alias;                /* the alias of the table that the relation starts from */
    furrow__write_what *what; /* writes what is selected */
    const void *context;      /* the argument for `what` */
} furrow__related;
furrow_status furrow__write_related(furrow__writer *w, furrow__buffer *out,
                                    const furrow__related *related, int *target);
/* Finds how to refer to a column of the table `alias`: by its name or, if it is the number of a
 * relation's rows, by a subselect. */
furrow_status furrow__find_place(furrow__writer *w, const furrow_column *column, int alias,
                                 furrow__place *out);

/* Finds the expression that one element of an order sorts by. `alias` is that of the table of
 * w->model. An element that goes through a relation is checked here: FURROW_INVALID names both
 * models. */
typedef struct furrow__term {
    furrow__place place;
    bool nullable, descending;
} furrow__term;
furrow_status furrow__find_term(furrow__writer *w, const furrow_ordering *ordering, int alias,
                                furrow__term *out);
void furrow__write_term(furrow__writer *w, const furrow__term *term, bool reversed);

/* ---- conditions (condition.c) ---- */

/* Writes ` WHERE …`, or nothing if every slot is empty. *found is the number of conditions, without
 * brackets. */
furrow_status furrow__write_where(furrow__writer *w, const furrow_condition *where, size_t count,
                                  size_t *found);

/* Whether a unique constraint of the link model ensures that no pair of keys exists twice. */
bool furrow__links_are_unique(const furrow_relation *relation);

/* The columns of one side of a join. */
typedef struct furrow__side {
    const furrow_model *model;
    const uint16_t *columns;
    int alias;
} furrow__side;
/* Writes a = b AND … for `count` columns of both sides. */
void furrow__write_pairs(furrow__buffer *out, size_t count, furrow__side a, furrow__side b);
/* Writes ` ORDER BY …`, or nothing if there is no order. With by_key the primary key follows as a
 * tie-breaker. */
furrow_status furrow__write_order(furrow__writer *w, const furrow_ordering *order, size_t count,
                                  bool by_key);
/* Writes ` ORDER BY group, …`: the order within groups of rows that have the same `group`. */
furrow_status furrow__write_order_within(furrow__writer *w, const furrow__place *group,
                                         size_t group_count, const furrow_ordering *order,
                                         size_t count);

/* ---- pages (page.c) ---- */

typedef struct furrow__page_terms {
    furrow_ordering order[FURROW__MAX_KEYSET];
    furrow__term terms[FURROW__MAX_KEYSET];
    size_t count;
} furrow__page_terms;
/* A page is written in three steps: find and check its order, write the order's columns after the
 * model's columns, and write the position, the order and the limit. */
furrow_status furrow__page_find(furrow__writer *w, const furrow__select *select,
                                furrow__page_terms *out);
void furrow__page_write_columns(furrow__writer *w, const furrow__page_terms *terms);
furrow_status furrow__page_write(furrow__writer *w, const furrow__page_part *page,
                                 const furrow__page_terms *terms, bool has_where);

/* ---- checks (check.c) ---- */

/* Fills in an error about a column: table, column, and a message that begins with "table"."column".
 */
furrow_status furrow__fail_column(furrow_error *error, furrow_status status,
                                  const furrow_column *column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* FURROW_INVALID if the column is NULL or belongs to another model; the message names both models.
 * `what` says what the column is used for: "a condition". */
furrow_status furrow__check_owner(const furrow_column *column, const furrow_model *model,
                                  const char *what, furrow_error *error);
/* Checks the owner of a column, and that the column is stored: the number of a relation's rows
 * cannot be assigned or summed. */
furrow_status furrow__check_stored(const furrow_column *column, const furrow_model *model,
                                   const char *what, furrow_error *error);
/* Checks a summand or a pattern: like furrow__check_value, but without range and lengths. */
furrow_status furrow__check_summand(const furrow_column *column, furrow_value *value,
                                    furrow_error *error);
/* FURROW_INVALID: the column cannot hold a value of the given type. */
furrow_status furrow__wrong_type(const furrow_column *column, furrow_error *error);
/* Checks every element of an array for furrow_in. If an element must be converted, *value becomes a
 * copy of the array in the arena. */
furrow_status furrow__check_array(const furrow_column *column, furrow_value *value,
                                  furrow_arena *arena, furrow_error *error);
/* FURROW_INVALID if a text is not valid UTF-8. */
furrow_status furrow__check_text(const furrow_column *column, const char *text,
                                 furrow_error *error);

/* the alias of the table that a statement changes */
enum { FURROW__ALIAS_TARGET = 0 };

#endif
