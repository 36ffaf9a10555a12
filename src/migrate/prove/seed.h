/* SPDX-License-Identifier: MIT
 *
 * Rows for a schema, the same for the same seed on every engine: nulls where there can be some,
 * every enum value, both ends of each type and of what checks leave of it, the longest and shortest
 * texts; keys distinct, foreign keys satisfied. For `furrow prove`, and whoever wants a database
 * that is no empty one.
 *
 * Values are made from what types and checks say (seed_values.c); whether a row is one that the
 * table takes only the engine knows, so it is tried, and made again where it is refused (seed.c).
 */
#ifndef FURROW_MIGRATE_PROVE_SEED_H
#define FURROW_MIGRATE_PROVE_SEED_H

#include <furrow/driver.h>

#include "migrate/catalog/catalog.h"

enum { FURROW__SEED_ROWS = 100 };

typedef struct furrow__seed_options {
    size_t rows;         /* that each table shall have at least */
    size_t more;         /* of a table marked in `changed` this many are added in any case */
    uint64_t seed;       /* of all choices */
    bool plain;          /* no extremes: small numbers, short texts */
    int64_t above;       /* keys that the engine would assign are greater */
    const bool *changed; /* one a table of the catalog, or NULL */
} furrow__seed_options;

/* A table that could not be given all of its rows. */
typedef struct furrow__seed_short {
    furrow__table_name table;
    size_t wanted, made;
    const char *why; /* what the engine said last */
} furrow__seed_short;

typedef struct furrow__seed_report {
    size_t rows;
    int64_t last_key;                 /* the greatest key of those that the engine would assign */
    const furrow__seed_short *shorts; /* in the arena */
    size_t short_count;
} furrow__seed_report;

/* Fill the tables of a logical catalog, in a transaction of its own. FURROW_OK also where a table
 * takes no rows, which the report tells. */
furrow_status furrow__seed(furrow__seed_report *report, furrow_connection *connection,
                           const furrow__dialect *dialect, const furrow__catalog *catalog,
                           const furrow__seed_options *options, furrow_arena *arena,
                           furrow_error *error);

#endif
