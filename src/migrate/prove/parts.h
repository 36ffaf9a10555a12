/* SPDX-License-Identifier: MIT
 *
 * Functions that the files of prove share. They run the steps of a proof (prove.c), report findings
 * (report.c), make digests of rows (data.c), determine what a step may change (track.c), compare
 * live schemas (schema.c), and remove rows that prevent a step (rows.c). */
#ifndef FURROW_MIGRATE_PROVE_PARTS_H
#define FURROW_MIGRATE_PROVE_PARTS_H

#include "migrate/prove/content.h"
#include "migrate/prove/prove.h"

/* Digests of rows (data.c) */

typedef struct furrow__digest_row {
    const char *key;       /* the values of the primary key, for messages */
    const uint64_t *cells; /* a hash for each column; 0 for NULL */
} furrow__digest_row;

/* The rows of a table, as hashes. */
typedef struct furrow__digest {
    furrow__table_name name;
    const char *const *columns;
    size_t column_count;
    const size_t *key; /* indexes of the primary key's columns */
    size_t key_count;
    size_t assigned; /* index of the column whose value the engine assigns, or SIZE_MAX */
    furrow__digest_row *rows;
    size_t count;
} furrow__digest;

typedef struct furrow__digests {
    furrow__digest *items; /* one entry for each table of the catalog */
    size_t count, rows;
} furrow__digests;

/* Reads the rows of every table of a logical catalog. */
furrow_status furrow__digests_read(furrow__digests *out, const furrow__content_source *source,
                                   const furrow__catalog *catalog, furrow_arena *arena,
                                   furrow_error *error);
const furrow__digest *furrow__digest_named(const furrow__digests *digests, furrow__table_name name);

enum {
    FURROW__DIGEST_ROOM = 64 /* a comparison of two tables keeps at most this many differences */
};

/* A difference can have one of these values instead of the index of a column. */
#define FURROW__ROWS_MISSING SIZE_MAX
#define FURROW__ROWS_ADDED (SIZE_MAX - 1)

typedef struct furrow__digest_difference {
    size_t column;   /* index in table `a`, or FURROW__ROWS_MISSING or FURROW__ROWS_ADDED */
    size_t count;    /* number of rows with this difference */
    const char *key; /* the smallest key of these rows */
} furrow__digest_difference;

/* Compares the rows of the tables `a` and `b`. map[i] is the index in `b` of column i of `a`, or
 * SIZE_MAX if the column is ignored. Rows are matched by the primary key if none of its columns is
 * ignored. Otherwise they are matched by all columns that are not ignored. Returns the number of
 * differences, at most `room`; SIZE_MAX when out of memory. */
size_t furrow__digest_compare(furrow__digest_difference *out, size_t room, const furrow__digest *a,
                              const furrow__digest *b, const size_t *map);

/* What a step may change (track.c) */

/* What a list of changes does to a table. */
typedef struct furrow__step_table {
    furrow__table_name name; /* the name after the changes; name.name is NULL if the table is
                                dropped */
    const char **columns;    /* for each old column, its name after the changes; NULL if the column
                                is dropped, or if its values are rewritten */
    bool removes_rows, adds_rows; /* whether data statements remove rows or add rows */
} furrow__step_table;

/* Returns one entry for each table of `before`, or NULL when out of memory. */
furrow__step_table *furrow__step_tables(const furrow__catalog *before,
                                        const furrow__change_list *changes,
                                        const furrow__dialect *dialect, furrow_arena *arena);

/* A difference that is allowed after a downgrade: values that the revision's file documents as
 * lost, or rows that were removed because they prevented a step. Names are those of the current
 * schema. */
typedef struct furrow__allowance {
    furrow__table_name table;
    const char *column; /* NULL means that whole rows can be missing */
    size_t count;       /* number of rows that can differ; SIZE_MAX means any number */
} furrow__allowance;

typedef struct furrow__allowance_list {
    furrow__allowance *items;
    size_t count, capacity;
    furrow_arena *arena;
} furrow__allowance_list;

bool furrow__allowances_add(furrow__allowance_list *list, furrow__table_name table,
                            const char *column, size_t count);
/* Returns the `count` of the allowance for this table and column, or 0 if there is none. */
size_t furrow__allowances_find(const furrow__allowance_list *list, furrow__table_name table,
                               const char *column);
/* Renames the tables and columns in the list in the same way as the changes do. */
bool furrow__allowances_rename(furrow__allowance_list *list, const furrow__change_list *changes);
/* Adds the losses that a revision's file documents for its downgrade. */
bool furrow__allowances_add_step(furrow__allowance_list *list, const furrow__revision_step *step,
                                 furrow_arena *scratch);

/* Returns whether a comment above the statement at this location documents the loss that the
 * statement causes. */
bool furrow__loss_is_documented(const furrow__revision *revision, furrow__file_location location);

/* Live schemas (schema.c) */

typedef struct furrow__schema_difference {
    furrow__table_name table;
    const char *column;  /* NULL if no column is concerned */
    const char *message; /* such as "column "x" exists, but no revision creates it" */
} furrow__schema_difference;

