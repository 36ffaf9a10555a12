/* SPDX-License-Identifier: MIT
 *
 * furrow: a data layer for C, over SQLite and PostgreSQL. This header includes the whole interface;
 * `furrow generate` writes the functions of each model in terms of it. To learn the interface, read
 * the headers in the order in which they are included here.
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
#include <furrow/raw.h>     /* furrow_exec, furrow_query: SQL as text */
#include <furrow/migrate.h> /* furrow_create_all, furrow_migrate: tables */
#include <furrow/value.h>   /* times, UUIDs, decimals and JSON as text */

#include <furrow/generated.h> /* for generated code */
#include <furrow/internal/renamed.h>

#endif
