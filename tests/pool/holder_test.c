/* SPDX-License-Identifier: MIT
 * The writer of a SQLite engine and the session that holds it. The tests check what a session can
 * change on its connection, which waiting threads get an error when the engine is closed, and how
 * several threads can use one session. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <furrow/furrow.h>

static char folder[64], url[96];
static furrow_engine *engine;

static void open_engine(void)
{
    furrow_error error;
    assert_int_equal(furrow_engine_open(&engine, url, &error, .close_timeout_ms = -1, .readers = 1,
                                        .pool_timeout_ms = 10000),
                     FURROW_OK);
}

static void run(furrow_session *s, const char *sql)
{
    if (furrow_unsafe_sql(s, NULL, sql, NULL, 0))
        fail_msg("%s: %s", sql, furrow_session_error(s)->message);
}

static int64_t ask(furrow_session *s, const char *sql)
{
    furrow_rows *rows;
    if (furrow_unsafe_sql(s, &rows, sql, NULL, 0))
        fail_msg("%s: %s", sql, furrow_session_error(s)->message);
    return furrow_rows_next(rows) ? furrow_row_int64(rows, 0) : -1;
}

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/furrow_holder_XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(url, sizeof url, "sqlite:///%s/a.db", folder);
    open_engine();
    furrow_session *s = furrow_session_open(engine);
    run(s, "CREATE TABLE t (n INTEGER)");
    furrow_commit(s);
    furrow_session_close(s);
    return 0;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"a.db", "a.db-wal", "a.db-shm", "b.db"};
    char name[128];
    (void)state;
    furrow_engine_close(engine);
    engine = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(name, sizeof name, "%s/%s", folder, names[i]);
        remove(name);
    }
    return remove(folder);
}

static void wait_for_queue(int length)
{
    while (furrow_engine_stats(engine).waiting < length)
        sched_yield();
}

/* If unsafe SQL changes a setting of a connection, the next session must not be affected. */
static void test_holder__an_altered_connection_is_closed(void **state)
{
    (void)state;
    char attach[160];
    snprintf(attach, sizeof attach, "ATTACH '%s/b.db' AS other", folder);
    const char *const lasting[] = {"PRAGMA query_only=ON",           "PRAGMA recursive_triggers=ON",
                                   "CREATE TEMP TABLE t (n TEXT)",   "CREATE TABLE temp.u (n TEXT)",
                                   "CREATE TEMP VIEW t AS SELECT 7", attach};
    for (size_t i = 0; i < 2 * sizeof lasting / sizeof *lasting; i++) {
        furrow_session *s = furrow_session_open(engine);
        if (i % 3 == 0)
            assert_int_equal(ask(s, "SELECT 1"), 1);
        run(s, lasting[i / 2]);
        if (i % 2)
            assert_int_equal(furrow_commit(s), FURROW_OK);
        else
            furrow_rollback(s);
        assert_int_equal(ask(s, "SELECT count(*) FROM pragma_database_list"), 1);
        assert_int_equal(ask(s, "SELECT count(*) FROM temp.sqlite_schema"), 0);
        assert_int_equal(ask(s, "PRAGMA recursive_triggers"), 0);
        run(s, "INSERT INTO main.t VALUES (1)");
        assert_int_equal(ask(s, "SELECT n FROM t LIMIT 1"), 1);
        assert_int_equal(furrow_commit(s), FURROW_OK);
        furrow_session_close(s);
    }
}

static void test_holder__a_reader_is_cleaned_too(void **state)
{
    (void)state;
    furrow_session *s = furrow_session_open(engine, .read_only = true);
    int64_t before = ask(s, "PRAGMA cache_size");
    furrow_rollback(s);
    run(s, "PRAGMA cache_size=17");
    furrow_rollback(s);
    assert_int_equal(ask(s, "PRAGMA cache_size"), before);
    furrow_session_close(s);
}

