/* SPDX-License-Identifier: MIT
 * Engines on SQLite files: forked child processes, time limits, cancelling, and the write-ahead
 * log. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <furrow/furrow.h>
#include <sqlite3.h>

static char folder[64], url[96], other_url[96], path[96];

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/furrow_pool_XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(url, sizeof url, "sqlite:///%s/a.db", folder);
    snprintf(other_url, sizeof other_url, "sqlite:///%s/b.db", folder);
    snprintf(path, sizeof path, "%s/a.db", folder);
    return 0;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"a.db", "a.db-wal", "a.db-shm",
                                        "b.db", "b.db-wal", "b.db-shm"};
    char name[128];
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(name, sizeof name, "%s/%s", folder, names[i]);
        remove(name);
    }
    return remove(folder);
}

static furrow_engine *open_url(const char *at)
{
    furrow_engine *engine;
    furrow_error error;
    assert_int_equal(furrow_engine_open(&engine, at, &error, .close_timeout_ms = -1), FURROW_OK);
    return engine;
}

static off_t size_of(const char *suffix)
{
    char name[128];
    struct stat file;
    snprintf(name, sizeof name, "%s%s", path, suffix);
    return stat(name, &file) ? 0 : file.st_size;
}

static int64_t ask(furrow_session *s, const char *sql)
{
    furrow_rows *rows;
    assert_int_equal(furrow_unsafe_sql(s, &rows, sql, NULL, 0), FURROW_OK);
    return furrow_rows_next(rows) ? furrow_row_int64(rows, 0) : -1;
}

#define CHILD(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "in the child process: %s\n", #condition);                             \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

static void wait_for_child(pid_t child)
{
    int status;
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void be_the_child(furrow_engine *engine, furrow_session *open)
{
    alarm(60);
    furrow_error error;
    furrow_engine *mine;
    /* A forked child process must not use its parent's transaction. */
    CHILD(furrow_exec(open, "INSERT INTO t VALUES (2)") == FURROW_INVALID);
    CHILD(strstr(furrow_session_error(open)->message, "forked"));
    CHILD(furrow_commit(open) == FURROW_INVALID);
    CHILD(furrow_savepoint_begin(open) == FURROW_INVALID);
    furrow_session_cancel(open);
    furrow_session_close(open);
    /* A forked child process must not begin a transaction on its parent's engine. */
    furrow_session *s = furrow_session_open(engine);
    CHILD(furrow_exec(s, "INSERT INTO t VALUES (3)") == FURROW_INVALID);
    furrow_session_close(s);
    CHILD(furrow_engine_stats(engine).busy == 0);
    furrow_engine_close(engine);
    /* A forked child process may open other files, but not a file that its parent has open. */
    CHILD(furrow_engine_open(&mine, url, &error) == FURROW_INVALID);
    CHILD(strstr(error.hint, "exec first"));
    CHILD(furrow_engine_open(&mine, other_url, &error) == FURROW_OK);
    s = furrow_session_open(mine);
    CHILD(furrow_exec(s, "CREATE TABLE IF NOT EXISTS u (n INTEGER)") == FURROW_OK);
    CHILD(furrow_exec(s, "INSERT INTO u VALUES (1)") == FURROW_OK);
    CHILD(furrow_commit(s) == FURROW_OK);
    furrow_session_close(s);
    furrow_engine_close(mine);
    _exit(0);
}

