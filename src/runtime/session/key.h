/* SPDX-License-Identifier: MIT
 *
 * Keys in memory: hashes and compares some columns of a row. */
#ifndef FURROW_RUNTIME_SESSION_KEY_H
#define FURROW_RUNTIME_SESSION_KEY_H

#include "runtime/session/session.h"

/* Adds a value to a hash. Equal values of the same type have the same hash. */
uint64_t furrow__value_hash(const furrow_value *value, uint64_t hash);
/* Compares two values. Two NULLs are not equal, as in SQL. */
bool furrow__values_are_equal(const furrow_value *a, const furrow_value *b);

/* The functions below use `count` columns of a row, which are given by index. */
uint64_t furrow__key_hash(const furrow_model *model, const uint16_t *columns, size_t count,
                          const void *row);
bool furrow__key_has_null(const furrow_model *model, const uint16_t *columns, size_t count,
                          const void *row);

/* The columns of a key. */
typedef struct furrow__key_columns {
    const furrow_model *model;
    const uint16_t *columns; /* the indexes of the columns in the model */
    size_t count;
} furrow__key_columns;

/* Returns the columns by which the rows of a relation's model lead to the target. */
static inline furrow__key_columns furrow__near_key(const furrow_relation *r)
{
    return (furrow__key_columns){r->model, r->columns, r->count};
}
/* Returns the columns of the target that a relation or its link refers to. */
static inline furrow__key_columns furrow__far_key(const furrow_relation *r)
{
    size_t count = r->kind == FURROW_RELATION_THROUGH ? r->link_target_count : r->count;
    return (furrow__key_columns){r->target, r->target_columns, count};
}
/* Compares a key of row `a` with a key of row `b`. Both keys have the same number of columns. */
bool furrow__keys_are_equal(const furrow__key_columns *a_key, const void *a,
                            const furrow__key_columns *b_key, const void *b);

/* If the primary key of a row contains NULL, keeps a failure in the session and returns
 * FURROW_INVALID. */
furrow_status furrow__check_row_key(furrow_session *s, const furrow_model *model, const void *row);

/* Keys as values */

/* Allocates `count` values in scratch memory. Returns NULL when out of memory. */
furrow_value *furrow__key_values(furrow_session *s, size_t count);
/* Writes the keys of `count` rows as arrays, in the form that furrow_in takes. `arrays` receives
 * one array for each column. The arrays are in scratch memory; texts in them belong to the rows. */
furrow_status furrow__key_arrays(furrow_session *s, furrow_value *arrays,
                                 const furrow__key_columns *key, void *const *rows, size_t count);

/* Rows by primary key */

typedef struct furrow__identity {
    struct furrow__identity_entry *entries; /* hash table with open addressing; allocated with
                                               furrow__allocate */
    size_t count, capacity;
} furrow__identity;

/* Returns the row of `model` whose primary key equals these columns of a row of `key_model`, or
 * NULL. */
void *furrow__identity_find(const furrow__identity *map, const furrow_model *model,
                            const furrow_model *key_model, const uint16_t *columns,
                            const void *key_row);
/* Adds a row whose key is not in the map yet. Returns false when out of memory. */
bool furrow__identity_add(furrow__identity *map, const furrow_model *model, void *row);
void furrow__identity_done(furrow__identity *map);

#endif
