/* SPDX-License-Identifier: MIT
 *
 * Kills processes with SIGKILL while they upgrade a PostgreSQL database. The arguments are:
 * kill_postgresql [MOMENTS [SEED]]. FURROW_TEST_POSTGRESQL names the server. A child process
 * changes a table, up or down, either in one transaction or statement by statement. It is killed
 * before each of its statements and at random moments. After each kill, the test waits until the
 * server has ended the session. The database must then be at the revision before or after the step.
 * Only a no-transaction revision can be applied in part. The same command, run again, must complete
 * the step. FURROW_TEST_SCALE=full uses 200 moments and 200,000 rows instead of 10 and 10,000. */
#include <stdio.h>

#ifdef FURROW_WITH_POSTGRESQL

#include "kill.h"
#include "failing_driver.h"

static fixture *base;

static const char *const up[] = {
    "ALTER TABLE t ADD COLUMN twice BIGINT NOT NULL DEFAULT 0",
    "UPDATE t SET twice = n * 2",
    "ALTER TABLE t ALTER COLUMN n TYPE BIGINT USING CAST(n AS BIGINT)",
    "CREATE INDEX @\"t_twice\" ON t (twice, name)",
    "CREATE UNIQUE INDEX @\"t_name\" ON t (name)",
    "ALTER TABLE t ADD CONSTRAINT t_n_check CHECK (n >= 0)",
};
static const char *const down[] = {
    "ALTER TABLE t DROP CONSTRAINT t_n_check",
    "DROP INDEX @\"t_name\"",
    "DROP INDEX @\"t_twice\"",
    "ALTER TABLE t ALTER COLUMN n TYPE INTEGER USING CAST(n AS INTEGER)",
    "ALTER TABLE t DROP COLUMN twice",
};
enum { UP = sizeof up / sizeof *up, DOWN = sizeof down / sizeof *down };

static furrow_status migrate(fixture *f, bool is_down, bool by_steps, int statements,
                             furrow__step_report *report)
{
    static char texts[UP][120];
    furrow__action actions[UP];
    furrow__catalog empty;
    furrow__migrator *m = NULL;
    size_t count = is_down ? DOWN : UP;
    for (size_t i = 0; i < count; i++) {
        const char *text = (is_down ? down : up)[i], *at = strchr(text, '@');
        size_t before = at ? (size_t)(at - text) : strlen(text);
        snprintf(texts[i], sizeof texts[i], "%.*s%s%s", (int)before, text,
                 at && by_steps ? "CONCURRENTLY " : "", at ? at + 1 : "");
        actions[i] = statement(texts[i]);
    }
    furrow__plan plan = {.dialect = f->dialect, .actions = actions, .count = count};
    furrow__migrator_options options = {
        .url = f->url, .lock_timeout_ms = 120000, .ignore_drift = true};
    furrow__catalog_init(&empty, NULL, &f->arena);
    furrow__revision *a = revision(f, "a", NULL);
    a->no_transaction = by_steps;
    furrow__revision_step step = {a, is_down, &empty, &empty};
    const furrow_driver *driver = make_failing_driver(f->driver, 0, true);
    furrow_status status = furrow__migrator_open(&m, driver, f->dialect, &options, &f->error);
    failing_calls_left = statements;
    if (status == FURROW_OK)
        status = furrow__migrator_run(m, &step, &plan, report, &f->error);
    furrow__migrator_close(m);
    return status;
}

/* Runs the child process, whose arguments are: --run URL up|down whole|steps STATEMENTS. */
static int be_a_runner(char **argv)
{
    fixture f = {.driver = &furrow_driver_postgresql, .dialect = &furrow__dialect_postgresql};
    furrow__step_report report = {0};
    snprintf(f.url, sizeof f.url, "%s", argv[0]);
    furrow_status status = migrate(&f, strcmp(argv[1], "down") == 0, strcmp(argv[2], "steps") == 0,
                                   (int)strtol(argv[3], NULL, 10), &report);
    return end_runner(&f, status, &report);
}

static pid_t start(bool is_down, bool by_steps, int statements)
{
    char number[16];
    snprintf(number, sizeof number, "%d", statements);
    pid_t child = fork();
    if (child == 0) {
        execl(self, "kill", "--run", base->url, is_down ? "down" : "up",
              by_steps ? "steps" : "whole", number, (char *)NULL);
        _exit(127);
    }
    return child;
}

static const char *snapshots[2]; /* the state of the database at the base, and at revision `a` */

static const char *snapshot(void)
{
    return rows(
        base, "SELECT (SELECT string_agg(attname || ' ' || atttypid::regtype || ' ' || "
              "attnotnull, ',' ORDER BY attname) FROM pg_attribute WHERE attrelid = 't'::regclass "
              "AND attnum > 0 AND NOT attisdropped), (SELECT string_agg(relname || ' ' || "
              "indisvalid, ',' ORDER BY relname) FROM pg_index JOIN pg_class c ON c.oid = "
              "indexrelid WHERE indrelid = 't'::regclass), (SELECT string_agg(conname, ',' ORDER "
              "BY conname) FROM pg_constraint WHERE conrelid = 't'::regclass), (SELECT count(*) || "
              "' ' || sum(n) || ' ' || sum(id * length(name)) FROM t)");
}

