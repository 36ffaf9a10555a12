/* SPDX-License-Identifier: MIT
 * The SQLite driver alone: connections, statements, transactions, errors, and failing allocations.
 */
#include "sqlite_fixture.h"

static void assert_error(fixture *f, furrow_status status, const char *message, const char *table,
                         const char *column, const char *constraint)
{
    assert_string_equal(f->error.message, message);
    assert_int_equal(f->error.status, status);
    assert_string_equal(f->error.table, table);
    assert_string_equal(f->error.column, column);
    assert_string_equal(f->error.constraint, constraint);
}

/* Replaces the function of the library, so that a test can pretend that the library is older. */
static int claimed_version = SQLITE_VERSION_NUMBER;

int sqlite3_libversion_number(void)
{
    return claimed_version;
}

static void test_sqlite__an_old_library_is_refused(void **state)
{
    fixture *f = *state;
    char part[80];
    furrow_connection *c;
    struct furrow_connect_options options = {.url = f->url};
    snprintf(part, sizeof part, "furrow needs SQLite %d.%d.%d", FURROW_SQLITE_MINIMUM / 1000000,
             FURROW_SQLITE_MINIMUM / 1000 % 1000, FURROW_SQLITE_MINIMUM % 1000);
    claimed_version = FURROW_SQLITE_MINIMUM - 1;
    furrow_status status = driver->open(&c, &options, &f->error);
    claimed_version = FURROW_SQLITE_MINIMUM;
    assert_int_equal(status, FURROW_DATABASE);
    assert_null(c);
    if (!strstr(f->error.message, part))
        fail_msg("%s", f->error.message);
    assert_true(f->error.hint[0]);
    assert_int_equal(driver->open(&c, &options, &f->error), FURROW_OK);
    claimed_version = SQLITE_VERSION_NUMBER;
    driver->close(c);
}

static void test_sqlite__violations_name_the_constraint(void **state)
{
    fixture *f = *state;
    must(f, "CREATE TABLE \"items\" (\"id\" INTEGER PRIMARY KEY, \"code\" TEXT NOT NULL CONSTRAINT "
            "\"items_code_key\" UNIQUE, \"shelf\" TEXT, \"serial\" TEXT, \"odd.name, x\" INTEGER, "
            "n INTEGER CONSTRAINT \"items_n_check\" CHECK (n > 0), w INTEGER, "
            "CONSTRAINT \"items_shelf_serial_key\" UNIQUE (\"shelf\", \"serial\"), "
            "CONSTRAINT items_check CHECK (w >= 0 AND n < 1000), CHECK (w <> 13), CHECK (n + w < "
            "1000)) STRICT");
    must(f, "CREATE UNIQUE INDEX \"items_odd_idx\" ON items (\"odd.name, x\")");
    must(f, "CREATE UNIQUE INDEX items_lower_idx ON items (lower(shelf))");
    must(f, "INSERT INTO items VALUES (1, 'a', 's', 't', 5, 1, 1)");
    assert_int_equal(run(f, "INSERT INTO items VALUES (2, 'a', 'x', 'y', 6, 1, 1)", true),
                     FURROW_UNIQUE);
    assert_error(f, FURROW_UNIQUE, "\"items\": a row with this \"code\" already exists", "items",
                 "code", "items_code_key");
    assert_int_equal(f->error.native_code, SQLITE_CONSTRAINT_UNIQUE);
    must(f, "DROP INDEX items_lower_idx");
    run(f, "INSERT INTO items VALUES (2, 'b', 's', 't', 6, 1, 1)", true);
    assert_error(f, FURROW_UNIQUE,
                 "\"items\": a row with this \"shelf\", \"serial\" already exists", "items",
                 "shelf, serial", "items_shelf_serial_key");
    must(f, "CREATE UNIQUE INDEX items_lower_idx ON items (lower(shelf))");
    run(f, "INSERT INTO items VALUES (2, 'b', 'S', 't', 6, 1, 1)", true);
    assert_error(f, FURROW_UNIQUE,
                 "\"items\": a row with the same key already exists in \"items_lower_idx\"",
                 "items", "", "items_lower_idx");
    run(f, "INSERT INTO items VALUES (2, 'b', 'x', 't', 5, 1, 1)", true);
    assert_error(f, FURROW_UNIQUE, "\"items\": a row with this \"odd.name, x\" already exists",
                 "items", "odd.name, x", "items_odd_idx");
    run(f, "INSERT INTO items VALUES (1, 'b', 'x', 'y', 6, 1, 1)", true);
    assert_error(f, FURROW_UNIQUE, "\"items\": a row with this \"id\" already exists", "items",
                 "id", "");
    run(f, "INSERT INTO items VALUES (2, NULL, 'x', 'y', 6, 1, 1)", true);
    assert_error(f, FURROW_NOT_NULL, "\"items\": \"code\" must not be NULL", "items", "code", "");
    run(f, "INSERT INTO items VALUES (2, 'b', 'x', 'y', 6, 0, 1)", true);
    assert_error(f, FURROW_CHECK, "\"items\": the row violates check \"items_n_check\"", "items",
                 "n", "items_n_check");
    run(f, "INSERT INTO items VALUES (2, 'b', 'x', 'y', 6, 1, -1)", true);
    assert_error(f, FURROW_CHECK, "\"items\": the row violates check \"items_check\"", "items",
                 "w, n", "items_check");
    run(f, "INSERT INTO items VALUES (2, 'b', 'x', 'y', 6, 1, 13)", true);
    assert_error(f, FURROW_CHECK, "\"items\": the row violates a check of \"w\"", "items", "w", "");
    run(f, "INSERT INTO items VALUES (2, 'b', 'x', 'y', 6, 600, 500)", true);
    assert_error(f, FURROW_CHECK, "\"items\": the row violates a check of \"n\", \"w\"", "items",
                 "n, w", "");
    must(f, "CREATE TABLE other (w INTEGER, CHECK (w <> 13))");
    run(f, "INSERT INTO items VALUES (2, 'b', 'x', 'y', 6, 1, 13)", true);
    assert_error(f, FURROW_CHECK, "the row violates a check", "", "", "");
}

