/* SPDX-License-Identifier: MIT
 * Gives seeding and proving the SQL that is specific to SQLite. */
#include "migrate/prove/engine.h"

/* Returns a name of the table's rowid. If a column has one of the names rowid, _rowid_ and oid,
 * this name does not mean the rowid, so another of the names is used. */
static const char *row_id(const furrow__catalog_table *table)
{
    static const char *const names[] = {"rowid", "_rowid_", "oid"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!furrow__catalog_column_named(table, names[i]))
            return names[i];
    return NULL;
}

const furrow__prove_engine furrow__sqlite_prove = {
    .dialect = &furrow__dialect_sqlite,
    .row_id = row_id,
};
