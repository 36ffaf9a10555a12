/* SPDX-License-Identifier: MIT
 * What seeding and proving need from SQLite. */
#include "migrate/prove/engine.h"

/* A column can have the name of the rowid, which then has its other names only. */
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
