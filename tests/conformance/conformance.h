/* SPDX-License-Identifier: MIT
 *
 * What every suite of this folder begins with: an engine on a database of its own, made for the one
 * program and removed after it. The program's argument chooses the engine: sqlite:/// for a file,
 * sqlite:// for memory, postgresql:// for the server that FURROW_TEST_POSTGRESQL names.
 */
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <furrow/furrow.h>

extern furrow_engine *engine; /* open during every test */
extern const char *database_url;
extern const char *folder; /* a temporary one, removed at the end */

bool is_postgresql(void);
bool is_memory(void);

/* Run a group of tests; the value that main returns. */
int run_conformance(int argc, char **argv, const char *name, const struct CMUnitTest *tests,
                    size_t count);
#define RUN_CONFORMANCE(argc, argv, tests)                                                         \
    run_conformance((argc), (argv), __FILE__, (tests), sizeof(tests) / sizeof *(tests))

/* The server's own URL with another database, user or password; NULL keeps what is there. Belongs
 * to the harness until its next call. */
const char *postgresql_url(const char *user, const char *password, const char *database);

/* A session that is closed at the end of its test, also of one that failed. */
#define open_session() track_session(furrow_session_open(engine))
#define open_reader() track_session(furrow_session_open(engine, .read_only = true))
furrow_session *track_session(furrow_session *s);
void close_session(furrow_session *s);

/* A status with the message that explains it. */
#define assert_status(s, wanted, call) check_status((s), (wanted), (call), __FILE__, __LINE__)
#define assert_ok(s, call) assert_status((s), FURROW_OK, (call))
void check_status(const furrow_session *s, furrow_status wanted, furrow_status status,
                  const char *file, int line);

/* That the call fails so, with this message, and that the session works again after a rollback. */
#define assert_refused(s, wanted, text, call)                                                      \
    check_refused((s), (wanted), (text), (call), __FILE__, __LINE__)
void check_refused(furrow_session *s, furrow_status wanted, const char *message,
                   furrow_status status, const char *file, int line);

/* Create the schema's tables, in a transaction of its own; drop them first where they are there. */
void create_fresh(const furrow_schema *schema);

/* Run SQL that is the same on every engine, or that of the engine at hand, committed. */
void run_sql(const char *sql);
/* What a query that gives one value gives, as text; "" for NULL. Static. */
const char *value_of_sql(const char *sql);

/* A file in the temporary folder, as a path and as a URL. Static, four of each. */
const char *path_in_folder(const char *name);
const char *url_in_folder(const char *name);

#endif
