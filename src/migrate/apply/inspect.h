/* SPDX-License-Identifier: MIT
 *
 * Reads a live database into a physical catalog. All I/O goes through the driver's vtable; the
 * statements read the engine's own catalog (sqlite_schema and pragma functions, pg_catalog).
 */
#ifndef FURROW_MIGRATE_APPLY_INSPECT_H
#define FURROW_MIGRATE_APPLY_INSPECT_H

#include <furrow/driver.h>

#include "migrate/catalog/catalog.h"

/* Reads all tables with their columns, constraints and indexes, and the names of views, triggers
 * and other objects. System objects, temporary tables and furrow's own tables (furrow_revision,
 * furrow_drift, furrow_lock) are left out. On PostgreSQL, a table in the first schema of the search
 * path has NULL as its schema. SQLite has no schemas, so furrow creates a table of schema "a" there
 * with the name "a.b"; such a table is read as schema "a", name "b". Uses the open transaction, if
 * there is one. On failure *out is an empty catalog. */
furrow_status furrow__inspect(furrow__catalog *out, furrow_connection *connection,
                              const furrow__dialect *dialect, furrow_arena *arena,
                              furrow_error *error);

#endif