static void test_sqlite__values_of_a_wrong_type_name_the_column(void **state)
{
    fixture *f = *state;
    must(f, "CREATE TABLE \"a.b\" (\"id\" INTEGER PRIMARY KEY, \"n.x\" INTEGER, t TEXT, "
            "w INTEGER CONSTRAINT \"a.b_w_width_check\" CHECK (w BETWEEN -32768 AND 32767), "
            "d TEXT CONSTRAINT \"a.b_d_check\" CHECK (d IS NULL OR json_valid(d))) STRICT");
    run(f, "INSERT INTO \"a.b\" (\"n.x\") VALUES ('x')", true);
    assert_error(f, FURROW_INVALID, "\"a.b\".\"n.x\": cannot store TEXT value in INTEGER column",
                 "a.b", "n.x", "");
    run(f, "INSERT INTO \"a.b\" (t) VALUES (x'00')", true);
    assert_error(f, FURROW_INVALID, "\"a.b\".\"t\": cannot store BLOB value in TEXT column", "a.b",
                 "t", "");
    run(f, "INSERT INTO \"a.b\" (\"n.x\") VALUES (9223372036854775807 + 1)", true);
    assert_error(f, FURROW_INVALID, "\"a.b\".\"n.x\": a number is out of range for its type", "a.b",
                 "n.x", "");
    run(f, "INSERT INTO \"a.b\" (w) VALUES (32768)", true);
    assert_error(f, FURROW_INVALID, "\"a.b\".\"w\": a number is out of range for its type", "a.b",
                 "w", "");
    run(f, "INSERT INTO \"a.b\" (d) VALUES ('x')", true);
    assert_error(f, FURROW_INVALID,
                 "\"a.b\".\"d\": a string is not a valid value of the required type", "a.b", "d",
                 "");
}

struct post {
    int64_t id, author_id;
};
static const furrow_model author_model, post_model;
static const furrow_column author_columns[] = {
    {.name = "id", .model = &author_model, .type = FURROW_TYPE_INT64, .size = 8}};
static const furrow_model author_model = {
    .name = "author", .table = "author", .columns = author_columns, .column_count = 1};
static const furrow_column post_columns[] = {
    {.name = "id", .model = &post_model, .type = FURROW_TYPE_INT64, .size = 8},
    {.name = "author_id",
     .model = &post_model,
     .type = FURROW_TYPE_INT64,
     .size = 8,
     .offset = 8,
     .index = 1}};
static const uint16_t zero[] = {0}, one[] = {1};
static const furrow_foreign_key post_keys[] = {{.name = "post_author_id_fkey",
                                                .columns = one,
                                                .target = &author_model,
                                                .target_columns = zero,
                                                .count = 1}};
