/* SPDX-License-Identifier: MIT
 *
 * Sessions on PostgreSQL while the server or the connection breaks. Every failure must have the
 * right status, no transaction may be partly committed, and the next session of the same engine
 * must work. The tests need FURROW_TEST_POSTGRESQL.
 *
 *   wire SCRIPT_SERVER   the server and the connection break; script/server starts another
 *                        server, which the test restarts
 *   wire to-server       the connection is cut after n bytes of a transaction that uses every
 *   wire to-client       function: at every n with FURROW_TEST_SCALE=full, otherwise at every
 *                        97th and around COMMIT. Runs in its own database
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "library.furrow.h"
#include "proxy.h"
#include "workload.h"

static const char *server_url;
static char proxy_url[600];

static furrow_engine *open_engine(const char *url)
{
    furrow_engine *engine = NULL;
    furrow_error error = {0};
    if (furrow_engine_open(&engine, url, &error, .pool_size = 1,
                           .max_overflow = FURROW_NO_OVERFLOW)) {
        fprintf(stderr, "%s\n", error.message);
        exit(1);
    }
    return engine;
}

static bool next_session_works(furrow_engine *engine)
{
    furrow_session *s = furrow_session_open(engine);
    int64_t count = -1;
    shelf_count(s, &count);
    furrow_status status = furrow_commit(s);
    if (status)
        fprintf(stderr, "  %s: %s\n", furrow_status_name(status), furrow_session_error(s)->message);
    furrow_session_close(s);
    return status == FURROW_OK && count >= 0;
}

static int64_t count_named(const char *name)
{
    furrow_engine *engine = open_engine(server_url);
    furrow_session *s = furrow_session_open(engine);
    int64_t count = -1;
    shelf_count(s, &count, .where = {furrow_eq(SHELF.name, name)});
    furrow_session_close(s);
    furrow_engine_close(engine);
    return count;
}

static void terminated_backend(void)
{
    furrow_engine *engine = open_engine(server_url), *other = open_engine(server_url);
    furrow_session *s = furrow_session_open(engine), *killer = furrow_session_open(other);
    furrow_rows *rows = NULL;
    struct shelf shelf = {.name = "never kept"};
    shelf_insert(s, &shelf);
    furrow_query(s, &rows, "SELECT pg_backend_pid()");
    furrow_rows_next(rows);
    int64_t pid = furrow_row_int64(rows, 0);
    furrow_exec(killer, "SELECT pg_terminate_backend(?)", pid);
    CHECK("the server process is terminated", furrow_commit(killer) == FURROW_OK);
    int64_t count = 0;
    furrow_status status = FURROW_OK;
    for (int i = 0; i < 1000 && !status; i++)
        status = shelf_count(s, &count);
    CHECK("a terminated server process causes FURROW_DISCONNECTED", status == FURROW_DISCONNECTED);
    CHECK("later calls of the session are skipped", shelf_count(s, &count) == FURROW_ABORTED);
    CHECK("the commit returns the status of the failure", furrow_commit(s) == FURROW_DISCONNECTED);
    furrow_session_close(s);
    furrow_session_close(killer);
    CHECK("the next session works", next_session_works(engine));
    CHECK("no row of the failed transaction exists", count_named("never kept") == 0);
    furrow_engine_close(engine);
    furrow_engine_close(other);
}

static bool run_script(const char *script, const char *verb, const char *folder, char *url,
                       size_t size)
{
    char command[1200];
    snprintf(
        command, sizeof command,
        url ? "out=$('%s' %s '%s') && eval \"$out\" && printf '%%s\\n' \"$FURROW_TEST_POSTGRESQL\""
            : "'%s' %s '%s' >/dev/null",
        script, verb, folder);
    FILE *out = popen(command, "r");
    bool read = out && (!url || fgets(url, (int)size, out));
    if (url)
        url[strcspn(url, "\n")] = '\0';
    return out && pclose(out) == 0 && read;
}

static void restarted_server(const char *script)
{
    char folder[512], url[600] = "";
    const char *parent = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/furrow-wire-%ld", parent ? parent : "/tmp", (long)getpid());
    if (!run_script(script, "start", folder, url, sizeof url)) {
        CHECK("another server can be started", false);
        return;
    }
    bool ready = workload_reset(url);
    CHECK("the tables are created on the other server", ready);
    if (ready) {
        furrow_engine *engine = open_engine(url);
        furrow_session *s = furrow_session_open(engine);
        struct shelf shelf = {.name = "never kept"};
        CHECK("an insert before the fault works", shelf_insert(s, &shelf) == FURROW_OK);
        CHECK("restart", run_script(script, "restart", folder, NULL, 0));
        furrow_status status = shelf_insert(s, &shelf);
        CHECK("a server restart causes FURROW_DISCONNECTED", status == FURROW_DISCONNECTED);
        furrow_session_close(s);
        CHECK("the next session works", next_session_works(engine));
        furrow_engine_close(engine);
    }
    run_script(script, "stop", folder, NULL, 0);
}

static void full_disk(void)
{
    furrow_engine *engine = open_engine(server_url);
    furrow_session *s = furrow_session_open(engine);
    furrow_unsafe_sql(
        s, NULL,
        "CREATE OR REPLACE FUNCTION fault_full() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
        "RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = "
        "'53100'; END$$",
        NULL, 0);
    furrow_unsafe_sql(
        s, NULL,
        "CREATE TRIGGER fault_full BEFORE INSERT ON fault_shelves FOR EACH ROW WHEN (NEW.name "
        "= 'too much') EXECUTE FUNCTION fault_full()",
        NULL, 0);
    CHECK("the trigger that simulates a full disk is created", furrow_commit(s) == FURROW_OK);
    struct shelf rows[] = {{.name = "fits"}, {.name = "too much"}};
    furrow_status status = shelf_insert(s, &rows[0]);
    CHECK("a row is inserted before the disk is full", status == FURROW_OK);
    status = shelf_insert(s, &rows[1]);
    CHECK("a full disk causes FURROW_DATABASE", status == FURROW_DATABASE);
    CHECK("the error has the SQLSTATE of a full disk",
          strcmp(furrow_session_error(s)->sqlstate, "53100") == 0);
    CHECK("the commit returns the status of the failure", furrow_commit(s) == FURROW_DATABASE);
    CHECK("no row of the failed transaction exists", count_named("fits") == 0);
    furrow_unsafe_sql(s, NULL, "DROP TRIGGER fault_full ON fault_shelves", NULL, 0);
    furrow_unsafe_sql(s, NULL, "DROP FUNCTION fault_full()", NULL, 0);
    CHECK("the session works after a rollback", furrow_commit(s) == FURROW_OK);
    furrow_session_close(s);
    furrow_engine_close(engine);
}

struct cut {
    proxy *wire;
    int calls;
};

/* Inserts a row, and cuts the connection so that the answer to COMMIT does not arrive. */
static furrow_status write_and_cut(furrow_session *s, void *context)
{
    struct cut *cut = context;
    struct shelf shelf = {.name = "perhaps kept"};
    cut->calls++;
    shelf_insert(s, &shelf);
    proxy_cut_after(cut->wire, PROXY_TO_CLIENT, 0);
    return furrow_session_status(s);
}

