/* SPDX-License-Identifier: MIT
 *
 * Computes what must change so that one logical catalog becomes another, in an order that works:
 * names are freed before they are used again, tables are created before foreign keys that refer to
 * them, and constraints are dropped before their columns. Applying the result to `from` gives a
 * catalog with the same fingerprint as `to`, except for parts that models cannot express; these
 * parts are left unchanged (see README.md).
 */
#ifndef FURROW_MIGRATE_AUTHOR_DIFF_H
#define FURROW_MIGRATE_AUTHOR_DIFF_H

#include "migrate/revision/change.h"

typedef struct furrow__diff_options {
    /* Whether `to` comes from models. If so, its `renamed_from` hints are followed, and parts that
     * models cannot express are kept. If not, every part becomes exactly as in `to`, as downgrades
     * and proofs require. */
    bool to_is_models;
    /* Whether the changes are the downgrade of a revision. If so, the `renamed_from` hints of
     * `from` are followed backwards. A change that loses rows or values, or that cannot restore
     * them, gets a comment that says so, and needs --allow-data-loss when the table has rows. A
     * restored NOT NULL column is filled with zero, '' or a similar value. */
    bool is_downgrade;
} furrow__diff_options;

typedef struct furrow__diff_request {
    const furrow__catalog *from, *to;
    furrow__diff_options options;
} furrow__diff_request;

/* A dropped table or column and a new one of the same type. This may be a rename, so a comment in
 * the revision file asks a person to decide. */
typedef struct furrow__likely_rename {
    furrow__table_name table; /* the table of the column; if a table may be renamed, its old name */
    const char *from, *to;    /* the old and the new name */
    bool is_table;
} furrow__likely_rename;

typedef enum furrow__unused_hint_reason {
    FURROW__HINT_TAKEN = 1, /* `by` has already been renamed from the old name */
    FURROW__HINT_IN_USE,    /* the old name is still used by another table or column */
    FURROW__HINT_UNKNOWN,   /* no table or column has the old name */
} furrow__unused_hint_reason;

/* A `renamed_from` hint that cannot be followed, so that the table or column is created as new. */
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
     * names are the same before and after the renames. */
    const furrow__likely_rename *cycles;
    size_t cycle_count;
    const furrow__unused_hint
        *unused_hints; /* filled in only if to_is_models is set; empty if `from` is empty */
    size_t unused_hint_count;
} furrow__diff;

furrow_status furrow__diff_catalogs(furrow__diff *out, const furrow__diff_request *request,
                                    furrow_arena *arena, furrow_error *error);

/* Adds comments above changes that can fail on existing rows or that a person must complete: type
 * changes that need USING, enum values that are removed, and new columns without a value for
 * existing rows. The comment begins with "TODO: " if the change cannot run without being edited. */
furrow_status furrow__diff_remark(furrow__change_list *changes, const furrow__catalog *before,
                                  bool is_downgrade, furrow_arena *arena, furrow_error *error);

#endif