static const furrow_model post_model = {.name = "post",
                                        .table = "post",
                                        .columns = post_columns,
                                        .column_count = 2,
                                        .foreign_keys = post_keys,
                                        .foreign_key_count = 1};

static void test_sqlite__foreign_keys_are_explained(void **state)
{
    fixture *f = *state;
    must(f, "CREATE TABLE author (id INTEGER PRIMARY KEY)");
    must(f, "CREATE TABLE post (id INTEGER PRIMARY KEY, author_id INTEGER, CONSTRAINT "
            "post_author_id_fkey "
            "FOREIGN KEY (author_id) REFERENCES author (id))");
    must(f, "INSERT INTO author VALUES (1)");
    must(f, "INSERT INTO post VALUES (1, 1)");
    assert_int_equal(run(f, "INSERT INTO post VALUES (2, 9)", false), FURROW_FOREIGN_KEY);
    driver->explain_violation(f->c, &post_model, &(struct post){2, 9}, &f->error);
    assert_error(f, FURROW_FOREIGN_KEY,
                 "\"post\": \"author_id\" refers to a row of \"author\" that does not exist",
                 "post", "author_id", "post_author_id_fkey");
    assert_int_equal(f->error.native_code, SQLITE_CONSTRAINT_FOREIGNKEY);
    assert_int_equal(run(f, "DELETE FROM author", false), FURROW_FOREIGN_KEY);
    driver->explain_violation(f->c, &author_model, NULL, &f->error);
    assert_error(f, FURROW_FOREIGN_KEY, "\"author\": a row of \"post\" still refers to this row",
                 "author", "", "post_author_id_fkey");
}

static void test_sqlite__prepare_distinguishes_mistakes(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *text;
        furrow_status status;
    } cases[] = {
        {"", FURROW_INVALID},
        {" ; -- nothing", FURROW_INVALID},
        {"SELECT 1; SELECT 2", FURROW_INVALID},
        {"SELECT 1; -- a comment\n ; /* and */", FURROW_OK},
        {"SELECT 1; nonsense", FURROW_INVALID},
        {"SELEC 1", FURROW_INVALID},
        {"SELECT * FROM nowhere", FURROW_SCHEMA},
        {"SELECT \"nothing\"", FURROW_SCHEMA},
        {"SELECT nofunction()", FURROW_INVALID},
        {"SELECT 'abc", FURROW_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        furrow_statement *s;
        furrow_status status = driver->prepare(
            f->c, &s, &(furrow_statement_text){cases[i].text, strlen(cases[i].text), true},
            &f->error);
        if (status != cases[i].status)
            fail_msg("%s: %s", cases[i].text, f->error.message);
        assert_int_equal(s == NULL, status != FURROW_OK);
        driver->finalize(s);
    }
    furrow_statement *s;
    assert_int_equal(driver->prepare(f->c, &s,
                                     &(furrow_statement_text){"SELECT 1\0; DROP", 15, true},
                                     &f->error),
                     FURROW_INVALID);
}