/* Waits until the server has ended the sessions of the killed process. */
static void wait_for_killed_session(void)
{
    while (number(base, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                        "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"))
        ;
}

/* Returns 1 if revision `a` is applied, 0 if not, and -1 if it is applied in part, which
 * may_be_partial must allow. Checks that the rest of the database agrees. */
static int look(bool may_be_partial, const char *what)
{
    wait_for_killed_session();
    const char *now = snapshot();
    int64_t exists =
        number(base, "SELECT count(*) FROM pg_class WHERE relname = 'furrow_revision'");
    const char *row =
        exists ? rows(base, "SELECT id, coalesce(steps_done::text, '') FROM furrow_revision") : "";
    bool applied = strcmp(row, "a|") == 0;
    if (may_be_partial && *row && !applied)
        return -1;
    check(applied || !*row, what, row);
    check(strcmp(now, snapshots[applied]) == 0, what, now);
    return applied;
}

static void finish(bool is_down, bool by_steps, const char *what)
{
    int code = end_of(start(is_down, by_steps, 0));
    check(code == 0 || code == WAS_DONE, what, "the same command does not finish");
    check(look(false, what) == !is_down, what, "the same command has not finished");
}

static int64_t make_table(int count, bool by_steps)
{
    char sql[300];
    furrow__arena_clear(&base->arena);
    run(base, "DROP TABLE IF EXISTS t, furrow_revision");
    run(base, "CREATE TABLE t (id BIGINT PRIMARY KEY, name TEXT, n INTEGER)");
    snprintf(sql, sizeof sql,
             "INSERT INTO t SELECT v, 'name ' || v, v %% 1000 FROM generate_series(1, %d) v",
             count);
    run(base, sql);
    snapshots[0] = snapshot();
    int64_t began = now_us();
    check(end_of(start(false, by_steps, 0)) == 0, "the first upgrade", NULL);
    int64_t took = now_us() - began;
    snapshots[1] = snapshot();
    check(strcmp(snapshots[0], snapshots[1]) != 0, "the two revisions differ", NULL);
    check(end_of(start(true, by_steps, 0)) == 0, "the first downgrade", NULL);
    check(look(false, "the first downgrade") == 0, "the first downgrade",
          "revision a is still applied");
    return took;
}

static void kill_at_every_statement(bool by_steps)
{
    int killed = 0;
    make_table(500, by_steps);
    for (int is_down = 0; is_down < 2; is_down++)
        for (int k = 1;; k++) {
            char what[80];
            snprintf(what, sizeof what, "killed at statement %d %s%s", k, is_down ? "down" : "up",
                     by_steps ? ", step by step" : "");
            int code = end_of(start(is_down, by_steps, k));
            if (code == 0)
                break;
            check(code == -SIGKILL, what, "the process ended by itself");
            killed++;
            int applied = look(by_steps, what);
            if (by_steps) {
                finish(is_down, by_steps, what);
                finish(!is_down, by_steps, what);
            } else if (applied == !is_down) { /* the step was committed before the kill */
                finish(!is_down, by_steps, what);
            }
        }
    printf("killed at %d statements%s\n", killed, by_steps ? ", step by step" : "");
    check(killed >= 20, "statements", "too few processes were killed");
}

static void kill_at_random(int moments, int count, bool by_steps)
{
    int64_t took = make_table(count, by_steps);
    int killed = 0;
    bool is_down = false;
    for (int i = 0; i < MOST_TRIES * moments && killed < moments; i++, is_down = !is_down) {
        char what[80];
        int64_t delay;
        killed += kill_sometime(start(is_down, by_steps, 0), &took, &delay);
        snprintf(what, sizeof what, "killed after %lld us %s%s", (long long)delay,
                 is_down ? "down" : "up", by_steps ? ", step by step" : "");
        look(by_steps, what);
        finish(is_down, by_steps, what);
    }
    printf("killed at %d of %d random moments of %lld ms%s\n", killed, moments,
           (long long)took / 1000, by_steps ? ", step by step" : "");
    check(killed == moments, "random moments", "too many kills came after the end of the process");
}

int main(int argc, char **argv)
{
    const char *scale = getenv("FURROW_TEST_SCALE");
    bool full = scale && strcmp(scale, "full") == 0;
    char program[300] = "";
    void *state = NULL;
    if (argc == 6 && strcmp(argv[1], "--run") == 0)
        return be_a_runner(argv + 2);
    if (!has_server()) {
        puts("skipped: FURROW_TEST_POSTGRESQL names no server");
        return 0;
    }
    int moments = argc > 1 ? (int)strtol(argv[1], NULL, 10) : full ? 200 : 10;
    long seed = argc > 2 ? strtol(argv[2], NULL, 10) : SEED;
    if (readlink("/proc/self/exe", program, sizeof program - 1) < 0)
        return 1;
    self = program;
    srand48(seed);
    printf("seed %ld\n", seed);
    if (set_up_postgresql(&state) != 0)
        return 1;
    base = state;
    for (int by_steps = 0; by_steps < 2; by_steps++) {
        kill_at_every_statement(by_steps);
        kill_at_random(moments / 2, full ? 200000 : 10000, by_steps);
    }
    tear_down_postgresql(&state);
    printf("%d passed, %d failed\n", passed, failed);
    return failed || !passed;
}

#else

int main(void)
{
    puts("skipped: without PostgreSQL");
    return 0;
}

#endif
