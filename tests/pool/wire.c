/* SPDX-License-Identifier: MIT
 *
 * A pool on PostgreSQL while its connections break: wire SCRIPT_SERVER. The test needs
 * FURROW_TEST_POSTGRESQL. SCRIPT_SERVER is the path of script/server, which starts another server
 * for the scenarios that restart a server. Threads write units through one engine, which is
 * connected through a proxy (faults/proxy.h). Each scenario lets the threads work, breaks
 * something, repairs it, and lets them work again:
 *   - before the fault, and after each thread has recovered, no call may fail;
 *   - no call may take longer than the engine's time limits allow, with some tolerance;
 *   - each answer must belong to its request;
 *   - each failure must have a status that allows another attempt; FURROW_COMMIT_UNKNOWN is also
 *     allowed, but only for a commit;
 *   - the server must have every unit that was acknowledged, no unit that was refused, and no
 *     incomplete unit.
 * The connection is cut after every 331st byte of a unit or, with FURROW_TEST_SCALE=full, after
 * every 7th byte. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "faults/proxy.h"
#include "ledger.furrow.h"
#include "units.h"

enum {
    THREADS = 8,
    POOL = 4,
    POOL_TIMEOUT_MS = 4000,
    STATEMENT_TIMEOUT_MS = 1500,
    /* The longest time that a unit can take: to wait for a connection, to connect, to run a
     * statement, and to end. The time is doubled for a busy machine. */
    MOST_MS = 2 * (POOL_TIMEOUT_MS + 4 * STATEMENT_TIMEOUT_MS),
    MOST_TRIES = 8, /* a thread must recover within this number of attempts; it can get each broken
                       connection once */
    LIMIT = 1 << 20,
};

typedef enum phase { BEFORE, BROKEN, REPAIRED } phase;

static const char *server_url;
static furrow_engine *engine;
static pthread_barrier_t settled;
static atomic_int now; /* the current phase */
static atomic_llong next_number;
static atomic_int acknowledged_count, failed_threads;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t counted = PTHREAD_COND_INITIALIZER;
static char outcome[LIMIT + 1]; /* for each unit: 'k' committed, 'r' refused, '?' unknown, 0 not
                                   attempted */
static int passed, failed;

static void check(bool holds, const char *scenario, const char *what)
{
    passed += holds;
    failed += !holds;
    if (!holds)
        printf("FAILED %s: %s\n", scenario, what);
}

static int64_t now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void count(atomic_int *what)
{
    pthread_mutex_lock(&lock);
    ++*what;
    pthread_cond_signal(&counted);
    pthread_mutex_unlock(&lock);
}

static void wait_for(const atomic_int *what, int least)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 120; /* after this time, the checks report the missing units */
    pthread_mutex_lock(&lock);
    while (*what < least && pthread_cond_timedwait(&counted, &lock, &until) == 0)
        ;
    pthread_mutex_unlock(&lock);
}

struct worker {
    int thread, units_after;
    int early, late, misplaced, wrong; /* failures before the fault, failures after the recovery,
                                          unexpected statuses, incorrect answers */
    int64_t longest_ms;
    bool lost; /* the thread has not recovered */
    furrow_error error;
};

static void measure(struct worker *w, int64_t *since)
{
    int64_t at = now_ms();
    if (at - *since > w->longest_ms)
        w->longest_ms = at - *since;
    *since = at;
}

static bool may_try_again(furrow_status status)
{
    return status == FURROW_DISCONNECTED || status == FURROW_TIMEOUT ||
           status == FURROW_CANCELLED || status == FURROW_BUSY;
}

/* Writes a unit to the thread's own account, so that threads wait only for connections and not for
 * locks. */
static furrow_status write_unit(struct worker *w, furrow_session *s, int64_t number, int64_t *since)
{
    struct entry entries[4] = {{0}};
    furrow_rows *rows = NULL;
    int parts = unit_parts(number);
    if (furrow_query(s, &rows, "SELECT ? + 1", number) == FURROW_OK && furrow_rows_next(rows) &&
        furrow_row_int64(rows, 0) != number + 1)
        w->wrong++;
    measure(w, since);
    for (int i = 0; i < parts; i++)
        entries[i] = (struct entry){.unit = number,
                                    .account_id = w->thread + 1,
                                    .part = i,
                                    .parts = parts,
                                    .text = "over the wire"};
    entry_insert_many(s, entries, (size_t)parts);
    measure(w, since);
    account_update_where(s, .set = {furrow_increment(ACCOUNT.units, 1)},
                         .where = {furrow_eq(ACCOUNT.id, w->thread + 1)});
    measure(w, since);
    return furrow_session_status(s);
}

