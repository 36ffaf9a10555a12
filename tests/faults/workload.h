/* SPDX-License-Identifier: MIT
 * One transaction that uses every verb, and what the database holds before and behind it: a fault
 * anywhere in it must leave one or the other. */
#ifndef FAULTS_WORKLOAD_H
#define FAULTS_WORKLOAD_H

#include <furrow/furrow.h>

/* Drop and create the tables and put some rows into them. False with a message on stderr. */
bool workload_reset(const char *url);

/* Open an engine, do everything in one transaction, close the engine. Returns the first failure's
 * status, with what it was in *error. */
furrow_status workload_run(const char *url, furrow_error *error);

/* All rows as text, to be freed; NULL with a message on stderr. */
char *workload_dump(const char *url);
char *workload_dump_of(furrow_engine *engine);

/* Remove a SQLite database and what lies beside it. */
void workload_remove(const char *path);

#endif