static void lost_commit(proxy *wire)
{
    furrow_engine *engine = open_engine(proxy_url);
    struct cut cut = {wire, 0};
    furrow_error error;
    furrow_status status = furrow_transact(engine, write_and_cut, &cut, &error);
    proxy_heal(wire);
    CHECK("a commit without an answer returns FURROW_COMMIT_UNKNOWN",
          status == FURROW_COMMIT_UNKNOWN);
    CHECK("a transaction with an unknown outcome is not repeated", cut.calls == 1);
    CHECK("the next session works", next_session_works(engine));
    furrow_engine_close(engine);
}

static void reset_wire(proxy *wire)
{
    furrow_engine *engine = open_engine(proxy_url);
    furrow_session *s = furrow_session_open(engine);
    struct shelf shelf = {.name = "lost"};
    CHECK("an insert before the fault works", shelf_insert(s, &shelf) == FURROW_OK);
    proxy_reset(wire);
    proxy_heal(wire);
    shelf.id = 0;
    CHECK("a reset connection causes FURROW_DISCONNECTED",
          shelf_insert(s, &shelf) == FURROW_DISCONNECTED);
    furrow_session_close(s);
    CHECK("the next session works", next_session_works(engine));
    furrow_engine_close(engine);
    CHECK("no row of the failed transaction exists", count_named("lost") == 0);
}

/* For the check of the database after a connection was cut: an engine that connects to the server
 * without the proxy, and the contents before and after the whole transaction. */
struct left {
    furrow_engine *engine;
    char *before, *after;
};

/* Waits until no other server process uses the database. After a connection is cut, its server
 * process can still be running. The work of that process can only be checked after it has ended. */
