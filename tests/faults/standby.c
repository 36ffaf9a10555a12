/* SPDX-License-Identifier: MIT
 *
 * A hot standby, and a failover to it: standby SCRIPT_SERVER. script/server starts a server and its
 * standby, so FURROW_TEST_POSTGRESQL is not needed. On the standby, read-only transactions work at
 * every level of isolation, and a write fails with an error that names the cause; the connection is
 * then discarded. After the failover, an engine that knows both servers uses the new primary.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "library.furrow.h"
#include "workload.h"

static const char *script;

/* Runs script/server. If `url` is not NULL, stores the URL of the started server. */
static bool run_script(const char *arguments, char *url, size_t size)
{
    char command[1400];
    snprintf(command, sizeof command,
             url ? "out=$('%s' %s) && eval \"$out\" && printf '%%s\\n' \"$FURROW_TEST_POSTGRESQL\""
                 : "'%s' %s >/dev/null",
             script, arguments);
    FILE *out = popen(command, "r");
    bool read = out && (!url || fgets(url, (int)size, out));
    if (url)
        url[strcspn(url, "\n")] = '\0';
    return out && pclose(out) == 0 && read;
}

static furrow_engine *open_engine(const char *url)
{
    furrow_engine *engine = NULL;
    furrow_error error = {0};
    if (furrow_engine_open(&engine, url, &error, .pool_size = 1,
                           .max_overflow = FURROW_NO_OVERFLOW))
        fprintf(stderr, "%s\n", error.message);
    return engine;
}

struct reading {
    int64_t count;
    char isolation[32];
};

static furrow_status read_shelves(furrow_session *s, void *context)
{
    struct reading *reading = context;
    furrow_rows *rows = NULL;
    shelf_count(s, &reading->count);
    furrow_query(s, &rows, "SHOW transaction_isolation");
    if (furrow_rows_next(rows))
        snprintf(reading->isolation, sizeof reading->isolation, "%s", furrow_row_text(rows, 0));
    return FURROW_OK;
}

static furrow_status write_shelf(furrow_session *s, void *calls)
{
    ++*(int *)calls;
    return shelf_insert(s, &(struct shelf){.name = "never kept"});
}

static bool says_standby(const furrow_error *error)
{
    return strstr(error->message, "standby") != NULL;
}

static void read_from_standby(furrow_engine *engine)
{
    static const furrow_isolation levels[] = {
        FURROW_ISOLATION_DEFAULT, FURROW_ISOLATION_READ_COMMITTED, FURROW_ISOLATION_REPEATABLE_READ,
        FURROW_ISOLATION_SERIALIZABLE};
    furrow_error error = {0};
    for (int i = 0; i < 4; i++) {
        struct reading reading = {0};
        furrow_status status = furrow_transact(engine, read_shelves, &reading, &error,
                                               .read_only = true, .isolation = levels[i]);
        CHECK("a read-only transaction works on a standby", status == FURROW_OK);
        CHECK("the row is read", reading.count == 1);
        CHECK("the isolation is the wanted one, or REPEATABLE READ instead of SERIALIZABLE",
              strcmp(reading.isolation, levels[i] == FURROW_ISOLATION_READ_COMMITTED
                                            ? "read committed"
                                            : "repeatable read") == 0);
    }
    furrow_session *s = furrow_session_open(engine, .read_only = true);
    CHECK("a write in a read-only session is refused",
          furrow_exec(s, "DELETE FROM fault_books") == FURROW_INVALID);
    CHECK("the error names the standby", says_standby(furrow_session_error(s)));
    furrow_session_close(s);
    CHECK("the connection is kept", furrow_engine_stats(engine).broken == 0);
}

