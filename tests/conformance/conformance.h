/* SPDX-License-Identifier: MIT
 *
 * The fixture of every suite in this folder: an engine on a database that exists only while the
 * program runs. The program's argument selects the database: sqlite:/// for a file, sqlite:// for
 * memory, postgresql:// for a database on the server of FURROW_TEST_POSTGRESQL.
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

extern furrow_engine *engine; /* the engine of all tests; open while they run */
extern const char *database_url;
extern const char *folder; /* the path of a temporary folder, which is removed at the end */

bool is_postgresql(void);
bool is_memory(void);

/* Runs a group of tests and returns the exit status of the program. */
int run_conformance(int argc, char **argv, const char *name, const struct CMUnitTest *tests,
                    size_t count);
#define RUN_CONFORMANCE(argc, argv, tests)                                                         \
    run_conformance((argc), (argv), __FILE__, (tests), sizeof(tests) / sizeof *(tests))

/* Returns the URL of the test server with the user, password and database replaced. If an argument
 * is NULL, that part of the URL is not replaced. The string is valid until the next call. */
const char *postgresql_url(const char *user, const char *password, const char *database);

/* Opens a session. The fixture closes it at the end of the test, even if the test fails. */
#define open_session() track_session(furrow_session_open(engine))
#define open_reader() track_session(furrow_session_open(engine, .read_only = true))
furrow_session *track_session(furrow_session *s);
void close_session(furrow_session *s);

/* Checks the status that a call returns. If it is not the expected status, the session's error is
 * printed. */
#define assert_status(s, wanted, call) check_status((s), (wanted), (call), __FILE__, __LINE__)
#define assert_ok(s, call) assert_status((s), FURROW_OK, (call))
void check_status(const furrow_session *s, furrow_status wanted, furrow_status status,
                  const char *file, int line);

/* Checks that a call returns this status, that the session's error has this message, and that the
 * session works after a rollback. */
#define assert_refused(s, wanted, text, call)                                                      \
    check_refused((s), (wanted), (text), (call), __FILE__, __LINE__)
void check_refused(furrow_session *s, furrow_status wanted, const char *message,
                   furrow_status status, const char *file, int line);

/* Drops the tables of the schema, if they exist, and creates them again. Commits the transaction.
 */
void create_fresh(const furrow_schema *schema);

/* Opens a session on the tables of the schema. The first call of a program creates them, fills them
 * with `fill`, and commits. */
furrow_session *filled_session(const furrow_schema *schema, void (*fill)(furrow_session *s));

/* Runs a statement in a new session and commits it. */
void run_sql(const char *sql);
/* Returns the only value of a query as a string; "" if the value is NULL. The string is valid until
 * the next call. */
const char *value_of_sql(const char *sql);

/* These functions return the path and the URL of a file in the temporary folder. A string is valid
 * until the same function has been called four more times. */
const char *path_in_folder(const char *name);
const char *url_in_folder(const char *name);

#endif
