/* SPDX-License-Identifier: MIT
 * The pool and the statement cache, tested with the counting driver. No test sleeps. To wait until
 * a thread has joined the queue, a test reads the pool's statistics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>

#include "counting_driver.h"

typedef struct guest {
    pthread_t thread;
    furrow_engine *engine;
    bool read_only, keeps;
    furrow__pooled *pooled;
    furrow_status status;
    furrow_error error;
    int turn;
} guest;

static atomic_int turns;

static void *visit(void *context)
{
    guest *g = context;
    g->status = furrow__pool_acquire(g->engine, &g->pooled, g->read_only,
                                     (furrow__call_site){"guest.c", 1}, &g->error);
    g->turn = turns++;
    if (g->pooled && !g->keeps)
        furrow__pool_release(g->pooled, false);
    return NULL;
}

static void wait_for_line(furrow_engine *engine, bool read_only, int waiting)
{
    while (furrow__pool_stats(engine, read_only).waiting != waiting)
        sched_yield();
}

static void send_guest(guest *g, furrow_engine *engine, bool read_only, int place)
{
    g->engine = engine;
    g->read_only = read_only;
    assert_int_equal(pthread_create(&g->thread, NULL, visit, g), 0);
    wait_for_line(engine, read_only, place);
}

static void test_pool__hands_over_in_the_order_of_arrival(void **state)
{
    (void)state;
    enum { GUESTS = 6 };
    guest guests[GUESTS] = {0};
    furrow_engine *engine = SQLITE(.pool_timeout_ms = 60000);
    furrow__pooled *pooled = borrow(engine, false, 1);
    turns = 0;
    for (int i = 0; i < GUESTS; i++)
        send_guest(&guests[i], engine, false, i + 1);
    furrow__pool_release(pooled, false);
    for (int i = 0; i < GUESTS; i++)
        pthread_join(guests[i].thread, NULL);
    for (int i = 0; i < GUESTS; i++) {
        assert_int_equal(guests[i].status, FURROW_OK);
        assert_int_equal(guests[i].turn, i);
        assert_ptr_equal(guests[i].pooled, pooled);
    }
    assert_int_equal(counts.opened, 1);
    furrow_engine_close(engine);
    assert_int_equal(counts.open, 0);
}

/* A thread that arrives later cannot take a connection that another thread is waiting for. */
static void test_pool__a_later_thread_does_not_overtake(void **state)
{
    (void)state;
    furrow_engine *engine =
        SERVER(.pool_size = 1, .max_overflow = FURROW_NO_OVERFLOW, .pool_timeout_ms = 60000);
    guest first = {.keeps = true};
    furrow__pooled *pooled = borrow(engine, false, 1);
    send_guest(&first, engine, false, 1);
    furrow__pool_release(pooled, false);
    assert_int_equal(furrow__pool_stats(engine, false).idle, 0);
    pthread_join(first.thread, NULL);
    assert_ptr_equal(first.pooled, pooled);
    furrow__pool_release(first.pooled, false);
    assert_int_equal(furrow__pool_stats(engine, false).idle, 1);
    furrow_engine_close(engine);
}

/* Sets back the connections' times of last use, as if the connections had been idle for this many
 * seconds. */
static void pass_time(furrow_engine *engine, int64_t seconds)
{
    for (furrow__pooled *pooled = engine->writers.idle; pooled; pooled = pooled->next)
        pooled->used_at_ns -= seconds * 1000000000;
    engine->due_at_ns -= seconds * 1000000000;
}

static void test_pool__keeps_pool_size_and_closes_overflow(void **state)
{
    (void)state;
    furrow_engine *engine = SERVER(.pool_size = 2, .max_overflow = 2, .pool_timeout_ms = 1);
    furrow__pooled *borrowed[4];
    for (int i = 0; i < 4; i++)
        borrowed[i] = borrow(engine, false, i);
    assert_int_equal(counts.open, 4);
    for (int i = 0; i < 4; i++)
        furrow__pool_release(borrowed[i], false);
    assert_int_equal(counts.open, 4);
    pass_time(engine, 1);
    furrow__pool_release(borrow(engine, false, 5), false);
    assert_int_equal(counts.open, 2);
    assert_int_equal(furrow__pool_stats(engine, false).open, 2);
    assert_int_equal(furrow__pool_stats(engine, false).busy, 0);
    furrow_engine_close(engine);
    assert_int_equal(counts.open, 0);
}

