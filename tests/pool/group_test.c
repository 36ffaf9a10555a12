/* SPDX-License-Identifier: MIT
 * Group commit on a SQLite file: which sessions share a sync, which failures affect only one
 * session, and which sessions are rolled back because they were idle. A thread is started only
 * after the engine's statistics show that the previous thread has joined the queue. Each test
 * therefore knows the order of the commits. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <furrow/furrow.h>

static char folder[64], url[96];
static furrow_engine *engine;

static void run(furrow_session *s, const char *sql)
{
    furrow_rows *rows;
    furrow_unsafe_sql(s, &rows, sql, NULL, 0);
    if (furrow_session_status(s))
        fail_msg("%s: %s", sql, furrow_session_error(s)->message);
}

static int64_t ask(const char *sql)
{
    furrow_rows *rows;
    furrow_session *s = furrow_session_open(engine, .read_only = true);
    furrow_unsafe_sql(s, &rows, sql, NULL, 0);
    int64_t answer = furrow_rows_next(rows) ? furrow_row_int64(rows, 0) : -1;
    furrow_session_close(s);
    return answer;
}

static void open_engine(int group_wait_ms)
{
    furrow_error error;
    if (furrow_engine_open(&engine, url, &error, .group_wait_ms = group_wait_ms))
        fail_msg("%s", error.message);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/furrow_group_XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(url, sizeof url, "sqlite:///%s/a.db", folder);
    open_engine(60000);
    furrow_session *s = furrow_session_open(engine);
    run(s, "CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT");
    run(s, "CREATE TABLE t (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id) "
           "DEFERRABLE INITIALLY DEFERRED, n INTEGER UNIQUE) STRICT");
    run(s, "CREATE TRIGGER t_whole BEFORE INSERT ON t WHEN NEW.n = -1 "
           "BEGIN SELECT RAISE(ROLLBACK, 'whole'); END");
    furrow_status status = furrow_commit(s);
    furrow_session_close(s);
    return status == FURROW_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"a.db", "a.db-wal", "a.db-shm"};
    char name[128];
    (void)state;
    furrow_engine_close(engine);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(name, sizeof name, "%s/%s", folder, names[i]);
        remove(name);
    }
    return remove(folder);
}

/* The group_wait_ms of the tests: short, because a test waits for it, but long enough to begin a
 * subtransaction on a busy machine. */
enum { SOON_MS = 250 };

static void reopen(int group_wait_ms)
{
    furrow_engine_close(engine);
    open_engine(group_wait_ms);
}

/* A thread that joins the queue, calls `work` in a transaction, and commits. */
typedef struct guest {
    pthread_t thread;
    furrow_status (*work)(furrow_session *s, struct guest *me);
    int64_t n;
    furrow_status worked, status;
    furrow_error error;
    atomic_bool is_done;
    atomic_int *flag;
} guest;

static void *be_guest(void *context)
{
    guest *g = context;
    furrow_session *s = furrow_session_open(engine);
    g->worked = g->work(s, g);
    g->status = furrow_commit(s);
    g->error = *furrow_session_error(s);
    furrow_session_close(s);
    atomic_store(&g->is_done, true);
    return NULL;
}

static void wait_for_line(int length)
{
    while (furrow_engine_stats(engine).waiting < length)
        sched_yield();
}

/* Starts threads that wait for the writer, which the caller's session holds. Each thread is started
 * after the previous thread has joined the queue. */
static void queue(guest *guests, int count)
{
    int before = furrow_engine_stats(engine).waiting;
    for (int i = 0; i < count; i++) {
        atomic_init(&guests[i].is_done, false);
        pthread_create(&guests[i].thread, NULL, be_guest, &guests[i]);
        wait_for_line(before + i + 1);
    }
}

static void join(guest *guests, int count)
{
    for (int i = 0; i < count; i++)
        pthread_join(guests[i].thread, NULL);
}

static furrow_status insert(furrow_session *s, guest *g)
{
    return furrow_exec(s, "INSERT INTO t (n) VALUES (?)", g->n);
}

static furrow_session *first_writer(int64_t n)
{
    furrow_session *s = furrow_session_open(engine);
    assert_int_equal(furrow_exec(s, "INSERT INTO t (n) VALUES (?)", n), FURROW_OK);
    return s;
}