static void test_sqlite__raw_statements_are_checked(void **state)
{
    fixture *f = *state;
    static const char *const refused[] = {
        "COMMIT",
        "commit",
        "END",
        "ROLLBACK",
        "BEGIN",
        "BEGIN IMMEDIATE",
        "SAVEPOINT x",
        "RELEASE x",
        "ROLLBACK TO x",
        "ATTACH ':memory:' AS other",
        "DETACH other",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA foreign_keys = OFF",
        "PRAGMA synchronous(0)",
        "PRAGMA writable_schema = 1",
        "PRAGMA optimize",
        "CREATE TEMP TABLE x (a)",
        "CREATE TABLE temp.x (a)",
        "CREATE TEMP VIEW v AS SELECT 1",
        "EXPLAIN COMMIT",
        "PRAGMA query_only = 0",
        "/* c */ COMMIT",
        "CREATE VIRTUAL TABLE temp.x USING fts5(a)",
        "CREATE VIEW temp.v AS SELECT 1",
        "CREATE TEMP TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END",
        "CREATE TABLE temp.x AS SELECT 1",
        "PRAGMA wal_checkpoint",
        "PRAGMA case_sensitive_like = 1",
        "PRAGMA main.foreign_keys = 0",
    };
    static const char *const allowed[] = {
        "PRAGMA table_info(t)",
        "PRAGMA foreign_keys",
        "PRAGMA user_version",
        "SELECT * FROM pragma_table_info('t')",
        "WITH x AS (SELECT 1) SELECT * FROM x",
        "INSERT INTO t VALUES (1)",
        "CREATE TABLE u (a)",
        "ALTER TABLE u ADD b",
        "CREATE INDEX u_a ON u (a)",
        "DROP TABLE u",
        "EXPLAIN QUERY PLAN SELECT * FROM t",
        "ANALYZE",
        "REINDEX",
    };
    must(f, "CREATE TABLE t (a)");
    assert_int_equal(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error), FURROW_OK);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (run(f, refused[i], true) != FURROW_INVALID || !strstr(f->error.message, "in raw SQL"))
            fail_msg("%s: %s", refused[i], f->error.message);
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if (run(f, allowed[i], true) != FURROW_OK)
            fail_msg("%s: %s", allowed[i], f->error.message);
    assert_int_equal(run(f, "VACUUM", true), FURROW_INVALID);
    run(f, "COMMIT", true);
    assert_string_equal(f->error.message, "COMMIT in raw SQL would end the transaction");
    assert_string_equal(f->error.hint, "call furrow_commit");
    assert_true(f->c->in_transaction);
    assert_int_equal(driver->commit(f->c, &f->error), FURROW_OK);
    assert_int_equal(count_of(f, "SELECT count(*) FROM t"), 1);
}

static void test_sqlite__a_transaction_that_sqlite_ends_is_noticed(void **state)
{
    fixture *f = *state;
    must(f, "CREATE TABLE t (a UNIQUE)");
    must(f, "INSERT INTO t VALUES (1)");
    driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error);
    must(f, "INSERT INTO t VALUES (2)");
    assert_int_equal(run(f, "INSERT OR ROLLBACK INTO t VALUES (1)", true), FURROW_UNIQUE);
    assert_false(f->c->in_transaction);
    assert_non_null(strstr(f->error.hint, "rolled back"));
    assert_int_equal(count_of(f, "SELECT count(*) FROM t"), 1);
    assert_int_equal(driver->rollback(f->c, &f->error), FURROW_OK);
    must(f, "CREATE TRIGGER no BEFORE INSERT ON t BEGIN SELECT RAISE(ROLLBACK, 'not today'); END");
    driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error);
    assert_int_equal(run(f, "INSERT INTO t VALUES (3)", true), FURROW_CHECK);
    assert_string_equal(f->error.message, "a trigger refused the row: not today");
    assert_false(f->c->in_transaction);
}

static void test_sqlite__a_commit_that_fails_rolls_back(void **state)
{
    fixture *f = *state;
    must(f, "CREATE TABLE author (id INTEGER PRIMARY KEY)");
    must(f, "CREATE TABLE post (id INTEGER PRIMARY KEY, a REFERENCES author DEFERRABLE INITIALLY "
            "DEFERRED)");
    driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error);
    must(f, "INSERT INTO post VALUES (1, 9)");
    assert_int_equal(driver->commit(f->c, &f->error), FURROW_FOREIGN_KEY);
    assert_false(f->c->in_transaction);
    assert_int_equal(count_of(f, "SELECT count(*) FROM post"), 0);
}

static void test_sqlite__savepoints_nest(void **state)
{
    fixture *f = *state;
    must(f, "CREATE TABLE t (a)");
    assert_int_equal(driver->savepoint(f->c, 1, &f->error), FURROW_INVALID);
    driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error);
    assert_int_equal(driver->savepoint(f->c, 1, &f->error), FURROW_OK);
    must(f, "INSERT INTO t VALUES (1)");
    assert_int_equal(driver->savepoint(f->c, 2, &f->error), FURROW_OK);
    must(f, "INSERT INTO t VALUES (2)");
    assert_int_equal(driver->rollback_to(f->c, 2, &f->error), FURROW_OK);
    assert_int_equal(driver->release(f->c, 2, &f->error), FURROW_OK);
    assert_int_equal(driver->release(f->c, 1, &f->error), FURROW_OK);
    assert_int_equal(driver->commit(f->c, &f->error), FURROW_OK);
    assert_int_equal(count_of(f, "SELECT sum(a) FROM t"), 1);
}