static void test_pool__minus_one_means_no_limit(void **state)
{
    (void)state;
    furrow_engine *engine = SERVER(.pool_size = 1, .max_overflow = -1, .pool_timeout_ms = 1);
    furrow__pooled *borrowed[40];
    for (int i = 0; i < 40; i++)
        borrowed[i] = borrow(engine, i % 2, i);
    assert_int_equal(counts.open, 40);
    for (int i = 0; i < 40; i++)
        furrow__pool_release(borrowed[i], false);
    pass_time(engine, 1);
    furrow__pool_release(borrow(engine, false, 41), false);
    assert_int_equal(counts.open, 1);
    furrow_engine_close(engine);
}

static void test_pool__timeout_says_busy_waiting_and_the_last_error(void **state)
{
    (void)state;
    furrow_engine *engine = SERVER(.pool_size = 1, .max_overflow = 1, .pool_timeout_ms = 1);
    furrow_error error;
    furrow__pooled *other = NULL, *one = borrow(engine, false, 1);
    counts.refuse = true;
    assert_int_equal(
        furrow__pool_acquire(engine, &other, false, (furrow__call_site){"f.c", 2}, &error),
        FURROW_DISCONNECTED);
    assert_null(other);
    counts.refuse = false;
    other = borrow(engine, false, 3);
    furrow__pooled *third = NULL;
    assert_int_equal(
        furrow__pool_acquire(engine, &third, false, (furrow__call_site){"f.c", 4}, &error),
        FURROW_TIMEOUT);
    assert_null(third);
    assert_non_null(strstr(error.message, "2 busy, 1 waiting"));
    assert_null(strstr(error.message, "nobody is there")); /* the error is not reported, because the
                                                              last attempt to connect succeeded */
    assert_int_equal(furrow__pool_stats(engine, false).waiting, 0);
    assert_null(strstr(error.message, "secret"));
    furrow__pool_release(one, false);
    furrow__pool_release(other, false);
    furrow_engine_close(engine);
}

static void test_pool__a_broken_connection_makes_room_for_a_waiting_thread(void **state)
{
    (void)state;
    furrow_engine *engine =
        SERVER(.pool_size = 1, .max_overflow = FURROW_NO_OVERFLOW, .pool_timeout_ms = 60000);
    furrow__pooled *pooled = borrow(engine, false, 1);
    guest one = {.keeps = true};
    send_guest(&one, engine, false, 1);
    pooled->connection->broken = true;
    furrow__pool_release(pooled, false);
    pthread_join(one.thread, NULL);
    assert_int_equal(one.status, FURROW_OK);
    assert_int_equal(counts.opened, 2);
    assert_int_equal(counts.open, 1);
    furrow__pool_release(one.pooled, false);
    furrow_engine_close(engine);
}

static void test_pool__a_failed_connect_lets_the_next_thread_connect(void **state)
{
    (void)state;
    furrow_engine *engine =
        SERVER(.pool_size = 1, .max_overflow = FURROW_NO_OVERFLOW, .pool_timeout_ms = 60000);
    furrow__pooled *pooled = borrow(engine, false, 1);
    guest guests[3] = {{0}};
    for (int i = 0; i < 3; i++)
        send_guest(&guests[i], engine, false, i + 1);
    counts.refuse = true;
    pooled->connection->broken = true;
    furrow__pool_release(pooled, false);
    for (int i = 0; i < 3; i++) {
        pthread_join(guests[i].thread, NULL);
        assert_int_equal(guests[i].status, FURROW_DISCONNECTED);
    }
    assert_int_equal(furrow__pool_stats(engine, false).open, 0);
    counts.refuse = false;
    furrow__pool_release(borrow(engine, false, 2), false);
    furrow_engine_close(engine);
}

/* If one connection is broken, the idle connections can be broken, too. The next session must still
 * work. */
