/* SPDX-License-Identifier: MIT
 *
 * Kills processes during a migration (SIGKILL), and runs many migrations at once. The arguments
 * are: kill [MOMENTS [SEED]]. A child process rebuilds a table, up or down. It is killed before
 * each of its statements. While it rebuilds a large table, it is killed at random moments. After
 * each kill, the following must be true:
 *   - the file is valid and has the schema and rows either from before the step or from after it;
 *     it has no temporary table, and furrow_revision agrees;
 *   - the same command, run again, completes the step.
 * Then two, five and twenty processes are started together, on SQLite and on PostgreSQL. All of
 * them must succeed, and exactly one must run the step. FURROW_TEST_SCALE=full uses 200 moments and
 * 200,000 rows instead of 10 and 10,000. */
#include <sqlite3.h>

#include "driver/sqlite/sqlite.h"
#include "kill.h"

enum { RUNNERS = 20 };

static char file[300], url[320];

#define OLD                                                                                        \
    "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, n INTEGER, boss INTEGER "    \
    "REFERENCES t (id) ON DELETE SET NULL) STRICT"
#define NEW                                                                                        \
    "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, n INTEGER, boss "   \
    "INTEGER REFERENCES t (id) ON DELETE SET NULL, twice INTEGER NOT NULL DEFAULT 0, CONSTRAINT "  \
    "t_n_check CHECK (n >= 0)) STRICT"

static int statements_left; /* number of statements until the process is killed; 0 means no limit */

static int count_down(unsigned kind, void *context, void *a, void *b)
{
    (void)kind;
    (void)context;
    (void)a;
    (void)b;
    if (statements_left && --statements_left == 0)
        raise(SIGKILL);
    return 0;
}

static furrow_status migrate(fixture *f, bool down, bool sqlite, furrow__step_report *report)
{
    furrow__catalog empty;
    furrow__migrator *m = NULL;
    furrow__catalog_table *old = table_from(f, OLD), *new = table_from(f, NEW);
    const char *fills[] = {"twice=\"n\" * 2", NULL};
    furrow__action actions[2];
    if (sqlite) {
        actions[0] = statement(down ? "DROP TABLE side" : "CREATE TABLE side (x INTEGER) STRICT");
        actions[1] = down ? rebuild_of(f, new, old, NULL) : rebuild_of(f, old, new, fills);
    } else {
        actions[0] = statement("CREATE TABLE runners (x INTEGER)");
        actions[1] = statement("INSERT INTO runners VALUES (1)");
    }
    furrow__plan plan = {.dialect = f->dialect, .actions = actions, .count = 2};
    furrow__migrator_options options = {
        .url = f->url, .lock_timeout_ms = 120000, .ignore_drift = true};
    furrow__catalog_init(&empty, NULL, &f->arena);
    furrow__revision_step step = {revision(f, "a", NULL), down, &empty, &empty};
    furrow_status status = furrow__migrator_open(&m, f->driver, f->dialect, &options, &f->error);
    if (status == FURROW_OK && sqlite)
        sqlite3_trace_v2(furrow__sqlite_of(furrow__migrator_connection(m))->db, SQLITE_TRACE_STMT,
                         count_down, NULL);
    if (status == FURROW_OK)
        status = furrow__migrator_run(m, &step, &plan, report, &f->error);
    furrow__migrator_close(m);
    return status;
}

/* Runs the child process, whose arguments are: --run URL up|down STATEMENTS. */
static int be_a_runner(char **argv)
{
    fixture f = {.driver = &furrow_driver_sqlite, .dialect = &furrow__dialect_sqlite};
    furrow__step_report report = {0};
    bool sqlite = strncmp(argv[0], "sqlite", 6) == 0;
#ifdef FURROW_WITH_POSTGRESQL
    if (!sqlite) {
        f.driver = &furrow_driver_postgresql;
        f.dialect = &furrow__dialect_postgresql;
    }
#endif
    snprintf(f.url, sizeof f.url, "%s", argv[0]);
    statements_left = (int)strtol(argv[2], NULL, 10);
    furrow_status status = migrate(&f, strcmp(argv[1], "down") == 0, sqlite, &report);
    return end_runner(&f, status, &report);
}

static pid_t start(const char *where, bool down, int statements)
{
    char number[16];
    snprintf(number, sizeof number, "%d", statements);
    pid_t child = fork();
    if (child == 0) {
        execl(self, "kill", "--run", where, down ? "down" : "up", number, (char *)NULL);
        _exit(127);
    }
    return child;
}