/* If a PRAGMA only reads, the connection can be used again. */
static void test_holder__a_pragma_that_only_reads_keeps_the_connection(void **state)
{
    (void)state;
    furrow_session *s = furrow_session_open(engine);
    uint64_t opened = furrow_engine_stats(engine).opened;
    ask(s, "PRAGMA user_version");
    run(s, "PRAGMA table_info(t)");
    run(s, "PRAGMA integrity_check");
    run(s, "CREATE TABLE made (n INTEGER)");
    assert_int_equal(furrow_commit(s), FURROW_OK);
    run(s, "INSERT INTO t VALUES (1)");
    assert_int_equal(furrow_commit(s), FURROW_OK);
    furrow_session_close(s);
    assert_int_equal(furrow_engine_stats(engine).opened, opened);
}

typedef struct other {
    pthread_t thread;
    furrow_session *s; /* the session that this thread uses; if NULL, the thread opens a session */
    furrow_status status;
    atomic_bool has_it;
    char message[512];
} other;

static void *be_writer(void *context)
{
    other *o = context;
    furrow_session *s = furrow_session_open(engine);
    o->status = furrow_exec(s, "INSERT INTO t VALUES (1)");
    snprintf(o->message, sizeof o->message, "%s", furrow_session_error(s)->message);
    furrow_commit(s);
    furrow_session_close(s);
    return NULL;
}

/* Within a subtransaction, unsafe SQL cannot change the connection permanently. In a transaction
 * that is not shared, it can. */
static void *be_lasting(void *context)
{
    other *o = context;
    furrow_session *s = furrow_session_open(engine);
    furrow_exec(s, "INSERT INTO t VALUES (1)");
    o->status = furrow_unsafe_sql(s, NULL, "PRAGMA query_only=ON", NULL, 0);
    snprintf(o->message, sizeof o->message, "%s", furrow_session_error(s)->message);
    furrow_rollback(s);
    furrow_session_close(s);
    return NULL;
}

static void test_holder__a_subtransaction_cannot_alter_the_connection(void **state)
{
    (void)state;
    other lasting = {.s = NULL}, writer = {.s = NULL};
    furrow_session *s = furrow_session_open(engine);
    run(s, "INSERT INTO t VALUES (0)");
    pthread_create(&lasting.thread, NULL, be_lasting, &lasting);
    wait_for_queue(1);
    pthread_create(&writer.thread, NULL, be_writer, &writer);
    wait_for_queue(2);
    assert_int_equal(furrow_commit(s), FURROW_OK);
    pthread_join(lasting.thread, NULL);
    pthread_join(writer.thread, NULL);
    assert_int_equal(lasting.status, FURROW_INVALID);
    assert_non_null(
        strstr(lasting.message, "would outlive a transaction that is committed in a group"));
    if (writer.status)
        fail_msg("%s", writer.message);
    assert_int_equal(ask(s, "SELECT count(*) FROM t"), 2);
    furrow_session_close(s);
}

/* When the engine is closed, every waiting thread must get an error at once. */
static void test_holder__closing_refuses_waiting_threads(void **state)
{
    (void)state;
    other others[3];
    furrow_session *s = furrow_session_open(engine);
    run(s, "INSERT INTO t VALUES (0)");
    for (int i = 0; i < 3; i++) {
        pthread_create(&others[i].thread, NULL, be_writer, &others[i]);
        wait_for_queue(i + 1);
    }
    furrow_engine_close(engine); /* the session that holds the writer is still in its transaction */
    for (int i = 0; i < 3; i++) {
        pthread_join(others[i].thread, NULL);
        assert_int_equal(others[i].status, FURROW_INVALID);
        assert_string_equal(others[i].message, "the engine was closed");
    }
    assert_int_equal(furrow_commit(s), FURROW_OK);
    assert_int_equal(furrow_exec(s, "INSERT INTO t VALUES (9)"), FURROW_INVALID);
    furrow_session_close(s);
    open_engine();
    s = furrow_session_open(engine);
    assert_int_equal(ask(s, "SELECT count(*) FROM t"), 1);
    furrow_session_close(s);
}

/* A session can remain open after its engine is closed, while other sessions wait for commits in
 * the same transaction. These commits must be done when the session ends its transaction, by a
 * commit or a rollback. They must not wait until the session is closed. */