/* Tries to write a unit and records the outcome. Returns whether the unit was committed. */
static bool one_unit(struct worker *w)
{
    int64_t number = ++next_number, since = now_ms();
    if (number > LIMIT)
        exit(1);
    furrow_session *s = furrow_session_open(engine);
    furrow_status before = write_unit(w, s, number, &since);
    furrow_status status = furrow_commit(s);
    measure(w, &since);
    outcome[number] = status == FURROW_OK ? 'k' : status == FURROW_COMMIT_UNKNOWN ? '?' : 'r';
    if (status != FURROW_OK) {
        w->error = *furrow_session_error(s);
        if (status == FURROW_COMMIT_UNKNOWN ? before != FURROW_OK : !may_try_again(status))
            w->misplaced++;
    } else {
        count(&acknowledged_count);
    }
    furrow_session_close(s);
    measure(w, &since);
    return status == FURROW_OK;
}

static void *work(void *context)
{
    struct worker *w = context;
    bool has_failed = false;
    while (now != REPAIRED) {
        phase begun = (phase)(int)now;
        if (!one_unit(w)) {
            w->early += begun == BEFORE && now == BEFORE;
            if (!has_failed)
                count(&failed_threads);
            has_failed = true;
        }
    }
    int tries = 1;
    while (!one_unit(w) && tries < MOST_TRIES)
        tries++;
    w->lost = tries == MOST_TRIES;
    pthread_barrier_wait(&settled);
    for (int i = 0; i < w->units_after; i++)
        w->late += !one_unit(w);
    return NULL;
}

static furrow_engine *open_engine(const char *url, furrow_error *error)
{
    furrow_engine *opened = NULL;
    furrow_engine_open(&opened, url, error, .pool_size = POOL, .max_overflow = FURROW_NO_OVERFLOW,
                       .pool_timeout_ms = POOL_TIMEOUT_MS,
                       .statement_timeout_ms = STATEMENT_TIMEOUT_MS, .close_timeout_ms = 60000);
    return opened;
}

static bool prepare(const char *url)
{
    furrow_error error = {0};
    furrow_engine *direct = NULL;
    if (furrow_engine_open(&direct, url, &error)) {
        printf("%s\n", error.message);
        return false;
    }
    furrow_session *s = furrow_session_open(direct);
    furrow_drop_all(s, &ledger_schema);
    furrow_status status = units_create(s);
    if (status)
        printf("%s\n", furrow_session_error(s)->message);
    furrow_session_close(s);
    furrow_engine_close(direct);
    memset(outcome, 0, sizeof outcome);
    next_number = 0;
    return status == FURROW_OK;
}

/* Compares the rows on the server with the recorded outcomes. All rows are read in one snapshot. */
static void check_server(const char *url, const char *scenario)
{
    static char there[LIMIT + 1];
    furrow_engine *direct = NULL;
    furrow_rows *rows = NULL;
    int64_t half = 0, lost = 0, unasked = 0, units = 0;
    memset(there, 0, sizeof there);
    if (furrow_engine_open(&direct, url, NULL)) {
        check(false, scenario, "the server can be queried");
        return;
    }
    furrow_session *s = furrow_session_open(direct, .isolation = FURROW_ISOLATION_REPEATABLE_READ);
    furrow_query(s, &rows, "SELECT unit, count(*) FROM pool_entries GROUP BY unit");
    while (furrow_rows_next(rows)) {
        int64_t unit = furrow_row_int64(rows, 0);
        if (unit < 1 || unit > LIMIT || furrow_row_int64(rows, 1) != unit_parts(unit))
            half++;
        else
            there[unit] = 1, units++;
    }
    int64_t sum = -1;
    account_sum(s, &sum, ACCOUNT.units);
    check(furrow_commit(s) == FURROW_OK, scenario, "the server can be queried");
    for (int64_t number = 1; number <= next_number; number++) {
        lost += outcome[number] == 'k' && !there[number];
        unasked += outcome[number] == 'r' && there[number];
    }
    if (half || lost || unasked || sum != units)
        printf(
            "  units: %lld incomplete, %lld lost, %lld refused but written; %lld counted of %lld\n",
            (long long)half, (long long)lost, (long long)unasked, (long long)sum, (long long)units);
    check(!half && sum == units, scenario, "every unit is complete");
    check(!lost, scenario, "every acknowledged unit exists");
    check(!unasked, scenario, "no refused unit exists");
    furrow_session_close(s);
    furrow_engine_close(direct);
}

