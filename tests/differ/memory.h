/* SPDX-License-Identifier: MIT
 *
 * Evaluates writes in memory. After a call that worked, its effect is applied to the expected rows,
 * and the rows and numbers that the call returned are compared with them. After a call that failed,
 * the expected rows are unchanged. */
#ifndef DIFFER_MEMORY_H
#define DIFFER_MEMORY_H

#include "differ.h"

/* Copies of the expected rows, for savepoints. */
memory *memory_new(const built *parent);
memory *memory_copy(const memory *m);
/* Replaces the expected rows by a copy. */
void memory_restore(memory *m, const memory *copy);

/* Returns the row with the same key, or NULL. */
char *table_find(table *t, const char *row);

/* `given` is the row before the call, `stored` the same row after it. */
void apply_insert(runner *r, const char *given, const char *stored);
void apply_upsert(runner *r, const step *s, const char *given, const char *stored);
void apply_update(runner *r, const step *s, const char *given, const char *stored);
/* Replaces values that are the key of some parent. */
void choose_parents(runner *r, step *s);
/* Complains if a write failed and no row gives a reason for its status. `are_new` is
 * true for an insert. */
void expect_refusal(runner *r, furrow_status status, char (*rows)[ROW_SIZE], size_t count,
                    bool are_new);
/* Makes the row that an insert of `given` must store. */
void fill(const built *b, char *expected, const char *given, const char *stored);
/* Makes the row that an update must store, except for its version and times. Returns false if the
 * row does not exist. */
bool merge(runner *r, const step *s, const char *given, char *out);
/* Complains about FURROW_FOREIGN_KEY if no row to be deleted has a child. */
void expect_children(runner *r, furrow_status status, const query *q, const char *row);
void apply_delete(runner *r, const char *row);
void apply_update_where(runner *r, const step *s, uint64_t changed);
void apply_delete_where(runner *r, const step *s, uint64_t changed);

#endif