static void test_pool__idle_connections_are_pinged_after_one_broke(void **state)
{
    (void)state;
    furrow_engine *engine = SERVER(.pool_size = 3);
    furrow__pooled *a = borrow(engine, false, 1), *b = borrow(engine, false, 2);
    furrow__pool_release(a, false);
    b->connection->broken = true;
    furrow__pool_release(b, false);
    counts.dead = true;
    furrow__pooled *c = borrow(engine, false, 3);
    assert_int_equal(counts.pings, 1);
    assert_int_equal(counts.opened, 3);
    assert_int_equal(counts.open, 1);
    furrow__pool_release(c, false);
    c = borrow(engine, false, 4);
    assert_int_equal(counts.pings, 1); /* the connection was opened after the failure, so it needs
                                          no ping */
    furrow__pool_release(c, false);
    furrow_engine_close(engine);
}

static void test_pool__resets_dirty_connections_and_open_transactions(void **state)
{
    (void)state;
    furrow_engine *engine = SERVER(0);
    furrow__pool_release(borrow(engine, false, 1), false);
    assert_int_equal(counts.resets, 0);
    furrow__pool_release(borrow(engine, false, 1), true);
    assert_int_equal(counts.resets, 1);
    furrow__pooled *pooled = borrow(engine, false, 1);
    pooled->connection->in_transaction = true;
    furrow__pool_release(pooled, false);
    assert_int_equal(counts.resets, 2);
    furrow_engine_close(engine);
}

static void test_pool__recycles_by_age_but_never_memory(void **state)
{
    (void)state;
    furrow_engine *engine = SERVER(.pool_recycle_s = 10);
    furrow__pooled *pooled = borrow(engine, false, 1);
    pooled->opened_at_ns -= INT64_C(11000000000);
    furrow__pool_release(pooled, false);
    assert_int_equal(counts.open, 0);
    furrow_engine_close(engine);

    engine = SQLITE(.url = "sqlite://", .pool_recycle_s = 10);
    pooled = borrow(engine, false, 1);
    pooled->opened_at_ns -= INT64_C(11000000000);
    furrow__pool_release(pooled, false);
    assert_int_equal(counts.open, 1);
    furrow_engine_close(engine);
}

static void test_pool__a_thread_does_not_wait_for_its_own_writer(void **state)
{
    (void)state;
    furrow_error error;
    furrow__pooled *second = NULL;
    furrow_engine *engine = SQLITE(0);
    furrow__pooled *pooled = borrow(engine, false, 77);
    assert_int_equal(
        furrow__pool_acquire(engine, &second, false, (furrow__call_site){"f.c", 2}, &error),
        FURROW_INVALID);
    assert_null(second);
    assert_non_null(strstr(error.message, "pool_test.c:77"));
    furrow__pooled *reader = borrow(engine, true, 78); /* a reader does not wait for a writer */
    assert_true(reader->read_only);
    furrow__pool_release(reader, false);
    furrow__pool_release(pooled, false);
    furrow__pool_release(borrow(engine, false, 79), false);
    furrow_engine_close(engine);

    engine = SQLITE(.url = "sqlite://");
    pooled = borrow(engine, true, 80);
    assert_int_equal(
        furrow__pool_acquire(engine, &second, true, (furrow__call_site){"f.c", 3}, &error),
        FURROW_INVALID);
    assert_non_null(strstr(error.message, "pool_test.c:80"));
    furrow__pool_release(pooled, false);
    assert_int_equal(counts.opened, 1);
    furrow_engine_close(engine);
}

static void test_pool__timeout_names_the_writers_holder(void **state)
{
    (void)state;
    guest late = {0};
    furrow_engine *engine = SQLITE(.pool_timeout_ms = 1);
    furrow__pooled *pooled = borrow(engine, false, 91);
    late.engine = engine;
    assert_int_equal(pthread_create(&late.thread, NULL, visit, &late), 0);
    pthread_join(late.thread, NULL);
    assert_int_equal(late.status, FURROW_TIMEOUT);
    assert_non_null(strstr(late.error.message, "pool_test.c:91"));
    assert_non_null(strstr(late.error.message, "1 busy, 1 waiting"));
    furrow__pool_release(pooled, false);
    furrow_engine_close(engine);
}

static void test_pool__readers_are_bounded(void **state)
{
    (void)state;
    furrow_error error;
    furrow__pooled *a, *b, *c = NULL;
    furrow_engine *engine = SQLITE(.readers = 2, .pool_timeout_ms = 1);
    a = borrow(engine, true, 1);
    b = borrow(engine, true, 2);
    assert_int_equal(furrow__pool_acquire(engine, &c, true, (furrow__call_site){"f.c", 3}, &error),
                     FURROW_TIMEOUT);
    furrow__pool_release(a, false);
    furrow__pool_release(b, false);
    assert_int_equal(furrow__pool_stats(engine, true).idle, 2);
    furrow_engine_close(engine);
    assert_int_equal(counts.open, 0);
}