static void write_to_standby(furrow_engine *engine)
{
    furrow_error error = {0};
    int calls = 0;
    int64_t count = 0;
    furrow_status status = furrow_transact(engine, write_shelf, &calls, &error);
    CHECK("a transaction that writes fails", status == FURROW_DISCONNECTED);
    CHECK("the error names the standby", says_standby(&error) && error.hint[0]);
    CHECK("a new connection was tried, once", calls == 2);
    furrow_session *s = furrow_session_open(engine);
    CHECK("a session can read", shelf_count(s, &count) == FURROW_OK && count == 1);
    CHECK("a write of the session fails",
          shelf_insert(s, &(struct shelf){.name = "never kept"}) == FURROW_DISCONNECTED);
    CHECK("the error names the standby", says_standby(furrow_session_error(s)));
    furrow_rollback(s);
    CHECK("the connections are given up", furrow_engine_stats(engine).broken == 3);
    CHECK("the next transaction works", shelf_count(s, &count) == FURROW_OK);
    furrow_session_close(s);
}

static furrow_status keep_shelf(furrow_session *s, void *context)
{
    (void)context;
    return shelf_insert(s, &(struct shelf){.name = "kept"});
}

/* Writes the URL with both servers, the standby first. */
static void both_servers(char *out, size_t size, const char *standby, const char *primary)
{
    const char *host = strchr(standby, '@') + 1;
    const char *other = strchr(primary, '@') + 1;
    snprintf(out, size, "%.*s,%.*s/furrow?target_session_attrs=read-write",
             (int)(host - standby + (long)strcspn(host, "/")), standby, (int)strcspn(other, "/"),
             other);
}

static void fail_over(const char *url, const char *stop_primary, const char *promote)
{
    furrow_error error = {0};
    furrow_engine *engine = open_engine(url);
    CHECK("the engine finds the primary", engine != NULL);
    furrow_status status = furrow_transact(engine, keep_shelf, NULL, &error);
    CHECK("the primary accepts a write", status == FURROW_OK);
    CHECK("the primary stops", run_script(stop_primary, NULL, 0));
    CHECK("the standby is promoted", run_script(promote, NULL, 0));
    furrow_session *s = furrow_session_open(engine);
    int64_t count = 0;
    CHECK("the old connection is lost", shelf_count(s, &count) == FURROW_DISCONNECTED);
    furrow_session_close(s);
    struct shelf shelf = {.name = "after the failover"};
    s = furrow_session_open(engine);
    shelf_insert(s, &shelf);
    status = furrow_commit(s);
    if (status)
        fprintf(stderr, "%s\n", furrow_session_error(s)->message);
    CHECK("the new primary accepts a write", status == FURROW_OK);
    furrow_session_close(s);
    furrow_engine_close(engine);
}

/* Creates the table with one row. */
static bool prepare(const char *url)
{
    furrow_engine *engine = open_engine(url);
    furrow_session *s = furrow_session_open(engine);
    furrow_create_all(s, &library_schema);
    shelf_insert(s, &(struct shelf){.name = "first"});
    bool good = furrow_commit(s) == FURROW_OK;
    furrow_session_close(s);
    furrow_engine_close(engine);
    return good;
}

int main(int argc, char **argv)
{
    char base[256], primary[600], standby[600], both[1400], start[600], copy[700], stop[600],
        stop_standby[600], promote[600];
    const char *parent = getenv("TMPDIR");
    if (argc < 2)
        return 1;
    script = argv[1];
    snprintf(base, sizeof base, "%s/furrow-standby-%ld", parent ? parent : "/tmp", (long)getpid());
    snprintf(start, sizeof start, "start '%s'", base);
    snprintf(copy, sizeof copy, "standby '%s-copy' '%s'", base, base);
    snprintf(stop, sizeof stop, "stop '%s'", base);
    snprintf(stop_standby, sizeof stop_standby, "stop '%s-copy'", base);
    snprintf(promote, sizeof promote, "promote '%s-copy'", base);
    bool ready = run_script(start, primary, sizeof primary) && prepare(primary) &&
                 run_script(copy, standby, sizeof standby);
    CHECK("a server and its standby start", ready);
    furrow_engine *engine = ready ? open_engine(standby) : NULL;
    CHECK("an engine opens on the standby", engine != NULL);
    if (engine) {
        read_from_standby(engine);
        write_to_standby(engine);
        furrow_engine_close(engine);
        both_servers(both, sizeof both, standby, primary);
        fail_over(both, stop, promote);
    }
    run_script(stop_standby, NULL, 0);
    run_script(stop, NULL, 0);
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0;
}
