/* SPDX-License-Identifier: MIT
 *
 * The fixture of every suite in this folder: an engine on a database that exists only while the
 * program runs. The program's argument selects the engine: sqlite:/// for a file, sqlite:// for
 * memory, postgresql:// for the server of FURROW_TEST_POSTGRESQL.
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
extern const char *folder; /* a temporary folder, removed at the end */

bool is_postgresql(void);
bool is_memory(void);

/* Runs a group of tests and returns the exit status of the program. */
int run_conformance(int argc, char **argv, const char *name, const struct CMUnitTest *tests,
                    size_t count);
#define RUN_CONFORMANCE(argc, argv, tests)                                                         \
    run_conformance((argc), (argv), __FILE__, (tests), sizeof(tests) / sizeof *(tests))

/* Returns the server's URL with another database, user or password; NULL keeps the current one. The
 * text is valid until the next call. */
const char *postgresql_url(const char *user, const char *password, const char *database);

/* Opens a session that is closed at the end of its test, even if the test fails. */
#define open_session() track_session(furrow_session_open(engine))
#define open_reader() track_session(furrow_session_open(engine, .read_only = true))
furrow_session *track_session(furrow_session *s);
void close_session(furrow_session *s);

/* Checks a status; a failure shows the session's error. */
#define assert_status(s, wanted, call) check_status((s), (wanted), (call), __FILE__, __LINE__)
#define assert_ok(s, call) assert_status((s), FURROW_OK, (call))
void check_status(const furrow_session *s, furrow_status wanted, furrow_status status,
                  const char *file, int line);

/* Checks that the call fails with this status and message, and that the session works after a
 * rollback. */
#define assert_refused(s, wanted, text, call)                                                      \
    check_refused((s), (wanted), (text), (call), __FILE__, __LINE__)
void check_refused(furrow_session *s, furrow_status wanted, const char *message,
                   furrow_status status, const char *file, int line);

/* Creates the schema's tables in a transaction of its own. Existing tables are dropped first. */
void create_fresh(const furrow_schema *schema);

/* Runs a statement and commits it. */
void run_sql(const char *sql);
/* Returns the only value of a query as text; NULL is "". The text is static. */
const char *value_of_sql(const char *sql);

/* Return the path and the URL of a file in the temporary folder. The texts are static; each
 * function has four. */
const char *path_in_folder(const char *name);
const char *url_in_folder(const char *name);

#endif