static uint64_t syncs(void)
{
    return furrow_engine_stats(engine).syncs;
}

/* If not NULL, the next statement of this thread that begins with this string fails. The linker
 * redirects SQLite's functions to this test (--wrap). */
static _Thread_local const char *to_fail;

int __real_sqlite3_step(sqlite3_stmt *statement);
int __wrap_sqlite3_step(sqlite3_stmt *statement);
int __wrap_sqlite3_step(sqlite3_stmt *statement)
{
    if (to_fail && strncmp(sqlite3_sql(statement), to_fail, strlen(to_fail)) == 0) {
        to_fail = NULL;
        return SQLITE_NOMEM;
    }
    return __real_sqlite3_step(statement);
}

static void test_group__waiting_sessions_share_a_sync(void **state)
{
    (void)state;
    guest guests[] = {{.work = insert, .n = 1}, {.work = insert, .n = 2}, {.work = insert, .n = 3}};
    furrow_session *s = first_writer(0);
    queue(guests, 3);
    uint64_t before = syncs();
    assert_int_equal(furrow_commit(s), FURROW_OK);
    join(guests, 3);
    furrow_session_close(s);
    for (int i = 0; i < 3; i++)
        assert_int_equal(guests[i].status, FURROW_OK);
    assert_int_equal(syncs() - before, 1);
    assert_int_equal(furrow_engine_stats(engine).batches[2], 1); /* the histogram has one counter
                                                                    for syncs of 3 or 4 commits */
    assert_int_equal(furrow_engine_stats(engine).commits, 5);
    assert_int_equal(ask("SELECT count(*) FROM t"), 4);
}

static void test_group__a_lone_writer_commits_alone(void **state)
{
    (void)state;
    uint64_t before = syncs();
    for (int64_t n = 0; n < 10; n++) {
        furrow_session *s = first_writer(n);
        assert_int_equal(furrow_commit(s), FURROW_OK);
        furrow_session_close(s);
    }
    assert_int_equal(syncs() - before, 10);
    assert_int_equal(furrow_engine_stats(engine).batches[0], 11);
}

static furrow_status look(furrow_session *s, guest *g)
{
    furrow_rows *rows;
    (void)g;
    return furrow_query(s, &rows, "SELECT count(*) FROM t");
}

static void test_group__only_syncs_of_the_disk_are_counted(void **state)
{
    (void)state;
    guest guests[] = {{.work = look}, {.work = look}};
    uint64_t before = syncs(), commits = furrow_engine_stats(engine).commits;
    assert_int_equal(ask("SELECT count(*) FROM t"), 0);
    furrow_session *s = furrow_session_open(engine);
    assert_int_equal(look(s, NULL), FURROW_OK);
    queue(guests, 2);
    assert_int_equal(furrow_commit(s), FURROW_OK); /* neither this session nor the waiting sessions
                                                      write */
    join(guests, 2);
    for (int i = 0; i < 2; i++)
        assert_int_equal(guests[i].status, FURROW_OK);
    assert_int_equal(look(s, NULL), FURROW_OK);
    assert_int_equal(furrow_commit(s), FURROW_OK);
    furrow_session_close(s);
    assert_int_equal(furrow_engine_stats(engine).commits - commits, 4);
    assert_int_equal(syncs() - before, 0);
}

static void test_group__relaxed_commits_do_not_sync(void **state)
{
    furrow_error error;
    (void)state;
    furrow_engine_close(engine);
    if (furrow_engine_open(&engine, url, &error, .durability = FURROW_DURABILITY_RELAXED))
        fail_msg("%s", error.message);
    furrow_session *s = first_writer(0);
    assert_int_equal(furrow_commit(s), FURROW_OK);
    furrow_session_close(s);
    assert_int_equal(furrow_engine_stats(engine).commits, 1);
    assert_int_equal(syncs(), 0);
}

