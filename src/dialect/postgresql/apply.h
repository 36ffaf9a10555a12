/* SPDX-License-Identifier: MIT
 * Declares the functions of furrow__postgresql_apply that are defined in separate files. See
 * migrate/apply/dialect.h.
 */
#ifndef FURROW_DIALECT_POSTGRESQL_APPLY_H
#define FURROW_DIALECT_POSTGRESQL_APPLY_H

#include "migrate/apply/dialect.h"

/* Defined in inspect.c */

/* If `schema` is not NULL, reads only the temporary tables in this schema, as if the schema were
 * the first of the search path. If `schema` is NULL, reads all schemas, but no temporary tables. */
furrow_status furrow__postgresql_inspect(furrow__catalog *out, furrow_connection *connection,
                                         const char *schema, furrow_error *error);

/* Defined in render.c */

furrow_status furrow__postgresql_render(furrow__catalog *expected, furrow_connection *connection,
                                        furrow_error *error);

/* Defined in migration_lock.c */

furrow_status furrow__postgresql_lock(furrow__migrator *m, furrow_error *error);
void furrow__postgresql_unlock(furrow__migrator *m);
furrow_status furrow__postgresql_begin(furrow__migrator *m, furrow_error *error);
void furrow__postgresql_explain_lock_wait(furrow__migrator *m, furrow__table_name table,
                                          furrow_error *error);

/* Defined in concurrent_index.c */

bool furrow__postgresql_runs_alone(const char *sql);
furrow_status furrow__postgresql_run_alone(furrow__migrator *m, const furrow__action *action,
                                           bool may_have_run, furrow__step_report *report,
                                           furrow_error *error);

#endif
