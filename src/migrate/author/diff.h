/* SPDX-License-Identifier: MIT
 *
 * What must change so that one logical catalog becomes another, in an order that works: names are
 * freed before they are taken, tables come before keys to them, constraints go before the columns
 * they are on. Applying the result to `from` gives a catalog with the fingerprint of `to`, but for
 * what models cannot express, which is kept (README.md).
 */
#ifndef FURROW_MIGRATE_AUTHOR_DIFF_H
#define FURROW_MIGRATE_AUTHOR_DIFF_H

#include "migrate/revision/change.h"

typedef struct furrow__diff_options {
    /* Follow `renamed_from` of `to`, and keep in `from` what models cannot say. False for the way
     * back and for proofs: everything is made exactly as in `to`. */
    bool to_is_models;
    /* The way back of a revision: renames that `from` has in `renamed_from` (of models, or because
     * it is what RENAME made) are undone as renames; each change that loses rows or values, or
     * cannot bring them back, says so above it; to run it over rows needs --allow-data-loss. A
     * column that comes back and may not be NULL is filled with zero, '' or the like. */
    bool is_downgrade;
} furrow__diff_options;

/* A table or column that went, and one of the same shape that came: asked about in the file. */
typedef struct furrow__likely_rename {
    furrow__table_name table; /* of columns: their table; else the old table */
    const char *from, *to;    /* columns; of tables both names */
    bool is_table;
} furrow__likely_rename;

typedef enum furrow__unused_hint_reason {
    FURROW__HINT_TAKEN = 1, /* another took the old name: `by` */
    FURROW__HINT_IN_USE,    /* what it names is there still, and stays */
    FURROW__HINT_UNKNOWN,   /* there is none of that name */
} furrow__unused_hint_reason;

/* A `renamed_from` that cannot be followed, of something that is therefore made anew. */
typedef struct furrow__unused_hint {
    furrow__unused_hint_reason reason;
    furrow__table_name table;
    const char *column; /* NULL: the hint is the table's */
    const char *from, *by;
} furrow__unused_hint;

typedef struct furrow__diff {
    furrow__change_list changes;
    const furrow__likely_rename *likely;
    size_t likely_count;
    /* Names that go round in a circle by `renamed_from`, as in a swap: before and behind look the
     * same, so that these were not followed. */
    const furrow__likely_rename *cycles;
    size_t cycle_count;
    const furrow__unused_hint *unused_hints; /* with to_is_models; none where `from` is empty */
    size_t unused_hint_count;
} furrow__diff;

furrow_status furrow__diff_catalogs(furrow__diff *out, const furrow__catalog *from,
                                    const furrow__catalog *to, furrow__diff_options options,
                                    furrow_arena *arena, furrow_error *error);

/* Comments above changes that rows may stop, or that only a person can finish: types that need a
 * USING, values that an enum loses, columns that rows have no value for. A line that begins with
 * "TODO: " is above each that cannot run as it is. */
furrow_status furrow__diff_remark(furrow__change_list *changes, const furrow__catalog *before,
                                  bool is_downgrade, furrow_arena *arena, furrow_error *error);

#endif
