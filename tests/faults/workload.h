/* SPDX-License-Identifier: MIT
 * A transaction that uses every function of the library, and the contents of the database before
 * and after the transaction. After a fault in the transaction, the database must have one of these
 * contents. */
#ifndef FAULTS_WORKLOAD_H
#define FAULTS_WORKLOAD_H

#include <furrow/furrow.h>

/* Recreates the tables and inserts some rows. On failure, prints a message to stderr and returns
 * false. */
bool workload_reset(const char *url);

/* If true, the transaction also uses rows that do not fit into SQLite's memory for the unread rows
 * of a stream, so SQLite needs a temporary file. */
extern bool workload_has_large_rows;

/* Opens an engine, runs the whole transaction, and closes the engine. Returns the status of the
 * first failure and stores its details in *error. */
furrow_status workload_run(const char *url, furrow_error *error);

/* Returns all rows as one string, which the caller frees. On failure, prints a message to stderr
 * and returns NULL. */
char *workload_dump(const char *url);
char *workload_dump_of(furrow_engine *engine);

/* Removes a SQLite database file, its write-ahead log and its journal. */
void workload_remove(const char *path);

#endif
