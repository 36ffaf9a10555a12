/* SPDX-License-Identifier: MIT
 *
 * Opening an engine: invalid URLs, files and folders that cannot be opened, and servers that do not
 * answer or reject the connection. No message may contain a password.
 */
#include <libpq-fe.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance.h"
#include "world.furrow.h"

/* Tries to open an engine, checks that this fails, and stores the error in *error. */
static furrow_status open_fails(const char *url, furrow_error *error)
{
    furrow_engine *opened = (furrow_engine *)error;
    furrow_status status = furrow_engine_open(&opened, url, error);
    if (status == FURROW_OK) {
        furrow_engine_close(opened);
        fail_msg("%s was opened, which must fail", url);
    }
    assert_null(opened);
    assert_int_equal(error->status, status);
    assert_true(*error->message);
    return status;
}

/* Runs a statement outside a transaction. CREATE DATABASE requires that. */
static void run_alone(const char *sql)
{
    PGconn *connection = PQconnectdb(database_url);
    PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
}

static void test_url__is_refused_if_malformed(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "",
        " ",
        "x",
        "sqlite",
        "sqlite:",
        "sqlite:/",
        "sqlite:/x",
        "sqlite:x.db",
        "/tmp/x.db",
        "x.db",
        "sqlite//x",
        "sqlite:///",
        "sqlite://host/x.db",
        "Sqlite:///x?",
        " sqlite:///x.db",
        "sqlite:///x%zz.db",
        "sqlite:///x%2",
        "sqlite:///x%",
        "sqlite:///x%00.db",
        "sqlite:///x%ff.db",
        "sqlite:///x?mode=memory",
        "sqlite:///x.db#part",
        "file:///x.db",
        "mysql://root@localhost/x",
        "http://example.com",
        "://",
        "//x",
        "sqlite:///a.db?b",
    };
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        furrow_error error = {0};
        furrow_status status = open_fails(urls[i], &error);
        if (status != FURROW_INVALID)
            fail_msg("%s: %s: %s", urls[i], furrow_status_name(status), error.message);
    }
    furrow_error error = {0};
    furrow_engine *opened = NULL;
    assert_int_equal(furrow_engine_open(&opened, NULL, &error), FURROW_INVALID);
    assert_int_equal(furrow_engine_open(NULL, "sqlite://", &error), FURROW_INVALID);
    assert_int_equal(furrow_engine_open(&opened, "", NULL), FURROW_INVALID);
}

static void test_options__are_refused_if_they_cannot_work(void **state)
{
    (void)state;
    furrow_engine *opened = NULL;
    furrow_error error = {0};
    assert_int_equal(furrow_engine_open(&opened, database_url, &error, .pool_size = -1),
                     FURROW_INVALID);
    assert_int_equal(furrow_engine_open(&opened, database_url, &error, .max_overflow = -7),
                     FURROW_INVALID);
    assert_int_equal(furrow_engine_open(&opened, database_url, &error, .pool_timeout_ms = -1),
                     FURROW_INVALID);
    assert_int_equal(furrow_engine_open(&opened, database_url, &error, .busy_timeout_ms = -1),
                     FURROW_INVALID);
    assert_int_equal(furrow_engine_open(&opened, database_url, &error, .readers = -1),
                     FURROW_INVALID);
    assert_null(opened);
}

static void test_sqlite__refuses_a_file_that_is_not_a_database(void **state)
{
    (void)state;
    furrow_error error = {0};
    FILE *file = fopen(path_in_folder("text.db"), "w");
    for (int i = 0; i < 200; i++)
        fputs("this is no database, it is a text\n", file);
    fclose(file);
    assert_int_equal(open_fails(url_in_folder("text.db"), &error), FURROW_DATABASE);
    assert_int_equal(error.native_code & 0xff, 26 /* SQLITE_NOTADB */);
    struct stat status;
    assert_int_equal(stat(path_in_folder("text.db"), &status), 0);
    assert_int_equal(status.st_size, 200 * 34); /* the file has not been changed */
    assert_int_equal(open_fails(url_in_folder("no/such/folder/x.db"), &error), FURROW_DATABASE);
    assert_non_null(strstr(error.message, "no/such/folder"));
    assert_int_equal(mkdir(path_in_folder("folder.db"), 0700), 0);
    assert_int_equal(open_fails(url_in_folder("folder.db"), &error), FURROW_DATABASE);
    assert_int_equal(open_fails("sqlite:////sys/x.db", &error),
                     FURROW_DATABASE); /* nobody can create this file, not even root */
    assert_string_equal(error.message, "could not create \"/sys/x.db\"");
    if (geteuid() != 0) { /* root can create files in every folder */
        assert_int_equal(mkdir(path_in_folder("closed"), 0500), 0);
        assert_int_equal(open_fails(url_in_folder("closed/x.db"), &error), FURROW_DATABASE);
    }
}

