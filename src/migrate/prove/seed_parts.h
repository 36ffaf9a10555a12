/* SPDX-License-Identifier: MIT
 * What the files of seeding share: values for one column (seed_values.c), rows that the engine
 * takes (seed.c), and the order of the tables (seed_order.c). */
#ifndef FURROW_MIGRATE_PROVE_SEED_PARTS_H
#define FURROW_MIGRATE_PROVE_SEED_PARTS_H

#include "migrate/prove/content.h"
#include "migrate/prove/seed.h"

/* ---- seed_values.c: pure ---- */

/* What a column may hold, as far as its type, and checks that are understood, say. Numbers are in
 * the column's own unit: days, microseconds, units of 10^-scale. */
typedef struct furrow__seed_domain {
    const furrow__catalog_column *column;
    const furrow_column *as; /* of the model that values are bound for */
    int64_t low, high;
    double real_low, real_high;
    uint32_t min_length, max_length; /* code points */
    uint32_t max_size;               /* bytes */
    const char *prefix;              /* of LIKE 'x%'; or NULL */
    furrow_value *listed;            /* nothing else: enums, bools, col IN (…); or NULL */
    size_t listed_count, listed_capacity;
    furrow_value *hints; /* literals that checks compare it with */
    size_t hint_count, hint_capacity;
    furrow_value *specials; /* values that should be there once */
    size_t special_count, special_capacity;
    size_t next;     /* the special at work */
    unsigned missed; /* how often it was refused alone */
    bool is_keyed;   /* in a key or index: texts stay short */
} furrow__seed_domain;

/* One a column of the table. NULL when out of memory. */
furrow__seed_domain *furrow__seed_domains(const furrow__catalog_table *table,
                                          const furrow_model *model, bool plain,
                                          furrow_arena *arena);
/* The next of a row of numbers that depends on the state alone. */
uint64_t furrow__seed_next(uint64_t *state);
/* Any value of the domain. False when out of memory. */
bool furrow__seed_value(furrow_value *out, const furrow__seed_domain *domain, bool plain,
                        uint64_t *state, furrow_arena *arena);

/* ---- seed_order.c: pure ---- */

/* The tables' places, so that each comes behind those that it must refer to. *circle: how many at
 * the end refer to each other in circles. NULL when out of memory. */
size_t *furrow__seed_order(const furrow__catalog *catalog, size_t *circle, furrow_arena *arena);
/* Whether a row can do without the key. */
bool furrow__seed_key_is_optional(const furrow__catalog_table *table,
                                  const furrow__catalog_constraint *key);
/* A table's place in the catalog, or SIZE_MAX. */
size_t furrow__seed_place(const furrow__catalog *catalog, furrow__table_name name);

#endif
