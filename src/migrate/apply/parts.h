/* SPDX-License-Identifier: MIT
 * Functions that the files of this folder share with each other. */
#ifndef FURROW_MIGRATE_APPLY_PARTS_H
#define FURROW_MIGRATE_APPLY_PARTS_H

#include "migrate/apply/drift.h"
#include "migrate/apply/dialect.h"
#include "migrate/apply/query.h"

/* The migrator (migrator.c) */

/* Replaces the connection if it is broken. */
furrow_status furrow__migrator_renew(furrow__migrator *m, furrow_error *error);
/* Sets *out to whether `table`, one of furrow's own tables, exists. */
furrow_status furrow__migrator_has_table(furrow__migrator *m, bool *out, const char *table,
                                         furrow_error *error);

/* The table furrow_revision (revision_table.c) */

/* A row of furrow_revision. */
typedef struct furrow__revision_row {
    const char *id, *hash;
    bool is_complete;
    int64_t steps_done; /* set if the revision is incomplete: n if n statements of its upgrade are
                           committed; -1 - n if n statements of its downgrade are committed */
    bool is_stamped;    /* `furrow stamp` recorded the revision, which was never run */
} furrow__revision_row;

typedef struct furrow__revision_rows {
    furrow__revision_row *items;
    size_t count, capacity;
} furrow__revision_rows;

/* Reads all rows of furrow_revision. If the table does not exist, there are no rows. */
furrow_status furrow__revision_rows_read(furrow__migrator *m, furrow__revision_rows *out,
                                         furrow_arena *arena, furrow_error *error);
/* Returns the row with this id, or NULL. */
furrow__revision_row *furrow__revision_rows_find(const furrow__revision_rows *rows, const char *id);
/* Returns the sum of furrow__revision_digest over all revisions that are applied. An interrupted
 * downgrade counts as applied, an interrupted upgrade as not applied. */
uint64_t furrow__revision_rows_digest(const furrow__revision_rows *rows);
/* Returns a hash of the id. */
uint64_t furrow__revision_digest(const char *id);
/* Returns FURROW_SCHEMA if the revision's file differs from the file that was applied. */
furrow_status furrow__revision_row_check(const furrow__revision_row *row,
                                         const furrow__revision *revision, furrow_error *error);
/* Creates furrow_revision if it does not exist, in the open transaction. */
furrow_status furrow__revision_table_create(furrow__migrator *m, furrow_error *error);
/* Writes the row of a revision. An existing row is replaced. steps_done is NULL if the revision is
 * complete. */
furrow_status furrow__revision_row_write(furrow__migrator *m, const furrow__revision *revision,
                                         const char *fingerprint, const int64_t *steps_done,
                                         furrow_error *error);
/* Writes the row of a complete revision. */
furrow_status furrow__revision_row_write_complete(furrow__migrator *m,
                                                  const furrow__revision *revision, bool is_stamped,
                                                  furrow_error *error);
furrow_status furrow__revision_row_delete(furrow__migrator *m, const char *id, furrow_error *error);
/* Fails if the revision is the base of the history, and was stamped: its downgrade would then drop
 * tables that it did not create. */
furrow_status furrow__revision_row_check_undo(const furrow__revision_row *row,
                                              const furrow__revision *revision,
                                              furrow_error *error);
/* Does this for each step of a downgrade. */
furrow_status furrow__revision_rows_check_undo(furrow__migrator *m, const furrow__history *history,
                                               const furrow__revision_steps *steps,
                                               furrow_error *error);

/* These functions write statements for furrow_revision as text, for scripts. `if_not_exists` is "IF
 * NOT EXISTS " or "". `time` is an SQL expression for the current time. */
void furrow__revision_table_write_create(furrow__buffer *out, const furrow__dialect *dialect,
                                         const char *if_not_exists);
void furrow__revision_row_write_delete(furrow__buffer *out, const char *id);
void furrow__revision_row_write_insert(furrow__buffer *out, const furrow__revision *revision,
                                       const char *fingerprint, const char *time,
                                       const int64_t *steps_done);

/* Squashed revisions (squashed_rows.c) */