static void test_fork__the_child_uses_nothing_of_the_parents(void **state)
{
    enum { CHILDREN = 20 };
    (void)state;
    furrow_engine *engine = open_url(url);
    furrow_session *s = furrow_session_open(engine);
    assert_int_equal(furrow_exec(s, "CREATE TABLE t (n INTEGER)"), FURROW_OK);
    assert_int_equal(furrow_commit(s), FURROW_OK);
    assert_int_equal(furrow_exec(s, "INSERT INTO t VALUES (1)"), FURROW_OK);
    for (int i = 0; i < CHILDREN; i++) {
        pid_t child = fork();
        if (child == 0)
            be_the_child(engine, s);
        wait_for_child(child);
    }
    assert_int_equal(furrow_commit(s),
                     FURROW_OK); /* the parent still holds its locks on the file */
    assert_int_equal(ask(s, "SELECT count(*) FROM t"), 1);
    furrow_session_close(s);
    furrow_engine_close(engine);

    /* After the parent has closed the file, a child process may open the file. */
    pid_t child = fork();
    if (child == 0) {
        furrow_error error;
        CHILD(furrow_engine_open(&engine, url, &error) == FURROW_OK);
        furrow_engine_close(engine);
        _exit(0);
    }
    wait_for_child(child);
    engine = open_url(other_url);
    s = furrow_session_open(engine);
    assert_int_equal(ask(s, "SELECT count(*) FROM u"), CHILDREN);
    furrow_session_close(s);
    furrow_engine_close(engine);
}

#define ENDLESS                                                                                    \
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT max(n) FROM c"

static void test_sqlite__a_statement_that_takes_too_long_is_stopped(void **state)
{
    (void)state;
    furrow_engine *engine;
    furrow_error error;
    furrow_rows *rows;
    assert_int_equal(furrow_engine_open(&engine, url, &error, .statement_timeout_ms = 20),
                     FURROW_OK);
    furrow_session *s = furrow_session_open(engine);
    assert_int_equal(furrow_query(s, &rows, ENDLESS), FURROW_TIMEOUT);
    assert_non_null(strstr(furrow_session_error(s)->message, "20 ms"));
    furrow_rollback(s);
    assert_int_equal(ask(s, "SELECT 7"), 7);
    furrow_session_close(s);
    s = furrow_session_open(engine, .statement_timeout_ms = 40, .read_only = true);
    assert_int_equal(furrow_query(s, &rows, ENDLESS), FURROW_TIMEOUT);
    assert_non_null(strstr(furrow_session_error(s)->message, "40 ms"));
    furrow_session_close(s);
    furrow_engine_close(engine);
}

static atomic_bool over;

static void *cancel(void *context)
{
    while (!over) /* repeated, because the call has no effect before the statement runs */
        furrow_session_cancel(context);
    return NULL;
}

static void test_sqlite__cancel_stops_its_own_session_only(void **state)
{
    (void)state;
    pthread_t thread;
    furrow_rows *rows;
    furrow_engine *engine = open_url(url);
    furrow_session *s = furrow_session_open(engine);
    furrow_session_cancel(s); /* has no effect, since no statement runs */
    furrow_session_cancel(NULL);
    over = false;
    assert_int_equal(pthread_create(&thread, NULL, cancel, s), 0);
    assert_int_equal(furrow_query(s, &rows, ENDLESS), FURROW_CANCELLED);
    furrow_rollback(s);
    furrow_session *neighbour = furrow_session_open(engine); /* uses the same connection as `s` */
    for (int i = 0; i < 200; i++) {
        assert_int_equal(ask(neighbour, "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 "
                                        "FROM c WHERE n < 2000) SELECT max(n) FROM c"),
                         2000);
        furrow_rollback(neighbour);
    }
    over = true;
    pthread_join(thread, NULL);
    furrow_session_close(neighbour);
    furrow_session_close(s);
    furrow_engine_close(engine);
}

#define MANY                                                                                       \
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 9000) "              \
    "INSERT INTO t SELECT randomblob(4000) FROM c"

static void test_sqlite__an_idle_engine_leaves_a_small_log(void **state)
{
    (void)state;
    furrow_engine *engine = open_url(url), *neighbour = open_url(url);
    furrow_session *s = furrow_session_open(engine);
    assert_int_equal(furrow_exec(s, "CREATE TABLE t (b BLOB)"), FURROW_OK);
    assert_int_equal(furrow_exec(s, MANY), FURROW_OK);
    assert_int_equal(furrow_commit(s), FURROW_OK); /* writes 36 MB in one transaction */
    assert_true(size_of("-wal") < 5000000);
    assert_int_equal(furrow_exec(s, "INSERT INTO t VALUES (x'00')"), FURROW_OK);
    assert_int_equal(furrow_commit(s), FURROW_OK);
    assert_true(size_of("-wal") > 0);
    furrow_session_close(s);
    furrow_engine_close(engine);
    assert_int_equal(size_of("-wal"), 0); /* the log is truncated although another connection has
                                             the file open */
    furrow_engine_close(neighbour);
}

