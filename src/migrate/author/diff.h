/* SPDX-License-Identifier: MIT
 *
 * Computes what must change so that one logical catalog becomes another, in an order that works:
 * names are freed before they are used again, tables are created before foreign keys that refer to
 * them, and constraints are dropped before their columns. Applying the result to `from` gives a
 * catalog with the same fingerprint as `to`. Parts that models cannot express are an exception:
 * they are left unchanged (see README.md).
 */
#ifndef FURROW_MIGRATE_AUTHOR_DIFF_H
#define FURROW_MIGRATE_AUTHOR_DIFF_H

#include "migrate/revision/change.h"

typedef struct furrow__diff_options {
    /* Whether `to` comes from models. If so, its `renamed_from` hints are followed, and parts that
     * models cannot express are kept. If not, every part becomes exactly as in `to`. Downgrades and
     * proofs require this. */
    bool to_is_models;
    /* Whether the changes are the downgrade of a revision. If so, the `renamed_from` hints of
     * `from` are followed backwards. A change that loses rows or values, or cannot restore them,
     * gets a comment that says so. If the table has rows, such a change needs --allow-data-loss. A
     * restored NOT NULL column is filled with zero, '' or a similar value. */
    bool is_downgrade;
} furrow__diff_options;

typedef struct furrow__diff_request {
    const furrow__catalog *from, *to;
    furrow__diff_options options;
} furrow__diff_request;

/* A dropped table and a new table with the same columns, or a dropped column and a new column with
 * the same type. The old one may have been renamed to the new one, so a comment in the revision
 * file asks a person to decide. */
typedef struct furrow__likely_rename {
    furrow__table_name table; /* for a column: the table of the column; for a table: its old name */
    const char *from, *to;    /* the old and the new name */
    bool is_table;
} furrow__likely_rename;

typedef enum furrow__unused_hint_reason {
    FURROW__HINT_TAKEN = 1, /* an earlier rename has changed the old name to `by` */
    FURROW__HINT_IN_USE,    /* the old name is still used by another table or column */
    FURROW__HINT_UNKNOWN,   /* no table or column has the old name */
} furrow__unused_hint_reason;

/* A `renamed_from` hint that cannot be followed. The table or column with the hint is created as a
 * new one. */
typedef struct furrow__unused_hint {
    furrow__unused_hint_reason reason;
    furrow__table_name table;
    const char *column; /* NULL if the hint belongs to the table */
    const char *from, *by;
} furrow__unused_hint;

typedef struct furrow__diff {
    furrow__change_list changes;
    const furrow__likely_rename *likely;
    size_t likely_count;
    /* Renames that form a cycle, such as a swap of two names. They were not followed, because the
     * old and the new schema contain the same names. */
    const furrow__likely_rename *cycles;
    size_t cycle_count;
    const furrow__unused_hint
        *unused_hints; /* the hints that were not followed; set only if `to_is_models` is true;
                          empty if the catalog `from` is empty */
    size_t unused_hint_count;
} furrow__diff;

furrow_status furrow__diff_catalogs(furrow__diff *out, const furrow__diff_request *request,
                                    furrow_arena *arena, furrow_error *error);

/* Adds comments above changes that can fail because of existing rows, or that a person must
 * complete. These are type changes that need USING, enum values that are removed, and new columns
 * without a value for existing rows. If the change cannot run without being edited, the comment
 * begins with "TODO: ". */
furrow_status furrow__diff_remark(furrow__change_list *changes, const furrow__catalog *before,
                                  bool is_downgrade, furrow_arena *arena, furrow_error *error);

#endif
