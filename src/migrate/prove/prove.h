/* SPDX-License-Identifier: MIT
 *
 * A history proven by running it: on a scratch database of each engine up, down and up again, one
 * revision at a time, over rows that were made to be lost (seed.h).
 *
 * At each revision the live schema is what the replay says, no more and no less; on the way down,
 * and on the second way up, it is physically what it was the first time; rows and values that both
 * sides of a step have are kept, but where its file changes them; a downgrade brings back what was
 * there before, but for what its file says is lost; and the engines hold the same rows.
 */
#ifndef FURROW_MIGRATE_PROVE_PROVE_H
#define FURROW_MIGRATE_PROVE_PROVE_H

#include "migrate/apply/route.h"
#include "migrate/prove/seed.h"

/* An empty database that the caller made, and removes. */
typedef struct furrow__prove_target {
    const furrow_driver *driver;
    const furrow__dialect *dialect;
    const char *url;
} furrow__prove_target;

typedef enum furrow__prove_way {
    FURROW__PROVE_UP = 1,
    FURROW__PROVE_DOWN,
    FURROW__PROVE_AGAIN,  /* up, for the second time */
    FURROW__PROVE_ENGINES /* one engine beside the first */
} furrow__prove_way;

/* A difference that must not be, or a note of what was not proven and why. */
typedef struct furrow__finding {
    const char *engine; /* "sqlite" */
    furrow__prove_way way;
    const furrow__revision *revision;
    furrow__table_name table;   /* its name may be NULL */
    const char *column, *key;   /* or NULL; the key of the first row */
    const char *message, *hint; /* hint: or NULL */
    furrow__file_location place;
} furrow__finding;

/* A step is done. */
typedef struct furrow__prove_progress {
    const char *engine;
    furrow__prove_way way;
    const furrow__revision *revision;
    size_t done, total;            /* steps of this way on this engine */
    size_t tables, rows, findings; /* behind it; findings of this step */
    int64_t elapsed_ms;
} furrow__prove_progress;

typedef struct furrow__prove_options {
    size_t rows; /* 0: FURROW__SEED_ROWS */
    uint64_t seed;
    void (*progress)(const furrow__prove_progress *line, void *context); /* or NULL */
    bool (*is_stopped)(void *context); /* asked before each step */
    void *context;
} furrow__prove_options;

typedef struct furrow__prove_report {
    const furrow__finding *findings, *notes; /* in the arena */
    size_t finding_count, note_count;
    size_t steps;  /* that were run */
    uint64_t rows; /* that were seeded */
} furrow__prove_report;

/* FURROW_OK also where there are findings; other statuses are of the databases (or of a stop:
 * FURROW_CANCELLED). */
furrow_status furrow__prove(furrow__prove_report *report, const furrow__history *history,
                            const furrow__prove_target *targets, size_t count,
                            const furrow__prove_options *options, furrow_arena *arena,
                            furrow_error *error);

#endif