static void test_sqlite__durability_is_as_asked_for(void **state)
{
    (void)state;
    furrow_engine *engine = open_url(url);
    furrow_session *s = furrow_session_open(engine);
    assert_int_equal(ask(s, "PRAGMA synchronous"), 2);
    furrow_session_close(s);
    furrow_engine_close(engine);
    furrow_error error;
    assert_int_equal(
        furrow_engine_open(&engine, url, &error, .durability = FURROW_DURABILITY_RELAXED),
        FURROW_OK);
    s = furrow_session_open(engine);
    assert_int_equal(ask(s, "PRAGMA synchronous"), 1);
    furrow_session_close(s);
    furrow_engine_close(engine);
}

/* A connection that the engine opens later reads the file that the engine was opened with, or
 * fails: it does not read the file that has the name now, and does not create one. */
static void test_sqlite__every_connection_of_an_engine_has_the_same_file(void **state)
{
    (void)state;
    char aside[128];
    snprintf(aside, sizeof aside, "%s/b.db", folder);
    for (int replaced = 0; replaced < 2; replaced++) {
        furrow_engine *engine = open_url(url), *other;
        furrow_session *writer = furrow_session_open(engine);
        assert_int_equal(furrow_exec(writer, "CREATE TABLE IF NOT EXISTS t (n INTEGER)"),
                         FURROW_OK);
        assert_int_equal(furrow_commit(writer), FURROW_OK);
        assert_int_equal(rename(path, aside), 0);
        if (replaced) {
            other = open_url(url);
            furrow_engine_close(other);
        }
        furrow_session *reader = furrow_session_open(engine, .read_only = true);
        furrow_rows *rows;
        assert_int_equal(furrow_query(reader, &rows, "SELECT 1"), FURROW_DATABASE);
        assert_non_null(
            strstr(furrow_session_error(reader)->message, "deleted, moved or replaced"));
        assert_int_equal(access(path, F_OK), replaced ? 0 : -1);
        furrow_session_close(reader);
        assert_int_equal(rename(aside, path), 0);
        reader = furrow_session_open(engine, .read_only = true);
        assert_int_equal(furrow_query(reader, &rows, "SELECT n FROM t"), FURROW_OK);
        furrow_session_close(reader);
        furrow_session_close(writer);
        furrow_engine_close(engine);
    }
}