static void test_engine__errors_for_bad_urls_do_not_contain_the_url(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "",
        "todo.db",
        "hunter2",
        "mysql://root:hunter2@h/d",
        "://hunter2",
        "sqlite:/x",
        "postgresql:/u:hunter2@h",
        "Sqlite:///x",
        "1sqlite:///hunter2",
        "\xff\xfe://hunter2",
    };
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        furrow_engine *engine = (furrow_engine *)(uintptr_t)8;
        furrow_error error;
        assert_int_equal(furrow_engine_open(&engine, urls[i], &error), FURROW_INVALID);
        assert_null(engine);
        assert_int_equal(error.status, FURROW_INVALID);
        assert_null(strstr(error.message, "hunter2"));
        assert_true(strstr(error.message, "postgresql") || strstr(error.hint, "postgresql"));
    }
    furrow_engine *engine = NULL;
    furrow_error error;
    assert_int_equal(furrow_engine_open(&engine, NULL, &error), FURROW_INVALID);
    assert_int_equal(furrow_engine_open(NULL, "sqlite://", &error), FURROW_INVALID);
    assert_int_equal(furrow_engine_open_(0, NULL), FURROW_INVALID);
    assert_int_equal(furrow_engine_open(&engine, "sqlite://", &error, .pool_size = -1),
                     FURROW_INVALID);
    assert_non_null(strstr(error.message, "pool_size"));
    assert_int_equal(furrow_engine_open(&engine, "sqlite://", &error, .max_overflow = -3),
                     FURROW_INVALID);
    assert_int_equal(furrow_engine_open(&engine, "sqlite://", &error, .pool_timeout_ms = -1),
                     FURROW_INVALID);
    assert_int_equal(furrow_engine_open(&engine, "sqlite://", &error, .statement_cache = -2),
                     FURROW_INVALID);
    assert_int_equal(furrow_engine_open(&engine, "sqlite://", &error, .isolation = 9),
                     FURROW_INVALID);
}

/* A program that was compiled with a shorter struct of options passes a smaller size. The options
 * that are not in its struct have their defaults. */
static void test_engine__reads_options_of_an_older_program(void **state)
{
    (void)state;
    furrow_engine *engine = NULL;
    struct furrow_engine_options options = {.out = &engine, .url = "counting://", .pool_size = 3};
    options.statement_cache = -7;
    memset(&counts, 0, sizeof counts);
    assert_int_equal(furrow__engine_open_with(&server_driver, NULL,
                                              offsetof(struct furrow_engine_options, max_overflow),
                                              &options),
                     FURROW_OK);
    assert_int_equal(furrow__engine_options(engine)->pool_size, 3);
    assert_int_equal(furrow__engine_options(engine)->statement_cache, 256);
    assert_ptr_not_equal(furrow__engine_options(engine)->url, options.url);
    furrow_engine_close(engine);
}

static void test_engine__lives_until_its_last_session_ends(void **state)
{
    (void)state;
    furrow_engine *engine = SERVER(0);
    furrow__engine_retain(engine);
    furrow__pooled *pooled = borrow(engine, false, 1);
    furrow_engine_close(engine);
    assert_int_equal(counts.open, 1);
    furrow__pool_release(pooled, false);
    furrow__engine_release(engine);
    assert_int_equal(counts.open, 0);
    furrow_engine_close(NULL);
}

static void test_engine__a_refused_connection_leaks_nothing(void **state)
{
    (void)state;
    furrow_engine *engine = NULL;
    furrow_error error;
    struct furrow_engine_options options = {
        .out = &engine, .url = "counting://", .error = &error, .error_size_ = sizeof error};
    memset(&counts, 0, sizeof counts);
    counts.refuse = true;
    assert_int_equal(furrow__engine_open_with(&server_driver, NULL, sizeof options, &options),
                     FURROW_DISCONNECTED);
    assert_null(engine);
    assert_string_equal(error.message, "nobody is there");
}

