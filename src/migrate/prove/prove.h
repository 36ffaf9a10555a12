/* SPDX-License-Identifier: MIT
 *
 * Proves a history by running it on a scratch database of each engine. All revisions are upgraded,
 * downgraded and upgraded again, one at a time. The tables are filled with rows that have extreme
 * values (seed.h).
 *
 * After each step, the live schema must be exactly the schema that the files describe. During the
 * downgrade and the second upgrade, the schema must be physically the same as after the first
 * upgrade. Rows and values that exist before and after a step must be unchanged, except where the
 * file changes them. A downgrade must restore what existed before the upgrade, except what its file
 * documents as lost. All engines must hold the same rows.
 */
#ifndef FURROW_MIGRATE_PROVE_PROVE_H
#define FURROW_MIGRATE_PROVE_PROVE_H

#include "migrate/apply/route.h"
#include "migrate/prove/seed.h"

/* An empty database, which the caller creates and removes. */
typedef struct furrow__prove_target {
    const furrow_driver *driver;
    const furrow__dialect *dialect;
    const char *url;
} furrow__prove_target;

typedef enum furrow__prove_phase {
    FURROW__PROVE_UP = 1,
    FURROW__PROVE_DOWN,
    FURROW__PROVE_AGAIN,  /* the second upgrade */
    FURROW__PROVE_ENGINES /* the comparison of each engine's rows with those of the first engine */
} furrow__prove_phase;

/* A difference that is an error, or a note about what could not be proven. */
typedef struct furrow__finding {
    const char *engine; /* the name of the dialect */
    furrow__prove_phase phase;
    const furrow__revision *revision;
    furrow__table_name table; /* table.name is NULL if the finding does not concern a table */
    const char *column;       /* NULL if the finding does not concern a column */
    const char *key;          /* the key of the first row that differs; NULL if there is none */
    const char *message;
    const char *hint; /* NULL if there is none */
    furrow__file_location location;
} furrow__finding;

/* Values that describe the progress after each step. */
typedef struct furrow__prove_progress {
    const char *engine;
    furrow__prove_phase phase;
    const furrow__revision *revision;
    size_t done, total;  /* the number of steps that are done, and the number of all steps, in this
                            phase on this engine */
    size_t tables, rows; /* number of tables and rows in the database after the step */
    size_t findings;     /* number of findings in this step */
    int64_t elapsed_ms;
} furrow__prove_progress;

typedef struct furrow__prove_options {
    const furrow__history *history;
    const furrow__prove_target *targets;
    size_t target_count;
    size_t rows; /* number of rows in each table; 0 means FURROW__SEED_ROWS */
    uint64_t seed;
    void (*progress)(const furrow__prove_progress *progress,
                     void *context);   /* called after each step; can be NULL */
    bool (*is_stopped)(void *context); /* called before each step; if it returns true, the proof
                                          stops; can be NULL */
    void *context;
} furrow__prove_options;

typedef struct furrow__prove_report {
    const furrow__finding *findings, *notes; /* allocated in the arena */
    size_t finding_count, note_count;
    size_t steps;  /* number of steps that ran */
    uint64_t rows; /* number of rows that were seeded */
} furrow__prove_report;

/* Proves a history. Returns FURROW_OK even if there are findings. Returns FURROW_CANCELLED if
 * is_stopped returned true. Returns another status if an operation on a database failed. */
furrow_status furrow__prove(furrow__prove_report *report, const furrow__prove_options *options,
                            furrow_arena *arena, furrow_error *error);

#endif
