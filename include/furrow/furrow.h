/* SPDX-License-Identifier: MIT
 *
 * furrow: a data layer for C, over SQLite and PostgreSQL. This header includes all others except
 * driver.h. The functions that `furrow generate` writes for each model use only this interface. To
 * learn furrow, read the headers in the order in which they are included here.
 *
 * Names that end in an underscore are internal.
 */
#ifndef FURROW_H
#define FURROW_H

#include <furrow/version.h> /* FURROW_VERSION, furrow_version */
#include <furrow/error.h>   /* statuses, furrow_error */
#include <furrow/engine.h>  /* furrow_engine_open: a database and its connections */
#include <furrow/session.h> /* furrow_session_open: transactions and savepoints */
#include <furrow/query.h>   /* conditions, orders, assignments, relationships to load */
#include <furrow/raw.h>     /* furrow_exec, furrow_query: raw SQL */
#include <furrow/migrate.h> /* furrow_create_all, furrow_migrate: tables */
#include <furrow/value.h>   /* conversion of times, UUIDs, decimals and JSON to and from text */

#include <furrow/generated.h> /* functions that generated code calls */
#include <furrow/internal/renamed.h>

#endif