static void test_group__uncommitted_members_are_visible_to_writers_only(void **state)
{
    (void)state;
    atomic_int seen = -1;
    guest g = {.work = insert, .n = 1};
    furrow_ticket *ticket;
    furrow_session *s = first_writer(0);
    assert_int_equal(furrow_commit_begin(s, &ticket), FURROW_OK);
    assert_int_equal(ask("SELECT count(*) FROM t"), 0);
    furrow_rows *rows;
    assert_int_equal(furrow_query(s, &rows, "SELECT count(*) FROM t"), FURROW_OK);
    assert_true(furrow_rows_next(rows));
    assert_int_equal(furrow_row_int64(rows, 0), 1);
    queue(&g, 1);
    assert_int_equal(furrow_commit(s), FURROW_OK);
    join(&g, 1);
    assert_int_equal(furrow_commit_wait(ticket, NULL), FURROW_OK);
    assert_int_equal(ask("SELECT count(*) FROM t"), 2);
    furrow_session_close(s);
    (void)seen;
}

static furrow_status insert_twice(furrow_session *s, guest *g)
{
    furrow_exec(s, "INSERT INTO t (n) VALUES (?)", g->n + 100);
    return furrow_exec(s, "INSERT INTO t (n) VALUES (0)");
}

static furrow_status insert_orphan(furrow_session *s, guest *g)
{
    return furrow_exec(s, "INSERT INTO t (parent, n) VALUES (77, ?)", g->n);
}

static furrow_status insert_and_roll_back(furrow_session *s, guest *g)
{
    furrow_exec(s, "INSERT INTO t (n) VALUES (?)", g->n);
    return furrow_rollback(s);
}

static void check_one_fails_alone(furrow_status (*work)(furrow_session *, guest *),
                                  furrow_status expected, int64_t kept)
{
    for (int place = 0; place < 3; place++) { /* the failing session is in the middle of the batch
                                                 or at its end */
        guest guests[] = {
            {.work = insert, .n = 1}, {.work = insert, .n = 2}, {.work = insert, .n = 3}};
        guests[place].work = work;
        furrow_session *s = first_writer(0);
        queue(guests, 3);
        uint64_t before = syncs();
        assert_int_equal(furrow_commit(s), FURROW_OK);
        join(guests, 3);
        for (int i = 0; i < 3; i++)
            assert_int_equal(guests[i].status, i == place ? expected : FURROW_OK);
        assert_int_equal(syncs() - before, 1);
        assert_int_equal(ask("SELECT count(*) FROM t"), kept);
        run(s, "DELETE FROM t");
        assert_int_equal(furrow_commit(s), FURROW_OK);
        furrow_session_close(s);
    }
}

static void test_group__a_broken_constraint_fails_alone(void **state)
{
    (void)state;
    check_one_fails_alone(insert_twice, FURROW_UNIQUE, 3);
}

static void test_group__a_deferred_constraint_fails_alone(void **state)
{
    (void)state;
    check_one_fails_alone(insert_orphan, FURROW_FOREIGN_KEY, 3);
}

static void test_group__a_rollback_affects_only_its_own_session(void **state)
{
    (void)state;
    check_one_fails_alone(insert_and_roll_back, FURROW_OK, 3);
}

/* The first transaction of a batch runs without a savepoint. */
static furrow_status insert_without_savepoint(furrow_session *s, guest *g)
{
    to_fail = "SAVEPOINT";
    return furrow_exec(s, "INSERT INTO t (n) VALUES (?)", g->n);
}

static void test_group__a_subtransaction_that_cannot_begin_fails_alone(void **state)
{
    (void)state;
    check_one_fails_alone(insert_without_savepoint, FURROW_NOMEM, 3);
}

static void test_group__a_deferred_constraint_of_the_first_fails_alone(void **state)
{
    (void)state;
    guest g = {.work = insert, .n = 1};
    furrow_session *s = first_writer(0);
    furrow_exec(s, "INSERT INTO t (parent, n) VALUES (77, 7)");
    queue(&g, 1);
    assert_int_equal(furrow_commit(s), FURROW_FOREIGN_KEY);
    join(&g, 1);
    assert_int_equal(g.status, FURROW_OK);
    assert_int_equal(ask("SELECT count(*) FROM t"), 1);
    furrow_session_close(s);
}