/* Runs a statement that returns at most one integer. */
static int64_t run_sql(furrow__pooled *pooled, const char *sql)
{
    const furrow_driver *driver = pooled->connection->driver;
    furrow_statement *statement = NULL;
    furrow_error error = {0};
    furrow_value value = {0};
    furrow_arena arena = {0};
    bool row = false;
    assert_int_equal(furrow__cache_prepare(
                         pooled, &statement,
                         &(furrow__statement_key){.text = sql, .size = strlen(sql)}, false, &error),
                     FURROW_OK);
    assert_int_equal(driver->execute(statement, &error), FURROW_OK);
    assert_int_equal(driver->step(statement, &row, &error), FURROW_OK);
    if (row)
        assert_int_equal(driver->read_value(statement, 0, &value, &arena, &error), FURROW_OK);
    furrow__cache_done(pooled, statement);
    furrow__arena_done(&arena);
    return value.as.integer;
}

enum { WRITERS = 4, TURNS = 25 };

static void *count_up(void *context)
{
    furrow_engine *engine = context;
    for (int i = 0; i < TURNS; i++) {
        furrow_error error = {0};
        furrow__pooled *pooled = NULL;
        if (furrow__pool_acquire(engine, &pooled, false, (furrow__call_site){"f.c", i}, &error))
            return NULL;
        const furrow_driver *driver = pooled->connection->driver;
        driver->begin(pooled->connection, FURROW_ISOLATION_DEFAULT, false, &error);
        run_sql(pooled, "UPDATE counter SET n = n + 1");
        driver->commit(pooled->connection, &error);
        furrow__pool_release(pooled, false);
    }
    return NULL;
}

static void test_pool__writers_of_a_sqlite_file_take_turns(void **state)
{
    (void)state;
    char folder[] = "/tmp/furrow_pool_XXXXXX", url[64], path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(url, sizeof url, "sqlite:///%s/a.db", folder);
    furrow_engine *engine = NULL;
    furrow_error error;
    pthread_t threads[WRITERS];
    assert_int_equal(furrow_engine_open(&engine, url, &error), FURROW_OK);
    furrow__pooled *pooled = borrow(engine, false, 1);
    run_sql(pooled, "CREATE TABLE counter (n INTEGER)");
    run_sql(pooled, "INSERT INTO counter VALUES (0)");
    furrow__pool_release(pooled, false);
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_up, engine), 0);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    furrow__pooled *reader = borrow(engine, true, 2), *writer = borrow(engine, false, 3);
    assert_ptr_not_equal(reader, writer);
    assert_int_equal(run_sql(reader, "SELECT n FROM counter"), WRITERS * TURNS);
    furrow__pool_release(reader, false);
    furrow__pool_release(writer, false);
    furrow_engine_close(engine);
    snprintf(path, sizeof path, "%s/a.db", folder);
    assert_int_equal(remove(path), 0); /* SQLite removed the log and the shared memory when the last
                                          connection was closed */
    assert_int_equal(remove(folder), 0);
}

static void test_pool__a_database_in_memory_is_one_for_all(void **state)
{
    (void)state;
    furrow_engine *engine = NULL;
    furrow_error error;
    assert_int_equal(furrow_engine_open(&engine, "sqlite://", &error, .pool_recycle_s = 1),
                     FURROW_OK);
    furrow__pooled *pooled = borrow(engine, false, 1);
    run_sql(pooled, "CREATE TABLE t (n INTEGER)");
    furrow__pool_release(pooled, true);
    pooled = borrow(engine, true, 2);
    assert_int_equal(run_sql(pooled, "SELECT count(*) FROM t"), 0);
    furrow__pool_release(pooled, false);
    furrow_engine_close(engine);
}

static struct {
    int left; /* number of allocations that succeed; the next allocation fails. If `ever_after` is
                 set, all later allocations fail, too */
    bool ever_after;
    long out;
} scarce;

static bool is_refused(void)
{
    bool refused = scarce.ever_after ? scarce.left <= 0 : scarce.left == 0;
    scarce.left--;
    return refused;
}
static void *scarce_allocate(size_t size, void *context)
{
    (void)context;
    void *block = is_refused() ? NULL : malloc(size);
    scarce.out += block != NULL;
    return block;
}
static void *scarce_reallocate(void *old, size_t size, void *context)
{
    (void)context;
    void *block = is_refused() ? NULL : realloc(old, size);
    scarce.out += block && !old;
    return block;
}
static void scarce_release(void *block, void *context)
{
    (void)context;
    scarce.out -= block != NULL;
    free(block);
}

