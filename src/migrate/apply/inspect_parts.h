/* SPDX-License-Identifier: MIT
 * What the files that look at a live database share. */
#ifndef FURROW_MIGRATE_APPLY_INSPECT_PARTS_H
#define FURROW_MIGRATE_APPLY_INSPECT_PARTS_H

#include "migrate/apply/inspect.h"

/* Whether a table is migrate's own: furrow_revision, furrow_lock, furrow_drift. */
bool furrow__inspect_is_own(const char *table);

/* Fill an empty catalog. (inspect_sqlite.c, inspect_postgresql.c) */
furrow_status furrow__inspect_sqlite(furrow__catalog *out, furrow_connection *connection,
                                     furrow_error *error);
/* `schema`: this one alone, whose name is then left out (a drift's temporary tables); or NULL. */
furrow_status furrow__inspect_postgresql(furrow__catalog *out, furrow_connection *connection,
                                         const char *schema, furrow_error *error);

#endif