static bool is_alone(furrow_engine *engine)
{
    int64_t others = 1;
    furrow_status status = FURROW_OK;
    furrow_session *s = furrow_session_open(engine);
    while (others && !status) {
        furrow_rows *rows;
        furrow_query(s, &rows,
                     "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                     "AND backend_type = 'client backend' AND pid <> pg_backend_pid()");
        others = furrow_rows_next(rows) ? furrow_row_int64(rows, 0) : 1;
        status = furrow_commit(s);
    }
    furrow_session_close(s);
    return !status;
}

/* Runs the workload once and cuts the connection after n bytes in one direction. Returns a
 * description of what went wrong, or NULL. */
static const char *cut_at(proxy *wire, proxy_direction direction, uint64_t n,
                          const struct left *left)
{
    furrow_error error;
    proxy_cut_after(wire, direction, n);
    furrow_status status = workload_run(proxy_url, &error);
    proxy_heal(wire);
    if (status != FURROW_OK && status != FURROW_DISCONNECTED && status != FURROW_COMMIT_UNKNOWN) {
        fprintf(stderr, "  %s: %s\n  %s\n", furrow_status_name(status), error.message, error.sql);
        return "the status is neither FURROW_DISCONNECTED nor FURROW_COMMIT_UNKNOWN";
    }
    char *now = is_alone(left->engine) ? workload_dump_of(left->engine) : NULL;
    if (!now)
        return "the database cannot be read";
    bool is_before = strcmp(now, left->before) == 0, is_after = strcmp(now, left->after) == 0;
    free(now);
    if (!is_before && !workload_reset(server_url))
        return "could not prepare the tables";
    if (!is_before && !is_after)
        return "the transaction was committed in part";
    if (status == FURROW_OK && !is_after)
        return "FURROW_OK was returned, but nothing was committed";
    if (status == FURROW_DISCONNECTED && !is_before)
        return "FURROW_DISCONNECTED was returned, but the transaction was committed";
    return NULL;
}

/* COMMIT, its answer and the end of the connection are within the last END_SIZE bytes, where the
 * cuts are closer together. */
enum { END_SIZE = 400, END_STEP = 7 };

static void cut_everywhere(proxy *wire, proxy_direction direction)
{
    const char *scale = getenv("FURROW_TEST_SCALE");
    uint64_t step = scale && strcmp(scale, "full") == 0 ? 1 : 97;
    furrow_error error;
    if (!workload_reset(server_url))
        exit(1);
    struct left left = {.engine = open_engine(server_url)};
    left.before = workload_dump_of(left.engine);
    uint64_t total = proxy_bytes(wire, direction);
    proxy_slice(wire);
    furrow_status status = workload_run(proxy_url, &error);
    proxy_heal(wire);
    CHECK("the workload works if data arrives byte by byte", status == FURROW_OK);
    total = proxy_bytes(wire, direction) - total;
    left.after = workload_dump_of(left.engine);
    if (!left.before || !left.after || !workload_reset(server_url))
        exit(1);
    for (uint64_t n = 0; n < total;
         n += n + END_SIZE < total || step < END_STEP ? step : END_STEP) {
        const char *wrong = cut_at(wire, direction, n, &left);
        if (wrong)
            fprintf(stderr, "  cut after %llu of %llu bytes: %s\n", (unsigned long long)n,
                    (unsigned long long)total, wrong);
        CHECK("a cut at any byte has an allowed result", !wrong);
    }
    free(left.before);
    free(left.after);
    furrow_engine_close(left.engine);
}

/* Creates a database on the server, and writes its URL to `url`. */
static bool make_database(char *url, size_t size, const char *name)
{
    char command[800];
    const char *slash = strrchr(server_url, '/');
    snprintf(command, sizeof command,
             "PGOPTIONS='-c client_min_messages=warning' psql -q '%s' -c 'DROP DATABASE IF EXISTS "
             "%s' -c 'CREATE DATABASE %s'",
             server_url, name, name);
    snprintf(url, size, "%.*s/%s", (int)(slash - server_url), server_url, name);
    return system(command) == 0;
}

/* Starts a proxy for the server, and stores in proxy_url a URL that leads through the proxy. */
static bool make_proxy_url(proxy **wire)
{
    const char *at = strstr(server_url, "@127.0.0.1:");
    char *end;
    if (!at)
        return false;
    long port = strtol(at + strlen("@127.0.0.1:"), &end, 10);
    *wire = proxy_open("127.0.0.1", (int)port);
    if (!*wire)
        return false;
    snprintf(proxy_url, sizeof proxy_url, "%.*s@127.0.0.1:%d%s%csslmode=disable&gssencmode=disable",
             (int)(at - server_url), server_url, proxy_port(*wire), end,
             strchr(end, '?') ? '&' : '?');
    return true;
}

static int run_cuts(proxy_direction direction, const char *database)
{
    static char url[600];
    proxy *wire = NULL;
    if (!make_database(url, sizeof url, database))
        return 1;
    server_url = url;
    if (!make_proxy_url(&wire))
        return 1;
    cut_everywhere(wire, direction);
    proxy_close(wire);
    return 0;
}

static int run_breaks(const char *script)
{
    proxy *wire = NULL;
    if (!make_proxy_url(&wire) || !workload_reset(server_url))
        return 1;
    terminated_backend();
    full_disk();
    lost_commit(wire);
    reset_wire(wire);
    restarted_server(script);
    proxy_close(wire);
    return 0;
}

int main(int argc, char **argv)
{
    int could_not = 1;
    server_url = getenv("FURROW_TEST_POSTGRESQL");
    if (!server_url || argc < 2)
        fprintf(stderr, "wire: the path of script/server, and FURROW_TEST_POSTGRESQL with host "
                        "127.0.0.1, are required\n");
    else if (strcmp(argv[1], "to-server") == 0)
        could_not = run_cuts(PROXY_TO_SERVER, "wire_to_server");
    else if (strcmp(argv[1], "to-client") == 0)
        could_not = run_cuts(PROXY_TO_CLIENT, "wire_to_client");
    else
        could_not = run_breaks(argv[1]);
    printf("%d passed, %d failed\n", passed, failed + could_not);
    return failed + could_not > 0;
}