static sqlite3 *open_file(void)
{
    sqlite3 *db = NULL;
    if (sqlite3_open(file, &db) != SQLITE_OK)
        exit(1);
    return db;
}

static void must(sqlite3 *db, const char *sql)
{
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) {
        printf("FAILED %s: %s\n", sql, message);
        exit(1);
    }
}

/* Returns all rows and columns of a query as one string, which the caller frees. */
static char *read_all(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *rows;
    furrow__buffer out = {0};
    if (sqlite3_prepare_v2(db, sql, -1, &rows, NULL) != SQLITE_OK)
        return strdup(sqlite3_errmsg(db));
    while (sqlite3_step(rows) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(rows); i++)
            furrow__buffer_format(&out, "%s|", (const char *)sqlite3_column_text(rows, i));
    sqlite3_finalize(rows);
    char *text = strdup(furrow__buffer_text(&out));
    furrow__buffer_done(&out);
    return text;
}

static char *snapshot(sqlite3 *db)
{
    char *schema = read_all(db, "SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE "
                                "'%furrow_revision%' ORDER BY name");
    char *content = read_all(
        db, "SELECT count(*), sum(id), sum(id * length(name)), sum(n), sum(id * boss), (SELECT seq "
            "FROM sqlite_sequence WHERE name = 't'), (SELECT count(*) FROM child), (SELECT "
            "count(*) FROM log) FROM t");
    furrow__buffer out = {0};
    furrow__buffer_format(&out, "%s\n%s", schema, content);
    char *text = strdup(out.text);
    furrow__buffer_done(&out);
    free(schema);
    free(content);
    return text;
}

static char *snapshots[2]; /* the state of the database at the base, and at revision `a` */

static void make_file(int rows)
{
    char sql[400];
    sqlite3 *db = open_file();
    must(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; BEGIN; " OLD);
    snprintf(sql, sizeof sql,
             "WITH RECURSIVE k (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM k WHERE v < %d) INSERT "
             "INTO t SELECT v * 2, 'name ' || v, v %% 1000, CASE WHEN v > 1 THEN v / 2 * 2 END "
             "FROM k",
             rows);
    must(db, sql);
    must(db,
         "UPDATE t SET boss = NULL WHERE boss NOT IN (SELECT id FROM t); CREATE INDEX t_name ON "
         "t (name, n); CREATE UNIQUE INDEX t_lower ON t (lower(name)) WHERE n > 5; CREATE "
         "TABLE child (t INTEGER REFERENCES t (id) ON DELETE CASCADE) STRICT; INSERT INTO "
         "child SELECT id FROM t WHERE n = 7; CREATE TABLE log (x TEXT); CREATE TRIGGER t_log "
         "AFTER DELETE ON t BEGIN INSERT INTO log VALUES (old.name); END; CREATE VIEW names AS "
         "SELECT name FROM t; COMMIT");
    sqlite3_close(db);
}

static void remove_file(void)
{
    char name[320];
    static const char *const endings[] = {"", "-wal", "-shm"};
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", file, endings[i]);
        unlink(name);
    }
}

/* Returns whether furrow_revision records revision `a` as applied. Checks that the rest of the
 * database agrees. */
static bool look(const char *what)
{
    sqlite3 *db = open_file();
    char *integrity = read_all(db, "PRAGMA integrity_check");
    char *orphans = read_all(db, "SELECT count(*) FROM pragma_foreign_key_check");
    char *row = read_all(db, "SELECT id FROM furrow_revision");
    char *now = snapshot(db);
    bool applied = strcmp(row, "a|") == 0;
    check(strcmp(integrity, "ok|") == 0, what, integrity);
    check(strcmp(orphans, "0|") == 0, what, orphans);
    check(strcmp(now, snapshots[applied]) == 0, what, now);
    sqlite3_close(db);
    free(integrity);
    free(orphans);
    free(row);
    free(now);
    return applied;
}

/* Runs the step up and down once. This shows the state of the database at each revision and the
 * time that a step takes. */
static int64_t take_snapshots(void)
{
    int64_t took = 0;
    for (int i = 0; i < 2; i++) {
        int64_t began = now_us();
        if (i)
            check(end_of(start(url, false, 0)) == 0, "the first upgrade", NULL);
        took = now_us() - began;
        sqlite3 *db = open_file();
        free(snapshots[i]);
        snapshots[i] = snapshot(db);
        sqlite3_close(db);
    }
    check(strcmp(snapshots[0], snapshots[1]) != 0, "the two revisions differ", NULL);
    check(end_of(start(url, true, 0)) == 0, "the first downgrade", NULL);
    sqlite3 *db = open_file(); /* the rebuild writes the definitions of the columns in a new form,
                                  so the state after the downgrade is compared from here on */
    free(snapshots[0]);
    snapshots[0] = snapshot(db);
    sqlite3_close(db);
    return took;
}

