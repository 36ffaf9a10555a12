/* SPDX-License-Identifier: MIT
 *
 * Fills the tables of a schema with rows, for `furrow prove`. The same seed gives the same rows on
 * every engine. The rows contain NULLs, every value of an enum, both limits of every type and
 * check, and the longest and shortest texts. Keys are distinct, and foreign keys are satisfied.
 *
 * Values are chosen from the values that types and checks allow (seed_values.c). Only the engine
 * knows whether it accepts a row. Each row is therefore tried, and if the engine refuses it, other
 * values are chosen (seed_rows.c).
 */
#ifndef FURROW_MIGRATE_PROVE_SEED_H
#define FURROW_MIGRATE_PROVE_SEED_H

#include "migrate/prove/content.h"

enum { FURROW__SEED_ROWS = 100 };

typedef struct furrow__seed_options {
    const furrow__catalog *catalog; /* the logical schema whose tables are filled */
    size_t rows;                    /* each table gets at least this many rows */
    size_t more;   /* a table that is marked in `changed` gets at least this many new rows */
    uint64_t seed; /* determines all random choices */
    bool plain;    /* whether extreme values are avoided: numbers are small and texts are
                      short */
    int64_t above; /* columns whose values the engine assigns get keys greater than this value */
    const bool *changed; /* one entry for each table of the catalog; NULL means that no table is
                            marked */
} furrow__seed_options;

/* A table that could not get all of its rows. */
typedef struct furrow__seed_short {
    furrow__table_name table;
    size_t wanted, made;
    const char *why; /* the engine's last error */
} furrow__seed_short;

typedef struct furrow__seed_report {
    size_t rows;
    int64_t last_key; /* the greatest key in all columns whose values the engine assigns */
    const furrow__seed_short *shorts; /* allocated in the arena */
    size_t short_count;
} furrow__seed_report;

/* Fills the tables in a separate transaction. Returns FURROW_OK even if a table accepts no rows.
 * The report then lists the table. */
furrow_status furrow__seed(furrow__seed_report *report, const furrow__content_source *source,
                           const furrow__seed_options *options, furrow_arena *arena,
                           furrow_error *error);

#endif
