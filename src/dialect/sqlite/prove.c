/* SPDX-License-Identifier: MIT
 * Implements furrow__prove_engine for SQLite. */
#include "migrate/prove/engine.h"

/* Returns a name of the table's rowid: rowid, _rowid_ or oid. A name that is also the name of a
 * column cannot be used, because it then refers to that column. Returns NULL if no name is left. */
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