typedef struct furrow__schema_differences {
    furrow__schema_difference *items;
    size_t count, capacity;
} furrow__schema_differences;

/* Compares a live database with a logical catalog, in both directions. The connection must not be
 * in a transaction. */
furrow_status furrow__prove_schema(furrow__schema_differences *out,
                                   const furrow__content_source *source,
                                   const furrow__catalog *expected, furrow_arena *arena,
                                   furrow_error *error);
/* Compares two physical schemas of one engine. Each difference becomes a finding. */
furrow_status furrow__prove_same(furrow__schema_differences *out, const furrow__catalog *then,
                                 const furrow__catalog *now, furrow_arena *arena,
                                 furrow_error *error);
/* Reads the live schema, in a separate transaction. */
furrow_status furrow__prove_inspect(furrow__catalog *out, const furrow__content_source *source,
                                    furrow_arena *arena, furrow_error *error);

/* Rows that prevent a step (rows.c) */

/* Rows that are never removed: those whose key is in `rows`. `tables` has the present names of
 * their tables and columns. */
typedef struct furrow__rows_kept {
    const furrow__digests *rows;
    const furrow__step_table *tables; /* one entry for each table of the catalog */
} furrow__rows_kept;

/* The parameters of furrow__rows_remove. */
typedef struct furrow__rows_request {
    const furrow__catalog *catalog;
    const furrow__preflight *preflights;
    size_t count;
    const furrow__rows_kept *kept;      /* NULL means that no rows are kept */
    furrow__allowance_list *allowances; /* the removed rows are added to this list */
    void (*removed)(const furrow__preflight *why, size_t count,
                    void *context); /* called for each preflight check that caused rows to be
                                       removed; can be NULL */
    void *context;
} furrow__rows_request;

/* Removes the rows that the preflights count. Rows that refer to a removed row by a required
 * foreign key are removed, too. Optional foreign keys that refer to a removed row are set to NULL.
 */
furrow_status furrow__rows_remove(const furrow__content_source *source,
                                  const furrow__rows_request *request, furrow_error *error);

/* A proof in progress (prove.c) */

typedef struct furrow__prover {
    furrow__prove_report *report;
    const furrow__prove_options *options;
    const furrow__history *history;
    furrow__finding *findings, *notes;
    size_t finding_capacity, note_capacity;
    furrow_time since; /* see furrow__content_source */
    furrow_arena *arena;
    furrow_error *error;
    furrow_status status; /* FURROW_NOMEM if a finding could not be stored; otherwise FURROW_OK */
} furrow__prover;

/* The state of a database after a revision, during the first upgrade. */
typedef struct furrow__snapshot {
    furrow__catalog schema; /* the physical schema */
    furrow__digests rows;
} furrow__snapshot;

/* The database of one engine, and the step that is running in it. */
typedef struct furrow__walker {
    furrow__prover *prover;
    const furrow__prove_target *target;
    const char *engine;
    furrow__migrator *m;
    furrow__content_source source;
    furrow__snapshot *snapshots; /* snapshots[i] is the state after i revisions */
    furrow__snapshot last;       /* the state after the second upgrade */
    size_t applied;              /* number of revisions that are applied */
    size_t reached;              /* number of revisions that the first upgrade applied */
    size_t plain_from;           /* sequence number, starting at 1, of the first revision for which
                                    the first upgrade replaced rows with plain rows; 0 if there is
                                    none */
    furrow__allowance_list allowances;
    furrow__prove_phase phase;
    int64_t last_key; /* the greatest key so far; no key is used twice, so new rows cannot be
                         confused with old ones */
    /* The members below describe the current step. */
    const furrow__revision *revision;
    const furrow__revision_step *step;
    furrow__digests before;
    furrow_arena *scratch;
    size_t found_before; /* number of findings before the step */
} furrow__walker;

/* Findings (report.c) */

/* Stores a finding, or a note if is_note is true, with copies of its strings. */
void furrow__report_finding(furrow__walker *w, bool is_note, furrow__finding finding);
/* Stores a finding or a note whose message is in the buffer `text`, which is freed. */
void furrow__report_text(furrow__walker *w, bool is_note, furrow__finding finding,
                         furrow__buffer *text);
void furrow__report_differences(furrow__walker *w, const furrow__schema_differences *differences);

/* What the report says about the differences that a comparison found. */
typedef struct furrow__verdict {
    const char *missing, *added, *changed; /* the words after "3 of 100 rows" */
    const char *hint;                      /* NULL if there is none */
} furrow__verdict;

/* Checks that rows and values that exist both before and after the step are unchanged. */
void furrow__compare_step(furrow__walker *w, const furrow__digests *now);
/* Checks that a downgrade has restored the rows of the first upgrade, except for allowed
 * differences. */
void furrow__compare_return(furrow__walker *w, const furrow__digests *then,
                            const furrow__digests *now);
/* Checks that two databases have the same rows, except for keys that the engine assigned. */
void furrow__compare_equal(furrow__walker *w, const furrow__digests *a, const furrow__digests *b,
                           const furrow__verdict *verdict);

#endif
