/* SPDX-License-Identifier: MIT
 * One transaction that uses every function, and the contents of the database before and after it. A
 * fault anywhere in it must leave one or the other. */
#ifndef FAULTS_WORKLOAD_H
#define FAULTS_WORKLOAD_H

#include <furrow/furrow.h>

/* Creates the tables again and inserts some rows. Returns false after a message on stderr. */
bool workload_reset(const char *url);

/* Opens an engine, does everything in one transaction and closes the engine. Returns the status of
 * the first failure, with *error filled. */
furrow_status workload_run(const char *url, furrow_error *error);

/* Returns all rows as text, which the caller frees; NULL after a message on stderr. */
char *workload_dump(const char *url);
char *workload_dump_of(furrow_engine *engine);

/* Removes a SQLite database and its other files. */
void workload_remove(const char *path);

#endif