static void test_sqlite__accepts_unusual_file_names(void **state)
{
    (void)state;
    static const char *const names[] = {"with%20space.db", "a%25b.db", "%C3%A9.db", "plus+and&.db",
                                        "semi;quote'.db"};
    static const char *const files[] = {"with space.db", "a%b.db", "\xc3\xa9.db", "plus+and&.db",
                                        "semi;quote'.db"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        furrow_engine *opened = NULL;
        furrow_error error = {0};
        if (furrow_engine_open(&opened, url_in_folder(names[i]), &error))
            fail_msg("%s: %s", names[i], error.message);
        furrow_session *s = furrow_session_open(opened);
        assert_ok(s, furrow_create_all(s, &world_schema));
        assert_ok(s, furrow_commit(s));
        furrow_session_close(s);
        assert_string_equal(furrow_engine_dialect(opened), "sqlite");
        furrow_engine_close(opened);
        assert_int_equal(access(path_in_folder(files[i]), F_OK), 0);
    }
}

static void test_sqlite__keeps_committed_rows_after_reopening(void **state)
{
    (void)state;
    if (is_memory())
        return;
    create_fresh(&world_schema);
    struct note note = {.body = "kept"}, *got = NULL;
    furrow_session *s = furrow_session_open(engine);
    assert_ok(s, note_insert(s, &note));
    assert_ok(s, furrow_commit(s));
    furrow_session_close(s);
    furrow_engine *again = NULL;
    furrow_error error = {0};
    if (furrow_engine_open(&again, database_url, &error))
        fail_msg("%s", error.message);
    s = furrow_session_open(again);
    assert_ok(s, furrow_create_all(s, &world_schema));
    assert_ok(s, note_get(s, &got, note.id));
    assert_string_equal(got->body, "kept");
    furrow_session_close(s);
    furrow_engine_close(again);
}

static void hides_password(const furrow_error *error, const char *password)
{
    assert_null(strstr(error->message, password));
    assert_null(strstr(error->hint, password));
    assert_null(strstr(error->sql, password));
}

static void test_postgresql__reports_refused_connections(void **state)
{
    (void)state;
    furrow_error error = {0};
    if (!is_postgresql())
        return;
    assert_int_equal(open_fails(postgresql_url(NULL, "wr0ng-passw0rd", NULL), &error),
                     FURROW_DATABASE);
    assert_string_equal(error.sqlstate, "28P01");
    hides_password(&error, "wr0ng-passw0rd");
    assert_int_equal(open_fails(postgresql_url("nobody_here", "wr0ng-passw0rd", NULL), &error),
                     FURROW_DATABASE);
    hides_password(&error, "wr0ng-passw0rd");
    assert_int_equal(open_fails(postgresql_url(NULL, NULL, "no_such_database"), &error),
                     FURROW_DATABASE);
    assert_string_equal(error.sqlstate, "3D000");
    assert_non_null(strstr(error.message, "no_such_database"));
    static const char *const absent[] = {
        "postgresql://u:s3cret-w0rd@127.0.0.1:1/x",
        "postgresql://u:s3cret-w0rd@%2Fno%2Fsuch%2Ffolder/x",
        "postgresql://u:s3cret-w0rd@host.invalid/x",
    };
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(open_fails(absent[i], &error), FURROW_DISCONNECTED);
        hides_password(&error, "s3cret-w0rd");
    }
    static const char *const malformed[] = {
        "postgresql://u:s3cret-w0rd@host:port/x",
        "postgresql://u:s3cret-w0rd@host:99999/x",
        "postgresql://u:s3cret-w0rd@host/x?no_such_parameter=1",
        "postgresql://u:s3cret-w0rd@[::1/x",
        "postgresql://u:s3cret-w0rd%zz@host/x",
        "postgresql://u@host/x?prepare=perhaps",
        "postgresql://u:s3cret-w0rd@host/x?password",
    };
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        furrow_status status = open_fails(malformed[i], &error);
        if (status != FURROW_INVALID)
            fail_msg("%s: %s: %s", malformed[i], furrow_status_name(status), error.message);
        hides_password(&error, "s3cret-w0rd");
    }
}

