/* SPDX-License-Identifier: MIT
 * The PostgreSQL driver alone: transactions, lost connections, and failing allocations. The tests
 * are skipped if FURROW_TEST_POSTGRESQL is not set. */
#include <arpa/inet.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define SCHEMA "furrow_driver_faults"
#include "driver/postgresql_fixture.h"
#include "faults/proxy.h"

static void test_postgresql__begin_and_savepoint_are_sent_with_the_statement(void **state)
{
    fixture *f = *state;
    run(f, "CREATE TABLE t (n integer)");
    furrow_statement *insert = prepare(f, "INSERT INTO t VALUES ($1)");
    furrow_value n = integer(1);
    OK(driver->begin(f->c, FURROW_ISOLATION_SERIALIZABLE, false, &f->error));
    OK(driver->savepoint(f->c, 1, &f->error));
    OK(driver->bind(insert, 0, NULL, &n, &f->error));
    OK(driver->execute(insert, &f->error));
    assert_int_equal(insert->changed, 1);
    assert_string_equal(ask(f, "SHOW transaction_isolation").as.text, "serializable");
    OK(driver->savepoint(f->c, 2, &f->error));
    IS(try(f, f->c, "SELECT 1 / 0"), FURROW_INVALID);
    OK(driver->rollback_to(f->c, 2, &f->error));
    OK(driver->release(f->c, 2, &f->error));
    OK(driver->savepoint(f->c, 2, &f->error)); /* the earlier savepoint with this number was never
                                                  sent */
    OK(driver->rollback_to(f->c, 2, &f->error));
    OK(driver->release(f->c, 2, &f->error));
    OK(driver->release(f->c, 1, &f->error));
    OK(driver->commit(f->c, &f->error));
    assert_false(f->c->in_transaction);
    assert_int_equal(count_of(f, "SELECT count(*) FROM t"), 1);

    OK(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(driver->savepoint(f->c, 1, &f->error));
    OK(driver->execute(insert, &f->error));
    OK(driver->rollback_to(f->c, 1, &f->error));
    OK(driver->release(f->c, 1, &f->error));
    OK(driver->execute(insert, &f->error));
    OK(driver->rollback(f->c, &f->error));
    assert_int_equal(count_of(f, "SELECT count(*) FROM t"), 1);

    OK(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, true, &f->error));
    IS(driver->execute(insert, &f->error), FURROW_INVALID);
    assert_string_equal(f->error.message, "the transaction is read-only");
    IS(driver->commit(f->c, &f->error), FURROW_ABORTED);
    assert_false(f->c->in_transaction);
    OK(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(driver->commit(f->c, &f->error)); /* BEGIN was never sent, so COMMIT need not be sent */
    OK(driver->ping(f->c, &f->error));
}

static void test_postgresql__a_failed_prepare_fails_its_savepoint_only(void **state)
{
    fixture *f = *state;
    run(f, "CREATE TABLE t (n integer)");
    OK(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    run(f, "INSERT INTO t VALUES (1)");
    OK(driver->savepoint(f->c, 1, &f->error));
    IS(try(f, f->c, "SELECT * FROM nowhere"), FURROW_SCHEMA);
    OK(driver->rollback_to(f->c, 1, &f->error));
    OK(driver->release(f->c, 1, &f->error));
    OK(driver->commit(f->c, &f->error));
    assert_int_equal(count_of(f, "SELECT count(*) FROM t"), 1);
}

static void test_postgresql__a_statement_is_prepared_again_after_a_table_changed(void **state)
{
    fixture *f = *state;
    run(f, "CREATE TABLE t (n integer)");
    run(f, "INSERT INTO t VALUES (5)");
    furrow_statement *s = prepare(f, "SELECT n FROM t");
    bool row;
    furrow_value value;
    OK(driver->execute(s, &f->error));
    run(f, "ALTER TABLE t ALTER n TYPE bigint");
    OK(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(driver->execute(s, &f->error)); /* The driver can try this statement again, because it is the
                                          first statement of its transaction. */
    OK(driver->step(s, &row, &f->error));
    OK(driver->read_value(s, 0, &value, &f->arena, &f->error));
    assert_int_equal(value.as.integer, 5);
    run(f, "ALTER TABLE t ALTER n TYPE text");
    IS(driver->execute(s, &f->error), FURROW_BUSY);
    OK(driver->rollback(f->c, &f->error));
    run(f, "ALTER TABLE t ALTER n TYPE text");
    OK(driver->execute(s, &f->error));
    OK(driver->step(s, &row, &f->error));
    OK(driver->read_value(s, 0, &value, &f->arena, &f->error));
    assert_string_equal(value.as.text, "5");
}

static void test_postgresql__cursors_take_parameters(void **state)
{
    fixture *f = *state;
    bool row;
    furrow_value value = integer(5);
    OK(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    furrow_statement *declare = prepare(
        f, "DECLARE c NO SCROLL CURSOR FOR SELECT g FROM generate_series(1, $1::integer) g");
    assert_int_equal(declare->parameter_count, 1);
    OK(driver->bind(declare, 0, NULL, &value, &f->error));
    OK(driver->execute(declare, &f->error));
    furrow_statement *fetch = prepare(f, "FETCH FORWARD 3 FROM c");
    int64_t sum = 0, batches[3];
    for (int i = 0; i < 3; i++) {
        OK(driver->execute(fetch, &f->error));
        batches[i] = (int64_t)driver->row_count(fetch);
        for (;;) {
            OK(driver->step(fetch, &row, &f->error));
            if (!row)
                break;
            OK(driver->read_value(fetch, 0, &value, &f->arena, &f->error));
            sum += value.as.integer;
        }
    }
    assert_true(batches[0] == 3 && batches[1] == 2 && batches[2] == 0 && sum == 15);
    run(f, "CLOSE c");
    run(f, "DECLARE c CURSOR FOR SELECT 'other', 2"); /* the columns of the same FETCH now have
                                                         other types */
    OK(driver->execute(fetch, &f->error));
    OK(driver->step(fetch, &row, &f->error));
    OK(driver->read_value(fetch, 0, &value, &f->arena, &f->error));
    assert_string_equal(value.as.text, "other");
    OK(driver->rollback(f->c, &f->error));
}

static void test_postgresql__raw_text_cannot_copy_or_end_the_transaction(void **state)
{
    fixture *f = *state;
    furrow_statement *s;
    static const char copy[] = "/* */ COPY pg_class TO STDOUT", end[] = "COMMIT";
    IS(driver->prepare(f->c, &s, &(furrow_statement_text){copy, strlen(copy), true}, &f->error),
       FURROW_INVALID);
    assert_null(s);
    OK(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(driver->prepare(f->c, &s, &(furrow_statement_text){end, strlen(end), true}, &f->error));
    IS(driver->execute(s, &f->error), FURROW_INVALID);
    assert_false(f->c->in_transaction);
    static const char lasting[] = "SELECT set_config('client_encoding', 'LATIN1', false)";
    OK(driver->prepare(f->c, &s, &(furrow_statement_text){lasting, strlen(lasting), true},
                       &f->error));
    IS(driver->execute(s, &f->error), FURROW_INVALID);
    assert_true(f->c->broken);
}

static void test_postgresql__reset_undoes_what_outlives_a_transaction(void **state)
{
    fixture *f = *state;
    furrow_statement *kept = prepare(f, "SELECT 1");
    run(f, "CREATE TEMP TABLE pg_temp.here (n integer)");
    run(f, "SET work_mem = '1234kB'");
    run(f, "SELECT pg_advisory_lock(42)");
    run(f, "LISTEN somebody");
    OK(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    run(f, "CREATE TABLE public.furrow_never (n integer)");
    OK(driver->reset(f->c, &f->error));
    assert_false(f->c->in_transaction);
    assert_int_equal(count_of(f, "SELECT count(*) FROM pg_class WHERE relname IN ('here', "
                                 "'furrow_never')"),
                     0);
    assert_int_equal(count_of(f, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND "
                                 "pid = pg_backend_pid()"),
                     0);
    assert_int_equal(count_of(f, "SELECT count(*) FROM pg_listening_channels()"), 0);
    assert_string_not_equal(ask(f, "SHOW work_mem").as.text, "1234kB");
    OK(driver->execute(kept, &f->error));
}

/* Literals in the text of statements have one meaning, regardless of the settings of the database
 * or the user.
 */
static void test_postgresql__a_backslash_in_a_literal_is_an_ordinary_character(void **state)
{
    static const char *const options[] = {
        "-c%20standard_conforming_strings%3Doff",
        "-c%20datestyle%3DGerman",
        "-c%20standard_conforming_strings%3Doff%20-c%20datestyle%3DSQL",
    };
    fixture *f = *state;
    for (int i = 0; i < 3; i++) {
        char url[1024];
        snprintf(url, sizeof url, "%s?options=%s", server_url, options[i]);
        driver->close(f->c);
        OK(driver->open(
            &f->c, &(struct furrow_connect_options){.url = url, .prepare = true, .is_pooled = true},
            &f->error));
        for (int how = 0; how < 3; how++) {
            assert_string_equal(ask(f, "SELECT 'a\\tb'").as.text, "a\\tb");
            assert_string_equal(ask(f, "SELECT date '2026-02-01'::text").as.text, "2026-02-01");
            if (how == 0)
                OK(driver->reset(f->c, &f->error));
            OK(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
            run(f, "CREATE TABLE IF NOT EXISTS public.furrow_never (n integer)");
            run(f, "DROP TABLE public.furrow_never");
            OK(driver->commit(f->c, &f->error));
            assert_false(f->c->may_be_dirty);
        }
    }
    furrow_statement *s;
    static const char off[] = "SELECT set_config('standard_conforming_strings', 'off', true)";
    OK(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(driver->prepare(f->c, &s, &(furrow_statement_text){off, strlen(off), true}, &f->error));
    IS(driver->execute(s, &f->error), FURROW_INVALID);
    assert_true(f->c->broken);
}

static void test_postgresql__tables_are_described(void **state)
{
    fixture *f = *state;
    furrow_live_table table;
    run(f, "CREATE TABLE d (b text, a bigint GENERATED BY DEFAULT AS IDENTITY, c varchar(20) NOT "
           "NULL DEFAULT 'x', g integer GENERATED ALWAYS AS (1) STORED, PRIMARY KEY (c, a))");
    run(f, "CREATE VIEW v AS SELECT 1");
    run(f, "CREATE TEMP TABLE hidden (n integer)");
    OK(driver->describe_table(f->c, &table, (furrow_table_name){NULL, "d"}, &f->arena, &f->error));
    assert_int_equal(table.column_count, 4);
    assert_null(table.schema);
    assert_string_equal(table.columns[0].type, "text");
    assert_true(table.columns[0].nullable && table.columns[0].key == 0);
    assert_string_equal(table.columns[1].default_, "GENERATED BY DEFAULT AS IDENTITY");
    assert_int_equal(table.columns[1].key, 2);
    assert_string_equal(table.columns[2].type, "character varying(20)");
    assert_string_equal(table.columns[2].default_, "'x'::character varying");
    assert_true(table.columns[2].key == 1 && !table.columns[2].nullable);
    assert_true(table.columns[3].generated && !table.columns[1].generated);
    OK(driver->describe_table(f->c, &table, (furrow_table_name){SCHEMA, "d"}, &f->arena,
                              &f->error));
    assert_string_equal(table.schema, SCHEMA);
    static const char *const none[] = {"v", "hidden", "d'; DROP TABLE d; --"};
    for (int i = 0; i < 3; i++) {
        OK(driver->describe_table(f->c, &table, (furrow_table_name){NULL, none[i]}, &f->arena,
                                  &f->error));
        assert_null(table.columns);
    }
    OK(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(driver->lock_schema(f->c, &f->error));
    assert_int_equal(count_of(f, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND "
                                 "pid = pg_backend_pid()"),
                     1);
}

static void add(char *out, size_t size, const char *words)
{
    snprintf(out + strlen(out), size - strlen(out), "%s", words);
}

static void add_encoded(char *out, size_t size, const char *text_)
{
    for (size_t at = strlen(out); *text_ && at + 4 < size; text_++, at += 3)
        snprintf(out + at, 4, "%%%02X", (unsigned)(unsigned char)*text_);
}

static const char *option(const PQconninfoOption *options, const char *keyword, const char * or)
{
    for (; options->keyword; options++)
        if (!strcmp(options->keyword, keyword) && options->val && *options->val)
            return options->val;
    return or ;
}

/* Starts a proxy between the driver and the server, and stores in `url` a URL that connects through
 * the proxy. */
static proxy *through(char *url, size_t size)
{
    PQconninfoOption *given = PQconninfoParse(server_url, NULL);
    assert_non_null(given);
    proxy *p = proxy_open(option(given, "host", "/var/run/postgresql"),
                          (int)strtol(option(given, "port", "5432"), NULL, 10));
    assert_non_null(p);
    snprintf(url, size, "postgresql://");
    add_encoded(url, size, option(given, "user", "postgres"));
    add(url, size, ":");
    add_encoded(url, size, option(given, "password", "none"));
    snprintf(url + strlen(url), size - strlen(url), "@127.0.0.1:%d/", proxy_port(p));
    add_encoded(url, size, option(given, "dbname", "postgres"));
    add(url, size, "?sslmode=disable&gssencmode=disable");
    PQconninfoFree(given);
    return p;
}

static void test_postgresql__a_commit_without_an_answer_is_unknown(void **state)
{
    fixture *f = *state;
    char url[1024];
    furrow_connection *c;
    run(f, "CREATE TABLE t (n integer)");
    proxy *p = through(url, sizeof url);
    OK(open_url(f, &c, url));
    OK(driver->begin(c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(try(f, c, "INSERT INTO " SCHEMA ".t VALUES (1)"));
    proxy_cut_after(p, PROXY_TO_CLIENT, 0);
    IS(driver->commit(c, &f->error), FURROW_COMMIT_UNKNOWN);
    assert_true(c->broken && !c->in_transaction);
    IS(driver->ping(c, &f->error), FURROW_DISCONNECTED);
    driver->close(c);

    proxy_heal(p);
    OK(open_url(f, &c, url));
    OK(driver->begin(c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(try(f, c, "INSERT INTO " SCHEMA ".t VALUES (2)"));
    proxy_reset(p);
    furrow_status lost = try(f, c, "SELECT 1");
    assert_int_equal(lost, FURROW_DISCONNECTED);
    IS(driver->commit(c, &f->error), FURROW_DISCONNECTED);
    driver->close(c);
    proxy_close(p);
    assert_int_equal(count_of(f, "SELECT count(*) FROM t WHERE n = 2"), 0);
}

/* Opens a connection whose COMMIT runs the statements of a deferred trigger. */
static furrow_connection *open_committer(fixture *f, const char *url, const char *statements)
{
    furrow_connection *c;
    char sql[600];
    snprintf(sql, sizeof sql,
             "CREATE OR REPLACE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
             "%s; RETURN NULL; END$$",
             statements);
    run(f, sql);
    OK(open_url(f, &c, url));
    OK(driver->begin(c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(try(f, c, "INSERT INTO " SCHEMA ".t VALUES (1)"));
    return c;
}

static void make_deferred_trigger(fixture *f)
{
    run(f, "CREATE TABLE t (n integer)");
    run(f, "CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'");
    run(f, "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED "
           "FOR EACH ROW EXECUTE FUNCTION at_commit()");
}

#define RAISE(state) "RAISE EXCEPTION USING ERRCODE = '" state "'"

static void test_postgresql__an_undecided_commit_is_unknown(void **state)
{
    static const struct {
        const char *statements;
        furrow_status wanted;
    } commits[] = {
        {RAISE("XX000"), FURROW_COMMIT_UNKNOWN},
        {RAISE("XX001"), FURROW_COMMIT_UNKNOWN},
        {RAISE("XX002"), FURROW_COMMIT_UNKNOWN},
        {RAISE("08000"), FURROW_COMMIT_UNKNOWN},
        {RAISE("08006"), FURROW_COMMIT_UNKNOWN},
        {RAISE("40003"), FURROW_COMMIT_UNKNOWN},
        {"PERFORM pg_terminate_backend(pg_backend_pid())", FURROW_COMMIT_UNKNOWN},
        {"RAISE WARNING USING ERRCODE = '40001'; " RAISE("XX000"), FURROW_BUSY},
        {"RAISE WARNING USING ERRCODE = '40P01'; " RAISE("XX000"), FURROW_BUSY},
        {"RAISE WARNING USING ERRCODE = '40001'; " RAISE("XX001"), FURROW_COMMIT_UNKNOWN},
        {"RAISE WARNING USING ERRCODE = '01000'; " RAISE("XX000"), FURROW_COMMIT_UNKNOWN},
        {RAISE("40001"), FURROW_BUSY},
        {RAISE("23514"), FURROW_CHECK},
        {RAISE("P0001"), FURROW_DATABASE},
        {RAISE("53100"), FURROW_DATABASE},
    };
    enum { READY_SIZE = 6 }; /* size of ReadyForQuery, the last message of an answer */
    fixture *f = *state;
    char url[1024];
    make_deferred_trigger(f);
    proxy *p = through(url, sizeof url);
    for (size_t i = 0; i < sizeof commits / sizeof *commits; i++) {
        furrow_connection *c = open_committer(f, url, commits[i].statements);
        uint64_t before = proxy_bytes(p, PROXY_TO_CLIENT);
        furrow_status got = driver->commit(c, &f->error);
        uint64_t size = proxy_bytes(p, PROXY_TO_CLIENT) - before;
        if (got != commits[i].wanted)
            fail_msg("%s: %s, %s", commits[i].statements, furrow_status_name(got),
                     f->error.message);
        assert_false(c->in_transaction);
        assert_int_equal(c->broken, got == FURROW_COMMIT_UNKNOWN);
        driver->close(c);

        /* The same answer, but the connection is lost before the end of the answer. */
        c = open_committer(f, url, commits[i].statements);
        proxy_cut_after(p, PROXY_TO_CLIENT, size - READY_SIZE);
        IS(driver->commit(c, &f->error), FURROW_COMMIT_UNKNOWN);
        assert_true(c->broken);
        driver->close(c);
        proxy_heal(p);
    }
    proxy_close(p);
}

/* A function that runs on the server can report that another connection was lost. */
static void test_postgresql__errors_about_other_connections_do_not_break_this_one(void **state)
{
    static const char *const states[] = {"08000", "08001", "08003", "08004", "08006", "08007",
                                         "08P01", "57P01", "57P02", "57P03", "57P05", "25P03"};
    fixture *f = *state;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        char sql[120];
        snprintf(sql, sizeof sql, "DO $$BEGIN RAISE EXCEPTION USING ERRCODE = '%s'; END$$",
                 states[i]);
        OK(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error));
        IS(try(f, f->c, sql), FURROW_DATABASE);
        assert_string_equal(f->error.sqlstate, states[i]);
        assert_false(f->c->broken);
        OK(driver->rollback(f->c, &f->error));
        OK(driver->ping(f->c, &f->error));
    }
}

static void test_postgresql__a_server_that_became_read_only_is_left(void **state)
{
    fixture *f = *state;
    furrow_connection *c;
    run(f, "CREATE TABLE t (n integer)");
    static const char write[] = "INSERT INTO " SCHEMA ".t VALUES (1)";
    OK(open_url(f, &c, server_url));
    /* The program itself requested a read-only transaction, so the connection is still usable. */
    OK(driver->begin(c, FURROW_ISOLATION_DEFAULT, true, &f->error));
    IS(try(f, c, write), FURROW_INVALID);
    assert_false(c->broken);
    OK(driver->rollback(c, &f->error));
    OK(driver->begin(c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(try(f, c, "SET TRANSACTION READ ONLY"));
    IS(try(f, c, write), FURROW_INVALID);
    assert_false(c->broken);
    OK(driver->rollback(c, &f->error));

    OK(try(f, c, "SET default_transaction_read_only = on"));
    OK(driver->begin(c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    IS(try(f, c, write), FURROW_DISCONNECTED);
    assert_string_equal(f->error.sqlstate, "25006");
    assert_non_null(strstr(f->error.hint, "target_session_attrs"));
    assert_true(c->broken);
    driver->close(c);
}

/* Opens a socket on which the kernel accepts connections but nothing ever answers. */
static int open_silent_socket(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static void test_postgresql__the_next_host_is_tried_if_one_does_not_answer(void **state)
{
    fixture *f = *state;
    char url[1024];
    int silent;
    furrow_connection *c;
    int fd = open_silent_socket(&silent);
    const char *host = strrchr(server_url, '@') + 1, *path = strchr(host, '/');
    snprintf(url, sizeof url, "%.*s127.0.0.1:%d,%.*s%s?sslmode=disable&gssencmode=disable",
             (int)(host - server_url), server_url, silent, (int)(path - host), host, path);
    struct furrow_connect_options options = {.url = url, .connect_timeout_ms = 4000};
    OK(driver->open(&c, &options, &f->error));
    OK(driver->ping(c, &f->error));
    driver->close(c);
    close(fd);
}

static void test_postgresql__answers_may_arrive_byte_by_byte(void **state)
{
    fixture *f = *state;
    char url[1024];
    furrow_connection *c;
    proxy *p = through(url, sizeof url);
    proxy_slice(p);
    OK(open_url(f, &c, url));
    OK(driver->begin(c, FURROW_ISOLATION_DEFAULT, false, &f->error));
    OK(driver->savepoint(c, 1, &f->error));
    OK(try(f, c, "SELECT repeat('x', 1000) FROM generate_series(1, 20)"));
    OK(driver->commit(c, &f->error));
    driver->close(c);
    proxy_close(p);
}

/* Cuts the connection at many places in a pipeline and in the answers to it. The driver must notice
 * each time that the connection is broken, and must not hang. */
static void test_postgresql__a_pipeline_that_is_cut_anywhere_breaks_the_connection(void **state)
{
    fixture *f = *state;
    char url[1024];
    furrow_connection *c;
    proxy *p = through(url, sizeof url);
    for (uint64_t at = 0; at < 120; at += 7) {
        proxy_heal(p);
        OK(open_url(f, &c, url));
        OK(driver->begin(c, FURROW_ISOLATION_DEFAULT, false, &f->error));
        OK(driver->savepoint(c, 1, &f->error));
        proxy_cut_after(p, at % 2 ? PROXY_TO_SERVER : PROXY_TO_CLIENT, at);
        furrow_status status = try(f, c, "SELECT 1, 'two', 3.0");
        assert_true(status == FURROW_DISCONNECTED || status == FURROW_OK);
        if (status != FURROW_OK) {
            assert_true(c->broken);
            IS(driver->rollback(c, &f->error), FURROW_DISCONNECTED);
        }
        driver->close(c);
    }
    proxy_close(p);
}

static void test_postgresql__a_terminated_backend_is_disconnected(void **state)
{
    fixture *f = *state;
    furrow_connection *c;
    OK(open_url(f, &c, server_url));
    for (int what = 0; what < 3; what++) {
        driver->close(c);
        OK(open_url(f, &c, server_url));
        furrow_connection *mine = f->c;
        f->c = c;
        int64_t pid = count_of(f, "SELECT pg_backend_pid()");
        f->c = mine;
        OK(driver->begin(c, FURROW_ISOLATION_DEFAULT, false, &f->error));
        if (what == 2)
            OK(try(f, c, "SELECT 1"));
        furrow_statement *kill = prepare(f, "SELECT pg_terminate_backend($1, 5000)");
        furrow_value value = integer(pid);
        OK(driver->bind(kill, 0, NULL, &value, &f->error));
        OK(driver->execute(kill, &f->error));
        driver->finalize(kill);
        if (what == 0)
            IS(try(f, c, "SELECT 1"), FURROW_DISCONNECTED);
        else if (what == 1)
            IS(driver->ping(c, &f->error), FURROW_DISCONNECTED);
        else
            IS(driver->commit(c, &f->error), FURROW_DISCONNECTED);
        assert_true(c->broken);
    }
    driver->close(c);
    OK(driver->ping(f->c, &f->error));
}

/* A thread that waits until the server runs the statement of `c`. Then the thread cancels this
 * statement. */
typedef struct canceller {
    furrow_connection *c;
    furrow_connection *watch;
    int64_t pid;
} canceller;

static void *cancel_once_it_runs(void *argument)
{
    canceller *job = argument;
    furrow_error error;
    furrow_statement *s;
    furrow_arena arena = {0};
    furrow_value value = integer(job->pid);
    static const char sql[] = "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND state = "
                              "'active' AND wait_event = 'PgSleep'";
    bool row;
    if (driver->prepare(job->watch, &s, &(furrow_statement_text){.text = sql, .size = strlen(sql)},
                        &error) == FURROW_OK) {
        do {
            value = integer(job->pid);
            if (driver->bind(s, 0, NULL, &value, &error) || driver->execute(s, &error) ||
                driver->step(s, &row, &error) || driver->read_value(s, 0, &value, &arena, &error))
                break;
        } while (value.as.integer == 0);
    }
    driver->cancel(job->c);
    furrow__arena_done(&arena);
    return NULL;
}

static void test_postgresql__a_statement_can_be_cancelled_and_can_time_out(void **state)
{
    fixture *f = *state;
    run(f, "SET statement_timeout = 50");
    IS(try(f, f->c, "SELECT pg_sleep(60)"), FURROW_TIMEOUT);
    run(f, "SET statement_timeout = 0");
    canceller job = {.c = f->c, .pid = count_of(f, "SELECT pg_backend_pid()")};
    OK(open_url(f, &job.watch, server_url));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, cancel_once_it_runs, &job), 0);
    IS(try(f, f->c, "SELECT pg_sleep(60)"), FURROW_CANCELLED);
    pthread_join(thread, NULL);
    driver->close(job.watch);
    OK(driver->ping(f->c, &f->error));
}

static furrow_status whole_life(fixture *f)
{
    furrow_connection *c;
    furrow_statement *s = NULL;
    furrow_live_table table;
    furrow_value value = integer(3);
    bool row;
    int64_t keys[300] = {0};
    furrow_arena arena = {0};
    furrow_status status = open_url(f, &c, server_url);
    if (!status)
        status = driver->begin(c, FURROW_ISOLATION_DEFAULT, false, &f->error);
    static const char sql[] = "SELECT $1::integer, 'text', $2::bigint[] IS NULL";
    if (!status)
        status =
            driver->prepare(c, &s, &(furrow_statement_text){sql, strlen(sql), true}, &f->error);
    if (!status)
        status = driver->bind(s, 0, NULL, &value, &f->error);
    if (!status)
        status = driver->bind_array(
            s, 1,
            &(furrow_array){
                .column = columns[0], .first = keys, .stride = sizeof *keys, .count = 300},
            &f->error);
    if (!status)
        status = driver->execute(s, &f->error);
    if (!status)
        status = driver->step(s, &row, &f->error);
    if (!status)
        status = driver->read_value(s, 1, &value, &arena, &f->error);
    if (!status)
        status = driver->describe_table(c, &table, (furrow_table_name){"pg_catalog", "pg_am"},
                                        &arena, &f->error);
    if (!status)
        status = driver->commit(c, &f->error);
    driver->close(c);
    furrow__arena_done(&arena);
    return status;
}

static void test_postgresql__every_allocation_may_fail(void **state)
{
    fixture *f = *state;
    long before = balance;
    furrow_status status = FURROW_NOMEM;
    for (long k = 0; status != FURROW_OK; k++) {
        allocations = 0;
        fail_at = k;
        status = whole_life(f);
        fail_at = -1;
        assert_true(status == FURROW_OK || status == FURROW_NOMEM);
        assert_int_equal(balance, before);
        assert_true(k < 500);
    }
}

int main(void)
{
    if (!begin_tests())
        return SKIPPED;
    const struct CMUnitTest tests[] = {
        TEST(begin_and_savepoint_are_sent_with_the_statement),
        TEST(a_failed_prepare_fails_its_savepoint_only),
        TEST(a_statement_is_prepared_again_after_a_table_changed),
        TEST(cursors_take_parameters),
        TEST(raw_text_cannot_copy_or_end_the_transaction),
        TEST(reset_undoes_what_outlives_a_transaction),
        TEST(a_backslash_in_a_literal_is_an_ordinary_character),
        TEST(tables_are_described),
        TEST(a_commit_without_an_answer_is_unknown),
        TEST(an_undecided_commit_is_unknown),
        TEST(errors_about_other_connections_do_not_break_this_one),
        TEST(a_server_that_became_read_only_is_left),
        TEST(the_next_host_is_tried_if_one_does_not_answer),
        TEST(answers_may_arrive_byte_by_byte),
        TEST(a_pipeline_that_is_cut_anywhere_breaks_the_connection),
        TEST(a_terminated_backend_is_disconnected),
        TEST(a_statement_can_be_cancelled_and_can_time_out),
        TEST(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