static void test_group__after_a_rollback_of_everything_the_others_can_be_repeated(void **state)
{
    (void)state;
    guest guests[] = {
        {.work = insert, .n = 1}, {.work = insert, .n = -1}, {.work = insert, .n = 3}};
    furrow_session *s = first_writer(0);
    queue(guests, 3);
    assert_int_equal(furrow_commit(s), FURROW_BUSY);
    assert_non_null(strstr(furrow_session_error(s)->message, "rolled back as a whole"));
    join(guests, 3);
    assert_int_equal(guests[0].status, FURROW_BUSY);
    assert_int_equal(guests[1].status, FURROW_CHECK);
    assert_int_equal(guests[2].status, FURROW_OK);
    assert_int_equal(ask("SELECT count(*) FROM t"), 1);
    furrow_session_close(s);
}

static furrow_status insert_in_transact(furrow_session *s, void *context)
{
    return furrow_exec(s, "INSERT INTO t (n) VALUES (?)", *(int64_t *)context);
}

static void *be_transact(void *context)
{
    guest *g = context;
    g->status = furrow_transact(engine, insert_in_transact, &g->n, &g->error);
    return NULL;
}

static void test_group__transact_repeats_after_another_sessions_rollback(void **state)
{
    (void)state;
    guest first = {.n = 1}, second = {.work = insert, .n = -1};
    furrow_session *s = furrow_session_open(engine);
    run(s, "DELETE FROM t");
    pthread_create(&first.thread, NULL, be_transact, &first);
    wait_for_line(1);
    queue(&second, 1);
    assert_int_equal(furrow_rollback(s), FURROW_OK);
    join(&first, 1);
    join(&second, 1);
    assert_int_equal(first.status, FURROW_OK);
    assert_int_equal(second.status, FURROW_CHECK);
    assert_int_equal(ask("SELECT count(*) FROM t"), 1);
    furrow_session_close(s);
}

/* Inserts a row, and then makes no library calls until `flag` is 1. */
static furrow_status insert_and_wait(furrow_session *s, guest *g)
{
    furrow_exec(s, "INSERT INTO t (n) VALUES (?)", g->n);
    atomic_store(g->flag, 2);
    while (atomic_load(g->flag) != 1)
        sched_yield();
    return furrow_exec(s, "INSERT INTO t (n) VALUES (?)", g->n + 100);
}

static void test_group__no_commit_waits_for_an_idle_session(void **state)
{
    (void)state;
    reopen(SOON_MS);
    atomic_int flag = 0;
    guest guests[] = {{.work = insert_and_wait, .n = 1, .flag = &flag}, {.work = insert, .n = 2}};
    furrow_session *s = first_writer(0);
    queue(guests, 2);
    assert_int_equal(furrow_commit(s),
                     FURROW_OK); /* must not wait for the first guest, whose
                                    session is idle until this thread sets `flag` */
    assert_int_equal(ask("SELECT count(*) FROM t WHERE n IN (0, 1)"), 1);
    atomic_store(&flag, 1);
    join(guests, 2);
    assert_int_equal(guests[0].worked, FURROW_BUSY);
    assert_int_equal(guests[0].status, FURROW_BUSY);
    assert_non_null(strstr(guests[0].error.message, "made no call for 250 ms"));
    assert_int_equal(guests[1].status, FURROW_OK);
    assert_int_equal(ask("SELECT count(*) FROM t"), 2);
    furrow_session_close(s);
}

/* The main thread holds this mutex while it commits. A guest that must commit in the same batch
 * waits for the mutex. This must not become a deadlock. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static furrow_status insert_and_lock(furrow_session *s, guest *g)
{
    furrow_exec(s, "INSERT INTO t (n) VALUES (?)", g->n);
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
    return furrow_exec(s, "INSERT INTO t (n) VALUES (?)", g->n + 100);
}

static void test_group__a_lock_held_across_a_commit_is_not_a_deadlock(void **state)
{
    (void)state;
    reopen(SOON_MS);
    guest g = {.work = insert_and_lock, .n = 1};
    pthread_mutex_lock(&mutex);
    furrow_session *s = first_writer(0);
    queue(&g, 1);
    assert_int_equal(furrow_commit(s), FURROW_OK);
    pthread_mutex_unlock(&mutex);
    join(&g, 1);
    assert_int_equal(g.status, FURROW_BUSY);
    assert_int_equal(ask("SELECT count(*) FROM t"), 1);
    furrow_session_close(s);
}

/* Begins a savepoint and is then idle. Meanwhile, the connection runs another session's statements,
 * so the savepoint must have ended when this session continues. */