static void finish(bool down, const char *what)
{
    int code = end_of(start(url, down, 0));
    check(code == 0 || code == WAS_DONE, what, "the same command does not finish");
    check(look(what) == !down, what, "the same command has not finished");
}

static void kill_at_every_statement(void)
{
    int killed = 0;
    make_file(500);
    take_snapshots();
    for (int down = 0; down < 2; down++)
        for (int k = 1;; k++) {
            char what[64];
            snprintf(what, sizeof what, "killed at statement %d %s", k, down ? "down" : "up");
            int code = end_of(start(url, down, k));
            if (code == 0)
                break;
            check(code == -SIGKILL, what, "the process ended by itself");
            killed++;
            if (look(what) == !down) { /* if the step was committed before the kill, the test undoes
                                          the step before the next attempt */
                finish(!down, what);
                continue;
            }
        }
    check(killed > 40, "statements", "too few processes were killed");
    remove_file();
}

static void kill_at_random(int moments, int rows)
{
    make_file(rows);
    int64_t took = take_snapshots();
    int killed = 0;
    for (int i = 0; i < MOST_TRIES * moments && killed < moments; i++) {
        char what[64];
        int64_t delay;
        bool down = look("before a round");
        killed += kill_sometime(start(url, down, 0), &took, &delay);
        snprintf(what, sizeof what, "killed after %lld us %s", (long long)delay,
                 down ? "down" : "up");
        look(what);
        finish(down, what);
    }
    printf("killed at %d of %d random moments of %lld ms\n", killed, moments,
           (long long)took / 1000);
    check(killed == moments, "random moments", "too many kills came after the end of the process");
    remove_file();
}

static void run_together(const char *where, int count, const char *what)
{
    pid_t children[RUNNERS];
    int did = 0, were_done = 0;
    for (int i = 0; i < count; i++)
        children[i] = start(where, false, 0);
    for (int i = 0; i < count; i++) {
        int code = end_of(children[i]);
        did += code == 0;
        were_done += code == WAS_DONE;
    }
    check(did == 1, what, "not exactly one process ran the step");
    check(did + were_done == count, what, "not all processes succeeded");
}

static void runners_on_sqlite(void)
{
    static const int counts[] = {2, 5, RUNNERS};
    make_file(2000);
    take_snapshots();
    for (int i = 0; i < 3; i++) {
        run_together(url, counts[i], "runners on SQLite");
        finish(true, "runners on SQLite");
    }
    remove_file();
}

#ifdef FURROW_WITH_POSTGRESQL
static void runners_on_postgresql(void)
{
    static const int counts[] = {2, 5, RUNNERS};
    void *state = NULL;
    set_up_postgresql(&state);
    fixture *f = state;
    for (int i = 0; i < 3; i++) {
        run_together(f->url, counts[i], "runners on PostgreSQL");
        check(number(f, "SELECT count(*) FROM runners") == 1, "runners on PostgreSQL",
              "the step did not run exactly once");
        run(f, "DROP TABLE runners, furrow_revision");
    }
    tear_down_postgresql(&state);
}
#endif

int main(int argc, char **argv)
{
    const char *scale = getenv("FURROW_TEST_SCALE");
    bool full = scale && strcmp(scale, "full") == 0;
    char folder[] = "/tmp/furrow-migrate-kill-XXXXXX", program[300] = "";
    if (argc == 5 && strcmp(argv[1], "--run") == 0)
        return be_a_runner(argv + 2);
    int moments = argc > 1 ? (int)strtol(argv[1], NULL, 10) : full ? 200 : 10;
    long seed = argc > 2 ? strtol(argv[2], NULL, 10) : SEED;
    if (readlink("/proc/self/exe", program, sizeof program - 1) < 0 || !mkdtemp(folder))
        return 1;
    self = program;
    srand48(seed);
    printf("seed %ld\n", seed);
    snprintf(file, sizeof file, "%s/a.db", folder);
    snprintf(url, sizeof url, "sqlite:///%s", file);
    kill_at_every_statement();
    kill_at_random(moments, full ? 200000 : 10000);
    runners_on_sqlite();
#ifdef FURROW_WITH_POSTGRESQL
    if (has_server())
        runners_on_postgresql();
#endif
    free(snapshots[0]);
    free(snapshots[1]);
    rmdir(folder);
    printf("%d passed, %d failed\n", passed, failed);
    return failed || !passed;
}
