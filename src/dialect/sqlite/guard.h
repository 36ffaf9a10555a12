/* SPDX-License-Identifier: MIT
 * Guards a step that runs with foreign keys off. See migrate/apply/dialect.h. */
#ifndef FURROW_DIALECT_SQLITE_GUARD_H
#define FURROW_DIALECT_SQLITE_GUARD_H

#include "migrate/apply/dialect.h"

furrow_status furrow__sqlite_guard_begin(furrow__step_guard **out, furrow_connection *connection,
                                         const furrow__plan *plan, furrow_arena *arena,
                                         furrow_error *error);
furrow_status furrow__sqlite_guard_note(furrow__step_guard *guard, furrow_error *error);
/* Returns FURROW_FOREIGN_KEY if rows violate a foreign key that they did not violate before.
 * Returns FURROW_SCHEMA if a view or trigger no longer compiles, although it compiled before. The
 * message names the table, view or trigger. */
furrow_status furrow__sqlite_guard_verify(furrow__step_guard *guard, furrow_error *error);
void furrow__sqlite_guard_end(furrow__step_guard *guard);

/* The next two functions read and change a setting of the connection, which is a PRAGMA that is on
 * or off. furrow__sqlite_set fails if the setting does not have the new value afterwards. */
furrow_status furrow__sqlite_read_setting(furrow_connection *connection, const char *name,
                                          bool *out, furrow_error *error);
furrow_status furrow__sqlite_set(furrow_connection *connection, const char *name, bool value,
                                 furrow_error *error);

#endif
