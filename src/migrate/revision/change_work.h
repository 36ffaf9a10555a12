/* SPDX-License-Identifier: MIT
 *
 * The state while a change is applied to a catalog, shared by the files that apply changes. A
 * change works on drafts, which are copies of the tables that it changes. At the end, the drafts
 * replace the tables (change.c). After the first failure, all functions do nothing.
 */
#ifndef FURROW_MIGRATE_REVISION_CHANGE_WORK_H
#define FURROW_MIGRATE_REVISION_CHANGE_WORK_H

#include "migrate/revision/change_parts.h"

/* A table while it is being changed: a copy of a table of the catalog, or a new table. */
typedef struct furrow__draft {
    furrow__catalog_table *of; /* the table that the draft replaces; NULL for a new table */
    furrow__catalog_table table;
    struct furrow__draft *next;
} furrow__draft;

typedef struct furrow__work {
    furrow__catalog *catalog;
    const furrow__change *change;
    furrow_arena scratch; /* memory for expressions while the change is applied */
    furrow_error *error;
    furrow_status status; /* status of the first failure */
    furrow__draft *drafts;
    furrow__name_filter *names; /* the name filter of the catalog; NULL if it has none */
} furrow__work;

void furrow__work_fail(furrow__work *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Adds the new names of an applied change to the name filter of the catalog. */
void furrow__work_keep_names(furrow__work *w);
/* Adds a hint to the failure, unless the failure already has one. */
void furrow__work_hint(furrow__work *w, const char *text);
void furrow__work_no_memory(furrow__work *w);

/* Returns the draft of a table, or the table itself if it has no draft. */
const furrow__catalog_table *furrow__work_seen(const furrow__work *w,
                                               const furrow__catalog_table *table);
/* These functions return NULL on failure. */
furrow__catalog_table *furrow__work_draft(furrow__work *w, furrow__catalog_table *table);
furrow__catalog_table *furrow__work_find_table(furrow__work *w, furrow__table_name name);
/* Returns a draft of the table that the change names. */
furrow__catalog_table *furrow__work_own_draft(furrow__work *w);
furrow__catalog_column *furrow__work_find_column(furrow__work *w, furrow__catalog_table *table,
                                                 const char *name);
/* Fails if a table, index, primary key or unique constraint of the schema has this name. Returns
 * false on failure. */
bool furrow__work_name_is_free(furrow__work *w, const char *schema, const char *name);
bool furrow__work_column_is_free(furrow__work *w, const furrow__catalog_table *table,
                                 const char *name);

const furrow__expression_scope *furrow__work_scope(furrow__work *w,
                                                   const furrow__catalog_table *table);
/* Returns the canonical text of an expression, in the catalog's arena. Messages use `kind` and
 * `name` to describe the part that contains the expression. */
const char *furrow__work_canonical(furrow__work *w, const furrow__expression_source *source,
                                   const char *kind, const char *name);
const furrow__expression *
furrow__work_parse(furrow__work *w, const furrow__expression_source *source, const char *what);
/* Checks a value that is written to source->column. */
void furrow__work_check_value(furrow__work *w, const furrow__expression_source *source);

void furrow__work_add_column(furrow__work *w, furrow__catalog_table *table,
                             const furrow__catalog_column *column);
/* Fails if the database cannot assign values to the column. */
void furrow__work_check_identity(furrow__work *w, const furrow__catalog_table *table,
                                 const furrow__catalog_column *column);
/* Applies a change of a column: add, drop, rename, alter. */
void furrow__work_on_column(furrow__work *w);

void furrow__work_add_constraint(furrow__work *w, furrow__catalog_table *table,
                                 const furrow__catalog_constraint *c);
/* Fails if a foreign key of `table` refers to columns that are not a key of the other table. */
void furrow__work_check_target(furrow__work *w, const furrow__catalog_table *table,
                               const furrow__catalog_constraint *c);
/* These two functions apply a change of a constraint, and a change of an index. */
void furrow__work_on_constraint(furrow__work *w);
void furrow__work_on_index(furrow__work *w);

#endif