static furrow_status insert_within(furrow_session *s, guest *g)
{
    furrow_rows *rows;
    furrow_savepoint_begin(s);
    furrow_exec(s, "INSERT INTO t (n) VALUES (?)", g->n);
    atomic_store(g->flag, 2);
    while (atomic_load(g->flag) != 1)
        sched_yield();
    furrow_session_cancel(s); /* must have no effect, since no statement of this session runs */
    furrow_query(s, &rows, "SELECT n FROM t");
    assert_null(rows);
    assert_int_equal(furrow_savepoint_begin(s), FURROW_ABORTED);
    assert_int_equal(furrow_savepoint_rollback(s), FURROW_ABORTED);
    furrow_savepoint_rollback(s);
    return furrow_session_status(s);
}

static void test_group__savepoints_and_streams_end_with_the_subtransaction(void **state)
{
    (void)state;
    reopen(SOON_MS);
    atomic_int flag = 0;
    guest g = {.work = insert_within, .n = 1, .flag = &flag};
    furrow_session *s = first_writer(0);
    queue(&g, 1);
    assert_int_equal(furrow_commit(s), FURROW_OK);
    assert_int_equal(furrow_exec(s, "INSERT INTO t (n) VALUES (5)"), FURROW_OK);
    atomic_store(&flag, 1);
    join(&g, 1);
    assert_int_equal(g.status, FURROW_BUSY);
    assert_int_equal(furrow_exec(s, "INSERT INTO t (n) VALUES (6)"), FURROW_OK);
    assert_int_equal(furrow_commit(s), FURROW_OK);
    assert_int_equal(ask("SELECT count(*) FROM t"), 3);
    furrow_session_close(s);
}

/* After some failures, a rollback to a savepoint is enough. After the loss of the connection, the
 * whole transaction must be repeated. */
static furrow_status fail_within(furrow_session *s, guest *g)
{
    furrow_savepoint_begin(s);
    furrow_exec(s, "INSERT INTO t (n) VALUES (0)");
    atomic_store(g->flag, 2);
    while (atomic_load(g->flag) != 1)
        sched_yield();
    furrow_savepoint_rollback(s);
    return furrow_session_status(s);
}

static void test_group__an_evicted_session_is_busy_whatever_was_open(void **state)
{
    (void)state;
    reopen(SOON_MS);
    atomic_int flag = 0;
    guest g = {.work = fail_within, .flag = &flag};
    furrow_session *s = first_writer(0);
    queue(&g, 1);
    assert_int_equal(furrow_commit(s), FURROW_OK);
    while (atomic_load(&flag) != 2)
        sched_yield();
    atomic_store(&flag, 1);
    join(&g, 1);
    assert_int_equal(g.worked, FURROW_BUSY);
    assert_int_equal(g.status, FURROW_BUSY);
    furrow_session_close(s);
}

static furrow_status create_within(furrow_session *s, guest *g)
{
    (void)g;
    furrow_savepoint_begin(s);
    furrow_exec(s, "CREATE TABLE made (id INTEGER PRIMARY KEY) STRICT");
    return furrow_savepoint_end(s);
}

static void test_group__ddl_in_a_savepoint_stays_there(void **state)
{
    (void)state;
    guest g = {.work = create_within};
    furrow_session *s = first_writer(0);
    queue(&g, 1);
    assert_int_equal(furrow_commit(s), FURROW_OK);
    join(&g, 1);
    assert_int_equal(g.worked, FURROW_OK);
    assert_int_equal(g.status, FURROW_OK);
    assert_int_equal(ask("SELECT count(*) FROM made"), 0);
    furrow_session_close(s);
}

static furrow_status create_table(furrow_session *s, guest *g)
{
    furrow_exec(s, "CREATE TABLE made (id INTEGER PRIMARY KEY) STRICT");
    atomic_store(g->flag, 2);
    while (atomic_load(g->flag) != 1)
        sched_yield();
    return furrow_exec(s, "INSERT INTO made (id) VALUES (1)");
}

