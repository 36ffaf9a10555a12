/* SPDX-License-Identifier: MIT
 *
 * A change at work on a catalog: what the files that apply changes share. A change works on drafts
 * of the tables that it touches, which replace them at the end (change.c). After the first failure
 * everything does nothing.
 */
#ifndef FURROW_MIGRATE_REVISION_CHANGE_WORK_H
#define FURROW_MIGRATE_REVISION_CHANGE_WORK_H

#include "migrate/revision/change_parts.h"

/* A table that is being changed. */
typedef struct furrow__draft {
    furrow__catalog_table *of; /* NULL: it is new */
    furrow__catalog_table table;
    struct furrow__draft *next;
} furrow__draft;

typedef struct furrow__work {
    furrow__catalog *catalog;
    const furrow__change *change;
    furrow_arena scratch; /* trees, models */
    furrow_error *error;
    furrow_status status; /* the first failure */
    furrow__draft *drafts;
    furrow__name_filter *names; /* the catalog's, or NULL */
} furrow__work;

/* ---- change_work.c ---- */

void furrow__work_fail(furrow__work *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The change is applied: what it named is in the catalog's filter. */
void furrow__work_keep_names(furrow__work *w);
/* What to do about the failure, unless that is said already. */
void furrow__work_mend(furrow__work *w, const char *text);
void furrow__work_no_memory(furrow__work *w);

/* The table as the change leaves it. */
const furrow__catalog_table *furrow__work_seen(const furrow__work *w,
                                               const furrow__catalog_table *table);
/* These are NULL on failure. */
furrow__catalog_table *furrow__work_draft(furrow__work *w, furrow__catalog_table *table);
furrow__catalog_table *furrow__work_find_table(furrow__work *w, furrow__table_name name);
/* The draft of the table that the change is about. */
furrow__catalog_table *furrow__work_own_draft(furrow__work *w);
furrow__catalog_column *furrow__work_find_column(furrow__work *w, furrow__catalog_table *table,
                                                 const char *name);
/* Fails where a table, index, primary key or unique constraint of the schema has the name. */
bool furrow__work_name_is_free(furrow__work *w, const char *schema, const char *name);
bool furrow__work_column_is_free(furrow__work *w, const furrow__catalog_table *table,
                                 const char *name);

const furrow__expression_scope *furrow__work_scope(furrow__work *w,
                                                   const furrow__catalog_table *table);
/* The canonical text of an expression, in the catalog's arena. `kind` and `name` say in messages
 * what it belongs to. */
const char *furrow__work_canonical(furrow__work *w, const furrow__expression_source *source,
                                   const char *kind, const char *name);
const furrow__expression *
furrow__work_parse(furrow__work *w, const furrow__expression_source *source, const char *what);
/* Checks a value that is written to source->column. */
void furrow__work_check_value(furrow__work *w, const furrow__expression_source *source);

/* ---- change_columns.c ---- */

void furrow__work_add_column(furrow__work *w, furrow__catalog_table *table,
                             const furrow__catalog_column *column);
/* Fails where the database cannot assign the column. */
void furrow__work_check_identity(furrow__work *w, const furrow__catalog_table *table,
                                 const furrow__catalog_column *column);
/* A change of a column: add, drop, rename, alter. */
void furrow__work_on_column(furrow__work *w);

/* ---- change_keys.c ---- */

void furrow__work_add_constraint(furrow__work *w, furrow__catalog_table *table,
                                 const furrow__catalog_constraint *c);
/* Fails where a foreign key of `table` cannot refer to what it refers to. */
void furrow__work_check_target(furrow__work *w, const furrow__catalog_table *table,
                               const furrow__catalog_constraint *c);
/* A change of a constraint, or of an index. */
void furrow__work_on_constraint(furrow__work *w);
void furrow__work_on_index(furrow__work *w);

#endif