/* Opens an engine, borrows a connection, prepares two statements, and closes everything. Returns
 * FURROW_OK or FURROW_NOMEM. The callers check that all memory was freed. */
static furrow_status live_a_little(void)
{
    furrow_engine *engine = NULL;
    furrow_error error;
    furrow__pooled *borrowed[2] = {NULL};
    furrow_statement *statement = NULL;
    struct furrow_engine_options options = {
        .out = &engine, .url = "counting://", .error = &error, .error_size_ = sizeof error};
    furrow_status status = furrow__engine_open_with(&server_driver, NULL, sizeof options, &options);
    if (status != FURROW_OK) {
        assert_null(engine);
        return status;
    }
    for (int i = 0; i < 2 && status == FURROW_OK; i++)
        status = furrow__pool_acquire(engine, &borrowed[i], false, (furrow__call_site){"f.c", i},
                                      &error);
    if (status == FURROW_OK)
        status =
            furrow__cache_prepare(borrowed[0], &statement,
                                  &(furrow__statement_key){NULL, 1, "SELECT 1", 8}, true, &error);
    if (statement)
        furrow__cache_discard(borrowed[0], statement);
    for (int i = 0; i < 2; i++)
        furrow__pool_release(borrowed[i], false);
    furrow_engine_close(engine);
    return status;
}

static void test_engine__every_allocation_may_fail(void **state)
{
    (void)state;
    const furrow_allocator allocator = {scarce_allocate, scarce_reallocate, scarce_release, NULL};
    furrow_set_allocator(&allocator);
    for (int ever_after = 0; ever_after < 2; ever_after++) {
        int failures = 0;
        furrow_status status = FURROW_NOMEM;
        for (int k = 0; k < 1000 && (status != FURROW_OK || scarce.left < 0); k++) {
            memset(&counts, 0, sizeof counts);
            scarce.left = k;
            scarce.ever_after = ever_after;
            status = live_a_little();
            assert_true(status == FURROW_OK || status == FURROW_NOMEM);
            failures += status == FURROW_NOMEM;
            assert_int_equal(scarce.out, 0);
            assert_int_equal(counts.open, 0);
            assert_int_equal(counts.prepared, counts.finalized);
        }
        assert_int_equal(status, FURROW_OK);
        assert_true(failures > 5);
    }
    furrow_set_allocator(NULL);
}

static furrow_statement *prepare(furrow__pooled *pooled, const furrow_model *model, uint64_t tag,
                                 const char *text)
{
    furrow_error error;
    furrow_statement *statement = NULL;
    assert_int_equal(furrow__cache_prepare(pooled, &statement,
                                           &(furrow__statement_key){model, tag, text, strlen(text)},
                                           false, &error),
                     FURROW_OK);
    return statement;
}

static furrow_statement *find(furrow__pooled *pooled, const furrow_model *model, uint64_t tag,
                              const char *text)
{
    return furrow__cache_find(pooled, &(furrow__statement_key){model, tag, text, strlen(text)});
}

static void end_with_connection(furrow_engine *engine, furrow__pooled *pooled)
{
    /* The engine must discard the cached statements before it closes the connection, because the
     * counting driver does not free them. */
    (void)pooled;
    furrow__pool_release(pooled, false);
    furrow_engine_close(engine);
}

static const furrow_model model_a, model_b;

