/* SPDX-License-Identifier: MIT
 * What the files of this folder share. */
#ifndef FURROW_SQL_PARTS_H
#define FURROW_SQL_PARTS_H

#include "sql/dialect.h"

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
typedef struct furrow__related {
    const furrow_relation *relation;
    int alias;                /* of the table that the relation belongs to */
    furrow__write_what *what; /* writes what is selected */
    const void *context;      /* for `what` */
} furrow__related;
furrow_status furrow__write_related(furrow__writer *w, furrow__buffer *out,
                                    const furrow__related *related, int *target);
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

/* The columns of one side of a join. */
typedef struct furrow__side {
    const furrow_model *model;
    const uint16_t *columns;
    int alias;
} furrow__side;
/* a = b AND … for `count` columns of each side. */
void furrow__write_pairs(furrow__buffer *out, size_t count, furrow__side a, furrow__side b);
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
