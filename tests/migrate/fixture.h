/* SPDX-License-Identifier: MIT
 * Functions that the tests of migrations share. Each test has its own new database: a SQLite file,
 * or a database on the PostgreSQL server that FURROW_TEST_POSTGRESQL names. */
#ifndef FURROW_TESTS_MIGRATE_FIXTURE_H
#define FURROW_TESTS_MIGRATE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "migrate/apply/query.h"
#include "migrate/apply/inspect.h"

typedef struct fixture {
    char folder[64], url[160];
    const furrow_driver *driver;
    const furrow__dialect *dialect;
    furrow_connection *c;
    furrow_arena arena;
    furrow_error error;
} fixture;

#define OK(call)                                                                                   \
    do {                                                                                           \
        furrow_status got_ = (call);                                                               \
        if (got_ != FURROW_OK)                                                                     \
            fail_msg("%s: %s: %s (%s; %s)", #call, furrow_status_name(got_), f->error.message,     \
                     f->error.hint, f->error.sql);                                                 \
    } while (0)
#define IS(call, wanted)                                                                           \
    do {                                                                                           \
        furrow_status got_ = (call);                                                               \
        if (got_ != (wanted))                                                                      \
            fail_msg("%s: %s: %s", #call, furrow_status_name(got_), f->error.message);             \
    } while (0)

static inline void connect_to(fixture *f, furrow_connection **out)
{
    struct furrow_connect_options options = {
        .url = f->url, .prepare = true, .busy_timeout_ms = 5000};
    OK(f->driver->open(out, &options, &f->error));
}

static inline int set_up_sqlite(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    *state = f;
    /* The file is in an in-memory file system if there is one, because these tests do not depend on
     * a disk. */
    snprintf(f->folder, sizeof f->folder, "%s/furrow-migrate-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (!mkdtemp(f->folder))
        return -1;
    snprintf(f->url, sizeof f->url, "sqlite:///%s/a.db", f->folder);
    f->driver = &furrow_driver_sqlite;
    f->dialect = &furrow__dialect_sqlite;
    connect_to(f, &f->c);
    return 0;
}

static inline int tear_down(void **state)
{
    fixture *f = *state;
    char command[128];
    int failed = 0;
    f->driver->close(f->c);
    furrow__arena_done(&f->arena);
    if (f->folder[0]) {
        snprintf(command, sizeof command, "rm -r '%s'", f->folder);
        failed = system(command);
    }
    free(f);
    return failed;
}

static inline void run(fixture *f, const char *sql)
{
    OK(furrow__execute(f->c, sql, NULL, &f->error));
}

/* Adds many tables. In a schema of this size, the rebuild of a small table copies its rows twice.
 */
static inline void add_many_tables(fixture *f)
{
    char sql[64];
    run(f, "BEGIN");
    for (int i = 0; i < 150; i++) {
        snprintf(sql, sizeof sql, "CREATE TABLE other%d (id INTEGER)", i);
        run(f, sql);
    }
    run(f, "COMMIT");
}

static inline int64_t number(fixture *f, const char *sql)
{
    int64_t value;
    OK(furrow__query_number(f->c, sql, &value, &f->error));
    return value;
}

/* Returns all rows of a query. Columns are separated by "|", rows by ";". */
static inline const char *rows(fixture *f, const char *sql)
{
    furrow__buffer out = {0};
    furrow__query q = furrow__query_begin(f->c, sql, &f->arena, &f->error);
    while (furrow__query_next(&q)) {
        furrow__buffer_add_text(&out, out.size ? ";" : "");
        for (int i = 0; i < q.statement->column_count; i++) {
            const char *text = furrow__query_text(&q, i);
            furrow__buffer_add_text(&out, i ? "|" : "");
            furrow__buffer_add_text(&out, text ? text : "-");
        }
    }
    OK(furrow__query_end(&q));
    const char *text = furrow__arena_text(&f->arena, furrow__buffer_text(&out), out.size);
    furrow__buffer_done(&out);
    return text;
}

#define SQLITE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_sqlite, tear_down)

#ifdef FURROW_WITH_POSTGRESQL
/* Creates a database for the test. The connection to the database that FURROW_TEST_POSTGRESQL names
 * is used for this. */
static inline int set_up_postgresql(void **state)
{
    const char *server = getenv("FURROW_TEST_POSTGRESQL");
    fixture *f = calloc(1, sizeof *f);
    furrow_connection *c = NULL;
    char sql[128], name[64];
    if (!f || !server)
        return -1;
    *state = f;
    f->driver = &furrow_driver_postgresql;
    f->dialect = &furrow__dialect_postgresql;
    snprintf(f->url, sizeof f->url, "%s", server);
    connect_to(f, &c);
    snprintf(name, sizeof name, "furrow_migrate_%ld", (long)getpid());
    snprintf(sql, sizeof sql, "DROP DATABASE IF EXISTS %s", name);
    OK(furrow__execute(c, sql, NULL, &f->error));
    snprintf(sql, sizeof sql, "CREATE DATABASE %s TEMPLATE template0", name);
    OK(furrow__execute(c, sql, NULL, &f->error));
    f->driver->close(c);
    char *slash = strrchr(f->url, '/');
    snprintf(slash + 1, sizeof f->url - (size_t)(slash + 1 - f->url), "%s", name);
    connect_to(f, &f->c);
    return 0;
}

static inline int tear_down_postgresql(void **state)
{
    fixture *f = *state;
    furrow_connection *c = NULL;
    char sql[128];
    f->driver->close(f->c);
    f->c = NULL;
    snprintf(f->url, sizeof f->url, "%s", getenv("FURROW_TEST_POSTGRESQL"));
    connect_to(f, &c);
    snprintf(sql, sizeof sql, "DROP DATABASE furrow_migrate_%ld", (long)getpid());
    OK(furrow__execute(c, sql, NULL, &f->error));
    f->driver->close(c);
    return tear_down(state);
}

static inline bool has_server(void)
{
    const char *server = getenv("FURROW_TEST_POSTGRESQL");
    return server && *server;
}
/* Runs the tests if FURROW_TEST_POSTGRESQL names a server. */
#define RUN_ON_POSTGRESQL(tests)                                                                   \
    (has_server() ? cmocka_run_group_tests(tests, NULL, NULL)                                      \
                  : (puts("skipped: FURROW_TEST_POSTGRESQL names no server"), 0))
#define POSTGRESQL_TEST(name)                                                                      \
    cmocka_unit_test_setup_teardown(name, set_up_postgresql, tear_down_postgresql)
#endif

/* Returns the strings joined into one. The last argument must be NULL. */
static inline const char *join(fixture *f, const char *first, ...)
{
    furrow__buffer out = {0};
    va_list more;
    va_start(more, first);
    for (const char *text = first; text; text = va_arg(more, const char *))
        furrow__buffer_add_text(&out, text);
    va_end(more);
    const char *copy = furrow__arena_text(&f->arena, furrow__buffer_text(&out), out.size);
    furrow__buffer_done(&out);
    return copy;
}

#endif