static void test_cache__finds_by_model_and_by_text(void **state)
{
    (void)state;
    furrow_engine *engine = SERVER(0);
    furrow__pooled *pooled = borrow(engine, false, 1);
    furrow_statement *a = prepare(pooled, &model_a, 1, "a"), *b = prepare(pooled, &model_b, 1, "b"),
                     *t = prepare(pooled, NULL, 5, "SELECT 1"),
                     *u = prepare(pooled, NULL, 5, "SELECT 2");
    furrow_statement *all[] = {a, b, t, u};
    assert_null(find(pooled, &model_a, 1, "")); /* statement 1 is in use */
    assert_string_equal(furrow__cache_text(pooled, b), "b");
    assert_string_equal(furrow__cache_text(pooled, u), "SELECT 2");
    for (int i = 0; i < 4; i++)
        furrow__cache_done(pooled, all[i]);
    assert_int_equal(counts.statement_resets, 4);
    assert_ptr_equal(find(pooled, &model_a, 1, ""), a);
    assert_ptr_equal(find(pooled, &model_b, 1, ""), b);
    assert_null(find(pooled, &model_a, 2, ""));
    assert_ptr_equal(find(pooled, NULL, 5, "SELECT 1"), t); /* two SQL strings with the same hash */
    assert_ptr_equal(find(pooled, NULL, 5, "SELECT 2"), u);
    assert_null(find(pooled, NULL, 5, "SELECT 3"));
    for (int i = 0; i < 4; i++)
        furrow__cache_discard(pooled, all[i]);
    assert_int_equal(furrow__cache_count(pooled), 0);
    assert_int_equal(counts.finalized, 4);
    end_with_connection(engine, pooled);
}

static void test_cache__a_statement_in_use_gets_an_uncached_duplicate(void **state)
{
    (void)state;
    furrow_engine *engine = SERVER(0);
    furrow__pooled *pooled = borrow(engine, false, 1);
    furrow_statement *a = prepare(pooled, &model_a, 1, "a"),
                     *twin = prepare(pooled, &model_a, 1, "a");
    assert_ptr_not_equal(a, twin);
    assert_int_equal(furrow__cache_count(pooled), 1);
    furrow__cache_done(pooled, twin);
    assert_int_equal(counts.finalized, 1);
    furrow__cache_done(pooled, a);
    assert_int_equal(counts.finalized, 1);
    assert_ptr_equal(find(pooled, &model_a, 1, ""), a);
    furrow__cache_discard(pooled, a);
    end_with_connection(engine, pooled);
}

static void test_cache__drops_the_least_recently_used_that_is_not_in_use(void **state)
{
    (void)state;
    furrow_engine *engine = SERVER(.statement_cache = 3);
    furrow__pooled *pooled = borrow(engine, false, 1);
    furrow_statement *held = prepare(pooled, &model_a, 0, "");
    furrow__cache_done(pooled, prepare(pooled, &model_a, 1, ""));
    furrow__cache_done(pooled, prepare(pooled, &model_a, 2, ""));
    furrow__cache_done(pooled, find(pooled, &model_a, 1, ""));
    furrow__cache_done(pooled, prepare(pooled, &model_a, 3, "")); /* evicts statement 2 */
    assert_int_equal(furrow__cache_count(pooled), 3);
    assert_int_equal(counts.finalized, 1);
    assert_null(find(pooled, &model_a, 2, ""));
    furrow_statement *one = find(pooled, &model_a, 1, ""), *three = find(pooled, &model_a, 3, "");
    assert_true(one && three);
    furrow__cache_done(pooled,
                       prepare(pooled, &model_a, 4, "")); /* all cached statements are in use, so
                                                             statement 4 is not cached */
    assert_int_equal(furrow__cache_count(pooled), 3);
    assert_int_equal(counts.finalized, 2);
    furrow__cache_discard(pooled, held);
    furrow__cache_discard(pooled, one);
    furrow__cache_discard(pooled, three);
    assert_int_equal(counts.prepared, counts.finalized);
    end_with_connection(engine, pooled);
}

/* The cache must also free statements that it does not contain: duplicates, and statements for
 * which it has no room. */
static void test_cache__frees_all_statements_in_use(void **state)
{
    (void)state;
    furrow_engine *engine = SERVER(.statement_cache = 3);
    furrow__pooled *pooled = borrow(engine, false, 1);
    furrow__cache_done(pooled, prepare(pooled, &model_a, 1, ""));
    for (int i = 0; i < 2; i++) { /* the cache has room for two more statements */
        prepare(pooled, &model_a, 2, "");
        prepare(pooled, &model_a, 3, "");
        prepare(pooled, &model_a, 4, "");
        prepare(pooled, NULL, 5, "SELECT 1");
    }
    furrow__cache_drop_active(pooled);
    assert_int_equal(furrow__cache_count(pooled), 0);
    assert_int_equal(counts.prepared, counts.finalized);
    furrow__cache_drop_active(pooled);
    assert_int_equal(counts.prepared, counts.finalized);
    end_with_connection(engine, pooled);
}