static void test_holder__a_session_that_outlives_the_engine_commits_the_batch(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        furrow_ticket *first, *second = NULL;
        furrow_session *s = furrow_session_open(engine), *late = furrow_session_open(engine);
        run(s, "INSERT INTO t VALUES (1)");
        assert_int_equal(furrow_commit_begin(s, &first), FURROW_OK);
        assert_int_equal(furrow_exec(late, "INSERT INTO t VALUES (2)"), FURROW_OK);
        furrow_session_close(s);
        furrow_engine_close(engine);
        if (way)
            assert_int_equal(furrow_commit_begin(late, &second), FURROW_OK);
        else
            furrow_rollback(late);
        open_engine();
        s = furrow_session_open(engine, .read_only = true);
        assert_int_equal(ask(s, "SELECT count(*) FROM t"), way ? 3 : 1);
        furrow_session_close(s);
        furrow_session_close(late);
        assert_int_equal(furrow_commit_wait(first, NULL), FURROW_OK);
        assert_int_equal(second ? furrow_commit_wait(second, NULL) : FURROW_OK, FURROW_OK);
    }
}

static void *be_heir(void *context)
{
    other *o = context;
    o->status = furrow_exec(o->s, "INSERT INTO t VALUES (1)");
    furrow_session *second = furrow_session_open(engine);
    if (o->status == FURROW_OK)
        o->status = furrow_exec(second, "INSERT INTO t VALUES (2)");
    snprintf(o->message, sizeof o->message, "%s", furrow_session_error(second)->message);
    furrow_session_close(second);
    return NULL;
}

/* The writer is held by the thread that last used the session. If this thread requested the writer
 * again, it would wait for itself, so the library must report an error. */
static void test_holder__the_holder_is_the_thread_that_used_the_session_last(void **state)
{
    (void)state;
    furrow_session *s = furrow_session_open(engine);
    run(s, "INSERT INTO t VALUES (0)");
    other heir = {.s = s};
    pthread_create(&heir.thread, NULL, be_heir, &heir);
    pthread_join(heir.thread, NULL);
    assert_int_equal(heir.status, FURROW_INVALID);
    assert_non_null(strstr(heir.message, "this thread would wait for itself"));
    assert_int_equal(furrow_commit(s), FURROW_OK);
    furrow_session_close(s);
}

static void *commit_later(void *context)
{
    other *o = context;
    o->status = furrow_exec(o->s, "INSERT INTO t VALUES (1)");
    snprintf(o->message, sizeof o->message, "%s", furrow_session_error(o->s)->message);
    atomic_store(&o->has_it, true);
    wait_for_queue(1);
    furrow_commit(o->s);
    return NULL;
}

/* A thread that has passed its session to another thread is allowed to wait until that thread ends
 * the transaction. */
static void test_holder__a_thread_that_passed_its_session_on_may_wait(void **state)
{
    (void)state;
    furrow_session *s = furrow_session_open(engine), *mine = furrow_session_open(engine);
    run(s, "INSERT INTO t VALUES (0)");
    other heir = {.s = s};
    pthread_create(&heir.thread, NULL, commit_later, &heir);
    while (!atomic_load(&heir.has_it))
        sched_yield();
    run(mine, "INSERT INTO t VALUES (2)");
    assert_int_equal(furrow_commit(mine), FURROW_OK);
    pthread_join(heir.thread, NULL);
    if (heir.status)
        fail_msg("%s", heir.message);
    furrow_session_close(mine);
    furrow_session_close(s);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_holder__##name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_altered_connection_is_closed),
        TEST(a_reader_is_cleaned_too),
        TEST(a_pragma_that_only_reads_keeps_the_connection),
        TEST(a_subtransaction_cannot_alter_the_connection),
        TEST(closing_refuses_waiting_threads),
        TEST(a_session_that_outlives_the_engine_commits_the_batch),
        TEST(the_holder_is_the_thread_that_used_the_session_last),
        TEST(a_thread_that_passed_its_session_on_may_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