static void test_group__a_transaction_with_ddl_never_joins(void **state)
{
    (void)state;
    atomic_int flag = 0;
    guest guests[] = {{.work = create_table, .flag = &flag}, {.work = insert, .n = 2}};
    furrow_session *s = first_writer(0);
    queue(guests, 2);
    uint64_t before = syncs();
    /* The batch was committed before the first thread created a table. This commit therefore does
     * not wait for that thread, which is still busy. */
    assert_int_equal(furrow_commit(s), FURROW_OK);
    assert_int_equal(syncs() - before, 1);
    while (atomic_load(&flag) != 2)
        sched_yield();
    atomic_store(&flag, 1);
    join(guests, 2);
    assert_int_equal(guests[0].status, FURROW_OK);
    assert_int_equal(guests[1].status, FURROW_OK);
    assert_int_equal(syncs() - before, 3); /* a transaction that has created a table does not share
                                              its sync with another transaction */
    assert_int_equal(ask("SELECT count(*) FROM made"), 1);
    furrow_session_close(s);
}

static furrow_status end_it(furrow_session *s, guest *g)
{
    furrow_rows *rows;
    furrow_exec(s, "INSERT INTO t (n) VALUES (?)", g->n);
    return furrow_unsafe_sql(s, &rows, "COMMIT", NULL, 0);
}

static void test_group__unsafe_sql_cannot_end_a_shared_transaction(void **state)
{
    (void)state;
    guest guests[] = {{.work = end_it, .n = 1}, {.work = insert, .n = 2}};
    furrow_session *s = first_writer(0);
    queue(guests, 2);
    assert_int_equal(furrow_commit(s), FURROW_OK);
    join(guests, 2);
    assert_int_equal(guests[0].status, FURROW_INVALID);
    assert_int_equal(guests[1].status, FURROW_OK);
    assert_int_equal(ask("SELECT count(*) FROM t"), 2);
    furrow_session_close(s);
}

enum { MANY = 600 };

static void test_group__one_thread_can_have_many_tickets(void **state)
{
    (void)state;
    furrow_ticket *tickets[MANY];
    uint64_t before = syncs();
    furrow_session *s = furrow_session_open(engine);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(furrow_exec(s, "INSERT INTO t (n) VALUES (?)", (int64_t)i), FURROW_OK);
        assert_int_equal(furrow_commit_begin(s, &tickets[i]), FURROW_OK);
    }
    assert_int_equal(syncs() - before, 2); /* a batch contains at most 256 transactions */
    for (int i = MANY - 1; i >= 0; i--)
        assert_int_equal(furrow_commit_wait(tickets[i], NULL), FURROW_OK);
    assert_int_equal(syncs() - before, 3);
    assert_int_equal(ask("SELECT count(*) FROM t"), MANY);
    furrow_session_close(s);
}

static void test_group__a_failed_transaction_gets_no_ticket(void **state)
{
    (void)state;
    furrow_ticket *ticket = (furrow_ticket *)&ticket;
    furrow_error error;
    furrow_session *s = first_writer(0);
    furrow_exec(s, "INSERT INTO t (n) VALUES (0)");
    assert_int_equal(furrow_commit_begin(s, &ticket), FURROW_UNIQUE);
    assert_null(ticket);
    assert_int_equal(furrow_commit_wait(ticket, &error), FURROW_INVALID);
    assert_int_equal(error.status, FURROW_INVALID);
    assert_int_equal(furrow_commit_begin(NULL, &ticket), FURROW_NOMEM);
    furrow_exec(s, "INSERT INTO t (n) VALUES (1)");
    assert_int_equal(furrow_commit_begin(s, NULL), FURROW_INVALID);
    /* The transaction has written nothing, so the commit is already complete. */
    assert_int_equal(furrow_commit_begin(s, &ticket), FURROW_OK);
    assert_int_equal(furrow_commit_wait(ticket, &error), FURROW_OK);
    assert_int_equal(error.status, FURROW_OK);
    assert_int_equal(ask("SELECT count(*) FROM t"), 0);
    furrow_session_close(s);
}

static void test_group__closing_commits_tickets(void **state)
{
    (void)state;
    furrow_ticket *ticket;
    furrow_session *s = first_writer(0);
    assert_int_equal(furrow_commit_begin(s, &ticket), FURROW_OK);
    furrow_session_close(s);
    reopen(60000);
    assert_int_equal(furrow_commit_wait(ticket, NULL), FURROW_OK);
    assert_int_equal(ask("SELECT count(*) FROM t"), 1);
}

