/* SPDX-License-Identifier: MIT
 *
 * A live database as a physical catalog, and how it differs from what the history made. All I/O
 * goes through the driver's vtable; the text that is asked is SQL over each engine's own catalog
 * (sqlite_schema, pragma functions; pg_catalog).
 */
#ifndef FURROW_MIGRATE_APPLY_INSPECT_H
#define FURROW_MIGRATE_APPLY_INSPECT_H

#include <furrow/driver.h>

#include "migrate/catalog/catalog.h"

/* Read everything that is not the engine's own: tables with columns, constraints and indexes;
 * views, triggers and the rest by name. PostgreSQL: all schemas but pg_* and information_schema;
 * "public" (more exactly, the first of the search path) is NULL. SQLite: "a.b" is schema "a", name
 * "b", as furrow__sql_table writes it. furrow_revision, furrow_drift and furrow_lock are left out.
 * Temporary tables are no tables. Runs in the connection's transaction, if there is one. */
furrow_status furrow__inspect(furrow__catalog *out, furrow_connection *connection,
                              const furrow__dialect *dialect, furrow_arena *arena,
                              furrow_error *error);

#endif
