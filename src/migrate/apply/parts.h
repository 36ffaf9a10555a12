/* SPDX-License-Identifier: MIT
 * What the files of applying share: connections and the lock (migrator.c), the table
 * furrow_revision (revision_table.c), running a step (step.c, no_transaction.c). */
#ifndef FURROW_MIGRATE_APPLY_PARTS_H
#define FURROW_MIGRATE_APPLY_PARTS_H

#include "migrate/apply/migrator.h"
#include "migrate/apply/query.h"
#include "migrate/apply/drift.h"

struct furrow__migrator {
    const furrow_driver *driver;
    const furrow__dialect *dialect;
    furrow__migrator_options options; /* its url is the migrator's own copy */
    furrow_connection *connection;
    bool is_borrowed;          /* the connection is */
    furrow_connection *locker; /* PostgreSQL: holds the advisory lock */
    bool has_work_key;         /* `connection` has a lock of its own: see migrator.c */
    bool began_wal;            /* SQLite: the file had a rollback journal before */
    furrow__engine_facts facts;
};

static inline bool furrow__migrator_is_sqlite(const furrow__migrator *m)
{
    return m->dialect == &furrow__dialect_sqlite;
}

/* ---- migrator.c ---- */

/* PostgreSQL: a statement over `table` (or whatever it names: NULL) waited for a lock longer than
 * it may; *error says who has it, as far as the server tells. */
void furrow__apply_name_blocker(furrow__migrator *m, furrow__table_name table, furrow_error *error);
/* PostgreSQL: wait for locks without limit, or within it again. */
furrow_status furrow__apply_wait_for_ever(furrow__migrator *m, bool for_ever, furrow_error *error);
/* Connect anew where the connection must not be used again. */
furrow_status furrow__migrator_renew(furrow__migrator *m, furrow_error *error);

/* ---- revision_table.c ---- */

/* A row of furrow_revision. */
typedef struct furrow__revision_row {
    const char *id, *hash;
    bool is_whole;
    int64_t steps_done; /* of one that is not whole: n >= 0 statements of its upgrade, or -1 - n of
                           its downgrade */
} furrow__revision_row;

/* All rows; none where there is no table. */
furrow_status furrow__revision_rows_read(furrow__migrator *m, furrow__revision_row **out,
                                         size_t *count, furrow_arena *arena, furrow_error *error);
furrow__revision_row *furrow__revision_rows_find(furrow__revision_row *rows, size_t count,
                                                 const char *id);
/* Rows of revisions that another squashes are its own: where the last of them is applied, the rows
 * become one, here and (`writes`) in the database, in the transaction at hand. FURROW_SCHEMA where
 * only some of them are. */
furrow_status furrow__revision_rows_settle(furrow__migrator *m, const furrow__history *history,
                                           furrow__revision_row *rows, size_t *count, bool writes,
                                           furrow_error *error);
/* FURROW_SCHEMA if the file is not the one that was applied. */
furrow_status furrow__revision_row_check(const furrow__revision_row *row,
                                         const furrow__revision *revision, furrow_error *error);
/* Do something in a transaction of its own, behind the lock of the schema; rolled back unless it
 * succeeds. */
typedef furrow_status furrow__migrator_work(furrow__migrator *m, void *context,
                                            furrow_error *error);
furrow_status furrow__migrator_transact(furrow__migrator *m, furrow__migrator_work *work,
                                        void *context, furrow_error *error);
/* Make the table, in the transaction at hand. */
furrow_status furrow__revision_table_create(furrow__migrator *m, furrow_error *error);
/* Write a revision's row, or write it anew. steps_done NULL: it is whole. */
furrow_status furrow__revision_row_write(furrow__migrator *m, const furrow__revision *revision,
                                         const char *fingerprint, const int64_t *steps_done,
                                         furrow_error *error);
furrow_status furrow__revision_row_delete(furrow__migrator *m, const char *id, furrow_error *error);

/* ---- accepted_drift.c ---- */

/* Behind a revision, in its transaction: what was accepted of the schema before is so of this one.
 */
furrow_status furrow__drift_renew_accepted(furrow__migrator *m, const furrow__catalog *expected,
                                           furrow_error *error);

/* ---- block_effect.c ---- */

/* The schema before a step that has an engine block for this engine; else nothing. */
typedef struct furrow__block_effect {
    bool looks;
    furrow__drift_list drift; /* accepted */
    furrow__catalog live;
} furrow__block_effect;

/* In the transaction at hand. */
furrow_status furrow__block_effect_note(furrow__block_effect *out, furrow__migrator *m,
                                        const furrow__revision_step *step, furrow_arena *arena,
                                        furrow_error *error);
bool furrow__step_has_block(const furrow__migrator *m, const furrow__revision_step *step);
/* FURROW_SCHEMA, naming what differs from the step's `after`, and *place: of the block. */
furrow_status furrow__block_effect_check(const furrow__block_effect *note, furrow__migrator *m,
                                         const furrow__revision_step *step,
                                         furrow__file_location *place, furrow_error *error);

/* ---- step.c ---- */

/* In the transaction at hand: drift and preflight. */
furrow_status furrow__step_check(furrow__migrator *m, const furrow__revision_step *step,
                                 const furrow__plan *plan, furrow__step_report *report,
                                 furrow_error *error);
furrow_status furrow__step_run_action(furrow__migrator *m, const furrow__action *action,
                                      furrow__step_report *report, furrow_error *error);
/* What is known of the step behind the lock; *row is the revision's, or NULL. *done: somebody was
 * faster. */
furrow_status furrow__step_find_row(furrow__migrator *m, const furrow__revision_step *step,
                                    furrow__revision_row **row, bool *done, furrow_arena *arena,
                                    furrow_error *error);

/* Fails with FURROW_SCHEMA for a revision that is incomplete in the direction opposite to `down`.
 */
furrow_status furrow__step_fail_incomplete(const furrow__revision *revision, bool down,
                                           furrow_error *error);

/* ---- no_transaction.c: a no-transaction revision on PostgreSQL ---- */

furrow_status furrow__step_run_without_transaction(furrow__migrator *m,
                                                   const furrow__revision_step *step,
                                                   const furrow__plan *plan,
                                                   furrow__step_report *report,
                                                   furrow_error *error);

#endif