static void test_group__a_ticket_is_committed_after_group_wait_ms(void **state)
{
    (void)state;
    furrow_ticket *ticket;
    reopen(1);
    furrow_session *s = first_writer(0);
    assert_int_equal(furrow_commit_begin(s, &ticket), FURROW_OK);
    uint64_t before = syncs();
    for (int i = 0; syncs() == before && i < 1000000; i++) {
        furrow_exec(s, "INSERT INTO t (n) VALUES (1)");
        furrow_rollback(s);
    }
    assert_int_equal(ask("SELECT count(*) FROM t"), 1);
    assert_int_equal(furrow_commit_wait(ticket, NULL), FURROW_OK);
    furrow_session_close(s);
}

static void check_ticket_at_once(const char *at)
{
    furrow_engine *other;
    furrow_ticket *ticket;
    furrow_error error;
    if (furrow_engine_open(&other, at, &error))
        fail_msg("%s", error.message);
    furrow_session *s = furrow_session_open(other);
    furrow_exec(s, "SELECT 1");
    assert_int_equal(furrow_commit_begin(s, &ticket), FURROW_OK);
    assert_int_equal(furrow_commit_wait(ticket, &error), FURROW_OK);
    furrow_session_close(s);
    furrow_engine_close(other);
}

static void test_group__without_group_commit_a_ticket_is_settled_at_once(void **state)
{
    (void)state;
    const char *server = getenv("FURROW_TEST_POSTGRESQL");
    check_ticket_at_once("sqlite://");
    if (server)
        check_ticket_at_once(server);
}

static void test_group__a_child_cannot_use_its_parents_ticket(void **state)
{
    (void)state;
    furrow_ticket *ticket;
    furrow_session *s = first_writer(0);
    assert_int_equal(furrow_commit_begin(s, &ticket), FURROW_OK);
    pid_t child = fork();
    if (child == 0)
        _exit(furrow_commit_wait(ticket, NULL) == FURROW_INVALID ? 0 : 1);
    int ended = -1;
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_int_equal(ended, 0);
    assert_int_equal(furrow_commit_wait(ticket, NULL), FURROW_OK);
    furrow_session_close(s);
}

/* Some PRAGMAs already take effect when SQLite compiles them. This function makes the commit of the
 * preceding batch fail after the PRAGMA has been compiled. */
static furrow_status set_and_fail(furrow_session *s, guest *g)
{
    (void)g;
    to_fail = "RELEASE";
    return furrow_unsafe_sql(s, NULL, "PRAGMA recursive_triggers=ON", NULL, 0);
}

static furrow_status look_at_it(furrow_session *s, guest *g)
{
    furrow_rows *rows;
    furrow_status status = furrow_unsafe_sql(s, &rows, "PRAGMA recursive_triggers", NULL, 0);
    g->n = status == FURROW_OK && furrow_rows_next(rows) ? furrow_row_int64(rows, 0) : -1;
    return status;
}

static void test_group__a_failed_pragma_closes_the_connection(void **state)
{
    (void)state;
    guest guests[] = {{.work = set_and_fail}, {.work = look_at_it, .n = -1}};
    furrow_session *s = first_writer(0);
    queue(guests, 2);
    assert_int_equal(furrow_commit(s), FURROW_OK);
    join(guests, 2);
    furrow_session_close(s);
    assert_int_equal(guests[0].worked, FURROW_NOMEM);
    assert_int_equal(guests[1].worked, FURROW_OK);
    assert_int_equal(guests[1].n, 0);
    assert_int_equal(ask("SELECT count(*) FROM t"), 1);
}

/* A thread that writes and rolls back, again and again, while other threads wait. */
static void *roll_back_until(void *context)
{
    const atomic_bool *is_done = context;
    while (!*is_done) {
        furrow_session *s = furrow_session_open(engine);
        furrow_exec(s, "INSERT INTO t (n) VALUES (1000)");
        while (!*is_done && furrow_engine_stats(engine).waiting == 0)
            sched_yield();
        furrow_rollback(s);
        furrow_session_close(s);
    }
    return NULL;
}

