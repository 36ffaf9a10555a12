/* SPDX-License-Identifier: MIT
 * A live database as a catalog, on any engine: see inspect.h. */
#include "migrate/apply/inspect.h"

#include <string.h>

#include "base/text.h"
#include "migrate/apply/inspect_parts.h"

bool furrow__inspect_is_own(const char *table)
{
    return strcmp(table, "furrow_revision") == 0 || strcmp(table, "furrow_lock") == 0 ||
           strcmp(table, "furrow_drift") == 0;
}

furrow_status furrow__inspect(furrow__catalog *out, furrow_connection *connection,
                              const furrow__dialect *dialect, furrow_arena *arena,
                              furrow_error *error)
{
    furrow__catalog_init(out, dialect, arena);
    furrow_status status = dialect == &furrow__dialect_sqlite
                               ? furrow__inspect_sqlite(out, connection, error)
                               : furrow__inspect_postgresql(out, connection, NULL, error);
    if (status != FURROW_OK)
        furrow__catalog_init(out, dialect, arena);
    return status;
}
