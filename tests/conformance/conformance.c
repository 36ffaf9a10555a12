/* SPDX-License-Identifier: MIT */
#include "conformance.h"

#include <ftw.h>
#include <libpq-fe.h>
#include <unistd.h>

furrow_engine *engine;
const char *database_url;
const char *folder;

static char folder_name[256];
static char chosen_url[1024];
static char server_url[1024]; /* URL of the test server, from FURROW_TEST_POSTGRESQL; "" if the
                                 variable is not set */
static char database_name[64];

enum { SKIPPED = 77 /* the exit status that makes meson report the test as skipped */ };

bool is_postgresql(void)
{
    return strncmp(database_url, "postgresql", 10) == 0;
}

bool is_memory(void)
{
    return strcmp(database_url, "sqlite://") == 0;
}

static bool run_on_server(const char *sql)
{
    PGconn *connection = PQconnectdb(server_url);
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    bool worked = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!worked)
        fprintf(stderr, "%s: %s", sql, PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
    return worked;
}

const char *postgresql_url(const char *user, const char *password, const char *database)
{
    static char url[1024];
    PQconninfoOption *options = PQconninfoParse(server_url, NULL);
    const char *host = "", *port = "", *was_user = "", *was_password = "", *was_database = "";
    for (PQconninfoOption *o = options; o && o->keyword; o++) {
        const char *value = o->val ? o->val : "";
        if (strcmp(o->keyword, "host") == 0)
            host = value;
        else if (strcmp(o->keyword, "port") == 0)
            port = value;
        else if (strcmp(o->keyword, "user") == 0)
            was_user = value;
        else if (strcmp(o->keyword, "password") == 0)
            was_password = value;
        else if (strcmp(o->keyword, "dbname") == 0)
            was_database = value;
    }
    char encoded[512];
    size_t size = 0;
    for (const char *at = host; *at && size + 4 < sizeof encoded; at++)
        size += (size_t)snprintf(encoded + size, sizeof encoded - size, *at == '/' ? "%%2F" : "%c",
                                 *at);
    encoded[size] = '\0';
    password = password ? password : was_password;
    snprintf(url, sizeof url, "postgresql://%s%s%s@%s:%s/%s", user ? user : was_user,
             *password ? ":" : "", password, encoded, port, database ? database : was_database);
    PQconninfoFree(options);
    return url;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
}

static bool choose_database(const char *argument)
{
    const char *temporary = getenv("TMPDIR");
    snprintf(folder_name, sizeof folder_name, "%s/furrow-conformance-XXXXXX",
             temporary ? temporary : "/tmp");
    folder = mkdtemp(folder_name);
    if (!folder)
        return false;
    const char *server = getenv("FURROW_TEST_POSTGRESQL");
    snprintf(server_url, sizeof server_url, "%s", server ? server : "");
    if (strncmp(argument, "postgresql", 10) != 0) {
        database_url = strcmp(argument, "sqlite://") == 0 ? argument : url_in_folder("test.db");
        snprintf(chosen_url, sizeof chosen_url, "%s", database_url);
        database_url = chosen_url;
        return true;
    }
    char sql[128];
    snprintf(database_name, sizeof database_name, "furrow_test_%ld", (long)getpid());
    snprintf(sql, sizeof sql, "CREATE DATABASE %s", database_name);
    if (!run_on_server(sql)) {
        *database_name = '\0';
        return false;
    }
    snprintf(chosen_url, sizeof chosen_url, "%s", postgresql_url(NULL, NULL, database_name));
    database_url = chosen_url;
    return true;
}

