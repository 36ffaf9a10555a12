/* SPDX-License-Identifier: MIT
 * The guard around a step that runs with foreign keys off: see migrate/apply/dialect.h. */
#ifndef FURROW_DIALECT_SQLITE_GUARD_H
#define FURROW_DIALECT_SQLITE_GUARD_H

#include "migrate/apply/dialect.h"

furrow_status furrow__sqlite_guard_begin(furrow__step_guard **out, furrow_connection *connection,
                                         const furrow__plan *plan, furrow_arena *arena,
                                         furrow_error *error);
furrow_status furrow__sqlite_guard_note(furrow__step_guard *guard, furrow_error *error);
/* FURROW_FOREIGN_KEY: rows violate a foreign key that they did not violate before. FURROW_SCHEMA: a
 * view or trigger that compiled before no longer compiles. The message names it. */
furrow_status furrow__sqlite_guard_verify(furrow__step_guard *guard, furrow_error *error);
void furrow__sqlite_guard_end(furrow__step_guard *guard);

/* Read and change a setting of the connection: a PRAGMA that is on or off. Changing it fails if the
 * setting does not read back as it was set. */
furrow_status furrow__sqlite_read_setting(furrow_connection *connection, const char *name,
                                          bool *out, furrow_error *error);
furrow_status furrow__sqlite_set(furrow_connection *connection, const char *name, bool value,
                                 furrow_error *error);

#endif