/* Puts thousands of statements into a small cache. Lookups must find exactly the statements that
 * the cache contains. */
static void test_cache__stays_bounded_and_consistent(void **state)
{
    (void)state;
    enum { CAPACITY = 37, KEYS = 3000 };
    furrow_engine *engine = SERVER(.statement_cache = CAPACITY);
    furrow__pooled *pooled = borrow(engine, false, 1);
    for (uint64_t i = 0; i < KEYS; i++) {
        furrow__cache_done(pooled, prepare(pooled, &model_a, i * 64, ""));
        assert_true(furrow__cache_count(pooled) <= CAPACITY);
        for (uint64_t back = 0; back <= 18 && back <= i; back += 9) {
            furrow_statement *statement = find(pooled, &model_a, (i - back) * 64, "");
            assert_non_null(statement);
            furrow__cache_done(pooled, statement);
        }
    }
    int found = 0;
    for (uint64_t i = 0; i < KEYS; i++) {
        furrow_statement *statement = find(pooled, &model_a, i * 64, "");
        found += statement != NULL;
        furrow__cache_discard(pooled, statement);
    }
    assert_int_equal(found, CAPACITY);
    assert_int_equal(furrow__cache_count(pooled), 0);
    assert_int_equal(counts.finalized, KEYS);
    end_with_connection(engine, pooled);
}

static void test_cache__size_minus_one_caches_nothing(void **state)
{
    (void)state;
    furrow_engine *engine = SERVER(.statement_cache = -1);
    furrow__pooled *pooled = borrow(engine, false, 1);
    assert_null(find(pooled, &model_a, 1, "a"));
    furrow__cache_done(pooled, prepare(pooled, &model_a, 1, "a"));
    furrow_statement *one = prepare(pooled, NULL, 1, "SELECT 1");
    assert_string_equal(furrow__cache_text(pooled, one), "SELECT 1");
    furrow__cache_done(pooled, one);
    assert_null(find(pooled, &model_a, 1, "a"));
    assert_null(find(pooled, NULL, 1, "a"));
    assert_int_equal(counts.finalized, 2);
    end_with_connection(engine, pooled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pool__hands_over_in_the_order_of_arrival),
        cmocka_unit_test(test_pool__a_later_thread_does_not_overtake),
        cmocka_unit_test(test_pool__keeps_pool_size_and_closes_overflow),
        cmocka_unit_test(test_pool__minus_one_means_no_limit),
        cmocka_unit_test(test_pool__timeout_says_busy_waiting_and_the_last_error),
        cmocka_unit_test(test_pool__a_broken_connection_makes_room_for_a_waiting_thread),
        cmocka_unit_test(test_pool__a_failed_connect_lets_the_next_thread_connect),
        cmocka_unit_test(test_pool__idle_connections_are_pinged_after_one_broke),
        cmocka_unit_test(test_pool__resets_dirty_connections_and_open_transactions),
        cmocka_unit_test(test_pool__recycles_by_age_but_never_memory),
        cmocka_unit_test(test_pool__a_thread_does_not_wait_for_its_own_writer),
        cmocka_unit_test(test_pool__timeout_names_the_writers_holder),
        cmocka_unit_test(test_pool__readers_are_bounded),
        cmocka_unit_test(test_engine__errors_for_bad_urls_do_not_contain_the_url),
        cmocka_unit_test(test_engine__reads_options_of_an_older_program),
        cmocka_unit_test(test_engine__lives_until_its_last_session_ends),
        cmocka_unit_test(test_engine__a_refused_connection_leaks_nothing),
        cmocka_unit_test(test_pool__writers_of_a_sqlite_file_take_turns),
        cmocka_unit_test(test_pool__a_database_in_memory_is_one_for_all),
        cmocka_unit_test(test_engine__every_allocation_may_fail),
        cmocka_unit_test(test_cache__finds_by_model_and_by_text),
        cmocka_unit_test(test_cache__a_statement_in_use_gets_an_uncached_duplicate),
        cmocka_unit_test(test_cache__drops_the_least_recently_used_that_is_not_in_use),
        cmocka_unit_test(test_cache__frees_all_statements_in_use),
        cmocka_unit_test(test_cache__stays_bounded_and_consistent),
        cmocka_unit_test(test_cache__size_minus_one_caches_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