static void remove_database(void)
{
    if (*database_name) {
        char sql[192];
        /* PostgreSQL 12 has no DROP DATABASE … WITH (FORCE). DROP DATABASE waits for the processes
         * to end. */
        snprintf(sql, sizeof sql,
                 "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'",
                 database_name);
        run_on_server(sql);
        snprintf(sql, sizeof sql, "DROP DATABASE %s", database_name);
        run_on_server(sql);
    }
    if (folder)
        nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static int open_engine(void **state)
{
    (void)state;
    furrow_error error = {0};
    if (furrow_engine_open(&engine, database_url, &error)) {
        fprintf(stderr, "%s\n", error.message);
        return -1;
    }
    return 0;
}

static int close_engine(void **state)
{
    (void)state;
    furrow_engine_close(engine);
    engine = NULL;
    return 0;
}

enum { MAX_SESSIONS = 32 };
static furrow_session *sessions[MAX_SESSIONS];

furrow_session *track_session(furrow_session *s)
{
    assert_non_null(s);
    for (int i = 0; i < MAX_SESSIONS; i++)
        if (!sessions[i])
            return sessions[i] = s;
    fail_msg("a test may open at most %d sessions", MAX_SESSIONS);
    return s;
}

void close_session(furrow_session *s)
{
    for (int i = 0; i < MAX_SESSIONS; i++)
        if (sessions[i] == s)
            sessions[i] = NULL;
    furrow_session_close(s);
}

static int close_sessions(void **state)
{
    (void)state;
    for (int i = 0; i < MAX_SESSIONS; i++)
        if (sessions[i])
            close_session(sessions[i]);
    return 0;
}

int run_conformance(int argc, char **argv, const char *name, const struct CMUnitTest *tests,
                    size_t count)
{
    const char *argument = argc > 1 ? argv[1] : "sqlite:///";
    if (strncmp(argument, "postgresql", 10) == 0 && !getenv("FURROW_TEST_POSTGRESQL")) {
        fprintf(stderr, "FURROW_TEST_POSTGRESQL is not set\n");
        return SKIPPED;
    }
    int failed = 1;
    if (argc > 2)
        cmocka_set_test_filter(argv[2]);
    struct CMUnitTest *all = calloc(count, sizeof *all);
    for (size_t i = 0; all && i < count; i++) {
        all[i] = tests[i];
        all[i].teardown_func = close_sessions;
    }
    if (all && choose_database(argument))
        failed = _cmocka_run_group_tests(name, all, count, open_engine, close_engine);
    free(all);
    remove_database();
    return failed;
}

const char *path_in_folder(const char *name)
{
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

const char *url_in_folder(const char *name)
{
    static char urls[4][512];
    static unsigned next;
    char *url = urls[next++ % 4];
    snprintf(url, sizeof urls[0], "sqlite:///%s/%s", folder, name);
    return url;
}

void check_status(const furrow_session *s, furrow_status wanted, furrow_status status,
                  const char *file, int line)
{
    if (status == wanted)
        return;
    const furrow_error *e = furrow_session_error(s);
    print_error("%s, not %s\n", furrow_status_name(status), furrow_status_name(wanted));
    print_error("message: %s\nhint: %s\nnative: %d %s\nsql: %s\n", e->message, e->hint,
                e->native_code, e->sqlstate, e->sql);
    _fail(file, line);
}

void check_refused(furrow_session *s, furrow_status wanted, const char *message,
                   furrow_status status, const char *file, int line)
{
    check_status(s, wanted, status, file, line);
    const furrow_error *e = furrow_session_error(s);
    if (strcmp(e->message, message) != 0) {
        print_error("  %s\nnot\n  %s\n", e->message, message);
        _fail(file, line);
    }
    check_status(s, wanted, furrow_session_status(s), file, line);
    check_status(s, FURROW_OK, furrow_rollback(s), file, line);
    furrow_rows *rows = NULL;
    check_status(s, FURROW_OK, furrow_query(s, &rows, "SELECT 1"), file, line);
}

void create_fresh(const furrow_schema *schema)
{
    furrow_session *s = open_session();
    assert_ok(s, furrow_drop_all(s, schema));
    assert_ok(s, furrow_create_all(s, schema));
    assert_ok(s, furrow_commit(s));
    close_session(s);
}

furrow_session *filled_session(const furrow_schema *schema, void (*fill)(furrow_session *s))
{
    static bool is_filled;
    if (!is_filled) {
        create_fresh(schema);
        furrow_session *s = open_session();
        fill(s);
        assert_ok(s, furrow_commit(s));
        close_session(s);
    }
    is_filled = true;
    return open_session();
}

void run_sql(const char *sql)
{
    furrow_session *s = open_session();
    furrow_rows *rows = NULL;
    check_status(s, FURROW_OK, furrow_unsafe_sql(s, &rows, sql, NULL, 0), __FILE__, __LINE__);
    assert_ok(s, furrow_commit(s));
    close_session(s);
}

const char *value_of_sql(const char *sql)
{
    static char value[1024];
    furrow_session *s = open_reader();
    furrow_rows *rows = NULL;
    check_status(s, FURROW_OK, furrow_unsafe_sql(s, &rows, sql, NULL, 0), __FILE__, __LINE__);
    assert_true(furrow_rows_next(rows));
    snprintf(value, sizeof value, "%s", furrow_row_text(rows, 0));
    close_session(s);
    return value;
}