static void test_sqlite__settings(void **state)
{
    fixture *f = *state;
    assert_int_equal(
        count_of(f, "SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'"), 1);
    assert_int_equal(count_of(f, "SELECT * FROM pragma_foreign_keys"), 1);
    assert_int_equal(count_of(f, "SELECT * FROM pragma_synchronous"), 2);
    assert_int_equal(count_of(f, "SELECT * FROM pragma_trusted_schema"), 0);
}

static void test_sqlite__a_reader_reads_a_snapshot_and_never_writes(void **state)
{
    fixture *f = *state;
    furrow_connection *reader;
    struct furrow_connect_options options = {
        .url = f->url, .read_only = true, .busy_timeout_ms = 50};
    must(f, "CREATE TABLE t (a)");
    assert_int_equal(driver->open(&reader, &options, &f->error), FURROW_OK);
    fixture r = *f;
    r.c = reader;
    assert_int_equal(driver->begin(reader, FURROW_ISOLATION_DEFAULT, false, &r.error),
                     FURROW_INVALID);
    assert_int_equal(driver->begin(reader, FURROW_ISOLATION_DEFAULT, true, &r.error), FURROW_OK);
    assert_int_equal(count_of(&r, "SELECT count(*) FROM t"), 0);
    must(f, "INSERT INTO t VALUES (1)");
    assert_int_equal(count_of(&r, "SELECT count(*) FROM t"), 0);
    assert_int_equal(run(&r, "INSERT INTO t VALUES (2)", true), FURROW_INVALID);
    assert_string_equal(r.error.message, "the session is read-only");
    assert_int_equal(driver->lock_schema(reader, &r.error), FURROW_INVALID);
    assert_int_equal(driver->commit(reader, &r.error), FURROW_OK);
    assert_int_equal(run(&r, "INSERT INTO t VALUES (2)", true), FURROW_INVALID);
    assert_int_equal(count_of(&r, "SELECT count(*) FROM t"), 1);
    driver->close(reader);
}

static void test_sqlite__a_second_writer_is_busy(void **state)
{
    fixture *f = *state;
    furrow_connection *other;
    struct furrow_connect_options options = {.url = f->url, .busy_timeout_ms = 10};
    assert_int_equal(driver->open(&other, &options, &f->error), FURROW_OK);
    assert_int_equal(driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error), FURROW_OK);
    assert_int_equal(driver->lock_schema(f->c, &f->error), FURROW_OK);
    assert_int_equal(driver->begin(other, FURROW_ISOLATION_DEFAULT, false, &f->error), FURROW_BUSY);
    assert_false(other->in_transaction);
    assert_int_equal(driver->rollback(f->c, &f->error), FURROW_OK);
    assert_int_equal(driver->begin(other, FURROW_ISOLATION_DEFAULT, false, &f->error), FURROW_OK);
    driver->close(other);
}

static void test_sqlite__urls(void **state)
{
    fixture *f = *state;
    static const char *const bad[] = {
        "sqlite:",
        "sqlite:/x",
        "sqlite:///",
        "sqlite://host/x",
        "sqlite:///x?mode=memory",
        "sqlite:///x%00y",
        "sqlite:///x%zz",
        "sqlite:///x%4",
        "sqlite:///x#y",
        "postgresql://x",
        "",
    };
    furrow_connection *c;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct furrow_connect_options options = {.url = bad[i]};
        if (driver->open(&c, &options, &f->error) != FURROW_INVALID)
            fail_msg("%s: %s", bad[i], f->error.message);
        assert_null(c);
        assert_true(f->error.hint[0]);
    }
    char here[256];
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(f->folder), 0);
    struct furrow_connect_options relative = {.url = "sqlite:///file:odd%3Fmode=memory"};
    assert_int_equal(driver->open(&c, &relative, &f->error), FURROW_OK);
    driver->close(c);
    assert_int_equal(access("file:odd?mode=memory", F_OK), 0);
    static const char *const memory[] = {"sqlite://", "sqlite:///:memory:"};
    for (size_t i = 0; i < sizeof memory / sizeof *memory; i++) {
        struct furrow_connect_options options = {.url = memory[i]};
        assert_true(driver->is_in_memory(memory[i]));
        assert_int_equal(driver->open(&c, &options, &f->error), FURROW_OK);
        assert_int_equal(driver->ping(c, &f->error), FURROW_OK);
        driver->close(c);
        assert_int_not_equal(access(":memory:", F_OK), 0);
    }
    struct furrow_connect_options named = {.url = "sqlite:///%3Amemory%3A"};
    assert_false(driver->is_in_memory(named.url));
    assert_int_equal(driver->open(&c, &named, &f->error), FURROW_OK);
    driver->close(c);
    assert_int_equal(access(":memory:", F_OK), 0);
    assert_int_equal(chdir(here), 0);
}

