/* SPDX-License-Identifier: MIT
 *
 * What seeding and proving need from an engine. Each engine has one constant table, in
 * src/dialect/<engine>/prove.c. An entry that may be NULL says what its absence means.
 */
#ifndef FURROW_MIGRATE_PROVE_ENGINE_H
#define FURROW_MIGRATE_PROVE_ENGINE_H

#include <furrow/driver.h>

#include "migrate/catalog/catalog.h"
#include "sql/dialect.h"

typedef struct furrow__prove_engine {
    const furrow__dialect *dialect;
    /* Returns the hidden column that identifies a row of the table until the row is updated; NULL
     * if the table has none. */
    const char *(*row_id)(const furrow__catalog_table *table);
    /* Statements that check deferred foreign keys before the transaction ends, and that defer them
     * again. Both NULL: the engine checks them at commit only. */
    const char *check_keys_now, *defer_keys;
    /* Writes a statement after which the engine assigns keys greater than `last` to the column.
     * NULL: the engine always assigns keys greater than those in the table. */
    void (*write_sequence)(furrow__buffer *sql, const furrow__catalog_table *table,
                           const char *column, int64_t last);
} furrow__prove_engine;

extern const furrow__prove_engine furrow__sqlite_prove, furrow__postgresql_prove;

const furrow__prove_engine *furrow__prove_engine_of(const furrow__dialect *dialect);

/* Writes the id of a row as text. `alias` is the table's alias in the statement, or NULL. */
void furrow__write_row_id(furrow__buffer *sql, const furrow__dialect *dialect,
                          const furrow__catalog_table *table, const char *alias);

#endif