/* Replaces the rows of squashed revisions with one row, which belongs to the revision that squashes
 * them. The rows in `rows` are replaced. If `writes` is true, the rows in the database are
 * replaced, too, in the open transaction. Returns FURROW_SCHEMA if only some of the squashed
 * revisions are applied. `history` can be NULL. */
furrow_status furrow__squashed_rows_replace(furrow__migrator *m, furrow__revision_rows *rows,
                                            const furrow__history *history, bool writes,
                                            furrow_error *error);

/* Accepted drift (accepted_drift.c) */

/* Accepts the live schema as it is, in the open transaction: its present differences from
 * `expected` no longer count as drift. Each difference is written as a row of the table
 * furrow_drift. *count is set to the number of differences. */
furrow_status furrow__drift_accept(furrow__migrator *m, const furrow__catalog *expected,
                                   size_t *count, furrow_error *error);
/* Writes furrow_drift again after a revision, in the revision's transaction, because the revision
 * may have changed names that the accepted differences contain. */
furrow_status furrow__drift_renew_accepted(furrow__migrator *m, const furrow__catalog *expected,
                                           furrow_error *error);

/* Up to three differences as one string: "a; b; c; and 2 more". */
typedef struct furrow__drift_summary {
    furrow__buffer text;
    furrow__table_name table; /* the table of the first difference */
    size_t count;
} furrow__drift_summary;
void furrow__drift_summary_add(furrow__drift_summary *summary, const furrow__drift *drift);
/* Ends the summary and returns its string, or NULL when out of memory. */
const char *furrow__drift_summary_end(furrow__drift_summary *summary);

/* Engine blocks (block_effect.c) */

/* The schema before a step that contains an engine block for this engine. An engine block is SQL in
 * a revision file, written for one engine only. */
typedef struct furrow__block_effect {
    bool is_checked;          /* false if the step has no block for this engine, or if drift is
                                 ignored */
    furrow__drift_list drift; /* differences that were accepted before the step */
    furrow__catalog live;
} furrow__block_effect;

bool furrow__step_has_block(const furrow__migrator *m, const furrow__revision_step *step);
/* Reads the schema before the step, in the step's transaction. */
furrow_status furrow__block_effect_note(furrow__block_effect *out, furrow__migrator *m,
                                        const furrow__revision_step *step, furrow_arena *arena,
                                        furrow_error *error);
/* Checks the schema after the step, in the step's transaction. Returns FURROW_SCHEMA if the schema
 * differs from the schema `after` of the step. The message then names the differences. *place is
 * set to the location of the statement, in an engine block, that most likely caused them. */
furrow_status furrow__block_effect_check(const furrow__block_effect *effect, furrow__migrator *m,
                                         const furrow__revision_step *step,
                                         furrow__file_location *place, furrow_error *error);

/* Preflight checks (check_rows.c) */

/* Runs all preflight checks of the plan against the database. Returns FURROW_INVALID if existing
 * rows prevent the plan's changes. */
furrow_status furrow__check_rows(furrow__migrator *m, const furrow__plan *plan,
                                 furrow__step_report *report, furrow_error *error);

/* A step (step.c) */

/* A step in progress. */
typedef struct furrow__step_run {
    furrow__migrator *m;
    const furrow__revision_step *step;
    const furrow__plan *plan;
    furrow__step_report *report;
    furrow_error *error;
} furrow__step_run;

/* Reads furrow_revision again, after the schema lock was taken. Sets *row to the row of the
 * revision, or to NULL. Sets report->was_done if another process has run the step. */
furrow_status furrow__step_find_row(const furrow__step_run *run, furrow__revision_row **row,
                                    furrow_arena *arena);
/* Compares the live schema with the history, and runs the preflight checks. */
furrow_status furrow__step_check(const furrow__step_run *run);
/* Fails with FURROW_SCHEMA because the other direction of the revision was interrupted: its upgrade
 * if `down` is true, otherwise its downgrade. */
furrow_status furrow__step_fail_incomplete(const furrow__revision *revision, bool down,
                                           furrow_error *error);

/* No-transaction revisions (no_transaction.c) */

/* Runs a no-transaction revision and commits each statement separately. */
furrow_status furrow__step_run_without_transaction(const furrow__step_run *run);

#endif