static void test_group__rollbacks_do_not_delay_commits(void **state)
{
    (void)state;
    enum { OTHERS = 3, FAR_LESS_THAN_GROUP_WAIT_S = 20 };
    guest g = {.work = insert, .n = 1};
    pthread_t others[OTHERS];
    struct timespec begun, ended;
    furrow_session *s = first_writer(0);
    queue(&g, 1);
    for (int i = 0; i < OTHERS; i++) {
        pthread_create(&others[i], NULL, roll_back_until, &g.is_done);
        wait_for_line(i + 2);
    }
    clock_gettime(CLOCK_MONOTONIC, &begun);
    assert_int_equal(furrow_commit(s), FURROW_OK);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    join(&g, 1);
    for (int i = 0; i < OTHERS; i++)
        pthread_join(others[i], NULL);
    furrow_session_close(s);
    assert_true(ended.tv_sec - begun.tv_sec < FAR_LESS_THAN_GROUP_WAIT_S);
    assert_int_equal(ask("SELECT count(*) FROM t"), 2);
}

enum { THREADS = 16, EACH = 150 };

static void *be_one_of_many(void *context)
{
    int64_t me = *(const int64_t *)context;
    intptr_t failed = 0;
    furrow_session *s = furrow_session_open(engine);
    for (int64_t i = 0; i < EACH; i++) {
        int64_t n = me * EACH + i;
        furrow_exec(s, "INSERT INTO t (n) VALUES (?)", n);
        if (n % 7 == 3)
            furrow_exec(s, "INSERT INTO t (parent, n) VALUES (77, ?)", n + 1000000);
        if (n % 11 == 5)
            furrow_exec(s, "INSERT INTO t (n) VALUES (?)", n);
        furrow_status expected = n % 11 == 5  ? FURROW_UNIQUE
                                 : n % 7 == 3 ? FURROW_FOREIGN_KEY
                                              : FURROW_OK;
        failed += n % 13 == 1 ? furrow_rollback(s) != FURROW_OK : furrow_commit(s) != expected;
    }
    furrow_session_close(s);
    return (void *)failed;
}

static void test_group__each_of_many_transactions_is_kept_or_rolled_back(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    int64_t numbers[THREADS], kept = 0;
    for (int64_t i = 0; i < THREADS; i++) {
        numbers[i] = i;
        pthread_create(&threads[i], NULL, be_one_of_many, &numbers[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    for (int64_t n = 0; n < THREADS * EACH; n++)
        kept += n % 7 != 3 && n % 11 != 5 && n % 13 != 1;
    assert_int_equal(ask("SELECT count(*) FROM t"), kept);
    assert_int_equal(ask("SELECT count(*) FROM t WHERE n % 7 = 3 OR n % 11 = 5 OR n % 13 = 1"), 0);
    furrow_engine_statistics stats = furrow_engine_stats(engine);
    assert_true(stats.commits > stats.syncs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_group__waiting_sessions_share_a_sync, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_group__a_lone_writer_commits_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_group__only_syncs_of_the_disk_are_counted, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_group__relaxed_commits_do_not_sync, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_group__uncommitted_members_are_visible_to_writers_only,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_group__a_broken_constraint_fails_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_group__a_deferred_constraint_fails_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_group__a_rollback_affects_only_its_own_session, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_group__a_failed_pragma_closes_the_connection, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_group__a_subtransaction_that_cannot_begin_fails_alone,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_group__a_deferred_constraint_of_the_first_fails_alone,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_group__after_a_rollback_of_everything_the_others_can_be_repeated, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(
            test_group__transact_repeats_after_another_sessions_rollback, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_group__no_commit_waits_for_an_idle_session, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_group__a_lock_held_across_a_commit_is_not_a_deadlock,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_group__savepoints_and_streams_end_with_the_subtransaction, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_group__an_evicted_session_is_busy_whatever_was_open,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_group__ddl_in_a_savepoint_stays_there, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_group__a_transaction_with_ddl_never_joins, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_group__unsafe_sql_cannot_end_a_shared_transaction,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_group__one_thread_can_have_many_tickets, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_group__a_failed_transaction_gets_no_ticket, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_group__closing_commits_tickets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_group__a_ticket_is_committed_after_group_wait_ms,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_group__without_group_commit_a_ticket_is_settled_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_group__a_child_cannot_use_its_parents_ticket, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_group__rollbacks_do_not_delay_commits, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            test_group__each_of_many_transactions_is_kept_or_rolled_back, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