/* A PostgreSQL database with the encoding SQL_ASCII does not validate text. */
static void test_postgresql__refuses_text_that_is_not_utf8(void **state)
{
    (void)state;
    if (!is_postgresql())
        return;
    char url[1024], create[160], drop[128];
    snprintf(url, sizeof url, "%s", database_url);
    const char *name = strrchr(url, '/') + 1;
    snprintf(create, sizeof create,
             "CREATE DATABASE %s_ascii ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' "
             "TEMPLATE template0",
             name);
    snprintf(drop, sizeof drop, "DROP DATABASE %s_ascii", name);
    char ascii[64];
    snprintf(ascii, sizeof ascii, "%s_ascii", name);
    run_alone(create);
    furrow_engine *opened = NULL;
    furrow_error error = {0};
    assert_int_equal(furrow_engine_open(&opened, postgresql_url(NULL, NULL, ascii), &error),
                     FURROW_OK);
    furrow_session *s = furrow_session_open(opened);
    assert_ok(s, furrow_create_all(s, &world_schema));
    assert_ok(s, furrow_exec(s, "INSERT INTO note (body) VALUES (E'a\\xff')"));
    assert_ok(s, furrow_commit(s));
    struct note_list notes = {0};
    assert_refused(s, FURROW_INVALID,
                   "a string has characters that do not exist in the server's encoding",
                   note_find(s, &notes));
    assert_int_equal(notes.count, 0);
    furrow_rows *rows = NULL;
    assert_status(s, FURROW_INVALID, furrow_query(s, &rows, "SELECT body FROM note"));
    assert_null(rows);
    furrow_session_close(s);
    furrow_engine_close(opened);
    run_alone(drop);
}

static void test_postgresql__works_without_prepared_statements(void **state)
{
    (void)state;
    if (!is_postgresql())
        return;
    char url[1100];
    snprintf(url, sizeof url, "%s?prepare=off", database_url);
    furrow_engine *opened = NULL;
    furrow_error error = {0};
    if (furrow_engine_open(&opened, url, &error))
        fail_msg("%s", error.message);
    create_fresh(&world_schema);
    furrow_session *s = furrow_session_open(opened);
    struct note note = {.body = "a"}, *got = NULL;
    furrow_rows *rows = NULL;
    for (int i = 0; i < 3; i++) {
        note.id = 0;
        assert_ok(s, note_insert(s, &note));
        assert_ok(s, note_get(s, &got, note.id));
        assert_string_equal(got->body, "a");
    }
    assert_ok(s, furrow_query(s, &rows, "SELECT count(*) FROM pg_prepared_statements"));
    assert_true(furrow_rows_next(rows));
    assert_int_equal(furrow_row_int64(rows, 0), 0);
    furrow_session_close(s);
    furrow_engine_close(opened);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_url__is_refused_if_malformed),
        cmocka_unit_test(test_options__are_refused_if_they_cannot_work),
        cmocka_unit_test(test_sqlite__refuses_a_file_that_is_not_a_database),
        cmocka_unit_test(test_sqlite__accepts_unusual_file_names),
        cmocka_unit_test(test_sqlite__keeps_committed_rows_after_reopening),
        cmocka_unit_test(test_postgresql__reports_refused_connections),
        cmocka_unit_test(test_postgresql__refuses_text_that_is_not_utf8),
        cmocka_unit_test(test_postgresql__works_without_prepared_statements),
    };
    return RUN_CONFORMANCE(argc, argv, tests);
}
