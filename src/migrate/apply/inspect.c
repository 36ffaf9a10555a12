/* SPDX-License-Identifier: MIT
 * Reads a live database on any engine. See inspect.h. */
#include "migrate/apply/inspect.h"

#include "migrate/apply/dialect.h"

furrow_status furrow__inspect(furrow__catalog *out, furrow_connection *connection,
                              const furrow__dialect *dialect, furrow_arena *arena,
                              furrow_error *error)
{
    furrow__catalog_init(out, dialect, arena);
    furrow_status status = dialect->apply->inspect(out, connection, error);
    if (status != FURROW_OK)
        furrow__catalog_init(out, dialect, arena);
    return status;
}