static void expect_open(fixture *f, const char *name, bool read_only, const char *part)
{
    char url[256];
    furrow_connection *c;
    snprintf(url, sizeof url, "sqlite:///%s/%s", f->folder, name);
    struct furrow_connect_options options = {.url = url, .read_only = read_only};
    furrow_status status = driver->open(&c, &options, &f->error);
    if (status != FURROW_DATABASE || !strstr(f->error.message, part))
        fail_msg("%s: %s, %s", name, furrow_status_name(status), f->error.message);
    assert_null(c);
    assert_true(f->error.native_code != 0);
}

static void test_sqlite__failures_to_open_state_the_cause(void **state)
{
    fixture *f = *state;
    char path[160];
    snprintf(path, sizeof path, "%s/note.txt", f->folder);
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 1000; i++)
        fputs("this is no database\n", file);
    fclose(file);
    expect_open(f, "nowhere/x.db", false, "the folder does not exist");
    expect_open(f, "x.db", true, "the file does not exist");
    expect_open(f, ".", false, "is a folder");
    expect_open(f, "note.txt", false, "is not a SQLite database");
    expect_open(f, "note.txt", true, "is not a SQLite database");
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) { /* root may write everywhere */
        if (setuid(65534) != 0 && geteuid() == 0)
            _exit(2);
        struct furrow_connect_options options = {.url = f->url};
        furrow_connection *c;
        char url[256];
        snprintf(url, sizeof url, "sqlite:///%s/new.db", f->folder);
        bool refused = driver->open(&c, &options, &f->error) == FURROW_DATABASE;
        options.url = url;
        refused =
            refused && driver->open(&c, &options, &f->error) == FURROW_DATABASE && f->error.hint[0];
        _exit(refused ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    if (geteuid() == 0)
        assert_int_equal(status, 0);
}

/* To read a database that has a write-ahead log, a connection must be able to write the files next
 * to the database. */
static void test_sqlite__a_log_without_write_permission_is_reported(void **state)
{
    fixture *f = *state;
    driver->close(f->c); /* closing the last connection also removes the log and its index */
    f->c = NULL;
    chmod(f->folder, 0555);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) { /* root may write everywhere */
        if (setuid(65534) != 0 && geteuid() == 0)
            _exit(2);
        struct furrow_connect_options options = {.url = f->url, .read_only = true};
        furrow_connection *c;
        furrow_status status = driver->open(&c, &options, &f->error);
        if (status == FURROW_DATABASE && strstr(f->error.message, "it has a write-ahead log") &&
            strstr(f->error.hint, "a copy of it"))
            _exit(0);
        fprintf(stderr, "%s: %s\n", furrow_status_name(status), f->error.message);
        _exit(1);
    }
    int status;
    waitpid(child, &status, 0);
    chmod(f->folder, 0755);
    connect_again(f, true);
    assert_int_equal(status, 0);
}

static void test_sqlite__reset_cleans_and_keeps_statements(void **state)
{
    fixture *f = *state;
    must(f, "CREATE TABLE t (a)");
    furrow_statement *s = prepare(f, "SELECT * FROM sqlite_schema");
    driver->begin(f->c, FURROW_ISOLATION_DEFAULT, false, &f->error);
    must(f, "INSERT INTO t VALUES (1)");
    assert_int_equal(driver->execute(s, &f->error), FURROW_OK);
    assert_int_equal(driver->reset(f->c, &f->error), FURROW_OK);
    assert_false(f->c->in_transaction || f->c->broken);
    assert_int_equal(rows_of(f, s), 1);
    assert_int_equal(count_of(f, "SELECT count(*) FROM t"), 0);
}