static void test_sqlite__another_process_is_waited_for_until_busy_timeout(void **state)
{
    (void)state;
    furrow_engine *one = open_url(url), *two;
    furrow_error error;
    assert_int_equal(furrow_engine_open(&two, url, &error, .busy_timeout_ms = 5), FURROW_OK);
    furrow_session *holder = furrow_session_open(one), *s = furrow_session_open(two);
    assert_int_equal(furrow_exec(holder, "CREATE TABLE t (n INTEGER)"), FURROW_OK);
    assert_int_equal(furrow_exec(s, "CREATE TABLE u (n INTEGER)"), FURROW_BUSY);
    furrow_rollback(s);
    assert_int_equal(furrow_commit(holder), FURROW_OK);
    assert_int_equal(furrow_exec(s, "CREATE TABLE u (n INTEGER)"), FURROW_OK);
    furrow_session_close(holder);
    furrow_session_close(s);
    furrow_engine_close(one);
    furrow_engine_close(two);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

static void make_file(void)
{
    furrow_engine *engine = open_url(url);
    furrow_session *s = furrow_session_open(engine);
    furrow_exec(s, "CREATE TABLE t (n INTEGER) STRICT");
    furrow_exec(s, "INSERT INTO t (n) VALUES (7)");
    assert_int_equal(furrow_commit(s), FURROW_OK);
    furrow_session_close(s);
    furrow_engine_close(engine);
}

/* Checks that every kind of session can read the database and that every write is rejected. */
static bool is_read_only(void)
{
    furrow_engine *engine = NULL;
    furrow_error error = {0};
    if (furrow_engine_open(&engine, url, &error)) {
        fprintf(stderr, "%s\n", error.message);
        return false;
    }
    furrow_session *reader = furrow_session_open(engine, .read_only = true);
    furrow_session *s = furrow_session_open(engine);
    bool works =
        ask(reader, "SELECT n FROM t") == 7 && ask(s, "SELECT n FROM t") == 7 &&
        furrow_commit(s) == FURROW_OK &&
        furrow_exec(s, "INSERT INTO t (n) VALUES (8)") == FURROW_DATABASE &&
        strcmp(furrow_session_error(s)->message, "the database file cannot be written") == 0 &&
        furrow_session_error(s)->hint[0] && furrow_commit(s) == FURROW_DATABASE &&
        ask(s, "SELECT n FROM t") == 7 && furrow_commit(s) == FURROW_OK;
    furrow_session_close(reader);
    furrow_session_close(s);
    furrow_engine_close(engine);
    return works;
}

/* Calls `look` as the user "nobody", because root can write to any folder. Returns 0 if `look`
 * returned true. */
static int look_as_nobody(bool (*look)(void))
{
    int status = 1;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit((geteuid() == 0 && setuid(65534) != 0) || !look());
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void test_sqlite__a_file_without_permission_to_write_is_read(void **state)
{
    (void)state;
    make_file();
    assert_int_equal(chmod(folder, 0777), 0);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(look_as_nobody(is_read_only), 0);
    assert_int_equal(chmod(folder, 0700), 0);
}

static bool is_refused(void)
{
    furrow_engine *engine = NULL;
    furrow_error error = {0};
    return furrow_engine_open(&engine, url, &error) == FURROW_DATABASE && error.hint[0];
}

/* Without write permission for the folder, SQLite could not read what another process has written
 * to the write-ahead log. */
static void test_sqlite__a_folder_without_permission_to_write_is_reported(void **state)
{
    (void)state;
    make_file();
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(chmod(folder, 0555), 0);
    assert_int_equal(look_as_nobody(is_refused), 0);
    assert_int_equal(chmod(folder, 0700), 0);
}

/* Gives the file a rollback journal, with which SQLite can read it on a disk that is read-only. */
static void remove_log(void)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* With a write-ahead log, SQLite cannot know whether another process writes through another mount.
 */
static void test_sqlite__a_disk_that_is_mounted_read_only_is_read_or_refused(void **state)
{
    (void)state;
    for (int has_log = 0; has_log < 2; has_log++) {
        if (mount("none", folder, "tmpfs", 0, "size=1m")) {
            print_message("skipped: only root can mount a file system\n");
            return;
        }
        make_file();
        if (!has_log)
            remove_log();
        bool is_mounted = mount("none", folder, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL) == 0;
        bool works = is_mounted && (has_log ? is_refused() : is_read_only());
        assert_int_equal(umount(folder), 0);
        assert_true(works);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fork__the_child_uses_nothing_of_the_parents),
        TEST(sqlite__a_statement_that_takes_too_long_is_stopped),
        TEST(sqlite__cancel_stops_its_own_session_only),
        TEST(sqlite__an_idle_engine_leaves_a_small_log),
        TEST(sqlite__durability_is_as_asked_for),
        TEST(sqlite__every_connection_of_an_engine_has_the_same_file),
        TEST(sqlite__another_process_is_waited_for_until_busy_timeout),
        cmocka_unit_test_setup_teardown(test_sqlite__a_file_without_permission_to_write_is_read,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_sqlite__a_folder_without_permission_to_write_is_reported, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_sqlite__a_disk_that_is_mounted_read_only_is_read_or_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