struct scenario {
    const char *name;
    int units_before, units_after; /* units of all threads together before the fault; units of each
                                      thread after the repair */
    void (*break_it)(struct scenario *s);
    void (*repair_it)(struct scenario *s);
    bool until_all_fail; /* if true, the fault lasts until every thread has failed; if false, until
                            `units_broken` units are committed */
    int units_broken;
    proxy *wire;
    proxy_direction direction; /* the connection is cut after `bytes` bytes in this direction */
    uint64_t bytes;
    const char *script, *folder; /* used by the scenarios that restart a server */
};

static void report(const struct scenario *s, struct worker *workers)
{
    int early = 0, late = 0, misplaced = 0, wrong = 0, lost = 0;
    int64_t longest = 0;
    const furrow_error *error = NULL;
    for (int i = 0; i < THREADS; i++) {
        const struct worker *w = &workers[i];
        early += w->early;
        late += w->late;
        misplaced += w->misplaced;
        wrong += w->wrong;
        lost += w->lost;
        longest = w->longest_ms > longest ? w->longest_ms : longest;
        if (w->early || w->late || w->misplaced || w->lost)
            error = &w->error;
    }
    if (error)
        printf("  %s: %s\n", furrow_status_name(error->status), error->message);
    if (longest > MOST_MS)
        printf("  a call took %lld ms\n", (long long)longest);
    check(early == 0, s->name, "no call fails before the fault");
    check(lost == 0 && late == 0, s->name, "no call fails after the recovery");
    check(misplaced == 0, s->name, "every failure has an allowed status");
    check(wrong == 0, s->name, "every answer belongs to its request");
    check(longest <= MOST_MS, s->name, "no call exceeds its time limit");
}

static void run_scenario(struct scenario *s)
{
    static struct worker workers[THREADS];
    pthread_t ids[THREADS];
    memset(workers, 0, sizeof workers);
    acknowledged_count = failed_threads = 0;
    now = BEFORE;
    pthread_barrier_init(&settled, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) {
        workers[i].thread = i;
        workers[i].units_after = s->units_after;
        if (pthread_create(&ids[i], NULL, work, &workers[i]))
            exit(1);
    }
    wait_for(&acknowledged_count, s->units_before);
    now = BROKEN;
    s->break_it(s);
    if (s->until_all_fail)
        wait_for(&failed_threads, THREADS);
    else
        wait_for(&acknowledged_count, s->units_before + s->units_broken);
    s->repair_it(s);
    now = REPAIRED;
    for (int i = 0; i < THREADS; i++)
        pthread_join(ids[i], NULL);
    pthread_barrier_destroy(&settled);
    report(s, workers);
    fflush(stdout);
}

static void reset(struct scenario *s)
{
    proxy_reset(s->wire);
}
static void stall(struct scenario *s)
{
    proxy_stall(s->wire);
}
static void slice(struct scenario *s)
{
    proxy_slice(s->wire);
}
static void cut(struct scenario *s)
{
    proxy_cut_after(s->wire, s->direction, s->bytes);
}
static void heal(struct scenario *s)
{
    proxy_heal(s->wire);
}

static proxy *open_wire(char *url, size_t size)
{
    const char *at = strstr(server_url, "@127.0.0.1:");
    char *end;
    long port = at ? strtol(at + strlen("@127.0.0.1:"), &end, 10) : 0;
    proxy *wire = at ? proxy_open("127.0.0.1", (int)port) : NULL;
    if (wire)
        snprintf(url, size, "%.*s@127.0.0.1:%d%s%csslmode=disable&gssencmode=disable",
                 (int)(at - server_url), server_url, proxy_port(wire), end,
                 strchr(end, '?') ? '&' : '?');
    return wire;
}

/* Runs a scenario with an engine that is connected through a new proxy. */
static void run_behind(struct scenario s)
{
    char url[700];
    furrow_error error = {0};
    s.repair_it = heal;
    s.wire = open_wire(url, sizeof url);
    engine = s.wire && prepare(server_url) ? open_engine(url, &error) : NULL;
    check(engine != NULL, s.name, "the engine opens");
    if (engine) {
        run_scenario(&s);
        furrow_engine_close(engine);
        check_server(server_url, s.name);
    }
    proxy_close(s.wire);
}

