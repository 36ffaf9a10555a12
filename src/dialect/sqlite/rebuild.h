/* SPDX-License-Identifier: MIT
 *
 * Rebuilds a table, for changes that SQLite's ALTER TABLE cannot make. The steps are in rebuild.c,
 * the definition of the new table in rebuild_table.c, and the copying of the rows in
 * rebuild_rows.c.
 */
#ifndef FURROW_DIALECT_SQLITE_REBUILD_H
#define FURROW_DIALECT_SQLITE_REBUILD_H

#include "migrate/apply/dialect.h"

/* The name of the new table begins with this prefix while both tables exist. */
#define FURROW__REBUILD_PREFIX "furrow_rebuild_"

/* A row of sqlite_stat1: what ANALYZE recorded about an index or a table. */
typedef struct furrow__rebuild_statistic {
    const char *index; /* the name of the index; NULL for the table itself */
    const char *value;
} furrow__rebuild_statistic;

/* A rebuild that is running. */
typedef struct furrow__rebuild {
    furrow_connection *connection;
    const furrow__action *action;
    const furrow__migrator_options *options;
    furrow_arena *arena;
    furrow_error *error;

    const char *name;     /* the name of the table as one SQLite identifier; for a table with a
                             schema, "a.b" */
    const char *new_name; /* the name of the new table until it replaces the old table */
    furrow__catalog catalog;
    furrow__catalog_table *live; /* the old table */
    furrow__catalog_table *made; /* the new table */

    const char *rowid;     /* a name of the rowid in the old table; NULL if the table is WITHOUT
                              ROWID */
    const char *new_rowid; /* a name of the rowid in the new table; NULL if the rowid is not copied,
                              because the table has no rowid or because an INTEGER PRIMARY KEY
                              column contains it */
    int64_t row_count;     /* number of rows of the old table */
    int64_t object_count;  /* number of tables, indexes, views and triggers in the whole schema */
    int64_t sequence;      /* the table's entry in sqlite_sequence, for AUTOINCREMENT; 0 means no
                              entry */

    const char **indexes, **triggers; /* the CREATE statements to run after the copy */
    size_t index_count, trigger_count;
    furrow__rebuild_statistic *statistics;
    size_t statistic_count;

    int64_t began_ms;    /* time at which the rebuild began */
    int64_t reported_ms; /* time of the last call to options->progress */
} furrow__rebuild;

/* Rebuilds one table, in the open transaction, with foreign keys off. */
furrow_status furrow__rebuild_run(furrow_connection *connection, const furrow__action *action,
                                  const furrow__migrator_options *options,
                                  furrow__step_report *report, furrow_error *error);
furrow_status furrow__rebuild_create_table(furrow__rebuild *r, const char *name);
furrow_status furrow__rebuild_no_memory(furrow__rebuild *r);

/* Defined in rebuild_table.c, which does no I/O */

/* Makes the definition of the new table: the live table, with the differences between
 * action->before and action->after. Parts that do not change keep their `source`. *out is NULL on
 * failure. */
furrow_status furrow__rebuild_merge(furrow__catalog *catalog, furrow__catalog_table **out,
                                    const furrow__catalog_table *live, const furrow__action *action,
                                    furrow_error *error);
/* Returns the first column that occurs in `text` and that the rebuild drops or renames. Returns
 * NULL if there is none. */
const char *furrow__rebuild_lost_column(const furrow__action *action, const char *text);

/* Defined in rebuild_rows.c */

/* Decides which name of the rowid is used in each of the two tables. Returns FURROW_SCHEMA if the
 * rowids cannot be kept. */
furrow_status furrow__rebuild_plan_rowid(furrow__rebuild *r);
furrow_status furrow__rebuild_count_rows(furrow__rebuild *r, const char *table, int64_t *out);
/* Copies all rows to the table `new_name`, and checks the number of rows. */
furrow_status furrow__rebuild_copy_rows(furrow__rebuild *r, uint64_t *moved);
/* Copies the rows of the table `new_name` to a table with the same definition and the final name.
 */
furrow_status furrow__rebuild_copy_back(furrow__rebuild *r);
/* Calls options->progress if enough time has passed since the last call, or if `last` is true. */
void furrow__rebuild_report(furrow__rebuild *r, uint64_t done, bool last);

#endif
