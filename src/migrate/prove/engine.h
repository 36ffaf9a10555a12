/* SPDX-License-Identifier: MIT
 *
 * The functions and facts that an engine provides for seeding and proving. Each engine has one
 * constant table of them, in src/dialect/<engine>/prove.c. If an entry can be NULL, its comment
 * says what NULL means.
 */
#ifndef FURROW_MIGRATE_PROVE_ENGINE_H
#define FURROW_MIGRATE_PROVE_ENGINE_H

#include <furrow/driver.h>

#include "migrate/catalog/catalog.h"
#include "sql/dialect.h"

typedef struct furrow__prove_engine {
    const furrow__dialect *dialect;
    /* Returns the hidden column that identifies a row of the table until the row is updated.
     * Returns NULL if the table has no such column. */
    const char *(*row_id)(const furrow__catalog_table *table);
    /* `check_keys_now` is a statement that checks deferred foreign keys immediately; `defer_keys`
     * defers the checks again. Both are NULL if the engine can check deferred foreign keys only at
     * commit. */
    const char *check_keys_now, *defer_keys;
    /* Writes a statement that makes the engine assign keys greater than `last` to the column. The
     * entry is NULL if the engine always assigns keys greater than those in the table. */
    void (*write_sequence)(furrow__buffer *sql, const furrow__catalog_table *table,
                           const char *column, int64_t last);
} furrow__prove_engine;

extern const furrow__prove_engine furrow__sqlite_prove, furrow__postgresql_prove;

const furrow__prove_engine *furrow__prove_engine_of(const furrow__dialect *dialect);

/* Writes SQL for the id of a row as text. `alias` is the table's alias in the statement; NULL means
 * no alias. */
void furrow__write_row_id(furrow__buffer *sql, const furrow__dialect *dialect,
                          const furrow__catalog_table *table, const char *alias);

#endif