static void black_hole(void)
{
    char url[700];
    furrow_error error = {0};
    proxy *wire = open_wire(url, sizeof url);
    proxy_stall(wire);
    int64_t start = now_ms();
    furrow_engine *opened = open_engine(url, &error);
    check(!opened && error.status == FURROW_DISCONNECTED, "black hole", "opening an engine fails");
    check(now_ms() - start < MOST_MS, "black hole", "the failure is reported in time");
    furrow_engine_close(opened);
    proxy_close(wire);
}

/* Runs one thread, which connects and writes one unit. Returns how many bytes were sent in one
 * direction. */
static uint64_t bytes_of_a_unit(proxy_direction direction)
{
    char url[700];
    furrow_error error = {0};
    struct worker w = {0};
    proxy *wire = open_wire(url, sizeof url);
    uint64_t bytes = 0;
    if (wire && prepare(server_url) && (engine = open_engine(url, &error)) != NULL) {
        one_unit(&w);
        furrow_engine_close(engine);
        bytes = proxy_bytes(wire, direction);
    }
    proxy_close(wire);
    return bytes;
}

static void cut_everywhere(proxy_direction direction)
{
    enum { CONNECTIONS_A_WIRE = 2000 }; /* a proxy accepts only a few thousand connections */
    uint64_t total = bytes_of_a_unit(direction), step = units_full_scale() ? 7 : 331;
    char url[700];
    furrow_error error = {0};
    check(total > 100, "cut", "a unit passes through the proxy");
    for (uint64_t n = 0; n < total;) {
        struct scenario s = {.name = direction == PROXY_TO_SERVER ? "cut to the server"
                                                                  : "cut to the client",
                             .units_before = 1,
                             .units_after = 1,
                             .break_it = cut,
                             .repair_it = heal,
                             .until_all_fail = true,
                             .direction = direction};
        s.wire = open_wire(url, sizeof url);
        engine = s.wire && prepare(server_url) ? open_engine(url, &error) : NULL;
        check(engine != NULL, s.name, "the engine opens");
        for (; engine && proxy_connections(s.wire) < CONNECTIONS_A_WIRE && n < total; n += step) {
            s.bytes = n;
            run_scenario(&s);
        }
        if (!engine)
            n = total;
        furrow_engine_close(engine);
        check_server(server_url, s.name);
        proxy_close(s.wire);
    }
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

static void restart(struct scenario *s)
{
    check(run_script(s->script, "restart", s->folder, NULL, 0), s->name, "the server restarts");
}

static void leave(struct scenario *s)
{
    (void)s;
}

static void restarted_server(const char *script)
{
    char folder[512], url[600] = "";
    const char *parent = getenv("TMPDIR");
    furrow_error error = {0};
    struct scenario s = {.name = "restart",
                         .units_before = 50,
                         .units_after = 20,
                         .break_it = restart,
                         .repair_it = leave,
                         .script = script,
                         .folder = folder};
    snprintf(folder, sizeof folder, "%s/furrow-pool-wire-%ld", parent ? parent : "/tmp",
             (long)getpid());
    bool ready = run_script(script, "start", folder, url, sizeof url) && prepare(url);
    engine = ready ? open_engine(url, &error) : NULL;
    check(engine != NULL, s.name, "another server can be started");
    if (engine) {
        run_scenario(&s);
        furrow_engine_close(engine);
        check_server(url, s.name);
    }
    run_script(script, "stop", folder, NULL, 0);
}

int main(int argc, char **argv)
{
    server_url = getenv("FURROW_TEST_POSTGRESQL");
    if (!server_url || argc < 2 || !strstr(server_url, "@127.0.0.1:")) {
        fprintf(stderr, "wire: the path of script/server, and FURROW_TEST_POSTGRESQL with host "
                        "127.0.0.1, are required\n");
        printf("0 passed, 1 failed\n");
        return 1;
    }
    run_behind((struct scenario){.name = "reset",
                                 .units_before = 50,
                                 .units_after = 20,
                                 .break_it = reset,
                                 .units_broken = 20});
    run_behind((struct scenario){.name = "slices",
                                 .units_before = 50,
                                 .units_after = 20,
                                 .break_it = slice,
                                 .units_broken = 50});
    run_behind((struct scenario){.name = "stall",
                                 .units_before = 50,
                                 .units_after = 20,
                                 .break_it = stall,
                                 .until_all_fail = true});
    black_hole();
    cut_everywhere(PROXY_TO_SERVER);
    cut_everywhere(PROXY_TO_CLIENT);
    restarted_server(argv[1]);
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0;
}
