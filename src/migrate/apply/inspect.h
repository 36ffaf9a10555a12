/* SPDX-License-Identifier: MIT
 *
 * Reads a live database into a physical catalog. All I/O goes through the driver's vtable. The
 * statements read the engine's own catalog: sqlite_schema and pragma functions, or pg_catalog.
 */
#ifndef FURROW_MIGRATE_APPLY_INSPECT_H
#define FURROW_MIGRATE_APPLY_INSPECT_H

#include <furrow/driver.h>

#include "migrate/catalog/catalog.h"

/* Reads all tables with their columns, constraints and indexes, and the names of views, triggers
 * and other objects. System objects, temporary tables and furrow's own tables (furrow_revision,
 * furrow_drift, furrow_lock) are left out. On PostgreSQL, a table in the first schema of the search
 * path has NULL as its schema. SQLite has no schemas: table "b" of schema "a" is a table with the
 * name "a.b" there. Such a table is read as schema "a", name "b". If a transaction is open, it is
 * used. On failure, *out is an empty catalog. */
furrow_status furrow__inspect(furrow__catalog *out, furrow_connection *connection,
                              const furrow__dialect *dialect, furrow_arena *arena,
                              furrow_error *error);

#endif