static void test_sqlite__results_survive_other_statements(void **state)
{
    fixture *f = *state;
    furrow_value value;
    bool row;
    must(f, "CREATE TABLE t (a INTEGER)");
    must(f, "INSERT INTO t VALUES (1), (2), (3)");
    furrow_statement *s = prepare(f, "SELECT a, a AS \"b c\" FROM t ORDER BY a"),
                     *u = prepare(f, "SELECT a FROM t");
    assert_int_equal(driver->execute(s, &f->error), FURROW_OK);
    for (int64_t i = 1; i <= 3; i++) {
        assert_int_equal(driver->step(s, &row, &f->error), FURROW_OK);
        assert_true(row);
        assert_int_equal(rows_of(f, u), 3);
        driver->reset_statement(u);
        assert_int_equal(driver->read_value(s, 0, &value, &f->arena, &f->error), FURROW_OK);
        assert_int_equal(value.as.integer, i);
    }
    assert_string_equal(driver->column_name(s, 1), "b c");
    assert_string_equal(driver->column_name(s, 2), "");
    assert_int_equal(driver->column_type(s, 0), FURROW_TYPE_INT64);
    driver->finalize(s);
    driver->finalize(u);
}

static void test_sqlite__changed_counts_this_statement_only(void **state)
{
    fixture *f = *state;
    must(f, "CREATE TABLE t (a INTEGER)");
    must(f, "INSERT INTO t VALUES (1), (2), (3)");
    static const struct {
        const char *text;
        uint64_t changed;
    } cases[] = {
        {"UPDATE t SET a = a WHERE a > 1", 2},
        {"SELECT * FROM t", 0},
        {"CREATE TABLE u (a)", 0},
        {"DROP TABLE u", 0},
        {"UPDATE t SET a = 1 WHERE a = 99", 0},
        {"DELETE FROM t RETURNING a", 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        furrow_statement *s = prepare(f, cases[i].text);
        rows_of(f, s);
        if (s->changed != cases[i].changed)
            fail_msg("%s: %d", cases[i].text, (int)s->changed);
        driver->finalize(s);
    }
}

static void test_sqlite__describes_tables(void **state)
{
    fixture *f = *state;
    furrow_live_table table;
    must(f, "CREATE TABLE \"order\" (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'x', twice "
            "INTEGER AS (id * 2)) STRICT");
    must(f, "CREATE VIEW seen AS SELECT 1");
    assert_int_equal(driver->describe_table(f->c, &table, (furrow_table_name){NULL, "order"},
                                            &f->arena, &f->error),
                     FURROW_OK);
    assert_int_equal(table.column_count, 3);
    assert_string_equal(table.columns[0].type, "INTEGER");
    assert_int_equal(table.columns[0].key, 1);
    assert_false(table.columns[0].nullable);
    assert_string_equal(table.columns[1].default_, "'x'");
    assert_false(table.columns[1].nullable);
    assert_true(table.columns[2].generated && table.columns[2].nullable);
    assert_int_equal(strncmp(table.sql, "CREATE TABLE", 12), 0);
    assert_int_equal(driver->describe_table(f->c, &table, (furrow_table_name){NULL, "seen"},
                                            &f->arena, &f->error),
                     FURROW_OK);
    assert_null(table.columns);
    assert_int_equal(driver->describe_table(f->c, &table, (furrow_table_name){"sales", "order"},
                                            &f->arena, &f->error),
                     FURROW_OK);
    assert_null(table.columns);
}

static long allocations_left = -1;
static bool fail_ever_after;
static sqlite3_mem_methods sqlite_memory;

static bool must_fail(void)
{
    if (allocations_left < 0 || --allocations_left >= 0)
        return false;
    if (!fail_ever_after)
        allocations_left = -1;
    else
        allocations_left = 0;
    return true;
}
static void *failing_malloc(int size)
{
    return must_fail() ? NULL : sqlite_memory.xMalloc(size);
}
static void *failing_realloc(void *block, int size)
{
    return must_fail() ? NULL : sqlite_memory.xRealloc(block, size);
}
static void *own_allocate(size_t size, void *context)
{
    (void)context;
    return must_fail() ? NULL : malloc(size);
}
static void *own_reallocate(void *block, size_t size, void *context)
{
    (void)context;
    return must_fail() ? NULL : realloc(block, size);
}
static void own_release(void *block, void *context)
{
    (void)context;
    free(block);
}

/* Calls most functions of the driver. Returns the status of the first call that failed. */
static furrow_status scenario(fixture *f, furrow_connection **out)
{
    furrow_statement *s = NULL;
    furrow_live_table table;
    furrow_value one_ = {.type = FURROW_TYPE_INT64, .as.integer = 1};
    struct every back;
    bool row;
    struct furrow_connect_options options = {.url = f->url};
    furrow_error *e = &f->error;
    static const char select[] =
        "SELECT * FROM every WHERE id IN (SELECT value FROM furrow_array(?1))";
    furrow_status status = driver->open(out, &options, e);
    if (!status)
        status = driver->begin(*out, FURROW_ISOLATION_DEFAULT, false, e);
    if (!status)
        status =
            driver->describe_table(*out, &table, (furrow_table_name){NULL, "every"}, &f->arena, e);
    if (!status)
        status = driver->savepoint(*out, 1, e);
    if (!status)
        status = driver->prepare(
            *out, &s, &(furrow_statement_text){.text = INSERT_EVERY, .size = strlen(INSERT_EVERY)},
            e);
    if (!status)
        status = driver->bind_row(s, 0, (furrow_column_list){f->all, COLUMNS},
                                  &(struct every){.text = "abc", .id = 2}, e);
    if (!status)
        status = driver->execute(s, e);
    if (!status) {
        driver->reset_statement(s);
        status = driver->bind_row(s, 0, (furrow_column_list){f->all, COLUMNS},
                                  &(struct every){.id = 2}, e);
        if (!status)
            status = driver->execute(s, e) == FURROW_UNIQUE ? FURROW_OK : e->status;
        if (!status && !(*out)->in_transaction) /* memory ran out while the driver looked for the
                                                   violated constraint, so SQLite rolled the
                                                   transaction back */
            status = FURROW_NOMEM;
    }
    driver->finalize(s);
    s = NULL;
    if (!status)
        status =
            driver->prepare(*out, &s, &(furrow_statement_text){select, strlen(select), true}, e);
    if (!status)
        status = driver->bind_array(
            s, 0,
            &(furrow_array){
                .column = &every_columns[ID], .first = &one_.as.integer, .stride = 8, .count = 1},
            e);
    if (!status)
        status = driver->execute(s, e);
    if (!status)
        status = driver->step(s, &row, e);
    if (!status)
        status = driver->read_row(s, (furrow_column_list){f->all, COLUMNS}, &back, &f->arena, e);
    driver->finalize(s);
    if (!status)
        status = driver->release(*out, 1, e);
    if (!status)
        status = driver->commit(*out, e);
    return status;
}

static void test_sqlite__every_allocation_may_fail(void **state)
{
    fixture *f = *state;
    must(f, EVERY_DDL(" STRICT"));
    insert(f, &(struct every){.id = 1, .text = "one"});
    for (int mode = 0; mode < 2; mode++) {
        for (long k = 0;; k++) {
            furrow_connection *c = NULL;
            fail_ever_after = mode;
            allocations_left = k;
            furrow_status status = scenario(f, &c);
            bool done = allocations_left > 0;
            allocations_left = -1;
            driver->close(c);
            furrow__arena_done(&f->arena);
            if (status != FURROW_OK && status != FURROW_NOMEM)
                fail_msg("allocation %ld: %s, %s", k, furrow_status_name(status), f->error.message);
            assert_int_equal(count_of(f, "SELECT count(*) FROM every"),
                             status == FURROW_OK ? 2 : 1);
            must(f, "DELETE FROM every WHERE id = 2");
            if (done)
                break;
        }
    }
}

int main(void)
{
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_memory);
    sqlite3_mem_methods failing = sqlite_memory;
    failing.xMalloc = failing_malloc;
    failing.xRealloc = failing_realloc;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
    furrow_set_allocator(&(furrow_allocator){own_allocate, own_reallocate, own_release, NULL});
#define TEST(name) cmocka_unit_test_setup_teardown(test_sqlite__##name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_old_library_is_refused),
        TEST(violations_name_the_constraint),
        TEST(values_of_a_wrong_type_name_the_column),
        TEST(foreign_keys_are_explained),
        TEST(prepare_distinguishes_mistakes),
        TEST(raw_statements_are_checked),
        TEST(a_transaction_that_sqlite_ends_is_noticed),
        TEST(a_commit_that_fails_rolls_back),
        TEST(savepoints_nest),
        TEST(settings),
        TEST(a_reader_reads_a_snapshot_and_never_writes),
        TEST(a_second_writer_is_busy),
        TEST(urls),
        TEST(failures_to_open_state_the_cause),
        TEST(a_log_without_write_permission_is_reported),
        TEST(reset_cleans_and_keeps_statements),
        TEST(results_survive_other_statements),
        TEST(changed_counts_this_statement_only),
        TEST(describes_tables),
        TEST(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("driver/sqlite", tests, NULL, NULL);
}
